//! What people do to the releases of a project.

use jiff::Timestamp;

use super::Directory;
use crate::happenings::ActError;
use crate::registry::{Release, ReleaseLink};

impl Directory {
    /// Links something to a release, which is made if there is none of that tag. A release has every URL and every name
    /// once (app/models/releases/link.rb).
    pub(crate) fn link_release(
        &mut self,
        project: u64,
        tag: String,
        url: String,
        now: Timestamp,
    ) -> Result<(), ActError> {
        let all = self.projects.iter().flat_map(|project| &project.releases).flat_map(|release| &release.links);
        let id = all.map(|link| link.id).max().unwrap_or_default() + 1;
        let releases = &mut self.project_mut(project)?.releases;
        let at = releases.iter().position(|release| release.tag == tag).unwrap_or_else(|| {
            releases.push(Release { tag, created_at: now, released_at: now, ..Release::default() });
            releases.len() - 1
        });
        let release = &mut releases[at];
        if release.links.iter().any(|link| link.url == url) {
            return Err(ActError::Linked(project, release.tag.clone(), url));
        }
        release.links.push(ReleaseLink { id, name: url.clone(), url, ..ReleaseLink::default() });
        Ok(())
    }

    /// Takes a link away; the release stays.
    pub(crate) fn unlink_release(&mut self, project: u64, tag: String, url: String) -> Result<(), ActError> {
        let releases = &mut self.project_mut(project)?.releases;
        let release = releases.iter_mut().find(|release| release.tag == tag);
        let links = release.map(|release| &mut release.links);
        let at = links.as_ref().and_then(|links| links.iter().position(|link| link.url == url));
        match links.zip(at) {
            Some((links, at)) => links.remove(at),
            None => return Err(ActError::NoLink(project, tag, url)),
        };
        Ok(())
    }
}
