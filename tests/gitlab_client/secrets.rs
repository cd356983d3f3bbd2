//! Where the token goes, and where it doesn't.

use std::error::Error as _;

use gleaner::gitlab::{ConnectionOptions, Credential, Deletion, Error, PageNumber, TokenKind};
use gleaner::package::{PackageId, ProjectId};

use crate::deletions::fresh_for;
use crate::script::{Connected, Script, TOKEN, answer, listing, options, page, token};

async fn list(client: &Connected) -> Result<(), Error> {
    client.reader.packages_page(&listing(), PageNumber::FIRST).await.map(drop)
}

#[tokio::test]
async fn a_token_goes_into_the_header_of_its_kind() {
    for (credential, expected) in [(token(TokenKind::Private), Some("private-token")), (Credential::None, None)] {
        let script = Script::start([page("[]", "")]).await;
        let client = Connected::with(ConnectionOptions { credential, ..options(&script.url) });
        list(&client).await.unwrap();
        let headers = &script.asked()[0].headers;
        let found: Vec<_> =
            headers.iter().filter(|(_, value)| *value == TOKEN).map(|(name, _)| name.as_str()).collect();
        assert_eq!(found, Vec::from_iter(expected));
    }
}

#[tokio::test]
async fn a_job_token_reaches_a_project() {
    let script = Script::start([answer(204, "")]).await;
    let client = Connected::with(ConnectionOptions { credential: token(TokenKind::Job), ..options(&script.url) });
    client.writer.delete_package(ProjectId(1), PackageId(2), &fresh_for(40)).await.deletion.unwrap();
    assert_eq!(script.asked()[0].headers["job-token"], TOKEN);
    assert!(!script.asked()[0].headers.contains_key("private-token"));
}

#[tokio::test]
async fn a_redirect_to_another_origin_is_told_and_not_followed() {
    // Another port is another origin.
    let elsewhere = Script::start([page("[]", "")]).await;
    for status in [301, 302, 303, 307, 308] {
        let location = format!("{}/gitlab/api/v4/groups/7/packages?private_token={TOKEN}", elsewhere.url);
        let script = Script::start([answer(status, "").with("location", &location)]).await;
        let error = list(&script.connect()).await.unwrap_err();
        let Error::Redirected { to } = &error else {
            panic!("{error:?}");
        };
        assert_eq!(*to, format!("{}/gitlab/api/v4/groups/7/packages", elsewhere.url));
        let advice = error.advice().unwrap();
        assert!(advice.contains(&format!("{}/gitlab,", elsewhere.url)), "{advice}");
        assert_eq!(script.asked().len(), 1);
    }
    assert!(elsewhere.asked().is_empty(), "{:?}", elsewhere.asked());
}

#[tokio::test]
async fn another_scheme_is_another_origin() {
    let script = Script::start([answer(301, "").with("location", "https://127.0.0.1/api/v4/groups/7/packages")]).await;
    let error = list(&script.connect()).await.unwrap_err();
    assert!(error.advice().unwrap().contains("https://127.0.0.1, give that"), "{:?}", error.advice());
}

#[tokio::test]
async fn a_redirect_within_the_origin_is_followed_with_the_token() {
    let moved = answer(301, "").with("location", "/api/v4/groups/7/packages?page=1");
    let script = Script::start([moved, page("[]", "")]).await;
    list(&script.connect()).await.unwrap();
    assert_eq!(script.targets()[1], "/api/v4/groups/7/packages?page=1");
    assert_eq!(script.asked()[1].headers["private-token"], TOKEN);
}

#[tokio::test]
async fn redirects_that_go_round_in_circles_end() {
    let round = || answer(302, "").with("location", "/api/v4/groups/7/packages");
    let script = Script::start(std::iter::repeat_with(round).take(20)).await;
    let error = list(&script.connect()).await.unwrap_err();
    assert!(matches!(error, Error::BadAnswer { .. }), "{error:?}");
    assert_eq!(script.asked().len(), 6);
}

#[tokio::test]
async fn a_refused_token_is_read_again_and_tried_once_more_if_it_changed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("token");
    std::fs::write(&path, "glpat-old\n").unwrap();
    let refused = || answer(401, r#"{"message": "401 Unauthorized"}"#);
    let replaced = |token| refused().writing(&path, token);
    let script = Script::start([
        refused(),
        replaced("glpat-new"),
        page("[]", ""),
        replaced("glpat-newer"),
        replaced("glpat-newest"),
    ])
    .await;
    let client = Connected::with(ConnectionOptions {
        credential: Credential::File { kind: TokenKind::Private, path: path.clone() },
        ..options(&script.url)
    });
    // The same content: no second try.
    list(&client).await.unwrap_err();
    assert_eq!(script.asked().len(), 1);
    // Another content: one more try.
    list(&client).await.unwrap();
    assert_eq!(script.asked().len(), 3);
    // But only one.
    list(&client).await.unwrap_err();
    let sent: Vec<_> = script.asked().iter().map(|asked| asked.headers["private-token"].clone()).collect();
    assert_eq!(sent, ["glpat-old", "glpat-old", "glpat-new", "glpat-new", "glpat-newer"]);
}

#[tokio::test]
async fn no_output_holds_the_token() {
    // A proxy that repeats what it was sent, on each of its ways.
    let echo = format!(r#"{{"message": "no entry for {TOKEN} here", "error": "{TOKEN}"}}"#);
    for status in [400, 401, 403, 404, 405, 500] {
        let script = Script::start(std::iter::repeat_with(|| answer(status, echo.clone())).take(6)).await;
        let client = script.connect();
        let error = list(&client).await.unwrap_err();
        let mut text = format!("{error} {error:?} {:?}", error.advice());
        let mut source = error.source();
        while let Some(error) = source {
            text += &format!("{error} {error:?}");
            source = error.source();
        }
        text += &format!("{:?} {:?} {:?} {:?}", client.connection, client.reader, client.writer, client.events());
        text += &format!("{:?}", options(&script.url));
        assert!(!text.contains(TOKEN), "{text}");
    }
    let script = Script::start([answer(403, echo)]).await;
    let writer = script.connect().writer;
    let deletion = writer.delete_package(ProjectId(1), PackageId(2), &fresh_for(40)).await.deletion.unwrap();
    assert_eq!(deletion, Deletion::Forbidden(Some("no entry for [token] here".to_owned())));
}
