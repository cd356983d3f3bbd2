//! Deletes files of one package, one after the other, and proves that they are gone.

use std::collections::{HashMap, HashSet};

use tokio::time::Instant;

use super::JudgedUnit;
use crate::cycle::execute::Tools;
use crate::cycle::execute::executor::{Executor, GRACE, GRACE_OF_PROOFS};
use crate::cycle::execute::pace::AGAIN;
use crate::cycle::execute::words::{
    changed, deleted_after_loss, forbidden, not_as_judged, still_there, too_late, unproven, unseen,
};
use crate::cycle::progress::Event;
use crate::gitlab::{self, Attempt, Deletion, Freshness, Reader};
use crate::package::{FileId, PackageFile};
use crate::plan::{Ending, FileDecision, ItemId, Outcome, are_as_judged};

impl Executor<'_> {
    pub(super) async fn trim<'p>(&self, part: &JudgedUnit<'p>, freshness: &Freshness) -> TrimResult<'p> {
        let (reader, before) = (self.looking(), self.ended_of(&part.unit));
        let mut trimmed =
            TrimResult { endings: Vec::new(), sent: HashSet::new(), lost: part.unit.lost.clone(), is_late: false };
        let mut stop: Option<Ending> = None;
        let last = part.unit.going.len() - 1;
        for (place, file) in part.unit.going.iter().copied().enumerate() {
            // Somebody else may delete files as well. The look right before the last deletion sees to it that something is left.
            if stop.is_none() && (place == 0 || place == last) {
                stop = match self.in_time(GRACE, self.is_as_judged(&reader, part, &trimmed)).await {
                    None => Some(Ending::of(Outcome::NotAttempted)),
                    Some(checked) => checked.err(),
                };
            }
            let ending = match (&stop, part.obstacle(file, &trimmed.endings, &before)) {
                (Some(ending), _) => ending.clone(),
                (None, _) if self.is_over() => self.left(),
                (None, _) if !self.may_begin() => {
                    trimmed.is_late = true;
                    self.left()
                }
                (None, Some(ending)) => ending,
                (None, None) if !self.is_file_written_down(part, file) => self.left(),
                (None, None) => {
                    let (ending, sent) = self.delete_file(file, freshness).await;
                    if matches!(sent, FileSent::Answered | FileSent::Lost(_)) {
                        self.means.observer.on(&Event::DeletionSent);
                    }
                    if matches!(sent, FileSent::TooLate) && !trimmed.lost.contains_key(&file.file.id) {
                        self.shared.note_record(self.means.tools.scribe.unsent(ItemId::File(file.file.id)));
                    }
                    match sent {
                        FileSent::TooLate => trimmed.is_late = true,
                        FileSent::Not => {}
                        FileSent::Answered => _ = trimmed.sent.insert(file.file.id),
                        FileSent::Lost(problem) => _ = trimmed.lost.insert(file.file.id, problem),
                    }
                    if ending.outcome == Outcome::Stale {
                        stop = Some(not_as_judged());
                    }
                    ending
                }
            };
            trimmed.endings.push((file, ending));
        }
        let TrimResult { endings, lost, .. } = &mut trimmed;
        self.prove_files(&reader, part, lost, endings).await;
        trimmed
    }

    /// Writes down that a file is about to be deleted.
    fn is_file_written_down(&self, part: &JudgedUnit<'_>, file: &FileDecision) -> bool {
        let written = self.means.tools.scribe.about_file(self.basis.in_force, file, part.unit.package);
        self.shared.note_record(written)
    }

    /// Checks that the package's files are those of the second look. GitLab may clean up duplicates by itself, and people
    /// do. If what was to stay is gone by now, what was to go is perhaps the last of its kind.
    async fn is_as_judged(
        &self,
        reader: &Reader,
        part: &JudgedUnit<'_>,
        trimmed: &TrimResult<'_>,
    ) -> Result<(), Ending> {
        let package = part.unit.package;
        match reader.package_files(package.project.id, package.id).await {
            Ok(mut reading) => {
                reading.rows.retain(|file| !self.execution.sent_files.contains(&file.id));
                let before = self.execution.sent_files.iter().chain(&trimmed.sent).chain(trimmed.lost.keys());
                let before: HashMap<FileId, ()> = before.map(|id| (*id, ())).collect();
                let as_judged = are_as_judged(&part.second, &before, &reading.rows);
                if as_judged { Ok(()) } else { Err(not_as_judged()) }
            }
            Err(error) => {
                self.shared.note_failure(&error);
                Err(Ending::with(Outcome::Failed, error.with_causes()))
            }
        }
    }

    /// Deletes a file, and tells whether anything was sent.
    async fn delete_file(&self, decision: &FileDecision, freshness: &Freshness) -> (Ending, FileSent) {
        let FileDecision { project, package, file, .. } = decision;
        let Tools { writer, scribe, .. } = self.means.tools;
        let attempt = self.in_time(GRACE, writer.delete_file(*project, *package, file.id, freshness)).await;
        let answer = attempt.map(|Attempt { deletion, request_id }| {
            scribe.answered(ItemId::File(file.id), request_id);
            deletion
        });
        let breaker = &self.shared.breaker;
        match answer {
            None => (too_late(), FileSent::Answered),
            Some(Ok(Deletion::TooLate)) => (Ending::of(Outcome::NotAttempted), FileSent::TooLate),
            Some(Ok(Deletion::Lost { problem, .. })) => {
                breaker.note_silence();
                (Ending::with(Outcome::Unconfirmed, problem.clone()), FileSent::Lost(problem))
            }
            Some(Ok(answered)) => {
                breaker.note_answer();
                let ending = match answered {
                    Deletion::Changed => changed(),
                    Deletion::Forbidden(message) => forbidden(message),
                    Deletion::Absent => Ending::of(Outcome::AlreadyGone),
                    Deletion::Accepted | Deletion::Lost { .. } | Deletion::TooLate => Ending::of(Outcome::Deleted),
                };
                (ending, FileSent::Answered)
            }
            Some(Err(error)) => {
                self.shared.note_failure(&error);
                (Ending::with(Outcome::Failed, error.with_causes()), FileSent::Not)
            }
        }
    }

    /// Proves by the package's listing that files are gone. Neither a 204 nor a 404 is proof of it. A listing counts if it
    /// shows a file that stays.
    async fn prove_files(
        &self,
        reader: &Reader,
        part: &JudgedUnit<'_>,
        lost: &HashMap<FileId, String>,
        endings: &mut [(&FileDecision, Ending)],
    ) {
        let begun = Instant::now();
        let mut times = AGAIN.iter();
        let gone = endings.iter().filter(|(_, ending)| ending.outcome.is_gone()).map(|(file, _)| file.file.id);
        let sent: HashSet<FileId> = gone.chain(lost.keys().copied()).collect();
        loop {
            let is_open = |(file, ending): &&mut (&FileDecision, Ending)| {
                ending.outcome.is_gone() || lost.contains_key(&file.file.id)
            };
            let open: Vec<&mut (&FileDecision, Ending)> = endings.iter_mut().filter(is_open).collect();
            if open.is_empty() {
                return;
            }
            let listed = self.in_time(GRACE_OF_PROOFS, listed(reader, part, &sent)).await;
            let is_gone = |file: &FileDecision| match &listed {
                Some(Ok(ids)) => !ids.contains(&file.file.id),
                Some(Err(_)) | None => false,
            };
            // What was lost and is there is sent once more, and needs no proof yet.
            let can_wait = open.iter().any(|(file, _)| !is_gone(file) && !lost.contains_key(&file.file.id));
            match times.next().filter(|_| can_wait && !self.is_over()) {
                Some(wait) => self.wait_until(begun + *wait).await,
                None => {
                    for (file, ending) in open {
                        *ending = match &listed {
                            _ if is_gone(file) => match lost.get(&file.file.id) {
                                Some(problem) => deleted_after_loss(problem),
                                None => continue,
                            },
                            Some(Ok(_)) => still_there(lost.get(&file.file.id).map_or("", String::as_str)),
                            Some(Err(problem)) => unproven(problem),
                            None => unseen(),
                        };
                    }
                    return;
                }
            }
        }
    }
}

/// Whether a deletion of a file was sent.
#[derive(Debug, PartialEq, Eq)]
enum FileSent {
    Not,
    /// It was not, because the look at it is too old.
    TooLate,
    Answered,
    /// Something else came in the place of an answer.
    Lost(String),
}

/// What came of a part.
pub(super) struct TrimResult<'p> {
    pub(super) endings: Vec<(&'p FileDecision, Ending)>,
    pub(super) sent: HashSet<FileId>,
    /// What came in the place of answers.
    pub(super) lost: HashMap<FileId, String>,
    /// The look became too old for some.
    pub(super) is_late: bool,
}

/// Lists the files that a package has now. Pages shift while they are read, and one reading of several may lack a file, so
/// there are two.
async fn listed(reader: &Reader, part: &JudgedUnit<'_>, sent: &HashSet<FileId>) -> Result<HashSet<FileId>, String> {
    let package = part.unit.package;
    let mut ids = HashSet::new();
    for _ in 0..2 {
        let reading = reader.package_files(package.project.id, package.id).await;
        let reading = reading.map_err(|error: gitlab::Error| error.with_causes())?;
        ids.extend(reading.rows.iter().map(|file: &PackageFile| file.id));
        if reading.pages <= 1 {
            break;
        }
    }
    let stays = |file: &FileDecision| !sent.contains(&file.file.id) && ids.contains(&file.file.id);
    if part.second.iter().any(stays) {
        Ok(ids)
    } else {
        Err("the listing of its package shows no file that stays".to_owned())
    }
}

impl JudgedUnit<'_> {
    /// Returns why a file must not be deleted, after what became of those before it. A checksum whose file is gone
    /// belongs to nothing, and no rule takes it ever after.
    fn obstacle(
        &self,
        file: &FileDecision,
        endings: &[(&FileDecision, Ending)],
        before: &HashMap<FileId, Outcome>,
    ) -> Option<Ending> {
        let here = endings.iter().map(|(other, ending)| (*other, ending.outcome));
        let judged = self.unit.judged.iter();
        let earlier = judged.filter_map(|other| Some((other, *before.get(&other.file.id)?)));
        let is_left = |(other, outcome): (&FileDecision, Outcome)| other.accompanies(file) && !outcome.is_gone();
        let problem = "a checksum or signature of it could not be deleted, and would be left behind";
        here.chain(earlier).any(is_left).then(|| Ending::with(Outcome::NotAttempted, problem))
    }
}
