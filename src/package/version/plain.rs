//! Generic packages: the version as it is written, its numbers compared as numbers, and the words of pre-releases known.
//!
//! Neither GitLab nor a client gives these versions a meaning, so they are read as most people write them. A known word puts
//! a version below the one that it leads to: `1.0-rc1` below `1.0`. Whatever else follows the numbers comes after them.
//! Among versions that are SemVer, with known words alone for texts, this is SemVer's order.

use super::build::Build;
use super::number::{Number, digits};

/// The words that lead to a version, as a whole run of letters.
const WORDS: [&str; 10] = ["alpha", "beta", "canary", "dev", "m", "nightly", "pre", "preview", "rc", "snapshot"];
/// The word that stands for a build of a snapshot.
const SNAPSHOT: &str = "snapshot";

/// The parts of the version from left to right, and `End`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Plain<'a>(Vec<PlainStep<'a>>);

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum PlainStep<'a> {
    /// A known word, in lower case, that leads to what stands before it.
    Before(&'a str),
    End,
    Mark(Mark),
    /// After the first numbers with dots between them. Those at their end that are zero are left out.
    NoMoreNumbers,
    Number(Number<'a>),
    /// Letters; a known word in lower case.
    Text(&'a str),
}

/// Build metadata comes before more labels, and a label before a longer one, as SemVer has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Mark {
    Plus,
    Dot,
    Other(char),
}

impl<'a> Plain<'a> {
    #[must_use]
    pub(super) fn parse(version: &'a str) -> Option<Self> {
        (!version.is_empty()).then(|| Self(steps(without_prefix(version))))
    }
}

/// Returns whether a version is a pre-release. One with a known word is, and numbers alone are none. For anything else
/// nobody knows, also for a build, although it stands where its snapshot does.
#[must_use]
pub(super) fn is_prerelease(version: &str) -> Option<bool> {
    let Plain(steps) = Plain::parse(version)?;
    let leads = |step: &PlainStep<'_>| matches!(step, PlainStep::Before(_));
    let is_number =
        |step: &PlainStep<'_>| matches!(step, PlainStep::Number(_) | PlainStep::NoMoreNumbers | PlainStep::End);
    match &steps[..] {
        _ if Build::ends(version) => None,
        steps if steps.iter().any(leads) => Some(true),
        steps if steps.contains(&PlainStep::NoMoreNumbers) && steps.iter().all(is_number) => Some(false),
        _ => None,
    }
}

/// See [`Ecosystem::floor`](super::Ecosystem::floor). A version without numbers at its beginning may be any.
pub(super) fn floor(version: &str) -> Option<String> {
    if is_prerelease(version).is_some() {
        return None;
    }
    let numbers = without_prefix(version);
    let end = numbers.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(numbers.len());
    let numbers = numbers[..end].trim_end_matches('.');
    Some(format!("{}-{}", if numbers.is_empty() { "0" } else { numbers }, WORDS[0]))
}

/// Returns whether a version is a single number, and then a word that nobody knows.
#[must_use]
pub(super) fn is_slug(version: &str) -> bool {
    let rest = without_prefix(version).trim_start_matches(|c: char| c.is_ascii_digit());
    is_prerelease(version).is_none() && !rest.starts_with('.') && rest.contains(char::is_alphabetic)
}

/// Returns the text before the first word that leads to something. `None` where there is nothing before it, and where
/// something else than numbers and such words follows: `1.0-rc1-linux` may lead to `1.0` or to `1.0-linux`.
#[must_use]
pub(super) fn own_release(version: &str) -> Option<&str> {
    let may_follow = |c: char| c.is_ascii_digit() || matches!(c, '-' | '.' | '~');
    let is_led = |start: usize| version[..start].ends_with(may_follow);
    let mut at = 0;
    let mut found = None;
    while let Some(first) = version[at..].chars().next() {
        let (word, _) = letters(&version[at..]);
        let is_leading = known(word).is_some() && is_led(at);
        if is_leading && found.is_none() {
            found = Some(version[..at].strip_suffix(['-', '.', '~']).unwrap_or(&version[..at]));
        }
        if found.is_some() && !is_leading && !may_follow(first) {
            return None;
        }
        at += word.len().max(first.len_utf8());
    }
    found.filter(|release| !release.is_empty())
}

/// Takes off a `v`: `v1.0` is `1.0`.
fn without_prefix(version: &str) -> &str {
    version.strip_prefix(['v', 'V']).filter(|rest| digits(rest) > 0).unwrap_or(version)
}

fn steps(version: &str) -> Vec<PlainStep<'_>> {
    let mut steps = Vec::new();
    let mut has_numbers = false;
    let mut is_led_to = false;
    let mut rest = version;
    while let Some(first) = rest.chars().next() {
        let after_mark = rest.strip_prefix(['-', '.', '~']);
        let is_after_digit = matches!(steps.last(), Some(PlainStep::Number(_) | PlainStep::NoMoreNumbers));
        // Behind a known word a dot and another one say more of the same: in SemVer `alpha.beta` comes after `alpha`.
        let may_lead = !(is_led_to && first == '.') && (after_mark.is_some() || is_after_digit);
        let next = after_mark.unwrap_or(rest);
        if may_lead && let Some((word, after)) = leading(next) {
            steps.push(PlainStep::Before(word));
            is_led_to = true;
            rest = after;
        } else if first.is_ascii_digit() && !has_numbers {
            has_numbers = true;
            rest = first_numbers(rest, &mut steps);
        } else if first.is_ascii_digit() {
            let (number, after) = Number::split(rest);
            steps.push(PlainStep::Number(number));
            rest = after;
        } else if first.is_alphabetic() {
            let (text, after) = letters(rest);
            steps.push(PlainStep::Text(known(text).unwrap_or(text)));
            rest = after;
        } else {
            steps.push(PlainStep::Mark(Mark::of(first)));
            rest = &rest[first.len_utf8()..];
        }
    }
    steps.push(PlainStep::End);
    steps
}

/// Returns the known word that `text` begins with, and what follows. A build is one of a snapshot, and says no more than that.
fn leading(text: &str) -> Option<(&'static str, &str)> {
    if Build::is_whole(text) {
        return Some((SNAPSHOT, ""));
    }
    let (word, rest) = letters(text);
    known(word).map(|word| (word, rest))
}

/// Pushes the numbers with dots between them that `text` begins with, without zeros at their end. Returns what follows.
fn first_numbers<'a>(text: &'a str, steps: &mut Vec<PlainStep<'a>>) -> &'a str {
    let (first, mut rest) = Number::split(text);
    let mut numbers = vec![first];
    while let Some(next) = rest.strip_prefix('.')
        && digits(next) > 0
    {
        let (number, after) = Number::split(next);
        numbers.push(number);
        rest = after;
    }
    while numbers.last().is_some_and(|number| number.is_zero()) {
        numbers.pop();
    }
    steps.extend(numbers.into_iter().map(PlainStep::Number));
    steps.push(PlainStep::NoMoreNumbers);
    rest
}

/// Returns the letters that `text` begins with, and what follows.
fn letters(text: &str) -> (&str, &str) {
    text.split_at(text.find(|c: char| !c.is_alphabetic()).unwrap_or(text.len()))
}

fn known(text: &str) -> Option<&'static str> {
    WORDS.into_iter().find(|word| text.eq_ignore_ascii_case(word))
}

impl Mark {
    fn of(mark: char) -> Self {
        match mark {
            '+' => Self::Plus,
            '.' => Self::Dot,
            mark => Self::Other(mark),
        }
    }
}
