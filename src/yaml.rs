//! A strict reader of YAML: every value keeps its text, its place and its quotes, and all problems of a file are told
//! at once. It knows nothing of policies: a [`Language`] has the few words that messages need.

pub(crate) mod document;
pub(crate) mod fields;
pub(crate) mod findings;
pub(crate) mod scalar;
pub(crate) mod text;

mod allow;
mod excerpt;
mod language;
mod problem;
mod room;
mod source;
mod span;
mod syntax;

pub(crate) use allow::{Lack, Use};
pub(crate) use language::Language;
pub use problem::{Lint, LintKind, Place, Problem, Problems, ValueError};
pub(crate) use room::Room;
pub use source::Source;
