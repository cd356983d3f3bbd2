//! Deletes packages of one project, batch by batch.

use std::collections::{BTreeSet, HashSet, VecDeque};
use std::sync::atomic::{AtomicUsize, Ordering};

use futures_util::future::join_all;

use super::executor::{CONCURRENT, Executor, Fresh, GRACE};
use super::pace::{FRESH, GLANCE, Pace, TRIES};
use super::proof::{Doubt, Doubtful};
use super::words::{all_forbidden, changed, false_answers, forbidden, never_in_time, too_late, too_slow};
use crate::cycle::execute::Tools;
use crate::cycle::look::{Basis, LookError};
use crate::cycle::progress::Event;
use crate::gitlab::{Attempt, Deletion, Freshness};
use crate::package::{Lookup, PackageId, ProjectId};
use crate::plan::inventory::Inventory;
use crate::plan::{Again, Decision, Ending, ItemId, Outcome, Verdict, in_turn, witnesses};

/// So many of the last ten answers may be 404 before the batch ends.
const ABSENT: usize = 5;

/// So many deletions of a project may be forbidden before the rest is left.
const FORBIDDEN: usize = 10;

/// A package that waits for its deletion.
struct Queued<'p> {
    decision: &'p Decision,
    /// How often its deletion was sent without an answer.
    lost: u32,
    /// What came in the place of the last answer.
    problem: String,
}

/// What is to be looked at again of a batch.
struct BatchLeft<'p> {
    turns: Vec<Queued<'p>>,
    /// Whether any deletion was sent.
    is_any_sent: bool,
    /// So many answers were 404 that the batch ended.
    is_flooded: bool,
}

/// What came of one deletion.
enum Sending {
    /// It was not sent: the look is old, or too many answers were 404.
    Not,
    /// It is over.
    Ended(Ending),
    /// GitLab took it.
    Accepted,
    /// It was answered 404.
    Absent,
    /// Its answer was lost.
    Lost(String),
}

impl<'a> Executor<'a> {
    /// Deletes these packages of one project, and notes what became of each.
    pub(super) async fn delete_packages(&mut self, project: ProjectId, decisions: Vec<&'a Decision>) {
        if let Some(ending) = self.execution.given_up.get(&project).cloned() {
            decisions.into_iter().for_each(|decision| self.note_package(decision, ending.clone()));
            return;
        }
        let inventory = self.basis.inventory_of(project);
        let mut queue: VecDeque<Queued<'a>> = in_turn(decisions)
            .into_iter()
            .map(|decision| Queued { decision, lost: 0, problem: String::new() })
            .collect();
        let mut doubtful = Doubtful::new(project, inventory);
        let (mut pace, mut forbidden) = (Pace::default(), self.forbidden.remove(&project).unwrap_or(0));
        let rest = loop {
            if queue.is_empty() {
                break None;
            }
            if self.is_broken_off() {
                break Some(self.left());
            }
            self.make_room(Some(&mut doubtful)).await;
            let batch = next_batch(&mut queue, pace.size().min(self.room()));
            if batch.is_empty() {
                // Nothing more may be sent. The next turn tells why.
                continue;
            }
            let fresh = match self.look_at(&doubtful.inventory, project, &batch).await {
                Ok(fresh) => fresh,
                Err(error) => {
                    match self.unseen_again(error) {
                        Some(ending) => self.leave_turns(batch, &ending, &mut doubtful),
                        None => put_back(&mut queue, batch),
                    }
                    continue;
                }
            };
            if fresh.took >= FRESH {
                let count = batch.len();
                put_back(&mut queue, batch);
                if pace.is_hopeless(count) {
                    break Some(too_slow());
                }
                continue;
            }
            pace.note(fresh.took, batch.len());
            doubtful.saw(&fresh.looked.rows, batch.iter().map(|turn| turn.decision.package.id));
            self.settle(&mut doubtful, &fresh.looked.rows);
            let going = self.judge(&fresh, batch, &mut doubtful);
            let about = going.iter().map(|turn| ItemId::Package(turn.decision.package.id));
            if !self.is_within_limits(&fresh.looked, about) {
                put_back(&mut queue, going);
                continue;
            }
            let count = going.len();
            let BatchLeft { turns: left, is_any_sent, is_flooded } =
                self.send_batch(&fresh, going, &mut doubtful, &mut forbidden).await;
            // Where all of a batch stays, nothing came too late.
            if is_any_sent || count == 0 {
                pace.bears_fruit();
            } else if pace.is_fruitless(count) {
                put_back(&mut queue, left);
                break Some(never_in_time());
            }
            put_back(&mut queue, left);
            if is_flooded || queue.is_empty() || self.is_over() {
                let mut is_proven = self.prove(&mut doubtful).await;
                // A replica may be behind, so what is asked for again is waited for here.
                while is_flooded
                    && !is_proven
                    && let Some(due) = doubtful.due()
                {
                    self.wait_until(due).await;
                    is_proven = self.prove(&mut doubtful).await;
                }
                if is_flooded && (!is_proven || doubtful.was_unproven) {
                    break Some(false_answers());
                }
            }
            if forbidden >= FORBIDDEN {
                self.shared.note_forbidding();
                break Some(all_forbidden());
            }
        };
        self.forbidden.insert(project, forbidden);
        if let Some(ending) = rest {
            self.give_up(project, &ending);
            self.leave_turns(queue.into(), &ending, &mut doubtful);
            self.prove(&mut doubtful).await;
        }
        self.doubtful.extend(doubtful.if_open());
    }

    /// Leaves these with the same ending, but for what was sent: that is in doubt.
    fn leave_turns(&mut self, turns: Vec<Queued<'a>>, ending: &Ending, doubtful: &mut Doubtful<'a>) {
        for turn in turns {
            match turn.lost {
                0 => self.note_package(turn.decision, ending.clone()),
                _ => doubtful.add(turn.absent()),
            }
        }
    }

    async fn look_at(
        &self,
        inventory: &Inventory,
        project: ProjectId,
        batch: &[Queued<'a>],
    ) -> Result<Fresh, LookError> {
        let basis = self.basis;
        let going: BTreeSet<PackageId> = batch.iter().map(|turn| turn.decision.package.id).collect();
        // What is sent once more is still to be judged. It is alone in its batch.
        let sent: HashSet<PackageId> = self.execution.sent.iter().filter(|id| !going.contains(id)).copied().collect();
        let present = inventory.clone().without(&sent);
        let is_staying = |id| basis.plan.decision(id).is_some_and(|decision| decision.verdict() == Verdict::Keep);
        let witnesses = witnesses(basis.in_force, &present, basis.evidence, is_staying, &going);
        self.look(project, inventory, going.into_iter(), witnesses.into_iter(), &sent).await
    }

    /// Returns what goes by the second look as well, and notes the rest.
    fn judge(&mut self, fresh: &Fresh, batch: Vec<Queued<'a>>, doubtful: &mut Doubtful<'a>) -> Vec<Queued<'a>> {
        let mut going = Vec::with_capacity(batch.len());
        for turn in batch {
            let decision = turn.decision;
            match fresh.looked.again(decision) {
                Some(Again::Goes) => going.push(turn),
                // What was sent may be done yet, whatever is known of it now.
                Some(Again::Stale(_) | Again::Untold(_)) if turn.lost > 0 => doubtful.add(turn.absent()),
                Some(Again::Stale(why)) => {
                    doubtful.stays(decision.package.id);
                    self.note_package(decision, Ending::with(Outcome::Stale, why));
                }
                Some(Again::Untold(why)) => self.note_package(decision, Ending::with(Outcome::Failed, why)),
                None if turn.lost > 0 => doubtful.add(turn.absent()),
                None => doubtful.add(Doubt::unseen(decision)),
            }
        }
        going
    }

    /// Sends the deletions of a batch side by side. Returns what is to be looked at again: what was not sent, and what was
    /// sent without an answer. Tells whether so many answers were 404 that the batch ended.
    async fn send_batch(
        &mut self,
        fresh: &Fresh,
        mut going: Vec<Queued<'a>>,
        doubtful: &mut Doubtful<'a>,
        forbidden: &mut usize,
    ) -> BatchLeft<'a> {
        let answers = Flood::default();
        let mut left = Vec::new();
        let (mut is_first, mut is_any_sent) = (true, false);
        while !going.is_empty() {
            if !is_first && !self.is_as_looked_at(fresh, going.iter().map(|turn| &turn.decision.package)).await {
                left.append(&mut going);
                break;
            }
            is_first = false;
            let rest = going.split_off(going.len().min(GLANCE));
            let results = self.send_some(&fresh.freshness, going, &answers).await;
            going = rest;
            is_any_sent |= results.iter().any(|(_, sent)| !matches!(sent, Sending::Not));
            self.note_results(results, &mut left, doubtful, forbidden);
        }
        BatchLeft { turns: left, is_any_sent, is_flooded: answers.are_mostly_absent() }
    }

    /// Sends these, and returns the results in their order. So many go side by side that a run which breaks off leaves no
    /// more than those in doubt.
    async fn send_some(
        &self,
        freshness: &Freshness,
        turns: Vec<Queued<'a>>,
        answers: &Flood,
    ) -> Vec<(Queued<'a>, Sending)> {
        let (mut results, mut turns) = (Vec::with_capacity(turns.len()), turns.into_iter());
        loop {
            let group: Vec<Queued<'a>> = turns.by_ref().take(CONCURRENT).collect();
            if group.is_empty() {
                return results;
            }
            results.extend(self.send_group(freshness, group, answers).await);
        }
    }

    /// Sends these side by side.
    async fn send_group(
        &self,
        freshness: &Freshness,
        group: Vec<Queued<'a>>,
        answers: &Flood,
    ) -> Vec<(Queued<'a>, Sending)> {
        if answers.are_mostly_absent() || !self.may_begin() || !self.is_written_down(&group) {
            return group.into_iter().map(|turn| (turn, Sending::Not)).collect();
        }
        let sent = join_all(group.iter().map(|turn| self.attempt(turn, freshness, answers))).await;
        group.into_iter().zip(sent).collect()
    }

    fn note_results(
        &mut self,
        results: Vec<(Queued<'a>, Sending)>,
        left: &mut Vec<Queued<'a>>,
        doubtful: &mut Doubtful<'a>,
        forbidden: &mut usize,
    ) {
        for (turn, sent) in results {
            let id = turn.decision.package.id;
            if !matches!(sent, Sending::Not) {
                self.execution.sent.insert(id);
            }
            match sent {
                Sending::Not => left.push(turn),
                Sending::Ended(ending) => {
                    *forbidden += usize::from(ending.outcome == Outcome::Forbidden);
                    // Whatever came of the repetition, the try that was lost may be done yet.
                    match turn.lost {
                        0 => self.note_package(turn.decision, ending),
                        _ => doubtful.add(turn.absent()),
                    }
                }
                Sending::Accepted => doubtful.add(Doubt::new(turn.decision, Ending::of(Outcome::Deleted))),
                Sending::Absent => doubtful.add(turn.absent()),
                Sending::Lost(problem) => {
                    let turn = Queued { lost: turn.lost + 1, problem, ..turn };
                    if turn.lost < TRIES && !self.is_over() {
                        left.push(turn);
                    } else {
                        doubtful.add(turn.absent());
                    }
                }
            }
        }
    }

    /// Writes down that these are about to be deleted.
    fn is_written_down(&self, group: &[Queued<'a>]) -> bool {
        let Basis { in_force, evidence, .. } = self.basis;
        let files = |package| match evidence.files(package) {
            Some(Lookup::Found(files)) => Some(files.as_slice()),
            _ => None,
        };
        let decisions = group.iter().map(|turn| turn.decision);
        self.shared.note_record(self.means.tools.scribe.about_packages(in_force, decisions, files))
    }

    async fn attempt(&self, turn: &Queued<'_>, freshness: &Freshness, answers: &Flood) -> Sending {
        let sent = self.send(turn.decision, freshness);
        let sent = self.in_time(GRACE, sent).await.unwrap_or_else(|| Sending::Ended(too_late()));
        match &sent {
            // The try before may be done yet.
            Sending::Not if turn.lost > 0 => {}
            Sending::Not => {
                let item = ItemId::Package(turn.decision.package.id);
                self.shared.note_record(self.means.tools.scribe.unsent(item));
            }
            _ => self.means.observer.on(&Event::DeletionSent),
        }
        if let Sending::Ended(_) | Sending::Accepted | Sending::Absent = &sent {
            answers.note(matches!(sent, Sending::Absent));
        }
        sent
    }

    async fn send(&self, decision: &Decision, freshness: &Freshness) -> Sending {
        let (package, shared) = (&decision.package, &self.shared);
        let Tools { writer, scribe, .. } = self.means.tools;
        let Attempt { deletion, request_id } = writer.delete_package(package.project.id, package.id, freshness).await;
        scribe.answered(ItemId::Package(package.id), request_id);
        match deletion {
            Ok(Deletion::Lost { problem, .. }) => {
                shared.breaker.note_silence();
                Sending::Lost(problem)
            }
            Ok(Deletion::TooLate) => Sending::Not,
            Ok(answered) => {
                shared.breaker.note_answer();
                match answered {
                    Deletion::Accepted => Sending::Accepted,
                    Deletion::Absent => Sending::Absent,
                    Deletion::Changed => Sending::Ended(changed()),
                    Deletion::Forbidden(message) => Sending::Ended(forbidden(message)),
                    Deletion::Lost { .. } | Deletion::TooLate => Sending::Not,
                }
            }
            Err(error) => {
                shared.note_failure(&error);
                Sending::Ended(Ending::with(Outcome::Failed, error.with_causes()))
            }
        }
    }
}

impl<'p> Queued<'p> {
    /// Returns the doubt about a package that GitLab doesn't show any more, or never answered for.
    fn absent(self) -> Doubt<'p> {
        match self.lost {
            0 => Doubt::new(self.decision, Ending::of(Outcome::AlreadyGone)),
            _ => Doubt::after_loss(self.decision, self.problem),
        }
    }
}

/// The answers of a batch so far.
#[derive(Default)]
struct Flood {
    all: AtomicUsize,
    absent: AtomicUsize,
}

impl Flood {
    fn note(&self, is_absent: bool) {
        // Ten answers at a time are looked at.
        if self.all.fetch_add(1, Ordering::Relaxed) % 10 == 9 && !self.are_mostly_absent() {
            self.absent.store(0, Ordering::Relaxed);
        }
        self.absent.fetch_add(usize::from(is_absent), Ordering::Relaxed);
    }

    fn are_mostly_absent(&self) -> bool {
        self.absent.load(Ordering::Relaxed) >= ABSENT
    }
}

/// Takes the next batch, of so many at most. A package whose deletion had no answer is one of its own, and comes after the
/// others.
fn next_batch<'p>(queue: &mut VecDeque<Queued<'p>>, most: usize) -> Vec<Queued<'p>> {
    let count = queue.iter().take(most).take_while(|turn| turn.lost == 0).count();
    if count > 0 {
        return queue.drain(..count).collect();
    }
    let lost = queue.iter().position(|turn| turn.lost > 0);
    lost.and_then(|place| queue.remove(place)).into_iter().collect()
}

/// Puts back what has not ended: what was never sent to the front, what had no answer to the end.
fn put_back<'p>(queue: &mut VecDeque<Queued<'p>>, turns: Vec<Queued<'p>>) {
    for turn in turns.into_iter().rev() {
        if turn.lost > 0 { queue.push_back(turn) } else { queue.push_front(turn) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn five_404s_among_ten_answers_are_a_flood_and_four_of_each_ten_are_none() {
        // The answers in their order, `4` for a 404.
        let table = [
            ("4444", false),
            ("44444", true),
            ("....44444", true),
            ("44444.......................", true),
            ("4444.....4444......4444......4444......4444......", false),
        ];
        for (answers, expected) in table {
            let flood = Flood::default();
            answers.chars().for_each(|answer| flood.note(answer == '4'));
            assert_eq!(flood.are_mostly_absent(), expected, "{answers}");
        }
    }
}
