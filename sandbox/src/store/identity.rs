//! When two uploads are of one package, and what the second one does.

use crate::registry::{Conan, Package, PackageType};

/// The effect of an upload of a name and version that a project has already, by its type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Again {
    /// Its files join those that are there; several may have one name.
    Files,
    /// Its files join those that are there, unless one of them has the name.
    OtherFiles,
    /// It changes what no row shows. The type has no files at all.
    Metadata,
    /// It is refused.
    Refused,
}

impl Again {
    /// What GitLab does by default, where no setting forbids duplicates; `None` for a type that nobody can publish.
    pub(super) fn of(kind: &PackageType) -> Option<Self> {
        match kind {
            // lib/api/{conan,debian,generic,maven,ml_model,nuget}_packages.rb, app/services/packages/helm and rubygems.
            PackageType::Conan
            | PackageType::Debian
            | PackageType::Generic
            | PackageType::Helm
            | PackageType::Maven
            | PackageType::MlModel
            | PackageType::Nuget
            | PackageType::Rubygems => Some(Self::Files),
            // app/services/packages/pypi/create_package_service.rb
            PackageType::Pypi => Some(Self::OtherFiles),
            // app/services/packages/composer/create_package_service.rb
            PackageType::Composer => Some(Self::Metadata),
            // app/services/packages/npm/create_package_service.rb, terraform_module/create_package_service.rb and
            // app/models/packages/cargo; a Go module has its two files at once.
            PackageType::Npm
            | PackageType::TerraformModule
            | PackageType::Cargo
            | PackageType::Golang
            | PackageType::Other(_) => Some(Self::Refused),
            // Its upload route ends in 404.
            PackageType::Rpm => None,
        }
    }
}

/// The name and version by which GitLab finds the row of an upload.
pub(super) fn identity(package: &Package) -> (String, Option<String>) {
    let (name, version) = (&package.name, package.version.as_deref());
    match package.package_type {
        // app/finders/packages/nuget/package_finder.rb
        PackageType::Nuget => (name.to_lowercase(), version.map(normalised)),
        // app/models/packages/cargo/package.rb
        PackageType::Cargo => {
            let version = version.map(|version| version.split('+').next().unwrap_or_default().to_lowercase());
            (name.to_lowercase().replace('_', "-"), version)
        }
        PackageType::Conan => {
            let part = |part: fn(&Conan) -> &str| {
                let part = package.conan.as_ref().map(part).filter(|part| !part.is_empty());
                part.unwrap_or("_").to_owned()
            };
            let (user, channel) = (part(|conan| &conan.username), part(|conan| &conan.channel));
            (format!("{name}@{user}/{channel}"), version.map(str::to_owned))
        }
        _ => (name.clone(), version.map(str::to_owned)),
    }
}

/// NuGet's normal form of a version: no build metadata, no leading zeros, and a fourth number only if it is none
/// (`1.0` is `1.0.0` is `1.0.0.0`).
fn normalised(version: &str) -> String {
    let version = version.to_lowercase();
    let bare = version.split('+').next().unwrap_or_default();
    let (numbers, label) = bare.split_once('-').map_or((bare, None), |(numbers, label)| (numbers, Some(label)));
    let mut numbers: Vec<&str> = numbers
        .split('.')
        .map(|number| match number.trim_start_matches('0') {
            "" => "0",
            number => number,
        })
        .collect();
    while numbers.len() < 3 {
        numbers.push("0");
    }
    if numbers.len() == 4 && numbers[3] == "0" {
        numbers.pop();
    }
    let numbers = numbers.join(".");
    label.map_or_else(|| numbers.clone(), |label| format!("{numbers}-{label}"))
}

#[cfg(test)]
mod tests {
    use super::normalised;

    #[test]
    fn nuget_versions_have_a_normal_form() {
        for text in ["1.0", "1.0.0", "1.0.0.0", "01.00", "1.0+build.7"] {
            assert_eq!(normalised(text), "1.0.0", "{text}");
        }
        assert_eq!(normalised("1.2.3.4-Beta.1+x"), "1.2.3.4-beta.1");
        assert_ne!(normalised("1.0.1"), normalised("1.0.10"));
    }
}
