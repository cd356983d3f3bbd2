//! Finds out what is gone. Neither a 204 nor a 404 is proof of it, whatever its body says.
//!
//! A page of the listing that showed a package proves that it is gone: the package's place is on that page, the page is an
//! answer of one instant, and it shows another row of the project that is known and that nobody deletes. What has its place
//! between two pages is asked for by itself as well, and a 404 counts if one that is there isn't answered so, and it is
//! answered once more.

use std::collections::{BTreeSet, HashMap, HashSet};

use tokio::time::Instant;

use super::executor::{Executor, GRACE_OF_PROOFS};
use super::pace::AGAIN;
use super::words::{deleted_after_loss, not_shown, still_there, unproven, unseen};
use crate::cycle::look::page::PageSeen;
use crate::cycle::look::rows::{self, RowsRead, Wanted};
use crate::gitlab::{self, Reader};
use crate::package::{PackageId, ProjectId};
use crate::plan::inventory::Inventory;
use crate::plan::{Decision, Ending, Outcome};

/// A deletion of which nobody has seen that it was done.
pub(super) struct Doubt<'p> {
    decision: &'p Decision,
    /// How it ends if the package is gone.
    if_gone: Ending,
    /// What came in the place of an answer; empty where there was one.
    problem: String,
    /// Nothing was sent: the second look didn't show the package any more.
    is_unsent: bool,
}

/// The deletions of a project of which nobody has seen that they were done.
pub(super) struct Doubtful<'p> {
    project: ProjectId,
    pub(super) inventory: Inventory,
    doubts: Vec<Doubt<'p>>,
    /// The rows that looks showed and that are not about to go.
    survivors: HashSet<PackageId>,
    named: HashSet<PackageId>,
    /// Whether something could not be proven in all the time that there is.
    pub(super) was_unproven: bool,
    /// When they were asked for first, and how often since.
    asked: Option<(Instant, usize)>,
}

/// What an attempt at a proof shows of one package.
enum Proof {
    Gone,
    There,
    /// GitLab can't be asked, or answers something that proves nothing.
    Nothing(String),
}

impl<'p> Doubt<'p> {
    pub(super) fn new(decision: &'p Decision, if_gone: Ending) -> Self {
        Self { decision, if_gone, problem: String::new(), is_unsent: false }
    }

    /// Returns the doubt about a package that a second look doesn't show any more.
    pub(super) fn unseen(decision: &'p Decision) -> Self {
        Self { is_unsent: true, ..Self::new(decision, Ending::of(Outcome::AlreadyGone)) }
    }

    /// Returns the doubt about a package whose deletion had no answer.
    pub(super) fn after_loss(decision: &'p Decision, problem: String) -> Self {
        Self { decision, if_gone: deleted_after_loss(&problem), problem, is_unsent: false }
    }

    /// Returns how it ends if nothing proves that the package is gone.
    fn unproven(&self, shown: &Proof) -> Ending {
        match shown {
            Proof::There if self.is_unsent => not_shown("and GitLab still has it"),
            Proof::Nothing(problem) if self.is_unsent => {
                not_shown(&format!("and nothing proves that it is gone: {problem}"))
            }
            Proof::Nothing(problem) => unproven(problem),
            Proof::There | Proof::Gone => still_there(&self.problem),
        }
    }

    fn id(&self) -> PackageId {
        self.decision.package.id
    }
}

impl<'p> Doubtful<'p> {
    pub(super) fn new(project: ProjectId, inventory: Inventory) -> Self {
        let (survivors, named) = (HashSet::new(), HashSet::new());
        Self { project, inventory, doubts: Vec::new(), survivors, named, was_unproven: false, asked: None }
    }

    /// Notes the rows of a look at these packages.
    pub(super) fn saw(&mut self, rows: &RowsRead, going: impl Iterator<Item = PackageId>) {
        self.named.extend(going);
        self.survivors.extend(rows.ids());
        self.survivors.retain(|id| !self.named.contains(id));
    }

    /// Notes a package of which the second look says that it stays.
    pub(super) fn stays(&mut self, id: PackageId) {
        self.named.remove(&id);
        self.survivors.insert(id);
    }

    /// Adds a doubt. The time in which it is asked for again begins anew.
    pub(super) fn add(&mut self, doubt: Doubt<'p>) {
        self.doubts.push(doubt);
        self.asked = None;
    }

    /// Returns whether there are doubts left.
    pub(super) fn is_open(&self) -> bool {
        !self.doubts.is_empty()
    }

    /// Returns itself, if there are doubts left.
    pub(super) fn if_open(self) -> Option<Self> {
        self.is_open().then_some(self)
    }

    /// Returns when it is asked for again; `None` where nothing is in doubt.
    pub(super) fn due(&self) -> Option<Instant> {
        let (first, times) = self.asked.filter(|_| !self.doubts.is_empty())?;
        Some(first + *AGAIN.get(times)?)
    }

    /// Returns the pages that are surely of this project's listings.
    fn genuine<'r>(&self, rows: &'r RowsRead) -> Vec<&'r PageSeen> {
        rows.pages.iter().filter(|page| page.shows_any(|id| self.survivors.contains(&id))).collect()
    }

    /// Returns the pages that lack nothing that a look showed and that nobody deletes.
    fn credible<'r>(&self, rows: &'r RowsRead) -> Vec<&'r PageSeen> {
        let known = self.inventory.packages().iter();
        let survivors: Vec<_> = known.filter(|package| self.survivors.contains(&package.id)).collect();
        rows.pages.iter().filter(|page| !survivors.iter().any(|package| page.lacks(package))).collect()
    }
}

impl<'a> Executor<'a> {
    /// Settles what the rows of a look prove.
    pub(super) fn settle(&mut self, doubtful: &mut Doubtful<'a>, rows: &RowsRead) {
        let pages = doubtful.genuine(rows);
        let is_proven = |doubt: &Doubt<'_>| pages.iter().any(|page| page.lacks(&doubt.decision.package));
        let is_shown = |doubt: &Doubt<'_>| rows.pages.iter().any(|page| page.shows(doubt.id()));
        let (gone, left) = doubtful.doubts.drain(..).partition(|doubt| is_proven(doubt) && !is_shown(doubt));
        doubtful.doubts = left;
        self.end(gone);
    }

    /// Tries to prove what is in doubt, and returns whether nothing is left. What came to no proof is asked for again
    /// later.
    pub(super) async fn prove(&mut self, doubtful: &mut Doubtful<'a>) -> bool {
        if doubtful.doubts.is_empty() {
            return true;
        }
        let begun = Instant::now();
        let shown = match self.in_time(GRACE_OF_PROOFS, self.show(doubtful)).await {
            Some(Ok(shown)) => shown,
            Some(Err(error)) => {
                self.shared.note_failure(&error);
                let problem = error.with_causes();
                doubtful.doubts.iter().map(|doubt| (doubt.id(), Proof::Nothing(problem.clone()))).collect()
            }
            None => HashMap::new(),
        };
        let times = doubtful.asked.map_or(0, |(_, times)| times + 1);
        let first = doubtful.asked.map_or(begun, |(first, _)| first);
        doubtful.asked = Some((first, times));
        let is_last = times >= AGAIN.len() || self.is_over();
        let (mut ended, mut left) = (Vec::new(), Vec::new());
        for doubt in doubtful.doubts.drain(..) {
            match shown.get(&doubt.id()) {
                Some(Proof::Gone) => ended.push(doubt),
                Some(shown) if is_last => {
                    let if_gone = doubt.unproven(shown);
                    ended.push(Doubt { if_gone, ..doubt });
                }
                None if is_last => ended.push(Doubt { if_gone: unseen(), ..doubt }),
                Some(_) | None => left.push(doubt),
            }
        }
        doubtful.doubts = left;
        doubtful.was_unproven |= ended.iter().any(|doubt| !doubt.if_gone.outcome.is_gone());
        self.end(ended);
        doubtful.doubts.is_empty()
    }

    /// Asks again for what is due by now, of the projects before.
    pub(super) async fn prove_what_is_due(&mut self) {
        let now = Instant::now();
        let (due, later) = self.doubtful.drain(..).partition(|one| one.due().is_none_or(|due| due <= now));
        self.doubtful = later;
        self.prove_each(due).await;
    }

    /// Asks again, at its time, for everything that is left.
    pub(super) async fn prove_the_rest(&mut self) {
        while let Some(next) = self.doubtful.iter().map(Doubtful::due).min() {
            if let Some(due) = next {
                self.wait_until(due).await;
            }
            if self.is_over() {
                let all = std::mem::take(&mut self.doubtful);
                self.prove_each(all).await;
            } else {
                self.prove_what_is_due().await;
            }
        }
    }

    /// Proves deletions, those of the project at hand among them, until more may be sent or nothing is in doubt any more.
    pub(super) async fn make_room(&mut self, mut here: Option<&mut Doubtful<'a>>) {
        while self.room() == 0 && !self.is_over() {
            let open = here.as_deref().into_iter().filter(|doubtful| doubtful.is_open());
            let Some(next) = self.doubtful.iter().chain(open).map(Doubtful::due).min() else { return };
            if let Some(due) = next {
                self.wait_until(due).await;
            }
            if let Some(doubtful) = &mut here
                && doubtful.is_open()
                && doubtful.due().is_none_or(|due| due <= Instant::now())
            {
                self.prove(doubtful).await;
            }
            self.prove_what_is_due().await;
        }
    }

    async fn prove_each(&mut self, all: Vec<Doubtful<'a>>) {
        for mut doubtful in all {
            self.prove(&mut doubtful).await;
            self.doubtful.extend(doubtful.if_open());
        }
    }

    fn end(&mut self, doubts: Vec<Doubt<'a>>) {
        for Doubt { decision, if_gone, .. } in doubts {
            self.note_package(decision, if_gone);
        }
    }

    /// Reads what there is of the packages in doubt.
    async fn show(&self, doubtful: &Doubtful<'_>) -> Result<HashMap<PackageId, Proof>, gitlab::Error> {
        let reader = self.looking();
        let in_doubt: BTreeSet<PackageId> = doubtful.doubts.iter().map(Doubt::id).collect();
        let wanted = Wanted {
            project: doubtful.project,
            scope: &self.basis.in_force.policy().scope,
            known: doubtful.inventory.packages(),
            going: &in_doubt,
            witnesses: &BTreeSet::new(),
        };
        let rows = rows::read(&reader, &wanted).await?;
        let mut pages = doubtful.genuine(&rows);
        if pages.is_empty() {
            // What shows nothing that is known is the project's own listing if the project is there, and if nothing is
            // missing but what is in doubt.
            let project = reader.project_if_shown(&doubtful.project.into()).await?;
            if project.is_some_and(|project| project.id == doubtful.project) {
                pages = doubtful.credible(&rows);
            }
        }
        let (mut shown, mut absent) = (HashMap::new(), Vec::new());
        for doubt in &doubtful.doubts {
            let package = &doubt.decision.package;
            let state = if rows.pages.iter().any(|page| page.shows(package.id)) {
                Proof::There
            } else if pages.iter().any(|page| page.lacks(package)) {
                Proof::Gone
            } else if pages.is_empty() {
                Proof::Nothing("the listing of its project shows nothing that is known".to_owned())
            } else {
                match reader.package_exists(package.project.id, package.id).await {
                    Ok(true) => Proof::There,
                    Ok(false) => {
                        absent.push(package.id);
                        continue;
                    }
                    Err(error) => Proof::Nothing(error.with_causes()),
                }
            };
            shown.insert(package.id, state);
        }
        if absent.is_empty() {
            return Ok(shown);
        }
        let is_told = self.shows_what_is_there(&reader, doubtful, &pages).await;
        for id in absent {
            let proof = match &is_told {
                // A 404 of something in front of GitLab comes before what is there is asked for, or after it.
                Ok(true) => match reader.package_exists(doubtful.project, id).await {
                    Ok(true) => Proof::There,
                    Ok(false) => Proof::Gone,
                    Err(error) => Proof::Nothing(error.with_causes()),
                },
                Ok(false) => Proof::Nothing("packages that are there are answered 404 as well".to_owned()),
                Err(error) => Proof::Nothing(error.with_causes()),
            };
            shown.insert(id, proof);
        }
        Ok(shown)
    }

    /// Asks for a package that is there, in the same way. Something in front of GitLab may answer 404 to all of them.
    async fn shows_what_is_there(
        &self,
        reader: &Reader,
        doubtful: &Doubtful<'_>,
        pages: &[&PageSeen],
    ) -> Result<bool, gitlab::Error> {
        let there = doubtful.survivors.iter().filter(|id| pages.iter().any(|page| page.shows(**id))).min();
        match there {
            Some(id) => reader.package_exists(doubtful.project, *id).await,
            None => Ok(false),
        }
    }
}
