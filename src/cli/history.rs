//! `gleaner history`: who deleted what, when and why, from the journal alone.

mod entry;
mod forms;
mod of_package;
mod table;

use std::path::{Path, PathBuf};

use super::args::{HistoryArgs, HistoryOutput};
use super::moment::now;
use super::settings::journal_folder;
use super::terminal::{print, say, width};
use super::{CommandResult, Exit, UsageError};
use crate::package::address::Address;
use crate::record::journal::line::LineProblem;
use crate::record::journal::{History, ProjectQuery, Query, UnreadLines, folder_name, gitlabs, verify};
use crate::report::printable;
use forms::HistoryForm;
pub(super) use of_package::{of_package, show_deletions};

/// There is nothing to read.
#[derive(Debug, thiserror::Error)]
#[error("no journal in {}; deletions are recorded by `apply` and `serve --execute`", .0.display())]
struct NoJournal(PathBuf);

/// One GitLab's journal.
struct GitlabJournal {
    folder: PathBuf,
    /// The URL of the GitLab, or the folder where no line names it.
    gitlab: String,
}

pub(super) fn history(args: &HistoryArgs) -> CommandResult {
    let query = query(args)?;
    let journals = journals(args)?;
    if args.verify { verified(&journals) } else { told(&journals, &query, args.output) }
}

fn query(args: &HistoryArgs) -> Result<Query, UsageError> {
    let now = now();
    let projects: Vec<&str> = args.projects.iter().map(String::as_str).collect();
    let unread = |error| UsageError::Project(args.projects.join("`, `"), error);
    let projects = (!projects.is_empty()).then(|| ProjectQuery::parse(&projects).map_err(unread)).transpose()?;
    let since = args.since.as_ref().map(|since| since.resolve(now).ok_or(UsageError::Beyond("--since")));
    let until = args.until.as_ref().map(|until| until.resolve(now).ok_or(UsageError::Beyond("--until")));
    Ok(Query {
        since: since.transpose()?,
        until: until.transpose()?,
        projects,
        package: args.package.clone(),
        policy: args.policy.clone(),
        run: args.run.clone(),
    })
}

/// Finds the journals that are asked for.
fn journals(args: &HistoryArgs) -> Result<Vec<GitlabJournal>, Box<dyn std::error::Error>> {
    let mut folder = journal_folder(args.journal.as_deref()).map_err(UsageError::from)?;
    if let Some(url) = &args.gitlab_url {
        folder.push(folder_name(&Address::parse(url).map_err(UsageError::Url)?));
    }
    let found = gitlabs(&folder)?;
    if found.is_empty() {
        return Err(NoJournal(folder).into());
    }
    let journal = |(folder, instance): (PathBuf, Option<String>)| {
        let gitlab = instance.unwrap_or_else(|| folder.display().to_string());
        GitlabJournal { folder, gitlab }
    };
    Ok(found.into_iter().map(journal).collect())
}

/// Prints every row that is asked for, one GitLab after the other.
fn told(journals: &[GitlabJournal], query: &Query, output: HistoryOutput) -> CommandResult {
    let mut form = HistoryForm::begin(output, width().unwrap_or(80));
    let (mut is_complete, mut count) = (true, 0);
    print(&form.head()?)?;
    for GitlabJournal { folder, gitlab } in journals {
        let mut history = History::open(folder, query)?;
        while let Some(rows) = history.next_rows()? {
            count += rows.len();
            if !rows.is_empty() {
                print(&form.rows(gitlab, &rows)?)?;
            }
        }
        for unread in history.unread() {
            is_complete = false;
            say(&format!("warning: {}", unread_lines(folder, unread)));
        }
    }
    print(&form.end())?;
    if count == 0 {
        say("the journal has no such deletion");
    }
    Ok(if is_complete { Exit::Done } else { Exit::Partial })
}

fn unread_lines(folder: &Path, UnreadLines { file, line, count, problem }: &UnreadLines) -> String {
    let place = folder.join(file);
    let lines = match count {
        1 => format!("line {line} of {}", place.display()),
        _ => format!("{count} lines of {}, from line {line} on,", place.display()),
    };
    match problem {
        LineProblem::Newer => format!("{lines} can't be read by this release of gleaner: a newer one wrote that"),
        LineProblem::Unreadable(problem) => {
            format!("{lines} can't be read ({}); `gleaner history --verify` looks at all", printable(problem))
        }
    }
}

/// Reads the chain of every journal, and tells each place where it is broken.
fn verified(journals: &[GitlabJournal]) -> CommandResult {
    let mut exit = Exit::Done;
    for GitlabJournal { folder, gitlab } in journals {
        let found = verify(folder)?;
        let mut text = format!("{}: {} lines in {}", printable(gitlab), found.end.lines, folder.display());
        text.push_str(match found.breaks.len() {
            0 => ", and the chain holds\n",
            _ => ", and the chain is broken\n",
        });
        if let Some(first) = found.end.begins_at {
            text.push_str(&format!("  it begins with line {first} of the journal: the files before were removed\n"));
        }
        for broken in &found.breaks {
            exit = Exit::Failed;
            text.push_str(&format!("  {broken}\n"));
        }
        if let Some((file, line)) = &found.end.torn {
            text.push_str(&format!("  {file}:{line}: it was broken off, or a run is just writing it\n"));
        }
        print(&text)?;
    }
    Ok(exit)
}
