//! Conan 2: items between dots, numbers where they are numbers, and SemVer's two marks.
//!
//! Conan compares a number with a text as texts, which runs in a circle: 2 comes before 10, 10 before `1a`, and `1a`
//! before 2. Here a text that begins with digits is compared by that number first. That is Conan's own order for as
//! long as those numbers have equally many digits, and for all of `1.1.1`, `1.1.1w`, `3.0`.

use super::label::Stage;
use super::number::Number;

/// Zeros at the end of each part are none: `1.0` is `1`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Conan<'a> {
    items: Vec<ConanItem<'a>>,
    stage: Stage<ConanItem<'a>>,
    /// Another build of a version comes after it.
    build: Option<Vec<ConanItem<'a>>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum ConanItem<'a> {
    /// A text that sorts before any digit; an empty one is such.
    Low(&'a str),
    /// A number, and the text that follows it, often empty.
    Number(Number<'a>, &'a str),
    Text(&'a str),
}

impl<'a> Conan<'a> {
    #[must_use]
    pub(super) fn parse(version: &'a str) -> Option<Self> {
        let is_first = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
        let is_next = |byte: u8| is_first(byte) || matches!(byte, b'+' | b'.' | b'-');
        if !version.bytes().next().is_some_and(is_first) || !version.bytes().all(is_next) {
            return None;
        }
        let (rest, build) = version.rsplit_once('+').map_or((version, None), |(rest, build)| (rest, Some(build)));
        let (rest, pre) = rest.split_once('-').map_or((rest, None), |(rest, pre)| (rest, Some(pre)));
        let stage = pre.map_or(Stage::Release, |pre| Stage::Prerelease(items(pre)));
        Some(Self { items: items(rest), stage, build: build.map(items) })
    }

    #[must_use]
    pub(super) fn is_prerelease(&self) -> bool {
        self.stage.is_prerelease()
    }
}

fn items(text: &str) -> Vec<ConanItem<'_>> {
    let mut items: Vec<_> = text.split('.').map(ConanItem::of).collect();
    while items.last() == Some(&ConanItem::Number(Number::ZERO, "")) {
        items.pop();
    }
    items
}

impl<'a> ConanItem<'a> {
    fn of(text: &'a str) -> Self {
        match text.bytes().next() {
            Some(b'0'..=b'9') => {
                let (number, rest) = Number::split(text);
                Self::Number(number, rest)
            }
            Some(first) if first > b'9' => Self::Text(text),
            _ => Self::Low(text),
        }
    }
}
