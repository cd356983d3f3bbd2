//! How much has been looked up when packages are judged.

/// How much has been looked up, and so what an open question counts for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stance {
    /// Nothing has: an open question goes against the package, so that the shortlist holds every possible deletion.
    Shortlisting,
    /// All that can be: an open question saves the package.
    Planning,
}
