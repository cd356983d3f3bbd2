//! The GitLab client against small scripted servers: what it asks, what it makes of each answer, and where the token
//! goes.

#![allow(clippy::unwrap_used, reason = "a test that can't go on has to stop")]

#[path = "gitlab_client/deletions.rs"]
mod deletions;
#[path = "gitlab_client/inquiry.rs"]
mod inquiry;
#[path = "gitlab_client/listings.rs"]
mod listings;
#[path = "gitlab_client/lookups.rs"]
mod lookups;
#[path = "gitlab_client/manners.rs"]
mod manners;
#[path = "gitlab_client/probe.rs"]
mod probe;
#[path = "gitlab_client/refusals.rs"]
mod refusals;
#[path = "gitlab_client/script.rs"]
mod script;
#[path = "gitlab_client/secrets.rs"]
mod secrets;
