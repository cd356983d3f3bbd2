//! `never_downloaded`: whether anybody has ever pulled the package.

use super::Condition;
use super::meaning::{Counted, Form, Meaning, PatternsOn, Takers};
use super::premise::Premise;
use crate::package::{Downloaded, Questions};
use crate::policy::known::Known;
use crate::policy::pattern::Reading;
use crate::policy::truth::Truth;
use crate::policy::{Age, words};
use crate::yaml::document::Node;
use crate::yaml::findings::Findings;
use crate::yaml::scalar;

/// Holds when nobody has ever pulled the package.
pub(super) struct NeverDownloaded;

impl Meaning for NeverDownloaded {
    /// It can only be `true`.
    type Value = ();

    const FORM: Form =
        Form { key: "never_downloaded", value: "only_true", holds: "GitLab knows of no download.", rules: Takers::All };

    fn read(node: &Node, _: Reading, findings: &mut Findings<'_>) -> Option<Condition> {
        if scalar::switch(node, findings)? {
            return Some(Condition::NeverDownloaded);
        }
        findings
            .problem(node.span, "`never_downloaded` can only be `true`")
            .hint("for what has been downloaded write `downloaded_within`, as in `downloaded_within: 2y`");
        None
    }

    fn written((): &()) -> String {
        "true".to_owned()
    }

    fn truth((): &(), known: &Known<'_>, _: Reading) -> Truth {
        match known.last_download() {
            Downloaded::At(_) => Truth::No,
            Downloaded::Never if known.is_from_before_tracking() => Truth::Unknown,
            Downloaded::Never => known.are_all_known(),
            Downloaded::Unknown | Downloaded::Unreadable => Truth::Unknown,
            Downloaded::NotListed => Truth::Pending,
        }
    }

    fn seen((): &(), known: &Known<'_>, _: Truth) -> String {
        words::download_in_full(known)
    }

    fn because((): &(), known: &Known<'_>) -> String {
        words::download(known)
    }

    fn ask(_: &Self::Value, known: &Known<'_>, questions: &mut Questions) {
        known.ask_for_download(questions);
    }

    /// No other condition implies it.
    fn is_implied(_: &Self::Value, _: &Premise<'_>, _: Reading) -> bool {
        false
    }

    fn patterns(_: &Self::Value) -> PatternsOn<'_> {
        PatternsOn::Nothing
    }

    fn counted(_: &Self::Value) -> Counted<'_> {
        Counted::Only("was never downloaded".to_owned())
    }

    fn age(_: &Self::Value) -> Option<&Age> {
        None
    }
}
