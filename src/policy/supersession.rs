//! What `superseded`, `superseded_for` and `superseded_by` ask for.

use serde::Serialize;

use super::Age;

/// Whether a package is to be superseded, and by which releases.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Supersession {
    /// `true` asks for what is superseded, `false` for what isn't.
    pub wanted: bool,
    /// The releases that count.
    pub by: SupersededBy,
}

/// For how long a package has been superseded, and by which releases.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SupersededSince {
    /// The age that the release and the package's newest content have to exceed.
    pub age: Age,
    /// The releases that count.
    pub by: SupersededBy,
}

/// The releases that supersede a pre-release.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SupersededBy {
    /// Its own release alone: the version without the pre-release part.
    #[default]
    Own,
    /// Also a higher release that was made after its newest content.
    Any,
}

impl SupersededBy {
    /// Every word, as policies have them.
    pub(super) const WORDS: [&str; 2] = ["own", "any"];

    /// Returns the word's part of a rule, behind the value that it goes with; empty for the default.
    pub(super) fn written(self) -> &'static str {
        match self {
            Self::Own => "",
            Self::Any => ", superseded_by: any",
        }
    }
}
