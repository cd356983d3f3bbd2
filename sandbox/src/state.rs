//! The state of a simulated GitLab as it is now, as it was a while ago, and with what is done to it later.

use std::collections::VecDeque;
use std::ops::{Deref, DerefMut};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::{SignedDuration, Timestamp};

use crate::clock::Clock;
use crate::registry::Registry;
use crate::world::World;

/// The present world, and those before it for as long as a replica lags. Whoever looks sees everything that is due by
/// the clock.
pub(crate) struct State {
    inner: Mutex<Inner>,
    clock: Clock,
}

struct Inner {
    present: Arc<World>,
    /// The worlds before the present one, each with the instant at which it ended.
    past: VecDeque<(Timestamp, Arc<World>)>,
    /// How far back the past is kept.
    kept: SignedDuration,
    deeds: Vec<(Timestamp, Deed)>,
    /// The present world as a registry, once somebody has asked for it.
    snapshot: Option<Arc<Registry>>,
}

type Deed = Box<dyn FnOnce(&mut Change<'_>) + Send>;

/// The present world while it is changed, at one instant. A world that somebody looks at stays as it is: the change is made
/// to a copy, of which all but the changed rows is shared.
pub(crate) struct Change<'a> {
    inner: &'a mut Inner,
    /// The instant of the change.
    pub(crate) now: Timestamp,
}

impl State {
    pub(crate) fn new(world: World, clock: Clock) -> Self {
        let inner = Inner {
            present: Arc::new(world),
            past: VecDeque::new(),
            kept: SignedDuration::ZERO,
            deeds: Vec::new(),
            snapshot: None,
        };
        Self { inner: Mutex::new(inner), clock }
    }

    /// Keeps the past of this time from now on, for [`before`](Self::before). What was before that is forgotten.
    pub(crate) fn keep(&self, time: SignedDuration) {
        self.now().1.kept = time;
    }

    /// The world as it is.
    pub(crate) fn present(&self) -> Arc<World> {
        Arc::clone(&self.now().1.present)
    }

    /// The world as it was this long ago, or the oldest that was kept.
    pub(crate) fn before(&self, time: SignedDuration) -> Arc<World> {
        let (now, inner) = self.now();
        let then = now.saturating_sub(time).unwrap_or(Timestamp::MIN);
        let past = inner.past.iter().find(|(ended, _)| *ended > then);
        Arc::clone(past.map_or(&inner.present, |(_, world)| world))
    }

    /// The whole present world; the same one as before where nothing has changed.
    pub(crate) fn snapshot(&self) -> Arc<Registry> {
        let Inner { present, snapshot, .. } = &mut *self.now().1;
        Arc::clone(snapshot.get_or_insert_with(|| Arc::new(present.snapshot())))
    }

    /// Changes the world. Nobody else does meanwhile.
    pub(crate) fn change<T>(&self, change: impl FnOnce(&mut Change<'_>) -> T) -> T {
        let (now, mut inner) = self.now();
        change(&mut Change { inner: &mut inner, now })
    }

    /// Changes the world so much later, by the clock.
    pub(crate) fn change_later(&self, time: SignedDuration, deed: impl FnOnce(&mut Change<'_>) + Send + 'static) {
        let (now, mut inner) = self.now();
        inner.deeds.push((now.saturating_add(time).unwrap_or(Timestamp::MAX), Box::new(deed)));
    }

    /// The present instant, with everything done that is due.
    fn now(&self) -> (Timestamp, MutexGuard<'_, Inner>) {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        let now = self.clock.now();
        inner.settle(now);
        (now, inner)
    }
}

impl Inner {
    /// Does what is due by this time, in its order, each deed at its own instant.
    fn settle(&mut self, now: Timestamp) {
        let first = |deeds: &[(Timestamp, Deed)]| {
            let due = deeds.iter().enumerate().filter(|(_, (due, _))| *due <= now);
            // Of several at one instant this is the one that came first.
            due.min_by_key(|(_, (due, _))| *due).map(|(at, _)| at)
        };
        while let Some(at) = first(&self.deeds) {
            let (now, deed) = self.deeds.remove(at);
            deed(&mut Change { inner: self, now });
        }
    }
}

impl Deref for Change<'_> {
    type Target = World;

    fn deref(&self) -> &World {
        &self.inner.present
    }
}

impl DerefMut for Change<'_> {
    fn deref_mut(&mut self) -> &mut World {
        let Inner { present, past, kept, snapshot, .. } = &mut *self.inner;
        *snapshot = None;
        if kept.is_positive() {
            let oldest = self.now.saturating_sub(*kept).unwrap_or(Timestamp::MIN);
            while past.front().is_some_and(|(ended, _)| *ended <= oldest) {
                past.pop_front();
            }
            past.push_back((self.now, Arc::clone(present)));
        } else {
            past.clear();
        }
        Arc::make_mut(present)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicI64, Ordering};

    use jiff::{SignedDuration, Timestamp};

    use super::State;
    use crate::clock::Clock;
    use crate::directory::Directory;
    use crate::edition::Edition;
    use crate::registry::Registry;
    use crate::store::{Context, Store};
    use crate::world::World;

    /// A past that nobody can ask for any more would fill the memory of a server that runs for days.
    #[test]
    fn the_past_is_kept_for_its_time_alone() {
        let mut registry = Registry::generate(3, 1, "2026-01-01T00:00:00Z".parse().unwrap());
        let directory = Directory::new(&mut registry);
        let context = Context::new(&mut registry, &directory, String::new(), Edition::default());
        let store = Store::new(&mut registry, &directory, context);
        let seconds = Arc::new(AtomicI64::new(0));
        let clock = Clock::new({
            let seconds = Arc::clone(&seconds);
            move || Timestamp::from_second(seconds.load(Ordering::Relaxed)).unwrap()
        });
        let state = State::new(World { directory: Arc::new(directory), store }, clock);
        let pasts = || state.now().1.past.len();
        let change = || {
            seconds.fetch_add(10, Ordering::Relaxed);
            state.change(|world| world.store.clean_up());
        };
        change();
        assert_eq!(pasts(), 0, "nobody lags");
        state.keep(SignedDuration::from_secs(25));
        for expected in [1, 2, 3, 3, 3] {
            change();
            assert_eq!(pasts(), expected);
        }
        state.keep(SignedDuration::ZERO);
        change();
        assert_eq!(pasts(), 0);
    }
}
