//! Keeps what outlives a run.

pub mod sent;
pub mod state;
