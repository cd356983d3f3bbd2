//! Keeps what outlives a run.

pub mod journal;
pub mod lock;
pub mod marks;
pub mod reports;
pub mod saved_plan;
pub mod sent;
pub mod state;

mod whole;
