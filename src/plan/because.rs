//! A reason told as one sentence, with the figures that it rests on.

use std::borrow::Cow;

use bytesize::ByteSize;
use jiff::Timestamp;

use super::evidence::{Bytes, Content};
use super::guard::Guard;
use super::reason::Reason;
use super::truth::{Facts, Truth};
use super::{Decision, Rank};
use crate::package::{BuiltFrom, Downloaded};
use crate::policy::{By, Condition, Hold, KeepRule, Newest, Per, Policy, PolicySet};

/// Why a package stays or goes, for people. The set and the policy are those that the decision was made by.
#[must_use]
pub fn because(decision: &Decision, set: &PolicySet, policy: &Policy, now: Timestamp) -> String {
    let facts = Facts {
        package: &decision.package,
        content: decision.content,
        bytes: decision.bytes,
        built_from: Cow::Borrowed(&decision.built_from),
        downloaded: decision.downloaded,
        downloads: set.downloads(),
        now,
    };
    let sentence = match decision.reason {
        Reason::Always(guard) => Some(guarded(guard, &facts, policy)),
        Reason::Protected { protection, rule } => set.protections.get(protection).and_then(|held| {
            let hold = held.rules.get(rule)?;
            Some(format!("protected by {}: {}", held.name, told(hold, &facts, None)))
        }),
        Reason::Kept(number) => {
            policy.keep.get(number).map(|rule| told(&rule.hold, &facts, standing(rule, decision.rank)))
        }
        Reason::NotSelected => Some("no delete rule selects it".to_owned()),
        Reason::Selected(number) => policy.delete.get(number).map(|rule| conditions(&rule.conditions, &facts)),
    };
    sentence.unwrap_or_else(|| decision.reason.code().to_owned())
}

fn standing(rule: &KeepRule, rank: Option<Rank>) -> Option<String> {
    let newest = rule.newest.as_ref()?;
    Some(format!("{} (newest: {})", place(newest, rank), newest.count))
}

/// The place that a `newest` rule gives.
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

/// What holds, and the rule's note.
fn told(hold: &Hold, facts: &Facts<'_>, newest: Option<String>) -> String {
    let conditions = (!hold.conditions.is_empty()).then(|| conditions(&hold.conditions, facts));
    let parts: Vec<String> = newest.into_iter().chain(conditions).collect();
    match &hold.note {
        Some(note) => format!("{} ({note})", parts.join("; ")),
        None => parts.join("; "),
    }
}

fn conditions(conditions: &[Condition], facts: &Facts<'_>) -> String {
    let parts: Vec<String> = conditions.iter().map(|condition| describe(condition, facts)).collect();
    parts.join("; ")
}

/// What a condition saw.
fn describe(condition: &Condition, facts: &Facts<'_>) -> String {
    let Facts { package, content, downloaded, now, .. } = *facts;
    match condition {
        Condition::Type(_) => format!("type {}", package.package_type),
        Condition::Name(patterns) => format!("name matches {patterns}"),
        Condition::Project(patterns) => match &package.project.path {
            _ if patterns.hold_project(&package.project).is_none() => "the project's path is unknown".to_owned(),
            Some(path) if patterns.select_project(&package.project) != Some(true) => {
                format!("project {path} is, or was, known by a path that matches {patterns}")
            }
            _ => format!("project matches {patterns}"),
        },
        Condition::Version(patterns) => format!("version matches {patterns}"),
        Condition::Tag(patterns) => match &package.tags {
            Some(tags) if tags.is_empty() => format!("no tag (tag {patterns})"),
            Some(tags) => format!("tagged {} (tag {patterns})", tags.join(", ")),
            None => "its tags are unknown".to_owned(),
        },
        Condition::Channel(patterns) => match package.own_channel() {
            Some(channel) => format!("channel {channel} matches {patterns}"),
            None => format!("no channel (channel {patterns})"),
        },
        Condition::Prerelease(_) => match package.is_prerelease() {
            Some(true) => "a pre-release".to_owned(),
            Some(false) => "a release".to_owned(),
            None => "whether it is a pre-release is unknown".to_owned(),
        },
        Condition::BuiltFrom(refs) => match &*facts.built_from {
            BuiltFrom::Pipeline(pipeline) => format!("built from {pipeline} (built_from {refs})"),
            BuiltFrom::Unknown | BuiltFrom::NotListed => "what it was built from is unknown".to_owned(),
        },
        Condition::LargerThan(limit) => match facts.bytes {
            Bytes::Sum(bytes) => format!("{} (larger_than {limit})", size(bytes)),
            Bytes::AtLeast(bytes) => format!("at least {} (larger_than {limit})", size(bytes)),
            Bytes::Open => "its size is unknown".to_owned(),
        },
        Condition::Status(_) => format!("status {}", package.status),
        Condition::Id(_) => format!("id {}", package.id),
        Condition::OlderThan(age) => format!("{} (older_than {age})", content_age(content, now)),
        Condition::YoungerThan(age) => format!("{} (younger_than {age})", content_age(content, now)),
        Condition::NotDownloadedFor(age) => match (downloaded, content) {
            (Downloaded::Never, Content::At(date)) => {
                // Of the time before downloads were written down nobody knows.
                let date = date.max(facts.downloads.since());
                format!("never downloaded in {} (not_downloaded_for {age})", self::age(date, now))
            }
            (Downloaded::At(download), Content::At(date)) if date > download => {
                let download = download_age(downloaded, now);
                format!("{download}, {} (not_downloaded_for {age})", content_age(content, now))
            }
            _ => format!("{} (not_downloaded_for {age})", download_age(downloaded, now)),
        },
        Condition::DownloadedWithin(age) => {
            format!("{} (downloaded_within {age})", download_age(downloaded, now))
        }
        Condition::NeverDownloaded => download_age(downloaded, now),
        Condition::UnknownAge => content_age(content, now),
    }
}

pub(super) fn guarded(guard: Guard, facts: &Facts<'_>, policy: &Policy) -> String {
    let Facts { package, content, now, .. } = *facts;
    match guard {
        Guard::ChangedDuringWalk => "it changed while it was listed".to_owned(),
        Guard::Unreadable => format!("its {} can't be read", package.unreadable.unwrap_or("row")),
        Guard::MarkedForDeletion => {
            "its project, or a group above it, is marked for deletion, and may be taken back".to_owned()
        }
        Guard::Loosened => "a hold that was changed has let go of its project, and this run only tells so".to_owned(),
        Guard::Processing => "GitLab is still processing it".to_owned(),
        Guard::PendingDestruction => "GitLab is already removing it".to_owned(),
        Guard::Hidden => "it is hidden, and GitLab does not delete hidden packages".to_owned(),
        Guard::UnknownStatus => format!("status {} is unknown to this release", package.status),
        Guard::Versionless => "it has no version: GitLab keeps metadata of all versions in it".to_owned(),
        Guard::TypeNotNamed => format!("no rule that selects it names its type, {}", package.package_type),
        Guard::MinAge if facts.is_fresh(&policy.limits.min_age) == Truth::Unknown => {
            format!("{}: it may be younger than min_age {}", content_age(content, now), policy.limits.min_age)
        }
        Guard::MinAge => format!("{}, less than min_age {}", content_age(content, now), policy.limits.min_age),
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

pub(super) fn content_age(content: Content, now: Timestamp) -> String {
    match content {
        Content::At(date) => format!("newest content is {} old", age(date, now)),
        Content::AtOrAfter(date) => format!("made {} ago", age(date, now)),
        Content::Since(date) => {
            format!("made {} ago, and nothing tells when it was last published", age(date, now))
        }
        Content::Unknown => "the age of its content is unknown".to_owned(),
    }
}

pub(super) fn download_age(downloaded: Downloaded, now: Timestamp) -> String {
    match downloaded {
        Downloaded::At(date) => {
            format!("last downloaded {} ago", age(date, now))
        }
        Downloaded::Never => "never downloaded".to_owned(),
        Downloaded::Unknown | Downloaded::Unreadable => "its last download is unknown".to_owned(),
        Downloaded::NotListed => "its last download was not looked up".to_owned(),
    }
}

pub(super) fn size(bytes: u64) -> String {
    ByteSize(bytes).display().si().to_string()
}

/// `1st`, `2nd`, `11th`.
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

/// `93 days`, `5 hours`, `1 minute`; rounded down, and never negative.
#[must_use]
pub fn age(date: Timestamp, now: Timestamp) -> String {
    let seconds = now.duration_since(date).as_secs().max(0);
    let (count, unit) = match seconds {
        0..3_600 => (seconds / 60, "minute"),
        3_600..86_400 => (seconds / 3_600, "hour"),
        _ => (seconds / 86_400, "day"),
    };
    format!("{count} {unit}{}", if count == 1 { "" } else { "s" })
}
