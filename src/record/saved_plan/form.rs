//! Writes the file of a saved plan, and reads it back with all that is wrong in it alone.

use std::collections::HashSet;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::error::Category;
use sha2::{Digest, Sha256};

use super::error::SavedPlanProblem as Problem;
use super::{Saved, SavedPlan, SavedPlanError, SavedPolicy, VERSION, can_be_executed};
use crate::plan::{ItemId, Verdict};
use crate::report::{DecisionReport, FORMAT, PolicyReport, Report};

impl SavedPlan {
    /// Reads a plan, and checks that it is whole.
    ///
    /// # Errors
    ///
    /// When it can't be read, or something in it is not as it was saved.
    pub fn read(path: &Path) -> Result<Self, SavedPlanError> {
        let bytes = fs::read(path)
            .map_err(|source| SavedPlanError::Read { path: path.to_owned(), source: Arc::new(source) })?;
        let refused = |problem| SavedPlanError::Refused { path: path.to_owned(), problem };
        let (report, saved) = parsed(&bytes).map_err(refused)?;
        Ok(Self { path: path.to_owned(), report, saved })
    }
}

/// The file as it is written.
#[derive(Serialize)]
struct WholeFile<'a> {
    #[serde(flatten)]
    report: &'a Report,
    saved: &'a Saved,
}

/// The part of the file that binds.
#[derive(Deserialize)]
struct BindingPart {
    saved: Saved,
}

/// Returns the text of the file, with its hash.
pub(super) fn written(report: &Report, saved: &Saved) -> String {
    let value = |saved: &Saved| serde_json::to_value(WholeFile { report, saved }).unwrap_or_default();
    let sha256 = hash(value(saved));
    let saved = Saved { sha256, ..saved.clone() };
    let text = serde_json::to_string_pretty(&WholeFile { report, saved: &saved }).unwrap_or_default();
    text + "\n"
}

/// Returns the hash in hex of everything but the hash. How the file is laid out doesn't count.
fn hash(mut value: Value) -> String {
    if let Some(saved) = value.get_mut("saved").and_then(Value::as_object_mut) {
        saved.remove("sha256");
    }
    value.sort_all_objects();
    Sha256::digest(value.to_string()).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn parsed(bytes: &[u8]) -> Result<(Report, Saved), Problem> {
    if bytes.is_empty() {
        return Err(Problem::Empty);
    }
    let text = std::str::from_utf8(bytes).map_err(|_| Problem::NoText)?;
    // Some editors and shells begin a file with a mark of its encoding.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let value: Value = serde_json::from_str(text).map_err(|error| syntax(&error))?;
    checked_form(&value)?;
    let told = value["saved"]["sha256"].as_str().ok_or(Problem::NoHash)?.to_owned();
    let found = hash(value);
    if told != found {
        return Err(Problem::Changed { told, found });
    }
    let report = Report::parse(text).map_err(|error| field(&error))?;
    let BindingPart { saved } = serde_json::from_str(text).map_err(|error| field(&error))?;
    checked_content(&report, &saved)?;
    Ok((report, saved))
}

/// Checks that this release knows the form.
fn checked_form(value: &Value) -> Result<(), Problem> {
    let format = value.get("format").and_then(Value::as_u64).ok_or(Problem::NoReport)?;
    if format > FORMAT.into() {
        return Err(Problem::NewerReport { format, known: FORMAT });
    }
    let saved = value.get("saved").ok_or(Problem::NotSaved)?;
    match saved.get("version").and_then(Value::as_u64) {
        Some(version) if version > VERSION.into() => Err(Problem::NewerPlan { version, known: VERSION }),
        _ => Ok(()),
    }
}

/// Checks that the parts of the file agree with each other.
fn checked_content(report: &Report, saved: &Saved) -> Result<(), Problem> {
    if report.quick {
        return Err(Problem::Quick);
    }
    if saved.expires_at < report.as_of {
        return Err(Problem::NeverValid { expires_at: saved.expires_at, as_of: report.as_of });
    }
    if saved.policies.is_empty() {
        return Err(Problem::NothingToExecute);
    }
    let mut names = HashSet::new();
    let reported = report.policies.iter().map(|policy| &policy.policy);
    if let Some(policy) = reported.clone().find(|name| !names.insert(*name)) {
        return Err(Problem::Twice { policy: policy.clone() });
    }
    let mut bound = HashSet::new();
    for policy in &saved.policies {
        if !bound.insert(&policy.policy) {
            return Err(Problem::Twice { policy: policy.policy.clone() });
        }
        let found = report.policies.iter().find(|report| report.policy == policy.policy);
        let report = found.ok_or_else(|| Problem::Unreported { policy: policy.policy.clone() })?;
        checked_policy(policy, report)?;
    }
    Ok(())
}

fn checked_policy(saved: &SavedPolicy, report: &PolicyReport) -> Result<(), Problem> {
    let policy = || saved.policy.clone();
    if report.totals.is_executed() {
        return Err(Problem::Executed { policy: policy() });
    }
    if !can_be_executed(report) {
        return Err(Problem::NotPlanned { policy: policy(), status: report.status.code() });
    }
    let mut named = HashSet::new();
    let packages = report.decisions.iter().map(|row| (row, matches!(row.id(), ItemId::Package(_)), "packages"));
    let files = report.file_decisions.iter().map(|row| (row, matches!(row.id(), ItemId::File(_)), "files"));
    for (row, is_in_place, others) in packages.chain(files) {
        if !is_in_place {
            return Err(Problem::Misplaced { policy: policy(), item: told(row), others });
        }
        if row.verdict() == Verdict::Delete && !named.insert(row.id()) {
            return Err(Problem::NamedTwice { policy: policy(), item: told(row) });
        }
    }
    let (listed, counted) = (named.len() as u64, report.totals.deletions());
    match [counted, saved.deletions].into_iter().find(|counted| *counted != listed) {
        Some(counted) => Err(Problem::Miscounted { policy: policy(), listed, counted }),
        None => Ok(()),
    }
}

fn told(row: &DecisionReport) -> String {
    match row.id() {
        ItemId::Package(package) => format!("package {package}"),
        ItemId::File(file) => format!("file {file}"),
    }
}

fn syntax(error: &serde_json::Error) -> Problem {
    let (line, column) = (error.line(), error.column());
    match error.classify() {
        Category::Eof => Problem::CutOff { line },
        _ => Problem::NoJson { line, column, told: words(error) },
    }
}

fn field(error: &serde_json::Error) -> Problem {
    Problem::Field { line: error.line(), column: error.column(), told: words(error) }
}

/// Returns what the reader says, without the place.
fn words(error: &serde_json::Error) -> String {
    let told = error.to_string();
    told.rsplit_once(" at line ").map_or_else(|| told.clone(), |(words, _)| words.to_owned())
}
