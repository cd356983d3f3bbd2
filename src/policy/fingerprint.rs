//! A policy's fingerprint: it is the same where two readings of the policy decide alike.

use jiff::Timestamp;
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::{
    Age, DeleteRule, Downloads, FileRule, Hold, InForce, KeepRule, Policy, Protection, ProtectionScope, Scope,
};

/// Everything that decides about packages, and nothing else. Names only order and label. Mode, schedule, notes,
/// description and the limits on plans decide about no package; of the limits only `min_age` does. `grace` decides when
/// something goes.
#[derive(Serialize)]
struct Decisive<'p> {
    scope: &'p Scope,
    delete: &'p [DeleteRule],
    keep: Vec<&'p KeepRule>,
    files: &'p [FileRule],
    downloads: Downloads,
    min_age: &'p Age,
    protections: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    grace: Option<&'p Age>,
}

#[derive(Serialize)]
struct Written<'p> {
    scope: Option<&'p ProtectionScope>,
    rules: Vec<&'p Hold>,
}

impl InForce<'_> {
    /// Returns the SHA-256 in hex over everything that decides at this instant: scope, delete and files rules,
    /// `min_age`, `grace`, `downloads` of the instance file, and the keep rules and protections that are in force then.
    #[must_use]
    pub fn fingerprint(self) -> String {
        let (set, policy, now) = (self.set(), self.policy(), self.now());
        let protections = set.protections.iter();
        let mut protections: Vec<String> = protections.filter_map(|protection| in_force(protection, now)).collect();
        // They come in the order of their names, and names decide nothing.
        protections.sort();
        let decisive = Decisive {
            scope: &policy.scope,
            delete: &policy.delete,
            keep: policy.keep.iter().filter(|rule| rule.hold.is_in_force(now)).collect(),
            files: &policy.files,
            downloads: set.downloads(),
            min_age: &policy.limits.min_age,
            protections,
            grace: policy.grace.as_ref(),
        };
        digest(&decisive)
    }
}

/// Everything that a plan was approved for: what is looked at, what of it is selected, how young is too young, and how
/// long everything waits.
#[derive(Serialize)]
struct Binding<'p> {
    scope: &'p Scope,
    delete: &'p [DeleteRule],
    files: &'p [FileRule],
    min_age: &'p Age,
    #[serde(skip_serializing_if = "Option::is_none")]
    grace: Option<&'p Age>,
}

/// Everything that a mark is bound to: what is looked at, the one rule that names, and how young is too young.
#[derive(Serialize)]
struct MarkBinding<'p, R> {
    scope: &'p Scope,
    rule: &'p R,
    min_age: &'p Age,
}

impl Policy {
    /// Returns the SHA-256 in hex over what an approval is for: scope, delete and files rules, `min_age` and
    /// `grace`. While it is the same, the policy selects by the rules that were approved, whatever was added to keep more.
    #[must_use]
    pub fn binding(&self) -> String {
        let Self { scope, delete, files, .. } = self;
        digest(&Binding { scope, delete, files, min_age: &self.limits.min_age, grace: self.grace.as_ref() })
    }

    /// Returns the SHA-256 in hex over what selects: scope, delete and files rules, and `min_age`. A saved plan is bound to
    /// it, and to no `grace`: everything waits by that of now.
    #[must_use]
    pub fn selection_digest(&self) -> String {
        let Self { scope, delete, files, .. } = self;
        digest(&Binding { scope, delete, files, min_age: &self.limits.min_age, grace: None })
    }

    /// Returns the SHA-256 in hex over what approves a plan of the policy: scope, delete and files rules, and the limits but
    /// `max_per_cycle`. While it is the same, what was approved stays so.
    #[must_use]
    pub fn approval_digest(&self) -> String {
        digest(&(self.selection_digest(), &self.limits))
    }

    /// Returns the SHA-256 in hex over what marks by this delete rule of the policy are bound to: its text, scope and
    /// `min_age`.
    #[must_use]
    pub fn delete_mark(&self, rule: &DeleteRule) -> String {
        digest(&MarkBinding { scope: &self.scope, rule, min_age: &self.limits.min_age })
    }

    /// Returns the same for a `files` rule of the policy.
    #[must_use]
    pub fn files_mark(&self, rule: &FileRule) -> String {
        digest(&MarkBinding { scope: &self.scope, rule, min_age: &self.limits.min_age })
    }

    /// Returns the SHA-256 in hex over the scope alone.
    #[must_use]
    pub fn scope_digest(&self) -> String {
        digest(&self.scope)
    }

    /// Returns the SHA-256 in hex over the keep rules as they are written, whether they are in force or not.
    #[must_use]
    pub fn keep_digest(&self) -> String {
        digest(&self.keep)
    }
}

/// A keep or protect rule as it is written, whether it is in force or not.
#[derive(Debug, Clone)]
pub struct HoldText<'a> {
    /// The rule's name in reports: `keep[0]`, `legal-hold.protect[1]`.
    pub name: String,
    /// What it holds, and until when.
    pub hold: &'a Hold,
    /// The SHA-256 in hex over the rule, and over the scope of its protection.
    pub sha256: String,
}

impl<'a> InForce<'a> {
    /// Returns every rule that may hold a package of this policy: its keep rules, and the rules of all protections.
    #[must_use]
    pub fn hold_texts(self) -> Vec<HoldText<'a>> {
        let keep = self.policy().keep.iter().enumerate().map(|(number, rule)| HoldText {
            name: format!("keep[{number}]"),
            hold: &rule.hold,
            sha256: digest(rule),
        });
        let protect = self.set().protections.iter().flat_map(|protection| {
            let scope = protection.scope.as_ref();
            protection.rules.iter().enumerate().map(move |(number, hold)| HoldText {
                name: format!("{}.protect[{number}]", protection.name),
                hold,
                sha256: digest(&Written { scope, rules: vec![hold] }),
            })
        });
        keep.chain(protect).collect()
    }
}

impl Protection {
    /// Returns the SHA-256 in hex over the protection as it is written, whether it is in force or not.
    #[must_use]
    pub fn text_digest(&self) -> String {
        digest(&Written { scope: self.scope.as_ref(), rules: self.rules.iter().collect() })
    }
}

fn digest(value: &impl Serialize) -> String {
    Sha256::digest(json(value)).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn in_force(protection: &Protection, now: Timestamp) -> Option<String> {
    let rules: Vec<&Hold> = protection.rules.iter().filter(|rule| rule.is_in_force(now)).collect();
    let scope = protection.scope.as_ref();
    (!rules.is_empty()).then(|| json(&Written { scope, rules }))
}

/// This can't fail: the model has no map with keys that are not text, and no value that fails to serialize. If it did,
/// the error's text would still differ from the JSON of every policy that can be read.
fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_else(|error| error.to_string())
}
