//! The pure parts of a second look: which packages it has to see, what the second verdict says, and in which order
//! deletions go.

use std::collections::BTreeSet;

use gleaner::package::{
    BranchFate, BranchList, BranchSighting, BranchesSeen, BuiltFrom, Content, Downloaded, Evidence, Lookup, Package,
    PackageId, PackageType, Pipeline, PipelineId, Project, ProjectId, Protected, ProtectionRule, RefKind, RefKinds,
    Released, Status, Topics,
};
use gleaner::plan::{Again, Plan, Verdict, again, in_turn, out_of_scope, plan, witnesses};
use gleaner::policy::PolicySet;
use gleaner::yaml::Source;
use gleaner_support::{NOW, days_ago, file, inventory, package, parsed, project};

const OLD: &str = "delete: [{ older_than: 30d }]";

fn set(rules: &str) -> PolicySet {
    parsed(&[Source::new("p.yaml", format!("version: 1\nscope: {{ group: acme }}\n{rules}\n"))])
}

/// An npm package, by its id, which is its version too, and its age in days.
fn npm(id: u64, age: i64) -> Package {
    Package {
        package_type: PackageType::Npm,
        version: Some(format!("{id}.0.0")),
        created_at: Some(days_ago(age)),
        ..package(id)
    }
}

/// Answers that hold nothing.
fn nothing_holds() -> Evidence {
    let mut evidence = Evidence::none();
    evidence.record_protection(ProjectId(1), Lookup::Found(Vec::new()));
    evidence.record_releases(ProjectId(1), Lookup::Found(Vec::new()));
    evidence
}

fn planned(set: &PolicySet, rows: Vec<Package>, evidence: &Evidence) -> Plan {
    plan(set.policies_at(NOW).next().unwrap(), inventory(set, rows), evidence)
}

fn going(plan: &Plan) -> BTreeSet<PackageId> {
    plan.deletions().map(|decision| decision.package.id).collect()
}

fn ids(ids: impl IntoIterator<Item = u64>) -> BTreeSet<PackageId> {
    ids.into_iter().map(PackageId).collect()
}

#[test]
fn a_look_needs_no_more_rows_than_the_verdicts_hang_on() {
    // 40 versions, of which those from 31 on are young.
    let rows = || (1..=40).map(|id| npm(id, if id > 30 { 41 - i64::try_from(id).unwrap() } else { 100 })).collect();
    let of_own: Vec<Package> = (1..=3).map(|id| Package { name: format!("own-{id}"), ..npm(id, 100) }).collect();
    let newest =
        |count: u64| format!("delete: [{{ older_than: 30d, allow_latest: true }}]\nkeep: [{{ newest: {count} }}]");
    let anything = "delete: [{ older_than: 30d, allow_latest: true }]".to_owned();
    // The rules, the rows, what is about to go, and how many witnesses it takes at most.
    let table = [
        ("age alone", anything.clone(), rows(), 1..=30, 0..=0),
        ("the latest", OLD.to_owned(), rows(), 1..=30, 1..=1),
        ("a batch of it", OLD.to_owned(), rows(), 1..=3, 1..=1),
        ("the two newest", newest(2), rows(), 1..=30, 2..=2),
        ("the nine newest", newest(9), rows(), 1..=30, 9..=16),
        ("one of each name", anything, of_own, 1..=3, 0..=0),
    ];
    for (name, rules, rows, about_to_go, expected) in table {
        let set = set(&rules);
        let (rows, evidence): (Vec<Package>, _) = (rows, nothing_holds());
        let approved = planned(&set, rows.clone(), &evidence);
        let about_to_go = ids(about_to_go);
        assert!(going(&approved).is_superset(&about_to_go), "{name}: {:?}", going(&approved));
        let stays = |id| approved.decision(id).is_some_and(|decision| decision.verdict() == Verdict::Keep);
        let in_force = set.policies_at(NOW).next().unwrap();
        let chosen = witnesses(in_force, &inventory(&set, rows.clone()), &evidence, stays, &about_to_go);
        assert!(expected.contains(&chosen.len()), "{name}: {chosen:?}");
        assert!(chosen.iter().all(|id| stays(*id)), "{name}: those that stay come first: {chosen:?}");
        // They are enough: beside them alone, the same goes.
        let among = rows.into_iter().filter(|row| chosen.contains(&row.id) || about_to_go.contains(&row.id));
        assert_eq!(going(&planned(&set, among.collect(), &evidence)), about_to_go, "{name}");
    }
}

/// Where what stays isn't enough, what goes later stands in.
#[test]
fn the_last_batch_has_the_witnesses_that_are_left() {
    let set = set("delete: [{ older_than: 30d, allow_latest: true }]\nkeep: [{ newest: 1 }]");
    let rows: Vec<Package> = (1..=5).map(|id| npm(id, 100 - i64::try_from(id).unwrap())).collect();
    let in_force = set.policies_at(NOW).next().unwrap();
    let evidence = nothing_holds();
    let chosen = witnesses(in_force, &inventory(&set, rows), &evidence, |_| false, &ids([1]));
    assert_eq!(chosen, ids([5]), "the newest is taken first");
}

/// Beside all that is left it would stay: what was newer is gone by now. The look shows that, and so it has to begin.
#[test]
fn what_stays_beside_everything_that_is_left_has_everything_for_witnesses() {
    let set = set("delete: [{ older_than: 30d, allow_latest: true }]\nkeep: [{ newest: 1 }]");
    let rows: Vec<Package> = (1..=5).map(|id| npm(id, 100 - i64::try_from(id).unwrap())).collect();
    let in_force = set.policies_at(NOW).next().unwrap();
    let chosen = witnesses(in_force, &inventory(&set, rows), &nothing_holds(), |_| false, &ids([5]));
    assert_eq!(chosen, ids(1..=4));
}

/// Another spelling, and what a package of another key has, are told apart.
#[test]
fn witnesses_are_of_the_same_key() {
    let pypi = |id: u64, name: &str, age: i64| Package {
        package_type: PackageType::Pypi,
        name: name.to_owned(),
        ..npm(id, age)
    };
    let rows = vec![pypi(1, "Acme.Core", 100), pypi(2, "acme-core", 50), pypi(3, "acme-other", 5)];
    let set = set(OLD);
    let mut evidence = nothing_holds();
    (1..=3).for_each(|id| evidence.record_files(PackageId(id), Lookup::Found(Vec::new())));
    let in_force = set.policies_at(NOW).next().unwrap();
    let chosen = witnesses(in_force, &inventory(&set, rows), &evidence, |_| true, &ids([1]));
    assert_eq!(chosen, ids([2]));
}

fn order(rows: Vec<Package>) -> Vec<u64> {
    let set = set("delete: [{ older_than: 30d, allow_latest: true, allow_released: true }]");
    let mut evidence = nothing_holds();
    rows.iter().for_each(|row| evidence.record_files(row.id, Lookup::Found(Vec::new())));
    let plan = planned(&set, rows, &evidence);
    in_turn(plan.deletions()).iter().map(|decision| decision.package.id.0).collect()
}

#[test]
fn the_oldest_goes_first_and_of_a_key_the_lowest() {
    let of = |id: u64, name: &str, version: &str, age: i64| Package {
        name: name.to_owned(),
        version: Some(version.to_owned()),
        ..npm(id, age)
    };
    let table = [
        ("by age", vec![of(1, "a", "1.0.0", 50), of(2, "b", "1.0.0", 60), of(3, "c", "1.0.0", 70)], [3, 2, 1]),
        // The patch of an old line was made last. It goes in the place of the oldest.
        ("by version", vec![of(1, "a", "2.0.0", 70), of(2, "a", "10.0.0", 60), of(3, "a", "1.0.1", 50)], [3, 1, 2]),
        ("two keys", vec![of(1, "a", "2.0.0", 70), of(2, "b", "1.0.0", 60), of(3, "a", "1.0.0", 50)], [3, 2, 1]),
        ("one date", vec![of(3, "a", "1.0.0", 50), of(1, "b", "1.0.0", 50), of(2, "c", "1.0.0", 50)], [1, 2, 3]),
    ];
    for (name, rows, expected) in table {
        assert_eq!(order(rows.clone()), expected, "{name}");
        assert_eq!(order(rows.into_iter().rev().collect()), expected, "{name}, the other way round");
    }
}

/// The second verdict on the package 1, which the approved plan deletes, after these changes.
fn verdict(rules: &str, change: impl FnOnce(&mut Vec<Package>, &mut Evidence)) -> Option<Again> {
    let (set, mut evidence) = (set(rules), nothing_holds());
    let mut rows = vec![npm(1, 100), npm(2, 90), npm(3, 5)];
    let approved = planned(&set, rows.clone(), &evidence);
    let decision = approved.decision(PackageId(1)).unwrap();
    assert_eq!(decision.verdict(), Verdict::Delete);
    change(&mut rows, &mut evidence);
    let in_force = set.policies_at(NOW).next().unwrap();
    again(decision, &planned(&set, rows, &evidence), in_force)
}

#[test]
fn the_sentence_tells_what_people_did_and_what_holds_it_now() {
    type Change = fn(&mut Vec<Package>, &mut Evidence);
    let stale = |text: &str| Some(Again::Stale(text.to_owned()));
    let unused = "delete: [{ not_downloaded_for: 30d, allow_latest: true }]";
    let table: [(&str, &str, Change, Option<Again>); 8] = [
        ("nothing", OLD, |_, _| {}, Some(Again::Goes)),
        ("it is gone", OLD, |rows, _| _ = rows.remove(0), None),
        (
            "a download that no rule minds",
            OLD,
            |rows, _| rows[0].downloaded = Downloaded::At(days_ago(1)),
            Some(Again::Goes),
        ),
        (
            "a download",
            unused,
            |rows, _| rows[0].downloaded = Downloaded::At(days_ago(1)),
            stale("it was downloaded on 2026-05-27T20:26:40Z: now no delete rule selects it"),
        ),
        (
            "the newer ones are gone",
            OLD,
            |rows, _| rows.truncate(1),
            stale("now it is the latest version of its package"),
        ),
        (
            "a status",
            OLD,
            |rows, _| rows[0].status = Status::Processing,
            stale("its status is processing: now GitLab is still processing it"),
        ),
        (
            "a tag",
            OLD,
            |rows, _| rows[0].tags = Some(vec!["latest".to_owned()]),
            stale("its tags were changed: now it carries the dist-tag latest"),
        ),
        (
            "a project that is another one by name",
            OLD,
            |rows, _| rows.iter_mut().for_each(|row| row.project.path = Some("acme/new".to_owned())),
            Some(Again::Goes),
        ),
    ];
    for (name, rules, change, expected) in table {
        assert_eq!(verdict(rules, change), expected, "{name}");
    }
    // Its project has no releases, and protection rules may be there.
    let unasked = verdict(OLD, |_, evidence| evidence.record_releases(ProjectId(1), Lookup::Failed));
    assert_eq!(unasked, Some(Again::Goes));
    let untold = verdict(OLD, |_, evidence| evidence.record_protection(ProjectId(1), Lookup::Failed));
    assert!(matches!(untold, Some(Again::Untold(_))), "{untold:?}");
}

#[test]
fn a_new_file_is_told_by_its_date() {
    let set = set("delete: [{ older_than: 30d, allow_latest: true }]");
    let mut evidence = nothing_holds();
    evidence.record_files(PackageId(1), Lookup::Found(vec![file(1, "core.bin", 400)]));
    let approved = planned(&set, vec![package(1)], &evidence);
    let decision = approved.decision(PackageId(1)).unwrap();
    assert_eq!((decision.verdict(), decision.content), (Verdict::Delete, Content::At(days_ago(400))));
    evidence.record_files(PackageId(1), Lookup::Found(vec![file(1, "core.bin", 400), file(2, "new.bin", 5)]));
    let second = planned(&set, vec![package(1)], &evidence);
    let in_force = set.policies_at(NOW).next().unwrap();
    let told = again(decision, &second, in_force);
    let expected = "it got a new file on 2026-05-23T20:26:40Z: now no delete rule selects it";
    assert_eq!(told, Some(Again::Stale(expected.to_owned())));
}

#[test]
fn what_is_out_of_the_scope_is_stale_and_what_nobody_tells_is_untold() {
    let text = "version: 1\nscope: { group: acme, types: [generic], paths: [\"acme/*\"], topic: [tools] }\n\
                delete: [{ older_than: 30d }]\n";
    let set = parsed(&[Source::new("p.yaml", text)]);
    let scope = &set.policies[0].scope;
    let tools = || Topics::of([Some(vec!["tools".to_owned()])]);
    let inside = || Project { topics: tools(), ..project(1, "acme/app") };
    type Case<'a> = (&'a str, Package, Option<(bool, &'a str)>);
    let of = |project: Project| Package { project, ..package(1) };
    let table: [Case<'_>; 8] = [
        ("inside", of(inside()), None),
        ("archived", of(Project { archived: Some(true), ..inside() }), Some((true, "its project is archived now"))),
        ("perhaps archived", of(Project { archived: None, ..inside() }), Some((false, "archived"))),
        ("moved", of(Project { path: Some("beta/app".to_owned()), ..inside() }), Some((true, "out of scope now: "))),
        ("no path", of(Project { path: None, ..inside() }), Some((false, "path"))),
        ("other topics", of(Project { topics: Topics::of([Some(Vec::new())]), ..inside() }), Some((true, "topic"))),
        ("topics untold", of(Project { topics: Topics::of([None]), ..inside() }), Some((false, "topic"))),
        (
            "another type",
            Package { package_type: PackageType::Npm, ..of(inside()) },
            Some((true, "out of scope now: ")),
        ),
    ];
    for (name, package, expected) in table {
        let told = scope.filters_out(&package).map(|outside| out_of_scope(&outside));
        let expected_words = match (&told, expected) {
            (None, None) => continue,
            (Some(Again::Stale(words)), Some((true, part))) | (Some(Again::Untold(words)), Some((false, part))) => {
                words.contains(part)
            }
            _ => false,
        };
        assert!(expected_words, "{name}: {told:?}");
    }
}

/// A reading of releases and protection rules; `None` is one that failed.
fn reading(links: Option<&[&str]>, rules: Option<&[&str]>) -> Evidence {
    fn lookup<T>(found: Option<Vec<T>>) -> Lookup<Vec<T>> {
        found.map_or(Lookup::Failed, Lookup::Found)
    }
    let link = |id: &&str| format!("https://gitlab.acme.example/acme/app/-/packages/{id}");
    let rule = |name: &&str| ProtectionRule { package_type: Some(PackageType::Npm), name: Some((*name).to_owned()) };
    let mut evidence = Evidence::none();
    evidence.record_releases(ProjectId(1), lookup(links.map(|ids| ids.iter().map(link).collect())));
    evidence.record_protection(ProjectId(1), lookup(rules.map(|names| names.iter().map(rule).collect())));
    evidence
}

#[test]
fn what_held_in_either_reading_holds() {
    let subject = || Package { project: Project { has_releases: Some(true), ..package(1).project }, ..npm(1, 100) };
    let table = [
        (Some(&["1"][..]), Some(&[][..]), Released::Yes),
        (Some(&[]), Some(&["1"]), Released::Yes),
        (Some(&["2"]), Some(&["3"]), Released::No),
        (Some(&[]), None, Released::Open),
        (None, Some(&[]), Released::Open),
        (None, Some(&["1"]), Released::Open),
        (Some(&["1"]), None, Released::Open),
    ];
    for (one, other, expected) in table {
        let mut both = reading(one, Some(&[]));
        both.hold_as_well(reading(other, Some(&[])));
        assert_eq!(both.released(&subject()), expected, "releases: {one:?}, then {other:?}");
    }
    let table = [
        (Some(&["core"][..]), Some(&[][..]), Protected::Yes),
        (Some(&[]), Some(&["c*"]), Protected::Yes),
        (Some(&["other"]), Some(&[]), Protected::No),
        (Some(&[]), None, Protected::Open),
        (None, Some(&[]), Protected::Open),
    ];
    for (one, other, expected) in table {
        let mut both = reading(Some(&[]), one);
        both.hold_as_well(reading(Some(&[]), other));
        assert_eq!(both.protected(&subject()), expected, "rules: {one:?}, then {other:?}");
    }
    // What only one reading asked for counts as it is.
    let mut both = Evidence::none();
    both.hold_as_well(reading(Some(&["1"]), Some(&[])));
    assert_eq!((both.released(&subject()), both.protected(&subject())), (Released::Yes, Protected::No));
}

/// How a branch `topic` is read: the names of the list, the protected ones, and its answer where it is asked for alone.
type BranchReading<'a> = (Lookup<Option<&'a [&'a str]>>, Lookup<Option<&'a [&'a str]>>, Lookup<Option<bool>>);

fn read_branches((list, protected, alone): &BranchReading<'_>) -> Evidence {
    let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    let of =
        |names: &[&str]| BranchList { names: owned(names).into_iter().collect(), default: Some("main".to_owned()) };
    let mut evidence = Evidence::none();
    let seen = BranchSighting {
        default: Some("main".to_owned()),
        gone: ["topic".to_owned()].into(),
        ..BranchSighting::default()
    };
    let mut remembered = BranchesSeen::default();
    remembered.note(ProjectId(1), &seen, days_ago(20));
    evidence.recall_branches(&remembered, NOW);
    evidence.record_branches(ProjectId(1), mapped(list, of));
    evidence.record_protected_branches(ProjectId(1), mapped(protected, owned));
    evidence.record_branch(ProjectId(1), "topic".to_owned(), alone.clone());
    evidence
}

fn mapped<T>(lookup: &Lookup<Option<&[&str]>>, with: impl Fn(&[&str]) -> T) -> Lookup<Option<T>> {
    match lookup {
        Lookup::Found(names) => Lookup::Found(names.map(with)),
        Lookup::Failed => Lookup::Failed,
    }
}

#[test]
fn a_branch_that_was_there_in_either_reading_is_there() {
    use Lookup::{Failed, Found};
    let gone = || -> BranchReading<'_> { (Found(Some(&["main"])), Found(Some(&[])), Found(Some(false))) };
    type Expected = fn(BranchFate) -> bool;
    let table: [(&str, BranchReading<'_>, Expected); 8] = [
        ("gone", gone(), |fate| matches!(fate, BranchFate::Gone(_))),
        ("in the list", (Found(Some(&["main", "topic"])), gone().1, gone().2), |fate| fate == BranchFate::There),
        ("there alone", (gone().0, gone().1, Found(Some(true))), |fate| fate == BranchFate::There),
        ("protected", (gone().0, Found(Some(&["top*"])), gone().2), |fate| fate == BranchFate::Spared),
        ("no list shown", (Found(None), gone().1, gone().2), |fate| fate == BranchFate::Unknown),
        ("no protection shown", (gone().0, Found(None), gone().2), |fate| fate == BranchFate::Unknown),
        ("not shown alone", (gone().0, gone().1, Found(None)), |fate| fate == BranchFate::Unknown),
        ("a list that failed", (Failed, gone().1, gone().2), |fate| fate == BranchFate::NotLookedUp),
    ];
    let pipeline = Pipeline {
        id: Some(PipelineId { project: ProjectId(1), id: 7 }),
        git_ref: "topic".to_owned(),
        kind: RefKinds::Known(RefKind::Branch),
    };
    let subject = Package { built_from: BuiltFrom::Pipeline(pipeline), ..npm(1, 100) };
    for (name, other, expected) in table {
        for (one, another) in [(&gone(), &other), (&other, &gone())] {
            let mut both = read_branches(one);
            both.hold_as_well(read_branches(another));
            let fate = both.branch_fate(&subject);
            assert!(expected(fate), "{name}: {fate:?}");
        }
    }
}
