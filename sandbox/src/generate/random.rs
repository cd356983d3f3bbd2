//! Random numbers that are the same everywhere and for ever: SplitMix64, as its authors published it
//! (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014).

use std::fmt::Write;
use std::ops::Range;

/// A sequence of numbers that its seed decides.
#[derive(Debug, Clone)]
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number in the range, which must not be empty.
    pub(crate) fn within(&mut self, range: Range<i64>) -> i64 {
        let width = range.end.abs_diff(range.start).max(1);
        range.start.saturating_add_unsigned(self.next() % width)
    }

    /// True with this probability.
    pub(crate) fn chance(&mut self, probability: f64) -> bool {
        // 53 bits fill a float's mantissa.
        #[expect(clippy::cast_precision_loss, reason = "both numbers have at most 53 bits")]
        let share = (self.next() >> 11) as f64 / (1_u64 << 53) as f64;
        share < probability
    }

    /// One of these, which must not be none.
    pub(crate) fn pick<'a>(&mut self, among: &[&'a str]) -> &'a str {
        let at = self.next() % among.len().max(1) as u64;
        among[usize::try_from(at).unwrap_or_default()]
    }

    /// So many bytes in hexadecimal digits.
    pub(crate) fn hex(&mut self, bytes: usize) -> String {
        let mut text = String::with_capacity(bytes.next_multiple_of(8) * 2);
        while text.len() < bytes * 2 {
            // Writing to a string can't fail.
            let _ = write!(text, "{:016x}", self.next());
        }
        text.truncate(bytes * 2);
        text
    }
}

#[cfg(test)]
mod tests {
    use super::Random;

    #[test]
    fn numbers_are_the_published_ones() {
        let mut random = Random::new(1_234_567);
        assert_eq!(random.next(), 6_457_827_717_110_365_317);
        assert_eq!(random.next(), 3_203_168_211_198_807_973);
    }
}
