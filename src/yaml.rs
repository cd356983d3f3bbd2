//! A strict reader of YAML: every value keeps its text, its place and its quotes, and every problem of a file is told at
//! once. It knows nothing of policies.

pub(crate) mod document;
pub(crate) mod fields;
pub(crate) mod findings;
pub(crate) mod scalar;
pub(crate) mod text;

mod excerpt;
mod problem;
mod room;
mod source;
mod syntax;

pub use problem::{Lint, Place, PolicyErrors, Problem, ValueError};
pub(crate) use room::Room;
pub use source::Source;
