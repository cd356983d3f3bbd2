//! The name and release of this program, as others are told them.

/// Reports, pages and the state say that they were made by it.
pub(super) const GENERATOR: &str = concat!("gleaner ", env!("CARGO_PKG_VERSION"));
