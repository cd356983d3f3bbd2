//! NuGet: up to four numbers, and SemVer's labels in whatever case.

use super::folded::Folded;
use super::label::{Label, Stage, is_build, is_label, split, stage};
use super::number::Number;

/// NuGet reads its numbers as 32 bits with a sign.
const LARGEST: u64 = i32::MAX.cast_unsigned() as u64;

/// Numbers that are not written are zero: `1.0` is `1.0.0.0`. Build metadata has no place in the order.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Nuget<'a> {
    numbers: [Number<'a>; 4],
    stage: Stage<Label<'a, Folded<'a>>>,
}

impl<'a> Nuget<'a> {
    #[must_use]
    pub(super) fn parse(version: &'a str) -> Option<Self> {
        let (written, labels, build) = split(version);
        let mut parts = written.split('.');
        let mut numbers = [Number::ZERO; 4];
        for (place, part) in numbers.iter_mut().zip(parts.by_ref()) {
            *place = Number::parse(part).filter(|number| number.is_within(LARGEST))?;
        }
        let is_whole = parts.next().is_none() && is_build(build);
        let stage = stage(labels, label)?;
        is_whole.then_some(Self { numbers, stage })
    }

    #[must_use]
    pub(super) fn is_prerelease(&self) -> bool {
        self.stage.is_prerelease()
    }
}

fn label(text: &str) -> Option<Label<'_, Folded<'_>>> {
    is_label(text).then(|| Number::parse(text).map_or(Label::Text(Folded(text)), Label::Number))
}
