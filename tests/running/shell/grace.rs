//! `grace`: a package goes only if every finished run of so many days has named it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;

use gitlab_sandbox::faults::{Body, Fault, Kind, Rule};
use gitlab_sandbox::{Act, Faults, Group, Package, PackageFile, PackageType, Project, Registry};
use gleaner::plan::{Extent, Maturity, Outcome, Verdict};
use gleaner::record::state::StateStore;
use gleaner::report::{CycleStatus, PolicyReport};
use gleaner::yaml::Source;
use gleaner_support::{NOW, acme, days_ago, parsed};
use jiff::{SignedDuration, Timestamp};
use tempfile::TempDir;

use crate::shell::faults::{file, outcomes};
use crate::shell::world::World;

/// `rule` is the age in days of the rule that selects, `other` that of one that selects nothing.
fn policy(rule: i64, other: i64) -> String {
    format!(
        "version: 1\nmode: delete\ngrace: 3d\nscope: {{ group: acme, types: [generic] }}\n\
         delete:\n  - {{ older_than: {rule}d, allow_latest: true }}\n  - {{ status: error, older_than: {other}d }}\n\
         keep: [{{ topic: hold }}]\n\
         limits: {{ max_percent: 100, max_percent_per_project: 100, max_deletions: 10000 }}\n"
    )
}

/// A project that is no longer archived may go on at once.
const ACCEPTED: &str = "version: 1\ninstance:\n  accept_fewer_holds:\n    \
    - { project: 1, until: 2999-12-31, note: any }\n    - { project: 2, until: 2999-12-31, note: any }\n    \
    - { project: 3, until: 2999-12-31, note: any }\n    - { project: 4, until: 2999-12-31, note: any }\n    \
    - { project: 5, until: 2999-12-31, note: any }\n";

const PROJECTS: u64 = 5;
const PACKAGES: u64 = 3;

/// Five projects with three packages each, of a type whose files have to be looked up. `ages` has the age of each in days,
/// and each is half a day older.
fn registry(ages: &BTreeMap<u64, i64>) -> Registry {
    let project = |id| Project { id, path: format!("acme/app-{id}"), ..Project::default() };
    let package = |(&id, &age): (&u64, &i64)| Package {
        id,
        project_id: id / 100,
        package_type: PackageType::Generic,
        name: format!("tool-{id}"),
        version: Some("1.0".to_owned()),
        created_at: days_ago(age) - SignedDuration::from_hours(12),
        updated_at: days_ago(age) - SignedDuration::from_hours(12),
        files: vec![file(id * 1_000, age)],
        ..Package::default()
    };
    Registry { projects: (1..=PROJECTS).map(project).collect(), packages: ages.iter().map(package).collect(), ..acme() }
}

fn server_error() -> Fault {
    Fault::Status { code: 500, body: Body::Json }
}

/// A world whose runs remember, and the folder that they remember in.
struct Place {
    world: World,
    folder: TempDir,
}

impl Place {
    async fn new(ages: &BTreeMap<u64, i64>, text: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut place = Self { world: World::new(registry(ages), &[text, ACCEPTED]).await, folder };
        place.restart();
        place
    }

    /// Every package is old enough from the start.
    async fn of_old(packages: u64) -> Self {
        Self::new(&(101..=100 + packages).map(|id| (id, 90)).collect(), &policy(30, 30)).await
    }

    fn restart(&mut self) {
        self.world.state = None;
        let (state, complaint) = StateStore::open(self.folder.path(), "gleaner", "https://gitlab.test").unwrap();
        assert_eq!(complaint, None);
        self.world.state = Some(state);
    }

    fn lose_marks(&mut self) {
        self.world.state = None;
        let _ = fs::remove_file(self.marks());
        self.restart();
    }

    fn marks(&self) -> PathBuf {
        self.folder.path().join("marks.json")
    }

    /// Since when the package is marked, as the file tells it.
    fn since(&self, id: u64) -> Option<Timestamp> {
        let text = fs::read_to_string(self.marks()).ok()?;
        let file: serde_json::Value = serde_json::from_str(&text).unwrap();
        file["policies"]["p0"]["packages"][id.to_string()]["since"].as_str().map(|since| since.parse().unwrap())
    }

    fn write_policy(&mut self, text: &str) {
        let accepted = Source::new("p1.yaml", ACCEPTED);
        self.world.set = parsed(&[Source { file: "p0.yaml".to_owned(), text: text.to_owned() }, accepted]);
    }

    /// Runs the policy so long after the first day.
    async fn run_at(&mut self, time: SignedDuration) -> PolicyReport {
        self.world.now = NOW + time;
        let mut reports = self.world.run().await;
        reports.remove(0)
    }

    async fn run_on(&mut self, day: i64) -> PolicyReport {
        self.run_at(days(day)).await
    }
}

fn days(count: i64) -> SignedDuration {
    SignedDuration::from_hours(24 * count)
}

/// What the rules say, told once more and in other words: since which minute each package is marked, and by which rule.
#[derive(Default)]
struct Model {
    marks: BTreeMap<u64, (i64, i64)>,
    archived: BTreeSet<u64>,
    held: BTreeSet<u64>,
}

/// What happens on one day.
#[derive(Debug, Default)]
struct Day {
    unseen_packages: BTreeSet<u64>,
    unseen_projects: BTreeSet<u64>,
    fails: bool,
}

const GRACE: i64 = 3 * 24 * 60;

impl Model {
    /// Returns what goes in this minute.
    fn run(&mut self, minute: i64, rule: i64, ages: &BTreeMap<u64, i64>, day: &Day) -> BTreeSet<u64> {
        let mut gone = BTreeSet::new();
        for (&id, &age) in ages.iter().filter(|_| !day.fails) {
            let project = id / 100;
            let is_old = age * 24 * 60 + 12 * 60 + minute > rule * 24 * 60;
            let is_named = is_old && !self.archived.contains(&project) && !self.held.contains(&project);
            let is_unseen = day.unseen_packages.contains(&id) || day.unseen_projects.contains(&project);
            match (is_named, is_unseen) {
                (true, true) => {}
                (true, false) => {
                    let mark = self.marks.entry(id).or_insert((minute, rule));
                    if mark.1 != rule {
                        *mark = (minute, rule);
                    }
                    if minute - mark.0 >= GRACE {
                        gone.insert(id);
                    }
                }
                (false, _) => _ = self.marks.remove(&id),
            }
        }
        self.marks.retain(|id, _| !gone.contains(id));
        gone
    }
}

/// Every bracket of the rules of marks comes up by chance: look-ups of packages and of projects that fail, cycles that
/// fail, projects that are archived or held for some days, restarts, marks that are lost, the rule changed and another one.
#[tokio::test(start_paused = true)]
async fn over_thirty_days_nothing_goes_early_and_all_that_should_go_goes() {
    let (mut went, mut seen, mut days_that_fail) = (0, [0_usize; 8], 0);
    for seed in 0..CASES {
        let mut random = fastrand::Rng::with_seed(seed);
        let ids = (1..=PROJECTS).flat_map(|project| (1..=PACKAGES).map(move |number| project * 100 + number));
        let mut ages: BTreeMap<u64, i64> = ids.map(|id| (id, random.i64(10..60))).collect();
        let (mut rule, mut model) = (30, Model::default());
        let mut place = Place::new(&ages, &policy(rule, 30)).await;
        for number in 0..36 {
            let is_quiet = number >= 30;
            let mut day = Day::default();
            let happens = |random: &mut fastrand::Rng, one_in: u32| !is_quiet && random.u32(..one_in) == 0;
            for project in 1..=PROJECTS {
                if happens(&mut random, 12) || (is_quiet && model.archived.contains(&project)) {
                    seen[0] += 1;
                    let act = if model.archived.remove(&project) {
                        Act::UnarchiveProject { id: project }
                    } else {
                        model.archived.insert(project);
                        Act::ArchiveProject { id: project }
                    };
                    place.world.server.act(act).unwrap();
                }
                if happens(&mut random, 15) {
                    seen[1] += 1;
                    let is_held = model.held.insert(project) || !model.held.remove(&project);
                    let topics = if is_held { vec!["hold".to_owned()] } else { Vec::new() };
                    place.world.server.act(Act::SetTopics { id: project, topics }).unwrap();
                }
                if happens(&mut random, 10) {
                    seen[2] += 1;
                    day.unseen_projects.insert(project);
                }
            }
            for id in ages.keys().filter(|_| happens(&mut random, 15)) {
                seen[3] += 1;
                day.unseen_packages.insert(*id);
            }
            day.fails = happens(&mut random, 10);
            if happens(&mut random, 20) {
                seen[4] += 1;
                rule = if rule == 30 { 31 } else { 30 };
            }
            if happens(&mut random, 6) {
                seen[5] += 1;
                place.restart();
            }
            if happens(&mut random, 25) {
                seen[6] += 1;
                place.lose_marks();
                model.marks.clear();
            }
            // The other rule is another one every day.
            place.write_policy(&policy(rule, 30 + number));
            let mut faults = Faults::new(seed);
            for id in &day.unseen_packages {
                let files = Rule::new(server_error()).kind(Kind::PackageFiles).path(&format!("*/packages/{id}/*"));
                faults = faults.with(files);
            }
            for id in &day.unseen_projects {
                faults =
                    faults.with(Rule::new(server_error()).kind(Kind::Releases).path(&format!("*/projects/{id}/*")));
            }
            if day.fails {
                days_that_fail += 1;
                faults = faults.with(Rule::new(server_error()).kind(Kind::GroupPackages));
            }
            place.world.server.set_faults(faults);

            // A run is never quite on time.
            let minute = number * 24 * 60 + random.i64(0..90);
            let before = place.world.present();
            let report = place.run_at(SignedDuration::from_secs(60 * minute)).await;
            assert_eq!(
                report.status == CycleStatus::Failed,
                day.fails,
                "seed {seed}, day {number}: {:?}",
                report.error
            );
            let gone: BTreeSet<u64> = before.difference(&place.world.present()).copied().collect();
            let expected = model.run(minute, rule, &ages, &day);
            assert_eq!(gone, expected, "seed {seed}, day {number}: {day:?}\n{:?}", outcomes(&report));
            ages.retain(|id, _| !gone.contains(id));
            went += gone.len();
            seen[7] += usize::from(!gone.is_empty());
        }
        // Six quiet days later all that no one holds is gone, but for what became old enough in the last three.
        let left = ages.iter().filter(|(id, age)| **age + 32 > rule && !model.held.contains(&(**id / 100)));
        assert_eq!(left.collect::<Vec<_>>(), [], "seed {seed}");
        place.world.server.stop().await;
    }
    println!(
        "{CASES} times 36 days: {went} packages went on {} days; {days_that_fail} cycles failed; {seen:?}",
        seen[7]
    );
    assert!(seen.iter().all(|count| *count > 10) && days_that_fail > 10 && went > 100, "{seen:?}");
}

const CASES: u64 = 12;

#[tokio::test(start_paused = true)]
async fn what_waits_is_told_with_its_dates_and_counts_against_the_limits() {
    let mut place = Place::of_old(3).await;
    let report = place.run_on(0).await;
    assert_eq!(outcomes(&report), [101, 102, 103].map(|id| (id, "marked")).into());
    assert_eq!((report.status, &report.error, report.is_effective()), (CycleStatus::Executed, &None, true));
    assert_eq!((report.totals.delete, report.totals.waiting, report.totals.due()), (3, 3, 0));
    assert_eq!(report.totals.oldest_mark, Some(NOW));
    let row = &report.decisions[0];
    assert_eq!(row.maturity, Some(Maturity::Young { since: NOW, from: NOW + days(3) }));
    let told = format!("marked since {NOW}, and goes from {} on, by grace: 3d", NOW + days(3));
    assert_eq!((row.mark.as_deref(), row.problem()), (Some(told.as_str()), None));
    // A second before its time it waits, and then it goes.
    let early = place.run_at(days(3) - SignedDuration::from_secs(1)).await;
    assert_eq!((early.totals.waiting, place.world.deletes()), (3, 0));
    let limits = policy(30, 30).replace("max_deletions: 10000", "max_deletions: 2");
    place.write_policy(&limits);
    let refused = place.run_on(3).await;
    assert_eq!((refused.status, place.world.deletes()), (CycleStatus::Refused, 0));
    place.write_policy(&policy(30, 30));
    let report = place.run_on(3).await;
    assert_eq!(outcomes(&report), [101, 102, 103].map(|id| (id, "deleted")).into());
    assert_eq!((report.totals.waiting, report.decisions[0].mark.clone()), (0, Some(format!("marked since {NOW}"))));
    // What is gone has no mark any more.
    assert_eq!([101, 102, 103].map(|id| place.since(id)), [None; 3]);
}

/// A plan beyond a limit has named something all the same, and limits count what waits.
#[tokio::test(start_paused = true)]
async fn a_plan_that_is_refused_marks_and_what_waits_is_counted() {
    let mut place = Place::of_old(3).await;
    place.write_policy(&policy(30, 30).replace("max_deletions: 10000", "max_deletions: 2"));
    assert_eq!(place.run_on(0).await.status, CycleStatus::Refused);
    assert_eq!([101, 102, 103].map(|id| place.since(id)), [Some(NOW); 3]);
}

#[tokio::test(start_paused = true)]
async fn nobody_is_asked_about_what_waits() {
    let mut place = Place::of_old(3).await;
    let reports = place.world.run_if(async |_| panic!("there is nothing to agree to")).await;
    assert_eq!(outcomes(&reports[0]), [101, 102, 103].map(|id| (id, "marked")).into());
    place.world.now = NOW + days(3);
    let reports = place.world.run_if(async |_| Err("nobody agreed".to_owned())).await;
    assert_eq!(outcomes(&reports[0]), [101, 102, 103].map(|id| (id, "not_attempted")).into());
}

/// Each row: what happens on which day, and the day on which the package goes.
#[tokio::test(start_paused = true)]
async fn only_what_is_not_named_loses_its_mark() {
    let archive: fn(&mut Place) = |place| place.world.server.act(Act::ArchiveProject { id: 1 }).unwrap();
    let back: fn(&mut Place) = |place| place.world.server.act(Act::UnarchiveProject { id: 1 }).unwrap();
    let hold: fn(&mut Place) = |place| {
        place.world.server.act(Act::SetTopics { id: 1, topics: vec!["hold".to_owned()] }).unwrap();
    };
    let free: fn(&mut Place) = |place| place.world.server.act(Act::SetTopics { id: 1, topics: vec![] }).unwrap();
    let heal: fn(&mut Place) = |place| place.world.server.set_faults(Faults::default());
    let no_files: fn(&mut Place) = |place| place.world.server.set_faults(breaks_of(Kind::PackageFiles));
    let no_releases: fn(&mut Place) = |place| place.world.server.set_faults(breaks_of(Kind::Releases));
    let no_rules: fn(&mut Place) = |place| place.world.server.set_faults(breaks_of(Kind::ProtectionRules));
    let no_walk: fn(&mut Place) = |place| place.world.server.set_faults(breaks_of(Kind::GroupPackages));
    type Happens<'a> = &'a [(i64, fn(&mut Place))];
    let table: [(&str, Happens<'_>, i64); 13] = [
        ("nothing", &[], 3),
        ("archived for a day", &[(1, archive), (2, back)], 5),
        ("archived for a week", &[(1, archive), (8, back)], 11),
        ("held for a day", &[(2, hold), (3, free)], 6),
        ("its files were not looked up", &[(1, no_files), (2, heal)], 3),
        ("its files were not looked up on its day", &[(3, no_files), (4, heal)], 4),
        ("its releases were not looked up", &[(1, no_releases), (2, heal)], 3),
        ("its protection rules were not looked up", &[(1, no_rules), (3, heal)], 3),
        ("cycles failed", &[(1, no_walk), (3, heal)], 3),
        ("held while a cycle failed", &[(1, no_walk), (1, hold), (2, heal), (2, free)], 3),
        ("restarted", &[(1, Place::restart), (2, Place::restart)], 3),
        ("lost", &[(2, Place::lose_marks)], 5),
        (
            "another rule for a day",
            &[
                (1, |place| place.write_policy(&policy(31, 30))),
                (2, |place| {
                    place.write_policy(&policy(30, 30));
                }),
            ],
            5,
        ),
    ];
    for (what, happens, expected) in table {
        let mut place = Place::of_old(1).await;
        let mut went = None;
        for day in 0..15 {
            for (_, happen) in happens.iter().filter(|(on, _)| *on == day) {
                happen(&mut place);
            }
            place.run_on(day).await;
            if place.world.present().is_empty() {
                went = Some(day);
                break;
            }
        }
        assert_eq!(went, Some(expected), "{what}");
    }
}

fn breaks_of(kind: Kind) -> Faults {
    Faults::new(0).with(Rule::new(server_error()).kind(kind))
}

/// Nobody can tell whether the project is archived while the token may not see the group above it.
#[tokio::test(start_paused = true)]
async fn a_project_that_is_not_told_of_leaves_marks_alone() {
    let mut registry = registry(&[(101, 90)].into());
    registry.groups.push(Group { id: 99, path: "acme/legacy".to_owned(), ..Group::default() });
    registry.projects[0].path = "acme/legacy/app".to_owned();
    let mut place = Place::of_old(1).await;
    let state = place.world.state.take();
    place.world = World::new(registry, &[&policy(30, 30)]).await;
    place.world.state = state;
    place.run_on(0).await;
    let not_found = Fault::Status { code: 404, body: Body::Json };
    place.world.server.set_faults(Faults::new(0).with(Rule::new(not_found).path("*/groups/acme%2Flegacy?*")));
    let report = place.run_on(1).await;
    assert_eq!((report.scanned, report.unknown_projects, place.since(101)), (0, 1, Some(NOW)));
    place.world.server.set_faults(Faults::default());
    assert_eq!(outcomes(&place.run_on(3).await), [(101, "deleted")].into());
}

/// Scope and `min_age` are a part of what named it; limits, other rules, keep rules and words are not.
#[tokio::test(start_paused = true)]
async fn a_mark_is_bound_to_what_named_it() {
    let table = [
        ("older_than: 30d, allow_latest", "older_than: 31d, allow_latest", false),
        ("types: [generic]", "types: [generic, npm]", false),
        ("max_percent: 100,", "max_percent: 100, min_age: 4d,", false),
        ("allow_latest: true }", "allow_latest: true, allow_released: true }", false),
        ("older_than: 30d, allow_latest", "older_than: 720h, allow_latest", true),
        ("older_than: 30d }\n", "older_than: 29d }\n", true),
        ("topic: hold", "topic: [hold, other]", true),
        ("max_deletions: 10000", "max_deletions: 9999", true),
        ("version: 1", "version: 1\ndescription: what nobody needs", true),
        ("delete:\n", "delete:\n  - { status: hidden }\n", true),
        ("grace: 3d", "grace: 2d", true),
    ];
    for (from, to, holds) in table {
        let mut place = Place::of_old(1).await;
        place.run_on(0).await;
        let text = policy(30, 30);
        assert!(text.contains(from), "{from:?}");
        place.write_policy(&text.replace(from, to));
        place.run_on(1).await;
        assert_eq!(place.since(101), Some(NOW + days(i64::from(!holds))), "{from} became {to}");
    }
}

/// Nobody has turned the first key yet, and a policy without a grace has nothing that waits.
#[tokio::test(start_paused = true)]
async fn a_dry_run_and_a_policy_without_grace_keep_no_marks() {
    for (from, to) in [("mode: delete", "mode: dry-run"), ("grace: 3d\n", "")] {
        let mut place = Place::of_old(1).await;
        place.run_on(0).await;
        place.write_policy(&policy(30, 30).replace(from, to));
        place.world.rehearse().await;
        assert_eq!(place.since(101), None, "{to}");
    }
    let mut place = Place::of_old(1).await;
    place.write_policy(&policy(30, 30).replace("mode: delete", "mode: dry-run"));
    let report = place.run_on(0).await;
    assert_eq!((report.decisions[0].maturity, place.since(101)), (Some(Maturity::Unmarked), None));
    // A rehearsal of a policy that may delete does mark.
    place.write_policy(&policy(30, 30));
    place.world.rehearse().await;
    assert_eq!(place.since(101), Some(NOW));
}

#[tokio::test(start_paused = true)]
async fn a_run_that_says_less_sets_no_mark_and_takes_some() {
    for extent in [Extent::Part, Extent::Undated] {
        let mut place = Place::of_old(2).await;
        place.world.extent = extent;
        let report = place.run_on(0).await;
        assert_eq!((report.decisions[0].maturity, place.since(101)), (Some(Maturity::Unmarked), None), "{extent:?}");
        place.world.extent = Extent::Whole;
        place.run_on(0).await;
        place.world.extent = extent;
        // What it goes by is there.
        assert_eq!(place.run_on(2).await.totals.waiting, 2, "{extent:?}");
        place.world.server.act(Act::SetTopics { id: 1, topics: vec!["hold".to_owned()] }).unwrap();
        place.run_on(2).await;
        assert_eq!(place.since(101), None, "{extent:?} looked at it, and did not name it");
    }
    // What is out of the scope was not looked at by a part.
    for (extent, since) in [(Extent::Part, Some(NOW)), (Extent::Undated, None), (Extent::Whole, None)] {
        let mut place = Place::of_old(1).await;
        place.run_on(0).await;
        place.world.server.act(Act::ArchiveProject { id: 1 }).unwrap();
        place.world.extent = extent;
        place.run_on(1).await;
        assert_eq!(place.since(101), since, "{extent:?}");
    }
}

/// The second look keeps it, and its mark is gone with that.
#[tokio::test(start_paused = true)]
async fn what_is_stale_loses_its_mark() {
    let mut place = Place::of_old(2).await;
    place.run_on(0).await;
    place.world.now = NOW + days(3);
    let server = &place.world.server;
    let hold = async |_: &PolicyReport| {
        server.act(Act::SetTopics { id: 1, topics: vec!["hold".to_owned()] }).unwrap();
        Ok(())
    };
    let reports = place.world.run_if(hold).await;
    assert_eq!(outcomes(&reports[0]), [(101, "stale"), (102, "stale")].into());
    assert_eq!([101, 102].map(|id| place.since(id)), [None; 2]);
    place.world.server.act(Act::SetTopics { id: 1, topics: vec![] }).unwrap();
    for day in 3..6 {
        assert_eq!(outcomes(&place.run_on(day).await), [(101, "marked"), (102, "marked")].into(), "day {day}");
    }
    assert_eq!(outcomes(&place.run_on(6).await), [(101, "deleted"), (102, "deleted")].into());
}

/// A deletion that fails is tried again without another grace.
#[tokio::test(start_paused = true)]
async fn what_failed_keeps_its_mark() {
    let mut place = Place::of_old(1).await;
    place.run_on(0).await;
    let forbidden = Fault::Status { code: 403, body: Body::Json };
    place.world.server.set_faults(Faults::new(0).with(Rule::new(forbidden).kind(Kind::DeletePackage)));
    assert_eq!(outcomes(&place.run_on(3).await), [(101, "forbidden")].into());
    place.world.server.set_faults(Faults::default());
    assert_eq!(outcomes(&place.run_on(4).await), [(101, "deleted")].into());
}

/// A clock that was ahead when the mark was made gives it no age.
#[tokio::test(start_paused = true)]
async fn a_mark_of_the_future_counts_as_made_now() {
    let mut place = Place::of_old(1).await;
    place.run_on(400).await;
    assert_eq!(place.since(101), Some(NOW + days(400)));
    let report = place.run_on(0).await;
    assert_eq!(report.decisions[0].maturity, Some(Maturity::Young { since: NOW, from: NOW + days(3) }));
    assert_eq!(outcomes(&place.run_on(2).await), [(101, "marked")].into());
    assert_eq!(outcomes(&place.run_on(3).await), [(101, "deleted")].into());
}

/// A mark that could not be taken away would be back after a restart.
#[tokio::test(start_paused = true)]
async fn marks_that_can_not_be_written_let_nothing_go() {
    let mut place = Place::of_old(2).await;
    place.run_on(0).await;
    place.world.server.act(Act::DeletePackage { package: 102 }).unwrap();
    // It can't be put in the place of the file.
    let new = place.folder.path().join("marks.json.new");
    fs::create_dir(&new).unwrap();
    for day in [3, 4] {
        let report = place.run_on(day).await;
        assert_eq!((outcomes(&report), place.world.deletes()), ([(101, "marked")].into(), 0), "day {day}");
        let warning = &report.warnings[0];
        assert!(warning.starts_with("nothing under `grace` goes, because marks are not kept: "), "{warning}");
    }
    fs::remove_dir(new).unwrap();
    assert_eq!(outcomes(&place.run_on(5).await), [(101, "deleted")].into());
}

/// What waits takes its place in the plans after it, as whatever stays does.
#[tokio::test(start_paused = true)]
async fn what_waits_is_there_for_later_policies() {
    let version = |id: u64, age: i64| Package {
        id,
        project_id: 1,
        package_type: PackageType::Generic,
        name: "tool".to_owned(),
        version: Some(format!("1.{id}")),
        created_at: days_ago(age),
        updated_at: days_ago(age),
        files: vec![file(id * 1_000, age)],
        ..Package::default()
    };
    let registry = Registry { packages: vec![version(1, 90), version(2, 80), version(3, 70)], ..acme() };
    let later = "version: 1\nmode: delete\nscope: { group: acme }\ndelete: [{ older_than: 85d, allow_latest: true }]\n\
                 keep: [{ newest: 2 }]\nlimits: { max_percent: 100, max_percent_per_project: 100 }\n";
    let first = policy(30, 30).replace("older_than: 30d, allow", "version: \"1.3\", older_than: 30d, allow");
    let mut world = World::new(registry, &[&first, later]).await;
    world.state = Some(StateStore::in_memory("gleaner", "https://gitlab.test"));
    let told = |reports: &[PolicyReport]| reports.iter().map(outcomes).collect::<Vec<_>>();
    let rehearsed = world.rehearse().await;
    let named = |report: &PolicyReport| {
        report
            .decisions
            .iter()
            .filter(|row| row.outcome().is_none() && row.verdict() == Verdict::Delete)
            .map(|row| row.package.id.0)
            .collect::<Vec<_>>()
    };
    assert_eq!(rehearsed.iter().map(named).collect::<Vec<_>>(), [[3], [1]]);
    // 1.1 is the third newest of what is there while 1.3 waits, and is the second newest once that is gone.
    assert_eq!(told(&world.run().await), [[(3, "marked")].into(), [(1, "deleted")].into()]);
    world.now = NOW + days(3);
    assert_eq!(told(&world.run().await), [[(3, "deleted")].into(), BTreeMap::new()]);
}

/// Files wait as packages do, and a file goes together with its checksums.
#[tokio::test(start_paused = true)]
async fn files_wait_each_with_its_checksums() {
    let names = ["a.bin", "a.bin.sha256", "b.bin", "c.bin"];
    let files = (1..).zip(names).map(|(id, name)| PackageFile { file_name: name.to_owned(), ..file(id, 90) });
    let mut registry = registry(&[(101, 90)].into());
    registry.packages[0].files = files.collect();
    let text = "version: 1\nmode: delete\ngrace: 3d\nscope: { group: acme }\nfiles:\n  \
                - { type: generic, keep_newest: 0, file: [a.bin, \"b*\"] }\n";
    let mut world = World::new(registry, &[text]).await;
    let folder = tempfile::tempdir().unwrap();
    let open = || StateStore::open(folder.path(), "gleaner", "https://gitlab.test").unwrap().0;
    world.state = Some(open());
    let told = |report: &PolicyReport| -> BTreeMap<u64, &str> {
        let rows = report.file_decisions.iter().filter(|row| row.outcome().is_some());
        rows.map(|row| (row.item.file().unwrap().0, row.outcome().map_or("", Outcome::code))).collect()
    };
    let reports = world.run().await;
    assert_eq!(told(&reports[0]), [(1, "marked"), (2, "marked"), (3, "marked")].into());
    assert_eq!((reports[0].totals.waiting_files, reports[0].totals.due()), (3, 0));
    // The mark of the checksum is lost: the file waits for it.
    world.state = None;
    let path = folder.path().join("marks.json");
    let mut marks: serde_json::Value = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
    assert!(marks["policies"]["p0"]["files"].as_object_mut().unwrap().remove("2").is_some());
    fs::write(&path, marks.to_string()).unwrap();
    world.state = Some(open());
    for (day, expected) in [
        (1, [(1, "marked"), (2, "marked"), (3, "marked")].into()),
        (3, [(1, "marked"), (2, "marked"), (3, "deleted")].into()),
        (4, [(1, "deleted"), (2, "deleted")].into()),
    ] {
        world.now = NOW + days(day);
        assert_eq!(told(&world.run().await[0]), expected, "day {day}");
    }
    assert_eq!(world.present_files(), [4].into());
}

/// Of a package that stays anyway nothing tells that its project was not answered for, and its files wait on.
#[tokio::test(start_paused = true)]
async fn files_keep_their_marks_while_their_project_is_not_answered_for() {
    for kind in [Kind::Releases, Kind::ProtectionRules, Kind::PackageFiles] {
        let mut registry = registry(&[(101, 90)].into());
        registry.packages[0].files = (1..=3).map(|id| file(id, 90)).collect();
        let text = "version: 1\nmode: delete\ngrace: 3d\nscope: { group: acme }\nfiles:\n  \
                    - { type: generic, keep_newest: 0, file: \"1*\" }\n";
        let mut world = World::new(registry, &[text]).await;
        world.state = Some(StateStore::in_memory("gleaner", "https://gitlab.test"));
        world.run().await;
        world.server.set_faults(breaks_of(kind));
        world.now = NOW + days(1);
        assert_eq!(world.run().await[0].status, CycleStatus::Partial, "{kind:?}");
        world.server.set_faults(Faults::default());
        world.now = NOW + days(3);
        world.run().await;
        assert_eq!(world.present_files(), [2, 3].into(), "{kind:?}");
    }
}
