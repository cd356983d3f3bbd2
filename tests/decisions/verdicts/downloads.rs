//! `downloads` in the instance file: what a missing download date is worth.

use gleaner::package::{Downloaded, Package};
use gleaner::yaml::Source;
use gleaner_support::{Answers, days_ago, package};

/// NOW is 2026-05-28, 300 days before it is 2025-08-01.
const TRACKED: &str = "tracked_since: 2025-08-01";
const INCOMPLETE: &str = "complete: false";

/// Made and last pulled so many days ago.
fn of(made: i64, downloaded: Option<i64>) -> Package {
    let downloaded = downloaded.map_or(Downloaded::Never, |days| Downloaded::At(days_ago(days)));
    Package { created_at: Some(days_ago(made)), downloaded, ..package(1) }
}

fn told(rules: &str, downloads: Option<&str>, package: &Package) -> &'static str {
    let policy = Source::new("p.yaml", format!("version: 1\nscope: {{ group: acme }}\n{rules}\n"));
    let instance = downloads.map(|downloads| {
        Source::new("instance.yaml", format!("version: 1\ninstance: {{ downloads: {{ {downloads} }} }}\n"))
    });
    let sources: Vec<Source> = [policy].into_iter().chain(instance).collect();
    Answers::default().judge(&sources, vec![package.clone()])[0].1
}

#[test]
fn what_a_delete_rule_makes_of_a_missing_download() {
    let (goes, stays) = ("selected", "not_selected");
    let old = of(1000, None);
    let young = of(100, None);
    let table = [
        ("not_downloaded_for: 90d", None, &old, goes),
        ("not_downloaded_for: 400d", None, &old, goes),
        ("not_downloaded_for: 90d", Some(TRACKED), &old, goes),
        // Downloads have been written down for 300 days only.
        ("not_downloaded_for: 400d", Some(TRACKED), &old, stays),
        ("not_downloaded_for: 90d", Some(TRACKED), &young, goes),
        ("not_downloaded_for: 90d", Some(INCOMPLETE), &old, stays),
        ("not_downloaded_for: 90d", None, &of(1000, Some(100)), goes),
        ("not_downloaded_for: 90d", Some(TRACKED), &of(1000, Some(100)), goes),
        ("not_downloaded_for: 90d", Some(INCOMPLETE), &of(1000, Some(100)), stays),
        ("never_downloaded: true", None, &old, goes),
        ("never_downloaded: true", Some(TRACKED), &old, stays),
        ("never_downloaded: true", Some(TRACKED), &young, goes),
        ("never_downloaded: true", Some(INCOMPLETE), &young, stays),
        ("never_downloaded: true", None, &of(1000, Some(100)), stays),
    ];
    for (condition, downloads, package, expected) in table {
        let rules = format!("delete: [{{ {condition}, allow_latest: true }}]");
        assert_eq!(told(&rules, downloads, package), expected, "{condition} {downloads:?} {package:?}");
    }
}

#[test]
fn what_a_keep_rule_makes_of_a_missing_download() {
    let (goes, stays) = ("selected", "kept_by_rule");
    let old = of(1000, None);
    let young = of(100, None);
    let table = [
        ("downloaded_within: 90d", None, &old, goes),
        ("downloaded_within: 90d", None, &of(1000, Some(80)), stays),
        ("downloaded_within: 90d", None, &of(1000, Some(100)), goes),
        ("downloaded_within: 90d", Some(TRACKED), &old, goes),
        // Somebody may have pulled it before downloads were written down.
        ("downloaded_within: 400d", Some(TRACKED), &old, stays),
        ("downloaded_within: 400d", Some(TRACKED), &young, goes),
        ("downloaded_within: 90d", Some(INCOMPLETE), &old, stays),
        ("downloaded_within: 90d", Some(INCOMPLETE), &of(1000, Some(100)), stays),
        ("not_downloaded_for: 90d", Some(INCOMPLETE), &of(1000, Some(80)), goes),
        ("not_downloaded_for: 90d", Some(INCOMPLETE), &old, stays),
        // Nor does anybody know that it was left alone for so long.
        ("not_downloaded_for: 400d", Some(TRACKED), &old, stays),
        ("not_downloaded_for: 400d", Some(TRACKED), &young, goes),
        ("not_downloaded_for: 5y", None, &of(2500, None), stays),
        ("never_downloaded: true", Some(TRACKED), &old, stays),
        ("never_downloaded: true", Some(TRACKED), &of(1000, Some(80)), goes),
    ];
    for (condition, downloads, package, expected) in table {
        let rules = format!("delete: [{{ older_than: 30d, allow_latest: true }}]\nkeep: [{{ {condition} }}]");
        assert_eq!(told(&rules, downloads, package), expected, "{condition} {downloads:?} {package:?}");
    }
}
