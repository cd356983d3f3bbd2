//! Rules whose conditions exclude each other.

use super::{Role, Rule};
use crate::policy::pattern::Effect;
use crate::policy::{Condition, Patterns, Supersession, VersionBound};
use crate::yaml::LintKind;
use crate::yaml::findings::Findings;

pub(super) static LINT: LintKind = LintKind {
    name: "conditions-contradict",
    explanation: "\
Two conditions of a rule exclude each other, so no package fulfils both and the rule never holds.

All conditions of a rule have to hold at once. If either is meant, write two rules.

```yaml
delete:
- { older_than: 90d, younger_than: 30d }
```",
};

/// Tells of ages that no package can have at once: they are seldom meant.
pub(super) fn look(rule: &Rule<'_>, findings: &mut Findings<'_>) {
    for (index, one) in rule.conditions.iter().enumerate() {
        for other in &rule.conditions[index + 1..] {
            let contradiction = match (one, other) {
                (Condition::OlderThan(older), Condition::YoungerThan(younger)) if older.reaches(younger) => {
                    format!("no package is older than {older} and younger than {younger}")
                }
                (Condition::NotDownloadedFor(not_for), Condition::DownloadedWithin(within))
                    if not_for.reaches(within) =>
                {
                    format!("no package was downloaded within {within} and not for {not_for}")
                }
                (Condition::DownloadedWithin(_), Condition::NeverDownloaded) => {
                    "no package was downloaded of late and never".to_owned()
                }
                (Condition::Prerelease(false), Condition::Superseded(Supersession { wanted: true, .. }))
                | (Condition::Prerelease(false), Condition::SupersededFor(_)) => {
                    "what is no pre-release leads to no release that could supersede it".to_owned()
                }
                (Condition::Superseded(Supersession { wanted: true, .. }), Condition::UnknownAge) => {
                    "a branch leads to no release that could supersede it".to_owned()
                }
                (Condition::YoungerThan(younger), Condition::SupersededFor(superseded))
                    if superseded.age.reaches(younger) =>
                {
                    format!("what is younger than {younger} can't have been superseded for {}", superseded.age)
                }
                (
                    Condition::Tag(tags),
                    Condition::Superseded(Supersession { wanted: true, .. }) | Condition::SupersededFor(_),
                ) if tags.has(Effect::Include) && of_tagged_types(rule) => {
                    "a version that carries a dist-tag isn't superseded".to_owned()
                }
                // A package that a delete rule selects by its downloads is at least as old itself.
                (Condition::YoungerThan(younger), Condition::NotDownloadedFor(not_for))
                    if rule.role == Role::Delete && not_for.reaches(younger) =>
                {
                    format!("what is younger than {younger} can't have gone without a download for {not_for}")
                }
                (Condition::Version(patterns), Condition::VersionBelow(bound))
                    if are_all_above(patterns, bound, rule) =>
                {
                    format!("no version under `version` comes before {bound}")
                }
                _ => continue,
            };
            findings.lint(
                &LINT,
                rule.place(findings),
                format!("this rule never holds: {contradiction}"),
                "write two rules if either is meant",
            );
        }
    }
}

/// Returns whether all types of a rule have dist-tags.
fn of_tagged_types(rule: &Rule<'_>) -> bool {
    rule.types().is_some_and(|types| !types.is_empty() && types.iter().all(|one| one.facts().has_latest_tag))
}

/// Returns whether a rule that deletes names versions without wildcards, and none of them comes before `bound`.
fn are_all_above(patterns: &Patterns, bound: &VersionBound, rule: &Rule<'_>) -> bool {
    let types = rule.types().unwrap_or_default();
    let is_above = |text: &str| {
        VersionBound::parse(text).is_ok() && types.iter().all(|one| bound.is_above(one, text) == Some(false))
    };
    let mut named = patterns.texts_of(Effect::Include).peekable();
    rule.role == Role::Delete && !types.is_empty() && named.peek().is_some() && named.all(is_above)
}
