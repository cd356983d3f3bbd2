//! Asks GitLab about the projects of a walk: those of a listing, those that it lacks, the groups above them, and what
//! rules name by a path.

use futures_util::stream::{self, StreamExt as _, TryStreamExt as _};

use super::{Walk, WalkError, place_name};
use crate::gitlab::{self, GroupRow, ListingSource};
use crate::package::{ProjectId, ProjectRow, Reference};
use crate::plan::inventory::{GroupSeen, Sightings, Stray, Whereabouts};
use crate::policy::{Named, NamedPath};

/// How many are asked for at the same time. The connection has a limit of its own on requests in flight.
const CONCURRENT: usize = 8;

impl Walk<'_> {
    /// Notes the projects that a source lists, and returns the source to list packages of: a project by its id, so that
    /// it stays the same one while it is walked. A single project that can't be looked up is no failure. A CI job's
    /// token may list a project's packages and not read the project, and the listing tells if it may not.
    pub(super) async fn projects_of(
        &self,
        source: ListingSource,
        sightings: &mut Sightings,
    ) -> Result<ListingSource, WalkError> {
        let place = place_name(&source);
        let failed = |source| WalkError::Projects { place, source };
        match &source {
            ListingSource::Group { group, subgroups } => {
                let rows = self.reader.projects(group, *subgroups).await.map_err(failed)?;
                rows.into_iter().for_each(|row| sightings.tell(row));
                if matches!(group, Reference::Id(_))
                    && let Some(row) = self.group_by(group).await?
                {
                    // A path of digits alone can't be asked for: GitLab reads it as an id.
                    sightings.answer_group(&row.path, seen(&row));
                }
                Ok(source)
            }
            ListingSource::Project(project) => {
                let Some(row) = self.reader.project_if_shown(project).await.map_err(failed)? else {
                    return Ok(source);
                };
                let by_id = ListingSource::Project(row.id.into());
                match project {
                    Reference::Id(_) => sightings.tell(row),
                    Reference::Path(path) => sightings.lead(path, row),
                }
                Ok(by_id)
            }
        }
    }

    /// Asks for every project of which the listings tell too little, for what rules name and the listings lack, and for
    /// the groups above. Returns what was named and is elsewhere, or not there.
    pub(super) async fn ask_about_projects(&self, sightings: &mut Sightings) -> Result<Vec<Stray>, WalkError> {
        if let Some(own) = self.reader.own_project().await.map_err(failed("the project of the CI job"))? {
            sightings.runs_in(own);
        }
        let mut answers = stream::iter(sightings.unsettled()).map(|id| self.project(id)).buffer_unordered(CONCURRENT);
        while let Some((id, row)) = answers.try_next().await? {
            sightings.answer(id, row);
        }
        let strays = self.find_named(sightings).await?;
        let mut answers =
            stream::iter(sightings.open_groups()).map(|path| self.group(path)).buffer_unordered(CONCURRENT);
        while let Some((path, row)) = answers.try_next().await? {
            sightings.answer_group(&path, row.as_ref().map_or(GroupSeen::Untold, seen));
        }
        Ok(strays)
    }

    async fn project(&self, id: ProjectId) -> Result<(ProjectId, Option<ProjectRow>), WalkError> {
        let row = self.reader.project_if_shown(&id.into()).await;
        Ok((id, row.map_err(failed(&format!("project {id}")))?))
    }

    /// Asks for a group by its path. A group that answers from another path is not the one.
    async fn group(&self, path: String) -> Result<(String, Option<GroupRow>), WalkError> {
        let Ok(group) = Reference::parse(&path) else { return Ok((path, None)) };
        let row = self.group_by(&group).await?.filter(|row| row.path.eq_ignore_ascii_case(&path));
        Ok((path, row))
    }

    async fn group_by(&self, group: &Reference) -> Result<Option<GroupRow>, WalkError> {
        self.reader.group_if_shown(group).await.map_err(failed(&format!("group {group}")))
    }

    async fn find_named(&self, sightings: &mut Sightings) -> Result<Vec<Stray>, WalkError> {
        let mut strays = Vec::new();
        for named in self.named {
            let is_found = match &named.path {
                NamedPath::Project(path) => sightings.has_at(path) || self.find_project(path, sightings).await?,
                NamedPath::Group(path) => sightings.has_below(path) || self.group(path.clone()).await?.1.is_some(),
            };
            strays.extend(match is_found {
                true => led_elsewhere(named, sightings),
                false => Some(self.lost(named)),
            });
        }
        Ok(strays)
    }

    /// Asks for the project that the path leads to, notes it, and returns whether there is one.
    async fn find_project(&self, path: &str, sightings: &mut Sightings) -> Result<bool, WalkError> {
        let Ok(project) = Reference::parse(path) else { return Ok(false) };
        let row = self.reader.project_if_shown(&project).await.map_err(failed(&format!("project {path}")))?;
        let is_there = row.is_some();
        row.into_iter().for_each(|row| sightings.lead(path, row));
        Ok(is_there)
    }

    fn lost(&self, named: &Named) -> Stray {
        let is_remembered = self.remembered.knows(named.path.as_str());
        let whereabouts = if is_remembered { Whereabouts::Remembered } else { Whereabouts::Unknown };
        Stray { named: named.clone(), whereabouts }
    }
}

fn led_elsewhere(named: &Named, sightings: &Sightings) -> Option<Stray> {
    let (id, path) = sightings.led_from(named.path.as_str())?;
    Some(Stray { named: named.clone(), whereabouts: Whereabouts::Moved { id, path } })
}

pub(in crate::cycle) fn seen(row: &GroupRow) -> GroupSeen {
    // A release that archives no groups has no such key.
    GroupSeen::Told { archived: row.archived.unwrap_or(false), marked_for_deletion: row.marked_for_deletion }
}

fn failed(place: &str) -> impl FnOnce(gitlab::Error) -> WalkError {
    let place = place.to_owned();
    move |source| WalkError::Place { place, source }
}
