//! Saves the plan of `gleaner plan --out`, and opens it for `gleaner apply --plan`.

use std::path::Path;

use super::moment::present;
use super::progress::Progress;
use super::settings::revision;
use super::terminal::say;
use super::{ApplyArgs, PlanArgs, UsageError};
use crate::gitlab::Connection;
use crate::policy::{InForce, Mode, PolicySet};
use crate::record::saved_plan::{SavedPlan, SavedPlanError};
use crate::report::{Report, printable};

/// Checks that a plan can be saved there, before anything is asked.
pub(super) fn check_place(path: &Path) -> Result<(), UsageError> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    // A device, or a link that leads elsewhere, would be replaced by the plan.
    let is_other = path.symlink_metadata().is_ok_and(|there| !there.is_file());
    if is_other || path.file_name().is_none() || !folder.is_dir() {
        return Err(UsageError::NoPlaceForPlan(path.to_owned()));
    }
    Ok(())
}

/// Saves the plan where `--out` says, and tells what can be done with it.
pub(super) fn save(
    args: &PlanArgs,
    report: &Report,
    policies: &[InForce<'_>],
) -> Result<(), Box<dyn std::error::Error>> {
    let Some(path) = &args.out else { return Ok(()) };
    let plan = SavedPlan::new(path, report.clone(), policies, &args.run.projects, &args.valid_for, revision()?);
    plan.write()?;
    let (shown, count) = (path.display(), plan.deletions());
    let deletions = if count == 1 { "deletion" } else { "deletions" };
    let told = if plan.policies().is_empty() {
        format!("the plan is saved to {shown}, to be read alone: no policy in it can be executed")
    } else {
        let (until, command) = (plan.expires_at(), command(args, path));
        format!("the plan is saved to {shown}: {count} {deletions}, until {until} to be executed by `{command}`")
    };
    say(&printable(&told));
    Ok(())
}

/// Returns the command that executes the plan from this folder.
fn command(args: &PlanArgs, plan: &Path) -> String {
    let mut words = vec!["gleaner".to_owned(), "apply".to_owned()];
    words.extend(args.run.policies.paths.iter().map(|path| quoted(path)).filter(|path| path != "policies"));
    words.extend(["--plan".to_owned(), quoted(plan)]);
    words.extend(args.run.state_dir.iter().flat_map(|folder| ["--state-dir".to_owned(), quoted(folder)]));
    words.join(" ")
}

/// Writes a path as a shell reads it as one word.
fn quoted(path: &Path) -> String {
    let path = path.display().to_string();
    let is_plain = |c: char| c.is_alphanumeric() || "_-./@:+,=".contains(c);
    if !path.is_empty() && path.chars().all(is_plain) { path } else { format!("'{}'", path.replace('\'', r"'\''")) }
}

/// Reads the plan that `--plan` names, as far as it can be judged by itself.
pub(super) fn read(args: &ApplyArgs) -> Result<Option<SavedPlan>, SavedPlanError> {
    let Some(path) = &args.plan else { return Ok(None) };
    let plan = SavedPlan::read(path)?;
    if let Some(accepted) = args.accept {
        plan.has_exactly(accepted)?;
    }
    Ok(Some(plan))
}

/// Checks that a plan is for this GitLab, these policies and this time, and returns those of its policies that may delete.
pub(super) async fn checked<'a>(
    plan: &SavedPlan,
    set: &'a PolicySet,
    policies: Vec<InForce<'a>>,
    connection: &Connection,
    progress: &Progress,
) -> Result<Vec<InForce<'a>>, UsageError> {
    plan.is_bound_to(connection.address(), set)?;
    // Any answer tells the time there. Where none comes, the walk tells why.
    let _ = crate::gitlab::Reader::new(connection).owner().await;
    plan.is_timely(present(), progress.theirs.now())?;
    let names = plan.policies();
    let (delete, dry): (Vec<_>, Vec<_>) = policies
        .into_iter()
        .filter(|in_force| names.contains(&in_force.policy().name))
        .partition(|in_force| in_force.policy().mode == Mode::Delete);
    for in_force in dry {
        let name = &in_force.policy().name;
        say(&printable(&format!(
            "warning: policy {name} is in `mode: dry-run`, so nothing of the plan is executed for it"
        )));
    }
    match delete.is_empty() {
        true => Err(UsageError::NothingToApply),
        false => Ok(delete),
    }
}
