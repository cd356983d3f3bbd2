//! Keeps what outlives a run.

pub mod journal;
pub mod saved_plan;
pub mod sent;
pub mod state;
