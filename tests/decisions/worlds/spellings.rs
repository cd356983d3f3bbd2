//! Names and versions that are one to the clients of a type.

use crate::worlds::judgement::{ALL, Row, World, check, row};

/// What saves a package finds it however it is written.
#[test]
fn a_hold_finds_every_spelling() {
    // The type, name and version of a row, and a condition that holds it.
    let table = [
        ("pypi", "Acme.Core", "1.0", "name: acme_core"),
        ("pypi", "acme-core", "1.0", "name: 'Acme_*'"),
        ("pypi", "acme__core", "1.0", "name: '{x,ACME-Core}'"),
        ("nuget", "Acme.Core", "1.0", "name: acme.core"),
        ("cargo", "acme_core", "1.0.0", "name: acme-core"),
        ("nuget", "core", "1.0.0", "version: '1.0'"),
        ("nuget", "core", "1.0", "version: 1.0.0.0"),
        ("nuget", "core", "1.0.0-rc1", "version: 1.0-RC1"),
        ("pypi", "core", "1.0", "version: 1.0.0"),
        ("pypi", "core", "1.0rc1", "version: 1.0.0-RC1"),
        ("pypi", "core", "v1.0", "version: ['1', '2']"),
    ];
    for (package_type, name, version, condition) in table {
        let written = || row(package_type, version, 90).named(name);
        check(&format!("{ALL}\nkeep: [{{ {condition} }}]"), [(written(), "kept_by_rule")]);
        let policy = format!("version: 1\nscope: {{ group: acme }}\n{ALL}\n");
        let hold = format!("version: 1\nprotect: [{{ {condition} }}]\n");
        assert_eq!(World::of(&[&policy, &hold], [written()]).judge().reasons(), ["protected"], "{condition}");
    }
}

/// Of an upload that failed there is no latest version that would stay.
fn failed(package_type: &str, version: &str) -> Row {
    row(package_type, version, 90).status("error")
}

#[test]
fn what_is_taken_away_from_a_deletion_is_so_in_every_spelling() {
    check(
        "delete: [{ name: ['**', '!acme_core'], allow_latest: true }]",
        [
            (failed("pypi", "1.0").named("Acme.Core"), "not_selected"),
            (failed("nuget", "1.0").named("Acme.Core"), "selected"),
            (failed("nuget", "1.0").named("ACME_Core"), "not_selected"),
            (failed("npm", "1.0.0").named("Acme_Core"), "selected"),
        ],
    );
    check(
        "delete: [{ version: ['*', '!1.0'], allow_latest: true }]",
        [
            (failed("nuget", "1.0.0"), "not_selected"),
            (failed("pypi", "1"), "not_selected"),
            (failed("generic", "1.0.0"), "selected"),
        ],
    );
}

#[test]
fn what_is_deleted_or_let_go_of_is_what_is_shown() {
    check(
        "delete: [{ name: acme_core, allow_latest: true }]",
        [
            (failed("pypi", "1.0").named("Acme.Core"), "not_selected"),
            (failed("pypi", "1.0").named("acme_core"), "selected"),
        ],
    );
    check(
        "delete: [{ version: '1.0', allow_latest: true }]",
        [(failed("nuget", "1.0.0"), "not_selected"), (failed("nuget", "1.0"), "selected")],
    );
    check(
        &format!("{ALL}\nkeep: [{{ name: ['**', '!acme_core'] }}]"),
        [
            (row("pypi", "1.0", 90).named("Acme.Core"), "kept_by_rule"),
            (row("pypi", "1.0", 90).named("acme_core"), "selected"),
        ],
    );
}

/// What is matched by its spelling takes a place, and names that are one have one count.
#[test]
fn spellings_of_a_name_have_one_newest() {
    let rules = format!("{ALL}\nkeep: [{{ newest: 1, name: acme-core }}]");
    for (package_type, one, other) in
        [("pypi", "Acme.Core", "acme_core"), ("cargo", "acme_core", "Acme-Core"), ("nuget", "Acme-Core", "acme-core")]
    {
        check(
            &rules,
            [
                (row(package_type, "1.0.0", 90).named(one), "selected"),
                (row(package_type, "1.1.0", 50).named(other), "kept_by_rule"),
            ],
        );
    }
    check(
        &format!("{ALL}\nkeep: [{{ newest: 1 }}]"),
        [
            (row("npm", "1.0.0", 90).named("acme_core"), "kept_by_rule"),
            (row("npm", "1.1.0", 50).named("acme-core"), "kept_by_rule"),
        ],
    );
}
