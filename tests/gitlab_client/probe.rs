//! What GitLab tells about the token itself.

use gitlab_sandbox::{Options, Registry, Server};
use gleaner::gitlab::{ConnectionOptions, Credential, Error, TokenExpiry, TokenKind, TokenRejection};
use gleaner::gitlab::{Endpoint, Owner, Traffic};
use jiff::civil::date;

use crate::script::{Answer, Connected, Script, answer, options, token};

#[tokio::test]
async fn a_token_ends_with_the_first_moment_of_its_last_day() {
    let at = |text: &str| TokenExpiry::At(text.parse().unwrap());
    let table = [
        (r#"{"id": 3, "active": true, "expires_at": "2026-12-31"}"#, at("2026-12-31T00:00:00Z")),
        (r#"{"id": 3, "active": true, "expires_at": null}"#, TokenExpiry::Never),
        (r#"{"id": 3, "active": true}"#, TokenExpiry::NotTold),
        (r#"{"id": 3, "expires_at": "some day"}"#, TokenExpiry::NotTold),
    ];
    for (body, expected) in table {
        let script = Script::start([answer(200, body)]).await;
        let client = script.connect();
        assert_eq!(client.reader.token().await.unwrap(), expected, "{body}");
        assert_eq!(script.targets(), ["/api/v4/personal_access_tokens/self"]);
        let is_asked = |event: &Traffic| matches!(event, Traffic::Requested { endpoint: Endpoint::Token, .. });
        assert!(client.events().iter().any(is_asked), "{:?}", client.events());
    }
}

#[tokio::test]
async fn what_may_not_ask_about_itself_is_no_failure() {
    let refusals = [
        answer(403, r#"{"error": "insufficient_scope"}"#),
        answer(403, r#"{"message": "403 Forbidden"}"#),
        answer(404, r#"{"message": "404 Not Found"}"#),
    ];
    for refusal in refusals {
        let script = Script::start([refusal]).await;
        assert_eq!(script.connect().reader.token().await.unwrap(), TokenExpiry::NotTold);
    }
    let missing = || answer(404, r#"{"message": "404 Not Found"}"#);
    let table = [
        (Credential::None, unauthorized()),
        (Credential::None, missing()),
        (token(TokenKind::Job), unauthorized()),
        (token(TokenKind::Job), missing()),
    ];
    for (credential, refusal) in table {
        let script = Script::start([refusal]).await;
        let client = Connected::with(ConnectionOptions { credential, ..options(&script.url) });
        assert_eq!(client.reader.token().await.unwrap(), TokenExpiry::NotTold);
    }
}

#[tokio::test]
async fn a_token_that_is_not_taken_is_a_failure() {
    let expired = r#"{"error": "invalid_token", "error_description": "Token is expired."}"#;
    let table = [(unauthorized(), TokenRejection::Wrong), (answer(401, expired), TokenRejection::Expired)];
    for (refusal, expected) in table {
        let script = Script::start([refusal]).await;
        let error = script.connect().reader.token().await.unwrap_err();
        assert!(matches!(error, Error::Unauthorized(rejection) if rejection == expected), "{error:?}");
    }
}

#[tokio::test]
async fn what_is_no_gitlab_is_a_failure() {
    let script = Script::start([answer(200, "[]")]).await;
    let error = script.connect().reader.token().await.unwrap_err();
    assert_eq!(error.to_string(), "the answer about the token makes no sense: it is not a JSON object");
    let script = Script::start([answer(404, "<html>")]).await;
    let error = script.connect().reader.token().await.unwrap_err();
    assert!(matches!(error, Error::NotGitlab { .. }), "{error:?}");
}

#[tokio::test]
async fn the_sandbox_tells_it_too() {
    for (day, expected) in [
        (Some(date(2999, 12, 31)), TokenExpiry::At("2999-12-31T00:00:00Z".parse().unwrap())),
        (None, TokenExpiry::Never),
    ] {
        let mut registry = Registry::generate(10, 1, "2026-01-01T00:00:00Z".parse().unwrap());
        registry.tokens.iter_mut().for_each(|token| token.expires_on = day);
        let server = Server::start(registry, Options::default()).await.unwrap();
        let credential = Credential::Fixed { kind: TokenKind::Private, token: server.token().into() };
        let client = Connected::with(ConnectionOptions { credential, ..options(server.url()) });
        assert_eq!(client.reader.token().await.unwrap(), expected);
        server.stop().await;
    }
}

fn owner(username: Option<&str>, is_administrator: bool) -> Owner {
    Owner { username: username.map(str::to_owned), is_administrator }
}

#[tokio::test]
async fn an_administrator_is_told_that_it_is_one_and_nobody_else() {
    let table = [
        (answer(200, r#"{"id": 1, "username": "root", "is_admin": true}"#), owner(Some("root"), true)),
        (answer(200, r#"{"id": 1, "username": "root", "is_admin": false}"#), owner(Some("root"), false)),
        (answer(200, r#"{"id": 2, "username": "keeper"}"#), owner(Some("keeper"), false)),
        (answer(200, r#"{"id": 2, "is_admin": "true"}"#), owner(None, false)),
        (answer(403, r#"{"error": "insufficient_scope"}"#), owner(None, false)),
        (answer(403, r#"{"message": "403 Forbidden"}"#), owner(None, false)),
        (answer(404, r#"{"message": "404 Not Found"}"#), owner(None, false)),
    ];
    for (told, expected) in table {
        let script = Script::start([told.clone()]).await;
        let client = script.connect();
        assert_eq!(client.reader.owner().await.unwrap(), expected, "{told:?}");
        assert_eq!(script.targets(), ["/api/v4/user"]);
        let is_asked = |event: &Traffic| matches!(event, Traffic::Requested { endpoint: Endpoint::User, .. });
        assert!(client.events().iter().any(is_asked), "{:?}", client.events());
    }
    let script = Script::start([unauthorized()]).await;
    let client = Connected::with(ConnectionOptions { credential: Credential::None, ..options(&script.url) });
    assert_eq!(client.reader.owner().await.unwrap(), Owner::default());
    for broken in [unauthorized(), answer(200, "[]"), answer(404, "<html>")] {
        let script = Script::start([broken]).await;
        script.connect().reader.owner().await.unwrap_err();
    }
}

/// GitLab would take no notice of such a token where it tells of users.
#[tokio::test]
async fn a_jobs_token_is_that_of_the_user_who_runs_the_job() {
    let script = Script::start([answer(200, r#"{"id": 7, "user": {"id": 2, "username": "keeper"}}"#)]).await;
    let client = Connected::with(ConnectionOptions { credential: token(TokenKind::Job), ..options(&script.url) });
    assert_eq!(client.reader.owner().await.unwrap(), owner(Some("keeper"), false));
    assert_eq!(script.targets(), ["/api/v4/job"]);
}

#[tokio::test]
async fn the_sandboxes_own_token_is_no_administrators() {
    for is_admin in [false, true] {
        let mut registry = Registry::generate(10, 1, "2026-01-01T00:00:00Z".parse().unwrap());
        registry.users.iter_mut().for_each(|user| user.admin |= is_admin);
        let server = Server::start(registry, Options::default()).await.unwrap();
        let credential = Credential::Fixed { kind: TokenKind::Private, token: server.token().into() };
        let client = Connected::with(ConnectionOptions { credential, ..options(server.url()) });
        assert_eq!(client.reader.owner().await.unwrap().is_administrator, is_admin);
        server.stop().await;
    }
}

fn unauthorized() -> Answer {
    answer(401, r#"{"message": "401 Unauthorized"}"#)
}
