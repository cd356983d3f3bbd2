//! What an in-use file holds, of each type, and what a rule holds beside its other conditions and without its file.

use gleaner::case::Cases;
use gleaner::package::{Package, PackageType};
use gleaner::policy::{InUse, PolicySet};
use gleaner::yaml::Source;
use gleaner_support::package;

const FIRST: &str = "# as of 2026-05-28T20:00:00Z\n";

/// The place that names a package; empty where none does.
fn place(text: &str, package_type: &str, name: &str, version: &str) -> String {
    let package = Package {
        package_type: PackageType::parse(package_type),
        name: name.to_owned(),
        version: (!version.is_empty()).then(|| version.to_owned()),
        ..package(1)
    };
    InUse::parse(text).unwrap().naming(&package).map_or_else(String::new, |spot| spot.to_string())
}

#[test]
fn a_line_holds_by_type_name_and_version_in_any_spelling() {
    let table = [
        ("pkg:npm/%40acme/ui@1.0.0", "npm", "@acme/ui", "1.0.0", true),
        ("pkg:npm/%40acme/ui@1.0.0", "npm", "@acme/ui", "1.0.1", false),
        ("pkg:npm/%40acme/ui@1.0.0", "npm", "@acme/ux", "1.0.0", false),
        ("pkg:npm/%40acme/ui@1.0.0", "generic", "@acme/ui", "1.0.0", false),
        ("pkg:npm/%40acme/ui", "npm", "@acme/ui", "7.0.0", true),
        ("pkg:npm/%40acme/ui", "npm", "@acme/ui", "", true),
        ("pkg:npm/%40acme/ui@1.0.0", "npm", "@acme/ui", "", false),
        ("pkg:npm/%40Acme/UI@1.0.0", "npm", "@acme/ui", "1.0.0", true),
        ("pkg:maven/com.acme.shop/app@1.0", "maven", "com/acme/shop/app", "1.0", true),
        ("pkg:maven/com.acme/app@1.0-20250801.101010-7", "maven", "com/acme/app", "1.0-SNAPSHOT", true),
        ("pkg:maven/com.acme/app@1.0", "maven", "com/acme/app", "1.0-SNAPSHOT", false),
        ("pkg:pypi/acme.core@1.0", "pypi", "Acme_Core", "1.0.0", true),
        ("pkg:nuget/acme.core@1.0", "nuget", "Acme.Core", "1.0.0.0", true),
        ("pkg:cargo/acme_core@1.0.0", "cargo", "acme-core", "1.0.0+b7", true),
        ("pkg:gem/acme@1.0?platform=java", "rubygems", "acme", "1.0", true),
        ("pkg:composer/acme/api@1.2.0", "composer", "acme/api", "v1.2.0", true),
        ("pkg:golang/gitlab.example/acme/api@v2.0.0#v2", "golang", "gitlab.example/acme/api/v2", "v2.0.0", true),
        ("pkg:golang/gitlab.example/acme/api@v1.0.0", "golang", "gitlab.example/acme/api", "v1.0.0", true),
        ("pkg:conan/zlib@1.3?user=acme&channel=stable", "conan", "zlib", "1.3", true),
        ("pkg:helm/shop@1.8.0", "helm", "shop", "v1.8.0", true),
        ("pkg:deb/debian/libssl3@3.0.1-1?upstream=openssl", "debian", "openssl", "3.0.1-1", true),
        ("pkg:deb/debian/libssl3@3.0.1-1%2Bb2?upstream=openssl", "debian", "openssl", "1:3.0.1-1", true),
        ("pkg:deb/debian/libssl3@3.0.1-1", "debian", "openssl", "3.0.1-1", false),
        ("pkg:rpm/fedora/curl@8.5.0-1.fc41?epoch=1", "rpm", "curl", "8.5.0", true),
        ("pkg:terraform/acme/network/aws@1.0.0", "terraform_module", "network/aws", "1.0.0", true),
        ("pkg:mlflow/churn@7", "ml_model", "churn", "7", true),
        ("pkg:generic/tool@nightly", "generic", "tool", "nightly", true),
        ("pkg:swift/acme/kit@1.0.0", "swift", "acme/kit", "1.0.0", true),
    ];
    for (line, package_type, name, version, is_held) in table {
        let text = format!("{FIRST}pkg:npm/other\n{line}\npkg:npm/last\n");
        let expected = if is_held { "line 3" } else { "" };
        assert_eq!(place(&text, package_type, name, version), expected, "{line} {package_type} {name} {version}");
    }
}

#[test]
fn a_component_holds_by_its_package_url_or_else_by_its_name() {
    let document = r#"{"bomFormat": "CycloneDX", "metadata": {
        "timestamp": "2026-05-28T20:00:00Z", "component": {"name": "shop", "version": "1.8.0"}
    }, "components": [
        {"name": "app", "group": "com.acme", "version": "1.0", "purl": "pkg:maven/com.acme/lib@1.0", "components": [
            {"name": "ui", "group": "@acme", "version": "1.0.0"}
        ]},
        {"name": "util", "group": "com.acme", "version": "2.0"},
        {"name": "tool"}
    ]}"#;
    let table = [
        ("maven", "com/acme/lib", "1.0", "component 1"),
        ("maven", "com/acme/app", "1.0", ""),
        ("npm", "@acme/ui", "1.0.0", "component 2"),
        ("maven", "com/acme/util", "2.0", "component 3"),
        ("generic", "util", "2.0", "component 3"),
        ("pypi", "UTIL", "2.0.0", "component 3"),
        ("generic", "util", "2.1", ""),
        ("generic", "tool", "any", "component 4"),
        ("helm", "shop", "1.8.0", "the main component"),
    ];
    for (package_type, name, version, expected) in table {
        assert_eq!(place(document, package_type, name, version), expected, "{package_type} {name} {version}");
    }
}

/// The verdict on npm's `ui` 1.0.0 in `acme/web/shop`, if the file names it, if it doesn't, and if it can't be used.
fn verdicts(scope: &str, rule: &str) -> [String; 3] {
    let policy = "version: 1\nscope: { group: acme }\ndelete: [{ older_than: 30d, allow_latest: true }]\n";
    let protection = format!("version: 1\n{scope}protect: [{{ from: in-use.txt, max_age: 2d{rule} }}]\n");
    let sources = [Source::new("old.yaml", policy), Source::new("in-use.yaml", protection)];
    let (set, _) = PolicySet::parse(&sources).unwrap();
    ["pkg:npm/ui@1.0.0", "pkg:npm/ui@2.0.0", "unusable"].map(|says| {
        let says = if says == "unusable" { says.to_owned() } else { format!("[{says}]") };
        let package = "{ type: npm, name: ui, version: 1.0.0, project: acme/web/shop";
        let is = |expected: &str| {
            let cases = format!(
                "version: 1\nas_of: 2026-06-01\nin_use: {{ in-use.txt: {says} }}\n\
                 cases: [{{ case: one, packages: [{package}, expect: {expected} }}] }}]\n"
            );
            let cases = Cases::parse(&[Source::new("cases.yaml", cases)], &set).unwrap();
            cases.run(&set).is_as_expected()
        };
        let fates = ["delete", "keep, reason: protected"];
        let fate = fates.into_iter().find(|fate| is(fate)).unwrap();
        fate.split(',').next().unwrap().to_owned()
    })
}

#[test]
fn every_other_condition_has_to_hold_as_well() {
    let table = [
        ("", "", ["keep", "delete", "keep"]),
        ("", ", name: ui", ["keep", "delete", "keep"]),
        ("", ", name: api", ["delete", "delete", "delete"]),
        ("", ", type: pypi", ["delete", "delete", "delete"]),
        ("", ", project: \"acme/web/**\"", ["keep", "delete", "keep"]),
        ("", ", older_than: 300d", ["keep", "delete", "keep"]),
        ("", ", younger_than: 300d", ["delete", "delete", "delete"]),
        ("", ", until: 2026-06-01", ["keep", "delete", "keep"]),
        ("", ", until: 2026-05-31", ["delete", "delete", "delete"]),
        ("scope: { group: acme/web }\n", "", ["keep", "delete", "keep"]),
        ("scope: { group: acme/mobile }\n", "", ["delete", "delete", "delete"]),
    ];
    for (scope, rule, expected) in table {
        assert_eq!(verdicts(scope, rule), expected, "{scope}{rule}");
    }
}
