//! `superseded_for`: how long a pre-release's own release has been there.

use super::Condition;
use super::meaning::{Counted, Form, Meaning, PatternsOn, Takers};
use super::premise::Premise;
use crate::package::Questions;
use crate::policy::known::Known;
use crate::policy::pattern::Reading;
use crate::policy::truth::Truth;
use crate::policy::{Age, SupersededBy, SupersededSince, age, words};
use crate::yaml::document::Node;
use crate::yaml::findings::Findings;

/// Holds when the package is a pre-release that a release has superseded for longer than this.
///
/// The time counts from when some row of the release was made. The last of several would doom a package where the listing
/// lacks it. It counts from the package's newest content as well.
pub(super) struct SupersededFor;

impl Meaning for SupersededFor {
    type Value = SupersededSince;

    const FORM: Form = Form {
        key: "superseded_for",
        value: "age",
        holds: "It is a pre-release, its own release can be installed and was made longer ago than this, and its newest content \
                is older than this.",
        rules: Takers::Takes(
            "a release that the listing lacks must not doom what is kept for it: write `superseded_for` under `delete`, or \
             `superseded: false` here",
        ),
    };

    fn read(node: &Node, _: Reading, findings: &mut Findings<'_>) -> Option<Condition> {
        let age = age::read(node, findings)?;
        Some(Condition::SupersededFor(SupersededSince { age, by: SupersededBy::default() }))
    }

    fn written(asked: &SupersededSince) -> String {
        format!("{}{}", asked.age, asked.by.written())
    }

    fn truth(asked: &SupersededSince, known: &Known<'_>, _: Reading) -> Truth {
        known.superseded_for(&asked.age, asked.by)
    }

    fn seen(asked: &SupersededSince, known: &Known<'_>, _: Truth) -> String {
        format!("{}; {}", words::superseded_since(known, asked.by), words::content(known))
    }

    fn because(asked: &SupersededSince, known: &Known<'_>) -> String {
        format!("{} (superseded_for {})", words::superseded_since(known, asked.by), asked.age)
    }

    fn ask(_: &SupersededSince, known: &Known<'_>, questions: &mut Questions) {
        questions.files.insert(known.package.id);
    }

    fn is_implied(asked: &SupersededSince, by: &Premise<'_>, _: Reading) -> bool {
        by.has(|own| match own {
            Condition::SupersededFor(own) => {
                own.age.reaches(&asked.age) && (own.by == asked.by || own.by == SupersededBy::Own)
            }
            _ => false,
        })
    }

    fn patterns(_: &SupersededSince) -> PatternsOn<'_> {
        PatternsOn::Nothing
    }

    fn counted(_: &SupersededSince) -> Counted<'_> {
        Counted::SomeVersions
    }

    fn age(asked: &SupersededSince) -> Option<&Age> {
        Some(&asked.age)
    }
}
