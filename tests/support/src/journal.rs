//! A journal as runs of tests keep it.

use std::fs;
use std::path::Path;

use gleaner::package::address::Address;
use gleaner::record::journal::RunStart;
use gleaner::record::journal::line::{Grounds, Line};

/// The start of a run on the GitLab at this URL, by nobody who is known.
#[must_use]
pub fn run_start(run: &str, url: &str) -> RunStart {
    RunStart {
        run: run.to_owned(),
        generator: "gleaner X.Y.Z".to_owned(),
        instance: Address::parse(url).unwrap(),
        command: "apply".to_owned(),
        who: None,
        revision: None,
    }
}

/// The grounds of a deletion by this policy, and no more.
#[must_use]
pub fn grounds(policy: &str) -> Grounds {
    Grounds {
        policy: policy.to_owned(),
        policy_sha256: String::new(),
        revision: None,
        rule: None,
        reason: "selected".to_owned(),
        because: String::new(),
        who: None,
    }
}

/// Every line that can be read of a GitLab's journal, as it is on the disk.
#[must_use]
pub fn journal_lines(folder: &Path) -> Vec<Line> {
    let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "jsonl"));
    files.sort();
    let texts = files.iter().map(|path| fs::read_to_string(path).unwrap());
    texts
        .flat_map(|text| text.lines().filter_map(|line| Line::read(line.as_bytes()).ok()).collect::<Vec<_>>())
        .collect()
}
