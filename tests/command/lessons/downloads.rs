//! What a missing download date was taken to mean, and what was deleted while it was in use.

use gitlab_sandbox::{DownloadsTold, Options, Server};
use gleaner::package::{Downloaded, Package};
use serde_json::{Value, json};

use crate::lessons::gitlab::{Gleaner, answering, doomed, many};
use crate::lessons::judgement::{days_ago, judge, row};

fn with(downloaded: Downloaded, age: i64) -> Package {
    Package { downloaded, ..row(1, "1.0.0", days_ago(age)) }
}

/// artifactory-cleanup #156, artifactory-user-plugins #450 and GitLab's own script read null as "not downloaded". Nobody
/// can have left a package alone for longer than it exists.
#[test]
fn a_null_counts_from_the_newest_content() {
    let rules = "delete: [{ not_downloaded_for: 90d, allow_latest: true }]";
    assert_eq!(judge(rules, [with(Downloaded::Never, 89)]).gone(), [].into());
    assert_eq!(judge(rules, [with(Downloaded::Never, 91)]).gone(), [1].into());
    assert_eq!(judge(rules, [with(Downloaded::At(days_ago(89)), 400)]).gone(), [].into());
    assert_eq!(judge(rules, [with(Downloaded::At(days_ago(91)), 400)]).gone(), [1].into());
}

/// Of the meanings of an unknown download date none is "delete it": a rule that deletes fails on it, one that keeps holds.
#[test]
fn an_unknown_download_selects_nothing_and_saves_what_it_may() {
    let unknown = || [with(Downloaded::Unknown, 400)];
    for rule in ["not_downloaded_for: 90d", "never_downloaded: true", "downloaded_within: 2y"] {
        let delete = format!("delete: [{{ {rule}, allow_latest: true }}]");
        assert_eq!(judge(&delete, unknown()).gone(), [].into(), "{rule}");
        let keep = format!("delete: [{{ older_than: 30d, allow_latest: true }}]\nkeep: [{{ {rule} }}]");
        assert_eq!(judge(&keep, unknown()).gone(), [].into(), "{rule}");
    }
}

/// A server that sends no download date at all, of a single package neither, doesn't know: that is not never.
#[tokio::test]
async fn a_server_too_old_to_tell_has_no_idle_packages() {
    let options = Options { downloads: DownloadsTold::Nowhere, ..Options::default() };
    let server = Server::start(many(3), options).await.unwrap();
    for rule in ["not_downloaded_for: 30d", "never_downloaded: true"] {
        let rules = format!("delete: [{{ {rule}, allow_latest: true }}]\nlimits: {{ min_age: 0h }}");
        let report = Gleaner::new(server.url(), &rules).rehearse().await;
        assert_eq!((report.scanned, doomed(&report)), (3, [].into()), "{rule}");
    }
}

/// The same for a date that makes no sense to this release: unknown, and not never.
#[tokio::test]
async fn a_download_date_that_cannot_be_read_is_unknown() {
    let row = |id: u64, last_downloaded_at: Value| {
        json!({
            "id": id, "project_id": 1, "package_type": "npm", "name": "app", "version": format!("1.0.{id}"), "tags": [],
            "status": "default", "created_at": "2024-01-01T00:00:00Z", "last_downloaded_at": last_downloaded_at,
        })
    };
    let odd = [json!("yesterday"), json!(""), json!(0), json!("2024-01-01T00:00:00"), json!({})];
    let rows = (1..).zip(odd).map(|(id, date)| row(id, date)).chain([row(6, Value::Null)]);
    let url = answering(rows.collect()).await;
    for rule in ["not_downloaded_for: 30d", "never_downloaded: true"] {
        let report = Gleaner::new(&url, &format!("delete: [{{ {rule}, allow_latest: true }}]")).rehearse().await;
        assert_eq!((report.scanned, doomed(&report)), (6, [6].into()), "{rule}");
    }
}

/// sonatype/nexus-public #413: a package that is downloaded 50 times a day was removed for its age. Every condition of
/// a rule has to hold, and a keep rule beats it.
#[test]
fn what_is_downloaded_every_day_is_not_removed_for_its_age() {
    let busy = || [with(Downloaded::At(days_ago(0)), 2_000)];
    let both = "delete: [{ older_than: 1y, not_downloaded_for: 90d, allow_latest: true }]";
    assert_eq!(judge(both, busy()).gone(), [].into());
    let kept = "delete: [{ older_than: 1y, allow_latest: true }]\nkeep: [{ downloaded_within: 30d }]";
    assert_eq!(judge(kept, busy()).gone(), [].into());
    // The last day of the 30 counts.
    for (days, gone) in [(30, [].into()), (31, [1].into())] {
        let last = with(Downloaded::At(days_ago(days)), 2_000);
        assert_eq!(judge(kept, [last]).gone(), gone, "{days} days ago");
    }
}
