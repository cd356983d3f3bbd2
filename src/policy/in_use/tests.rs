use super::*;

const LIST: &str = "# as of 2026-11-27T10:00:00Z\n# what runs\n\npkg:maven/com.acme/app@1.0\npkg:npm/%40acme/ui\n";

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// What is wrong with a file, or how much it names of what time.
fn read(text: &str) -> String {
    match InUse::parse(text) {
        Ok(in_use) => format!("{} of {}, {} foreign", in_use.len(), in_use.as_of, in_use.foreign),
        Err(unusable) => unusable.to_string(),
    }
}

#[test]
fn a_list_is_read_whole_or_not_at_all() {
    let no_time = "it doesn't say of what time it is: its first line has to be as in `# as of 2026-11-27T10:00:00Z`";
    let first = "# as of 2026-11-27T10:00:00Z\n";
    let table = [
        (LIST.to_owned(), "2 of 2026-11-27T10:00:00Z, 0 foreign".to_owned()),
        (LIST.replace('\n', "\r\n"), "2 of 2026-11-27T10:00:00Z, 0 foreign".to_owned()),
        (format!("\u{feff}{LIST}"), "2 of 2026-11-27T10:00:00Z, 0 foreign".to_owned()),
        ("#as of 2026-11-27T11:00:00+01:00\npkg:npm/a\n".to_owned(), "1 of 2026-11-27T10:00:00Z, 0 foreign".to_owned()),
        // Two lists, one behind the other: the earlier time counts.
        (
            format!("{LIST}# as of 2026-11-25T10:00:00Z\npkg:npm/b@1\n"),
            "3 of 2026-11-25T10:00:00Z, 0 foreign".to_owned(),
        ),
        (
            format!("{first}pkg:npm/a\npkg:oci/shop@1\npkg:apk/alpine/curl\n"),
            "3 of 2026-11-27T10:00:00Z, 2 foreign".to_owned(),
        ),
        (
            format!("{first}pkg:oci/shop@1\n"),
            "none of its 1 package URLs is of a type that GitLab's registry has".to_owned(),
        ),
        (String::new(), "it names no package".to_owned()),
        (" \n\n".to_owned(), "it names no package".to_owned()),
        (first.to_owned(), "it names no package".to_owned()),
        (format!("{first}\n# nothing today\n"), "it names no package".to_owned()),
        (LIST.replace("# as of", "# of"), no_time.to_owned()),
        (format!("\n{LIST}"), no_time.to_owned()),
        ("# what runs\n".to_owned() + LIST, no_time.to_owned()),
        (
            LIST.replace("27T10:00:00Z", "27"),
            "the time in line 1 can't be read: it has to be as in `2026-11-27T10:00:00Z`".to_owned(),
        ),
        (
            format!("{LIST}# as of yesterday\n"),
            "the time in line 6 can't be read: it has to be as in `2026-11-27T10:00:00Z`".to_owned(),
        ),
        (format!("{LIST}acme/ui@1.0\n"), "line 6 is no package URL: it does not begin with `pkg:`".to_owned()),
        (
            format!("{LIST}pkg:npm/b@1 # web\n"),
            "line 6 is no package URL: it has a space or a control character in it".to_owned(),
        ),
        (LIST.trim_end().to_owned(), "its last line has no end, so it may be cut short".to_owned()),
        ("glpat-0123456789abcdef\n".to_owned(), "line 1 is no package URL: it does not begin with `pkg:`".to_owned()),
        (
            "SPDXVersion: SPDX-2.3\n".to_owned(),
            "it is SPDX: convert it to CycloneDX in JSON, as `syft convert FILE -o cyclonedx-json` does".to_owned(),
        ),
    ];
    for (text, expected) in table {
        assert_eq!(read(&text), expected, "{text}");
    }
}

#[test]
fn a_cyclonedx_document_is_read_whole_or_not_at_all() {
    let document = |metadata: &str, components: &str| {
        format!(
            "{{\"bomFormat\": \"CycloneDX\", \"specVersion\": \"1.6\",\n\"metadata\": {metadata},\n\"components\": {components}}}"
        )
    };
    let now =
        r#"{"timestamp": "2026-11-27T10:00:00Z", "component": {"type": "container", "name": "shop", "version": "1"}}"#;
    let one = r#"[{"type": "library", "name": "ui", "purl": "pkg:npm/%40acme/ui@1.0.0"}]"#;
    let table = [
        (document(now, one), "2 of 2026-11-27T10:00:00Z, 0 foreign"),
        (
            document(
                now,
                r#"[{"name": "app", "purl": "pkg:oci/app@1", "components": [{"name": "ui", "version": "1"}]}]"#,
            ),
            "3 of 2026-11-27T10:00:00Z, 1 foreign",
        ),
        (document(now, "[]"), "it names no package"),
        (document("null", one), "it doesn't say of what time it is: `metadata.timestamp` is missing"),
        (document("{}", one), "it doesn't say of what time it is: `metadata.timestamp` is missing"),
        (
            document(r#"{"timestamp": "monday"}"#, one),
            "the time in `metadata.timestamp` can't be read: it has to be as in `2026-11-27T10:00:00Z`",
        ),
        (
            document(now, r#"[{"name": "ui", "components": [{"name": "x", "purl": "npm:ui"}]}]"#),
            "component 2 is no package URL: it does not begin with `pkg:`",
        ),
        (document(now, r#"[{"type": "library"}]"#), "component 1 has neither a `purl` nor a `name`"),
        (document(now, "[{\"name\":\n7}]"), "line 4 is not as in a CycloneDX document"),
        (document(now, "[{"), "line 3 is not JSON"),
        (
            r#"{"spdxVersion": "SPDX-2.3"}"#.to_owned(),
            "it is SPDX: convert it to CycloneDX in JSON, as `syft convert FILE -o cyclonedx-json` does",
        ),
        (
            r#"{"token": "glpat-0123456789abcdef"}"#.to_owned(),
            "it is JSON, and no CycloneDX document: `bomFormat` is not `CycloneDX`",
        ),
        (
            r#"["CycloneDX", null, null, []]"#.to_owned(),
            "it is JSON, and no CycloneDX document: `bomFormat` is not `CycloneDX`",
        ),
        (
            "<?xml version=\"1.0\"?>\n<bom/>".to_owned(),
            "it is XML: convert it to CycloneDX in JSON, as `cyclonedx convert --output-format json` does",
        ),
    ];
    for (text, expected) in table {
        assert_eq!(read(&text), expected, "{text}");
    }
}

#[test]
fn its_own_time_is_held_against_the_present() {
    let judged = |now: &str| {
        let mut from = FromFile::unread("in-use.txt", Age::parse("2d").unwrap(), "policies/legal.yaml");
        assert_eq!(from.reading, Err(Unusable::Unread));
        let reading = InUse::parse(LIST).map(Arc::new);
        from.read(&InUseFiles([("policies/in-use.txt".to_owned(), reading)].into()), at(now));
        from.reading.err().map(|unusable| unusable.to_string())
    };
    let old = "it is of 2026-11-27T10:00:00Z, which is more than 2d ago";
    let future = "it says that it is of 2026-11-27T10:00:00Z, which is in the future";
    let table = [
        ("2026-11-27T10:00:00Z", None),
        ("2026-11-29T10:00:00Z", None),
        ("2026-11-29T10:00:01Z", Some(old)),
        ("2026-11-27T09:55:00Z", None),
        ("2026-11-27T09:54:59Z", Some(future)),
    ];
    for (now, expected) in table {
        assert_eq!(judged(now).as_deref(), expected, "{now}");
    }
    let mut from = FromFile::unread("in-use.txt", Age::parse("2d").unwrap(), "legal.yaml");
    from.read(&InUseFiles::default(), at("2026-11-27T10:00:00Z"));
    assert_eq!(from.reading, Err(Unusable::Missing));
}

#[test]
fn a_path_is_that_of_the_file_beside_the_policy() {
    let table = [
        ("in-use.txt", "policies/legal.yaml", "policies/in-use.txt"),
        ("./in-use.txt", "policies/legal.yaml", "policies/in-use.txt"),
        ("in-use.txt", "legal.yaml", "in-use.txt"),
        ("../in-use/cluster.txt", "policies/legal.yaml", "policies/../in-use/cluster.txt"),
        ("/in-use/cluster.txt", "policies/legal.yaml", "/in-use/cluster.txt"),
    ];
    for (from, beside, expected) in table {
        assert_eq!(resolved(from, beside), expected);
    }
}
