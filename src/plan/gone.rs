//! Tells what a plan takes away from the policies after it.

use super::{ItemId, Plan};
use crate::package::Permission;
use crate::plan::inventory::Gone;
use crate::policy::{InForce, Mode};

/// Returns what `apply` would take away, as far as the token may delete it and it has been marked for
/// long enough. A policy in `mode: dry-run` takes nothing.
#[must_use]
pub fn would_be_gone(plan: &Plan, in_force: InForce<'_>) -> Gone {
    match in_force.policy().mode {
        Mode::DryRun => Gone::default(),
        Mode::Delete => {
            let permitted = plan.going().filter(|(_, package)| package.permission != Permission::Denied);
            permitted.map(|(item, _)| item).filter(|item| !plan.waits(*item)).collect()
        }
    }
}

impl FromIterator<ItemId> for Gone {
    fn from_iter<I: IntoIterator<Item = ItemId>>(items: I) -> Self {
        let mut gone = Self::default();
        for item in items {
            match item {
                ItemId::Package(id) => _ = gone.packages.insert(id),
                ItemId::File(id) => _ = gone.files.insert(id),
            }
        }
        gone
    }
}
