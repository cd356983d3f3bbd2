//! Rules that rest on downloads, where the instance file says that not all of them are known.

use super::{Role, Rule};
use crate::policy::{Condition, Instance};
use crate::yaml::LintKind;
use crate::yaml::findings::Findings;

pub(super) static LINT: LintKind = LintKind {
    name: "downloads-incomplete",
    explanation: "\
The instance file says `downloads: { complete: false }`: not every download is written down. So nobody knows of a package
that it was never downloaded, or not for some time. A rule that deletes by this never holds, and one that keeps what was
downloaded of late keeps everything.

Write `older_than` in the delete rule, and take the keep rule out. If GitLab does write every download down, say so in
the instance file.",
};

/// Tells of rules on downloads. Where not every download is written down, any package may have been downloaded.
pub(super) fn look(rule: &Rule<'_>, instance: &Instance, findings: &mut Findings<'_>) {
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
        findings.lint(&LINT, rule.places.key(key), message, hint);
    }
}

const AGE: &str = "write `older_than`, which rests on no download";
