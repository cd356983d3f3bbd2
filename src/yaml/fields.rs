//! A mapping, read key by key: what is asked for is known, and what is left over is an unknown key.

use super::document::{Content, Entry, Node};
use super::findings::Findings;
use super::text::{all_of, closest, shown};

/// The keys of one mapping that nobody has asked for yet.
#[derive(Debug)]
pub(crate) struct Fields<'n> {
    rest: Vec<&'n Entry>,
    known: Vec<&'static str>,
    /// Asked for by every reader of such a mapping, and out of place in this one.
    refused: Vec<&'static str>,
}

/// Where keys belong, for those that stand somewhere else.
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
            "instance",
        ],
    ),
    ("under `scope`", &["group", "project", "subgroups", "paths", "types", "archived"]),
    (
        "in a rule",
        &[
            "type",
            "version",
            "tag",
            "channel",
            "status",
            "prerelease",
            "built_from",
            "larger_than",
            "id",
            "older_than",
            "younger_than",
            "not_downloaded_for",
            "downloaded_within",
            "never_downloaded",
            "newest",
            "by",
            "newest_per",
            "unknown_age",
            "allow_latest",
            "allow_released",
            "other_indexes",
            "note",
            "until",
        ],
    ),
    ("under `built_from`, or the `ref` of a case", &["branch", "merge_request"]),
    ("in a files rule", &["file", "keep_newest"]),
    ("under `limits`", &["max_deletions", "max_percent", "max_percent_per_project", "max_bytes", "min_age"]),
    ("under `instance`", &["url", "paused", "freeze", "downloads", "require", "ceiling"]),
    ("under `downloads`", &["tracked_since", "complete"]),
    (
        "in a file of cases, in the folder `cases` beside the policies",
        &["cases", "case", "as_of", "packages", "expect", "reason", "rule"],
    ),
    ("in a freeze", &["from", "to"]),
];

impl<'n> Fields<'n> {
    /// `what` names the mapping in messages: "a rule".
    pub(crate) fn of(node: &'n Node, what: &str, findings: &mut Findings<'_>) -> Option<Self> {
        match &node.content {
            Content::Mapping(entries) => {
                Some(Self { rest: entries.iter().collect(), known: Vec::new(), refused: Vec::new() })
            }
            Content::Broken => None,
            Content::Scalar { .. } | Content::List(_) => {
                findings
                    .problem(node.span, format!("{what} is a mapping: `key: value`, one to a line"))
                    .hint(missing_space(node).unwrap_or_else(|| what_stands_there(node)));
                None
            }
        }
    }

    /// What stands under the key.
    pub(crate) fn take(&mut self, key: &'static str) -> Option<&'n Node> {
        if !self.refused.contains(&key) {
            self.known.push(key);
        }
        let index = self.rest.iter().position(|entry| entry.key == key)?;
        Some(&self.rest.remove(index).value)
    }

    /// What stands under the key, read; `None` where it is absent or can't be read.
    pub(crate) fn read<T>(
        &mut self,
        key: &'static str,
        findings: &mut Findings<'_>,
        read: impl FnOnce(&Node, &mut Findings<'_>) -> Option<T>,
    ) -> Option<T> {
        self.take(key).and_then(|node| read(node, findings))
    }

    /// Reports the key where it stands although it must not.
    pub(crate) fn refuse(&mut self, key: &'static str, message: &str, hint: &str, findings: &mut Findings<'_>) {
        self.refused.push(key);
        if let Some(index) = self.rest.iter().position(|entry| entry.key == key) {
            let entry = self.rest.remove(index);
            findings.problem(entry.key_span, message).hint(hint);
        }
    }

    /// Reports a key that is called otherwise now.
    pub(crate) fn rename(&mut self, old: &str, new: &str, findings: &mut Findings<'_>) {
        if let Some(index) = self.rest.iter().position(|entry| entry.key == old) {
            let entry = self.rest.remove(index);
            findings.problem(entry.key_span, format!("unknown key `{old}`; did you mean `{new}`?"));
        }
    }

    /// Whether the key is there, and nobody has asked for it yet.
    pub(crate) fn has(&self, key: &str) -> bool {
        self.rest.iter().any(|entry| entry.key == key)
    }

    /// Whether there is a key that nobody has asked for yet, and that is none of these.
    pub(crate) fn has_other_than(&self, keys: &[&str]) -> bool {
        self.rest.iter().any(|entry| !keys.contains(&entry.key.as_str()))
    }

    /// Reports whatever is left.
    pub(crate) fn finish(self, findings: &mut Findings<'_>) {
        for entry in self.rest {
            let key = entry.key.as_str();
            let name = shown(key);
            if let Some(meant) = closest(key, self.known.iter().copied()) {
                findings.problem(entry.key_span, format!("unknown key `{name}`; did you mean `{meant}`?"));
            } else if let Some((home, _)) = HOMES.iter().find(|(_, keys)| keys.contains(&key)) {
                findings
                    .problem(entry.key_span, format!("`{name}` does not belong here"))
                    .hint(format!("it stands {home}"));
            } else {
                findings
                    .problem(entry.key_span, format!("unknown key `{name}`"))
                    .hint(format!("known here are {}", all_of(self.known.iter().copied())));
            }
        }
    }
}

/// `status:error` is a text to YAML.
fn missing_space(node: &Node) -> Option<String> {
    let Content::Scalar { text, .. } = &node.content else {
        return None;
    };
    let (key, value) = text.split_once(':')?;
    let is_key = !key.is_empty() && key.chars().all(|c| c.is_ascii_lowercase() || c == '_');
    // What follows on the next line was taken for more of the same text.
    let value = value.split_whitespace().next().unwrap_or_default();
    is_key.then(|| format!("write a space behind the colon: `{}: {}`", shown(key), shown(value)))
}

/// What a value is, where something else is asked for.
pub(crate) fn what_stands_there(node: &Node) -> String {
    match &node.content {
        Content::Scalar { text, .. } => format!("here stands the text `{}`", shown(text)),
        Content::List(_) => "here stands a list".to_owned(),
        Content::Mapping(_) => "here stands a mapping".to_owned(),
        Content::Broken => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::Value;

    use super::HOMES;
    use crate::policy::json_schema;

    #[test]
    fn every_key_of_the_language_has_a_home() {
        let schema = json_schema();
        let definitions = schema["definitions"].as_object().unwrap().values();
        let mappings = definitions.chain([&schema]).filter_map(|mapping| mapping.get("properties")?.as_object());
        let keys: BTreeSet<&str> =
            mappings.flat_map(|keys: &serde_json::Map<String, Value>| keys.keys()).map(String::as_str).collect();
        let homes: BTreeSet<&str> = HOMES
            .iter()
            .filter(|(home, _)| !home.contains("cases"))
            .flat_map(|(_, keys)| keys.iter().copied())
            .collect();
        assert_eq!(keys, homes);
    }
}
