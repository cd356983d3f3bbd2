//! Of which packages files may be taken, and what has to be looked up to know it.

use gleaner::package::{
    BuiltFrom, Downloaded, Evidence, Lookup, Package, PackageId, PackageType, Pipeline, ProjectId, ProtectionRule,
    Questions, RefKind, Status,
};
use gleaner::plan::plan;
use gleaner_support::{NOW, inventory, parsed};
use jiff::SignedDuration;

use super::{files, generic, nowhere, planned, planned_on, questions, sources};

#[test]
fn only_packages_that_stay_and_are_believed_are_trimmed() {
    let rules = "delete: [{ name: gone, allow_latest: true }]\nfiles: [{ type: generic, keep_newest: 1 }]\nkeep: [{ name: kept }]";
    let trimmed = |package: Package| {
        let plan = planned(rules, package, &[("a", 300), ("a", 200)]);
        plan.file_deletions().count() == 1
    };
    assert!(trimmed(generic()));
    assert!(trimmed(Package { status: Status::Deprecated, ..generic() }));
    assert!(trimmed(Package { name: "kept".to_owned(), ..generic() }), "keep rules save packages, and not their files");
    let at = |downloaded| Package { downloaded, ..generic() };
    let others = [
        Package { name: "gone".to_owned(), ..generic() },
        Package { status: Status::Error, ..generic() },
        Package { status: Status::Hidden, ..generic() },
        Package { status: Status::Processing, ..generic() },
        Package { status: Status::PendingDestruction, ..generic() },
        Package { status: Status::Other("new".to_owned()), ..generic() },
        Package { version: None, ..generic() },
        Package { created_at: None, ..generic() },
        Package { unreadable: Some("name"), ..generic() },
        Package { package_type: PackageType::Npm, ..generic() },
        Package { package_type: PackageType::Maven, ..generic() },
        at(Downloaded::Unreadable),
        at(Downloaded::At(NOW + SignedDuration::from_hours(1))),
    ];
    for package in others {
        assert!(!trimmed(package.clone()), "{package:?}");
    }
    let set = parsed(&sources(rules, &[]));
    let inventory = inventory(&set, [generic(), Package { tags: None, ..generic() }]);
    let mut evidence = Evidence::none();
    evidence.record_files(PackageId(1), Lookup::Found(files(&[("a", 300), ("a", 200)])));
    evidence.record_protection(ProjectId(1), Lookup::Found(Vec::new()));
    assert_eq!(
        plan(set.policies_at(NOW).next().unwrap(), inventory, &evidence).file_decisions(),
        [],
        "it changed meanwhile"
    );
}

#[test]
fn conditions_have_to_be_known_to_hold() {
    let built = |reference: BuiltFrom| Package { built_from: reference, ..generic() };
    let table = [
        ("name: core", generic(), 1),
        ("name: other", generic(), 0),
        ("version: \"1.*\"", generic(), 1),
        ("not_downloaded_for: 30d", generic(), 1),
        ("not_downloaded_for: 30d", Package { downloaded: Downloaded::Unknown, ..generic() }, 0),
        ("project: \"acme/**\"", generic(), 1),
        ("project: \"acme/**\"", nowhere(), 0),
        ("project: \"!acme/**\"", nowhere(), 0),
        ("built_from: main", built(BuiltFrom::Pipeline(Pipeline::of(RefKind::Branch, "main"))), 1),
        ("built_from: main", built(BuiltFrom::Pipeline(Pipeline::of(RefKind::Branch, "feature"))), 0),
        ("built_from: main", built(BuiltFrom::Pipeline(Pipeline::of(RefKind::Tag, "main"))), 0),
        ("built_from: { tag: main }", built(BuiltFrom::Pipeline(Pipeline::of(RefKind::Tag, "main"))), 1),
        ("built_from: main", built(BuiltFrom::Unknown), 0),
        ("larger_than: 1B", generic(), 1),
        ("larger_than: 2B", generic(), 0),
    ];
    for (condition, package, gone) in table {
        let rules = format!("files: [{{ type: generic, keep_newest: 1, {condition} }}]");
        let plan = planned(&rules, package, &[("a", 300), ("a", 200)]);
        assert_eq!(plan.file_deletions().count(), gone, "{condition}");
    }
}

/// Also where the files are looked up for another rule.
#[test]
fn a_rule_of_which_nobody_can_tell_takes_nothing_beside_one_that_holds() {
    let unknown = Package { downloaded: Downloaded::Unknown, ..generic() };
    let rules =
        "files:\n  - { type: generic, keep_newest: 3 }\n  - { type: generic, keep_newest: 1, never_downloaded: true }";
    let plan = planned(rules, unknown, &[("a", 300), ("a", 200), ("a", 100)]);
    assert_eq!(plan.file_deletions().count(), 0);
    let counted: Vec<(u64, u64)> = plan.tally().rules.iter().map(|rule| (rule.count, rule.unknown)).collect();
    assert_eq!(counted, [(3, 0), (0, 1)]);
}

#[test]
fn what_is_or_may_be_protected_is_whole() {
    let rules = "files: [{ type: generic, keep_newest: 1 }]";
    let files = [("a", 300), ("a", 200)];
    let table = [
        ("protect: [{ name: other }]", generic(), 1),
        ("protect: [{ name: core }]", generic(), 0),
        ("protect: [{ name: core, until: 2020-01-01 }]", generic(), 1),
        ("scope: { group: elsewhere }\nprotect: [{ name: core }]", generic(), 1),
        ("scope: { group: elsewhere }\nprotect: [{ name: core }]", nowhere(), 0),
        ("protect: [{ never_downloaded: true }]", Package { downloaded: Downloaded::Unknown, ..generic() }, 0),
        ("protect: [{ built_from: main }]", generic(), 0),
    ];
    for (protection, package, gone) in table {
        let plan = planned_on(rules, &[protection], vec![package], |_| Lookup::Found(self::files(&files)));
        assert_eq!(plan.file_deletions().count(), gone, "{protection}");
    }
}

#[test]
fn what_a_release_links_to_is_whole() {
    let rules = "files: [{ type: generic, keep_newest: 1 }]";
    let links = |has_releases, lookup: Option<Lookup<Vec<String>>>| {
        let mut package = generic();
        package.project.has_releases = has_releases;
        let set = parsed(&sources(rules, &[]));
        let inventory = inventory(&set, [package]);
        let mut evidence = Evidence::none();
        evidence.record_files(PackageId(1), Lookup::Found(files(&[("a", 300), ("a", 200)])));
        evidence.record_protection(ProjectId(1), Lookup::Found(Vec::new()));
        if let Some(lookup) = lookup {
            evidence.record_releases(ProjectId(1), lookup);
        }
        plan(set.policies_at(NOW).next().unwrap(), inventory, &evidence).file_deletions().count()
    };
    let url = |path: &str| Some(Lookup::Found(vec![format!("https://gitlab.acme.example/acme/app/-/{path}")]));
    assert_eq!(links(Some(true), url("packages/2")), 1);
    assert_eq!(links(Some(true), url("packages/1")), 0);
    assert_eq!(links(Some(true), url("package_files/2/download")), 0);
    assert_eq!(links(Some(true), Some(Lookup::Failed)), 0);
    assert_eq!(links(Some(true), None), 0);
    assert_eq!(links(None, None), 0);
    assert_eq!(links(Some(false), None), 1);
}

#[test]
fn what_gitlab_protects_is_whole() {
    let rules = "files: [{ type: generic, keep_newest: 1 }]";
    assert_eq!(questions(rules, &[], generic()).protection, [ProjectId(1)].into());
    let goes = |lookup: Option<Lookup<Vec<ProtectionRule>>>| {
        let set = parsed(&sources(rules, &[]));
        let inventory = inventory(&set, [generic()]);
        let mut evidence = Evidence::none();
        evidence.record_files(PackageId(1), Lookup::Found(files(&[("a", 300), ("a", 200)])));
        if let Some(lookup) = lookup {
            evidence.record_protection(ProjectId(1), lookup);
        }
        plan(set.policies_at(NOW).next().unwrap(), inventory, &evidence).file_deletions().count()
    };
    let rule = |package_type, name: &str| {
        Some(Lookup::Found(vec![ProtectionRule { package_type: Some(package_type), name: Some(name.to_owned()) }]))
    };
    assert_eq!(goes(Some(Lookup::Found(Vec::new()))), 1);
    assert_eq!(goes(rule(PackageType::Maven, "core")), 1);
    assert_eq!(goes(rule(PackageType::Generic, "core")), 0);
    assert_eq!(goes(Some(Lookup::Failed)), 0);
    assert_eq!(goes(None), 0);
}

#[test]
fn what_could_not_be_looked_up_is_whole_and_told() {
    let rules = "files: [{ type: generic, keep_newest: 1 }]";
    let plan = planned_on(rules, &[], vec![generic()], |_| Lookup::Failed);
    assert_eq!(plan.file_decisions(), []);
    assert_eq!(plan.decisions()[0].reason.code(), "no_evidence");
    assert_eq!(plan.tally().rules[0].unknown, 1);
}

#[test]
fn the_files_that_rules_may_be_for_are_looked_up_and_what_could_save_them() {
    let ids = |package: Package, rules: &str, protections: &[&str]| -> (usize, usize, usize) {
        let Questions { files, pipelines, releases, .. } = questions(rules, protections, package);
        (files.len(), pipelines.len(), releases.len())
    };
    let rules = "files: [{ type: generic, keep_newest: 1, name: core }]";
    let mut released = generic();
    released.project.has_releases = Some(true);
    assert_eq!(ids(generic(), rules, &[]), (1, 0, 0));
    assert_eq!(ids(released.clone(), rules, &[]), (1, 0, 1));
    assert_eq!(ids(Package { name: "other".to_owned(), ..released.clone() }, rules, &[]), (0, 0, 0));
    assert_eq!(ids(Package { status: Status::Error, ..released.clone() }, rules, &[]), (0, 0, 0));
    assert_eq!(ids(released.clone(), rules, &["protect: [{ name: core }]"]), (0, 0, 0));
    assert_eq!(ids(generic(), rules, &["protect: [{ built_from: main }]"]), (1, 1, 0));
    let built = "files: [{ type: generic, keep_newest: 1, built_from: main }]";
    assert_eq!(ids(generic(), built, &[]), (1, 1, 0));
    assert_eq!(
        ids(Package { built_from: BuiltFrom::Pipeline(Pipeline::of(RefKind::Branch, "dev")), ..generic() }, built, &[]),
        (0, 0, 0)
    );
    // A package that is on the shortlist, by a rule that asks for no releases, may stay in the end.
    let both = format!("delete: [{{ name: core, allow_released: true, older_than: 1h }}]\n{rules}");
    assert_eq!(ids(released, &both, &[]), (1, 0, 1));
}
