//! The CI job to which a token belongs (lib/api/ci/jobs.rb).

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde_json::{Value, json};

use super::ask::Ask;
use super::refusal::Refusal;
use crate::directory::Caller;
use crate::gitlab::Gitlab;
use crate::world::World;

/// `GET /job`: 401 without a token, and 404 with one that belongs to no job. Job and pipeline have the number of their
/// token in the registry, and no more is known of them (lib/api/entities/ci/job_basic.rb).
pub(super) async fn current(State(gitlab): State<Arc<Gitlab>>, ask: Ask) -> Result<Json<Value>, Refusal> {
    let (Some(at), Caller::User(user)) = (ask.token, ask.caller) else {
        return Err(Refusal::unauthorized());
    };
    let world = gitlab.world();
    let World { directory, store } = &*world;
    let token = &directory.tokens[at];
    let project = token.project.filter(|_| token.job).and_then(|id| directory.project_by_id(id));
    let project = project.ok_or_else(|| Refusal::message(StatusCode::NOT_FOUND, "404 Job Not Found"))?;
    let (id, project, user) = (at + 1, &directory.projects[project], &directory.users[user]);
    let url = format!("{}/{}/-", store.context().external_url, project.path);
    Ok(Json(json!({
        "id": id,
        "status": "running",
        "stage": "deploy",
        "name": "clean-up",
        "ref": "main",
        "tag": false,
        "allow_failure": false,
        "user": { "id": user.id, "username": user.username, "name": user.name, "state": user.state },
        "pipeline": {
            "id": id,
            "iid": id,
            "project_id": project.id,
            "ref": "main",
            "status": "running",
            "source": "schedule",
            "web_url": format!("{url}/pipelines/{id}"),
        },
        "web_url": format!("{url}/jobs/{id}"),
    })))
}
