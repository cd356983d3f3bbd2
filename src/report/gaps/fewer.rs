//! Tells of projects with fewer holds than before, and of a scope with fewer packages.

use std::collections::BTreeMap;

use super::{Gaps, NAMED};
use crate::package::{HoldKind, Project, ProjectId};
use crate::plan::inventory::Walked;
use crate::plan::{Fewer, FewerHolds};

impl Gaps {
    /// Puts before the other warnings that GitLab tells fewer holds of projects than before, or fewer packages.
    pub fn tell_fewer_holds(&mut self, fewer: &FewerHolds, walked: &Walked) {
        if *fewer == FewerHolds::default() {
            return;
        }
        let known: BTreeMap<ProjectId, &Project> =
            walked.packages().map(|package| (package.project.id, &package.project)).collect();
        let named = fewer.projects.iter().take(NAMED);
        let mut told: Vec<String> = named.map(|(id, kinds)| of_project(*id, known.get(id).copied(), kinds)).collect();
        let more = fewer.projects.len().saturating_sub(NAMED);
        if more > 0 {
            told.push(format!("GitLab tells fewer holds of {more} more projects than before"));
        }
        let built = fewer.left_out.iter().filter(|id| !fewer.projects.contains_key(id)).count();
        if built > 0 {
            told.push(format!(
                "projects with packages that were built where branches are fewer: {built}; they wait as well"
            ));
        }
        let extent = [("packages", fewer.packages), ("projects with packages", fewer.with_packages)];
        told.extend(extent.into_iter().filter_map(|(what, fewer)| {
            let fewer = fewer?;
            Some(format!("{what} in the scope: {fewer}; see whether the token has lost a right"))
        }));
        told.append(&mut self.warnings);
        self.warnings = told;
    }
}

fn of_project(id: ProjectId, known: Option<&Project>, kinds: &[(HoldKind, Fewer)]) -> String {
    let path = known.and_then(|project| project.path.as_deref());
    let project = path.map_or_else(|| format!("project {id}"), |path| format!("{path} (id {id})"));
    let kinds: Vec<String> = kinds.iter().map(|(kind, fewer)| format!("{}: {fewer}", kind.words())).collect();
    let named = path.map_or_else(|| id.to_string(), str::to_owned);
    format!(
        "GitLab tells fewer holds of {project} than before ({}): nothing of it goes until they are back; see whether the \
         token has lost a right, and if fewer are right, write `accept_fewer_holds: [{{ project: {named}, until: DAY, note: \
         WHY }}]` in the instance file",
        kinds.join("; ")
    )
}
