//! Groups (lib/api/groups.rb).

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::response::Response;
use serde_json::{Value, json};

use super::ask::Ask;
use super::refusal::Refusal;
use crate::directory::Caller;
use crate::edition::Edition;
use crate::gitlab::Gitlab;
use crate::world::World;

/// `GET /groups`, by name. Who is logged in gets the groups that they belong to, unless they ask for all. Anybody else gets
/// the public ones (app/finders/groups_finder.rb).
pub(super) async fn all(State(gitlab): State<Arc<Gitlab>>, ask: Ask) -> Result<Response, Refusal> {
    let mut params = ask.params();
    let page = params.page();
    let top_level = params.flag("top_level_only", None);
    let all = params.flag("all_available", None) || ask.caller == Caller::Anonymous;
    let order = params.choice("order_by", &["name", "path", "id"], Some("name"));
    let descending = params.choice("sort", &["asc", "desc"], Some("asc")) == Some("desc");
    let params = params.finish()?;

    let world = gitlab.world();
    let directory = &world.directory;
    let mut groups: Vec<_> = (0..directory.groups.len())
        .filter(|at| directory.belongs_to(ask.caller, *at) || all && directory.sees_group(ask.caller, *at))
        .filter(|at| !top_level || !directory.groups[*at].path.contains('/'))
        .collect();
    groups.sort_by_key(|at| {
        let group = &directory.groups[*at];
        let name = group.path.rsplit('/').next().unwrap_or_default();
        (if order == Some("id") { "" } else { name }, group.id)
    });
    if descending {
        groups.reverse();
    }
    let url = format!("{}{}", world.store.context().external_url, ask.path);
    Ok(page.answer(&ask.bend, (&url, &params), groups.len(), gitlab.count_limit, |at, out| {
        out.push_str(&group_json(&world, groups[at]).to_string());
    }))
}

/// `GET /groups/:id`
pub(super) async fn single(State(gitlab): State<Arc<Gitlab>>, ask: Ask) -> Result<Json<Value>, Refusal> {
    let world = gitlab.world();
    let group = ask.group(&world)?;
    Ok(Json(group_json(&world, group)))
}

/// Source: lib/api/entities/group.rb. Groups can be archived since 18.0, and so the older releases have no
/// such key. It is assumed that a group tells of itself alone. In some copies a subgroup of an archived group counts as
/// archived as well (`self_or_ancestors_archived?`). A client that asks each group has to do with either.
fn group_json(world: &World, at: usize) -> Value {
    let World { directory, store } = world;
    let group = &directory.groups[at];
    let (parent, name) = group.path.rsplit_once('/').unwrap_or(("", &group.path));
    let parent = directory.group(parent).map(|parent| directory.groups[parent].id);
    let mut value = json!({
        "id": group.id,
        "name": name,
        "path": name,
        "full_name": group.path.replace('/', " / "),
        "full_path": group.path,
        "parent_id": parent,
        "description": "",
        "visibility": group.visibility,
        "marked_for_deletion_on": group.marked_for_deletion_on,
        "web_url": format!("{}/groups/{}", store.context().external_url, group.path),
    });
    if store.context().edition >= Edition::V18_5 {
        value["archived"] = group.archived.into();
    }
    value
}
