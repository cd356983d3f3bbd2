//! Keeps what became of an approved plan: how each deletion ended, and what held up the rest.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use crate::cycle::brake::Halt;
use crate::cycle::progress::{Event, Observer};
use crate::package::{FileId, Package, PackageId, Permission, ProjectId};
use crate::plan::{Approved, Decision, Ending, Endings, FileDecision, Item, ItemId, Outcome, Plan, Verdict};

/// The result of executing an approved plan.
#[derive(Debug, Default)]
pub struct Execution {
    /// How each deletion ended.
    pub endings: Endings,
    /// Why the rest was held up, if it was.
    pub halt: Option<Halt>,
    /// Why not everything is written down, if it isn't.
    pub unrecorded: Option<String>,
    /// Why not every mark was taken away that should have been.
    pub unsettled: Option<String>,
    /// Every package that a deletion was sent for. Some may be there still, and go later.
    pub sent: HashSet<PackageId>,
    /// Every file that a deletion was sent for.
    pub sent_files: HashSet<FileId>,
    /// The projects of which nothing more was tried, each with the ending of what was left.
    pub given_up: BTreeMap<ProjectId, Ending>,
}

/// The packages and files that go, or a part of them.
pub(super) struct Deletions<'p> {
    pub(super) packages: Vec<&'p Decision>,
    pub(super) trims: Vec<JudgedFiles<'p>>,
}

/// A package that stays, and the files of it that go.
pub(super) struct JudgedFiles<'p> {
    pub(super) package: &'p Package,
    pub(super) going: Vec<&'p FileDecision>,
    /// The decisions on every file of the package.
    pub(super) judged: &'p [FileDecision],
}

impl Execution {
    /// Leaves everything, because nobody agreed to it.
    #[must_use]
    pub fn of_nothing(approved: &Approved<'_>) -> Self {
        let plan = approved.plan();
        let outcome = |item| if plan.waits(item) { Outcome::Marked } else { Outcome::NotAttempted };
        let left = plan.going().map(|(item, _)| (item, Ending::of(outcome(item))));
        Self { endings: left.collect(), ..Self::default() }
    }

    /// Returns whether something was not attempted.
    pub(super) fn leaves_any(&self) -> bool {
        self.endings.iter().any(|(_, ending)| ending.outcome == Outcome::NotAttempted)
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

    /// Notes what the token may not delete and what waits under `grace`, and returns what is to go.
    pub(super) fn begin<'p>(plan: &'p Plan, observer: &dyn Observer) -> (Self, Deletions<'p>) {
        let may_not = |package: &Package| package.permission == Permission::Denied;
        let (denied, packages) = plan.deletions().partition(|decision| may_not(&decision.package));
        let trims = plan.trims().map(|(package, judged)| JudgedFiles::new(package, judged));
        let (denied_trims, trims) = trims.partition(|trim| may_not(trim.package));
        let denied = Deletions { packages: denied, trims: denied_trims };
        let forbidden = Ending::with(Outcome::Forbidden, "the token may not delete packages of this project");
        let mut execution = Self::default();
        for item in denied.items() {
            execution.note(item, forbidden.clone(), observer);
        }
        let mut going = Deletions { packages, trims };
        // Nothing of it is sent, so nobody is told on the way: the report has it.
        let waiting = going.take_out(|item| plan.waits(item)).into_iter();
        execution.endings.extend(waiting.map(|item| (item, Ending::of(Outcome::Marked))));
        (execution, going)
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
        packages.chain(self.trims.iter().flat_map(|JudgedFiles { package, going, .. }| {
            going.iter().map(|decision| Item::file_of(decision, package))
        }))
    }

    /// Takes these out, and returns them.
    pub(super) fn split_off(&mut self, part: &BTreeSet<ItemId>) -> Self {
        let (packages, left) = self.packages.drain(..).partition(|one| part.contains(&ItemId::Package(one.package.id)));
        self.packages = left;
        let mut trims = Vec::new();
        for JudgedFiles { package, going, judged } in &mut self.trims {
            let (taken, left): (Vec<_>, Vec<_>) =
                going.drain(..).partition(|file| part.contains(&ItemId::File(file.file.id)));
            *going = left;
            if !taken.is_empty() {
                trims.push(JudgedFiles { package, going: taken, judged });
            }
        }
        self.trims.retain(|trim| !trim.going.is_empty());
        Self { packages, trims }
    }

    /// Takes out what fits, and returns it.
    fn take_out(&mut self, fits: impl Fn(ItemId) -> bool) -> Vec<ItemId> {
        let mut taken = Vec::new();
        let mut stays_in = |item| {
            let fits = fits(item);
            taken.extend(fits.then_some(item));
            !fits
        };
        self.packages.retain(|decision| stays_in(ItemId::Package(decision.package.id)));
        self.trims.iter_mut().for_each(|trim| trim.going.retain(|file| stays_in(ItemId::File(file.file.id))));
        self.trims.retain(|trim| !trim.going.is_empty());
        taken
    }
}

impl<'p> JudgedFiles<'p> {
    fn new(package: &'p Package, judged: &'p [FileDecision]) -> Self {
        let going = judged.iter().filter(|decision| decision.verdict() == Verdict::Delete).collect();
        Self { package, going, judged }
    }
}
