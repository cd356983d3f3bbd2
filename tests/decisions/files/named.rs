//! What a saved plan names of files: a checksum goes with its file, or both stay.

use gleaner::plan::{FileDecision, ItemId, NamedItem, NamedItems, Plan, Verdict};

use super::{generic, planned};

const RULES: &str = "files: [{ type: generic, keep_newest: 1, keep_newest_per: package, older_than: 30d }]";

const FILES: [(&str, i64); 7] = [
    ("a.zip", 100),
    ("a.zip.sha256", 100),
    ("a.zip.asc", 100),
    ("a.zip.asc.md5", 100),
    ("b.zip", 90),
    ("b.zip.sha256", 90),
    ("c.zip", 1),
];

/// Names these files, by their places.
fn naming(plan: &Plan, named: impl Fn(usize) -> bool) -> NamedItems {
    let files = plan.file_decisions().iter().enumerate().filter(|(place, _)| named(*place));
    let item = |(_, decision): (usize, &FileDecision)| {
        let package = &plan.decision(decision.package).unwrap().package;
        let named = NamedItem {
            package: package.id,
            project: package.project.id,
            package_type: package.package_type.as_str().to_owned(),
            name: package.name.clone(),
            version: package.version.clone(),
            file_name: decision.file.name.clone(),
            path: None,
            status: None,
            downloaded: None,
            content: None,
        };
        (ItemId::File(decision.file.id), named)
    };
    NamedItems(files.map(item).collect())
}

fn goes(plan: Plan, named: &[usize]) -> Vec<&'static str> {
    let names = naming(&plan, |place| named.contains(&place));
    let narrowed = plan.only(&names);
    let going = narrowed.file_decisions().iter().zip(FILES);
    going.filter(|(decision, _)| decision.verdict() == Verdict::Delete).map(|(_, (name, _))| name).collect()
}

#[test]
fn a_file_goes_only_with_everything_that_belongs_to_it() {
    let whole = planned(RULES, generic(), &FILES);
    let table: [(&[usize], &[&str]); 6] = [
        (&[0, 1, 2, 3, 4, 5], &["a.zip", "a.zip.sha256", "a.zip.asc", "a.zip.asc.md5", "b.zip", "b.zip.sha256"]),
        (&[4, 5], &["b.zip", "b.zip.sha256"]),
        (&[0, 4, 5], &["b.zip", "b.zip.sha256"]),
        (&[0, 1, 2, 4], &[]),
        (&[3], &[]),
        (&[], &[]),
    ];
    for (named, expected) in table {
        assert_eq!(goes(whole.clone(), named), expected, "{named:?}");
    }
}

/// Whatever is named, no more goes than would without it, and nothing that isn't named.
#[test]
fn no_more_goes_than_is_named_and_would_go_now() {
    let whole = planned(RULES, generic(), &FILES);
    for subset in 0..1_u32 << FILES.len() {
        let names = naming(&whole, |place| subset >> place & 1 == 1);
        let narrowed = whole.clone().only(&names);
        for (before, after) in whole.file_decisions().iter().zip(narrowed.file_decisions()) {
            let goes = after.verdict() == Verdict::Delete;
            assert!(!goes || before.verdict() == Verdict::Delete, "{subset:b}");
            assert!(!goes || names.0.contains_key(&ItemId::File(after.file.id)), "{subset:b}");
        }
    }
}
