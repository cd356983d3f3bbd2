use super::*;
use crate::package::{BuiltFrom, Downloaded, Permission, Project, ProjectId};

fn at(second: i64) -> Timestamp {
    Timestamp::constant(1_700_000_000 + second, 0)
}

/// An npm package that was made in this second.
pub(in crate::cycle::look) fn package(id: u64, second: i64) -> Package {
    Package {
        id: PackageId(id),
        project: Project::unread(ProjectId(1), Some("acme/app".to_owned())),
        package_type: PackageType::Npm,
        name: "app".to_owned(),
        channel: None,
        version: Some(format!("{id}.0.0")),
        status: Status::Default,
        created_at: Some(at(second)),
        downloaded: Downloaded::Never,
        tags: Some(Vec::new()),
        built_from: BuiltFrom::NotListed,
        permission: Permission::Granted,
        unreadable: None,
    }
}

/// A page in the middle of a listing without filters, the oldest first, with the packages 1 and 2 of the seconds 10 and 20.
fn middle() -> PageSeen {
    PageSeen {
        package_type: None,
        status: None,
        name: None,
        order: ListingOrder::OldestFirst,
        ids: HashSet::from([PackageId(1), PackageId(2)]),
        span: Some((at(10), at(20))),
        is_first: false,
        is_last: false,
        is_told: true,
    }
}

fn first() -> PageSeen {
    PageSeen { is_first: true, ..middle() }
}

fn last() -> PageSeen {
    PageSeen { is_last: true, ..middle() }
}

fn newest_first(page: PageSeen) -> PageSeen {
    PageSeen { order: ListingOrder::NewestFirst, span: page.span.map(|(one, other)| (other, one)), ..page }
}

#[test]
fn a_page_lacks_what_has_its_place_between_its_rows_or_where_the_listing_begins_or_ends() {
    // The seconds 5, 10, 15, 20 and 25.
    let table = [
        ("in the middle", middle(), [false, false, true, false, false]),
        ("at the beginning", first(), [true, true, true, false, false]),
        ("at the end", last(), [false, false, true, true, true]),
        ("all of it", PageSeen { is_first: true, ..last() }, [true; 5]),
    ];
    for (name, page, expected) in table {
        let lacks = |page: &PageSeen| [5, 10, 15, 20, 25].map(|second| page.lacks(&package(9, second)));
        assert_eq!(lacks(&page), expected, "{name}");
        // In the other order the first page has the youngest.
        let turned = PageSeen { is_first: page.is_last, is_last: page.is_first, ..newest_first(page) };
        assert_eq!(lacks(&turned), expected, "{name}, the newest first");
    }
}

/// Nothing settles the order of equal dates: what has the date of the last row may stand on the next page.
#[test]
fn rows_of_one_date_prove_nothing_of_another_with_that_date() {
    let ties = PageSeen { span: Some((at(10), at(10))), ..middle() };
    assert!([5, 10, 15].iter().all(|second| !ties.lacks(&package(9, *second))));
    let of_first = PageSeen { is_first: true, ..ties };
    assert!(of_first.lacks(&package(9, 5)) && !of_first.lacks(&package(9, 10)));
}

#[test]
fn a_page_says_nothing_of_what_its_listing_never_shows() {
    let whole = || PageSeen { is_first: true, ..last() };
    let plain = || package(9, 15);
    let hidden = || Package { status: Status::Hidden, ..plain() };
    let module = || Package { package_type: PackageType::TerraformModule, ..plain() };
    let table = [
        ("no filter", whole(), plain(), true),
        ("its own row", PageSeen { ids: HashSet::from([PackageId(9)]), ..whole() }, plain(), false),
        ("its type", PageSeen { package_type: Some(PackageType::Npm), ..whole() }, plain(), true),
        ("another type", PageSeen { package_type: Some(PackageType::Pypi), ..whole() }, plain(), false),
        ("a type that is listed alone", whole(), module(), false),
        (
            "the listing of that type",
            PageSeen { package_type: Some(PackageType::TerraformModule), ..whole() },
            module(),
            true,
        ),
        ("a status that is listed alone", whole(), hidden(), false),
        ("the listing of that status", PageSeen { status: Some(Status::Hidden), ..whole() }, hidden(), true),
        ("another status", PageSeen { status: Some(Status::Hidden), ..whole() }, plain(), false),
        ("a failed upload", whole(), Package { status: Status::Error, ..plain() }, true),
        ("its name", PageSeen { name: Some("app".to_owned()), ..whole() }, plain(), true),
        ("another name", PageSeen { name: Some("ap".to_owned()), ..whole() }, plain(), false),
        ("no word of the end", PageSeen { is_told: false, ..whole() }, plain(), false),
        ("no date", whole(), Package { created_at: None, ..plain() }, false),
    ];
    for (name, page, package, expected) in table {
        assert_eq!(page.lacks(&package), expected, "{name}");
    }
}

#[test]
fn a_page_without_dates_proves_nothing_unless_the_listing_is_empty() {
    let empty = PageSeen { ids: HashSet::new(), span: None, ..middle() };
    for (is_first, is_last, expected) in [(true, true, true), (true, false, false), (false, true, false)] {
        let page = PageSeen { is_first, is_last, ..empty.clone() };
        assert_eq!(page.lacks(&package(9, 15)), expected, "first: {is_first}, last: {is_last}");
    }
    let undated = PageSeen { span: None, is_first: true, ..last() };
    assert!(!undated.lacks(&package(9, 15)));
}

#[test]
fn a_listing_is_past_a_date_once_its_last_row_is() {
    let table = [(19, true), (20, false), (21, false)];
    for (second, expected) in table {
        assert_eq!(middle().is_past(Some(at(second))), expected, "{second}");
    }
    let turned = newest_first(middle());
    assert!(turned.is_past(Some(at(11))) && !turned.is_past(Some(at(10))));
    assert!(!middle().is_past(None));
}
