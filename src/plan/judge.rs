//! Judges every package: asks each rule about it, and draws the verdict from the answers.

use super::decision::Decision;
use super::field::Field;
use super::guard::Guard;
use super::rank::{NewestRule, Rank, Standing};
use super::reason::{Reason, RuleRef};
use super::stance::Stance;
use crate::package::{Content, Evidence, Indexes, Protected, Released, Status};
use crate::plan::inventory::Inventory;
use crate::policy::{InForce, Known, Policy, Truth};

#[derive(Debug)]
pub(super) struct Judge<'a> {
    pub(super) field: Field<'a>,
    pub(super) in_force: InForce<'a>,
    stance: Stance,
    latest: Vec<bool>,
    /// For each keep rule, the standing of each package; empty for a rule without `newest`.
    standings: Vec<Vec<Standing>>,
}

/// The answers of every rule about one package. A rule is asked even where an earlier one settles the verdict, because
/// the report tells what each of them matched.
#[derive(Debug, Clone)]
pub(super) struct Answers {
    pub(super) rules: Vec<(RuleRef, Truth)>,
    /// The package's standing under each keep rule that has `newest`.
    pub(super) standings: Vec<Option<Standing>>,
}

impl<'a> Judge<'a> {
    #[must_use]
    pub(super) fn new(in_force: InForce<'a>, inventory: &'a Inventory, evidence: &'a Evidence, stance: Stance) -> Self {
        let field = Field::new(in_force, inventory, evidence);
        let latest = field.latest(stance);
        let standings = in_force
            .policy()
            .keep
            .iter()
            .map(|rule| match NewestRule::of(rule) {
                Some(newest) => field.standings(&newest, stance),
                None => Vec::new(),
            })
            .collect();
        Self { field, in_force, stance, latest, standings }
    }

    /// Returns the standing of a package under the keep rule of this number, if that gives it one of the places that it
    /// keeps.
    pub(super) fn keeps(&self, rule: usize, index: usize) -> Option<&Standing> {
        self.standing(rule, index).filter(|standing| standing.rank.is_some() && standing.placed == Truth::Yes)
    }

    /// Returns the standing of a package under the keep rule of this number; `None` for a rule without `newest`.
    pub(super) fn standing(&self, rule: usize, index: usize) -> Option<&Standing> {
        self.standings.get(rule)?.get(index)
    }

    /// Returns whether a package is, or may be, the latest version of its key.
    pub(super) fn is_latest(&self, index: usize) -> bool {
        self.latest[index]
    }

    /// Returns the decision on the package at `index` of the inventory. `answers` are those of every rule about it.
    #[must_use]
    pub(super) fn decision(&self, index: usize, answers: &Answers) -> Decision {
        let reason = self.reason(index, answers);
        let known = &self.field.known[index];
        let successors = known.successors.clone();
        Decision::new(known.package.clone(), reason, answers.rank(reason), successors, self.field.evidence)
    }

    /// Asks every rule about the package at `index` of the inventory.
    #[must_use]
    pub(super) fn answers(&self, index: usize) -> Answers {
        let known = &self.field.known[index];
        let mut rules = Vec::new();
        let mut standings = Vec::with_capacity(self.policy().keep.len());
        for (number, protection) in self.in_force.set().protections.iter().enumerate() {
            let within = protection.scope.as_ref().map_or(Truth::Yes, |scope| known.within(scope));
            for (rule, hold) in protection.rules.iter().enumerate() {
                let truth = match (within, known.held_by(hold)) {
                    (Truth::No, _) | (_, Truth::No) => Truth::No,
                    (_, held) => held,
                };
                rules.push((RuleRef::Protect { protection: number, rule }, truth));
            }
        }
        for (number, rule) in self.policy().keep.iter().enumerate() {
            let standing = self.standing(number, index);
            let truth = standing.map_or_else(|| known.held_by(&rule.hold), |standing| standing.truth);
            standings.push(standing.copied());
            rules.push((RuleRef::Keep(number), truth));
        }
        for (number, rule) in self.policy().delete.iter().enumerate() {
            rules.push((RuleRef::Delete(number), known.selected_by(rule)));
        }
        for (number, rule) in self.policy().files.iter().enumerate() {
            rules.push((RuleRef::Files(number), known.trimmed_by(rule)));
        }
        Answers { rules, standings }
    }

    /// Returns the first reason that applies, in the order that the policy language gives them.
    #[must_use]
    pub(super) fn reason(&self, index: usize, answers: &Answers) -> Reason {
        // A guard takes away the delete rules that do not lift it.
        let mut selecting = Self::selecting(answers);
        for (guard, lifting) in self.guards(index, answers) {
            if lifting.is_empty() {
                return Reason::Always(guard);
            }
            selecting = lifting;
        }
        if let Some(rule) = answers.first_hold(|truth| matches!(truth, Truth::Yes | Truth::Unknown)) {
            return rule;
        }
        let is_open = !selecting.is_empty();
        selecting.retain(|rule| self.may_select(answers.of_delete(*rule)));
        let Some(&rule) = selecting.first() else {
            return if is_open { Reason::Always(Guard::NoEvidence) } else { Reason::NotSelected };
        };
        let known = &self.field.known[index];
        match self.stance {
            Stance::Planning if self.is_open(known, answers) => Reason::Always(Guard::NoEvidence),
            Stance::Planning if self.field.evidence.protected(known.package) == Protected::Open => {
                Reason::Always(Guard::NoEvidence)
            }
            Stance::Planning if self.field.evidence.released(known.package) == Released::Open => {
                let certain = selecting.into_iter().find(|&rule| self.policy().delete[rule].allow_released);
                certain.map_or(Reason::Always(Guard::NoEvidence), Reason::Selected)
            }
            Stance::Planning | Stance::Shortlisting => Reason::Selected(rule),
        }
    }

    /// Returns the guards that stand before a package, in their order. Each comes with the rules that lift it, of those
    /// that select the package and have lifted every guard before.
    pub(super) fn guards<'j>(
        &'j self,
        index: usize,
        answers: &'j Answers,
    ) -> impl Iterator<Item = (Guard, Vec<usize>)> + use<'j, 'a> {
        let known = &self.field.known[index];
        let min_age = &self.policy().limits.min_age;
        let mut selecting = Self::selecting(answers);
        Guard::ALL.into_iter().filter(move |guard| self.stands(*guard, index)).map(move |guard| {
            selecting.retain(|&rule| guard.is_lifted_by(&self.policy().delete[rule], known, min_age));
            (guard, selecting.clone())
        })
    }

    /// Returns the delete rules that select the package or may do so, before any guard is asked. A rule may select it,
    /// too, if its question was not looked up because nobody needed the answer.
    fn selecting(answers: &Answers) -> Vec<usize> {
        answers.delete_rules(|truth| matches!(truth, Truth::Yes | Truth::Pending)).collect()
    }

    fn stands(&self, guard: Guard, index: usize) -> bool {
        let known = &self.field.known[index];
        let package = known.package;
        let Field { inventory, evidence, .. } = &self.field;
        match guard {
            Guard::ChangedDuringWalk => inventory.has_changed(package.id),
            Guard::Unreadable => package.unreadable.is_some(),
            Guard::MarkedForDeletion => package.project.marked_for_deletion,
            Guard::Loosened => inventory.is_loosened(package.project.id),
            Guard::FewerHolds => inventory.has_fewer_holds(package.project.id),
            Guard::Processing => package.status == Status::Processing,
            Guard::PendingDestruction => package.status == Status::PendingDestruction,
            Guard::Hidden => package.status == Status::Hidden,
            Guard::UnknownStatus => matches!(package.status, Status::Other(_)),
            Guard::Versionless => package.version.is_none(),
            Guard::TypeNotNamed => package.package_type.facts().must_be_named,
            Guard::MinAge => match known.is_fresh(&self.policy().limits.min_age) {
                Truth::Yes => true,
                // A package whose age can't be told may be young. One without any date is kept by another guard.
                Truth::Unknown => matches!(known.content, Content::Since(_)),
                Truth::No | Truth::Pending => false,
            },
            // Files of a type that gains none tell no age. A rule that asks for them leaves its question open. So does
            // a rule that asks what a pipeline ran for: that may have been asked for other packages.
            Guard::NoEvidence => {
                evidence.lacks_pipeline(package.id)
                    || evidence.lacks_download(package.id)
                    || (evidence.lacks_files(package.id) && package.package_type.gains_files())
            }
            Guard::SenselessDates => {
                !package.has_sane_dates(self.in_force.horizon())
                    || !evidence.has_sane_dates(package, self.in_force.horizon())
            }
            Guard::NpmLatest => Guard::carries_npm_latest(package),
            Guard::ProtectedInGitlab => evidence.protected(package) == Protected::Yes,
            Guard::Released => evidence.released(package) == Released::Yes,
            Guard::Latest => self.latest[index],
            Guard::OtherIndex => {
                package.package_type.facts().indexes == Indexes::Several && self.field.is_installable(index)
            }
        }
    }

    fn policy(&self) -> &'a Policy {
        self.in_force.policy()
    }

    fn may_select(&self, truth: Truth) -> bool {
        match self.stance {
            Stance::Shortlisting => matches!(truth, Truth::Yes | Truth::Pending),
            Stance::Planning => truth == Truth::Yes,
        }
    }

    /// Returns whether an open question could save the package: its age, or a rule that might hold it.
    fn is_open(&self, known: &Known<'_>, answers: &Answers) -> bool {
        known.is_fresh(&self.policy().limits.min_age) == Truth::Pending
            || answers.first_hold(|truth| truth == Truth::Pending).is_some()
    }
}

impl Answers {
    /// Returns the rank under the rule that keeps the package, or else under the first rule that counts it.
    #[must_use]
    pub(super) fn rank(&self, reason: Reason) -> Option<Rank> {
        let mut standings = self.standings.iter().flatten();
        match reason {
            Reason::Kept(number) => self.standings.get(number).copied().flatten()?.rank,
            _ => standings.find_map(|standing| standing.rank),
        }
    }

    /// Returns the answer of the delete rule of this number.
    fn of_delete(&self, number: usize) -> Truth {
        let of = self.rules.iter().find(|(rule, _)| *rule == RuleRef::Delete(number));
        of.map_or(Truth::No, |(_, truth)| *truth)
    }

    fn delete_rules(&self, accept: impl Fn(Truth) -> bool) -> impl Iterator<Item = usize> {
        self.rules.iter().filter_map(move |(rule, truth)| match rule {
            RuleRef::Delete(number) if accept(*truth) => Some(*number),
            _ => None,
        })
    }

    /// Returns the numbers of the `files` rules whose answer `accept` takes.
    pub(super) fn files_rules(&self, accept: impl Fn(Truth) -> bool + Clone) -> impl Iterator<Item = usize> + Clone {
        self.rules.iter().filter_map(move |(rule, truth)| match rule {
            RuleRef::Files(number) if accept(*truth) => Some(*number),
            _ => None,
        })
    }

    /// Returns whether there is a protect rule whose answer `accept` takes.
    #[must_use]
    pub(super) fn is_protected(&self, accept: impl Fn(Truth) -> bool) -> bool {
        self.rules.iter().any(|(rule, truth)| matches!(rule, RuleRef::Protect { .. }) && accept(*truth))
    }

    /// Returns the first protect rule whose answer `accept` takes, or else the first such keep rule, as a reason.
    fn first_hold(&self, accept: impl Fn(Truth) -> bool) -> Option<Reason> {
        self.rules.iter().filter(|(_, truth)| accept(*truth)).find_map(|(rule, _)| match *rule {
            RuleRef::Protect { protection, rule } => Some(Reason::Protected { protection, rule }),
            RuleRef::Keep(number) => Some(Reason::Kept(number)),
            RuleRef::Delete(_) | RuleRef::Files(_) => None,
        })
    }
}
