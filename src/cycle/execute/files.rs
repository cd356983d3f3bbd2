//! Deletes files of packages that stay, package by package.

use std::collections::{BTreeSet, HashMap};

use futures_util::StreamExt as _;
use futures_util::stream;

use super::execution::{Execution, JudgedFiles};
use super::executor::{BATCH, CONCURRENT, Executor, held_by_files, in_use, still_there, too_late, unconfirmed};
use crate::cycle::progress::Observer;
use crate::gitlab::{self, Subject};
use crate::package::{FileId, Package, PackageFile};
use crate::plan::{Ending, FileDecision, Item, ItemId, Outcome, Verdict, are_as_judged};

/// Files of one package that go, no more than a batch.
struct Unit<'p> {
    package: &'p Package,
    /// In the order in which they go.
    going: Vec<&'p FileDecision>,
    /// The decisions on every file of the package.
    judged: &'p [FileDecision],
    /// The outcomes of those that an earlier unit was to delete.
    before: HashMap<FileId, Outcome>,
}

/// Deletes the files that go of these packages, and notes what became of each.
pub(super) async fn delete(
    executor: &Executor<'_>,
    execution: &mut Execution,
    trims: &[JudgedFiles<'_>],
    observer: &dyn Observer,
) {
    for mut batch in batches(trims) {
        let Some(present) = executor.go_on(execution).await else {
            execution.leave(batch.iter().flat_map(Unit::items), observer);
            continue;
        };
        batch.retain(|unit| {
            let Some(because) = held_by_files(&present, unit.package) else { return true };
            for item in unit.items() {
                execution.note(item, in_use(&because), observer);
            }
            false
        });
        for unit in &mut batch {
            let known = |file: &FileDecision| {
                let ending = execution.endings.of(ItemId::File(file.file.id))?;
                Some((file.file.id, ending.outcome))
            };
            unit.before = unit.judged.iter().filter_map(known).collect();
        }
        let trims = batch.iter().map(|unit| async { (unit.package, executor.trim(unit).await) });
        let mut trims = stream::iter(trims.collect::<Vec<_>>()).buffer_unordered(CONCURRENT);
        while let Some((package, endings)) = trims.next().await {
            for (decision, ending) in endings {
                execution.note(Item::file_of(decision, package), ending, observer);
            }
        }
    }
}

impl Executor<'_> {
    async fn trim<'p>(&self, unit: &Unit<'p>) -> Vec<(&'p FileDecision, Ending)> {
        if self.is_over() {
            return unit.all(&Ending::of(Outcome::NotAttempted));
        }
        if unit.before.values().any(|outcome| *outcome == Outcome::Changed) {
            return unit.all(&changed());
        }
        match self.in_time(self.look_again_at(unit)).await {
            None => return unit.all(&Ending::of(Outcome::NotAttempted)),
            Some(Err(ending)) => return unit.all(&ending),
            Some(Ok(())) => {}
        }
        let mut endings: Vec<(&FileDecision, Ending)> = Vec::with_capacity(unit.going.len());
        for file in &unit.going {
            let ending = match unit.obstacle(file, &endings) {
                _ if self.is_over() => Ending::of(Outcome::NotAttempted),
                Some(ending) => ending,
                None => self.in_time(self.delete_file(file)).await.unwrap_or_else(too_late),
            };
            endings.push((file, ending));
        }
        self.confirm_files(unit, &mut endings).await;
        endings
    }

    /// Checks that the package's files are still those that were judged. GitLab may clean up duplicates by itself, and
    /// people do. If what was to stay is gone by now, what was to go is perhaps the last of its kind.
    async fn look_again_at(&self, unit: &Unit<'_>) -> Result<(), Ending> {
        match self.files(unit.package).await {
            Ok(reading) if are_as_judged(unit.judged, &unit.before, &reading.rows) => Ok(()),
            Ok(_) => Err(changed()),
            Err(gitlab::Error::NotFound { what: Subject::Package { .. } }) => Err(Ending::of(Outcome::AlreadyGone)),
            Err(error) => Err(self.failed(&error)),
        }
    }

    async fn delete_file(&self, decision: &FileDecision) -> Ending {
        let FileDecision { project, package, file, .. } = decision;
        self.sent(|fresh| async move { self.writer.delete_file(*project, *package, file.id, &fresh).await }).await
    }

    /// Confirms by the package's listing that files are gone. Neither a 204 nor a 404 is proof of it.
    async fn confirm_files(&self, unit: &Unit<'_>, endings: &mut [(&FileDecision, Ending)]) {
        if !endings.iter().any(|(_, ending)| ending.outcome.is_gone()) {
            return;
        }
        let listed = self.in_time(self.listed(unit)).await;
        for (decision, ending) in endings.iter_mut().filter(|(_, ending)| ending.outcome.is_gone()) {
            *ending = match &listed {
                Some(Ok(ids)) if !ids.contains(&decision.file.id) => continue,
                Some(Ok(_)) => still_there(),
                Some(Err(error)) => unconfirmed(error),
                None => {
                    let problem = "GitLab took the deletion, and the run was stopped before it was seen to be gone";
                    Ending::with(Outcome::Unconfirmed, problem)
                }
            };
        }
    }

    /// Lists the files that a package has now. Pages shift while they are read, and one reading of several may lack a
    /// file, so there are two.
    async fn listed(&self, unit: &Unit<'_>) -> Result<BTreeSet<FileId>, gitlab::Error> {
        let mut ids = BTreeSet::new();
        for _ in 0..2 {
            let reading = match self.reader.package_files(unit.package.project.id, unit.package.id).await {
                Err(gitlab::Error::NotFound { what: Subject::Package { .. } }) => break,
                reading => reading?,
            };
            ids.extend(reading.rows.iter().map(|file: &PackageFile| file.id));
            if reading.pages <= 1 {
                break;
            }
        }
        Ok(ids)
    }
}

impl<'p> Unit<'p> {
    fn items(&self) -> impl Iterator<Item = Item> {
        self.going.iter().map(|decision| Item::file_of(decision, self.package))
    }

    fn all(&self, ending: &Ending) -> Vec<(&'p FileDecision, Ending)> {
        self.going.iter().map(|file| (*file, ending.clone())).collect()
    }

    /// Returns why a file must not be deleted, after what became of those before it. A checksum whose file is gone
    /// belongs to nothing, and no rule takes it ever after.
    fn obstacle(&self, file: &FileDecision, endings: &[(&FileDecision, Ending)]) -> Option<Ending> {
        let outcomes = || {
            let here = endings.iter().map(|(other, ending)| (*other, ending.outcome));
            let earlier = self.judged.iter().filter_map(|other| Some((other, *self.before.get(&other.file.id)?)));
            here.chain(earlier)
        };
        if outcomes().any(|(_, outcome)| outcome == Outcome::Changed) {
            return Some(changed());
        }
        let is_left = |(other, outcome): (&FileDecision, Outcome)| other.accompanies(file) && !outcome.is_gone();
        let problem = "a checksum or signature of it could not be deleted, and would be left behind";
        outcomes().any(is_left).then(|| Ending::with(Outcome::NotAttempted, problem))
    }
}

fn changed() -> Ending {
    Ending::with(Outcome::Changed, "the package's files are not those that were judged, and stay")
}

/// Splits the files that go into batches, so that the brake is asked before each. A batch holds files of several
/// packages, or a part of those of one.
fn batches<'p>(trims: &[JudgedFiles<'p>]) -> Vec<Vec<Unit<'p>>> {
    let mut batches: Vec<Vec<Unit<'p>>> = Vec::new();
    let mut room = 0;
    for &(package, judged) in trims {
        let mut going: Vec<_> = judged.iter().filter(|decision| decision.verdict() == Verdict::Delete).collect();
        going.sort_by(|one, other| one.turn().cmp(&other.turn()));
        for going in going.chunks(BATCH) {
            let unit = Unit { package, going: going.to_vec(), judged, before: HashMap::new() };
            match batches.last_mut() {
                Some(batch) if going.len() <= room => batch.push(unit),
                _ => {
                    room = BATCH;
                    batches.push(vec![unit]);
                }
            }
            room -= going.len();
        }
    }
    batches
}
