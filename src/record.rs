//! Keeps what outlives a run.

pub mod journal;
pub mod sent;
pub mod state;
