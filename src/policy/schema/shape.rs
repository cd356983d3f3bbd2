//! The outer shape of ages, sizes, schedules, patterns and the like, as regular expressions.
//!
//! Each takes every value that the reader takes, and refuses values that are wrong by their shape alone. They use only
//! signs that ECMAScript, Python and Rust read alike, and no look-around.

use crate::policy::pattern::LENGTH_LIMIT;
use crate::policy::schedule::NICKNAMES;
use crate::policy::size::UNITS;

pub(super) const NAME: &str = "^[a-z0-9-]+$";
/// A version: it has a digit, and begins with one or with a letter.
pub(super) const VERSION: &str = r"^[A-Za-z0-9][A-Za-z0-9._+~^:!-]*$";
/// A text without a digit, or with an `x` for a number.
pub(super) const SERIES: &str = r"^[^0-9]*$|(?:^|\.)[xX](?:\.|$)";
pub(super) const TYPE: &str = "^[a-z0-9_]+$";
/// A sign that no id has.
pub(super) const NO_DIGIT: &str = "[^0-9]";
pub(super) const NO_ZERO: &str = "[^0]";
pub(super) const TIMEZONE: &str = "^[A-Za-z][A-Za-z0-9_+-]*(?:/[A-Za-z0-9_+-]+)*$";
/// An address without a user's name, a query or a fragment.
pub(super) const URL: &str = r"^\s*[Hh][Tt][Tt][Pp][Ss]?:/+[^/?#@\s]+(?:/[^?#]*)?\s*$";
/// The ending of a policy file.
pub(super) const POLICY_FILE: &str = r"\.[Yy][Aa]?[Mm][Ll]$";
/// The path of a file: neither an address nor a folder.
pub(super) const FROM_FILE: &str = r"^[^\s/]$|^[^\s](?:[^:]|:[^/]|:/[^/])*[^\s/]$";
/// A regular expression with a group that is no `(?:…)`.
pub(super) const CAPTURE: &str = r"^/(?:.*[^\\])?\((?:[^?].*|\?P?<.*)\).*/$";
/// The most characters of a pattern with its `!`.
pub(super) const PATTERN_LENGTH: usize = LENGTH_LIMIT + 1;

/// Returns the shape of an age: numbers with units of time, one behind the other. The bare `m` is no unit.
pub(super) fn age() -> String {
    let unit = "(?:s|secs?|seconds?|mins?|minutes?|h|hrs?|hours?|d|days?|w|wks?|weeks?|months?|y|yrs?|years?)";
    format!(r"^\s*(?:[0-9][0-9.\s]*{unit}\s*)+$")
}

pub(super) fn size() -> String {
    let units: Vec<&str> = UNITS.iter().map(|(unit, _)| *unit).collect();
    format!(r"^[0-9]+\s*(?:{})$", units.join("|"))
}

pub(super) fn date() -> String {
    format!("^{DAY}$")
}

/// Returns the shape of a day and a time with its zone.
pub(super) fn instant() -> String {
    let time = r"[0-9]{2}(?::?[0-9]{2}(?::?[0-9]{2}(?:[.,][0-9]+)?)?)?";
    format!("^{DAY}[Tt ]{time}(?:[Zz]|[+-][0-9]{{2}}(?::?[0-9]{{2}}){{0,2}})$")
}

const DAY: &str = "[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])";

/// Returns the shape of a schedule: a nickname, or five fields of the numbers and names that each may have.
pub(super) fn schedule() -> String {
    let nicknames: Vec<&str> = NICKNAMES.iter().map(|(nickname, _)| *nickname).collect();
    let (day, weekday) = ("0?[1-9]|[12][0-9]|3[01]", "[0-7]|[A-Za-z]{3}");
    let fields = [
        cron_field("[0-5]?[0-9]", ""),
        cron_field("[01]?[0-9]|2[0-3]", ""),
        cron_field(day, &format!(r"\?|LW?|(?:{day})W|")),
        cron_field("0?[1-9]|1[0-2]|[A-Za-z]{3}", ""),
        format!(r"\+?{}", cron_field(weekday, &format!(r"\?|(?:{weekday})(?:#[1-5L]|L)|L|"))),
    ];
    format!(r"^\s*(?:{}|{})\s*$", nicknames.join("|"), fields.join(r"\s+"))
}

/// Returns the shape of a field: a list of values, ranges and steps, or one of `else_takes`.
fn cron_field(value: &str, else_takes: &str) -> String {
    let item = format!(r"(?:{else_takes}(?:\*|(?:{value})(?:-(?:{value}))?)(?:/[0-9]+)?)");
    format!("{item}(?:,{item})*")
}

pub(super) fn path() -> String {
    format!("^{SEGMENT}(?:/{SEGMENT})*$")
}

/// Returns the shape of a project: a path with its group, or an id, which has no slash.
pub(super) fn project() -> String {
    format!("^(?:[0-9]*[1-9][0-9]*|{SEGMENT}(?:/{SEGMENT})+)$")
}

/// A segment of the path of a group or a project.
const SEGMENT: &str = r"[^\s/*?!\[\]{}:]+";

/// Returns the shape of a pattern: a glob, or a regular expression that neither begins with `^` nor ends with `$`.
/// Neither begins or ends with a space.
pub(super) fn pattern() -> String {
    let inner = r"(?:(?:[^^\\]|\\.)(?:[^\\]|\\.)*)?(?:[^$^\\]|\\.)";
    format!(r"^!?(?:/{inner}/|[^/!\s](?:[\s\S]*\S)?)$")
}

/// Returns the shape of a glob of a version, tag, ref or file: one star at a time.
pub(super) fn stars_in_a_text() -> String {
    let one = format!(r"(?:[^\\\[*]|\\[\s\S]|{GLOB_CLASS})");
    format!(r"^!?(?:/[\s\S]*|(?:\*?{one})*\*?)$")
}

/// Returns the shape of a glob of a name or a path: one star at a time, or two as a whole segment.
pub(super) fn stars_between_slashes() -> String {
    let one = format!(r"(?:[^\\\[*/]|\\[^/]|{GLOB_CLASS})");
    let segment = format!(r"(?:\*\*|(?:\*?{one})*\*?)");
    let last = format!(r"(?:\*\*|(?:\*?{one})+\*?|\*)");
    format!(r"^!?(?:/[\s\S]*|(?:{segment}\\?/)*{last})$")
}

/// A class of characters in a glob, its bracket closed.
const GLOB_CLASS: &str = r"\[[!^]?\]?(?:[^\]\\]|\\.)*\]";
