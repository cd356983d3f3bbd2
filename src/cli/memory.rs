//! Lets commands that run once remember the runs before: by the state of a folder, if one is given.

use std::path::Path;

use jiff::Timestamp;

use super::terminal::say;
use super::{GENERATOR, UsageError};
use crate::cycle::marking::Marking;
use crate::cycle::{Ended, paragraph};
use crate::package::{BranchesSeen, PathsSeen};
use crate::plan::inventory::Walked;
use crate::plan::{Extent, Memory};
use crate::policy::Policy;
use crate::record::state::{StateError, StateStore};
use crate::report::printable;
use crate::serve::forgets_marks;

/// Checks that none of these policies needs a state that lasts, where there is none.
pub(super) fn lasting_state_for<'p>(mut policies: impl Iterator<Item = &'p Policy>) -> Result<(), UsageError> {
    match policies.find(|policy| policy.grace.is_some()) {
        Some(policy) => Err(UsageError::ForgetsMarks(forgets_marks(&policy.name))),
        None => Ok(()),
    }
}

/// The state of a folder, to read or to note in; nothing without a folder.
pub(super) struct Lore(Option<StateStore>);

impl Lore {
    /// Opens the state to read alone.
    pub(super) fn look(folder: Option<&Path>, instance: &str) -> Result<Self, UsageError> {
        let store = folder.map(|folder| StateStore::look(folder, GENERATOR, instance)).transpose()?;
        Ok(Self(store))
    }

    /// Opens the state to note in, too.
    pub(super) fn borrow(folder: Option<&Path>, instance: &str) -> Result<Self, UsageError> {
        let store = folder.map(|folder| StateStore::borrow(folder, GENERATOR, instance)).transpose()?;
        Ok(Self(store))
    }

    /// Opens the state to note in, too, unless a daemon does so already or the folder can't be written.
    pub(super) fn borrow_or_look(folder: Option<&Path>, instance: &str) -> Result<Self, UsageError> {
        match Self::borrow(folder, instance) {
            Err(UsageError::State(StateError::Taken { .. })) => Self::look(folder, instance),
            Err(UsageError::State(error @ StateError::Write { .. })) => {
                say(&printable(&format!("warning: nothing that is seen now is noted: {}", paragraph(&error))));
                Self::look(folder, instance)
            }
            lore => lore,
        }
    }

    /// Returns what a cycle may do with marks that it leaves as they are.
    pub(super) fn marks_shown(&self) -> Marking<'_> {
        self.0.as_ref().map_or(Marking::Nowhere, |store| Marking::Shown(store.marks()))
    }

    /// Returns what a cycle may do with marks that it changes.
    pub(super) fn marks_kept(&self, extent: Extent) -> Marking<'_> {
        self.0.as_ref().map_or(Marking::Nowhere, |store| Marking::Kept { book: store.marks(), extent })
    }

    pub(super) fn of(&self, policy: &str) -> Option<Memory> {
        self.0.as_ref().map(|store| store.memory_of(policy))
    }

    pub(super) fn paths(&self) -> PathsSeen {
        self.0.as_ref().map(StateStore::paths).unwrap_or_default()
    }

    pub(super) fn branches(&self) -> BranchesSeen {
        self.0.as_ref().map(StateStore::branches).unwrap_or_default()
    }

    /// Notes what a cycle has seen as of `now`. A state that can't be written is told, and ends nothing.
    pub(super) fn note(&self, policy: &str, walked: Option<&Walked>, ended: &Ended, now: Timestamp) {
        let (Some(store), Some(walked)) = (&self.0, walked) else { return };
        if let Err(error) = store.remember(policy, ended.noted(Some(walked)), now) {
            say(&printable(&format!("warning: {}", paragraph(&error))));
        }
    }
}
