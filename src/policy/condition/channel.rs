//! `channel`: Conan's `user/channel`.

use super::Condition;
use super::meaning::{Counted, Form, Meaning, PatternsOn, Takers};
use super::premise::{Premise, is_within};
use crate::package::{NO_CHANNEL, Questions};
use crate::policy::known::Known;
use crate::policy::pattern::{self, Reading, Texts};
use crate::policy::quote;
use crate::policy::truth::Truth;
use crate::policy::{Age, PatternKind, Patterns, Shown};
use crate::yaml::document::Node;
use crate::yaml::findings::Findings;

/// Holds when the package's `user/channel` matches.
pub(super) struct Channel;

impl Meaning for Channel {
    type Value = Patterns;

    const FORM: Form = Form {
        key: "channel",
        value: "text_patterns",
        holds: "Conan: its `user/channel` matches.",
        rules: Takers::All,
    };

    fn read(node: &Node, _: Reading, findings: &mut Findings<'_>) -> Option<Condition> {
        pattern::read(node, PatternKind::Text, findings).map(Condition::Channel)
    }

    fn written(patterns: &Patterns) -> String {
        quote::patterns(patterns)
    }

    fn truth(patterns: &Patterns, known: &Known<'_>, reading: Reading) -> Truth {
        let has_channel = known.package.package_type.facts().has_channel;
        match known.package.own_channel() {
            Some(channel) => reading.matches(patterns, Shown::Plain(channel)),
            // Only the rule's author knows whether "all but these" includes packages without a channel.
            None if has_channel && patterns.only_takes_away() => Truth::Unknown,
            // GitLab shows `_/_` where there is no channel, so an author who writes that in a hold means these
            // packages.
            None if has_channel && reading == Reading::Hold => Truth::from(patterns.matches(NO_CHANNEL)),
            None => Truth::No,
        }
    }

    fn seen(_: &Patterns, known: &Known<'_>, _: Truth) -> String {
        known.package.own_channel().unwrap_or("no channel").to_owned()
    }

    fn because(patterns: &Patterns, known: &Known<'_>) -> String {
        match known.package.own_channel() {
            Some(channel) => format!("channel {channel} matches {patterns}"),
            None => format!("no channel (channel {patterns})"),
        }
    }

    /// The listing tells it.
    fn ask(_: &Self::Value, _: &Known<'_>, _: &mut Questions) {}

    /// A rule without a channel of its own also selects packages without a channel.
    fn is_implied(patterns: &Patterns, by: &Premise<'_>, reading: Reading) -> bool {
        let wanted = Texts::List(patterns, reading);
        by.has(|own| match own {
            Condition::Channel(own) => is_within(own.kind(), &[by.as_read(own)], wanted, by.work),
            _ => false,
        })
    }

    fn patterns(patterns: &Patterns) -> PatternsOn<'_> {
        PatternsOn::Channel(patterns)
    }

    fn counted(_: &Self::Value) -> Counted<'_> {
        Counted::WholePackages
    }

    fn age(_: &Self::Value) -> Option<&Age> {
        None
    }
}
