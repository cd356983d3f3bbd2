//! Keep rules with `newest` that count something else than their author may think.

use super::imply::{are_apart, is_everything};
use super::{
    Rule, newest_counts_every_version, newest_counts_filtered_versions, newest_counts_other_versions,
    newest_keeps_every_branch, newest_keeps_every_version,
};
use crate::policy::condition::meaning::Counted;
use crate::policy::pattern::Work;
use crate::policy::{Condition, DeleteRule, KeepRule, Newest, Patterns, Refs};
use crate::yaml::findings::Findings;

type Delete<'a> = [(&'a DeleteRule, Rule<'a>)];

pub(super) fn counts(delete: &Delete<'_>, keep: &[(&KeepRule, Rule<'_>)], findings: &mut Findings<'_>) {
    for (rule, seen) in keep {
        let KeepRule { newest: Some(newest), .. } = rule else { continue };
        seen.begin(findings);
        // Each is held against all delete rules.
        if seen.frame.work.pay(delete.len()).is_none() {
            return;
        }
        newest_keeps_every_version::look(newest, seen, findings);
        newest_keeps_every_branch::look(newest, seen, delete, findings);
        if is_apart(seen, delete, findings) {
            continue;
        }
        filtered(newest, seen, delete, findings);
        unfiltered(newest, seen, delete, findings);
    }
}

/// A filter that the delete rules don't have picks the places from some of the versions only.
fn filtered(newest: &Newest, keep: &Rule<'_>, delete: &Delete<'_>, findings: &mut Findings<'_>) {
    let count = newest.count;
    for condition in keep.conditions {
        let Counted::Only(counted) = condition.counted() else { continue };
        if delete.iter().any(|(_, rule)| rule.conditions.contains(condition)) {
            continue;
        }
        findings.lint(
            &newest_counts_filtered_versions::LINT,
            keep.places.key(condition.key()),
            format!("`newest: {count}` counts only what {counted}"),
            format!("to keep the newest of all as well as what {counted}, write two rules"),
        );
    }
}

/// Without a filter the places may all go to versions that no delete rule selects.
fn unfiltered(newest: &Newest, keep: &Rule<'_>, delete: &Delete<'_>, findings: &mut Findings<'_>) {
    if newest.per.is_some() || !keep.conditions.iter().all(|condition| fits_whole_packages(condition, keep.frame.work))
    {
        return;
    }
    let mut selections = Vec::new();
    for rule in selecting(delete) {
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
        &newest_counts_every_version::LINT,
        keep.places.key("newest"),
        format!("`newest: {count}` counts every version, and may keep none of the few that the delete rules select"),
        hint,
    );
}

/// Reports a rule that counts nothing of what the delete rules select.
fn is_apart(keep: &Rule<'_>, delete: &Delete<'_>, findings: &mut Findings<'_>) -> bool {
    let counted = keep.conditions.iter().find(|condition| version_patterns(condition).is_some());
    let mut selecting = selecting(delete).peekable();
    let Some(counted) = counted.filter(|_| selecting.peek().is_some()) else { return false };
    let has_other_versions = |rule: &Rule<'_>| {
        let are_respelled = keep.has_spellings(counted) && rule.has_spellings(counted);
        let patterns = version_patterns(counted).filter(|_| !are_respelled);
        patterns.is_some_and(|counted| {
            rule.conditions.iter().filter_map(version_patterns).any(|own| are_apart(counted, own, keep.frame.work))
        })
    };
    let is_apart = selecting.all(has_other_versions);
    if is_apart {
        findings.lint(
            &newest_counts_other_versions::LINT,
            keep.places.key("version"),
            "this rule counts only versions that no delete rule selects, so it keeps nothing that would go",
            "write the patterns of the versions that would go",
        );
    }
    is_apart
}

/// The rules that select something which takes a place: what can't be installed takes none.
fn selecting<'a>(delete: &'a Delete<'a>) -> impl Iterator<Item = &'a Rule<'a>> {
    let rules = delete.iter().map(|(_, rule)| rule);
    rules.filter(|rule| rule.selects_installable())
}

fn version_patterns(condition: &Condition) -> Option<&Patterns> {
    match condition {
        Condition::Version(patterns) => Some(patterns),
        _ => None,
    }
}

/// Whether a condition picks some versions of a package and leaves others of the same package out, by what they are
/// and not by their age.
fn tells_versions_apart(condition: &Condition, work: &Work) -> bool {
    match condition.counted() {
        Counted::SomeVersions => true,
        Counted::Matching(patterns) => !is_everything(patterns, work),
        Counted::WholePackages | Counted::Only(_) | Counted::Open => false,
    }
}

/// Whether a condition holds for all versions of a package that can be installed, or for none.
fn fits_whole_packages(condition: &Condition, work: &Work) -> bool {
    match condition.counted() {
        Counted::WholePackages => true,
        Counted::Matching(patterns) => is_everything(patterns, work),
        Counted::SomeVersions | Counted::Only(_) | Counted::Open => false,
    }
}

/// The condition as a policy has it, where it fits into a line.
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
        _ => None,
    }
}
