//! `superseded`: whether a pre-release's own release is there.

use super::Condition;
use super::meaning::{Counted, Form, Meaning, PatternsOn, Takers};
use super::premise::Premise;
use crate::package::Questions;
use crate::policy::known::Known;
use crate::policy::pattern::Reading;
use crate::policy::truth::Truth;
use crate::policy::{Age, SupersededBy, Supersession, words};
use crate::yaml::document::Node;
use crate::yaml::findings::Findings;
use crate::yaml::scalar;

/// Holds when the package is a pre-release that a release in the listing supersedes, or with `false` when it isn't.
///
/// Each side has one value: a release that the listing lacks makes fewer packages superseded, so only a rule that takes
/// what is superseded, or keeps what isn't, keeps more for it.
pub(super) struct Superseded;

impl Meaning for Superseded {
    type Value = Supersession;

    const FORM: Form = Form {
        key: "superseded",
        value: "only_true",
        holds: "It is a pre-release, and its own release can be installed.",
        rules: Takers::All,
    };

    fn read(node: &Node, reading: Reading, findings: &mut Findings<'_>) -> Option<Condition> {
        let wanted = scalar::switch(node, findings)?;
        match (wanted, reading) {
            (true, Reading::Select) | (false, Reading::Hold) => {
                return Some(Condition::Superseded(Supersession { wanted, by: SupersededBy::default() }));
            }
            (false, Reading::Select) => findings
                .problem(node.span, "a rule that deletes takes `superseded: true` alone")
                .hint(
                    "a release that the listing lacks must not doom the pre-releases before it; `prerelease: true` is what \
                     pre-releases have in common, and `keep: [{ superseded: false }]` keeps those without a release",
                ),
            (true, Reading::Hold) => findings
                .problem(node.span, "a rule that keeps takes `superseded: false` alone")
                .hint(
                    "a release that the listing lacks must not doom what is kept for it: without it nothing would be \
                     superseded any more; write `superseded: true` under `delete`",
                ),
        };
        None
    }

    fn written(asked: &Supersession) -> String {
        format!("{}{}", asked.wanted, asked.by.written())
    }

    fn truth(asked: &Supersession, known: &Known<'_>, _: Reading) -> Truth {
        let superseded = known.superseded(asked.by);
        match (superseded, asked.wanted) {
            (Truth::Yes, false) => Truth::No,
            (Truth::No, false) => Truth::Yes,
            (superseded, _) => superseded,
        }
    }

    fn seen(asked: &Supersession, known: &Known<'_>, _: Truth) -> String {
        words::superseded(known, asked.by)
    }

    fn because(asked: &Supersession, known: &Known<'_>) -> String {
        words::superseded(known, asked.by)
    }

    fn ask(_: &Supersession, known: &Known<'_>, questions: &mut Questions) {
        questions.files.insert(known.package.id);
    }

    fn is_implied(asked: &Supersession, by: &Premise<'_>, _: Reading) -> bool {
        by.has(|own| match own {
            Condition::Superseded(own) => asked.is_within(*own),
            // A rule that deletes knows that there is a release.
            Condition::SupersededFor(own) => {
                by.reading == Reading::Select && asked.is_within(Supersession { wanted: true, by: own.by })
            }
            // What is no pre-release isn't superseded. Where nobody can tell, both hold.
            Condition::Prerelease(false) => !asked.wanted,
            _ => false,
        })
    }

    fn patterns(_: &Supersession) -> PatternsOn<'_> {
        PatternsOn::Nothing
    }

    /// Under a rule that keeps, a release that the listing lacks gives no version a place that it wouldn't have.
    fn counted(asked: &Supersession) -> Counted<'_> {
        if asked.wanted { Counted::SomeVersions } else { Counted::Regardless }
    }

    fn age(_: &Supersession) -> Option<&Age> {
        None
    }
}

impl Supersession {
    /// Returns whether it holds wherever `narrow` does.
    fn is_within(self, narrow: Self) -> bool {
        // More releases supersede more packages.
        let by = if self.wanted { [self.by, narrow.by] } else { [narrow.by, self.by] };
        self.wanted == narrow.wanted && by != [SupersededBy::Own, SupersededBy::Any]
    }
}
