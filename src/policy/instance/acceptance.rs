//! `accept_fewer_holds`: the word of somebody that GitLab tells less of a project than before, and that this is right.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::package::{Project, ProjectId, Reference};
use crate::policy::scope;
use crate::yaml::document::{Node, NodeContent, Span};
use crate::yaml::fields::{Fields, what_stands_there};
use crate::yaml::findings::Findings;
use crate::yaml::scalar;

/// A project of which fewer holds are right, until a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Acceptance {
    /// The project, by its id or by the path that it has now.
    pub project: Reference,
    /// The last day on which it holds, in UTC.
    pub until: Date,
    /// Why fewer are right, for people.
    pub note: String,
}

impl Acceptance {
    /// Returns whether it holds at an instant: up to the end of its last day.
    #[must_use]
    pub fn holds(&self, now: Timestamp) -> bool {
        now.to_zoned(TimeZone::UTC).date() <= self.until
    }

    /// Returns whether it means this project. `known` is what GitLab told of it, if it told anything. It lets packages go,
    /// so no path that the project had before counts.
    #[must_use]
    pub fn means(&self, id: ProjectId, known: Option<&Project>) -> bool {
        match &self.project {
            Reference::Id(number) => *number == id.0,
            Reference::Path(path) => {
                let present = known.filter(|project| project.id == id).and_then(|project| project.path.as_deref());
                present.is_some_and(|present| present.eq_ignore_ascii_case(path))
            }
        }
    }
}

const EXAMPLE: &str = "write it as in `- { project: acme/api, until: 2027-01-31, note: old releases were removed }`";

/// Reads the list under `accept_fewer_holds`, each with the place of its last day.
pub(super) fn list(node: &Node, findings: &mut Findings<'_>) -> Vec<(Acceptance, Span)> {
    match &node.content {
        NodeContent::List(items) if items.is_empty() => {
            findings
                .problem(node.span, "`accept_fewer_holds` is an empty list")
                .hint(format!("{EXAMPLE}, or take the key out"));
            Vec::new()
        }
        NodeContent::List(items) => items.iter().filter_map(|item| read(item, findings)).collect(),
        NodeContent::Broken => Vec::new(),
        NodeContent::Mapping(_) | NodeContent::Scalar { .. } => {
            findings
                .problem(
                    findings.first_line(node.span),
                    "`accept_fewer_holds` is a list of projects: begin each with `- `",
                )
                .hint(what_stands_there(node));
            Vec::new()
        }
    }
}

fn read(node: &Node, findings: &mut Findings<'_>) -> Option<(Acceptance, Span)> {
    let mut fields = Fields::of(node, "a project under `accept_fewer_holds`", findings)?;
    let whole = findings.first_line(node.span);
    let required = [
        ("project", "whose holds may be fewer"),
        ("until", "the last day on which that is accepted"),
        ("note", "why that is right"),
    ];
    for (key, is) in required {
        if !fields.has(key) {
            findings.problem(whole, format!("`{key}` is missing: it says {is}")).hint(EXAMPLE);
        }
    }
    let project = fields.read("project", findings, scope::project);
    let until =
        fields.read("until", findings, |node, findings| scalar::date(node, findings).map(|until| (until, node.span)));
    let note = fields.read("note", findings, |node, findings| scalar::text(node, findings).map(str::to_owned));
    fields.finish(findings);
    let (until, span) = until?;
    Some((Acceptance { project: project?, until, note: note? }, span))
}
