//! Lists of package URLs, one a line.

use jiff::Timestamp;

use super::naming::{InUse, Spot};
use super::unusable::Unusable;
use crate::package::Purl;

/// What comes before the time in a comment.
const AS_OF: &str = "as of ";

/// Reads a list. Its first line has its time; with more of them, as in several lists one after the other, the earliest
/// counts.
pub(super) fn read(text: &str) -> Result<InUse, Unusable> {
    if text.trim_start().starts_with("SPDXVersion:") {
        return Err(Unusable::Spdx);
    }
    let mut read = InUse::nothing(Timestamp::MAX);
    for (number, line) in (1..).zip(text.lines().map(str::trim)) {
        match line.strip_prefix('#').map(str::trim_start) {
            Some(comment) => {
                if let Some(time) = comment.strip_prefix(AS_OF) {
                    let unreadable = |_| Unusable::Time { place: format!("line {number}") };
                    read.as_of = read.as_of.min(time.trim().parse().map_err(unreadable)?);
                }
            }
            None if line.is_empty() => {}
            None => {
                let spot = Spot::Line(number);
                read.add(spot, &Purl::parse(line).map_err(|problem| Unusable::Purl { spot, problem })?);
            }
        }
        // What comes before the first time would be of none.
        if number == 1 && read.as_of == Timestamp::MAX {
            return Err(if text.trim().is_empty() { Unusable::Empty } else { Unusable::NoTime });
        }
    }
    if read.is_empty() {
        return Err(Unusable::Empty);
    }
    // Whoever writes lines ends the last one, too, unless he was cut short.
    if text.ends_with('\n') { Ok(read) } else { Err(Unusable::CutShort) }
}
