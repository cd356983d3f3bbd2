//! Cases of policies: how their files are read, what is judged, and that those of the shipped policies are tight: each
//! condition of each of them is changed in turn, and a case fails.

mod format;
mod in_use;
mod judged;
mod mutants;
mod program;
mod shipped;
mod tree;
