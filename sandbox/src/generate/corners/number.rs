//! The ids of what is added to a registry.

use crate::registry::{Package, Registry, Series};

/// Numbers rows, files and tags above those of the registry: rows in their order, files by their dates.
pub(super) fn numbered(mut rows: Vec<Package>, registry: &Registry) -> Vec<Package> {
    let packages = || registry.packages.iter();
    let series =
        registry.series.iter().map(|Series { first_id, count, .. }| first_id.saturating_add(*count).saturating_sub(1));
    let first = next(packages().map(|package| package.id).chain(series));
    let first_file = next(packages().flat_map(|package| &package.files).map(|file| file.id));
    let first_tag = next(packages().flat_map(|package| &package.tags).map(|tag| tag.id));
    for (package, id) in rows.iter_mut().zip(first..) {
        package.id = id;
    }
    for (tag, id) in rows.iter_mut().flat_map(|package| &mut package.tags).zip(first_tag..) {
        tag.id = id;
    }
    // The sort is stable: files of one time stay in the order of their rows and in their own.
    let mut files: Vec<_> = rows.iter_mut().flat_map(|package| &mut package.files).collect();
    files.sort_by_key(|file| file.created_at);
    for (file, id) in files.into_iter().zip(first_file..) {
        file.id = id;
    }
    rows
}

/// The id after these.
pub(super) fn next(ids: impl Iterator<Item = u64>) -> u64 {
    ids.max().map_or(1, |id| id.saturating_add(1))
}
