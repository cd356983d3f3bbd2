//! Every way to change one thing of a policy that decides.

use gleaner::package::{PackageType, Status};
use gleaner::policy::Age;

use crate::cases::tree::Tree;

/// A file with one thing changed.
pub(crate) struct Mutant {
    /// What was changed, as a path and a difference.
    pub(crate) what: String,
    pub(crate) text: String,
}

/// All of them. A key that is not known here is a panic, so that what the language learns is not left out in silence.
pub(crate) fn of(text: &str) -> Vec<Mutant> {
    let root = Tree::parse(text);
    let mutants = top(&root);
    mutants.into_iter().map(|(what, tree)| Mutant { what, text: tree.write() }).collect()
}

/// A change: what it is, and the whole changed value.
type Changes = Vec<(String, Tree)>;

fn top(root: &Tree) -> Changes {
    each_entry(root, |key, value| match key {
        "scope" => scope(value),
        "delete" | "keep" | "protect" | "files" => each_item(value, rule, 2),
        "limits" => each_entry(value, |key, value| if key == "min_age" { ages(value) } else { Vec::new() }),
        "version" | "name" | "description" | "schedule" | "timezone" | "mode" => Vec::new(),
        unknown => panic!("what decides under `{unknown}`?"),
    })
    .into_iter()
    .chain(without(root, &["keep", "files", "limits"]))
    .collect()
}

fn scope(scope: &Tree) -> Changes {
    let changed = each_entry(scope, |key, value| match key {
        "group" | "project" => each_value(value, |path| vec![format!("{path}/other"), "other/place".to_owned()]),
        "types" => each_value(value, |text| others(text, PackageType::KNOWN.iter().map(PackageType::as_str))),
        "paths" | "topic" => each_value(value, patterns),
        "archived" => each_value(value, |text| others(text, ["exclude", "include", "only"].into_iter())),
        "subgroups" => switched(value),
        unknown => panic!("what would change `{unknown}` in a scope?"),
    });
    changed.into_iter().chain(without(scope, &["types", "paths", "topic", "archived", "subgroups"])).collect()
}

fn rule(rule: &Tree) -> Changes {
    let changed = each_entry(rule, |key, value| match key {
        "older_than" | "younger_than" | "not_downloaded_for" | "downloaded_within" | "superseded_for" => ages(value),
        "newest" | "keep_newest" | "last_series" => each_value(value, |text| {
            let count: u32 = text.parse().unwrap();
            vec![(count + 1).to_string(), count.saturating_sub(1).to_string()]
        }),
        "name" | "project" | "topic" | "version" | "tag" | "channel" | "built_from" | "file" => {
            each_value(value, patterns)
        }
        "type" => each_value(value, |text| others(text, PackageType::KNOWN.iter().map(PackageType::as_str))),
        "status" => each_value(value, |text| others(text, Status::KNOWN.iter().map(Status::as_str))),
        "by" => each_value(value, |text| others(text, ["content", "created", "version"].into_iter())),
        "newest_per" => each_value(value, |text| others(text, ["major", "minor", "patch", "ref"].into_iter())),
        "keep_newest_per" => each_value(value, |text| others(text, ["name", "package"].into_iter())),
        "id" => each_value(value, |text| vec![format!("{text}0")]),
        "larger_than" => each_value(value, |text| {
            let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap();
            let (number, unit) = text.split_at(digits);
            let number: u64 = number.parse().unwrap();
            vec![format!("{}{unit}", number + 1), format!("{}{unit}", number - 1)]
        }),
        "prerelease" | "allow_latest" | "allow_released" | "other_indexes" => switched(value),
        // They have no other value, and are taken out below.
        "never_downloaded" | "unknown_age" | "superseded" => Vec::new(),
        "version_below" => each_value(value, |text| vec![format!("{text}0"), format!("9{text}")]),
        "superseded_by" => each_value(value, |text| others(text, ["own", "any"].into_iter())),
        "until" => each_value(value, |text| {
            let day: jiff::civil::Date = text.parse().unwrap();
            vec![day.tomorrow().unwrap().to_string(), day.yesterday().unwrap().to_string()]
        }),
        "note" => Vec::new(),
        unknown => panic!("what would change `{unknown}` in a rule?"),
    });
    let Tree::Mapping(entries) = rule else { panic!("a rule is a mapping") };
    let keys: Vec<&str> = entries.iter().map(|(key, _)| key.as_str()).filter(|key| *key != "note").collect();
    changed.into_iter().chain(without(rule, &keys)).collect()
}

/// The value of each key changed in each way.
fn each_entry(tree: &Tree, change: impl Fn(&str, &Tree) -> Changes) -> Changes {
    let Tree::Mapping(entries) = tree else { panic!("{tree:?} is no mapping") };
    let mut changes = Vec::new();
    for (index, (key, value)) in entries.iter().enumerate() {
        for (what, changed) in change(key, value) {
            let mut entries = entries.clone();
            entries[index].1 = changed;
            let separator = if what.starts_with('[') { "" } else { "." };
            changes.push((format!("{key}{separator}{what}"), Tree::Mapping(entries)));
        }
    }
    changes
}

/// Each item changed in each way, and, where `least` are there, taken out.
fn each_item(list: &Tree, change: impl Fn(&Tree) -> Changes, least: usize) -> Changes {
    let Tree::List(items) = list else { panic!("{list:?} is no list") };
    let mut changes = Vec::new();
    for (index, item) in items.iter().enumerate() {
        for (what, changed) in change(item) {
            let mut items = items.clone();
            items[index] = changed;
            changes.push((format!("[{index}].{what}"), Tree::List(items)));
        }
        if items.len() >= least {
            let mut items = items.clone();
            items.remove(index);
            changes.push((format!("[{index}]: taken out"), Tree::List(items)));
        }
    }
    changes
}

/// The mapping without each of these keys, where another one is left.
fn without(tree: &Tree, keys: &[&str]) -> Changes {
    let Tree::Mapping(entries) = tree else { panic!("{tree:?} is no mapping") };
    if entries.len() < 2 {
        return Vec::new();
    }
    let there = entries.iter().map(|(key, _)| key.as_str()).filter(|key| keys.contains(key));
    there
        .map(|gone| {
            let rest = entries.iter().filter(|(key, _)| key != gone).cloned().collect();
            (format!("{gone}: taken out"), Tree::Mapping(rest))
        })
        .collect()
}

/// A value or a list of them: each replaced by each of its others, and of a list each taken out.
fn each_value(tree: &Tree, others: impl Fn(&str) -> Vec<String>) -> Changes {
    let of_one = |tree: &Tree| match tree {
        Tree::Scalar { text, is_plain } => others(text)
            .into_iter()
            .map(|other| (format!(" {text} -> {other}"), Tree::Scalar { text: other, is_plain: *is_plain }))
            .collect(),
        Tree::List(_) | Tree::Mapping(_) => panic!("{tree:?} is no value"),
    };
    match tree {
        Tree::List(_) => each_item(tree, of_one, 2),
        one => of_one(one),
    }
}

fn others<'a>(text: &str, words: impl Iterator<Item = &'a str>) -> Vec<String> {
    words.filter(|word| *word != text).map(str::to_owned).collect()
}

fn switched(tree: &Tree) -> Changes {
    each_value(tree, |text| vec![(text != "true").to_string()])
}

/// A unit more and less, a second more and less.
fn ages(tree: &Tree) -> Changes {
    each_value(tree, |text| {
        let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap();
        let (number, unit) = text.split_at(digits);
        let number: u64 = number.parse().unwrap();
        let seconds = Age::parse(text).unwrap().duration().as_secs();
        vec![
            format!("{}{unit}", number + 1),
            format!("{}{unit}", number - 1),
            format!("{}s", seconds + 1),
            format!("{}s", seconds - 1),
        ]
    })
}

/// A pattern that matches more, less, something else; and each of its stars left out.
fn patterns(text: &str) -> Vec<String> {
    let everything = if text.contains('/') { "**" } else { "*" };
    let mut others = vec![everything.to_owned(), "something-else".to_owned(), format!("!{text}")];
    others.extend(text.match_indices('*').map(|(at, star)| format!("{}{}", &text[..at], &text[at + star.len()..])));
    others.retain(|other| other != text && !other.is_empty());
    others
}

mod tests {
    use super::of;

    #[test]
    fn each_condition_is_changed_in_each_way() {
        let text = "version: 1\nscope: { group: acme, types: [npm] }\ndelete:\n  - { version: 'a*', older_than: 2d }\n";
        let told: Vec<String> = of(text).into_iter().map(|mutant| mutant.what).collect();
        let types = 14;
        assert_eq!(told.len(), 2 + types + 4 + 4 + 2 + 1, "{told:#?}");
        for what in [
            "scope.group. acme -> other/place",
            "scope.types[0]. npm -> maven",
            "scope.types: taken out",
            "delete[0].version. a* -> !a*",
            "delete[0].version. a* -> a",
            "delete[0].older_than. 2d -> 172801s",
            "delete[0].older_than: taken out",
        ] {
            assert!(told.iter().any(|told| told == what), "{what} is not in {told:#?}");
        }
    }

    #[test]
    fn what_lifts_and_what_orders_is_changed_too() {
        let text = "version: 1\nscope: { group: acme }\ndelete:\n  - { type: helm, other_indexes: true, allow_latest: true }\n  \
                    - { unknown_age: true, allow_released: true }\nkeep:\n  - { newest: 2, by: created }\n";
        let told: Vec<String> = of(text).into_iter().map(|mutant| mutant.what).collect();
        for what in [
            "delete[0].other_indexes. true -> false",
            "delete[0].other_indexes: taken out",
            "delete[1].allow_released. true -> false",
            "delete[1].unknown_age: taken out",
            "keep[0].by. created -> content",
            "keep[0].by. created -> version",
            "keep[0].by: taken out",
        ] {
            assert!(told.iter().any(|told| told == what), "{what} is not in {told:#?}");
        }
    }
}
