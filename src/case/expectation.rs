//! What a case expects of a package or a file: its fate, and why.

use std::fmt;

use crate::plan::{ReasonKind, RuleRef, Verdict};
use crate::policy::{Policy, PolicySet};
use crate::yaml::ValueError;
use crate::yaml::fields::Fields;
use crate::yaml::findings::Findings;
use crate::yaml::scalar;
use crate::yaml::text::{any_of, did_you_mean, shown};

/// What a case says of one package, or of one of its files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expected {
    pub fate: Fate,
    /// The reason, where one is expected.
    pub reason: Option<ReasonKind>,
    /// The rule that decides, as reports name it; that of a policy has the policy's name before it where the case is
    /// about a whole set.
    pub rule: Option<String>,
}

/// What becomes of a package or a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    Keep,
    Delete,
    /// The policy doesn't look at the package.
    Outside,
}

impl Fate {
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

/// What `expect`, `reason` and `rule` can be told of a package, or of a file.
#[derive(Debug, Clone)]
pub(super) struct Words {
    what: &'static str,
    fates: &'static [Fate],
    reasons: Vec<ReasonKind>,
    rules: Vec<String>,
}

impl Words {
    pub(super) fn for_packages(set: &PolicySet, policy: Option<&Policy>) -> Self {
        let is_for_packages = |rule: &RuleRef| !matches!(rule, RuleRef::Files(_));
        let mut rules = names(set, policy, is_for_packages);
        rules.extend(RuleRef::of_protections(set).map(|rule| rule.label(set)));
        let fates = &[Fate::Keep, Fate::Delete, Fate::Outside];
        Self { what: "a package", fates, reasons: ReasonKind::of_packages().collect(), rules }
    }

    pub(super) fn for_files(set: &PolicySet, policy: Option<&Policy>) -> Self {
        let rules = names(set, policy, |rule| matches!(rule, RuleRef::Files(_)));
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

    /// A rule's name, held against the rules that there are and the verdict that it stands for.
    fn rule(&self, text: &str, fate: Option<Fate>) -> Result<String, ValueError> {
        let known = || self.rules.iter().map(String::as_str);
        let Some(rule) = known().find(|rule| *rule == text) else {
            let hint = if self.rules.is_empty() {
                format!("no rule here is for {}: take it out", self.what)
            } else {
                format!("there is {}", any_of(known()))
            };
            let meant = did_you_mean(text, known());
            return Err(ValueError::new(format!("there is no rule `{}` for {}{meant}", shown(text), self.what), hint));
        };
        let list = rule.rsplit('.').next().and_then(|rule| rule.split('[').next()).unwrap_or_default();
        let its = match list {
            "keep" | "protect" => Some(Fate::Keep),
            "delete" => Some(Fate::Delete),
            // It says which files go and which are the newest.
            _ => None,
        };
        if let Some(its) = its {
            fitting(&format!("a rule of `{list}`"), its, fate)?;
        }
        Ok(rule.to_owned())
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

/// The rules of a policy, or of all, as a case names them.
fn names(set: &PolicySet, policy: Option<&Policy>, is_meant: impl Fn(&RuleRef) -> bool) -> Vec<String> {
    match policy {
        Some(policy) => rules_of(policy).filter(is_meant).map(|rule| rule.label(set)).collect(),
        None => {
            let rules = set.policies.iter().flat_map(|policy| rules_of(policy).map(move |rule| (rule, policy)));
            rules.filter(|(rule, _)| is_meant(rule)).map(|(rule, policy)| full_name(rule, policy, set)).collect()
        }
    }
}

/// A rule's name in a whole set: that of a policy has the policy's name before it.
pub(super) fn full_name(rule: RuleRef, policy: &Policy, set: &PolicySet) -> String {
    match rule {
        RuleRef::Protect { .. } => rule.label(set),
        RuleRef::Keep(_) | RuleRef::Delete(_) | RuleRef::Files(_) => format!("{}.{}", policy.name, rule.label(set)),
    }
}

/// The rules of a policy.
pub(super) fn rules_of(policy: &Policy) -> impl Iterator<Item = RuleRef> + use<> {
    let delete = (0..policy.delete.len()).map(RuleRef::Delete);
    let keep = (0..policy.keep.len()).map(RuleRef::Keep);
    delete.chain(keep).chain((0..policy.files.len()).map(RuleRef::Files))
}
