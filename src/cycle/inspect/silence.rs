//! Finds out whether a GitLab that tells no downloads in its listings tells them of a single package.
//!
//! All packages of a GitLab have the same keys. So a few are asked for side by side, and the others only if one of them
//! tells.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use crate::package::Downloaded;

/// How many packages have to be silent before all are taken to be.
const ENOUGH: usize = 3;

/// Keeps whether GitLab told a download in one cycle. Look-ups that run side by side share it.
#[derive(Debug, Default)]
pub(super) struct Silence {
    silent: AtomicUsize,
    has_told: AtomicBool,
}

impl Silence {
    /// Takes note of an answer. A package that may not be asked for says nothing of GitLab.
    pub(super) fn note(&self, downloaded: Downloaded) {
        match downloaded {
            Downloaded::NotListed => {
                self.silent.fetch_add(1, Ordering::Relaxed);
            }
            Downloaded::At(_) | Downloaded::Never | Downloaded::Unreadable => {
                self.has_told.store(true, Ordering::Relaxed);
            }
            Downloaded::Unknown => {}
        }
    }

    /// Returns whether GitLab tells none, so that nothing more should be asked.
    pub(super) fn is_certain(&self) -> bool {
        self.silent.load(Ordering::Relaxed) >= ENOUGH
    }

    /// Returns how many packages may be asked for side by side before the answers are looked at.
    pub(super) fn worth_asking(&self) -> usize {
        match self.has_told.load(Ordering::Relaxed) {
            true => usize::MAX,
            false => ENOUGH.saturating_sub(self.silent.load(Ordering::Relaxed)),
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;

    #[test]
    fn three_that_do_not_tell_are_enough_and_one_that_does_opens_the_rest() {
        let silence = Silence::default();
        let after = |downloaded| {
            silence.note(downloaded);
            (silence.worth_asking(), silence.is_certain())
        };
        assert_eq!((silence.worth_asking(), silence.is_certain()), (3, false));
        assert_eq!(after(Downloaded::NotListed), (2, false));
        assert_eq!(after(Downloaded::Unknown), (2, false));
        assert_eq!(after(Downloaded::NotListed), (1, false));
        assert_eq!(after(Downloaded::NotListed), (0, true));
        for told in [Downloaded::At(Timestamp::UNIX_EPOCH), Downloaded::Never, Downloaded::Unreadable] {
            let silence = Silence::default();
            silence.note(told);
            assert_eq!((silence.worth_asking(), silence.is_certain()), (usize::MAX, false), "{told:?}");
        }
    }
}
