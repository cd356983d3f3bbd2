//! `downloads` in the instance file: what a missing download date is worth on this GitLab.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;

use super::document::Node;
use super::fields::Fields;
use super::findings::Findings;
use super::moment::Moment;
use super::scalar;

/// How far GitLab's download dates can be trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Downloads {
    /// From this day on (UTC) downloads have been written down; `None` is from the first package on.
    pub tracked_since: Option<Date>,
    /// Whether every download is written down. Those through a Geo secondary or a proxy's cache are not.
    pub complete: bool,
}

impl Default for Downloads {
    fn default() -> Self {
        Self { tracked_since: None, complete: true }
    }
}

impl Downloads {
    /// The first instant of which downloads are known.
    #[must_use]
    pub fn since(&self) -> Option<Timestamp> {
        Some(Moment::Day(self.tracked_since?).begin())
    }
}

pub(super) fn read(node: &Node, findings: &mut Findings<'_>) -> Option<Downloads> {
    let mut fields = Fields::of(node, "`downloads`", findings)?;
    if !fields.has_other_than(&[]) {
        findings
            .missing(findings.first_line(node.span), &[":"], "`downloads` says nothing")
            .hint("write how far download dates can be trusted, as in `tracked_since: 2023-01-01`");
    }
    let downloads = Downloads {
        tracked_since: fields.read("tracked_since", findings, scalar::date),
        complete: fields.read("complete", findings, scalar::switch).unwrap_or(true),
    };
    fields.finish(findings);
    Some(downloads)
}
