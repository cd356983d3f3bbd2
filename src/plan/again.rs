//! Judges a second time what an approved plan deletes. It goes only if both plans delete it.

use std::borrow::Cow;

use super::because::because;
use super::guard::Guard;
use super::reason::{Reason, Verdict};
use super::{Decision, Plan};
use crate::package::{Content, Downloaded};
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
    if decision.verdict() == Verdict::Delete {
        return Some(Again::Goes);
    }
    let now = because(decision, in_force);
    Some(match decision.reason {
        Reason::Always(Guard::NoEvidence) => Again::Untold(now),
        _ => Again::Stale(match changes(approved, decision) {
            Some(changes) => format!("{changes}: now {now}"),
            None => format!("now {now}"),
        }),
    })
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

/// Tells what people did to the package itself since the plan was made; `None` where that is nothing.
fn changes(approved: &Decision, now: &Decision) -> Option<String> {
    let downloaded = match (approved.downloaded, now.downloaded) {
        (before, Downloaded::At(date)) if before != now.downloaded => Some(format!("it was downloaded on {date}")),
        _ => None,
    };
    let content = match (approved.content.earliest(), now.content) {
        (before, Content::At(date) | Content::AtOrAfter(date)) if before < Some(date) => {
            Some(format!("it got a new file on {date}"))
        }
        _ => None,
    };
    let status =
        (approved.package.status != now.package.status).then(|| format!("its status is {}", now.package.status));
    let tags = (approved.package.tags != now.package.tags).then_some(Cow::Borrowed("its tags were changed"));
    let moved = (approved.package.project.path != now.package.project.path).then(|| "its project was moved".into());
    let all = [downloaded.map(Cow::Owned), content.map(Cow::Owned), status.map(Cow::Owned), tags, moved];
    let told: Vec<Cow<'_, str>> = all.into_iter().flatten().collect();
    (!told.is_empty()).then(|| told.join(", "))
}
