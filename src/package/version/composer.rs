//! Composer: numbers, a stability, and branches that are written as numbers.
//!
//! A branch with a name, `dev-main`, has no place in Composer's order: it is neither before nor after any version.

use super::number::{Number, digits};

/// The number for each that a branch leaves open: `1.x-dev` comes after every version of 1.
const OPEN: &str = "9999999";
/// Composer reads four numbers.
const NUMBERS: usize = 4;
/// A version whose first number has more digits than this is a date, or a branch.
const LONGEST_MAJOR: usize = 5;

/// The numbers, the stability, its own numbers, and `End`. Numbers that are not written are zero: `1.0` is `1.0.0.0`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Composer<'a>(Vec<ComposerStep<'a>>);

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum ComposerStep<'a> {
    Dev,
    Alpha,
    Beta,
    Rc,
    End,
    Number(Number<'a>),
    Patch,
}

impl<'a> Composer<'a> {
    #[must_use]
    pub(super) fn parse(version: &'a str) -> Option<Self> {
        if is_named_branch(version) {
            return None;
        }
        let version = version.strip_prefix(['v', 'V']).unwrap_or(version);
        release(version).or_else(|| branch(version)).map(Self)
    }

    #[must_use]
    pub(super) fn is_prerelease(&self) -> bool {
        self.0.iter().any(|step| *step < ComposerStep::End)
    }
}

/// Returns whether a version is a branch with a name: `dev-main`, or one that Composer knows by its name alone.
#[must_use]
pub(super) fn is_named_branch(version: &str) -> bool {
    let has_prefix = version.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("dev-"));
    has_prefix || matches!(version, "master" | "trunk" | "default")
}

/// Returns whether a version is a branch, with a name or written as numbers. Whatever ends in `dev` is taken for one.
#[must_use]
pub(super) fn is_branch(version: &str) -> bool {
    is_named_branch(version) || version.to_ascii_lowercase().ends_with("dev")
}

/// Returns the numbers or the date of a version, without its stability; `None` for a branch, which leads to no release.
#[must_use]
pub(super) fn own_release(version: &str) -> Option<&str> {
    if is_branch(version) {
        return None;
    }
    let version = version.strip_prefix(['v', 'V']).unwrap_or(version);
    let version = version.split('+').next().unwrap_or_default();
    let rest = [numbers(version), date(version)].into_iter().flatten().map(|(_, rest)| rest);
    rest.filter(|rest| stability(rest).is_some()).map(|rest| &version[..version.len() - rest.len()]).next()
}

/// Reads numbers or a date, then a stability.
fn release(version: &str) -> Option<Vec<ComposerStep<'_>>> {
    let (version, build) = version.split_once('+').map_or((version, None), |(version, build)| (version, Some(build)));
    if build.is_some_and(|build| build.is_empty() || build.contains(char::is_whitespace)) {
        return None;
    }
    let whole = |(mut steps, rest): (Vec<_>, _)| {
        steps.extend(stability(rest)?);
        steps.push(ComposerStep::End);
        Some(steps)
    };
    numbers(version).and_then(whole).or_else(|| date(version).and_then(whole))
}

/// Reads one to four numbers.
fn numbers(version: &str) -> Option<(Vec<ComposerStep<'_>>, &str)> {
    if !(1..=LONGEST_MAJOR).contains(&digits(version)) {
        return None;
    }
    let (major, mut rest) = Number::split(version);
    let mut steps = vec![ComposerStep::Number(major)];
    while steps.len() < NUMBERS
        && let Some(after) = rest.strip_prefix('.')
        && digits(after) > 0
    {
        let (number, after) = Number::split(after);
        steps.push(ComposerStep::Number(number));
        rest = after;
    }
    steps.resize(NUMBERS, ComposerStep::Number(Number::ZERO));
    Some((steps, rest))
}

/// Reads a date: a year of four digits, one to six times two more digits, and at most once up to three, with or without
/// marks before them, as in `2024-06-30` and `20240630.1`. The digits between two marks are one number.
fn date(version: &str) -> Option<(Vec<ComposerStep<'_>>, &str)> {
    let is_date = |c: char| c.is_ascii_digit() || matches!(c, '.' | ':' | '-');
    let end = version.find(|c| !is_date(c)).unwrap_or(version.len());
    // A mark that is last belongs to the stability.
    let date = version[..end].trim_end_matches(['.', ':', '-']);
    if digits(date) < 4 || !is_rest_of_date(&date[4..], 0) {
        return None;
    }
    let steps = date.split(['.', ':', '-']).filter_map(Number::parse).map(ComposerStep::Number).collect();
    Some((steps, &version[date.len()..]))
}

/// Returns whether `text` may stand after the year and so many pairs of digits. It looks no further than a date is long.
fn is_rest_of_date(text: &str, pairs: usize) -> bool {
    let after_mark = text.strip_prefix(['.', ':', '-']).unwrap_or(text);
    let length = digits(after_mark);
    let is_end = text.is_empty() || (length == after_mark.len() && (1..=3).contains(&length));
    (pairs > 0 && is_end) || (pairs < 6 && length >= 2 && is_rest_of_date(&after_mark[2..], pairs + 1))
}

/// Reads the text after the numbers: one mark, a stability with numbers of its own, `dev`.
fn stability(rest: &str) -> Option<Vec<ComposerStep<'_>>> {
    const WORDS: [(&str, Option<ComposerStep<'_>>); 9] = [
        // The numbers of `stable`, and a `dev` after it, count for nothing.
        ("stable", None),
        ("beta", Some(ComposerStep::Beta)),
        ("b", Some(ComposerStep::Beta)),
        ("rc", Some(ComposerStep::Rc)),
        ("alpha", Some(ComposerStep::Alpha)),
        ("a", Some(ComposerStep::Alpha)),
        ("patch", Some(ComposerStep::Patch)),
        ("pl", Some(ComposerStep::Patch)),
        ("p", Some(ComposerStep::Patch)),
    ];
    let mut rest = rest.strip_prefix(['.', '_', '-']).unwrap_or(rest);
    let starts_with = |word: &str| rest.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word));
    let word = WORDS.iter().find(|(word, _)| starts_with(word));
    let mut steps = Vec::new();
    if let Some((word, step)) = word {
        steps.extend(*step);
        rest = &rest[word.len()..];
        while let after_mark = rest.strip_prefix(['.', '-']).unwrap_or(rest)
            && digits(after_mark) > 0
        {
            let (number, after) = Number::split(after_mark);
            steps.push(ComposerStep::Number(number));
            rest = after;
        }
    }
    let is_dev = rest.strip_prefix(['.', '-']).unwrap_or(rest).eq_ignore_ascii_case("dev");
    steps.extend(is_dev.then_some(ComposerStep::Dev));
    if word.is_some_and(|(_, step)| step.is_none()) {
        steps.clear();
    }
    (is_dev || rest.is_empty()).then_some(steps)
}

/// Reads a branch that is written as numbers: `1.x-dev`, `2.1.x-dev`.
fn branch(version: &str) -> Option<Vec<ComposerStep<'_>>> {
    let end = version.len().checked_sub("dev".len())?;
    let (start, ending) = (version.get(..end)?, version.get(end..)?);
    let start = start.strip_suffix(['.', '-']).unwrap_or(start);
    let mut steps = Vec::new();
    for (place, part) in start.split('.').enumerate() {
        let is_open = place > 0 && matches!(part, "x" | "X" | "*");
        let number = if is_open { Number::parse(OPEN) } else { Number::parse(part) };
        steps.push(ComposerStep::Number(number.filter(|_| place < NUMBERS)?));
    }
    steps.resize(NUMBERS, ComposerStep::Number(Number::parse(OPEN)?));
    steps.extend([ComposerStep::Dev, ComposerStep::End]);
    ending.eq_ignore_ascii_case("dev").then_some(steps)
}
