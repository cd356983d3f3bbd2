//! Rows of which something is spelled in more than one way: names, versions, recipes and file names.

use jiff::Timestamp;

use super::draft::Draft;
use super::{DAY, OLD};
use crate::registry::PackageType;

pub(super) fn spellings(_: Timestamp) -> Vec<Draft> {
    [nuget(), pypi(), cargo(), conan()].into_iter().flatten().collect()
}

/// One package to NuGet, whose clients know neither case nor trailing zeros. Older releases of GitLab compared uploads
/// with the rows to the letter (app/services/packages/nuget/update_package_from_metadata_service.rb), as the uniqueness
/// of rows does to this day (app/models/packages/package.rb): so `1.0` is there twice. A new version still makes a row
/// with the name as it was spelled then.
fn nuget() -> Vec<Draft> {
    let rows = [
        ("Acme.Corners", "1.0", OLD),
        ("acme.corners", "1.0.0.0", 700 * DAY),
        ("acme.corners", "1.1.0", 400 * DAY),
        ("Acme.Corners", "1.2.0", 60 * DAY),
    ];
    let row = |(name, version, age): (&str, &str, i64)| {
        Draft::new(PackageType::Nuget, name, version, age).file(format!("{}.{version}.nupkg", name.to_lowercase()), age)
    };
    rows.map(row).into()
}

/// One project to pip (PEP 503, PEP 440), and in GitLab a row for each name and version as they were uploaded
/// (app/services/packages/pypi/create_package_service.rb, app/models/packages/pypi/package.rb).
fn pypi() -> Vec<Draft> {
    let rows = [
        ("Acme.Tools", "1.0", OLD),
        ("acme_tools", "1.0.0", 700 * DAY),
        ("acme-tools", "1.0", 650 * DAY),
        ("acme-tools", "1.0.0", 600 * DAY),
        ("acme-tools", "1.1.0", 60 * DAY),
    ];
    let row = |(name, version, age): (&str, &str, i64)| {
        Draft::new(PackageType::Pypi, name, version, age).file(format!("{name}-{version}.tar.gz"), age)
    };
    rows.map(row).into()
}

/// One crate: a row keeps name and version as they were published, and beside it stands what they are compared by, in
/// lower case, with `-` for `_` and without build metadata (app/models/packages/cargo.rb,
/// app/services/packages/cargo/update_package_from_metadata_service.rb).
fn cargo() -> Vec<Draft> {
    let rows = [("Acme_Tools", "1.0.0", OLD), ("acme-tools", "1.1.0+build.7", 400 * DAY), ("acme-tools", "1.2.0", DAY)];
    let row = |(name, version, age): (&str, &str, i64)| {
        Draft::new(PackageType::Cargo, name, version, age).file(format!("{name}-{version}.crate"), age)
    };
    rows.map(row).into()
}

/// A recipe without user and channel, shown as `zlib/1.2@_/_`, and one of the same name and version that has them: two
/// rows (app/models/packages/conan/metadatum.rb, app/models/packages/conan/package.rb).
fn conan() -> Vec<Draft> {
    let files = ["conanfile.py", "conanmanifest.txt", "conaninfo.txt", "conanmanifest.txt", "conan_package.tgz"];
    let row = |version: &str, (username, channel), age| {
        Draft::new(PackageType::Conan, "zlib", version, age).conan(username, channel).files(&files, age)
    };
    vec![row("1.2", ("_", "_"), OLD), row("1.2", ("acme", "stable"), 700 * DAY), row("1.3", ("_", "_"), 60 * DAY)]
}

/// Files in folders: the path becomes part of the name, and the whole is percent-encoded; a file without one keeps its
/// name (lib/api/generic_packages.rb). What is uploaded again is a second file of the name.
pub(super) fn folders(_: Timestamp) -> Vec<Draft> {
    let row = Draft::new(PackageType::Generic, "corner-app", "2.0.0", OLD)
        .files(&["release%2Fapp.tgz", "debug%2Fa%2Bb.zip", "app.tgz", "a+b.zip"], OLD)
        .file("release%2Fapp.tgz", 10 * DAY);
    vec![row]
}
