//! Follows a redirect where that is safe: for reading, and within the origin that the token is meant for.

use reqwest::Url;
use reqwest::header::LOCATION;

use super::answer::Answer;
use super::error::Error;
use super::request::Request;

/// How many redirects one request follows.
const MOST_REDIRECTS: u32 = 5;

/// Returns the address to go on with after `followed` redirects.
pub(super) fn target(request: &Request, from: &Url, answer: &Answer, followed: u32) -> Result<Url, Error> {
    let to = location(request, from, answer)?;
    if followed < MOST_REDIRECTS
        && let Some(same) = by_id(from, &to)
    {
        return Ok(same);
    }
    if to.origin() != from.origin() {
        return Err(Error::Redirected { to: without_secrets(to) });
    }
    if followed >= MOST_REDIRECTS {
        return Err(Error::BadAnswer {
            what: request.subject.clone(),
            problem: format!("it is the {}th redirect in a row", followed + 1),
        });
    }
    Ok(to)
}

pub(super) fn is_redirect(answer: &Answer) -> bool {
    matches!(answer.status.as_u16(), 301 | 302 | 303 | 307 | 308)
}

/// Returns the error of a deletion that is redirected. It follows none: what it deletes was planned under the address
/// that it was sent to.
pub(super) fn refused(request: &Request, answer: &Answer) -> Error {
    match location(request, &request.url, answer) {
        Ok(to) => Error::Redirected { to: without_secrets(to) },
        Err(error) => error,
    }
}

fn location(request: &Request, from: &Url, answer: &Answer) -> Result<Url, Error> {
    let location = answer.headers.get(LOCATION).and_then(|value| value.to_str().ok());
    location.and_then(|location| from.join(location).ok()).ok_or_else(|| Error::BadAnswer {
        what: request.subject.clone(),
        problem: format!("it is a redirect ({}) that points nowhere", answer.status.as_u16()),
    })
}

/// Returns the address that was asked for, with the id of the project that its old path led to. Only the id is taken:
/// such a redirect has the host and scheme that GitLab's own server sees, and it may be reached by others.
///
/// Source: `lib/api/helpers.rb`, `find_project!`.
fn by_id(from: &Url, to: &Url) -> Option<Url> {
    let asked = project_of(from)?;
    let led_to = project_of(to).filter(|id| *id != asked && id.bytes().all(|byte| byte.is_ascii_digit()))?;
    let segments: Vec<&str> = from.path_segments()?.collect();
    let at = segments.windows(2).position(|pair| pair == ["projects", asked])? + 1;
    // The path is put together as it stands, so that what is encoded in it stays so.
    let path: Vec<&str> =
        segments.iter().enumerate().map(|(index, part)| if index == at { led_to } else { part }).collect();
    let mut url = from.clone();
    url.set_path(&path.join("/"));
    Some(url)
}

/// Returns the id or the encoded path of the project in an address of the API.
fn project_of(url: &Url) -> Option<&str> {
    let (_, rest) = url.path().split_once("/api/v4/projects/")?;
    rest.split('/').next()
}

fn without_secrets(mut url: Url) -> String {
    url.set_query(None);
    url.set_fragment(None);
    // Both fail only for URLs that can't hold any.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    url.into()
}
