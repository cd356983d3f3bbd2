//! `not_downloaded_for`: how long nobody has pulled the package.

use super::Condition;
use super::meaning::{Counted, Form, Meaning, PatternsOn, Takers};
use super::premise::Premise;
use crate::package::{Content, Downloaded, Questions};
use crate::policy::known::Known;
use crate::policy::pattern::Reading;
use crate::policy::truth::Truth;
use crate::policy::{Age, age, words};
use crate::yaml::document::Node;
use crate::yaml::findings::Findings;

/// Holds when nobody has pulled the package for longer than this.
pub(super) struct NotDownloadedFor;

impl Meaning for NotDownloadedFor {
    type Value = Age;

    const FORM: Form = Form {
        key: "not_downloaded_for",
        value: "age",
        holds: "Its last download is longer ago than this; without any download, its newest content is. In a delete rule its \
                newest content has to be older as well.",
        rules: Takers::All,
    };

    fn read(node: &Node, _: Reading, findings: &mut Findings<'_>) -> Option<Condition> {
        age::read(node, findings).map(Condition::NotDownloadedFor)
    }

    fn written(age: &Age) -> String {
        age.to_string()
    }

    /// Without any download the time counts from the newest content, or from when downloads began to be written down,
    /// if that is later. Content can't have gone without a download for longer than it exists, so a rule that deletes
    /// looks at the age of the content as well.
    fn truth(age: &Age, known: &Known<'_>, reading: Reading) -> Truth {
        let truth = is_left_alone(age, known, reading);
        match reading {
            Reading::Select => reading.all([truth, known.content_exceeds(age)]),
            Reading::Hold => truth,
        }
    }

    fn seen(_: &Age, known: &Known<'_>, _: Truth) -> String {
        format!("{}; {}", words::download_in_full(known), words::content(known))
    }

    fn because(age: &Age, known: &Known<'_>) -> String {
        let download = words::download(known);
        let seen = match (known.downloaded, known.content) {
            (Downloaded::Never, Content::At(date)) => {
                // Nothing is known of the time before downloads were written down.
                let date = date.max(known.downloads.since());
                format!("{download} in {}", words::age(date, known.now))
            }
            (Downloaded::At(date), Content::At(content)) if content > date => {
                format!("{download}, {}", words::content(known))
            }
            _ => download,
        };
        format!("{seen} (not_downloaded_for {age})")
    }

    fn ask(age: &Self::Value, known: &Known<'_>, questions: &mut Questions) {
        known.ask_for_download(questions);
        // Without a download the time counts from its content.
        if known.content_exceeds(age) == Truth::Pending {
            questions.files.insert(known.package.id);
        }
    }

    fn is_implied(age: &Age, by: &Premise<'_>, _: Reading) -> bool {
        let is_never_downloaded = by.conditions.contains(&Condition::NeverDownloaded);
        by.has(|own| match own {
            Condition::NotDownloadedFor(own) => own.reaches(age),
            Condition::OlderThan(own) => is_never_downloaded && own.reaches(age),
            _ => false,
        })
    }

    fn patterns(_: &Self::Value) -> PatternsOn<'_> {
        PatternsOn::Nothing
    }

    fn counted(age: &Age) -> Counted<'_> {
        Counted::Only(format!("was not downloaded for {age}"))
    }

    fn age(age: &Age) -> Option<&Age> {
        Some(age)
    }
}

fn is_left_alone(age: &Age, known: &Known<'_>, reading: Reading) -> Truth {
    let left_alone = match known.last_download() {
        Downloaded::At(date) => Truth::from(age.is_exceeded(date, known.now)),
        Downloaded::Never => {
            let tracked = match age.is_exceeded(known.downloads.since(), known.now) {
                true => Truth::Yes,
                // It may have been pulled before downloads were written down.
                false if known.is_from_before_tracking() => Truth::Unknown,
                false => Truth::No,
            };
            reading.all([tracked, known.content_exceeds(age)])
        }
        Downloaded::Unknown | Downloaded::Unreadable => Truth::Unknown,
        Downloaded::NotListed => Truth::Pending,
    };
    if left_alone == Truth::Yes { known.are_all_known() } else { left_alone }
}
