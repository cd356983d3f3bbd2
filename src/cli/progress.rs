//! What a person sees while a cycle runs: one line that moves on a terminal, and every retry and failure.

use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use jiff::Timestamp;

use super::terminal::{is_watched, say};
use crate::event::{Event, Observer, RequestCounts};
use crate::report::printable;

/// Listens for the terminal, and counts requests for the report.
pub(super) struct Progress {
    bar: ProgressBar,
    pub(super) requests: RequestCounts,
    listed: AtomicUsize,
    asked: AtomicUsize,
    read: AtomicUsize,
    deleted: AtomicUsize,
    /// GitLab's clock when it last answered, in seconds since 1970; 0 before the first answer.
    theirs: AtomicI64,
}

impl Progress {
    /// The bar hides itself where stderr is no terminal.
    pub(super) fn new() -> Self {
        let bar = ProgressBar::new_spinner();
        if let Ok(style) = ProgressStyle::with_template("{spinner} {prefix}: {wide_msg}") {
            bar.set_style(style);
        }
        Self {
            bar,
            requests: RequestCounts::default(),
            listed: AtomicUsize::new(0),
            asked: AtomicUsize::new(0),
            read: AtomicUsize::new(0),
            deleted: AtomicUsize::new(0),
            theirs: AtomicI64::new(0),
        }
    }

    /// Begins with the cycle of the policy of this name.
    pub(super) fn begin(&self, policy: &str) {
        for count in [&self.listed, &self.asked, &self.read, &self.deleted] {
            count.store(0, Ordering::Relaxed);
        }
        self.bar.enable_steady_tick(Duration::from_millis(120));
        self.bar.set_prefix(policy.to_owned());
        self.bar.set_message("listing packages");
    }

    pub(super) fn end(&self) {
        self.bar.finish_and_clear();
    }

    /// How far GitLab's clock is from `now`; `None` where it has not told the time.
    pub(super) fn clocks_apart(&self, now: Timestamp) -> Option<Duration> {
        let theirs = Timestamp::from_second(self.theirs.load(Ordering::Relaxed)).ok()?;
        (theirs > Timestamp::UNIX_EPOCH).then(|| now.duration_since(theirs).unsigned_abs())
    }

    /// Takes the moving line out of a question's way.
    pub(super) fn rest(&self) {
        self.bar.disable_steady_tick();
        self.bar.set_prefix("");
        self.bar.set_message("");
    }

    /// Does something that writes to the terminal, with the moving line out of its way.
    pub(super) fn aside<T>(&self, action: impl FnOnce() -> T) -> T {
        self.bar.suspend(action)
    }
}

impl Observer for Progress {
    fn on(&self, event: &Event) {
        self.requests.on(event);
        match event {
            Event::PageRead { rows } => {
                let listed = self.listed.fetch_add(*rows, Ordering::Relaxed) + rows;
                self.bar.set_message(format!("{listed} packages listed"));
            }
            Event::EvidenceAsked { packages } => {
                self.asked.store(*packages, Ordering::Relaxed);
            }
            Event::EvidenceRead { package, problem } => {
                if let Some(problem) = problem {
                    self.aside(|| {
                        let problem = printable(problem);
                        say(&format!("warning: the files of package {package} were not looked up: {problem}"));
                    });
                }
                let read = self.read.fetch_add(1, Ordering::Relaxed) + 1;
                let asked = self.asked.load(Ordering::Relaxed);
                self.bar.set_message(format!("files of {read} of {asked} packages looked up"));
            }
            Event::Deleted { package, package_type, outcome, problem } => {
                let deleted = self.deleted.fetch_add(1, Ordering::Relaxed) + 1;
                self.bar.set_message(format!("{deleted} deletions ended"));
                match problem {
                    Some(problem) => {
                        let problem = printable(problem);
                        self.aside(|| say(&format!("warning: package {package}: {}: {problem}", outcome.code())));
                    }
                    // Should the run be killed before its report, the log still has what is gone.
                    None if !is_watched() => say(&format!("{package_type} package {package}: {}", outcome.code())),
                    None => {}
                }
            }
            Event::Retrying { path, why, wait, attempt, tries, .. } => {
                let wait = wait.as_secs_f32();
                let next = attempt + 1;
                self.aside(|| say(&format!("warning: {path}: {why}; try {next} of {tries} in {wait:.1} s")));
            }
            Event::Clock { theirs } => self.theirs.store(theirs.as_second(), Ordering::Relaxed),
            Event::Requested { .. } | Event::Throttled { .. } | Event::RateLimit { .. } => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clocks_are_compared_once_gitlab_has_told_the_time() {
        let now = Timestamp::constant(1_780_000_000, 0);
        let progress = Progress::new();
        assert_eq!(progress.clocks_apart(now), None);
        for (theirs, apart) in [(1_780_000_000, 0), (1_780_000_400, 400), (1_779_999_600, 400)] {
            progress.on(&Event::Clock { theirs: Timestamp::constant(theirs, 0) });
            assert_eq!(progress.clocks_apart(now), Some(Duration::from_secs(apart)));
        }
    }
}
