//! What holds for every registry and every policy, asked of generated ones.
#![allow(clippy::unwrap_used, reason = "in a test, a panic is the report")]

mod plan;
mod projects;
