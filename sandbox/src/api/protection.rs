//! The rules that protect a project's packages (lib/api/project_packages_protection_rules.rb).

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde_json::{Value, json};

use super::ask::Ask;
use super::refusal::Refusal;
use crate::directory::{ADMIN, Caller, MAINTAINER, OWNER};
use crate::edition::Edition;
use crate::gitlab::Gitlab;

/// `GET /projects/:id/packages/protection/rules`, on one page however many there are. It takes no job tokens, and asks for
/// the right to delete packages.
pub(super) async fn of_project(State(gitlab): State<Arc<Gitlab>>, ask: Ask) -> Result<Json<Value>, Refusal> {
    if gitlab.edition == Edition::V15_11 {
        return Err(Refusal::error(StatusCode::NOT_FOUND, "404 Not Found"));
    }
    let world = ask.world(&gitlab);
    let directory = &world.directory;
    if ask.caller == Caller::Anonymous || ask.token.is_some_and(|at| directory.tokens[at].job) {
        return Err(Refusal::unauthorized());
    }
    let project = ask.project_with_packages(&world)?;
    if directory.level(ask.caller, project) < MAINTAINER {
        return Err(Refusal::forbidden());
    }
    let project_id = directory.projects[project].id;
    let rules = directory.protection_rules(project_id).map(|(at, rule)| {
        json!({
            "id": at + 1,
            "project_id": project_id,
            "package_name_pattern": rule.package_name_pattern,
            "package_type": rule.package_type.name(),
            "minimum_access_level_for_delete": rule.minimum_access_level_for_delete.map(role),
            // A rule is about the one or the other, or about both.
            "minimum_access_level_for_push": rule.minimum_access_level_for_delete.is_none().then_some("maintainer"),
        })
    });
    Ok(Json(rules.collect()))
}

/// An access level as rules name it (lib/gitlab/access.rb).
fn role(level: u8) -> &'static str {
    match level {
        ADMIN.. => "admin",
        OWNER.. => "owner",
        _ => "maintainer",
    }
}
