//! Tables of files and what `files` rules make of them, where the specification leaves no doubt and mistakes are easy.

mod builds;
mod named;
mod packages;
mod together;

use gleaner::package::{Evidence, FileId, Lookup, Package, PackageFile, PackageId, PackageType, Project, Questions};
use gleaner::plan::{Plan, RuleRef, file_because, plan, shortlist};
use gleaner::yaml::Source;
use gleaner_support::{NOW, days_ago, file, inventory, package, parsed};
use jiff::SignedDuration;

/// Everything of each file but the two newest.
const TWO: &str = "files: [{ type: maven, keep_newest: 2 }]";

#[test]
fn the_newest_of_each_artifact_classifier_and_extension_stay() {
    let builds = |count: u64| {
        (1..=count).flat_map(move |build| {
            let stem = format!("core-1.0-202401{build:02}.120000-{build}");
            let age = 400 - i64::try_from(build).unwrap();
            [".jar", ".pom", "-sources.jar"].map(|rest| (format!("{stem}{rest}"), age))
        })
    };
    let files: Vec<(String, i64)> = builds(4).chain([("core-1.0-SNAPSHOT.jar".to_owned(), 500)]).collect();
    let files: Vec<(&str, i64)> = files.iter().map(|(name, age)| (name.as_str(), *age)).collect();
    let gone = gone(TWO, snapshot(), &files);
    let expected = [
        "core-1.0-20240101.120000-1.jar",
        "core-1.0-20240101.120000-1.pom",
        "core-1.0-20240101.120000-1-sources.jar",
        "core-1.0-20240102.120000-2.jar",
        "core-1.0-20240102.120000-2.pom",
        "core-1.0-20240102.120000-2-sources.jar",
    ];
    assert_eq!(gone, expected);
}

#[test]
fn dates_rank_files_and_ids_settle_ties() {
    let rules = "files: [{ type: generic, keep_newest: 1 }]";
    assert_eq!(reasons(rules, generic(), &[("a", 400), ("a", 100), ("a", 100)]), ["selected", "selected", "newest"]);
    assert_eq!(reasons(rules, generic(), &[("a", 100), ("a", 100), ("a", 400)]), ["selected", "newest", "selected"]);
}

#[test]
fn generic_files_are_counted_by_their_names() {
    let rules = "files: [{ type: generic, keep_newest: 1 }]";
    let files = [("app.tgz", 300), ("app.tgz", 200), ("other.tgz", 400), ("app.tgz", 100), ("a/app.tgz", 350)];
    assert_eq!(reasons(rules, generic(), &files), ["selected", "selected", "newest", "newest", "newest"]);
    let builds = [("app-1.0-20240101.120000-1.jar", 300), ("app-1.0-20240102.120000-2.jar", 200)];
    assert_eq!(reasons(rules, generic(), &builds), ["newest", "newest"], "these are Maven's names alone");
}

#[test]
fn only_what_is_older_goes_and_the_young_take_places() {
    let rules = "files: [{ type: generic, keep_newest: 1, older_than: 30d }]";
    let files = [("a", 31), ("a", 30), ("a", 29), ("a", 4)];
    assert_eq!(reasons(rules, generic(), &files), ["selected", "too_young", "too_young", "newest"]);
    // min_age is 72h.
    let rules = "files: [{ type: generic, keep_newest: 1, older_than: 1h }]";
    let files = [("a", 5), ("a", 3), ("a", 2), ("a", 1)];
    assert_eq!(reasons(rules, generic(), &files), ["selected", "selected", "min_age", "min_age"]);
}

#[test]
fn what_file_does_not_match_stays_and_takes_no_place() {
    let rules = r#"files: [{ type: maven, keep_newest: 1, file: ["*.jar", "!*-sources.jar"] }]"#;
    let files = [
        ("core-1.0-20240101.120000-1.jar", 300),
        ("core-1.0-20240101.120000-1.pom", 300),
        ("core-1.0-20240101.120000-1-sources.jar", 300),
        ("core-1.0-20240102.120000-2.jar", 200),
        ("core-1.0-20240102.120000-2-sources.jar", 200),
    ];
    let expected = ["selected", "not_matched", "not_matched", "newest", "not_matched"];
    assert_eq!(reasons(rules, snapshot(), &files), expected);
}

#[test]
fn checksums_and_signatures_follow_their_file() {
    let rules = "files: [{ type: generic, keep_newest: 1, file: \"*.jar\" }]";
    let files = [
        ("old.jar", 300),
        ("old.jar.md5", 300),
        ("old.jar.asc", 300),
        ("old.jar.asc.sha512", 300),
        ("gone.jar.sha1", 300),
        ("notes.txt", 300),
        ("notes.txt.asc", 300),
        ("old.jar", 200),
    ];
    let stays = ["selected", "stays_with", "stays_with", "stays_with", "orphan", "not_matched", "stays_with", "newest"];
    assert_eq!(reasons(rules, generic(), &files), stays, "a file of that name stays");
    let none = "files: [{ type: generic, keep_newest: 0, file: \"*.jar\" }]";
    let goes = ["selected", "follows", "follows", "follows", "orphan", "not_matched", "stays_with", "selected"];
    assert_eq!(reasons(none, generic(), &files), goes, "the last of that name goes");
    // They are those of one build, and go with it.
    let builds = [
        ("core-1.0-20240101.120000-1.jar", 300),
        ("core-1.0-20240101.120000-1.jar.asc", 300),
        ("core-1.0-20240102.120000-2.jar", 200),
        ("core-1.0-20240102.120000-2.jar.asc", 200),
    ];
    let one = "files: [{ type: maven, keep_newest: 1 }]";
    assert_eq!(reasons(one, snapshot(), &builds), ["selected", "follows", "newest", "stays_with"]);
}

#[test]
fn a_checksum_that_is_young_stays_and_so_does_its_own() {
    let rules = "files: [{ type: generic, keep_newest: 0, file: a }]";
    let files = [("a", 300), ("a.asc", 1), ("a.asc.md5", 300), ("a.md5", 300), ("b", 300)];
    assert_eq!(reasons(rules, generic(), &files), ["selected", "min_age", "stays_with", "follows", "not_matched"]);
    // Without the signature in between, its checksum still belongs to the file.
    let files = [("a", 300), ("a.asc.md5", 300), ("b", 300)];
    assert_eq!(reasons(rules, generic(), &files), ["selected", "follows", "not_matched"]);
}

#[test]
fn metadata_stays_with_its_checksums_and_is_nobodys_last_file() {
    for rules in [
        "files: [{ type: maven, keep_newest: 0, file: \"*\" }]",
        "files: [{ type: maven, keep_newest: 0, file: [maven-metadata.xml, \"*.jar\"] }]",
    ] {
        let files = [
            ("maven-metadata.xml", 300),
            ("maven-metadata.xml", 200),
            ("maven-metadata.xml.sha1", 300),
            ("core-1.0-20240101.120000-1.jar", 300),
            ("core-1.0-20240102.120000-2.jar", 200),
        ];
        let expected = ["metadata", "metadata", "metadata", "selected", "last_file"];
        assert_eq!(reasons(rules, snapshot(), &files), expected, "{rules}");
    }
}

#[test]
fn the_last_file_stays_over_all_rules() {
    let all = "files:\n  - { type: generic, keep_newest: 0, file: a }\n  - { type: generic, keep_newest: 0, file: b }";
    assert_eq!(reasons(all, generic(), &[("a", 300), ("b", 200)]), ["selected", "last_file"]);
    assert_eq!(reasons(all, generic(), &[("b", 300), ("a", 200)]), ["selected", "last_file"]);
    assert_eq!(reasons(all, generic(), &[("a", 200), ("b", 200)]), ["selected", "last_file"], "the higher id");
    assert_eq!(reasons(all, generic(), &[("a", 300), ("b", 200), ("c", 400)]), ["selected", "selected", "not_matched"]);
    assert_eq!(reasons(all, generic(), &[("a", 300), ("b", 2)]), ["selected", "min_age"]);
    assert_eq!(reasons(all, generic(), &[("a", 300), ("a.md5", 300)]), ["last_file", "stays_with"]);
    // A checksum is no file that a package could live on.
    assert_eq!(reasons(all, generic(), &[("a", 300), ("b", 200), ("c.md5", 100)]), ["selected", "last_file", "orphan"]);
}

/// What keeps the last file must not hang on another one: with the newest jar gone from the listing, the older one would
/// be kept for its place, and then the pom would be no last file any more.
#[test]
fn a_file_that_goes_only_by_its_place_is_the_last_one_before_any_other() {
    let rules = "files:\n  - { type: maven, keep_newest: 1, file: \"*.jar\" }\n  \
                 - { type: maven, keep_newest: 0, file: [\"*-2.jar\", \"*.pom\"] }";
    let (old, new, pom) = ("core-1.0-20240101.120000-1.jar", "core-1.0-20240102.120000-2.jar", "core.pom");
    let files = [(old, 300), (new, 200), (pom, 100)];
    assert_eq!(reasons(rules, snapshot(), &files), ["last_file", "selected", "selected"]);
    assert_eq!(reasons(rules, snapshot(), &[(old, 300), (pom, 100)]), ["newest", "selected"]);
    assert_eq!(reasons(rules, snapshot(), &[(old, 300), (new, 200)]), ["last_file", "selected"]);
    // The newest of all by creation, and the newest build.
    assert_eq!(reasons(rules, snapshot(), &[(new, 200), (pom, 100)]), ["last_file", "last_file"]);
}

#[test]
fn several_rules_take_together() {
    let rules = "files:\n  - { type: maven, keep_newest: 3 }\n  - { type: maven, keep_newest: 0, file: \"*-javadoc.jar\" }\n  \
                 - { type: generic, keep_newest: 1 }";
    let files = [
        ("core-1.0-20240101.120000-1.jar", 300),
        ("core-1.0-20240101.120000-1-javadoc.jar", 299),
        ("core-1.0-20240102.120000-2.jar", 200),
    ];
    let plan = planned(rules, snapshot(), &files);
    let rules: Vec<Option<RuleRef>> = plan.file_decisions().iter().map(|file| file.reason.rule()).collect();
    assert_eq!(rules, [Some(RuleRef::Files(0)), Some(RuleRef::Files(1)), Some(RuleRef::Files(0))]);
    assert_eq!(plan.file_deletions().count(), 1);
    let matched: Vec<u64> = plan.tally().rules.iter().map(|rule| rule.count).collect();
    assert_eq!(matched, [3, 1, 0]);
}

#[test]
fn what_is_not_known_of_a_file_keeps_it_and_takes_no_place() {
    let rules = "files: [{ type: generic, keep_newest: 1 }]";
    let file = |id, name: Option<&str>, created_at| PackageFile {
        id: FileId(id),
        name: name.map(str::to_owned),
        size: Some(1),
        created_at,
        sha256: None,
    };
    let odd = [
        file(1, Some("a"), Some(days_ago(300))),
        file(2, Some("a"), Some(days_ago(200))),
        file(3, Some("a"), None),
        file(4, Some("a"), Some(NOW + SignedDuration::from_hours(1))),
        file(5, Some("a"), Some("1980-01-01T00:00:00Z".parse().unwrap())),
        file(6, None, Some(days_ago(100))),
        file(7, Some("a.md5"), None),
    ];
    let plan = planned_on(rules, &[], vec![generic()], |_| Lookup::Found(odd.to_vec()));
    let expected =
        ["selected", "newest", "senseless_dates", "min_age", "senseless_dates", "unreadable", "senseless_dates"];
    assert_eq!(codes(&plan), expected);
}

#[test]
fn a_reason_is_told_with_its_figures() {
    let rules = "files: [{ type: maven, keep_newest: 2, older_than: 14d, file: \"*.jar\" }]";
    let files = [
        ("core-1.0-20240101.120000-1-sources.jar", 40),
        ("core-1.0-20240102.120000-2-sources.jar", 30),
        ("core-1.0-20240103.120000-3-sources.jar", 13),
        ("core-1.0-20240104.120000-4-sources.jar", 12),
        ("core-1.0-20240105.120000-5-sources.jar", 5),
        ("core-1.0-20240106.120000-6-sources.jar", 1),
        ("core-1.0-20240101.120000-1-sources.jar.md5", 40),
        ("core-1.0-20240105.120000-5-sources.jar.md5", 4),
        ("core-1.0-20240101.120000-1.jar.asc", 40),
        ("core-1.0-20240101.120000-1.pom", 40),
        ("maven-metadata.xml", 5),
        ("core-1.0-20240105.120000-5-sources.jar", 4),
    ];
    let sources = [Source::new("p.yaml", policy(rules))];
    let set = parsed(&sources);
    let plan = planned(rules, snapshot(), &files);
    let told: Vec<String> = plan
        .file_decisions()
        .iter()
        .map(|file| {
            file_because(file, &plan.decision(file.package).unwrap().package, set.policies_at(NOW).next().unwrap())
        })
        .collect();
    let expected = [
        "5th newest of 5 core-sources.jar (keep_newest: 2); 40 days old (older_than 14d)",
        "4th newest of 5 core-sources.jar (keep_newest: 2); 30 days old (older_than 14d)",
        "3rd newest of 5 core-sources.jar (keep_newest: 2); 13 days old (older_than 14d)",
        "2nd newest of 5 core-sources.jar (keep_newest: 2)",
        "1st newest of 5 core-sources.jar (keep_newest: 2)",
        "1 day old, less than min_age 72h",
        "it belongs to core-1.0-20240101.120000-1-sources.jar, which goes",
        "it belongs to core-1.0-20240105.120000-5-sources.jar, which stays",
        "it belongs to core-1.0-20240101.120000-1.jar, which is not there",
        "no files rule names it",
        "Maven's clients find versions by it",
        "no maven-metadata.xml is surely as new: its deployment broke off or goes on, or it was imported",
    ];
    assert_eq!(told, expected);
}

/// The names of the files that go.
fn gone<'a>(rules: &str, package: Package, files: &[(&'a str, i64)]) -> Vec<&'a str> {
    let reasons = reasons(rules, package, files);
    let gone = files.iter().zip(reasons).filter(|(_, reason)| ["selected", "follows"].contains(reason));
    gone.map(|((name, _), _)| *name).collect()
}

/// The reason's code for each file.
fn reasons(rules: &str, package: Package, files: &[(&str, i64)]) -> Vec<&'static str> {
    codes(&planned(rules, package, files))
}

fn codes(plan: &Plan) -> Vec<&'static str> {
    plan.file_decisions().iter().map(|file| file.reason.code()).collect()
}

/// `files` are names and ages in days; their ids count from 1.
fn planned(rules: &str, package: Package, files: &[(&str, i64)]) -> Plan {
    planned_on(rules, &[], vec![package], |_| Lookup::Found(self::files(files)))
}

/// As the shell does it: only what is asked for is looked up. No package has a pipeline that could be looked up.
fn planned_on(
    rules: &str,
    protections: &[&str],
    packages: Vec<Package>,
    files: impl Fn(PackageId) -> Lookup<Vec<PackageFile>>,
) -> Plan {
    let set = parsed(&sources(rules, protections));
    let in_force = set.policies_at(NOW).next().unwrap();
    let inventory = inventory(&set, packages);
    let mut evidence = Evidence::none();
    let questions = shortlist(in_force, &inventory);
    for id in questions.files {
        evidence.record_files(id, files(id));
    }
    for project in questions.protection {
        evidence.record_protection(project, Lookup::Found(Vec::new()));
    }
    plan(in_force, inventory, &evidence)
}

fn questions(rules: &str, protections: &[&str], package: Package) -> Questions {
    let set = parsed(&sources(rules, protections));
    let inventory = inventory(&set, [package]);
    shortlist(set.policies_at(NOW).next().unwrap(), &inventory)
}

fn policy(rules: &str) -> String {
    format!("version: 1\nscope: {{ group: acme }}\n{rules}\n")
}

fn sources(rules: &str, protections: &[&str]) -> Vec<Source> {
    let protections = protections.iter().zip(0..);
    let protections =
        protections.map(|(text, number)| Source::new(format!("hold-{number}.yaml"), format!("version: 1\n{text}\n")));
    [Source::new("p.yaml", policy(rules))].into_iter().chain(protections).collect()
}

fn files(files: &[(&str, i64)]) -> Vec<PackageFile> {
    files.iter().zip(1..).map(|((name, age), id)| file(id, name, *age)).collect()
}

/// A snapshot that is built since 400 days.
fn snapshot() -> Package {
    Package {
        package_type: PackageType::Maven,
        name: "com/acme/core".to_owned(),
        version: Some("1.0-SNAPSHOT".to_owned()),
        ..generic()
    }
}

fn generic() -> Package {
    package(1)
}

/// In a project whose path the token can't see.
fn nowhere() -> Package {
    let project = Project { path: None, ..generic().project };
    Package { project, ..generic() }
}
