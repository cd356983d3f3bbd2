//! The items that a plan deletes: packages, and files of packages that stay.

use std::fmt;

use super::{Decision, FileDecision};
use crate::package::{FileId, Package, PackageFile, PackageId};

/// A package or a file that goes, with everything that is told of its deletion.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Item {
    /// A package as a whole.
    Package {
        /// The package.
        package: Package,
        /// The sum of its files' sizes, where they are known.
        bytes: Option<u64>,
    },
    /// A file of a package that stays.
    File {
        /// The package that the file is in.
        package: Package,
        /// The file.
        file: PackageFile,
    },
}

/// GitLab's id of an item. Packages and files are numbered apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ItemId {
    /// A package as a whole.
    Package(PackageId),
    /// A file of a package that stays.
    File(FileId),
}

impl Item {
    /// Returns the package that a decision is about.
    #[must_use]
    pub fn package_of(decision: &Decision) -> Self {
        Self::Package { package: decision.package.clone(), bytes: decision.bytes.known() }
    }

    /// Returns the file that a decision is about; `package` is the one that it is in.
    #[must_use]
    pub fn file_of(decision: &FileDecision, package: &Package) -> Self {
        Self::File { package: package.clone(), file: decision.file.clone() }
    }

    /// Returns the id.
    #[must_use]
    pub fn id(&self) -> ItemId {
        match self {
            Self::Package { package, .. } => ItemId::Package(package.id),
            Self::File { file, .. } => ItemId::File(file.id),
        }
    }

    /// Returns the package, or the one that the file is in.
    #[must_use]
    pub fn package(&self) -> &Package {
        match self {
            Self::Package { package, .. } | Self::File { package, .. } => package,
        }
    }

    /// Returns the file; `None` for a package as a whole.
    #[must_use]
    pub fn file(&self) -> Option<&PackageFile> {
        match self {
            Self::Package { .. } => None,
            Self::File { file, .. } => Some(file),
        }
    }

    /// Returns how many bytes it takes, where that is known.
    #[must_use]
    pub fn bytes(&self) -> Option<u64> {
        match self {
            Self::Package { bytes, .. } => *bytes,
            Self::File { file, .. } => file.size,
        }
    }
}

/// Names an item by its ids: `maven package 7`, `file 8 of maven package 7`.
impl fmt::Display for Item {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Package { id, package_type, .. } = self.package();
        match self.file() {
            Some(file) => write!(f, "file {} of {package_type} package {id}", file.id),
            None => write!(f, "{package_type} package {id}"),
        }
    }
}
