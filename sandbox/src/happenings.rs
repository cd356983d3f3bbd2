//! Acts of people while a client works: they publish, download, delete, move, archive and link, each before a certain
//! request is answered, or after. From Rust or from a JSON file:
//!
//! ```json
//! [
//!   {"before": 3, "act": {"rename_project": {"id": 101, "to": "acme/platform/kernel"}}},
//!   {"after": 1, "method": "GET", "path": "*/releases*", "act": {"download": {"package": 7}}, "optional": true}
//! ]
//! ```

mod act;
mod written;

use serde::Serialize;

pub use act::{Act, ActError, NewFile, Publication};

use crate::wildcard;

/// One thing that somebody does, once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(into = "written::Written")]
pub struct Happening {
    /// The time at which it is done.
    pub moment: Moment,
    /// `GET`, `DELETE`, …
    pub method: Option<String>,
    /// A pattern for the path and query as they were sent, in which `*` stands for anything.
    pub path: Option<String>,
    /// The act itself.
    pub act: Act,
    /// It is passed over where it can't be done by then, as by somebody who finds nothing there. Otherwise the script is
    /// broken then, and every further request is answered so.
    pub optional: bool,
}

/// A time in the course of the requests. Those that fit a happening's `method` and `path` are counted, from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// When the request with this number has come, before anything is answered.
    Before(u64),
    /// When the answer to the request with this number is made, before it is sent.
    After(u64),
}

impl Happening {
    /// An act before the request of this number is answered; the other methods say which requests count.
    #[must_use]
    pub fn before(number: u64, act: Act) -> Self {
        Self { moment: Moment::Before(number), method: None, path: None, act, optional: false }
    }

    /// An act when the answer to the request of this number is made, which so tells nothing of it.
    #[must_use]
    pub fn after(number: u64, act: Act) -> Self {
        Self { moment: Moment::After(number), ..Self::before(number, act) }
    }

    /// Passes it over where it can't be done.
    #[must_use]
    pub fn optional(self) -> Self {
        Self { optional: true, ..self }
    }

    /// Counts only requests of this method.
    #[must_use]
    pub fn method(self, method: &str) -> Self {
        Self { method: Some(method.to_owned()), ..self }
    }

    /// Counts only requests whose path and query fit this pattern, in which `*` stands for anything.
    #[must_use]
    pub fn path(self, pattern: &str) -> Self {
        Self { path: Some(pattern.to_owned()), ..self }
    }

    /// Returns whether a request of this method, path and query is one that counts.
    #[must_use]
    pub fn fits(&self, method: &str, url: &str) -> bool {
        self.method.as_ref().is_none_or(|one| one.eq_ignore_ascii_case(method))
            && self.path.as_ref().is_none_or(|pattern| wildcard::fits(pattern, url))
    }
}

impl Moment {
    fn number(self) -> u64 {
        match self {
            Self::Before(number) | Self::After(number) => number,
        }
    }
}

/// The happenings while they are played.
pub(crate) struct Agenda {
    /// The happenings that are still to come.
    to_come: Vec<ToCome>,
    /// The first act that could not be done: from then on the script can't be relied on.
    failed: Option<String>,
}

/// A happening that is still to come.
pub(crate) struct ToCome {
    /// Its place in the script, from 1.
    number: usize,
    happening: Happening,
    /// The requests that fitted it so far.
    seen: u64,
}

impl Agenda {
    pub(crate) fn new(happenings: Vec<Happening>) -> Self {
        let to_come = (1..).zip(happenings).map(|(number, happening)| ToCome { number, happening, seen: 0 }).collect();
        Self { to_come, failed: None }
    }

    /// Counts a request, does in the order of the script what is due before its answer, and returns what is due after
    /// it.
    ///
    /// # Errors
    /// The first act that could not be done, now or earlier.
    pub(crate) fn pass(
        &mut self,
        method: &str,
        url: &str,
        act: impl FnMut(Act) -> Result<(), ActError>,
    ) -> Result<Vec<ToCome>, String> {
        let due = self.to_come.extract_if(.., |one| {
            one.seen += u64::from(one.happening.fits(method, url));
            one.seen > 0 && one.seen >= one.happening.moment.number()
        });
        let (before, after): (Vec<_>, Vec<_>) = due.partition(|one| matches!(one.happening.moment, Moment::Before(_)));
        self.play(before, act)?;
        Ok(after)
    }

    /// Does these, in the order of the script, until one can't be done.
    ///
    /// # Errors
    /// The first act that could not be done, now or earlier.
    pub(crate) fn play(
        &mut self,
        due: Vec<ToCome>,
        mut act: impl FnMut(Act) -> Result<(), ActError>,
    ) -> Result<(), String> {
        for ToCome { number, happening, .. } in due {
            if self.failed.is_none()
                && let Err(error) = act(happening.act)
                && !happening.optional
            {
                self.failed = Some(format!("happening {number} of the script can't come: {error}"));
            }
        }
        self.failed.clone().map_or(Ok(()), Err)
    }
}
