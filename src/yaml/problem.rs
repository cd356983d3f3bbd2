//! What is wrong with files, told as a compiler would: the place, the line itself, and what to write instead.

use std::fmt;

use super::excerpt::Excerpt;

/// Everything that is wrong with some files. Never empty.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct Problems {
    /// In the order of the files and their lines.
    pub problems: Vec<Problem>,
}

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// `None` where all files together are wrong.
    pub place: Option<Place>,
    /// What is wrong, in one line.
    pub message: String,
    /// What to write instead.
    pub hint: Option<String>,
}

/// Where in the files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The file, as the user named it.
    pub file: String,
    /// Counted from 1.
    pub line: usize,
    /// In characters, counted from 1.
    pub column: usize,
    pub(super) excerpt: Excerpt,
}

/// Something that looks wrong but is none of the errors.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lint {
    /// Which lint it is, by its name.
    pub kind: &'static LintKind,
    /// Where it looks wrong.
    pub place: Place,
    /// What looks wrong.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
}

/// A lint by its name, whatever it says of a file.
#[derive(Debug, PartialEq, Eq)]
pub struct LintKind {
    /// In kebab-case. A lint is explained, denied and allowed by it.
    pub name: &'static str,
    /// What it says, why that matters and how to mend it, in Markdown.
    pub explanation: &'static str,
}

/// Why a single value can't be read, and what to write instead.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}{}", hint.as_ref().map(|hint| format!(" ({hint})")).unwrap_or_default())]
pub struct ValueError {
    /// What is wrong, in one line.
    pub message: String,
    /// What to write instead.
    pub hint: Option<String>,
}

impl Problem {
    /// Adds what to write instead.
    pub(crate) fn hint(&mut self, hint: impl Into<String>) {
        self.hint = Some(hint.into());
    }
}

impl ValueError {
    /// Returns an error that says what to write instead.
    pub(crate) fn new(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { message: message.into(), hint: Some(hint.into()) }
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.problems.iter().enumerate() {
            if index > 0 {
                f.write_str("\n\n")?;
            }
            problem.fmt(f)?;
        }
        Ok(())
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write(f, self.place.as_ref(), &self.message, self.hint.as_deref())
    }
}

impl fmt::Display for Lint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let message = format!("{} [{}]", self.message, self.kind.name);
        write(f, Some(&self.place), &message, self.hint.as_deref())
    }
}

fn write(f: &mut fmt::Formatter<'_>, place: Option<&Place>, message: &str, hint: Option<&str>) -> fmt::Result {
    if let Some(place) = place {
        write!(f, "{}:{}:{}: {message}\n{}", place.file, place.line, place.column, place.excerpt)?;
    } else {
        f.write_str(message)?;
    }
    match hint {
        Some(hint) => write!(f, "\n     = {hint}"),
        None => Ok(()),
    }
}
