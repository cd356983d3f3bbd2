//! Reads a mapping key by key. A key that nobody asks for is unknown.

use super::document::{Entry, Node, NodeContent};
use super::findings::Findings;
use super::text::{all_of, closest, shown};

/// One mapping, with the keys that nobody has asked for yet.
#[derive(Debug)]
pub(crate) struct Fields<'n> {
    rest: Vec<&'n Entry>,
    known: Vec<&'static str>,
    /// The keys that are refused in this mapping. Messages about unknown keys don't suggest them.
    refused: Vec<&'static str>,
}

impl<'n> Fields<'n> {
    /// Returns the keys of a mapping, or reports that the node is none. `what` names it in messages: "a rule".
    pub(crate) fn of(node: &'n Node, what: &str, findings: &mut Findings<'_>) -> Option<Self> {
        match &node.content {
            NodeContent::Mapping(entries) => {
                Some(Self { rest: entries.iter().collect(), known: Vec::new(), refused: Vec::new() })
            }
            NodeContent::Broken => None,
            NodeContent::Scalar { .. } | NodeContent::List(_) => {
                findings
                    .problem(node.span, format!("{what} is a mapping: `key: value`, one to a line"))
                    .hint(missing_space(node).unwrap_or_else(|| what_stands_there(node)));
                None
            }
        }
    }

    /// Takes the value under the key. The key counts as known from then on.
    pub(crate) fn take(&mut self, key: &'static str) -> Option<&'n Node> {
        if !self.refused.contains(&key) {
            self.known.push(key);
        }
        let index = self.rest.iter().position(|entry| entry.key == key)?;
        Some(&self.rest.remove(index).value)
    }

    /// Takes the value under the key and reads it; `None` where it is absent or can't be read.
    pub(crate) fn read<T>(
        &mut self,
        key: &'static str,
        findings: &mut Findings<'_>,
        read: impl FnOnce(&Node, &mut Findings<'_>) -> Option<T>,
    ) -> Option<T> {
        self.take(key).and_then(|node| read(node, findings))
    }

    /// Reports the key if it is there, because it must not be.
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

    /// Returns whether the key is there, and nobody has asked for it yet.
    pub(crate) fn has(&self, key: &str) -> bool {
        self.rest.iter().any(|entry| entry.key == key)
    }

    /// Returns whether there is a key that nobody has asked for yet, and that is none of these.
    pub(crate) fn has_other_than(&self, keys: &[&str]) -> bool {
        self.rest.iter().any(|entry| !keys.contains(&entry.key.as_str()))
    }

    /// Reports the keys that nobody has asked for.
    pub(crate) fn finish(self, findings: &mut Findings<'_>) {
        for entry in self.rest {
            let key = entry.key.as_str();
            let name = shown(key);
            if let Some(meant) = closest(key, self.known.iter().copied()) {
                findings.problem(entry.key_span, format!("unknown key `{name}`; did you mean `{meant}`?"));
            } else if let Some(home) = (findings.language.home)(key) {
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

/// Returns the hint for `status:error`, which is a text to YAML.
fn missing_space(node: &Node) -> Option<String> {
    let NodeContent::Scalar { text, .. } = &node.content else {
        return None;
    };
    let (key, value) = text.split_once(':')?;
    let is_key = !key.is_empty() && key.chars().all(|c| c.is_ascii_lowercase() || c == '_');
    // YAML took the next lines for more of the same text.
    let value = value.split_whitespace().next().unwrap_or_default();
    is_key.then(|| format!("write a space behind the colon: `{}: {}`", shown(key), shown(value)))
}

/// Returns the hint for a value where another kind of value is asked for.
pub(crate) fn what_stands_there(node: &Node) -> String {
    match &node.content {
        NodeContent::Scalar { text, .. } => format!("here stands the text `{}`", shown(text)),
        NodeContent::List(_) => "here stands a list".to_owned(),
        NodeContent::Mapping(_) => "here stands a mapping".to_owned(),
        NodeContent::Broken => String::new(),
    }
}
