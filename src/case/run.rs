//! Judges cases, and holds the fates of their packages against the expected ones.

use std::collections::BTreeSet;

use super::expectation::{Expected, Fate};
use super::given::{Case, GivenFile, GivenPackage};
use super::in_use;
use super::results::{Actual, Difference, Failure, Results, Unshown};
use super::rule::{CaseRule, rules_of};
use super::view::View;
use crate::package::PackageId;
use crate::plan::{ReasonKind, RuleRef, Succession, Take};
use crate::policy::PolicySet;

/// Judges every case.
pub(super) fn all(cases: &[Case], set: &PolicySet) -> Results {
    let mut results = Results { cases: cases.len(), ..Results::default() };
    let mut shown = Vec::new();
    for case in cases {
        let in_case = in_use::as_given(case, set);
        let views = views(case, &in_case);
        let mut differences = Vec::new();
        for (item, expected) in case.packages.iter().flat_map(expectations) {
            results.expectations += 1;
            match holds(&views, item, expected) {
                Ok(rules) => shown.extend(rules),
                Err(difference) => differences.push(*difference),
            }
        }
        if !differences.is_empty() {
            results.failures.push(Failure { case: case.name.clone(), place: case.place.clone(), differences });
        }
    }
    results.unshown = unshown(set, &shown);
    results
}

/// Judges a case by each policy, on what those before it leave.
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

/// A package of a case, or a file of it.
#[derive(Clone, Copy)]
struct GivenItem<'a> {
    given: &'a GivenPackage,
    file: Option<&'a GivenFile>,
}

/// Returns what is expected of a package and of its files.
fn expectations(given: &GivenPackage) -> impl Iterator<Item = (GivenItem<'_>, &Expected)> {
    let own = given.expected.as_ref().map(|expected| (GivenItem { given, file: None }, expected));
    let of_file = move |file| Some((GivenItem { given, file: Some(file) }, file.expected.as_ref()?));
    own.into_iter().chain(given.files.iter().filter_map(of_file))
}

/// Holds an expectation against the verdicts. Returns the rules that it shows, or the difference.
fn holds(views: &[View<'_>], item: GivenItem<'_>, expected: &Expected) -> Result<Vec<CaseRule>, Box<Difference>> {
    let GivenItem { given, file } = item;
    let package = given.package.id;
    let verdict = |view: &View<'_>| match file {
        None => view.verdict_on(package),
        Some(file) => view.verdict_on_file(package, file.file.id),
    };
    let mut actuals: Vec<(&View<'_>, Actual)> = views.iter().filter_map(|view| Some((view, verdict(view)?))).collect();
    // Where one policy deletes it, only that one counts. Where it stays, each of them counts.
    if actuals.iter().any(|(_, actual)| actual.fate == Fate::Delete) {
        actuals.retain(|(_, actual)| actual.fate == Fate::Delete);
    }
    let fits = |actual: &Actual| {
        actual.fate == expected.fate
            && expected.reason.is_none_or(|reason| actual.reason == Some(reason))
            && expected.rule.as_ref().is_none_or(|rule| actual.rule.as_ref() == Some(rule))
    };
    let is_as_expected = if actuals.is_empty() {
        expected.fate == Fate::Outside
    } else {
        actuals.iter().any(|(_, actual)| fits(actual))
    };
    let is_missed = views.iter().any(|view| view.has_missed(package));
    if is_as_expected && !is_missed {
        return Ok(actuals.into_iter().filter_map(|(_, actual)| actual.rule).collect());
    }
    Err(Box::new(Difference {
        package: given.package.clone(),
        file: file.map(|file| file.file.clone()),
        place: file.map_or(&given.place, |file| &file.place).clone(),
        expected: expected.clone(),
        actual: worth_telling(actuals, package, expected).unwrap_or_else(|| outside(views, given)),
        is_missed,
    }))
}

/// Picks one verdict of several policies: that of the policy whose rule is expected, else one with more to say than that
/// none of the policy's rules is for the package.
fn worth_telling(actuals: Vec<(&View<'_>, Actual)>, package: PackageId, expected: &Expected) -> Option<Actual> {
    let worth = |(view, actual): &(&View<'_>, Actual)| {
        let policy = expected.rule.as_ref().and_then(|rule| rule.policy.as_deref());
        (
            policy == Some(view.in_force.policy().name.as_str()),
            !matches!(actual.reason, None | Some(ReasonKind::NotSelected)),
        )
    };
    // `max_by_key` returns the last one of equals, and the first policy is to be told.
    let (view, actual) = actuals.into_iter().rev().max_by_key(worth)?;
    Some(Actual { explanation: view.explanation(package), ..actual })
}

/// Tells why no policy looks at a package.
fn outside(views: &[View<'_>], given: &GivenPackage) -> Actual {
    let because: Vec<String> = views.iter().filter_map(|view| view.why_outside(given)).collect();
    Actual { fate: Fate::Outside, reason: None, rule: None, because: because.join("; "), explanation: String::new() }
}

/// Returns the rules of the set that no expectation has shown.
fn unshown(set: &PolicySet, shown: &[CaseRule]) -> Vec<Unshown> {
    let shown: BTreeSet<(Option<&str>, RuleRef)> =
        shown.iter().map(|shown| (shown.policy.as_deref(), shown.rule)).collect();
    let mut unshown = Vec::new();
    let mut tell = |owner: &str, source: &str, all: usize, missing: Vec<String>| {
        let unshown_rule = |rule| Unshown { owner: owner.to_owned(), source: source.to_owned(), rule };
        if missing.len() == all {
            unshown.push(unshown_rule(None));
        } else {
            unshown.extend(missing.into_iter().map(|rule| unshown_rule(Some(rule))));
        }
    };
    for policy in &set.policies {
        let is_missing = |rule: &RuleRef| !shown.contains(&(Some(policy.name.as_str()), *rule));
        let missing = rules_of(policy).filter(is_missing).map(|rule| rule.label(set)).collect();
        tell(&policy.name, &policy.source, rules_of(policy).count(), missing);
    }
    for (protection, held) in set.protections.iter().enumerate() {
        let is_missing = |rule: &usize| !shown.contains(&(None, RuleRef::Protect { protection, rule: *rule }));
        let missing = (0..held.rules.len()).filter(is_missing).map(|rule| format!("protect[{rule}]")).collect();
        tell(&held.name, &held.source, held.rules.len(), missing);
    }
    unshown
}
