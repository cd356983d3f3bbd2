//! Finds, in the log of requests, the second look that a deletion rests on.
//!
//! A look begins and ends with `GET /projects/:id` of the project. Between its end and the deletion only other deletions
//! leave, and readings of files.

use jiff::Timestamp;

use crate::lies::Lie;
use crate::notes::Exchange;

/// The part of the log that is one look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Look {
    /// The number of its first request. Tries that failed count.
    pub first: usize,
    /// The number of the answer that opened it.
    pub opened: usize,
    /// The number of its last request.
    pub closed: usize,
}

impl Look {
    /// Returns the look that the deletion of this number rests on: the last one of its project before it.
    #[must_use]
    pub fn before(all: &[Exchange], deletion: usize) -> Option<Self> {
        let of_cycle = all[deletion].cycle;
        let project = project_of(&all[deletion])?;
        let mut back = (0..deletion).rev().filter(|at| all[*at].cycle == of_cycle).filter(|at| {
            let path = &all[*at].path;
            // What other projects are asked for doesn't matter.
            project_of(&all[*at]) == Some(project) || path.starts_with("/api/v4/groups/")
        });
        let asks_for_project = |at: usize| {
            all[at].method == "GET" && all[at].path.strip_prefix("/api/v4/projects/") == Some(&project.to_string())
        };
        let answers = |at: usize| asks_for_project(at) && all[at].status == Some(200);
        let closed = back.find(|at| answers(*at))?;
        let opened = back.find(|at| answers(*at))?;
        // A look before may have come to no answer.
        let tries = back.take_while(|at| asks_for_project(*at) && !answers(*at) && all[*at].is_repeated);
        Some(Self { first: tries.last().unwrap_or(opened), opened, closed })
    }

    /// Returns when its last answer came, before the policy files were read: that of the project or of a group above it.
    #[must_use]
    pub fn ended(&self, all: &[Exchange], deletion: usize) -> Timestamp {
        let groups =
            all[self.closed..deletion].iter().filter(|one| is_of_group(one) && one.cycle == all[deletion].cycle);
        let heard = groups.chain([&all[self.closed]]).filter_map(|one| one.heard);
        heard.max().unwrap_or(all[self.closed].sent)
    }

    /// Returns its answers.
    pub fn answers<'e>(&self, all: &'e [Exchange], project: u64) -> impl Iterator<Item = &'e Exchange> + use<'e> {
        let answers = self.own(all).filter(|one| one.method == "GET");
        answers.filter(move |one| project_of(one).is_none_or(|of| of == project))
    }

    /// Returns what its cycle sent from its first answer to its last. Another process may ask meanwhile.
    fn own<'e>(&self, all: &'e [Exchange]) -> impl Iterator<Item = &'e Exchange> + use<'e> {
        let cycle = all[self.opened].cycle;
        all[self.opened..=self.closed].iter().filter(move |one| one.cycle == cycle)
    }

    /// Returns how many seconds behind the replica was that answered it, if one did.
    #[must_use]
    pub fn lag(&self, all: &[Exchange]) -> u64 {
        let lies = self.own(all).chain([&all[self.first]]).filter_map(|one| one.lie);
        lies.map(Lie::lag).max().unwrap_or(0)
    }

    /// Returns when its first request was sent.
    #[must_use]
    pub fn begun(&self, all: &[Exchange]) -> Timestamp {
        all[self.first].sent
    }
}

/// Returns whether a request asks for a group itself.
fn is_of_group(exchange: &Exchange) -> bool {
    let group = exchange.path.strip_prefix("/api/v4/groups/");
    exchange.method == "GET" && group.is_some_and(|rest| !rest.contains('/'))
}

/// Returns the project that a request is about, where its path has it as a number.
#[must_use]
pub fn project_of(exchange: &Exchange) -> Option<u64> {
    let rest = exchange.path.strip_prefix("/api/v4/projects/")?;
    rest.split(['/', '?']).next()?.parse().ok()
}
