//! The text that SemVer has after the numbers: the labels of a pre-release, and build metadata.

use super::number::Number;

/// A pre-release comes before its release. Labels are compared one by one, and more of them come after fewer.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Stage<T> {
    Prerelease(Vec<T>),
    Release,
}

/// One label. Numbers come before texts; `T` says how texts compare.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Label<'a, T> {
    Number(Number<'a>),
    Text(T),
}

impl<T> Stage<T> {
    #[must_use]
    pub(super) fn is_prerelease(&self) -> bool {
        matches!(self, Self::Prerelease(_))
    }
}

/// Splits a version into its parts, each without its mark: the numbers, the labels after the first hyphen, the build metadata
/// after the first plus.
#[must_use]
pub(super) fn split(version: &str) -> (&str, Option<&str>, Option<&str>) {
    let (version, build) = version.split_once('+').map_or((version, None), |(version, build)| (version, Some(build)));
    let (numbers, labels) =
        version.split_once('-').map_or((version, None), |(numbers, labels)| (numbers, Some(labels)));
    (numbers, labels, build)
}

/// Reads the labels of `text`, which has dots between them, each by `read`.
#[must_use]
pub(super) fn stage<'a, T>(text: Option<&'a str>, read: fn(&'a str) -> Option<T>) -> Option<Stage<T>> {
    match text {
        Some(text) => text.split('.').map(read).collect::<Option<_>>().map(Stage::Prerelease),
        None => Some(Stage::Release),
    }
}

/// Returns whether a text can be build metadata. It has no place in the order, but it has to be written as such.
#[must_use]
pub(super) fn is_build(text: Option<&str>) -> bool {
    text.is_none_or(|text| text.split('.').all(is_label))
}

#[must_use]
pub(super) fn is_label(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}
