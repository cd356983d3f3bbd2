//! GitLab's `package_type`: an open set, because new releases of GitLab bring new types.
//!
//! Everything particular to a type stands in one table, `facts.rs`. All other code asks that, and not for a type's
//! name. `tests/layers` holds this.

mod facts;

use std::fmt;

use serde::{Serialize, Serializer};

pub(super) use facts::MODELS_PAGE;
pub use facts::{Elsewhere, Facts, Growth, Indexes, Latest, Links, PurlName, Slash};

/// A package's format.
///
/// Source: `app/models/packages/package.rb`.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PackageType {
    /// Cargo, for Rust.
    Cargo,
    /// Composer, for PHP.
    Composer,
    /// Conan, for C and C++.
    Conan,
    /// Debian packages.
    Debian,
    /// Files of any kind.
    #[default]
    Generic,
    /// Go modules.
    Golang,
    /// Helm charts.
    Helm,
    /// Maven, Gradle and sbt.
    Maven,
    /// Models of GitLab's model registry.
    MlModel,
    /// npm, Yarn and pnpm.
    Npm,
    /// NuGet, for .NET.
    Nuget,
    /// PyPI, for Python.
    Pypi,
    /// RPM packages.
    Rpm,
    /// RubyGems.
    Rubygems,
    /// Terraform and OpenTofu modules.
    TerraformModule,
    /// A type that this release doesn't know, by GitLab's name for it.
    Other(String),
}

impl PackageType {
    /// Every type that this release knows.
    pub const KNOWN: [Self; 15] = [
        Self::Cargo,
        Self::Composer,
        Self::Conan,
        Self::Debian,
        Self::Generic,
        Self::Golang,
        Self::Helm,
        Self::Maven,
        Self::MlModel,
        Self::Npm,
        Self::Nuget,
        Self::Pypi,
        Self::Rpm,
        Self::Rubygems,
        Self::TerraformModule,
    ];

    /// Reads GitLab's name for a type; every name is that of some type.
    #[must_use]
    pub fn parse(name: &str) -> Self {
        Self::KNOWN.into_iter().find(|known| known.as_str() == name).unwrap_or_else(|| Self::Other(name.to_owned()))
    }

    /// Returns GitLab's name for it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Other(name) => name,
            known => known.facts().name,
        }
    }

    /// Returns the names of the known types for which `wanted` holds.
    pub fn names_where(wanted: fn(&Facts) -> bool) -> impl Iterator<Item = &'static str> + Clone {
        Self::KNOWN.into_iter().map(|known| known.facts()).filter(move |facts| wanted(facts)).map(|facts| facts.name)
    }

    /// Returns whether this release knows it.
    #[must_use]
    pub fn is_known(&self) -> bool {
        !matches!(self, Self::Other(_))
    }

    /// Returns whether a row of this type can get another file after its creation, so that its own date says nothing
    /// about its newest content.
    #[must_use]
    pub fn gains_files(&self) -> bool {
        self.facts().growth == Growth::ByFiles
    }

    /// Returns whether its clients know a latest version, so that deleting it would send them to another one.
    #[must_use]
    pub fn has_latest(&self) -> bool {
        self.facts().latest != Latest::None
    }
}

impl fmt::Display for PackageType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for PackageType {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}
