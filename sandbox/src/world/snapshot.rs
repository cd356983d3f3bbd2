//! The whole state as a registry, which opened again gives the same answers.

use super::World;
use crate::registry::{Registry, Series};

impl World {
    /// Writes down everything that there is now. What was left out of the registry that was opened, such as the branches
    /// of its projects, stands in it as it was worked out.
    pub(crate) fn snapshot(&self) -> Registry {
        let Self { directory, store } = self;
        Registry {
            users: directory.users.clone(),
            tokens: directory.tokens(),
            groups: directory.groups.clone(),
            projects: directory.projects.clone(),
            members: directory.members().collect(),
            pipelines: store.context().pipelines_in(directory).cloned().collect(),
            protection_rules: directory.rules().to_vec(),
            packages: store.rows().iter().map(|row| row.package.clone()).collect(),
            series: Vec::<Series>::new(),
        }
    }
}
