//! What goes wrong on the way, and what is left standing.

use std::collections::{BTreeMap, BTreeSet};

use gitlab_sandbox::faults::{Body, Fault, Kind, Rule, Throttle, When};
use gitlab_sandbox::{
    DownloadsTold, Edition, Faults, Options, Package, PackageFile, PackageType, ProtectionRule, Registry, Series,
};
use gleaner::plan::{Guard, ReasonKind};
use gleaner::report::{CycleStatus, PolicyReport};
use gleaner_support::{NOW, acme, days_ago};

use crate::shell::world::{World, deletions};

pub(crate) const OLD: &str = "version: 1\nmode: delete\nscope: { group: acme, types: [generic, npm] }\ndelete: [{ older_than: 30d }]\n\
                   limits: { max_percent: 100, max_percent_per_project: 100, max_deletions: 10000 }\n";

/// 1,150 packages, so twelve pages; of a type that needs no look-up.
fn twelve_pages() -> Registry {
    Registry {
        series: vec![Series {
            first_id: 1,
            count: 1_150,
            project_id: 1,
            package_type: PackageType::Npm,
            name: "bulk".to_owned(),
            version: "1.0.{n}".to_owned(),
            // The youngest are younger than 30 days, so that there is something to keep.
            first_created_at: days_ago(100),
            every_seconds: 7_200,
            updated_at: days_ago(100),
            ..Series::default()
        }],
        ..acme()
    }
}

/// So many old generic packages of one file each, from id 1.
pub(crate) fn some(count: u64) -> Registry {
    let packages = (1..=count)
        .map(|id| Package {
            id,
            project_id: 1,
            package_type: PackageType::Generic,
            name: format!("tool-{id}"),
            version: Some("1.0".to_owned()),
            created_at: days_ago(100),
            updated_at: days_ago(100),
            files: vec![file(id * 1_000, 100)],
            ..Package::default()
        })
        .collect();
    Registry { packages, ..acme() }
}

pub(crate) fn file(id: u64, age: i64) -> PackageFile {
    PackageFile {
        id,
        file_name: format!("{id}.bin"),
        size: Some(10),
        created_at: days_ago(age),
        updated_at: days_ago(age),
        ..PackageFile::default()
    }
}

fn on_page(page: u64, when: When, fault: Fault) -> Faults {
    let rule = Rule::new(fault).kind(Kind::GroupPackages).page(page).when(when);
    Faults::new(0).with(rule)
}

fn on_delete(path: &str, when: When, fault: Fault) -> Rule {
    Rule::new(fault).kind(Kind::DeletePackage).path(path).when(when)
}

fn server_error() -> Fault {
    Fault::Status { code: 500, body: Body::Json }
}

/// Answers that are none.
fn troubles() -> [Fault; 5] {
    [server_error(), Fault::CutBody, Fault::InvalidJson, Fault::HangUp, Fault::HtmlPage]
}

pub(crate) fn outcomes(report: &PolicyReport) -> BTreeMap<u64, &'static str> {
    let rows = report.decisions.iter();
    rows.filter_map(|row| Some((row.package.id.0, row.outcome()?.code()))).collect()
}

#[tokio::test(start_paused = true)]
async fn a_walk_that_breaks_on_page_7_of_12_leaves_no_plan() {
    for fault in troubles().into_iter().chain([Fault::TooManyRequests(Throttle::Seconds(600))]) {
        let world = World::new(twelve_pages(), &[OLD]).await;
        world.server.set_faults(on_page(7, When::Always, fault.clone()));
        let reports = world.run().await;
        assert_eq!(reports[0].status, CycleStatus::Failed, "{fault:?}");
        assert!(reports[0].error.as_ref().unwrap().contains("page 7"), "{fault:?}: {:?}", reports[0].error);
        assert!(reports[0].decisions.is_empty(), "{fault:?}");
        assert_eq!((world.deletes(), world.present().len()), (0, 1_150), "{fault:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_walk_that_only_stumbles_gives_the_same_plan() {
    let world = World::new(twelve_pages(), &[OLD]).await;
    let undisturbed = world.rehearse().await;
    assert!(undisturbed[0].totals.delete > 500 && undisturbed[0].totals.keep > 100);
    let throttles = [
        Fault::TooManyRequests(Throttle::Bare),
        Fault::TooManyRequests(Throttle::Seconds(0)),
        Fault::TooManyRequests(Throttle::Application),
    ];
    let stumbles = troubles().into_iter().chain(throttles).map(|fault| on_page(7, When::First(2), fault));
    // Somebody publishes, and from the seventh page on every row moves back.
    let shifted = Rule::new(Fault::RepeatRows(7)).kind(Kind::GroupPackages).from_page(7);
    for faults in stumbles.chain([Faults::new(0).with(shifted)]) {
        let told = format!("{:?}", faults.rules);
        world.server.set_faults(faults);
        let stumbled = world.rehearse().await;
        assert_eq!(stumbled[0].status, CycleStatus::Planned, "{told}: {:?}", stumbled[0].error);
        let decisions = |reports: &[PolicyReport]| serde_json::to_string(&reports[0].decisions).unwrap();
        assert!(decisions(&stumbled) == decisions(&undisturbed), "{told} gives another plan");
    }
}

#[tokio::test(start_paused = true)]
async fn rows_that_a_walk_misses_doom_no_other_package() {
    let keep_newest = format!("{OLD}keep: [{{ newest: 40 }}]\n");
    let world = World::new(twelve_pages(), &[&keep_newest]).await;
    let whole = deletions(&world.rehearse().await);
    let skipping = Rule::new(Fault::SkipRows(30)).kind(Kind::GroupPackages).from_page(11);
    world.server.set_faults(Faults::new(0).with(skipping));
    let holey = world.rehearse().await;
    assert_eq!(holey[0].scanned, 1_120);
    assert!(deletions(&holey).is_subset(&whole));
}

#[tokio::test(start_paused = true)]
async fn one_packages_failure_never_stops_the_others() {
    let world = World::new(some(12), &[OLD]).await;
    world.server.set_faults(
        Faults::new(0)
            .with(on_delete("*/packages/3", When::Always, server_error()))
            .with(on_delete("*/packages/4", When::Always, Fault::FalseDelete))
            .with(on_delete("*/packages/5", When::First(1), Fault::HangUpAfter))
            .with(on_delete("*/packages/6", When::First(2), server_error())),
    );
    let reports = world.run().await;
    let mut expected: BTreeMap<u64, &str> = (1..=12).map(|id| (id, "deleted")).collect();
    expected.extend([(3, "unconfirmed"), (4, "unconfirmed")]);
    assert_eq!(outcomes(&reports[0]), expected);
    assert_eq!(reports[0].status, CycleStatus::Partial);
    assert_eq!(world.present(), BTreeSet::from([3, 4]));
}

/// GitLab may carry out yet what it never answered.
#[tokio::test(start_paused = true)]
async fn a_deletion_whose_answer_was_lost_is_in_doubt_whatever_its_repetition_meets() {
    let refused = |code| Fault::Status { code, body: Body::Json };
    for refusal in [refused(403), refused(412), refused(400), Fault::FalseDelete] {
        let world = World::new(some(3), &[OLD]).await;
        world.server.set_faults(
            Faults::new(0).with(on_delete("*/packages/2", When::First(1), Fault::HangUp)).with(on_delete(
                "*/packages/2",
                When::Always,
                refusal.clone(),
            )),
        );
        let reports = world.run().await;
        assert_eq!(outcomes(&reports[0])[&2], "unconfirmed", "{refusal:?}");
    }
}

/// A GitLab that tells nobody which packages it protects.
pub(crate) fn untold_rules() -> Faults {
    let forbidden = Fault::Status { code: 403, body: Body::Json };
    Faults::new(0).with(Rule::new(forbidden).kind(Kind::ProtectionRules))
}

#[tokio::test(start_paused = true)]
async fn what_gitlab_protects_and_what_changed_meanwhile_stay() {
    let mut registry = some(4);
    registry.protection_rules.push(ProtectionRule {
        project_id: 1,
        package_type: PackageType::Generic,
        package_name_pattern: "tool-2".to_owned(),
        minimum_access_level_for_delete: Some(50),
    });
    registry.packages[2].updated_at = NOW + jiff::SignedDuration::from_secs(60);
    let expected = BTreeMap::from([(1, "deleted"), (2, "forbidden"), (3, "stale"), (4, "deleted")]);
    let world = World::new(registry.clone(), &[OLD]).await;
    // The token may not read the rule that it is bound by.
    world.server.set_faults(untold_rules());
    assert_eq!(outcomes(&world.run().await[0]), expected);
    assert_eq!(world.present(), BTreeSet::from([2, 3]));

    // 17.11 answers 204 to the deletion of a protected package, and deletes nothing.
    let options = Options { gitlab: "17.11".parse::<Edition>().unwrap(), ..Options::default() };
    let world = World::with(registry, options, &[OLD]).await;
    world.server.set_faults(untold_rules());
    assert_eq!(outcomes(&world.run().await[0])[&2], "unconfirmed");
    assert_eq!(world.present(), BTreeSet::from([2, 3]));
}

#[tokio::test(start_paused = true)]
async fn a_token_that_expires_half_way_leaves_the_rest_alone() {
    let world = World::new(some(40), &[OLD]).await;
    let expired = Rule::new(Fault::ExpiredToken).kind(Kind::DeletePackage).when(When::After(10));
    world.server.set_faults(Faults::new(0).with(expired));
    let reports = world.run().await;
    let outcomes = outcomes(&reports[0]);
    let count = |wanted| outcomes.values().filter(|outcome| **outcome == wanted).count();
    assert_eq!(count("deleted"), 10);
    assert!(count("not_attempted") > 20, "{outcomes:?}");
    assert_eq!(world.present().len(), 30);
    assert_eq!(reports[0].status, CycleStatus::Partial);
}

#[tokio::test(start_paused = true)]
async fn evidence_that_cannot_be_had_keeps_the_package() {
    let world = World::new(some(3), &[OLD]).await;
    let rule = Rule::new(server_error()).path("*/packages/2/package_files*");
    world.server.set_faults(Faults::new(0).with(rule));
    let reports = world.run().await;
    assert_eq!(reports[0].decisions[1].reason.code(), "no_evidence");
    assert_eq!(reports[0].status, CycleStatus::Partial);
    assert_eq!(world.present(), BTreeSet::from([2]));
}

#[tokio::test(start_paused = true)]
async fn many_files_are_read_until_two_readings_agree() {
    let mut registry = some(1);
    // The newest file is the last one of the second page, and the first reading misses it.
    registry.packages[0].files = (0..150).map(|id| file(1_000 + id, if id == 149 { 2 } else { 100 })).collect();
    let text = OLD.replace("limits: {", "limits: { min_age: 0h,");
    let world = World::new(registry, &[&text]).await;
    let cut = Rule::new(Fault::SkipRows(1)).kind(Kind::PackageFiles).page(2).when(When::First(1));
    world.server.set_faults(Faults::new(0).with(cut));
    let reports = world.run().await;
    assert_eq!(reports[0].decisions[0].reason.code(), "not_selected");
    let requests = world.server.requests();
    let files = requests.iter().filter(|request| request.path.contains("/package_files"));
    assert_eq!(files.count(), 6, "three readings of two pages: the second differs from the first, the third agrees");
}

#[tokio::test(start_paused = true)]
async fn a_stop_while_deleting_leaves_the_rest_as_not_attempted() {
    let world = World::new(some(40), &[OLD]).await;
    world.stop_after_deletions(5);
    let reports = world.run().await;
    let outcomes = outcomes(&reports[0]);
    let gone = outcomes.values().filter(|outcome| **outcome == "deleted").count();
    // What was under way when the stop came is finished.
    assert!((5..=8).contains(&gone), "{gone} deleted");
    assert_eq!(outcomes.values().filter(|outcome| **outcome == "not_attempted").count(), 40 - gone);
    assert_eq!(world.present().len(), 40 - gone);
    assert_eq!(reports[0].status, CycleStatus::Partial);
}

#[tokio::test(start_paused = true)]
async fn a_stop_before_the_end_of_the_walk_leaves_no_plan() {
    let world = World::new(some(4), &[OLD]).await;
    world.stop.cancel();
    let reports = world.run().await;
    assert_eq!(reports[0].status, CycleStatus::Failed);
    assert_eq!(world.server.requests().len(), 0);
    assert_eq!(world.present().len(), 4);
}

#[tokio::test(start_paused = true)]
async fn one_policys_failure_never_stops_another() {
    let other = OLD.replace("group: acme", "group: nowhere");
    let world = World::new(some(4), &[&other, OLD]).await;
    let reports = world.run().await;
    assert_eq!((reports[0].status, reports[1].status), (CycleStatus::Failed, CycleStatus::Executed));
    assert_eq!(world.present().len(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_plan_beyond_its_limits_is_refused_whole() {
    let refused = OLD.replace("max_deletions: 10000", "max_deletions: 11");
    let world = World::new(some(12), &[&refused]).await;
    let reports = world.run().await;
    assert_eq!(reports[0].status, CycleStatus::Refused);
    let refusal = reports[0].refusal.as_ref().unwrap();
    assert_eq!((refusal.limit.as_str(), refusal.allowed, refusal.wanted), ("max_deletions", 11, Some(12)));
    assert_eq!((world.deletes(), world.present().len()), (0, 12));
}

#[tokio::test(start_paused = true)]
async fn an_old_server_that_tells_no_downloads_loses_nothing_by_them() {
    let gitlab = "15.11".parse::<Edition>().unwrap();
    let options = || Options { gitlab, downloads: DownloadsTold::Nowhere, ..Options::default() };
    let idle = OLD.replace("older_than: 30d", "not_downloaded_for: 30d");
    let world = World::with(some(3), options(), &[&idle]).await;
    assert_eq!(deletions(&world.rehearse().await), BTreeSet::new());
    // By age alone it works as ever.
    let world = World::with(some(3), options(), &[OLD]).await;
    assert_eq!(outcomes(&world.run().await[0]).len(), 3);
    assert_eq!(world.present(), BTreeSet::new());
}

#[tokio::test(start_paused = true)]
async fn a_404_is_no_proof_that_a_package_is_gone() {
    let world = World::new(some(3), &[OLD]).await;
    let fault = Fault::Status { code: 404, body: Body::Json };
    world.server.set_faults(Faults::new(0).with(on_delete("*/packages/2", When::Always, fault)));
    let reports = world.run().await;
    assert_eq!(outcomes(&reports[0])[&2], "unconfirmed");
    assert_eq!(reports[0].status, CycleStatus::Partial);
    assert_eq!(world.present(), BTreeSet::from([2]));
}

#[tokio::test(start_paused = true)]
async fn a_refused_plan_that_lacks_evidence_says_both() {
    let refused = OLD.replace("max_deletions: 10000", "max_deletions: 1");
    let world = World::new(some(4), &[&refused]).await;
    let rule = Rule::new(server_error()).path("*/packages/2/package_files*");
    world.server.set_faults(Faults::new(0).with(rule));
    let reports = world.run().await;
    assert_eq!(reports[0].status, CycleStatus::Refused);
    assert_eq!(reports[0].error.as_deref(), Some("look-ups that failed: 1; the packages they were for are kept"));
}

#[tokio::test(start_paused = true)]
async fn a_gitlab_that_no_longer_answers_is_left_alone() {
    let world = World::new(some(200), &[OLD]).await;
    world.server.set_faults(Faults::new(0).with(Rule::new(server_error()).kind(Kind::PackageFiles)));
    let reports = world.rehearse().await;
    assert_eq!(reports[0].totals.by_reason[&ReasonKind::Always(Guard::NoEvidence)], 200);
    // Five in a row, six tries each, and those that were under way by then.
    let asked = world.server.requests().iter().filter(|request| request.path.contains("/package_files")).count();
    assert!(asked <= (5 + 8) * 6, "{asked} requests");

    let world = World::new(some(200), &[OLD]).await;
    world.server.set_faults(Faults::new(0).with(Rule::new(server_error()).kind(Kind::DeletePackage)));
    let reports = world.run().await;
    let outcomes = outcomes(&reports[0]);
    // Of five in a row, and those that were under way by then, nobody knows whether they were done.
    let failed = outcomes.values().filter(|outcome| **outcome == "unconfirmed").count();
    assert!((5..=8).contains(&failed), "{failed} unconfirmed");
    assert_eq!(outcomes.values().filter(|outcome| **outcome == "not_attempted").count(), 200 - failed);
}

#[tokio::test(start_paused = true)]
async fn archived_projects_are_kept_for_the_record() {
    let mut registry = some(3);
    registry.projects[0].archived = true;
    let world = World::new(registry, &[OLD]).await;
    let reports = world.run().await;
    assert_eq!((reports[0].scanned, reports[0].status), (0, CycleStatus::Executed));
    assert_eq!(world.present().len(), 3);
}

#[tokio::test(start_paused = true)]
async fn what_an_old_server_does_not_tell_is_told_in_the_report() {
    let gitlab = "15.11".parse::<Edition>().unwrap();
    let options = Options { gitlab, downloads: DownloadsTold::Nowhere, ..Options::default() };
    let in_use = format!("{OLD}keep: [{{ downloaded_within: 30d }}]\n");
    let world = World::with(some(3), options, &[&in_use]).await;
    let reports = world.rehearse().await;
    let unknown: Vec<_> = reports[0].rules.iter().map(|rule| (rule.rule.as_str(), rule.unknown)).collect();
    assert_eq!(unknown, [("keep[0]", 3), ("delete[0]", 0)]);
    let table = gleaner::report::policy_table(&reports[0], None);
    assert!(table.contains("! keep[0] holds 3 packages, because what it asks is not known of them"), "{table}");
}

#[tokio::test(start_paused = true)]
async fn a_package_that_gets_a_file_after_the_plan_stays() {
    let mut registry = some(3);
    // The first reading of its files misses the youngest, as if that had come in between.
    registry.packages[1].files = vec![file(2_000, 1), file(2_001, 100)];
    let world = World::new(registry, &[OLD]).await;
    let not_yet = Rule::new(Fault::SkipRows(1)).path("*/packages/2/package_files*").when(When::First(1));
    world.server.set_faults(Faults::new(0).with(not_yet));
    let reports = world.run().await;
    assert_eq!(outcomes(&reports[0]), BTreeMap::from([(1, "deleted"), (2, "stale"), (3, "deleted")]));
    assert_eq!(reports[0].status, CycleStatus::Executed);
    assert_eq!(world.present(), BTreeSet::from([2]));
}
