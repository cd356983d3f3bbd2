//! The instance file: rules for a whole GitLab, which no policy can override.
//!
//! It says whether anything may be deleted at all, and how much. Of single packages two keys decide: `downloads` says how
//! much a missing download date is worth, and `accept_fewer_holds` in what projects GitLab may tell less than before.

mod acceptance;
mod ceiling;

use jiff::Timestamp;
use jiff::civil::Date;

use super::moment::Moment;
use super::{Age, Downloads, age, downloads, name};
use crate::package::address::Address;
use crate::yaml::ValueError;
use crate::yaml::document::{Node, NodeContent, Span};
use crate::yaml::fields::{Fields, what_stands_there};
use crate::yaml::findings::Findings;
use crate::yaml::scalar;
use crate::yaml::text::{did_you_mean, shown};
pub use acceptance::Acceptance;
pub use ceiling::{Ceiling, ExceptionCeiling};

/// The rules for a whole GitLab.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Instance {
    /// The file that it was read from, as the user named it.
    pub source: String,
    /// The author's description, for people.
    pub description: Option<String>,
    /// The only GitLab that the set is for.
    pub url: Option<Address>,
    /// Nothing is deleted until somebody changes the file.
    pub paused: bool,
    /// The times in which nothing is deleted.
    pub freeze: Vec<Freeze>,
    /// What this machine's clock is worth where GitLab's is not told.
    pub clock: ClockTrust,
    /// How far GitLab's download dates can be trusted.
    pub downloads: Downloads,
    /// How long the journal is kept; `None` keeps it for ever.
    pub journal_keep: Option<Age>,
    /// The names of policies and protections that have to be in the set.
    pub require: Vec<String>,
    /// What no policy may go beyond.
    pub ceiling: Ceiling,
    /// The projects of which fewer holds than before are right.
    pub accept_fewer_holds: Vec<Acceptance>,
}

/// What this machine's clock is worth where no answer of GitLab tells the time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ClockTrust {
    /// Nothing: it has to be compared with GitLab's.
    #[default]
    Compared,
    /// It is right, by the word of whoever wrote the file. A clock that GitLab tells is still compared.
    Trusted,
}

/// A time in which nothing is deleted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Freeze {
    /// Its first instant.
    pub from: Timestamp,
    /// The first instant after it.
    pub end: Timestamp,
    /// Why nothing is deleted, for people.
    pub note: Option<String>,
}

impl Instance {
    /// Returns the GitLab that the set is for; `None` where that is the one at `address`, or any.
    #[must_use]
    pub fn elsewhere(&self, address: &Address) -> Option<&Address> {
        self.url.as_ref().filter(|url| *url != address)
    }

    /// Returns the freeze that `now` is in. If there are several, it is the one that ends last.
    #[must_use]
    pub fn frozen(&self, now: Timestamp) -> Option<&Freeze> {
        self.freeze.iter().filter(|freeze| freeze.holds(now)).max_by_key(|freeze| freeze.end)
    }
}

impl Freeze {
    /// Returns whether `now` is in it: from its first instant on, and no longer at its end.
    #[must_use]
    pub fn holds(&self, now: Timestamp) -> bool {
        self.from <= now && now < self.end
    }
}

/// An instance file before the rest of its set is known.
pub(super) struct Draft {
    /// The values in the file.
    pub(super) instance: Instance,
    /// The places of the names that are required.
    required: Vec<Span>,
    /// The places of the last days of acceptances, in their order.
    acceptance_ends: Vec<Span>,
}

impl Draft {
    /// Returns the last days of acceptances, each with its place.
    pub(super) fn acceptance_ends(&self) -> impl Iterator<Item = (Date, Span)> {
        let acceptances = self.instance.accept_fewer_holds.iter().map(|acceptance| acceptance.until);
        acceptances.zip(self.acceptance_ends.iter().copied())
    }

    /// Reports every required name that is not among `names`.
    pub(super) fn require_of(&self, names: &[&str], findings: &mut Findings<'_>) {
        for (name, span) in self.instance.require.iter().zip(&self.required) {
            if !names.contains(&name.as_str()) {
                findings
                    .problem(*span, format!("`{name}` is required, and no policy or protection here has that name"))
                    .hint("put its file back beside this one, or take the name out");
            }
        }
    }
}

/// Reads the mapping under `instance`. The caller adds the file's name and description.
pub(super) fn read(node: &Node, findings: &mut Findings<'_>) -> Option<Draft> {
    let before = findings.problems.len();
    let mut fields = Fields::of(node, "`instance`", findings)?;
    if !fields.has_other_than(&[]) {
        findings
            .problem(findings.first_line(node.span), "`instance` says nothing")
            .hint("write what holds for the whole GitLab, as in `paused: false`");
    }
    let url = fields.read("url", findings, |node, findings| scalar::parsed(node, findings, parse_url));
    let paused = fields.read("paused", findings, scalar::switch);
    let freeze = fields.take("freeze").map(|node| windows(node, findings));
    let clock = fields.read("clock", findings, |node, findings| scalar::parsed(node, findings, parse_clock));
    let downloads = fields.read("downloads", findings, downloads::read);
    let journal_keep = fields.take("journal").and_then(|node| journal(node, findings));
    let required = fields.read("require", findings, |node, findings| {
        scalar::each(node, findings, |node, findings| Some((scalar::parsed(node, findings, name::parse)?, node.span)))
    });
    let ceiling = fields.read("ceiling", findings, ceiling::read);
    let accepted = fields.take("accept_fewer_holds").map(|node| acceptance::list(node, findings));
    fields.refuse(
        "keep",
        "`keep` does not belong here",
        "it stands under `journal`, as in `journal: { keep: 2y }`",
        findings,
    );
    for key in ["tracked_since", "complete"] {
        fields.refuse(key, &format!("`{key}` does not belong here"), "it stands under `downloads`", findings);
    }
    for key in ["max_deletions", "max_percent", "min_age"] {
        fields.refuse(
            key,
            &format!("`{key}` does not belong here"),
            "it stands under `ceiling`, and in a policy under `limits`",
            findings,
        );
    }
    for key in ["allow_latest", "allow_released"] {
        fields.refuse(
            key,
            &format!("`{key}` does not belong here"),
            "it stands under `ceiling`, and in a delete rule",
            findings,
        );
    }
    fields.finish(findings);
    let (require, required) = required.unwrap_or_default().into_iter().unzip();
    let (accept_fewer_holds, acceptance_ends) = accepted.unwrap_or_default().into_iter().unzip();
    let instance = Instance {
        source: String::new(),
        description: None,
        url,
        paused: paused.unwrap_or(false),
        freeze: freeze.unwrap_or_default(),
        clock: clock.unwrap_or_default(),
        downloads: downloads.unwrap_or_default(),
        journal_keep,
        require,
        ceiling: ceiling.unwrap_or_default(),
        accept_fewer_holds,
    };
    // With a part missing it would stop less than its author asked for.
    (findings.problems.len() == before).then_some(Draft { instance, required, acceptance_ends })
}

fn parse_url(text: &str) -> Result<Address, ValueError> {
    Address::parse(text).map_err(|why| {
        ValueError::new(
            format!("this can't be the address of a GitLab: {why}"),
            "write the address that a browser opens it with, as in `https://gitlab.acme.example`",
        )
    })
}

fn journal(node: &Node, findings: &mut Findings<'_>) -> Option<Age> {
    let mut fields = Fields::of(node, "`journal`", findings)?;
    if !fields.has("keep") {
        findings
            .problem(findings.first_line(node.span), "`journal` says nothing")
            .hint("write how long it is kept, as in `keep: 2y`, or take the key out to keep it for ever");
    }
    let keep = fields.read("keep", findings, age::read);
    fields.finish(findings);
    keep
}

fn parse_clock(text: &str) -> Result<ClockTrust, ValueError> {
    match text {
        "compared" => Ok(ClockTrust::Compared),
        "trusted" => Ok(ClockTrust::Trusted),
        _ => Err(ValueError::new(
            format!("unknown `clock: {}`{}", shown(text), did_you_mean(text, ["compared", "trusted"])),
            "write `compared`, which is the default, or `trusted`",
        )),
    }
}

fn windows(node: &Node, findings: &mut Findings<'_>) -> Vec<Freeze> {
    match &node.content {
        NodeContent::List(windows) if windows.is_empty() => {
            findings.problem(node.span, "`freeze` is an empty list").hint(FREEZE_EXAMPLE);
            Vec::new()
        }
        NodeContent::List(windows) => windows.iter().filter_map(|window| freeze(window, findings)).collect(),
        NodeContent::Broken => Vec::new(),
        NodeContent::Mapping(_) | NodeContent::Scalar { .. } => {
            findings
                .problem(findings.first_line(node.span), "`freeze` is a list of times: begin each with `- `")
                .hint(what_stands_there(node));
            Vec::new()
        }
    }
}

const FREEZE_EXAMPLE: &str =
    "write when nothing is deleted, as in `- {from: 2026-12-20, to: 2027-01-06}`, or take the key out";

fn freeze(node: &Node, findings: &mut Findings<'_>) -> Option<Freeze> {
    let mut fields = Fields::of(node, "a freeze", findings)?;
    for (key, other) in [("from", "begins"), ("to", "ends")] {
        if !fields.has(key) {
            findings
                .problem(findings.first_line(node.span), format!("`{key}` is missing: it says when the freeze {other}"))
                .hint("for as long as it takes, write `paused: true`");
        }
    }
    let from = fields.read("from", findings, |node, findings| scalar::parsed(node, findings, Moment::parse));
    let to_node = fields.take("to");
    let to = to_node.and_then(|node| scalar::parsed(node, findings, Moment::parse));
    let note = fields.read("note", findings, |node, findings| scalar::text(node, findings).map(str::to_owned));
    fields.finish(findings);
    let (from, end) = (from?.begin(), to?.end());
    if end <= from {
        findings.problem(to_node?.span, "the freeze ends before it has begun").hint("`to` comes after `from`");
        return None;
    }
    Some(Freeze { from, end, note })
}

#[cfg(test)]
mod tests;
