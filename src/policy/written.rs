//! Parts of a policy as they are written in YAML, so that readers find them there.

use std::fmt::{self, Display};

use super::quote::{self, one_or_list, quoted};
use super::{By, FileRule, Newest, Per, ProtectionScope, Reach, Together};

impl FileRule {
    /// Returns the part of the rule that is about files, as in `file: "*.jar", keep_newest: 2`.
    #[must_use]
    pub fn of_files(&self) -> String {
        let parts = [
            self.file.as_ref().map(|patterns| format!("file: {}", quote::patterns(patterns))),
            Some(format!("keep_newest: {}", self.keep_newest)),
            (self.together == Together::Package).then(|| "keep_newest_per: package".to_owned()),
            self.older_than.as_ref().map(|age| format!("older_than: {age}")),
        ];
        parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
    }
}

impl Display for Newest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "newest: {}", self.count)?;
        match self.by {
            By::Content => {}
            By::Created => f.write_str(", by: created")?,
            By::Version => f.write_str(", by: version")?,
        }
        match &self.per {
            None => {}
            Some(Per::Major) => f.write_str(", newest_per: major")?,
            Some(Per::Minor) => f.write_str(", newest_per: minor")?,
            Some(Per::Patch) => f.write_str(", newest_per: patch")?,
            Some(Per::Ref) => f.write_str(", newest_per: ref")?,
            Some(Per::Capture(capture)) => write!(f, ", newest_per: {}", quoted(&capture.to_string()))?,
        }
        self.last_series.map_or(Ok(()), |last| write!(f, ", last_series: {last}"))
    }
}

impl Display for ProtectionScope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts = [
            (!self.groups.is_empty()).then(|| format!("group: {}", one_or_list(&self.groups))),
            (!self.subgroups).then(|| "subgroups: false".to_owned()),
            (!self.projects.is_empty()).then(|| format!("project: {}", one_or_list(&self.projects))),
            self.paths.as_ref().map(|paths| format!("paths: {}", quote::patterns(paths))),
            (!self.types.is_empty()).then(|| format!("types: {}", one_or_list(&self.types))),
            self.topics.as_ref().map(|topics| format!("topic: {}", quote::patterns(topics))),
        ];
        let parts: Vec<String> = parts.into_iter().flatten().collect();
        write!(f, "scope: {{ {} }}", parts.join(", "))
    }
}

impl Display for Reach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let subgroups = match self {
            Self::Everywhere { subgroups } => {
                f.write_str("group: \"*\"")?;
                *subgroups
            }
            Self::Groups { groups, subgroups } => {
                write!(f, "group: {}", one_or_list(groups))?;
                *subgroups
            }
            Self::Projects(projects) => return write!(f, "project: {}", one_or_list(projects)),
        };
        f.write_str(if subgroups { "" } else { ", subgroups: false" })
    }
}
