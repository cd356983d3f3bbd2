//! `older_than`: the age of the newest content.

use super::Condition;
use super::meaning::{Counted, Form, Meaning, PatternsOn, Takers};
use super::premise::Premise;
use crate::package::Questions;
use crate::policy::known::Known;
use crate::policy::pattern::Reading;
use crate::policy::truth::Truth;
use crate::policy::{Age, age, words};
use crate::yaml::document::Node;
use crate::yaml::findings::Findings;

/// Holds when the newest content is older than this.
pub(super) struct OlderThan;

impl Meaning for OlderThan {
    type Value = Age;

    const FORM: Form = Form {
        key: "older_than",
        value: "age",
        holds: "Its newest content, the package itself or the last of its files, is older than this.",
        rules: Takers::All,
    };

    fn read(node: &Node, _: Reading, findings: &mut Findings<'_>) -> Option<Condition> {
        age::read(node, findings).map(Condition::OlderThan)
    }

    fn written(age: &Age) -> String {
        age.to_string()
    }

    fn truth(age: &Age, known: &Known<'_>, _: Reading) -> Truth {
        known.content_exceeds(age)
    }

    fn seen(_: &Age, known: &Known<'_>, _: Truth) -> String {
        words::content(known)
    }

    fn because(age: &Age, known: &Known<'_>) -> String {
        format!("{} (older_than {age})", words::content(known))
    }

    fn ask(_: &Self::Value, known: &Known<'_>, questions: &mut Questions) {
        questions.files.insert(known.package.id);
    }

    fn is_implied(age: &Age, by: &Premise<'_>, _: Reading) -> bool {
        by.has(|own| match own {
            Condition::OlderThan(own) => own.reaches(age),
            // In a rule that deletes, this one asks for an age of the content as well.
            Condition::NotDownloadedFor(own) => by.reading == Reading::Select && own.reaches(age),
            Condition::SupersededFor(own) => by.reading == Reading::Select && own.age.reaches(age),
            _ => false,
        })
    }

    fn patterns(_: &Self::Value) -> PatternsOn<'_> {
        PatternsOn::Nothing
    }

    fn counted(age: &Age) -> Counted<'_> {
        Counted::Only(format!("is older than {age}"))
    }

    fn age(age: &Age) -> Option<&Age> {
        Some(age)
    }
}
