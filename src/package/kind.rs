//! GitLab's `package_type`: an open set, because new releases of GitLab bring new types.

use std::fmt;

use serde::{Serialize, Serializer};

/// Source: `app/models/packages/package.rb`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PackageType {
    Composer,
    Conan,
    Debian,
    Generic,
    Golang,
    Helm,
    Maven,
    MlModel,
    Npm,
    Nuget,
    Pypi,
    Rpm,
    Rubygems,
    TerraformModule,
    /// A type that this release doesn't know, by GitLab's name for it.
    Other(String),
}

impl PackageType {
    /// Every type that this release knows.
    pub const KNOWN: [Self; 14] = [
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

    #[must_use]
    pub fn parse(name: &str) -> Self {
        Self::KNOWN.into_iter().find(|known| known.as_str() == name).unwrap_or_else(|| Self::Other(name.to_owned()))
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Composer => "composer",
            Self::Conan => "conan",
            Self::Debian => "debian",
            Self::Generic => "generic",
            Self::Golang => "golang",
            Self::Helm => "helm",
            Self::Maven => "maven",
            Self::MlModel => "ml_model",
            Self::Npm => "npm",
            Self::Nuget => "nuget",
            Self::Pypi => "pypi",
            Self::Rpm => "rpm",
            Self::Rubygems => "rubygems",
            Self::TerraformModule => "terraform_module",
            Self::Other(name) => name,
        }
    }

    /// Whether a package of this type can get another file after its creation, so that its own date says nothing
    /// about its newest content. A type that this release doesn't know is taken to.
    #[must_use]
    pub fn gains_files(&self) -> bool {
        !matches!(self, Self::Npm | Self::Helm | Self::TerraformModule | Self::Rubygems | Self::Composer | Self::Golang)
    }

    /// Whether only a rule that names this type may delete it: models back GitLab's model registry, and of an
    /// unknown type nothing is known.
    #[must_use]
    pub fn must_be_named(&self) -> bool {
        matches!(self, Self::MlModel | Self::Other(_))
    }

    /// Whether its clients know a latest version, so that deleting it would send them to another one.
    #[must_use]
    pub fn has_latest(&self) -> bool {
        !matches!(self, Self::Generic | Self::MlModel)
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
