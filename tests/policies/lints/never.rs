//! Rules that hold for no package.

use crate::lints::{of_set, table};

#[test]
fn ages_that_no_package_has_at_once() {
    table(
        "scope: { group: acme }\ndelete:\n- {}",
        &[
            (
                "{ older_than: 90d, younger_than: 30d }",
                &["4:3 this rule never holds: no package is older than 90d and younger than 30d"],
            ),
            (
                "{ not_downloaded_for: 30d, downloaded_within: 30d }",
                &["4:3 this rule never holds: no package was downloaded within 30d and not for 30d"],
            ),
            (
                "{ younger_than: 60d, not_downloaded_for: 90d }",
                &["4:3 this rule never holds: what is younger than 60d can't have gone without a download for 90d"],
            ),
            ("{ older_than: 30d, younger_than: 90d }", &[]),
            ("{ not_downloaded_for: 30d, downloaded_within: 90d }", &[]),
            ("{ younger_than: 120d, not_downloaded_for: 90d }", &[]),
        ],
    );
    table(
        "scope: { group: acme }\ndelete: [{ status: error }]\nkeep:\n- {}",
        &[
            (
                "{ downloaded_within: 30d, never_downloaded: true }",
                &["5:3 this rule never holds: no package was downloaded of late and never"],
            ),
            // A package that nobody pulled can get a file today, and a keep rule looks at the download alone.
            ("{ younger_than: 60d, not_downloaded_for: 90d }", &[]),
        ],
    );
}

#[test]
fn types_outside_of_the_scope() {
    table(
        "scope: { group: acme, types: [maven, npm] }\ndelete:\n- { older_than: 30d, type: {} }",
        &[
            ("pypi", &["4:28 this rule never holds: `scope.types` leaves `pypi` out, and has only `maven` and `npm`"]),
            (
                "[npm, pypi]",
                &["4:34 `pypi` says nothing here: `scope.types` leaves it out, and has only `maven` and `npm`"],
            ),
            ("[npm, maven]", &[]),
        ],
    );
    table("scope: { group: acme }\ndelete:\n- { older_than: 30d, type: {} }", &[("pypi", &[])]);
    table(
        "scope: { group: acme, types: {} }\nfiles: [{ type: maven, keep_newest: 3 }]",
        &[
            ("npm", &["3:17 this rule never holds: `scope.types` leaves `maven` out, and has only `npm`"]),
            ("[npm, maven]", &[]),
        ],
    );
}

#[test]
fn statuses_that_never_go() {
    let never = "4:3 this rule can never delete: packages of such a status are always kept";
    table(
        "scope: { group: acme }\ndelete:\n- { older_than: 30d, status: {} }",
        &[("[processing, hidden]", &[never]), ("pending_destruction", &[never]), ("[processing, error]", &[])],
    );
    let never = "3:9 this rule never holds: files go only of packages that can be installed";
    table(
        "scope: { group: acme }\nfiles: [{ type: generic, keep_newest: 3, status: {} }]",
        &[("error", &[never]), ("[error, deprecated]", &[])],
    );
}

#[test]
fn what_packages_of_a_type_do_not_have() {
    table(
        "scope: { group: acme, types: [{}] }\ndelete:\n- { older_than: 30d, tag: beta }",
        &[
            ("maven, pypi", &["4:22 this rule never holds: `maven` or `pypi` packages have no tags"]),
            ("maven, npm", &[]),
            ("nuget", &[]),
        ],
    );
    table(
        "scope: { group: acme, types: [maven] }\ndelete:\n- { older_than: 30d, tag: {} }",
        &[("\"!beta\"", &["4:22 this says nothing: `maven` packages have no tags"])],
    );
    table(
        "scope: { group: acme }\ndelete:\n- { older_than: 30d, type: {}, channel: \"*/testing\" }",
        &[("npm", &["4:33 this rule never holds: `npm` packages have no channel"]), ("conan", &[])],
    );
    table(
        "scope: { group: acme }\ndelete:\n- { older_than: 30d, type: {}, prerelease: true }",
        &[
            ("[ml_model]", &["4:40 this rule never holds: of `ml_model` packages nobody can tell the pre-releases"]),
            ("[ml_model, generic]", &[]),
            ("generic", &[]),
        ],
    );
    table(
        "scope: { group: acme, types: ml_model }\ndelete: [{ status: error }]\nkeep:\n- prerelease: {}",
        &[("false", &["5:3 this holds for each of them: of `ml_model` packages nobody can tell the pre-releases"])],
    );
}

#[test]
fn the_latest_version_of_what_has_none() {
    table(
        "scope: { group: acme, types: [{}] }\ndelete:\n- { older_than: 30d, allow_latest: true }",
        &[
            (
                "generic, ml_model",
                &["4:22 `allow_latest` says nothing: of `generic` or `ml_model` packages no version is the latest"],
            ),
            ("generic, maven", &[]),
        ],
    );
}

#[test]
fn how_files_are_counted_where_none_stays_for_its_place() {
    table(
        "scope: { group: acme }\nfiles:\n- { type: generic, file: \"*.log\", keep_newest_per: package, keep_newest: {} }",
        &[
            ("0", &["4:35 `keep_newest_per` says nothing beside `keep_newest: 0`: no file stays for its place"]),
            ("1", &[]),
        ],
    );
}

#[test]
fn files_that_no_rule_takes() {
    let metadata = |text: &str| format!("3:46 `maven-metadata.xml` always stays, so nothing matches `{text}`");
    let companions = |text: &str| {
        format!("3:46 checksums and signatures go with the file that they belong to, so nothing matches `{text}`")
    };
    table(
        "scope: { group: acme }\nfiles: [{ type: maven, keep_newest: 3, file: {} }]",
        &[
            ("maven-metadata.xml", &[&metadata("maven-metadata.xml")]),
            ("maven-metadata.xml.sha1", &[&metadata("maven-metadata.xml.sha1")]),
            ("\"*.sha1\"", &[&companions("*.sha1")]),
            ("\"*.{md5,asc}\"", &[&companions("*.{md5,asc}")]),
            ("\"*.jar\"", &[]),
            ("\"*.{jar,sha1}\"", &[]),
            ("\"maven-*\"", &[]),
        ],
    );
}

#[test]
fn a_protection_is_looked_at_as_well() {
    let policy = ("p.yaml", "scope: { group: acme }\ndelete: [{ status: error }]");
    let told = of_set(&[
        policy,
        (
            "hold.yaml",
            "scope: { group: acme, types: npm }\nprotect:\n- type: maven\n- { older_than: 30d, younger_than: 7d }\n\
             - type: npm\n- { name: gone, until: 2026-10-31 }",
        ),
    ]);
    let expected = [
        "4:9 this rule never holds: `scope.types` leaves `maven` out, and has only `npm`",
        "5:3 this rule never holds: no package is older than 30d and younger than 7d",
        "7:24 this rule ended on 2026-10-31: it holds no longer",
    ];
    assert_eq!(told, expected);
}
