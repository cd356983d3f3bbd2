//! The orders of versions: each agrees with its ecosystem's own tool, and is an order at all.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "in a test, a panic is the report, and figures are wanted"
)]

mod crate_semver;
mod properties;
mod recorded;

use std::cmp::Ordering;

use gleaner::package::{PackageType, rungs};

/// How two versions compare; `None` where one of them can't be read.
fn compared(package_type: &PackageType, version: &str, other: &str) -> Option<Ordering> {
    match rungs(package_type, &[version, other])[..] {
        [Some(one), Some(other)] => Some(one.cmp(&other)),
        _ => None,
    }
}
