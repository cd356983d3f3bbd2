//! Releases with their links (lib/api/releases.rb).

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use jiff::Timestamp;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use super::ask::Ask;
use super::refusal::Refusal;
use crate::directory::{Caller, REPORTER};
use crate::edition::Edition;
use crate::gitlab::Gitlab;
use crate::registry::{AccessLevel, Project, Release, ReleaseLink};
use crate::world::World;

/// The archives of the repository that every release has.
const ARCHIVES: [&str; 4] = ["zip", "tar.gz", "tar.bz2", "tar"];

/// `GET /projects/:id/releases`, the last one first. It asks for no package registry, and takes guests.
pub(super) async fn of_project(State(gitlab): State<Arc<Gitlab>>, ask: Ask) -> Result<Response, Refusal> {
    let world = gitlab.world();
    let World { directory, store } = &*world;
    let at = ask.project(&world)?;
    let project = &directory.projects[at];
    let level = directory.level(ask.caller, at);
    match project.releases_access_level {
        AccessLevel::Enabled => {}
        AccessLevel::Private if level > 0 => {}
        AccessLevel::Private | AccessLevel::Disabled => return Err(Refusal::forbidden()),
    }
    let mut params = ask.params();
    let page = params.page();
    let order = params.choice("order_by", &["released_at", "created_at"], Some("released_at"));
    let descending = params.choice("sort", &["asc", "desc"], Some("desc")) == Some("desc");
    let params = params.finish()?;

    let mut releases: Vec<_> = project.releases.iter().collect();
    releases.sort_by_key(|release| if order == Some("created_at") { release.created_at } else { release.released_at });
    if descending {
        releases.reverse();
    }
    let view = View {
        external_url: &store.context().external_url,
        edition: gitlab.edition,
        reads_code: level >= REPORTER || directory.sees_project(Caller::Anonymous, at),
        project,
        now: gitlab.clock.now(),
    };
    let url = format!("{}{}", view.external_url, ask.path);
    Ok(page.answer(&ask.bend, (&url, &params), releases.len(), gitlab.count_limit, |at, out| {
        out.push_str(&view.release(releases[at]).to_string());
    }))
}

/// A project's releases as the caller may see them.
struct View<'a> {
    external_url: &'a str,
    edition: Edition,
    /// The caller may read the code. Who may not is told neither the tag nor the archives.
    reads_code: bool,
    project: &'a Project,
    now: Timestamp,
}

impl View<'_> {
    /// Source: lib/api/entities/release.rb. There is no repository, and so no commit.
    fn release(&self, release: &Release) -> Value {
        let name = if release.name.is_empty() { &release.tag } else { &release.name };
        let mut links: Vec<_> = release.links.iter().collect();
        links.sort_by_key(|link| std::cmp::Reverse(link.id));
        let links: Vec<_> = links.into_iter().map(|link| self.link(release, link)).collect();
        let page = self.page_of(release);
        let mut value = json!({
            "name": name,
            "description": null,
            "created_at": stamp(release.created_at),
            "released_at": stamp(release.released_at),
            "upcoming_release": release.released_at > self.now,
            "assets": { "count": links.len(), "links": links },
            "_links": { "self": page },
        });
        if self.reads_code {
            let project = &self.project.path;
            let (tag, name) = (escape(&release.tag), project.rsplit('/').next().unwrap_or_default());
            let file = release.tag.replace('/', "-");
            let sources = ARCHIVES.map(|format| {
                let url = format!("{}/{project}/-/archive/{tag}/{name}-{file}.{format}", self.external_url);
                json!({ "format": format, "url": url })
            });
            value["tag_name"] = release.tag.as_str().into();
            value["tag_path"] = format!("/{project}/-/tags/{tag}").into();
            value["evidences"] = json!([]);
            value["assets"]["count"] = (links.len() + sources.len()).into();
            value["assets"]["sources"] = sources.to_vec().into();
        }
        value
    }

    /// Source: lib/api/entities/releases/link.rb.
    fn link(&self, release: &Release, link: &ReleaseLink) -> Value {
        let url = link.url.replace("{url}", self.external_url);
        let direct = link.direct_asset_path.as_ref().map(|path| {
            let slash = if path.starts_with('/') { "" } else { "/" };
            format!("{}/downloads{slash}{path}", self.page_of(release))
        });
        let mut value = json!({
            "id": link.id,
            "name": link.name,
            "url": url,
            "direct_asset_url": direct.as_ref().unwrap_or(&url),
            "link_type": link.link_type,
        });
        // It is gone since 16.0.
        if self.edition == Edition::V15_11 {
            value["external"] = (!url.starts_with(&format!("{}/{}", self.external_url, self.project.path))).into();
        }
        value
    }

    fn page_of(&self, release: &Release) -> String {
        format!("{}/{}/-/releases/{}", self.external_url, self.project.path, escape(&release.tag))
    }
}

fn stamp(time: jiff::Timestamp) -> String {
    crate::store::instant(Some(time)).trim_matches('"').to_owned()
}

/// One segment of a path.
fn escape(text: &str) -> String {
    const KEPT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');
    utf8_percent_encode(text, KEPT).to_string()
}
