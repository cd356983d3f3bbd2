//! In-use files: what clusters, lock files or SBOMs use, as protections hold it by `from`.
//!
//! Such a file is written by somebody else, over and over. So it says itself of what time it is, and one that is not
//! wholly right is not used at all: a list that was cut short would let go of what it no longer names. Nothing here
//! quotes a file, because `from` may lead to somebody's secret by mistake.

mod cyclonedx;
mod lines;
mod naming;
mod unusable;

use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use super::Age;

pub use naming::{InUse, Spot};
pub use unusable::Unusable;

/// How far the time of a file may lie in the future: the clocks of two machines differ a little.
const AHEAD: SignedDuration = SignedDuration::from_mins(5);

/// An in-use file as it was read, or why it can't be used.
pub type InUseReading = Result<Arc<InUse>, Unusable>;

/// In-use files that were read, by their paths as messages tell them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct InUseFiles(pub BTreeMap<String, InUseReading>);

/// The in-use file of a rule, and how old it may be.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FromFile {
    /// The file as the rule names it.
    pub from: String,
    /// The age that its own time must not be beyond.
    pub max_age: Age,
    /// The file's path, as messages tell it.
    #[serde(skip)]
    pub file: String,
    /// What stands in the file. It decides, and is no part of the rule.
    #[serde(skip)]
    pub reading: InUseReading,
}

impl InUse {
    /// Reads package URLs, one a line, or a CycloneDX document in JSON.
    ///
    /// # Errors
    ///
    /// The first thing that is wrong with it.
    pub fn parse(text: &str) -> Result<Self, Unusable> {
        let text = text.trim_start_matches('\u{feff}');
        let read = match text.trim_start().chars().next() {
            Some('{') => cyclonedx::read(text)?,
            Some('[') => return Err(Unusable::NoCycloneDx),
            Some('<') => return Err(Unusable::Xml),
            _ => lines::read(text)?,
        };
        if read.len() == read.foreign {
            return Err(Unusable::OnlyForeign { count: read.foreign });
        }
        Ok(read)
    }
}

impl FromFile {
    /// Names an in-use file that is not read yet. `beside` is the file of the rule.
    #[must_use]
    pub(super) fn unread(from: &str, max_age: Age, beside: &str) -> Self {
        let file = resolved(from, beside);
        Self { from: from.to_owned(), max_age, file, reading: Err(Unusable::Unread) }
    }

    /// Takes over what stands in the file now, as far as it can be used at this instant.
    pub(super) fn read(&mut self, files: &InUseFiles, now: Timestamp) {
        let reading = files.0.get(&self.file).cloned().unwrap_or(Err(Unusable::Missing));
        self.reading = reading.and_then(|in_use| self.judged(in_use, now));
    }

    fn judged(&self, in_use: Arc<InUse>, now: Timestamp) -> InUseReading {
        let as_of = in_use.as_of;
        if as_of.duration_since(now) > AHEAD {
            return Err(Unusable::Future { as_of });
        }
        if self.max_age.is_exceeded(as_of, now) {
            return Err(Unusable::TooOld { as_of, max_age: self.max_age.to_string() });
        }
        Ok(in_use)
    }
}

/// Returns the path of a file that stands beside another one, without the dots that make no difference.
fn resolved(from: &str, beside: &str) -> String {
    let folder = Path::new(beside).parent().unwrap_or(Path::new(""));
    let path: PathBuf = folder.join(from).components().filter(|part| *part != Component::CurDir).collect();
    path.display().to_string()
}

#[cfg(test)]
mod tests;
