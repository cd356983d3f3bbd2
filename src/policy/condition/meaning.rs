//! The trait that every condition implements.

use super::Condition;
use super::premise::Premise;
use crate::package::Questions;
use crate::policy::known::Known;
use crate::policy::pattern::Reading;
use crate::policy::truth::Truth;
use crate::policy::{Age, Patterns, Refs};
use crate::yaml::document::Node;
use crate::yaml::findings::Findings;

/// Everything about one condition. Each condition has a file with an implementation. No part has a default, so that
/// none is forgotten.
pub(in crate::policy) trait Meaning {
    /// The value under its key, once it is read.
    type Value: ?Sized;

    /// How it is written.
    const FORM: Form;

    /// Reads its value in a rule that deletes or in one that keeps.
    fn read(node: &Node, reading: Reading, findings: &mut Findings<'_>) -> Option<Condition>;

    /// Returns its value as it is written in YAML.
    fn written(value: &Self::Value) -> String;

    /// Returns whether it holds for a package, in a rule that deletes or in one that keeps.
    fn truth(value: &Self::Value, known: &Known<'_>, reading: Reading) -> Truth;

    /// Returns the facts that it looked at, for the explanation of one package. `truth` is its answer for them.
    fn seen(value: &Self::Value, known: &Known<'_>, truth: Truth) -> String;

    /// Returns why it holds, for the reason in a report.
    fn because(value: &Self::Value, known: &Known<'_>) -> String;

    /// Asks for the facts that its truth rests on. Called where that is [`Truth::Pending`].
    fn ask(value: &Self::Value, known: &Known<'_>, questions: &mut Questions);

    /// Returns whether every package of the rule `by` fulfils it, where it stands in a rule of this reading. In doubt
    /// it returns `false`.
    fn is_implied(value: &Self::Value, by: &Premise<'_>, reading: Reading) -> bool;

    /// Returns its patterns, with what they are on.
    fn patterns(value: &Self::Value) -> PatternsOn<'_>;

    /// Returns which versions it leaves for `newest` to count.
    fn counted(value: &Self::Value) -> Counted<'_>;

    /// Returns the age that it compares a date with. These ages tell when a package would go.
    fn age(value: &Self::Value) -> Option<&Age>;
}

/// How a condition is written.
#[derive(Debug, Clone, Copy)]
pub(in crate::policy) struct Form {
    /// Its key in a rule.
    pub(in crate::policy) key: &'static str,
    /// The form of its value, among the definitions of the schema.
    pub(in crate::policy) value: &'static str,
    /// A sentence that tells when it holds, as editors show it.
    pub(in crate::policy) holds: &'static str,
    /// Which rules take it.
    pub(in crate::policy) rules: Takers,
}

/// Which rules take a condition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::policy) enum Takers {
    /// Every rule.
    All,
    /// Keep and protect rules.
    Holds,
    /// Delete and files rules. The text tells why no other ones do.
    Takes(&'static str),
    /// Protect rules.
    Protections,
}

/// The patterns of a condition, by the part of a package that they are on.
///
/// Code that looks at patterns matches on all of these without a `_`, so that none is forgotten.
#[derive(Debug, Clone, Copy)]
pub(in crate::policy) enum PatternsOn<'c> {
    /// The condition has no patterns.
    Nothing,
    /// Its name.
    Name(&'c Patterns),
    /// Its version.
    Version(&'c Patterns),
    /// The path or the id of its project.
    Project(&'c Patterns),
    /// Each topic of its project.
    Topic(&'c Patterns),
    /// Each of its tags.
    Tag(&'c Patterns),
    /// Its channel.
    Channel(&'c Patterns),
    /// The ref of its last pipeline.
    Refs(&'c Refs),
}

/// The versions that a condition beside `newest` leaves to be counted.
#[derive(Debug)]
pub(in crate::policy) enum Counted<'c> {
    /// All versions of a package that can be installed, or none of them.
    WholePackages,
    /// The versions that match, of all versions of a package.
    Matching(&'c Patterns),
    /// Some versions of a package, picked by another property than their age.
    SomeVersions,
    /// Only the versions that fit this description: `is older than 30d`.
    Only(String),
    /// Every version: it only tells which of them the rule holds, once all have their places.
    Regardless,
    /// This can't be told beforehand.
    Open,
}
