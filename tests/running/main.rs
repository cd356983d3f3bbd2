//! Cycles against the sandbox, and the daemon that runs them, with its log, its metrics and its pages.
#![allow(clippy::unwrap_used, reason = "in a test, a panic is the report")]

mod admin;
mod log;
mod metrics;
mod service;
mod shell;
