//! The sandbox as its clients see it: held against recorded exchanges, and corner by corner.
#![allow(clippy::unwrap_used, reason = "a test that panics has failed, which is what it is for")]

mod branches;
mod client;
mod command;
mod corners;
mod faults;
mod generator;
mod happenings;
mod in_process;
mod jobs;
mod moves;
mod people;
mod recordings;
mod releases;
mod server;
mod small;
