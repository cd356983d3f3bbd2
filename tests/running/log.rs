//! The lines that the daemon writes, in both forms.

mod documentation;
mod lines;
pub(crate) mod paper;
