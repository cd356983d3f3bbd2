use super::*;

/// The type, the names and the versions of a package URL, in one line.
fn read(text: &str) -> String {
    match Purl::parse(text) {
        Ok(purl) => format!("{} {:?} {:?}", purl.package_type, purl.names, purl.versions),
        Err(error) => error.to_string(),
    }
}

#[test]
fn the_names_are_those_that_gitlab_shows() {
    let table = [
        ("pkg:maven/com.acme/app@1.0", r#"maven ["com.acme/app", "com/acme/app"] ["1.0"]"#),
        ("pkg:maven/com.acme/app@1.0?type=jar&classifier=sources", r#"maven ["com.acme/app", "com/acme/app"] ["1.0"]"#),
        ("pkg:npm/%40acme/ui@1.0.0", r#"npm ["@acme/ui"] ["1.0.0"]"#),
        ("pkg:npm/@acme/ui@1.0.0", r#"npm ["@acme/ui"] ["1.0.0"]"#),
        ("pkg:npm/@acme/ui", r#"npm ["@acme/ui"] []"#),
        ("pkg:npm/acme/ui@1.0.0", r#"npm ["@acme/ui", "acme/ui"] ["1.0.0"]"#),
        ("pkg:npm/left-pad@1.3.0", r#"npm ["left-pad"] ["1.3.0"]"#),
        ("pkg:pypi/Acme_Core@1.0", r#"pypi ["acme-core"] ["1.0"]"#),
        ("pkg:nuget/Acme.Core@1.0.0", r#"nuget ["acme.core"] ["1.0.0"]"#),
        ("pkg:gem/acme@1.0?platform=java", r#"rubygems ["acme"] ["1.0"]"#),
        ("pkg:composer/Acme/API@dev-main", r#"composer ["acme/api"] ["dev-main"]"#),
        ("pkg:cargo/acme_core@1.0.0", r#"cargo ["acme-core"] ["1.0.0"]"#),
        ("pkg:golang/gitlab.example/acme/api@v1.0.0", r#"golang ["gitlab.example/acme/api"] ["v1.0.0"]"#),
        (
            "pkg:golang/gitlab.example/acme/api@v2.0.0#v2/client",
            r#"golang ["gitlab.example/acme/api", "gitlab.example/acme/api/v2", "gitlab.example/acme/api/v2/client"] ["v2.0.0"]"#,
        ),
        ("pkg:conan/acme/zlib@1.2?user=acme&channel=stable", r#"conan ["acme/zlib", "zlib"] ["1.2"]"#),
        ("pkg:helm/shop@1.2.3", r#"helm ["shop"] ["1.2.3"]"#),
        ("pkg:deb/debian/curl@8.5.0-2?arch=amd64", r#"debian ["curl", "debian/curl"] ["8.5.0-2"]"#),
        (
            "pkg:deb/debian/libssl3@3.0.1-1%2Bb1?arch=amd64&upstream=openssl%403.0.1-1",
            r#"debian ["debian/libssl3", "libssl3", "openssl"] ["3.0.1-1+b1", "3.0.1-1"]"#,
        ),
        ("pkg:deb/debian/libssl3?upstream=openssl%403.0", r#"debian ["debian/libssl3", "libssl3", "openssl"] []"#),
        ("pkg:rpm/fedora/curl@8.5.0-1.fc41?epoch=1", r#"rpm ["curl", "fedora/curl"] ["8.5.0-1.fc41"]"#),
        ("pkg:generic/tool@1.0", r#"generic ["tool"] ["1.0"]"#),
        (
            "pkg:terraform/registry.acme.example/infra/network/aws@1.0.0",
            r#"terraform_module ["network/aws", "registry.acme.example/infra/network/aws"] ["1.0.0"]"#,
        ),
        ("pkg:mlflow/churn@7", r#"ml_model ["churn"] ["7"]"#),
        ("pkg:oci/shop@sha256%3Aab12?repository_url=ghcr.io", r#"oci ["shop"] ["sha256:ab12"]"#),
        ("pkg:rubygems/acme@1.0", r#"rubygems ["acme"] ["1.0"]"#),
    ];
    for (text, expected) in table {
        assert_eq!(read(text), expected, "{text}");
    }
}

#[test]
fn it_is_read_as_it_is_meant() {
    let table = [
        ("PKG:NPM/a@1", r#"npm ["a"] ["1"]"#),
        ("pkg://npm//a@1", r#"npm ["a"] ["1"]"#),
        ("pkg:npm/a@", r#"npm ["a"] []"#),
        ("pkg:generic/a@feature/x", r#"generic ["a"] ["feature/x"]"#),
        ("pkg:generic/a%40b@1%2F2", r#"generic ["a@b"] ["1/2"]"#),
        ("pkg:generic/%C3%BCber@1", r#"generic ["über"] ["1"]"#),
        ("npm/a@1", "it does not begin with `pkg:`"),
        ("a", "it does not begin with `pkg:`"),
        ("glpat-xxxxxxxxxxxx", "it does not begin with `pkg:`"),
        ("pkg:npm", "its type can't be read"),
        ("pkg:/a", "its type can't be read"),
        ("pkg:n=m/a", "its type can't be read"),
        ("pkg:npm/", "it has no name"),
        ("pkg:npm/@1", "it has no name"),
        ("pkg:npm/@acme", "it has no name"),
        ("pkg:npm/a@1 # prod", "it has a space or a control character in it"),
        ("pkg:npm/a@1,pkg:npm/b@1", "it has more in it than one package URL"),
        ("pkg:npm/a@1pkg:npm/b@1", "it has more in it than one package URL"),
        ("pkg:npm/a@1;", "it has more in it than one package URL"),
        ("pkg:npm/a@1\\n", "it has more in it than one package URL"),
        ("pkg:npm/a@1\"", "it has more in it than one package URL"),
        ("pkg:generic/a@1?checksum=sha1:ab,sha256:cd", r#"generic ["a"] ["1"]"#),
        ("pkg:npm/a%0Ab@1", "it has a space or a control character in it"),
        ("pkg:npm/a%4@1", "its percent-encoding can't be read"),
        ("pkg:npm/a%zz@1", "its percent-encoding can't be read"),
        ("pkg:npm/a%é@1", "its percent-encoding can't be read"),
        ("pkg:npm/a%FF@1", "its percent-encoding can't be read"),
    ];
    for (text, expected) in table {
        assert_eq!(read(text), expected, "{text}");
    }
}
