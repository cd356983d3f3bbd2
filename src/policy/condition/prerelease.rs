//! `prerelease`: whether the version is a pre-release.

use super::Condition;
use super::meaning::{Counted, Form, Meaning, PatternsOn, Takers};
use super::premise::Premise;
use crate::package::Questions;
use crate::policy::Age;
use crate::policy::known::Known;
use crate::policy::pattern::Reading;
use crate::policy::truth::Truth;
use crate::yaml::document::Node;
use crate::yaml::findings::Findings;
use crate::yaml::scalar;

/// Holds when the version is a pre-release by the rules of its ecosystem, or with `false` when it isn't.
pub(super) struct Prerelease;

impl Meaning for Prerelease {
    type Value = bool;

    const FORM: Form = Form {
        key: "prerelease",
        value: "switch",
        holds: "Its version is (`true`) or isn't (`false`) a pre-release, by the rules of its ecosystem.",
        rules: Takers::All,
    };

    fn read(node: &Node, _: Reading, findings: &mut Findings<'_>) -> Option<Condition> {
        scalar::switch(node, findings).map(Condition::Prerelease)
    }

    fn written(wanted: &bool) -> String {
        wanted.to_string()
    }

    fn truth(wanted: &bool, known: &Known<'_>, _: Reading) -> Truth {
        Truth::known(known.package.is_prerelease().map(|is_prerelease| is_prerelease == *wanted))
    }

    fn seen(_: &bool, known: &Known<'_>, _: Truth) -> String {
        told(known)
    }

    fn because(_: &bool, known: &Known<'_>) -> String {
        told(known)
    }

    /// The listing tells it.
    fn ask(_: &Self::Value, _: &Known<'_>, _: &mut Questions) {}

    /// A rule that deletes knows of what is superseded that it is a pre-release.
    fn is_implied(wanted: &bool, by: &Premise<'_>, _: Reading) -> bool {
        let is_superseded = |own: &Condition| match own {
            Condition::Superseded(own) => own.wanted,
            Condition::SupersededFor(_) => true,
            _ => false,
        };
        *wanted && by.reading == Reading::Select && by.has(is_superseded)
    }

    fn patterns(_: &Self::Value) -> PatternsOn<'_> {
        PatternsOn::Nothing
    }

    fn counted(_: &Self::Value) -> Counted<'_> {
        Counted::SomeVersions
    }

    fn age(_: &Self::Value) -> Option<&Age> {
        None
    }
}

fn told(known: &Known<'_>) -> String {
    let told = match known.package.is_prerelease() {
        Some(true) => "a pre-release",
        Some(false) => "a release",
        None => "whether it is a pre-release is unknown",
    };
    told.to_owned()
}
