//! A number of bytes in a policy: `500MB`, `50GiB`.

use std::fmt;

use serde::Serialize;

use crate::yaml::ValueError;
use crate::yaml::document::Node;
use crate::yaml::findings::Findings;
use crate::yaml::scalar;
use crate::yaml::text::{did_you_mean, shown};

/// A number of bytes, with the text that it was read from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Size {
    bytes: u64,
    #[serde(skip)]
    text: String,
}

impl Size {
    /// Reads a whole number and its unit.
    pub(crate) fn parse(text: &str) -> Result<Self, ValueError> {
        Ok(Self { bytes: parse(text)?, text: text.to_owned() })
    }

    /// Returns the number of bytes.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.bytes
    }
}

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// The units with their bytes: powers of 1000 and of 1024, as the standards name them.
pub(super) const UNITS: [(&str, u64); 11] = [
    ("B", 1),
    ("kB", 1000),
    ("KB", 1000),
    ("MB", 1000_u64.pow(2)),
    ("GB", 1000_u64.pow(3)),
    ("TB", 1000_u64.pow(4)),
    ("KiB", 1 << 10),
    ("MiB", 1 << 20),
    ("GiB", 1 << 30),
    ("TiB", 1 << 40),
    ("PB", 1000_u64.pow(5)),
];

/// Reads a size such as `500MB`.
pub(super) fn read(node: &Node, findings: &mut Findings<'_>) -> Option<Size> {
    scalar::parsed(node, findings, Size::parse)
}

/// Reads a size in bytes: a whole number and its unit.
fn parse(text: &str) -> Result<u64, ValueError> {
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let unit = unit.trim_start();
    if number.is_empty() || unit.starts_with(['.', ',', '_']) {
        return Err(ValueError::new(
            format!("`{}` is no size", shown(text)),
            "write a whole number and its unit, as in `500MB` or `50GiB`",
        ));
    }
    if unit.is_empty() {
        return Err(ValueError::new(
            format!("`{}` has no unit", shown(text)),
            format!("write it with one, as in `{number}MB`"),
        ));
    }
    let Some((_, factor)) = UNITS.iter().find(|(name, _)| *name == unit) else {
        let names = UNITS.iter().map(|(name, _)| *name);
        return Err(ValueError::new(
            format!("unknown unit `{}`{}", shown(unit), did_you_mean(unit, names)),
            "units are `kB`, `MB`, `GB`, `TB` (powers of 1000) and `KiB`, `MiB`, `GiB`, `TiB` (powers of 1024)",
        ));
    };
    let bytes = number.parse().ok().and_then(|number: u64| number.checked_mul(*factor));
    bytes.ok_or_else(|| ValueError::new(format!("`{}` is too large", shown(text)), "leave it out for no limit"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_in_bytes() {
        let table = [
            ("0B", Some(0)),
            ("500MB", Some(500_000_000)),
            ("50GB", Some(50_000_000_000)),
            ("50 GB", Some(50_000_000_000)),
            ("50GiB", Some(50 * 1024 * 1024 * 1024)),
            ("3kB", Some(3000)),
            ("3KB", Some(3000)),
            ("3KiB", Some(3072)),
            ("2TB", Some(2_000_000_000_000)),
            ("1TiB", Some(1024 * 1024 * 1024 * 1024)),
            ("50", None),
            ("50gb", None),
            ("50G", None),
            ("1.5GB", None),
            ("1_000MB", None),
            ("-5GB", None),
            ("GB", None),
            ("", None),
            ("50GBx", None),
            ("999999999999TB", None),
            ("99999999999999999999B", None),
        ];
        for (text, bytes) in table {
            assert_eq!(parse(text).ok(), bytes, "{text}");
        }
    }
}
