//! A row of a corner before its ages are times.

use jiff::Timestamp;

use super::super::Random;
use super::super::files::{Sums, file};
use super::super::history::before;
use super::run::Run;
use crate::registry::{Conan, FileStatus, Package, PackageType, Status, Tag};

/// A row with its files. All ages are seconds before the start.
pub(super) struct Draft {
    package: Package,
    age: i64,
    /// When the row was really made; `created_at` says otherwise for Go alone.
    pub(super) made: i64,
    downloaded: Option<i64>,
    files: Vec<(String, i64, FileStatus)>,
    tags: Vec<&'static str>,
    /// Oldest first.
    pub(super) runs: Vec<Run>,
}

impl Draft {
    /// A row of this age without files, that nobody has downloaded.
    pub(super) fn new(package_type: PackageType, name: &str, version: &str, age: i64) -> Self {
        let (name, version) = (name.to_owned(), Some(version.to_owned()));
        let package = Package { package_type, name, version, ..Package::default() };
        Self { package, age, made: age, downloaded: None, files: Vec::new(), tags: Vec::new(), runs: Vec::new() }
    }

    /// Where GitLab puts an upload until it has read it, and leaves it when it can't: version `0.0.0-` and a UUID, here
    /// the one with this number (app/services/packages/create_temporary_package_service.rb).
    pub(super) fn temporary(package_type: PackageType, name: &str, number: u64, age: i64) -> Self {
        let version = format!("0.0.0-{}", uuid(number));
        Self::new(package_type, name, &version, age).status(Status::Processing)
    }

    pub(super) fn versionless(mut self) -> Self {
        self.package.version = None;
        self
    }

    pub(super) fn made(mut self, age: i64) -> Self {
        self.made = age;
        self
    }

    /// A further file; so many seconds ago it came.
    pub(super) fn file(mut self, name: impl Into<String>, age: i64) -> Self {
        self.files.push((name.into(), age, FileStatus::Default));
        self
    }

    /// Further files that came at once.
    pub(super) fn files(self, names: &[&str], age: i64) -> Self {
        names.iter().fold(self, |draft, name| draft.file(*name, age))
    }

    /// A further file that no listing of files shows.
    pub(super) fn unread_file(mut self, name: &str, age: i64) -> Self {
        self.files.push((name.to_owned(), age, FileStatus::Processing));
        self
    }

    pub(super) fn status(mut self, status: Status) -> Self {
        self.package.status = status;
        self
    }

    pub(super) fn downloaded(mut self, age: i64) -> Self {
        self.downloaded = Some(age);
        self
    }

    pub(super) fn tag(mut self, name: &'static str) -> Self {
        self.tags.push(name);
        self
    }

    /// A further pipeline that published to it.
    pub(super) fn built_by(mut self, run: Run) -> Self {
        self.runs.push(run);
        self
    }

    pub(super) fn conan(mut self, username: &str, channel: &str) -> Self {
        self.package.conan = Some(Conan { username: username.to_owned(), channel: channel.to_owned() });
        self
    }

    /// The row in this project, still without ids.
    pub(super) fn package(self, project: u64, start: Timestamp, random: &mut Random) -> Package {
        let mut package = self.package;
        let sums = match package.package_type {
            PackageType::Maven | PackageType::Conan | PackageType::Pypi | PackageType::Debian | PackageType::Golang => {
                Sums::All
            }
            PackageType::Npm => Sums::Sha1,
            _ => Sums::Sha256,
        };
        package.project_id = project;
        package.created_at = before(start, self.age);
        package.updated_at = before(start, self.made);
        package.last_downloaded_at = self.downloaded.map(|age| before(start, age));
        for (name, age, status) in self.files {
            let mut file = file(name, sums, (12, 22), random);
            file.status = status;
            file.created_at = before(start, age);
            file.updated_at = file.created_at;
            package.files.push(file);
        }
        let (created_at, updated_at) = (package.updated_at, package.updated_at);
        package.tags.extend(self.tags.into_iter().map(|name| Tag {
            id: 0,
            name: name.to_owned(),
            created_at,
            updated_at,
        }));
        package
    }
}

/// The UUID of the fourth version with this number.
fn uuid(number: u64) -> String {
    let hex = Random::new(number).hex(16);
    format!("{}-{}-4{}-a{}-{}", &hex[..8], &hex[8..12], &hex[13..16], &hex[17..20], &hex[20..])
}
