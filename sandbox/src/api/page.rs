//! Offset pagination: the rows of a page, and the headers that tell where the others are
//! (lib/gitlab/pagination/offset_header_builder.rb).

use std::collections::BTreeMap;
use std::ops::Range;

use axum::http::header::{CONTENT_TYPE, LINK};
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::response::{IntoResponse, Response};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::faults::Bend;

/// A page, counted from 1, and the number of rows on a full one.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Page {
    pub(crate) number: usize,
    pub(crate) size: usize,
}

impl Page {
    pub(crate) const DEFAULT_SIZE: usize = 20;

    /// The answer with the page's rows out of `total`, each written by `write` from its place in the listing.
    ///
    /// `bend` has the changes that a fault makes; `url` is the listing's without parameters; above `count_limit` rows the totals are left out.
    pub(crate) fn answer(
        self,
        bend: &Bend,
        (url, params): (&str, &BTreeMap<String, String>),
        total: usize,
        count_limit: Option<usize>,
        mut write: impl FnMut(usize, &mut String),
    ) -> Response {
        let mut body = String::from("[");
        let rows = if bend.empty { 0..0 } else { self.rows(total, bend.shift) };
        for at in rows {
            if body.len() > 1 {
                body.push(',');
            }
            write(at, &mut body);
        }
        body.push(']');
        let total = total.saturating_add_signed(-bend.shift);
        let mut headers = self.headers(url, params, total, count_limit);
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        (headers, body).into_response()
    }

    /// The rows of the page in a listing that has moved by so many rows: forward when some before it went away,
    /// backward when some came.
    fn rows(self, total: usize, shift: isize) -> Range<usize> {
        let start = (self.number - 1).saturating_mul(self.size).saturating_add_signed(shift).min(total);
        start..start.saturating_add(self.size).min(total)
    }

    fn headers(
        self,
        url: &str,
        params: &BTreeMap<String, String>,
        total: usize,
        count_limit: Option<usize>,
    ) -> HeaderMap {
        let pages = total.div_ceil(self.size).max(1);
        let counted = count_limit.is_none_or(|limit| total <= limit);
        let previous = (1 < self.number && self.number <= pages).then(|| self.number - 1);
        let next = (self.number < pages).then(|| self.number + 1);
        let last = counted.then_some(pages);

        let mut headers = HeaderMap::new();
        let mut add = |name: &'static str, value: Option<usize>| {
            let value = value.map_or_else(|| HeaderValue::from_static(""), HeaderValue::from);
            headers.insert(HeaderName::from_static(name), value);
        };
        add("x-per-page", Some(self.size));
        add("x-page", Some(self.number));
        add("x-next-page", next);
        add("x-prev-page", previous);
        if counted {
            add("x-total", Some(total));
            add("x-total-pages", Some(pages));
        }
        let links = [("prev", previous), ("next", next), ("first", Some(1)), ("last", last)];
        let links = links.into_iter().filter_map(|(rel, page)| {
            let page = page?.to_string();
            let query =
                to_query(params.iter().filter(|(name, _)| *name != "page").chain([(&"page".to_owned(), &page)]));
            Some(format!(r#"<{url}?{query}>; rel="{rel}""#))
        });
        let links = links.collect::<Vec<_>>().join(", ");
        if let Ok(links) = HeaderValue::from_str(&links) {
            headers.insert(LINK, links);
        }
        headers
    }
}

/// A query as Ruby's `to_query` writes it: sorted by name, a space as `+`.
pub(crate) fn to_query<'a>(params: impl Iterator<Item = (&'a String, &'a String)>) -> String {
    const KEPT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');
    let escape = |text: &str| utf8_percent_encode(text, KEPT).to_string().replace("%20", "+");
    let mut pairs: Vec<_> = params.map(|(name, value)| format!("{}={}", escape(name), escape(value))).collect();
    pairs.sort_unstable();
    pairs.join("&")
}

#[cfg(test)]
mod tests {
    use super::Page;

    #[test]
    fn a_shifted_page_repeats_or_skips_rows() {
        let page = Page { number: 2, size: 3 };
        assert_eq!(page.rows(10, 0), 3..6);
        assert_eq!(page.rows(10, -1), 2..5);
        assert_eq!(page.rows(10, 2), 5..8);
        assert_eq!(page.rows(4, 2), 4..4);
    }
}
