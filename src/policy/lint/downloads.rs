//! Rules that rest on downloads which the instance file says nobody knows of.

use super::{Role, Rule};
use crate::policy::{Condition, Instance};
use crate::yaml::findings::Findings;

/// Where not every download is written down, no package is known to have gone without one.
pub(super) fn incomplete(rule: &Rule<'_>, instance: &Instance, findings: &mut Findings<'_>) {
    if instance.downloads.complete {
        return;
    }
    let source = &instance.source;
    for condition in rule.conditions {
        let (key, message, hint) = match (condition, rule.role) {
            (Condition::NeverDownloaded, Role::Delete | Role::Files) => {
                ("never_downloaded", "this rule never holds: nobody knows that a package was never downloaded", AGE)
            }
            (Condition::NotDownloadedFor(_), Role::Delete | Role::Files) => {
                ("not_downloaded_for", "this rule never holds: nobody knows how long a package was not downloaded", AGE)
            }
            (Condition::DownloadedWithin(_), Role::Keep | Role::Protect) if rule.conditions.len() == 1 => (
                "downloaded_within",
                "this rule keeps every package: each may have been downloaded of late",
                "take it out",
            ),
            _ => continue,
        };
        let message = format!("{message}, with `complete: false` in {source}");
        findings.lint(rule.places.key(key), message, hint);
    }
}

const AGE: &str = "write `older_than`, which rests on no download";
