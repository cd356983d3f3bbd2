//! How retention tools deleted what they should have kept, or kept silent when they failed: each as a test that fails on
//! a build which makes the same mistake.
//!
//! `judgement` asks the pure core, `gitlab` runs whole cycles against a simulated GitLab, `program` runs the command.

mod content;
mod downloads;
mod dry_run;
mod gitlab;
mod judgement;
mod limits;
mod listing;
mod newest;
mod patterns;
mod program;
mod silence;
mod time;
mod versions;
