//! What looks wrong in valid policies: each lint where it is to be told, and beside it what comes close and is right.

mod ages;
mod allowed;
mod below;
mod branches;
mod covered;
mod hints;
mod kinds;
mod lookalike;
mod named;
mod never;
mod newest;
mod patterns;
mod refs;
mod schedule;
mod shipped;
mod successors;
mod work;

use gleaner::policy::PolicySet;
use gleaner::yaml::{Lint, Source};
use jiff::Timestamp;

const NOW: &str = "2026-11-01T12:00:00Z";

/// The lints of a set as of [`NOW`].
fn lints(files: &[(&str, &str)]) -> Vec<Lint> {
    let sources: Vec<Source> = files.iter().map(|(name, text)| Source::new(*name, *text)).collect();
    let (_, lints) = PolicySet::parse(&sources).unwrap_or_else(|errors| panic!("{errors}\n\n{files:?}"));
    lints.as_of(NOW.parse::<Timestamp>().unwrap())
}

/// A lint as `line:column message`.
fn told(lint: &Lint) -> String {
    format!("{}:{} {}", lint.place.line, lint.place.column, lint.message)
}

/// The lints of a policy, its keys after `version: 1` given; of a single file the name says nothing.
fn of_policy(keys: &str) -> Vec<String> {
    of_set(&[("p.yaml", keys)])
}

/// The lints of several files, `version: 1` aside.
fn of_set(files: &[(&str, &str)]) -> Vec<String> {
    let texts: Vec<(&str, String)> =
        files.iter().map(|(name, keys)| (*name, format!("version: 1\n{keys}\n"))).collect();
    let files: Vec<(&str, &str)> = texts.iter().map(|(name, text)| (*name, text.as_str())).collect();
    lints(&files).iter().map(told).collect()
}

/// Holds each text, put in the place of `{}`, against what is to be told of it.
fn table(frame: &str, rows: &[(&str, &[&str])]) {
    for (text, expected) in rows {
        let keys = frame.replace("{}", text);
        assert_eq!(of_policy(&keys), *expected, "\n{keys}");
    }
}
