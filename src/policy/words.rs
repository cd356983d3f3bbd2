//! Ages, sizes and downloads in the words of reports.

use bytesize::ByteSize;
use jiff::Timestamp;

use super::known::Known;
use crate::package::{Content, Downloaded};

/// Returns how long ago something was, as in `93 days`, `5 hours`, `1 minute`; rounded down, and never negative.
#[must_use]
pub(crate) fn age(date: Timestamp, now: Timestamp) -> String {
    let seconds = now.duration_since(date).as_secs().max(0);
    let (count, unit) = match seconds {
        0..3_600 => (seconds / 60, "minute"),
        3_600..86_400 => (seconds / 3_600, "hour"),
        _ => (seconds / 86_400, "day"),
    };
    format!("{count} {unit}{}", if count == 1 { "" } else { "s" })
}

/// Returns a number of bytes in powers of 1000, as in `2.1 GB`.
pub(super) fn size(bytes: u64) -> String {
    ByteSize(bytes).display().si().to_string()
}

/// Returns when a package last got content, as far as that is known.
pub(crate) fn content(known: &Known<'_>) -> String {
    let now = known.now;
    match known.content {
        Content::At(date) => format!("newest content is {} old", age(date, now)),
        Content::AtOrAfter(date) => format!("made {} ago", age(date, now)),
        Content::Since(date) => {
            format!("made {} ago, and nothing tells when it was last published", age(date, now))
        }
        Content::Unknown => "the age of its content is unknown".to_owned(),
    }
}

/// Returns when a package was last downloaded.
pub(super) fn download(known: &Known<'_>) -> String {
    match known.downloaded {
        Downloaded::At(date) => {
            format!("last downloaded {} ago", age(date, known.now))
        }
        Downloaded::Never => "never downloaded".to_owned(),
        Downloaded::Unknown | Downloaded::Unreadable => "its last download is unknown".to_owned(),
        Downloaded::NotListed => "its last download was not looked up".to_owned(),
    }
}

/// Returns the last download, and what its absence is worth on this GitLab.
pub(super) fn download_in_full(known: &Known<'_>) -> String {
    let downloaded = known.downloaded;
    let hides_one = downloaded == Downloaded::Never && known.is_from_before_tracking();
    let since = if hides_one { format!(" since {}", known.downloads.tracked_since) } else { String::new() };
    let is_partial = !known.downloads.complete && matches!(downloaded, Downloaded::At(_) | Downloaded::Never);
    let doubt = if is_partial { ", as far as GitLab knows" } else { "" };
    format!("{}{since}{doubt}", download(known))
}

/// Returns a project's path, with every other path that it is or was known by.
pub(crate) fn project(known: &Known<'_>) -> String {
    let project = &known.package.project;
    let path = project.path.clone().unwrap_or_else(|| "the project's path is unknown".to_owned());
    match project.other_paths.as_slice() {
        [] => path,
        others => format!("{path}, also known as {}", others.join(", ")),
    }
}
