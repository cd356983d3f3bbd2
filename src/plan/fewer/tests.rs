//! Tests what is fewer, what is remembered, and that a loss never becomes the measure by lasting.

use jiff::ToSpan as _;
use proptest::prelude::*;

use super::*;
use crate::package::{Lookup, PackageType, ProtectionRule};
use crate::policy::PolicySet;
use crate::yaml::Source;

const API: ProjectId = ProjectId(7);
const LIB: ProjectId = ProjectId(8);

fn day(number: i64) -> Date {
    Date::constant(2026, 1, 1).saturating_add(number.days())
}

fn told(on: i64, counts: &[(ProjectId, HoldKind, u64)]) -> HoldsTold {
    let mut all = HoldCounts::new();
    for (project, kind, count) in counts {
        all.entry(*project).or_default().insert(*kind, *count);
    }
    HoldsTold {
        day: day(on),
        counts: all,
        taggable: BTreeMap::new(),
        built_in: BTreeMap::new(),
        accepted: BTreeSet::new(),
        scope: String::new(),
        packages: 0,
        projects: 0,
    }
}

fn after(seen: &HoldsSeen, told: &HoldsTold) -> HoldsSeen {
    seen.after(told, Deleted::default())
}

fn left_out(told: &HoldsTold, seen: &HoldsSeen) -> Vec<u64> {
    told.against(seen).left_out.iter().map(|id| id.0).collect()
}

#[test]
fn a_kind_that_nobody_asked_about_is_neither_fewer_nor_counted() {
    let seen = after(&HoldsSeen::default(), &told(0, &[(API, HoldKind::Releases, 12), (API, HoldKind::Branches, 4)]));
    let only_branches = told(1, &[(API, HoldKind::Branches, 4)]);
    assert_eq!(left_out(&only_branches, &seen), [0; 0]);
    let seen = after(&seen, &only_branches);
    assert_eq!(seen.projects[&API][&HoldKind::Releases].most(), Some((day(0), 12)));
    let fewer = told(2, &[(API, HoldKind::Releases, 5), (LIB, HoldKind::Releases, 0)]).against(&seen);
    let lost = Fewer { now: 5, most: 12, on: day(0) };
    assert_eq!(fewer.projects, BTreeMap::from([(API, vec![(HoldKind::Releases, lost)])]));
    assert_eq!(lost.to_string(), "5 now, and 12 on 2026-01-01");
    // Nothing is known of a project that is seen for the first time, and no more is none.
    assert_eq!(left_out(&told(2, &[(LIB, HoldKind::Releases, 0)]), &seen), [0; 0]);
    assert_eq!(left_out(&told(2, &[(API, HoldKind::Releases, 0)]), &seen), [7]);
    assert_eq!(left_out(&told(2, &[(API, HoldKind::Releases, 6)]), &seen), [0; 0]);
    assert_eq!(left_out(&told(2, &[(API, HoldKind::Releases, 0)]), &HoldsSeen::default()), [0; 0]);
}

/// A state of thousands of projects would be large for nothing.
#[test]
fn none_is_nothing_to_remember() {
    let none = told(0, &[(API, HoldKind::Releases, 0), (LIB, HoldKind::Tags, 0)]);
    assert_eq!(after(&HoldsSeen::default(), &none), HoldsSeen::default());
    let seen = after(&HoldsSeen::default(), &told(0, &[(API, HoldKind::Releases, 1)]));
    let accepted = HoldsTold { accepted: [API].into(), ..told(1, &[(API, HoldKind::Releases, 0)]) };
    assert_eq!(after(&seen, &accepted), HoldsSeen::default());
    assert_eq!(after(&seen, &told(40, &[(LIB, HoldKind::Releases, 0)])), seen);
}

#[test]
fn nothing_of_a_project_that_is_left_out_moves_on() {
    let seen = after(&HoldsSeen::default(), &told(0, &[(API, HoldKind::Releases, 12), (API, HoldKind::Tags, 3)]));
    let both = [(API, HoldKind::Releases, 1), (API, HoldKind::Tags, 9), (LIB, HoldKind::Tags, 2)];
    let later = after(&seen, &told(1, &both));
    assert_eq!(later.projects[&API], seen.projects[&API]);
    assert_eq!(later.projects[&LIB][&HoldKind::Tags].most(), Some((day(1), 2)));
}

#[test]
fn a_loss_of_forty_days_lets_nothing_go_and_ends_when_they_are_back() {
    let mut seen = HoldsSeen::default();
    seen = after(&seen, &told(0, &[(API, HoldKind::Releases, 12)]));
    for on in 1..=40 {
        let lost = told(on, &[(API, HoldKind::Releases, 0)]);
        assert_eq!(left_out(&lost, &seen), [7], "day {on}");
        seen = after(&seen, &lost);
    }
    let back = told(41, &[(API, HoldKind::Releases, 7)]);
    assert_eq!(left_out(&back, &seen), [0; 0]);
    seen = after(&seen, &back);
    // What was told before the loss is too old by now.
    assert_eq!(seen.projects[&API][&HoldKind::Releases].counts(), [(day(41), 7)]);
}

#[test]
fn what_is_accepted_is_the_measure_from_then_on() {
    let seen = after(&HoldsSeen::default(), &told(0, &[(API, HoldKind::Releases, 12), (API, HoldKind::Branches, 4)]));
    let fewer = [(API, HoldKind::Releases, 3), (API, HoldKind::Branches, 3)];
    let accepted = HoldsTold { accepted: [API].into(), ..told(1, &fewer) };
    assert_eq!(left_out(&accepted, &seen), [0; 0]);
    assert_eq!(accepted.against(&seen).accepted, [(API, HoldKind::Releases)].into());
    let seen = after(&seen, &accepted);
    assert_eq!(seen.projects[&API][&HoldKind::Releases].counts(), [(day(1), 3)]);
    assert_eq!(seen.projects[&API][&HoldKind::Branches].counts(), [(day(0), 4), (day(1), 3)]);
    // It has ended.
    assert_eq!(left_out(&told(2, &fewer), &seen), [0; 0]);
    assert_eq!(left_out(&told(2, &[(API, HoldKind::Releases, 1)]), &seen), [7]);
}

/// A policy that is new goes by what others were told. What was accepted of a project stands before that, none as well.
#[test]
fn what_others_were_told_counts_until_there_is_an_own_count() {
    let releases = |count| [(API, HoldKind::Releases, count)];
    let of_others = after(&HoldsSeen::default(), &told(0, &releases(12))).projects;
    let new = HoldsSeen { others: of_others.clone(), ..HoldsSeen::default() };
    assert_eq!(left_out(&told(1, &releases(5)), &new), [7]);
    assert_eq!(left_out(&told(1, &[(LIB, HoldKind::Releases, 0)]), &new), [0; 0]);
    // It goes on from there, and notes nothing of projects that it wasn't told of.
    let own = after(&new, &told(1, &releases(7)));
    assert_eq!(own.projects[&API][&HoldKind::Releases].counts(), [(day(0), 12), (day(1), 7)]);
    assert_eq!(after(&new, &told(1, &[(LIB, HoldKind::Tags, 2)])).projects.keys().collect::<Vec<_>>(), [&LIB]);
    let accepted = HoldsTold { accepted: [API].into(), ..told(1, &releases(0)) };
    let mut seen = after(&new, &accepted);
    for on in 2..60 {
        let none = told(on, &releases(0));
        assert_eq!(left_out(&none, &seen), [0; 0], "day {on}");
        seen = HoldsSeen { others: of_others.clone(), ..after(&seen, &none) };
    }
}

#[test]
fn names_that_are_no_longer_listed_need_no_tag() {
    let seen = after(&HoldsSeen::default(), &told(0, &[(API, HoldKind::Tags, 10)]));
    let listed = |names, tagged| {
        let told = HoldsTold { taggable: [(API, names)].into(), ..told(1, &[(API, HoldKind::Tags, tagged)]) };
        !left_out(&told, &seen).is_empty()
    };
    let table = [
        (10, 10, false),
        (10, 5, false),
        (10, 4, true),
        (10, 0, true),
        (3, 3, false),
        (3, 2, false),
        (3, 1, true),
        (100, 5, false),
        (100, 4, true),
        (0, 0, false),
    ];
    for (names, tagged, expected) in table {
        assert_eq!(listed(names, tagged), expected, "{tagged} of {names}");
    }
}

#[test]
fn packages_that_were_built_where_branches_are_fewer_wait_as_well() {
    let seen = after(&HoldsSeen::default(), &told(0, &[(API, HoldKind::Branches, 4), (API, HoldKind::Releases, 4)]));
    let built_in = BTreeMap::from([(API, [API, LIB].into())]);
    let of = |kind| {
        let told = HoldsTold { built_in: built_in.clone(), ..told(1, &[(API, kind, 1), (LIB, HoldKind::Tags, 1)]) };
        (left_out(&told, &seen), after(&seen, &told).projects.contains_key(&LIB))
    };
    assert_eq!(of(HoldKind::Branches), (vec![7, 8], false));
    assert_eq!(of(HoldKind::Releases), (vec![7], true));
}

#[test]
fn packages_that_are_fewer_are_told_and_what_gleaner_deleted_is_not() {
    let extent = |on, scope: &str, packages, projects| HoldsTold {
        scope: scope.to_owned(),
        packages,
        projects,
        ..told(on, &[])
    };
    let deleted = Deleted { packages: 60, projects: 6 };
    let seen = HoldsSeen::default().after(&extent(0, "a", 100, 10), deleted);
    let fewer = |told: HoldsTold| {
        let fewer = told.against(&seen);
        (fewer.packages.map(|fewer| fewer.most), fewer.with_packages.map(|fewer| fewer.most))
    };
    assert_eq!(fewer(extent(1, "a", 20, 2)), (None, None));
    assert_eq!(fewer(extent(1, "a", 19, 1)), (Some(40), Some(4)));
    // Another scope is another measure.
    assert_eq!(fewer(extent(1, "b", 0, 0)), (None, None));
    assert_eq!(after(&seen, &extent(1, "b", 3, 1)).packages.counts(), [(day(1), 3)]);
    assert_eq!(extent(1, "a", 19, 1).against(&seen).of_part(), FewerHolds::default());
}

/// The policy `tidy` with this scope and these rules, and what else `files` have.
fn set(scope: &str, delete: &str, instance: &str) -> PolicySet {
    let policy = format!("version: 1\nname: tidy\nscope: {{ {scope} }}\ndelete: [{{ {delete} }}]\n");
    let mut sources = vec![Source::new("tidy.yaml", policy)];
    if !instance.is_empty() {
        sources.push(Source::new("instance.yaml", format!("version: 1\ninstance: {{ {instance} }}\n")));
    }
    PolicySet::read(&sources).unwrap()
}

fn project(id: ProjectId, path: &str) -> Project {
    let archived = Some(false);
    Project { archived, has_releases: Some(true), ..Project::unread(id, Some(path.to_owned())) }
}

fn package(id: u64, project: &Project, name: &str, tags: Option<&[&str]>) -> Package {
    let tags = tags.map(|tags| tags.iter().map(|tag| (*tag).to_owned()).collect());
    let (name, package_type) = (name.to_owned(), PackageType::parse("npm"));
    Package { name, package_type, tags, ..Package::plain(id, project.clone()) }
}

fn walked(packages: Vec<Package>) -> Walked {
    let mut builder = crate::plan::inventory::InventoryBuilder::default();
    builder.absorb(packages);
    builder.finish()
}

fn at_the_new_year() -> jiff::Timestamp {
    "2027-01-01T12:00:00Z".parse().unwrap()
}

fn told_by(set: &PolicySet, packages: Vec<Package>, evidence: &Evidence) -> HoldsTold {
    let in_force = set.policy_at("tidy", at_the_new_year()).unwrap();
    let walked = walked(packages);
    let inventory = walked.within(&in_force.policy().scope, None);
    HoldsTold::of(in_force, &walked, &inventory, evidence)
}

#[test]
fn tags_are_counted_by_name_where_all_can_be_read() {
    let (api, lib) = (project(API, "acme/api"), project(LIB, "acme/lib"));
    let packages = vec![
        package(1, &api, "ui", Some(&["latest", "next"])),
        package(2, &api, "ui", Some(&[])),
        package(3, &api, "core", Some(&[])),
        package(4, &lib, "lib", Some(&["latest"])),
        package(5, &lib, "other", None),
        Package { package_type: PackageType::parse("maven"), ..package(6, &api, "jar", Some(&[])) },
    ];
    let told = told_by(&set("group: acme", "older_than: 9d", ""), packages, &Evidence::none());
    assert_eq!(told.counts[&API].get(&HoldKind::Tags), Some(&1));
    assert_eq!(told.taggable[&API], 2);
    assert_eq!(told.counts[&LIB].get(&HoldKind::Tags), None);
    assert_eq!((told.packages, told.projects), (6, 2));
}

#[test]
fn an_archived_flag_counts_where_archived_projects_are_passed_over() {
    let archived = Project { archived: Some(true), ..project(API, "acme/api") };
    let unknown = Project { archived: None, ..project(ProjectId(9), "acme/unknown") };
    let packages = || {
        let of = |id, project: &Project| package(id, project, "ui", Some(&[]));
        vec![of(1, &archived), of(2, &project(LIB, "acme/lib")), of(3, &unknown)]
    };
    let flags = |scope| {
        let told = told_by(&set(scope, "older_than: 9d", ""), packages(), &Evidence::none());
        let flags = told.counts.iter().filter_map(|(id, kinds)| Some((id.0, *kinds.get(&HoldKind::Archived)?)));
        flags.collect::<Vec<_>>()
    };
    assert_eq!(flags("group: acme"), [(7, 1), (8, 0)]);
    // Outside of the paths nothing is left out, and nothing goes.
    assert_eq!(flags("group: acme, paths: acme/other"), [(7, 1)]);
    assert_eq!(flags("group: acme, archived: include"), []);
    assert_eq!(flags("group: acme, archived: only"), []);
}

#[test]
fn releases_that_are_switched_off_are_none() {
    let off = Project { has_releases: Some(false), ..project(API, "acme/api") };
    let mut evidence = Evidence::none();
    let count = |delete: &str, evidence: &Evidence| {
        let packages = vec![package(1, &off, "ui", Some(&[]))];
        let told = told_by(&set("group: acme", delete, ""), packages, evidence);
        told.counts[&API].get(&HoldKind::Releases).copied()
    };
    assert_eq!(count("older_than: 9d", &evidence), None);
    evidence.record_protection(API, Lookup::Found(Vec::new()));
    assert_eq!(count("older_than: 9d", &evidence), Some(0));
    assert_eq!(count("older_than: 9d, allow_released: true", &evidence), None);
}

#[test]
fn a_project_is_accepted_by_its_id_or_its_present_path_until_the_day_is_over() {
    let moved = Project { other_paths: vec!["acme/old".to_owned()], ..project(API, "acme/api") };
    let is_accepted = |project: &str, until: &str| {
        let instance = format!("accept_fewer_holds: [{{ project: {project}, until: {until}, note: gone }}]");
        let packages = vec![package(1, &moved, "ui", Some(&[]))];
        let told = told_by(&set("group: acme", "older_than: 9d", &instance), packages, &Evidence::none());
        told.accepted.contains(&API)
    };
    assert!(is_accepted("acme/api", "2027-01-01"));
    assert!(is_accepted("Acme/API", "2027-01-02"));
    assert!(is_accepted("7", "2027-01-01"));
    assert!(!is_accepted("acme/api", "2026-12-31"));
    // What lets packages go goes by no path of the past.
    assert!(!is_accepted("acme/old", "2027-01-01"));
    assert!(!is_accepted("8", "2027-01-01"));
}

#[test]
fn a_second_reading_that_tells_less_is_told() {
    let with = |releases: Option<usize>, rules: Option<usize>| {
        let mut evidence = Evidence::none();
        if let Some(count) = releases {
            let url = |at| format!("https://gitlab.test/acme/api/-/packages/{at}");
            evidence.record_releases(API, Lookup::Found((0..count).map(url).collect()));
        }
        if let Some(count) = rules {
            let rule = |at| ProtectionRule { package_type: None, name: Some(format!("a{at}")) };
            evidence.record_protection(API, Lookup::Found((0..count).map(rule).collect()));
        }
        evidence
    };
    let first = with(Some(4), Some(1));
    let tells = |releases, rules| tells_fewer(&first, &with(releases, rules));
    assert!(tells(Some(1), Some(1)) && tells(Some(4), Some(0)) && tells(Some(0), None));
    assert!(!tells(Some(2), Some(1)) && !tells(None, Some(1)) && !tells(None, None));
    assert!(!tells_fewer(&first, &Evidence::none()));
    // Two readings that were put together tell no more than one.
    let mut twice = with(Some(1), Some(1));
    twice.hold_as_well(with(Some(1), Some(1)));
    assert!(tells_fewer(&first, &twice));
}

#[test]
fn what_a_run_deleted_is_counted() {
    let (api, lib) = (project(API, "acme/api"), project(LIB, "acme/lib"));
    let packages =
        vec![package(1, &api, "ui", Some(&[])), package(2, &api, "ui", Some(&[])), package(3, &lib, "lib", Some(&[]))];
    let told = told_by(&set("group: acme", "older_than: 9d", ""), packages.clone(), &Evidence::none());
    let deleted = |ids: &[u64]| told.deleted(packages.iter().filter(|package| !ids.contains(&package.id.0)));
    assert_eq!(deleted(&[]), Deleted::default());
    assert_eq!(deleted(&[1, 3]), Deleted { packages: 2, projects: 1 });
    assert_eq!(deleted(&[1, 2, 3]), Deleted { packages: 3, projects: 2 });
}

proptest! {
    /// Whatever was told before: from the day on which a right is lost nothing of the project goes, for as long as it is
    /// lost, and nothing of what is remembered of it changes. What is left once it is back goes by what was told before.
    #[test]
    fn a_loss_never_becomes_the_measure(
        before in prop::collection::vec((0_u64..50, any::<bool>()), 1..60),
        lost_for in 1_i64..100,
        left in 0_u64..50,
        others in prop::collection::vec(0_u64..50, 100),
    ) {
        let mut seen = HoldsSeen::default();
        let mut on = 0;
        for (count, is_asked) in before {
            on += 1;
            let counts: &[_] = if is_asked { &[(API, HoldKind::Releases, count)] } else { &[] };
            seen = after(&seen, &told(on, counts));
        }
        let most = seen.projects.get(&API).and_then(|kinds| kinds.get(&HoldKind::Releases)?.most());
        let most = most.map_or(0, |(_, most)| most);
        let before = seen.clone();
        for other in others.into_iter().take(usize::try_from(lost_for).unwrap()) {
            on += 1;
            let counts = [(API, HoldKind::Releases, left), (API, HoldKind::Tags, other), (LIB, HoldKind::Tags, 1)];
            let lost = told(on, &counts);
            let is_lost = 2 * left < most;
            prop_assert_eq!(left_out(&lost, &seen).contains(&API.0), is_lost);
            seen = after(&seen, &lost);
            if !is_lost {
                break;
            }
            prop_assert_eq!(seen.projects.get(&API), before.projects.get(&API));
        }
        // A reading as great as the most is never fewer.
        prop_assert!(left_out(&told(on + 1, &[(API, HoldKind::Releases, most)]), &before).is_empty());
    }

    /// What is remembered of a kind stays small, is in the order of the days, and has the most of the last 30 days.
    #[test]
    fn the_memory_has_the_most_of_thirty_days(counts in prop::collection::vec((0_i64..9, 0_u64..1000), 1..200)) {
        let (mut most, mut on, mut all) = (MostSeen::default(), 0, Vec::new());
        for (days, count) in counts {
            on += days;
            most.note(day(on), count);
            all.push((day(on), count));
            let of_days = all.iter().filter(|(told, _)| *told >= day(on - 30)).map(|(_, count)| *count).max();
            prop_assert_eq!(most.most().map_or(0, |(_, count)| count), of_days.unwrap_or(0));
            prop_assert!(most.counts().len() <= 31);
            prop_assert!(most.counts().windows(2).all(|pair| pair[0].0 < pair[1].0 && pair[0].1 > pair[1].1));
        }
    }
}
