//! A GitLab whose listings don't tell downloads: the single packages are asked, as long as they tell.

use std::collections::BTreeSet;

use gitlab_sandbox::faults::{Body, Fault, Kind, Rule, When};
use gitlab_sandbox::{DownloadsTold, Faults, Options, Package, PackageType, Registry, Status as PackageStatus};
use gleaner::cycle::progress::Sought;
use gleaner::package::PackageId;
use gleaner::report::{CycleStatus, PolicyReport};
use gleaner_support::{NOW, acme, days_ago};
use jiff::SignedDuration;

use crate::shell::world::World;

const IDLE: &str = "older_than: 30d, not_downloaded_for: 90d";

/// So many npm packages of one version each, 400 days old. Those with an odd id were downloaded 100 days ago, the others
/// yesterday.
fn some(count: u64) -> Registry {
    let package = |id: u64| Package {
        id,
        project_id: 1,
        package_type: PackageType::Npm,
        name: format!("tool-{id}"),
        version: Some("1.0.0".to_owned()),
        created_at: days_ago(400),
        updated_at: days_ago(400),
        last_downloaded_at: Some(days_ago(if id % 2 == 1 { 100 } else { 1 })),
        ..Package::default()
    };
    Registry { packages: (1..=count).map(package).collect(), ..acme() }
}

fn policy(delete: &str, more: &str) -> String {
    format!(
        "version: 1\nmode: delete\nscope: {{ group: acme }}\ndelete: [{{ {delete}, allow_latest: true }}]\n{more}\n\
         limits: {{ max_percent: 100, max_percent_per_project: 100 }}\n"
    )
}

async fn world(registry: Registry, downloads: DownloadsTold, policies: &[&str]) -> World {
    World::with(registry, Options { downloads, ..Options::default() }, policies).await
}

/// The packages that were asked for by themselves, once for each request.
fn asked(world: &World) -> Vec<u64> {
    let requests = world.server.requests();
    let singles = requests.iter().filter(|request| request.method == "GET").filter_map(|request| {
        let (_, id) = request.path.split_once("/packages/")?;
        id.parse().ok()
    });
    let mut asked: Vec<u64> = singles.collect();
    asked.sort_unstable();
    asked
}

fn reason(report: &PolicyReport, id: u64) -> &str {
    report.decisions.iter().find(|row| row.package.id == PackageId(id)).unwrap().reason.code()
}

#[tokio::test(start_paused = true)]
async fn a_package_is_selected_by_what_it_tells_by_itself() {
    let (idle, in_use): (BTreeSet<u64>, BTreeSet<u64>) = (1..=20).partition(|id| id % 2 == 1);
    let table = [
        (policy(IDLE, ""), &in_use),
        (policy("older_than: 30d, downloaded_within: 30d", ""), &idle),
        (policy("older_than: 30d", "keep: [{ downloaded_within: 30d }]"), &in_use),
        (policy("older_than: 30d", "keep: [{ not_downloaded_for: 30d }]"), &idle),
    ];
    for (text, stays) in table {
        let world = world(some(20), DownloadsTold::BySinglePackages, &[&text]).await;
        world.rehearse().await;
        assert_eq!(asked(&world), (1..=20).collect::<Vec<_>>(), "{text}");
        let reports = world.run().await;
        assert_eq!(reports[0].status, CycleStatus::Executed, "{text}: {:?}", reports[0].error);
        assert_eq!(world.present(), *stays, "{text}");
        // A listing that tells leads to the same, and leaves nothing to ask.
        let told = self::world(some(20), DownloadsTold::Everywhere, &[&text]).await;
        let theirs = told.run().await;
        assert_eq!((told.present(), asked(&told)), (world.present(), Vec::new()), "{text}");
        assert_eq!(
            serde_json::to_value(&theirs[0].decisions).unwrap(),
            serde_json::to_value(&reports[0].decisions).unwrap()
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_null_is_never_and_counts_as_one_that_was_listed() {
    let mut registry = some(4);
    registry.packages.iter_mut().for_each(|package| package.last_downloaded_at = None);
    for rule in ["never_downloaded: true, older_than: 30d", IDLE] {
        let world = world(registry.clone(), DownloadsTold::BySinglePackages, &[&policy(rule, "")]).await;
        let reports = world.run().await;
        assert_eq!((world.present(), reports[0].totals.on_null_downloads), (BTreeSet::new(), 4), "{rule}");
    }
}

/// Today's way: never selected by a download, and kept by what may be one.
#[tokio::test(start_paused = true)]
async fn after_three_that_do_not_tell_nobody_is_asked() {
    for (text, reason_told) in [
        (policy(IDLE, ""), "latest"),
        (policy("older_than: 30d, never_downloaded: true", ""), "latest"),
        (policy("older_than: 30d", "keep: [{ downloaded_within: 30d }]"), "kept_by_rule"),
    ] {
        for count in [2, 3, 20] {
            let world = world(some(count), DownloadsTold::Nowhere, &[&text]).await;
            let reports = world.run().await;
            assert_eq!(reports[0].status, CycleStatus::Executed, "{text}: {:?}", reports[0].error);
            assert_eq!((world.present().len() as u64, world.deletes()), (count, 0), "{text}");
            assert!((1..=count).all(|id| reason(&reports[0], id) == reason_told), "{text}");
            assert_eq!(asked(&world).len() as u64, count.min(3), "{text}");
            assert!(world.lookups.lock().unwrap().iter().all(|(_, problem)| problem.is_none()), "{text}");
        }
    }
}

/// Each cycle begins anew: GitLab may have been upgraded.
#[tokio::test(start_paused = true)]
async fn every_cycle_asks_three() {
    let (one, other) = (policy(IDLE, ""), policy(IDLE, ""));
    let world = world(some(20), DownloadsTold::Nowhere, &[&one, &other]).await;
    world.rehearse().await;
    assert_eq!(asked(&world).len(), 6);
}

#[tokio::test(start_paused = true)]
async fn only_those_are_asked_of_which_it_decides() {
    let mut registry = some(8);
    registry.packages[0].created_at = days_ago(10);
    registry.packages[1].name = "held".to_owned();
    registry.packages[2].status = PackageStatus::Hidden;
    registry.packages[3].name = "other".to_owned();
    // Of this one GitLab tells nobody: a 404, which says nothing of the others.
    registry.packages[4].status = PackageStatus::Error;
    let text = policy(&format!("{IDLE}, name: ['tool-*', held]"), "keep: [{ name: held }]");
    let world = world(registry, DownloadsTold::BySinglePackages, &[&text]).await;
    let reports = world.rehearse().await;
    assert_eq!((asked(&world), reason(&reports[0], 5)), (vec![6, 7, 8], "not_selected"));
    world.run().await;
    assert_eq!(world.present(), (1..=8).filter(|id| *id != 7).collect());
}

#[tokio::test(start_paused = true)]
async fn what_competes_for_a_place_is_asked_too() {
    let mut registry = some(4);
    for (package, minor) in registry.packages.iter_mut().zip(0..) {
        package.name = "tool".to_owned();
        package.version = Some(format!("1.{minor}.0"));
        package.created_at = days_ago(400 - minor);
    }
    // Of those that were used lately, 2 and 4, the newest stays; 3 is asked for although no rule selects it.
    let text = policy("version: ['1.0.*', '1.1.*', '1.3.*']", "keep: [{ newest: 1, downloaded_within: 30d }]");
    let world = world(registry, DownloadsTold::BySinglePackages, &[&text]).await;
    let reports = world.rehearse().await;
    assert_eq!((asked(&world), reason(&reports[0], 4)), (vec![1, 2, 3, 4], "kept_by_rule"));
    world.run().await;
    assert_eq!(world.present(), [3, 4].into());
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_fails_keeps_the_package() {
    let server_error = Fault::Status { code: 500, body: Body::Json };
    for fault in [server_error, Fault::CutBody, Fault::HtmlPage, Fault::InvalidJson] {
        let world = world(some(5), DownloadsTold::BySinglePackages, &[&policy(IDLE, "")]).await;
        let rule = Rule::new(fault.clone()).kind(Kind::Package).path("*/packages/3");
        world.server.set_faults(Faults::new(0).with(rule));
        let reports = world.run().await;
        assert_eq!((reports[0].status, world.present()), (CycleStatus::Partial, [2, 3, 4].into()), "{fault:?}");
        assert_eq!(reason(&reports[0], 3), "no_evidence", "{fault:?}");
        let lookups = world.lookups.lock().unwrap();
        let failed: Vec<_> = lookups.iter().filter(|(_, problem)| problem.is_some()).map(|(of, _)| *of).collect();
        assert_eq!(failed, [Sought::Downloads(PackageId(3))], "{fault:?}");
    }
    for code in [403, 404] {
        let world = world(some(5), DownloadsTold::BySinglePackages, &[&policy(IDLE, "")]).await;
        let rule = Rule::new(Fault::Status { code, body: Body::Json }).kind(Kind::Package).path("*/packages/3");
        world.server.set_faults(Faults::new(0).with(rule.when(When::Always)));
        let reports = world.run().await;
        assert_eq!((reports[0].status, world.present()), (CycleStatus::Executed, [2, 3, 4].into()), "{code}");
        assert_eq!(reason(&reports[0], 3), "latest", "no rule selects it, and so none lifts the guard: {code}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_date_that_makes_no_sense_is_no_download_and_no_reason_to_delete() {
    let mut registry = some(3);
    registry.packages[0].last_downloaded_at = Some(NOW + SignedDuration::from_hours(1));
    registry.packages[2].last_downloaded_at = Some("2009-01-01T00:00:00Z".parse().unwrap());
    let selecting = policy(IDLE, "");
    let keeping = policy("older_than: 30d", "keep: [{ downloaded_within: 30d }]");
    for (text, expected) in [(&selecting, "latest"), (&keeping, "kept_by_rule")] {
        let world = world(registry.clone(), DownloadsTold::BySinglePackages, &[text]).await;
        let reports = world.run().await;
        assert_eq!([1, 3].map(|id| reason(&reports[0], id)), [expected; 2]);
        assert_eq!(world.present().len(), 3);
    }
}

#[tokio::test(start_paused = true)]
async fn it_is_explained_by_what_was_told() {
    for (downloads, seen, count) in [
        (DownloadsTold::BySinglePackages, "last downloaded 100 days ago; newest content is 400 days old", 1),
        (DownloadsTold::Nowhere, "its last download is unknown; newest content is 400 days old", 1),
    ] {
        let world = world(some(20), downloads, &[&policy(IDLE, "")]).await;
        let explained = world.explain("acme/app", &[1]).await.remove(0).unwrap();
        let judged = serde_json::to_value(&explained.policies[0]).unwrap();
        assert_eq!(judged["rules"][0]["parts"][1]["saw"], seen, "{}", judged["rules"]);
        assert_eq!(asked(&world).len(), count, "the package alone");
    }
}

#[tokio::test(start_paused = true)]
async fn files_of_what_is_in_use_stay() {
    let file = |id, age| gitlab_sandbox::PackageFile {
        id,
        file_name: "tool.tgz".to_owned(),
        created_at: days_ago(age),
        ..gitlab_sandbox::PackageFile::default()
    };
    let mut registry = some(2);
    for package in &mut registry.packages {
        package.package_type = PackageType::Generic;
        package.files = vec![file(package.id * 10, 300), file(package.id * 10 + 1, 200)];
    }
    let text = "version: 1\nmode: delete\nscope: { group: acme }\n\
                files: [{ type: generic, keep_newest: 1, not_downloaded_for: 90d }]\n";
    for (downloads, gone) in [
        (DownloadsTold::BySinglePackages, [10].as_slice()),
        (DownloadsTold::Nowhere, &[]),
        (DownloadsTold::Everywhere, &[10]),
    ] {
        let world = world(registry.clone(), downloads, &[text]).await;
        world.run().await;
        let left: BTreeSet<u64> = [10, 11, 20, 21].into_iter().filter(|id| !gone.contains(id)).collect();
        assert_eq!(world.present_files(), left, "{downloads:?}");
    }
}
