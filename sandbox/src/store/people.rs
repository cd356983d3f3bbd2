//! What people do to packages: they publish, upload, download, delete and move tags. Whatever can't be done changes
//! nothing.

use jiff::{SignedDuration, Timestamp};

use super::identity::{Again, identity};
use super::{Row, Store};
use crate::edition::Edition;
use crate::happenings::{ActError, NewFile, Publication};
use crate::registry::{FileStatus, Package, PackageFile, PackageType, Status, Tag};

/// A download within this time of the last one is not written down
/// (`THROTTLE_PERIOD` in app/models/concerns/packages/downloadable.rb).
const WRITTEN_AGAIN_AFTER: SignedDuration = SignedDuration::from_mins(1);

impl Store {
    /// Publishes a package. Where its project has the name and version already, its type decides: that row gets the
    /// files, or the upload is refused.
    pub(crate) fn publish(&mut self, publication: Publication, project: usize, now: Timestamp) -> Result<(), ActError> {
        let Publication { files, tags, .. } = &publication;
        let kind = publication.package_type.clone();
        let again = Again::of(&kind).ok_or_else(|| ActError::Unpublishable(kind.clone()))?;
        if again == Again::Metadata && !files.is_empty() {
            return Err(ActError::Complete(kind));
        }
        if !tags.is_empty() && !has_tags(&kind) {
            return Err(ActError::Untagged(kind));
        }
        let (files, tags) = (files.clone(), tags.clone());
        let new = self.row_of(publication, now);
        let id = match self.same(project, &new) {
            Some(_) if again == Again::Refused => {
                return Err(ActError::Published(new.project_id, kind, new.name, new.version.unwrap_or_default()));
            }
            Some(old) => {
                self.takes(old, &files)?;
                self.revive(old, now);
                old
            }
            None if self.row(new.id).is_some() => return Err(ActError::IdTaken(new.id)),
            None => {
                let id = new.id;
                self.insert(new, project);
                id
            }
        };
        files.into_iter().for_each(|file| self.add_file(id, file, now));
        match kind {
            PackageType::Npm if tags.is_empty() => self.give_tag(id, "latest".to_owned(), now),
            PackageType::Npm => tags.into_iter().for_each(|tag| self.give_tag(id, tag, now)),
            PackageType::Nuget => self.replace_tags(id, tags, now),
            _ => {}
        }
        Ok(())
    }

    /// Uploads a file into a package that is there.
    pub(crate) fn upload(&mut self, package: u64, file: NewFile, now: Timestamp) -> Result<(), ActError> {
        let row = self.row(package).filter(|row| row.package.status != Status::PendingDestruction);
        row.ok_or(ActError::NoPackage(package))?;
        self.takes(package, std::slice::from_ref(&file))?;
        self.add_file(package, file, now);
        Ok(())
    }

    /// Downloads a file of a package.
    pub(crate) fn download(&mut self, package: u64, now: Timestamp) -> Result<(), ActError> {
        let row = self.row(package).filter(|row| row.package.status.is_installable());
        let last = row.ok_or(ActError::NoPackage(package))?.package.last_downloaded_at;
        let is_recent = |last: Timestamp| now.duration_since(last) <= WRITTEN_AGAIN_AFTER;
        if self.context.edition < Edition::V18_5 || !last.is_some_and(is_recent) {
            self.change(package, |package| package.last_downloaded_at = Some(now));
        }
        Ok(())
    }

    /// Deletes a package that people can see.
    pub(crate) fn delete_package(&mut self, package: u64, now: Timestamp) -> Result<(), ActError> {
        self.shown(package)?;
        self.mark_package(package, now);
        Ok(())
    }

    /// Deletes a file that people can see.
    pub(crate) fn delete_file(&mut self, package: u64, file: u64, now: Timestamp) -> Result<(), ActError> {
        let is_there = |one: &PackageFile| one.id == file && one.status == FileStatus::Default;
        if !self.shown(package)?.files.iter().any(is_there) {
            return Err(ActError::NoFile(package, file));
        }
        self.mark_file(package, file, now);
        Ok(())
    }

    /// Gives a version a tag, and takes it from the version of the package that has it.
    pub(crate) fn move_tag(&mut self, package: u64, tag: String, now: Timestamp) -> Result<(), ActError> {
        self.tagged(package)?;
        self.give_tag(package, tag, now);
        Ok(())
    }

    /// Takes a tag away (app/services/packages/remove_tag_service.rb).
    pub(crate) fn remove_tag(&mut self, package: u64, tag: String) -> Result<(), ActError> {
        if !self.tagged(package)?.tags.iter().any(|one| one.name == tag) {
            return Err(ActError::NoTag(package, tag));
        }
        self.change(package, |package| package.tags.retain(|one| one.name != tag));
        Ok(())
    }

    /// The row that a publication makes, unless there is one.
    fn row_of(&self, publication: Publication, now: Timestamp) -> Package {
        let Publication { project, package_type, name, version, id, created_at, conan, .. } = publication;
        Package {
            id: id.unwrap_or(self.next.package),
            project_id: project,
            package_type,
            name,
            version,
            created_at: created_at.unwrap_or(now),
            updated_at: now,
            conan,
            ..Package::default()
        }
    }

    /// The id of the row that an upload goes into: one with the same name and version for its type. One that waits for its
    /// destruction is none (app/models/packages/package.rb), but older releases revive that of a gem.
    fn same(&self, project: usize, new: &Package) -> Option<u64> {
        let wanted = identity(new);
        let packages = self.rows_of(project).map(|row| &row.package);
        let same = packages.filter(|one| one.package_type == new.package_type && identity(one) == wanted);
        let (gone, live): (Vec<_>, Vec<_>) = same.partition(|one| one.status == Status::PendingDestruction);
        let is_revived = new.package_type == PackageType::Rubygems && self.context.edition == Edition::V15_11;
        let gone = gone.last().filter(|_| is_revived);
        live.first().or(gone).map(|one| one.id)
    }

    /// Refuses files that the package can't take.
    fn takes(&self, id: u64, files: &[NewFile]) -> Result<(), ActError> {
        let package = &self.row(id).ok_or(ActError::NoPackage(id))?.package;
        match Again::of(&package.package_type) {
            Some(Again::Files) => Ok(()),
            // A file's name stays taken until the hourly job has removed the file.
            Some(Again::OtherFiles) => {
                let taken = files.iter().find(|file| package.files.iter().any(|one| one.file_name == file.name));
                taken.map_or(Ok(()), |file| Err(ActError::FileTaken(id, file.name.clone())))
            }
            Some(Again::Metadata) if files.is_empty() => Ok(()),
            Some(Again::Metadata | Again::Refused) | None => Err(ActError::Complete(package.package_type.clone())),
        }
    }

    /// Takes a package back from its destruction, with its id and its date. Its files of before are on their way out
    /// (app/services/packages/rubygems/process_gem_service.rb).
    fn revive(&mut self, id: u64, now: Timestamp) {
        if self.row(id).is_some_and(|row| row.package.status == Status::PendingDestruction) {
            self.change(id, |package| {
                (package.status, package.updated_at) = (Status::Default, now);
                package.files.iter_mut().for_each(|file| file.status = FileStatus::PendingDestruction);
            });
        }
    }

    /// A package that people can see.
    fn shown(&self, id: u64) -> Result<&Package, ActError> {
        let row = self.row(id).filter(|row| row.package.status.is_displayable());
        row.map(|row| &row.package).ok_or(ActError::NoPackage(id))
    }

    /// A package whose type has tags.
    fn tagged(&self, id: u64) -> Result<&Package, ActError> {
        let row = self.row(id).filter(|row| row.package.status.is_installable());
        let package = &row.ok_or(ActError::NoPackage(id))?.package;
        if has_tags(&package.package_type) {
            Ok(package)
        } else {
            Err(ActError::Untagged(package.package_type.clone()))
        }
    }

    /// Gives a version a tag. It is one row, which moves from version to version and writes nothing else
    /// (app/services/packages/npm/create_tag_service.rb).
    fn give_tag(&mut self, id: u64, name: String, now: Timestamp) {
        let Some(row) = self.row(id) else { return };
        let (kind, of) = (row.package.package_type.clone(), row.package.name.clone());
        let holds = |row: &&Row| {
            let package = &row.package;
            package.package_type == kind && package.name == of && package.tags.iter().any(|tag| tag.name == name)
        };
        let holder = self.rows_of(row.project).rfind(holds).map(|row| row.package.id);
        let mut tag = None;
        if let Some(holder) = holder {
            self.change(holder, |package| {
                let at = package.tags.iter().position(|tag| tag.name == name);
                tag = at.map(|at| package.tags.remove(at));
            });
        }
        let tag = tag.unwrap_or_else(|| self.new_tag(name, now));
        self.change(id, |package| package.tags.push(tag));
    }

    /// Gives a version the tags that its upload tells, in place of those before. Each version has its own.
    fn replace_tags(&mut self, id: u64, names: Vec<String>, now: Timestamp) {
        let tags = names.into_iter().map(|name| self.new_tag(name, now)).collect();
        self.change(id, |package| package.tags = tags);
    }

    fn new_tag(&mut self, name: String, now: Timestamp) -> Tag {
        let id = self.next.tag;
        self.next.tag += 1;
        Tag { id, name, created_at: now, updated_at: now }
    }

    fn add_file(&mut self, package: u64, file: NewFile, now: Timestamp) {
        let id = self.next.file;
        self.next.file += 1;
        let NewFile { name: file_name, size } = file;
        let file =
            PackageFile { id, file_name, size: Some(size), created_at: now, updated_at: now, ..PackageFile::default() };
        self.change(package, |package| package.files.push(file));
    }
}

fn has_tags(kind: &PackageType) -> bool {
    matches!(kind, PackageType::Npm | PackageType::Nuget)
}
