//! The one place where the sandbox reads the time.

use jiff::Timestamp;

/// Now.
#[expect(
    clippy::disallowed_methods,
    reason = "a server is the edge: its answers carry the time at which they are made"
)]
pub(crate) fn now() -> Timestamp {
    Timestamp::now()
}
