use super::*;
use crate::cycle::look::page::tests::package;

fn named(id: u64, name: &str) -> Package {
    Package { name: name.to_owned(), ..package(id, i64::try_from(id).unwrap()) }
}

/// How rows are read where these ids are to go, and these are witnesses. The rows have the ids from 1, the oldest first, and
/// the names that `name` gives them.
fn chosen(count: u64, going: &[u64], witnesses: &[u64], name: impl Fn(u64) -> String) -> ReadingWay {
    let rows: Vec<Package> = (1..=count).map(|id| named(id, &name(id))).collect();
    let set = |ids: &[u64]| ids.iter().map(|id| PackageId(*id)).collect();
    way(&rows.iter().collect::<Vec<_>>(), &set(going), &set(witnesses))
}

fn by_name(names: &[&str]) -> ReadingWay {
    ReadingWay::ByName(names.iter().map(|name| (*name).to_owned()).collect())
}

#[test]
fn the_way_with_the_fewest_pages_is_taken() {
    use ReadingWay::{BothEnds, OldestFirst};
    let one = |_: u64| "app".to_owned();
    // The package of every hundredth row has a name of its own; the others share one.
    let own = |id: u64| if id.is_multiple_of(100) { format!("own-{id}") } else { "bulk".to_owned() };
    type Case<'a> = (&'a str, u64, &'a [u64], &'a [u64], &'a dyn Fn(u64) -> String, ReadingWay);
    let table: [Case<'_>; 10] = [
        ("a page has all", 100, &[1], &[100], &one, OldestFirst),
        ("two pages either way", 200, &[1], &[200], &one, OldestFirst),
        ("the witness is far off", 1_000, &[1, 2], &[1_000], &one, BothEnds),
        ("the witness is near", 1_000, &[1], &[150], &one, OldestFirst),
        ("all go", 1_000, &[1, 999], &[1_000], &one, OldestFirst),
        ("no witness", 1_000, &[901], &[], &own, OldestFirst),
        ("a name of its own", 1_000, &[900], &[], &own, by_name(&["own-900"])),
        ("two names", 1_000, &[500], &[900], &own, by_name(&["own-500", "own-900"])),
        ("a common name", 1_000, &[501], &[900], &own, BothEnds),
        ("nothing goes, and a witness is last", 1_000, &[], &[1_000], &one, BothEnds),
    ];
    for (case, count, going, witnesses, name, expected) in table {
        assert_eq!(chosen(count, going, witnesses, name), expected, "{case}");
    }
}

/// GitLab's search finds every name that has the words of the one that is sought. Spaces and the like would part or join
/// them.
#[test]
fn a_name_is_sought_where_that_finds_it_and_little_else() {
    for (name, expected) in [
        ("own", by_name(&["own"])),
        ("@acme/own.core_x-1+2:3", by_name(&["@acme/own.core_x-1+2:3"])),
        ("own core", ReadingWay::OldestFirst),
        ("own\"core", ReadingWay::OldestFirst),
        ("own%", ReadingWay::OldestFirst),
        ("", ReadingWay::OldestFirst),
        // All the others hold it, in capitals.
        ("ul", ReadingWay::OldestFirst),
    ] {
        let names = |id: u64| if id == 950 { name.to_owned() } else { "BULK".to_owned() };
        assert_eq!(chosen(1_000, &[950], &[], names), expected, "{name:?}");
    }
}

/// The same package may be known by two spellings, and a search for one finds no other.
#[test]
fn every_spelling_among_what_goes_and_its_witnesses_is_sought() {
    let names = |id: u64| match id {
        500 => "Acme.Core".to_owned(),
        900 => "acme-core".to_owned(),
        _ => "bulk".to_owned(),
    };
    assert_eq!(chosen(1_000, &[500], &[900], names), by_name(&["Acme.Core", "acme-core"]));
}
