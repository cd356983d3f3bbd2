//! The places of the parts of a file, for messages that are known once the whole set is read.
//!
//! The model itself has no places: two rules that say the same are the same rule. So the places are kept beside it, in
//! the order of the rules.

use crate::yaml::document::{Entry, Node, NodeContent, Span};

/// The places of one rule or scope, and of its keys and values.
#[derive(Debug, Clone)]
pub(super) struct Places {
    /// The whole rule or scope.
    pub(super) whole: Span,
    keys: Vec<KeyPlace>,
}

#[derive(Debug, Clone)]
struct KeyPlace {
    name: String,
    span: Span,
    /// The place of the value, or those of the items of a list.
    values: Vec<Span>,
}

/// A value read from a file, with the places of its parts.
#[derive(Debug)]
pub(super) struct Located<T, P> {
    /// The number of its file among those of the set.
    pub(super) file: usize,
    /// The value that was read.
    pub(super) value: T,
    /// The places of its parts.
    pub(super) places: P,
}

/// The places of the parts of a policy.
#[derive(Debug)]
pub(super) struct PolicyPlaces {
    /// The line of its schedule.
    pub(super) schedule: Option<Span>,
    /// Its scope.
    pub(super) scope: Places,
    /// Its delete rules, in their order.
    pub(super) delete: Vec<Places>,
    /// Its keep rules, in their order.
    pub(super) keep: Vec<Places>,
    /// Its files rules, in their order.
    pub(super) files: Vec<Places>,
    /// The last day of the exception from its limits.
    pub(super) exception_until: Option<Span>,
}

/// The places of the parts of a protection.
#[derive(Debug)]
pub(super) struct ProtectionPlaces {
    /// Its scope, where it has one.
    pub(super) scope: Option<Places>,
    /// Its rules, in their order.
    pub(super) rules: Vec<Places>,
}

impl Places {
    /// Returns the places of a rule or a scope that has been read from this node.
    pub(super) fn of(node: &Node) -> Self {
        let entries = match &node.content {
            NodeContent::Mapping(entries) => entries.as_slice(),
            NodeContent::Scalar { .. } | NodeContent::List(_) | NodeContent::Broken => &[],
        };
        let keys = entries.iter().flat_map(|entry| {
            let within = match &entry.value.content {
                NodeContent::Mapping(within) => within.as_slice(),
                NodeContent::Scalar { .. } | NodeContent::List(_) | NodeContent::Broken => &[],
            };
            let within = within.iter().map(|inner| KeyPlace::of(inner, format!("{}.{}", entry.key, inner.key)));
            std::iter::once(KeyPlace::of(entry, entry.key.clone())).chain(within)
        });
        Self { whole: node.span, keys: keys.collect() }
    }

    /// Returns the place of a key, such as `built_from.tag` for one within another; the whole where it is not written.
    pub(super) fn key(&self, name: &str) -> Span {
        self.find(name).map_or(self.whole, |key| key.span)
    }

    /// Returns the place of the value under a key, or of an item of its list; the whole where it is not written.
    pub(super) fn value(&self, name: &str, index: usize) -> Span {
        self.find(name).and_then(|key| key.values.get(index)).copied().unwrap_or(self.whole)
    }

    fn find(&self, name: &str) -> Option<&KeyPlace> {
        self.keys.iter().find(|key| key.name == name)
    }
}

impl KeyPlace {
    fn of(entry: &Entry, name: String) -> Self {
        let values = match &entry.value.content {
            NodeContent::List(items) => items.iter().map(|item| item.span).collect(),
            NodeContent::Scalar { .. } | NodeContent::Mapping(_) | NodeContent::Broken => vec![entry.value.span],
        };
        Self { name, span: entry.key_span, values }
    }
}
