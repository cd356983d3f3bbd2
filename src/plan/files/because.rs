//! Tells the reason of a decision on a file as one sentence, with the figures that it rests on.

use super::name::{FileKey, owners};
use super::{FileDecision, FileReason};
use crate::package::Package;
use crate::plan::because::ordinal;
use crate::plan::rank::Rank;
use crate::policy::words::age;
use crate::policy::{FileRule, InForce, Together};

/// Tells people why a file stays or goes. `package` is the one that the file is in, and `in_force` what the file was
/// decided by.
#[must_use]
pub fn file_because(decision: &FileDecision, package: &Package, in_force: InForce<'_>) -> String {
    let (policy, now) = (in_force.policy(), in_force.now());
    let FileDecision { file, reason, .. } = decision;
    let name = file.name.as_deref().unwrap_or("?");
    let old = file.created_at.map_or_else(|| "of unknown age".to_owned(), |date| format!("{} old", age(date, now)));
    let owner = owners(name).next().unwrap_or(name);
    let ranked = |rule: usize, rank: Rank| {
        let place = format!("{} newest of {}", ordinal(rank.place), rank.of);
        let key = FileKey::of(package, name);
        match policy.files.get(rule) {
            None => format!("{place} {key}"),
            Some(FileRule { together: Together::Name, keep_newest, .. }) => {
                format!("{place} {key} (keep_newest: {keep_newest})")
            }
            Some(FileRule { together: Together::Package, keep_newest, .. }) => {
                format!("{place} files of the package (keep_newest: {keep_newest})")
            }
        }
    };
    let aged = |rule: usize| match policy.files.get(rule) {
        Some(FileRule { older_than: Some(age), .. }) => format!("; {old} (older_than {age})"),
        _ => format!("; {old}"),
    };
    match *reason {
        FileReason::Unreadable => "its name can't be read".to_owned(),
        FileReason::Metadata => "Maven's clients find versions by it".to_owned(),
        FileReason::MinAge => format!("{old}, less than min_age {}", policy.limits.min_age),
        FileReason::SenselessDates => "its date is missing, later than this plan, or before 2011".to_owned(),
        FileReason::Unfinished => {
            "no maven-metadata.xml is surely as new: its deployment broke off or goes on, or it was imported".to_owned()
        }
        FileReason::Orphan => format!("it belongs to {owner}, which is not there"),
        FileReason::StaysWith => format!("it belongs to {owner}, which stays"),
        FileReason::NotMatched => "no files rule names it".to_owned(),
        FileReason::Newest { rule, rank } => ranked(rule, rank),
        FileReason::TooYoung { rule, rank } | FileReason::Selected { rule, rank } => ranked(rule, rank) + &aged(rule),
        FileReason::LastFile { .. } => "otherwise nothing might be left of the package".to_owned(),
        FileReason::Follows { .. } => format!("it belongs to {owner}, which goes"),
        FileReason::NotNamed => "the saved plan doesn't name it, or a file that goes with it".to_owned(),
    }
}
