//! The schemas of values: every form once, for the keys to refer to.

use serde_json::{Value, json};

use super::{mapping, shape};
use crate::package::{PackageType, RefKind, Status};

/// Refers to the form of this name.
pub(super) fn form(name: &str) -> Value {
    json!({ "$ref": format!("#/definitions/{name}") })
}

/// Refers to the form of this name, with a description. (Draft 7 passes over keys beside a `$ref`.)
pub(super) fn described(name: &str, description: &str) -> Value {
    json!({ "description": description, "allOf": [form(name)] })
}

pub(super) fn list(name: &str, description: &str) -> Value {
    json!({ "description": description, "type": "array", "items": form(name), "minItems": 1 })
}

pub(super) fn switch(description: &str) -> Value {
    json!({ "description": description, "type": "boolean" })
}

pub(super) fn words(words: &[&str], description: &str) -> Value {
    json!({ "description": description, "enum": words })
}

pub(super) fn with_default(default: impl Into<Value>, value: Value) -> Value {
    with("default", default, value)
}

pub(super) fn definitions() -> Vec<(String, Value)> {
    let forms = [scalars(), names(), patterns()];
    forms.into_iter().flatten().map(|(name, form)| (name.to_owned(), form)).collect()
}

fn scalars() -> Vec<(&'static str, Value)> {
    let date = text(&shape::date(), "year, month and day: `2027-01-31`", &["2027-01-31"]);
    let instant = text(
        &shape::instant(),
        "a day, `2026-12-31`, or an instant with its zone: `2026-12-31T18:00:00+01:00`",
        &["2026-12-31T18:00:00+01:00"],
    );
    vec![
        ("switch", json!({ "type": "boolean" })),
        ("only_true", json!({ "const": true })),
        ("only_false", json!({ "const": false })),
        ("count", json!({ "type": "integer", "minimum": 0 })),
        ("positive", json!({ "type": "integer", "minimum": 1 })),
        ("percent", json!({ "type": "integer", "minimum": 0, "maximum": 100 })),
        // YAML takes `4711` for a number, and gleaner reads it as a text.
        ("text", json!({ "type": ["string", "number"], "minLength": 1 })),
        (
            "version_bound",
            json!({
                "type": ["string", "number"],
                "pattern": shape::VERSION,
                "not": { "type": "string", "pattern": shape::SERIES },
                "patternErrorMessage": "Write the first version that is not meant: `3.0.0`.",
                "examples": ["3.0.0", "v3.0.0", "1.0-1"],
            }),
        ),
        (
            "age",
            text(
                &shape::age(),
                "a number and its unit: `15min 12h 30d 6w 18months 2y`; `m` may be minutes or months",
                &["30d", "15min", "12h", "6w", "18months", "2y"],
            ),
        ),
        (
            "from_file",
            with(
                "not",
                json!({ "pattern": shape::POLICY_FILE }),
                text(shape::FROM_FILE, "the path of a file that is no YAML", &["in-use.txt", "/in-use/cluster.json"]),
            ),
        ),
        ("size", text(&shape::size(), "a whole number and its unit: `500MB`, `50GiB`", &["500MB", "50GiB"])),
        ("date", with("format", "date", date)),
        ("moment", json!({ "anyOf": [form("date"), instant] })),
        (
            "schedule",
            text(
                &shape::schedule(),
                "minute, hour, day of the month, month and day of the week: `30 2 * * *`; or a word such as `@daily`",
                &["30 2 * * *", "0 9-17 * * MON-FRI", "@daily"],
            ),
        ),
        ("timezone", text(shape::TIMEZONE, "a name of the IANA database: `Europe/Berlin`", &["Europe/Berlin", "UTC"])),
        ("url", text(shape::URL, "the address that a browser opens it with", &["https://gitlab.acme.example"])),
        (
            "series",
            json!({ "anyOf": [
                { "enum": ["major", "minor", "patch", "ref"] },
                text(shape::CAPTURE, "a regular expression with one group", &["/([0-9]+\\.[0-9]+)\\..*/"]),
            ] }),
        ),
    ]
}

fn names() -> Vec<(&'static str, Value)> {
    let types: Vec<&str> = PackageType::KNOWN.iter().map(PackageType::as_str).collect();
    let statuses: Vec<&str> = Status::KNOWN.iter().map(Status::as_str).collect();
    let name = text(shape::NAME, "lower-case letters, digits and hyphens", &["legal-hold"]);
    let group = text(&shape::path(), "the full path of a group, or its id", &["acme/platform"]);
    let group_path = text(&shape::path(), "the full path of a group", &["acme/platform"]);
    let with_a = |pattern| json!([{ "pattern": pattern }]);
    let project = text(&shape::project(), "the full path of a project, or its id", &["acme/platform/api"]);
    let everything = json!({ "const": "*" });
    vec![
        ("name", with("type", json!(["string", "integer"]), name)),
        ("names", one_or_more("name")),
        // GitLab adds types, so one that this release doesn't know is no error.
        ("package_type", json!({ "anyOf": [{ "enum": types }, { "type": "string", "pattern": shape::TYPE }] })),
        ("package_types", one_or_more("package_type")),
        // An unknown type would hold nothing.
        ("held_type", json!({ "enum": types })),
        ("held_types", one_or_more("held_type")),
        ("status", json!({ "enum": statuses })),
        ("statuses", one_or_more("status")),
        ("id", json!({ "type": "integer", "minimum": 1 })),
        ("ids", one_or_more("id")),
        ("group_path", with("allOf", with_a(shape::NO_DIGIT), group_path)),
        ("group_paths", one_or_more("group_path")),
        ("group", json!({ "anyOf": [with("allOf", with_a(shape::NO_ZERO), group), form("id")] })),
        (
            "groups",
            json!({ "anyOf": [
                form("group"),
                { "type": "array", "items": form("group"), "minItems": 1 },
                everything,
                { "type": "array", "items": everything, "minItems": 1, "maxItems": 1 },
            ] }),
        ),
        ("project", json!({ "anyOf": [project, form("id")] })),
        ("projects", one_or_more("project")),
    ]
}

fn patterns() -> Vec<(&'static str, Value)> {
    vec![
        (
            "text_pattern",
            pattern(&shape::stars_in_a_text(), "`*` matches `/` too, so `**` has no meaning here.", "*-rc*"),
        ),
        ("text_patterns", one_or_more("text_pattern")),
        ("refs", json!({ "anyOf": [form("text_patterns"), form("refs_of_kinds")] })),
        ("refs_of_kinds", refs_of_kinds()),
        ("name_pattern", pattern(&shape::stars_between_slashes(), SEGMENTS, "@acme/*")),
        ("name_patterns", one_or_more("name_pattern")),
        ("path_pattern", pattern(&shape::stars_between_slashes(), SEGMENTS, "acme/platform/**")),
        ("path_patterns", one_or_more("path_pattern")),
        ("file_pattern", pattern(&shape::stars_between_slashes(), SEGMENTS, "**/*.log")),
        ("file_patterns", one_or_more("file_pattern")),
    ]
}

const SEGMENTS: &str = "`**` stands between slashes, for any number of segments; and no name or path ends with `/`.";

/// Returns the schema of patterns by kinds of refs. One kind is enough.
fn refs_of_kinds() -> Value {
    let keys: Value = RefKind::ALL
        .iter()
        .map(|kind| {
            let are = match kind {
                RefKind::Branch => "It ran for such a branch.",
                RefKind::Tag => "It ran for such a tag.",
                RefKind::MergeRequest => "It ran for a merge request, by its ref: `refs/merge-requests/7/head`.",
            };
            (kind.as_str().to_owned(), described("text_patterns", are))
        })
        .collect();
    mapping(
        "Refs by what they are. A pipeline of any of these kinds that matches is enough.",
        &keys,
        &json!({ "minProperties": 1 }),
    )
}

/// Returns the schema of a pattern with its stars in this shape. YAML takes `1.10` for a number, and gleaner reads it
/// as a text.
fn pattern(stars: &str, stars_are: &str, example: &str) -> Value {
    json!({
        "type": ["string", "number"],
        "maxLength": shape::PATTERN_LENGTH,
        "allOf": [
            {
                "pattern": shape::pattern(),
                "patternErrorMessage": "Write a glob, or a regular expression between slashes without `^` and `$`; a `!` \
                    before it takes away.",
            },
            { "pattern": stars, "patternErrorMessage": stars_are },
        ],
        "examples": [example, "/[0-9]+\\.[0-9]+/", "!*.Final"],
    })
}

/// Returns the schema of one value of this form, or a list of them.
fn one_or_more(name: &str) -> Value {
    json!({ "anyOf": [form(name), { "type": "array", "items": form(name), "minItems": 1 }] })
}

/// Returns the schema of a text of this shape.
fn text(pattern: &str, is: &str, examples: &[&str]) -> Value {
    json!({ "type": "string", "pattern": pattern, "patternErrorMessage": format!("Write {is}."), "examples": examples })
}

fn with(key: &str, value: impl Into<Value>, mut to: Value) -> Value {
    to[key] = value.into();
    to
}
