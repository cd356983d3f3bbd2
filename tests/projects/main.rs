//! Projects and groups that are moved, renamed, archived, marked and deleted between any two requests of a walk.
#![allow(clippy::unwrap_used, reason = "in a test, a panic is the report")]

mod pages;
mod people;
mod world;
