//! gleaner keeps a GitLab package registry tidy: policies in, a plan with a reason for every package out, and
//! exactly that plan executed. `ARCHITECTURE.md` has the map.

pub mod event;
pub mod gitlab;
pub mod inventory;
pub mod package;
pub mod plan;
pub mod policy;
pub mod report;
