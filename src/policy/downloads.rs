//! `downloads` in the instance file: how much a missing download date says on this GitLab.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;

use super::moment::Moment;
use crate::yaml::document::Node;
use crate::yaml::fields::Fields;
use crate::yaml::findings::Findings;
use crate::yaml::scalar;

/// How far GitLab's download dates can be trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Downloads {
    /// The day (UTC) from which on downloads have been written down.
    pub tracked_since: Date,
    /// Whether every download is written down. GitLab doesn't see those through a Geo secondary or a proxy's cache.
    pub complete: bool,
}

/// GitLab writes downloads down since a release of 2022 (issue 362259). A null says nothing of the time before. The
/// instance file of a GitLab that was upgraded later has to say so.
const FIRST_TRACKED: Date = Date::constant(2023, 1, 1);

impl Default for Downloads {
    fn default() -> Self {
        Self { tracked_since: FIRST_TRACKED, complete: true }
    }
}

impl Downloads {
    /// Returns the first instant from which on downloads are known.
    #[must_use]
    pub fn since(&self) -> Timestamp {
        Moment::Day(self.tracked_since).begin()
    }
}

/// Reads `downloads`.
pub(super) fn read(node: &Node, findings: &mut Findings<'_>) -> Option<Downloads> {
    let mut fields = Fields::of(node, "`downloads`", findings)?;
    if !fields.has_other_than(&[]) {
        findings
            .problem(findings.first_line(node.span), "`downloads` says nothing")
            .hint("write how far download dates can be trusted, as in `tracked_since: 2023-01-01`");
    }
    let downloads = Downloads {
        tracked_since: fields.read("tracked_since", findings, scalar::date).unwrap_or(FIRST_TRACKED),
        complete: fields.read("complete", findings, scalar::switch).unwrap_or(true),
    };
    fields.finish(findings);
    Some(downloads)
}
