//! Delete rules without an age.

use crate::lints::{of_policy, of_set, table};

#[test]
fn a_delete_rule_has_an_age() {
    let missing = "4:3 this rule has no age: it selects a package as soon as `min_age` lets it, after 72h";
    table(
        "scope: { group: acme }\ndelete:\n- {}",
        &[
            ("version: \"*-SNAPSHOT\"", &[missing]),
            ("{ name: \"**\", allow_latest: true }", &[missing]),
            ("never_downloaded: true", &[missing]),
            ("{ version: \"*-rc*\", downloaded_within: 30d }", &[missing]),
            ("{ version: \"*-rc*\", younger_than: 30d }", &[missing]),
            ("{ status: [error, default], name: api }", &[missing]),
            ("{ version: \"*-SNAPSHOT\", older_than: 30d }", &[]),
            ("{ version: \"*-SNAPSHOT\", not_downloaded_for: 30d }", &[]),
            ("{ version: \"*-SNAPSHOT\", older_than: 72h }", &[]),
            // Nobody can install what is in error.
            ("status: error", &[]),
            ("{ status: [error, processing], name: api }", &[]),
        ],
    );
}

#[test]
fn min_age_is_the_least_age() {
    let frame = "scope: { group: acme }\ndelete:\n- { version: x, {} }";
    table(
        frame,
        &[
            ("older_than: 24h", &["4:29 `older_than: 24h` waits for 72h: what is younger stays by `min_age`"]),
            (
                "not_downloaded_for: 1d",
                &["4:37 `not_downloaded_for: 1d` waits for 72h: what is younger stays by `min_age`"],
            ),
            ("older_than: 3d", &[]),
            ("older_than: 1d, not_downloaded_for: 90d", &[]),
        ],
    );
    let lower = format!("{}\nlimits: {{ min_age: 24h }}", frame.replace("{}", "older_than: 24h"));
    assert_eq!(of_policy(&lower), [""; 0]);
}

#[test]
fn keep_and_files_rules_need_none() {
    let keys = "scope: { group: acme }\nkeep: [{ version: \"1.*\" }]\n\
                files: [{ type: generic, keep_newest: 3 }]";
    assert_eq!(of_policy(keys), [""; 0]);
}

#[test]
fn what_rests_on_downloads_needs_them_written_down() {
    let instance = |complete: &str| format!("instance: {{ downloads: {{ complete: {complete} }} }}");
    let keys = "scope: { group: acme }\ndelete:\n\
                - { version: a, not_downloaded_for: 90d }\n\
                - { version: b, older_than: 30d, never_downloaded: true }\n\
                - { version: c, older_than: 30d, downloaded_within: 300d }\n\
                keep:\n\
                - downloaded_within: 30d\n\
                - { version: \"*.Final\", downloaded_within: 30d }";
    let told = of_set(&[("instance.yaml", &instance("false")), ("p.yaml", keys)]);
    let expected = [
        "4:17 this rule never holds: nobody knows how long a package was not downloaded, with `complete: false` in \
         instance.yaml",
        "5:34 this rule never holds: nobody knows that a package was never downloaded, with `complete: false` in \
         instance.yaml",
        "8:3 this rule keeps every package: each may have been downloaded of late, with `complete: false` in \
         instance.yaml",
    ];
    assert_eq!(told, expected);
    assert_eq!(of_set(&[("instance.yaml", &instance("true")), ("p.yaml", keys)]), [""; 0]);
}
