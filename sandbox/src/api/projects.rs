//! Projects (lib/api/projects.rb, lib/api/groups.rb).

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::response::Response;
use serde_json::{Value, json};

use super::ask::Ask;
use super::refusal::Refusal;
use crate::gitlab::Gitlab;
use crate::registry::Visibility;
use crate::world::World;

const ORDERS: [&str; 8] =
    ["id", "name", "path", "created_at", "updated_at", "last_activity_at", "similarity", "star_count"];

/// `GET /groups/:id/projects`, the newest first; archived ones are there unless `archived` says otherwise.
pub(super) async fn of_group(State(gitlab): State<Arc<Gitlab>>, ask: Ask) -> Result<Response, Refusal> {
    let world = gitlab.world();
    let World { directory, store } = &*world;
    let group = ask.group(&world)?;
    let mut params = ask.params();
    let page = params.page();
    let given = params.text("archived").is_some_and(|text| !text.is_empty());
    let archived = params.flag("archived", None);
    let archived = given.then_some(archived);
    let order = params.choice("order_by", &ORDERS, Some("created_at"));
    let descending = params.choice("sort", &["asc", "desc"], Some("desc")) == Some("desc");
    let subgroups = params.flag("include_subgroups", Some(false));
    let params = params.finish()?;

    let mut projects: Vec<_> = directory
        .projects_in(group, subgroups)
        .filter(|at| directory.sees_project(ask.caller, *at))
        .map(|at| &directory.projects[at])
        .filter(|project| archived.is_none_or(|archived| project.archived == archived))
        .filter(|project| !ask.bend.hides(&project.path))
        .collect();
    // Ids grow with the time, so they stand for every order by one.
    projects.sort_by_key(|project| {
        let name = project.path.rsplit('/').next().unwrap_or_default();
        (if matches!(order, Some("name" | "path")) { name } else { "" }, project.id)
    });
    if descending {
        projects.reverse();
    }
    let external_url = &store.context().external_url;
    let url = format!("{external_url}{}", ask.path);
    Ok(page.answer(&ask.bend, (&url, &params), projects.len(), gitlab.count_limit, |at, out| {
        out.push_str(&project_json(projects[at], external_url).to_string());
    }))
}

/// `GET /projects/:id`
pub(super) async fn single(State(gitlab): State<Arc<Gitlab>>, ask: Ask) -> Result<Json<Value>, Refusal> {
    let world = gitlab.world();
    let project = &world.directory.projects[ask.project(&world)?];
    Ok(Json(project_json(project, &world.store.context().external_url)))
}

/// Source: lib/api/entities/project.rb, lib/api/entities/basic_project_details.rb. A project below a group that is archived or marked for deletion tells of itself
/// alone. It is not known here whether a later release looks at the groups.
fn project_json(project: &crate::registry::Project, external_url: &str) -> Value {
    let (namespace, name) = project.path.rsplit_once('/').unwrap_or(("", &project.path));
    let access = match (project.packages_enabled, project.visibility) {
        (false, _) => "disabled",
        (true, Visibility::Public) => "enabled",
        (true, _) => "private",
    };
    let mut topics = project.topics.clone();
    topics.sort();
    json!({
        "id": project.id,
        "name": name,
        "path": name,
        "path_with_namespace": project.path,
        "name_with_namespace": project.path.replace('/', " / "),
        "namespace": { "full_path": namespace, "kind": "group" },
        "description": null,
        "tag_list": topics,
        "topics": topics,
        "default_branch": project.repository.as_ref().and_then(crate::registry::Repository::shown_default),
        "archived": project.archived,
        "marked_for_deletion_at": project.marked_for_deletion_on,
        "marked_for_deletion_on": project.marked_for_deletion_on,
        "visibility": project.visibility,
        "packages_enabled": project.packages_enabled,
        "package_registry_access_level": access,
        "releases_access_level": project.releases_access_level,
        "web_url": format!("{external_url}/{}", project.path),
    })
}
