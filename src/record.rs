//! Keeps what outlives a run.

pub mod state;
