//! Tells the reason of a decision as one sentence, with the figures that it rests on.

use std::borrow::Cow;

use super::guard::Guard;
use super::reason::Reason;
use super::{Decision, Rank};
use crate::policy::{By, Condition, Hold, InForce, KeepRule, Known, Newest, Per, Policy, Truth, words};

/// Tells people why a package stays or goes. `in_force` is what the decision was made by.
#[must_use]
pub fn because(decision: &Decision, in_force: InForce<'_>) -> String {
    let (set, policy, now) = (in_force.set(), in_force.policy(), in_force.now());
    let known = Known {
        package: &decision.package,
        content: decision.content,
        bytes: decision.bytes,
        built_from: Cow::Borrowed(&decision.built_from),
        branch: decision.branch,
        downloaded: decision.downloaded,
        successors: decision.successors.clone(),
        downloads: set.downloads(),
        now,
        horizon: in_force.horizon(),
    };
    let sentence = match decision.reason {
        Reason::Always(guard) => Some(guarded(guard, &known, policy)),
        Reason::Protected { protection, rule } => set.protections.get(protection).and_then(|held| {
            let hold = held.rules.get(rule)?;
            Some(format!("protected by {}: {}", held.name, held_because(hold, &known, None)))
        }),
        Reason::Kept(number) => {
            policy.keep.get(number).map(|rule| held_because(&rule.hold, &known, standing(rule, decision.rank)))
        }
        Reason::NotSelected => Some("no delete rule selects it".to_owned()),
        Reason::NotNamed => Some("the saved plan doesn't name it".to_owned()),
        Reason::Selected(number) => policy.delete.get(number).map(|rule| conditions(&rule.conditions, &known)),
    };
    sentence.unwrap_or_else(|| decision.reason.code().to_owned())
}

fn standing(rule: &KeepRule, rank: Option<Rank>) -> Option<String> {
    let newest = rule.newest.as_ref()?;
    let of_last = newest.last_series.filter(|_| rank.is_some()).map_or_else(String::new, |last| match last.get() {
        1 => ", of the series built last".to_owned(),
        last => format!(", of the {last} series built last"),
    });
    Some(format!("{}{of_last} (newest: {})", place(newest, rank), newest.count))
}

/// Tells the place that a `newest` rule gives.
pub(super) fn place(newest: &Newest, rank: Option<Rank>) -> String {
    let per = match &newest.per {
        None => String::new(),
        Some(Per::Major) => " of its major version".to_owned(),
        Some(Per::Minor) => " of its minor version".to_owned(),
        Some(Per::Patch) => " of its patch version".to_owned(),
        Some(Per::Ref) => " of its ref".to_owned(),
        Some(Per::Capture(capture)) => format!(" of its series {capture}"),
    };
    let by = match newest.by {
        By::Content => "",
        By::Created => " by creation",
        By::Version => " by version",
    };
    match rank {
        Some(Rank { place, of }) => format!("{} newest of {of}{per}{by}", ordinal(place)),
        None => format!("it can't be ranked{per}{by}"),
    }
}

/// Tells the place of a package's series among those that were built last.
pub(super) fn place_of_series(rank: Rank) -> String {
    let newer = rank.place - 1;
    match newer {
        0 => format!("no other of {} series was built later", rank.of),
        1 => format!("1 other of {} series was built later", rank.of),
        _ => format!("{newer} others of {} series were built later", rank.of),
    }
}

/// Tells which conditions of a hold are met, and its note.
fn held_because(hold: &Hold, known: &Known<'_>, newest: Option<String>) -> String {
    let conditions = (!hold.conditions.is_empty()).then(|| conditions(&hold.conditions, known));
    let parts: Vec<String> = newest.into_iter().chain(conditions).collect();
    match &hold.note {
        Some(note) => format!("{} ({note})", parts.join("; ")),
        None => parts.join("; "),
    }
}

fn conditions(conditions: &[Condition], known: &Known<'_>) -> String {
    let parts: Vec<String> = conditions.iter().map(|condition| condition.because(known)).collect();
    parts.join("; ")
}

pub(super) fn guarded(guard: Guard, known: &Known<'_>, policy: &Policy) -> String {
    let package = known.package;
    match guard {
        Guard::ChangedDuringWalk => "it changed while it was listed".to_owned(),
        Guard::Unreadable => format!("its {} can't be read", package.unreadable.unwrap_or("row")),
        Guard::MarkedForDeletion => {
            "its project, or a group above it, is marked for deletion, and may be taken back".to_owned()
        }
        Guard::Loosened => "a hold that was changed has let go of its project, and this run only tells so".to_owned(),
        Guard::FewerHolds => {
            "GitLab tells fewer than half of the holds of its project, or of where it was built, that it told before, and this \
             run only tells so"
                .to_owned()
        }
        Guard::Processing => "GitLab is still processing it".to_owned(),
        Guard::PendingDestruction => "GitLab is already removing it".to_owned(),
        Guard::Hidden => "it is hidden, and GitLab does not delete hidden packages".to_owned(),
        Guard::UnknownStatus => format!("status {} is unknown to this release", package.status),
        Guard::Versionless => "it has no version: GitLab keeps metadata of all versions in it".to_owned(),
        Guard::TypeNotNamed => format!("no rule that selects it names its type, {}", package.package_type),
        Guard::MinAge if known.is_fresh(&policy.limits.min_age) == Truth::Unknown => {
            format!("{}: it may be younger than min_age {}", words::content(known), policy.limits.min_age)
        }
        Guard::MinAge => format!("{}, less than min_age {}", words::content(known), policy.limits.min_age),
        Guard::NoEvidence => "what decides about it could not be looked up".to_owned(),
        Guard::SenselessDates => "a date of it is missing, later than this plan, or before 2011".to_owned(),
        Guard::NpmLatest if package.tags.is_none() => "its dist-tags can't be read".to_owned(),
        Guard::NpmLatest => "it carries the dist-tag latest".to_owned(),
        Guard::ProtectedInGitlab => "a protection rule of its project in GitLab holds it".to_owned(),
        Guard::Released => "a release of its project links to it".to_owned(),
        Guard::Latest if package.may_be_latest() => "its version can't be read, and may be the latest".to_owned(),
        Guard::Latest if package.is_branch() => {
            "nothing tells when a branch was last published, so it may be the latest of its package".to_owned()
        }
        Guard::Latest => "it is the latest version of its package".to_owned(),
        Guard::OtherIndex => {
            "it may be the highest version of its distribution or channel, which GitLab's API doesn't tell".to_owned()
        }
    }
}

/// Writes `1st`, `2nd`, `11th`.
pub(super) fn ordinal(number: usize) -> String {
    let ending = match (number % 10, number % 100) {
        (_, 11..=13) => "th",
        (1, _) => "st",
        (2, _) => "nd",
        (3, _) => "rd",
        _ => "th",
    };
    format!("{number}{ending}")
}
