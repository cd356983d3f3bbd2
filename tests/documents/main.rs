//! What the documents say is what the code does.
#![allow(clippy::unwrap_used, reason = "in a test, a panic is the report")]

mod cookbook;
mod docs;
mod journal;
mod policy_page;
