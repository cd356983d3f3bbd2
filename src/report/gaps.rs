//! The gaps of a plan, and the warnings that its readers have to know before they trust it.

mod fewer;

use std::collections::BTreeSet;

use jiff::Timestamp;

use crate::package::ProjectId;
use crate::plan::Loosened;
use crate::plan::inventory::{Stray, Walked, Whereabouts};

/// The gaps of a plan, and the warnings at its top.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Gaps {
    /// Look-ups that failed.
    pub lookups: usize,
    /// Projects that may be in scope, and are left out because GitLab doesn't tell enough of them.
    pub projects: usize,
    /// Projects and groups that holds name, that GitLab doesn't show, and that nobody remembers.
    pub places: usize,
    /// Projects that a hold let go of when its text was changed.
    pub loosened: usize,
    /// Projects that an execution leaves out, because GitLab tells fewer holds of them than before.
    pub left_out: usize,
    /// In-use files that can't be used, each with its reason as a sentence without its full stop.
    pub in_use: Vec<String>,
    /// Rules go by paths, and nobody remembers those that projects had before.
    pub forgets_paths: bool,
    /// Sentences, the most urgent first.
    pub warnings: Vec<String>,
}

/// The number of projects that are named, each in a warning.
const NAMED: usize = 10;

impl Gaps {
    /// Counts and tells what a walk leaves open. `projects` is how many GitLab doesn't tell enough of.
    #[must_use]
    pub fn of(projects: usize, strays: &[Stray]) -> Self {
        let is_lost = |stray: &&Stray| stray.whereabouts == Whereabouts::Unknown;
        let places = strays.iter().filter(is_lost).count();
        let mut warnings: Vec<String> = strays.iter().filter(is_lost).map(tell).collect();
        warnings.extend(strays.iter().filter(|stray| !is_lost(stray)).map(tell));
        Self { projects, places, warnings, ..Self::default() }
    }

    /// Puts before the other warnings that holds have let go of projects.
    pub fn tell_loosened(&mut self, loosened: &Loosened, walked: &Walked) {
        self.loosened = loosened.projects.len();
        let mut told = Vec::new();
        for (project, holds) in loosened.projects.iter().take(NAMED) {
            let package = walked.packages().find(|package| package.project.id == *project);
            let paths: Vec<&str> = package.map(|package| package.project.paths().collect()).unwrap_or_default();
            let name = match paths.as_slice() {
                [] => format!("project {project}"),
                [path] => (*path).to_owned(),
                [path, earlier @ ..] => format!("{path} (also known as {})", earlier.join(", ")),
            };
            told.push(format!("{} was changed, and holds nothing of {name} any more", listed(holds)));
        }
        let more = self.loosened.saturating_sub(NAMED);
        if more > 0 {
            told.push(format!("holds that were changed have let go of {more} more projects"));
        }
        let emptied = &loosened.emptied;
        told.extend(
            emptied
                .iter()
                .map(|hold| format!("{hold} held something when this was planned last, and holds nothing now")),
        );
        told.append(&mut self.warnings);
        self.warnings = told;
    }

    /// Warns that nothing remembers since when these many branches are gone.
    pub fn tell_forgotten_branches(&mut self, gone: usize, now: Timestamp) {
        self.warnings.push(format!(
            "`branch_gone_for` counts from when a branch was first seen to be gone, and without --state-dir nothing \
             remembers that: branches that are seen to be gone as of {now}: {gone}"
        ));
    }

    /// Warns of projects whose branches can't be read: nothing of theirs goes by `branch_gone_for`.
    pub fn tell_unread_branches(&mut self, projects: &BTreeSet<ProjectId>) {
        if projects.is_empty() {
            return;
        }
        let named: Vec<String> = projects.iter().take(NAMED).map(ToString::to_string).collect();
        let more = if projects.len() > NAMED { ", …" } else { "" };
        self.warnings.push(format!(
            "`branch_gone_for` takes nothing that was built in {} projects (id {}{more}): they have no repository, or the \
             token may not read their branches and protected branches",
            projects.len(),
            named.join(", ")
        ));
    }

    /// Returns whether a part of the plan is missing.
    #[must_use]
    pub(super) fn leave_out_something(&self) -> bool {
        self.lookups + self.projects + self.places + self.left_out + self.in_use.len() > 0
    }

    /// Tells what is missing, each as part of a sentence.
    pub(super) fn missing(&self) -> impl Iterator<Item = String> {
        let lookups = (self.lookups > 0)
            .then(|| format!("look-ups that failed: {}; the packages they were for are kept", self.lookups));
        let projects = (self.projects > 0).then(|| {
            format!(
                "projects of which GitLab doesn't tell enough, their path, their topics or whether they are archived: {}; \
                 none of their packages is looked at, and it takes a token that may read them and every group above them",
                self.projects
            )
        });
        let places = (self.places > 0).then(|| {
            format!(
                "projects and groups that holds name and GitLab doesn't show: {}; what they held may go",
                self.places
            )
        });
        let in_use = (!self.in_use.is_empty()).then(|| {
            let files = self.in_use.join("; ");
            format!(
                "what is in use can't be told: {files}; all that it may name is kept, and no policy deletes anything"
            )
        });
        let left_out = (self.left_out > 0).then(|| {
            format!(
                "projects of which GitLab tells fewer than half of the holds that it told before: {}; nothing of them goes \
                 until those are back, or fewer are accepted",
                self.left_out
            )
        });
        [in_use, lookups, projects, places, left_out].into_iter().flatten()
    }
}

fn tell(stray: &Stray) -> String {
    let named = &stray.named;
    let by = listed(&named.by.iter().cloned().collect());
    let verb = if named.by.len() == 1 { "names" } else { "name" };
    let (noun, path) = (named.path.noun(), named.path.as_str());
    match &stray.whereabouts {
        Whereabouts::Moved { id, path: now } => format!(
            "{by} {verb} {noun} {path}, which is {now} now (id {id}): what holds by either path holds; write the path that \
             it has now, or its id"
        ),
        Whereabouts::Remembered => format!(
            "{by} {verb} {noun} {path}, which GitLab doesn't show: what was seen under that path is still held by it"
        ),
        Whereabouts::Unknown => format!(
            "{by} {verb} {noun} {path}, which is not there, or can't be seen with this token: if it was moved, nothing is \
             held by that path any more"
        ),
    }
}

fn listed(names: &BTreeSet<String>) -> String {
    names.iter().map(String::as_str).collect::<Vec<_>>().join(" and ")
}
