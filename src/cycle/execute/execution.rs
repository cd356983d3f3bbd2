//! Keeps what became of an approved plan: how each deletion ended, and what held up the rest.

use std::collections::{BTreeMap, HashSet};

use crate::cycle::brake::Halt;
use crate::cycle::progress::{Event, Observer};
use crate::package::{FileId, Package, PackageId, Permission};
use crate::plan::{Approved, Decision, Ending, Endings, FileDecision, Item, Outcome, Plan, Verdict};

/// The result of executing an approved plan.
#[derive(Debug, Default)]
pub struct Execution {
    /// How each deletion ended.
    pub endings: Endings,
    /// Why the rest was held up, if it was.
    pub halt: Option<Halt>,
    /// Why not everything is written down, if it isn't.
    pub unrecorded: Option<String>,
    /// Every package that a deletion was sent for. Some may be there still, and go later.
    pub sent: HashSet<PackageId>,
    /// Every file that a deletion was sent for.
    pub sent_files: HashSet<FileId>,
}

/// The packages and files that go, or a part of them.
pub(super) struct Deletions<'p> {
    pub(super) packages: Vec<&'p Decision>,
    pub(super) trims: Vec<JudgedFiles<'p>>,
}

/// A package that stays, and the decisions on its files.
pub(super) type JudgedFiles<'p> = (&'p Package, &'p [FileDecision]);

impl Execution {
    /// Leaves everything, because nobody agreed to it.
    #[must_use]
    pub fn of_nothing(approved: &Approved<'_>) -> Self {
        let left = approved.plan().going().map(|(item, _)| (item, Ending::of(Outcome::NotAttempted)));
        Self { endings: left.collect(), ..Self::default() }
    }

    /// Returns why deletions were not attempted, each cause once with their number; `None` where all were, or nobody knows
    /// why.
    #[must_use]
    pub fn why_left(&self) -> Option<String> {
        let mut causes: BTreeMap<&str, usize> = BTreeMap::new();
        let left = self.endings.iter().filter(|(_, ending)| ending.outcome == Outcome::NotAttempted);
        for problem in left.filter_map(|(_, ending)| ending.problem.as_deref()) {
            *causes.entry(problem).or_default() += 1;
        }
        let told: Vec<String> = causes.iter().map(|(cause, count)| format!("{count} not attempted: {cause}")).collect();
        (!told.is_empty()).then(|| told.join("; "))
    }

    /// Notes what the token may not delete, and returns what it may.
    pub(super) fn begin<'p>(plan: &'p Plan, observer: &dyn Observer) -> (Self, Deletions<'p>) {
        let may_not = |package: &Package| package.permission == Permission::Denied;
        let (denied, packages) = plan.deletions().partition(|decision| may_not(&decision.package));
        let (denied_trims, trims) = plan.trims().partition(|(package, _)| may_not(package));
        let denied = Deletions { packages: denied, trims: denied_trims };
        let forbidden = Ending::with(Outcome::Forbidden, "the token may not delete packages of this project");
        let mut execution = Self::default();
        for item in denied.items() {
            execution.note(item, forbidden.clone(), observer);
        }
        (execution, Deletions { packages, trims })
    }

    /// Notes these items as held up.
    pub(super) fn leave(&mut self, items: impl Iterator<Item = Item>, observer: &dyn Observer) {
        let held_up = Ending { outcome: Outcome::NotAttempted, problem: self.halt.as_ref().map(Halt::to_string) };
        for item in items {
            self.note(item, held_up.clone(), observer);
        }
    }

    /// Notes and tells how one deletion ended.
    pub(super) fn note(&mut self, item: Item, ending: Ending, observer: &dyn Observer) {
        self.endings.note(item.id(), ending.clone());
        observer.on(&Event::Deleted { item: Box::new(item), ending });
    }
}

impl Deletions<'_> {
    pub(super) fn items(&self) -> impl Iterator<Item = Item> {
        let packages = self.packages.iter().map(|decision| Item::package_of(decision));
        packages.chain(self.trims.iter().flat_map(|(package, files)| {
            let going = files.iter().filter(|decision| decision.verdict() == Verdict::Delete);
            going.map(|decision| Item::file_of(decision, package))
        }))
    }
}
