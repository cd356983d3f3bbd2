//! Policies as they are written: how their files are read, what is told of them, and the cases that test them.
#![allow(clippy::unwrap_used, reason = "in a test, a panic is the report")]

mod cases;
mod lints;
mod policy_files;
mod schema;
