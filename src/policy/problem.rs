//! What is wrong with policy files, told as a compiler would: the place, the line itself, and what to write instead.

use std::fmt;

use jiff::Timestamp;
use jiff::civil::Date;

use super::excerpt::Excerpt;
use super::schedule::Schedule;

/// Everything that is wrong with the files of a set, in the order of the files and their lines. Never empty.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct PolicyErrors {
    pub problems: Vec<Problem>,
}

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// `None` where the set as a whole is wrong.
    pub place: Option<Place>,
    pub message: String,
    pub hint: Option<String>,
}

/// Where in the files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// As the user named it.
    pub file: String,
    /// Counted from 1.
    pub line: usize,
    /// In characters, counted from 1.
    pub column: usize,
    pub(super) excerpt: Excerpt,
}

/// Something that looks wrong but is none of the errors.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lint {
    pub place: Place,
    pub message: String,
    pub hint: Option<String>,
}

/// What looks wrong in a set that is valid.
#[derive(Debug, Clone, Default)]
pub struct Lints {
    pub(super) always: Vec<Lint>,
    /// The ends of rules.
    pub(super) dated: Vec<(Date, Place)>,
    pub(super) schedules: Vec<(Schedule, Place)>,
}

/// Why a single value can't be read, and what to write instead.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}{}", hint.as_ref().map(|hint| format!(" ({hint})")).unwrap_or_default())]
pub struct ValueError {
    pub message: String,
    pub hint: Option<String>,
}

/// How long before its end a rule's `until` is pointed out.
const NOTICE_DAYS: i32 = 30;
const DAYS_OF_A_YEAR: i32 = 365;
/// Whoever means the 29th of February waits for four years.
const SELDOM_DAYS: i32 = 4 * DAYS_OF_A_YEAR + 1;

impl Lints {
    /// All lints as of `now`: those that never change, the rules whose `until` is near or past, and the schedules that
    /// fire next in some years; in the order of the files and their lines.
    #[must_use]
    pub fn as_of(&self, now: Timestamp) -> Vec<Lint> {
        let today = now.to_zoned(jiff::tz::TimeZone::UTC).date();
        let mut lints = self.always.clone();
        lints.extend(self.dated.iter().filter_map(|(until, place)| {
            let days = (*until - today).get_days();
            let message = match days {
                ..0 => format!("this rule ended on {until}: it holds no longer"),
                0 => "this rule ends today".to_owned(),
                1 => format!("this rule ends tomorrow, on {until}"),
                2..=NOTICE_DAYS => format!("this rule ends in {days} days, on {until}"),
                _ => return None,
            };
            Some(Lint {
                place: place.clone(),
                message,
                hint: Some("set a later date, or take the rule out".to_owned()),
            })
        }));
        lints.extend(self.schedules.iter().filter_map(|(schedule, place)| {
            let message = match schedule.next_after(now) {
                Some(next) => {
                    let (next, today) = (schedule.local(next).date(), schedule.local(now).date());
                    let days = (next - today).get_days();
                    let years = days / DAYS_OF_A_YEAR;
                    (days > SELDOM_DAYS).then(|| format!("this schedule fires next on {next}, in {years} years"))?
                }
                None => "this schedule never fires again".to_owned(),
            };
            Some(Lint {
                place: place.clone(),
                message,
                hint: Some("look at its days, its months and its weekdays together".to_owned()),
            })
        }));
        lints.sort_by_cached_key(|lint| (lint.place.file.clone(), lint.place.line, lint.place.column));
        lints
    }

    pub(super) fn append(&mut self, mut other: Self) {
        self.always.append(&mut other.always);
        self.dated.append(&mut other.dated);
        self.schedules.append(&mut other.schedules);
    }
}

impl ValueError {
    pub(crate) fn new(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { message: message.into(), hint: Some(hint.into()) }
    }
}

impl fmt::Display for PolicyErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.problems.iter().enumerate() {
            if index > 0 {
                f.write_str("\n\n")?;
            }
            problem.fmt(f)?;
        }
        Ok(())
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write(f, self.place.as_ref(), &self.message, self.hint.as_deref())
    }
}

impl fmt::Display for Lint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write(f, Some(&self.place), &self.message, self.hint.as_deref())
    }
}

fn write(f: &mut fmt::Formatter<'_>, place: Option<&Place>, message: &str, hint: Option<&str>) -> fmt::Result {
    if let Some(place) = place {
        write!(f, "{}:{}:{}: {message}\n{}", place.file, place.line, place.column, place.excerpt)?;
    } else {
        f.write_str(message)?;
    }
    match hint {
        Some(hint) => write!(f, "\n     = {hint}"),
        None => Ok(()),
    }
}
