//! One page of a listing, and where the listing goes on.

use std::fmt;
use std::num::NonZeroU32;

use reqwest::header::HeaderMap;

const NEXT: &str = "x-next-page";

/// One page of a listing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    /// The page's own number.
    pub number: PageNumber,
    /// Its rows, in GitLab's order.
    pub rows: Vec<T>,
    /// The page to ask for next; `None` ends the listing.
    pub next: Option<PageNumber>,
    /// Whether GitLab itself told where the listing goes on, or that it ends.
    pub is_told: bool,
}

/// A page's number, from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PageNumber(NonZeroU32);

impl PageNumber {
    /// The page that a listing begins with.
    pub const FIRST: Self = Self(NonZeroU32::MIN);

    /// Returns the number.
    #[must_use]
    pub fn get(self) -> u32 {
        self.0.get()
    }

    fn after(self) -> Self {
        Self(self.0.saturating_add(1))
    }
}

impl fmt::Display for PageNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Returns the page after `current`, which had `rows` rows; `None` where the listing ends. The error says what is wrong
/// with the header.
///
/// `X-Next-Page` alone decides: totals vanish above 10,000 rows, and `Link` carries GitLab's configured host, which may
/// not be the one that was called (`lib/gitlab/pagination/offset_header_builder.rb`). Where a proxy drops the header,
/// the listing is read on to an empty page. GitLab names no page but the following one; another one would make the walk
/// loop, or pass over rows.
pub(super) fn next_page(current: PageNumber, rows: usize, headers: &HeaderMap) -> Result<Option<PageNumber>, String> {
    let Some(header) = headers.get(NEXT) else {
        return Ok((rows > 0).then(|| current.after()));
    };
    let text = String::from_utf8_lossy(header.as_bytes());
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    if text.parse() != Ok(current.get().saturating_add(1)) {
        return Err(format!("page {current} names `{}` as the next page", text.escape_debug()));
    }
    if rows == 0 {
        return Err(format!("page {current} is empty, and still names a next page"));
    }
    Ok(Some(current.after()))
}

/// Returns whether the headers tell where the listing goes on, or that it ends.
pub(super) fn is_told(headers: &HeaderMap) -> bool {
    headers.contains_key(NEXT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_a_listing_goes_on() {
        let third = PageNumber::FIRST.after().after();
        let good = [
            (Some("4"), 100, Some(4)),
            (Some(" 4 "), 100, Some(4)),
            (Some(""), 100, None),
            (Some(""), 0, None),
            (None, 1, Some(4)),
            (None, 0, None),
        ];
        let bad = [
            (Some("3"), 100),
            (Some("2"), 100),
            (Some("5"), 100),
            (Some("-4"), 100),
            (Some("four"), 100),
            (Some("4"), 0),
        ];
        let next = |header: Option<&'static str>, rows| {
            let headers = header.map(|text| ("x-next-page".parse().unwrap(), text.parse().unwrap()));
            next_page(third, rows, &headers.into_iter().collect())
        };
        for (header, rows, expected) in good {
            let next = next(header, rows).unwrap();
            assert_eq!(next.map(PageNumber::get), expected, "{header:?} after {rows} rows");
        }
        for (header, rows) in bad {
            assert!(next(header, rows).is_err(), "{header:?} after {rows} rows");
        }
    }
}
