//! The fate that a case expects of a package or a file, and the reason.

use std::fmt;

use super::rule::{CaseRule, rules_of};
use crate::plan::{ReasonKind, RuleRef, Verdict};
use crate::policy::{Policy, PolicySet};
use crate::yaml::ValueError;
use crate::yaml::fields::Fields;
use crate::yaml::findings::Findings;
use crate::yaml::scalar;
use crate::yaml::text::{any_of, did_you_mean, shown};

/// The expectation of one package, or of one of its files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expected {
    /// Which way it goes.
    pub fate: Fate,
    /// The reason, where a certain one is expected.
    pub reason: Option<ReasonKind>,
    /// The rule that decides, where a certain one is expected.
    pub rule: Option<CaseRule>,
}

/// Which way a package or a file goes under a policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It stays.
    Keep,
    /// It goes.
    Delete,
    /// The policy doesn't look at the package.
    Outside,
}

impl Fate {
    /// Returns the fate as cases write it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Keep => "keep",
            Self::Delete => "delete",
            Self::Outside => "outside",
        }
    }
}

impl From<Verdict> for Fate {
    fn from(verdict: Verdict) -> Self {
        match verdict {
            Verdict::Keep => Self::Keep,
            Verdict::Delete => Self::Delete,
        }
    }
}

impl fmt::Display for Fate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The values that `expect`, `reason` and `rule` can have for a package, or for a file.
#[derive(Debug, Clone)]
pub(super) struct Words {
    what: &'static str,
    fates: &'static [Fate],
    reasons: Vec<ReasonKind>,
    rules: Vec<CaseRule>,
}

impl Words {
    pub(super) fn for_packages(set: &PolicySet, policy: Option<&Policy>) -> Self {
        let is_for_packages = |rule: &RuleRef| !matches!(rule, RuleRef::Files(_));
        let mut rules = rules(set, policy, is_for_packages);
        rules.extend(CaseRule::of_protections(set));
        let fates = &[Fate::Keep, Fate::Delete, Fate::Outside];
        Self { what: "a package", fates, reasons: ReasonKind::of_packages().collect(), rules }
    }

    pub(super) fn for_files(set: &PolicySet, policy: Option<&Policy>) -> Self {
        let rules = rules(set, policy, |rule| matches!(rule, RuleRef::Files(_)));
        Self { what: "a file", fates: &[Fate::Keep, Fate::Delete], reasons: ReasonKind::of_files().collect(), rules }
    }

    /// Reads `expect` and what goes with it.
    pub(super) fn read(&self, fields: &mut Fields<'_>, findings: &mut Findings<'_>) -> Option<Expected> {
        let fate = fields.take("expect");
        let reason = fields.take("reason");
        let rule = fields.take("rule");
        let Some(fate) = fate else {
            for orphan in reason.into_iter().chain(rule) {
                findings
                    .problem(orphan.span, format!("`{}` goes with `expect`", orphan.key))
                    .hint("write `expect: keep` or `expect: delete` beside it");
            }
            return None;
        };
        let fate = scalar::parsed(fate, findings, |text| self.fate(text));
        let expected = Expected {
            reason: reason.and_then(|node| scalar::parsed(node, findings, |text| self.reason(text, fate))),
            rule: rule.and_then(|node| scalar::parsed(node, findings, |text| self.rule(text, fate))),
            fate: fate?,
        };
        Some(expected)
    }

    fn fate(&self, text: &str) -> Result<Fate, ValueError> {
        self.fates.iter().copied().find(|fate| fate.as_str() == text).ok_or_else(|| {
            let words = self.fates.iter().map(|fate| fate.as_str());
            let hint = if self.fates.contains(&Fate::Outside) {
                "write `keep`, `delete`, or `outside` for what the policy doesn't look at"
            } else {
                "write `keep` or `delete`"
            };
            let meant = did_you_mean(text, words);
            ValueError::new(format!("`{}` is no verdict on {}{meant}", shown(text), self.what), hint)
        })
    }

    /// Reads a reason's code, and holds it against the verdict that is expected.
    fn reason(&self, text: &str, fate: Option<Fate>) -> Result<ReasonKind, ValueError> {
        let codes = || self.reasons.iter().map(|reason| reason.code());
        let Some(reason) = self.reasons.iter().copied().find(|reason| reason.code() == text) else {
            return Err(ValueError::new(
                format!("`{}` is no reason of {}{}", shown(text), self.what, did_you_mean(text, codes())),
                format!("a reason is {}", any_of(codes())),
            ));
        };
        fitting(&format!("the reason `{}`", reason.code()), Fate::from(reason.verdict()), fate)?;
        Ok(reason)
    }

    /// Reads a rule's name, and holds it against the rules that there are and the verdict that is expected.
    fn rule(&self, text: &str, fate: Option<Fate>) -> Result<CaseRule, ValueError> {
        let known = || self.rules.iter().map(|rule| rule.name.as_str());
        let Some(named) = self.rules.iter().find(|rule| rule.name == text) else {
            let hint = if self.rules.is_empty() {
                format!("no rule here is for {}: take it out", self.what)
            } else {
                format!("there is {}", any_of(known()))
            };
            let meant = did_you_mean(text, known());
            return Err(ValueError::new(format!("there is no rule `{}` for {}{meant}", shown(text), self.what), hint));
        };
        let its = match named.rule {
            RuleRef::Keep(_) => Some(("keep", Fate::Keep)),
            RuleRef::Protect { .. } => Some(("protect", Fate::Keep)),
            RuleRef::Delete(_) => Some(("delete", Fate::Delete)),
            // It says which files go and which are the newest.
            RuleRef::Files(_) => None,
        };
        if let Some((list, its)) = its {
            fitting(&format!("a rule of `{list}`"), its, fate)?;
        }
        Ok(named.clone())
    }
}

/// A combination that can't come true is a mistake.
fn fitting(what: &str, its: Fate, fate: Option<Fate>) -> Result<(), ValueError> {
    match fate {
        Some(fate) if fate != its => Err(ValueError::new(
            format!("`expect: {fate}` does not go with {what}"),
            match fate {
                Fate::Outside => "what a policy doesn't look at has no reason: take it out".to_owned(),
                Fate::Keep | Fate::Delete => format!("write `expect: {its}`, or take it out"),
            },
        )),
        _ => Ok(()),
    }
}

/// Returns the rules of a policy, or of all, as a case names them.
fn rules(set: &PolicySet, policy: Option<&Policy>, is_meant: impl Fn(&RuleRef) -> bool) -> Vec<CaseRule> {
    match policy {
        Some(policy) => rules_of(policy).filter(is_meant).map(|rule| CaseRule::in_policy(rule, policy, set)).collect(),
        None => {
            let rules = set.policies.iter().flat_map(|policy| rules_of(policy).map(move |rule| (rule, policy)));
            rules.filter(|(rule, _)| is_meant(rule)).map(|(rule, policy)| CaseRule::in_set(rule, policy, set)).collect()
        }
    }
}
