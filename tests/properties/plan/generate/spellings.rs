//! Names and versions as each type writes them, and in several ways where its clients take them for one.

use gleaner::package::{Package, PackageType};
use gleaner_oracle::facts::{folded_name, folded_version};

/// Several are one name, or one to some type.
pub(super) const NAMES: [&str; 12] = [
    "core",
    "core",
    "core",
    "Core",
    "acme-core",
    "acme_core",
    "Acme.Core",
    "acme__core",
    "core-api",
    "lib/b",
    "lib",
    "Acme-Core",
];

/// The version of a row that only stands for an upload.
pub(super) const UPLOAD: &str = "0.0.0-8f14e45f-ceea-467f-a8f8-1b1f0f1b2c3d";

/// Versions as the type has them: few, so that they meet, with pre-releases, and with other spellings where there are any.
pub(super) fn versions(package_type: &PackageType) -> &'static [&'static str] {
    match package_type.as_str() {
        "cargo" => &["1.0.0", "1.0.0+b7", "1.1.0", "1.1.0-rc.1", "1.1.0-RC.1", "2.0.0-alpha", UPLOAD],
        "composer" => &["1.0.0", "v1.1.0", "1.1.0-RC1", "dev-main", "dev-main", "dev-feature/x", "2.x-dev"],
        "conan" => &["1.2.11", "1.3.0", "1.3.0-beta", "1.3.0+b7", "cci.20200101"],
        "debian" => &["1.0-1", "1.0~rc1-1", "2.0-1", "1:0.9-1", UPLOAD],
        "generic" => {
            &["1.0.0", "1.0.0-rc2", "v1.0.0-beta.1", "2.1-SNAPSHOT", "1.0-20250801.101010-7", "3f2a9c1", "nightly"]
        }
        "golang" => &["v1.0.0", "v1.1.0", "v1.1.0-rc.1", "v0.0.0-20240101000000-abcdefabcdef", "1.0.0"],
        "helm" => &["1.0.0", "v1.0.0", "1.0.0+a", "1.0.0+b", "2.0.0", "2.0.0-rc.1", UPLOAD],
        "maven" => &["1.0", "1.0.0", "1.1", "1.1-rc-1", "1.0-SNAPSHOT", "1.0-20250801.101010-7", "2.0-SNAPSHOT"],
        "ml_model" => &["1.0.0", "1.1.0", "candidate_7"],
        "npm" => &["1.0.0", "1.0.0+b7", "2.0.0", "2.0.0-beta.1", "3.0.0-rc.1", UPLOAD],
        "nuget" => &["1.0", "1.0.0", "1.0.0.0", "1.0.0+b7", "1.0-RC1", "1.0.0-rc1", "2.0", "2.0-preview.1", UPLOAD],
        "pypi" => &["1.0", "1.0.0", "1", "v1.0", "1.0rc1", "1.0.0-RC1", "1.0.post1", "2.0.dev3", "2.0"],
        "rpm" => &["1.0-1", "1.1-1", "1.1~rc1-1"],
        "rubygems" => &["1.0.0", "1.0", "2.0.0", "2.0.0.rc1", "2.0.0.pre", UPLOAD],
        "terraform_module" => &["1.0.0", "1.1.0", "1.1.0-rc.1"],
        _ => &["1.0.0", "2.0.0"],
    }
}

/// The other spellings of a package's name that are made here.
pub(crate) fn other_names(package: &Package) -> Vec<&'static str> {
    let folded = |name: &str| folded_name(&package.package_type, name).into_owned();
    let is_one = |name: &&str| *name != package.name && folded(name) == folded(&package.name);
    NAMES.into_iter().filter(is_one).collect()
}

/// The other spellings of its version, for the types that have any. Cargo has none: a publish that differs in case or build
/// alone is refused.
pub(crate) fn other_versions(package: &Package) -> Vec<&'static str> {
    let Some(version) = package.version.as_deref() else { return Vec::new() };
    if !matches!(package.package_type, PackageType::Nuget | PackageType::Pypi) {
        return Vec::new();
    }
    let folded = |version: &str| folded_version(&package.package_type, version).into_owned();
    let is_one = |other: &&&str| **other != version && folded(other) == folded(version);
    versions(&package.package_type).iter().filter(is_one).copied().collect()
}
