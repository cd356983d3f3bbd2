//! The time and number that Maven writes in the place of `SNAPSHOT` when it deploys a build: `20250801.101010-7`.

use super::number::{Number, digits};

/// When a build of a snapshot was made, and its number. The later is the greater.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Build<'a> {
    day: &'a str,
    time: &'a str,
    number: Number<'a>,
}

impl<'a> Build<'a> {
    /// Returns the build that `text` begins with, and what follows.
    #[must_use]
    pub fn split(text: &'a str) -> Option<(Self, &'a str)> {
        let (day, rest) = exactly(8, text)?;
        let (time, rest) = exactly(6, rest.strip_prefix('.')?)?;
        let rest = rest.strip_prefix('-')?;
        let (number, after) = Number::split(rest);
        (after.len() < rest.len()).then_some((Self { day, time, number }, after))
    }

    /// Returns whether a version ends in a build.
    #[must_use]
    pub(super) fn ends(version: &str) -> bool {
        Build::before(version).is_some()
    }

    /// Returns what stands before the build that a version ends in.
    #[must_use]
    pub(super) fn before(version: &str) -> Option<&str> {
        let dash = version.match_indices('-').find(|(dash, _)| Build::is_whole(&version[dash + 1..]));
        dash.map(|(dash, _)| &version[..dash])
    }

    /// Returns whether `text` is a build and nothing else.
    #[must_use]
    pub(super) fn is_whole(text: &str) -> bool {
        Build::split(text).is_some_and(|(_, rest)| rest.is_empty())
    }
}

/// Splits a text that begins with exactly so many digits behind them.
fn exactly(count: usize, text: &str) -> Option<(&str, &str)> {
    let (found, rest) = text.split_at_checked(count)?;
    (digits(found) == count && digits(rest) == 0).then_some((found, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn builds_are_in_the_order_of_their_times_and_numbers() {
        let builds =
            ["20240101.120000-1", "20240101.120000-2", "20240101.120000-10", "20240101.120001-1", "20240102.000000-1"];
        let read = builds.map(|text| Build::split(text).unwrap().0);
        assert!(read.is_sorted_by(|one, other| one < other));
        assert_eq!(
            Build::split("20240101.120000-007-x.jar"),
            Some((Build::split("20240101.120000-7").unwrap().0, "-x.jar"))
        );
    }

    #[test]
    fn other_texts_are_none() {
        let others = [
            "",
            "20240101",
            "20240101.120000",
            "20240101.120000-",
            "2024010.120000-1",
            "202401011.120000-1",
            "20240101.12000-1",
            "20240101.1200000-1",
            "20240101-120000-1",
            "2024010ä.120000-1",
            "20240101ä",
        ];
        for text in others {
            assert_eq!(Build::split(text), None, "{text}");
        }
        assert!(Build::is_whole("20240101.120000-7") && !Build::is_whole("20240101.120000-7x"));
    }
}
