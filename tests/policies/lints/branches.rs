//! Rules about branches that are gone.

use crate::lints::{of_policy, table};

#[test]
fn what_no_branch_that_goes_has_built() {
    let only_branches = "only a branch is ever gone, and `built_from` names none";
    let common = "a branch called `main`, `master`, `trunk` or `develop` is never taken for gone";
    let never = |why: &str, column: usize| format!("4:{column} this rule never holds: {why}");
    table(
        "scope: { group: acme, types: [generic, npm] }\ndelete:\n- { branch_gone_for: 14d, built_from: {} }",
        &[
            ("{ tag: \"*\" }", &[&never(only_branches, 5)]),
            ("{ tag: \"*\", merge_request: \"*\" }", &[&never(only_branches, 5)]),
            ("main", &[&never(common, 5)]),
            ("[main, master]", &[&never(common, 5)]),
            ("{ branch: \"{main,trunk}\", tag: \"*\" }", &[&never(common, 5)]),
            ("\"feature/*\"", &[]),
            ("[main, \"release/*\"]", &[]),
            ("\"!main\"", &[]),
            ("{ branch: \"*\", tag: \"*\" }", &[]),
            ("\"m*\"", &[]),
        ],
    );
    // Composer's branches name themselves.
    let told = of_policy("scope: { group: acme }\ndelete: [{ branch_gone_for: 14d, built_from: { tag: \"*\" } }]");
    assert_eq!(told, [format!("3:12 this rule holds for branches of `composer` at most: {only_branches}")]);
    // What can't be told holds.
    table(
        "scope: { group: acme }\ndelete: [{ older_than: 30d }]\nkeep: [{ branch_gone_for: 14d, built_from: {} }]",
        &[("{ tag: \"*\" }", &[]), ("main", &[])],
    );
}

#[test]
fn it_is_an_age_and_lifts_min_age_as_unknown_age_does() {
    table(
        "scope: { group: acme, types: [composer] }\ndelete:\n- {}",
        &[("{ branch_gone_for: 14d }", &[]), ("{ branch_gone_for: 0s, version: \"dev-*\" }", &[])],
    );
    // The first takes no branch of Composer, so the second adds something.
    let two =
        |first: &str, second: &str| of_policy(&format!("scope: {{ group: acme }}\ndelete:\n- {first}\n- {second}"));
    assert_eq!(two("{ branch_gone_for: 14d }", "{ branch_gone_for: 30d }").len(), 1);
    assert_eq!(two("{ branch_gone_for: 30d }", "{ branch_gone_for: 14d }").len(), 1);
    let told =
        two("{ version: \"dev-*\", older_than: 72h }", "{ version: \"dev-*\", older_than: 72h, branch_gone_for: 14d }");
    assert!(told.is_empty(), "{told:?}");
}
