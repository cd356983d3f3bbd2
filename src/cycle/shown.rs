//! Finds out whether GitLab shows certain packages and files of a project still, by listings alone.

use std::collections::{BTreeSet, HashSet};

use crate::cycle::look::rows::is_sought_as_written;
use crate::gitlab::{Error, Listing, ListingOrder, ListingSource, PageNumber, Reader};
use crate::package::{FileId, PackageId, PackageType, ProjectId, Status};

/// What GitLab shows of a project that the token sees: the packages of a type and a name.
pub(super) struct PackagesShown {
    packages: HashSet<PackageId>,
    files: HashSet<FileId>,
}

/// The packages that one listing shows.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct NameSought {
    pub(super) project: ProjectId,
    pub(super) package_type: String,
    pub(super) name: String,
}

impl PackagesShown {
    /// Reads the listing to its end, with hidden packages, and the files of some of them. An empty listing proves nothing
    /// where the project can't be seen, so whoever asks has asked for the project before.
    ///
    /// # Errors
    ///
    /// When something can't be read.
    pub(super) async fn of(
        reader: &Reader,
        sought: &NameSought,
        with_files: &BTreeSet<PackageId>,
    ) -> Result<Self, Error> {
        let mut packages = HashSet::new();
        for status in [None, Some(Status::Hidden)] {
            // A row may slip through between two pages, and hardly twice.
            for _ in 0..2 {
                if listed(reader, &sought.listing(status.clone()), &mut packages).await? <= 1 {
                    break;
                }
            }
        }
        let mut files = HashSet::new();
        for package in with_files.iter().filter(|package| packages.contains(package)) {
            for _ in 0..2 {
                let reading = reader.package_files(sought.project, *package).await?;
                files.extend(reading.rows.iter().map(|file| file.id));
                if reading.pages <= 1 {
                    break;
                }
            }
        }
        Ok(Self { packages, files })
    }

    /// Returns whether a package is there, or a file of it where one is named.
    pub(super) fn has(&self, package: PackageId, file: Option<FileId>) -> bool {
        match file {
            Some(file) => self.files.contains(&file),
            None => self.packages.contains(&package),
        }
    }
}

impl NameSought {
    fn listing(&self, status: Option<Status>) -> Listing {
        Listing {
            source: ListingSource::Project(self.project.into()),
            package_type: Some(PackageType::parse(&self.package_type)),
            status,
            name: is_sought_as_written(&self.name).then(|| self.name.clone()),
            order: ListingOrder::OldestFirst,
        }
    }
}

/// Reads a listing to its end, and returns how many pages it has.
async fn listed(reader: &Reader, listing: &Listing, ids: &mut HashSet<PackageId>) -> Result<u32, Error> {
    let (mut next, mut pages) = (Some(PageNumber::FIRST), 0);
    while let Some(number) = next {
        let page = reader.packages_page(listing, number).await?;
        ids.extend(page.rows.iter().map(|row| row.id));
        next = page.next;
        pages += 1;
    }
    Ok(pages)
}
