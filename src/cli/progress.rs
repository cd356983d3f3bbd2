//! Shows a person what a cycle does: one line that moves on a terminal, and every retry and failure.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

use super::terminal::{is_watched, say};
use crate::cycle::progress::{Event, Observer};
use crate::gitlab::{GitlabClock, Traffic, TrafficObserver as _};
use crate::plan::{Ending, Item, Outcome};
use crate::report::printable;

/// Listens for the terminal.
pub(super) struct Progress {
    bar: ProgressBar,
    pub(super) theirs: GitlabClock,
    listed: AtomicUsize,
    asked: AtomicUsize,
    read: AtomicUsize,
    sent: AtomicUsize,
}

impl Progress {
    /// Makes a bar, which hides itself where stderr is no terminal.
    pub(super) fn new() -> Self {
        let bar = ProgressBar::new_spinner();
        if let Ok(style) = ProgressStyle::with_template("{spinner} {prefix}: {wide_msg}") {
            bar.set_style(style);
        }
        Self {
            bar,
            theirs: GitlabClock::default(),
            listed: AtomicUsize::new(0),
            asked: AtomicUsize::new(0),
            read: AtomicUsize::new(0),
            sent: AtomicUsize::new(0),
        }
    }

    /// Begins with the cycle of the policy of this name.
    pub(super) fn begin(&self, policy: &str) {
        for count in [&self.listed, &self.asked, &self.read, &self.sent] {
            count.store(0, Ordering::Relaxed);
        }
        self.bar.enable_steady_tick(Duration::from_millis(120));
        self.bar.set_prefix(policy.to_owned());
        self.bar.set_message("listing packages");
    }

    pub(super) fn end(&self) {
        self.bar.finish_and_clear();
    }

    /// Takes the moving line out of a question's way.
    pub(super) fn rest(&self) {
        self.bar.disable_steady_tick();
        self.bar.set_prefix("");
        self.bar.set_message("");
    }

    /// Goes on after a question, with the cycle of the policy of this name.
    pub(super) fn go_on(&self, policy: &str) {
        self.bar.enable_steady_tick(Duration::from_millis(120));
        self.bar.set_prefix(policy.to_owned());
        self.bar.set_message("looking at what goes once more");
    }

    /// Tells how a deletion ended.
    fn deleted(&self, item: &Item, Ending { outcome, problem }: &Ending) {
        match problem {
            Some(problem) => {
                let problem = printable(problem);
                self.aside(|| say(&format!("warning: {item}: {}: {problem}", outcome.code())));
            }
            // Should the run be killed before its report, the log still has what is gone.
            None if !is_watched() => say(&format!("{item}: {}", outcome.code())),
            None => {}
        }
    }

    /// Keeps GitLab's time, and tells of every retry.
    fn exchanged(&self, traffic: &Traffic) {
        self.theirs.on(traffic);
        if let Traffic::Retrying { path, why, wait, attempt, tries, .. } = traffic {
            let wait = wait.as_secs_f32();
            let next = attempt + 1;
            self.aside(|| say(&format!("warning: {path}: {}; try {next} of {tries} in {wait:.1} s", printable(why))));
        }
    }

    /// Does something that writes to the terminal, with the moving line out of its way.
    pub(super) fn aside<T>(&self, action: impl FnOnce() -> T) -> T {
        self.bar.suspend(action)
    }
}

impl Observer for Progress {
    fn on(&self, event: &Event) {
        match event {
            Event::Traffic(traffic) => self.exchanged(traffic),
            Event::PageRead { rows } => {
                let listed = self.listed.fetch_add(*rows, Ordering::Relaxed) + rows;
                self.bar.set_message(format!("{listed} packages listed"));
            }
            Event::EvidenceAsked { lookups } => {
                self.asked.fetch_add(*lookups, Ordering::Relaxed);
            }
            Event::EvidenceRead { of, problem } => {
                if let Some(problem) = problem {
                    self.aside(|| {
                        let problem = printable(problem);
                        say(&format!("warning: {of} were not looked up: {problem}"));
                    });
                }
                let read = self.read.fetch_add(1, Ordering::Relaxed) + 1;
                let asked = self.asked.load(Ordering::Relaxed);
                self.bar.set_message(format!("{read} of {asked} look-ups ended"));
            }
            Event::DeletionSent => {
                let sent = self.sent.fetch_add(1, Ordering::Relaxed) + 1;
                let plural = if sent == 1 { "" } else { "s" };
                self.bar.set_message(format!("{sent} deletion{plural} sent"));
            }
            // The report tells what was left.
            Event::Deleted { ending: Ending { outcome: Outcome::NotAttempted, .. }, .. } => {}
            Event::Deleted { item, ending } => self.deleted(item, ending),
        }
    }
}
