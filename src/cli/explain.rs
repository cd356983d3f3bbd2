//! `gleaner explain`.

use std::path::PathBuf;
use std::sync::Arc;

use super::gitlab::Gitlab;
use super::history::{of_package, show_deletions};
use super::memory::Lore;
use super::moment::now;
use super::package_ref::PackageRef;
use super::policies::{chosen, read};
use super::progress::Progress;
use super::signals::stop_on_signals;
use super::terminal::{print, say, width};
use super::{CommandResult, Exit, ExplainArgs, ExplanationForm, GENERATOR, PolicyArgs, UsageError};
use crate::cli::settings::{SettingsError, journal_folder};
use crate::cycle::explain::{Explained, Explainer};
use crate::cycle::paragraph;
use crate::cycle::progress::Counting;
use crate::gitlab::Reader;
use crate::report::{ExplanationReport, FORMAT, Gaps, PackageReport, PolicyStanding, explanation, printable};

pub(super) async fn explain(args: &ExplainArgs) -> CommandResult {
    let begun = now();
    let as_of = match &args.as_of {
        None => begun,
        Some(moment) => moment.resolve(begun).ok_or(UsageError::BeyondCalendars)?,
    };
    let named = PackageRef::parse(&args.package)?;
    let Some(set) = read(&PolicyArgs { paths: args.policies.clone() }, as_of)? else {
        return Ok(Exit::Invalid);
    };
    let policies = chosen(&set, &args.names, as_of)?;
    let progress = Arc::new(Progress::new());
    let gitlab = match Gitlab::open(&args.gitlab, &set, begun, Arc::new(Counting::new(progress.clone()))).await {
        Ok(gitlab) => gitlab,
        Err(error) => {
            let is_unnamed = matches!(error.downcast_ref(), Some(UsageError::Settings(SettingsError::NoUrl)));
            return Err(match named.host().filter(|_| is_unnamed) {
                Some(link) => UsageError::LinkOnly { link }.into(),
                None => error,
            });
        }
    };
    let (project, package) = named.at(gitlab.real_address())?;
    let lore = Lore::look(args.state_dir.as_deref(), gitlab.connection.url())?;
    let (remembered, branches) = (lore.paths(), lore.branches());
    let explainer = Explainer {
        reader: &Reader::new(&gitlab.connection),
        policies: &policies,
        remembered: &remembered,
        branches: &branches,
        observer: &*progress,
        stop: &stop_on_signals()?,
    };
    progress.begin(&project.to_string());
    let walked = explainer.walk(&project).await;
    let explained = match &walked {
        Ok(walked) => explainer.explain(walked, package).await.map_err(|error| error.to_string()),
        Err(error) => Err(paragraph(error)),
    };
    progress.end();
    for warning in walked.iter().flat_map(|walked| Gaps::of(0, &walked.strays).warnings) {
        say(&printable(&format!("warning: {warning}")));
    }
    let Explained { package, policies, failures } = match explained {
        Ok(explained) => explained,
        Err(error) => {
            let deletions = of_package(journal(args)?.as_deref(), gitlab.connection.address(), &project, package)?;
            if deletions.is_empty() {
                say(&printable(&format!("error: project {project}: {error}")));
                return Ok(Exit::Failed);
            }
            let of = deletions.first().map_or_else(String::new, |row| {
                let delete = &row.delete;
                format!(" as one of project {}", delete.project_path.clone().unwrap_or(delete.project_id.to_string()))
            });
            say(&printable(&format!("warning: project {project}: {error}; the journal knows it{of}")));
            show_deletions(args.output, gitlab.connection.url(), &deletions)?;
            return Ok(Exit::Done);
        }
    };
    let report = ExplanationReport {
        format: FORMAT,
        generator: GENERATOR.to_owned(),
        instance: gitlab.connection.url().to_owned(),
        as_of,
        package: PackageReport::of(&package),
        policies,
    };
    match args.output {
        ExplanationForm::Table => print(&explanation(&report, width()))?,
        ExplanationForm::Json => print(&format!("{}\n", serde_json::to_string_pretty(&report)?))?,
    }
    Ok(if report.policies.iter().any(|policy| policy.standing == PolicyStanding::Failed) {
        Exit::Failed
    } else if failures > 0 {
        Exit::Partial
    } else {
        Exit::Done
    })
}

/// Returns the folder of all journals: the one that was named, the one beside the state, or the user's own; `None` where
/// there is none.
fn journal(args: &ExplainArgs) -> Result<Option<PathBuf>, UsageError> {
    if let Some(folder) = args.journal.as_ref().filter(|folder| !folder.is_dir()) {
        say(&printable(&format!("warning: there is no journal in {}", folder.display())));
    }
    let beside = args.state_dir.as_ref().map(|state| state.join("journal"));
    match journal_folder(args.journal.as_deref().or(beside.as_deref())) {
        Ok(folder) => Ok(Some(folder)),
        Err(SettingsError::NoJournal) => Ok(None),
        Err(error) => Err(error.into()),
    }
}
