//! Whole numbers in versions. They may have more digits than any integer type, so they are compared as digits.

use std::cmp::Ordering;

/// A number as its digits, without leading zeros: zero is the empty text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Number<'a>(&'a str);

impl<'a> Number<'a> {
    pub(super) const ZERO: Self = Self("");

    /// Reads a text that is nothing but digits, and at least one.
    #[must_use]
    pub(super) fn parse(text: &'a str) -> Option<Self> {
        let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        is_number.then(|| Self(text.trim_start_matches('0')))
    }

    /// Returns the number that `text` begins with, and what follows. Without a digit it is zero.
    #[must_use]
    pub(super) fn split(text: &'a str) -> (Self, &'a str) {
        let (digits, rest) = text.split_at(digits(text));
        (Self(digits.trim_start_matches('0')), rest)
    }

    #[must_use]
    pub(super) fn is_zero(self) -> bool {
        self.0.is_empty()
    }

    /// Returns whether it is at most `largest`, for ecosystems whose tools take no larger one.
    #[must_use]
    pub(super) fn is_within(self, largest: u64) -> bool {
        self.is_zero() || self.0.parse().is_ok_and(|number: u64| number <= largest)
    }
}

impl Ord for Number<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        (self.0.len(), self.0).cmp(&(other.0.len(), other.0))
    }
}

impl PartialOrd for Number<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Returns how many ASCII digits `text` begins with.
#[must_use]
pub(super) fn digits(text: &str) -> usize {
    text.bytes().take_while(u8::is_ascii_digit).count()
}
