//! What a part of a rule was held against, in the words of the report.

use super::super::because::{content_age, download_age, place, size};
use super::super::evidence::Bytes;
use super::super::rank::Rank;
use super::super::truth::{Facts, Truth};
use crate::package::{BuiltFrom, Downloaded};
use crate::policy::{Condition, Newest, ProtectionScope};

/// What a condition looked at, of which it says `truth`.
pub(super) fn seen(condition: &Condition, facts: &Facts<'_>, truth: Truth) -> String {
    let Facts { package, content, now, .. } = *facts;
    match condition {
        Condition::Type(_) => package.package_type.to_string(),
        Condition::Name(_) => package.name.clone(),
        Condition::Project(_) => path(facts),
        Condition::Version(_) => package.version.clone().unwrap_or_else(|| "no version".to_owned()),
        Condition::Tag(_) => match package.tags.as_deref() {
            Some([]) => "no tag".to_owned(),
            Some(tags) => tags.join(", "),
            None => "its tags are unknown".to_owned(),
        },
        Condition::Channel(_) => package.own_channel().unwrap_or("no channel").to_owned(),
        Condition::Prerelease(_) => match package.is_prerelease() {
            Some(true) => "a pre-release".to_owned(),
            Some(false) => "a release".to_owned(),
            None => "whether it is a pre-release is unknown".to_owned(),
        },
        Condition::BuiltFrom(_) => match &*facts.built_from {
            BuiltFrom::Pipeline(pipeline) => match truth {
                Truth::Yes | Truth::No => pipeline.to_string(),
                Truth::Unknown => format!("{pipeline}, and what kind of ref that is, is unknown"),
                Truth::Pending => format!("{pipeline}, and what kind of ref that is, was not looked up"),
            },
            BuiltFrom::Unknown => "what it was built from is unknown".to_owned(),
            BuiltFrom::NotListed => "what it was built from was not looked up".to_owned(),
        },
        Condition::LargerThan(_) => match facts.bytes {
            Bytes::Sum(bytes) => size(bytes),
            Bytes::AtLeast(bytes) => format!("at least {}", size(bytes)),
            Bytes::Open => "its size was not looked up".to_owned(),
        },
        Condition::Status(_) => package.status.to_string(),
        Condition::Id(_) => package.id.to_string(),
        Condition::OlderThan(_) | Condition::YoungerThan(_) | Condition::UnknownAge => content_age(content, now),
        Condition::NotDownloadedFor(_) => {
            format!("{}; {}", downloads(facts), content_age(content, now))
        }
        Condition::DownloadedWithin(_) | Condition::NeverDownloaded => downloads(facts),
    }
}

/// The last download, with what its absence is worth on this GitLab.
fn downloads(facts: &Facts<'_>) -> String {
    let downloaded = facts.downloaded;
    let hides_one = downloaded == Downloaded::Never && facts.is_from_before_tracking();
    let since = if hides_one { format!(" since {}", facts.downloads.tracked_since) } else { String::new() };
    let is_partial = !facts.downloads.complete && matches!(downloaded, Downloaded::At(_) | Downloaded::Never);
    let doubt = if is_partial { ", as far as GitLab knows" } else { "" };
    format!("{}{since}{doubt}", download_age(downloaded, facts.now))
}

/// What a protection's scope looked at: the project's path, and the type where it names some.
pub(super) fn seen_by_scope(scope: &ProtectionScope, facts: &Facts<'_>) -> String {
    let looks_at_project = !scope.groups.is_empty() || !scope.projects.is_empty() || scope.paths.is_some();
    let project = looks_at_project.then(|| path(facts));
    let package_type = (!scope.types.is_empty()).then(|| facts.package.package_type.to_string());
    project.into_iter().chain(package_type).collect::<Vec<_>>().join(", ")
}

/// The place that a `newest` rule gives, or why it gives none.
pub(super) fn seen_by_newest(newest: &Newest, rank: Option<Rank>, truth: Truth) -> String {
    match (rank, truth) {
        (Some(_), _) => place(newest, rank),
        (None, Truth::No) => "it is not counted".to_owned(),
        (None, Truth::Yes | Truth::Unknown) => place(newest, rank),
        (None, Truth::Pending) => "whether it is counted was not looked up".to_owned(),
    }
}

fn path(facts: &Facts<'_>) -> String {
    let project = &facts.package.project;
    let path = project.path.clone().unwrap_or_else(|| "the project's path is unknown".to_owned());
    match project.other_paths.as_slice() {
        [] => path,
        others => format!("{path}, also known as {}", others.join(", ")),
    }
}
