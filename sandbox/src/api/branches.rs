//! A project's branches (lib/api/branches.rb), and those of them that are protected (lib/api/protected_branches.rb).

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde_json::{Value, json};

use super::ask::Ask;
use super::refusal::Refusal;
use crate::directory::{Caller, Directory, MAINTAINER};
use crate::edition::Edition;
use crate::gitlab::Gitlab;
use crate::registry::{AccessLevel, Project, Repository};
use crate::world::World;

/// `GET /projects/:id/repository/branches`, by name. GitLab may answer with what was true 30 seconds ago; here it is always
/// the truth.
pub(super) async fn of_project(State(gitlab): State<Arc<Gitlab>>, ask: Ask) -> Result<Response, Refusal> {
    let world = gitlab.world();
    let (project, repository) = readable(&ask, &world)?;
    let mut params = ask.params();
    let page = params.page();
    let params = params.finish()?;
    let branches: Vec<_> = repository.branches.iter().collect();
    let external_url = &world.store.context().external_url;
    let url = format!("{external_url}{}", ask.path);
    Ok(page.answer(&ask.bend, (&url, &params), branches.len(), gitlab.count_limit, |at, out| {
        out.push_str(&branch_json(project, repository, branches[at], external_url).to_string());
    }))
}

/// `GET /projects/:id/repository/branches/:branch`
pub(super) async fn single(State(gitlab): State<Arc<Gitlab>>, ask: Ask) -> Result<Json<Value>, Refusal> {
    let world = gitlab.world();
    let (project, repository) = readable(&ask, &world)?;
    let branch = repository.branches.get(ask.route_text("branch"));
    let branch = branch.ok_or_else(|| Refusal::message(StatusCode::NOT_FOUND, "404 Branch Not Found"))?;
    Ok(Json(branch_json(project, repository, branch, &world.store.context().external_url)))
}

/// `GET /projects/:id/protected_branches`: for maintainers, and in later releases for whoever may read the code.
pub(super) async fn protected(State(gitlab): State<Arc<Gitlab>>, ask: Ask) -> Result<Response, Refusal> {
    let world = gitlab.world();
    let World { directory, store } = &*world;
    if ask.caller == Caller::Anonymous || is_job(&ask, directory) {
        return Err(Refusal::unauthorized());
    }
    let at = ask.project(&world)?;
    let may_read = match gitlab.edition {
        Edition::V15_11 | Edition::V17_11 => directory.level(ask.caller, at) >= MAINTAINER,
        Edition::V18_5 => directory.reads_code(ask.caller, at),
    };
    if !may_read {
        return Err(Refusal::forbidden());
    }
    let mut params = ask.params();
    let page = params.page();
    let params = params.finish()?;
    let repository = directory.projects[at].repository.as_ref();
    let patterns = repository.map(|repository| repository.protected_branches.as_slice()).unwrap_or_default();
    let url = format!("{}{}", store.context().external_url, ask.path);
    Ok(page.answer(&ask.bend, (&url, &params), patterns.len(), gitlab.count_limit, |at, out| {
        let row = json!({
            "id": at + 1,
            "name": patterns[at],
            "push_access_levels": [],
            "merge_access_levels": [],
            "allow_force_push": false,
        });
        out.push_str(&row.to_string());
    }))
}

/// The project that the route names, with its repository, if the caller may read that. Who sees a project whose
/// repository is switched off is told that there is none, and a guest that it is forbidden.
fn readable<'w>(ask: &Ask, world: &'w World) -> Result<(&'w Project, &'w Repository), Refusal> {
    let directory = &world.directory;
    let at = ask.project(world)?;
    // The routes take no job tokens, so that whoever has one is nobody.
    let is_job = is_job(ask, directory);
    if is_job && !directory.sees_project(Caller::Anonymous, at) {
        return Err(Refusal::message(StatusCode::NOT_FOUND, "404 Project Not Found"));
    }
    let caller = if is_job { Caller::Anonymous } else { ask.caller };
    let project = &directory.projects[at];
    let is_shown = |repository: &&Repository| match repository.access_level {
        AccessLevel::Enabled => true,
        AccessLevel::Private => directory.level(caller, at) > 0,
        AccessLevel::Disabled => false,
    };
    let none = || Refusal::message(StatusCode::NOT_FOUND, "404 Repository Not Found");
    let repository = project.repository.as_ref().filter(is_shown).ok_or_else(none)?;
    if !directory.reads_code(caller, at) {
        return Err(Refusal::forbidden());
    }
    if !repository.exists {
        return Err(Refusal::message(StatusCode::NOT_FOUND, "404 Not Found"));
    }
    Ok((project, repository))
}

fn is_job(ask: &Ask, directory: &Directory) -> bool {
    ask.token.is_some_and(|token| directory.tokens[token].job)
}

/// Source: lib/api/entities/branch.rb. There is no repository, and so no commit.
fn branch_json(project: &Project, repository: &Repository, branch: &str, external_url: &str) -> Value {
    json!({
        "name": branch,
        "commit": null,
        "merged": false,
        "protected": repository.protects(branch),
        "developers_can_push": false,
        "developers_can_merge": false,
        "can_push": false,
        "default": branch == repository.default_branch,
        "web_url": format!("{external_url}/{}/-/tree/{branch}", project.path),
    })
}
