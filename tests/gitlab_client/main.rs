//! The GitLab client against small scripted servers: what it asks, what it makes of each answer, and where the token
//! goes.

#![allow(clippy::unwrap_used, reason = "a test that can't go on has to stop")]

mod branches;
mod carrier;
mod deletions;
mod freshness;
mod inquiry;
mod listings;
mod look;
mod lookups;
mod manners;
mod probe;
mod refusals;
mod script;
mod secrets;
