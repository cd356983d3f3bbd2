//! Writes reports into the folders of their policies, and removes what is more than enough.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write as _};
use std::path::{Path, PathBuf};

use jiff::Timestamp;

use super::name::ReportName;
use super::{KEPT, ReportError};
use crate::report::{FORMAT, PolicyReport, Report};

/// The folder of one GitLab's reports, with one for each policy in it.
///
/// Several processes may write there at once.
#[derive(Debug, Clone)]
pub struct ReportFolder {
    path: PathBuf,
    generator: String,
    instance: String,
}

/// The files of one policy, each list with the oldest first. Whatever else lies there is nobody's business.
#[derive(Debug, Default)]
struct Files {
    whole: Vec<ReportName>,
    unfinished: Vec<ReportName>,
}

impl ReportFolder {
    /// Names the folder beside the journal of a GitLab, in `journal`. `generator` makes the reports, and `instance` is the
    /// GitLab's URL.
    #[must_use]
    pub fn beside(journal: &Path, generator: &str, instance: &str) -> Self {
        Self { path: journal.join("reports"), generator: generator.to_owned(), instance: instance.to_owned() }
    }

    /// Writes the report of a policy down, whole or not at all, and removes the policy's oldest beyond [`KEPT`].
    ///
    /// # Errors
    ///
    /// When it can't be written, or an old one can't be removed.
    pub fn keep(&self, as_of: Timestamp, policy: &PolicyReport) -> Result<ReportName, ReportError> {
        let folder = self.folder(&policy.policy);
        let report = Report {
            format: FORMAT,
            generator: self.generator.clone(),
            instance: self.instance.clone(),
            as_of,
            quick: policy.is_bound,
            policies: vec![policy],
        };
        let name = write(&folder, &report).map_err(ReportError::writing(&folder))?;
        thin_out(&folder, name).map_err(ReportError::removing(&folder))?;
        Ok(name)
    }

    /// Makes the folder, so that one that can't be made is told before it is needed.
    pub(super) fn make(&self) -> Result<(), ReportError> {
        fs::create_dir_all(&self.path).map_err(ReportError::writing(&self.path))
    }

    /// Returns the policies that have a folder.
    pub(super) fn policies(&self) -> Result<Vec<String>, ReportError> {
        let policies = || -> io::Result<Vec<String>> {
            let mut policies = Vec::new();
            for entry in fs::read_dir(&self.path)? {
                let entry = entry?;
                let name = entry.file_name().into_string().ok().filter(|name| is_policy(name));
                policies.extend(name.filter(|_| entry.path().is_dir()));
            }
            Ok(policies)
        };
        policies().map_err(ReportError::reading(&self.path))
    }

    /// Returns the names of a policy's reports, the newest first.
    pub(super) fn names(&self, policy: &str) -> Result<Vec<ReportName>, ReportError> {
        let folder = self.folder(policy);
        let mut names = files(&folder).map_err(ReportError::reading(&folder))?.whole;
        names.reverse();
        Ok(names)
    }

    pub(super) fn file(&self, policy: &str, name: ReportName) -> PathBuf {
        self.folder(policy).join(name.file())
    }

    fn folder(&self, policy: &str) -> PathBuf {
        self.path.join(policy)
    }
}

/// Returns whether it can be the name of a policy. None of those leads anywhere else.
fn is_policy(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-'))
}

fn write(folder: &Path, report: &Report<&PolicyReport>) -> io::Result<ReportName> {
    fs::create_dir_all(folder)?;
    let (name, file, unfinished) = reserve(folder, report.as_of)?;
    let written = fill(file, report).and_then(|()| fs::rename(&unfinished, folder.join(name.file())));
    if let Err(error) = written {
        // A disk that is full has other uses for the room.
        let _ = fs::remove_file(&unfinished);
        return Err(error);
    }
    File::open(folder)?.sync_all()?;
    Ok(name)
}

/// Begins the file of a name that nobody has. Whoever else looks for one passes over this.
fn reserve(folder: &Path, as_of: Timestamp) -> io::Result<(ReportName, File, PathBuf)> {
    let mut number = 1;
    loop {
        let name = ReportName::new(as_of, number);
        let unfinished = folder.join(name.unfinished());
        match File::options().write(true).create_new(true).open(&unfinished) {
            // Looked for only now: before this file was there, another could have finished under the name.
            Ok(file) if !folder.join(name.file()).try_exists()? => return Ok((name, file, unfinished)),
            Ok(_) => fs::remove_file(&unfinished)?,
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
        number += 1;
    }
}

fn fill(file: File, report: &Report<&PolicyReport>) -> io::Result<()> {
    let mut writer = BufWriter::new(file);
    serde_json::to_writer_pretty(&mut writer, report)?;
    writer.write_all(b"\n")?;
    writer.into_inner()?.sync_all()
}

/// Removes the oldest reports beyond [`KEPT`], and what was broken off before the oldest of those that stay. `new` stays
/// whatever its name says: a clock may have been set back.
fn thin_out(folder: &Path, new: ReportName) -> io::Result<()> {
    let Files { mut whole, unfinished } = files(folder)?;
    let excess = whole.len().saturating_sub(KEPT);
    let going: Vec<ReportName> = whole.iter().copied().filter(|name| *name != new).take(excess).collect();
    for name in &going {
        remove(&folder.join(name.file()))?;
    }
    whole.retain(|name| !going.contains(name));
    for name in unfinished.into_iter().filter(|name| whole.first().is_some_and(|oldest| name < oldest)) {
        remove(&folder.join(name.unfinished()))?;
    }
    Ok(())
}

/// Removes a file, unless another process has done so.
fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

fn files(folder: &Path) -> io::Result<Files> {
    let mut files = Files::default();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if let Some(name) = entry.file_name().to_str().filter(|_| entry.path().is_file()) {
            files.whole.extend(ReportName::of_file(name));
            files.unfinished.extend(ReportName::of_unfinished(name));
        }
    }
    files.whole.sort_unstable();
    files.unfinished.sort_unstable();
    Ok(files)
}
