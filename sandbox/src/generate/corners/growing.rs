//! Rows that get files later, of every type that has such: each was made two years ago and got a file today. And rows
//! of the types that never do.
//!
//! A file is a row of its own and touches none, so the `created_at` and `updated_at` of a package stay what they were.

use jiff::Timestamp;

use super::draft::Draft;
use super::maven::snapshot_file;
use super::{OLD, TODAY};
use crate::registry::{PackageType, Status};

pub(super) fn growing(start: Timestamp) -> Vec<Draft> {
    vec![
        conan(),
        debian(),
        generic(),
        golang(),
        helm(),
        maven_release(),
        maven_snapshot(start),
        maven_metadata(),
        ml_model(),
        nuget(),
        pypi(),
        rubygems(),
    ]
}

fn old(package_type: PackageType, name: &str) -> Draft {
    Draft::new(package_type, name, "1.4.0", OLD)
}

/// A second binary of the same recipe: every upload adds files, whose names repeat for each package reference and
/// revision (app/services/packages/conan/create_package_file_service.rb).
fn conan() -> Draft {
    old(PackageType::Conan, "corner-codec")
        .conan("acme", "stable")
        .files(&["conanfile.py", "conanmanifest.txt"], OLD)
        .files(&["conaninfo.txt", "conanmanifest.txt", "conan_package.tgz"], OLD)
        .files(&["conaninfo.txt", "conanmanifest.txt", "conan_package.tgz"], TODAY)
}

/// The same version for another architecture: a row is a *source* package, and takes each of its `.deb`s
/// (app/services/packages/debian/process_package_file_service.rb).
fn debian() -> Draft {
    Draft::new(PackageType::Debian, "corner-agent", "1.4.0-1", OLD)
        .files(&["corner-agent_1.4.0-1.dsc", "corner-agent_1.4.0.orig.tar.xz", "corner-agent_1.4.0-1_amd64.deb"], OLD)
        .file("corner-agent_1.4.0-1_arm64.deb", TODAY)
}

/// A build for another system (app/services/packages/generic/create_package_file_service.rb).
fn generic() -> Draft {
    old(PackageType::Generic, "corner-tool")
        .file("corner-tool-linux.tar.gz", OLD)
        .file("corner-tool-macos.tar.gz", TODAY)
}

/// A commit of two years ago whose module was made today: `created_at` is the commit's date, and the two files alone,
/// which never get company, tell the real one (app/services/packages/go/create_package_service.rb).
fn golang() -> Draft {
    Draft::new(PackageType::Golang, "gitlab.acme.example/acme/corners/growing", "v1.4.0", OLD)
        .made(TODAY)
        .files(&["v1.4.0.mod", "v1.4.0.zip"], TODAY)
}

/// The same chart pushed again: its file moves into the old row, where it has the name of the first
/// (app/services/packages/helm/process_file_service.rb).
fn helm() -> Draft {
    let chart = "corner-chart-1.4.0.tgz";
    old(PackageType::Helm, "corner-chart").file(chart, OLD).file(chart, TODAY)
}

/// A classifier that came later (app/services/packages/maven/find_or_create_package_service.rb).
fn maven_release() -> Draft {
    old(PackageType::Maven, "com/acme/corners/library")
        .files(&["library-1.4.0.jar", "library-1.4.0.pom"], OLD)
        .file("library-1.4.0-sources.jar", TODAY)
}

/// A snapshot that was built again: every build goes into one row, and brings a `maven-metadata.xml`.
fn maven_snapshot(start: Timestamp) -> Draft {
    let builds = [(1, OLD), (2, TODAY)];
    let snapshot = Draft::new(PackageType::Maven, "com/acme/corners/library", "1.5.0-SNAPSHOT", OLD);
    builds.into_iter().fold(snapshot, |draft, (number, age)| {
        let file = |kind| snapshot_file("library-1.5.0", number, age, kind, start);
        draft.file(file("jar"), age).file(file("pom"), age).file("maven-metadata.xml", age)
    })
}

/// The row without a version that lists the artifact's versions: each deployment adds its own `maven-metadata.xml`
/// (lib/api/maven_packages.rb).
fn maven_metadata() -> Draft {
    old(PackageType::Maven, "com/acme/corners/library")
        .versionless()
        .file("maven-metadata.xml", OLD)
        .file("maven-metadata.xml", TODAY)
}

/// A file that was added to a version of a model; a folder is part of its name
/// (app/services/packages/ml_model/create_package_file_service.rb).
fn ml_model() -> Draft {
    old(PackageType::MlModel, "corner-forecast").file("MLmodel", OLD).file("weights%2Fmodel.onnx", TODAY)
}

/// Symbols that came later (app/services/packages/nuget/update_package_from_metadata_service.rb).
fn nuget() -> Draft {
    old(PackageType::Nuget, "Acme.Corner").file("acme.corner.1.4.0.nupkg", OLD).file("acme.corner.1.4.0.snupkg", TODAY)
}

/// A wheel for another platform (app/services/packages/pypi/create_package_service.rb).
fn pypi() -> Draft {
    old(PackageType::Pypi, "acme-corner")
        .files(&["acme_corner-1.4.0.tar.gz", "acme_corner-1.4.0-cp313-cp313-manylinux_2_28_x86_64.whl"], OLD)
        .file("acme_corner-1.4.0-cp313-cp313-manylinux_2_28_aarch64.whl", TODAY)
}

/// The same gem pushed again, or that of another platform, which GitLab's file name leaves out; with a further gemspec
/// (app/services/packages/rubygems/process_gem_service.rb).
fn rubygems() -> Draft {
    let files = ["acme-corner-1.4.0.gem", "acme-corner.gemspec"];
    old(PackageType::Rubygems, "acme-corner").files(&files, OLD).files(&files, TODAY)
}

/// Rows that are as old as their files, and stay so: a second upload is refused.
pub(super) fn settled(_: Timestamp) -> Vec<Draft> {
    vec![
        // app/services/packages/npm/create_package_service.rb; a file's name has the scope, and its slash.
        old(PackageType::Npm, "@acme/corner").file("@acme/corner-1.4.0.tgz", OLD).tag("latest"),
        // Deprecating rewrites status and metadata (app/services/packages/npm/deprecate_package_service.rb).
        Draft::new(PackageType::Npm, "@acme/corner", "1.3.0", OLD + 1000)
            .file("@acme/corner-1.3.0.tgz", OLD + 1000)
            .status(Status::Deprecated),
        // app/services/packages/terraform_module/create_package_service.rb
        old(PackageType::TerraformModule, "corner/aws").file("corner-aws-1.4.0.tgz", OLD),
        // app/models/packages/cargo/package.rb
        old(PackageType::Cargo, "corner-kit").file("corner-kit-1.4.0.crate", OLD),
    ]
}
