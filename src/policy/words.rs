//! Ages, sizes, downloads and successors in the words of reports.

use bytesize::ByteSize;
use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::SupersededBy;
use super::known::{Known, Successor, Successors};
use crate::package::{BranchFate, BranchOrigin, Content, Downloaded, Indexes, Project};

/// Returns how long ago something was, as in `93 days`, `5 hours`, `1 minute`; rounded down, and never negative.
#[must_use]
pub(crate) fn age(date: Timestamp, now: Timestamp) -> String {
    let seconds = now.duration_since(date).as_secs().max(0);
    let (count, unit) = match seconds {
        0..3_600 => (seconds / 60, "minute"),
        3_600..86_400 => (seconds / 3_600, "hour"),
        _ => (seconds / 86_400, "day"),
    };
    format!("{count} {unit}{}", if count == 1 { "" } else { "s" })
}

/// Returns a number of bytes in powers of 1000, as in `2.1 GB`.
pub(super) fn size(bytes: u64) -> String {
    ByteSize(bytes).display().si().to_string()
}

/// Returns when a package last got content, as far as that is known.
pub(crate) fn content(known: &Known<'_>) -> String {
    let now = known.now;
    match known.content {
        Content::At(date) => format!("newest content is {} old", age(date, now)),
        Content::AtOrAfter(date) => format!("made {} ago", age(date, now)),
        Content::Since(date) => {
            format!("made {} ago, and nothing tells when it was last published", age(date, now))
        }
        Content::Unknown => "the age of its content is unknown".to_owned(),
    }
}

/// Returns when a package was last downloaded.
pub(super) fn download(known: &Known<'_>) -> String {
    match known.downloaded {
        Downloaded::At(date) => {
            format!("last downloaded {} ago", age(date, known.now))
        }
        Downloaded::Never => "never downloaded".to_owned(),
        Downloaded::Unknown | Downloaded::Unreadable => "its last download is unknown".to_owned(),
        Downloaded::NotListed => "its last download was not looked up".to_owned(),
    }
}

/// Returns what became of the branch that built a package.
pub(super) fn branch(known: &Known<'_>) -> String {
    let origin = known.branch_origin();
    let Some((project, branch)) = origin.branch() else {
        return match origin {
            BranchOrigin::NotListed => "what it was built from was not looked up".to_owned(),
            _ => "which branch built it is unknown".to_owned(),
        };
    };
    let noun = if matches!(origin, BranchOrigin::Surely(..)) { "branch" } else { "branch or tag" };
    let branch = format!("{noun} {branch} of project {project}");
    match known.branch_fate(&origin) {
        BranchFate::There => format!("{branch} is there"),
        BranchFate::Spared => format!("{branch} is never taken for gone"),
        BranchFate::Gone(since) => {
            format!("{branch} is gone, counted from {since}, {} ago", age(since, known.now))
        }
        BranchFate::Unknown => format!("whether {branch} is gone is unknown"),
        BranchFate::NotInList | BranchFate::NotLookedUp => format!("whether {branch} is gone was not looked up"),
    }
}

/// Returns the last download, and what its absence is worth on this GitLab.
pub(super) fn download_in_full(known: &Known<'_>) -> String {
    let downloaded = known.downloaded;
    let hides_one = downloaded == Downloaded::Never && known.is_from_before_tracking();
    let since = if hides_one { format!(" since {}", known.downloads.tracked_since) } else { String::new() };
    let is_partial = !known.downloads.complete && matches!(downloaded, Downloaded::At(_) | Downloaded::Never);
    let doubt = if is_partial { ", as far as GitLab knows" } else { "" };
    format!("{}{since}{doubt}", download(known))
}

/// Returns a project's topics: `the topics a and b`.
pub(crate) fn topics(project: &Project) -> String {
    let told: Vec<String> = project
        .topics
        .told()
        .map(|topics| match topics {
            [] => "no topic".to_owned(),
            [one] => format!("the topic {one}"),
            several => format!("the topics {}", several.join(", ")),
        })
        .collect();
    if project.topics.is_known() { told.join(", or ") } else { "topics that GitLab doesn't tell".to_owned() }
}

/// Returns a project's path, with every other path that it is or was known by.
pub(crate) fn project(known: &Known<'_>) -> String {
    let project = &known.package.project;
    let path = project.path.clone().unwrap_or_else(|| "the project's path is unknown".to_owned());
    match project.other_paths.as_slice() {
        [] => path,
        others => format!("{path}, also known as {}", others.join(", ")),
    }
}

/// Returns the release that supersedes a package, of those that count, or why none does.
pub(super) fn superseded(known: &Known<'_>, by: SupersededBy) -> String {
    let own = known.successors.own();
    superseded_as(known, by, own.or_else(|| known.successors.higher(by)))
}

/// Returns the release that superseded a package first, of those that count, or why none does.
pub(super) fn superseded_since(known: &Known<'_>, by: SupersededBy) -> String {
    let both = [known.successors.own(), known.successors.higher(by)];
    superseded_as(known, by, both.into_iter().flatten().min_by_key(|successor| successor.made))
}

fn superseded_as(known: &Known<'_>, by: SupersededBy, successor: Option<&Successor>) -> String {
    let package = known.package;
    let facts = package.package_type.facts();
    match package.is_prerelease() {
        None => return "whether it is a pre-release is unknown".to_owned(),
        Some(false) => return "it is no pre-release".to_owned(),
        Some(true) if package.is_upload() => return "it is an upload and no version".to_owned(),
        Some(true) => {}
    }
    let version = package.version.as_deref().unwrap_or_default();
    let Some(Successor { version: release, made }) = successor else {
        return match (by, &known.successors) {
            (_, Successors::Open) => "nobody has looked for its release".to_owned(),
            (SupersededBy::Own, _) => format!("{version} has no release that can be installed"),
            (SupersededBy::Any, _) => {
                format!("{version} has no release that can be installed, and no higher one was made after it")
            }
        };
    };
    if facts.indexes == Indexes::Several {
        return format!("{release} may be in another distribution or channel, which GitLab's API doesn't tell");
    }
    match package.tags.as_deref() {
        None if facts.has_latest_tag => return "its dist-tags can't be read".to_owned(),
        Some(tags) if facts.has_latest_tag && !tags.is_empty() => {
            return format!("{version} is not superseded: it carries the dist-tag {}", tags.join(", "));
        }
        _ => {}
    }
    let is_own = known.successors.own().is_some_and(|own| own.made == *made);
    let doubt = match known.content {
        Content::AtOrAfter(_) | Content::Since(_) | Content::Unknown if !is_own => ", unless it got content since",
        _ => "",
    };
    format!("{version} is superseded by {release}, made {}{doubt}", made.to_zoned(TimeZone::UTC).date())
}
