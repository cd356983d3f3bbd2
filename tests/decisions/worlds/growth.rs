//! A package made years ago may have got a file this morning; of some types it can't.

use gleaner::package::{PackageId, PackageType};
use gleaner::policy::PolicySet;
use gleaner::yaml::Source;

use crate::worlds::judgement::{ALL, Row, check, row, world};

const EVERYTHING: &str = "allow_latest: true, allow_released: true, other_indexes: true";

#[test]
fn a_file_of_today_keeps_a_row_that_is_two_years_old() {
    let once = ["npm", "terraform_module", "cargo"];
    let growing = PackageType::KNOWN.into_iter().filter(|known| !once.contains(&known.as_str()));
    let growing = growing.filter(|known| *known != PackageType::Composer);
    for package_type in growing.chain([PackageType::parse("swift")]) {
        let name = package_type.as_str();
        let old = || row(name, "1.0.0", 730);
        let by_age = format!("delete: [{{ type: {name}, older_than: 30d, {EVERYTHING} }}]");
        let gone = |rules: &str, rows: [Row; 2]| world(rules, rows).judge().gone();
        assert_eq!(gone(&by_age, [old().file_of(5.0), old()]), [PackageId(2)].into(), "{name}");
        let by_name = format!("delete: [{{ type: {name}, name: core, {EVERYTHING} }}]");
        check(&by_name, [(old().file_of(0.1), "min_age"), (old(), "selected")]);
        // With a limit on bytes it is the same.
        let limited = format!("{by_age}\nlimits: {{ max_bytes: 1GB }}");
        assert_eq!(gone(&limited, [old().file_of(5.0), old()]), [PackageId(2)].into(), "{name}");
        assert_eq!(gone(&by_age, [old().refused(), old()]), [PackageId(2)].into(), "{name}");
        check(&by_name, [(old().refused(), "no_evidence"), (old(), "selected")]);
    }
}

#[test]
fn what_can_get_no_file_later_is_not_looked_up_for_its_age() {
    for package_type in ["npm", "terraform_module", "cargo"] {
        let old = || row(package_type, "1.0.0", 730);
        let rules = format!("delete: [{{ older_than: 30d, {EVERYTHING} }}]\nkeep: [{{ newest: 1 }}]");
        // Whatever its files say.
        let rows = [
            old().file_of(0.1),
            row(package_type, "1.1.0", 100),
            row(package_type, "1.2.0", 90).file_dated("1980-01-01T00:00:00Z"),
        ];
        let told = world(&rules, rows).judge();
        assert_eq!(told.reasons(), ["selected", "selected", "kept_by_rule"], "{package_type}");
        assert_eq!(told.asked.len(), 0, "{package_type}");
        check(&format!("delete: [{{ older_than: 30d, {EVERYTHING} }}]"), [(old().refused(), "selected")]);
    }
}

/// Which refuses the plan and changes no verdict.
#[test]
fn a_size_that_cannot_be_had_refuses_the_plan_alone() {
    let limited = format!("{ALL}\nlimits: {{ max_bytes: 1GB }}");
    let told = world(&limited, [row("npm", "1.0.0", 730).refused()]).judge();
    assert_eq!(told.reasons(), ["selected"]);
    let (set, _) =
        PolicySet::parse(&[Source::new("a.yaml", format!("version: 1\nscope: {{ group: acme }}\n{limited}\n"))])
            .unwrap();
    assert!(told.plan.approve(&set.policies[0].limits).is_err());
    let answered = world(&limited, [row("npm", "1.0.0", 730)]).judge();
    assert!(answered.plan.approve(&set.policies[0].limits).is_ok());
}

/// A chart or a gem that is pushed again lands in the row that was there.
#[test]
fn what_is_pushed_again_is_as_young_as_its_newest_file() {
    let rules = "delete: [{ older_than: 90d, allow_latest: true, other_indexes: true }]";
    for (package_type, not_selected) in [("helm", "other_index"), ("rubygems", "not_selected")] {
        check(
            rules,
            [
                (row(package_type, "1.0.0", 800).file_of(10.0), not_selected),
                (row(package_type, "1.1.0", 700).file_of(1.0), "min_age"),
                (row(package_type, "1.2.0", 600).file_of(100.0), "selected"),
            ],
        );
    }
}

/// Go's rows have the date of a commit; their files tell when they were made.
#[test]
fn a_commit_of_long_ago_may_have_been_published_today() {
    check(ALL, [(row("golang", "v1.0.0", 3000).file_of(1.0), "min_age"), (row("golang", "v1.1.0", 2000), "selected")]);
}

#[test]
fn sizes_that_are_known_may_be_enough() {
    let rules = "delete: [{ larger_than: 2GB, older_than: 4d }]";
    let sized = |size| row("generic", "1.0", 90).file_sized(Some(size)).file_sized(None);
    check(rules, [(sized(3_000_000_000), "selected"), (sized(1_000_000_000), "not_selected")]);
    let keep = format!("{ALL}\nkeep: [{{ larger_than: 2GB }}]");
    check(&keep, [(sized(3_000_000_000), "kept_by_rule"), (sized(1_000_000_000), "kept_by_rule")]);
}

/// A null of before 2023 says nothing, unless the instance file knows better.
#[test]
fn downloads_are_written_down_since_2023() {
    check(
        "delete: [{ never_downloaded: true }]",
        [
            (row("generic", "1.0", 0).created("2022-12-31T23:59:59Z"), "not_selected"),
            (row("generic", "1.1", 0).created("2023-01-01T00:00:00Z"), "selected"),
        ],
    );
}
