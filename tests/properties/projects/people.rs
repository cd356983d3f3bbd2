//! Whatever people do meanwhile, a hold holds by every path that was seen or that leads to the project.

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;

use gitlab_sandbox::{Act, Happening, Options};
use gleaner_support::cases;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use proptest::test_runner::{Config, TestRunner};

use crate::projects::world::{GROUPS, PROJECTS, Start, former_path, losers, rehearse, set, start};

/// About so many requests does a walk of this GitLab take, so that an act falls between any two of them.
const REQUESTS: u64 = 30;

#[derive(Debug, Clone)]
struct Case {
    start: Start,
    acts: Vec<(u64, Act)>,
    holds: Vec<String>,
    spared: Vec<String>,
    archived: &'static str,
}

fn act() -> impl Strategy<Value = Act> {
    let id = 1..=6_u64;
    let renamed = (id.clone(), select(vec!["acme", "acme/c", "other"]))
        .prop_map(|(id, group)| Act::RenameProject { id, to: format!("{group}/new-{id}") });
    let group = select(vec!["2", "3", "4"]);
    let group_acts: [fn(String) -> Act; 3] =
        [|path| Act::ArchiveGroup { path }, |path| Act::UnarchiveGroup { path }, |path| Act::MarkGroup { path }];
    prop_oneof![
        4 => renamed,
        2 => Just(Act::MoveGroup { from: "2".to_owned(), to: "acme/elsewhere".to_owned() }),
        1 => Just(Act::MoveGroup { from: "3".to_owned(), to: "acme/c/below".to_owned() }),
        2 => id.clone().prop_map(|id| Act::ArchiveProject { id }),
        1 => id.clone().prop_map(|id| Act::UnarchiveProject { id }),
        1 => id.clone().prop_map(|id| Act::MarkProject { id }),
        1 => id.prop_map(|id| Act::DeleteProject { id }),
        2 => (group, select(group_acts.to_vec())).prop_map(|(group, act)| act(group.to_owned())),
    ]
}

fn pattern() -> impl Strategy<Value = String> {
    let paths = PROJECTS.iter().map(|(_, path)| (*path).to_owned());
    let former = (1..=6).map(former_path);
    let patterns = ["acme/a/**", "acme/a/b/*", "acme/*", "acme/c/{lib,none}", "acme/**/deep*", "4"].map(str::to_owned);
    select(paths.chain(former).chain(patterns).collect::<Vec<_>>())
}

fn case() -> impl Strategy<Value = Case> {
    let archived = select(vec!["exclude", "include", "only"]);
    let acts = vec((1..=REQUESTS, act()), 0..=4);
    (start(), acts, vec(pattern(), 0..=3), vec(pattern(), 0..=2), archived).prop_map(
        |(start, mut acts, holds, spared, archived)| {
            acts.sort_by_key(|(before, _)| *before);
            let acts = possible(&start, acts);
            Case { start, acts, holds, spared, archived }
        },
    )
}

/// Leaves out what could not come: somebody does to a project or a group each thing once, and nothing once it is deleted.
fn possible(start: &Start, acts: Vec<(u64, Act)>) -> Vec<(u64, Act)> {
    let mut done = BTreeSet::new();
    let mut deleted = BTreeSet::new();
    let mut moved = false;
    let keep = |(_, act): &(u64, Act)| {
        // A group that is marked is called otherwise, so nothing can come into it by its name.
        let leads_into_c = match act {
            Act::RenameProject { to, .. } | Act::MoveGroup { to, .. } => to.starts_with("acme/c/"),
            _ => false,
        };
        if leads_into_c && done.contains(&("mark", 104)) {
            return false;
        }
        let (kind, target) = match act {
            Act::RenameProject { id, .. } => ("rename", *id),
            Act::ArchiveProject { id } => ("archive", *id),
            Act::UnarchiveProject { id } => ("unarchive", *id),
            Act::MarkProject { id } if start.marked.contains(id) => return false,
            Act::MarkProject { id } => ("mark", *id),
            Act::DeleteProject { id } => ("delete", *id),
            // A group that is moved takes those below along, whose names are told by their ids.
            Act::MoveGroup { .. } => return !std::mem::replace(&mut moved, true),
            Act::ArchiveGroup { path } => ("archive", 100 + path.parse::<u64>().unwrap()),
            Act::UnarchiveGroup { path } => ("unarchive", 100 + path.parse::<u64>().unwrap()),
            Act::MarkGroup { path } => ("mark", 100 + path.parse::<u64>().unwrap()),
            _ => return false,
        };
        if deleted.contains(&target) || !done.insert((kind, target)) {
            return false;
        }
        if kind == "delete" {
            deleted.insert(target);
        }
        true
    };
    acts.into_iter().filter(keep).collect()
}

/// Whether a pattern names a project by a path that was seen before the walk, or that leads to it. Each text is one of a
/// few, so that nothing of how patterns are read is needed here.
fn names(text: &str, id: u64, path: &str, start: &Start) -> bool {
    let is_literal = !text.contains(['*', '{']);
    match text {
        "4" => id == 4,
        "acme/a/**" => path.starts_with("acme/a/"),
        "acme/a/b/*" => path.starts_with("acme/a/b/"),
        "acme/*" => path == "acme/root",
        "acme/c/{lib,none}" => path == "acme/c/lib",
        "acme/**/deep*" => path.contains("/deep"),
        text => is_literal && (text == path || (start.moved.contains(&id) && text == former_path(id))),
    }
}

/// The projects that must keep their package, whatever else happens.
fn kept(case: &Case) -> BTreeSet<u64> {
    let Case { start, acts, holds, spared, archived } = case;
    let has = |wanted: &dyn Fn(&Act) -> bool| acts.iter().any(|(_, act)| wanted(act));
    let mut kept = BTreeSet::new();
    for (id, path) in PROJECTS {
        let is_deleted = has(&|act| matches!(act, Act::DeleteProject { id: one } if *one == id));
        let is_named = |texts: &[String]| texts.iter().any(|text| names(text, id, path, start));
        // By what leads to a project it is only held while it is there.
        if !is_deleted && (is_named(holds) || is_named(spared)) {
            kept.insert(id);
        }
        let is_taken_back = has(&|act| matches!(act, Act::UnarchiveProject { id: one } if *one == id));
        let stays_archived = start.archived.contains(&id) && !is_taken_back;
        let is_live = !start.archived.contains(&id) && !in_archived_group(case, id, path);
        if (*archived == "exclude" && stays_archived) || (*archived == "only" && is_live && !may_be_archived(case, id))
        {
            kept.insert(id);
        }
        if *archived == "exclude" && stays_in_archived_group(case, id, path) {
            kept.insert(id);
        }
        if start.marked.contains(&id) {
            kept.insert(id);
        }
    }
    kept
}

fn groups_of(path: &str) -> impl Iterator<Item = u64> {
    GROUPS.into_iter().filter(move |(_, group)| path.starts_with(&format!("{group}/"))).map(|(id, _)| id)
}

fn in_archived_group(case: &Case, _id: u64, path: &str) -> bool {
    groups_of(path).any(|group| case.start.groups.contains(&group))
}

/// Whether it lies in a group that is archived all the time.
fn stays_in_archived_group(case: &Case, id: u64, path: &str) -> bool {
    let is_moved_out = case.acts.iter().any(|(_, act)| match act {
        Act::RenameProject { id: one, .. } => *one == id,
        Act::MoveGroup { from, .. } => from == "3" && path.starts_with("acme/a/b/"),
        _ => false,
    });
    let is_taken_back = |group: u64| {
        let unarchives = |act: &Act| matches!(act, Act::UnarchiveGroup { path } if *path == group.to_string());
        case.acts.iter().any(|(_, act)| unarchives(act))
    };
    !is_moved_out && groups_of(path).any(|group| case.start.groups.contains(&group) && !is_taken_back(group))
}

fn may_be_archived(case: &Case, id: u64) -> bool {
    case.acts.iter().any(|(_, act)| match act {
        Act::ArchiveProject { id: one } | Act::MarkProject { id: one } => *one == id,
        Act::ArchiveGroup { .. } | Act::MarkGroup { .. } | Act::MoveGroup { .. } | Act::RenameProject { .. } => true,
        _ => false,
    })
}

#[test]
fn what_is_held_by_any_path_stays() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let (deleted, failed) = (Cell::new(0), RefCell::new(Vec::new()));
    let config = Config { cases: cases(), failure_persistence: None, ..Config::default() };
    let outcome = TestRunner::new(config).run(&case(), |case| {
        let happenings = case.acts.iter().map(|(before, act)| Happening::before(*before, act.clone())).collect();
        let options = Options { happenings, ..Options::default() };
        let set = set(case.archived, &case.holds, &case.spared);
        let memory = case.start.memory();
        let (report, _) = runtime.block_on(rehearse(case.start.registry(), options, &set, Some(&memory)));
        let lost: Vec<u64> = losers(&report).intersection(&kept(&case)).copied().collect();
        prop_assert!(lost.is_empty(), "{:?} lose their package: {:?}", lost, report.warnings);
        deleted.set(deleted.get() + losers(&report).len());
        let impossible = report.error.filter(|error| error.contains("script"));
        failed.borrow_mut().extend(impossible.map(|error| format!("{error}: {:?}", case.acts)));
        Ok(())
    });
    outcome.unwrap();
    // Something goes, so that what stays says something, and the script of people always came about.
    assert!(deleted.get() > 0);
    assert!(failed.borrow().is_empty(), "{:#?}", failed.borrow());
}

/// Where nobody remembers, it is held by what leads to it.
#[test]
fn what_is_held_by_a_path_that_leads_to_it_stays() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let literal = select(PROJECTS.iter().map(|(id, path)| (*id, *path)).collect::<Vec<_>>());
    let renames = (1..=REQUESTS, subsequence(vec![2_u64, 3], 0..=1));
    let config = Config { cases: cases(), failure_persistence: None, ..Config::default() };
    let outcome = TestRunner::new(config).run(&(start(), literal, renames), |(start, (id, path), (before, groups))| {
        let rename = Happening::before(before, Act::RenameProject { id, to: format!("acme/new-{id}") });
        let moves = groups.iter().map(|group| {
            Happening::before(before, Act::MoveGroup { from: group.to_string(), to: "acme/elsewhere".to_owned() })
        });
        let happenings = moves.chain([rename]).collect();
        let set = set("include", &[path.to_owned()], &[]);
        let options = Options { happenings, ..Options::default() };
        let (report, _) = runtime.block_on(rehearse(start.registry(), options, &set, None));
        prop_assert!(!losers(&report).contains(&id), "{:?}", report.warnings);
        Ok(())
    });
    outcome.unwrap();
}
