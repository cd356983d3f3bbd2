//! What an in-use file names, found by name.

use std::collections::HashMap;
use std::fmt;

use jiff::Timestamp;

use crate::package::{Package, PackageType, Purl, is_same_version, loosest_name, normal_name};

/// What an in-use file says.
#[derive(Clone, PartialEq, Eq)]
pub struct InUse {
    /// Of what time it is, by its own word.
    pub as_of: Timestamp,
    /// How many of its package URLs are of a type that GitLab's registry doesn't have, as container images are.
    pub foreign: usize,
    entries: Vec<InUseEntry>,
    /// The entries by type and name, in the form that all spellings share; without a type those of every type.
    by_name: HashMap<(Option<PackageType>, String), Vec<usize>>,
}

/// It may be somebody's secret that was named by mistake, so nothing of it is shown.
impl fmt::Debug for InUse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InUse")
            .field("as_of", &self.as_of)
            .field("entries", &self.entries.len())
            .finish_non_exhaustive()
    }
}

/// A place in an in-use file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Spot {
    /// A line, counted from 1.
    Line(usize),
    /// A component of a CycloneDX document, counted from 1 through all levels.
    Component(usize),
    /// The component that the whole document is about.
    Subject,
}

/// One package that is in use.
#[derive(Clone, PartialEq, Eq)]
struct InUseEntry {
    spot: Spot,
    /// The versions; empty is every version.
    versions: Vec<String>,
}

impl InUse {
    /// Returns what a file says that names nothing, as of an instant. No file on disk may say so.
    #[must_use]
    pub fn nothing(as_of: Timestamp) -> Self {
        Self { as_of, foreign: 0, entries: Vec::new(), by_name: HashMap::new() }
    }

    /// Returns the same as of another instant.
    #[must_use]
    pub fn as_of(&self, as_of: Timestamp) -> Self {
        Self { as_of, ..self.clone() }
    }

    /// Returns how many packages it names.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Returns whether it names nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Returns the first place where it names a package.
    #[must_use]
    pub fn naming(&self, package: &Package) -> Option<Spot> {
        let own = (Some(package.package_type.clone()), normal_name(&package.package_type, &package.name));
        let keys = [own, (None, loosest_name(&package.name))];
        let named = keys.iter().filter_map(|key| self.by_name.get(key)).flatten();
        let entries = named.filter_map(|number| self.entries.get(*number));
        entries.filter(|entry| entry.means_version_of(package)).map(|entry| entry.spot).min()
    }

    /// Adds what a package URL names.
    pub(super) fn add(&mut self, spot: Spot, purl: &Purl) {
        self.foreign += usize::from(!purl.package_type().is_known());
        let keys = purl.names().iter().map(|name| (Some(purl.package_type().clone()), name.clone()));
        self.enter(InUseEntry { spot, versions: purl.versions().to_vec() }, keys);
    }

    /// Adds what has one of these names, of whatever type.
    pub(super) fn add_untyped(&mut self, spot: Spot, names: &[String], version: Option<&str>) {
        let versions = version.into_iter().map(str::to_owned).collect();
        self.enter(InUseEntry { spot, versions }, names.iter().map(|name| (None, loosest_name(name))));
    }

    fn enter(&mut self, entry: InUseEntry, keys: impl Iterator<Item = (Option<PackageType>, String)>) {
        for key in keys {
            let numbers = self.by_name.entry(key).or_default();
            // Two names of one entry may have one form.
            if numbers.last() != Some(&self.entries.len()) {
                numbers.push(self.entries.len());
            }
        }
        self.entries.push(entry);
    }
}

impl InUseEntry {
    /// Returns whether it means the version of a package, whose name it has already.
    fn means_version_of(&self, package: &Package) -> bool {
        let is_it = |named: &String| {
            package.version.as_deref().is_some_and(|version| is_same_version(&package.package_type, version, named))
        };
        self.versions.is_empty() || self.versions.iter().any(is_it)
    }
}

impl fmt::Display for Spot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Line(number) => write!(f, "line {number}"),
            Self::Component(number) => write!(f, "component {number}"),
            Self::Subject => f.write_str("the main component"),
        }
    }
}
