//! The ages of rows and files: old ones, and new ones.

use super::super::history::{DAY, HOUR};

/// Two years.
pub(super) const OLD: i64 = 730 * DAY;

/// Two hours.
pub(super) const TODAY: i64 = 2 * HOUR;
