//! gleaner keeps a GitLab package registry tidy: policies in, a plan with a reason for every package out, and
//! exactly that plan executed. `ARCHITECTURE.md` has the map.

// A room uses those above it in this list, and none below.
pub mod case;
pub mod cli;
pub mod cycle;
pub mod gitlab;
pub mod package;
pub mod plan;
pub mod policy;
pub mod record;
pub mod report;
pub mod serve;
pub mod yaml;
