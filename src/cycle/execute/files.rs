//! Deletes files of packages that stay, project by project.

mod trim;

use std::collections::{BTreeSet, HashMap, VecDeque};

use futures_util::StreamExt as _;
use futures_util::stream;

use super::execution::JudgedFiles;
use super::executor::{CONCURRENT, Executor, Fresh};
use super::pace::{FRESH, GLANCE, Pace, TRIES};
use super::words::{deleted_after_loss, never_in_time, not_as_judged, too_slow, unproven};
use crate::package::{FileId, Package, PackageFile, ProjectId};
use crate::plan::{Again, Ending, FileDecision, Item, ItemId, Outcome, Verdict, are_as_judged, file_because};
use trim::TrimResult;

/// Files of one package that go, a part of them at a time.
struct Unit<'p> {
    package: &'p Package,
    /// In the order in which they go.
    going: Vec<&'p FileDecision>,
    /// The decisions on every file of the package.
    judged: &'p [FileDecision],
    /// What came in the place of an answer to those that were sent.
    lost: HashMap<FileId, String>,
    /// How often some of it was sent without an answer.
    losses: u32,
}

/// Files of one package that go by the second look as well.
struct JudgedUnit<'p> {
    unit: Unit<'p>,
    /// The second decisions on every file that the package has.
    second: Vec<FileDecision>,
}

impl<'a> Executor<'a> {
    /// Deletes the files that go of these packages of one project, and notes what became of each.
    pub(super) async fn trim_packages(&mut self, project: ProjectId, trims: Vec<JudgedFiles<'a>>) {
        if let Some(ending) = self.execution.given_up.get(&project).cloned() {
            let left: Vec<Unit<'a>> = units(trims).into();
            return self.leave_units(&left, &ending);
        }
        let inventory = self.basis.inventory_of(project);
        let (mut queue, mut pace) = (units(trims), Pace::default());
        let rest = loop {
            if queue.is_empty() {
                break None;
            }
            if self.is_broken_off() {
                break Some(self.left());
            }
            self.make_room(None).await;
            if self.room() == 0 {
                // Nothing more may be sent. The next turn tells why.
                continue;
            }
            let batch = next_batch(&mut queue, pace.size().min(self.room()));
            let count = batch.iter().map(|unit| unit.going.len()).sum();
            let ids: BTreeSet<_> = batch.iter().map(|unit| unit.package.id).collect();
            let sent = self.execution.sent.clone();
            let fresh = match self.look(project, &inventory, ids.into_iter(), std::iter::empty(), &sent).await {
                Ok(fresh) => fresh,
                Err(error) => {
                    match self.unseen_again(error) {
                        Some(ending) => self.leave_units(&batch, &ending),
                        None => put_back(&mut queue, batch),
                    }
                    continue;
                }
            };
            if fresh.took >= FRESH {
                put_back(&mut queue, batch);
                if pace.is_hopeless(count) {
                    break Some(too_slow());
                }
                continue;
            }
            pace.note(fresh.took, count);
            let parts: Vec<JudgedUnit<'a>> =
                batch.into_iter().filter_map(|unit| self.judge_files(&fresh, unit)).collect();
            let going = parts.iter().flat_map(|part| &part.unit.going);
            if !self.is_within_limits(&fresh.looked, going.map(|file| ItemId::File(file.file.id))) {
                put_back(&mut queue, parts.into_iter().map(|part| part.unit).collect());
                continue;
            }
            let count = parts.iter().map(|part| part.unit.going.len()).sum();
            let left = self.send_parts(&fresh, parts).await;
            let is_fruitless = left.iter().map(|unit| unit.going.len()).sum::<usize>() == count && count > 0;
            put_back(&mut queue, left);
            if !is_fruitless {
                pace.bears_fruit();
            } else if pace.is_fruitless(count) {
                break Some(never_in_time());
            }
        };
        if let Some(ending) = rest {
            self.give_up(project, &ending);
            let left: Vec<Unit<'a>> = queue.into();
            self.leave_units(&left, &ending);
        }
    }

    fn leave_units(&mut self, units: &[Unit<'_>], ending: &Ending) {
        for unit in units {
            for file in &unit.going {
                let ending = match unit.lost.get(&file.file.id) {
                    Some(problem) => unproven(problem),
                    None => ending.clone(),
                };
                self.note_file(file, unit.package, ending);
            }
        }
    }

    fn note_file(&mut self, file: &FileDecision, package: &Package, ending: Ending) {
        self.note(Item::file_of(file, package), ending);
    }

    /// Returns what goes by the second look as well, and notes the rest.
    fn judge_files(&mut self, fresh: &Fresh, mut unit: Unit<'a>) -> Option<JudgedUnit<'a>> {
        let package = unit.package;
        let kept = match fresh.looked.of_trimmed(package) {
            Again::Goes => None,
            Again::Stale(why) => Some(Ending::with(Outcome::Stale, why)),
            Again::Untold(why) => Some(Ending::with(Outcome::Failed, why)),
        };
        if let Some(ending) = kept {
            self.leave_units(&[unit], &ending);
            return None;
        }
        let second = fresh.looked.plan.file_decisions_of(package.id).to_vec();
        let listed: Vec<PackageFile> = second.iter().map(|decision| decision.file.clone()).collect();
        let mut before = self.ended_of(&unit);
        before.extend(unit.lost.keys().map(|id| (*id, Outcome::Unconfirmed)));
        if !are_as_judged(unit.judged, &before, &listed) {
            self.leave_units(&[unit], &not_as_judged());
            return None;
        }
        let by_id: HashMap<FileId, &FileDecision> = second.iter().map(|file| (file.file.id, file)).collect();
        let in_force = fresh.looked.in_force();
        let mut going = Vec::with_capacity(unit.going.len());
        for file in unit.going.drain(..) {
            match by_id.get(&file.file.id) {
                Some(now) if now.verdict() == Verdict::Delete => going.push(file),
                Some(now) => {
                    let why = format!("now {}", file_because(now, package, in_force));
                    let lost = unit.lost.get(&file.file.id).map(|lost| unproven(lost));
                    self.note_file(file, package, lost.unwrap_or_else(|| Ending::with(Outcome::Stale, why)));
                }
                None => {
                    let ending =
                        unit.lost.get(&file.file.id).map_or_else(not_as_judged, |lost| deleted_after_loss(lost));
                    self.execution.sent_files.insert(file.file.id);
                    self.note_file(file, package, ending);
                }
            }
        }
        (!going.is_empty()).then_some(JudgedUnit { unit: Unit { going, ..unit }, second })
    }

    /// Returns the outcomes of the files of a unit's package whose deletions have ended.
    fn ended_of(&self, unit: &Unit<'_>) -> HashMap<FileId, Outcome> {
        let known = |file: &FileDecision| {
            let ending = self.execution.endings.of(ItemId::File(file.file.id))?;
            Some((file.file.id, ending.outcome))
        };
        unit.judged.iter().filter_map(known).collect()
    }

    /// Sends the deletions of these parts, some at a time. Returns what is to be looked at again.
    async fn send_parts(&mut self, fresh: &Fresh, mut parts: Vec<JudgedUnit<'a>>) -> Vec<Unit<'a>> {
        let (mut is_first, mut left) = (true, Vec::new());
        while !parts.is_empty() {
            let packages = parts.iter().map(|part| part.unit.package);
            if !is_first && !self.is_as_looked_at(fresh, packages).await {
                break;
            }
            is_first = false;
            let rest = parts.split_off(together(&parts));
            let now = std::mem::replace(&mut parts, rest);
            let this = &*self;
            let trims = now.iter().map(|part| async move { (part, this.trim(part, &fresh.freshness).await) });
            let trims = stream::iter(trims.collect::<Vec<_>>()).buffer_unordered(CONCURRENT);
            let ended: Vec<(&JudgedUnit<'a>, TrimResult<'a>)> = trims.collect().await;
            for (part, mut trimmed) in ended {
                left.extend(self.again(part, &mut trimmed));
                self.execution.sent_files.extend(trimmed.sent);
                for (file, ending) in trimmed.endings {
                    self.note_file(file, part.unit.package, ending);
                }
            }
        }
        parts.into_iter().map(|part| part.unit).chain(left).collect()
    }

    /// Takes out what is to be sent once more: files whose deletion had no answer and that are there, and those that had to
    /// wait for them.
    fn again(&self, part: &JudgedUnit<'a>, trimmed: &mut TrimResult<'a>) -> Option<Unit<'a>> {
        let losses = part.unit.losses + 1;
        let is_there = |file: &FileDecision, ending: &Ending| {
            trimmed.lost.contains_key(&file.file.id) && ending.outcome == Outcome::Unconfirmed
        };
        let any_lost = trimmed.endings.iter().any(|(file, ending)| is_there(file, ending));
        if (!any_lost && !trimmed.is_late) || losses >= TRIES || self.is_over() {
            // What was lost of another part of the package is still to be looked at.
            let own = part.unit.going.iter().map(|file| file.file.id);
            trimmed.sent.extend(own.filter(|id| trimmed.lost.contains_key(id)));
            return None;
        }
        let waits =
            |file: &FileDecision, ending: &Ending| is_there(file, ending) || ending.outcome == Outcome::NotAttempted;
        let (again, ended): (Vec<_>, Vec<_>) =
            trimmed.endings.drain(..).partition(|(file, ending)| waits(file, ending));
        let going: Vec<&FileDecision> = again.into_iter().map(|(file, _)| file).collect();
        // A look passes over what was sent, and these have to be looked at again.
        going.iter().for_each(|file| _ = trimmed.sent.remove(&file.file.id));
        trimmed.endings = ended;
        let losses = if any_lost { losses } else { part.unit.losses };
        let lost = trimmed.lost.clone();
        Some(Unit { package: part.unit.package, going, judged: part.unit.judged, lost, losses })
    }
}

/// Splits the files that go, each package's in the order in which they go.
fn units<'p>(trims: Vec<JudgedFiles<'p>>) -> VecDeque<Unit<'p>> {
    let of_package = |JudgedFiles { package, mut going, judged }: JudgedFiles<'p>| {
        going.sort_by(|one, other| one.turn().cmp(&other.turn()));
        let unit = |going: &[&'p FileDecision]| Unit {
            package,
            going: going.to_vec(),
            judged,
            lost: HashMap::new(),
            losses: 0,
        };
        going.chunks(GLANCE).map(unit).collect::<Vec<_>>()
    };
    trims.into_iter().flat_map(of_package).collect()
}

/// Returns how many of these parts go side by side: no more than so many files, and one part of each package.
fn together(parts: &[JudgedUnit<'_>]) -> usize {
    let (mut files, mut packages) = (0, BTreeSet::new());
    let fits = |part: &&JudgedUnit<'_>| {
        files += part.unit.going.len();
        packages.insert(part.unit.package.id) && files <= GLANCE
    };
    parts.iter().take_while(fits).count().max(1)
}

/// Takes the next batch, of so many files at most: the files of several packages, or a part of those of one.
fn next_batch<'p>(queue: &mut VecDeque<Unit<'p>>, most: usize) -> Vec<Unit<'p>> {
    let (mut batch, mut room) = (Vec::new(), most);
    while let Some(mut unit) = queue.pop_front() {
        if unit.going.len() <= room {
            room -= unit.going.len();
            batch.push(unit);
        } else if batch.is_empty() {
            let rest = unit.going.split_off(room);
            queue.push_front(Unit { going: rest, lost: unit.lost.clone(), ..unit });
            batch.push(unit);
            break;
        } else {
            queue.push_front(unit);
            break;
        }
    }
    batch
}

fn put_back<'p>(queue: &mut VecDeque<Unit<'p>>, units: Vec<Unit<'p>>) {
    for unit in units.into_iter().rev() {
        queue.push_front(unit);
    }
}
