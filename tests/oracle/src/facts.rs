//! What the documentation says of each package type: how its rows get content, what its clients take for the latest, and
//! which names, versions and channels are one to them.

use std::borrow::Cow;
use std::sync::LazyLock;

use gleaner::package::{Package, PackageType, Status};
use regex::Regex;

/// Whether rows of a type get content after they were made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Growth {
    /// They don't: the row's date is that of its content, whatever its files say.
    AtOnce,
    /// By files, whose dates tell.
    ByFiles,
    /// There are no files, and nothing tells when a branch was published again.
    InPlace,
}

/// Returns how rows of a type get content.
#[must_use]
pub fn growth(package_type: &PackageType) -> Growth {
    match package_type.as_str() {
        "npm" | "terraform_module" | "cargo" => Growth::AtOnce,
        "composer" => Growth::InPlace,
        _ => Growth::ByFiles,
    }
}

/// Whether nothing can tell when it got its newest content.
#[must_use]
pub fn has_unknown_age(package: &Package) -> bool {
    let version = package.version.as_deref().unwrap_or_default();
    growth(&package.package_type) == Growth::InPlace && (version.starts_with("dev-") || version.ends_with("-dev"))
}

/// Whether its clients know a latest version.
pub(crate) fn has_latest(package_type: &PackageType) -> bool {
    !matches!(package_type.as_str(), "generic" | "ml_model")
}

/// Whether its versions may lie in indexes that GitLab doesn't show.
pub(crate) fn has_several_indexes(package_type: &PackageType) -> bool {
    matches!(package_type.as_str(), "debian" | "helm")
}

/// What all spellings of a name have in common.
#[must_use]
pub fn folded_name<'n>(package_type: &PackageType, name: &'n str) -> Cow<'n, str> {
    match package_type.as_str() {
        "nuget" => Cow::Owned(name.to_lowercase()),
        "cargo" => Cow::Owned(name.to_lowercase().replace('_', "-")),
        "pypi" => {
            // Any run of separators is one.
            static SEPARATORS: LazyLock<Regex> = LazyLock::new(|| Regex::new("[-_.]+").expect("an expression"));
            Cow::Owned(SEPARATORS.replace_all(name, "-").to_lowercase())
        }
        _ => Cow::Borrowed(name),
    }
}

/// What all spellings of a version have in common.
#[must_use]
pub fn folded_version<'v>(package_type: &PackageType, version: &'v str) -> Cow<'v, str> {
    package_type.facts().versions.normal(version)
}

/// Whether one version may be written with more zeros or fewer.
pub(crate) fn has_spelled_versions(package_type: &PackageType) -> bool {
    matches!(package_type.as_str(), "nuget" | "pypi")
}

/// Conan's user and channel; `_/_` is how it writes that there is neither.
pub(crate) fn channel(package: &Package) -> Option<&str> {
    package.channel.as_deref().filter(|channel| *channel != "_/_")
}

/// Returns whether two rows are versions of one package.
#[must_use]
pub fn are_siblings(one: &Package, other: &Package) -> bool {
    one.project.id == other.project.id
        && one.package_type == other.package_type
        && folded_name(&one.package_type, &one.name) == folded_name(&other.package_type, &other.name)
        && channel(one) == channel(other)
}

/// Whether the row only stands for an upload that is under way or failed: version `0.0.0-` and a UUID.
pub(crate) fn is_upload(package: &Package) -> bool {
    let uuid = package.version.as_deref().and_then(|version| version.strip_prefix("0.0.0-"));
    let groups = uuid.map(|uuid| uuid.split('-').map(str::len).collect::<Vec<_>>());
    let is_hexadecimal = |uuid: &str| uuid.chars().all(|c| c == '-' || c.is_ascii_hexdigit());
    matches!(package.status, Status::Processing | Status::Error)
        && groups.is_some_and(|groups| groups == [8, 4, 4, 4, 12])
        && uuid.is_some_and(is_hexadecimal)
}

/// Whether a version of Maven is one that is built again and again, or one of these builds.
pub(crate) fn is_snapshot(version: &str) -> bool {
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let mut parts = version.rsplit('-');
    let (number, time) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    let is_time = time
        .split_once('.')
        .is_some_and(|(day, time)| day.len() == 8 && time.len() == 6 && is_number(day) && is_number(time));
    version.ends_with("-SNAPSHOT") || (is_time && is_number(number) && parts.next().is_some())
}

#[test]
fn spellings_of_one_name_and_of_one_version_are_one() {
    let names = [
        ("nuget", "Acme.Core", "acme.core", true),
        ("nuget", "Acme.Core", "acme_core", false),
        ("pypi", "Acme.Core", "acme_core", true),
        ("pypi", "acme_-.core", "ACME-CORE", true),
        ("pypi", "acmecore", "acme-core", false),
        ("cargo", "Acme_Core", "acme-core", true),
        ("cargo", "acme.core", "acme-core", false),
        ("npm", "acme-core", "Acme-Core", false),
    ];
    for (package_type, one, other, is_one) in names {
        let folded = |name| folded_name(&PackageType::parse(package_type), name);
        assert_eq!(folded(one) == folded(other), is_one, "{package_type} {one} {other}");
    }
    let versions = [
        ("nuget", "1.0", "1.0.0.0", true),
        ("nuget", "1.0-RC1", "1.0.0-rc1", true),
        ("nuget", "1.0", "1.0.0+b7", true),
        ("nuget", "1.0", "1.0.0.1", false),
        ("pypi", "1.0", "1", true),
        ("pypi", "1.0rc1", "1.0.0-RC1", true),
        ("pypi", "v1.0", "1.0.0", true),
        ("pypi", "1.0", "1.0.post1", false),
        ("maven", "1.0", "1.0.0", false),
        ("generic", "1.0", "1.0.0", false),
        ("rubygems", "1.0", "1.0.0", false),
    ];
    for (package_type, one, other, is_one) in versions {
        let package_type = PackageType::parse(package_type);
        let folded = |version| folded_version(&package_type, version);
        assert_eq!(folded(one) == folded(other), is_one, "{package_type} {one} {other}");
    }
}
