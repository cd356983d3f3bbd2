//! Generic packages: the version as it is written, its numbers compared as numbers.

use std::iter;

use super::number::{Number, digits};

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Plain<'a>(Vec<Run<'a>>);

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Run<'a> {
    Number(Number<'a>),
    Text(&'a str),
}

impl<'a> Plain<'a> {
    #[must_use]
    pub(super) fn parse(version: &'a str) -> Option<Self> {
        (!version.is_empty()).then(|| Self(runs(version).collect()))
    }
}

fn runs(mut rest: &str) -> impl Iterator<Item = Run<'_>> {
    iter::from_fn(move || {
        let length = match digits(rest) {
            0 => rest.find(|c: char| c.is_ascii_digit()).unwrap_or(rest.len()),
            length => length,
        };
        let (run, after) = rest.split_at(length);
        rest = after;
        (length > 0).then(|| Number::parse(run).map_or(Run::Text(run), Run::Number))
    })
}
