//! Opens the journal of a command that deletes, unless it was told to keep none, and keeps its reports beside it.

use std::path::{Path, PathBuf};

use jiff::Timestamp;

use super::gitlab::Gitlab;
use super::settings::{SettingsError, journal_folder, revision};
use super::terminal::say;
use super::{GENERATOR, JournalArgs, UsageError};
use crate::cycle::paragraph;
use crate::gitlab::RunId;
use crate::record::journal::{Journal, OpenedJournal, RunStart};
use crate::record::reports::ReportFolder;
use crate::report::{Report, printable};

/// Opens the journal, and has every request say which run it is of. What the embedded GitLab loses is not written down
/// unless a folder was named: it is gone with the command anyway.
pub(super) fn open_journal(
    args: &JournalArgs,
    state: Option<&Path>,
    gitlab: &mut Gitlab,
    command: &str,
    now: Timestamp,
) -> Result<Option<Journal>, UsageError> {
    let run = RunId::new(now, fastrand::u32(..));
    gitlab.connection = gitlab.connection.of_run(&run);
    if args.no_journal {
        say("warning: no journal is kept: nobody will be able to tell what was deleted, and why");
        return Ok(None);
    }
    if args.journal.is_none() && gitlab.real_address().is_none() {
        return Ok(None);
    }
    let folder = folder(args, state)?;
    let start = RunStart {
        run: run.to_string(),
        generator: GENERATOR.to_owned(),
        instance: gitlab.connection.address().clone(),
        command: command.to_owned(),
        who: None,
        revision: revision()?,
    };
    let OpenedJournal { journal, torn, .. } = Journal::open(&folder, start, now)?;
    if torn.is_some() {
        let folder = journal.folder().display();
        say(&printable(&format!("warning: the last line of the journal in {folder} was broken off, and says so now")));
    }
    Ok(Some(journal))
}

/// Keeps the report of each policy beside the journal, where there is one. What was deleted stands in the journal and on
/// stdout, so one that can't be written is told, and changes nothing else.
pub(super) fn keep_reports(journal: Option<&Journal>, report: &Report) {
    let Some(journal) = journal else { return };
    let folder = ReportFolder::beside(journal.folder(), GENERATOR, &report.instance);
    for policy in &report.policies {
        if let Err(error) = folder.keep(report.as_of, policy) {
            say(&printable(&format!("warning: {}", paragraph(&error))));
        }
    }
}

/// Returns the folder of all journals: the one that was named, the one beside the state, or the user's own.
pub(super) fn folder(args: &JournalArgs, state: Option<&Path>) -> Result<PathBuf, UsageError> {
    let beside = state.map(|state| state.join("journal"));
    journal_folder(args.journal.as_deref().or(beside.as_deref())).map_err(|error| match error {
        SettingsError::NoJournal => UsageError::NoJournalFolder,
        error => error.into(),
    })
}
