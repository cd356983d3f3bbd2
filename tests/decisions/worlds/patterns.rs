//! What patterns reach: folders and what is in them, and Conan's `_/_`.

use crate::worlds::judgement::{ALL, World, check, row};

#[test]
fn what_is_saved_below_a_folder_is_saved_itself() {
    let lib = || row("generic", "1.0", 90).named("lib");
    let below = || row("generic", "1.0", 90).named("lib/x");
    let other = || row("generic", "1.0", 90).named("other");
    check(
        &format!("{ALL}\nkeep: [{{ name: 'lib/**' }}]"),
        [(lib(), "kept_by_rule"), (below(), "kept_by_rule"), (other(), "selected")],
    );
    check(
        "delete: [{ name: ['**', '!lib/**'] }]",
        [(lib(), "not_selected"), (below(), "not_selected"), (other(), "selected")],
    );
    // What is deleted, or let go of, is only what is named.
    check("delete: [{ name: 'lib/**' }]", [(lib(), "not_selected"), (below(), "selected"), (other(), "not_selected")]);
    check(
        &format!("{ALL}\nkeep: [{{ name: ['**', '!lib/**'] }}]"),
        [(lib(), "kept_by_rule"), (below(), "selected"), (other(), "kept_by_rule")],
    );
}

#[test]
fn a_project_is_of_its_own_folder() {
    let policy = |paths: &str| format!("version: 1\nscope: {{ group: acme{paths} }}\n{ALL}\n");
    let rows = || [row("generic", "1.0", 90)];
    let hold = "version: 1\nprotect: [{ project: 'acme/app/**' }]\n";
    assert_eq!(World::of(&[&policy(""), hold], rows()).judge().reasons(), ["protected"]);
    let outside = policy(", paths: ['**', '!acme/app/**']");
    assert!(World::of(&[&outside], rows()).judge().reasons().is_empty());
    let below = policy(", paths: 'acme/app/**'");
    assert!(World::of(&[&below], rows()).judge().reasons().is_empty());
}

#[test]
fn no_user_and_no_channel_is_no_channel() {
    // Of an upload that failed there is no latest version that would stay.
    let none = || row("conan", "1.0", 90).channel("_/_").status("error");
    let some = || row("conan", "1.0", 90).channel("acme/stable").status("error");
    let deleting = |channel| format!("delete: [{{ channel: {channel}, allow_latest: true }}]");
    check(&deleting("'*'"), [(none(), "not_selected"), (some(), "selected")]);
    check(&deleting("_/_"), [(none(), "not_selected"), (some(), "not_selected")]);
    check(&deleting("'!acme/testing'"), [(none(), "not_selected"), (some(), "selected")]);
    let keeping = |channel| format!("{ALL}\nkeep: [{{ channel: {channel} }}]");
    check(&keeping("_/_"), [(none(), "kept_by_rule"), (some(), "selected")]);
    check(&keeping("'*'"), [(none(), "kept_by_rule"), (some(), "kept_by_rule")]);
    check(&keeping("'!acme/testing'"), [(none(), "kept_by_rule"), (some(), "kept_by_rule")]);
    check(&keeping("acme/stable"), [(none(), "selected"), (some(), "kept_by_rule")]);
    // It is a key of its own.
    check(
        &format!("{ALL}\nkeep: [{{ newest: 1 }}]"),
        [
            (row("conan", "1.0", 90).channel("_/_"), "kept_by_rule"),
            (row("conan", "1.1", 50).channel("acme/stable"), "kept_by_rule"),
        ],
    );
}
