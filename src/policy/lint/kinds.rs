//! What GitLab lets the packages of each type be called.
//!
//! Source: `lib/gitlab/regex/packages.rb` and the validations in `app/models/packages/package.rb`.

use crate::package::PackageType;

/// Whether the names of a type have a `/` in them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Slash {
    /// A group, vendor or host comes first.
    Always,
    /// A scoped name has one.
    Sometimes,
    Never,
    Unknown,
}

pub(super) fn slash(package_type: &PackageType) -> Slash {
    match package_type {
        PackageType::Composer | PackageType::Golang | PackageType::Maven | PackageType::TerraformModule => {
            Slash::Always
        }
        PackageType::Npm => Slash::Sometimes,
        PackageType::Conan
        | PackageType::Debian
        | PackageType::Generic
        | PackageType::Helm
        | PackageType::Nuget
        | PackageType::Pypi
        | PackageType::Rpm
        | PackageType::Rubygems => Slash::Never,
        PackageType::MlModel | PackageType::Other(_) => Slash::Unknown,
    }
}

/// A name as such packages have it.
pub(super) fn example(package_type: &PackageType) -> &'static str {
    match package_type {
        PackageType::Composer => "acme/api",
        PackageType::Golang => "gitlab.example/acme/api",
        PackageType::Maven => "com/acme/api",
        PackageType::TerraformModule => "network/aws",
        _ => "@acme/api",
    }
}

/// Whether packages of the type have tags.
pub(super) fn has_tags(package_type: &PackageType) -> bool {
    matches!(package_type, PackageType::Npm | PackageType::Nuget | PackageType::Other(_))
}

/// Whether packages of the type have a user and a channel.
pub(super) fn has_channel(package_type: &PackageType) -> bool {
    matches!(package_type, PackageType::Conan | PackageType::Other(_))
}

/// Whether versions of the type can be told to be pre-releases.
pub(super) fn has_prereleases(package_type: &PackageType) -> bool {
    !matches!(package_type, PackageType::Generic | PackageType::MlModel | PackageType::Other(_))
}

/// What every version of the type begins with, as a regular expression and in words, where that is certain.
pub(super) fn version_begin(package_type: &PackageType) -> Option<(&'static str, &'static str)> {
    match package_type {
        PackageType::Npm | PackageType::Nuget | PackageType::TerraformModule => Some(("[0-9].*", "with a digit")),
        PackageType::Golang => Some(("v.*", "with `v`")),
        _ => None,
    }
}
