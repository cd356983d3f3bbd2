//! Decides on every package and file of an inventory as of one instant, and tells each reason.
//!
//! The steps in their order: `shortlist` asks by the listing alone, `further` asks about the pipelines and branches that
//! the answers before told of, `rivals` asks for what settles the places that are left open, `plan` decides with all the
//! answers, and `Plan::approve` holds the plan against the limits. All of them are pure and total.

pub mod inventory;

mod again;
mod approval;
mod backlog;
mod because;
mod decision;
mod estimate;
mod explanation;
mod fewer;
mod field;
mod files;
mod gone;
mod guard;
mod held;
mod inquiry;
mod item;
mod judge;
mod latest;
mod mark;
mod named;
mod outcome;
mod parts;
mod rank;
mod reason;
mod rivals;
mod shortlist;
mod stance;
mod succession;
mod successors;
mod truth;
mod turns;
mod witness;

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

pub use again::{Again, again, out_of_scope};
pub use approval::{Approved, HeldBy, LimitName, Refusal, RunLimit};
pub use backlog::Backlog;
pub use because::because;
pub use decision::Decision;
pub use estimate::{Estimate, estimate};
pub use explanation::{Explanation, GuardTold, Opening, PartTold, RuleTold, explain, opening};
pub use fewer::{Deleted, Fewer, FewerHolds, HoldsSeen, HoldsTold, MostSeen, tells_fewer};
pub use files::{FileDecision, FileKey, FileReason, are_as_judged, file_because};
pub use gone::would_be_gone;
pub use guard::Guard;
pub use held::{Held, HeldProjects, KEEP_RULES, Loosened, Memory};
pub use inquiry::Inquiry;
pub use item::{Item, ItemId};
pub use mark::{Extent, ItemMark, Marks, Maturity};
pub use named::{NamedItem, NamedItems};
pub use outcome::{Ending, Endings, Outcome};
pub use parts::PartQueue;
pub use rank::Rank;
pub use reason::{Reason, ReasonKind, RuleRef, Verdict};
pub use rivals::rivals;
pub use shortlist::{further, shortlist};
pub use succession::{Succession, Take, Taken};
pub use truth::protected_by;
pub use turns::in_turn;
pub use witness::witnesses;

use crate::package::{Evidence, Package, PackageId};
use crate::plan::inventory::Inventory;
use crate::policy::{InForce, Truth};
use judge::{Answers, Judge};
use stance::Stance;

/// The verdicts of a policy on a registry as of one instant.
#[derive(Debug, Clone)]
pub struct Plan {
    as_of: Timestamp,
    decisions: Vec<Decision>,
    file_decisions: Vec<FileDecision>,
    tally: Tally,
    held: HeldProjects,
    /// How long what goes has been marked; empty where the policy has no grace.
    maturities: BTreeMap<ItemId, Maturity>,
    /// What earlier cycles have approved and left of it.
    backlog: Backlog,
}

/// How often each rule matched, whatever became of the packages or files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tally {
    /// One entry for each rule: protect, keep, delete and files rules, in this order.
    pub rules: Vec<Matched>,
}

/// How often one rule matched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Matched {
    /// The rule.
    pub rule: RuleRef,
    /// Packages that it matched; files, where it is a `files` rule.
    pub count: u64,
    /// Packages for which GitLab doesn't tell what the rule asks. A hold matched them for that, and a delete or files
    /// rule passed over them.
    pub unknown: u64,
    /// Packages whose look-up nothing needed.
    pub open: u64,
}

/// Decides on every package of the inventory.
///
/// Pure and total: the same inputs give the same plan, and every package has a verdict and a reason.
#[must_use]
pub fn plan(in_force: InForce<'_>, inventory: Inventory, evidence: &Evidence) -> Plan {
    let (set, policy) = (in_force.set(), in_force.policy());
    let mut tally = Tally::new(in_force);
    let mut held = HeldProjects::of(in_force);
    let judge = Judge::new(in_force, &inventory, evidence, Stance::Planning);
    let mut file_decisions = Vec::new();
    let judged: Vec<_> = (0..inventory.packages().len())
        .map(|index| {
            let answers = judge.answers(index);
            tally.count(&answers);
            held.note(set, judge.field.known[index].package.project.id, &answers);
            let reason = judge.reason(index, &answers);
            let trimmed = files::trim(&judge, policy, index, &answers, reason);
            tally.count_files(&trimmed.matches);
            file_decisions.extend(trimmed.decisions);
            (reason, answers.rank(reason))
        })
        .collect();
    let successors = judge.field.into_successors();
    let decisions = Decision::of_all(inventory, judged, successors, evidence);
    let (maturities, backlog) = (BTreeMap::new(), Backlog::default());
    Plan { as_of: in_force.now(), decisions, file_decisions, tally, held, maturities, backlog }
}

impl Plan {
    /// Returns the instant that the plan was made for.
    #[must_use]
    pub fn as_of(&self) -> Timestamp {
        self.as_of
    }

    /// Returns the decision on every package of the inventory, in the order of the ids.
    #[must_use]
    pub fn decisions(&self) -> &[Decision] {
        &self.decisions
    }

    /// Returns the decision on a package; `None` where it isn't in the inventory.
    #[must_use]
    pub fn decision(&self, package: PackageId) -> Option<&Decision> {
        let found = self.decisions.binary_search_by_key(&package, |decision| decision.package.id);
        found.ok().map(|index| &self.decisions[index])
    }

    /// Returns the decision on every file of each package that stays and that a `files` rule is for, in the order of
    /// the ids.
    #[must_use]
    pub fn file_decisions(&self) -> &[FileDecision] {
        &self.file_decisions
    }

    /// Returns the decisions on the files of one package.
    #[must_use]
    pub fn file_decisions_of(&self, package: PackageId) -> &[FileDecision] {
        let from = self.file_decisions.partition_point(|decision| decision.package < package);
        let rest = &self.file_decisions[from..];
        &rest[..rest.partition_point(|decision| decision.package == package)]
    }

    /// Returns how many packages each rule matched.
    #[must_use]
    pub fn tally(&self) -> &Tally {
        &self.tally
    }

    /// Returns the projects that each hold keeps packages of.
    #[must_use]
    pub fn held(&self) -> &HeldProjects {
        &self.held
    }

    /// Returns whether the plan shows what an execution would do.
    ///
    /// A package that could not be looked up is kept, so a plan that lacks more than a little shows too little. One
    /// look-up that always fails must not hold a policy up for ever, though. An empty listing shows nothing: it may be
    /// that of a token that sees nothing yet.
    #[must_use]
    pub fn shows_enough(&self) -> bool {
        let is_unseen = |decision: &&Decision| decision.reason == Reason::Always(Guard::NoEvidence);
        let unseen = self.decisions.iter().filter(is_unseen).count();
        let trimmed: BTreeSet<PackageId> = self.file_deletions().map(|file| file.package).collect();
        let seen = self.deletions().count() + trimmed.len();
        !self.decisions.is_empty() && unseen <= (seen / 10).max(1)
    }

    /// Returns the packages that go.
    pub fn deletions(&self) -> impl Iterator<Item = &Decision> + Clone {
        self.decisions.iter().filter(|decision| decision.verdict() == Verdict::Delete)
    }

    /// Returns the packages and files that go, packages first. Each comes with the package that it is or is in.
    pub fn going(&self) -> impl Iterator<Item = (ItemId, &Package)> {
        let packages = self.deletions().map(|decision| (ItemId::Package(decision.package.id), &decision.package));
        let files = self.trims().flat_map(|(package, files)| {
            let going = files.iter().filter(|file| file.verdict() == Verdict::Delete);
            going.map(move |file| (ItemId::File(file.file.id), package))
        });
        packages.chain(files)
    }

    /// Returns the packages that stay and lose files, each with the decisions on all of its files.
    pub fn trims(&self) -> impl Iterator<Item = (&Package, &[FileDecision])> {
        let of_packages = self.file_decisions.chunk_by(|one, other| one.package == other.package);
        of_packages.filter(|files| files.iter().any(|file| file.verdict() == Verdict::Delete)).filter_map(|files| {
            let decision = self.decision(files.first()?.package)?;
            Some((&decision.package, files))
        })
    }

    /// Returns the files that go, of packages that stay.
    pub fn file_deletions(&self) -> impl Iterator<Item = &FileDecision> + Clone {
        self.file_decisions.iter().filter(|decision| decision.verdict() == Verdict::Delete)
    }
}

impl Tally {
    fn new(in_force: InForce<'_>) -> Self {
        let (set, policy) = (in_force.set(), in_force.policy());
        let keep = (0..policy.keep.len()).map(RuleRef::Keep);
        let delete = (0..policy.delete.len()).map(RuleRef::Delete);
        let files = (0..policy.files.len()).map(RuleRef::Files);
        let rules = RuleRef::of_protections(set).chain(keep).chain(delete).chain(files);
        Self { rules: rules.map(|rule| Matched { rule, count: 0, unknown: 0, open: 0 }).collect() }
    }

    /// Counts the answers of all rules about one package. They come in the order of the rules here.
    fn count(&mut self, answers: &Answers) {
        for (matched, (rule, truth)) in self.rules.iter_mut().zip(&answers.rules) {
            debug_assert_eq!(matched.rule, *rule, "answers and tally have one order");
            let counts = match rule {
                // What can't be known of a package makes it hold.
                RuleRef::Protect { .. } | RuleRef::Keep(_) => matches!(truth, Truth::Yes | Truth::Unknown),
                RuleRef::Delete(_) => *truth == Truth::Yes,
                // Its files are counted once they are known.
                RuleRef::Files(_) => false,
            };
            matched.count += u64::from(counts);
            matched.unknown += u64::from(*truth == Truth::Unknown);
            matched.open += u64::from(*truth == Truth::Pending);
        }
    }

    fn count_files(&mut self, matched: &files::Matches) {
        let of_files = self.rules.iter_mut().filter(|_| !matched.is_empty());
        for entry in of_files {
            let RuleRef::Files(number) = entry.rule else { continue };
            match matched.get(&number) {
                Some(files::Count::Files(count)) => entry.count += count,
                Some(files::Count::Failed) => entry.unknown += 1,
                Some(files::Count::Open) => entry.open += 1,
                None => {}
            }
        }
    }
}
