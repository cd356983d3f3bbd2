//! The ecosystems whose versions can be read. `version.rs` and the files below it read them.

/// An ecosystem, by whose rules a version is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ecosystem {
    /// Cargo's SemVer.
    Cargo,
    /// Composer's versions and branches.
    Composer,
    /// Conan's, of any number of parts.
    Conan,
    /// Debian's, with epoch and revision.
    Debian,
    /// RubyGems'.
    Gem,
    /// Go's SemVer, with a `v`.
    Go,
    /// Helm's SemVer, with or without a `v`.
    Helm,
    /// Maven's, in which words have an order.
    Maven,
    /// The model registry takes SemVer, or `candidate_7`.
    Model,
    /// npm's SemVer.
    Npm,
    /// NuGet's, of up to four numbers.
    Nuget,
    /// Python's, by PEP 440.
    Pep440,
    /// Any text, in which the usual words for pre-releases are known.
    Plain,
    /// RPM's, with epoch and release.
    Rpm,
    /// Terraform's SemVer.
    Terraform,
    /// That of a type that this release doesn't know.
    Unknown,
}
