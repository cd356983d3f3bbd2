//! The instance's version, and what a token may ask about itself and its owner.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde_json::{Value, json};

use super::ask::Ask;
use super::refusal::Refusal;
use crate::directory::Caller;
use crate::gitlab::Gitlab;

/// `GET /version` (lib/api/metadata.rb)
pub(super) async fn version(State(gitlab): State<Arc<Gitlab>>, ask: Ask) -> Result<Json<Value>, Refusal> {
    match ask.caller {
        Caller::Anonymous => Err(Refusal::unauthorized()),
        Caller::User(_) => Ok(Json(json!({ "version": format!("{}.0-ee", gitlab.edition), "revision": "sandbox" }))),
    }
}

/// `GET /user` (lib/api/users.rb)
pub(super) async fn user(State(gitlab): State<Arc<Gitlab>>, ask: Ask) -> Result<Json<Value>, Refusal> {
    let Caller::User(user) = ask.caller else {
        return Err(Refusal::unauthorized());
    };
    let world = ask.world(&gitlab);
    let user = &world.directory.users[user];
    let web_url = format!("{}/{}", world.store.context().external_url, user.username);
    let mut value = json!({
        "id": user.id, "username": user.username, "name": user.name, "state": user.state, "web_url": web_url,
    });
    // Nobody else is told (lib/api/entities/user_with_admin.rb).
    if user.admin {
        value["is_admin"] = true.into();
    }
    Ok(Json(value))
}

/// `GET /personal_access_tokens/self` (lib/api/personal_access_tokens/self_information.rb)
pub(super) async fn token(State(gitlab): State<Arc<Gitlab>>, ask: Ask) -> Result<Json<Value>, Refusal> {
    let (Some(at), Caller::User(user)) = (ask.token, ask.caller) else {
        return Err(Refusal::unauthorized());
    };
    let directory = &ask.world(&gitlab).directory;
    let token = &directory.tokens[at];
    Ok(Json(json!({
        "id": at + 1,
        "name": format!("{} {}", token.user, at + 1),
        "revoked": false,
        "scopes": token.scopes,
        "user_id": directory.users[user].id,
        "active": true,
        "expires_at": token.expires_on,
    })))
}
