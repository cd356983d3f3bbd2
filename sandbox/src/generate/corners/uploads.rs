//! Rows of uploads that GitLab is still reading, or couldn't read.

use jiff::Timestamp;

use super::draft::Draft;
use super::{DAY, OLD, TODAY};
use crate::registry::{PackageType, Status};

/// A few minutes.
const JUST_NOW: i64 = 300;

pub(super) fn uploads(_: Timestamp) -> Vec<Draft> {
    [under_way(), failed(), published_twice()].into_iter().flatten().collect()
}

/// The types, names and files of temporary rows, which each format has of its own (`TEMPORARY_PACKAGE_NAME` in
/// app/models/packages/helm.rb, rubygems.rb, nuget.rb, debian.rb and cargo.rb).
const TEMPORARY: [(PackageType, &str, &str); 6] = [
    (PackageType::Helm, "Helm.Temporary.Package", "package.tgz"),
    (PackageType::Rubygems, "Gem.Temporary.Package", "package.gem"),
    (PackageType::Nuget, "NuGet.Temporary.Package", "package.nupkg"),
    (PackageType::Nuget, "NuGet.Temporary.SymbolPackage", "package.snupkg"),
    (PackageType::Debian, "debian-temporary-package", "corner-agent_1.5.0-1_amd64.deb"),
    (PackageType::Cargo, "Cargo-Temporary-Package", "package.crate"),
];

/// Uploads of these minutes, one of each format, and a chart whose job was lost three months ago.
fn under_way() -> Vec<Draft> {
    let now = TEMPORARY.into_iter().zip(1..);
    let now = now.map(|((kind, name, file), n)| Draft::temporary(kind, name, n, JUST_NOW).file(file, JUST_NOW));
    let [(kind, name, file), ..] = TEMPORARY;
    now.chain([Draft::temporary(kind, name, 10, 90 * DAY).file(file, 90 * DAY)]).collect()
}

/// Uploads that GitLab couldn't read: the row stays with its file, and listings show it
/// (app/workers/concerns/packages/error_handling.rb).
fn failed() -> Vec<Draft> {
    let [helm, gem, nuget, _, _, cargo] = TEMPORARY;
    let rows = [(helm, OLD), (gem, 400 * DAY), (nuget, 40 * DAY), (cargo, TODAY)];
    let rows = rows.into_iter().zip(20..).map(|(((kind, name, file), age), number)| {
        Draft::temporary(kind, name, number, age).file(file, age).status(Status::Error)
    });
    rows.collect()
}

/// Temporary rows of npm have the package's real name, with a version far below all others. A second publish of a
/// version is accepted first, and leaves one behind (app/services/packages/npm/create_temporary_package_service.rb).
fn published_twice() -> Vec<Draft> {
    let name = "@acme/corner-upload";
    let temporary = |number, age| {
        let document = format!("{name}-1.0.0.json");
        Draft::temporary(PackageType::Npm, name, number, age).unread_file(&document, age)
    };
    vec![
        Draft::new(PackageType::Npm, name, "1.0.0", 60 * DAY).file(format!("{name}-1.0.0.tgz"), 60 * DAY).tag("latest"),
        temporary(30, 20 * DAY).status(Status::Error),
        temporary(31, JUST_NOW),
    ]
}
