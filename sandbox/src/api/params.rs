//! Parameters as GitLab checks them: each by its kind, with all complaints in one answer. Also the form in which
//! links repeat them.

use std::collections::BTreeMap;

use axum::http::StatusCode;

use super::page::Page;
use super::refusal::Refusal;

/// Reads the parameters of one request, in the order in which the route declares them.
pub(crate) struct Params<'a> {
    /// Those in the route's path.
    route: &'a BTreeMap<String, String>,
    query: &'a BTreeMap<String, String>,
    /// The most rows on a page.
    largest_page: usize,
    links: BTreeMap<String, String>,
    complaints: Vec<String>,
}

impl<'a> Params<'a> {
    pub(super) fn new(
        route: &'a BTreeMap<String, String>,
        query: &'a BTreeMap<String, String>,
        largest_page: usize,
    ) -> Self {
        let mut links = query.clone();
        links.extend(route.clone());
        Self { route, query, largest_page, links, complaints: Vec::new() }
    }

    /// Every parameter as links repeat it: what was sent, what the route's path held, and the defaults.
    ///
    /// # Errors
    /// 400 with all complaints, in the order of declaration.
    pub(crate) fn finish(self) -> Result<BTreeMap<String, String>, Refusal> {
        if self.complaints.is_empty() {
            return Ok(self.links);
        }
        Err(Refusal::error(StatusCode::BAD_REQUEST, &self.complaints.join(", ")))
    }

    /// A number in the route's path, such as a package's id. `None` is one that nothing can have.
    pub(crate) fn route_id(&mut self, name: &str) -> Option<u64> {
        let text = self.route.get(name).map_or("", String::as_str);
        if is_integer(text) {
            return text.parse().ok();
        }
        self.complaints.push(format!("{name} is invalid"));
        None
    }

    /// `page` and `per_page` (lib/api/pagination_params.rb). What isn't positive counts as absent, except that
    /// `per_page=0` is refused; more rows than the largest page has are never given.
    pub(crate) fn page(&mut self) -> Page {
        let number = self.integer("page").filter(|number| *number > 0).unwrap_or(1);
        let size = self.integer("per_page");
        if size == Some(0) {
            self.complaints.push("per_page has a value not allowed".to_owned());
        }
        if size.is_none() {
            self.links.insert("per_page".to_owned(), Page::DEFAULT_SIZE.to_string());
        }
        let size = size.and_then(|size| usize::try_from(size).ok()).unwrap_or(Page::DEFAULT_SIZE);
        Page { number: usize::try_from(number).unwrap_or(usize::MAX), size: size.clamp(1, self.largest_page) }
    }

    /// `per_page` of a keyset listing, which refuses what the others correct.
    pub(crate) fn keyset_size(&mut self) -> usize {
        let size = self.integer("per_page").unwrap_or(20);
        match usize::try_from(size) {
            Ok(size @ 1..=20) => size,
            _ => {
                self.complaints.push("per_page does not have a valid value".to_owned());
                20
            }
        }
    }

    /// A whole number; blank counts as absent.
    fn integer(&mut self, name: &str) -> Option<i64> {
        let text = self.query.get(name)?;
        if text.is_empty() {
            return None;
        }
        if is_integer(text) {
            return Some(text.parse().unwrap_or(i64::MAX));
        }
        self.complaints.push(format!("{name} is invalid"));
        None
    }

    /// A yes or no; blank counts as absent, and stays blank in links.
    pub(crate) fn flag(&mut self, name: &str, default: Option<bool>) -> bool {
        let Some(text) = self.query.get(name) else {
            if let Some(default) = default {
                self.links.insert(name.to_owned(), default.to_string());
            }
            return default.unwrap_or(false);
        };
        let value = match text.to_lowercase().as_str() {
            "true" | "t" | "1" | "yes" | "y" | "on" => true,
            "false" | "f" | "0" | "no" | "n" | "off" => false,
            "" => return false,
            _ => {
                self.complaints.push(format!("{name} is invalid"));
                return false;
            }
        };
        self.links.insert(name.to_owned(), value.to_string());
        value
    }

    /// One of the words that are allowed, to the letter.
    pub(crate) fn choice(&mut self, name: &str, allowed: &[&str], default: Option<&'static str>) -> Option<&'a str> {
        let Some(text) = self.query.get(name) else {
            if let Some(default) = default {
                self.links.insert(name.to_owned(), default.to_owned());
            }
            return default;
        };
        if allowed.contains(&text.as_str()) {
            return Some(text);
        }
        self.complaints.push(format!("{name} does not have a valid value"));
        None
    }

    /// Any text.
    pub(crate) fn text(&self, name: &str) -> Option<&'a str> {
        self.query.get(name).map(String::as_str)
    }
}

fn is_integer(text: &str) -> bool {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    !digits.is_empty() && digits.bytes().all(|digit| digit.is_ascii_digit())
}
