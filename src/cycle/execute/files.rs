//! Deletes files of packages that stay, package by package.

use std::collections::{BTreeSet, HashMap};

use futures_util::StreamExt as _;
use futures_util::stream;

use super::{BATCH, CONCURRENT, Ended, Execution, Executor};
use crate::cycle::brake::Brake;
use crate::event::Observer;
use crate::gitlab::{self, Deletion, Subject};
use crate::package::{FileId, PackageFile, PackageId, ProjectId};
use crate::plan::Outcome;
use crate::plan::{FileDecision, Plan, are_as_judged};

/// Files that go of one package, no more than a batch.
struct Unit<'p> {
    /// In the order in which they go.
    going: Vec<&'p FileDecision>,
    /// What was decided on every file of the package.
    judged: &'p [FileDecision],
    /// What became of those that an earlier unit was to delete.
    before: HashMap<FileId, Outcome>,
}

impl Executor<'_> {
    /// Deletes these files, and notes what became of each.
    pub(super) async fn trim(
        &self,
        execution: &mut Execution,
        plan: &Plan,
        files: &[&FileDecision],
        brake: &Brake,
        observer: &dyn Observer,
    ) {
        for mut batch in batches(plan, files) {
            if !self.may_go_on(execution, brake) {
                batch.iter().for_each(|unit| execution.leave_files(plan, &unit.going, observer));
                continue;
            }
            for unit in &mut batch {
                let known = |file: &FileDecision| Some((file.file.id, *execution.outcomes.files.get(&file.file.id)?));
                unit.before = unit.judged.iter().filter_map(known).collect();
            }
            let trims = batch.iter().map(|unit| self.trim_package(unit)).collect::<Vec<_>>();
            let mut trims = stream::iter(trims).buffer_unordered(CONCURRENT);
            while let Some(endings) = trims.next().await {
                for (decision, ended) in endings {
                    execution.note_file(plan, decision, ended, observer);
                }
            }
        }
    }

    async fn trim_package<'p>(&self, unit: &Unit<'p>) -> Vec<(&'p FileDecision, Ended)> {
        if self.is_over() {
            return unit.all(&Ended::of(Outcome::NotAttempted));
        }
        if unit.before.values().any(|outcome| *outcome == Outcome::Changed) {
            return unit.all(&changed());
        }
        match self.in_time(self.look_again_at(unit)).await {
            None => return unit.all(&Ended::of(Outcome::NotAttempted)),
            Some(Err(ended)) => return unit.all(&ended),
            Some(Ok(())) => {}
        }
        let mut endings: Vec<(&FileDecision, Ended)> = Vec::with_capacity(unit.going.len());
        for file in &unit.going {
            let ended = match unit.obstacle(file, &endings) {
                _ if self.is_over() => Ended::of(Outcome::NotAttempted),
                Some(ended) => ended,
                None => self.in_time(self.delete_file(file)).await.unwrap_or_else(Ended::too_late),
            };
            endings.push((file, ended));
        }
        self.confirm_files(unit, &mut endings).await;
        endings
    }

    /// GitLab may clean up duplicates by itself, and people do. What was to stay may be gone by now, and then what was to
    /// go is perhaps the last of its kind.
    async fn look_again_at(&self, unit: &Unit<'_>) -> Result<(), Ended> {
        let (project, package) = unit.place();
        let reading = self.reader.package_files(project, package).await;
        if reading.is_err() {
            // A read that succeeds says nothing of a GitLab that takes no deletions.
            self.breaker.note(&reading);
        }
        match reading {
            Ok(reading) if are_as_judged(unit.judged, &unit.before, &reading.rows) => Ok(()),
            Ok(_) => Err(changed()),
            Err(gitlab::Error::NotFound { what: Subject::Package { .. } }) => Err(Ended::of(Outcome::AlreadyGone)),
            Err(error) => Err(self.failed(&error)),
        }
    }

    async fn delete_file(&self, decision: &FileDecision) -> Ended {
        let FileDecision { project, package, file, .. } = decision;
        let answer = self.writer.delete_file(*project, *package, file.id, self.as_of).await;
        self.breaker.note(&answer);
        match answer {
            Ok(Deletion::Accepted) => Ended::of(Outcome::Deleted),
            Ok(Deletion::AlreadyGone) => Ended::of(Outcome::AlreadyGone),
            Ok(Deletion::Changed) => Ended::with(Outcome::Changed, "it was changed since the plan was made, and stays"),
            Ok(Deletion::Forbidden(message)) => {
                let problem = message.as_deref().unwrap_or("GitLab does not let the token delete it");
                Ended::with(Outcome::Forbidden, problem)
            }
            Err(error) => self.failed(&error),
        }
    }

    /// Neither a 204 nor a 404 is proof that a file is gone; the package's listing is.
    async fn confirm_files(&self, unit: &Unit<'_>, endings: &mut [(&FileDecision, Ended)]) {
        if !endings.iter().any(|(_, ended)| ended.outcome.is_gone()) {
            return;
        }
        let still_there = self.in_time(self.still_there(unit)).await;
        for (decision, ended) in endings.iter_mut().filter(|(_, ended)| ended.outcome.is_gone()) {
            let problem = match &still_there {
                Some(Ok(ids)) if !ids.contains(&decision.file.id) => continue,
                Some(Ok(_)) => "GitLab answered as if it were gone, and still has it".to_owned(),
                Some(Err(error)) => {
                    format!("GitLab took the deletion, and could not be asked whether it is gone: {error}")
                }
                None => "GitLab took the deletion, and the run was stopped before it was seen to be gone".to_owned(),
            };
            *ended = Ended::with(Outcome::Unconfirmed, problem);
        }
    }

    /// The files that a package has now. Pages shift while they are read, so that one reading of several may lack a file.
    async fn still_there(&self, unit: &Unit<'_>) -> Result<BTreeSet<FileId>, gitlab::Error> {
        let (project, package) = unit.place();
        let mut ids = BTreeSet::new();
        for _ in 0..2 {
            let reading = match self.reader.package_files(project, package).await {
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
    fn place(&self) -> (ProjectId, PackageId) {
        // All files of a unit are of one package, and there is at least one.
        self.judged.first().map_or((ProjectId(0), PackageId(0)), |file| (file.project, file.package))
    }

    fn all(&self, ended: &Ended) -> Vec<(&'p FileDecision, Ended)> {
        self.going.iter().map(|file| (*file, ended.clone())).collect()
    }

    /// Why a file must not be deleted, after what became of those before it. A checksum whose file is gone belongs to
    /// nothing, and no rule takes it ever after.
    fn obstacle(&self, file: &FileDecision, endings: &[(&FileDecision, Ended)]) -> Option<Ended> {
        let outcomes = || {
            let here = endings.iter().map(|(other, ended)| (*other, ended.outcome));
            let earlier = self.judged.iter().filter_map(|other| Some((other, *self.before.get(&other.file.id)?)));
            here.chain(earlier)
        };
        if outcomes().any(|(_, outcome)| outcome == Outcome::Changed) {
            return Some(changed());
        }
        let is_left = |(other, outcome): (&FileDecision, Outcome)| other.accompanies(file) && !outcome.is_gone();
        let problem = "a checksum or signature of it could not be deleted, and would be left behind";
        outcomes().any(is_left).then(|| Ended::with(Outcome::NotAttempted, problem))
    }
}

fn changed() -> Ended {
    Ended::with(Outcome::Changed, "the package's files are not those that were judged, and stay")
}

/// What is deleted between two looks at the brake: files of several packages, or a part of those of one.
fn batches<'p>(plan: &'p Plan, files: &[&'p FileDecision]) -> Vec<Vec<Unit<'p>>> {
    let mut batches: Vec<Vec<Unit<'p>>> = Vec::new();
    let mut room = 0;
    for of_package in files.chunk_by(|one, other| one.package == other.package) {
        let mut going = of_package.to_vec();
        going.sort_by(|one, other| one.turn().cmp(&other.turn()));
        let judged = of_package.first().map_or(&[][..], |file| plan.file_decisions_of(file.package));
        for going in going.chunks(BATCH) {
            let unit = Unit { going: going.to_vec(), judged, before: HashMap::new() };
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
