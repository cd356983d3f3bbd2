//! Holds the house: who may use whom, that no circle of files grows, what the core never touches, and that a name of a
//! type means one thing.
//!
//! `--nocapture figures` prints how many files, arrows and circles there are. With another folder in
//! `CARGO_MANIFEST_DIR`, the built test tells of another checkout.
#![allow(clippy::unwrap_used, reason = "in a test, a panic is the report")]

mod circles;
mod source;
mod tree;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use std::{env, fs};

use circles::{Circle, circles};
use gleaner::package::PackageType;
use source::Source;
use tree::Tree;

/// The rooms: each uses those above it in this list, and none below.
const ROOMS: &[&str] =
    &["yaml", "package", "gitlab", "policy", "plan", "report", "case", "record", "cycle", "serve", "cli"];

/// Larger circles than this are knots.
const LARGEST_CIRCLE: usize = 3;

/// Sync and total.
const CORE: &[&str] = &["yaml", "package", "policy", "plan", "report", "case"];

/// One more file of this kind.
const AGENDA: &str = "serve/agenda.rs";

/// What would let the outside into the core: the beginnings of paths.
const OUTSIDE: &[&str] = &[
    "std::fs",
    "std::io",
    "std::net",
    "std::env",
    "std::process",
    "std::thread",
    "std::time::SystemTime",
    "std::time::Instant",
    "tokio",
    "hyper",
    "reqwest",
    "fastrand",
    "prometheus",
    "tracing",
];

/// The same among macros and keywords.
const OUTSIDE_MARKS: &[&str] = &["print!", "println!", "eprint!", "eprintln!", "async", "static mut"];

/// What reads the clock and the environment: a type and its function.
const OF_THE_EDGE: &[[&str; 2]] = &[
    ["Timestamp", "now"],
    ["Zoned", "now"],
    ["SystemTime", "now"],
    ["env", "var"],
    ["env", "var_os"],
    ["env", "vars"],
    ["env", "vars_os"],
];

#[test]
fn arrows_go_down_only() {
    let tree = gleaner();
    let arrows = tree.arrows();
    let rank = |file: &str| ROOMS.iter().position(|room| *room == self::room(file));
    let is_outside = |file: &str| ["lib", "main"].contains(&room(file));
    for file in tree.files() {
        assert!(rank(file).is_some() || is_outside(file), "{file} is in no room");
    }
    for ((from, to), names) in arrows.iter().chain(&tree.reexports()) {
        let fits = is_outside(from) || is_outside(to) || rank(to) <= rank(from);
        // The client lies low, because it knows packages alone. But it does I/O.
        let fits = fits && !(CORE.contains(&room(from)) && room(to) == "gitlab");
        assert!(fits, "{from} uses {names:?} of {to}, which `{}` may not", room(from));
    }
    assert!(arrows.len() > 500, "only {} arrows were found, so the test reads the wrong files", arrows.len());
}

#[test]
fn no_circle_of_files_grows() {
    let knots: Vec<Circle> = circles(&gleaner().arrows())
        .into_iter()
        .chain(circles(&sandbox().arrows()))
        .filter(|circle| circle.files.len() > LARGEST_CIRCLE)
        .collect();
    assert!(knots.is_empty(), "{}", knots.iter().map(ToString::to_string).collect::<String>());
}

#[test]
fn the_core_touches_nothing_outside() {
    let is_core = |file: &str| CORE.contains(&room(file)) || file == AGENDA;
    for (file, source) in gleaner().sources().filter(|(file, _)| is_core(file)) {
        for path in paths(source) {
            let path = path.join("::");
            let outside = OUTSIDE.iter().find(|outside| {
                path.strip_prefix(**outside).is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
            });
            assert!(outside.is_none(), "{file}: {path} in the core");
        }
        let mark = OUTSIDE_MARKS.iter().find(|mark| source.marks.contains(**mark));
        assert!(mark.is_none(), "{file}: {mark:?} in the core");
    }
}

#[test]
fn only_the_edge_reads_clock_and_environment() {
    for (file, source) in gleaner().sources().filter(|(file, _)| !["cli", "main"].contains(&room(file))) {
        for path in paths(source) {
            let is_of_the_edge = path.windows(2).any(|pair| OF_THE_EDGE.iter().any(|edge| pair == edge));
            assert!(!is_of_the_edge, "{file}: {}", path.join("::"));
        }
    }
}

/// What is particular to a package type stands in one table, and all else asks that.
#[test]
fn only_the_table_of_facts_asks_for_a_types_name() {
    let names: BTreeSet<String> = PackageType::KNOWN.iter().map(ToString::to_string).collect();
    let mut seen = 0;
    for (file, source) in gleaner().sources() {
        let literals: Vec<_> = source.literals.intersection(&names).collect();
        if file.starts_with("package/kind") {
            seen += literals.len();
            continue;
        }
        let is_variant =
            |pair: &[String]| pair[0] == "PackageType" && pair[1].starts_with(char::is_uppercase) && pair[1] != "KNOWN";
        let variant = paths(source).find(|path| path.windows(2).any(is_variant));
        assert!(variant.is_none(), "{file} asks for {variant:?}");
        assert!(literals.is_empty(), "{file} names {literals:?}");
    }
    assert!(seen >= names.len(), "only {seen} names stand in the table");
}

/// Whoever reads a name in one file and finds the type in another has to find the right one.
#[test]
fn a_type_shares_its_name_with_no_other() {
    let mut owners: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (file, source) in gleaner().sources() {
        // A condition's own struct is called as the policy's key, and so may be the type that it looks at.
        let is_condition = |name: &String| file.starts_with("policy/condition/") && source.markers.contains(name);
        // Macros begin with a small letter.
        let is_type = |name: &&String| name.starts_with(char::is_uppercase) && !is_condition(name);
        for name in source.types.iter().filter(is_type) {
            owners.entry(name).or_default().insert(file);
        }
    }
    assert!(owners.len() > 300, "only {} types were found, so the test reads the wrong files", owners.len());
    owners.retain(|_, files| files.len() > 1);
    assert!(owners.is_empty(), "{owners:#?}");
}

#[test]
fn no_file_grows_out_of_sight() {
    for file in files(&folder("src")) {
        let lines = fs::read_to_string(&file).unwrap().lines().count();
        assert!(lines <= 450, "{} has {lines} lines: which noun in it wants its own module?", file.display());
        assert!(file.file_name().unwrap() != "mod.rs", "{}: name the module's file after it", file.display());
    }
}

#[test]
#[allow(clippy::print_stdout, reason = "that is what it is for")]
fn figures() {
    for (name, tree) in [("src", gleaner()), ("sandbox/src", sandbox())] {
        let arrows = tree.arrows();
        let circles = circles(&arrows);
        let sizes: Vec<_> = circles.iter().map(|circle| circle.files.len()).collect();
        let rooms: BTreeSet<&str> = tree.files().into_iter().map(room).collect();
        println!("{name}: {} rooms {rooms:?}", rooms.len());
        println!("  {} files, {} arrows, {} circles of {sizes:?} files", tree.files().len(), arrows.len(), sizes.len());
        for circle in circles.iter().filter(|circle| circle.files.len() > LARGEST_CIRCLE) {
            println!("{circle}");
        }
        assert!(arrows.len() >= tree.files().len(), "{name}: a file that neither uses nor is used is no part of it");
    }
}

/// Reads the tree once for all tests of a process.
fn gleaner() -> &'static Tree {
    static TREE: LazyLock<Tree> = LazyLock::new(|| Tree::on_disk("gleaner", &folder("src")));
    &TREE
}

fn sandbox() -> &'static Tree {
    static TREE: LazyLock<Tree> = LazyLock::new(|| Tree::on_disk("gitlab_sandbox", &folder("sandbox/src")));
    &TREE
}

fn folder(name: &str) -> PathBuf {
    Path::new(&env::var_os("CARGO_MANIFEST_DIR").unwrap()).join(name)
}

/// The top-level module that a file belongs to.
fn room(file: &str) -> &str {
    file.split_once('/').map_or(file, |(room, _)| room).trim_end_matches(".rs")
}

/// Every path of a module, imports included.
fn paths(source: &Source) -> impl Iterator<Item = &Vec<String>> {
    source.paths.iter().chain(source.imports.iter().map(|import| &import.path))
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            found.push(path);
        }
    }
    found
}
