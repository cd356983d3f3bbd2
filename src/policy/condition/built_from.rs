//! `built_from`: the ref that the package's last pipeline ran for.

use super::Condition;
use super::meaning::{Counted, Form, Meaning, PatternsOn, Takers};
use super::premise::{Premise, is_within};
use crate::package::{self, Questions, RefKind, RefKinds};
use crate::policy::known::Known;
use crate::policy::pattern::{Reading, Texts};
use crate::policy::quote;
use crate::policy::truth::Truth;
use crate::policy::{Age, Refs, Shown, refs};
use crate::yaml::document::Node;
use crate::yaml::findings::Findings;

/// Holds when the package's last pipeline ran for one of these refs.
pub(super) struct BuiltFrom;

impl Meaning for BuiltFrom {
    type Value = Refs;

    const FORM: Form = Form {
        key: "built_from",
        value: "refs",
        holds: "The ref of its last pipeline matches. In a delete or files rule a pattern means branches, elsewhere a ref of any \
                kind; `branch`, `tag` and `merge_request` name one.",
        rules: Takers::All,
    };

    fn read(node: &Node, _: Reading, findings: &mut Findings<'_>) -> Option<Condition> {
        refs::read(node, findings).map(Condition::BuiltFrom)
    }

    fn written(refs: &Refs) -> String {
        match refs {
            Refs::Plain(patterns) => quote::patterns(patterns),
            Refs::OfKinds(kinds) => {
                let kinds = kinds.iter().map(|(kind, own)| format!("{}: {}", kind.as_str(), quote::patterns(own)));
                format!("{{ {} }}", kinds.collect::<Vec<_>>().join(", "))
            }
        }
    }

    /// The kind of the ref matters only where the patterns of the kinds answer differently.
    fn truth(refs: &Refs, known: &Known<'_>, reading: Reading) -> Truth {
        let pipeline = match &*known.built_from {
            package::BuiltFrom::Pipeline(pipeline) => pipeline,
            package::BuiltFrom::Unknown => return Truth::Unknown,
            package::BuiltFrom::NotListed => return Truth::Pending,
        };
        let is_one = |kind: &RefKind| match refs.of(*kind, reading) {
            Some(patterns) => reading.matches(patterns, Shown::Plain(&pipeline.git_ref)),
            None => Truth::No,
        };
        let mut truths = pipeline.kind.candidates().iter().map(is_one);
        match (truths.next(), &pipeline.kind) {
            (Some(truth), _) if truths.all(|other| other == truth) => truth,
            (_, RefKinds::Open(_)) => Truth::Pending,
            _ => Truth::Unknown,
        }
    }

    fn seen(_: &Refs, known: &Known<'_>, truth: Truth) -> String {
        match &*known.built_from {
            package::BuiltFrom::Pipeline(pipeline) => match truth {
                Truth::Yes | Truth::No => pipeline.to_string(),
                Truth::Unknown => format!("{pipeline}, and what kind of ref that is, is unknown"),
                Truth::Pending => format!("{pipeline}, and what kind of ref that is, was not looked up"),
            },
            package::BuiltFrom::Unknown => "what it was built from is unknown".to_owned(),
            package::BuiltFrom::NotListed => "what it was built from was not looked up".to_owned(),
        }
    }

    fn because(refs: &Refs, known: &Known<'_>) -> String {
        match &*known.built_from {
            package::BuiltFrom::Pipeline(pipeline) => format!("built from {pipeline} (built_from {refs})"),
            package::BuiltFrom::Unknown | package::BuiltFrom::NotListed => {
                "what it was built from is unknown".to_owned()
            }
        }
    }

    fn ask(_: &Refs, known: &Known<'_>, questions: &mut Questions) {
        let id = known.package.id;
        match known.built_from.open() {
            Some(pipeline) => questions.kinds.insert((pipeline, id)),
            None => questions.pipelines.insert(id),
        };
    }

    /// A rule without refs of its own also selects packages without a ref.
    fn is_implied(refs: &Refs, by: &Premise<'_>, reading: Reading) -> bool {
        by.has(|own| matches!(own, Condition::BuiltFrom(own) if are_among(own, refs, by, reading)))
    }

    fn patterns(refs: &Refs) -> PatternsOn<'_> {
        PatternsOn::Refs(refs)
    }

    fn counted(refs: &Refs) -> Counted<'_> {
        if refs.include() { Counted::SomeVersions } else { Counted::Open }
    }

    fn age(_: &Self::Value) -> Option<&Age> {
        None
    }
}

/// Returns whether `wanted` takes every ref that a rule's own refs take.
fn are_among(own: &Refs, wanted: &Refs, by: &Premise<'_>, reading: Reading) -> bool {
    RefKind::ALL.into_iter().all(|kind| {
        let Some(own) = own.of(kind, by.reading) else { return true };
        let wanted = wanted.of(kind, reading);
        wanted.is_some_and(|wanted| is_within(own.kind(), &[by.as_read(own)], Texts::List(wanted, reading), by.work))
    })
}
