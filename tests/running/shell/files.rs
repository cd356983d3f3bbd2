//! What goes of packages that stay, and what is left standing when something goes wrong on the way.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::time::Duration;

use gitlab_sandbox::faults::{Body, Fault, Kind, Rule, When};
use gitlab_sandbox::{Faults, Package, PackageFile, PackageType, ProtectionRule, Registry};
use gleaner::cycle::brake::Brake;
use gleaner::cycle::clock::Clock;
use gleaner::gitlab::Freshness;
use gleaner::package::{FileId, PackageId, ProjectId};
use gleaner::plan::{Guard, Outcome, ReasonKind};
use gleaner::report::{CycleStatus, PolicyReport};
use gleaner_support::{NOW, acme, days_ago};
use tokio::time::Instant;

use crate::shell::faults::untold_rules;
use crate::shell::world::{World, file_deletions};

const TWO: &str = "version: 1\nmode: delete\nscope: { group: acme }\nfiles: [{ type: maven, keep_newest: 2 }]\n";

/// A snapshot of so many builds, each of a jar, its checksum and a pom. The files have the ids 100 × package + 10 ×
/// build, and one and two more; the newest build is 50 days old.
pub(crate) fn snapshot(id: u64, builds: u64) -> Package {
    let files = (1..=builds).flat_map(|build| {
        let stem = format!("core-1.0-20240101.{build:06}-{build}");
        let age = 50 + i64::try_from(builds - build).unwrap();
        let names = [format!("{stem}.jar"), format!("{stem}.jar.sha512"), format!("{stem}.pom")];
        names.into_iter().zip(0..).map(move |(name, place)| file(id * 1000 + build * 10 + place, &name, age))
    });
    Package {
        id,
        project_id: 1,
        package_type: PackageType::Maven,
        name: format!("com/acme/core-{id}"),
        version: Some("1.0-SNAPSHOT".to_owned()),
        created_at: days_ago(400),
        updated_at: days_ago(400),
        files: files.collect(),
        ..Package::default()
    }
}

fn file(id: u64, name: &str, age: i64) -> PackageFile {
    PackageFile {
        id,
        file_name: name.to_owned(),
        size: Some(10),
        created_at: days_ago(age),
        updated_at: days_ago(age),
        ..PackageFile::default()
    }
}

fn registry(packages: Vec<Package>) -> Registry {
    Registry { packages, ..acme() }
}

fn outcomes(report: &PolicyReport) -> BTreeMap<u64, &'static str> {
    let rows = report.file_decisions.iter();
    rows.filter_map(|row| Some((row.item.file()?.0, row.outcome()?.code()))).collect()
}

fn count(report: &PolicyReport, wanted: &str) -> usize {
    outcomes(report).values().filter(|outcome| **outcome == wanted).count()
}

fn on_file(id: u64, when: When, fault: Fault) -> Rule {
    Rule::new(fault).kind(Kind::DeletePackageFile).path(&format!("*/package_files/{id}")).when(when)
}

fn server_error() -> Fault {
    Fault::Status { code: 500, body: Body::Json }
}

#[tokio::test(start_paused = true)]
async fn builds_beyond_the_newest_go_with_their_checksums() {
    let world = World::new(registry(vec![snapshot(1, 4), snapshot(2, 2)]), &[TWO]).await;
    let before = world.present_files();
    let planned = file_deletions(&world.rehearse().await);
    assert_eq!(planned, [1010, 1011, 1012, 1020, 1021, 1022].into());
    assert_eq!(world.present_files(), before);
    let reports = world.run().await;
    assert_eq!(reports[0].status, CycleStatus::Executed);
    assert_eq!(reports[0].totals.files_by_outcome, [(Outcome::Deleted, 6)].into());
    assert_eq!((reports[0].totals.delete_files, reports[0].totals.delete_bytes), (6, 60));
    assert_eq!(world.present_files(), before.difference(&planned).copied().collect());
    assert_eq!(world.present(), [1, 2].into());
    assert_eq!(file_deletions(&world.run().await), [].into(), "a second run finds nothing");
    // The deletions of one package take a look, another right before the first and before the last, and one after.
    let looks =
        world.server.requests().into_iter().filter(|request| request.path.contains("/packages/1/package_files?"));
    assert_eq!(looks.count(), 7, "one for each of three plans, and four for the execution");
}

#[tokio::test(start_paused = true)]
async fn one_files_failure_stops_neither_its_package_nor_the_others() {
    let world = World::new(registry(vec![snapshot(1, 8), snapshot(2, 3)]), &[TWO]).await;
    world.server.set_faults(
        Faults::new(0)
            .with(on_file(1012, When::Always, server_error()))
            .with(on_file(1022, When::Always, Fault::Status { code: 403, body: Body::Json }))
            .with(on_file(1032, When::Always, Fault::FalseDelete))
            .with(on_file(1042, When::First(1), Fault::HangUpAfter))
            .with(on_file(1052, When::First(2), server_error())),
    );
    let before = world.present_files();
    let reports = world.run().await;
    let told = outcomes(&reports[0]);
    let odd: BTreeMap<u64, &str> = told.clone().into_iter().filter(|(_, outcome)| *outcome != "deleted").collect();
    assert_eq!(odd, [(1012, "unconfirmed"), (1022, "forbidden"), (1032, "unconfirmed")].into());
    assert_eq!(reports[0].status, CycleStatus::Partial);
    assert_eq!(told.len(), 6 * 3 + 3);
    let left = [1012, 1022, 1032];
    let gone: BTreeSet<u64> = told.into_keys().filter(|id| !left.contains(id)).collect();
    assert_eq!(world.present_files(), before.difference(&gone).copied().collect());
}

/// GitLab may carry out yet what it never answered.
#[tokio::test(start_paused = true)]
async fn a_file_whose_deletion_had_no_answer_is_in_doubt_whatever_its_repetition_meets() {
    let refused = |code| Fault::Status { code, body: Body::Json };
    for refusal in [refused(403), refused(412), refused(400), Fault::FalseDelete] {
        let world = World::new(registry(vec![snapshot(1, 8)]), &[TWO]).await;
        world.server.set_faults(Faults::new(0).with(on_file(1012, When::First(1), Fault::HangUp)).with(on_file(
            1012,
            When::Always,
            refusal.clone(),
        )));
        let told = outcomes(&world.run().await[0]);
        assert_eq!(told[&1012], "unconfirmed", "{refusal:?}");
        assert!(world.present_files().contains(&1012));
    }
}

/// A checksum without its file would stay for ever: no rule takes it.
#[tokio::test(start_paused = true)]
async fn a_file_whose_checksum_cannot_be_deleted_stays_with_it() {
    for fault in [server_error(), Fault::Status { code: 403, body: Body::Json }] {
        let world = World::new(registry(vec![snapshot(1, 3)]), &[TWO]).await;
        world.server.set_faults(Faults::new(0).with(on_file(1011, When::Always, fault)));
        let reports = world.run().await;
        let told = outcomes(&reports[0]);
        assert_eq!((told[&1010], told[&1012]), ("not_attempted", "deleted"));
        assert!(world.present_files().is_superset(&[1010, 1011].into()));
        let problem = "a checksum or signature of it could not be deleted, and would be left behind";
        assert!(world.problems.lock().unwrap().contains(&problem.to_owned()));
        // Once it works, both go.
        world.server.set_faults(Faults::default());
        assert_eq!(count(&world.run().await[0], "deleted"), 2);
    }
}

#[tokio::test(start_paused = true)]
async fn a_package_whose_files_are_no_longer_those_that_were_judged_stays_whole() {
    // One that was to go, one that was to stay, and a checksum.
    for vanished in [1010, 1030, 1031, 1020, 1021] {
        let world = World::new(registry(vec![snapshot(1, 4), snapshot(2, 4)]), &[TWO]).await;
        let before = world.present_files();
        let reports = world
            .run_if(async |_| {
                let (project, package) = (ProjectId(1), PackageId(1));
                let until = Instant::now() + Duration::from_secs(60);
                let freshness = Freshness { until, unmodified_since: NOW };
                world.writer().delete_file(project, package, FileId(vanished), &freshness).await.deletion.unwrap();
                Ok(())
            })
            .await;
        let told = outcomes(&reports[0]);
        let of = |package: u64| -> BTreeSet<&str> {
            told.iter().filter(|(id, _)| **id / 1000 == package).map(|(_, outcome)| *outcome).collect()
        };
        assert_eq!((of(1), of(2)), (["stale"].into(), ["deleted"].into()), "without {vanished}");
        assert_eq!(reports[0].status, CycleStatus::Executed);
        let first: BTreeSet<u64> = before.into_iter().filter(|id| id / 1000 == 1 && *id != vanished).collect();
        assert!(world.present_files().is_superset(&first), "without {vanished}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_file_that_a_checksum_might_belong_to_keeps_the_package_whole() {
    let policy =
        "version: 1\nmode: delete\nscope: { group: acme }\nfiles: [{ type: generic, keep_newest: 0, file: a }]\n";
    let package = |files| Package {
        package_type: PackageType::Generic,
        version: Some("1.0".to_owned()),
        files,
        ..snapshot(1, 0)
    };
    // The first reading misses the first file, as if that had come in between.
    let table = [("a", "stale"), ("c", "deleted")];
    for (name, outcome) in table {
        let files = vec![file(1, name, 4), file(2, "a", 100), file(3, "a.sha256", 100), file(4, "b", 100)];
        let world = World::new(registry(vec![package(files)]), &[policy]).await;
        let not_yet = Rule::new(Fault::SkipRows(1)).kind(Kind::PackageFiles).when(When::First(1));
        world.server.set_faults(Faults::new(0).with(not_yet));
        let reports = world.run().await;
        assert_eq!(outcomes(&reports[0]), [(2, outcome), (3, outcome)].into(), "{name}");
        assert_eq!(world.present_files().len(), if outcome == "stale" { 4 } else { 2 }, "{name}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_file_that_was_touched_since_the_plan_stops_its_package() {
    let mut registry = registry(vec![snapshot(1, 4)]);
    let touched = registry.packages[0].files.iter_mut().find(|file| file.id == 1012).unwrap();
    touched.updated_at = NOW + jiff::SignedDuration::from_secs(60);
    let world = World::new(registry, &[TWO]).await;
    let told = outcomes(&world.run().await[0]);
    assert_eq!(told[&1012], "stale");
    // What was before it in the order of names is gone, and nothing after it.
    assert_eq!((told[&1011], told[&1010], told[&1022]), ("deleted", "deleted", "stale"));
    assert!(world.present_files().is_superset(&[1012, 1020, 1021, 1022].into()));
}

#[tokio::test(start_paused = true)]
async fn what_gitlab_protects_or_the_token_may_not_delete_stays() {
    let mut protected = registry(vec![snapshot(1, 3), snapshot(2, 3)]);
    protected.protection_rules.push(ProtectionRule {
        project_id: 1,
        package_type: PackageType::Maven,
        package_name_pattern: "com/acme/core-1".to_owned(),
        minimum_access_level_for_delete: Some(50),
    });
    let world = World::new(protected.clone(), &[TWO]).await;
    let reports = world.run().await;
    assert_eq!((count(&reports[0], "deleted"), count(&reports[0], "forbidden")), (3, 0));
    assert_eq!(world.present_files().iter().filter(|id| **id / 1000 == 1).count(), 9);
    let world = World::new(protected, &[TWO]).await;
    world.server.set_faults(untold_rules());
    let reports = world.run().await;
    assert_eq!(count(&reports[0], "deleted"), 3);
    assert_eq!(outcomes(&reports[0])[&1011], "forbidden");
    assert_eq!(world.present_files().iter().filter(|id| **id / 1000 == 1).count(), 9);

    let mut denied = registry(vec![snapshot(1, 3)]);
    denied.members[0].access_level = 20;
    let world = World::new(denied, &[TWO]).await;
    let reports = world.run_if(async |_| panic!("nobody is asked about what can't be done")).await;
    assert_eq!((count(&reports[0], "forbidden"), reports[0].totals.not_permitted_files), (3, 3));
    assert_eq!((world.present_files().len(), world.deletes()), (9, 0));
}

#[tokio::test(start_paused = true)]
async fn a_pause_in_the_middle_holds_at_the_next_batch() {
    // 26 builds go in one package, 78 files; of ten others one build each. The first ten files
    // are the canary.
    let packages = || [snapshot(1, 28)].into_iter().chain((2..=11).map(|id| snapshot(id, 3))).collect();
    for (deletions, gone) in [(1, 10), (11, 20), (21, 40), (70, 78), (90, 78 + 18)] {
        let folder = tempfile::tempdir().unwrap();
        let instance = folder.path().join("instance.yaml");
        fs::write(&instance, "version: 1\ninstance: { paused: false }\n").unwrap();
        fs::write(folder.path().join("p0.yaml"), TWO).unwrap();
        let mut world = World::new(registry(packages()), &[TWO]).await;
        world.brake = Brake::new(&[folder.path().to_owned()], None, None, Clock::new(|| NOW));
        let before = world.present_files().len();
        let paused = "version: 1\ninstance: { paused: true }\n";
        world.after_deletions(deletions, move || fs::write(&instance, paused).unwrap());
        let reports = world.run().await;
        assert_eq!(before - world.present_files().len(), gone, "after {deletions}");
        assert_eq!((count(&reports[0], "deleted"), count(&reports[0], "not_attempted")), (gone, 108 - gone));
        assert!(reports[0].error.as_ref().unwrap().starts_with("deletions are paused by "));
        assert_eq!(world.deletes(), gone, "no request was sent for what was left");
    }
}

#[tokio::test(start_paused = true)]
async fn files_of_several_pages_go_in_batches() {
    let world = World::new(registry(vec![snapshot(1, 60)]), &[TWO]).await;
    let reports = world.run().await;
    assert_eq!((count(&reports[0], "deleted"), reports[0].status), (58 * 3, CycleStatus::Executed));
    assert_eq!(world.present_files().len(), 6);
}

#[tokio::test(start_paused = true)]
async fn a_stop_leaves_no_checksum_without_its_file() {
    for stop_after in [1, 4, 7, 20, 25] {
        let world = World::new(registry((1..=12).map(|id| snapshot(id, 5)).collect()), &[TWO]).await;
        world.stop_after_deletions(stop_after);
        let reports = world.run().await;
        assert!(count(&reports[0], "not_attempted") > 0, "after {stop_after}");
        let present = world.present_files();
        for checksum in present.iter().filter(|id| **id % 10 == 1) {
            assert!(present.contains(&(checksum - 1)), "after {stop_after}: {checksum} is left behind");
        }
        let gone = count(&reports[0], "deleted");
        assert_eq!(12 * 15 - present.len(), gone);
    }
}

#[tokio::test(start_paused = true)]
async fn a_token_that_expires_half_way_leaves_the_rest_alone() {
    let world = World::new(registry((1..=10).map(|id| snapshot(id, 4)).collect()), &[TWO]).await;
    let expired = Rule::new(Fault::ExpiredToken).kind(Kind::DeletePackageFile).when(When::After(10));
    world.server.set_faults(Faults::new(0).with(expired));
    let reports = world.run().await;
    assert_eq!(10 * 12 - world.present_files().len(), 10);
    assert!(count(&reports[0], "not_attempted") > 30);
    assert_eq!(reports[0].status, CycleStatus::Partial);
}

#[tokio::test(start_paused = true)]
async fn files_that_cannot_be_looked_up_stay() {
    let world = World::new(registry(vec![snapshot(1, 4), snapshot(2, 4)]), &[TWO]).await;
    let rule = Rule::new(server_error()).path("*/packages/1/package_files*");
    world.server.set_faults(Faults::new(0).with(rule));
    let reports = world.run().await;
    assert_eq!(reports[0].status, CycleStatus::Partial);
    assert_eq!(
        reports[0].totals.by_reason,
        [(ReasonKind::Always(Guard::NoEvidence), 1), (ReasonKind::Always(Guard::Latest), 1)].into()
    );
    assert_eq!(count(&reports[0], "deleted"), 6);
    assert_eq!(world.present_files().iter().filter(|id| **id / 1000 == 1).count(), 12);
}

/// The listing after the deletions can't be had: nobody knows whether they are gone.
#[tokio::test(start_paused = true)]
async fn deletions_that_cannot_be_confirmed_are_told_so() {
    let world = World::new(registry(vec![snapshot(1, 3)]), &[TWO]).await;
    let rule = Rule::new(server_error()).kind(Kind::PackageFiles).when(When::After(4));
    world.server.set_faults(Faults::new(0).with(rule));
    let reports = world.run().await;
    assert_eq!((count(&reports[0], "unconfirmed"), reports[0].status), (3, CycleStatus::Partial));
}

/// A dry run tells what an execution does, policy after policy.
#[tokio::test(start_paused = true)]
async fn the_next_policy_counts_what_is_left() {
    let one = "version: 1\nname: b\nmode: delete\nscope: { group: acme }\nfiles: [{ type: maven, keep_newest: 1, file: \"*.jar\" }]\n";
    let older = "version: 1\nname: c\nmode: delete\nscope: { group: acme }\n\
                 delete: [{ larger_than: 70B, allow_latest: true }]\nlimits: { max_percent: 100 }\n";
    let two = TWO.replace("version: 1\n", "version: 1\nname: a\n");
    let world = World::new(registry(vec![snapshot(1, 4)]), &[&two, one, older]).await;
    let rehearsed = world.rehearse().await;
    assert_eq!(file_deletions(&rehearsed[..1]), [1010, 1011, 1012, 1020, 1021, 1022].into());
    assert_eq!(file_deletions(&rehearsed[1..2]), [1030, 1031].into());
    assert_eq!(rehearsed[2].totals.delete, 0, "four files of 10 bytes are left of twelve");
    let executed = world.run().await;
    assert_eq!(file_deletions(&executed), file_deletions(&rehearsed));
    assert_eq!(world.present_files(), [1032, 1040, 1041, 1042].into());
}

#[tokio::test(start_paused = true)]
async fn packages_go_before_files_and_files_of_what_goes_are_not_named() {
    let policy = format!(
        "{TWO}delete: [{{ name: com/acme/core-1, older_than: 30d, allow_latest: true }}]\nlimits: {{ max_percent: 100 }}\n"
    );
    let world = World::new(registry(vec![snapshot(1, 4), snapshot(2, 4)]), &[&policy]).await;
    let reports = world.run().await;
    assert_eq!((reports[0].totals.delete, reports[0].totals.delete_files), (1, 6));
    assert_eq!(reports[0].totals.delete_bytes, 180);
    assert_eq!(world.present(), [2].into());
    assert_eq!(world.present_files(), [2030, 2031, 2032, 2040, 2041, 2042].into());
    let deletes: Vec<String> = world
        .server
        .requests()
        .into_iter()
        .filter(|request| request.method == "DELETE")
        .map(|request| request.path)
        .collect();
    assert_eq!(deletes[0], "/api/v4/projects/1/packages/1");
    assert!(deletes[1..].iter().all(|path| path.contains("/packages/2/package_files/")));
}
