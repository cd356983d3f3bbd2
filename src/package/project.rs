//! The project that holds a package, with every path by which it is or was known.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::{Deserialize, Serialize};

/// The number of a project, which no other project of this GitLab has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ProjectId(pub u64);

impl fmt::Display for ProjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The project that holds a package.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Project {
    /// Its number.
    pub id: ProjectId,
    /// The full path, `acme/platform/api`; `None` where the token may list the package but not read its project.
    pub path: Option<String>,
    /// Every other path that it is or was known by. A rule that keeps by one of them keeps.
    pub other_paths: Vec<String>,
    /// It is archived, itself or by a group above it; `None` where nobody can tell.
    pub archived: Option<bool>,
    /// It is marked for deletion, itself or by a group above it. Its owner may take that back.
    pub marked_for_deletion: bool,
    /// It can have releases; `None` where GitLab doesn't say.
    pub has_releases: Option<bool>,
    /// Its topics.
    pub topics: Topics,
}

/// What GitLab told of a project's topics, each time that it told of the project. People change them meanwhile.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Topics {
    /// Each answer once; `None` is one that doesn't tell. Where there is none, nobody knows.
    readings: BTreeSet<Option<Vec<String>>>,
}

impl Topics {
    /// Takes in what each answer tells, in any order.
    #[must_use]
    pub fn of(readings: impl IntoIterator<Item = Option<Vec<String>>>) -> Self {
        Self { readings: readings.into_iter().collect() }
    }

    /// Returns whether the topics of every answer fit; `None` where nobody can tell.
    #[must_use]
    pub fn all(&self, fit: impl Fn(&[String]) -> bool) -> Option<bool> {
        if self.told().any(|topics| !fit(topics)) {
            return Some(false);
        }
        self.is_known().then_some(true)
    }

    /// Returns whether the topics of some answer fit; `None` where nobody can tell.
    #[must_use]
    pub fn any(&self, fit: impl Fn(&[String]) -> bool) -> Option<bool> {
        if self.told().any(fit) {
            return Some(true);
        }
        self.is_known().then_some(false)
    }

    /// Returns what each answer tells, of those that tell something.
    pub fn told(&self) -> impl Iterator<Item = &[String]> {
        self.readings.iter().flatten().map(Vec::as_slice)
    }

    /// Returns whether every answer tells of them, and there is one.
    #[must_use]
    pub fn is_known(&self) -> bool {
        !self.readings.is_empty() && self.readings.iter().all(Option::is_some)
    }
}

impl Project {
    /// Returns a project of which nothing is known but what a package's row tells.
    #[must_use]
    pub fn unread(id: ProjectId, path: Option<String>) -> Self {
        let marked_for_deletion = path.as_deref().is_some_and(is_marked_path);
        let (other_paths, topics) = (Vec::new(), Topics::default());
        Self { id, path, other_paths, archived: None, marked_for_deletion, has_releases: None, topics }
    }

    /// Returns its path, and then every other one.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        self.path.iter().chain(&self.other_paths).map(String::as_str)
    }
}

/// A project as GitLab tells of it once.
///
/// Source: `lib/api/entities/project.rb`, and for the topics `lib/api/entities/basic_project_details.rb`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProjectRow {
    /// Its number.
    pub id: ProjectId,
    /// The full path, `acme/platform/api`.
    pub path: String,
    /// The kind of namespace that it lies in.
    pub namespace: Namespace,
    /// Its own flag, which a group's archiving does not reach; `None` where GitLab doesn't say.
    pub archived: Option<bool>,
    /// Its own path or date says that somebody asked for its deletion.
    pub marked_for_deletion: bool,
    /// It can have releases. `None` where GitLab doesn't say, as releases before 15.8 don't.
    pub has_releases: Option<bool>,
    /// Its topics; `None` where GitLab doesn't say.
    pub topics: Option<Vec<String>>,
}

/// The kind of namespace that a project lies in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Namespace {
    /// Also where GitLab doesn't say: then there is more to ask.
    Group,
    /// A person's own, which has no groups above it.
    Person,
}

/// Returns whether a project or a group that has this path was renamed because it is marked for deletion.
///
/// Source: `app/services/projects/mark_for_deletion_service.rb` and `app/services/groups/mark_for_deletion_service.rb`.
/// The second form is that of older releases.
#[must_use]
pub fn is_marked_path(path: &str) -> bool {
    let is_marked = |part: &str| {
        ["-deletion_scheduled-", "-deleted-"].into_iter().any(|sign| {
            let id = part.rsplit_once(sign).map(|(_, id)| id);
            id.is_some_and(|id| !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_digit()))
        })
    };
    path.split('/').any(is_marked)
}

/// Returns the groups above a project or a group, the nearest first.
pub fn groups_above(path: &str) -> impl Iterator<Item = &str> {
    path.rmatch_indices('/').map(|(at, _)| &path[..at])
}

/// Every path that each project was seen under, in lower case: GitLab tells no cases apart.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PathsSeen(BTreeMap<ProjectId, Vec<String>>);

impl PathsSeen {
    /// Returns the paths that a project was seen under.
    pub fn of(&self, id: ProjectId) -> impl Iterator<Item = &str> {
        self.0.get(&id).into_iter().flatten().map(String::as_str)
    }

    /// Returns every project with its paths, by their ids.
    pub fn iter(&self) -> impl Iterator<Item = (ProjectId, &[String])> {
        self.0.iter().map(|(id, paths)| (*id, paths.as_slice()))
    }

    /// Notes that a project was seen under a path, and returns whether that is news.
    pub fn note(&mut self, id: ProjectId, path: &str) -> bool {
        let path = path.to_lowercase();
        let paths = self.0.entry(id).or_default();
        if paths.contains(&path) {
            return false;
        }
        paths.push(path);
        paths.sort_unstable();
        true
    }

    /// Takes in all that another has seen, and returns whether anything of it is news.
    pub fn extend(&mut self, other: &Self) -> bool {
        let mut is_news = false;
        for (id, paths) in &other.0 {
            for path in paths {
                is_news |= self.note(*id, path);
            }
        }
        is_news
    }

    /// Returns whether some project was seen under this path, or below it.
    #[must_use]
    pub fn knows(&self, path: &str) -> bool {
        let path = path.to_lowercase();
        let is_it =
            |seen: &String| seen.strip_prefix(&path).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        self.0.values().flatten().any(is_it)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_marked_for_deletion_shows_in_its_path() {
        let table = [
            ("acme/api-deletion_scheduled-12", true),
            ("acme/api-deleted-12", true),
            ("acme-deletion_scheduled-7/api", true),
            ("acme/old-deleted-7/sub/api", true),
            ("acme/api", false),
            ("acme/api-deleted", false),
            ("acme/api-deleted-", false),
            ("acme/api-deleted-v2", false),
            ("acme/deletion_scheduled-12", false),
        ];
        for (path, expected) in table {
            assert_eq!(is_marked_path(path), expected, "{path}");
        }
    }

    #[test]
    fn the_groups_above_a_project_are_told_from_the_nearest_up() {
        assert_eq!(groups_above("acme/platform/api").collect::<Vec<_>>(), ["acme/platform", "acme"]);
        assert_eq!(groups_above("acme").count(), 0);
    }

    #[test]
    fn a_path_that_was_seen_stays() {
        let mut seen = PathsSeen::default();
        let id = ProjectId(7);
        assert_eq!(["acme/Old", "acme/new", "Acme/old"].map(|path| seen.note(id, path)), [true, true, false]);
        assert_eq!(seen.of(id).collect::<Vec<_>>(), ["acme/new", "acme/old"]);
        let known = ["acme", "ACME/old", "acme/ol", "acme/old/x"].map(|path| seen.knows(path));
        assert_eq!(known, [true, true, false, false]);
        let mut other = PathsSeen::default();
        assert!(other.extend(&seen) && !other.extend(&seen));
        assert_eq!(other, seen);
    }
}
