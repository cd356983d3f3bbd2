//! The program as people run it: what it prints, what it exits with, and what is there afterwards.
#![allow(clippy::unwrap_used, reason = "in a test, a panic is the report")]

mod apply;
mod broken;
mod check;
mod errors;
mod explain;
mod folders;
mod growing;
mod instance;
mod plan;
mod program;
mod projects;
mod sandbox;
mod schema;
mod serve;
mod serving;
mod terminal;
