//! What a plan takes from the policies after it.

use super::{Decision, Plan};
use crate::package::Permission;
use crate::plan::inventory::Gone;
use crate::policy::{InForce, Mode};

/// What `apply` would take away, as far as the token may delete it. A policy in `mode: dry-run` takes nothing.
#[must_use]
pub fn would_be_gone(plan: &Plan, in_force: InForce<'_>) -> Gone {
    if in_force.policy().mode == Mode::DryRun {
        return Gone::default();
    }
    let packages = plan.deletions().filter(|decision| is_permitted(decision));
    let files = plan.file_deletions().filter(|file| plan.decision(file.package).is_some_and(is_permitted));
    Gone {
        packages: packages.map(|decision| decision.package.id).collect(),
        files: files.map(|file| file.file.id).collect(),
    }
}

fn is_permitted(decision: &Decision) -> bool {
    decision.package.permission != Permission::Denied
}
