//! Deleting packages and files: what is sent, and what each answer means.

use gleaner::gitlab::{Deletion, Error, Freshness};
use gleaner::package::{FileId, PackageId, ProjectId};
use std::time::Duration;
use tokio::time::Instant;

use crate::script::{Answer, Script, TOKEN, answer};

/// A look that is fresh for a while.
pub(crate) fn fresh_for(seconds: u64) -> Freshness {
    Freshness {
        until: Instant::now() + Duration::from_secs(seconds),
        unmodified_since: "2024-03-05T09:07:03.987Z".parse().unwrap(),
    }
}

/// What the client makes of this answer to the deletion of a package. It asks no more than once.
async fn deletion(answer: Answer) -> Result<Deletion, Error> {
    let script = Script::start([answer]).await;
    let writer = script.connect().writer;
    let deletion = writer.delete_package(ProjectId(2), PackageId(12), &fresh_for(40)).await;
    assert_eq!(script.asked().len(), 1);
    deletion.deletion
}

#[tokio::test]
async fn a_deletion_names_what_it_deletes_and_as_of_when() {
    let script = Script::start([answer(204, ""), answer(204, "")]).await;
    let writer = script.connect().writer;
    let package = writer.delete_package(ProjectId(2), PackageId(12), &fresh_for(40)).await.deletion.unwrap();
    let file = writer.delete_file(ProjectId(2), PackageId(12), FileId(30), &fresh_for(40)).await.deletion.unwrap();
    assert_eq!((package, file), (Deletion::Accepted, Deletion::Accepted));
    assert_eq!(script.targets(), ["/api/v4/projects/2/packages/12", "/api/v4/projects/2/packages/12/package_files/30"]);
    for asked in script.asked() {
        assert_eq!(asked.method, "DELETE");
        assert_eq!(asked.headers["if-unmodified-since"], "Tue, 05 Mar 2024 09:07:03 GMT");
        assert_eq!(asked.headers["private-token"], TOKEN);
    }
}

#[tokio::test]
async fn the_status_of_an_answer_decides_and_not_its_body() {
    let forbidden = |message: &str| Deletion::Forbidden(Some(message.to_owned()));
    let scope = r#"{"error": "insufficient_scope", "error_description": "The request requires higher privileges."}"#;
    let table = [
        (answer(204, ""), Deletion::Accepted),
        (answer(202, ""), Deletion::Accepted),
        (answer(200, "{}"), Deletion::Accepted),
        (answer(404, r#"{"message": "404 Not found"}"#), Deletion::Absent),
        (answer(404, r#"{"message": "404 Project Not Found"}"#), Deletion::Absent),
        (answer(404, "default backend - 404"), Deletion::Absent),
        (answer(404, "<html>Not here</html>"), Deletion::Absent),
        (answer(412, r#"{"message": "412 Precondition Failed"}"#), Deletion::Changed),
        (answer(403, r#"{"message": "Package is deletion protected."}"#), forbidden("Package is deletion protected.")),
        (answer(403, scope), forbidden("insufficient_scope: The request requires higher privileges.")),
        (answer(403, r#"{"error": "insufficient_scope"}"#), forbidden("insufficient_scope")),
        (answer(403, ""), Deletion::Forbidden(None)),
    ];
    for (answer, expected) in table {
        assert_eq!(deletion(answer.clone()).await.unwrap(), expected, "{answer:?}");
    }
}

#[tokio::test]
async fn a_deletion_is_known_by_the_name_that_gitlab_gave_its_request() {
    let id = "01JDRH8V7GQ5Y3K0W9T2";
    let long = "a".repeat(300);
    let table = [
        (answer(204, "").with("x-request-id", id), Some(id)),
        (answer(404, "").with("x-request-id", id), Some(id)),
        (answer(401, "").with("x-request-id", id), Some(id)),
        (answer(204, ""), None),
        (answer(204, "").with("x-request-id", "two words"), None),
        (answer(204, "").with("x-request-id", &long), None),
    ];
    for (told, expected) in table {
        let script = Script::start([told.clone()]).await;
        let attempt = script.connect().writer.delete_package(ProjectId(2), PackageId(12), &fresh_for(40)).await;
        assert_eq!(attempt.request_id.as_deref(), expected, "{told:?}");
    }
}

#[tokio::test]
async fn a_refusal_of_the_request_is_an_error() {
    type Expected = fn(&Error) -> bool;
    let table: [(Answer, Expected); 5] = [
        (answer(401, r#"{"message": "401 Unauthorized"}"#), |error| matches!(error, Error::Unauthorized(_))),
        (answer(400, r#"{"message": "no"}"#), |error| matches!(error, Error::Rejected { status: 400, .. })),
        (answer(405, ""), |error| matches!(error, Error::Rejected { status: 405, .. })),
        (answer(307, "").with("location", "/api/v4/projects/3/packages/12"), |error| {
            matches!(error, Error::Redirected { .. })
        }),
        (answer(308, ""), |error| matches!(error, Error::BadAnswer { .. })),
    ];
    for (answer, is_expected) in table {
        let error = deletion(answer).await.unwrap_err();
        assert!(is_expected(&error), "{error:?}");
    }
}

/// The deed may be done. A deletion that is sent again without a look may hit what was made since.
#[tokio::test]
async fn a_deletion_whose_answer_tells_nothing_is_sent_once() {
    let html = answer(200, "<!DOCTYPE html><title>Sign in</title>").with("content-type", "text/html");
    let table = [
        (answer(500, r#"{"message": "500 Internal Server Error"}"#), "GitLab answered 500", None),
        (answer(501, ""), "GitLab answered 501", None),
        (answer(502, "<html>Bad gateway</html>"), "GitLab answered 502", None),
        (answer(503, "").with("retry-after", "2m0s"), "GitLab answered 503", Some(120)),
        (answer(504, r#"{"message": "too slow"}"#), r#"GitLab answered 504: "too slow""#, None),
        (answer(522, ""), "GitLab answered 522", None),
        (answer(530, ""), "GitLab answered 530", None),
        (answer(408, ""), "GitLab answered 408", None),
        (answer(302, "").with("location", "/users/sign_in"), "GitLab answered 302", None),
        (answer(303, "").with("location", "/"), "GitLab answered 303", None),
        (html, "the answer is an HTML page", None),
    ];
    for (answer, problem, asked) in table {
        let lost = Deletion::Lost { problem: problem.to_owned(), asked: asked.map(Duration::from_secs) };
        assert_eq!(deletion(answer).await.unwrap(), lost);
    }
}
