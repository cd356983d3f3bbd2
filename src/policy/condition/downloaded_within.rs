//! `downloaded_within`: how long ago the last download was.

use super::Condition;
use super::meaning::{Counted, Form, Meaning, PatternsOn, Takers};
use super::premise::Premise;
use crate::package::{Downloaded, Questions};
use crate::policy::known::Known;
use crate::policy::pattern::Reading;
use crate::policy::truth::Truth;
use crate::policy::{Age, age, words};
use crate::yaml::document::Node;
use crate::yaml::findings::Findings;

/// Holds when somebody has pulled the package within this time.
pub(super) struct DownloadedWithin;

impl Meaning for DownloadedWithin {
    type Value = Age;

    const FORM: Form = Form {
        key: "downloaded_within",
        value: "age",
        holds: "Its last download is at most this long ago.",
        rules: Takers::All,
    };

    fn read(node: &Node, _: Reading, findings: &mut Findings<'_>) -> Option<Condition> {
        age::read(node, findings).map(Condition::DownloadedWithin)
    }

    fn written(age: &Age) -> String {
        age.to_string()
    }

    fn truth(age: &Age, known: &Known<'_>, _: Reading) -> Truth {
        match known.last_download() {
            Downloaded::At(date) if age.includes(date, known.now) => Truth::Yes,
            Downloaded::At(_) => known.was_another(),
            // It may have been pulled before downloads were written down.
            Downloaded::Never if known.is_from_before_tracking() && !known.is_tracked_for(age) => Truth::Unknown,
            Downloaded::Never => known.was_another(),
            Downloaded::Unknown | Downloaded::Unreadable => Truth::Unknown,
            Downloaded::NotListed => Truth::Pending,
        }
    }

    fn seen(_: &Age, known: &Known<'_>, _: Truth) -> String {
        words::download_in_full(known)
    }

    fn because(age: &Age, known: &Known<'_>) -> String {
        format!("{} (downloaded_within {age})", words::download(known))
    }

    fn ask(_: &Self::Value, known: &Known<'_>, questions: &mut Questions) {
        known.ask_for_download(questions);
    }

    fn is_implied(age: &Age, by: &Premise<'_>, _: Reading) -> bool {
        by.has(|own| matches!(own, Condition::DownloadedWithin(own) if age.reaches(own)))
    }

    fn patterns(_: &Self::Value) -> PatternsOn<'_> {
        PatternsOn::Nothing
    }

    fn counted(age: &Age) -> Counted<'_> {
        Counted::Only(format!("was downloaded within {age}"))
    }

    fn age(age: &Age) -> Option<&Age> {
        Some(age)
    }
}
