//! An exception: higher limits for a registry that is bloated, until a day. Then the ordinary limits hold again.

use std::fmt;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::Serialize;

use super::{Bound, Limits, with_place};
use crate::policy::instance::ExceptionCeiling;
use crate::policy::{Instance, size};
use crate::yaml::document::{Node, Span};
use crate::yaml::fields::Fields;
use crate::yaml::findings::Findings;
use crate::yaml::scalar;

/// Limits that hold in the place of the ordinary ones until a day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Exception {
    /// In the place of `max_deletions`.
    pub max_deletions: Option<u64>,
    /// In the place of `max_percent`.
    pub max_percent: Option<u8>,
    /// In the place of `max_percent_per_project`.
    pub max_percent_per_project: Option<u8>,
    /// In the place of `max_percent_per_group`.
    pub max_percent_per_group: Option<u8>,
    /// In the place of `max_bytes`.
    pub max_bytes: Option<u64>,
    /// The last day on which it holds, in UTC.
    pub until: Date,
    /// Why there is one, for people.
    #[serde(skip)]
    pub note: String,
}

impl Exception {
    /// Returns whether it holds at an instant: up to the end of its last day.
    #[must_use]
    pub fn holds(&self, now: Timestamp) -> bool {
        now.to_zoned(TimeZone::UTC).date() <= self.until
    }

    /// Returns these limits with its own in their place.
    pub(super) fn over(&self, limits: &Limits) -> Limits {
        Limits {
            max_deletions: self.max_deletions.unwrap_or(limits.max_deletions),
            max_percent: self.max_percent.unwrap_or(limits.max_percent),
            max_percent_per_project: self.max_percent_per_project.unwrap_or(limits.max_percent_per_project),
            max_percent_per_group: self.max_percent_per_group.or(limits.max_percent_per_group),
            max_bytes: self.max_bytes.or(limits.max_bytes),
            ..limits.clone()
        }
    }
}

impl fmt::Display for Exception {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let note = self.note.split_whitespace().collect::<Vec<_>>().join(" ");
        write!(f, "the exception until {} ({note})", self.until)
    }
}

/// An exception as a policy writes it.
#[derive(Debug)]
pub(super) struct WrittenException {
    whole: Span,
    max_deletions: Option<(u64, Span)>,
    max_percent: Option<(u8, Span)>,
    max_percent_per_project: Option<(u8, Span)>,
    max_percent_per_group: Option<(u8, Span)>,
    max_bytes: Option<(u64, Span)>,
    until: (Date, Span),
    note: String,
}

/// Reads `exception` under `limits`.
pub(super) fn read(node: &Node, findings: &mut Findings<'_>) -> Option<WrittenException> {
    let mut fields = Fields::of(node, "`exception`", findings)?;
    let whole = findings.first_line(node.span);
    if !fields.has_other_than(&["until", "note"]) {
        findings
            .problem(whole, "`exception` raises no limit")
            .hint("write which, as in `exception: { max_deletions: 20000, until: 2027-01-31, note: first clean-up }`");
    }
    for (key, is) in [("until", "the last day of the exception"), ("note", "why there is an exception")] {
        if !fields.has(key) {
            findings
                .problem(whole, format!("`{key}` is missing: it says {is}"))
                .hint("an exception ends by itself, and tells its reason: `until: 2027-01-31, note: first clean-up`");
        }
    }
    fields.refuse(
        "min_age",
        "`min_age` has no exception",
        "an upload may be under way: write a lower `min_age` under `limits`",
        findings,
    );
    let max_deletions = fields.read("max_deletions", findings, with_place(scalar::count));
    let max_percent = fields.read("max_percent", findings, with_place(scalar::percent));
    let max_percent_per_project = fields.read("max_percent_per_project", findings, with_place(scalar::percent));
    let max_percent_per_group = fields.read("max_percent_per_group", findings, with_place(scalar::percent));
    let max_bytes =
        fields.read("max_bytes", findings, with_place(|node, findings| Some(size::read(node, findings)?.bytes())));
    let until = fields.read("until", findings, with_place(scalar::date));
    let note = fields.read("note", findings, |node, findings| scalar::text(node, findings).map(str::to_owned));
    fields.finish(findings);
    let (until, note) = (until?, note?);
    Some(WrittenException {
        whole,
        max_deletions,
        max_percent,
        max_percent_per_project,
        max_percent_per_group,
        max_bytes,
        until,
        note,
    })
}

impl WrittenException {
    /// Returns the place of its last day.
    pub(super) fn until_place(&self) -> Span {
        self.until.1
    }

    /// Returns the exception. It is reported as a problem where it is beyond the ceiling, or raises nothing.
    pub(super) fn bounded(
        self,
        limits: &Limits,
        instance: Option<&Instance>,
        findings: &mut Findings<'_>,
    ) -> Exception {
        self.is_within_ceiling(instance, findings);
        self.raises(limits, findings);
        let value = |written: Option<(u8, Span)>| written.map(|(value, _)| value);
        Exception {
            max_deletions: self.max_deletions.map(|(value, _)| value),
            max_percent: value(self.max_percent),
            max_percent_per_project: value(self.max_percent_per_project),
            max_percent_per_group: value(self.max_percent_per_group),
            max_bytes: self.max_bytes.map(|(value, _)| value),
            until: self.until.0,
            note: self.note,
        }
    }

    fn is_within_ceiling(&self, instance: Option<&Instance>, findings: &mut Findings<'_>) {
        let Some(Instance { source, ceiling, .. }) = instance else { return };
        if ceiling.exception == ExceptionCeiling::None {
            findings
                .problem(self.whole, format!("{source} allows no policy an exception"))
                .hint(format!("take `exception` out, or change `ceiling: {{ exception: false }}` in {source}"));
            return;
        }
        let bound = Bound { source, asks: "allows an exception at most" };
        if let (Some(most), Some((wanted, span))) = (ceiling.exception_deletions(), self.max_deletions)
            && wanted > most
        {
            bound.report("max_deletions", span, &most, findings);
        }
        if let (Some(most), Some((wanted, span))) = (ceiling.exception_percent(), self.max_percent)
            && wanted > most
        {
            bound.report("max_percent", span, &most, findings);
        }
    }

    /// Reports what is no higher than the limit itself.
    fn raises(&self, limits: &Limits, findings: &mut Findings<'_>) {
        let percent = |written: &Option<(u8, Span)>| written.map(|(value, span)| (u64::from(value), span));
        let figures = [
            ("max_deletions", self.max_deletions, Some(limits.max_deletions)),
            ("max_percent", percent(&self.max_percent), Some(limits.max_percent.into())),
            (
                "max_percent_per_project",
                percent(&self.max_percent_per_project),
                Some(limits.max_percent_per_project.into()),
            ),
            (
                "max_percent_per_group",
                percent(&self.max_percent_per_group),
                limits.max_percent_per_group.map(u64::from),
            ),
            ("max_bytes", self.max_bytes, limits.max_bytes),
        ];
        for (key, written, ordinary) in figures {
            let Some((figure, span)) = written else { continue };
            match ordinary {
                None => findings
                    .problem(span, format!("there is no limit `{key}` that the exception could raise"))
                    .hint(format!("write `{key}` under `limits` as well, or take it out here")),
                Some(ordinary) if figure <= ordinary => findings
                    .problem(span, format!("the exception raises nothing: `{key}` is {ordinary} without it"))
                    .hint("write a higher figure, or take it out"),
                Some(_) => continue,
            };
        }
    }
}
