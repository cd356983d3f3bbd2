//! `gleaner report`: renders a report or a saved plan that lies in a file, in any form.

use std::fs;
use std::path::Path;

use super::finish::show;
use super::terminal::say;
use super::{CommandResult, Exit, ReportArgs, UsageError};
use crate::record::saved_plan::{SavedPlan, SavedPlanError, SavedPlanProblem};
use crate::report::{FORMAT, Report, printable};

pub(super) fn report(args: &ReportArgs) -> CommandResult {
    show(args.output, &open(&args.file)?)?;
    Ok(Exit::Done)
}

/// Opens a report or a saved plan to be read. A plan that is spoilt is told, and what can't be executed can be read.
pub(super) fn open(path: &Path) -> Result<Report, UsageError> {
    match SavedPlan::read(path) {
        Ok(plan) => Ok(plan.report),
        Err(SavedPlanError::Refused { problem: SavedPlanProblem::NotSaved, .. }) => read(path),
        Err(error @ SavedPlanError::Refused { .. }) => {
            let report = read(path).map_err(|_| UsageError::SavedPlan(error.clone()))?;
            say(&printable(&format!("warning: {error}")));
            Ok(report)
        }
        Err(error) => Err(error.into()),
    }
}

/// Reads a report, whatever else stands in its file.
fn read(path: &Path) -> Result<Report, UsageError> {
    let unreadable = |told: String| UsageError::UnreadableReport(path.display().to_string(), told);
    let text = fs::read_to_string(path).map_err(|error| unreadable(error.to_string()))?;
    let report = Report::parse(&text).map_err(|error| unreadable(error.to_string()))?;
    if report.format > FORMAT {
        return Err(unreadable(format!("its format {} is that of a later release", report.format)));
    }
    Ok(report)
}
