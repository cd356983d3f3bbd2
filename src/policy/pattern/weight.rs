//! Limits how large the patterns of a set are together. Each is compiled, often in several wide forms, and that must
//! not take long for any set.

use regex_syntax::hir::{Class, Hir, HirKind};

use crate::yaml::{Room, ValueError};

/// The least weight of a pattern.
const LEAST: usize = 20;
/// The weight of a range of characters. Most ranges of classes such as `\w` take several bytes.
const RANGE: usize = 4;

/// Takes the room that a pattern needs.
pub(super) fn take(room: &mut Room, pattern: &Hir) -> Result<(), ValueError> {
    if room.take(weight(pattern).saturating_add(LEAST)) {
        return Ok(());
    }
    Err(ValueError::new(
        "up to here, the patterns of this set are too large together",
        "repeat less in regular expressions, or write globs",
    ))
}

/// Returns about as many states as it is compiled to. The parser bounds the depth.
fn weight(hir: &Hir) -> usize {
    let sum = |parts: &[Hir]| parts.iter().map(weight).fold(1, usize::saturating_add);
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => 1,
        HirKind::Literal(literal) => literal.0.len(),
        HirKind::Class(Class::Unicode(class)) => class.ranges().len().saturating_mul(RANGE),
        HirKind::Class(Class::Bytes(class)) => class.ranges().len(),
        HirKind::Capture(capture) => weight(&capture.sub).saturating_add(2),
        HirKind::Concat(parts) | HirKind::Alternation(parts) => sum(parts),
        HirKind::Repetition(repetition) => {
            let times = repetition.max.unwrap_or_else(|| repetition.min.saturating_add(1)).max(1);
            weight(&repetition.sub).saturating_mul(usize::try_from(times).unwrap_or(usize::MAX)).saturating_add(1)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_has_room_for_many_patterns_and_for_few_large_ones() {
        let pattern = |text: &str| regex_syntax::parse(text).unwrap();
        for (text, times) in [("acme-[a-z]*", 100_000), (r"(a|b)*a(a|b){17}c1", 10_000), (r"\w{20}", 50)] {
            let (mut room, pattern) = (Room::default(), pattern(text));
            assert!((0..times).all(|_| take(&mut room, &pattern).is_ok()), "{text}");
            assert!((0..times * 10).any(|_| take(&mut room, &pattern).is_err()), "{text}");
            assert!(!room.is_there());
            assert!(take(&mut room, &regex_syntax::parse("a").unwrap()).is_err(), "what was refused once is");
        }
    }
}
