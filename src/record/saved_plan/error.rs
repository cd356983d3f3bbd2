//! Says why a saved plan can't be written, read or executed.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use jiff::Timestamp;

use super::LONGEST;

/// Why a saved plan can't be used.
#[derive(Debug, Clone, thiserror::Error)]
pub enum SavedPlanError {
    /// The file can't be written.
    #[error("the plan can't be saved to {}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// Why it failed.
        source: Arc<io::Error>,
    },
    /// The file can't be read.
    #[error("the plan can't be read from {}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why it failed.
        source: Arc<io::Error>,
    },
    /// It is not to be used.
    #[error("the plan in {} can't be used: {problem}", path.display())]
    Refused {
        /// The file.
        path: PathBuf,
        /// Why.
        problem: SavedPlanProblem,
    },
}

/// Why a saved plan is not executed, as a sentence with the way out and without its full stop.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SavedPlanProblem {
    /// There is nothing in it.
    #[error("the file is empty, so it was never written to its end; {ANEW}")]
    Empty,
    /// It is no text.
    #[error("the file is no text, and a plan is JSON in UTF-8; name the right file, or {ANEW}")]
    NoText,
    /// It ends too early.
    #[error("the file ends in the middle, at line {line}: it was cut off when it was written or copied; {ANEW}")]
    CutOff {
        /// The last line.
        line: usize,
    },
    /// It is no JSON.
    #[error("line {line}, column {column} is no JSON: {told}; name the right file, or {ANEW}")]
    NoJson {
        /// The line, from 1.
        line: usize,
        /// The column, from 1.
        column: usize,
        /// What the reader says.
        told: String,
    },
    /// It is JSON of something else.
    #[error("the file is JSON, and no report of gleaner: it has no `format`; name the right file")]
    NoReport,
    /// It is a report that was not saved as a plan.
    #[error("the file is a report, and binds nothing: only `gleaner plan --out FILE` saves a plan")]
    NotSaved,
    /// A later release made the report.
    #[error(
        "the report in it has format {format}, and this release knows up to {known}; execute it with the release that saved it"
    )]
    NewerReport {
        /// The format that it has.
        format: u64,
        /// The latest that this release knows.
        known: u32,
    },
    /// A later release saved the plan.
    #[error(
        "it was saved by a later release, in version {version} of the form, and this one knows up to {known}; execute it with the release that saved it"
    )]
    NewerPlan {
        /// The version that it has.
        version: u64,
        /// The latest that this release knows.
        known: u32,
    },
    /// Its hash is missing.
    #[error("it has no `sha256` of its own, so nobody can tell whether something was lost; {ANEW}")]
    NoHash,
    /// Its hash is that of something else.
    #[error("its content is not what was saved: `sha256` says {told}, and it is {found}; {ANEW}")]
    Changed {
        /// The hash in the file.
        told: String,
        /// The hash of its content.
        found: String,
    },
    /// A field is missing or not what it has to be.
    #[error("line {line}, column {column}: {told}; {ANEW}")]
    Field {
        /// The line, from 1.
        line: usize,
        /// The column, from 1.
        column: usize,
        /// What the reader says.
        told: String,
    },
    /// It was made from the listing alone.
    #[error("it is an upper bound, made with --quick, and nothing was looked up; {ANEW}")]
    Quick,
    /// It was made of another GitLab.
    #[error("it is a plan for {theirs}, and {ours} is the GitLab that was named; name the other one, or {ANEW}")]
    Foreign {
        /// The GitLab that it was made of.
        theirs: String,
        /// The one that was named.
        ours: String,
    },
    /// It is of the future.
    #[error("it was made as of {as_of}, and by GitLab's clock it is only {now}; put the clock right, and {ANEW}")]
    OfTheFuture {
        /// The instant of the plan.
        as_of: Timestamp,
        /// The time at GitLab.
        now: Timestamp,
    },
    /// It is no longer valid.
    #[error("it was valid until {expires_at}, and it is {now}; {ANEW}")]
    Expired {
        /// Until when it was valid.
        expires_at: Timestamp,
        /// The present.
        now: Timestamp,
    },
    /// It is too old, whatever it says.
    #[error("it was made as of {as_of}, and {LONGEST} days later no plan is executed, whatever its expiry; {ANEW}")]
    TooOld {
        /// The instant of the plan.
        as_of: Timestamp,
    },
    /// It ends before it begins.
    #[error("it says that it is valid until {expires_at}, which is before it was made, {as_of}; {ANEW}")]
    NeverValid {
        /// Until when it says that it is valid.
        expires_at: Timestamp,
        /// The instant of the plan.
        as_of: Timestamp,
    },
    /// There is nothing in it that can be executed.
    #[error("no policy in it has a plan that can be executed: each failed, was refused by its limits, or is missing")]
    NothingToExecute,
    /// A policy stands in it twice.
    #[error("policy {policy} stands in it twice; {ANEW}")]
    Twice {
        /// The policy.
        policy: String,
    },
    /// A policy is bound and not reported.
    #[error("it binds policy {policy}, and reports nothing of it; {ANEW}")]
    Unreported {
        /// The policy.
        policy: String,
    },
    /// The plan of a policy failed.
    #[error("the plan of policy {policy} is {status}, and can't be executed; {ANEW}")]
    NotPlanned {
        /// The policy.
        policy: String,
        /// The status of its report.
        status: &'static str,
    },
    /// The report is that of an execution.
    #[error("the report of policy {policy} tells how its deletions ended, so it is no plan any more; {ANEW}")]
    Executed {
        /// The policy.
        policy: String,
    },
    /// Not every deletion is listed.
    #[error("the report of policy {policy} lists {listed} deletions, and counts {counted}; {ANEW}")]
    Miscounted {
        /// The policy.
        policy: String,
        /// How many it lists.
        listed: u64,
        /// How many it counts.
        counted: u64,
    },
    /// One deletion stands in it twice.
    #[error("{item} stands twice in the plan of policy {policy}; {ANEW}")]
    NamedTwice {
        /// The policy.
        policy: String,
        /// The package or file.
        item: String,
    },
    /// A row stands among those of the other kind.
    #[error("the plan of policy {policy} has {item} among its {others}; {ANEW}")]
    Misplaced {
        /// The policy.
        policy: String,
        /// The package or file.
        item: String,
        /// Packages or files.
        others: &'static str,
    },
    /// The policy is gone.
    #[error(
        "policy {policy} is not among the policies that were named: the plan is executed with all policies that it is of"
    )]
    NoPolicy {
        /// The policy.
        policy: String,
    },
    /// The policy selects otherwise now.
    #[error(
        "policy {policy} in {file} no longer says what it said when the plan was saved: its scope, its delete or files rules or \
         its min_age are others; {ANEW}"
    )]
    Rebound {
        /// The policy.
        policy: String,
        /// Its file.
        file: String,
    },
    /// A rule that held is gone.
    #[error("{rule}, which held for policy {policy} when the plan was saved, is gone or was changed; {ANEW}")]
    HoldGone {
        /// The policy.
        policy: String,
        /// The rule.
        rule: String,
    },
    /// Another number of deletions was agreed to.
    #[error(
        "it has {counted} deletions, and --accept agrees to {accepted}; read it with `gleaner report`, and accept what it has"
    )]
    NotAccepted {
        /// How many it has.
        counted: u64,
        /// How many were agreed to.
        accepted: u64,
    },
    /// A pattern of it can't be read.
    #[error("it was narrowed to projects by `{pattern}`, which is no pattern; {ANEW}")]
    NoPattern {
        /// The pattern.
        pattern: String,
    },
}

/// The way out of most of it.
const ANEW: &str = "save a new one with `gleaner plan --out`";
