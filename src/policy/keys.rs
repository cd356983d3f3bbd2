//! Every key of the policy language with its place, for messages about a key that stands somewhere else.

use super::condition::all;
use crate::yaml::Language;

/// The language of policy files and of files of cases.
pub(crate) const LANGUAGE: Language = Language { first_line: "version: 1", home };

/// Returns the place of a key, as in "under `scope`"; `None` for a key that the language doesn't have.
fn home(key: &str) -> Option<&'static str> {
    let written = HOMES.iter().find(|(_, keys)| keys.contains(&key)).map(|(home, _)| *home);
    written.or_else(|| all::forms().any(|form| form.key == key).then_some(IN_A_RULE))
}

const IN_A_RULE: &str = "in a rule";

/// The keys of each place, without conditions. `name` and `project` are conditions as well; messages name the places
/// here.
const HOMES: [(&str, &[&str]); 10] = [
    (
        "at the top of the file",
        &[
            "name",
            "description",
            "schedule",
            "timezone",
            "mode",
            "scope",
            "delete",
            "keep",
            "protect",
            "files",
            "limits",
            "grace",
            "instance",
        ],
    ),
    ("under `scope`", &["group", "project", "subgroups", "paths", "types", "archived", "topic"]),
    (
        IN_A_RULE,
        &[
            "newest",
            "by",
            "newest_per",
            "last_series",
            "max_age",
            "allow_latest",
            "allow_released",
            "other_indexes",
            "note",
            "superseded_by",
            "until",
        ],
    ),
    ("under `built_from`, or the `ref` of a case", &["branch", "merge_request"]),
    ("in a files rule", &["file", "keep_newest", "keep_newest_per"]),
    (
        "under `limits`",
        &[
            "max_deletions",
            "max_percent",
            "max_percent_per_project",
            "max_percent_per_group",
            "max_bytes",
            "max_per_cycle",
            "min_age",
            "exception",
        ],
    ),
    (
        "under `instance`",
        &["url", "paused", "freeze", "clock", "downloads", "journal", "require", "ceiling", "accept_fewer_holds"],
    ),
    ("under `downloads`", &["tracked_since", "complete"]),
    (
        "in a file of cases, in the folder `cases` beside the policies",
        &["cases", "case", "as_of", "in_use", "packages", "expect", "reason", "rule"],
    ),
    ("in a freeze", &["from", "to"]),
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::Value;

    use super::{HOMES, all};
    use crate::policy::json_schema;

    #[test]
    fn every_key_of_the_language_has_a_home() {
        let schema = json_schema();
        let definitions = schema["definitions"].as_object().unwrap().values();
        let mappings = definitions.chain([&schema]).filter_map(|mapping| mapping.get("properties")?.as_object());
        let keys: BTreeSet<&str> =
            mappings.flat_map(|keys: &serde_json::Map<String, Value>| keys.keys()).map(String::as_str).collect();
        let written =
            HOMES.iter().filter(|(home, _)| !home.contains("cases")).flat_map(|(_, keys)| keys.iter().copied());
        let homes: BTreeSet<&str> = written.chain(all::forms().map(|form| form.key)).collect();
        assert_eq!(keys, homes);
    }
}
