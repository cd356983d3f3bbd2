//! Why an in-use file can't be used. None of it quotes the file.

use jiff::Timestamp;

use super::naming::Spot;
use crate::package::PurlError;

/// Why an in-use file can't be used, as the end of a sentence.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unusable {
    /// Nobody has read it yet.
    #[error("it was not read")]
    Unread,
    /// It is not there.
    #[error("it is not there")]
    Missing,
    /// It can't be opened or read.
    #[error("it can't be read ({why})")]
    Unreadable {
        /// The kind of failure, in the system's words.
        why: String,
    },
    /// It is a folder, a pipe or the like.
    #[error("it is no plain file")]
    Special,
    /// It is larger than what is read.
    #[error("it is larger than {mebibytes} MiB")]
    TooLarge {
        /// The most that is read.
        mebibytes: u64,
    },
    /// It is not UTF-8 text.
    #[error("it is not UTF-8 text")]
    Encoding,
    /// It names nothing.
    #[error("it names no package")]
    Empty,
    /// It names nothing that GitLab's registry could have.
    #[error("none of its {count} package URLs is of a type that GitLab's registry has")]
    OnlyForeign {
        /// The number of its package URLs.
        count: usize,
    },
    /// Its last line has no end.
    #[error("its last line has no end, so it may be cut short")]
    CutShort,
    /// It is a list that doesn't say of what time it is.
    #[error("it doesn't say of what time it is: its first line has to be as in `# as of 2026-11-27T10:00:00Z`")]
    NoTime,
    /// It is a CycloneDX document that doesn't say of what time it is.
    #[error("it doesn't say of what time it is: `metadata.timestamp` is missing")]
    NoTimestamp,
    /// It tells a time that can't be read.
    #[error("the time in {place} can't be read: it has to be as in `2026-11-27T10:00:00Z`")]
    Time {
        /// Where the time stands.
        place: String,
    },
    /// One of its package URLs can't be read.
    #[error("{spot} is no package URL: {problem}")]
    Purl {
        /// Where it stands.
        spot: Spot,
        /// What is wrong with it.
        problem: PurlError,
    },
    /// A component has neither a package URL nor a name.
    #[error("{spot} has neither a `purl` nor a `name`")]
    Nameless {
        /// Where it stands.
        spot: Spot,
    },
    /// It begins like JSON, and isn't any.
    #[error("line {line} is not JSON")]
    Json {
        /// The line that can't be read.
        line: usize,
    },
    /// It is JSON in which a value is of another kind than CycloneDX has there.
    #[error("line {line} is not as in a CycloneDX document")]
    Form {
        /// The line of the value.
        line: usize,
    },
    /// It is JSON, and no SBOM that is known.
    #[error("it is JSON, and no CycloneDX document: `bomFormat` is not `CycloneDX`")]
    NoCycloneDx,
    /// It is XML, as CycloneDX may be.
    #[error("it is XML: convert it to CycloneDX in JSON, as `cyclonedx convert --output-format json` does")]
    Xml,
    /// It is an SPDX document.
    #[error("it is SPDX: convert it to CycloneDX in JSON, as `syft convert FILE -o cyclonedx-json` does")]
    Spdx,
    /// Its own time has not come yet.
    #[error("it says that it is of {as_of}, which is in the future")]
    Future {
        /// Its own time.
        as_of: Timestamp,
    },
    /// Its own time is too long ago.
    #[error("it is of {as_of}, which is more than {max_age} ago")]
    TooOld {
        /// Its own time.
        as_of: Timestamp,
        /// The age that it may have.
        max_age: String,
    },
    /// It changes while it is read.
    #[error("it changes while it is read")]
    Unsettled,
    /// A case says so.
    #[error("the case says so")]
    Given,
}

impl Unusable {
    /// Returns of what time the file is, where that is what is wrong with it.
    #[must_use]
    pub fn as_of(&self) -> Option<Timestamp> {
        match self {
            Self::Future { as_of } | Self::TooOld { as_of, .. } => Some(*as_of),
            _ => None,
        }
    }
}
