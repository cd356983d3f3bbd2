//! `version_below`: which versions come before another one.

use super::Condition;
use super::meaning::{Counted, Form, Meaning, PatternsOn, Takers};
use super::premise::Premise;
use crate::package::{PackageType, Questions};
use crate::policy::known::Known;
use crate::policy::pattern::Reading;
use crate::policy::truth::Truth;
use crate::policy::{Age, VersionBound};
use crate::yaml::document::Node;
use crate::yaml::findings::Findings;
use crate::yaml::scalar;

/// Holds when the version comes before this one in the order of its ecosystem. The pre-releases of this one do.
pub(super) struct VersionBelow;

impl Meaning for VersionBelow {
    type Value = VersionBound;

    const FORM: Form = Form {
        key: "version_below",
        value: "version_bound",
        holds: "Its version comes before this one, by the order of its ecosystem. The pre-releases of this one do.",
        rules: Takers::All,
    };

    fn read(node: &Node, _: Reading, findings: &mut Findings<'_>) -> Option<Condition> {
        scalar::parsed(node, findings, VersionBound::parse).map(Condition::VersionBelow)
    }

    fn written(bound: &VersionBound) -> String {
        bound.to_string()
    }

    fn truth(bound: &VersionBound, known: &Known<'_>, _: Reading) -> Truth {
        Truth::known(is_below(bound, known))
    }

    fn seen(bound: &VersionBound, known: &Known<'_>, _: Truth) -> String {
        told(bound, known)
    }

    fn because(bound: &VersionBound, known: &Known<'_>) -> String {
        told(bound, known)
    }

    /// The listing tells it.
    fn ask(_: &VersionBound, _: &Known<'_>, _: &mut Questions) {}

    fn is_implied(bound: &VersionBound, by: &Premise<'_>, _: Reading) -> bool {
        let known = || PackageType::KNOWN.to_vec();
        // Where its own version can't be read, nothing goes by it.
        let is_within = |own: &VersionBound, one: &PackageType| {
            !own.is_read_by(one) || own == bound || bound.is_above(one, own.text()) == Some(true)
        };
        by.reading == Reading::Select
            && by.has(|own| match own {
                Condition::VersionBelow(own) => {
                    by.types.clone().unwrap_or_else(known).iter().all(|one| is_within(own, one))
                }
                _ => false,
            })
    }

    fn patterns(_: &VersionBound) -> PatternsOn<'_> {
        PatternsOn::Nothing
    }

    fn counted(_: &VersionBound) -> Counted<'_> {
        Counted::SomeVersions
    }

    fn age(_: &VersionBound) -> Option<&Age> {
        None
    }
}

/// An upload shows no version of its own.
fn is_below(bound: &VersionBound, known: &Known<'_>) -> Option<bool> {
    let package = known.package;
    let version = package.version.as_deref().filter(|_| !package.is_upload())?;
    bound.is_above(&package.package_type, version)
}

fn told(bound: &VersionBound, known: &Known<'_>) -> String {
    let version = known.package.version.as_deref().unwrap_or("no version");
    match is_below(bound, known) {
        Some(true) => format!("{version} comes before {bound}"),
        Some(false) => format!("{version} doesn't come before {bound}"),
        None => format!("nobody can tell whether {version} comes before {bound}"),
    }
}
