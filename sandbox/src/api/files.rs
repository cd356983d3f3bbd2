//! Listing and deleting the files of a package (lib/api/package_files.rb).

use std::cmp::Ordering;
use std::fmt::Write;
use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

use super::ask::Ask;
use super::packages::{displayable, unmodified};
use super::refusal::Refusal;
use crate::directory::MAINTAINER;
use crate::edition::Edition;
use crate::gitlab::Gitlab;
use crate::registry::{FileStatus, PackageFile};
use crate::store::{Context, instant, text};
use crate::world::World;

/// `GET /projects/:id/packages/:package_id/package_files`
pub(super) async fn of_package(State(gitlab): State<Arc<Gitlab>>, ask: Ask) -> Result<Response, Refusal> {
    let world = gitlab.world();
    let project = ask.project_with_packages(&world)?;
    let mut params = ask.params();
    let id = params.route_id("package_id");
    let page = params.page();
    // The order can be chosen since 18.4; before, the parameters were as unknown as any others.
    let (mut order, mut descending) = (None, false);
    if gitlab.edition == Edition::V18_5 {
        order = params.choice("order_by", &["id", "created_at", "file_name"], Some("id"));
        descending = params.choice("sort", &["asc", "desc"], Some("asc")) == Some("desc");
    }
    let params = params.finish()?;
    let store = &world.store;
    let package = &displayable(store, project, id)?.package;

    let mut files: Vec<_> = package.files.iter().filter(|file| file.status == FileStatus::Default).collect();
    files.sort_by(|a, b| {
        let ordering = match order {
            Some("created_at") => a.created_at.cmp(&b.created_at),
            Some("file_name") => a.file_name.cmp(&b.file_name),
            _ => Ordering::Equal,
        };
        let ordering = ordering.then(a.id.cmp(&b.id));
        if descending { ordering.reverse() } else { ordering }
    });
    let url = format!("{}{}", store.context().external_url, ask.path);
    Ok(page.answer(&ask.bend, (&url, &params), files.len(), gitlab.count_limit, |at, out| {
        write(files[at], package.id, store.context(), out);
    }))
}

/// `DELETE /projects/:id/packages/:package_id/package_files/:package_file_id`
pub(super) async fn destroy(State(gitlab): State<Arc<Gitlab>>, ask: Ask) -> Result<StatusCode, Refusal> {
    let mut world = gitlab.world_mut();
    let project = ask.project_with_packages(&world)?;
    let mut params = ask.params();
    let id = params.route_id("package_id");
    let file_id = params.route_id("package_file_id");
    params.finish()?;
    let World { directory, store } = &mut *world;
    let level = directory.level(ask.caller, project);
    if level < MAINTAINER {
        return Err(Refusal::forbidden());
    }
    let package = &displayable(store, project, id)?.package;
    if gitlab.edition > Edition::V15_11 && directory.is_protected(package, level) {
        let text = "403 Forbidden - Package is deletion protected.";
        return Err(Refusal::message(StatusCode::FORBIDDEN, text));
    }
    let file = package.files.iter().find(|file| Some(file.id) == file_id && file.status == FileStatus::Default);
    let file = file.ok_or_else(|| Refusal::message(StatusCode::NOT_FOUND, "404 Not Found"))?;
    unmodified(&ask.headers, file.updated_at)?;
    let (id, file_id) = (package.id, file.id);
    store.mark_file(id, file_id, gitlab.clock.now());
    Ok(StatusCode::NO_CONTENT)
}

/// Writes a file's JSON (lib/api/entities/package_file.rb).
fn write(file: &PackageFile, package: u64, context: &Context, out: &mut String) {
    let sum = |sum: &Option<String>| sum.as_deref().map_or_else(|| "null".to_owned(), text);
    let size = file.size.map_or_else(|| "null".to_owned(), |size| size.to_string());
    let (id, created, name) = (file.id, instant(Some(file.created_at)), text(&file.file_name));
    let (md5, sha1, sha256) = (sum(&file.md5), sum(&file.sha1), sum(&file.sha256));
    let _ =
        write!(out, r#"{{"id":{id},"package_id":{package},"created_at":{created},"file_name":{name},"size":{size}"#);
    let _ = write!(out, r#","file_md5":{md5},"file_sha1":{sha1},"file_sha256":{sha256}"#);
    if !file.pipeline_ids.is_empty() {
        let _ = write!(out, r#","pipelines":{}"#, context.pipelines(&file.pipeline_ids));
    }
    out.push('}');
}
