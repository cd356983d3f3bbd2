//! Maven snapshots whose rows and files don't tell what they seem to.

use jiff::Timestamp;

use super::draft::Draft;
use super::{DAY, before};
use crate::registry::PackageType;

const NAME: &str = "com/acme/corners/app";

pub(super) fn imports(start: Timestamp) -> Vec<Draft> {
    vec![imported(start), broken_off(start), metadata()]
}

/// Seconds between two files of the import.
const STEP: i64 = 20;

/// A snapshot that somebody moved here from another repository in one go, thirty days ago: a file's id and `created_at`
/// are those of its upload (app/services/packages/create_package_file_service.rb). The builds came as 7, 5, 6 and 4,
/// and `maven-metadata.xml`, which names build 7, before them all. The names alone tell that no build is younger than
/// 210 days, and which is the last.
fn imported(start: Timestamp) -> Draft {
    let mut age = 30 * DAY;
    let mut row = Draft::new(PackageType::Maven, NAME, "1.0-SNAPSHOT", age).file("maven-metadata.xml", age);
    for (number, built) in [(7, 210 * DAY), (5, 270 * DAY), (6, 240 * DAY), (4, 300 * DAY)] {
        for kind in ["jar", "pom"] {
            age -= STEP;
            row = row.file(snapshot_file("app-1.0", number, built, kind, start), age);
        }
    }
    row
}

/// A snapshot whose third deployment broke off after the jar: there is neither a pom nor a `maven-metadata.xml` of it,
/// so that clients still resolve to build 2, although its files are not the newest (lib/api/maven_packages.rb takes
/// each file by itself).
fn broken_off(start: Timestamp) -> Draft {
    let file = |number, age, kind| snapshot_file("app-2.0", number, age, kind, start);
    let row = Draft::new(PackageType::Maven, NAME, "2.0-SNAPSHOT", 200 * DAY);
    let row = [(1, 200 * DAY), (2, 100 * DAY)].into_iter().fold(row, |row, (number, age)| {
        row.file(file(number, age, "jar"), age)
            .file(file(number, age, "pom"), age - 1)
            .file("maven-metadata.xml", age - 2)
    });
    row.file(file(3, 3 * DAY, "jar"), 3 * DAY)
}

/// The row that lists both, as the import and the two complete deployments left it.
fn metadata() -> Draft {
    let row = Draft::new(PackageType::Maven, NAME, "", 200 * DAY).versionless();
    [200 * DAY, 100 * DAY, 30 * DAY].into_iter().fold(row, |row, age| row.file("maven-metadata.xml", age - 3))
}

/// A file of a snapshot's build, by the name that Maven gives it: `app-1.0-20250801.101010-7.jar`.
pub(super) fn snapshot_file(stem: &str, build: u32, age: i64, kind: &str, start: Timestamp) -> String {
    let stamp = before(start, age).strftime("%Y%m%d.%H%M%S");
    format!("{stem}-{stamp}-{build}.{kind}")
}
