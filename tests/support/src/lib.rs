//! Shared by gleaner's tests: an instant, packages, a registry to serve, a connection to it, and answers by hand.
#![allow(clippy::unwrap_used, reason = "in a test, a panic is the report")]

mod answers;
mod connection;
mod in_process;
mod journal;
mod package;
mod registry;

use std::env;

use gleaner::plan::inventory::{Inventory, InventoryBuilder};
use gleaner::policy::PolicySet;
use gleaner::yaml::Source;
use jiff::{SignedDuration, Timestamp};

pub use answers::Answers;
pub use connection::{connection, options};
pub use in_process::{InProcess, in_process};
pub use journal::{grounds, journal_lines, run_start};
pub use package::{file, package, project};
pub use registry::{TOKEN, acme, kept, member};

/// 2026-05-28T20:26:40Z
pub const NOW: Timestamp = Timestamp::constant(1_780_000_000, 0);

/// Returns the instant so many days before [`NOW`].
#[must_use]
pub fn days_ago(days: i64) -> Timestamp {
    NOW - SignedDuration::from_hours(24 * days)
}

/// Reads policy files that are right.
///
/// # Panics
/// When they are not.
#[must_use]
pub fn parsed(sources: &[Source]) -> PolicySet {
    PolicySet::parse(sources).unwrap_or_else(|errors| panic!("{errors}")).0
}

/// Returns what a walk that saw these rows has for the first policy of a set.
#[must_use]
pub fn inventory(set: &PolicySet, rows: impl IntoIterator<Item = gleaner::package::Package>) -> Inventory {
    let mut builder = InventoryBuilder::default();
    builder.absorb(rows);
    builder.finish().within(&set.policies[0].scope, None)
}

/// Returns of how many cases a property is asked: 100, or as many as `GLEANER_CASES` says.
#[must_use]
pub fn cases() -> u32 {
    env::var_os("GLEANER_CASES").map_or(100, |cases| cases.to_str().unwrap().parse().unwrap())
}
