//! Removes what is marked for destruction: GitLab does so in the background, once an hour, and the sandbox on request.

use std::sync::Arc;

use crate::registry::{FileStatus, PackageType, Status};

use super::{Row, Store};

impl Store {
    /// Removes the files that are marked for destruction, and the packages that this leaves without any
    /// (app/workers/packages/cleanup_package_file_worker.rb).
    ///
    /// A marked package that never had a file stays, as it does in GitLab: there is no file whose removal would take
    /// it along. So does a model.
    pub(crate) fn clean_up(&mut self) {
        let is_marked = |row: &Row| {
            let mut files = row.package.files.iter();
            row.package.status == Status::PendingDestruction
                || files.any(|file| file.status == FileStatus::PendingDestruction)
        };
        self.rows.retain_mut(|row| {
            if !is_marked(row) {
                return true;
            }
            let row = Arc::make_mut(row);
            let package = &mut row.package;
            let doomed = package.status == Status::PendingDestruction;
            let before = package.files.len();
            package.files.retain(|file| !doomed && file.status != FileStatus::PendingDestruction);
            let emptied = package.files.is_empty() && before > 0;
            !emptied || package.package_type == PackageType::MlModel
        });
        self.index(self.index.by_project.len());
    }
}
