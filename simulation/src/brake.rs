//! Holds deletions to the policy files on the disk: what somebody stopped there stops, at once or within seconds.

use std::sync::Arc;

use gleaner::policy::{Mode, Policy, PolicySet};
use jiff::Timestamp;

use crate::edits::stops;
use crate::look::Look;
use crate::notes::{Exchange, State};
use crate::run::{CycleTold, Played};
use crate::time::{At, seconds};

/// A set that stood for a time, from the first instant to the last.
pub(crate) type Stood<'s> = (Option<&'s Arc<PolicySet>>, Timestamp, Timestamp);

/// For so many seconds a reading of the files in the middle of a batch may be used.
const GLANCE: u64 = 5;

/// Tells a deletion that left although the files held it up: all the time from the end of its look until it left, or the
/// last seconds of that.
///
/// Files that make no set hold up a batch as a whole: within one, only what stops everything is looked for every few
/// seconds.
pub(crate) fn held_up(deletion: usize, played: &Played) -> Option<String> {
    let all = &played.notes.exchanges;
    let Exchange { sent, cycle, .. } = all[deletion];
    let (cycle, look) = (played.cycles.get(cycle?)?, Look::before(all, deletion)?);
    let ended = look.ended(all, deletion);
    let since = ended.max(sent - seconds(GLANCE));
    let stood = |since| standing(&played.notes.states, since, sent);
    let let_go = stood(since)
        .any(|(set, begin, end)| set.is_none_or(|set| [begin, end].into_iter().any(|now| lets_go(set, cycle, now))));
    let problem = match stood(ended).any(|(set, ..)| set.is_some()) {
        false => "the policy files made no set",
        true if !let_go => "the policy files held it up",
        true => return None,
    };
    let target = all[deletion].deletes?;
    Some(format!("the deletion of {target} was sent at {}, and {problem} since {}", At(sent), At(since)))
}

/// Returns the sets that stood from one instant to another, both included.
pub(crate) fn standing(states: &[State], from: Timestamp, to: Timestamp) -> impl Iterator<Item = Stood<'_>> {
    states.iter().enumerate().filter_map(move |(at, state)| {
        let begin = state.since.max(from);
        let end = states.get(at + 1).map_or(to, |next| next.since).min(to);
        (begin <= end).then_some((state.set.as_ref(), begin, end))
    })
}

/// Returns whether a set lets go at this instant what was planned: nothing is paused, and the policy is the approved one
/// still, but for what it keeps.
pub(crate) fn lets_go(set: &Arc<PolicySet>, cycle: &CycleTold, now: Timestamp) -> bool {
    let is_same = |planned: &Policy, policy: &Policy| {
        policy.mode == Mode::Delete && (Arc::ptr_eq(set, &cycle.set) || policy.binding() == planned.binding())
    };
    let policies = cycle.policy().zip(set.policy(&cycle.policy));
    !stops(set.instance.as_ref(), now) && policies.is_some_and(|(planned, policy)| is_same(planned, policy))
}
