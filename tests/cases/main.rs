//! Cases of policies: how their files are read, what is judged, and that those of the shipped policies are tight: each
//! condition of each of them is changed in turn, and a case fails.
#![allow(clippy::unwrap_used, reason = "in a test, a panic is the report")]

mod format;
mod judged;
mod mutants;
mod program;
mod shipped;
mod tree;
