//! What a case expects of a package: its fate, and why.

use std::fmt;

use crate::plan::{Reason, RuleRef, Verdict};
use crate::policy::document::Node;
use crate::policy::fields::Fields;
use crate::policy::findings::Findings;
use crate::policy::scalar;
use crate::policy::text::{any_of, did_you_mean, shown};
use crate::policy::{Policy, PolicySet, ValueError};

/// What a case says of one package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expected {
    pub fate: Fate,
    /// The code of the reason, as reports have it.
    pub reason: Option<&'static str>,
    /// The rule that decides, as reports name it; that of a policy has the policy's name before it where the case is
    /// about a whole set.
    pub rule: Option<String>,
}

/// What becomes of a package.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    Keep,
    Delete,
    /// The policy doesn't look at it.
    Outside,
}

impl Fate {
    const ALL: [Self; 3] = [Self::Keep, Self::Delete, Self::Outside];

    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Keep => "keep",
            Self::Delete => "delete",
            Self::Outside => "outside",
        }
    }

    fn parse(text: &str) -> Result<Self, ValueError> {
        let words = || Self::ALL.into_iter().map(Self::as_str);
        Self::ALL.into_iter().find(|fate| fate.as_str() == text).ok_or_else(|| {
            ValueError::new(
                format!("`{}` is no verdict{}", shown(text), did_you_mean(text, words())),
                "write `keep`, `delete`, or `outside` for what the policy doesn't look at",
            )
        })
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

/// Reads `expect` and what goes with it.
pub(super) fn read(fields: &mut Fields<'_>, rules: &[String], findings: &mut Findings<'_>) -> Option<Expected> {
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
    let fate = scalar::parsed(fate, findings, Fate::parse);
    let expected = Expected {
        reason: reason.and_then(|node| reason_of(node, fate, findings)),
        rule: rule.and_then(|node| rule_of(node, fate, rules, findings)),
        fate: fate?,
    };
    Some(expected)
}

/// A reason's code, held against the verdict that it stands for.
fn reason_of(node: &Node, fate: Option<Fate>, findings: &mut Findings<'_>) -> Option<&'static str> {
    scalar::parsed(node, findings, |text| {
        let codes = || Reason::codes().map(|(_, code)| code);
        let Some((verdict, code)) = Reason::codes().find(|(_, code)| *code == text) else {
            return Err(ValueError::new(
                format!("`{}` is no reason{}", shown(text), did_you_mean(text, codes())),
                format!("a reason is {}", any_of(codes())),
            ));
        };
        fitting(&format!("the reason `{code}`"), verdict.into(), fate)?;
        Ok(code)
    })
}

/// A rule's name, held against the rules that there are and the verdict that it stands for.
fn rule_of(node: &Node, fate: Option<Fate>, rules: &[String], findings: &mut Findings<'_>) -> Option<String> {
    scalar::parsed(node, findings, |text| {
        let Some(rule) = rules.iter().find(|rule| *rule == text) else {
            let known = rules.iter().map(String::as_str);
            return Err(ValueError::new(
                format!("there is no rule `{}`{}", shown(text), did_you_mean(text, known.clone())),
                format!("there is {}", any_of(known)),
            ));
        };
        let list = rule.rsplit('.').next().unwrap_or_default();
        fitting(&format!("a rule of `{}`", list.split('[').next().unwrap_or_default()), fate_of(list), fate)?;
        Ok(rule.clone())
    })
}

fn fate_of(list: &str) -> Fate {
    if list.starts_with("keep") || list.starts_with("protect") { Fate::Keep } else { Fate::Delete }
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

/// The names of the rules that can decide on a package.
pub(super) fn rules(set: &PolicySet, policy: Option<&Policy>) -> Vec<String> {
    let mut rules: Vec<String> = match policy {
        Some(policy) => rules_of(policy).map(|rule| rule.label(set)).collect(),
        None => {
            set.policies.iter().flat_map(|policy| rules_of(policy).map(|rule| full_name(rule, policy, set))).collect()
        }
    };
    let held = set.protections.iter().enumerate();
    rules.extend(held.flat_map(|(protection, held)| {
        (0..held.rules.len()).map(move |rule| RuleRef::Protect { protection, rule }.label(set))
    }));
    rules
}

/// A rule's name in a whole set: that of a policy has the policy's name before it.
pub(super) fn full_name(rule: RuleRef, policy: &Policy, set: &PolicySet) -> String {
    match rule {
        RuleRef::Protect { .. } => rule.label(set),
        RuleRef::Keep(_) | RuleRef::Delete(_) | RuleRef::Files(_) => format!("{}.{}", policy.name, rule.label(set)),
    }
}

/// The rules of a policy that decide on packages.
pub(super) fn rules_of(policy: &Policy) -> impl Iterator<Item = RuleRef> + use<> {
    let delete = (0..policy.delete.len()).map(RuleRef::Delete);
    delete.chain((0..policy.keep.len()).map(RuleRef::Keep))
}
