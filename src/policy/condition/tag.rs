//! `tag`: npm's dist-tags and NuGet's tags.

use super::Condition;
use super::meaning::{Counted, Form, Meaning, PatternsOn, Takers};
use super::premise::Premise;
use crate::package::Questions;
use crate::policy::known::Known;
use crate::policy::pattern::{self, Reading};
use crate::policy::quote;
use crate::policy::truth::Truth;
use crate::policy::{Age, PatternKind, Patterns};
use crate::yaml::document::Node;
use crate::yaml::findings::Findings;

/// Holds when any of the package's tags matches.
pub(super) struct Tag;

impl Meaning for Tag {
    type Value = Patterns;

    const FORM: Form = Form {
        key: "tag",
        value: "text_patterns",
        holds: "One of its tags matches (npm's dist-tags, NuGet's tags). `!` takes away what has such a tag.",
        rules: Takers::All,
    };

    fn read(node: &Node, _: Reading, findings: &mut Findings<'_>) -> Option<Condition> {
        pattern::read(node, PatternKind::Text, findings).map(Condition::Tag)
    }

    fn written(patterns: &Patterns) -> String {
        quote::patterns(patterns)
    }

    fn truth(patterns: &Patterns, known: &Known<'_>, _: Reading) -> Truth {
        Truth::known(known.package.tags.as_ref().map(|tags| patterns.match_any(tags)))
    }

    fn seen(_: &Patterns, known: &Known<'_>, _: Truth) -> String {
        match known.package.tags.as_deref() {
            Some([]) => "no tag".to_owned(),
            Some(tags) => tags.join(", "),
            None => "its tags are unknown".to_owned(),
        }
    }

    fn because(patterns: &Patterns, known: &Known<'_>) -> String {
        match known.package.tags.as_deref() {
            Some([]) => format!("no tag (tag {patterns})"),
            Some(tags) => format!("tagged {} (tag {patterns})", tags.join(", ")),
            None => "its tags are unknown".to_owned(),
        }
    }

    /// The listing tells it.
    fn ask(_: &Self::Value, _: &Known<'_>, _: &mut Questions) {}

    /// No other condition implies it.
    fn is_implied(_: &Self::Value, _: &Premise<'_>, _: Reading) -> bool {
        false
    }

    fn patterns(patterns: &Patterns) -> PatternsOn<'_> {
        PatternsOn::Tag(patterns)
    }

    fn counted(patterns: &Patterns) -> Counted<'_> {
        if patterns.only_takes_away() { Counted::Open } else { Counted::SomeVersions }
    }

    fn age(_: &Self::Value) -> Option<&Age> {
        None
    }
}
