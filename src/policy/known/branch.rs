//! The branch that built a package, and its end.

use super::Known;
use crate::package::{BranchFate, BranchOrigin};

impl Known<'_> {
    /// Returns the branch that the package was built by.
    #[must_use]
    pub(in crate::policy) fn branch_origin(&self) -> BranchOrigin {
        BranchOrigin::of(self.package, &self.built_from)
    }

    /// Returns what is known of the end of that branch. Some names tell it without a look-up.
    #[must_use]
    pub(in crate::policy) fn branch_fate(&self, origin: &BranchOrigin) -> BranchFate {
        let is_common = || origin.branch().is_some_and(|(_, branch)| branch.is_common());
        match self.branch {
            BranchFate::NotLookedUp if is_common() => BranchFate::Spared,
            fate => fate,
        }
    }
}
