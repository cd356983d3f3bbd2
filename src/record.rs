//! What outlives a run.

pub mod state;
