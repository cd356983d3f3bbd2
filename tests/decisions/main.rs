//! The pure core: which packages and files a plan takes and why, in small registries that are written down here.
#![allow(clippy::unwrap_used, reason = "in a test, a panic is the report")]

mod again;
mod explanation;
mod files;
mod limits;
mod report;
mod verdicts;
mod versions;
mod worlds;
