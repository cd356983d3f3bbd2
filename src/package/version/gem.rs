//! RubyGems: segments of digits or letters, as `Gem::Version` has them.

use std::cmp::Ordering;
use std::iter;

use super::number::{Number, digits};

/// Segments that are not written are zero, and zeros at the end of the numbers and of the whole are none.
#[derive(Debug, Clone)]
pub(super) struct Gem<'a>(Vec<Segment<'a>>);

/// Letters come before any number, which makes them pre-releases.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Segment<'a> {
    Text(&'a str),
    Number(Number<'a>),
}

const ZERO: Segment<'static> = Segment::Number(Number::ZERO);

impl<'a> Gem<'a> {
    #[must_use]
    pub(super) fn parse(version: &'a str) -> Option<Self> {
        let (release, pre) = version.split_once('-').map_or((version, None), |(release, pre)| (release, Some(pre)));
        let is_part = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric());
        let is_pre_part = |part: &str| is_part(&part.replace('-', "0"));
        let is_version = Number::parse(release.split('.').next()?).is_some()
            && release.split('.').all(is_part)
            && pre.is_none_or(|pre| pre.split('.').all(is_pre_part));
        is_version.then(|| Self(segments(version)))
    }

    #[must_use]
    pub(super) fn is_prerelease(&self) -> bool {
        self.0.iter().any(|segment| matches!(segment, Segment::Text(_)))
    }

    fn padded(&self) -> impl Iterator<Item = Segment<'a>> {
        self.0.iter().copied().chain(iter::repeat(ZERO))
    }
}

impl Ord for Gem<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        let length = self.0.len().max(other.0.len());
        self.padded().take(length).cmp(other.padded().take(length))
    }
}

impl PartialOrd for Gem<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Gem<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Gem<'_> {}

/// A hyphen reads as `.pre.`. The zeros at the end of the numbers, before the first text, are left out.
fn segments(version: &str) -> Vec<Segment<'_>> {
    let mut segments = Vec::new();
    for (place, part) in version.split('-').enumerate() {
        if place > 0 {
            segments.push(Segment::Text("pre"));
        }
        segments.extend(part.split('.').flat_map(runs));
    }
    let is_text = |segment: &Segment<'_>| matches!(segment, Segment::Text(_));
    let texts = segments.split_off(segments.iter().position(is_text).unwrap_or(segments.len()));
    while segments.last() == Some(&ZERO) {
        segments.pop();
    }
    segments.extend(texts);
    segments
}

/// Returns the runs of digits and of letters.
fn runs(mut rest: &str) -> impl Iterator<Item = Segment<'_>> {
    iter::from_fn(move || {
        let length = match digits(rest) {
            0 => rest.bytes().take_while(u8::is_ascii_alphabetic).count(),
            length => length,
        };
        let (run, after) = rest.split_at(length);
        rest = after;
        (length > 0).then(|| Number::parse(run).map_or(Segment::Text(run), Segment::Number))
    })
}
