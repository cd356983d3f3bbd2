//! The parameters that both package listings share (lib/api/group_packages.rb, lib/api/project_packages.rb).

use super::params::Params;
use crate::edition::Edition;
use crate::registry::{PackageType, Status};
use crate::store::{Order, Query, Store};

/// Reads the filters and the order of a listing over these projects.
pub(super) fn read(params: &mut Params<'_>, orders: &[(&str, Order)], edition: Edition, store: &Store) -> Query {
    let names: Vec<_> = orders.iter().map(|(name, _)| *name).collect();
    let order = params.choice("order_by", &names, Some("created_at"));
    let order = orders.iter().find(|(name, _)| Some(*name) == order).map_or(Order::CreatedAt, |(_, order)| *order);
    let descending = params.choice("sort", &["asc", "desc"], Some("asc")) == Some("desc");

    // A type that this release doesn't know is allowed when the registry holds it: then the server is a later one.
    let known = PackageType::KNOWN.iter().filter(|kind| **kind != PackageType::Cargo);
    let mut types: Vec<_> = known.map(PackageType::name).collect();
    types.extend(store.later_types());
    let package_type = params.choice("package_type", &types, None).map(|name| {
        let known = PackageType::KNOWN.iter().find(|known| known.name() == name);
        known.cloned().unwrap_or_else(|| PackageType::Other(name.into()))
    });
    let words = Query::words(params.text("package_name").unwrap_or_default());
    let version = params.text("package_version").filter(|version| !version.is_empty()).map(str::to_owned);
    let versionless = params.flag("include_versionless", None);
    let statuses = Status::ALL.iter().filter(|status| edition > Edition::V15_11 || **status != Status::Deprecated);
    let statuses: Vec<_> = statuses.map(|status| status.name()).collect();
    let status = params.choice("status", &statuses, None);
    let status = Status::ALL.into_iter().find(|known| Some(known.name()) == status);
    Query { projects: Vec::new(), order, descending, package_type, words, version, versionless, status }
}
