//! Holds each ecosystem's order of versions against what was recorded of its own tool, pair by pair.
//!
//! `tests/versions/run` asks the tools whether the record is theirs, and has this test look at more versions, in the folder
//! that `GLEANER_VERSIONS` names.
use std::path::{Path, PathBuf};
use std::{env, fs};

use gleaner::package::{PackageType, rungs};

use crate::versions::compared;

const FIXTURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/versions");

/// How many pairs have to be on record: fewer where there is no tool to ask, but published rules.
const PAIRS: &[(&str, usize)] = &[
    ("cargo", 300),
    ("composer", 300),
    ("conan", 300),
    ("debian", 300),
    ("generic", 300),
    ("golang", 300),
    ("helm", 300),
    ("maven", 300),
    ("npm", 300),
    ("nuget", 300),
    ("pypi", 300),
    ("rpm", 300),
    ("rubygems", 300),
    ("terraform_module", 300),
];

/// Versions in their order. Those of one group are equal.
#[derive(Default)]
struct Part {
    groups: Vec<Vec<String>>,
    /// Texts that the ecosystem takes for no version.
    refused: Vec<String>,
}

#[test]
fn every_recorded_pair_is_in_its_order() {
    let (ecosystems, disagreements) = compare(Path::new(FIXTURES));
    assert_eq!(disagreements, [] as [String; 0]);
    for (ecosystem, least) in PAIRS {
        let pairs = ecosystems.iter().find(|(name, _)| name == ecosystem).map(|(_, pairs)| *pairs);
        assert!(pairs >= Some(*least), "{ecosystem} has {pairs:?} pairs on record");
    }
    assert_eq!(ecosystems.len(), PAIRS.len());
}

#[test]
fn every_pair_that_was_made_up_is_in_its_order() {
    if let Some(folder) = env::var_os("GLEANER_VERSIONS") {
        assert_eq!(compare(&PathBuf::from(folder)).1, [] as [String; 0]);
    }
}

/// The number of pairs of each ecosystem, and every pair that gleaner has in another order.
fn compare(folder: &Path) -> (Vec<(String, usize)>, Vec<String>) {
    let mut files: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let mut ecosystems = Vec::new();
    let mut all = Vec::new();
    for file in files {
        let name = file.file_stem().unwrap().to_str().unwrap();
        let package_type = PackageType::parse(name);
        assert!(!matches!(package_type, PackageType::Other(_)), "{name} is no package type");
        let mut pairs = 0;
        let mut disagreements = Vec::new();
        for part in parts(&fs::read_to_string(&file).unwrap()) {
            pairs += part.compare(&package_type, &mut disagreements);
        }
        println!("{name:17} {pairs:5} pairs, gleaner disagrees on {}", disagreements.len());
        ecosystems.push((name.to_owned(), pairs));
        all.append(&mut disagreements);
    }
    (ecosystems, all)
}

impl Part {
    fn compare(&self, package_type: &PackageType, disagreements: &mut Vec<String>) -> usize {
        let placed: Vec<(usize, &str)> = self
            .groups
            .iter()
            .enumerate()
            .flat_map(|(place, group)| group.iter().map(move |version| (place, version.as_str())))
            .collect();
        let mut pairs = 0;
        for (number, (place, version)) in placed.iter().enumerate() {
            for (other_place, other) in &placed[number + 1..] {
                pairs += 1;
                for ((place, version), (other_place, other)) in
                    [((place, version), (other_place, other)), ((other_place, other), (place, version))]
                {
                    let said = compared(package_type, version, other);
                    if said != Some(place.cmp(other_place)) {
                        disagreements.push(format!("{package_type}: {version} {other}: {said:?}"));
                    }
                }
            }
        }
        for text in &self.refused {
            if rungs(package_type, &[text]) != [None] {
                disagreements.push(format!("{package_type}: {text} is no version"));
            }
        }
        pairs
    }
}

fn parts(text: &str) -> Vec<Part> {
    let mut parts: Vec<Part> = Vec::new();
    for line in text.lines() {
        match (line.split_once(' '), parts.last_mut()) {
            (Some(("#", _)), _) => parts.push(Part::default()),
            (Some(("?", refused)), Some(part)) => part.refused.push(refused.to_owned()),
            (_, Some(part)) => part.groups.push(line.split(' ').map(str::to_owned).collect()),
            (_, None) => panic!("a version before the first title: {line}"),
        }
    }
    parts
}

/// Every recorded version of a type.
pub(crate) fn versions(package_type: &PackageType) -> Vec<String> {
    match fs::read_to_string(format!("{FIXTURES}/{package_type}.txt")) {
        Ok(text) => parts(&text).into_iter().flat_map(|part| part.groups).flatten().collect(),
        Err(_) => Vec::new(),
    }
}
