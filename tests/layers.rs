//! Holds the arrows of `ARCHITECTURE.md`: who may use whom, and what the core never touches.
#![allow(clippy::unwrap_used, reason = "in a test, a panic is the report")]

use std::fs;
use std::path::{Path, PathBuf};

use gleaner::package::PackageType;

/// The rooms: each uses those above it in this list, and none below.
const ROOMS: &[&str] =
    &["yaml", "package", "gitlab", "policy", "plan", "report", "case", "record", "cycle", "serve", "cli"];

/// Sync and total.
const CORE: &[&str] = &["yaml", "package", "policy", "plan", "report", "case"];

/// What would let the outside into the core.
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
    "println!",
    "eprintln!",
    "async ",
    "static mut",
];

#[test]
fn arrows_go_down_only() {
    let mut seen = 0;
    for (module, file, line) in product_lines() {
        // What happens over HTTP and what happens in a cycle are still told in one place.
        if module == "event" {
            continue;
        }
        let rank = |room: &str| ROOMS.iter().position(|other| *other == room);
        let own = rank(&module).unwrap_or_else(|| panic!("{module} has no place in the layers"));
        for used in line.split("crate::").skip(1).filter_map(first_word) {
            seen += 1;
            let fits = used == "event" || rank(&used).is_some_and(|used| used <= own);
            assert!(fits, "{} uses {used}, which {module} may not: {line}", file.display());
        }
        assert!(!line.contains("crate::{"), "{}: one line for each module, so that this test sees it", file.display());
    }
    assert!(seen > 50, "only {seen} uses were found, so the test reads the wrong files");
}

#[test]
fn the_core_touches_nothing_outside() {
    for (module, file, line) in code_lines() {
        if CORE.contains(&module.as_str()) {
            for outside in OUTSIDE {
                assert!(!line.contains(outside), "{}: {outside} in the core: {line}", file.display());
            }
        }
    }
}

#[test]
fn only_the_edge_reads_clock_and_environment() {
    for (module, file, line) in code_lines() {
        if module != "cli" {
            for outside in ["Timestamp::now", "Zoned::now", "SystemTime::now", "env::var"] {
                assert!(!line.contains(outside), "{}: {outside}: {line}", file.display());
            }
        }
    }
}

/// What is particular to a package type stands in one table, and all else asks that.
#[test]
fn only_the_table_of_facts_asks_for_a_types_name() {
    let names: Vec<String> = PackageType::KNOWN.iter().map(|known| format!("\"{known}\"")).collect();
    let mut seen = 0;
    for (_, file, line) in product_lines() {
        if file.to_string_lossy().contains("src/package/kind") {
            seen += 1;
            continue;
        }
        for variant in line.split("PackageType::").skip(1).filter_map(first_word) {
            let is_a_type = variant.starts_with(|c: char| c.is_uppercase()) && variant != "KNOWN";
            assert!(!is_a_type, "{} asks for {variant}: {line}", file.display());
        }
        assert!(!names.iter().any(|name| line.contains(name)), "{} names a type: {line}", file.display());
    }
    assert!(seen > 100, "only {seen} lines of the table were found");
}

#[test]
fn no_file_grows_out_of_sight() {
    for file in files(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/src"))) {
        let lines = fs::read_to_string(&file).unwrap().lines().count();
        assert!(lines <= 450, "{} has {lines} lines: which noun in it wants its own module?", file.display());
        assert!(file.file_name().unwrap() != "mod.rs", "{}: name the module's file after it", file.display());
    }
}

/// Every line of code with its top-level module, comments and the library's root left out.
fn code_lines() -> Vec<(String, PathBuf, String)> {
    let root = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/src"));
    let mut lines = Vec::new();
    for file in files(root) {
        let inside = file.strip_prefix(root).unwrap();
        let module = inside.iter().next().unwrap().to_str().unwrap().trim_end_matches(".rs").to_owned();
        if module == "lib" || module == "main" {
            continue;
        }
        for line in fs::read_to_string(&file).unwrap().lines() {
            let code = line.split("//").next().unwrap_or_default();
            if !code.trim().is_empty() {
                lines.push((module.clone(), file.clone(), code.to_owned()));
            }
        }
    }
    lines
}

/// The same without what only tests are made of.
fn product_lines() -> impl Iterator<Item = (String, PathBuf, String)> {
    let mut of_tests: Option<PathBuf> = None;
    code_lines().into_iter().filter(move |(_, file, line)| {
        if line.contains("#[cfg(test)]") {
            of_tests = Some(file.clone());
        }
        of_tests.as_ref() != Some(file) && !file.ends_with("tests.rs")
    })
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
    found.sort();
    found
}

fn first_word(text: &str) -> Option<String> {
    let word: String = text.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
    (!word.is_empty()).then_some(word)
}
