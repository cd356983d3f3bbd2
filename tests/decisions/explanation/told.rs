//! What is told of guards, rules, conditions and ranks.
#![expect(clippy::type_complexity, reason = "a table is read by its rows")]

use gleaner::package::{
    BuiltFrom, Downloaded, Evidence, Lookup, Package, PackageId, PackageType, Pipeline, PipelineId, Project, ProjectId,
    RefKind, RefKinds, Status,
};
use gleaner::plan::{RuleRef, RuleTold};
use gleaner::policy::Truth;

use super::{days_ago, explained, files, package, set_of};

/// Every guard that stands, with the rules that are left once it has been lifted, and the reason in the end.
#[test]
fn guards_are_told_with_what_lifts_them() {
    let latest_of_npm =
        || Package { tags: Some(vec!["latest".to_owned()]), created_at: Some(days_ago(50)), ..package(1) };
    let table: [(&str, Package, &[(&str, &[usize])], &str); 7] = [
        (
            "delete: [{ older_than: 30d, tag: latest, allow_latest: true }]",
            latest_of_npm(),
            &[("npm_latest", &[0]), ("latest", &[0])],
            "selected",
        ),
        // No single rule lifts both.
        (
            "delete: [{ older_than: 30d, allow_latest: true }, { older_than: 30d, tag: latest }]",
            latest_of_npm(),
            &[("npm_latest", &[1]), ("latest", &[])],
            "latest",
        ),
        ("delete: [{ older_than: 30d }]", latest_of_npm(), &[("npm_latest", &[]), ("latest", &[])], "npm_latest"),
        // A rule that does not select lifts nothing.
        (
            "delete: [{ older_than: 60d, tag: latest, allow_latest: true }]",
            latest_of_npm(),
            &[("npm_latest", &[]), ("latest", &[])],
            "npm_latest",
        ),
        (
            "delete: [{ older_than: 30d }, { type: ml_model, older_than: 30d }]",
            Package { package_type: PackageType::MlModel, created_at: Some(days_ago(50)), ..package(1) },
            &[("type_not_named", &[1])],
            "selected",
        ),
        // The first is told, and the others are there as well.
        (
            "delete: [{ older_than: 30d }]",
            Package { status: Status::Processing, version: None, created_at: Some(days_ago(1)), ..package(1) },
            &[("processing", &[]), ("versionless", &[]), ("min_age", &[])],
            "processing",
        ),
        (
            "delete: [{ older_than: 1d }]",
            Package { created_at: None, ..package(1) },
            &[("senseless_dates", &[])],
            "senseless_dates",
        ),
    ];
    for (rules, package, expected, reason) in table {
        let evidence = match package.package_type {
            PackageType::MlModel => files(&[(1, 50)]),
            _ => Evidence::none(),
        };
        let told = explained(&set_of(rules, &[]), vec![package], &evidence);
        let guards: Vec<(&str, Vec<RuleRef>)> =
            told.guards.iter().map(|told| (told.guard.code(), told.lifted_by.clone())).collect();
        let expected: Vec<(&str, Vec<RuleRef>)> = expected
            .iter()
            .map(|(guard, rules)| (*guard, rules.iter().map(|rule| RuleRef::Delete(*rule)).collect()))
            .collect();
        assert_eq!(guards, expected, "{rules}");
        assert_eq!(told.decision.reason.code(), reason, "{rules}");
    }
}

/// A question that stayed open keeps the package, and is told among the guards.
#[test]
fn an_open_question_is_a_guard_where_nothing_else_keeps_the_package() {
    let old = Package { package_type: PackageType::Generic, created_at: Some(days_ago(50)), ..package(1) };
    let told = explained(&set_of("delete: [{ name: core }]", &[]), vec![old], &Evidence::none());
    assert_eq!(told.decision.reason.code(), "no_evidence");
    assert_eq!(told.guards.len(), 1);
    assert_eq!(told.guards[0].because, "what decides about it could not be looked up");
}

/// Each condition, as it is written, with what it saw.
#[test]
fn conditions_are_told_with_what_they_saw() {
    use Truth::{No, Pending, Unknown, Yes};
    let same = |package| package;
    let table: [(&str, fn(Package) -> Package, Truth, &str); 39] = [
        ("type: npm", same, Yes, "npm"),
        ("type: [maven, pypi]", same, No, "npm"),
        ("name: \"co*\"", same, Yes, "core"),
        ("name: '/c\\w/'", same, No, "core"),
        ("project: \"acme/*\"", same, Yes, "acme/app"),
        ("project: \"acme/*\"", without_path, Unknown, "the project's path is unknown"),
        ("version: [\"1.*\", \"!*-rc*\"]", same, Yes, "1.0.1"),
        ("version: \"1.*\"", |package| Package { version: None, ..package }, No, "no version"),
        ("version_below: 1.1.0", same, Yes, "1.0.1 comes before 1.1.0"),
        ("version_below: 1.0.1", same, No, "1.0.1 doesn't come before 1.0.1"),
        ("version_below: 1.1", same, Unknown, "nobody can tell whether 1.0.1 comes before 1.1"),
        ("tag: \"beta\"", same, No, "no tag"),
        ("tag: \"beta\"", |package| tagged(package, &["next", "beta"]), Yes, "next, beta"),
        ("tag: \"beta\"", |package| Package { tags: None, ..package }, Unknown, "its tags are unknown"),
        ("channel: \"user/*\"", same, No, "no channel"),
        (
            "channel: \"user/*\"",
            |package| Package { channel: Some("user/stable".to_owned()), ..package },
            Yes,
            "user/stable",
        ),
        ("status: [error, default]", same, Yes, "default"),
        ("id: 1", same, Yes, "1"),
        ("older_than: 9d", same, Yes, "newest content is 10 days old"),
        ("older_than: 9d", generic, Pending, "made 10 days ago"),
        (
            "older_than: 9d",
            |package| Package { created_at: None, ..package },
            Unknown,
            "the age of its content is unknown",
        ),
        ("younger_than: 9d", same, No, "newest content is 10 days old"),
        ("not_downloaded_for: 9d", same, Yes, "never downloaded; newest content is 10 days old"),
        (
            "not_downloaded_for: 9d",
            |package| downloaded(package, 3),
            No,
            "last downloaded 3 days ago; newest content is 10 days old",
        ),
        ("downloaded_within: 9d", |package| downloaded(package, 3), Yes, "last downloaded 3 days ago"),
        (
            "downloaded_within: 9d",
            |package| Package { downloaded: Downloaded::Unknown, ..package },
            Unknown,
            "its last download is unknown",
        ),
        ("never_downloaded: true", same, Yes, "never downloaded"),
        ("prerelease: true", same, No, "a release"),
        (
            "prerelease: false",
            |package| Package { version: Some("new".to_owned()), ..package },
            Unknown,
            "whether it is a pre-release is unknown",
        ),
        (
            "built_from: \"main\"",
            |package| Package { built_from: BuiltFrom::Pipeline(Pipeline::of(RefKind::Branch, "main")), ..package },
            Yes,
            "branch main",
        ),
        // A hold means a ref of any kind.
        ("built_from: \"v*\"", |package| built(package, RefKinds::Open(&RefKind::ALL)), Yes, "v1.2"),
        ("built_from: { tag: \"main\" }", |package| built(package, RefKinds::Open(&RefKind::ALL)), No, "v1.2"),
        (
            "built_from: { tag: \"v*\" }",
            |package| built(package, RefKinds::Open(&RefKind::ALL)),
            Pending,
            "v1.2, and what kind of ref that is, was not looked up",
        ),
        (
            "built_from: { branch: \"*\", merge_request: \"*\" }",
            |package| built(package, RefKinds::Unknown(&RefKind::ALL)),
            Unknown,
            "v1.2, and what kind of ref that is, is unknown",
        ),
        (
            "built_from: { merge_request: \"*\" }",
            |package| built(package, RefKinds::Known(RefKind::MergeRequest)),
            Yes,
            "merge request v1.2",
        ),
        (
            "built_from: \"main\"",
            |package| Package { built_from: BuiltFrom::Unknown, ..package },
            Unknown,
            "what it was built from is unknown",
        ),
        ("built_from: \"main\"", same, Pending, "what it was built from was not looked up"),
        ("larger_than: 1kB", same, Pending, "its size was not looked up"),
        ("status: error", |package| Package { status: Status::Other("new".to_owned()), ..package }, Unknown, "new"),
    ];
    for (written, change, truth, seen) in table {
        let set = set_of(&format!("delete: [{{ name: other }}]\nkeep: [{{ {written} }}]"), &[]);
        let told = explained(&set, vec![change(package(1))], &Evidence::none());
        let [part] = rule(&told.rules, "keep[0]").parts.as_slice() else { panic!("one part of {written}") };
        assert_eq!((part.written.as_str(), part.truth, part.seen.as_str()), (written, truth, seen));
        assert_eq!(rule(&told.rules, "keep[0]").truth, truth, "{written}");
    }
    let sized =
        explained(&set_of("delete: [{ larger_than: 1kB }]", &[]), vec![generic(package(1))], &files(&[(1, 10)]));
    assert_eq!(rule(&sized.rules, "delete[0]").parts[0].seen, "1.0 kB");
}

#[test]
fn what_is_known_of_downloads_is_told_with_what_it_is_worth() {
    let seen = |downloads: &str, package| {
        let instance = format!("version: 1\ninstance: {{ downloads: {{ {downloads} }} }}");
        let set = set_of("delete: [{ downloaded_within: 9d }]", &[&instance]);
        rule(&explained(&set, vec![package], &Evidence::none()).rules, "delete[0]").parts[0].seen.clone()
    };
    // The date tells only where a null may hide something from before it.
    assert_eq!(seen("tracked_since: 2026-05-28", package(1)), "never downloaded since 2026-05-28");
    assert_eq!(seen("tracked_since: 2023-01-01", package(1)), "never downloaded");
    assert_eq!(seen("tracked_since: 2026-05-28", downloaded(package(1), 3)), "last downloaded 3 days ago");
    assert_eq!(seen("complete: false", package(1)), "never downloaded, as far as GitLab knows");
    assert_eq!(
        seen("complete: false", downloaded(package(1), 3)),
        "last downloaded 3 days ago, as far as GitLab knows"
    );
    assert_eq!(seen("complete: true", package(1)), "never downloaded");
}

/// In a delete rule a download is not all that `not_downloaded_for` looks at.
#[test]
fn what_selects_by_downloads_says_so_with_the_content() {
    let rules = "delete: [{ not_downloaded_for: 30d }]\nkeep: [{ not_downloaded_for: 30d }]";
    let told = explained(&set_of(rules, &[]), vec![downloaded(package(1), 50)], &Evidence::none());
    let parts = ["keep[0]", "delete[0]"].map(|label| rule(&told.rules, label).parts[0].truth);
    assert_eq!(parts, [Truth::Yes, Truth::No]);
}

#[test]
fn ranks_are_told_with_their_series() {
    let versions = |versions: &[&str]| -> Vec<Package> {
        let rows = versions.iter().zip(1..).map(|(version, id)| Package {
            version: Some((*version).to_owned()),
            // The first is the oldest.
            created_at: Some(days_ago(100 - id as i64)),
            ..package(id)
        });
        rows.collect()
    };
    let table: [(&str, &[&str], Truth, Option<(usize, usize)>, &str); 10] = [
        ("newest: 5", &["1.0.0", "1.1.0", "1.2.0", "2.0.0"], Truth::Yes, Some((4, 4)), "4th newest of 4"),
        ("newest: 2", &["1.0.0", "1.1.0", "1.2.0"], Truth::No, Some((3, 3)), "3rd newest of 3"),
        (
            "newest: 2, by: version",
            &["3.0.0", "1.1.0", "1.2.0"],
            Truth::Yes,
            Some((1, 3)),
            "1st newest of 3 by version",
        ),
        (
            "newest: 1, by: version, newest_per: major",
            &["1.9.0", "1.1.0", "2.0.0"],
            Truth::Yes,
            Some((1, 2)),
            "1st newest of 2 of its major version by version",
        ),
        (
            "newest: 1, newest_per: major, last_series: 2",
            &["1.9.0", "1.1.0", "2.0.0"],
            Truth::No,
            Some((2, 2)),
            "2nd newest of 2 of its major version; 1 other of 2 series was built later",
        ),
        (
            "newest: 1, newest_per: major, last_series: 2",
            &["1.9.0", "2.0.0", "3.0.0"],
            Truth::No,
            Some((1, 1)),
            "1st newest of 1 of its major version; 2 others of 3 series were built later",
        ),
        (
            "newest: 2, newest_per: major, last_series: 1",
            &["1.9.0", "1.1.0"],
            Truth::Yes,
            Some((2, 2)),
            "2nd newest of 2 of its major version; no other of 1 series was built later",
        ),
        ("newest: 1, by: version", &["what", "1.0.0"], Truth::Unknown, None, "it can't be ranked by version"),
        ("newest: 1, newest_per: ref", &["1.0.0"], Truth::Pending, None, "whether it is counted was not looked up"),
        ("version: \"2.*\", newest: 1", &["1.0.0", "2.0.0"], Truth::No, None, "it is not counted"),
    ];
    for (written, rows, truth, rank, seen) in table {
        let set = set_of(&format!("delete: [{{ name: other }}]\nkeep: [{{ {written} }}]"), &[]);
        let told = explained(&set, versions(rows), &Evidence::none());
        let rule = rule(&told.rules, "keep[0]");
        let part = rule.parts.last().unwrap();
        assert_eq!((part.truth, part.seen.as_str()), (truth, seen), "{written}");
        assert_eq!(rule.rank.map(|rank| (rank.place, rank.of)), rank, "{written}");
        assert!(written.ends_with(&part.written), "{written}: {}", part.written);
    }
}

#[test]
fn a_protection_is_told_with_its_scope_and_an_ended_rule_as_ended() {
    let rules =
        "delete: [{ name: core }]\nkeep: [{ name: core, until: 2026-05-27 }, { name: core, until: 2026-05-28 }]";
    let far = "version: 1\nname: far\nscope: { group: beta, types: [npm] }\nprotect: [{ name: core, note: theirs }]";
    let near = "version: 1\nname: near\nscope: { project: acme/app }\nprotect: [{ name: other }, { name: core }]";
    let told = explained(&set_of(rules, &[far, near]), vec![package(1)], &Evidence::none());
    let labels: Vec<&str> = told.rules.iter().map(|rule| rule.label.as_str()).collect();
    assert_eq!(labels, ["far.protect[0]", "near.protect[0]", "near.protect[1]", "keep[0]", "keep[1]", "delete[0]"]);
    let of_far = rule(&told.rules, "far.protect[0]");
    assert_eq!((of_far.truth, of_far.note.as_deref()), (Truth::No, Some("theirs")));
    assert_eq!(of_far.parts[0].written, "scope: { group: beta, types: npm }");
    assert_eq!((of_far.parts[0].truth, of_far.parts[0].seen.as_str()), (Truth::No, "acme/app, npm"));
    assert_eq!(of_far.parts[1].truth, Truth::Yes, "its condition is told all the same");
    assert_eq!(rule(&told.rules, "near.protect[1]").truth, Truth::Yes);
    // The last day counts.
    let [yesterday, today] = ["keep[0]", "keep[1]"].map(|label| rule(&told.rules, label));
    assert_eq!((yesterday.has_ended, yesterday.truth, yesterday.parts[0].truth), (true, Truth::No, Truth::Yes));
    assert_eq!((today.has_ended, today.truth), (false, Truth::Yes));
    assert_eq!(told.decision.reason.code(), "latest");
}

#[test]
fn evidence_that_failed_is_told_as_unknown() {
    let mut evidence = Evidence::none();
    evidence.record_pipeline(PackageId(1), Lookup::Found(None));
    let told = explained(&set_of("delete: [{ built_from: main }]", &[]), vec![package(1)], &evidence);
    let part = &rule(&told.rules, "delete[0]").parts[0];
    assert_eq!((part.truth, part.seen.as_str()), (Truth::Unknown, "what it was built from is unknown"));
}

fn rule<'r>(rules: &'r [RuleTold], label: &str) -> &'r RuleTold {
    rules.iter().find(|rule| rule.label == label).unwrap_or_else(|| panic!("{label}"))
}

fn built(package: Package, kind: RefKinds) -> Package {
    let id = PipelineId { project: ProjectId(2), id: 7 };
    Package { built_from: BuiltFrom::Pipeline(Pipeline { id: Some(id), git_ref: "v1.2".to_owned(), kind }), ..package }
}

fn generic(package: Package) -> Package {
    Package { package_type: PackageType::Generic, ..package }
}

fn downloaded(package: Package, days: i64) -> Package {
    Package { downloaded: Downloaded::At(days_ago(days)), ..package }
}

fn tagged(package: Package, tags: &[&str]) -> Package {
    Package { tags: Some(tags.iter().map(|tag| (*tag).to_owned()).collect()), ..package }
}

fn without_path(package: Package) -> Package {
    let project = Project { archived: Some(false), has_releases: Some(false), ..Project::unread(ProjectId(1), None) };
    Package { project, ..package }
}
