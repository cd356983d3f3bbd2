//! `topic`: the topics of the package's project, by which a team holds its packages without a change of the policies.

use super::Condition;
use super::meaning::{Counted, Form, Meaning, PatternsOn, Takers};
use super::premise::Premise;
use crate::package::Questions;
use crate::policy::known::Known;
use crate::policy::pattern::{self, Reading};
use crate::policy::quote;
use crate::policy::truth::Truth;
use crate::policy::words;
use crate::policy::{Age, PatternKind, Patterns};
use crate::yaml::document::Node;
use crate::yaml::findings::Findings;

/// Holds when any of the project's topics matches. Only rules that keep take it: a scope says which projects are looked
/// at.
pub(super) struct Topic;

impl Meaning for Topic {
    type Value = Patterns;

    const FORM: Form = Form {
        key: "topic",
        value: "text_patterns",
        holds: "One of its project's topics matches, whatever its case. `!` takes away what has such a topic.",
        rules: Takers::Holds,
    };

    fn read(node: &Node, _: Reading, findings: &mut Findings<'_>) -> Option<Condition> {
        pattern::read(node, PatternKind::Topic, findings).map(Condition::Topic)
    }

    fn written(patterns: &Patterns) -> String {
        quote::patterns(patterns)
    }

    /// The project's rows come with the walk. Where they differ, one that fits is enough: somebody may just have added
    /// the topic.
    fn truth(patterns: &Patterns, known: &Known<'_>, _: Reading) -> Truth {
        Truth::known(known.package.project.topics.any(|topics| patterns.match_any(topics)))
    }

    fn seen(_: &Patterns, known: &Known<'_>, _: Truth) -> String {
        format!("its project has {}", words::topics(&known.package.project))
    }

    fn because(patterns: &Patterns, known: &Known<'_>) -> String {
        format!("its project has {} (topic {patterns})", words::topics(&known.package.project))
    }

    /// The walk tells it.
    fn ask(_: &Self::Value, _: &Known<'_>, _: &mut Questions) {}

    /// No other condition implies it.
    fn is_implied(_: &Self::Value, _: &Premise<'_>, _: Reading) -> bool {
        false
    }

    fn patterns(patterns: &Patterns) -> PatternsOn<'_> {
        PatternsOn::Topic(patterns)
    }

    fn counted(_: &Self::Value) -> Counted<'_> {
        Counted::WholePackages
    }

    fn age(_: &Self::Value) -> Option<&Age> {
        None
    }
}
