//! The limits of a plan: a plan beyond them is refused as a whole.

mod exception;

use std::fmt::Display;

use jiff::Timestamp;
use serde::Serialize;

use super::{Age, Instance, age, size};
use crate::yaml::document::{Node, Span};
use crate::yaml::fields::Fields;
use crate::yaml::findings::Findings;
use crate::yaml::scalar;
pub use exception::Exception;
use exception::WrittenException;

/// How much a plan may delete. A plan beyond these limits is refused as a whole. Only `min_age` changes verdicts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Limits {
    /// The most packages and files together.
    pub max_deletions: u64,
    /// The most packages of those in scope, in percent, 0 to 100.
    pub max_percent: u8,
    /// The most packages of one project, in percent, 0 to 100. Projects of fewer than 50 packages are passed over.
    pub max_percent_per_project: u8,
    /// The most packages of one group and of those beneath it, in percent, 0 to 100. 20 deletions of a group are always
    /// within it.
    pub max_percent_per_group: Option<u8>,
    /// The most bytes. When it is set, an unknown size refuses the plan.
    pub max_bytes: Option<u64>,
    /// The most packages and files of an approved plan that one cycle deletes, the oldest first. It refuses nothing.
    #[serde(skip)]
    pub max_per_cycle: Option<u64>,
    /// A package whose newest content is younger than this is kept: an upload may be under way.
    pub min_age: Age,
    /// What holds in the place of some of them until a day.
    pub exception: Option<Exception>,
}

impl Limits {
    /// Returns the limits that hold at an instant: those of the exception, as long as there is one.
    #[must_use]
    pub fn at(&self, now: Timestamp) -> Self {
        match &self.exception {
            Some(exception) if exception.holds(now) => exception.over(self),
            Some(_) | None => self.clone(),
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_deletions: 1000,
            max_percent: 30,
            max_percent_per_project: 80,
            max_percent_per_group: None,
            max_bytes: None,
            max_per_cycle: None,
            min_age: Age::from_hours(72),
            exception: None,
        }
    }
}

/// The limits as a policy writes them. Those that an instance file may set bounds to have their places.
#[derive(Debug, Default)]
pub(super) struct WrittenLimits {
    max_deletions: Option<(u64, Span)>,
    max_percent: Option<(u8, Span)>,
    max_percent_per_project: Option<u8>,
    max_percent_per_group: Option<u8>,
    max_bytes: Option<u64>,
    max_per_cycle: Option<u64>,
    min_age: Option<(Age, Span)>,
    exception: Option<WrittenException>,
}

/// Reads `limits`.
pub(super) fn read(node: &Node, findings: &mut Findings<'_>) -> Option<WrittenLimits> {
    let mut fields = Fields::of(node, "`limits`", findings)?;
    let limits = WrittenLimits {
        max_deletions: fields.read("max_deletions", findings, with_place(scalar::count)),
        max_percent: fields.read("max_percent", findings, with_place(scalar::percent)),
        max_percent_per_project: fields.read("max_percent_per_project", findings, scalar::percent),
        max_percent_per_group: fields.read("max_percent_per_group", findings, scalar::percent),
        max_bytes: fields.read("max_bytes", findings, |node, findings| Some(size::read(node, findings)?.bytes())),
        max_per_cycle: fields.read("max_per_cycle", findings, per_cycle),
        min_age: fields.read("min_age", findings, with_place(age::read)),
        exception: fields.read("exception", findings, exception::read),
    };
    for key in ["until", "note"] {
        fields.refuse(key, &format!("`{key}` does not belong here"), "it stands under `exception`", findings);
    }
    fields.finish(findings);
    Some(limits)
}

fn per_cycle(node: &Node, findings: &mut Findings<'_>) -> Option<u64> {
    let most = scalar::count(node, findings)?;
    if most == 0 {
        findings
            .problem(node.span, "`max_per_cycle: 0` lets nothing go, ever")
            .hint("write how many packages and files one cycle may delete, or `mode: dry-run` for none");
        return None;
    }
    Some(most)
}

fn with_place<T>(
    read: impl FnOnce(&Node, &mut Findings<'_>) -> Option<T>,
) -> impl FnOnce(&Node, &mut Findings<'_>) -> Option<(T, Span)> {
    |node, findings| Some((read(node, findings)?, node.span))
}

impl WrittenLimits {
    /// Returns the place of the last day of the exception, where there is one.
    pub(super) fn exception_until(&self) -> Option<Span> {
        self.exception.as_ref().map(WrittenException::until_place)
    }

    /// Returns the limits that hold: the written ones, and defaults for the others. A written limit beyond the ceiling
    /// is reported as a problem. A default beyond it becomes the ceiling.
    pub(super) fn bounded(self, instance: Option<&Instance>, findings: &mut Findings<'_>) -> Limits {
        let default = Limits::default();
        let mut limits = Limits {
            max_deletions: value(self.max_deletions.as_ref(), &default.max_deletions),
            max_percent: value(self.max_percent.as_ref(), &default.max_percent),
            max_percent_per_project: self.max_percent_per_project.unwrap_or(default.max_percent_per_project),
            max_percent_per_group: self.max_percent_per_group,
            max_bytes: self.max_bytes,
            max_per_cycle: self.max_per_cycle,
            min_age: value(self.min_age.as_ref(), &default.min_age),
            exception: None,
        };
        if let Some(Instance { source, ceiling, .. }) = instance {
            let at_most = Bound { source, asks: "allows at most" };
            if let Some(most) = ceiling.max_deletions
                && limits.max_deletions > most
            {
                limits.max_deletions = most;
                if let Some((_, span)) = self.max_deletions {
                    at_most.report("max_deletions", span, &most, findings);
                }
            }
            if let Some(most) = ceiling.max_percent
                && limits.max_percent > most
            {
                limits.max_percent = most;
                if let Some((_, span)) = self.max_percent {
                    at_most.report("max_percent", span, &most, findings);
                }
            }
            if let Some(least) = &ceiling.min_age
                && !limits.min_age.reaches(least)
            {
                limits.min_age = least.clone();
                let at_least = Bound { asks: "asks for at least", ..at_most };
                if let Some((_, span)) = self.min_age {
                    at_least.report("min_age", span, least, findings);
                }
            }
        }
        limits.exception = self.exception.map(|exception| exception.bounded(&limits, instance, findings));
        limits
    }
}

/// A bound of the instance file.
#[derive(Clone, Copy)]
struct Bound<'a> {
    /// The instance file.
    source: &'a str,
    asks: &'a str,
}

impl Bound<'_> {
    /// Reports a written limit that is beyond the bound.
    fn report(self, key: &str, written: Span, bound: &dyn Display, findings: &mut Findings<'_>) {
        let Self { source, asks } = self;
        findings
            .problem(written, format!("`{key}` is beyond the ceiling: {source} {asks} {bound}"))
            .hint(format!("write `{key}: {bound}`, or change `ceiling` in {source}"));
    }
}

fn value<T: Clone>(written: Option<&(T, Span)>, default: &T) -> T {
    written.map_or(default, |(value, _)| value).clone()
}
