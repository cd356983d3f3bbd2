//! GitLab's package API over HTTP: lists packages, their files and projects, and deletes them. It knows packages, not
//! policies.
//!
//! A [`Connection`] holds the address, the token and the manners (retries, rate limits). A [`Reader`] and a [`Writer`]
//! are made from it; a reader has nothing that deletes.
//!
//! What is said here about GitLab was read in its source; paths such as `lib/api/group_packages.rb` are paths in
//! GitLab's own repository. Releases from 15.x on are understood.

mod answer;
mod branch;
mod connection;
mod credential;
mod directory;
mod error;
mod exchange;
mod expiry;
mod field;
mod file;
mod freshness;
mod limiter;
mod listing;
mod owner;
mod page;
mod pipeline;
mod protection;
mod reader;
mod redirect;
mod refusal;
mod release;
mod request;
mod retry;
mod row;
mod run_id;
mod subject;
mod tls;
mod traffic;
mod transport;
mod writer;

pub use connection::{Connection, ConnectionOptions};
pub use credential::{Credential, TokenError, TokenKind};
pub use directory::GroupRow;
pub use error::{Cause, Error, Fault, TokenRejection};
pub use expiry::TokenExpiry;
pub use freshness::{Freshness, LookRecord, Staleness};
pub use listing::{Listing, ListingOrder, ListingSource, Subgroups};
pub use owner::{ADMINISTRATORS_TOKEN, Owner};
pub use page::{Page, PageNumber};
pub use reader::{ListingReading, Reader};
pub use retry::RetryPolicy;
pub use row::Row;
pub use run_id::RunId;
pub use subject::Subject;
pub use traffic::clock::{ClockProblem, GitlabClock};
pub use traffic::requests::RequestCounts;
pub use traffic::{Endpoint, Method, Traffic, TrafficObserver};
pub use transport::{Incoming, Outgoing, Transport};
pub use writer::{Attempt, Deletion, Writer};
