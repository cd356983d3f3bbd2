//! The series of each policy: when they come, when they move, and when they go.

use std::time::Duration;

use gleaner::package::PackageType;
use gleaner::plan::Outcome;
use gleaner::report::CycleStatus;
use gleaner::serve::notice::{Notice, Purpose};
use gleaner_support::NOW;
use jiff::Timestamp;

use crate::metrics::life::{Life, deleted, file_deleted, report, set};

/// The end of a cycle, ninety seconds after its beginning.
const END: &str = "1780000090";

#[test]
fn counters_begin_at_0_so_that_their_first_step_can_be_seen() {
    let life = Life::with(&["tidy"]);
    let statuses = ["executed", "failed", "partial", "planned", "refused"];
    let expected = statuses.map(|status| format!("gleaner_cycles_total{{policy=\"tidy\",status=\"{status}\"}} 0"));
    assert_eq!(life.lines("cycles_total"), expected);
    let limits = ["max_bytes", "max_deletions", "max_percent", "max_percent_per_group", "max_percent_per_project"];
    let expected = limits.map(|limit| format!("gleaner_refusals_total{{limit=\"{limit}\",policy=\"tidy\"}} 0"));
    assert_eq!(life.lines("refusals_total"), expected);
    for name in ["deletions_failed_total", "deleted_bytes_total", "cycle_running", "cycle_duration_seconds_count"] {
        assert_eq!(life.lines(name), [format!("gleaner_{name}{{policy=\"tidy\"}} 0")]);
    }
    // There is no plan yet, and none of nothing.
    assert_eq!(life.lines("planned"), [""; 0]);
    // A second loading starts nothing over.
    life.ended(&report("tidy", CycleStatus::Failed, &[], &[]));
    life.load(&["tidy"]);
    assert_eq!(life.lines("cycles_total")[1], r#"gleaner_cycles_total{policy="tidy",status="failed"} 1"#);
}

#[test]
fn a_policy_that_leaves_takes_its_series_along() {
    let life = Life::with(&["stays", "goes"]);
    for policy in ["stays", "goes"] {
        let (next, interval) = (Some(NOW), Some(Duration::from_secs(3600)));
        life.on(Notice::Scheduled { policy, next, interval });
        life.on(Notice::Recalled { policy, last_success: Some(NOW), last_effective: Some(NOW) });
        life.began(policy);
        for package_type in [PackageType::Npm, PackageType::Other("swift".to_owned())] {
            life.during(policy, &deleted(package_type.clone(), Outcome::Failed, None));
            life.during(policy, &file_deleted(package_type, Outcome::Failed, None));
        }
        life.ended(&report(policy, CycleStatus::Refused, &[("selected", 93), ("latest", 7)], &[]));
    }
    let before = life.about("stays");
    assert_eq!(life.about("goes").len(), before.len());
    life.load(&["stays"]);
    assert_eq!(life.about("goes"), [""; 0]);
    assert_eq!(life.about("stays"), before);
    // What is late changes nothing.
    life.during("goes", &deleted(PackageType::Npm, Outcome::Deleted, None));
    life.during("goes", &file_deleted(PackageType::Maven, Outcome::Deleted, None));
    life.on(Notice::Scheduled { policy: "goes", next: Some(NOW), interval: None });
    life.on(Notice::Recalled { policy: "goes", last_success: Some(NOW), last_effective: None });
    life.began("goes");
    life.ended(&report("goes", CycleStatus::Planned, &[], &[]));
    assert_eq!(life.about("goes"), [""; 0]);
}

#[test]
fn a_policy_that_leaves_while_it_runs_is_shown_until_its_cycle_ends() {
    let life = Life::with(&["goes"]);
    life.began("goes");
    life.load(&["other"]);
    assert_eq!(life.lines("cycle_running")[0], r#"gleaner_cycle_running{policy="goes"} 1"#);
    life.during("goes", &deleted(PackageType::Npm, Outcome::Deleted, None));
    let line = r#"gleaner_deletions_total{outcome="deleted",policy="goes",type="npm"} 1"#;
    assert_eq!(life.lines("deletions_total"), [line]);
    // A second loading in the meantime takes nothing away either.
    life.load(&["other"]);
    assert_eq!(life.lines("deletions_total"), [line]);
    life.ended(&report("goes", CycleStatus::Executed, &[("selected", 1)], &[(Outcome::Deleted, 1)]));
    assert_eq!(life.about("goes"), [""; 0]);
}

#[test]
fn figures_move_while_a_cycle_runs_and_not_again_at_its_end() {
    let life = Life::with(&["tidy"]);
    life.began("tidy");
    assert_eq!(life.lines("cycle_running"), [r#"gleaner_cycle_running{policy="tidy"} 1"#]);
    let outcomes = [(Outcome::Deleted, 2), (Outcome::AlreadyGone, 1), (Outcome::Unconfirmed, 1)];
    let ended = report("tidy", CycleStatus::Partial, &[("selected", 4), ("latest", 6)], &outcomes);
    life.on(Notice::Planned { purpose: Purpose::Execution, report: &ended });
    assert_eq!(life.lines("packages_in_scope"), [r#"gleaner_packages_in_scope{policy="tidy"} 10"#]);
    for (outcome, bytes) in [
        (Outcome::Deleted, Some(1000)),
        (Outcome::Deleted, None),
        (Outcome::AlreadyGone, Some(10)),
        (Outcome::Unconfirmed, Some(5)),
    ] {
        life.during("tidy", &deleted(PackageType::Maven, outcome, bytes));
    }
    let during = [life.lines("deletions"), life.lines("deleted")].concat();
    assert_eq!(
        during,
        [
            r#"gleaner_deletions_failed_total{policy="tidy"} 1"#,
            r#"gleaner_deletions_total{outcome="already_gone",policy="tidy",type="maven"} 1"#,
            r#"gleaner_deletions_total{outcome="deleted",policy="tidy",type="maven"} 2"#,
            r#"gleaner_deletions_total{outcome="unconfirmed",policy="tidy",type="maven"} 1"#,
            r#"gleaner_deleted_bytes_total{policy="tidy"} 1010"#,
        ]
    );
    life.ended(&ended);
    assert_eq!([life.lines("deletions"), life.lines("deleted")].concat(), during);
    assert_eq!(life.lines("cycle_running"), [r#"gleaner_cycle_running{policy="tidy"} 0"#]);
    assert_eq!(life.lines("cycles_total")[2], r#"gleaner_cycles_total{policy="tidy",status="partial"} 1"#);
    let duration = life.lines("cycle_duration_seconds");
    assert!(duration.contains(&r#"gleaner_cycle_duration_seconds_sum{policy="tidy"} 90"#.to_owned()), "{duration:#?}");
    assert!(
        duration.contains(&r#"gleaner_cycle_duration_seconds_bucket{policy="tidy",le="60"} 0"#.to_owned())
            && duration.contains(&r#"gleaner_cycle_duration_seconds_bucket{policy="tidy",le="300"} 1"#.to_owned()),
        "{duration:#?}"
    );
}

#[test]
fn which_outcomes_are_failures_and_which_free_space() {
    let life = Life::with(&["tidy"]);
    for outcome in Outcome::ALL {
        life.during("tidy", &deleted(PackageType::Npm, outcome, Some(1)));
    }
    // Forbidden, unconfirmed and failed; deleted and already gone.
    assert_eq!(life.lines("deletions_failed_total"), [r#"gleaner_deletions_failed_total{policy="tidy"} 3"#]);
    assert_eq!(life.lines("deleted_bytes_total"), [r#"gleaner_deleted_bytes_total{policy="tidy"} 2"#]);
    // So it is with files, and each has a count of its own.
    for outcome in Outcome::ALL {
        life.during("tidy", &file_deleted(PackageType::Maven, outcome, Some(10)));
    }
    assert_eq!(life.lines("deletions_failed_total"), [r#"gleaner_deletions_failed_total{policy="tidy"} 6"#]);
    assert_eq!(life.lines("deleted_bytes_total"), [r#"gleaner_deleted_bytes_total{policy="tidy"} 22"#]);
    let counted = life.lines("file_deletions_total");
    assert_eq!(counted.len(), Outcome::ALL.len());
    assert!(counted.iter().all(|line| line.contains(r#"type="maven""#) && line.ends_with(" 1")), "{counted:#?}");
    assert_eq!(life.lines("deletions_total").len(), Outcome::ALL.len(), "of packages");
}

#[test]
fn files_that_go_by_the_last_plan_are_told() {
    let life = Life::with(&["tidy"]);
    let mut ended = report("tidy", CycleStatus::Planned, &[("latest", 6)], &[]);
    ended.totals.delete_files = 30;
    life.ended(&ended);
    assert_eq!(life.lines("planned_files"), [r#"gleaner_planned_files{policy="tidy"} 30"#]);
    assert_eq!(life.lines("last_effective"), [""; 0], "something would go");
    ended.totals.files_by_outcome = [(Outcome::Deleted, 30)].into();
    life.ended(&ended);
    assert_eq!(life.lines("last_effective").len(), 1);
}

#[test]
fn types_are_a_closed_set() {
    let life = Life::with(&["tidy"]);
    for name in ["swift", "cargo\"\n", "ml_model"] {
        life.during("tidy", &deleted(PackageType::parse(name), Outcome::Deleted, None));
    }
    assert_eq!(
        life.lines("deletions_total"),
        [
            r#"gleaner_deletions_total{outcome="deleted",policy="tidy",type="ml_model"} 1"#,
            r#"gleaner_deletions_total{outcome="deleted",policy="tidy",type="other"} 2"#,
        ]
    );
}

#[test]
fn the_last_plan_stays_until_the_next_and_leaves_nothing_behind() {
    let life = Life::with(&["tidy"]);
    let planned = |reason, verdict, count| {
        format!("gleaner_planned_packages{{policy=\"tidy\",reason=\"{reason}\",verdict=\"{verdict}\"}} {count}")
    };
    life.ended(&report("tidy", CycleStatus::Planned, &[("selected", 3), ("latest", 5), ("protected", 2)], &[]));
    let first = life.lines("planned");
    assert_eq!(first.len(), 25, "{first:#?}");
    for line in [
        planned("selected", "delete", 3),
        planned("latest", "keep", 5),
        planned("protected", "keep", 2),
        planned("not_selected", "keep", 0),
        planned("min_age", "keep", 0),
        r#"gleaner_planned_bytes{policy="tidy"} 3000"#.to_owned(),
    ] {
        assert!(first.contains(&line), "{line} is not in {first:#?}");
    }
    // A cycle that failed has no plan.
    life.ended(&report("tidy", CycleStatus::Failed, &[], &[]));
    assert_eq!(life.lines("planned"), first);
    // One that was refused has, and `protected` is 0 in it.
    life.ended(&report("tidy", CycleStatus::Refused, &[("selected", 9), ("latest", 1)], &[]));
    let second = life.lines("planned");
    assert_eq!(second.len(), 25, "{second:#?}");
    for line in [planned("selected", "delete", 9), planned("latest", "keep", 1), planned("protected", "keep", 0)] {
        assert!(second.contains(&line), "{line} is not in {second:#?}");
    }
    assert_eq!(life.lines("refusals_total")[2], r#"gleaner_refusals_total{limit="max_percent",policy="tidy"} 1"#);
}

#[test]
fn what_counts_as_a_success_and_what_as_effective() {
    let some = [("selected", 2), ("latest", 1)];
    let none = [("latest", 1)];
    let table = [
        // A dry run of a plan that deletes something gets nobody anywhere.
        (report("tidy", CycleStatus::Planned, &some, &[]), true, false),
        (report("tidy", CycleStatus::Planned, &none, &[]), true, true),
        (report("tidy", CycleStatus::Executed, &some, &[(Outcome::Deleted, 1), (Outcome::AlreadyGone, 1)]), true, true),
        (report("tidy", CycleStatus::Executed, &none, &[]), true, true),
        (report("tidy", CycleStatus::Partial, &some, &[(Outcome::Deleted, 1), (Outcome::Failed, 1)]), false, true),
        (report("tidy", CycleStatus::Partial, &some, &[(Outcome::Forbidden, 2)]), false, false),
        // Without all its evidence, nobody knows that there is nothing to do.
        (report("tidy", CycleStatus::Partial, &none, &[]), false, false),
        (report("tidy", CycleStatus::Refused, &some, &[]), false, false),
        (report("tidy", CycleStatus::Failed, &[], &[]), false, false),
    ];
    for (report, success, effective) in table {
        let life = Life::with(&["tidy"]);
        life.ended(&report);
        for (name, expected) in [("last_success", success), ("last_effective", effective)] {
            let line = format!("gleaner_{name}_timestamp_seconds{{policy=\"tidy\"}} {END}");
            assert_eq!(life.lines(name), Vec::from_iter(expected.then_some(line)), "{report:?}");
        }
    }
}

#[test]
fn what_was_before_a_restart_is_recalled() {
    let life = Life::with(&["tidy"]);
    let before: Timestamp = "2026-01-02T03:04:05Z".parse().unwrap();
    life.on(Notice::Recalled { policy: "tidy", last_success: Some(before), last_effective: None });
    let line = r#"gleaner_last_success_timestamp_seconds{policy="tidy"} 1767323045"#;
    assert_eq!(life.lines("last_"), [line]);
    // A failure changes nothing about it.
    life.ended(&report("tidy", CycleStatus::Failed, &[], &[]));
    assert_eq!(life.lines("last_"), [line]);
}

#[test]
fn without_a_schedule_there_is_no_next_run() {
    let life = Life::with(&["tidy"]);
    let scheduled = |next, interval| life.on(Notice::Scheduled { policy: "tidy", next, interval });
    scheduled(Some(NOW), Some(Duration::from_secs(3600)));
    let lines = || [life.lines("next_run"), life.lines("schedule_interval")].concat();
    assert_eq!(
        lines(),
        [
            r#"gleaner_next_run_timestamp_seconds{policy="tidy"} 1780000000"#,
            r#"gleaner_schedule_interval_seconds{policy="tidy"} 3600"#,
        ]
    );
    scheduled(None, None);
    assert_eq!(lines(), [""; 0]);
    // The new set takes the schedule away, whoever tells it first; a set that keeps it leaves it.
    scheduled(Some(NOW), Some(Duration::from_secs(3600)));
    life.load(&["tidy"]);
    assert_eq!(lines().len(), 2);
    life.on(Notice::Loaded { set: &set(&["name: tidy\n".to_owned()]), at: NOW });
    assert_eq!(lines(), [""; 0]);
}
