//! `branch_gone_for`: how long the branch that built the package has been gone.

use jiff::Timestamp;

use super::Condition;
use super::meaning::{Counted, Form, Meaning, PatternsOn, Takers};
use super::premise::Premise;
use crate::package::{BranchFate, BranchOrigin, Questions};
use crate::policy::known::Known;
use crate::policy::pattern::Reading;
use crate::policy::truth::Truth;
use crate::policy::{Age, age, words};
use crate::yaml::document::Node;
use crate::yaml::findings::Findings;

/// Holds when the package was built by a branch that has been gone for longer than this.
pub(super) struct BranchGoneFor;

impl Meaning for BranchGoneFor {
    type Value = Age;

    const FORM: Form = Form {
        key: "branch_gone_for",
        value: "age",
        holds: "The branch that built it was first seen to be gone longer ago than this, and has not been there since.",
        rules: Takers::All,
    };

    fn read(node: &Node, _: Reading, findings: &mut Findings<'_>) -> Option<Condition> {
        age::read(node, findings).map(Condition::BranchGoneFor)
    }

    fn written(age: &Age) -> String {
        age.to_string()
    }

    /// A tag of the branch's name makes it unknown. In a rule that deletes that is as good as a branch which is there.
    fn truth(age: &Age, known: &Known<'_>, reading: Reading) -> Truth {
        let origin = known.branch_origin();
        let of_branch = match known.branch_fate(&origin) {
            BranchFate::There | BranchFate::Spared => Truth::No,
            BranchFate::Gone(since) if is_over(age, since, known.now) => Truth::Yes,
            // It may have been gone for longer, and that was forgotten.
            BranchFate::Gone(_) if reading == Reading::Hold => Truth::Unknown,
            BranchFate::Gone(_) => Truth::No,
            BranchFate::Unknown => Truth::Unknown,
            BranchFate::NotInList | BranchFate::NotLookedUp => Truth::Pending,
        };
        match (&origin, reading, of_branch) {
            (BranchOrigin::Surely(..), ..) => of_branch,
            (BranchOrigin::Perhaps(..), Reading::Select, Truth::No | Truth::Unknown) => of_branch,
            (BranchOrigin::Perhaps(..), Reading::Hold, Truth::Unknown) => Truth::Unknown,
            (BranchOrigin::Perhaps(..) | BranchOrigin::NotListed, ..) => Truth::Pending,
            (BranchOrigin::Unknown, ..) => Truth::Unknown,
        }
    }

    fn seen(age: &Age, known: &Known<'_>, _: Truth) -> String {
        let seen = words::branch(known);
        match known.branch_fate(&known.branch_origin()) {
            BranchFate::Gone(since) => match age.after(since) {
                Some(end) => format!("{seen}; counts after {end}"),
                None => seen,
            },
            _ => seen,
        }
    }

    fn because(age: &Age, known: &Known<'_>) -> String {
        format!("{} (branch_gone_for {age})", words::branch(known))
    }

    /// The list of branches comes first: most branches are there, and then nothing else has to be known.
    fn ask(_: &Self::Value, known: &Known<'_>, questions: &mut Questions) {
        let id = known.package.id;
        let origin = known.branch_origin();
        let fate = known.branch_fate(&origin);
        match origin {
            BranchOrigin::NotListed => {
                questions.pipelines.insert(id);
            }
            BranchOrigin::Perhaps(project, _) if fate == BranchFate::NotLookedUp => {
                questions.branch_lists.insert((project, id));
            }
            BranchOrigin::Perhaps(..) => questions.kinds.extend(known.built_from.open().map(|pipeline| (pipeline, id))),
            BranchOrigin::Surely(project, branch) => {
                questions.branches.insert((project, branch, id));
            }
            BranchOrigin::Unknown => {}
        }
    }

    fn is_implied(age: &Age, by: &Premise<'_>, _: Reading) -> bool {
        by.has(|own| matches!(own, Condition::BranchGoneFor(own) if own.reaches(age)))
    }

    fn patterns(_: &Self::Value) -> PatternsOn<'_> {
        PatternsOn::Nothing
    }

    fn counted(_: &Self::Value) -> Counted<'_> {
        Counted::SomeVersions
    }

    fn age(age: &Age) -> Option<&Age> {
        Some(age)
    }
}

fn is_over(age: &Age, since: Timestamp, now: Timestamp) -> bool {
    now.duration_since(since) >= BranchFate::ONE_LOOK && age.is_exceeded(since, now)
}
