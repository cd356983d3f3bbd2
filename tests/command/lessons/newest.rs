//! "Keep the newest N" kept too few, or the wrong ones.

use gleaner::package::{Package, PackageType, Project, ProjectId, Status};

use crate::lessons::judgement::{NOW, days_ago, file, judge, judge_set, parse, policy, row};

/// Selects what is old, the latest version too, so that `newest` alone saves anything.
const OLD: &str = "delete: [{ older_than: 90d, allow_latest: true }]";

fn keeping(newest: u32) -> String {
    format!("{OLD}\nkeep: [{{ newest: {newest} }}]")
}

/// One row for each age in days, with ids from 1.
fn aged(ages: &[i64]) -> Vec<Package> {
    (1..).zip(ages).map(|(id, age)| row(id, &format!("1.0.{id}"), days_ago(*age))).collect()
}

/// gitlab-org/gitlab #325429: a policy that kept 10 and deleted what was older than 90 days wiped all images, twice.
#[test]
fn keep_ten_keeps_ten_however_old_they_all_are() {
    let ages: Vec<i64> = (0..12).map(|n| 1_000 - n).collect();
    assert_eq!(judge(&keeping(10), aged(&ages)).gone(), [1, 2].into());
    assert_eq!(judge(&keeping(12), aged(&ages)).gone(), [].into());
}

/// `by: version` follows the ecosystem's order and not the dates. What has no place in that order is kept, takes none,
/// and is counted; of equal versions none pushes another out.
#[test]
fn the_newest_by_version_are_the_highest() {
    let rules = format!("{OLD}\nkeep: [{{ newest: 2, by: version }}]");
    let rows = |versions: &[&str]| -> Vec<Package> {
        let rows = (1..).zip(versions).map(|(id, version)| row(id, version, days_ago(100 + id.cast_signed())));
        rows.map(|row| Package { package_type: PackageType::Maven, ..row }).collect()
    };
    assert_eq!(judge(&rules, rows(&["1.9", "1.8", "2.0", "1.10-SNAPSHOT", "1.10"])).gone(), [1, 2, 4].into());
    // Three of them are equal, and second together.
    assert_eq!(judge(&rules, rows(&["1.0", "1", "1.0.0", "1-rc1", "2"])).gone(), [4].into());

    let odd = judge(&rules, rows(&["what is this", "1.1", "1.0", "\u{e4}", "1.2"]));
    assert_eq!(odd.gone(), [3].into());
    let matched = &odd.plan.tally().rules[0];
    assert_eq!((matched.count, matched.unknown), (4, 2));
    let told = odd.told();
    assert_eq!(told[1], "2nd newest of 3 by version (newest: 2)");
    assert_eq!(told[3], "it can't be ranked by version (newest: 2)");
}

/// A status that the rule does not count is not kept for a version that can't be read.
#[test]
fn what_a_rule_does_not_count_is_not_kept_for_its_version() {
    let rules = "delete: [{ status: error }]\nkeep: [{ newest: 1, by: version }]";
    let failed = Package { status: Status::Error, ..row(1, "what is this", days_ago(100)) };
    assert_eq!(judge(rules, [failed]).gone(), [1].into());
}

/// gitlab-org/gitlab #377417: newer images were removed than were kept. Neither ids nor versions tell what is newer.
#[test]
fn what_is_kept_is_newer_than_what_goes() {
    assert_eq!(judge(&keeping(2), aged(&[110, 400, 120, 300, 200])).gone(), [2, 4, 5].into());
}

/// artifactory-cleanup #74, gcr-cleaner #138 and actions/delete-package-versions #13 kept the oldest.
#[test]
fn the_newest_stay_and_not_the_oldest() {
    assert_eq!(judge(&keeping(1), aged(&[300, 200, 100])).gone(), [1, 2].into());
    assert_eq!(judge(&keeping(1), aged(&[100, 200, 300])).gone(), [2, 3].into());
}

/// snok/container-retention-policy and artifactory-cleanup #183 counted what the other conditions had left, so that
/// "keep 5" meant the five newest of what was doomed already, and not the five newest.
#[test]
fn places_are_counted_before_anything_is_selected() {
    let ages = [150, 140, 130, 120, 110, 50, 40, 30, 20, 10];
    assert_eq!(judge(&keeping(5), aged(&ages)).gone(), [1, 2, 3, 4, 5].into());
    assert_eq!(judge(&keeping(7), aged(&ages)).gone(), [1, 2, 3].into());
}

/// Counted over all names together, a busy package pushes out every version of a quiet one.
#[test]
fn each_package_has_newest_of_its_own() {
    let busy = row(2, "1.0.0", days_ago(100));
    let quiet = || row(1, "1.0.0", days_ago(200));
    let conan = |id, channel: &str, age| Package {
        package_type: PackageType::Conan,
        channel: Some(channel.to_owned()),
        ..row(id, "1.0.0", days_ago(age))
    };
    let table = [
        ("name", Package { name: "lib".to_owned(), ..quiet() }, busy.clone()),
        ("type", Package { package_type: PackageType::Helm, ..quiet() }, busy.clone()),
        (
            "project",
            Package {
                project: Project {
                    archived: Some(false),
                    has_releases: Some(false),
                    ..Project::unread(ProjectId(2), None)
                },
                ..quiet()
            },
            busy,
        ),
        ("channel", conan(1, "acme/stable", 200), conan(2, "acme/testing", 100)),
    ];
    for (difference, quiet, busy) in table {
        assert_eq!(judge(&keeping(1), [quiet, busy]).gone(), [].into(), "another {difference}");
    }
    assert_eq!(judge(&keeping(1), [quiet(), row(2, "1.0.1", days_ago(100))]).gone(), [1].into());
}

/// A new release of snok/container-retention-policy deleted 25 images at a user (#67). What this registry loses is
/// written down, and no release may change it unawares.
#[test]
fn a_known_registry_loses_what_it_always_lost() {
    let of_type = |package_type, package: Package| Package { package_type, ..package };
    let status = |status, package: Package| Package { status, ..package };
    let tagged = |package: Package| Package { tags: Some(vec!["latest".to_owned()]), ..package };
    let rows = [
        (tagged(row(1, "1.0.0", days_ago(900))), "npm_latest"),
        (row(2, "1.1.0", days_ago(800)), "selected"),
        (row(3, "1.2.0-rc.1", days_ago(700)), "protected"),
        (status(Status::Deprecated, row(4, "1.2.0", days_ago(600))), "selected"),
        (status(Status::Processing, row(5, "1.2.1", days_ago(500))), "processing"),
        (row(6, "1.3.0", days_ago(400)), "latest"),
        (row(7, "1.4.0-beta.1", days_ago(300)), "kept_by_rule"),
        (row(8, "1.4.0-beta.2", days_ago(2)), "min_age"),
        (status(Status::Error, row(9, "1.4.0-beta.3", days_ago(200))), "selected"),
        (of_type(PackageType::MlModel, row(10, "1", days_ago(900))), "type_not_named"),
        (of_type(PackageType::Generic, row(11, "nightly", days_ago(900))), "kept_by_rule"),
        (of_type(PackageType::Generic, row(12, "nightly-1", days_ago(950))), "selected"),
        (of_type(PackageType::Generic, row(13, "nightly-2", days_ago(960))), "selected"),
        (of_type(PackageType::Generic, row(14, "nightly-3", days_ago(970))), "kept_by_rule"),
    ];
    let rules = "delete: [{ older_than: 100d }, { status: error }]\nkeep: [{ newest: 2 }]";
    let hold = "version: 1\nprotect: [{ version: \"*-rc.*\" }]\n";
    let set = parse(&[&policy(rules), hold]);
    let files = [(14, file(1, "nightly.tar", Some(days_ago(50))))];
    let expected = rows.iter().map(|(package, reason)| (package.id.0, *reason)).collect();
    let judgement = judge_set(set, rows.map(|(package, _)| package), &files, NOW);
    assert_eq!(judgement.reasons(), expected);
}
