//! The program as people run it.
#![allow(clippy::unwrap_used, reason = "in a test, a panic is the report")]

mod cli;
mod diff;
mod history;
mod lessons;
mod saved_plan;
