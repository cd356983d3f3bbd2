//! Listing, showing and deleting packages (lib/api/group_packages.rb, lib/api/project_packages.rb).

use std::sync::Arc;

use axum::extract::State;
use axum::http::header::{CONTENT_TYPE, HeaderValue, IF_UNMODIFIED_SINCE};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use jiff::fmt::rfc2822;

use super::ask::Ask;
use super::filter;
use super::refusal::Refusal;
use crate::directory::{Caller, MAINTAINER, REPORTER};
use crate::edition::{DownloadsTold, Edition};
use crate::gitlab::Gitlab;
use crate::store::{Order, Row, View, instant, text};
use crate::world::World;

const ORDERS: [(&str, Order); 4] =
    [("created_at", Order::CreatedAt), ("name", Order::Name), ("version", Order::Version), ("type", Order::Type)];

/// `GET /groups/:id/packages`
pub(super) async fn of_group(State(gitlab): State<Arc<Gitlab>>, ask: Ask) -> Result<Response, Refusal> {
    let world = gitlab.world();
    let World { directory, store } = &*world;
    let group = ask.group(&world)?;
    let seen_by_all = directory.sees_group(Caller::Anonymous, group);
    if gitlab.edition < Edition::V18_5 && !seen_by_all && directory.group_level(ask.caller, group) < REPORTER {
        return Err(Refusal::forbidden());
    }
    let mut params = ask.params();
    let page = params.page();
    let subgroups = !params.flag("exclude_subgroups", Some(false));
    let orders = [ORDERS.as_slice(), &[("project_path", Order::ProjectPath)]].concat();
    let mut query = filter::read(&mut params, &orders, gitlab.edition, store);
    let params = params.finish()?;

    query.projects = directory
        .projects_in(group, subgroups)
        .filter(|project| world.reads_packages(ask.caller, *project))
        .filter(|project| !ask.bend.hides(&directory.projects[*project].path))
        .collect();
    let listing = store.listing(&query);
    let url = format!("{}{}", store.context().external_url, ask.path);
    Ok(page.answer(&ask.bend, (&url, &params), listing.len(), gitlab.count_limit, |at, out| {
        let row = &store.rows()[listing[at] as usize];
        row.write(view(&gitlab, &world, ask.caller, row, true), out);
    }))
}

/// `GET /projects/:id/packages`
pub(super) async fn of_project(State(gitlab): State<Arc<Gitlab>>, ask: Ask) -> Result<Response, Refusal> {
    let world = gitlab.world();
    let project = ask.project_with_packages(&world)?;
    let store = &world.store;
    let mut params = ask.params();
    let page = params.page();
    let mut query = filter::read(&mut params, &ORDERS, gitlab.edition, store);
    let params = params.finish()?;

    query.projects = vec![project];
    let listing = store.listing(&query);
    let url = format!("{}{}", store.context().external_url, ask.path);
    Ok(page.answer(&ask.bend, (&url, &params), listing.len(), gitlab.count_limit, |at, out| {
        let row = &store.rows()[listing[at] as usize];
        row.write(view(&gitlab, &world, ask.caller, row, false), out);
    }))
}

/// `GET /projects/:id/packages/:package_id`
pub(super) async fn single(State(gitlab): State<Arc<Gitlab>>, ask: Ask) -> Result<Response, Refusal> {
    let world = gitlab.world();
    let project = ask.project_with_packages(&world)?;
    let mut params = ask.params();
    let id = params.route_id("package_id");
    params.finish()?;
    let store = &world.store;
    let row = displayable(store, project, id)?;
    if !row.package.status.has_details() {
        return Err(Refusal::message(StatusCode::NOT_FOUND, "Package not found"));
    }
    let mut body = String::new();
    let downloaded = gitlab.downloads != DownloadsTold::Nowhere;
    row.write_open(View { downloaded, ..view(&gitlab, &world, ask.caller, row, false) }, &mut body);
    body.push_str(r#","versions":["#);
    body.push_str(&versions(store, row));
    body.push_str("]}");
    Ok(([(CONTENT_TYPE, HeaderValue::from_static("application/json"))], body).into_response())
}

/// `DELETE /projects/:id/packages/:package_id`
pub(super) async fn destroy(State(gitlab): State<Arc<Gitlab>>, ask: Ask) -> Result<StatusCode, Refusal> {
    // One lock is held over finding and marking. So only one of two requests that delete the same package finds it.
    let mut world = gitlab.world_mut();
    let project = ask.project_with_packages(&world)?;
    let mut params = ask.params();
    let id = params.route_id("package_id");
    params.finish()?;
    let World { directory, store } = &mut *world;
    let level = directory.level(ask.caller, project);
    if level < MAINTAINER {
        return Err(Refusal::forbidden());
    }
    let package = &displayable(store, project, id)?.package;
    unmodified(&ask.headers, package.updated_at)?;
    if gitlab.edition > Edition::V15_11 && directory.is_protected(package, level) {
        // The service refused in 17 as well, but nobody looked at its answer.
        return match gitlab.edition {
            Edition::V17_11 => Ok(StatusCode::NO_CONTENT),
            _ => Err(Refusal::message(StatusCode::FORBIDDEN, "Package is deletion protected.")),
        };
    }
    let id = package.id;
    store.mark_package(id, gitlab.clock.now());
    Ok(StatusCode::NO_CONTENT)
}

/// The package with this id, if the project has it in a status in which packages are found
/// (app/finders/packages/package_finder.rb).
pub(super) fn displayable(store: &crate::store::Store, project: usize, id: Option<u64>) -> Result<&Row, Refusal> {
    let row = id.and_then(|id| store.row(id));
    row.filter(|row| row.project == project && row.package.status.is_displayable()).ok_or_else(Refusal::not_found)
}

/// Refuses with 412 what changed since the caller looked; a date that can't be read is passed over
/// (lib/api/helpers.rb).
pub(super) fn unmodified(headers: &HeaderMap, updated_at: Timestamp) -> Result<(), Refusal> {
    let since = headers.get(IF_UNMODIFIED_SINCE).and_then(|value| value.to_str().ok());
    let since = since.and_then(|text| {
        let http_date = rfc2822::DateTimeParser::new().parse_timestamp(text).ok();
        http_date.or_else(|| text.parse().ok())
    });
    if since.is_some_and(|since| updated_at > since) {
        return Err(Refusal::message(StatusCode::PRECONDITION_FAILED, "412 Precondition Failed"));
    }
    Ok(())
}

fn view(gitlab: &Gitlab, world: &World, caller: Caller, row: &Row, of_group: bool) -> View {
    let may_delete = world.directory.level(caller, row.project) >= MAINTAINER;
    let downloaded = gitlab.edition > Edition::V15_11 && gitlab.downloads == DownloadsTold::Everywhere;
    View { may_delete, downloaded, of_group }
}

/// The other versions of a package's name, by the text of the version (lib/api/entities/package_version.rb).
fn versions(store: &crate::store::Store, of: &Row) -> String {
    let mut others: Vec<_> = store
        .rows_of(of.project)
        .map(|row| &row.package)
        .filter(|other| {
            other.name == of.package.name
                && other.package_type == of.package.package_type
                && other.status.is_displayable()
                && other.version.is_some()
                && other.version != of.package.version
        })
        .collect();
    others.sort_by(|a, b| a.version.cmp(&b.version));
    let write = |other: &&crate::registry::Package| {
        let version = text(other.version.as_deref().unwrap_or_default());
        let pipeline = other.pipeline_ids.last();
        let pipeline = pipeline
            .map(|id| format!(r#","pipeline":{}"#, store.context().pipeline(*id).unwrap_or("null")))
            .unwrap_or_default();
        let (id, created, tags) = (other.id, instant(Some(other.created_at)), other.tags_json());
        format!(r#"{{"id":{id},"version":{version},"created_at":{created},"tags":{tags}{pipeline}}}"#)
    };
    others.iter().map(write).collect::<Vec<_>>().join(",")
}
