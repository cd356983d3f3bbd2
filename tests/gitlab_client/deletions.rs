//! Deleting packages and files: what is sent, and what each answer means.

use gleaner::gitlab::{Deletion, Error};
use gleaner::package::{FileId, PackageId, ProjectId};
use jiff::Timestamp;

use crate::script::{Answer, Script, TOKEN, answer};

fn planned_at() -> Timestamp {
    "2024-03-05T09:07:03.987Z".parse().unwrap()
}

/// What the client makes of these answers to the deletion of a package.
async fn deletion(answers: impl IntoIterator<Item = Answer>) -> Result<Deletion, Error> {
    let script = Script::start(answers).await;
    let writer = script.connect().writer;
    writer.delete_package(ProjectId(2), PackageId(12), planned_at()).await
}

#[tokio::test]
async fn a_deletion_names_what_it_deletes_and_as_of_when() {
    let script = Script::start([answer(204, ""), answer(204, "")]).await;
    let writer = script.connect().writer;
    let package = writer.delete_package(ProjectId(2), PackageId(12), planned_at()).await.unwrap();
    let file = writer.delete_file(ProjectId(2), PackageId(12), FileId(30), planned_at()).await.unwrap();
    assert_eq!((package, file), (Deletion::Accepted, Deletion::Accepted));
    assert_eq!(script.targets(), ["/api/v4/projects/2/packages/12", "/api/v4/projects/2/packages/12/package_files/30"]);
    for asked in script.asked() {
        assert_eq!(asked.method, "DELETE");
        assert_eq!(asked.headers["if-unmodified-since"], "Tue, 05 Mar 2024 09:07:03 GMT");
        assert_eq!(asked.headers["private-token"], TOKEN);
    }
}

#[tokio::test]
async fn answers_that_settle_a_deletion() {
    let protected = Deletion::Forbidden(Some("Package is deletion protected.".to_owned()));
    let table = [
        (answer(204, ""), Deletion::Accepted),
        (answer(202, ""), Deletion::Accepted),
        (answer(200, "{}"), Deletion::Accepted),
        (answer(404, r#"{"message": "404 Not found"}"#), Deletion::AlreadyGone),
        (answer(412, r#"{"message": "412 Precondition Failed"}"#), Deletion::Changed),
        (answer(403, r#"{"message": "Package is deletion protected."}"#), protected),
        (answer(403, ""), Deletion::Forbidden(None)),
    ];
    for (answer, expected) in table {
        assert_eq!(deletion([answer.clone()]).await.unwrap(), expected, "{answer:?}");
    }
}

#[tokio::test]
async fn answers_that_settle_nothing_are_errors() {
    let scope = r#"{"error": "insufficient_scope", "error_description": "The request requires higher privileges."}"#;
    type Expected = fn(&Error) -> bool;
    let table: [(Answer, Expected); 7] = [
        (answer(401, r#"{"message": "401 Unauthorized"}"#), |error| matches!(error, Error::Unauthorized(_))),
        (answer(403, scope), |error| matches!(error, Error::InsufficientScope { .. })),
        (answer(404, r#"{"message": "404 Project Not Found"}"#), |error| matches!(error, Error::NotFound { .. })),
        (answer(404, "default backend - 404"), |error| matches!(error, Error::NotGitlab { .. })),
        (answer(400, r#"{"message": "no"}"#), |error| matches!(error, Error::Rejected { status: 400, .. })),
        (answer(307, "").with("location", "/api/v4/projects/3/packages/12"), |error| {
            matches!(error, Error::Redirected { .. })
        }),
        (answer(303, "").with("location", "/"), |error| matches!(error, Error::Redirected { .. })),
    ];
    for (answer, is_expected) in table {
        let error = deletion([answer]).await.unwrap_err();
        assert!(is_expected(&error), "{error:?}");
    }
}

#[tokio::test]
async fn a_sign_in_page_deletes_nothing() {
    let page = || answer(200, "<!DOCTYPE html><title>Sign in</title>").with("content-type", "text/html");
    let error = deletion(std::iter::repeat_with(page).take(6)).await.unwrap_err();
    assert!(matches!(error, Error::NotGitlab { status: 200, .. }), "{error:?}");
}

#[tokio::test]
async fn a_deletion_whose_first_answer_got_lost_is_done_all_the_same() {
    let lost = answer(502, "<html>Bad gateway</html>");
    let gone = answer(404, r#"{"message": "404 Not found"}"#);
    assert_eq!(deletion([lost, gone]).await.unwrap(), Deletion::AlreadyGone);
}
