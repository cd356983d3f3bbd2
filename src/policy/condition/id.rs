//! `id`: single packages, by their ids.

use super::Condition;
use super::meaning::{Counted, Form, Meaning, PatternsOn, Takers};
use super::premise::Premise;
use crate::package::{PackageId, Questions};
use crate::policy::Age;
use crate::policy::known::Known;
use crate::policy::pattern::Reading;
use crate::policy::quote::one_or_list;
use crate::policy::truth::Truth;
use crate::yaml::document::Node;
use crate::yaml::findings::Findings;
use crate::yaml::scalar;

/// Holds for these packages. Only rules that keep take it, because a mistyped id must not doom a package.
pub(super) struct Id;

impl Meaning for Id {
    type Value = [PackageId];

    const FORM: Form = Form {
        key: "id",
        value: "ids",
        holds: "It is one of these packages: the number at the end of its address in GitLab.",
        rules: Takers::Holds,
    };

    fn read(node: &Node, _: Reading, findings: &mut Findings<'_>) -> Option<Condition> {
        let ids = scalar::each(node, findings, |item, findings| {
            let id = scalar::count(item, findings)?;
            if id == 0 {
                findings
                    .problem(item.span, "no package has the id 0")
                    .hint("the id stands at the end of the package's address in GitLab");
                return None;
            }
            Some(PackageId(id))
        });
        ids.map(Condition::Id)
    }

    fn written(ids: &[PackageId]) -> String {
        one_or_list(ids)
    }

    fn truth(ids: &[PackageId], known: &Known<'_>, _: Reading) -> Truth {
        Truth::from(ids.contains(&known.package.id))
    }

    fn seen(_: &[PackageId], known: &Known<'_>, _: Truth) -> String {
        known.package.id.to_string()
    }

    fn because(_: &[PackageId], known: &Known<'_>) -> String {
        format!("id {}", known.package.id)
    }

    /// The listing tells it.
    fn ask(_: &Self::Value, _: &Known<'_>, _: &mut Questions) {}

    /// No other condition implies it.
    fn is_implied(_: &Self::Value, _: &Premise<'_>, _: Reading) -> bool {
        false
    }

    fn patterns(_: &Self::Value) -> PatternsOn<'_> {
        PatternsOn::Nothing
    }

    fn counted(_: &Self::Value) -> Counted<'_> {
        Counted::Only("has one of these ids".to_owned())
    }

    fn age(_: &Self::Value) -> Option<&Age> {
        None
    }
}
