//! The backlog of a plan that goes in parts: what was approved and is left.

use std::collections::BTreeSet;

use super::ItemId;

/// What earlier cycles have approved of a plan that goes in parts, and left.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Backlog {
    /// The digest of what it was approved by: scope, rules and limits. By others nothing of it counts.
    pub by: String,
    /// What was approved and waits for its turn. It counts against no limit again.
    pub approved: BTreeSet<ItemId>,
    /// What came to no end when it was tried last. It comes last.
    pub tried: BTreeSet<ItemId>,
}
