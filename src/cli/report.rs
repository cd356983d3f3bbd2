//! `gleaner report`: renders a report or a saved plan that lies in a file, in any form.

use std::fs;

use super::finish::show;
use super::terminal::say;
use super::{CommandResult, Exit, ReportArgs, UsageError};
use crate::record::saved_plan::{SavedPlan, SavedPlanError, SavedPlanProblem};
use crate::report::{FORMAT, Report, printable};

pub(super) fn report(args: &ReportArgs) -> CommandResult {
    let report = match SavedPlan::read(&args.file) {
        Ok(plan) => plan.report,
        // What can't be executed can be read.
        Err(SavedPlanError::Refused { problem: SavedPlanProblem::NotSaved, .. }) => read(args)?,
        Err(error @ SavedPlanError::Refused { .. }) => match read(args) {
            Ok(report) => {
                say(&printable(&format!("warning: {error}")));
                report
            }
            Err(_) => return Err(UsageError::SavedPlan(error).into()),
        },
        Err(error) => return Err(UsageError::SavedPlan(error).into()),
    };
    show(args.output, &report)?;
    Ok(Exit::Done)
}

/// Reads a report, whatever else stands in its file.
fn read(args: &ReportArgs) -> Result<Report, UsageError> {
    let path = || args.file.display().to_string();
    let text =
        fs::read_to_string(&args.file).map_err(|source| UsageError::UnreadableReport(path(), source.to_string()))?;
    let report = Report::parse(&text).map_err(|error| UsageError::UnreadableReport(path(), error.to_string()))?;
    if report.format > FORMAT {
        let told = format!("its format {} is that of a later release", report.format);
        return Err(UsageError::UnreadableReport(path(), told));
    }
    Ok(report)
}
