//! Problems and lints of files, told as a compiler would: the place, the line itself, and what to write instead.

use std::fmt;

use super::excerpt::Excerpt;

/// All problems of some files. Never empty.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct Problems {
    /// The problems, in the order of the files and their lines.
    pub problems: Vec<Problem>,
}

/// One problem.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Its place; `None` where it is one of all files together.
    pub place: Option<Place>,
    /// The problem in one line.
    pub message: String,
    /// The text to write instead.
    pub hint: Option<String>,
}

/// A place in the files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The file, as the user named it.
    pub file: String,
    /// The line, counted from 1.
    pub line: usize,
    /// The column in characters, counted from 1.
    pub column: usize,
    pub(super) excerpt: Excerpt,
}

/// A warning about something that looks wrong, but is no error.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lint {
    /// The kind of lint, with its name.
    pub kind: &'static LintKind,
    /// The place that looks wrong.
    pub place: Place,
    /// The warning in one line.
    pub message: String,
    /// The way to mend it.
    pub hint: Option<String>,
}

/// A kind of lint, with its name and its explanation.
#[derive(Debug, PartialEq, Eq)]
pub struct LintKind {
    /// Its name in kebab-case, by which it is explained, denied and allowed.
    pub name: &'static str,
    /// An explanation in Markdown: what it says, why that matters and how to mend it.
    pub explanation: &'static str,
}

/// Why a single value can't be read, and what to write instead.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}{}", hint.as_ref().map(|hint| format!(" ({hint})")).unwrap_or_default())]
pub struct ValueError {
    /// The problem in one line.
    pub message: String,
    /// The text to write instead.
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
