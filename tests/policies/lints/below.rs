//! Rules about versions that come before another one.

use crate::lints::{of_policy, table};

#[test]
fn what_a_type_of_the_rule_can_not_read() {
    let frame = "scope: { group: acme }\ndelete:\n- { older_than: 30d, {} }";
    table(
        frame,
        &[
            (
                "type: golang, version_below: 3.0.0",
                &["4:51 this rule never holds: `3.0.0` can't be read as a version of `golang` packages"],
            ),
            (
                "type: [golang, npm], version_below: 3.0.0",
                &["4:58 of `golang` packages this takes none: `3.0.0` can't be read as a version of `golang` packages"],
            ),
            (
                "type: [cargo, npm], version_below: 3.0",
                &["4:57 this rule never holds: `3.0` can't be read as a version of `cargo` or `npm` packages"],
            ),
            ("type: golang, version_below: v3.0.0", &[]),
            ("type: [maven, pypi, generic], version_below: 3.0", &[]),
            ("type: generic, version_below: 3.0-custom", &[]),
            // There may be no module of Go in the group.
            ("version_below: 3.0.0", &[]),
        ],
    );
    let scoped = "scope: { group: acme, types: [golang] }\ndelete: [{ status: error }]\nkeep:\n- {}";
    table(
        scoped,
        &[
            (
                "version_below: 3.0.0",
                &["5:18 this holds for each of them: `3.0.0` can't be read as a version of `golang` packages"],
            ),
            ("version_below: v3.0.0", &[]),
        ],
    );
    let hint = |keys: &str| crate::lints::lints(&[("p.yaml", &format!("version: 1\n{keys}\n"))])[0].hint.clone();
    assert_eq!(
        hint(&frame.replace("{}", "type: golang, version_below: 3.0.0")),
        Some("versions of `golang` packages begin with `v`: write `v3.0.0`".to_owned())
    );
}

#[test]
fn rules_that_leave_another_one_nothing_to_do() {
    let of = |scope: &str, first: &str, second: &str| {
        of_policy(&format!(
            "scope: {{ group: acme{scope} }}\ndelete:\n- {{ older_than: 30d, {first} }}\n- {{ older_than: 30d, {second} }}"
        ))
    };
    let second = ["5:3 this rule adds nothing: the rule in line 4 selects everything that it does"];
    assert_eq!(of("", "version_below: 3.0.0", "version_below: 2.0.0"), second);
    assert_eq!(of("", "version_below: 3.0.0", "version_below: 3.0.0"), second);
    assert_eq!(of("", "version_below: 3.0.0", "version_below: 3.0.0, prerelease: true"), second);
    assert_eq!(of(", types: npm", "version_below: 3.0.0", "version_below: 3.0.0-rc.1"), second);
    assert_eq!(of("", "version_below: 3.0.0, prerelease: true", "version_below: 2.0.0"), [""; 0]);
    // npm reads three numbers alone, so that nothing of it goes by 2.0 or 3.0.
    assert_eq!(of("", "version_below: 3.0.0", "version_below: 2.0"), second);
    assert_eq!(of("", "version_below: 3.0", "version_below: 2.0.0"), [""; 0]);
    assert_eq!(of(", types: [maven, pypi]", "version_below: 3.0.0", "version_below: 2.0"), second);
    assert_eq!(of(", types: generic", "version_below: 3.0", "version_below: 3.0-custom"), [""; 0]);
    let keep = |delete: &str, keep: &str| {
        of_policy(&format!(
            "scope: {{ group: acme }}\ndelete:\n- {{ older_than: 30d, {delete} }}\nkeep:\n- version_below: {keep}"
        ))
    };
    let nothing = ["4:3 this rule deletes nothing: the keep rule in line 6 keeps everything that it selects"];
    assert_eq!(keep("version_below: 2.0.0", "3.0.0"), nothing);
    assert_eq!(keep("version_below: 3.0.0", "2.0.0"), [""; 0]);
}

#[test]
fn a_version_that_does_not_come_before_it() {
    let never = "4:3 this rule never holds: no version under `version` comes before 3.0.0";
    table(
        "scope: { group: acme, types: npm }\ndelete:\n- { older_than: 30d, version_below: 3.0.0, version: {} }",
        &[
            ("3.0.0", &[never]),
            ("[3.1.0, 4.0.0]", &[never]),
            ("[2.1.0, 4.0.0]", &[]),
            ("\"3.*\"", &[]),
            ("\"!3.1.0\"", &[]),
            ("3.0.0-rc.1", &[]),
        ],
    );
}

#[test]
fn newest_that_counts_the_higher_versions_too() {
    let keys = "scope: { group: acme }\ndelete: [{ older_than: 30d, version_below: 3.0.0 }]\nkeep: [{ newest: 3 }]";
    let every = "4:10 `newest: 3` counts every version, and may keep none of the few that the delete rules select";
    assert_eq!(of_policy(keys), [every]);
    assert_eq!(of_policy(&keys.replace("newest: 3", "newest: 3, version_below: 3.0.0")), [""; 0]);
}
