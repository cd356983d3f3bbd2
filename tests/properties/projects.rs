//! Projects and groups that are moved, renamed, archived, marked and deleted between any two requests of a walk.

mod pages;
mod people;
mod world;
