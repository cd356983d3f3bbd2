//! Every small world: up to three packages of one key and one of another, under one delete rule and one keep rule of one
//! condition each. The plan is held against the oracle in each of them.
//!
//! A test run takes a part of them, spread evenly. `GLEANER_WORLDS=all` takes every one.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::env;

use gleaner::package::{BranchesSeen, Downloaded, Evidence, Lookup, Package, PackageFile, PackageId, ProjectId};
use gleaner::plan::inventory::InventoryBuilder;
use gleaner::plan::{Inquiry, Plan, plan};
use gleaner::policy::PolicySet;
use gleaner::yaml::Source;
use gleaner_oracle::Oracle;
use gleaner_oracle::branches::BranchesKnown;
use gleaner_support::{NOW, days_ago, file, package, parsed};

const DELETE: [&str; 8] = [
    "older_than: 30d",
    "not_downloaded_for: 30d",
    "never_downloaded: true",
    "prerelease: true",
    "superseded: true",
    "version_below: 2.0.0",
    "version: \"1.*\"",
    "downloaded_within: 30d",
];

const KEEP: [&str; 8] = [
    "newest: 1",
    "newest: 1, by: created",
    "newest: 1, by: version",
    "downloaded_within: 30d",
    "younger_than: 30d",
    "prerelease: false",
    "superseded: false",
    "version: \"2.*\"",
];

const CREATED: [i64; 3] = [100, 40, 5];
const UPLOADED_LATER: [bool; 2] = [false, true];
const IN_USE: [bool; 2] = [false, true];
const VERSIONS: [&str; 3] = ["1.0.0", "2.0.0-rc1", "2.0.0"];

/// How many states a package can be in.
const STATES: usize = CREATED.len() * UPLOADED_LATER.len() * IN_USE.len() * VERSIONS.len();

/// Without `GLEANER_WORLDS=all`, one of so many is taken.
const ONE_OF: usize = 4_999;

/// A package in one of its states, with its files.
fn made(id: u64, name: &str, state: usize) -> (Package, Vec<PackageFile>) {
    let (state, created) = (state / CREATED.len(), CREATED[state % CREATED.len()]);
    let (state, is_late) = (state / 2, UPLOADED_LATER[state % 2]);
    let (state, is_in_use) = (state / 2, IN_USE[state % 2]);
    let row = Package {
        name: name.to_owned(),
        version: Some(VERSIONS[state].to_owned()),
        created_at: Some(days_ago(created)),
        downloaded: if is_in_use { Downloaded::At(days_ago(4)) } else { Downloaded::Never },
        ..package(id)
    };
    (row, vec![file(id, "app.tgz", if is_late { 4 } else { created })])
}

/// The states of the packages of one key, each combination once: which of two packages is in which state makes no
/// difference.
fn of_one_key() -> Vec<Vec<usize>> {
    let mut all: Vec<Vec<usize>> = vec![Vec::new()];
    let mut last = all.clone();
    for _ in 0..3 {
        let longer = |states: &Vec<usize>| {
            let first = states.last().copied().unwrap_or(0);
            let states = states.clone();
            (first..STATES).map(move |state| states.iter().copied().chain([state]).collect::<Vec<_>>())
        };
        last = last.iter().flat_map(longer).collect();
        all.extend(last.iter().cloned());
    }
    all.retain(|states| !states.is_empty());
    all
}

fn set(delete: &str, keep: &str) -> PolicySet {
    let text = format!("version: 1\nscope: {{ group: acme }}\ndelete: [{{ {delete} }}]\nkeep: [{{ {keep} }}]\n");
    parsed(&[Source::new("p.yaml", text)])
}

/// Returns where the plan and the oracle differ.
fn differs(set: &PolicySet, world: &[(Package, Vec<PackageFile>)]) -> Option<String> {
    let in_force = set.policies_at(NOW).next()?;
    let mut builder = InventoryBuilder::default();
    builder.absorb(world.iter().map(|(row, _)| row.clone()));
    let inventory = builder.finish().within(&in_force.policy().scope, None);
    let (gone, branches) = (HashSet::new(), BranchesSeen::default());
    let inquiry = Inquiry { in_force, inventory: &inventory, gone: &gone, branches: &branches, wanted: None };
    let files: BTreeMap<PackageId, &Vec<PackageFile>> = world.iter().map(|(row, files)| (row.id, files)).collect();
    let projects: BTreeSet<ProjectId> = world.iter().map(|(row, _)| row.project.id).collect();
    let answers = |ids: &BTreeSet<PackageId>, of: &BTreeSet<ProjectId>| {
        let mut evidence = Evidence::none();
        ids.iter().for_each(|id| evidence.record_files(*id, Lookup::Found(files[id].clone())));
        of.iter().for_each(|project| evidence.record_protection(*project, Lookup::Found(Vec::new())));
        evidence
    };
    let planned = plan(in_force, inventory.clone(), &answers(&files.keys().copied().collect(), &projects));
    // What is asked in rounds leads to the same deletions.
    let asked = inquiry.answered(|questions| answers(&questions.files, &questions.protection));
    let going = |plan: &Plan| plan.deletions().map(|decision| decision.package.id).collect::<Vec<_>>();
    let in_rounds = going(&plan(in_force, inventory.clone(), &asked));
    if in_rounds != going(&planned) {
        return Some(format!("asked in rounds, {in_rounds:?} go; with everything known, {:?}", going(&planned)));
    }
    let rows: Vec<Package> = world.iter().map(|(row, _)| row.clone()).collect();
    let oracle = Oracle {
        set,
        policy: in_force.policy(),
        rows: &rows,
        taken: &[],
        files: world.iter().map(|(row, files)| (row.id, Lookup::Found(files.clone()))).collect(),
        built_from: BTreeMap::new(),
        kinds: BTreeMap::new(),
        downloads: BTreeMap::new(),
        failed: BTreeSet::new(),
        links: projects.iter().map(|project| (*project, Some(Vec::new()))).collect(),
        protection: projects.iter().map(|project| (*project, Some(Vec::new()))).collect(),
        branches: BranchesKnown { of: BTreeMap::new(), seen: &branches, lists: Vec::new(), more: Vec::new() },
        in_use: None,
        now: NOW,
    };
    planned.decisions().iter().find_map(|decision| {
        let expected = oracle.ruling(&decision.package);
        let has = (decision.reason.code(), decision.reason.rule());
        (has != (expected.code, expected.rule))
            .then(|| format!("{:#?}\nplan {has:?}, oracle {expected:?}", decision.package))
    })
}

#[test]
fn every_small_world_is_planned_as_the_documentation_says() {
    let one_of = if env::var_os("GLEANER_WORLDS").is_some_and(|worlds| worlds == "all") { 1 } else { ONE_OF };
    let sets: Vec<(String, PolicySet)> = DELETE
        .iter()
        .flat_map(|delete| KEEP.iter().map(move |keep| (format!("delete {delete}, keep {keep}"), set(delete, keep))))
        .collect();
    let (mut all, mut tried) = (0_usize, 0_usize);
    for states in of_one_key() {
        for other in 0..=STATES {
            let begin = all;
            all += sets.len();
            // The number of the next world that is taken.
            let mut next = begin.next_multiple_of(one_of);
            if next >= all {
                continue;
            }
            let mut world: Vec<_> = (1..).zip(&states).map(|(id, state)| made(id, "core", *state)).collect();
            world.extend((other > 0).then(|| made(9, "side", other - 1)));
            while next < all {
                let (name, set) = &sets[next - begin];
                if let Some(difference) = differs(set, &world) {
                    panic!("{name}\n{world:#?}\n{difference}");
                }
                tried += 1;
                next += one_of;
            }
        }
    }
    println!("{tried} of {all} small worlds");
    assert_eq!((all, tried), (21_638_784, 21_638_784_usize.div_ceil(one_of)));
}
