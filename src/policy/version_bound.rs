//! A version that others are compared with.

use std::fmt;

use serde::Serialize;

use crate::package::{PackageType, is_below};
use crate::yaml::ValueError;
use crate::yaml::text::shown;

/// A version, as it is written. The type of each package says how it is read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct VersionBound(String);

impl VersionBound {
    /// Returns whether a version comes before it; `None` where nobody can tell.
    pub(super) fn is_above(&self, package_type: &PackageType, version: &str) -> Option<bool> {
        is_below(package_type, version, &self.0)
    }

    /// Returns whether it can be read as a version of packages of this type.
    pub(super) fn is_read_by(&self, package_type: &PackageType) -> bool {
        is_below(package_type, &self.0, &self.0) == Some(false) || self.has_floor(package_type)
    }

    /// Returns whether its place among the versions of this type isn't certain.
    fn has_floor(&self, package_type: &PackageType) -> bool {
        package_type.facts().versions.floor(&self.0).is_some()
    }

    /// Returns its text.
    pub(super) fn text(&self) -> &str {
        &self.0
    }

    /// Reads a version, and no pattern, range or series.
    pub(super) fn parse(text: &str) -> Result<Self, ValueError> {
        let is_sign = |c: char| c.is_ascii_alphanumeric() || "._-+~^:!".contains(c);
        let is_version = text.chars().all(is_sign)
            && text.starts_with(|c: char| c.is_ascii_alphanumeric())
            && text.contains(|c: char| c.is_ascii_digit())
            && !text.split('.').any(|part| part.eq_ignore_ascii_case("x"));
        if is_version {
            return Ok(Self(text.to_owned()));
        }
        Err(ValueError::new(
            format!("`{}` is no version", shown(text)),
            "write the first version that is not meant, as in `version_below: 3.0.0`; patterns go with `version`",
        ))
    }
}

impl fmt::Display for VersionBound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
