//! The corners of GitLab's package types, where a row is not what it seems to be. There are a few rows of each, for
//! authors of tools that clean up.
//!
//! | below `acme/corners` | what stands there | what it shows |
//! |---|---|---|
//! | `growing` | a row of two years with files of today, for conan, debian, generic, golang, helm, maven, ml_model, nuget, pypi and rubygems | that `created_at` says nothing about the newest file |
//! | `settled` | rows as old as their files: npm, terraform_module, cargo | the types that get no files later |
//! | `spellings` | NuGet's `Acme.Corners` and `acme.corners`, PyPI's `Acme.Tools` and `acme_tools`, cargo's `Acme_Tools` and `acme-tools`, Conan's `zlib/1.2@_/_` | that rows of several names, and versions, are one to a client |
//! | `folders` | a generic package with `release%2Fapp.tgz` | names that are percent-encoded as a whole |
//! | `uploads` | `Helm.Temporary.Package` and its kind, under way and failed; npm's by the real name | rows that hold no package |
//! | `branches` | Composer's `dev-main` and `2.x-dev`, beside releases | rows without files, whose date tells nothing |
//! | `channels` | charts and Debian packages | indexes that REST doesn't show |
//! | `built`, `publisher` | packages of branches, tags and merge requests, of pipelines that are gone, and of those of another project | that a package doesn't tell what its pipeline ran for |
//! | `imports` | a Maven snapshot moved here in one go, and one whose last deployment broke off | ids and dates that run against the builds |
//! | `renamed` | a project that was called `christened` | that a former path leads to it |
//! | `attic` | an archived group with the project `press` | that the project's own flag doesn't tell |
//! | `leaving-deletion_scheduled-…` | a project that is marked for deletion | that it is renamed, archived, and there for some days |
//! | `closing-deletion_scheduled-…` | a group that is marked for deletion, with the project `shop` | that everything below it is called otherwise |

mod age;
mod built;
mod draft;
mod growing;
mod maven;
mod moved;
mod number;
mod run;
mod spellings;
mod unseen;
mod uploads;

use jiff::Timestamp;

use super::Random;
use super::history::{DAY, before};
use crate::registry::{Group, Package, Pipeline, Project, Registry};
use age::{OLD, TODAY};
use draft::Draft;
use number::{next, numbered};
use run::Run;

/// The seed of checksums and sizes, which are the same in every registry.
const SEED: u64 = 0x63_6f72_6e65_7273;

/// Makes the rows of a project.
type Corner = fn(start: Timestamp) -> Vec<Draft>;

const PROJECTS: [(&str, Corner); 10] = [
    ("growing", growing::growing),
    ("settled", growing::settled),
    ("spellings", spellings::spellings),
    ("folders", spellings::folders),
    ("uploads", uploads::uploads),
    ("branches", unseen::branches),
    ("channels", unseen::channels),
    ("imports", maven::imports),
    (built::PUBLISHER, built::publisher),
    ("built", built::built),
];

impl Registry {
    /// Adds the group `acme/corners`, whose projects show what packages of each type can be like, beyond what
    /// [`generate`](Self::generate) makes of them. What was there stays as it was, and all ids lie above those.
    ///
    /// They are the same rows each time, at fixed ages before `start`. A registry that has them already can't be served
    /// with them twice.
    #[must_use]
    pub fn with_corners(mut self, start: Timestamp) -> Self {
        for path in ["acme", "acme/corners"] {
            if !self.groups.iter().any(|group| group.path == path) {
                let id = next(self.groups.iter().map(|group| group.id));
                self.groups.push(Group { id, path: path.to_owned(), ..Group::default() });
            }
        }
        let mut random = Random::new(SEED);
        let mut rows = Vec::new();
        for (name, corner) in PROJECTS {
            let id = next(self.projects.iter().map(|project| project.id));
            self.projects.push(Project { id, path: format!("acme/corners/{name}"), ..Project::default() });
            rows.extend(corner(start).into_iter().map(|draft| {
                let (made, runs) = (draft.made, draft.runs.clone());
                (made, runs, draft.package(id, start, &mut random))
            }));
        }
        let moved = moved::add(&mut self, start);
        rows.extend(moved.into_iter().map(|(made, package)| (made, Vec::new(), package)));
        rows.sort_by_key(|(made, ..)| std::cmp::Reverse(*made));
        let (runs, mut rows): (Vec<_>, Vec<_>) = rows.into_iter().map(|(_, runs, package)| (runs, package)).unzip();
        let named = self.packages.iter().flat_map(|package| &package.pipeline_ids).copied();
        let mut ids = next(self.pipelines.iter().map(|pipeline| pipeline.id).chain(named))..;
        for (package, runs) in rows.iter_mut().zip(runs) {
            for (run, id) in runs.into_iter().zip(&mut ids) {
                package.pipeline_ids.push(id);
                self.pipelines.extend(self.pipeline(id, run, package, &mut random));
            }
        }
        let rows = numbered(rows, &self);
        self.packages.extend(rows);
        self
    }
}

impl Registry {
    /// A pipeline that published a package, unless it is gone.
    fn pipeline(&self, id: u64, run: Run, package: &Package, random: &mut Random) -> Option<Pipeline> {
        let (git_ref, tag, source) = run.told()?;
        let publisher = format!("acme/corners/{}", built::PUBLISHER);
        let is_publisher = |project: &&Project| matches!(run, Run::Elsewhere(_)) && project.path == publisher;
        Some(Pipeline {
            id,
            iid: id,
            project_id: self.projects.iter().find(is_publisher).map_or(package.project_id, |project| project.id),
            user: Some("developer".to_owned()),
            ref_: git_ref.to_owned(),
            tag: Some(tag),
            sha: random.hex(20),
            status: "success".to_owned(),
            source: source.to_owned(),
            created_at: package.created_at,
            updated_at: package.created_at,
        })
    }
}
