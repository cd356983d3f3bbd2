//! The rules of policies and protections.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::Serialize;

use super::Condition;
use super::condition::all;
use super::condition::from;
use super::newest::{self, Newest};
use super::pattern::Reading;
use super::places::Places;
use crate::yaml::document::{Node, NodeContent};
use crate::yaml::fields::{Fields, what_stands_there};
use crate::yaml::findings::Findings;
use crate::yaml::scalar;

/// Selects packages for deletion.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DeleteRule {
    /// Never empty.
    pub conditions: Vec<Condition>,
    /// Lifts the guard of the latest version.
    pub allow_latest: bool,
    /// Lifts the guard of packages that a release links to.
    pub allow_released: bool,
    /// Lifts the guard of versions that may be the highest of an index that GitLab doesn't tell.
    pub other_indexes: bool,
}

/// Saves packages, within its policy.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct KeepRule {
    /// Its conditions, and until when it holds.
    #[serde(flatten)]
    pub hold: Hold,
    /// The newest packages that it keeps; `None` keeps all that fit.
    pub newest: Option<Newest>,
}

/// The part that keep rules and protect rules share.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Hold {
    /// Empty only in a keep rule that has `newest`.
    pub conditions: Vec<Condition>,
    /// A note for people, which is told in the reason.
    #[serde(skip)]
    pub note: Option<String>,
    /// The last day (UTC) on which the rule holds.
    pub until: Option<Date>,
}

impl Hold {
    /// Returns whether the rule still holds as of `now`.
    #[must_use]
    pub fn is_in_force(&self, now: Timestamp) -> bool {
        self.until.is_none_or(|until| now.to_zoned(TimeZone::UTC).date() <= until)
    }
}

/// Reads a list of rules, each by `read`, with their places.
pub(super) fn list<T>(
    node: &Node,
    findings: &mut Findings<'_>,
    read: impl Fn(&Node, &mut Findings<'_>) -> Option<T>,
) -> Vec<(T, Places)> {
    let key = &node.key;
    match &node.content {
        NodeContent::List(rules) if rules.is_empty() => {
            findings
                .problem(node.span, format!("`{key}` has no rules"))
                .hint(format!("write at least one, as in `{key}: [{{status: error}}]`"));
            Vec::new()
        }
        NodeContent::List(rules) => {
            rules.iter().filter_map(|rule| Some((read(rule, findings)?, Places::of(rule)))).collect()
        }
        NodeContent::Broken => Vec::new(),
        NodeContent::Mapping(_) | NodeContent::Scalar { .. } => {
            findings
                .problem(node.span, format!("`{key}` is a list of rules: begin each with `- `"))
                .hint(what_stands_there(node));
            Vec::new()
        }
    }
}

pub(super) fn delete(node: &Node, findings: &mut Findings<'_>) -> Option<DeleteRule> {
    let mut fields = Fields::of(node, "a delete rule", findings)?;
    require_condition(node, &fields, findings);
    fields.refuse(
        "newest",
        "`newest` does not belong in a delete rule",
        "it says what stays: write it under `keep`, as in `keep: [{newest: 3}]`",
        findings,
    );
    fields.refuse(
        "id",
        "`id` does not belong in a delete rule",
        "ids say what stays, under `keep` or `protect`; to delete a single package use GitLab itself",
        findings,
    );
    fields.refuse(
        "topic",
        "`topic` does not belong in a delete rule",
        "write it under `scope`, which says what projects are looked at, or under `keep` or `protect`, where it holds",
        findings,
    );
    for key in ["note", "until"] {
        fields.refuse(
            key,
            &format!("`{key}` does not belong in a delete rule"),
            "it goes with `keep` and `protect`",
            findings,
        );
    }
    refuse_from(
        &mut fields,
        "a delete rule",
        "what is in use stays: write it under `protect`, in a file of its own",
        findings,
    );
    let conditions = all::read(&mut fields, Reading::Select, findings);
    let allow_latest = fields.read("allow_latest", findings, scalar::switch).unwrap_or(false);
    let allow_released = fields.read("allow_released", findings, scalar::switch).unwrap_or(false);
    let other_indexes = fields.read("other_indexes", findings, scalar::switch).unwrap_or(false);
    fields.rename("released", "allow_released", findings);
    fields.finish(findings);
    Some(DeleteRule { conditions, allow_latest, allow_released, other_indexes })
}

pub(super) fn keep(node: &Node, findings: &mut Findings<'_>) -> Option<KeepRule> {
    let mut fields = Fields::of(node, "a keep rule", findings)?;
    require_condition(node, &fields, findings);
    let elsewhere = "what is in use, no policy may delete: write it under `protect`, in a file of its own";
    refuse_from(&mut fields, "a keep rule", elsewhere, findings);
    let newest = newest::read(&mut fields, findings);
    let hold = hold(&mut fields, findings);
    fields.finish(findings);
    Some(KeepRule { hold, newest })
}

pub(super) fn protect(node: &Node, findings: &mut Findings<'_>) -> Option<Hold> {
    let mut fields = Fields::of(node, "a protect rule", findings)?;
    require_condition(node, &fields, findings);
    for key in ["newest", "by", "newest_per", "last_series"] {
        fields.refuse(
            key,
            &format!("`{key}` does not belong in a protect rule"),
            "which packages are the newest depends on what a policy looks at: write it under `keep` in a policy",
            findings,
        );
    }
    let from = from::beside_its_age(&mut fields, findings);
    let mut hold = hold(&mut fields, findings);
    hold.conditions.extend(from);
    fields.finish(findings);
    Some(hold)
}

/// Reports `from` and what goes with it in a rule that doesn't take it.
pub(super) fn refuse_from(fields: &mut Fields<'_>, what: &str, elsewhere: &str, findings: &mut Findings<'_>) {
    for key in ["from", from::MAX_AGE] {
        fields.refuse(key, &format!("`{key}` does not belong in {what}"), elsewhere, findings);
    }
}

fn hold(fields: &mut Fields<'_>, findings: &mut Findings<'_>) -> Hold {
    for key in ["allow_latest", "allow_released", "other_indexes"] {
        fields.refuse(
            key,
            &format!("`{key}` belongs in a delete rule"),
            "a rule that keeps has nothing to allow",
            findings,
        );
    }
    let conditions = all::read(fields, Reading::Hold, findings);
    let note = fields.read("note", findings, |node, findings| scalar::text(node, findings).map(str::to_owned));
    let until = fields.read("until", findings, scalar::date);
    Hold { conditions, note, until }
}

/// Reports a rule without a condition: it would hold for every package. An unknown key counts as a condition here,
/// because it will be reported itself.
fn require_condition(node: &Node, fields: &Fields<'_>, findings: &mut Findings<'_>) {
    if !fields.has_other_than(&[
        "allow_latest",
        "allow_released",
        "by",
        "last_series",
        "max_age",
        "newest_per",
        "note",
        "other_indexes",
        "released",
        "superseded_by",
        "until",
    ]) {
        let span = findings.first_line(node.span);
        findings.problem(span, "this rule has no condition, so it would hold for every package").hint(
            "write what it is for, as in `version: \"*-SNAPSHOT\"`; if every package is meant, `name: \"**\"` says so",
        );
    }
}
