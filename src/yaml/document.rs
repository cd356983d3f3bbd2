//! One YAML file as a tree of nodes with their places.
//!
//! The tree keeps what YAML's own data model throws away: the text of every scalar as it was written (`1.10` is no
//! number), whether it was quoted, and its place. A strict reader refuses parts of YAML: null, tags, anchors, aliases,
//! merge keys, duplicate keys and further documents. These are reported here for every file. They leave a
//! [`NodeContent::Broken`] node, which every reading function passes over in silence.

mod loader;

pub(crate) use super::span::Span;
pub(crate) use loader::load;

/// A value in the file.
#[derive(Debug)]
pub(crate) struct Node {
    /// The key that it stands under; the items of a list share that of the list.
    pub(crate) key: String,
    /// Its place, quotes and brackets included.
    pub(crate) span: Span,
    /// Its content.
    pub(crate) content: NodeContent,
}

/// The content of a value.
#[derive(Debug)]
pub(crate) enum NodeContent {
    /// A single value, with its text without the quotes.
    Scalar { text: String, style: Style },
    /// Values one after the other.
    List(Vec<Node>),
    /// Keys in the order of the file, each of them once.
    Mapping(Vec<Entry>),
    /// A value that can't be read, and has been reported already.
    Broken,
}

/// How a single value is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Style {
    /// Without quotes.
    Plain,
    /// In quotes, or as a block scalar.
    Quoted,
}

/// A key of a mapping, and the value under it.
#[derive(Debug)]
pub(crate) struct Entry {
    /// The key's text.
    pub(crate) key: String,
    /// The place of the key.
    pub(crate) key_span: Span,
    /// The value.
    pub(crate) value: Node,
}

/// The whole entries of a file's mapping before the place where the file stops being a single YAML document. They are
/// read only to report problems in them.
#[derive(Debug)]
pub(crate) struct Fragment(pub(crate) Node);

impl Node {
    /// Returns the entry of this key, where this is a mapping that has it.
    pub(crate) fn entry(&self, key: &str) -> Option<&Entry> {
        match &self.content {
            NodeContent::Mapping(entries) => entries.iter().find(|entry| entry.key == key),
            NodeContent::Scalar { .. } | NodeContent::List(_) | NodeContent::Broken => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::yaml::findings::Findings;
    use crate::yaml::{Language, Source};

    const LANGUAGE: Language = Language { first_line: "a: 1", home: |_| None };

    /// Returns the keys that were read, whether they are the whole file, and each problem as `line:column message`.
    fn loaded(text: &str) -> (Vec<String>, bool, Vec<String>) {
        let source = Source::new("a.yaml", text);
        let mut findings = Findings::new(&source, LANGUAGE);
        let (root, is_whole) = match load(&mut findings) {
            Ok(root) => (root, true),
            Err(Fragment(root)) => (root, false),
        };
        let keys = match root.content {
            NodeContent::Mapping(entries) => entries.into_iter().map(|entry| entry.key).collect(),
            NodeContent::Scalar { .. } | NodeContent::List(_) | NodeContent::Broken => vec!["no mapping".to_owned()],
        };
        let told = findings.told().0.into_iter().map(|problem| {
            let place = problem.place.unwrap();
            format!("{}:{} {}", place.line, place.column, problem.message)
        });
        (keys, is_whole, told.collect())
    }

    #[test]
    fn what_stands_before_the_first_place_that_is_not_yaml_is_read() {
        let table: &[(&str, &[&str], &[&str])] = &[
            ("a: 1\nb: @x\nc: 2\n", &["a"], &["2:4 a text that begins with `@` needs quotes"]),
            ("a: 1\nb: { c: 1, d: * }\n", &["a"], &["2:15 a text that begins with `*` or `&` needs quotes"]),
            ("a: [b\nc: 1\n", &[], &["2:2 a bracket before this is still open here"]),
            ("a: 1\nb:\n  - [\"c\"\n  - d\n", &["a"], &["4:3 a bracket before this is still open here"]),
            ("a: 1\nb: [\"c\", \"d\"\n", &["a"], &["2:4 `[` is not closed"]),
            ("a: 1\nb: \"c\nd: 1\n", &["a"], &["3:1 the quotes of the text before this are still open here"]),
            ("a: 1\n}\n", &["a"], &["2:1 not valid YAML: misplaced bracket"]),
            ("- a: 1\n- b: @\n", &[], &["2:6 a text that begins with `@` needs quotes"]),
            ("a: 1\n---\nb: @\n", &["a"], &["2:1 a second document begins here"]),
            ("", &[], &["1:1 the file is empty"]),
            (
                "a:\na: 1\nb: @\n",
                &["a"],
                &[
                    "1:1 `a` has no value",
                    "2:1 the key `a` stands here twice",
                    "3:4 a text that begins with `@` needs quotes",
                ],
            ),
        ];
        for (text, keys, problems) in table {
            let (read, is_whole, told) = loaded(text);
            assert!(!is_whole, "{text:?}");
            assert_eq!(
                (read.as_slice(), told.as_slice()),
                (strings(keys).as_slice(), strings(problems).as_slice()),
                "{text:?}"
            );
        }
        assert_eq!(
            loaded("a: 1\nb: *c\n"),
            (strings(&["a", "b"]), true, strings(&["2:4 `*c` without quotes is a YAML alias"]))
        );
    }

    fn strings(texts: &[&str]) -> Vec<String> {
        texts.iter().map(|&text| text.to_owned()).collect()
    }
}
