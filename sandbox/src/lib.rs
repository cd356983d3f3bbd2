//! A GitLab package registry in memory, served over HTTP: for tests, for trying things out, and for whoever writes
//! against this API and would rather not practise on the real one.
//!
//! ```no_run
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! use gitlab_sandbox::{Options, Registry, Server};
//!
//! let start = "2025-06-01T00:00:00Z".parse()?;
//! let server = Server::start(Registry::generate(8_000, 42, start), Options::default()).await?;
//! println!("{} {}", server.url(), server.token());
//! # Ok(())
//! # }
//! ```
//!
//! Its answers agree with recorded exchanges (`tests/sandbox/recordings.rs`). Faults can be scripted ([`Faults`]), and
//! so can acts of people meanwhile ([`Happening`]). File names in the comments are paths in GitLab's own repository.

mod api;
pub mod cli;
mod clock;
mod directory;
mod edition;
pub mod faults;
mod front;
mod generate;
mod gitlab;
pub mod happenings;
mod options;
mod rate_limit;
mod registry;
mod request;
mod sandbox;
mod server;
mod store;
mod wildcard;
mod world;

pub use clock::Clock;
pub use edition::{DownloadsTold, Edition, UnknownEdition};
pub use faults::Faults;
pub use happenings::{Act, ActError, Happening, Moment, NewFile, Publication};
pub use options::Options;
pub use rate_limit::{InvalidRateLimit, RateLimit};
pub use registry::{
    AccessLevel, Conan, FileStatus, Group, LinkType, Member, Package, PackageFile, PackageType, Pipeline, Project,
    ProtectionRule, Registry, RegistryError, Release, ReleaseLink, Repository, Series, Status, Tag, Token, User,
    Visibility,
};
pub use request::Request;
pub use sandbox::{BrokenOff, OpenError, Sandbox};
pub use server::{Server, StartError};
