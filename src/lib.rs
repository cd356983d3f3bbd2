//! gleaner keeps a GitLab package registry tidy: policies in, a plan with a reason for every package out, and
//! exactly that plan executed. `ARCHITECTURE.md` has the map.

pub mod address;
pub mod admin;
pub mod agenda;
pub mod board;
pub mod brake;
pub mod breaker;
pub mod case;
pub mod cli;
pub mod clock;
pub mod cycle;
pub mod daemon;
pub mod event;
pub mod execute;
pub mod explain;
pub mod gitlab;
pub mod inspect;
pub mod inventory;
pub mod load;
pub mod log;
pub mod metrics;
pub mod notice;
pub mod package;
pub mod plan;
pub mod policy;
pub mod report;
pub mod settings;
pub mod state;
pub mod walk;
