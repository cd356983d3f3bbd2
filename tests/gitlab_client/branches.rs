//! The branches of a project: their list, the protected names, and one by itself.

use gleaner::gitlab::{ConnectionOptions, Error, TokenKind};
use gleaner::package::{BranchList, ProjectId};

use crate::script::{Answer, Connected, Script, answer, options, page, token};

const PROJECT: ProjectId = ProjectId(2);

async fn branches(answers: Vec<Answer>) -> Result<Option<BranchList>, Error> {
    Script::start(answers).await.connect().reader.branches(PROJECT).await
}

async fn exists(name: &str, answer: Answer) -> Result<Option<bool>, Error> {
    Script::start([answer]).await.connect().reader.branch_exists(PROJECT, name).await
}

#[tokio::test]
async fn branches_are_read_to_the_last_page() {
    let script = Script::start([
        page(r#"[{"name": "feature/x", "default": false}, {"name": "main", "default": true}]"#, "2"),
        page(r#"[{"name": "v1"}]"#, ""),
    ])
    .await;
    let list = script.connect().reader.branches(PROJECT).await.unwrap().unwrap();
    assert_eq!(list.names.iter().map(String::as_str).collect::<Vec<_>>(), ["feature/x", "main", "v1"]);
    assert_eq!(list.default.as_deref(), Some("main"));
    let target = |page| format!("/api/v4/projects/2/repository/branches?per_page=100&page={page}");
    assert_eq!(script.targets(), [target(1), target(2)]);
}

#[tokio::test]
async fn a_list_that_may_not_be_read_is_none_and_one_that_breaks_off_an_error() {
    for (status, body) in [
        (403, r#"{"message": "403 Forbidden"}"#),
        (403, r#"{"error": "insufficient_scope"}"#),
        (404, r#"{"message": "404 Repository Not Found"}"#),
        (404, r#"{"message": "404 Project Not Found"}"#),
    ] {
        assert_eq!(branches(vec![answer(status, body)]).await.unwrap(), None, "{status} {body}");
    }
    let first = || page(r#"[{"name": "main", "default": true}]"#, "2");
    for broken in [answer(400, "{}"), answer(200, "{}"), page(r#"[{"name": ""}]"#, ""), page("[7]", "")] {
        let error = branches(vec![first(), broken]).await.unwrap_err();
        assert!(error.to_string().contains("project 2"), "{error}");
    }
}

#[tokio::test]
async fn protected_names_are_read_and_none_is_no_list_of_none() {
    let script = Script::start([page(r#"[{"id": 1, "name": "main"}, {"id": 2, "name": "release/*"}]"#, "")]).await;
    let reading = script.connect().reader.protected_branches(PROJECT).await.unwrap().unwrap();
    assert_eq!((reading.rows, reading.pages), (vec!["main".to_owned(), "release/*".to_owned()], 1));
    assert_eq!(script.targets(), ["/api/v4/projects/2/protected_branches?per_page=100&page=1"]);
    let read = async |answer| Script::start([answer]).await.connect().reader.protected_branches(PROJECT).await;
    assert!(read(answer(403, r#"{"message": "403 Forbidden"}"#)).await.unwrap().is_none());
    assert_eq!(read(page("[]", "")).await.unwrap().unwrap().rows, Vec::<String>::new());
    assert!(read(page(r#"[{"id": 1}]"#, "")).await.is_err());
    // Another one may have slipped through.
    assert!(read(page(r#"[{"id": 1, "name": "main"}, {"id": 1, "name": "main"}]"#, "")).await.is_err());
}

#[tokio::test]
async fn only_a_404_about_the_branch_itself_says_that_it_is_gone() {
    let script = Script::start([answer(200, r#"{"name": "feature/a b#1"}"#)]).await;
    let is_there = script.connect().reader.branch_exists(PROJECT, "feature/a b#1").await.unwrap();
    assert_eq!(is_there, Some(true));
    assert_eq!(script.targets(), ["/api/v4/projects/2/repository/branches/feature%2Fa%20b%231"]);
    let table = [
        (404, r#"{"message": "404 Branch Not Found"}"#, Some(false)),
        (404, r#"{"message": "404 Not found"}"#, None),
        (404, r#"{"error": "404 Not Found"}"#, None),
        (404, r#"{"message": "404 Project Not Found"}"#, None),
        (404, r#"{"message": "404 Repository Not Found"}"#, None),
        (403, r#"{"message": "403 Forbidden"}"#, None),
    ];
    for (status, body, expected) in table {
        assert_eq!(exists("x", answer(status, body)).await.unwrap(), expected, "{status} {body}");
    }
    for (status, body) in [(200, r#"{"name": "y"}"#), (200, "[]"), (400, "{}"), (404, "<html>")] {
        assert!(exists("x", answer(status, body)).await.is_err(), "{status} {body}");
    }
}

#[tokio::test]
async fn a_job_token_that_is_not_taken_is_a_refusal() {
    let refused = || answer(401, r#"{"message": "401 Unauthorized"}"#);
    let script = Script::start([refused(), refused(), refused()]).await;
    let client = Connected::with(ConnectionOptions { credential: token(TokenKind::Job), ..options(&script.url) });
    assert_eq!(client.reader.branches(PROJECT).await.unwrap(), None);
    assert!(client.reader.protected_branches(PROJECT).await.unwrap().is_none());
    assert_eq!(client.reader.branch_exists(PROJECT, "x").await.unwrap(), None);
}
