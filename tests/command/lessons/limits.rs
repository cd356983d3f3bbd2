//! Limits that were off, passed by, or applied by halves.

use gitlab_sandbox::Faults;
use gleaner::package::{Package, Project, ProjectId};
use gleaner::report::CycleStatus;

use crate::lessons::gitlab::{Gleaner, deletes, many, present, serve};
use crate::lessons::judgement::{days_ago, hours_ago, judge, row};
use crate::lessons::program::Program;

/// So many packages, the first of which carry versions that the rule of these tests selects.
fn rows(project: u64, packages: u64, doomed: u64) -> impl Iterator<Item = Package> {
    (1..=packages).map(move |n| Package {
        project: Project {
            archived: Some(false),
            has_releases: Some(false),
            ..Project::unread(ProjectId(project), Some(format!("acme/p{project}")))
        },
        ..row(project * 10_000 + n, if n <= doomed { "0.1.0" } else { "1.0.0" }, days_ago(100))
    })
}

/// cloud-custodian #3641: the limits were off unless somebody turned them on.
#[test]
fn limits_hold_without_being_asked_for() {
    let rules = "delete: [{ version: \"0.*\", allow_latest: true }]";
    let beyond = |limit: &str, allowed, wanted| Some((limit.to_owned(), allowed, Some(wanted)));
    let table = [
        (rows(1, 100, 30), rows(2, 0, 0), None),
        (rows(1, 100, 31), rows(2, 0, 0), beyond("max_percent", 30, 31)),
        (rows(1, 5_000, 1_000), rows(2, 0, 0), None),
        (rows(1, 5_000, 1_001), rows(2, 0, 0), beyond("max_deletions", 1_000, 1_001)),
        (rows(1, 200, 0), rows(2, 50, 40), None),
        (rows(1, 200, 0), rows(2, 50, 41), beyond("max_percent_per_project", 80, 82)),
    ];
    for (one, other, expected) in table {
        let judgement = judge(rules, one.chain(other));
        assert_eq!(judgement.refusal(), expected);
    }
    let young = [row(1, "0.1.0", hours_ago(71)), row(2, "0.1.1", hours_ago(73))];
    assert_eq!(judge(rules, young).gone(), [2].into());
}

/// cloud-custodian #3477: with a cached list of resources the limit was not looked at. Nothing is cached here: each run
/// lists anew, and meets the limits anew.
#[tokio::test]
async fn every_run_lists_anew_and_meets_the_limits_anew() {
    let rules =
        |limits: &str| format!("delete: [{{ version: \"1.0.?\", allow_latest: true }}]\nlimits: {{ {limits} }}");
    let server = serve(many(30), Faults::default()).await;
    let strict = Gleaner::new(server.url(), &rules("max_deletions: 8"));
    for _ in 0..2 {
        let report = strict.run().await;
        assert_eq!(
            (report.status, report.scanned, report.refusal.unwrap().wanted),
            (CycleStatus::Refused, 30, Some(9))
        );
    }
    assert_eq!(deletes(&server).len(), 0);
    let loose = Gleaner::new(server.url(), &rules("max_deletions: 9"));
    for (scanned, deleted) in [(30, 9), (21, 0)] {
        let report = loose.run().await;
        assert_eq!((report.status, report.scanned, report.totals.delete), (CycleStatus::Executed, scanned, deleted));
    }
    assert_eq!(present(&server), (10..=30).collect());
}

/// cloud-custodian #4997: the limit was kept by deleting as much as it allowed. A plan beyond a limit is refused whole.
#[tokio::test(flavor = "multi_thread")]
async fn a_plan_beyond_a_limit_deletes_no_part_of_itself() {
    let server = serve(many(30), Faults::default()).await;
    let rules = "delete: [{ older_than: 30d, allow_latest: true }]\nlimits: { max_percent: 100, max_deletions: 29 }";
    let program = Program::new(&server, &[("old", rules)]);
    for command in [&["plan"][..], &["apply", "--yes"]] {
        let ended = program.run(&[command, &["--output", "json", "--all"]].concat());
        let policy = &ended.json()["policies"][0];
        assert_eq!((ended.code, &policy["status"]), (4, &"refused".into()), "{command:?}");
        assert_eq!(
            (&policy["refusal"]["allowed"], &policy["refusal"]["wanted"]),
            (&29.into(), &30.into()),
            "{command:?}"
        );
        assert_eq!(policy["totals"]["by_outcome"], serde_json::json!({}), "{command:?}");
    }
    assert_eq!((deletes(&server).len(), present(&server).len()), (0, 30));
}

/// Policies of which each is within its limits may be too many together.
#[tokio::test(flavor = "multi_thread")]
async fn a_limit_of_the_whole_run_refuses_the_plan_that_is_beyond_what_is_left() {
    let server = serve(many(30), Faults::default()).await;
    let rules = |version: &str| {
        format!(
            "delete: [{{ version: \"{version}\", allow_latest: true }}]\nlimits: {{ max_percent: 100, max_percent_per_project: 100 }}"
        )
    };
    let (some, all) = (rules("1.0.?"), rules("*"));
    let program = Program::new(&server, &[("a", &some), ("b", &all)]);
    let apply = |most: &str| program.run(&["apply", "--yes", "--output", "json", "--max-deletions", most]);
    // Nine go by the first one. The second one has 21, and 20 are left.
    let ended = apply("29");
    let report = ended.json();
    let (first, second) = (&report["policies"][0], &report["policies"][1]);
    assert_eq!((ended.code, &first["status"], &second["status"]), (4, &"executed".into(), &"refused".into()));
    let refusal = &second["refusal"];
    assert_eq!(
        (&refusal["limit"], &refusal["allowed"], &refusal["wanted"]),
        (&"max_deletions".into(), &20.into(), &21.into())
    );
    assert_eq!(refusal["because"], "21 deletions are planned, and of the 29 of --max-deletions 20 are left");
    assert_eq!(refusal["remedy"], "`--max-deletions 30`");
    assert_eq!((deletes(&server).len(), present(&server)), (9, (10..=30).collect()));
    // As many as are left may go.
    let ended = apply("21");
    assert_eq!((ended.code, present(&server).len()), (0, 0));
}
