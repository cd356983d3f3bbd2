//! `name`: the package's name.

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

/// Holds when the package's name matches, as clients of its type know it.
pub(super) struct Name;

impl Meaning for Name {
    type Value = Patterns;

    const FORM: Form = Form {
        key: "name",
        value: "name_patterns",
        holds: "Its name matches; for Conan the bare name. `*` stops at `/`.",
        rules: Takers::All,
    };

    fn read(node: &Node, _: Reading, findings: &mut Findings<'_>) -> Option<Condition> {
        pattern::read(node, PatternKind::Name, findings).map(Condition::Name)
    }

    fn written(patterns: &Patterns) -> String {
        quote::patterns(patterns)
    }

    fn truth(patterns: &Patterns, known: &Known<'_>, reading: Reading) -> Truth {
        let names = known.package.package_type.facts().names;
        reading.matches(patterns, Shown::Name(&known.package.name, names))
    }

    fn seen(_: &Patterns, known: &Known<'_>, _: Truth) -> String {
        known.package.name.clone()
    }

    fn because(patterns: &Patterns, _: &Known<'_>) -> String {
        format!("name matches {patterns}")
    }

    /// The listing tells it.
    fn ask(_: &Self::Value, _: &Known<'_>, _: &mut Questions) {}

    fn is_implied(patterns: &Patterns, by: &Premise<'_>, reading: Reading) -> bool {
        // A pattern that takes away is read with all spellings, so it may take away any of them.
        let takes_spellings = reading == Reading::Select
            && patterns.has(Effect::TakeAway)
            && by.may_have(|own| Shown::Name("", own.facts().names).has_spellings());
        !takes_spellings
            && by.keeps_to(Texts::List(patterns, reading), patterns.kind(), |own| match own {
                Condition::Name(own) => Some(own),
                _ => None,
            })
    }

    fn patterns(patterns: &Patterns) -> PatternsOn<'_> {
        PatternsOn::Name(patterns)
    }

    fn counted(_: &Self::Value) -> Counted<'_> {
        Counted::WholePackages
    }

    fn age(_: &Self::Value) -> Option<&Age> {
        None
    }
}
