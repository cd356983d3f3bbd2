//! `larger_than`: the sum of the package's files.

use super::Condition;
use super::meaning::{Counted, Form, Meaning, PatternsOn, Takers};
use super::premise::Premise;
use crate::package::{Bytes, Questions};
use crate::policy::known::Known;
use crate::policy::pattern::Reading;
use crate::policy::truth::Truth;
use crate::policy::{Age, Size, size, words};
use crate::yaml::document::Node;
use crate::yaml::findings::Findings;

/// Holds when the files of the package are larger than this together.
pub(super) struct LargerThan;

impl Meaning for LargerThan {
    type Value = Size;

    const FORM: Form = Form {
        key: "larger_than",
        value: "size",
        holds: "Its files are larger than this together.",
        rules: Takers::All,
    };

    fn read(node: &Node, _: Reading, findings: &mut Findings<'_>) -> Option<Condition> {
        size::read(node, findings).map(Condition::LargerThan)
    }

    fn written(limit: &Size) -> String {
        limit.to_string()
    }

    fn truth(limit: &Size, known: &Known<'_>, _: Reading) -> Truth {
        match known.bytes {
            Bytes::Sum(bytes) => Truth::from(bytes > limit.bytes()),
            Bytes::AtLeast(bytes) if bytes > limit.bytes() => Truth::Yes,
            Bytes::AtLeast(_) => Truth::Unknown,
            Bytes::Open => Truth::Pending,
        }
    }

    fn seen(_: &Size, known: &Known<'_>, _: Truth) -> String {
        size_of(known).unwrap_or_else(|| "its size was not looked up".to_owned())
    }

    fn because(limit: &Size, known: &Known<'_>) -> String {
        match size_of(known) {
            Some(size) => format!("{size} (larger_than {limit})"),
            None => "its size is unknown".to_owned(),
        }
    }

    fn ask(_: &Self::Value, known: &Known<'_>, questions: &mut Questions) {
        questions.files.insert(known.package.id);
    }

    fn is_implied(limit: &Size, by: &Premise<'_>, _: Reading) -> bool {
        by.has(|own| matches!(own, Condition::LargerThan(own) if own.bytes() >= limit.bytes()))
    }

    fn patterns(_: &Self::Value) -> PatternsOn<'_> {
        PatternsOn::Nothing
    }

    fn counted(limit: &Size) -> Counted<'_> {
        Counted::Only(format!("is larger than {limit}"))
    }

    fn age(_: &Self::Value) -> Option<&Age> {
        None
    }
}

/// Returns the known size in words; `None` where the files were not looked up.
fn size_of(known: &Known<'_>) -> Option<String> {
    match known.bytes {
        Bytes::Sum(bytes) => Some(words::size(bytes)),
        Bytes::AtLeast(bytes) => Some(format!("at least {}", words::size(bytes))),
        Bytes::Open => None,
    }
}
