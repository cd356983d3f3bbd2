//! `newest` that counts also what no delete rule selects.

use super::Rule;
use super::imply::is_everything;
use super::rule::taking_places;
use crate::policy::condition::meaning::Counted;
use crate::policy::pattern::Work;
use crate::policy::{Condition, DeleteRule, Newest, Patterns, Refs};
use crate::yaml::LintKind;
use crate::yaml::findings::Findings;

pub(super) static LINT: LintKind = LintKind {
    name: "newest-counts-every-version",
    explanation: "\
A keep rule with `newest` counts all versions of a package, and the delete rules select some of them by their version,
tag, ref or as pre-releases. All places may go to versions that would stay anyway, and none to those that would go.

To keep the newest of what would go, write the same condition beside `newest`.

```yaml
delete:
- { version: \"*-SNAPSHOT\", older_than: 30d }
keep:
- newest: 3
```",
};

/// Tells of a rule without a filter. All its places may go to versions that no delete rule selects.
pub(super) fn look(newest: &Newest, keep: &Rule<'_>, delete: &[(&DeleteRule, Rule<'_>)], findings: &mut Findings<'_>) {
    if newest.per.is_some() || !keep.conditions.iter().all(|condition| fits_whole_packages(condition, keep.frame.work))
    {
        return;
    }
    let mut selections = Vec::new();
    for rule in taking_places(delete) {
        let Some(selection) = rule.conditions.iter().find(|condition| tells_versions_apart(condition, rule.frame.work))
        else {
            return;
        };
        selections.push(selection);
    }
    let Some((first, rest)) = selections.split_first() else { return };
    let count = newest.count;
    let hint = match written(first) {
        Some(first_written) if rest.iter().all(|other| other == first) => {
            format!("to have it count what would go, write `{first_written}` beside it")
        }
        _ => "to have it count what would go, write the same patterns beside it".to_owned(),
    };
    findings.lint(
        &LINT,
        keep.places.key("newest"),
        format!("`newest: {count}` counts every version, and may keep none of the few that the delete rules select"),
        hint,
    );
}

/// Returns whether a condition picks some versions of a package and leaves others of the same package out, by what they
/// are and not by their age.
fn tells_versions_apart(condition: &Condition, work: &Work) -> bool {
    match condition.counted() {
        Counted::SomeVersions => true,
        Counted::Matching(patterns) => !is_everything(patterns, work),
        Counted::WholePackages | Counted::Regardless | Counted::Only(_) | Counted::Open => false,
    }
}

/// Returns whether a condition holds for all versions of a package that can be installed, or for none.
fn fits_whole_packages(condition: &Condition, work: &Work) -> bool {
    match condition.counted() {
        Counted::WholePackages | Counted::Regardless => true,
        Counted::Matching(patterns) => is_everything(patterns, work),
        Counted::SomeVersions | Counted::Only(_) | Counted::Open => false,
    }
}

/// Returns the condition as a policy has it, where it fits into a line.
fn written(condition: &Condition) -> Option<String> {
    let listed = |key: &str, patterns: &Patterns| {
        let texts: Vec<String> = patterns.texts().map(|text| format!("\"{text}\"")).collect();
        match texts.as_slice() {
            [one] => Some(format!("{key}: {one}")),
            few if few.len() <= 3 => Some(format!("{key}: [{}]", few.join(", "))),
            _ => None,
        }
    };
    match condition {
        Condition::Version(patterns) => listed("version", patterns),
        Condition::Tag(patterns) => listed("tag", patterns),
        Condition::BuiltFrom(Refs::Plain(patterns)) => listed("built_from", patterns),
        Condition::Prerelease(wanted) => Some(format!("prerelease: {wanted}")),
        Condition::VersionBelow(bound) => Some(format!("version_below: {bound}")),
        // What is superseded is a pre-release.
        Condition::Superseded(_) | Condition::SupersededFor(_) => Some("prerelease: true".to_owned()),
        _ => None,
    }
}
