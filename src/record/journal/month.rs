//! The files of a journal: one for each month in UTC, and which of them may go.

use std::fmt;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::chain::Seq;
use super::open_line::OpenLine;

/// A month that has a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Month {
    year: i16,
    month: i8,
}

/// The lines that a month's file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MonthSpan {
    /// The month.
    pub month: Month,
    /// The number of its last line.
    pub last_seq: Seq,
    /// When its last line was written.
    pub last_time: Timestamp,
}

impl Month {
    /// Returns the month of an instant.
    #[must_use]
    pub fn of(instant: Timestamp) -> Self {
        let date = instant.to_zoned(TimeZone::UTC).date();
        Self { year: date.year(), month: date.month() }
    }

    /// Reads the month from the name of a journal's file; `None` for any other file.
    #[must_use]
    pub fn of_file(name: &str) -> Option<Self> {
        let (year, month) = name.strip_prefix("journal-")?.strip_suffix(".jsonl")?.split_once('-')?;
        let month = Self { year: year.parse().ok()?, month: month.parse().ok()? };
        (month.file_name() == name && (1..=12).contains(&month.month)).then_some(month)
    }

    /// Returns the name of its file, `journal-2026-11.jsonl`.
    #[must_use]
    pub fn file_name(self) -> String {
        format!("journal-{self}.jsonl")
    }

    /// Returns the name of the index beside it, `journal-2026-11.index`.
    #[must_use]
    pub fn index_name(self) -> String {
        format!("journal-{self}.index")
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.year, self.month)
    }
}

/// Returns the months, of all but the newest in their order, whose last line is older than `before`, and from which no
/// open line stands in them or before them. Months go from the oldest on, so that none is ever missing between two.
#[must_use]
pub fn months_that_go(months: &[MonthSpan], open: &[OpenLine], before: Timestamp) -> Vec<Month> {
    let oldest_open = open.iter().map(|line| line.seq).min();
    let goes = |span: &&MonthSpan| span.last_time < before && oldest_open.is_none_or(|seq| span.last_seq < seq);
    months.iter().take_while(goes).map(|span| span.month).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::package::{PackageId, ProjectId};
    use crate::record::journal::open_line::ItemKey;

    #[test]
    fn a_file_is_known_by_its_name() {
        let month = Month::of("2026-11-30T23:59:59Z".parse().unwrap());
        assert_eq!(
            (month.file_name().as_str(), month.index_name().as_str()),
            ("journal-2026-11.jsonl", "journal-2026-11.index")
        );
        assert_eq!(Month::of_file("journal-2026-11.jsonl"), Some(month));
        for other in
            ["journal-2026-11.index", "journal-2026-1.jsonl", "journal-2026-13.jsonl", "journal-+026-11.jsonl", "lock"]
        {
            assert_eq!(Month::of_file(other), None, "{other}");
        }
    }

    #[test]
    fn whole_months_go_from_the_oldest_on() {
        let span = |year: i16, last_seq: u64| MonthSpan {
            month: Month { year, month: 1 },
            last_seq: Seq(last_seq),
            last_time: format!("{year}-01-31T00:00:00Z").parse().unwrap(),
        };
        let months = [span(2024, 10), span(2025, 20), span(2026, 30)];
        let open = |seq: u64| OpenLine {
            seq: Seq(seq),
            time: Timestamp::UNIX_EPOCH,
            item: ItemKey { project_id: ProjectId(1), package_id: PackageId(2), file_id: None },
            package_type: "npm".to_owned(),
            name: "core".to_owned(),
            r#try: 1,
        };
        let going = |open: &[OpenLine], before: &str| months_that_go(&months, open, before.parse().unwrap()).len();
        assert_eq!(going(&[], "2024-01-31T00:00:00Z"), 0);
        assert_eq!(going(&[], "2024-01-31T00:00:01Z"), 1);
        assert_eq!(going(&[], "2026-01-01T00:00:00Z"), 2);
        assert_eq!(going(&[open(21)], "2026-01-01T00:00:00Z"), 2);
        assert_eq!(going(&[open(25), open(20)], "2026-01-01T00:00:00Z"), 1);
        assert_eq!(going(&[open(3)], "2026-01-01T00:00:00Z"), 0);
    }
}
