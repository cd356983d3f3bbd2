//! When a deletion is sent, and when no more: by tokio's paused clock.

use std::time::Duration;

use gleaner::gitlab::{Credential, Deletion, Error, Fault, Method, PageNumber, TokenKind};
use gleaner::package::{FileId, PackageId, ProjectId};
use tokio::time::Instant;

use crate::carrier::{Carried, Step, after, answered, at_once};
use crate::deletions::fresh_for;
use crate::script::listing;

fn accepted() -> Step {
    at_once(answered(204, &[], ""))
}

fn too_many(seconds: &str) -> Step {
    at_once(answered(429, &[("retry-after", seconds)], "Retry later\n"))
}

fn unreachable() -> Step {
    at_once(Err(Fault::Connect("nobody listens".into())))
}

/// What came of the deletion of a package, and at which seconds it was sent.
async fn deletion(client: &Carried, fresh_seconds: u64) -> (Result<Deletion, Error>, Vec<u64>) {
    let deletion = client.writer.delete_package(ProjectId(2), PackageId(12), &fresh_for(fresh_seconds)).await;
    (deletion.deletion, client.sent(Method::Delete))
}

#[tokio::test(start_paused = true)]
async fn nothing_is_sent_on_a_look_that_is_too_old() {
    for (seconds, sent) in [(0, vec![]), (1, vec![0])] {
        let client = Carried::by([accepted(), accepted()]);
        let expected = if sent.is_empty() { Deletion::TooLate } else { Deletion::Accepted };
        let (ended, when) = deletion(&client, seconds).await;
        assert_eq!((ended.unwrap(), when), (expected.clone(), sent));
        let file = client.writer.delete_file(ProjectId(2), PackageId(12), FileId(3), &fresh_for(seconds)).await;
        assert_eq!(file.deletion.unwrap(), expected);
    }
}

/// A connection may have to be made first, which takes a while.
#[tokio::test(start_paused = true)]
async fn what_carries_a_deletion_is_told_until_when_it_may_leave() {
    let client = Carried::by([too_many("1"), accepted(), at_once(answered(200, &[("x-next-page", "")], "[]"))]);
    let freshness = fresh_for(40);
    client.writer.delete_package(ProjectId(2), PackageId(12), &freshness).await.deletion.unwrap();
    assert_eq!(client.leave_before(Method::Delete), [Some(freshness.until); 2]);
    client.reader.packages_page(&listing(), PageNumber::FIRST).await.unwrap();
    assert_eq!(client.leave_before(Method::Get), [None]);
}

#[tokio::test(start_paused = true)]
async fn a_deletion_that_came_too_often_is_sent_again_only_while_its_look_is_fresh() {
    // After a look that took 20 s there are 40 s left, and GitLab asks for 55.
    let client = Carried::by([too_many("55"), accepted()]);
    let (ended, sent) = deletion(&client, 40).await;
    assert_eq!((ended.unwrap(), sent), (Deletion::TooLate, vec![0]));
    assert_eq!(client.began.elapsed(), Duration::ZERO, "a wait that ends too late isn't begun");
    // What it was told holds for the next one, too: that isn't sent, and doesn't wait.
    let (ended, sent) = deletion(&client, 40).await;
    assert_eq!((ended.unwrap(), sent), (Deletion::TooLate, vec![0]));
    assert_eq!(client.began.elapsed(), Duration::ZERO);

    // Nor is one that fits, and is long: somebody may pause everything meanwhile.
    let client = Carried::by([too_many("6"), accepted()]);
    let (ended, sent) = deletion(&client, 57).await;
    assert_eq!((ended.unwrap(), sent), (Deletion::TooLate, vec![0]));

    let client = Carried::by([too_many("3"), accepted()]);
    let (ended, sent) = deletion(&client, 57).await;
    assert_eq!(ended.unwrap(), Deletion::Accepted);
    assert!(matches!(sent[..], [0, 3..=4]), "{sent:?}");
}

#[tokio::test(start_paused = true)]
async fn a_limit_that_asks_for_too_long_is_told() {
    let client = Carried::by([too_many("1830")]);
    let (ended, sent) = deletion(&client, 40).await;
    assert!(matches!(ended, Err(Error::RateLimited { asked: Some(_) })), "{ended:?}");
    assert_eq!(sent, [0]);
}

#[tokio::test(start_paused = true)]
async fn a_used_up_rate_limit_is_not_waited_for_beyond_the_look() {
    // The limit is reset 45 s and 4 s later.
    let table = [
        ("1609842615", 40, Deletion::TooLate, vec![], 0),
        ("1609842615", 46, Deletion::TooLate, vec![], 0),
        ("1609842574", 4, Deletion::TooLate, vec![], 0),
        ("1609842574", 5, Deletion::Accepted, vec![4], 4),
    ];
    for (reset, fresh, expected, sent, elapsed) in table {
        let used_up = [
            ("x-next-page", ""),
            ("ratelimit-remaining", "0"),
            ("date", "Tue, 05 Jan 2021 10:29:30 GMT"),
            ("ratelimit-reset", reset),
        ];
        let client = Carried::by([at_once(answered(200, &used_up, "[]")), accepted()]);
        client.reader.packages_page(&listing(), PageNumber::FIRST).await.unwrap();
        let (ended, when) = deletion(&client, fresh).await;
        assert_eq!((ended.unwrap(), when), (expected, sent));
        assert_eq!(client.began.elapsed().as_secs(), elapsed);
    }
}

#[tokio::test(start_paused = true)]
async fn a_deletion_waits_for_its_turn_no_longer_than_its_look_is_fresh() {
    let client = Carried::with([after(50, answered(200, &[("x-next-page", "")], "[]")), accepted()], |options| {
        options.in_flight = 1;
    });
    let reader = client.reader.clone();
    let page = tokio::spawn(async move { reader.packages_page(&listing(), PageNumber::FIRST).await });
    while client.sent(Method::Get).is_empty() {
        tokio::task::yield_now().await;
    }
    let (ended, sent) = deletion(&client, 40).await;
    assert_eq!((ended.unwrap(), sent), (Deletion::TooLate, vec![]));
    assert_eq!(client.began.elapsed().as_secs(), 40);
    let (ended, sent) = deletion(&client, 40).await;
    assert_eq!((ended.unwrap(), sent), (Deletion::Accepted, vec![50]));
    page.await.unwrap().unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_renewed_token_is_no_reason_to_send_it_late() {
    for (fresh, expected, sent) in [(14, Deletion::TooLate, vec![0]), (15, Deletion::Accepted, vec![0, 14])] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("token");
        std::fs::write(&path, "old").unwrap();
        let refused = after(14, answered(401, &[], r#"{"message": "401 Unauthorized"}"#));
        let client = Carried::with([refused, accepted()], |options| {
            options.credential = Credential::File { kind: TokenKind::Private, path: path.clone() };
        });
        let renewal = async {
            tokio::time::sleep(Duration::from_secs(5)).await;
            std::fs::write(&path, "new").unwrap();
        };
        let ((ended, when), ()) = tokio::join!(deletion(&client, fresh), renewal);
        assert_eq!((ended.unwrap(), when), (expected, sent));
    }
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_did_not_come_about_is_tried_again() {
    let client = Carried::by([unreachable(), unreachable(), accepted()]);
    let (ended, sent) = deletion(&client, 40).await;
    assert_eq!((ended.unwrap(), sent.len()), (Deletion::Accepted, 3));

    let client = Carried::by(std::iter::repeat_with(unreachable).take(9));
    let (ended, sent) = deletion(&client, 60).await;
    assert!(matches!(ended, Err(Error::Connect { .. })), "{ended:?}");
    assert_eq!(sent.len(), 6);

    let client = Carried::by(std::iter::repeat_with(|| after(10, Err(Fault::Connect("no".into())))).take(9));
    let until = Instant::now() + Duration::from_secs(15);
    let (ended, sent) = deletion(&client, 15).await;
    assert_eq!(ended.unwrap(), Deletion::TooLate);
    assert!((1..=2).contains(&sent.len()) && sent.iter().all(|at| *at < 15), "{sent:?}");
    assert!(Instant::now() <= until + Duration::from_secs(10));
}

/// An old RubyGems revives a package's id on a push: the repetition would delete the fresh one.
#[tokio::test(start_paused = true)]
async fn a_deletion_whose_answer_is_lost_is_not_repeated() {
    let table = [
        (at_once(Err(Fault::Closed("reset".into()))), "the connection was closed before an answer came: reset", 0),
        (at_once(Err(Fault::CutOff("half".into()))), "the answer broke off: half", 0),
        (after(30, answered(204, &[], "")), "no answer came within 15 s", 15),
    ];
    for (step, problem, took) in table {
        let client = Carried::by([step, accepted()]);
        let (ended, sent) = deletion(&client, 40).await;
        assert_eq!(ended.unwrap(), Deletion::Lost { problem: problem.to_owned(), asked: None });
        assert_eq!((sent, client.began.elapsed().as_secs()), (vec![0], took));
    }
}
