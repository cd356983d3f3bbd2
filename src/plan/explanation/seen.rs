//! Tells the values that the parts of a rule were held against, in the words of the report.

use super::super::because::{place, place_of_series};
use super::super::rank::Standing;
use crate::policy::{Known, Newest, ProtectionScope, Truth, words};

/// Returns what a protection's scope looked at: the project's path, and the type and the topics where it names some.
pub(super) fn seen_by_scope(scope: &ProtectionScope, known: &Known<'_>) -> String {
    let looks_at_project = !scope.groups.is_empty() || !scope.projects.is_empty() || scope.paths.is_some();
    let project = looks_at_project.then(|| words::project(known));
    let package_type = (!scope.types.is_empty()).then(|| known.package.package_type.to_string());
    let topics = scope.topics.is_some().then(|| words::topics(&known.package.project));
    project.into_iter().chain(package_type).chain(topics).collect::<Vec<_>>().join(", ")
}

/// Returns the place that a `newest` rule gives, or why it gives none.
pub(super) fn seen_by_newest(newest: &Newest, standing: Standing, truth: Truth) -> String {
    let Standing { rank, of_series, .. } = standing;
    match (rank, truth) {
        (Some(_), _) => match of_series {
            Some(of_series) => format!("{}; {}", place(newest, rank), place_of_series(of_series)),
            None => place(newest, rank),
        },
        (None, Truth::No) => "it is not counted".to_owned(),
        (None, Truth::Yes | Truth::Unknown) => place(newest, rank),
        (None, Truth::Pending) => "whether it is counted was not looked up".to_owned(),
    }
}
