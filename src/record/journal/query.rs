//! What somebody asks a journal for.

use jiff::Timestamp;

use super::index::{Block, Glance, key_of_name, key_of_path, key_of_policy, key_of_project, key_of_run};
use crate::package::{Project, ProjectId};
use crate::policy::{PatternKind, Patterns};
use crate::yaml::ValueError;

/// The deletions that are asked for. What it doesn't name, any deletion has.
#[derive(Debug, Clone, Default)]
pub struct Query {
    /// The first instant.
    pub since: Option<Timestamp>,
    /// The instant behind the last one.
    pub until: Option<Timestamp>,
    /// The projects.
    pub projects: Option<ProjectQuery>,
    /// The name of the package.
    pub package: Option<String>,
    /// The name of the policy.
    pub policy: Option<String>,
    /// The id of the run.
    pub run: Option<String>,
}

/// Projects by patterns, as `--project` of other commands has them.
#[derive(Debug, Clone)]
pub struct ProjectQuery {
    patterns: Patterns,
    /// The keys of which a block has one, if anything in it matches; `None` where any block may.
    keys: Option<Vec<u32>>,
}

impl ProjectQuery {
    /// Reads patterns.
    ///
    /// # Errors
    ///
    /// When one of them is none.
    pub fn parse(texts: &[&str]) -> Result<Self, ValueError> {
        let patterns = Patterns::parse(texts, PatternKind::Path)?;
        let including: Vec<&str> = texts.iter().copied().filter(|text| !text.starts_with('!')).collect();
        let keys = if including.is_empty() { None } else { including.into_iter().map(key_of_pattern).collect() };
        Ok(Self { patterns, keys })
    }

    fn matches(&self, id: u64, path: Option<&str>) -> bool {
        let project = Project::unread(ProjectId(id), path.map(str::to_owned));
        self.patterns.select_project(&project) == Some(true)
    }
}

/// Returns the key that every project has which a pattern matches: of its id, its path, or the group that all of them lie
/// in. `None` where they have nothing in common.
fn key_of_pattern(text: &str) -> Option<u32> {
    if let Ok(id) = text.parse() {
        return Some(key_of_project(id));
    }
    if text.starts_with('/') {
        return None;
    }
    let path = text.to_lowercase();
    let literal = match path.find(['*', '?', '[', '{', '\\']) {
        None => path.as_str(),
        Some(special) => path[..special].rsplit_once('/')?.0,
    };
    Some(key_of_path(literal))
}

impl Query {
    /// Returns whether it asks for less than everything, so that an index is of use.
    #[must_use]
    pub fn is_narrow(&self) -> bool {
        let Self { since, until, projects, package, policy, run } = self;
        let texts = [package, policy, run];
        since.is_some() || until.is_some() || projects.is_some() || texts.iter().any(|text| text.is_some())
    }

    /// Returns whether a deletion is one that is asked for.
    pub(super) fn matches(&self, line: &Glance) -> bool {
        let is_it = |asked: &Option<String>, text: Option<&str>| asked.is_none() || asked.as_deref() == text;
        self.since.is_none_or(|since| since <= line.time)
            && self.until.is_none_or(|until| line.time < until)
            && is_it(&self.package, line.name.as_deref())
            && is_it(&self.policy, line.policy.as_deref())
            && is_it(&self.run, Some(&line.run))
            && self.projects.as_ref().is_none_or(|projects| {
                line.project_id.is_some_and(|id| projects.matches(id, line.project_path.as_deref()))
            })
    }

    /// Returns whether a block may have a deletion that is asked for.
    pub(super) fn may_match(&self, block: &Block) -> bool {
        let (first, last) = block.seconds;
        let texts = [
            self.package.as_deref().map(key_of_name),
            self.policy.as_deref().map(key_of_policy),
            self.run.as_deref().map(key_of_run),
        ];
        self.since.is_none_or(|since| since.as_second() <= last)
            && self.until.is_none_or(|until| first <= until.as_second())
            && texts.into_iter().flatten().all(|key| block.has(key))
            && self
                .projects
                .as_ref()
                .and_then(|projects| projects.keys.as_ref())
                .is_none_or(|keys| keys.iter().any(|key| block.has(*key)))
    }
}
