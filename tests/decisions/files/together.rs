//! `keep_newest_per: package`: files of all names counted together.

use gleaner::package::{Lookup, PackageFile};
use gleaner::plan::file_because;
use gleaner_support::NOW;

use super::{codes, files, generic, parsed, planned, planned_on, reasons, sources};

const TWO: &str = "files: [{ type: generic, keep_newest: 2, keep_newest_per: package }]";

#[test]
fn the_newest_of_all_names_stay() {
    let named = [("a-1", 300), ("b-2", 200), ("a-3", 100), ("c/d-4", 50)];
    assert_eq!(reasons(TWO, generic(), &named), ["selected", "selected", "newest", "newest"]);
    let per_name = TWO.replace("package", "name");
    assert_eq!(reasons(&per_name, generic(), &named), ["newest"; 4], "each has a name of its own");
    let of_one_name = [("a", 300), ("a", 200), ("a", 100), ("b", 400)];
    let expected = ["selected", "newest", "newest", "selected"];
    assert_eq!(reasons(TWO, generic(), &of_one_name), expected, "files of one name count one by one");
}

#[test]
fn only_what_file_matches_is_counted() {
    let rules = "files: [{ type: generic, file: \"*.tgz\", keep_newest: 1, keep_newest_per: package }]";
    let named = [("a.tgz", 300), ("b.tgz", 200), ("c.txt", 100), ("d/e.tgz", 50)];
    assert_eq!(reasons(rules, generic(), &named), ["selected", "newest", "not_matched", "not_matched"]);
}

#[test]
fn files_of_one_instant_push_each_other_out_no_more_than_one() {
    let at_once = [("a", 300), ("b", 200), ("c", 200), ("d", 200), ("e", 100)];
    assert_eq!(reasons(TWO, generic(), &at_once), ["selected", "newest", "newest", "newest", "newest"]);
    let at_last = [("a", 300), ("b", 100), ("c", 100), ("d", 100)];
    assert_eq!(reasons(TWO, generic(), &at_last), ["selected", "newest", "newest", "newest"]);
    let of_one_name = [("a", 300), ("b", 100), ("b", 100), ("b", 100)];
    assert_eq!(reasons(TWO, generic(), &of_one_name), ["selected", "newest", "newest", "newest"]);
}

#[test]
fn checksums_follow_and_take_no_place() {
    let named =
        [("a", 300), ("a.sha256", 300), ("b", 200), ("b.asc", 60), ("b.asc.md5", 60), ("c", 100), ("d.md5", 50)];
    let expected = ["selected", "follows", "newest", "stays_with", "stays_with", "newest", "orphan"];
    assert_eq!(reasons(TWO, generic(), &named), expected);
}

#[test]
fn what_is_young_takes_a_place_and_what_has_no_date_takes_none() {
    let rules = TWO.replace("package }", "package, older_than: 30d }");
    assert_eq!(
        reasons(&rules, generic(), &[("a", 300), ("b", 200), ("c", 20), ("d", 10), ("e", 1)]),
        ["selected", "selected", "too_young", "newest", "min_age"]
    );
    let dateless = |name| PackageFile { created_at: None, ..files(&[(name, 1)]).remove(0) };
    let odd = |_| {
        let listed = files(&[("a", 300), ("b", 200), ("c", 100)]);
        Lookup::Found(
            listed.into_iter().chain([PackageFile { id: gleaner::package::FileId(4), ..dateless("d") }]).collect(),
        )
    };
    let plan = planned_on(TWO, &[], vec![generic()], odd);
    assert_eq!(codes(&plan), ["selected", "newest", "newest", "senseless_dates"]);
}

/// Which file is the last does not hang on what the others are called.
#[test]
fn the_last_file_stays_beside_other_rules() {
    let rules = "files:\n  - { type: generic, keep_newest: 1, keep_newest_per: package }\n  \
                 - { type: generic, keep_newest: 0, file: b }";
    assert_eq!(reasons(rules, generic(), &[("a", 300), ("b", 200)]), ["last_file", "selected"]);
    assert_eq!(reasons(rules, generic(), &[("a", 300)]), ["newest"]);
    let crossed = "files:\n  - { type: generic, keep_newest: 1, keep_newest_per: package }\n  \
                   - { type: generic, keep_newest: 1 }";
    assert_eq!(reasons(crossed, generic(), &[("a", 300), ("b", 200), ("b", 100)]), ["selected", "selected", "newest"]);
}

#[test]
fn the_reason_tells_of_the_package() {
    let plan = planned(TWO, generic(), &[("a", 300), ("b", 200), ("c", 100)]);
    let set = parsed(&sources(TWO, &[]));
    let in_force = set.policies_at(NOW).next().unwrap();
    let told: Vec<String> = plan.file_decisions().iter().map(|file| file_because(file, &generic(), in_force)).collect();
    let expected = [
        "3rd newest of 3 files of the package (keep_newest: 2); 300 days old",
        "2nd newest of 3 files of the package (keep_newest: 2)",
        "1st newest of 3 files of the package (keep_newest: 2)",
    ];
    assert_eq!(told, expected);
}
