//! `version`: the package's version.

use super::Condition;
use super::meaning::{Counted, Form, Meaning, PatternsOn, Takers};
use super::premise::Premise;
use crate::package::Questions;
use crate::policy::known::Known;
use crate::policy::pattern::{self, Effect, Reading, Texts};
use crate::policy::quote;
use crate::policy::truth::Truth;
use crate::policy::{Age, PatternKind, Patterns, Shown};
use crate::yaml::document::Node;
use crate::yaml::findings::Findings;

/// Holds when the package's version matches, as clients of its type know it.
pub(super) struct Version;

impl Meaning for Version {
    type Value = Patterns;

    const FORM: Form =
        Form { key: "version", value: "text_patterns", holds: "Its version matches.", rules: Takers::All };

    fn read(node: &Node, _: Reading, findings: &mut Findings<'_>) -> Option<Condition> {
        pattern::read(node, PatternKind::Text, findings).map(Condition::Version)
    }

    fn written(patterns: &Patterns) -> String {
        quote::patterns(patterns)
    }

    fn truth(patterns: &Patterns, known: &Known<'_>, reading: Reading) -> Truth {
        let versions = known.package.package_type.facts().versions;
        match &known.package.version {
            Some(version) => reading.matches(patterns, Shown::Version(version, versions)),
            None => Truth::No,
        }
    }

    fn seen(_: &Patterns, known: &Known<'_>, _: Truth) -> String {
        known.package.version.clone().unwrap_or_else(|| "no version".to_owned())
    }

    fn because(patterns: &Patterns, _: &Known<'_>) -> String {
        format!("version matches {patterns}")
    }

    /// The listing tells it.
    fn ask(_: &Self::Value, _: &Known<'_>, _: &mut Questions) {}

    fn is_implied(patterns: &Patterns, by: &Premise<'_>, reading: Reading) -> bool {
        // A pattern that takes away is read with all spellings, so it may take away any of them.
        let takes_spellings = reading == Reading::Select
            && patterns.has(Effect::TakeAway)
            && by.may_have(|own| Shown::Version("", own.facts().versions).has_spellings());
        !takes_spellings
            && by.keeps_to(Texts::List(patterns, reading), patterns.kind(), |own| match own {
                Condition::Version(own) => Some(own),
                _ => None,
            })
    }

    fn patterns(patterns: &Patterns) -> PatternsOn<'_> {
        PatternsOn::Version(patterns)
    }

    fn counted(patterns: &Patterns) -> Counted<'_> {
        if patterns.only_takes_away() { Counted::WholePackages } else { Counted::Matching(patterns) }
    }

    fn age(_: &Self::Value) -> Option<&Age> {
        None
    }
}
