//! Judges a second time what an approved plan deletes. It goes only if both plans delete it.

use std::borrow::Cow;

use jiff::Timestamp;

use super::because::because;
use super::files::file_because;
use super::guard::Guard;
use super::reason::{Reason, ReasonKind, Verdict};
use super::{Decision, FileDecision, Plan};
use crate::package::{Content, Downloaded, FileId, Status};
use crate::policy::{InForce, Outside};

/// The second verdict on what an approved plan deletes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Again {
    /// It still goes. The reason may be another one; the approved one is told.
    Goes,
    /// It stays. The sentence tells what has changed since the plan was made.
    Stale(String),
    /// It stays, because nobody can tell what decides about it. The sentence says what that is.
    Untold(String),
}

/// Judges a package again that an approved plan deletes. `second` is the plan of the second look, made by `in_force`;
/// `None` where it doesn't decide on the package.
#[must_use]
pub fn again(approved: &Decision, second: &Plan, in_force: InForce<'_>) -> Option<Again> {
    let decision = second.decision(approved.package.id)?;
    Some(of_package(&Comparable::of(approved), decision, in_force))
}

/// Returns the second verdict on a package of which this was known.
pub(super) fn of_package(before: &Comparable<'_>, decision: &Decision, in_force: InForce<'_>) -> Again {
    if decision.verdict() == Verdict::Delete {
        return Again::Goes;
    }
    let now = because(decision, in_force);
    match decision.reason {
        Reason::Always(Guard::NoEvidence) => Again::Untold(now),
        _ => Again::Stale(match changes(before, decision) {
            Some(changes) => format!("{changes}: now {now}"),
            None => format!("now {now}"),
        }),
    }
}

/// Returns the second verdict on a file, by the decisions on its package and on the files of that; `None` where it is not
/// among them.
pub(super) fn of_file(
    file: FileId,
    decision: &Decision,
    files: &[FileDecision],
    in_force: InForce<'_>,
) -> Option<Again> {
    if let Some(file) = files.iter().find(|other| other.file.id == file) {
        return Some(match file.verdict() {
            Verdict::Delete => Again::Goes,
            Verdict::Keep => Again::Stale(format!("now {}", file_because(file, &decision.package, in_force))),
        });
    }
    if !files.is_empty() {
        return None;
    }
    let now = because(decision, in_force);
    Some(match decision.reason.kind() {
        ReasonKind::Always(Guard::NoEvidence) => Again::Untold(now),
        ReasonKind::Selected | ReasonKind::NotNamed => Again::Stale("its package would go as a whole now".to_owned()),
        _ => Again::Stale("no file of its package may go now".to_owned()),
    })
}

/// What is compared of a package at two instants.
pub(super) struct Comparable<'a> {
    pub(super) downloaded: Option<Timestamp>,
    pub(super) content: Option<Timestamp>,
    /// `None` where it is not compared; so with tags and path.
    pub(super) status: Option<&'a Status>,
    pub(super) tags: Option<&'a Option<Vec<String>>>,
    pub(super) path: Option<&'a str>,
}

impl<'a> Comparable<'a> {
    fn of(decision: &'a Decision) -> Self {
        let package = &decision.package;
        Self {
            downloaded: match decision.downloaded {
                Downloaded::At(date) => Some(date),
                Downloaded::Never | Downloaded::Unknown | Downloaded::Unreadable | Downloaded::NotListed => None,
            },
            content: decision.content.earliest(),
            status: Some(&package.status),
            tags: Some(&package.tags),
            path: package.project.path.as_deref(),
        }
    }
}

/// Tells why a package that was to go is no longer in the scope.
#[must_use]
pub fn out_of_scope(outside: &Outside<'_>) -> Again {
    match outside {
        Outside::UnknownPath { .. } | Outside::UnknownArchived { .. } | Outside::UnknownTopics { .. } => {
            Again::Untold(outside.to_string())
        }
        Outside::Archived => Again::Stale("its project is archived now".to_owned()),
        Outside::Type { .. } | Outside::Paths { .. } | Outside::Topics { .. } | Outside::NotArchived => {
            Again::Stale(format!("out of scope now: {outside}"))
        }
    }
}

/// Tells what people did to the package itself since this was known of it; `None` where that is nothing.
fn changes(before: &Comparable<'_>, now: &Decision) -> Option<String> {
    let package = &now.package;
    let downloaded = match now.downloaded {
        Downloaded::At(date) if before.downloaded != Some(date) => Some(format!("it was downloaded on {date}")),
        _ => None,
    };
    let content = match now.content {
        Content::At(date) | Content::AtOrAfter(date) if before.content < Some(date) => {
            Some(format!("it got a new file on {date}"))
        }
        _ => None,
    };
    let status = before.status.is_some_and(|status| *status != package.status);
    let status = status.then(|| format!("its status is {}", package.status));
    let tags = before.tags.is_some_and(|tags| *tags != package.tags).then_some(Cow::Borrowed("its tags were changed"));
    let moved = before.path.is_some() && before.path != package.project.path.as_deref();
    let moved = moved.then(|| "its project was moved".into());
    let all = [downloaded.map(Cow::Owned), content.map(Cow::Owned), status.map(Cow::Owned), tags, moved];
    let told: Vec<Cow<'_, str>> = all.into_iter().flatten().collect();
    (!told.is_empty()).then(|| told.join(", "))
}
