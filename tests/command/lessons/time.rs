//! Dates that tie, that are missing or senseless, and clocks that disagree.

use gitlab_sandbox::Faults;
use gleaner::package::{Package, PackageType};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use crate::lessons::gitlab::{Gleaner, answering, package, reasons, registry, serve};
use crate::lessons::judgement::{NOW, days_ago, file, judge, judge_set, parse, policy, row};
use crate::lessons::program::Program;

/// gitlab-org/gitlab #351538: among equal timestamps newer tags were deleted, some of them in use. Here equal dates push
/// nobody out: an import gives them to hundreds, and neither ids nor numbers say which of them was built last.
#[test]
fn equal_dates_push_nobody_out() {
    let rules = "delete: [{ older_than: 30d, allow_latest: true }]\nkeep: [{ newest: 2 }]";
    let rows = [4, 1, 3, 2].map(|id| row(id, &format!("1.0.{}", 9 - id), days_ago(100)));
    for rotation in 0..rows.len() {
        let mut rows = rows.to_vec();
        rows.rotate_left(rotation);
        assert_eq!(judge(rules, rows.clone()).gone(), [].into());
        rows.extend([5, 6].map(|id| row(id, &format!("1.1.{id}"), days_ago(99))));
        assert_eq!(judge(rules, rows).gone(), [1, 2, 3, 4].into(), "two are newer");
    }
    // So it is with the guard of the latest version, and equal versions.
    let rows = rows.map(|row| Package { version: Some(format!("1.0.0+{}", 9 - row.id.0)), ..row });
    assert_eq!(judge("delete: [{ older_than: 30d }]", rows).gone(), [].into());
}

/// A missing date was replaced by "now" (gitlab-org/gitlab #336593) or by the epoch, or read as "delete it, it is
/// misconfigured". It is none of these, of a package or of a file.
#[test]
fn a_missing_date_is_neither_now_nor_the_epoch_nor_a_reason_to_delete() {
    let undated = Package { created_at: None, ..row(1, "1.0.0", NOW) };
    for rule in ["older_than: 30d", "younger_than: 30d", "not_downloaded_for: 30d", "version: \"*\"", "name: \"**\""] {
        let rules = format!("delete: [{{ {rule}, allow_latest: true }}]\nlimits: {{ min_age: 0h }}");
        assert_eq!(judge(&rules, [undated.clone()]).reasons(), [(1, "senseless_dates")].into(), "{rule}");
        let files = [(1, file(1, "app.tgz", None))];
        let plan = judge_set(parse(&[&policy(&rules)]), [of_files(row(1, "1.0.0", days_ago(100)))], &files, NOW);
        assert_eq!(plan.reasons(), [(1, "senseless_dates")].into(), "{rule}, of a file");
    }
}

/// The same of a type whose files tell the age.
fn of_files(package: Package) -> Package {
    Package { package_type: PackageType::Pypi, ..package }
}

/// gcr-cleaner #89: reproducible builds carry dates of 1970 or 1980, and their images were the oldest there were.
#[test]
fn the_dates_of_reproducible_builds_are_no_age() {
    let rules = "delete: [{ older_than: 30d, allow_latest: true }]";
    for date in ["1970-01-01T00:00:00Z", "1980-01-01T00:00:00Z", "1980-01-01T00:00:01Z"] {
        let date: Timestamp = date.parse().unwrap();
        assert_eq!(judge(rules, [row(1, "1.0.0", date)]).reasons(), [(1, "senseless_dates")].into(), "{date}");
        let files = [(1, file(1, "app.tgz", Some(date)))];
        let plan = judge_set(parse(&[&policy(rules)]), [of_files(row(1, "1.0.0", days_ago(100)))], &files, NOW);
        assert_eq!(plan.reasons(), [(1, "senseless_dates")].into(), "{date}, of a file");
    }
}

/// The same dates under "keep the newest": what can't be dated is kept, and pushes out nothing that can.
#[test]
fn what_has_no_believable_date_takes_no_place_of_another() {
    let rules = "delete: [{ older_than: 30d }]\nkeep: [{ newest: 1 }]";
    let dated = row(1, "1.0.0", days_ago(100));
    let odd = [
        ("none", None),
        ("the epoch", Some(Timestamp::UNIX_EPOCH)),
        ("in the future", Some(NOW + SignedDuration::from_secs(1))),
    ];
    for (told, created_at) in odd {
        let odd = Package { created_at, ..row(2, "1.0.1", NOW) };
        let lifted = rules.replace("30d", "30d, allow_latest: true");
        assert_eq!(judge(&lifted, [dated.clone(), odd.clone()]).gone(), [].into(), "{told}");
        assert_eq!(judge(rules, [dated.clone(), odd]).reasons()[&1], "latest", "{told}");
    }
}

/// snok/container-retention-policy #133: clocks that disagree made an age negative, and the run panicked.
#[test]
fn what_comes_from_the_future_is_kept_and_has_no_negative_age() {
    let early = row(1, "1.0.0", NOW + SignedDuration::from_hours(2));
    for limits in ["", "limits: { min_age: 0h }"] {
        let judgement = judge(&format!("delete: [{{ name: \"**\", allow_latest: true }}]\n{limits}"), [early.clone()]);
        assert_eq!(judgement.gone(), [].into(), "{limits}");
        let told = judgement.told().remove(0);
        assert!(told.contains(" 0 minutes old"), "{told}");
    }
    // An age that no calendar reaches back to is no trouble either.
    let judgement = judge("delete: [{ older_than: 90000y }]", [row(1, "1.0.0", days_ago(1))]);
    assert_eq!(judgement.gone(), [].into());
}

/// Daylight saving makes a day of 23 hours, and local time is hours off: an age is a length of time and knows neither.
#[test]
fn a_day_is_24_hours_also_when_the_clocks_go_forward() {
    // In Berlin the clocks went from 02:00 to 03:00 on 2025-03-30.
    let now: Timestamp = "2025-03-30T10:00:00Z".parse().unwrap();
    let rules = "delete: [{ older_than: 1d, allow_latest: true }]\nlimits: { min_age: 0h }";
    let hours = [(1, 23 * 60 + 30), (2, 24 * 60), (3, 24 * 60 + 1)];
    let rows = hours.map(|(id, minutes)| row(id, "1.0.0", now - SignedDuration::from_mins(minutes)));
    assert_eq!(judge_set(parse(&[&policy(rules)]), rows, &[], now).gone(), [3].into());
}

/// Local time was taken for UTC. Wherever the program runs, a date on its command line and in a policy is UTC.
#[tokio::test(flavor = "multi_thread")]
async fn the_machines_time_zone_changes_nothing() {
    let server = serve(registry(vec![package(1, 31), package(2, 29)]), Faults::default()).await;
    for zone in ["UTC", "Pacific/Kiritimati", "America/Los_Angeles"] {
        let program =
            Program::new(&server, &[("old", "delete: [{ older_than: 30d, allow_latest: true }]")]).in_zone(zone);
        let deletions = |as_of: &str| {
            let report = program.run(&["plan", "--output", "json", "--as-of", as_of]).json();
            (report["as_of"].as_str().unwrap().to_owned(), report["policies"][0]["totals"]["delete"].as_u64())
        };
        assert_eq!(deletions("2025-06-01"), ("2025-06-01T00:00:00Z".to_owned(), Some(1)), "{zone}");
        // The last day of a hold ends at midnight UTC too.
        program.write("hold", "version: 1\nprotect: [{ id: 1, until: 2025-06-01 }]\n");
        assert_eq!(deletions("2025-06-01T00:00:00Z").1, Some(0), "{zone}");
        assert_eq!(deletions("2025-06-01T23:59:59Z").1, Some(0), "{zone}");
        assert_eq!(deletions("2025-06-02T00:00:00Z").1, Some(1), "{zone}");
    }
}

/// A date without an offset may mean any zone, so it is unknown; with one it is that instant, whatever the zone.
#[tokio::test]
async fn a_naive_date_is_unknown() {
    let row = |id: u64, created_at: &str| {
        json!({
            "id": id, "project_id": 1, "package_type": "npm", "name": "app", "version": format!("1.0.{id}"), "tags": [],
            "status": "default", "created_at": created_at, "last_downloaded_at": null,
        })
    };
    // All but the first two are the instant that is 30 days before now, or a second before it.
    let url = answering(json!([
        row(1, "2020-01-01T00:00:00"),
        row(2, "2020-01-01"),
        row(3, "2025-05-02T02:00:00+02:00"),
        row(4, "2025-05-01T15:59:59-08:00"),
        row(5, "2025-05-02T00:00:00Z"),
    ]))
    .await;
    let report = Gleaner::new(&url, "delete: [{ older_than: 30d, allow_latest: true }]").rehearse().await;
    let expected =
        [(1, "senseless_dates"), (2, "senseless_dates"), (3, "not_selected"), (4, "selected"), (5, "latest")];
    assert_eq!(reasons(&report), expected.into());
}
