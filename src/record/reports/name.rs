//! Names a kept report: by the instant that it judged by, and a number where others are of the same second.

use std::fmt;

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

/// The name of a kept report, `2026-11-28T02-30-00Z` or `2026-11-28T02-30-00Z_02`. They sort by time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct ReportName {
    /// In seconds.
    second: i64,
    /// From 1.
    number: u32,
}

const FORM: &str = "%Y-%m-%dT%H-%M-%SZ";

impl ReportName {
    pub(super) fn new(at: Timestamp, number: u32) -> Self {
        Self { second: at.as_second(), number }
    }

    /// Reads a name; `None` for whatever is not written as the store writes it.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (time, number) = match text.split_once('_') {
            Some((time, number)) => (time, number.parse().ok()?),
            None => (text, 1),
        };
        let at = DateTime::strptime(FORM, time).ok()?.to_zoned(TimeZone::UTC).ok()?.timestamp();
        let name = Self::new(at, number);
        (name.to_string() == text).then_some(name)
    }

    /// Reads the name from that of a report's file.
    pub(super) fn of_file(name: &str) -> Option<Self> {
        Self::parse(name.strip_suffix(".json")?)
    }

    /// Reads the name from that of a file that is being written, or was when a process ended.
    pub(super) fn of_unfinished(name: &str) -> Option<Self> {
        Self::of_file(name.strip_suffix(".new")?)
    }

    pub(super) fn file(self) -> String {
        format!("{self}.json")
    }

    pub(super) fn unfinished(self) -> String {
        format!("{self}.json.new")
    }
}

impl fmt::Display for ReportName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let at = Timestamp::from_second(self.second).unwrap_or_default();
        write!(f, "{}", at.strftime(FORM))?;
        if self.number > 1 { write!(f, "_{:02}", self.number) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_sort_by_time_and_are_read_back() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let names = [
            ReportName::new(at("2026-11-28T02:30:00.75Z"), 1),
            ReportName::new(at("2026-11-28T02:30:00Z"), 2),
            ReportName::new(at("2026-11-28T02:30:00Z"), 12),
            ReportName::new(at("2026-11-28T02:30:01Z"), 1),
        ];
        let texts = names.map(|name| name.to_string());
        assert_eq!(
            texts,
            ["2026-11-28T02-30-00Z", "2026-11-28T02-30-00Z_02", "2026-11-28T02-30-00Z_12", "2026-11-28T02-30-01Z"]
        );
        assert!(names.is_sorted());
        let mut files = names.map(ReportName::file);
        let in_order = files.clone();
        files.sort();
        assert_eq!(files, in_order, "a listing shows them in their order");
        for name in names {
            assert_eq!(ReportName::parse(&name.to_string()), Some(name));
            assert_eq!(ReportName::of_file(&name.file()), Some(name));
            assert_eq!(ReportName::of_unfinished(&name.unfinished()), Some(name));
        }
    }

    #[test]
    fn whatever_else_there_is_has_no_such_name() {
        for other in [
            "",
            "..",
            "2026-11-28",
            "2026-11-28T02:30:00Z",
            "2026-11-28T2-30-00Z",
            "2026-11-28T02-30-00Z_1",
            "2026-11-28T02-30-00Z_01",
            "2026-11-28T02-30-00Z_2",
            "2026-11-28T02-30-00Z_+2",
            "2026-11-28T02-30-00Z.json",
            "2026-11-28T02-30-00Z/..",
            "2026-02-30T02-30-00Z",
            " 2026-11-28T02-30-00Z",
        ] {
            assert_eq!(ReportName::parse(other), None, "{other:?}");
        }
    }
}
