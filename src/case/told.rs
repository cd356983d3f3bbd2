//! What came of cases, for whoever reads it.

use std::fmt;

use super::expectation::{Expected, Fate};
use crate::package::{Package, PackageFile};
use crate::plan::ReasonKind;
use crate::yaml::Place;

/// What came of all cases.
#[derive(Debug, Clone, Default)]
pub struct Outcome {
    pub cases: usize,
    /// How many packages something was expected of.
    pub expectations: usize,
    pub failures: Vec<Failure>,
    /// In the order of the set.
    pub unshown: Vec<Unshown>,
}

/// A case in which something went otherwise.
#[derive(Debug, Clone)]
pub struct Failure {
    pub case: String,
    pub place: Place,
    pub differences: Vec<Difference>,
}

/// A package, or a file of it, that something else became of.
#[derive(Debug, Clone)]
pub struct Difference {
    pub package: Package,
    /// `None` where it is the package as a whole.
    pub file: Option<PackageFile>,
    pub place: Place,
    pub expected: Expected,
    pub actual: Told,
    /// The shortlist and the plan don't agree on it: a defect of gleaner, whatever was expected.
    pub is_missed: bool,
}

/// What became of a package or a file, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    pub fate: Fate,
    pub reason: Option<ReasonKind>,
    /// The rule that decided, named as the case would name it.
    pub rule: Option<String>,
    /// The same with its policy's name.
    pub(super) full_rule: Option<String>,
    pub because: String,
    /// Every rule and what it saw, on several lines; nothing where no policy looks at the package.
    pub explanation: String,
}

/// A rule that no expectation has shown to decide anything.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unshown {
    /// The policy or protection that has it.
    pub owner: String,
    /// The file of that.
    pub source: String,
    /// `None` where no rule of its owner was shown.
    pub rule: Option<String>,
}

impl Outcome {
    #[must_use]
    pub fn is_as_expected(&self) -> bool {
        self.failures.is_empty()
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for failure in &self.failures {
            writeln!(f, "{failure}")?;
        }
        let (cases, expectations) = (counted(self.cases, "case"), counted(self.expectations, "expectation"));
        if self.is_as_expected() {
            return writeln!(f, "{cases}, {expectations}: all as expected");
        }
        let differences: usize = self.failures.iter().map(|failure| failure.differences.len()).sum();
        let failures = counted(self.failures.len(), "case");
        writeln!(f, "{cases}, {expectations}: {differences} not as expected, in {failures}")
    }
}

fn counted(count: usize, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}:{}: {}", self.place.file, self.place.line, self.case)?;
        for difference in &self.differences {
            write!(f, "{difference}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Package { package_type, name, version, project, .. } = &self.package;
        let version = version.as_deref().unwrap_or("without a version");
        let path = project.path.as_deref().unwrap_or("a project without a path");
        write!(f, "  line {}: ", self.place.line)?;
        if let Some(file) = &self.file {
            write!(f, "{} of ", file.name.as_deref().unwrap_or("a file without a name"))?;
        }
        writeln!(f, "{package_type} {name} {version} in {path}")?;
        let Expected { fate, reason, rule } = &self.expected;
        writeln!(f, "    expected: {}", sentence(*fate, *reason, rule.as_deref()))?;
        let Told { fate, reason, rule, because, explanation, .. } = &self.actual;
        writeln!(f, "    actual:   {}", sentence(*fate, *reason, rule.as_deref()))?;
        // That of a package has it already.
        if explanation.is_empty() || self.file.is_some() {
            writeln!(f, "    because:  {because}")?;
        }
        for line in explanation.lines() {
            writeln!(f, "      {line}")?;
        }
        if self.is_missed {
            writeln!(f, "    The shortlist and the plan differ here. That is a defect of gleaner: please report it.")?;
        }
        Ok(())
    }
}

fn sentence(fate: Fate, reason: Option<ReasonKind>, rule: Option<&str>) -> String {
    let parts: Vec<&str> = [Some(fate.as_str()), reason.map(ReasonKind::code), rule].into_iter().flatten().collect();
    parts.join(", ")
}

impl fmt::Display for Unshown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.rule {
            Some(rule) => write!(f, "no case shows {rule} of {}", self.owner),
            None => write!(f, "no case shows any rule of {}", self.owner),
        }
    }
}
