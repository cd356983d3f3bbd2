//! Gathers what a walk gets to know of its projects, in several answers at several times, and settles what follows from
//! all of them.
//!
//! People move, archive and remove projects while they are listed. So nothing is assumed of a project that GitLab did
//! not tell, and where answers differ, the one that keeps more counts.

use std::collections::{BTreeMap, BTreeSet};

use crate::package::{Namespace, PathsSeen, Project, ProjectId, ProjectRow, Topics, groups_above, is_marked_path};

/// All that was seen of projects, and of the groups above them.
#[derive(Debug, Default)]
pub struct Sightings {
    /// The paths that rows of packages have, of each project that has a row.
    rows: BTreeMap<ProjectId, BTreeSet<String>>,
    told: BTreeMap<ProjectId, Vec<ProjectRow>>,
    /// The projects that were asked for by themselves, and whether GitLab showed them.
    asked: BTreeMap<ProjectId, bool>,
    /// The groups above projects, by their path in lower case.
    groups: BTreeMap<String, GroupSeen>,
    /// The paths that lead to a project without being its own.
    led: BTreeMap<ProjectId, BTreeSet<String>>,
    /// The project in whose pipeline gleaner runs.
    own: Option<ProjectId>,
}

/// A group above a project, as far as GitLab tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GroupSeen {
    /// GitLab tells of it. A release that archives no groups tells that it is not archived.
    Told {
        /// Whether it is archived.
        archived: bool,
        /// Whether it is marked for deletion.
        marked_for_deletion: bool,
    },
    /// GitLab doesn't show it.
    Untold,
}

impl GroupSeen {
    /// Puts two answers about a group together. What held in either of them holds.
    fn as_well_as(self, other: Self) -> Self {
        let holds =
            |seen| matches!(seen, Self::Told { archived, marked_for_deletion } if archived || marked_for_deletion);
        match (self, other) {
            (
                Self::Told { archived, marked_for_deletion: marked },
                Self::Told { archived: too, marked_for_deletion },
            ) => Self::Told { archived: archived || too, marked_for_deletion: marked || marked_for_deletion },
            (told, Self::Untold) | (Self::Untold, told) if holds(told) => told,
            (Self::Untold, _) | (_, Self::Untold) => Self::Untold,
        }
    }
}

impl Sightings {
    /// Notes a row of a package, with the path that it gives its project.
    pub fn saw_row(&mut self, id: ProjectId, path: Option<&str>) {
        let paths = self.rows.entry(id).or_default();
        if let Some(path) = path.filter(|path| !paths.contains(*path)) {
            paths.insert(path.to_owned());
        }
    }

    /// Notes what GitLab tells of a project in a listing, or because something else led to it.
    pub fn tell(&mut self, row: ProjectRow) {
        let rows = self.told.entry(row.id).or_default();
        if !rows.contains(&row) {
            rows.push(row);
        }
    }

    /// Notes the answer when this project was asked for by itself; `None` where GitLab shows none.
    pub fn answer(&mut self, id: ProjectId, row: Option<ProjectRow>) {
        let row = row.filter(|row| row.id == id);
        self.asked.insert(id, row.is_some());
        // The row that is told last has the path of now.
        self.told.entry(id).or_default().extend(row);
    }

    /// Notes what GitLab tells of the group at this path. One answer that says so makes it archived, or marked.
    pub fn answer_group(&mut self, path: &str, seen: GroupSeen) {
        let before = self.groups.entry(path.to_lowercase()).or_insert(seen);
        *before = before.as_well_as(seen);
    }

    /// Notes that a path which was asked for led to this project. Where it is not the project's own, it is one more.
    pub fn lead(&mut self, path: &str, row: ProjectRow) {
        self.led.entry(row.id).or_default().insert(path.to_lowercase());
        self.tell(row);
    }

    /// Notes that a pipeline runs in this project. Archived projects have none.
    pub fn runs_in(&mut self, id: ProjectId) {
        self.own = Some(id);
    }

    /// Returns the id of the project that has this path, as far as it was told.
    #[must_use]
    pub fn id_of(&self, path: &str) -> Option<ProjectId> {
        let rows = self.told.values().flatten();
        rows.filter(|row| row.path.eq_ignore_ascii_case(path)).map(|row| row.id).next_back()
    }

    /// Returns whether a project was told of at this path, or was led to by it.
    #[must_use]
    pub fn has_at(&self, path: &str) -> bool {
        self.id_of(path).is_some() || self.led.values().any(|paths| paths.contains(&path.to_lowercase()))
    }

    /// Returns the project that a path leads to without being its own, and the path that it has.
    #[must_use]
    pub fn led_from(&self, path: &str) -> Option<(ProjectId, String)> {
        let led = self.led.iter().filter(|(_, paths)| paths.contains(&path.to_lowercase()));
        let mut rows = led.filter_map(|(id, _)| self.told.get(id)?.last());
        rows.find(|row| !row.path.eq_ignore_ascii_case(path)).map(|row| (row.id, row.path.clone()))
    }

    /// Returns whether some project was told of at this path, or below it.
    #[must_use]
    pub fn has_below(&self, path: &str) -> bool {
        let path = path.to_lowercase();
        let rows = self.told.values().flatten();
        let mut paths = rows.map(|row| row.path.to_lowercase());
        paths.any(|told| told.strip_prefix(&path).is_some_and(|rest| rest.is_empty() || rest.starts_with('/')))
    }

    /// Returns the projects with packages that the listings tell too little of: they lack the project, have it under
    /// another path than the package's row, or don't tell whether it is archived.
    #[must_use]
    pub fn unsettled(&self) -> Vec<ProjectId> {
        let is_settled = |id: &ProjectId, paths: &BTreeSet<String>| {
            let told = self.told.get(id).map(Vec::as_slice).unwrap_or_default();
            let agrees = |row: &ProjectRow| paths.iter().all(|path| path.eq_ignore_ascii_case(&row.path));
            !told.is_empty() && told.iter().all(|row| row.archived.is_some() && agrees(row))
        };
        let open = self.rows.iter().filter(|(id, paths)| !self.asked.contains_key(id) && !is_settled(id, paths));
        open.map(|(id, _)| *id).collect()
    }

    /// Returns the groups above the projects with packages that nobody has asked for yet.
    #[must_use]
    pub fn open_groups(&self) -> BTreeSet<String> {
        self.groups_above().into_iter().filter(|group| !self.groups.contains_key(group)).collect()
    }

    /// Returns the groups above the projects with packages. Those of an archived project are among them, because they may
    /// be marked for deletion.
    #[must_use]
    pub fn groups_above(&self) -> BTreeSet<String> {
        let rows = self.rows.keys().filter(|id| self.own != Some(**id)).filter_map(|id| self.told.get(id)).flatten();
        let rows = rows.filter(|row| row.namespace == Namespace::Group);
        rows.flat_map(|row| groups_above(&row.path)).map(str::to_lowercase).collect()
    }

    /// Returns every path that a project has or was led to by.
    #[must_use]
    pub fn paths(&self) -> PathsSeen {
        let mut seen = PathsSeen::default();
        let rows = self.rows.iter().flat_map(|(id, paths)| paths.iter().map(|path| (*id, path.as_str())));
        let told = self.told.values().flatten().map(|row| (row.id, row.path.as_str()));
        let led = self.led.iter().flat_map(|(id, paths)| paths.iter().map(|path| (*id, path.as_str())));
        for (id, path) in rows.chain(told).chain(led) {
            seen.note(id, path);
        }
        seen
    }

    /// Returns the projects with packages, each with every path in `seen`.
    #[must_use]
    pub fn settle(&self, seen: &PathsSeen) -> BTreeMap<ProjectId, Project> {
        self.rows.iter().map(|(id, paths)| (*id, self.project(*id, paths, seen))).collect()
    }

    fn project(&self, id: ProjectId, row_paths: &BTreeSet<String>, seen: &PathsSeen) -> Project {
        let told = self.told.get(&id).map(Vec::as_slice).unwrap_or_default();
        let path = told.last().map(|row| row.path.clone()).or_else(|| row_paths.first().cloned());
        let mut other_paths: Vec<String> = Vec::new();
        for other in seen.of(id) {
            if path.as_deref().is_none_or(|path| !path.eq_ignore_ascii_case(other)) {
                other_paths.push(other.to_owned());
            }
        }
        let groups: Vec<GroupSeen> = told
            .iter()
            .filter(|row| row.namespace == Namespace::Group)
            .flat_map(|row| groups_above(&row.path))
            .map(|group| self.groups.get(&group.to_lowercase()).copied().unwrap_or(GroupSeen::Untold))
            .collect();
        let is_marked = |group: &GroupSeen| matches!(group, GroupSeen::Told { marked_for_deletion: true, .. });
        let paths_now = row_paths.iter().map(String::as_str).chain(told.iter().map(|row| row.path.as_str()));
        Project {
            id,
            archived: self.is_archived(id, told, &groups),
            marked_for_deletion: told.iter().any(|row| row.marked_for_deletion)
                || groups.iter().any(is_marked)
                || paths_now.into_iter().any(is_marked_path),
            has_releases: if told.iter().any(|row| row.has_releases == Some(true)) {
                Some(true)
            } else {
                told.last().and_then(|row| row.has_releases)
            },
            topics: self.topics(id, told),
            path,
            other_paths,
        }
    }

    /// Returns the topics of every answer about a project. One that shows nothing tells of none.
    fn topics(&self, id: ProjectId, told: &[ProjectRow]) -> Topics {
        let is_hidden = self.asked.get(&id) == Some(&false);
        Topics::of(told.iter().map(|row| row.topics.clone()).chain(is_hidden.then_some(None)))
    }

    /// Returns whether a project is archived; `None` where nobody knows. One reading that says so makes it archived.
    /// That it isn't takes an answer about the project and about every group above it.
    fn is_archived(&self, id: ProjectId, told: &[ProjectRow], groups: &[GroupSeen]) -> Option<bool> {
        let by_itself = told.iter().any(|row| row.archived == Some(true));
        if by_itself || groups.iter().any(|group| matches!(group, GroupSeen::Told { archived: true, .. })) {
            return Some(true);
        }
        if self.own == Some(id) {
            return Some(false);
        }
        // A listing that had the project says nothing once GitLab doesn't show it any more.
        let is_told = self.asked.get(&id) != Some(&false) && told.last().is_some_and(|row| row.archived.is_some());
        (is_told && !groups.contains(&GroupSeen::Untold)).then_some(false)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: ProjectId = ProjectId(7);

    fn row(path: &str) -> ProjectRow {
        ProjectRow {
            id: ID,
            path: path.to_owned(),
            namespace: Namespace::Group,
            archived: Some(false),
            marked_for_deletion: false,
            has_releases: Some(true),
            topics: Some(Vec::new()),
        }
    }

    fn archived(path: &str) -> ProjectRow {
        ProjectRow { archived: Some(true), ..row(path) }
    }

    const PLAIN: GroupSeen = GroupSeen::Told { archived: false, marked_for_deletion: false };

    /// A walk that saw one row of the project at `path`.
    fn walk(path: &str) -> Sightings {
        let mut sightings = Sightings::default();
        sightings.saw_row(ID, Some(path));
        sightings
    }

    fn settled(sightings: &Sightings) -> Project {
        sightings.settle(&sightings.paths()).remove(&ID).unwrap()
    }

    #[test]
    fn a_project_that_the_list_has_as_its_packages_do_is_not_asked_for() {
        let mut sightings = walk("acme/app");
        assert_eq!(sightings.unsettled(), [ID], "the list lacks it");
        sightings.tell(row("Acme/app"));
        assert!(sightings.unsettled().is_empty(), "case is no difference");
        sightings.saw_row(ID, Some("acme/new"));
        assert_eq!(sightings.unsettled(), [ID], "it was moved meanwhile");
        sightings.answer(ID, Some(row("acme/new")));
        assert!(sightings.unsettled().is_empty());
        sightings.answer_group("acme", PLAIN);
        let project = settled(&sightings);
        assert_eq!(project.path.as_deref(), Some("acme/new"));
        assert_eq!((project.other_paths, project.archived), (vec!["acme/app".to_owned()], Some(false)));
    }

    #[test]
    fn what_nobody_tells_is_unknown() {
        let mut sightings = walk("acme/app");
        sightings.answer(ID, None);
        assert!(sightings.unsettled().is_empty(), "nobody is asked twice");
        let project = settled(&sightings);
        assert_eq!((project.path.as_deref(), project.archived), (Some("acme/app"), None));
        let mut sightings = walk("acme/app");
        sightings.tell(ProjectRow { archived: None, ..row("acme/app") });
        assert_eq!(sightings.unsettled(), [ID]);
        sightings.answer_group("acme", PLAIN);
        assert_eq!(settled(&sightings).archived, None);
        // The answer to another question is none.
        sightings.answer(ID, Some(ProjectRow { id: ProjectId(8), ..row("acme/app") }));
        assert_eq!(settled(&sightings).archived, None);
        // It was in the list, was moved while it was listed, and is not shown any more.
        let mut sightings = walk("acme/elsewhere");
        sightings.tell(row("acme/app"));
        sightings.answer_group("acme", PLAIN);
        sightings.answer(ID, None);
        assert_eq!(settled(&sightings).archived, None);
    }

    #[test]
    fn archived_in_any_reading_is_archived() {
        for rows in [[archived("acme/app"), row("acme/app")], [row("acme/app"), archived("acme/app")]] {
            let mut sightings = walk("acme/app");
            rows.into_iter().for_each(|row| sightings.tell(row));
            sightings.answer_group("acme", PLAIN);
            assert_eq!(settled(&sightings).archived, Some(true));
        }
    }

    #[test]
    fn what_lies_in_an_archived_group_is_archived() {
        let below = || {
            let mut sightings = walk("acme/platform/app");
            sightings.tell(row("acme/platform/app"));
            sightings
        };
        let open = below().open_groups();
        assert_eq!(open.iter().map(String::as_str).collect::<Vec<_>>(), ["acme", "acme/platform"]);
        let archived = GroupSeen::Told { archived: true, marked_for_deletion: false };
        let table: [(&[GroupSeen], Option<bool>); 7] = [
            (&[], None),
            (&[PLAIN], Some(false)),
            (&[archived], Some(true)),
            (&[GroupSeen::Untold], None),
            (&[PLAIN, archived], Some(true)),
            (&[archived, GroupSeen::Untold], Some(true)),
            (&[GroupSeen::Untold, PLAIN], None),
        ];
        for (answers, expected) in table {
            for (one, other) in [("acme", "acme/platform"), ("acme/platform", "acme")] {
                let mut sightings = below();
                sightings.answer_group(one, PLAIN);
                answers.iter().for_each(|seen| sightings.answer_group(&other.to_uppercase(), *seen));
                assert_eq!(settled(&sightings).archived, expected, "{other}: {answers:?}");
                assert_eq!(sightings.open_groups().is_empty(), !answers.is_empty());
            }
        }
        // A person's namespace is no group, and nothing is above it.
        let mut sightings = walk("ada/toys");
        sightings.tell(ProjectRow { namespace: Namespace::Person, ..row("ada/toys") });
        assert!(sightings.open_groups().is_empty());
        assert_eq!(settled(&sightings).archived, Some(false));
    }

    #[test]
    fn a_mark_in_any_reading_is_a_mark() {
        let mark = |change: fn(&mut Sightings)| {
            let mut sightings = walk("acme/app");
            sightings.tell(row("acme/app"));
            sightings.answer_group("acme", PLAIN);
            change(&mut sightings);
            settled(&sightings).marked_for_deletion
        };
        assert!(!mark(|_| {}));
        assert!(mark(|seen| seen.tell(ProjectRow { marked_for_deletion: true, ..row("acme/app") })));
        assert!(mark(|seen| seen.saw_row(ID, Some("acme/app-deletion_scheduled-7"))));
        assert!(mark(|seen| seen.answer(ID, Some(row("acme-deleted-3/app")))));
        assert!(mark(|seen| seen.answer_group("acme", GroupSeen::Told { archived: false, marked_for_deletion: true })));
        // What it was called before it was taken back is no mark.
        let mut seen = PathsSeen::default();
        seen.note(ID, "acme/app-deletion_scheduled-7");
        let mut sightings = walk("acme/app");
        sightings.tell(row("acme/app"));
        assert!(!sightings.settle(&seen)[&ID].marked_for_deletion);
    }

    #[test]
    fn every_answer_tells_its_topics() {
        let has = |project: &Project| {
            let fits = |topics: &[String]| topics.contains(&"keep".to_owned());
            (project.topics.any(fits), project.topics.all(fits))
        };
        let with = |topics: &[&str]| Some(topics.iter().map(|topic| (*topic).to_owned()).collect());
        let told = |answers: Vec<Option<Vec<String>>>| {
            let mut sightings = walk("acme/app");
            answers.into_iter().for_each(|topics| sightings.tell(ProjectRow { topics, ..row("acme/app") }));
            settled(&sightings)
        };
        let (keep, none) = (with(&["a", "keep"]), with(&["a"]));
        assert_eq!(has(&told(vec![])), (None, None));
        assert_eq!(has(&told(vec![None])), (None, None));
        assert_eq!(has(&told(vec![keep.clone()])), (Some(true), Some(true)));
        assert_eq!(has(&told(vec![none.clone()])), (Some(false), Some(false)));
        assert_eq!(
            has(&told(vec![keep.clone(), none.clone()])),
            (Some(true), Some(false)),
            "it was taken off meanwhile"
        );
        assert_eq!(has(&told(vec![none.clone(), keep.clone()])), (Some(true), Some(false)), "it was added meanwhile");
        assert_eq!(has(&told(vec![keep.clone(), None])), (Some(true), None));
        assert_eq!(has(&told(vec![None, none.clone()])), (None, Some(false)));
        // It was in the list, and is not shown any more.
        let mut sightings = walk("acme/app");
        sightings.tell(ProjectRow { topics: none, ..row("acme/app") });
        sightings.answer(ID, None);
        assert_eq!(has(&settled(&sightings)), (None, Some(false)));
    }

    #[test]
    fn a_path_that_leads_to_a_project_is_one_of_its_paths() {
        let mut sightings = walk("acme/new");
        sightings.lead("acme/old", row("acme/new"));
        assert_eq!(settled(&sightings).other_paths, ["acme/old"]);
    }

    #[test]
    fn the_project_of_the_own_pipeline_is_not_archived() {
        let mut sightings = walk("acme/app");
        sightings.answer(ID, None);
        sightings.runs_in(ID);
        assert_eq!(settled(&sightings).archived, Some(false));
        sightings.tell(archived("acme/app"));
        assert_eq!(settled(&sightings).archived, Some(true));
    }
}
