//! Gathers what policies take away, so that the next one is planned on what they leave.

use std::collections::HashSet;

use crate::package::{FileId, PackageId};

/// The packages and files that are no longer there, or would not be if plans were executed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Gone {
    /// Packages, by their ids.
    pub packages: HashSet<PackageId>,
    /// Files of packages that stay, by their ids.
    pub files: HashSet<FileId>,
}

impl Gone {
    /// Returns whether nothing is gone.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.packages.is_empty() && self.files.is_empty()
    }

    /// Adds what else is gone.
    pub fn extend(&mut self, more: &Self) {
        self.packages.extend(&more.packages);
        self.files.extend(&more.files);
    }
}
