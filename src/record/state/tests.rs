//! Tests what outlives a restart, and what is forgotten.

use super::*;
use crate::package::{FileId, PackageId};
use crate::plan::{Backlog, Held, ItemId};

fn open(folder: &Path, generator: &str, instance: &str) -> (StateStore, Option<String>) {
    StateStore::open(folder, generator, instance).unwrap()
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

fn paths(paths: &PathsSeen) -> Noted<'_> {
    Noted { paths: Some(paths), ..Noted::default() }
}

fn branches(sightings: &BTreeMap<ProjectId, BranchSighting>) -> Noted<'_> {
    Noted { branches: Some(sightings), ..Noted::default() }
}

fn backlog(left: &Backlog) -> Noted<'_> {
    Noted { backlog: Some(left), ..Noted::default() }
}

fn rehearsed(store: &StateStore) -> Option<String> {
    store.of("snapshots").rehearsed
}

/// A folder whose state knows of one rehearsal and one success.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let (store, complaint) = open(&folder.path().join("made"), "gleaner 1", "https://gitlab.test");
    assert_eq!((complaint, rehearsed(&store)), (None, None));
    let change = |state: &mut PolicyState| {
        state.rehearsed = Some("abc".to_owned());
        state.last_success = Some(Timestamp::UNIX_EPOCH);
    };
    store.update("snapshots", change).unwrap();
    folder
}

#[test]
fn what_was_noted_outlives_a_restart() {
    let folder = folder();
    let (store, complaint) = open(&folder.path().join("made"), "gleaner 1", "https://gitlab.test");
    assert_eq!((complaint, rehearsed(&store).as_deref()), (None, Some("abc")));
    let files: Vec<_> = fs::read_dir(folder.path().join("made")).unwrap().map(|file| file.unwrap()).collect();
    assert_eq!(files.len(), 1, "{files:?}");
}

#[test]
fn two_daemons_do_not_share_a_state() {
    let folder = tempfile::tempdir().unwrap();
    let first = open(folder.path(), "gleaner 1", "https://gitlab.test");
    let second = StateStore::open(folder.path(), "gleaner 1", "https://gitlab.test");
    assert!(matches!(second, Err(StateError::Taken { .. })), "{second:?}");
    drop(first);
    open(folder.path(), "gleaner 1", "https://gitlab.test");
}

#[test]
fn another_release_or_another_gitlab_rehearses_again() {
    let folder = folder();
    let made = folder.path().join("made");
    let (store, _) = open(&made, "gleaner 2", "https://gitlab.test");
    assert_eq!((rehearsed(&store), store.of("snapshots").last_success), (None, Some(Timestamp::UNIX_EPOCH)));
    drop(store);
    let (store, _) = open(&made, "gleaner 2", "https://other.test");
    assert_eq!(store.of("snapshots"), PolicyState::default());
}

#[test]
fn a_damaged_state_is_set_aside_and_told() {
    let whole = |folder: &Path| fs::read_to_string(folder.join("made/state.json")).unwrap();
    let damages: [fn(String) -> String; 4] = [
        |text| text[..text.len() / 2].to_owned(),
        |_| String::new(),
        |text| text.replace("\"version\": 2", "\"version\": 3"),
        |text| text.replace("\"abc\"", "17"),
    ];
    for (number, damage) in damages.into_iter().enumerate() {
        let folder = folder();
        let made = folder.path().join("made");
        let damaged = damage(whole(folder.path()));
        fs::write(made.join("state.json"), &damaged).unwrap();
        let (store, complaint) = open(&made, "gleaner 1", "https://gitlab.test");
        assert_eq!(rehearsed(&store), None, "damage {number}");
        assert!(complaint.unwrap().contains("every policy is rehearsed again"), "damage {number}");
        assert_eq!(fs::read_to_string(made.join("state.json.damaged")).unwrap(), damaged, "damage {number}");
    }
}

#[test]
fn a_folder_that_can_not_be_made_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("file"), "").unwrap();
    let error = StateStore::open(&folder.path().join("file/state"), "gleaner 1", "https://gitlab.test");
    assert!(matches!(error, Err(StateError::Folder { .. })), "{error:?}");
}

fn seen(id: u64, paths: &[&str]) -> PathsSeen {
    let mut seen = PathsSeen::default();
    for path in paths {
        seen.note(ProjectId(id), path);
    }
    seen
}

fn held(projects: &[u64]) -> HeldProjects {
    let projects = projects.iter().map(|id| ProjectId(*id)).collect();
    HeldProjects([("legal".to_owned(), Held { text: "digest".to_owned(), projects })].into())
}

#[test]
fn every_path_of_a_project_is_remembered_and_none_forgotten() {
    let folder = folder();
    let made = folder.path().join("made");
    let (store, _) = open(&made, "gleaner 1", "https://gitlab.test");
    store.remember("snapshots", Noted { held: Some(&held(&[7])), ..paths(&seen(7, &["acme/old"])) }, at(0)).unwrap();
    store.remember("others", paths(&seen(7, &["acme/New"])), at(0)).unwrap();
    drop(store);
    // Neither a policy that goes nor another release makes it forget a path.
    let (store, _) = open(&made, "gleaner 2", "https://gitlab.test");
    assert_eq!(store.memory_of("snapshots").held, Some(held(&[7])));
    store.keep_only(&[]).unwrap();
    assert_eq!(
        store.memory_of("snapshots"),
        Memory { paths: seen(7, &["acme/old", "acme/new"]), is_kept: true, ..Memory::default() }
    );
    drop(store);
    // On another GitLab the id is another project's.
    let (store, _) = open(&made, "gleaner 2", "https://other.test");
    assert_eq!(store.paths(), PathsSeen::default());
}

#[test]
fn a_state_of_the_release_before_is_read() {
    let folder = folder();
    let file = folder.path().join("made/state.json");
    let text = fs::read_to_string(&file).unwrap().replace("\"version\": 2", "\"version\": 1");
    let without_projects = text.split(",\n  \"projects\"").next().unwrap().to_owned() + "\n}\n";
    fs::write(&file, without_projects).unwrap();
    let (store, complaint) = open(&folder.path().join("made"), "gleaner 1", "https://gitlab.test");
    assert_eq!((complaint, rehearsed(&store).as_deref()), (None, Some("abc")));
}

/// A command that runs once must neither begin anew nor take the folder from a daemon.
#[test]
fn a_folder_is_borrowed_and_never_begun_anew() {
    let folder = folder();
    let made = folder.path().join("made");
    let (gleaner, here, there) = ("gleaner 2", "https://gitlab.test", "https://other.test");
    let before = fs::read_to_string(made.join("state.json")).unwrap();
    let elsewhere = [StateStore::borrow(&made, gleaner, there), StateStore::look(&made, gleaner, there)];
    for refused in elsewhere {
        assert!(matches!(&refused, Err(StateError::Elsewhere { theirs, .. }) if theirs == here), "{refused:?}");
    }
    assert_eq!(fs::read_to_string(made.join("state.json")).unwrap(), before);
    let store = StateStore::borrow(&made, gleaner, here).unwrap();
    assert!(matches!(StateStore::borrow(&made, gleaner, here), Err(StateError::Taken { .. })));
    store.remember("snapshots", paths(&seen(7, &["acme/app"])), at(0)).unwrap();
    // Whoever looks sees it, and notes nothing.
    let look = StateStore::look(&made, gleaner, here).unwrap();
    assert_eq!(look.paths(), seen(7, &["acme/app"]));
    look.remember("snapshots", paths(&seen(8, &["acme/lib"])), at(0)).unwrap();
    drop(store);
    let (store, _) = open(&made, "gleaner 1", here);
    assert_eq!((store.paths(), rehearsed(&store).as_deref()), (seen(7, &["acme/app"]), Some("abc")));
    drop(store);
    // What can't be written down would be forgotten: a branch that comes back, for one.
    fs::create_dir(made.join("state.json.new")).unwrap();
    let refused = StateStore::borrow(&made, gleaner, here);
    assert!(matches!(refused, Err(StateError::Write { .. })), "{refused:?}");
    assert_eq!(StateStore::look(&made, gleaner, here).unwrap().paths(), seen(7, &["acme/app"]));
    fs::remove_dir(made.join("state.json.new")).unwrap();
    fs::write(made.join("state.json"), "{").unwrap();
    for refused in [StateStore::borrow(&made, gleaner, here), StateStore::look(&made, gleaner, here)] {
        assert!(matches!(refused, Err(StateError::Damaged { .. })), "{refused:?}");
    }
    let nothing = StateStore::look(&folder.path().join("none"), gleaner, here).unwrap();
    assert_eq!(nothing.paths(), PathsSeen::default());
}

fn sighting(there: &[&str], gone: &[&str]) -> BTreeMap<ProjectId, BranchSighting> {
    let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    let sighting = BranchSighting { default: Some("main".to_owned()), there: names(there), gone: names(gone) };
    BTreeMap::from([(ProjectId(7), sighting)])
}

#[test]
fn branches_that_are_gone_outlive_a_restart_and_a_release_and_no_other_gitlab() {
    let (folder, here) = (folder(), "https://gitlab.test");
    let made = folder.path().join("made");
    let (store, _) = open(&made, "gleaner 1", here);
    // A file without branches says nothing of them.
    assert!(!fs::read_to_string(made.join("state.json")).unwrap().contains("branches"));
    store.remember("snapshots", branches(&sighting(&["main"], &["x", "y"])), at(10)).unwrap();
    drop(store);
    let (store, _) = open(&made, "gleaner 2", here);
    store.remember("snapshots", branches(&sighting(&["main", "y"], &["x"])), at(20)).unwrap();
    let seen = store.branches();
    assert_eq!(["x", "y"].map(|name| seen.gone_since(ProjectId(7), name)), [Some(at(10)), None]);
    assert_eq!(seen.0[&ProjectId(7)].defaults, BTreeSet::from(["main".to_owned()]));
    // Whoever looks sees it, and notes nothing.
    let look = StateStore::look(&made, "gleaner 2", here).unwrap();
    assert_eq!(look.memory_of("any").branches, seen);
    look.remember("snapshots", branches(&sighting(&["main", "x"], &[])), at(30)).unwrap();
    assert_eq!(StateStore::look(&made, "gleaner 2", here).unwrap().branches(), seen);
    drop(store);
    // On another GitLab the id is another project's.
    let (store, _) = open(&made, "gleaner 2", "https://other.test");
    assert_eq!(store.branches(), BranchesSeen::default());
}

#[test]
fn what_is_left_of_an_approved_plan_outlives_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let approved = [ItemId::Package(PackageId(7)), ItemId::Package(PackageId(8)), ItemId::File(FileId(7))].into();
    let left = Backlog { by: "abc".to_owned(), approved, tried: [ItemId::File(FileId(7))].into() };
    let (store, _) = open(folder.path(), "gleaner 1", "https://gitlab.test");
    assert_eq!(store.memory_of("snapshots").backlog, None);
    store.remember("snapshots", backlog(&left), at(0)).unwrap();
    drop(store);
    let (store, _) = open(folder.path(), "gleaner 1", "https://gitlab.test");
    assert_eq!(store.memory_of("snapshots").backlog, Some(left));
    // Once nothing is left, nothing is remembered.
    store.remember("snapshots", backlog(&Backlog::default()), at(0)).unwrap();
    drop(store);
    let (store, _) = open(folder.path(), "gleaner 1", "https://gitlab.test");
    assert_eq!(store.memory_of("snapshots").backlog, None);
}
