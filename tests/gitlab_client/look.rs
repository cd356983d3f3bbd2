//! A look takes fresh answers only, and tells how long a deletion may rest on it: by tokio's paused clock.

use std::time::Duration;

use gleaner::gitlab::{
    Error, Freshness, GitlabClock, LookRecord, Method, PageNumber, Reader, Staleness, Traffic, TrafficObserver as _,
};
use gleaner::package::{PackageId, ProjectId};
use jiff::{SignedDuration, Timestamp};
use tokio::time::{Instant, advance};

use crate::carrier::{Carried, Step, answered, at_once};
use crate::script::listing;

const NOW: Timestamp = Timestamp::constant(1_780_000_000, 0);

/// The clock of a GitLab that is so many seconds ahead of ours.
fn ahead_by(seconds: i64) -> GitlabClock {
    let clock = GitlabClock::default();
    clock.on(&Traffic::Clock { theirs: in_seconds(seconds) });
    clock
}

fn in_seconds(seconds: i64) -> Timestamp {
    NOW + SignedDuration::from_secs(seconds)
}

/// A page without rows that tells this time.
fn dated(seconds: i64) -> Step {
    page(&[("date", &http(in_seconds(seconds)))])
}

fn http(instant: Timestamp) -> String {
    instant.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

fn page(headers: &[(&str, &str)]) -> Step {
    at_once(answered(200, &[headers, &[("x-next-page", "")]].concat(), "[]"))
}

async fn ask(reader: &Reader) -> Result<(), Error> {
    reader.packages_page(&listing(), PageNumber::FIRST).await.map(drop)
}

fn sign(ended: Result<(), Error>) -> Option<Staleness> {
    match ended {
        Ok(()) => None,
        Err(Error::NotFresh { sign, .. }) => Some(sign),
        Err(error) => panic!("{error:?}"),
    }
}

#[tokio::test(start_paused = true)]
async fn a_cache_that_tells_the_age_of_its_answer_gives_itself_away() {
    let age = |text: &str| Some(Staleness::Age(text.to_owned()));
    let table: [(&[(&str, &str)], _); 7] = [
        (&[], None),
        (&[("age", "0")], None),
        (&[("age", " 0 ")], None),
        (&[("age", "1")], age("1")),
        (&[("age", "3600")], age("3600")),
        (&[("age", "")], age("")),
        (&[("age", "0, 7")], age("0, 7")),
    ];
    for (headers, expected) in table {
        let client = Carried::by([page(headers), page(headers)]);
        let (looking, _) = client.reader.looking(NOW, &ahead_by(0));
        assert_eq!(sign(ask(&looking).await), expected, "{headers:?}");
        assert_eq!(client.sent(Method::Get).len(), 1, "it is not asked again");
        ask(&client.reader).await.unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn an_answer_from_before_its_request_is_not_fresh() {
    // How far GitLab's clock is ahead, what the answer tells, and how old that is.
    for (ahead, date, old) in [
        (0, 0, None),
        (0, 30, None),
        (0, -60, None),
        (0, -61, Some(61)),
        (0, -7_200, Some(7_200)),
        (200, 200, None),
        (200, 140, None),
        (200, 139, Some(61)),
        (-200, -260, None),
        (-200, -261, Some(61)),
    ] {
        let client = Carried::by([dated(date)]);
        let (looking, _) = client.reader.looking(NOW, &ahead_by(ahead));
        let expected = old.map(|old| Staleness::Date(Duration::from_secs(old)));
        assert_eq!(sign(ask(&looking).await), expected, "{date} s by a clock that is {ahead} s ahead");
    }
}

#[tokio::test(start_paused = true)]
async fn the_age_of_an_answer_is_counted_from_its_own_request() {
    let client = Carried::by([dated(0), dated(0), dated(61)]);
    let (looking, _) = client.reader.looking(NOW, &GitlabClock::default());
    assert_eq!(sign(ask(&looking).await), None);
    advance(Duration::from_secs(61)).await;
    assert_eq!(sign(ask(&looking).await), Some(Staleness::Date(Duration::from_secs(61))));
    assert_eq!(sign(ask(&looking).await), None);
}

/// What a cache says is not there may be there by now.
#[tokio::test(start_paused = true)]
async fn a_remembered_refusal_is_not_fresh_either() {
    let table: [(u16, &str); 4] =
        [(404, "404 Not found"), (403, "403 Forbidden"), (401, "401 Unauthorized"), (301, "")];
    for (status, message) in table {
        let body = format!(r#"{{"message": "{message}"}}"#);
        let refused = || answered(status, &[("age", "9"), ("location", "/api/v4/projects/9")], &body);
        let client = Carried::by([at_once(refused())]);
        let (looking, _) = client.reader.looking(NOW, &ahead_by(0));
        let error = looking.package_exists(ProjectId(2), PackageId(12)).await.unwrap_err();
        assert_eq!(
            error.to_string(),
            "the answer about package 12 of project 2 is not fresh, because its `Age` is `9`: a cache in front of GitLab \
             answers"
        );
        assert!(error.advice().is_some());
    }
}

fn freshness(look: &LookRecord) -> Freshness {
    look.freshness().unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_deletion_rests_on_a_look_for_a_minute_from_its_first_request() {
    let trouble = at_once(answered(503, &[], ""));
    let client = Carried::by([trouble, dated(0), dated(50)]);
    let (looking, look) = client.reader.looking(NOW, &ahead_by(0));
    assert_eq!((look.first_sent(), look.freshness()), (None, None));
    advance(Duration::from_secs(20)).await;
    let first = Instant::now();
    ask(&looking).await.unwrap();
    advance(Duration::from_secs(30)).await;
    ask(&looking).await.unwrap();
    assert_eq!(look.first_sent(), Some(first));
    assert_eq!(freshness(&look).until, first + Duration::from_secs(60));
}

#[tokio::test(start_paused = true)]
async fn waiting_for_a_rate_limit_is_no_part_of_a_look() {
    let used_up = [("ratelimit-remaining", "0"), ("date", &*http(NOW)), ("ratelimit-reset", "1780000045")];
    let client = Carried::by([page(&used_up), dated(45)]);
    ask(&client.reader).await.unwrap();
    let (looking, look) = client.reader.looking(NOW, &ahead_by(0));
    ask(&looking).await.unwrap();
    assert_eq!(look.first_sent(), Some(client.began + Duration::from_secs(45)));
}

#[tokio::test(start_paused = true)]
async fn what_was_changed_after_the_earliest_answer_is_not_deleted() {
    for (dates, expected) in [(vec![7, 3, 5], 3), (vec![4], 4), (vec![], -300)] {
        let answers = dates.iter().map(|date| dated(*date)).chain([page(&[])]);
        let client = Carried::by(answers);
        let (looking, look) = client.reader.looking(NOW, &ahead_by(0));
        for _ in 0..=dates.len() {
            ask(&looking).await.unwrap();
        }
        assert_eq!(freshness(&look).unmodified_since, in_seconds(expected), "{dates:?}");
    }
}
