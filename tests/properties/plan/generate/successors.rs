//! Pre-releases beside their releases, and policies that are about little else.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use super::Case;
use super::dates::sensible_date;
use super::in_use::InUseList;
use super::policies::Texts;
use super::registry::{Registry, registry};
use super::rows::{Key, Row, plain_row};

/// Cases in which it decides whether a release is there.
pub(crate) fn superseded_cases() -> impl Strategy<Value = Case> {
    (texts(), versions_of_one_key()).prop_map(|(texts, registry)| Case { texts, registry })
}

fn texts() -> impl Strategy<Value = Texts> {
    let taking = select(vec![
        "prerelease: true",
        "prerelease: true",
        "superseded: true",
        "superseded: true, superseded_by: any",
        "superseded_for: 5d",
        "superseded_for: 30d",
        "superseded_for: 30d, superseded_by: any",
    ]);
    let newest = select(vec![
        "",
        "newest: 1, ",
        "newest: 1, ",
        "newest: 2, ",
        "newest: 1, by: version, ",
        "newest: 1, by: created, ",
    ]);
    let more = select(vec!["", "", "prerelease: true, ", "prerelease: true, newest_per: patch, "]);
    let holding = select(vec!["superseded: false", "superseded: false", "superseded: false, superseded_by: any"]);
    (taking, prop::option::of((newest, more, holding))).prop_map(|(taking, kept)| {
        let keep = kept.map_or_else(String::new, |(newest, more, holding)| {
            let more = if newest.is_empty() { more.replace("newest_per: patch, ", "") } else { more.to_owned() };
            format!("keep: [{{ {newest}{more}{holding} }}]\n")
        });
        let policy = format!(
            "version: 1\nscope: {{ group: acme }}\n\
             delete: [{{ {taking}, allow_latest: true, other_indexes: true, allow_released: true }}]\n\
             {keep}limits: {{ min_age: 1h }}\n"
        );
        Texts { policies: vec![policy], protections: Vec::new(), instance: None, in_use: InUseList::none() }
    })
}

fn versions_of_one_key() -> impl Strategy<Value = Registry> {
    let types = [
        &["npm", "npm", "npm", "pypi", "pypi", "maven", "maven", "nuget", "nuget", "rubygems", "generic", "generic"][..],
        &["cargo", "composer", "conan", "debian", "golang", "helm", "rpm", "terraform_module", "ml_model"],
    ];
    let key = select(types.concat()).prop_map(|package_type| Key {
        project: (1, "acme/platform/api"),
        package_type,
        name: "core",
    });
    let status = prop_oneof![9 => Just("default"), 1 => Just("error")];
    let tags = prop_oneof![6 => Just(Some(Vec::new())), 1 => Just(Some(vec!["beta"])), 1 => Just(None)];
    let row = (any::<prop::sample::Index>(), sensible_date(), status, tags).prop_map(
        |(version, created_at, status, tags)| Row {
            version: Some("1.0"),
            own_version: Some(version),
            created_at: Some(created_at),
            status,
            tags,
            ..plain_row()
        },
    );
    registry(vec(key, 1), row)
}
