//! The packages that a deletion was sent for lately. GitLab may finish one later, or show what is gone already.

use std::collections::{BTreeMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};

use crate::package::PackageId;

/// A listing that was made this long after a deletion was sent tells whether it was done.
pub const SETTLED: SignedDuration = SignedDuration::from_mins(2);

/// The packages that a deletion was sent for, each with the time. Clones share them; they don't outlive the process.
#[derive(Debug, Clone, Default)]
pub struct SentLately(Arc<Mutex<BTreeMap<PackageId, Timestamp>>>);

impl SentLately {
    /// Notes that deletions of these packages were sent until `at`.
    pub fn note(&self, sent: &HashSet<PackageId>, at: Timestamp) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.retain(|_, then| at.duration_since(*then) < SETTLED);
        known.extend(sent.iter().map(|id| (*id, at)));
    }

    /// Returns those of which a listing that began at `at` can't tell whether they are there.
    #[must_use]
    pub fn unsettled_at(&self, at: Timestamp) -> HashSet<PackageId> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.iter().filter(|(_, then)| at.duration_since(**then) < SETTLED).map(|(id, _)| *id).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_listing_of_two_minutes_later_tells_what_is_there() {
        let sent = SentLately::default();
        let at = |seconds: i64| Timestamp::constant(1_780_000_000 + seconds, 0);
        sent.note(&HashSet::from([PackageId(1)]), at(0));
        sent.note(&HashSet::from([PackageId(2)]), at(60));
        let unsettled = |seconds| {
            let mut ids: Vec<u64> = sent.unsettled_at(at(seconds)).into_iter().map(|id| id.0).collect();
            ids.sort_unstable();
            ids
        };
        assert_eq!(
            (unsettled(-5), unsettled(119), unsettled(120), unsettled(180)),
            (vec![1, 2], vec![1, 2], vec![2], vec![])
        );
    }
}
