//! Pipelines: those that published a package, the one listing here with keyset pagination (lib/api/project_packages.rb),
//! and a project's own, one at a time (lib/api/ci/pipelines.rb).

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::{CONTENT_TYPE, HeaderMap, HeaderValue, LINK};
use axum::response::{IntoResponse, Response};

use super::ask::Ask;
use super::packages::displayable;
use super::page::to_query;
use super::refusal::Refusal;
use crate::directory::{Caller, REPORTER};
use crate::edition::Edition;
use crate::gitlab::Gitlab;
use crate::world::World;

/// `GET /projects/:id/packages/:package_id/pipelines`, the latest first; there since 16.1.
pub(super) async fn of_package(State(gitlab): State<Arc<Gitlab>>, ask: Ask) -> Result<Response, Refusal> {
    if gitlab.edition == Edition::V15_11 {
        return Err(Refusal::error(StatusCode::NOT_FOUND, "404 Not Found"));
    }
    let world = gitlab.world();
    let project = ask.project_with_packages(&world)?;
    let mut params = ask.params();
    let id = params.route_id("package_id");
    let size = params.keyset_size();
    let cursor = params.text("cursor").filter(|cursor| !cursor.is_empty());
    let mut params = params.finish()?;
    let store = &world.store;
    let row = displayable(store, project, id)?;
    if !row.package.status.has_details() {
        return Err(Refusal::message(StatusCode::NOT_FOUND, "Package not found"));
    }

    // Those that were deleted since are passed over, unlike in listings of packages.
    let is_there = |id: &u64| store.context().pipeline(*id).is_some();
    let mut ids: Vec<_> = row.package.pipeline_ids.iter().copied().filter(is_there).collect();
    ids.sort_unstable_by(|a, b| b.cmp(a));
    // GitLab's cursors are opaque; here one is the last id of the page before.
    if let Some(cursor) = cursor {
        let last: u64 = cursor.parse().map_err(|_| Refusal::error(StatusCode::BAD_REQUEST, "cursor is invalid"))?;
        ids.retain(|id| *id < last);
    }
    let more = ids.len() > size;
    ids.truncate(size);
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    if let Some(last) = ids.last().filter(|_| more) {
        params.insert("cursor".to_owned(), last.to_string());
        params.insert("pagination".to_owned(), "keyset".to_owned());
        params.insert("per_page".to_owned(), size.to_string());
        let url = format!("{}{}", store.context().external_url, ask.path);
        let link = format!(r#"<{url}?{}>; rel="next""#, to_query(params.iter()));
        if let Ok(link) = HeaderValue::from_str(&link) {
            headers.insert(LINK, link);
        }
    }
    Ok((headers, store.context().pipelines(&ids)).into_response())
}

/// `GET /projects/:id/pipelines/:pipeline_id`, which packages have nothing to do with.
pub(super) async fn single(State(gitlab): State<Arc<Gitlab>>, ask: Ask) -> Result<Response, Refusal> {
    let world = gitlab.world();
    let project = ask.project(&world)?;
    let World { directory, store } = &*world;
    let is_public = directory.sees_project(Caller::Anonymous, project);
    // The route takes no job tokens, so that whoever has one is nobody.
    if !is_public && ask.token.is_some_and(|token| directory.tokens[token].job) {
        return Err(Refusal::message(StatusCode::NOT_FOUND, "404 Project Not Found"));
    }
    let mut params = ask.params();
    let id = params.route_id("pipeline_id");
    params.finish()?;
    let ran = id.and_then(|id| store.context().ran(id));
    let ran = ran.filter(|ran| ran.project_id == directory.projects[project].id).ok_or_else(Refusal::not_found)?;
    // As where "project-based pipeline visibility" is off (app/policies/project_policy.rb).
    if !is_public && directory.level(ask.caller, project) < REPORTER {
        return Err(Refusal::forbidden());
    }
    Ok(([(CONTENT_TYPE, HeaderValue::from_static("application/json"))], ran.single_json()).into_response())
}
