//! The ecosystems whose versions can be read. What each makes of them stands in `version.rs`, and below it.

/// Whose rules a version is read by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ecosystem {
    Cargo,
    Composer,
    Conan,
    Debian,
    Gem,
    Go,
    Helm,
    Maven,
    /// The model registry takes SemVer, or `candidate_7`.
    Model,
    Npm,
    Nuget,
    Pep440,
    /// Any text, in which the usual words for pre-releases are known.
    Plain,
    Rpm,
    Terraform,
    /// Of a type that this release doesn't know.
    Unknown,
}
