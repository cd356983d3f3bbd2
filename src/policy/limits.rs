//! What a plan may delete at most before it is refused whole.

use super::document::Node;
use super::fields::Fields;
use super::findings::Findings;
use super::{Age, age, scalar, size};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Packages and files.
    pub max_deletions: u64,
    /// Of the packages in scope, 0 to 100.
    pub max_percent: u8,
    /// Of a project's packages, 0 to 100; projects of fewer than 50 packages are passed over.
    pub max_percent_per_project: u8,
    /// In bytes; when it is set, an unknown size refuses.
    pub max_bytes: Option<u64>,
    /// A package whose newest content is younger than this is kept: an upload may be under way.
    pub min_age: Age,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_deletions: 1000,
            max_percent: 30,
            max_percent_per_project: 80,
            max_bytes: None,
            min_age: Age::from_hours(72),
        }
    }
}

pub(super) fn read(node: &Node, findings: &mut Findings<'_>) -> Option<Limits> {
    let mut fields = Fields::of(node, "`limits`", findings)?;
    let default = Limits::default();
    let limits = Limits {
        max_deletions: fields.read("max_deletions", findings, scalar::count).unwrap_or(default.max_deletions),
        max_percent: fields.read("max_percent", findings, scalar::percent).unwrap_or(default.max_percent),
        max_percent_per_project: fields
            .read("max_percent_per_project", findings, scalar::percent)
            .unwrap_or(default.max_percent_per_project),
        max_bytes: fields.read("max_bytes", findings, size::read),
        min_age: fields.read("min_age", findings, age::read).unwrap_or(default.min_age),
    };
    fields.finish(findings);
    Some(limits)
}
