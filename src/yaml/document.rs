//! One YAML file as a tree of nodes that know where they stand.
//!
//! The tree keeps what a policy needs and YAML's own data model throws away: the text of every scalar as it was
//! written (`1.10` is no number), whether it was quoted, and its place. What YAML has and a policy must not have (null,
//! tags, anchors, aliases, merge keys, duplicate keys, further documents) is reported here, once for the whole language,
//! and leaves a [`Content::Broken`] node, which every reading function passes over in silence.

mod loader;
mod salvage;

pub(crate) use loader::load;
pub(crate) use salvage::salvage;

/// A value in the file.
#[derive(Debug)]
pub(crate) struct Node {
    /// The key that it stands under; the items of a list share that of the list.
    pub(crate) key: String,
    pub(crate) span: Span,
    pub(crate) content: Content,
}

#[derive(Debug)]
pub(crate) enum Content {
    Scalar {
        text: String,
        style: Style,
    },
    List(Vec<Node>),
    Mapping(Vec<Entry>),
    /// Has been reported already.
    Broken,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Style {
    Plain,
    /// In quotes, or a block scalar.
    Quoted,
}

/// A key of a mapping, and what stands under it.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) key: String,
    pub(crate) key_span: Span,
    pub(crate) value: Node,
}

/// A range of bytes in the source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) start: usize,
    pub(crate) end: usize,
}

impl Node {
    /// What stands under a key, where this is a mapping that has it.
    pub(crate) fn entry(&self, key: &str) -> Option<&Entry> {
        match &self.content {
            Content::Mapping(entries) => entries.iter().find(|entry| entry.key == key),
            Content::Scalar { .. } | Content::List(_) | Content::Broken => None,
        }
    }
}

impl Span {
    /// The start of the file, for what is told of the file as a whole.
    pub(crate) const FILE_START: Self = Self { start: 0, end: 0 };

    /// From where this one starts to where `end` ends.
    pub(crate) fn until(self, end: Self) -> Self {
        Self { start: self.start, end: end.end.max(self.end) }
    }

    pub(crate) fn is_empty(self) -> bool {
        self.start == self.end
    }
}
