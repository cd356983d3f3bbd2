//! Maven: the order of `ComparableVersion` in maven-artifact.
//!
//! Maven cuts a version at dots, at hyphens, and where digits meet something else. A hyphen and such a meeting open a
//! list within the list. All that follows is in there, so a list is always the last item. Items that say nothing are
//! dropped from the end of each list: zeros, `ga`, `final`, `release`, empty lists. Two lists are compared item by item.
//! An item that one of them lacks counts as nothing: more than `rc` or `snapshot`, less than `sp`, an unknown word or a
//! number.
//!
//! Taken literally, that runs in a circle where a word stands between dots, or a list begins with a list:
//! `1.foo.2 < 1-alpha`, because words come before lists, `1-alpha < 1`, and `1 < 1.foo.2`. Here an item that says less
//! than nothing comes before nothing, whatever its form, and one that says more comes after it. This is Maven's order
//! wherever Maven does not contradict itself.
//!
//! `1.0-20250801.101010-7` is a build of `1.0-SNAPSHOT`, and on one rung with it. Maven resolves it as such, but compares its
//! time as a number, which would put it after `1.0`.

use std::iter;

use super::build::Build;
use super::folded::Folded;
use super::number::{Number, digits};

/// The items in their order, from the outermost list inwards, and `End`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Maven<'a>(Vec<MavenStep<'a>>);

/// One part of a version. `Before` and `After` tell where the rest of it puts the version: before the one that ends
/// here, or after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum MavenStep<'a> {
    WordBefore(Qualifier<'a>),
    ListBefore,
    ZeroBefore,
    End,
    WordAfter(Qualifier<'a>),
    ListAfter,
    ZeroAfter,
    Number(Number<'a>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Qualifier<'a> {
    Alpha,
    Beta,
    Milestone,
    Rc,
    Snapshot,
    Release,
    Sp,
    Unknown(Folded<'a>),
}

/// An item as it is written; what follows `Open` is in a list of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum MavenItem<'a> {
    Number(Number<'a>),
    Word(Qualifier<'a>),
    Open,
}

impl<'a> Maven<'a> {
    /// Reads a version. Maven takes any text, but the order of texts that its repositories can't hold is not known here.
    #[must_use]
    pub(super) fn parse(version: &'a str) -> Option<Self> {
        let is_version = !version.is_empty() && version.bytes().all(|byte| byte.is_ascii_graphic());
        is_version.then(|| Self(steps(&items(version))))
    }
}

/// Cuts a version into its items.
fn items(version: &str) -> Vec<MavenItem<'_>> {
    let mut items = Vec::new();
    let mut rest = version;
    loop {
        let length = match digits(rest) {
            0 => rest.find(|c: char| c.is_ascii_digit() || matches!(c, '.' | '-')).unwrap_or(rest.len()),
            length => length,
        };
        let (run, after) = rest.split_at(length);
        let next = after.bytes().next();
        let is_list_new = matches!(items.last(), None | Some(MavenItem::Open));
        match Number::parse(run) {
            Some(number) => items.push(MavenItem::Number(number)),
            // Nothing between two marks is a zero, nothing at the end is nothing.
            None if run.is_empty() && next.is_some() => items.push(MavenItem::Number(Number::ZERO)),
            None if run.is_empty() => {}
            None => {
                let meets_digit = next.is_some_and(|byte| byte.is_ascii_digit());
                // A word that is last or meets a digit opens a list; between marks it does not.
                if (meets_digit || next.is_none()) && !is_list_new {
                    items.push(MavenItem::Open);
                }
                items.push(MavenItem::Word(Qualifier::of(run, meets_digit)));
            }
        }
        match next {
            None => return items,
            Some(b'.') => rest = &after[1..],
            Some(b'-') => {
                items.push(MavenItem::Open);
                if Build::is_whole(&after[1..]) {
                    items.push(MavenItem::Word(Qualifier::Snapshot));
                    return items;
                }
                rest = &after[1..];
            }
            Some(_) => {
                items.push(MavenItem::Open);
                rest = after;
            }
        }
    }
}

/// Leaves out items that say nothing, and finds from the end whether the rest behind each place comes before or after
/// nothing.
fn steps<'a>(items: &[MavenItem<'a>]) -> Vec<MavenStep<'a>> {
    let mut steps = vec![MavenStep::End];
    let mut is_end_of_list = true;
    let mut comes_after = true;
    for item in items.iter().rev() {
        let is_nothing = match item {
            MavenItem::Number(number) => number.is_zero(),
            MavenItem::Word(qualifier) => *qualifier == Qualifier::Release,
            MavenItem::Open => steps.len() == 1,
        };
        if !is_nothing {
            match item {
                MavenItem::Number(_) => comes_after = true,
                MavenItem::Word(qualifier) => comes_after = *qualifier > Qualifier::Release,
                MavenItem::Open => {}
            }
        }
        let is_left_out = is_nothing && is_end_of_list;
        // Before a list the end of the list around it goes on.
        is_end_of_list = *item == MavenItem::Open || is_left_out;
        if !is_left_out {
            steps.push(MavenStep::of(*item, comes_after));
        }
    }
    steps.reverse();
    steps
}

impl<'a> MavenStep<'a> {
    fn of(item: MavenItem<'a>, comes_after: bool) -> Self {
        match (item, comes_after) {
            (MavenItem::Number(number), true) if number.is_zero() => Self::ZeroAfter,
            (MavenItem::Number(number), false) if number.is_zero() => Self::ZeroBefore,
            (MavenItem::Number(number), _) => Self::Number(number),
            (MavenItem::Word(qualifier), true) => Self::WordAfter(qualifier),
            (MavenItem::Word(qualifier), false) => Self::WordBefore(qualifier),
            (MavenItem::Open, true) => Self::ListAfter,
            (MavenItem::Open, false) => Self::ListBefore,
        }
    }
}

impl<'a> Qualifier<'a> {
    /// `a`, `b` and `m` are short only where a digit follows at once.
    fn of(word: &'a str, meets_digit: bool) -> Self {
        const WORDS: [(&str, Qualifier<'_>); 10] = [
            ("alpha", Qualifier::Alpha),
            ("beta", Qualifier::Beta),
            ("milestone", Qualifier::Milestone),
            ("rc", Qualifier::Rc),
            ("cr", Qualifier::Rc),
            ("snapshot", Qualifier::Snapshot),
            ("ga", Qualifier::Release),
            ("final", Qualifier::Release),
            ("release", Qualifier::Release),
            ("sp", Qualifier::Sp),
        ];
        const SHORT: [(&str, Qualifier<'_>); 3] =
            [("a", Qualifier::Alpha), ("b", Qualifier::Beta), ("m", Qualifier::Milestone)];
        let short: &[_] = if meets_digit { &SHORT } else { &[] };
        let known = WORDS.iter().chain(short).find(|(name, _)| word.eq_ignore_ascii_case(name));
        known.map_or(Self::Unknown(Folded(word)), |(_, qualifier)| *qualifier)
    }
}

/// Returns whether a version is a snapshot, by its name or as one of its builds.
///
/// Source: `app/services/packages/maven/metadata/create_versions_xml_service.rb`.
#[must_use]
pub(super) fn is_snapshot(version: &str) -> bool {
    version.to_ascii_uppercase().ends_with("SNAPSHOT") || Build::ends(version)
}

/// Returns whether a version has one of the words that Maven orders before the release. They count behind any mark,
/// also behind an underscore, where Maven itself sees another word. `a`, `b` and `m` count where a digit follows at
/// once. A build of a snapshot is a pre-release, too.
#[must_use]
pub(super) fn is_prerelease(version: &str) -> bool {
    Build::ends(version) || words(version).any(|(_, leads)| leads)
}

/// Returns the text before the first such word, without the marks between them. `None` where there is nothing before it,
/// and where another word follows: `33.0.0-rc1-jre` leads to `33.0.0-jre`, or to nothing that can be told.
#[must_use]
pub(super) fn own_release(version: &str) -> Option<&str> {
    let version = Build::before(version).unwrap_or(version);
    let mut following = words(version).skip_while(|(_, leads)| !leads);
    let release = following.next().map_or(version, |(start, _)| version[..start].trim_end_matches(['.', '-', '_']));
    let is_release = !release.is_empty() && !Build::ends(release);
    (is_release && following.all(|(_, leads)| leads)).then_some(release)
}

/// Returns each run of letters: where it begins, and whether it leads to a release.
fn words(version: &str) -> impl Iterator<Item = (usize, bool)> {
    let is_letter = |c: char| c.is_ascii_alphabetic();
    let mut at = 0;
    iter::from_fn(move || {
        let start = at + version[at..].find(is_letter)?;
        let length = version[start..].find(|c| !is_letter(c)).unwrap_or(version.len() - start);
        at = start + length;
        let before_digit = version[at..].starts_with(|c: char| c.is_ascii_digit());
        let leads = match version[start..at].to_ascii_lowercase().as_str() {
            "alpha" | "beta" | "milestone" | "rc" | "cr" | "snapshot" => true,
            "a" | "b" | "m" => before_digit,
            _ => false,
        };
        Some((start, leads))
    })
}
