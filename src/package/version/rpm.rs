//! RPM: epoch, version and release, compared as `rpmvercmp` does.

use super::number::{Number, digits};

/// An epoch that is not written is zero; a release that is not written comes before any.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Rpm<'a> {
    epoch: Number<'a>,
    version: Vec<RpmStep<'a>>,
    release: Option<Vec<RpmStep<'a>>>,
}

/// One run of digits or of letters, or a mark. What separates them does not count. A tilde comes before the very end,
/// and a caret right after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum RpmStep<'a> {
    Tilde,
    End,
    Caret,
    Letters(&'a str),
    Number(Number<'a>),
}

impl<'a> Rpm<'a> {
    #[must_use]
    pub(super) fn parse(text: &'a str) -> Option<Self> {
        let (epoch, rest) = match text.split_once(':') {
            Some((epoch, rest)) => (Number::parse(epoch).filter(|epoch| epoch.is_within(u32::MAX.into()))?, rest),
            None => (Number::ZERO, text),
        };
        let (version, release) = rest.rsplit_once('-').map_or((rest, None), |(start, end)| (start, Some(end)));
        // What `rpmbuild` lets into a version.
        let is_part = |part: &str| {
            let is_allowed =
                |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'+' | b'~' | b'^');
            !part.is_empty() && part.bytes().all(is_allowed)
        };
        let is_version = is_part(version) && release.is_none_or(is_part);
        is_version.then(|| Self { epoch, version: steps(version), release: release.map(steps) })
    }

    /// Returns whether the version has a tilde: `2.0~rc1` comes before `2.0`. A caret marks what comes after a release.
    #[must_use]
    pub(super) fn is_prerelease(&self) -> bool {
        self.version.contains(&RpmStep::Tilde)
    }
}

fn steps(text: &str) -> Vec<RpmStep<'_>> {
    let mut steps = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.bytes().next() {
        let length = match first {
            b'0'..=b'9' => digits(rest),
            b'a'..=b'z' | b'A'..=b'Z' => rest.bytes().take_while(u8::is_ascii_alphabetic).count(),
            _ => 1,
        };
        let (run, after) = rest.split_at(length);
        match first {
            b'~' => steps.push(RpmStep::Tilde),
            b'^' => steps.push(RpmStep::Caret),
            b'0'..=b'9' => steps.extend(Number::parse(run).map(RpmStep::Number)),
            b'a'..=b'z' | b'A'..=b'Z' => steps.push(RpmStep::Letters(run)),
            _ => {}
        }
        rest = after;
    }
    steps.push(RpmStep::End);
    steps
}
