//! Knows what runs when: schedules go in, due policies come out. The present is a parameter, so that years pass in a
//! test.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use crate::policy::{Policy, Schedule};

/// The next run of every policy that has a schedule.
#[derive(Debug)]
pub struct Agenda {
    jitter: Jitter,
    entries: BTreeMap<String, ScheduledPolicy>,
    /// Policies that run, whether they are still in the set or not.
    running: BTreeSet<String>,
    /// The present when it was last asked.
    seen: Timestamp,
}

/// Every next run is counted anew if the clock is set back by more than this: it was wrong before, and those runs may
/// be years off. If it is set back by less, a run is late by no more than this, and counted anew it might come twice.
const SET_BACK: SignedDuration = SignedDuration::from_hours(1);

/// How long scheduled runs are put off, so that not everybody asks GitLab on the stroke of the hour.
#[derive(Debug, Clone, Copy)]
pub struct Jitter {
    /// The longest delay; zero is none.
    pub max: Duration,
    /// A number that differs between daemons with the same policies.
    pub seed: u64,
}

/// A policy that is to run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Due<'a> {
    /// The name of the policy.
    pub policy: &'a str,
    /// Since when.
    pub since: Timestamp,
    /// Whether it is to run, or only to be rehearsed.
    pub call: Call,
}

/// The kind of run that is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Call {
    /// Its time has come, or somebody wants it to run now.
    Run,
    /// It is to be shown before its time, and nothing more.
    Rehearse,
}

#[derive(Debug)]
struct ScheduledPolicy {
    schedule: Schedule,
    /// The same for policies that look at the same groups or projects, so that those stay together.
    salt: u64,
    /// When it runs next by its schedule, jitter included; `None` where the calendar ends.
    next: Option<Timestamp>,
    /// Since when it is asked for, whatever its schedule says.
    asked: Option<Timestamp>,
    /// Since when its rehearsal is asked for.
    rehearsal: Option<Timestamp>,
}

impl Agenda {
    /// Makes an agenda without policies.
    #[must_use]
    pub fn new(jitter: Jitter) -> Self {
        Self { jitter, entries: BTreeMap::new(), running: BTreeSet::new(), seen: Timestamp::MIN }
    }

    /// Takes over a set of policies. One whose schedule did not change keeps its next run; a new one runs at its first
    /// fire after `since`, which is `now` unless a fire may have been missed before. Rehearsals have to be asked for anew:
    /// those that were asked for belong to the set before.
    pub fn load<'p>(
        &mut self,
        policies: impl IntoIterator<Item = &'p Policy>,
        now: Timestamp,
        since: impl Fn(&Policy) -> Option<Timestamp>,
    ) {
        let mut before = std::mem::take(&mut self.entries);
        for policy in policies {
            let known = before.remove(&policy.name);
            let Some(schedule) = &policy.schedule else { continue };
            let salt = salt(policy, self.jitter.seed);
            let entry = match known {
                Some(entry) if entry.schedule.is_same(schedule) => ScheduledPolicy { salt, rehearsal: None, ..entry },
                known => ScheduledPolicy {
                    schedule: schedule.clone(),
                    salt,
                    next: self.jitter.put_off(schedule.next_after(since(policy).unwrap_or(now)), salt),
                    asked: known.and_then(|entry| entry.asked),
                    rehearsal: None,
                },
            };
            self.entries.insert(policy.name.clone(), entry);
        }
    }

    /// Has a policy run as soon as it can, beside its schedule and without jitter.
    pub fn ask_for(&mut self, policy: &str, now: Timestamp) {
        if let Some(entry) = self.entries.get_mut(policy) {
            entry.asked.get_or_insert(now);
        }
    }

    /// Has a policy rehearsed as soon as it can.
    pub fn ask_for_rehearsal(&mut self, policy: &str, now: Timestamp) {
        if let Some(entry) = self.entries.get_mut(policy) {
            entry.rehearsal.get_or_insert(now);
        }
    }

    /// Returns the policies that are due and not running, the longest due first.
    #[must_use]
    pub fn due(&self, now: Timestamp) -> Vec<Due<'_>> {
        let waiting = self.entries.iter().filter(|(name, _)| !self.running.contains(*name));
        let mut due: Vec<Due<'_>> = waiting.filter_map(|(name, entry)| entry.due(name, now)).collect();
        due.sort_by(|a, b| (a.since, a.policy).cmp(&(b.since, b.policy)));
        due
    }

    /// Takes note of the present. Where the clock was set back far, every next run is counted anew.
    pub fn look(&mut self, now: Timestamp) {
        if self.seen > Timestamp::MIN && self.seen.duration_since(now) > SET_BACK {
            let jitter = self.jitter;
            for entry in self.entries.values_mut() {
                entry.next = jitter.put_off(entry.schedule.next_after(now), entry.salt);
            }
        }
        self.seen = now;
    }

    /// Notes that a policy runs. Every fire up to now is this run: missed ones collapse into one.
    pub fn begin(&mut self, policy: &str, now: Timestamp) {
        let jitter = self.jitter;
        let Some(entry) = self.entries.get_mut(policy) else { return };
        self.running.insert(policy.to_owned());
        entry.asked = None;
        entry.rehearsal = None;
        if entry.next.is_some_and(|next| next <= now) {
            entry.next = jitter.put_off(entry.schedule.next_after(now), entry.salt);
        }
    }

    /// Notes that a policy no longer runs.
    pub fn end(&mut self, policy: &str) {
        self.running.remove(policy);
    }

    /// Returns when the next policy becomes due that is not due yet.
    #[must_use]
    pub fn wake(&self, now: Timestamp) -> Option<Timestamp> {
        self.entries.values().filter_map(|entry| entry.next).filter(|next| *next > now).min()
    }

    /// Returns when a policy runs next, and how long it is from that run to the one after it; `None` where it has no
    /// schedule.
    #[must_use]
    pub fn run_of(&self, policy: &str) -> Option<(Option<Timestamp>, Option<Duration>)> {
        let entry = self.entries.get(policy)?;
        let after = entry.next.and_then(|next| entry.schedule.next_after(next));
        let interval = entry.next.zip(after).map(|(next, after)| after.duration_since(next).unsigned_abs());
        Some((entry.next, interval))
    }
}

impl ScheduledPolicy {
    fn due<'a>(&self, policy: &'a str, now: Timestamp) -> Option<Due<'a>> {
        let by_schedule = self.next.filter(|next| *next <= now);
        let run = self.asked.into_iter().chain(by_schedule).min();
        let since = run.into_iter().chain(self.rehearsal).min()?;
        let call = if run.is_some() { Call::Run } else { Call::Rehearse };
        Some(Due { policy, since, call })
    }
}

impl Jitter {
    /// Returns no jitter at all.
    #[must_use]
    pub const fn none() -> Self {
        Self { max: Duration::ZERO, seed: 0 }
    }

    /// Puts a fire off, always by the same time for the same fire of policies with the same salt.
    fn put_off(self, fire: Option<Timestamp>, salt: u64) -> Option<Timestamp> {
        let fire = fire?;
        let max = u64::try_from(self.max.as_millis()).unwrap_or(u64::MAX);
        if max == 0 {
            return Some(fire);
        }
        let mut hasher = DefaultHasher::new();
        (salt, fire.as_second()).hash(&mut hasher);
        let delay = SignedDuration::from_millis(i64::try_from(hasher.finish() % max).unwrap_or(0));
        Some(fire.saturating_add(delay).unwrap_or(fire))
    }
}

fn salt(policy: &Policy, seed: u64) -> u64 {
    let mut hasher = DefaultHasher::new();
    (seed, &policy.scope.reach).hash(&mut hasher);
    hasher.finish()
}
