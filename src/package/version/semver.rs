//! SemVer 2.0.0: npm, Cargo, Helm, Terraform modules, models, and Go's dialect of it.

use super::label::{Label, Stage, is_build, is_label, split, stage};
use super::number::Number;

/// The largest number that JavaScript holds exactly; npm takes no larger one.
const NPM_LARGEST: u64 = (1 << 53) - 1;
/// npm takes no longer version.
const NPM_LONGEST: usize = 256;
/// Terraform reads its numbers as 64 bits with a sign.
const TERRAFORM_LARGEST: u64 = i64::MAX.cast_unsigned();

/// Build metadata is no part of it, because it has no place in the order. Go's `+incompatible` is such.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Semver<'a> {
    numbers: [Number<'a>; 3],
    stage: Stage<Label<'a, &'a str>>,
}

impl<'a> Semver<'a> {
    #[must_use]
    pub(super) fn npm(version: &'a str) -> Option<Self> {
        let is_short = version.len() <= NPM_LONGEST;
        Self::parse(version).filter(|version| is_short && version.is_within(NPM_LARGEST))
    }

    /// Three numbers and no `v`, as Cargo reads them: 64 bits each.
    #[must_use]
    pub(super) fn cargo(version: &'a str) -> Option<Self> {
        Self::without_prefix(version).filter(|version| version.is_within(u64::MAX))
    }

    #[must_use]
    pub(super) fn helm(version: &'a str) -> Option<Self> {
        Self::parse(version).filter(|version| version.is_within(u64::MAX))
    }

    #[must_use]
    pub(super) fn terraform(version: &'a str) -> Option<Self> {
        Self::parse(version).filter(|version| version.is_within(TERRAFORM_LARGEST))
    }

    /// Three numbers, with or without a `v` before them.
    #[must_use]
    pub(super) fn parse(version: &'a str) -> Option<Self> {
        Self::without_prefix(version.strip_prefix('v').unwrap_or(version))
    }

    /// Go requires the `v`, and takes `v1` and `v1.2` for `v1.0.0` and `v1.2.0`. A pseudo-version is a pre-release.
    #[must_use]
    pub(super) fn go(version: &'a str) -> Option<Self> {
        let version = version.strip_prefix('v')?;
        let mut numbers = [Number::ZERO; 3];
        let parts = version.split('.').count();
        if parts > 2 || version.contains(['-', '+']) {
            return Self::without_prefix(version);
        }
        for (place, part) in numbers.iter_mut().zip(version.split('.')) {
            *place = number(part)?;
        }
        Some(Self { numbers, stage: Stage::Release })
    }

    fn without_prefix(version: &'a str) -> Option<Self> {
        let (numbers, labels, build) = split(version);
        let mut parts = numbers.split('.');
        let numbers = [number(parts.next()?)?, number(parts.next()?)?, number(parts.next()?)?];
        let is_whole = parts.next().is_none() && is_build(build);
        let stage = stage(labels, label)?;
        is_whole.then_some(Self { numbers, stage })
    }

    #[must_use]
    pub(super) fn is_prerelease(&self) -> bool {
        self.stage.is_prerelease()
    }

    fn is_within(&self, largest: u64) -> bool {
        self.numbers.iter().all(|number| number.is_within(largest))
    }
}

/// A number without leading zeros.
fn number(text: &str) -> Option<Number<'_>> {
    let has_leading_zero = text.len() > 1 && text.starts_with('0');
    Number::parse(text).filter(|_| !has_leading_zero)
}

fn label(text: &str) -> Option<Label<'_, &str>> {
    if !is_label(text) {
        return None;
    }
    match Number::parse(text) {
        Some(_) => number(text).map(Label::Number),
        None => Some(Label::Text(text)),
    }
}
