//! The daemon's metrics: what each notice does to them, what they are called, and how many series they come to.
#![allow(clippy::unwrap_used, reason = "in a test, a panic is the report")]

mod budget;
mod cycles;
mod documentation;
mod life;
mod service;
mod traffic;
