//! Which pre-releases are done with, because their release is there.

use gleaner::case::Cases;
use gleaner::policy::PolicySet;
use gleaner::yaml::Source;
use gleaner_support::parsed;

use crate::worlds::judgement::{Row, row, world};

/// The latest and what lies in several indexes too, so that `superseded` alone decides.
fn taking(condition: &str) -> String {
    format!("delete: [{{ {condition}, allow_latest: true, other_indexes: true }}]")
}

/// Whoever `stays` may do so for whatever reason: one that is always kept has that one.
fn check<const N: usize>(rules: &str, rows: [(Row, &str); N]) {
    let (rows, expected): (Vec<Row>, Vec<&str>) = rows.into_iter().unzip();
    let reasons = world(rules, rows).judge().reasons();
    let told = reasons.into_iter().zip(&expected).map(|(reason, expected)| match *expected {
        "stays" if !["selected", "kept_by_rule", "no_evidence"].contains(&reason) => "stays",
        _ => reason,
    });
    assert_eq!(told.collect::<Vec<_>>(), expected, "{rules}");
}

const SUPERSEDED: &str = "superseded: true";

/// The candidate of a maintenance release is not done because a higher release is a year old.
#[test]
fn a_higher_release_supersedes_nothing() {
    let rows = |expected| [(row("npm", "1.9.5-rc.1", 10), expected), (row("npm", "2.0.0", 365), "stays")];
    check(&taking(SUPERSEDED), rows("stays"));
    check(&taking("superseded: true, superseded_by: any"), rows("stays"));
    check(&taking("superseded_for: 1h, superseded_by: any"), rows("stays"));
}

#[test]
fn a_higher_release_counts_where_it_is_meant_and_was_made_later() {
    let rules = taking("superseded_for: 14d, superseded_by: any");
    check(
        &rules,
        [
            (row("npm", "1.9.5-rc.1", 40), "selected"),
            (row("npm", "1.9.5-rc.2", 20), "stays"),
            // Of its own release it doesn't matter when it was made.
            (row("npm", "2.0.0-rc.1", 15), "selected"),
            (row("npm", "2.0.0", 30), "stays"),
            (row("npm", "2.0.1-rc.1", 60), "stays"),
            (row("npm", "2.1.0-rc.1", 60), "stays"),
        ],
    );
    // It has been there for too short a time.
    check(&rules, [(row("npm", "1.9.5-rc.1", 40), "stays"), (row("npm", "2.0.0", 14), "stays")]);
    check(&rules, [(row("npm", "1.9.5-rc.1", 40), "selected"), (row("npm", "2.0.0", 15), "stays")]);
    // Both have to hold of one release: 2.0.0 was made before, and 2.0.1 too short a time ago.
    check(
        &rules,
        [
            (row("npm", "1.9.5-rc.1", 40), "stays"),
            (row("npm", "2.0.0", 50), "stays"),
            (row("npm", "2.0.1", 10), "stays"),
        ],
    );
    // Content that came after the release keeps it, whenever the row was made.
    let of_content = |file| {
        [
            (row("pypi", "1.0rc1", 90).file_of(file), if file > 50.0 { "selected" } else { "stays" }),
            (row("pypi", "2.0", 50), "stays"),
        ]
    };
    check(&rules, of_content(60.0));
    check(&rules, of_content(40.0));
    check(&taking("superseded: true, superseded_by: any"), of_content(40.0));
    check(&rules, [(row("pypi", "1.0rc1", 90).refused(), "no_evidence"), (row("pypi", "2.0", 50), "stays")]);
    // The same on the side that keeps.
    let holding = "delete: [{ name: '**', allow_latest: true }]\nkeep: [{ superseded: false, superseded_by: any, prerelease: true }]";
    check(holding, [(row("pypi", "1.0rc1", 90).file_of(40.0), "kept_by_rule"), (row("pypi", "2.0", 50), "selected")]);
    check(holding, [(row("pypi", "1.0rc1", 90).file_of(60.0), "selected"), (row("pypi", "2.0", 50), "selected")]);
    check(holding, [(row("pypi", "1.0rc1", 90).refused(), "no_evidence"), (row("pypi", "2.0", 50), "selected")]);
}

/// A row that the walk missed must not make the time shorter.
#[test]
fn the_time_counts_since_some_row_of_the_release_was_made() {
    check(
        &taking("superseded_for: 14d"),
        [
            (row("pypi", "1.0rc1", 300), "selected"),
            (row("pypi", "1.0", 20), "stays"),
            (row("pypi", "1.0.0", 5), "stays"),
        ],
    );
}

#[test]
fn the_time_counts_since_its_own_newest_content() {
    let rules = taking("superseded_for: 14d");
    let release = || (row("pypi", "1.0", 200), "stays");
    check(&rules, [(row("pypi", "1.0rc1", 300), "selected"), release()]);
    check(&rules, [(row("pypi", "1.0rc1", 300).file_of(13.0), "stays"), release()]);
    check(&rules, [(row("pypi", "1.0rc1", 300).file_of(14.0), "stays"), release()]);
    check(&rules, [(row("pypi", "1.0rc1", 300).file_of(15.0), "selected"), release()]);
    check(&rules, [(row("pypi", "1.0rc1", 300).refused(), "no_evidence"), release()]);
    // `superseded` alone asks for no age.
    check(&taking(SUPERSEDED), [(row("pypi", "1.0rc1", 300).file_of(4.0), "selected"), release()]);
}

/// Its release has to be one that clients can install, and goes or stays as it likes.
#[test]
fn the_release_has_to_be_installable() {
    let rows = |release: Row, expected| [(row("npm", "1.0.0-rc.1", 90), expected), (release, "stays")];
    let release = || row("npm", "1.0.0", 50);
    check(&taking(SUPERSEDED), rows(release(), "selected"));
    check(&taking(SUPERSEDED), rows(release().status("deprecated"), "selected"));
    check(&taking(SUPERSEDED), rows(release().status("error"), "stays"));
    check(&taking(SUPERSEDED), [(row("npm", "1.0.0-rc.1", 90), "stays"), (release().status("stays"), "stays")]);
    check(
        &taking(SUPERSEDED),
        [(row("npm", "1.0.0-rc.1", 90), "stays"), (release().created("1999-01-01T00:00:00Z"), "stays")],
    );
    check(&taking(SUPERSEDED), rows(release().named("other"), "stays"));
    let all = "delete: [{ superseded: true, allow_latest: true }, { prerelease: false, allow_latest: true }]";
    check(all, [(row("npm", "1.0.0-rc.1", 90), "selected"), (release(), "selected")]);
}

/// It only looks like a pre-release of 0.0.0.
#[test]
fn an_upload_is_superseded_by_nothing() {
    let upload = || row("npm", "0.0.0-8f14e45f-ceea-467f-a8f8-1b1f0f1b2c3d", 90);
    let rows = |upload, expected| [(upload, expected), (row("npm", "0.0.0", 50), "stays")];
    check(&taking(SUPERSEDED), rows(upload().status("error"), "stays"));
    check(&taking(SUPERSEDED), rows(upload(), "selected"));
}

#[test]
fn a_version_of_npm_that_somebody_tagged_is_not_done() {
    let rows = |package_type, tags: Option<&[&str]>, expected| {
        [(row(package_type, "1.0.0-rc.1", 90).tags(tags), expected), (row(package_type, "1.0.0", 50), "stays")]
    };
    check(&taking(SUPERSEDED), rows("npm", Some(&[]), "selected"));
    check(&taking(SUPERSEDED), rows("npm", Some(&["next"]), "stays"));
    check(&taking(SUPERSEDED), rows("npm", None, "stays"));
    // NuGet's are keywords.
    check(&taking(SUPERSEDED), rows("nuget", Some(&["next"]), "selected"));
    let holding = "delete: [{ prerelease: true, allow_latest: true }]\nkeep: [{ superseded: false, prerelease: true }]";
    check(holding, rows("npm", Some(&["next"]), "kept_by_rule"));
    check(holding, rows("npm", Some(&[]), "selected"));
}

/// Nobody can tell whether a release lies in the same channel or distribution.
#[test]
fn helm_and_debian_are_never_surely_superseded() {
    for (package_type, candidate, release) in [("helm", "1.0.0-rc.1", "1.0.0"), ("debian", "1.0~rc1-1", "1.0-1")] {
        let rows = |expected| [(row(package_type, candidate, 90), expected), (row(package_type, release, 50), "stays")];
        check(&taking(SUPERSEDED), rows("stays"));
        check(&taking("superseded_for: 1h, superseded_by: any"), rows("stays"));
        let holding =
            "delete: [{ prerelease: true, other_indexes: true, allow_latest: true }]\nkeep: [{ superseded: false }]";
        let rows = [(row(package_type, candidate, 90), "kept_by_rule"), (row(package_type, release, 50), "stays")];
        check(holding, rows);
    }
}

#[test]
fn its_own_release_is_the_same_to_its_ecosystem() {
    let table = [
        ("npm", "1.0.0-rc.1", "1.0.0+b7", "selected"),
        ("npm", "1.0.0-rc.1", "1.0.1", "stays"),
        ("nuget", "1.0.0-RC1", "1.0", "selected"),
        ("nuget", "1.0-rc1", "1.0.0.1", "stays"),
        ("cargo", "1.0.0-rc.1", "1.0.0", "selected"),
        ("terraform_module", "1.0.0-rc.1", "1.0.0", "selected"),
        ("golang", "v1.2.4-0.20240101000000-abcdefabcdef", "v1.2.4", "selected"),
        ("golang", "v1.2.4-0.20240101000000-abcdefabcdef", "v1.2.3", "stays"),
        ("golang", "v2.0.0-rc.1", "v2.0.0+incompatible", "selected"),
        ("maven", "1.0-SNAPSHOT", "1.0.0", "selected"),
        ("maven", "1.0-20250801.101010-7", "1.0", "selected"),
        ("maven", "1.0-SNAPSHOT", "1.1", "stays"),
        ("maven", "33.0.0-rc1-jre", "33.0.0-jre", "stays"),
        ("maven", "33.0.0-rc1-jre", "33.0.0", "stays"),
        ("pypi", "1.0.dev3", "1.0.0", "selected"),
        ("pypi", "1!1.0rc1", "1.0", "stays"),
        ("pypi", "1!1.0rc1", "1!1.0", "selected"),
        ("pypi", "1.0rc1+cpu", "1.0", "stays"),
        ("pypi", "1.0rc1+cpu", "1.0+cpu", "selected"),
        ("pypi", "1.0rc1", "1.0.post1", "stays"),
        ("pypi", "1.0.post1.dev2", "1.0", "stays"),
        ("pypi", "1.0.post1.dev2", "1.0.post1", "selected"),
        ("rubygems", "2.0.0.rc1", "2.0", "selected"),
        ("composer", "1.0.0-RC1", "v1.0", "selected"),
        ("conan", "1.3.0-beta", "1.3", "selected"),
        ("rpm", "1.1~rc1-1", "1.1-1", "selected"),
        ("rpm", "1.1~rc1-1", "1.1-2", "stays"),
        ("generic", "v1.0-rc1", "v1.0", "selected"),
        ("generic", "v1.0-rc1", "1.0", "stays"),
        ("generic", "1.0.0-rc1", "1.0", "stays"),
        ("generic", "1.0-rc1-linux", "1.0", "stays"),
        // Whether that is a release, nobody knows.
        ("generic", "app-rc1", "app", "stays"),
        ("ml_model", "1.0.0-rc.1", "1.0.0", "stays"),
    ];
    for (package_type, candidate, release, expected) in table {
        let rules = taking(&format!("type: {package_type}, superseded: true"));
        check(&rules, [(row(package_type, candidate, 90), expected), (row(package_type, release, 50), "stays")]);
    }
}

/// A branch leads to no release, whatever its numbers are, and may have been published after any.
#[test]
fn nothing_supersedes_a_branch() {
    let rules = taking("type: composer, superseded: true, superseded_by: any");
    check(
        &rules,
        [
            (row("composer", "dev-main", 400), "stays"),
            (row("composer", "1.0.x-dev", 400), "stays"),
            (row("composer", "1.0.0-dev", 400), "stays"),
            (row("composer", "1.0.0", 50), "stays"),
        ],
    );
}

/// Beside `newest` it decides who is held, and not who is counted.
#[test]
fn what_is_superseded_takes_its_place_and_is_not_held() {
    let rules = "delete: [{ prerelease: true, allow_latest: true }]\n\
                 keep: [{ newest: 1, prerelease: true, superseded: false }]";
    check(
        rules,
        [
            (row("npm", "1.9.5-rc.1", 90), "selected"),
            (row("npm", "2.0.0-rc.1", 60), "selected"),
            (row("npm", "2.0.0", 50), "stays"),
        ],
    );
    check(
        rules,
        [
            (row("npm", "1.9.5-rc.1", 90), "selected"),
            (row("npm", "2.0.0-rc.1", 60), "kept_by_rule"),
            (row("npm", "1.0.0", 50), "stays"),
        ],
    );
    // Of what can't be told to be a pre-release nobody knows whether it is superseded: it has its place all the same.
    let generic = "delete: [{ name: '**' }]\nkeep: [{ newest: 1, superseded: false }]";
    check(
        generic,
        [(row("generic", "1.0-custom", 90), "selected"), (row("generic", "1.1-custom", 60), "kept_by_rule")],
    );
    // Its place is contested by one that isn't selected, and whose files only the second round asks for.
    check(
        "delete: [{ version: '1.1-*' }]\nkeep: [{ newest: 1, superseded: false }]",
        [
            (row("generic", "1.0-custom", 90).file_of(10.0), "kept_by_rule"),
            (row("generic", "1.1-custom", 60), "selected"),
        ],
    );
    // Both are selected, so the first round asks.
    check(
        generic,
        [
            (row("generic", "1.0-custom", 90).file_of(10.0), "kept_by_rule"),
            (row("generic", "1.1-custom", 60), "selected"),
        ],
    );
}

#[test]
fn three_candidates_of_each_version_until_it_is_out() {
    check(
        "delete: [{ prerelease: true, older_than: 4d }]\n\
         keep: [{ newest: 3, newest_per: patch, prerelease: true, superseded: false }]",
        [
            (row("npm", "1.9.4", 100), "stays"),
            (row("npm", "1.9.5-rc.1", 60), "selected"),
            (row("npm", "1.9.5-rc.2", 50), "selected"),
            (row("npm", "1.9.5", 40), "stays"),
            (row("npm", "1.9.6-rc.1", 30), "selected"),
            (row("npm", "1.9.6-rc.2", 25), "kept_by_rule"),
            (row("npm", "1.9.6-rc.3", 20), "kept_by_rule"),
            (row("npm", "1.9.6-rc.4", 15), "stays"),
        ],
    );
}

/// The other way round a release that the walk missed would doom what it was to save.
#[test]
fn each_side_has_its_own() {
    let told = |rule: &str| {
        let text = format!("version: 1\nscope: {{ group: acme }}\n{rule}\n");
        PolicySet::parse(&[Source::new("p.yaml", text)]).is_ok()
    };
    let keep = |rule: &str| format!("delete: [{{ status: error }}]\nkeep: [{{ {rule} }}]");
    for (rule, is_right) in [("superseded: true", false), ("superseded: false", true), ("superseded_for: 14d", false)] {
        assert_eq!(told(&keep(rule)), is_right, "keep: {rule}");
        let protection = Source::new("hold.yaml", format!("version: 1\nprotect: [{{ {rule} }}]\n"));
        let policy = Source::new("p.yaml", "version: 1\nscope: { group: acme }\ndelete: [{ status: error }]\n");
        assert_eq!(PolicySet::parse(&[policy, protection]).is_ok(), is_right, "protect: {rule}");
    }
    for (rule, is_right) in [("superseded: true", true), ("superseded: false", false), ("superseded_for: 14d", true)] {
        assert_eq!(told(&format!("delete: [{{ {rule} }}]")), is_right, "delete: {rule}");
        let files = format!("files: [{{ type: maven, keep_newest: 1, {rule} }}]");
        assert_eq!(told(&files), is_right, "files: {rule}");
    }
}

/// Else a release that the listing lacks would doom a candidate: without 1.0.1 the first policy keeps 1.0.0.
#[test]
fn a_release_that_an_earlier_policy_takes_counts_as_before() {
    let policy = |name: &str, rules: &str| {
        Source::new(name, format!("version: 1\nmode: delete\nscope: {{ group: acme, types: [npm] }}\n{rules}\n"))
    };
    let releases = "delete: [{ prerelease: false, older_than: 4d, allow_latest: true }]\n\
                    keep: [{ newest: 1, prerelease: false }]";
    let any = "delete: [{ superseded_for: 14d, superseded_by: any }]";
    for candidates in ["delete: [{ superseded_for: 14d }]", any] {
        let set = parsed(&[policy("a.yaml", releases), policy("b.yaml", candidates)]);
        for higher in ["", "      - { version: 1.0.1, age: 30d }\n"] {
            let text = format!(
                "version: 1\nas_of: 2026-06-01\ncases:\n  - case: a candidate\n    packages:\n      \
                 - {{ type: npm, version: 1.0.0-rc.1, age: 60d, expect: delete, rule: \"b.delete[0]\" }}\n      \
                 - {{ type: npm, version: 1.0.0, age: 50d }}\n{higher}"
            )
            .replace("{ version", "{ type: npm, version");
            let cases = Cases::parse(&[Source::new("cases.yaml", text)], &set).unwrap();
            let results = cases.run(&set);
            assert!(results.is_as_expected(), "{candidates} {higher}: {results}");
        }
    }
}

/// Maven has `v5.0` below `1.0`, and nobody who writes it means that.
#[test]
fn a_version_that_begins_with_a_word_is_below_none_that_begins_with_a_number() {
    let rules = taking("superseded: true, superseded_by: any");
    check(&rules, [(row("maven", "v5.0.0-rc1", 90), "stays"), (row("maven", "1.0", 40), "stays")]);
    check(&rules, [(row("maven", "v5.0.0-rc1", 90), "selected"), (row("maven", "v6.0", 40), "stays")]);
    check(&rules, [(row("conan", "9.0-rc", 90), "stays"), (row("conan", "cci.20200101", 40), "stays")]);
}
