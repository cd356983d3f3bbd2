//! The rows of a listing in their order. They are worked out once and kept until a package changes, so that a page
//! costs the same wherever it lies.

use std::cmp::{Ordering, Reverse};
use std::sync::{Arc, PoisonError};

use super::{Row, Store};
use crate::registry::{PackageType, Status};

/// The places of the rows, in order.
pub(crate) type Listing = Arc<[u32]>;

/// The most listings that are kept. Beyond it all are dropped, and a client that walks that many at once waits a little.
const KEPT: usize = 256;

/// The filters and the order of a listing (app/finders/packages/packages_finder.rb).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Query {
    /// The places of the projects that the caller sees in the scope, in order.
    pub(crate) projects: Vec<usize>,
    pub(crate) order: Order,
    pub(crate) descending: bool,
    pub(crate) package_type: Option<PackageType>,
    /// Words that the name contains.
    pub(crate) words: Vec<String>,
    pub(crate) version: Option<String>,
    pub(crate) versionless: bool,
    pub(crate) status: Option<Status>,
}

/// The orders that GitLab offers. Only the last one is total; in the others equal rows stand in the order in which
/// they were created, which is as good as any.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Order {
    CreatedAt,
    Name,
    Version,
    Type,
    /// By the last segment of the project's path, and then by falling id, in either direction.
    ProjectPath,
}

impl Query {
    /// The words of a search (lib/gitlab/sql/pattern.rb): all must occur, in any case; quotes hold words together.
    pub(crate) fn words(search: &str) -> Vec<String> {
        let squished = search.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
        let mut words = Vec::new();
        let mut rest = squished.as_str();
        while !rest.is_empty() {
            let quoted = rest.strip_prefix('"').and_then(|inner| {
                let (word, after) = inner.split_once('"')?;
                (!word.is_empty() && (after.is_empty() || after.starts_with(' '))).then_some((word, after))
            });
            let (word, after) = quoted.or_else(|| rest.split_once(' ')).unwrap_or((rest, ""));
            words.push(word.to_owned());
            rest = after.trim_start();
        }
        words
    }

    fn holds(&self, row: &Row) -> bool {
        let package = &row.package;
        let kind = match &self.package_type {
            Some(kind) => package.package_type == *kind,
            None => package.package_type != PackageType::TerraformModule,
        };
        let status = match self.status {
            Some(status) => package.status == status,
            None => package.status.is_displayable(),
        };
        kind && status
            && (self.versionless || package.version.is_some())
            && self.version.as_ref().is_none_or(|version| package.version.as_ref() == Some(version))
            && (self.words.is_empty() || {
                let name = package.name.to_lowercase();
                self.words.iter().all(|word| name.contains(word))
            })
    }
}

impl Store {
    /// The rows of a listing.
    pub(crate) fn listing(&self, query: &Query) -> Listing {
        let mut kept = self.listings.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(listing) = kept.get(query) {
            return Arc::clone(listing);
        }
        let listing = self.list(query);
        if kept.len() >= KEPT {
            kept.clear();
        }
        kept.insert(query.clone(), Arc::clone(&listing));
        listing
    }

    pub(super) fn forget_listings(&mut self) {
        self.listings.0.get_mut().unwrap_or_else(PoisonError::into_inner).clear();
    }

    fn list(&self, query: &Query) -> Listing {
        let all = query.projects.iter().flat_map(|project| &self.index.by_project[*project]).copied();
        let mut places: Vec<u32> = all.filter(|at| query.holds(&self.rows[*at as usize])).collect();
        // The rows are kept in the order of their creation.
        places.sort_unstable();
        let package = |at: &u32| &self.rows[*at as usize].package;
        let direction = |ordering: Ordering| if query.descending { ordering.reverse() } else { ordering };
        match query.order {
            Order::CreatedAt if query.descending => places.reverse(),
            Order::CreatedAt => {}
            Order::Name => places.sort_by(|a, b| direction(package(a).name.cmp(&package(b).name))),
            // As in PostgreSQL, the absence of a version is greater than any.
            Order::Version => places.sort_by(|a, b| {
                let key = |at| (package(at).version.is_none(), &package(at).version);
                direction(key(a).cmp(&key(b)))
            }),
            Order::Type => places
                .sort_by(|a, b| direction(package(a).package_type.number().cmp(&package(b).package_type.number()))),
            Order::ProjectPath => places.sort_by(|a, b| {
                let path = |at: &u32| {
                    let path = &self.context.paths[self.rows[*at as usize].project];
                    path.rsplit('/').next().unwrap_or_default()
                };
                let id = |at| Reverse(package(at).id);
                direction(path(a).cmp(path(b))).then_with(|| id(a).cmp(&id(b)))
            }),
        }
        places.into()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::{Order, Query};
    use crate::directory::Directory;
    use crate::edition::Edition;
    use crate::registry::Registry;
    use crate::store::{Context, Store};

    #[test]
    fn quotes_hold_words_together() {
        assert_eq!(Query::words("  Acme   client "), ["acme", "client"]);
        assert_eq!(Query::words(r#""acme client" x"#), ["acme client", "x"]);
        assert_eq!(Query::words(r#"a"b c"#), [r#"a"b"#, "c"]);
        assert!(Query::words("  ").is_empty());
    }

    /// A page is a slice of the listing, and the listing is worked out once: the last page costs what the second did.
    #[test]
    fn a_listing_is_worked_out_once_until_a_package_changes() {
        let mut registry = Registry::generate(300, 1, "2026-01-01T00:00:00Z".parse().unwrap());
        let directory = Directory::new(&mut registry);
        let context = Context::new(&mut registry, &directory, String::new(), Edition::default());
        let mut store = Store::new(&mut registry, &directory, context);
        let query = Query {
            projects: (0..directory.projects.len()).collect(),
            order: Order::CreatedAt,
            descending: false,
            package_type: None,
            words: Vec::new(),
            version: None,
            versionless: false,
            status: None,
        };
        let first = store.listing(&query);
        assert!(Arc::ptr_eq(&first, &store.listing(&query)));
        let deleted = store.rows()[first[0] as usize].package.id;
        store.mark_package(deleted, "2026-01-01T00:00:00Z".parse().unwrap());
        assert_eq!(store.listing(&query)[..], first[1..]);
    }
}
