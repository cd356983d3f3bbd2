//! The limits of a plan: a plan beyond them is refused as a whole.

use std::fmt::Display;

use super::{Age, Instance, age, size};
use crate::yaml::document::{Node, Span};
use crate::yaml::fields::Fields;
use crate::yaml::findings::Findings;
use crate::yaml::scalar;

/// How much a plan may delete. A plan beyond these limits is refused as a whole. Only `min_age` changes verdicts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// The most packages and files together.
    pub max_deletions: u64,
    /// The most packages of those in scope, in percent, 0 to 100.
    pub max_percent: u8,
    /// The most packages of one project, in percent, 0 to 100. Projects of fewer than 50 packages are passed over.
    pub max_percent_per_project: u8,
    /// The most bytes. When it is set, an unknown size refuses the plan.
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

/// The limits as a policy writes them. Those that an instance file may set bounds to have their places.
#[derive(Debug, Default)]
pub(super) struct WrittenLimits {
    max_deletions: Option<(u64, Span)>,
    max_percent: Option<(u8, Span)>,
    max_percent_per_project: Option<u8>,
    max_bytes: Option<u64>,
    min_age: Option<(Age, Span)>,
}

/// Reads `limits`.
pub(super) fn read(node: &Node, findings: &mut Findings<'_>) -> Option<WrittenLimits> {
    let mut fields = Fields::of(node, "`limits`", findings)?;
    let limits = WrittenLimits {
        max_deletions: fields.read("max_deletions", findings, with_place(scalar::count)),
        max_percent: fields.read("max_percent", findings, with_place(scalar::percent)),
        max_percent_per_project: fields.read("max_percent_per_project", findings, scalar::percent),
        max_bytes: fields.read("max_bytes", findings, |node, findings| Some(size::read(node, findings)?.bytes())),
        min_age: fields.read("min_age", findings, with_place(age::read)),
    };
    fields.finish(findings);
    Some(limits)
}

fn with_place<T>(
    read: impl FnOnce(&Node, &mut Findings<'_>) -> Option<T>,
) -> impl FnOnce(&Node, &mut Findings<'_>) -> Option<(T, Span)> {
    |node, findings| Some((read(node, findings)?, node.span))
}

impl WrittenLimits {
    /// Returns the limits that hold: the written ones, and defaults for the others. A written limit beyond the ceiling
    /// is reported as a problem. A default beyond it becomes the ceiling.
    pub(super) fn bounded(self, instance: Option<&Instance>, findings: &mut Findings<'_>) -> Limits {
        let default = Limits::default();
        let mut limits = Limits {
            max_deletions: value(self.max_deletions.as_ref(), &default.max_deletions),
            max_percent: value(self.max_percent.as_ref(), &default.max_percent),
            max_percent_per_project: self.max_percent_per_project.unwrap_or(default.max_percent_per_project),
            max_bytes: self.max_bytes,
            min_age: value(self.min_age.as_ref(), &default.min_age),
        };
        let Some(Instance { source, ceiling, .. }) = instance else {
            return limits;
        };
        let mut bound = |is_beyond: bool, key: &str, written: Option<Span>, bound: &dyn Display, asks: &str| {
            if let Some(span) = written.filter(|_| is_beyond) {
                findings
                    .problem(span, format!("`{key}` is beyond the ceiling: {source} {asks} {bound}"))
                    .hint(format!("write `{key}: {bound}`, or change `ceiling` in {source}"));
            }
            is_beyond
        };
        if let Some(most) = ceiling.max_deletions
            && bound(limits.max_deletions > most, "max_deletions", place(&self.max_deletions), &most, "allows at most")
        {
            limits.max_deletions = most;
        }
        if let Some(most) = ceiling.max_percent
            && bound(limits.max_percent > most, "max_percent", place(&self.max_percent), &most, "allows at most")
        {
            limits.max_percent = most;
        }
        if let Some(least) = &ceiling.min_age
            && bound(!limits.min_age.reaches(least), "min_age", place(&self.min_age), least, "asks for at least")
        {
            limits.min_age = least.clone();
        }
        limits
    }
}

fn value<T: Clone>(written: Option<&(T, Span)>, default: &T) -> T {
    written.map_or(default, |(value, _)| value).clone()
}

fn place<T>(written: &Option<(T, Span)>) -> Option<Span> {
    written.as_ref().map(|(_, span)| *span)
}
