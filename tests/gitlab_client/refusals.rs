//! What GitLab refuses, and what gleaner then says: the error, and the advice that goes with it.

use gleaner::gitlab::{
    Connection, ConnectionOptions, Credential, Error, PageNumber, Subgroups, TokenKind, TokenRejection,
};

use crate::script::{Answer, Connected, Script, answer, group, listing, options, page, token};

async fn error(answer: Answer) -> Error {
    let script = Script::start([answer]).await;
    let client = script.connect();
    client.reader.packages_page(&listing(), PageNumber::FIRST).await.unwrap_err()
}

#[tokio::test]
async fn each_refusal_has_its_words_and_its_advice() {
    let description = |text: &str| format!(r#"{{"error": "invalid_token", "error_description": "{text}"}}"#);
    let table = [
        (401, r#"{"message": "401 Unauthorized"}"#.to_owned(), "the token was refused: it is wrong", "mistyped"),
        (
            401,
            description("Token is expired. You can either do re-authorization or token refresh."),
            "the token was refused: it is expired",
            "Make a new token",
        ),
        (
            401,
            description("Token was revoked. You have to re-authorize from the user."),
            "the token was refused: it was revoked",
            "Ask why",
        ),
        (
            403,
            r#"{"error": "insufficient_scope", "scope": "api read_api"}"#.to_owned(),
            "the token's scopes don't reach group acme/platform",
            "read_api for dry runs, and api to delete",
        ),
        (
            403,
            r#"{"message": "403 Forbidden - Your account has been blocked."}"#.to_owned(),
            "access to group acme/platform is forbidden: \"403 Forbidden - Your account has been blocked.\"",
            "at least the role Reporter",
        ),
        (
            404,
            r#"{"message": "404 Group Not Found"}"#.to_owned(),
            "group acme/platform is not there, or the token can't see it",
            "how the path is spelled",
        ),
    ];
    for (status, body, message, advice) in table {
        let error = error(answer(status, body)).await;
        assert_eq!(error.to_string(), message);
        assert!(error.advice().is_some_and(|text| text.contains(advice)), "{:?}", error.advice());
    }
}

#[tokio::test]
async fn a_404_of_something_else_is_no_missing_group() {
    let error = error(answer(404, "<html>Not here</html>")).await;
    assert!(matches!(error, Error::NotGitlab { status: 404, .. }), "{error:?}");
    assert!(error.to_string().ends_with("is it the address of a GitLab?"), "{error}");
    assert!(error.advice().unwrap().contains("https://example.com/gitlab"));
}

#[tokio::test]
async fn a_page_for_people_is_no_gitlab() {
    let html = || answer(200, "<!DOCTYPE html>").with("content-type", "text/html; charset=utf-8");
    let script = Script::start(std::iter::repeat_with(html).take(6)).await;
    let client = script.connect();
    let error = client.reader.packages_page(&listing(), PageNumber::FIRST).await.unwrap_err();
    assert!(matches!(error, Error::NotGitlab { status: 200, .. }), "{error:?}");
    assert!(!error.to_string().contains('?') || error.to_string().ends_with("GitLab?"), "{error}");
    assert!(!error.to_string().contains("per_page"), "{error}");
}

#[tokio::test]
async fn without_a_token_none_is_blamed() {
    let script = Script::start([answer(401, r#"{"message": "401 Unauthorized"}"#)]).await;
    let client = Connected::with(ConnectionOptions::new(&script.url, Credential::None));
    let error = client.reader.packages_page(&listing(), PageNumber::FIRST).await.unwrap_err();
    assert!(matches!(error, Error::Unauthorized(TokenRejection::Missing)), "{error:?}");
}

#[tokio::test]
async fn a_job_token_is_not_even_sent_to_a_group() {
    let script = Script::start([page("[]", "")]).await;
    let client = Connected::with(ConnectionOptions { credential: token(TokenKind::Job), ..options(&script.url) });
    let listed = client.reader.packages_page(&listing(), PageNumber::FIRST).await.unwrap_err();
    let projects = client.reader.projects(&group(), Subgroups::Included).await.unwrap_err();
    for error in [listed, projects] {
        assert_eq!(error.to_string(), "a CI job's token can't list group acme/platform");
        assert!(error.advice().unwrap().contains("`project:` scopes"));
    }
    assert!(script.asked().is_empty());
}

#[tokio::test]
async fn a_ca_file_has_to_hold_certificates() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ca.pem");
    let observer = || std::sync::Arc::new(gleaner::gitlab::RequestCounts::default());
    for content in
        [None, Some("not a certificate"), Some("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")]
    {
        if let Some(content) = content {
            std::fs::write(&path, content).unwrap();
        }
        let options = ConnectionOptions { ca_file: Some(path.clone()), ..options("https://gitlab.test") };
        let error = Connection::open(options, observer()).unwrap_err();
        assert!(matches!(error, Error::CaFile { .. }), "{content:?}: {error:?}");
    }
}

#[tokio::test]
async fn a_token_that_cannot_be_sent_is_told_at_once() {
    let observer = std::sync::Arc::new(gleaner::gitlab::RequestCounts::default());
    let credential = Credential::Fixed { kind: TokenKind::Private, token: " \n".into() };
    let options = ConnectionOptions::new("http://gitlab.test", credential);
    let error = Connection::open(options, observer).unwrap_err();
    assert_eq!(error.to_string(), "the token is empty");
    assert_eq!(error.advice().as_deref(), Some("Put the token, and nothing else, on one line."));
}
