//! `unknown_age`: packages whose age is unknown.

use super::Condition;
use super::meaning::{Counted, Form, Meaning, PatternsOn, Takers};
use super::premise::Premise;
use crate::package::{Content, Questions};
use crate::policy::known::Known;
use crate::policy::pattern::Reading;
use crate::policy::truth::Truth;
use crate::policy::{Age, words};
use crate::yaml::document::Node;
use crate::yaml::findings::Findings;
use crate::yaml::scalar;

/// Holds when nothing tells when the package was last published.
pub(super) struct UnknownAge;

impl Meaning for UnknownAge {
    /// It can only be `true`.
    type Value = ();

    const FORM: Form = Form {
        key: "unknown_age",
        value: "only_true",
        holds: "Nothing tells when it was last published, as of a branch of Composer.",
        rules: Takers::All,
    };

    fn read(node: &Node, _: Reading, findings: &mut Findings<'_>) -> Option<Condition> {
        if scalar::switch(node, findings)? {
            return Some(Condition::UnknownAge);
        }
        findings
            .problem(node.span, "`unknown_age` can only be `true`")
            .hint("what has a known age is what `older_than` or `younger_than` hold for");
        None
    }

    fn written((): &()) -> String {
        "true".to_owned()
    }

    fn truth((): &(), known: &Known<'_>, _: Reading) -> Truth {
        Truth::from(matches!(known.content, Content::Since(_) | Content::Unknown))
    }

    fn seen((): &(), known: &Known<'_>, _: Truth) -> String {
        words::content(known)
    }

    fn because((): &(), known: &Known<'_>) -> String {
        words::content(known)
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
        Counted::Open
    }

    fn age(_: &Self::Value) -> Option<&Age> {
        None
    }
}
