//! Judges cases, and holds what becomes of their packages against what is expected.

use std::collections::BTreeSet;

use super::expectation::{Expected, Fate, full_name, rules_of};
use super::told::{Difference, Failure, Outcome, Told, Unshown};
use super::view::View;
use super::{Case, FileRow, Row};
use crate::package::PackageId;
use crate::plan::{ReasonKind, RuleRef, Succession, Take};
use crate::policy::PolicySet;

/// Judges every case.
pub(super) fn all(cases: &[Case], set: &PolicySet) -> Outcome {
    let mut outcome = Outcome { cases: cases.len(), ..Outcome::default() };
    let mut shown = BTreeSet::new();
    for case in cases {
        let views = views(case, set);
        let mut differences = Vec::new();
        for (subject, expected) in case.rows.iter().flat_map(expectations) {
            outcome.expectations += 1;
            match holds(&views, subject, expected) {
                Ok(rules) => shown.extend(rules),
                Err(difference) => differences.push(*difference),
            }
        }
        if !differences.is_empty() {
            outcome.failures.push(Failure { case: case.name.clone(), place: case.place.clone(), differences });
        }
    }
    outcome.unshown = unshown(set, &shown);
    outcome
}

/// What each policy makes of a case, on what those before it leave.
fn views<'a>(case: &'a Case, set: &'a PolicySet) -> Vec<View<'a>> {
    let is_meant = |name: &str| case.policy.as_ref().is_none_or(|meant| meant == name);
    let policies = set.policies_at(case.as_of).filter(|in_force| is_meant(&in_force.policy().name));
    let (mut succession, mut take) = (Succession::of(policies), Take::default());
    let mut views = Vec::new();
    while let Some((in_force, taken)) = succession.next(take) {
        let view = View::of(case, in_force, &taken.in_plans());
        take = Take::Planned(view.gone());
        views.push(view);
    }
    views
}

/// A package, or a file of it.
#[derive(Clone, Copy)]
struct Subject<'a> {
    row: &'a Row,
    file: Option<&'a FileRow>,
}

/// What is expected of a package and of its files.
fn expectations(row: &Row) -> impl Iterator<Item = (Subject<'_>, &Expected)> {
    let own = row.expected.as_ref().map(|expected| (Subject { row, file: None }, expected));
    let of_file = move |file| Some((Subject { row, file: Some(file) }, file.expected.as_ref()?));
    own.into_iter().chain(row.files.iter().filter_map(of_file))
}

/// The full names of the rules that an expectation has shown; or what became of the package or file instead.
fn holds(views: &[View<'_>], subject: Subject<'_>, expected: &Expected) -> Result<Vec<String>, Box<Difference>> {
    let Subject { row, file } = subject;
    let package = row.package.id;
    let telling = |view: &View<'_>| match file {
        None => view.told(package),
        Some(file) => view.told_of_file(package, file.file.id),
    };
    let mut told: Vec<(&View<'_>, Told)> = views.iter().filter_map(|view| Some((view, telling(view)?))).collect();
    // Of what goes only the policy that deletes it counts, of what stays each of them.
    if told.iter().any(|(_, told)| told.fate == Fate::Delete) {
        told.retain(|(_, told)| told.fate == Fate::Delete);
    }
    let fits = |told: &Told| {
        told.fate == expected.fate
            && expected.reason.is_none_or(|reason| told.reason == Some(reason))
            && expected.rule.as_ref().is_none_or(|rule| told.rule.as_ref() == Some(rule))
    };
    let is_as_expected =
        if told.is_empty() { expected.fate == Fate::Outside } else { told.iter().any(|(_, told)| fits(told)) };
    let is_missed = views.iter().any(|view| view.has_missed(package));
    if is_as_expected && !is_missed {
        return Ok(told.into_iter().filter_map(|(_, told)| told.full_rule).collect());
    }
    Err(Box::new(Difference {
        package: row.package.clone(),
        file: file.map(|file| file.file.clone()),
        place: file.map_or(&row.place, |file| &file.place).clone(),
        expected: expected.clone(),
        actual: worth_telling(told, package, expected).unwrap_or_else(|| outside(views, row)),
        is_missed,
    }))
}

/// Of what several policies say, that of the one whose rule is expected; else of one that says more than that none of its
/// rules is for the package.
fn worth_telling(told: Vec<(&View<'_>, Told)>, package: PackageId, expected: &Expected) -> Option<Told> {
    let worth = |(view, told): &(&View<'_>, Told)| {
        let rule = expected.rule.as_deref().unwrap_or_default();
        (
            rule.starts_with(&format!("{}.", view.in_force.policy().name)),
            !matches!(told.reason, None | Some(ReasonKind::NotSelected)),
        )
    };
    // Of equals the last one is the maximum, and the first policy is to be told.
    let (view, told) = told.into_iter().rev().max_by_key(worth)?;
    Some(Told { explanation: view.explanation(package), ..told })
}

/// What can be told of a package that no policy looks at.
fn outside(views: &[View<'_>], row: &Row) -> Told {
    let because: Vec<String> = views.iter().filter_map(|view| view.why_outside(row)).collect();
    Told {
        fate: Fate::Outside,
        reason: None,
        rule: None,
        full_rule: None,
        because: because.join("; "),
        explanation: String::new(),
    }
}

/// The rules of the set that no expectation has shown.
fn unshown(set: &PolicySet, shown: &BTreeSet<String>) -> Vec<Unshown> {
    let policies = set.policies.iter().map(|policy| {
        let rules: Vec<String> = rules_of(policy).map(|rule| full_name(rule, policy, set)).collect();
        (&policy.name, &policy.source, rules)
    });
    let protections = set.protections.iter().enumerate().map(|(protection, held)| {
        let rules = (0..held.rules.len()).map(|rule| RuleRef::Protect { protection, rule }.label(set));
        (&held.name, &held.source, rules.collect())
    });
    let mut unshown = Vec::new();
    for (owner, source, rules) in policies.chain(protections) {
        let unshown_rule = |rule| Unshown { owner: owner.clone(), source: source.clone(), rule };
        let missing: Vec<&String> = rules.iter().filter(|rule| !shown.contains(*rule)).collect();
        if missing.len() == rules.len() {
            unshown.push(unshown_rule(None));
        } else {
            let own_name = |rule: &String| rule.rsplit('.').next().map(str::to_owned);
            unshown.extend(missing.into_iter().map(|rule| unshown_rule(own_name(rule))));
        }
    }
    unshown
}
