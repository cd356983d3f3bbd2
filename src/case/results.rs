//! Tells how cases ended, for people.

use std::fmt;

use super::expectation::{Expected, Fate};
use super::rule::CaseRule;
use crate::package::{Package, PackageFile};
use crate::plan::ReasonKind;
use crate::yaml::Place;

/// How all cases ended.
#[derive(Debug, Clone, Default)]
pub struct Results {
    /// How many cases were judged.
    pub cases: usize,
    /// How many packages and files something was expected of.
    pub expectations: usize,
    /// The cases that did not end as expected.
    pub failures: Vec<Failure>,
    /// The rules that no expectation showed, in the order of the set.
    pub unshown: Vec<Unshown>,
}

/// A case that did not end as expected.
#[derive(Debug, Clone)]
pub struct Failure {
    /// The name of the case.
    pub case: String,
    /// Where the case begins.
    pub place: Place,
    /// Never empty.
    pub differences: Vec<Difference>,
}

/// A package, or a file of it, with another fate than the expected one.
#[derive(Debug, Clone)]
pub struct Difference {
    /// The package, or the one that the file is in.
    pub package: Package,
    /// The file; `None` where it is the package as a whole.
    pub file: Option<PackageFile>,
    /// Where the package or file is written.
    pub place: Place,
    /// The fate that the case expects.
    pub expected: Expected,
    /// The fate that the policies gave it.
    pub actual: Actual,
    /// The shortlist and the plan don't agree on it: a defect of gleaner, whatever was expected.
    pub is_missed: bool,
}

/// The fate of a package or a file under a policy, and the reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actual {
    /// Which way it goes.
    pub fate: Fate,
    /// The reason of the verdict, where there is one.
    pub reason: Option<ReasonKind>,
    /// The rule that decided, where one did.
    pub rule: Option<CaseRule>,
    /// The reason as a sentence.
    pub because: String,
    /// Every rule and what it saw, on several lines; nothing where no policy looks at the package.
    pub explanation: String,
}

/// A rule that no expectation has shown to decide anything.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unshown {
    /// The policy or protection that has it.
    pub owner: String,
    /// The file of that policy or protection.
    pub source: String,
    /// The rule's own name, `keep[0]`; `None` where no rule of its owner was shown.
    pub rule: Option<String>,
}

impl Results {
    /// Returns whether every package and file had the fate that was expected of it.
    #[must_use]
    pub fn is_as_expected(&self) -> bool {
        self.failures.is_empty()
    }
}

impl fmt::Display for Results {
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
        writeln!(f, "    expected: {}", sentence(*fate, *reason, rule.as_ref()))?;
        let Actual { fate, reason, rule, because, explanation } = &self.actual;
        writeln!(f, "    actual:   {}", sentence(*fate, *reason, rule.as_ref()))?;
        // The explanation of a package has the reason already.
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

fn sentence(fate: Fate, reason: Option<ReasonKind>, rule: Option<&CaseRule>) -> String {
    let parts: Vec<&str> = [Some(fate.as_str()), reason.map(ReasonKind::code), rule.map(|rule| rule.name.as_str())]
        .into_iter()
        .flatten()
        .collect();
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
