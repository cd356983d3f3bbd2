//! The headers of a scripted answer.

use std::collections::BTreeMap;

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use serde::{Deserialize, Serialize};

/// Headers by their names; in JSON an object of texts.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "BTreeMap<String, String>", into = "BTreeMap<String, String>")]
pub struct Headers(HeaderMap);

/// A name or a value can't stand in a header.
#[derive(Debug, thiserror::Error)]
#[error("{name:?}: {value:?} is no header")]
pub struct InvalidHeader {
    name: String,
    value: String,
}

impl Headers {
    /// Makes headers of names and values.
    ///
    /// # Errors
    /// When one of them can't stand in a header.
    pub fn new<'a>(headers: impl IntoIterator<Item = (&'a str, &'a str)>) -> Result<Self, InvalidHeader> {
        let header = |(name, value): (&str, &str)| {
            let invalid = || InvalidHeader { name: name.to_owned(), value: value.to_owned() };
            let parsed = (HeaderName::try_from(name).ok()).zip(HeaderValue::try_from(value).ok());
            parsed.ok_or_else(invalid)
        };
        headers.into_iter().map(header).collect::<Result<HeaderMap, _>>().map(Self)
    }

    pub(super) fn into_map(self) -> HeaderMap {
        self.0
    }
}

impl TryFrom<BTreeMap<String, String>> for Headers {
    type Error = InvalidHeader;

    fn try_from(headers: BTreeMap<String, String>) -> Result<Self, InvalidHeader> {
        Self::new(headers.iter().map(|(name, value)| (name.as_str(), value.as_str())))
    }
}

impl From<Headers> for BTreeMap<String, String> {
    fn from(headers: Headers) -> Self {
        let text = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
        headers.0.iter().map(|(name, value)| (name.to_string(), text(value))).collect()
    }
}
