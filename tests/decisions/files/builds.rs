//! The builds of Maven snapshots: two orders of them, and deployments that broke off.

use std::collections::HashMap;

use gleaner::package::{FileId, Lookup, PackageFile};
use gleaner::plan::{FileDecision, are_as_judged};
use gleaner_support::{NOW, days_ago};
use jiff::{SignedDuration, Timestamp};

use super::{codes, files, generic, planned, planned_on, reasons, snapshot};

const ONE: &str = "files: [{ type: maven, keep_newest: 1 }]";
const ONE_OLD: &str = "files: [{ type: maven, keep_newest: 1, older_than: 14d }]";

/// An import or a retry makes the rows anew, in whatever order.
#[test]
fn the_newest_build_stays_and_the_newest_file() {
    let files = [
        ("core-1.0-20240103.120000-3.jar", 400),
        ("core-1.0-20240102.120000-2.jar", 100),
        ("core-1.0-20240101.120000-1.jar", 100),
    ];
    assert_eq!(reasons(ONE, snapshot(), &files), ["newest", "selected", "newest"]);
    let two = "files: [{ type: maven, keep_newest: 2 }]";
    assert_eq!(reasons(two, snapshot(), &files), ["newest"; 3]);
    // The number is one, and counts where the time is the same.
    let numbers = [
        ("core-1.0-20240101.120000-10.jar", 300),
        ("core-1.0-20240101.120000-9.jar", 200),
        ("core-1.0-20240101.120000-8.jar", 100),
    ];
    assert_eq!(reasons(ONE, snapshot(), &numbers), ["newest", "selected", "newest"]);
    // The time comes first.
    let times = [
        ("core-1.0-20240102.120000-1.jar", 300),
        ("core-1.0-20240101.130000-9.jar", 200),
        ("core-1.0-20240101.120000-8.jar", 100),
    ];
    assert_eq!(reasons(ONE, snapshot(), &times), ["newest", "selected", "newest"]);
}

#[test]
fn builds_of_one_number_are_told_apart_by_their_dates_and_ids() {
    let build = "core-1.0-20240101.120000-1.jar";
    assert_eq!(
        reasons(ONE, snapshot(), &[(build, 300), (build, 200), (build, 200)]),
        ["selected", "selected", "newest"]
    );
    assert_eq!(reasons(ONE, snapshot(), &[(build, 200), (build, 300)]), ["newest", "selected"]);
}

#[test]
fn a_classifier_that_only_older_builds_have_keeps_its_newest() {
    let files = [
        ("core-1.0-20240101.120000-1-sources.jar", 300),
        ("core-1.0-20240102.120000-2-sources.jar", 200),
        ("core-1.0-20240101.120000-1.jar", 300),
        ("core-1.0-20240102.120000-2.jar", 200),
        ("core-1.0-20240103.120000-3.jar", 100),
        ("maven-metadata.xml", 100),
    ];
    let expected = ["selected", "newest", "selected", "selected", "newest", "metadata"];
    assert_eq!(reasons(ONE, snapshot(), &files), expected);
}

#[test]
fn the_last_file_is_the_newest_in_either_order() {
    let none = "files: [{ type: maven, keep_newest: 0, file: \"*\" }]";
    let files = [
        ("core-1.0-20240103.120000-3.jar", 400),
        ("core-1.0-20240102.120000-2.jar", 200),
        ("core-1.0-20240101.120000-1.jar", 100),
    ];
    assert_eq!(reasons(none, snapshot(), &files), ["last_file", "selected", "last_file"]);
}

#[test]
fn a_deployment_that_broke_off_takes_no_place() {
    let files = [
        ("core-1.0-20240102.120000-2.jar", 59),
        ("maven-metadata.xml", 60),
        ("core-1.0-20240101.120000-1.jar", 60),
        ("core-1.0-20240101.120000-1.pom", 60),
        ("core-1.0-20240102.120000-2.jar.sha512", 59),
    ];
    let expected = ["unfinished", "metadata", "newest", "newest", "stays_with"];
    assert_eq!(reasons(ONE_OLD, snapshot(), &files), expected);
    // With its metadata it is whole.
    let whole = [&files[..], &[("maven-metadata.xml", 59)]].concat();
    let expected = ["newest", "metadata", "selected", "newest", "stays_with", "metadata"];
    assert_eq!(reasons(ONE_OLD, snapshot(), &whole), expected);
    // A checksum of metadata is none.
    let checksum = [&files[..4], &[("maven-metadata.xml.sha512", 59)]].concat();
    assert_eq!(reasons(ONE_OLD, snapshot(), &checksum)[0], "unfinished");
    // Nobody knows where there is no metadata.
    assert_eq!(reasons(ONE_OLD, snapshot(), &[files[0], files[2], files[3]]), ["newest", "selected", "newest"]);
    // And only snapshots have deployments.
    let release = gleaner::package::Package { version: Some("1.0".to_owned()), ..snapshot() };
    let twice = [("core-1.0.jar", 70), ("maven-metadata.xml", 60), ("core-1.0.jar", 59)];
    assert_eq!(reasons(ONE_OLD, release, &twice), ["selected", "metadata", "newest"]);
    let rules = "files: [{ type: generic, keep_newest: 1 }]";
    let named = gleaner::package::Package { version: Some("1.0-SNAPSHOT".to_owned()), ..generic() };
    assert_eq!(
        reasons(rules, named, &[("a", 70), ("maven-metadata.xml", 60), ("a", 59)]),
        ["selected", "metadata", "newest"]
    );
}

/// Else a listing that lacks the newer metadata would make the pom unfinished, and take the jar that it left alone before.
#[test]
fn what_is_unfinished_is_not_reckoned_with_for_the_last_file() {
    let rules = "files:\n  - { type: maven, keep_newest: 1, file: \"*.jar\" }\n  \
                 - { type: maven, keep_newest: 0, file: [\"*-2.jar\", \"*.pom\"] }";
    let files = [
        ("core-1.0-20240101.120000-1.jar", 100),
        ("core-1.0-20240102.120000-2.jar", 80),
        ("core.pom", 50),
        ("maven-metadata.xml", 60),
    ];
    assert_eq!(reasons(rules, snapshot(), &files), ["last_file", "selected", "unfinished", "metadata"]);
    let newer = [&files[..], &[("maven-metadata.xml", 30)]].concat();
    assert_eq!(reasons(rules, snapshot(), &newer)[..3], ["last_file", "selected", "selected"]);
}

#[test]
fn what_came_with_the_metadata_is_finished_to_the_millisecond() {
    let at = |milliseconds| Some(days_ago(60) + SignedDuration::from_millis(milliseconds));
    let named = |id, name: &str, created_at| file(id, name, created_at);
    let codes_of = |jar| {
        let files = vec![
            named(1, "core-1.0-20240101.120000-1.jar", at(-5000)),
            named(2, "core-1.0-20240102.120000-2.jar", at(jar)),
            named(3, "maven-metadata.xml", at(0)),
        ];
        codes(&planned_on(ONE, &[], vec![snapshot()], |_| Lookup::Found(files.clone())))
    };
    assert_eq!(codes_of(0), ["selected", "newest", "metadata"]);
    assert_eq!(codes_of(1), ["newest", "unfinished", "metadata"]);
}

#[test]
fn metadata_without_a_date_says_nothing_of_any_deployment() {
    let future = NOW + SignedDuration::from_hours(1);
    for senseless in [None, Some(future), Some("1980-01-01T00:00:00Z".parse().unwrap())] {
        let files = vec![
            file(1, "core-1.0-20240101.120000-1.jar", Some(days_ago(300))),
            file(2, "core-1.0-20240102.120000-2.jar", Some(days_ago(200))),
            file(3, "core-1.0-20240102.120000-2.jar.asc", Some(days_ago(200))),
            file(4, "maven-metadata.xml", senseless),
        ];
        let plan = planned_on(ONE, &[], vec![snapshot()], |_| Lookup::Found(files.clone()));
        assert_eq!(codes(&plan), ["unfinished", "unfinished", "stays_with", "metadata"], "{senseless:?}");
        // Another one tells.
        let more = [files, vec![file(5, "maven-metadata.xml", Some(days_ago(100)))]].concat();
        let plan = planned_on(ONE, &[], vec![snapshot()], |_| Lookup::Found(more.clone()));
        assert_eq!(codes(&plan), ["selected", "newest", "stays_with", "metadata", "metadata"], "{senseless:?}");
    }
}

/// A listing that lacked the metadata could have doomed what it would have saved.
#[test]
fn files_are_not_as_judged_once_there_is_metadata() {
    let listed = [("core-1.0-20240101.120000-1.jar", 60), ("core-1.0-20240102.120000-2.jar", 59)];
    let plan = planned(ONE, snapshot(), &listed);
    assert_eq!(codes(&plan), ["selected", "newest"]);
    let before: HashMap<FileId, ()> = HashMap::new();
    let holds = |judged: &[FileDecision], new: &[(&str, i64)]| {
        let now = [&listed[..], new].concat();
        are_as_judged(judged, &before, &files(&now))
    };
    let judged = plan.file_decisions();
    assert!(holds(judged, &[]));
    assert!(holds(judged, &[("core-1.0-20240103.120000-3.jar", 0)]));
    assert!(!holds(judged, &[("maven-metadata.xml", 60)]));
    assert!(holds(judged, &[("maven-metadata.xml.sha512", 60)]));
    // Where there was some, a newer one only ends what was kept.
    let known = [&listed[..], &[("maven-metadata.xml", 59)]].concat();
    let plan = planned(ONE, snapshot(), &known);
    let now = [&known[..], &[("maven-metadata.xml", 1)]].concat();
    assert!(are_as_judged(plan.file_decisions(), &before, &files(&now)));
}

fn file(id: u64, name: &str, created_at: Option<Timestamp>) -> PackageFile {
    PackageFile { id: FileId(id), name: Some(name.to_owned()), size: Some(1), created_at, sha256: None }
}
