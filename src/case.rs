//! Cases: what the author of a policy expects of it, written in YAML, and whether that is what becomes of it.
//!
//! A case is a small registry as of one instant. It is judged by the same shortlist and plan as a real one, with the
//! evidence that GitLab would have given, so that a policy which passes its cases does the same in life.

mod expectation;
mod file;
mod lookup;
mod row;
mod run;
mod scope;
mod told;
mod view;

use std::collections::BTreeSet;

use jiff::Timestamp;

pub use expectation::{Expected, Fate};
pub use row::{FileRow, Row};
pub use told::{Difference, Failure, Outcome, Told, Unshown};

use crate::policy::PolicySet;
use crate::yaml::findings::Findings;
use crate::yaml::{Place, PolicyErrors, Source};

/// The cases of one or several files.
#[derive(Debug, Clone, Default)]
pub struct Cases {
    pub cases: Vec<Case>,
}

/// A registry as of one instant, and what is expected to become of some of it.
#[derive(Debug, Clone)]
pub struct Case {
    /// What it shows, in the words of its author.
    pub name: String,
    pub place: Place,
    /// The policy whose verdicts are meant; `None` is the whole set, each policy on what those before it leave.
    pub policy: Option<String>,
    pub as_of: Timestamp,
    pub rows: Vec<Row>,
}

impl Cases {
    /// Reads files of cases for the policies of a set.
    ///
    /// # Errors
    ///
    /// Every problem of every file.
    pub fn parse(sources: &[Source], set: &PolicySet) -> Result<Self, PolicyErrors> {
        let mut cases = Vec::new();
        let mut problems = Vec::new();
        for source in sources {
            let mut findings = Findings::new(source);
            cases.extend(file::read(&mut findings, set));
            problems.extend(findings.told().0);
        }
        if problems.is_empty() { Ok(Self { cases }) } else { Err(PolicyErrors { problems }) }
    }

    /// Leaves the cases that are about the policies from these files, or about the whole set.
    #[must_use]
    pub fn about(mut self, set: &PolicySet, files: &BTreeSet<String>) -> Self {
        self.cases.retain(|case| match &case.policy {
            Some(name) => set.policy(name).is_some_and(|policy| files.contains(&policy.source)),
            None => true,
        });
        self
    }

    /// Judges every case.
    #[must_use]
    pub fn run(&self, set: &PolicySet) -> Outcome {
        run::all(&self.cases, set)
    }
}
