//! Cases: unit tests of policies, written in YAML by their authors, and judged.
//!
//! A case is a small registry as of one instant. It is judged by the same shortlist and plan as a real one, with the
//! evidence that GitLab would have given, so that a policy which passes its cases does the same in life.

mod branches;
mod expectation;
mod file;
mod given;
mod in_use;
mod lookup;
mod package;
mod results;
mod rule;
mod run;
mod scope;
mod values;
mod view;

use std::collections::BTreeSet;

pub use branches::BranchGiven;
pub use expectation::{Expected, Fate};
pub use given::{Case, GivenFile, GivenPackage};
pub use results::{Actual, Difference, Failure, Results, Unshown};
pub use rule::CaseRule;

use crate::policy::{LANGUAGE, PolicySet};
use crate::yaml::findings::Findings;
use crate::yaml::{Problems, Source};

/// The cases of one or several files.
#[derive(Debug, Clone, Default)]
pub struct Cases {
    /// Each with a name of its own in its file.
    pub cases: Vec<Case>,
}

impl Cases {
    /// Reads files of cases for the policies of a set.
    ///
    /// # Errors
    ///
    /// Every problem of every file.
    pub fn parse(sources: &[Source], set: &PolicySet) -> Result<Self, Problems> {
        let mut cases = Vec::new();
        let mut problems = Vec::new();
        for source in sources {
            let mut findings = Findings::new(source, LANGUAGE);
            cases.extend(file::read(&mut findings, set));
            problems.extend(findings.told().0);
        }
        if problems.is_empty() { Ok(Self { cases }) } else { Err(Problems { problems }) }
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
    pub fn run(&self, set: &PolicySet) -> Results {
        run::all(&self.cases, set)
    }
}
