//! Listings of branches that are answered from a cache, as GitLab answers them for 30 seconds (lib/api/branches.rb).

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};

use crate::directory::Caller;
use crate::world::World;

/// For each caller and URL the world that its listing was made of, and when.
pub(crate) struct KeptBranches {
    time: SignedDuration,
    kept: Mutex<HashMap<(Caller, String), Kept>>,
}

type Kept = (Timestamp, Arc<World>);

impl KeptBranches {
    /// Keeps a listing for this time; with none at all it is always made anew.
    pub(crate) fn new(time: SignedDuration) -> Self {
        Self { time, kept: Mutex::default() }
    }

    /// The world to make a listing of: the kept one, or else this one, which is kept from now on.
    pub(crate) fn world(&self, caller: Caller, url: &str, now: Timestamp, world: &Arc<World>) -> Arc<World> {
        if !self.time.is_positive() {
            return Arc::clone(world);
        }
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.retain(|_, (made, _)| now.duration_since(*made) < self.time);
        let fresh = || (now, Arc::clone(world));
        Arc::clone(&kept.entry((caller, url.to_owned())).or_insert_with(fresh).1)
    }
}
