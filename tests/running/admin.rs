//! The admin server as its clients see it, over boards that real cycles have written on.

mod ask;
mod connections;
mod kept;
mod pages;
mod server;
mod world;
