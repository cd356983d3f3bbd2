//! The form in which the state keeps what the holds of a policy held.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::package::ProjectId;
use crate::plan::{Held, HeldProjects};

/// The text of one hold, and the projects that it held.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeldState {
    /// The digest of the hold's text.
    pub text: String,
    /// The projects with packages that it kept.
    pub projects: BTreeSet<u64>,
}

/// Returns what was held, as a cycle takes it.
pub(super) fn held_projects(held: BTreeMap<String, HeldState>) -> HeldProjects {
    let projects = |ids: BTreeSet<u64>| ids.into_iter().map(ProjectId).collect();
    HeldProjects(
        held.into_iter()
            .map(|(name, HeldState { text, projects: ids })| (name, Held { text, projects: projects(ids) }))
            .collect(),
    )
}

/// Returns what is held, as the state keeps it.
pub(super) fn held_state(held: &HeldProjects) -> BTreeMap<String, HeldState> {
    let projects = |held: &Held| held.projects.iter().map(|id| id.0).collect();
    held.0
        .iter()
        .map(|(name, held)| (name.clone(), HeldState { text: held.text.clone(), projects: projects(held) }))
        .collect()
}
