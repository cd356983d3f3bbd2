//! The packages as the server holds them: rows ready to send, and the listings over them.

mod cleanup;
mod identity;
mod listing;
mod people;
mod row;

use std::collections::HashMap;
use std::sync::Mutex;

use jiff::Timestamp;

pub(crate) use listing::{Listing, Order, Query};
pub(crate) use row::{Context, Row, View, instant, text};

use crate::directory::Directory;
use crate::registry::{FileStatus, Package, PackageType, Registry, Series, Status};

/// All rows, in the order in which they were created.
pub(crate) struct Store {
    rows: Vec<Row>,
    places: HashMap<u64, u32>,
    /// For each project its rows, in order.
    by_project: Vec<Vec<u32>>,
    later_types: Vec<PackageType>,
    context: Context,
    listings: Mutex<HashMap<Query, Listing>>,
    next: Next,
}

/// The ids of what is made next. None is given twice, not even after its bearer is gone.
#[derive(Debug, Clone, Copy)]
struct Next {
    package: u64,
    file: u64,
    tag: u64,
}

impl Next {
    /// Those after the highest that there are.
    fn after(rows: &[Row]) -> Self {
        let packages = || rows.iter().map(|row| &row.package);
        let next = |highest: Option<u64>| highest.unwrap_or_default().saturating_add(1);
        Self {
            package: next(packages().map(|package| package.id).max()),
            file: next(packages().flat_map(|package| &package.files).map(|file| file.id).max()),
            tag: next(packages().flat_map(|package| &package.tags).map(|tag| tag.id).max()),
        }
    }
}

impl Store {
    /// Renders every package of a registry whose other parts are in the directory.
    pub(crate) fn new(registry: &mut Registry, directory: &Directory, context: Context) -> Self {
        let mut packages = std::mem::take(&mut registry.packages);
        packages.extend(registry.series.iter().flat_map(Series::packages));
        packages.sort_by_key(|package| (package.created_at, package.id));
        let types = packages.iter().map(|package| &package.package_type);
        let later = |kind: &&PackageType| matches!(kind, PackageType::Cargo | PackageType::Other(_));
        let mut later_types: Vec<_> = types.filter(later).cloned().collect();
        later_types.dedup();
        let rows: Vec<_> = packages
            .into_iter()
            .filter_map(|package| {
                let project = directory.project_by_id(package.project_id)?;
                Some(Row::new(package, project, &context))
            })
            .collect();
        let by_project = vec![Vec::new(); directory.projects.len()];
        let (places, listings) = (HashMap::new(), Mutex::default());
        let next = Next::after(&rows);
        let mut store = Self { rows, places, by_project, later_types, context, listings, next };
        store.index();
        store
    }

    /// Writes the new paths of projects into their rows, and removes the rows of projects that are gone.
    pub(crate) fn follow(&mut self, directory: &Directory) {
        if !self.context.follow(directory) {
            return;
        }
        self.rows.retain_mut(|row| {
            let project = directory.project_by_id(row.package.project_id);
            if let Some(project) = project {
                row.project = project;
                row.render(&self.context);
            }
            project.is_some()
        });
        self.by_project.resize(directory.projects.len(), Vec::new());
        self.index();
    }

    fn index(&mut self) {
        self.places.clear();
        self.by_project.iter_mut().for_each(Vec::clear);
        for (row, at) in self.rows.iter().zip(0_u32..) {
            self.places.insert(row.package.id, at);
            self.by_project[row.project].push(at);
        }
        self.forget_listings();
    }

    pub(crate) fn rows(&self) -> &[Row] {
        &self.rows
    }

    pub(crate) fn row(&self, id: u64) -> Option<&Row> {
        self.rows.get(*self.places.get(&id)? as usize)
    }

    pub(crate) fn rows_of(&self, project: usize) -> impl DoubleEndedIterator<Item = &Row> {
        self.by_project[project].iter().map(|at| &self.rows[*at as usize])
    }

    /// The names of types that it holds and that not every release of GitLab has.
    pub(crate) fn later_types(&self) -> impl Iterator<Item = &str> {
        self.later_types.iter().map(PackageType::name)
    }

    pub(crate) fn context(&self) -> &Context {
        &self.context
    }

    /// Marks a package for destruction: it leaves the listings at once, its files go later
    /// (app/services/packages/mark_package_for_destruction_service.rb).
    pub(crate) fn mark_package(&mut self, id: u64, now: Timestamp) {
        self.change(id, |package| (package.status, package.updated_at) = (Status::PendingDestruction, now));
    }

    /// Marks one file of a package for destruction; the package stays, even without files.
    pub(crate) fn mark_file(&mut self, package: u64, file: u64, now: Timestamp) {
        self.change(package, |package| {
            for one in package.files.iter_mut().filter(|one| one.id == file) {
                (one.status, one.updated_at) = (FileStatus::PendingDestruction, now);
            }
        });
    }

    /// Changes a package, unless it is gone, and what its row says.
    fn change(&mut self, id: u64, change: impl FnOnce(&mut Package)) {
        let Some(row) = self.places.get(&id).and_then(|at| self.rows.get_mut(*at as usize)) else {
            return;
        };
        change(&mut row.package);
        row.render(&self.context);
        self.forget_listings();
    }

    /// Adds a row, in the order of their creation.
    fn insert(&mut self, package: Package, project: usize) {
        self.next.package = self.next.package.max(package.id.saturating_add(1));
        let is_late = matches!(package.package_type, PackageType::Cargo | PackageType::Other(_));
        if is_late && !self.later_types.contains(&package.package_type) {
            self.later_types.push(package.package_type.clone());
        }
        let key = |package: &Package| (package.created_at, package.id);
        let at = self.rows.partition_point(|row| key(&row.package) < key(&package));
        self.rows.insert(at, Row::new(package, project, &self.context));
        self.index();
    }
}
