//! A group or a project, named as policies and GitLab's routes name it: by its id or by its full path.

use std::fmt;
use std::ops::Deref;

use serde::Serialize;

use super::ProjectId;

/// A group or a project, by its id or its full path.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(untagged)]
pub enum Reference {
    /// GitLab's number for it.
    Id(u64),
    /// Its full path.
    Path(FullPath),
}

/// A full path, without a slash at either end.
///
/// It has no empty or dotted part: a URL would drop that, and the request would go to another address.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct FullPath(String);

/// The text is neither an id nor a full path.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is neither an id nor a full path such as `acme/platform`")]
pub struct InvalidReference(String);

impl Reference {
    /// Reads an id or a full path. Digits alone are an id, as they are for GitLab.
    ///
    /// # Errors
    ///
    /// When the text is neither.
    pub fn parse(text: &str) -> Result<Self, InvalidReference> {
        if let Some(id) = id(text) {
            return Ok(Self::Id(id));
        }
        let odd = |part: &str| {
            matches!(part, "" | "." | "..") || part.contains(|c: char| c.is_control() || c.is_whitespace())
        };
        if text.split('/').any(odd) {
            return Err(InvalidReference(text.escape_debug().to_string()));
        }
        Ok(Self::Path(FullPath(text.to_owned())))
    }
}

fn id(text: &str) -> Option<u64> {
    let is_digits = text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| is_digits)
}

impl From<ProjectId> for Reference {
    fn from(id: ProjectId) -> Self {
        Self::Id(id.0)
    }
}

impl From<FullPath> for String {
    fn from(path: FullPath) -> Self {
        path.0
    }
}

impl Deref for FullPath {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for FullPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Id(id) => id.fmt(f),
            Self::Path(path) => path.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_and_full_paths_are_references() {
        assert_eq!(Reference::parse("7").unwrap(), Reference::Id(7));
        for text in ["acme", "acme/7", "acme/platform", "acme/platform/api.v2", "99999999999999999999"] {
            let Reference::Path(path) = Reference::parse(text).unwrap() else { panic!("{text} is no path") };
            assert_eq!(&*path, text);
        }
    }

    #[test]
    fn what_a_url_would_drop_is_no_reference() {
        for text in ["", ".", "..", "/acme", "acme/", "acme//api", "acme/../secret", "acme api", "acme\n"] {
            assert!(Reference::parse(text).is_err(), "{text:?}");
        }
    }
}
