//! Tests what of marks outlives a run, and what is never believed.

use super::*;
use crate::plan::Ending;
use crate::record::state::StateStore;

const HERE: &str = "https://gitlab.test";
const THERE: &str = "https://other.test";

fn marks() -> Marks {
    let mark = |package, second| ItemMark {
        since: Timestamp::from_second(second).unwrap(),
        rule: "abc".to_owned(),
        package: PackageId(package),
        project: ProjectId(1),
    };
    let of_packages = [7, 8].map(|id| (ItemId::Package(PackageId(id)), mark(id, 100)));
    // A file has the number of a package, and is another thing.
    Marks(of_packages.into_iter().chain([(ItemId::File(FileId(7)), mark(9, 200))]).collect())
}

/// A folder with the marks of one policy.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let (store, _) = StateStore::open(folder.path(), "gleaner", HERE).unwrap();
    assert!(!folder.path().join(NAME).exists(), "a GitLab without a grace has no file");
    store.marks().set("old", marks()).unwrap();
    folder
}

#[test]
fn marks_outlive_a_restart_and_a_release_and_are_of_one_policy() {
    let folder = folder();
    let (store, complaint) = StateStore::open(folder.path(), "gleaner 2", HERE).unwrap();
    assert_eq!((complaint, store.marks().of("old"), store.marks().of("new")), (None, marks(), Marks::default()));
}

#[test]
fn marks_of_one_gitlab_are_none_of_another() {
    let folder = folder();
    let path = folder.path().join(NAME);
    let refused = [MarkBook::borrow(folder.path(), THERE), MarkBook::look(folder.path(), THERE)];
    for refused in refused {
        assert!(matches!(&refused, Err(StateError::Elsewhere { theirs, .. }) if theirs == HERE), "{refused:?}");
    }
    let (store, _) = StateStore::open(folder.path(), "gleaner", THERE).unwrap();
    assert_eq!(store.marks().of("old"), Marks::default());
    store.marks().set("other", marks()).unwrap();
    let text = fs::read_to_string(path).unwrap();
    assert!(text.contains(THERE) && !text.contains(HERE) && !text.contains("\"old\""), "{text}");
}

/// Whatever is wrong with the file, nothing in it is believed.
#[test]
fn marks_that_can_not_be_understood_begin_anew_or_are_an_error() {
    let damages: [fn(String) -> String; 4] = [
        |text| text[..text.len() / 2].to_owned(),
        |_| String::new(),
        |text| text.replace("\"version\": 1", "\"version\": 2"),
        |text| text.replace("\"rule\"", "\"ruler\""),
    ];
    for (number, damage) in damages.into_iter().enumerate() {
        let folder = folder();
        let path = folder.path().join(NAME);
        let damaged = damage(fs::read_to_string(&path).unwrap());
        fs::write(&path, &damaged).unwrap();
        // A command that runs once leaves the file to whoever can tell.
        for refused in [MarkBook::borrow(folder.path(), HERE), MarkBook::look(folder.path(), HERE)] {
            assert!(matches!(refused, Err(StateError::Damaged { .. })), "damage {number}: {refused:?}");
        }
        assert_eq!(fs::read_to_string(&path).unwrap(), damaged, "damage {number}");
        let (store, complaint) = StateStore::open(folder.path(), "gleaner", HERE).unwrap();
        assert_eq!(store.marks().of("old"), Marks::default(), "damage {number}");
        assert!(complaint.unwrap().contains("every `grace` begins anew"), "damage {number}");
        assert_eq!(fs::read_to_string(folder.path().join("marks.json.damaged")).unwrap(), damaged, "damage {number}");
    }
}

#[test]
fn whoever_looks_changes_nothing() {
    let folder = folder();
    let look = StateStore::look(folder.path(), "gleaner", HERE).unwrap();
    look.marks().set("old", Marks::default()).unwrap();
    let (store, _) = StateStore::open(folder.path(), "gleaner", HERE).unwrap();
    assert_eq!(store.marks().of("old"), marks());
}

#[test]
fn what_is_gone_or_stale_is_settled_and_nothing_else() {
    let outcomes = [(Outcome::Stale, false), (Outcome::Deleted, false), (Outcome::AlreadyGone, false)];
    let others = Outcome::ALL.into_iter().filter(|outcome| outcomes.iter().all(|(over, _)| over != outcome));
    for (outcome, stays) in outcomes.into_iter().chain(others.map(|outcome| (outcome, true))) {
        let folder = folder();
        let (store, _) = StateStore::open(folder.path(), "gleaner", HERE).unwrap();
        let item = ItemId::Package(PackageId(7));
        let endings = [(item, Ending::of(outcome))].into_iter().collect();
        store.marks().settle("old", &endings).unwrap();
        drop(store);
        let (store, _) = StateStore::open(folder.path(), "gleaner", HERE).unwrap();
        let left = store.marks().of("old");
        assert_eq!((left.0.contains_key(&item), left.0.len()), (stays, 2 + usize::from(stays)), "{outcome:?}");
    }
}

#[test]
fn the_marks_of_a_policy_that_is_gone_are_forgotten() {
    let folder = folder();
    let (store, _) = StateStore::open(folder.path(), "gleaner", HERE).unwrap();
    store.keep_only(&[]).unwrap();
    assert_eq!(store.marks().of("old"), Marks::default());
}

/// What could not be written is written as soon as it can be, also when nothing else has changed by then.
#[test]
fn marks_that_were_not_written_are_written_later() {
    let folder = folder();
    let (store, _) = StateStore::open(folder.path(), "gleaner", HERE).unwrap();
    let new = folder.path().join("marks.json.new");
    fs::create_dir(&new).unwrap();
    for _ in 0..2 {
        let refused = store.marks().set("old", Marks::default());
        assert!(matches!(refused, Err(StateError::Write { .. })), "{refused:?}");
    }
    fs::remove_dir(new).unwrap();
    store.marks().set("old", Marks::default()).unwrap();
    drop(store);
    let (store, _) = StateStore::open(folder.path(), "gleaner", HERE).unwrap();
    assert_eq!(store.marks().of("old"), Marks::default());
}
