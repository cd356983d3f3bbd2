//! The lines that the daemon writes, in both forms.
#![allow(clippy::unwrap_used, reason = "in a test, a panic is the report")]

mod documentation;
mod lines;
mod paper;
