//! The listing was not whole, or it moved while it was read.

use gitlab_sandbox::faults::{Body, Fault, Kind, Rule, Throttle};
use gitlab_sandbox::{Faults, Options, Package, Server};
use gleaner::package::{Downloaded, Package as Row};
use gleaner::report::CycleStatus;

use crate::lessons::gitlab::{Gleaner, OLD, deletes, doomed, many, package, present, registry, serve};
use crate::lessons::judgement::{days_ago, judge, row};

fn on_page(page: u64, fault: Fault) -> Faults {
    Faults::new(0).with(Rule::new(fault).kind(Kind::GroupPackages).page(page))
}

/// Cleaners that compared the first 128 releases (OctopusDeploy/Issues #1076), the first 200 versions (go-gitea/gitea
/// #31961) or the first 100 (SmartsquareGmbH/delete-old-packages #15) counted the newest among those.
#[tokio::test]
async fn every_page_is_read_before_the_newest_are_counted() {
    let server = serve(many(250), Faults::default()).await;
    let report = Gleaner::new(server.url(), &format!("{OLD}\nkeep: [{{ newest: 3 }}]")).run().await;
    assert_eq!(report.scanned, 250);
    assert_eq!(doomed(&report), (1..=247).collect());
    assert_eq!(present(&server), (248..=250).collect());
}

/// The client of snok/container-retention-policy stopped at a rate limit and called the listing complete.
#[tokio::test]
async fn a_stop_at_a_rate_limit_is_no_complete_listing() {
    for throttle in [Throttle::Full(600), Throttle::Seconds(600), Throttle::GoDuration(600), Throttle::Bare] {
        let server = serve(many(250), on_page(2, Fault::TooManyRequests(throttle))).await;
        let report = Gleaner::new(server.url(), OLD).run().await;
        assert_eq!((report.status, report.decisions.len()), (CycleStatus::Failed, 0), "{throttle:?}");
        assert!(report.error.unwrap().contains("rate limit"), "{throttle:?}");
        assert_eq!(deletes(&server).len(), 0, "{throttle:?}");
    }
}

/// A storage cleaner for GitLab met an error in a list with a warning and a `break`, and worked on what it had.
#[tokio::test]
async fn a_listing_that_breaks_off_leaves_no_plan() {
    let faults = [404, 500].map(|code| Fault::Status { code, body: Body::Json }).into_iter().chain([
        Fault::CutBody,
        Fault::InvalidJson,
        Fault::HtmlPage,
        Fault::HangUp,
    ]);
    for fault in faults {
        for page in [2, 3] {
            let server = serve(many(250), on_page(page, fault.clone())).await;
            let report = Gleaner::new(server.url(), OLD).run().await;
            assert_eq!((report.status, report.decisions.len()), (CycleStatus::Failed, 0), "{fault:?} on page {page}");
            assert_eq!(deletes(&server).len(), 0, "{fault:?} on page {page}");
        }
    }
}

/// GitLab's own `scripts/packages/automated_cleanup.rb` deletes each page before it asks for the next, which has moved
/// up by then: half of what should go stays.
#[tokio::test]
async fn nothing_is_deleted_before_the_last_page_is_read() {
    let server = serve(many(250), Faults::default()).await;
    Gleaner::new(server.url(), OLD).run().await;
    assert_eq!(present(&server).len(), 0);
    let requests = server.requests();
    let last_page = requests.iter().rposition(|request| request.path.starts_with("/api/v4/groups/acme/packages"));
    let first_deletion = requests.iter().position(|request| request.method == "DELETE");
    assert!(last_page < first_deletion, "{last_page:?} {first_deletion:?}");
}

/// GitLab leaves its totals out above 10,000 rows; apache/devlake #8187 looped up to them and collected 100 records.
#[tokio::test]
async fn a_listing_without_totals_is_read_to_its_end() {
    let server = Server::start(many(250), Options { count_limit: Some(100), ..Options::default() }).await.unwrap();
    assert_eq!(Gleaner::new(server.url(), OLD).rehearse().await.scanned, 250);
}

/// Pages shift while they are read. A row that came twice filled two of the N places, and pushed another one out.
#[tokio::test]
async fn a_row_that_is_seen_twice_takes_one_place() {
    let [first, second, third] =
        [1, 2, 3].map(|id| row(id, &format!("1.0.{id}"), days_ago(100 - 10 * id.cast_signed())));
    let plan = judge(
        "delete: [{ older_than: 30d, allow_latest: true }]\nkeep: [{ newest: 2 }]",
        [first, second, third.clone(), third],
    );
    assert_eq!(plan.gone(), [1].into());

    // The same from a server whose pages shift: the second page begins with the last row of the first.
    let repeating = Rule::new(Fault::RepeatRows(1)).kind(Kind::GroupPackages).from_page(2);
    let server = serve(many(150), Faults::new(0).with(repeating)).await;
    let report = Gleaner::new(server.url(), &format!("{OLD}\nkeep: [{{ newest: 52 }}]")).rehearse().await;
    assert_eq!((report.scanned, doomed(&report)), (150, (1..=98).collect()));
}

/// "The newer one stays, the older one goes", where the older one was a second sight of the same row.
#[test]
fn a_row_is_no_rival_of_its_own_copy() {
    let rules = "delete: [{ older_than: 30d, allow_latest: true }]\nkeep: [{ newest: 1 }]";
    let one = row(1, "1.0.0", days_ago(100));
    assert_eq!(judge(rules, [one.clone(), one.clone()]).gone(), [].into());
    // Somebody downloaded it between the two sights.
    let other = Row { downloaded: Downloaded::At(days_ago(0)), ..one.clone() };
    for copies in [[one.clone(), other.clone()], [other, one]] {
        assert_eq!(judge(rules, copies).reasons(), [(1, "changed_during_walk")].into());
    }
}

/// A token with fewer rights sees fewer projects, without an error. That must doom nothing in those it still sees, and
/// the report has to show the smaller figures.
#[tokio::test]
async fn a_project_that_is_out_of_view_dooms_nothing_that_is_in_view() {
    let mut packages: Vec<Package> = (1..=8).map(|id| package(id, 200 - 10 * id.cast_signed())).collect();
    for package in &mut packages[..4] {
        package.project_id = 2;
    }
    let server = serve(registry(packages), Faults::default()).await;
    let gleaner = Gleaner::new(server.url(), &format!("{OLD}\nkeep: [{{ newest: 2 }}]"));
    let whole = gleaner.rehearse().await;
    assert_eq!((whole.projects, whole.scanned, doomed(&whole)), (2, 8, [1, 2, 5, 6].into()));
    for (hidden, left) in [("acme/lib", [5, 6]), ("acme/app", [1, 2])] {
        server.set_faults(Faults::new(0).with(Rule::new(Fault::HideProject(hidden.to_owned()))));
        let narrow = gleaner.rehearse().await;
        assert_eq!((narrow.projects, narrow.scanned, doomed(&narrow)), (1, 4, left.into()), "without {hidden}");
    }
}
