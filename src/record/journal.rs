//! Writes down every deletion before it is sent: JSON lines, a file for each month, in a folder for each GitLab.
//!
//! Each line has the hash of the one before it.

pub mod chain;
pub mod line;
mod month;
mod open_line;
mod place;

pub use month::{Month, MonthSpan, months_that_go};
pub use open_line::{ItemKey, OpenLine, OpenLines};
pub use place::folder_name;
