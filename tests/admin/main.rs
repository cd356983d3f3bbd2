//! The admin server as its clients see it, over boards that real cycles have written on.
#![allow(clippy::unwrap_used, reason = "in a test, a panic is the report")]

mod ask;
mod connections;
mod pages;
mod server;
mod world;
