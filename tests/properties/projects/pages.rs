//! A list of projects that is read with too much, too little, the same twice, or too late, never makes anything go that a
//! whole one keeps.

use std::cell::Cell;

use gitlab_sandbox::faults::{Fault, Kind, Rule};
use gitlab_sandbox::{Act, Faults, Happening, Options};
use gleaner_support::cases;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::{Config, TestRunner};

use crate::projects::world::{PROJECTS, losers, rehearse, set, start};

fn rule() -> impl Strategy<Value = Rule> {
    let of_list = |fault| Rule::new(fault).kind(Kind::GroupProjects);
    prop_oneof![
        (1..=3_u64).prop_map(move |page| of_list(Fault::EmptyPage).page(page)),
        // The page before comes again, whole or in part.
        (1..=4_usize, 2..=3_u64).prop_map(move |(rows, page)| of_list(Fault::RepeatRows(rows)).from_page(page)),
        (1..=3_usize, 1..=3_u64).prop_map(move |(rows, page)| of_list(Fault::SkipRows(rows)).from_page(page)),
        select(PROJECTS.to_vec()).prop_map(move |(_, path)| of_list(Fault::HideProject(path.to_owned()))),
    ]
}

/// What somebody does whose project or group is put away. (What is taken back may go as soon as that is seen.)
fn act() -> impl Strategy<Value = Act> {
    let id = 1..=6_u64;
    let group = || select(vec!["2", "3", "4"]).prop_map(str::to_owned);
    prop_oneof![
        id.clone().prop_map(|id| Act::ArchiveProject { id }),
        select(PROJECTS.to_vec()).prop_map(|(id, path)| Act::RenameProject { id, to: format!("{path}-new") }),
        id.prop_map(|id| Act::DeleteProject { id }),
        group().prop_map(|path| Act::ArchiveGroup { path }),
        group().prop_map(|path| Act::MarkGroup { path }),
    ]
}

/// A page that comes after somebody's act, and not before it.
#[test]
fn a_page_that_is_delayed_deletes_no_more() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let deleted = Cell::new(0);
    let config = Config { cases: cases(), failure_persistence: None, ..Config::default() };
    let archived = select(vec!["exclude", "include"]);
    let outcome =
        TestRunner::new(config).run(&(start(), act(), 1..=3_u64, archived), |(start, act, page, archived)| {
            let set = set(archived, &["acme/a/app".to_owned(), "acme/c/**".to_owned()], &[]);
            let memory = start.memory();
            let run = |pattern: &str| {
                let happenings = vec![Happening::before(1, act.clone()).path(pattern)];
                let options = Options { happenings, ..Options::default() };
                losers(&runtime.block_on(rehearse(start.registry(), options, &set, Some(&memory))).0)
            };
            let in_time = run("*/groups/acme/packages?*");
            let late = run(&format!("*/groups/acme/projects?*page={page}"));
            prop_assert!(late.is_subset(&in_time), "{:?} go, and {:?} without the delay", late, in_time);
            deleted.set(deleted.get() + in_time.len());
            Ok(())
        });
    outcome.unwrap();
    assert!(deleted.get() > 0);
}

#[test]
fn a_list_that_is_not_whole_deletes_no_more() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let deleted = Cell::new(0);
    let archived = select(vec!["exclude", "include", "only"]);
    let config = Config { cases: cases(), failure_persistence: None, ..Config::default() };
    let outcome = TestRunner::new(config).run(&(start(), vec(rule(), 1..=3), archived), |(start, rules, archived)| {
        let set = set(archived, &["acme/a/app".to_owned(), "acme/c/**".to_owned()], &[]);
        let run = |faults| {
            let options = Options { faults, ..Options::default() };
            losers(&runtime.block_on(rehearse(start.registry(), options, &set, None)).0)
        };
        let whole = run(Faults::default());
        let faulty = run(Faults { seed: 1, rules });
        prop_assert!(faulty.is_subset(&whole), "{:?} go, and with a whole list {:?}", faulty, whole);
        deleted.set(deleted.get() + whole.len());
        Ok(())
    });
    outcome.unwrap();
    assert!(deleted.get() > 0);
}
