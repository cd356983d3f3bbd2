//! Writes down the deletions of a cycle: each before it is sent, and its end once that is known.

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;

use crate::cycle::clock::Clock;
use crate::package::{FileId, Package, PackageFile, PackageId};
use crate::plan::inventory::Gone;
use crate::plan::{Decision, Ending, FileDecision, Item, ItemId, Outcome, ReasonKind, RuleRef, because, file_because};
use crate::policy::InForce;
use crate::record::journal::chain::Seq;
use crate::record::journal::line::{DeleteLine, Grounds};
use crate::record::journal::{Journal, JournalEnding, JournalError};

/// Writes down the deletions of one cycle. Where no journal is kept, it writes nothing.
pub struct Scribe<'a>(Option<Pen<'a>>);

struct Pen<'a> {
    journal: &'a Journal,
    clock: Clock,
    who: Option<String>,
    /// The lines of this cycle that are open.
    open: Mutex<HashMap<ItemId, Open>>,
}

/// A line that waits for its end.
struct Open {
    seq: Seq,
    request_ids: Vec<String>,
}

/// Packages and files that a deletion was about to be sent for, and of which no listing tells yet whether they are gone.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct InDoubt {
    /// The packages.
    pub packages: HashSet<PackageId>,
    /// Files of packages that stay.
    pub files: HashSet<FileId>,
    /// The packages of which a file may be there or not. Nobody knows how old they are.
    pub trimmed: HashSet<PackageId>,
}

impl InDoubt {
    /// Adds what is gone. Neither takes a place, and no plan names it.
    pub(super) fn and(&self, mut gone: Gone) -> Gone {
        gone.packages.extend(&self.packages);
        gone.files.extend(&self.files);
        gone
    }
}

impl<'a> Scribe<'a> {
    /// Writes nothing.
    #[must_use]
    pub fn none() -> Self {
        Self(None)
    }

    /// Writes into this journal, if there is one. `who` is the token's user, where GitLab tells.
    #[must_use]
    pub fn new(journal: Option<&'a Journal>, clock: Clock, who: Option<String>) -> Self {
        Self(journal.map(|journal| Pen { journal, clock, who, open: Mutex::default() }))
    }

    /// Writes down that packages are about to be deleted, and returns once that is on the disk. `files` tells those of a
    /// package, where they were looked up.
    ///
    /// # Errors
    /// When it can't be written. Then none of them may be deleted.
    pub(super) fn about_packages<'p>(
        &self,
        in_force: InForce<'_>,
        decisions: impl IntoIterator<Item = &'p Decision>,
        files: impl Fn(PackageId) -> Option<&'p [PackageFile]>,
    ) -> Result<(), JournalError> {
        let Some(pen) = &self.0 else { return Ok(()) };
        let line = |decision: &'p Decision| {
            let item = Item::package_of(decision);
            let (rule, reason) = (decision.reason.rule(), decision.reason.kind());
            let line = DeleteLine::of(&item, pen.grounds(in_force, rule, reason, because(decision, in_force)));
            match files(decision.package.id) {
                Some(files) => (item.id(), line.with_files(files)),
                None => (item.id(), line),
            }
        };
        pen.about(decisions.into_iter().map(line).collect())
    }

    /// Writes down that a file of a package is about to be deleted, and returns once that is on the disk.
    ///
    /// # Errors
    /// When it can't be written. Then it may not be deleted.
    pub(super) fn about_file(
        &self,
        in_force: InForce<'_>,
        decision: &FileDecision,
        package: &Package,
    ) -> Result<(), JournalError> {
        let Some(pen) = &self.0 else { return Ok(()) };
        let item = Item::file_of(decision, package);
        let (rule, reason) = (decision.reason.rule(), decision.reason.kind());
        let because = file_because(decision, package, in_force);
        let line = DeleteLine::of(&item, pen.grounds(in_force, rule, reason, because));
        pen.about(vec![(item.id(), line)])
    }

    /// Takes back that a deletion was about to be sent.
    ///
    /// # Errors
    /// When it can't be written.
    pub(super) fn unsent(&self, item: ItemId) -> Result<(), JournalError> {
        self.ended(item, &Ending::of(Outcome::NotAttempted))
    }

    /// Notes the name that GitLab gave to a request for a deletion.
    pub(super) fn answered(&self, item: ItemId, request_id: Option<String>) {
        let Some(pen) = &self.0 else { return };
        if let Some(open) = pen.open().get_mut(&item) {
            open.request_ids.extend(request_id);
        }
    }

    /// Writes down how a deletion ended. One that was never about to be sent leaves no trace.
    ///
    /// # Errors
    /// When it can't be written.
    pub(super) fn ended(&self, item: ItemId, ending: &Ending) -> Result<(), JournalError> {
        let Some(pen) = &self.0 else { return Ok(()) };
        let Some(Open { seq, request_ids }) = pen.open().remove(&item) else { return Ok(()) };
        pen.journal.ended(seq, JournalEnding { ending: ending.clone(), request_ids }, pen.clock.now())
    }

    /// Writes down that the cycle came to its end, and returns once that is on the disk.
    ///
    /// # Errors
    /// When it can't be written.
    pub(super) fn rest(&self) -> Result<(), JournalError> {
        self.0.as_ref().map_or(Ok(()), |pen| pen.journal.rest(pen.clock.now()))
    }

    /// Returns what earlier runs, or earlier cycles of this one, left in doubt, and what they told to be gone so lately that
    /// a listing of `now` may still show it.
    #[must_use]
    pub fn in_doubt(&self, now: Timestamp) -> InDoubt {
        let mut doubt = InDoubt::default();
        let Some(pen) = &self.0 else { return doubt };
        let open: Vec<_> = pen.journal.open_lines().into_iter().map(|line| line.item).collect();
        doubt.trimmed.extend(open.iter().filter(|item| item.file_id.is_some()).map(|item| item.package_id));
        for item in open.into_iter().chain(pen.journal.gone_lately(now)) {
            match item.file_id {
                Some(file) => _ = doubt.files.insert(file),
                None => _ = doubt.packages.insert(item.package_id),
            }
        }
        doubt
    }
}

impl Pen<'_> {
    fn about(&self, lines: Vec<(ItemId, DeleteLine)>) -> Result<(), JournalError> {
        let (items, lines): (Vec<ItemId>, Vec<DeleteLine>) = lines.into_iter().unzip();
        let numbers = self.journal.about(lines, self.clock.now())?;
        let mut open = self.open();
        for (item, seq) in items.into_iter().zip(numbers) {
            let before = open.remove(&item).map(|before| before.request_ids);
            open.insert(item, Open { seq, request_ids: before.unwrap_or_default() });
        }
        Ok(())
    }

    fn grounds(&self, in_force: InForce<'_>, rule: Option<RuleRef>, reason: ReasonKind, because: String) -> Grounds {
        Grounds {
            policy: in_force.policy().name.clone(),
            policy_sha256: in_force.fingerprint(),
            revision: self.journal.revision(),
            rule: rule.map(|rule| rule.label(in_force.set())),
            reason: reason.code().to_owned(),
            because,
            who: self.who.clone(),
        }
    }

    fn open(&self) -> MutexGuard<'_, HashMap<ItemId, Open>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Scribe<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Scribe").field(&self.0.as_ref().map(|pen| pen.journal.folder())).finish()
    }
}
