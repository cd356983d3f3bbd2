//! Policies with the fingerprint that each of them has had since it could be written.
//!
//! The daemon takes a rehearsal for one of the same policy where `policy_sha256` is the same, and a hold for the same
//! where its digest is. So a release that reads a policy as the one before did has to give it the same fingerprint.

use std::fs;
use std::path::Path;

use gleaner::policy::PolicySet;
use gleaner::yaml::Source;
use jiff::Timestamp;

/// Sets of files, one file to a line, each followed by the digests of what is in it.
const FIXTURE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/fingerprints.txt");

#[test]
fn a_policy_keeps_its_fingerprint() {
    let written = fs::read_to_string(FIXTURE).unwrap();
    let mut actual = Vec::new();
    for set in written.split("\n\n") {
        let files: Vec<&str> = set.lines().filter(|line| line.starts_with('{')).collect();
        actual.push(format!("{}\n{}", files.join("\n"), digests(&files)));
    }
    assert!(actual.len() > 100, "only {} sets were found", actual.len());
    let actual = actual.join("\n\n") + "\n";
    if actual != written {
        let other = Path::new(env!("CARGO_TARGET_TMPDIR")).join("fingerprints.txt");
        fs::write(&other, actual).unwrap();
        panic!("compare {FIXTURE} with {}", other.display());
    }
}

/// One digest to a line, each with what it is of.
fn digests(files: &[&str]) -> String {
    let now: Timestamp = "2026-11-01T00:00:00Z".parse().unwrap();
    let sources: Vec<Source> =
        files.iter().zip(["policy.yaml", "other.yaml"]).map(|(text, name)| Source::new(name, *text)).collect();
    let (set, _) = PolicySet::parse(&sources).unwrap_or_else(|problems| panic!("{files:?}: {problems}"));
    let mut told = Vec::new();
    for policy in &set.policies {
        told.push(format!("    policy_sha256 {}", policy.fingerprint(&set, now)));
        told.extend((!policy.keep.is_empty()).then(|| format!("    keep          {}", policy.keep_digest())));
    }
    for protection in &set.protections {
        told.push(format!("    protection    {}", protection.text_digest()));
    }
    told.join("\n")
}
