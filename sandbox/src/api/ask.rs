//! A request that has passed authentication: its caller, its route and its parameters.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::{FromRequestParts, RawPathParams};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, StatusCode};
use percent_encoding::percent_decode_str;

use super::params::Params;
use super::refusal::Refusal;
use crate::directory::Caller;
use crate::faults::Bend;
use crate::gitlab::Gitlab;
use crate::world::World;

/// A request whose token, if it has one, is good.
pub(crate) struct Ask {
    pub(crate) caller: Caller,
    /// The token's place in the directory.
    pub(crate) token: Option<usize>,
    pub(crate) headers: HeaderMap,
    /// The changes that a fault makes to the answer.
    pub(crate) bend: Bend,
    /// The path for links.
    pub(super) path: String,
    method: Method,
    /// The query as it was sent.
    text: String,
    route: BTreeMap<String, String>,
    query: BTreeMap<String, String>,
    /// The most rows on a page.
    largest_page: usize,
}

/// The path before it was made fit for the routes.
#[derive(Clone)]
pub(crate) struct AsSent {
    /// Without a slash at its end, but with `.json` if that was there.
    pub(crate) path: String,
    pub(crate) json_suffix: bool,
}

impl FromRequestParts<Arc<Gitlab>> for Ask {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, gitlab: &Arc<Gitlab>) -> Result<Self, Refusal> {
        let route = RawPathParams::from_request_parts(parts, gitlab).await.map_err(|_| Refusal::not_found())?;
        let route: BTreeMap<_, _> = route.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        let text = parts.uri.query().unwrap_or_default().to_owned();
        let mut query = parse_query(&text);
        let as_sent = parts.extensions.get::<AsSent>();
        if as_sent.is_some_and(|as_sent| as_sent.json_suffix) {
            query.insert("format".to_owned(), "json".to_owned());
        }
        let path = as_sent.map_or_else(|| parts.uri.path().to_owned(), |as_sent| as_sent.path.clone());
        let (caller, token) = authenticate(gitlab, parts, &query)?;
        let bend = parts.extensions.get::<Bend>().cloned().unwrap_or_default();
        let (headers, method) = (parts.headers.clone(), parts.method.clone());
        Ok(Self { caller, token, headers, bend, path, method, text, route, query, largest_page: gitlab.largest_page })
    }
}

impl Ask {
    pub(crate) fn params(&self) -> Params<'_> {
        Params::new(&self.route, &self.query, self.largest_page)
    }

    fn id(&self) -> &str {
        self.route.get("id").map_or("", String::as_str)
    }

    /// The place of the group that the route names, if the caller sees it.
    pub(crate) fn group(&self, world: &World) -> Result<usize, Refusal> {
        let group = world.directory.group(self.id());
        group
            .filter(|group| world.directory.sees_group(self.caller, *group))
            .ok_or_else(|| Refusal::message(StatusCode::NOT_FOUND, "404 Group Not Found"))
    }

    /// The place of the project that the route names, if the caller sees it. A path that it had before is answered with
    /// its id, which is no secret to who sees it (`find_project!` in lib/api/helpers.rb).
    pub(crate) fn project(&self, world: &World) -> Result<usize, Refusal> {
        let directory = &world.directory;
        let present = directory.project(self.id());
        let project = present
            .or_else(|| directory.moved_project(self.id()))
            .filter(|project| directory.sees_project(self.caller, *project))
            .filter(|project| !self.bend.hides(&directory.projects[*project].path))
            .ok_or_else(|| Refusal::message(StatusCode::NOT_FOUND, "404 Project Not Found"))?;
        if present.is_some() {
            return Ok(project);
        }
        // Not even HEAD is a GET there.
        if self.method != Method::GET {
            let text = "Non GET methods are not allowed for moved projects";
            return Err(Refusal::message(StatusCode::METHOD_NOT_ALLOWED, text));
        }
        Err(Refusal::moved(self.url_with_id(&world.store.context().external_url, directory.projects[project].id)))
    }

    /// Its own URL with the project's id in place of what the route calls `id`.
    fn url_with_id(&self, external_url: &str, id: u64) -> String {
        const BEFORE: &str = "/api/v4/projects/";
        let rest = self.path.strip_prefix(BEFORE).and_then(|rest| rest.split_once('/'));
        let rest = rest.map(|(_, rest)| format!("/{rest}")).unwrap_or_default();
        let query = if self.text.is_empty() { String::new() } else { format!("?{}", self.text) };
        format!("{external_url}{BEFORE}{id}{rest}{query}")
    }

    /// A text in the route's path, such as a branch's name.
    pub(super) fn route_text(&self, name: &str) -> &str {
        self.route.get(name).map_or("", String::as_str)
    }

    /// The same, for the routes of its packages.
    pub(crate) fn project_with_packages(&self, world: &World) -> Result<usize, Refusal> {
        let project = self.project(world)?;
        if world.reads_packages(self.caller, project) { Ok(project) } else { Err(Refusal::forbidden()) }
    }
}

/// The parameters of a query; the last of several with one name holds.
fn parse_query(query: &str) -> BTreeMap<String, String> {
    let decode = |text: &str| percent_decode_str(&text.replace('+', " ")).decode_utf8_lossy().into_owned();
    query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(|(name, value)| (decode(name), decode(value)))
        .collect()
}

/// Who sent the request (lib/api/api_guard.rb, lib/gitlab/auth/auth_finders.rb).
fn authenticate(
    gitlab: &Gitlab,
    parts: &Parts,
    query: &BTreeMap<String, String>,
) -> Result<(Caller, Option<usize>), Refusal> {
    let header = |name: &str| parts.headers.get(name).and_then(|value| value.to_str().ok());
    let param = |name: &str| query.get(name).map(String::as_str);
    let bearer = || header("authorization").and_then(|value| value.strip_prefix("Bearer "));
    let given = |text: Option<&str>| text.filter(|text| !text.is_empty()).map(str::to_owned);

    // Group routes pass over job tokens as if they weren't there.
    let path = parts.uri.path();
    let takes_job_tokens = path.contains("/projects/") || path == "/api/v4/job";
    let job = given(header("job-token")).or_else(|| given(param("job_token"))).filter(|_| takes_job_tokens);
    let personal = given(header("private-token")).or_else(|| given(param("private_token"))).or_else(|| given(bearer()));
    let Some(text) = personal.clone().or_else(|| job.clone()) else {
        return Ok((Caller::Anonymous, None));
    };
    let directory = &gitlab.world().directory;
    let known = directory.token(&text).filter(|(_, token)| token.job == personal.is_none());
    let Some((at, token)) = known else {
        return Err(Refusal::unauthorized());
    };

    if token.revoked {
        return Err(Refusal::invalid_token("Token was revoked. You have to re-authorize from the user."));
    }
    let today = gitlab.clock.today();
    if token.expires_on.is_some_and(|day| day <= today) {
        return Err(Refusal::expired());
    }
    let has = |scope: &str| token.scopes.iter().any(|one| one == scope);
    let reads = parts.method == Method::GET || parts.method == Method::HEAD;
    // Any token may ask about itself.
    let about_itself = path.ends_with("/personal_access_tokens/self");
    if !(token.job || has("api") || reads && has("read_api") || about_itself) {
        return Err(Refusal::insufficient_scope());
    }
    let Some(user) = directory.user(&token.user) else {
        return Err(Refusal::unauthorized());
    };
    if directory.users[user].state == "blocked" {
        return Err(Refusal::message(StatusCode::FORBIDDEN, "403 Forbidden - Your account has been blocked."));
    }
    Ok((Caller::User(user), Some(at)))
}
