//! Debian: epoch, upstream version and revision, compared as `dpkg` does.

use super::number::{Number, digits};

/// `dpkg` reads the epoch as 32 bits with a sign.
const LARGEST_EPOCH: u64 = i32::MAX.cast_unsigned() as u64;

/// An epoch or a revision that is not written is zero.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Debian<'a> {
    epoch: Number<'a>,
    upstream: Vec<DebianStep<'a>>,
    revision: Vec<DebianStep<'a>>,
}

/// One character, or one run of digits. A tilde comes before the very end, letters come before all other characters. A run
/// of digits follows every run of characters, an empty one too, so the two are never compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum DebianStep<'a> {
    Tilde,
    End,
    Number(Number<'a>),
    Letter(u8),
    Mark(u8),
}

impl<'a> Debian<'a> {
    #[must_use]
    pub(super) fn parse(version: &'a str) -> Option<Self> {
        let (epoch, rest) = match version.split_once(':') {
            Some((epoch, rest)) => (Number::parse(epoch).filter(|epoch| epoch.is_within(LARGEST_EPOCH))?, rest),
            None => (Number::ZERO, version),
        };
        let (upstream, revision) = rest.rsplit_once('-').map_or((rest, None), |(start, end)| (start, Some(end)));
        let is_revision = |text: &str| !text.is_empty() && text.bytes().all(|byte| is_plain(byte) || byte == b'~');
        let is_version = digits(upstream) > 0
            && upstream.bytes().all(|byte| is_plain(byte) || matches!(byte, b'-' | b':' | b'~'))
            && revision.is_none_or(is_revision);
        is_version.then(|| Self { epoch, upstream: steps(upstream), revision: steps(revision.unwrap_or_default()) })
    }

    /// Returns whether the upstream version has a tilde: `2.0~rc1` comes before `2.0`. In a revision, as in
    /// `1.2-1~bpo12+1`, it says for which distribution a package was built.
    #[must_use]
    pub(super) fn is_prerelease(&self) -> bool {
        self.upstream.contains(&DebianStep::Tilde)
    }
}

fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'+')
}

fn steps(text: &str) -> Vec<DebianStep<'_>> {
    let mut steps = Vec::new();
    let mut rest = text;
    loop {
        let length = rest.bytes().take_while(|byte| !byte.is_ascii_digit()).count();
        let (characters, after) = rest.split_at(length);
        steps.extend(characters.bytes().map(|byte| match byte {
            b'~' => DebianStep::Tilde,
            byte if byte.is_ascii_alphabetic() => DebianStep::Letter(byte),
            byte => DebianStep::Mark(byte),
        }));
        let (number, after) = Number::split(after);
        steps.push(DebianStep::Number(number));
        if after.is_empty() {
            steps.push(DebianStep::End);
            return steps;
        }
        rest = after;
    }
}
