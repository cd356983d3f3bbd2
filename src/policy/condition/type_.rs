//! `type`: the package's type.

use super::Condition;
use super::meaning::{Counted, Form, Meaning, PatternsOn, Takers};
use super::premise::Premise;
use crate::package::{PackageType, Questions};
use crate::policy::Age;
use crate::policy::known::Known;
use crate::policy::lint::unknown_package_type;
use crate::policy::pattern::Reading;
use crate::policy::quote::one_or_list;
use crate::policy::truth::Truth;
use crate::yaml::document::Node;
use crate::yaml::findings::Findings;
use crate::yaml::scalar;
use crate::yaml::text::{all_of, closest, did_you_mean, shown};

/// Holds when the package is of one of these types.
pub(super) struct Type;

impl Meaning for Type {
    type Value = [PackageType];

    const FORM: Form =
        Form { key: "type", value: "package_types", holds: "It is of one of these types.", rules: Takers::All };

    fn read(node: &Node, reading: Reading, findings: &mut Findings<'_>) -> Option<Condition> {
        let types = match reading {
            Reading::Select => types(node, findings),
            Reading::Hold => held_types(node, findings),
        };
        types.map(Condition::Type)
    }

    fn written(types: &[PackageType]) -> String {
        one_or_list(types)
    }

    fn truth(types: &[PackageType], known: &Known<'_>, _: Reading) -> Truth {
        Truth::from(types.contains(&known.package.package_type))
    }

    fn seen(_: &[PackageType], known: &Known<'_>, _: Truth) -> String {
        known.package.package_type.to_string()
    }

    fn because(_: &[PackageType], known: &Known<'_>) -> String {
        format!("type {}", known.package.package_type)
    }

    /// The listing tells it.
    fn ask(_: &Self::Value, _: &Known<'_>, _: &mut Questions) {}

    fn is_implied(types: &[PackageType], by: &Premise<'_>, _: Reading) -> bool {
        by.types.as_ref().is_some_and(|own| own.iter().all(|own| types.contains(own)))
    }

    fn patterns(_: &Self::Value) -> PatternsOn<'_> {
        PatternsOn::Nothing
    }

    fn counted(_: &Self::Value) -> Counted<'_> {
        Counted::WholePackages
    }

    fn age(_: &Self::Value) -> Option<&Age> {
        None
    }
}

/// Reads package types that select packages. Takes types that this release doesn't know, because a later GitLab may have
/// them.
pub(in crate::policy) fn types(node: &Node, findings: &mut Findings<'_>) -> Option<Vec<PackageType>> {
    scalar::each(node, findings, |item, findings| {
        let package_type = one_type(item, findings)?;
        if !package_type.is_known() {
            findings.lint(&unknown_package_type::LINT, item.span, unknown(package_type.as_str()), known_types());
        }
        Some(package_type)
    })
}

/// Reads package types that keep packages. An unknown type is refused, because it would hold nothing.
pub(in crate::policy) fn held_types(node: &Node, findings: &mut Findings<'_>) -> Option<Vec<PackageType>> {
    scalar::each(node, findings, |item, findings| {
        let package_type = one_type(item, findings)?;
        if !package_type.is_known() {
            let message = format!("{}, so nothing would be held by it", unknown(package_type.as_str()));
            findings.problem(item.span, message).hint(known_types());
            return None;
        }
        Some(package_type)
    })
}

/// Reads one type: a known one, or a word that isn't close to a known one.
fn one_type(item: &Node, findings: &mut Findings<'_>) -> Option<PackageType> {
    let text = scalar::text(item, findings)?;
    let known = || PackageType::KNOWN.iter().map(PackageType::as_str);
    if !text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_') {
        findings
            .problem(item.span, format!("`{}` is no package type{}", shown(text), did_you_mean(text, known())))
            .hint("types are words such as `maven` or `terraform_module`, not patterns");
        return None;
    }
    let package_type = PackageType::parse(text);
    if !package_type.is_known() && closest(text, known()).is_some() {
        let message = format!("{}{}", unknown(text), did_you_mean(text, known()));
        findings.problem(item.span, message).hint(known_types());
        return None;
    }
    Some(package_type)
}

fn unknown(text: &str) -> String {
    format!("this release knows no package type `{}`", shown(text))
}

fn known_types() -> String {
    format!("it knows {}", all_of(PackageType::KNOWN.iter().map(PackageType::as_str)))
}
