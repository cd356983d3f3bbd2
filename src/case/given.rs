//! A case as its author wrote it: packages as of one instant, and what is expected of some of them.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::branches::BranchGiven;
use super::expectation::Expected;
use crate::package::{Package, PackageFile};
use crate::policy::InUseReading;
use crate::yaml::Place;

/// A registry as of one instant, and what is expected to become of some of it.
#[derive(Debug, Clone)]
pub struct Case {
    /// Its name: the author's words for what it shows.
    pub name: String,
    /// Where it begins.
    pub place: Place,
    /// The policy whose verdicts are meant; `None` is the whole set, each policy on what those before it leave.
    pub policy: Option<String>,
    /// The instant that its policies judge by.
    pub as_of: Timestamp,
    /// The in-use files that are given, by the names that rules have for them. One that isn't given names nothing.
    pub in_use: BTreeMap<String, InUseReading>,
    /// The packages of the registry, each with an id of its own.
    pub packages: Vec<GivenPackage>,
}

/// A package of a case, with everything that GitLab would tell of it.
#[derive(Debug, Clone)]
pub struct GivenPackage {
    /// Its row in GitLab's listing.
    pub package: Package,
    /// Its files, as a look-up would list them.
    pub files: Vec<GivenFile>,
    /// What the case says of the end of its branch; `None` where the branch is there, or another package says it.
    pub branch_gone: Option<BranchGiven>,
    /// A release of its project links to it.
    pub released: bool,
    /// A rule of GitLab's own protects its name, and so each of its versions.
    pub protected_in_gitlab: bool,
    /// The expected fate; `None` where the package is there for the sake of the others.
    pub expected: Option<Expected>,
    /// Where it is written.
    pub place: Place,
}

/// A file of a package of a case.
#[derive(Debug, Clone)]
pub struct GivenFile {
    /// The file as GitLab would list it.
    pub file: PackageFile,
    /// The expected fate, where there is one.
    pub expected: Option<Expected>,
    /// Where it is written.
    pub place: Place,
}

impl GivenPackage {
    /// Returns whether the case expects anything of the package or of its files.
    pub(super) fn is_expected_of(&self) -> bool {
        self.expected.is_some() || self.files.iter().any(|file| file.expected.is_some())
    }
}
