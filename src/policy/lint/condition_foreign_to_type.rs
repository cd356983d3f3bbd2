//! Conditions on something that packages of the rule's types don't have.

use super::{Advice, Role, Rule};
use crate::package::{Facts, Indexes, PackageType};
use crate::policy::{Condition, Patterns};
use crate::yaml::LintKind;
use crate::yaml::findings::Findings;
use crate::yaml::text::{all_of, any_of};

pub(super) static LINT: LintKind = LintKind {
    name: "condition-foreign-to-type",
    explanation: "\
A rule asks for something that packages of its types don't have: a `tag` of Maven packages, a `channel` of npm packages,
`prerelease` where nobody can tell the pre-releases, `superseded` where nobody can tell whether a release is in the same
distribution or channel. Such a rule never holds, or its condition says nothing.

Write the condition in a rule for the types that have it. In place of `prerelease`, write patterns under `version`.

```yaml
delete:
- { type: maven, tag: beta, older_than: 30d }
```",
};

pub(super) fn look(rule: &Rule<'_>, findings: &mut Findings<'_>) {
    let Some(types) = rule.types().filter(|types| !types.is_empty()) else { return };
    for condition in rule.conditions {
        let (key, advice) = match condition {
            Condition::Tag(patterns) if !types.iter().any(|one| one.facts().has_tags || !one.is_known()) => {
                ("tag", missing("tags", &types, patterns, |facts| facts.has_tags))
            }
            Condition::Channel(_) if !types.iter().any(|one| one.facts().has_channel || !one.is_known()) => {
                ("channel", never("channel", &types, |facts| facts.has_channel))
            }
            Condition::Prerelease(_) | Condition::Superseded(_) | Condition::SupersededFor(_)
                if !types.iter().any(|one| one.facts().versions.has_prereleases()) =>
            {
                (condition.key(), unknown(rule, &types, "the pre-releases", BY_PATTERNS))
            }
            Condition::Superseded(_) | Condition::SupersededFor(_)
                if types.iter().all(|one| one.facts().indexes == Indexes::Several) =>
            {
                (condition.key(), unknown(rule, &types, SAME_INDEX, BY_PRERELEASE))
            }
            _ => continue,
        };
        findings.lint(&LINT, rule.places.key(key), advice.message, advice.hint);
    }
}

/// Tells of patterns on tags. A list of `!` patterns alone holds for packages without tags, so nothing is excluded.
fn missing(what: &str, types: &[PackageType], patterns: &Patterns, owners: fn(&Facts) -> bool) -> Advice {
    if patterns.included().is_some() {
        return never(what, types, owners);
    }
    Advice::new(
        &LINT,
        format!("this says nothing: {} packages have no {what}", told(types)),
        format!("only {} packages have {what}", all_of(PackageType::names_where(owners))),
    )
}

fn never(what: &str, types: &[PackageType], owners: fn(&Facts) -> bool) -> Advice {
    Advice::new(
        &LINT,
        format!("this rule never holds: {} packages have no {what}", told(types)),
        format!("only {} packages have {what}", all_of(PackageType::names_where(owners))),
    )
}

const BY_PATTERNS: &str = "write patterns under `version`, as in `version: [\"*-rc*\", \"*-SNAPSHOT\"]`";
const SAME_INDEX: &str = "whether a release is in the same distribution or channel";
const BY_PRERELEASE: &str = "write `prerelease: true` if every pre-release is meant";

/// Tells of `what` where nobody knows. An unknown condition fails where it would delete, and holds where it saves.
fn unknown(rule: &Rule<'_>, types: &[PackageType], what: &str, hint: &str) -> Advice {
    let types = told(types);
    match rule.role {
        Role::Delete | Role::Files => {
            Advice::new(&LINT, format!("this rule never holds: of {types} packages nobody can tell {what}"), hint)
        }
        Role::Keep | Role::Protect => {
            Advice::new(&LINT, format!("this holds for each of them: of {types} packages nobody can tell {what}"), hint)
        }
    }
}

fn told(types: &[PackageType]) -> String {
    any_of(types.iter().map(PackageType::as_str))
}
