//! gleaner keeps a GitLab package registry tidy: policies in, a plan with a reason for every package out, and
//! exactly that plan executed. `ARCHITECTURE.md` says why it is laid out so.
//!
//! A room uses those above it in this list, and none below. The blank lines keep the order.

/// Reads YAML strictly, with every value's text and place. It knows nothing of policies.
pub mod yaml;

/// One row of the registry, and what can be known of it.
pub mod package;

/// The API over HTTP.
pub mod gitlab;

/// The policy language.
pub mod policy;

/// The decision on every package.
pub mod plan;

/// A run and what came of it, in each form.
pub mod report;

/// Unit tests of policies.
pub mod case;

/// The things that outlive a run.
pub mod record;

/// One pass of one policy.
pub mod cycle;

/// The daemon.
pub mod serve;

/// The command line.
pub mod cli;
