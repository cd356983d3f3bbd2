//! The routes under `/api`, and the answer of each.

mod ask;
mod branches;
mod files;
mod filter;
mod groups;
mod instance;
mod job;
mod packages;
mod page;
mod params;
mod pipelines;
mod projects;
mod protection;
mod refusal;
mod releases;

use std::sync::Arc;

use axum::Router;
use axum::http::StatusCode;
use axum::routing::{delete, get};

pub(crate) use ask::AsSent;
pub(crate) use refusal::{broken_script, expired_token};

use crate::gitlab::Gitlab;
use refusal::Refusal;

/// All routes. Paths come without a slash at their end and without the suffix `.json`.
pub(crate) fn routes(gitlab: Arc<Gitlab>) -> Router {
    Router::new()
        .route("/api/v4/groups/{id}/packages", get(packages::of_group))
        .route("/api/v4/projects/{id}/packages", get(packages::of_project))
        .route("/api/v4/projects/{id}/packages/protection/rules", get(protection::of_project))
        .route("/api/v4/projects/{id}/packages/{package_id}", get(packages::single).delete(packages::destroy))
        .route("/api/v4/projects/{id}/packages/{package_id}/pipelines", get(pipelines::of_package))
        .route("/api/v4/projects/{id}/packages/{package_id}/package_files", get(files::of_package))
        .route("/api/v4/projects/{id}/packages/{package_id}/package_files/{package_file_id}", delete(files::destroy))
        .route("/api/v4/groups", get(groups::all))
        .route("/api/v4/groups/{id}", get(groups::single))
        .route("/api/v4/groups/{id}/projects", get(projects::of_group))
        .route("/api/v4/projects/{id}", get(projects::single))
        .route("/api/v4/projects/{id}/pipelines/{pipeline_id}", get(pipelines::single))
        .route("/api/v4/projects/{id}/repository/branches", get(branches::of_project))
        .route("/api/v4/projects/{id}/repository/branches/{branch}", get(branches::single))
        .route("/api/v4/projects/{id}/protected_branches", get(branches::protected))
        .route("/api/v4/projects/{id}/releases", get(releases::of_project))
        .route("/api/v4/job", get(job::current))
        .route("/api/v4/version", get(instance::version))
        .route("/api/v4/user", get(instance::user))
        .route("/api/v4/personal_access_tokens/self", get(instance::token))
        .route("/api/v3/{*rest}", get(old_version).delete(old_version))
        .fallback(async || Refusal::error(StatusCode::NOT_FOUND, "404 Not Found"))
        .method_not_allowed_fallback(async || Refusal::error(StatusCode::METHOD_NOT_ALLOWED, "405 Not Allowed"))
        .with_state(gitlab)
}

async fn old_version() -> Refusal {
    Refusal::error(StatusCode::GONE, "API V3 is no longer supported. Use API V4 instead.")
}
