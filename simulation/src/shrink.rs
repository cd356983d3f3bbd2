//! Makes a case smaller for as long as it breaks the same promise: fewer people, then fewer policies and packages.

use std::path::Path;

use crate::case::Case;
use crate::check::violations;
use crate::promise::Promise;
use crate::run::play;

/// Returns the smallest case that was found to break the promise.
#[must_use]
pub fn shrunk(case: &Case, promise: Promise, folder: &Path) -> Case {
    let mut smallest = case.clone();
    loop {
        let smaller = candidates(&smallest).into_iter().find(|candidate| breaks(candidate, promise, folder));
        match smaller {
            Some(smaller) => smallest = smaller,
            None => return smallest,
        }
    }
}

fn breaks(case: &Case, promise: Promise, folder: &Path) -> bool {
    play(case, folder).is_ok_and(|played| violations(&played).iter().any(|violation| violation.promise == promise))
}

/// Returns the case with one thing less, each way once.
fn candidates(case: &Case) -> Vec<Case> {
    let mut smaller = Vec::new();
    let mut without = |change: &dyn Fn(&mut Case)| {
        let mut one = case.clone();
        change(&mut one);
        smaller.push(one);
    };
    if case.rehearses {
        without(&|case| case.rehearses = false);
    }
    for at in 0..case.workers.len() {
        without(&|case| _ = case.workers.remove(at));
    }
    for at in 0..case.people.len() {
        without(&|case| _ = case.people.remove(at));
    }
    for at in 0..case.policies.len() {
        // A set has a policy.
        if case.policies.iter().filter(|file| file.name != "hold.yaml").count() > 1
            || case.policies[at].name == "hold.yaml"
        {
            without(&|case| _ = case.policies.remove(at));
        }
    }
    for at in 0..case.registry.packages.len() {
        without(&|case| remove_package(case, at));
    }
    for (at, file) in case.policies.iter().enumerate() {
        for rule in file.text.lines().filter(|line| line.starts_with("  - ")) {
            without(&|case| remove_rule(&mut case.policies[at].text, rule));
        }
    }
    for project in &case.registry.projects {
        let is_empty = !case.registry.packages.iter().any(|package| package.project_id == project.id);
        if is_empty && case.registry.projects.len() > 1 {
            without(&|case| case.registry.projects.retain(|other| other.id != project.id));
        }
    }
    smaller
}

/// Removes a rule, and the key above it where it was the last one there.
fn remove_rule(text: &mut String, rule: &str) {
    let mut lines: Vec<&str> = text.lines().collect();
    let Some(at) = lines.iter().position(|line| *line == rule) else { return };
    lines.remove(at);
    let is_rule = |at: usize| lines.get(at).is_some_and(|line| line.starts_with("  - "));
    if at > 0 && !is_rule(at) && !is_rule(at - 1) {
        lines.remove(at - 1);
    }
    *text = lines.iter().map(|line| format!("{line}\n")).collect();
}

fn remove_package(case: &mut Case, at: usize) {
    let package = case.registry.packages.remove(at);
    let address = format!("/-/packages/{}", package.id);
    for release in case.registry.projects.iter_mut().flat_map(|project| &mut project.releases) {
        release.links.retain(|link| !link.url.ends_with(&address));
    }
}
