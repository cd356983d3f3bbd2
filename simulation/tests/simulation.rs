//! The simulation itself: it tells the same story twice, finds nothing where nobody acts, and nothing where people do.
#![allow(clippy::unwrap_used, reason = "in a test, a panic is the report")]

use simulation::case::Case;
use simulation::check::violations;
use simulation::people::Kind;
use simulation::promise::Violation;
use simulation::run::play;
use simulation::story::{setting, story};

/// Plays a seed, and returns its story and what it broke.
fn played(seed: u64, kinds: &[Kind]) -> (String, Vec<Violation>) {
    let folder = tempfile::tempdir().unwrap();
    let case = Case::of(seed, kinds);
    let played = play(&case, folder.path()).unwrap();
    (setting(&case) + &story(&played), violations(&played))
}

#[test]
fn a_seed_tells_the_same_story_twice() {
    for seed in 1..=20 {
        assert_eq!(played(seed, &Kind::ALL), played(seed, &Kind::ALL), "seed {seed}");
    }
}

#[test]
fn seeds_tell_different_stories() {
    let deletes = |story: &str| story.matches("GitLab deletes").count();
    let stories: Vec<String> = (1..=20).map(|seed| played(seed, &Kind::ALL).0).collect();
    assert!(
        stories.iter().any(|story| deletes(story) > 5) && stories.iter().any(|story| story.contains("** somebody"))
    );
}

#[test]
fn no_promise_is_broken() {
    for seed in 1..=200 {
        let (story, broken) = played(seed, &Kind::ALL);
        assert!(broken.is_empty(), "seed {seed}: {broken:?}\n{story}");
    }
}

#[test]
fn where_nobody_acts_no_promise_is_broken() {
    for seed in 1..=100 {
        let (story, broken) = played(seed, &[]);
        assert!(broken.is_empty(), "seed {seed}: {broken:?}\n{story}");
    }
}
