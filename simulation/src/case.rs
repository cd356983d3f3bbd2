//! Everything that one run is made from.

use gitlab_sandbox::Registry;

use crate::dice::Dice;
use crate::people::{Kind, Person, people};
use crate::policies::{PolicyFile, policies};
use crate::workers::workers;
use crate::world::registry;

/// A registry, the policies that meet it, the people who act meanwhile, and how long everything takes.
#[derive(Debug, Clone)]
pub struct Case {
    /// The seed that it came from.
    pub seed: u64,
    /// What GitLab has at first.
    pub registry: Registry,
    /// The files of the policy set.
    pub policies: Vec<PolicyFile>,
    /// Who acts.
    pub people: Vec<Person>,
    /// Who goes on working when all others have gone home. Their requests count from then on.
    pub workers: Vec<Person>,
    /// How slow the network is.
    pub pace: Pace,
    /// The most rows on a page.
    pub page: usize,
    /// For how many seconds each question stands.
    pub questions: Vec<u64>,
    /// A dry run comes first.
    pub rehearses: bool,
    /// What gleaner is told to do.
    pub command: Command,
}

/// How slow the network is: so many milliseconds for each way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    /// The least.
    pub least: u64,
    /// The most.
    pub most: u64,
}

/// What gleaner is told to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Command {
    /// `gleaner apply`, once while people act.
    Apply,
    /// `gleaner serve --execute`, for some nights.
    Serve,
}

impl Case {
    /// Returns the case of a seed, with people of these kinds alone.
    #[must_use]
    pub fn of(seed: u64, kinds: &[Kind]) -> Self {
        let mut dice = Dice::of(seed, "pace");
        let (least, most) = dice.one(&[(1, 20), (5, 150), (5, 150), (50, 600), (300, 3000)]);
        let page = dice.one(&[2, 3, 5, 10, 100]);
        let questions = (0..3).map(|_| dice.one(&[0, 30, 150, 900, 3600])).collect();
        let rehearses = dice.percent(20);
        let command = if dice.percent(15) { Command::Serve } else { Command::Apply };
        // A second run is one of `apply`.
        let is_played = |kind| kind != Kind::Second || command == Command::Apply;
        Self {
            seed,
            registry: registry(seed),
            policies: policies(seed, command),
            people: people(seed, kinds).into_iter().filter(|one| is_played(one.kind)).collect(),
            workers: workers(seed, kinds),
            pace: Pace { least, most },
            page,
            questions,
            rehearses,
            command,
        }
    }
}
