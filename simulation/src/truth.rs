//! The true state of GitLab, as the oracle takes it.

use std::collections::{BTreeMap, BTreeSet};

use gitlab_sandbox::{FileStatus, Project as SandboxProject, Registry, Status as SandboxStatus};
use gleaner::package::{
    BranchesSeen, BuiltFrom, Downloaded, FileId, Lookup, Package, PackageFile, PackageId, PackageType, Permission,
    Project, ProjectId, Status, Topics,
};
use gleaner::policy::{Mode, Policy, PolicySet, Reach};
use gleaner_oracle::branches::BranchesKnown;
use gleaner_oracle::protection::Guarded;
use gleaner_oracle::{LinkTo, Oracle};
use jiff::Timestamp;

use crate::notes::Target;

/// Everything that a state tells of packages, in the words of the oracle.
#[derive(Debug)]
pub struct Truth {
    pub(crate) rows: Vec<Package>,
    pub(crate) former_paths: BTreeMap<ProjectId, Vec<String>>,
    pub(crate) files: BTreeMap<PackageId, Lookup<Vec<PackageFile>>>,
    pub(crate) links: BTreeMap<ProjectId, Option<Vec<LinkTo>>>,
    pub(crate) protection: BTreeMap<ProjectId, Option<Vec<Guarded>>>,
}

/// A truth as one policy looks at it.
#[derive(Debug)]
pub struct View<'t> {
    truth: &'t Truth,
    set: &'t PolicySet,
    policy: &'t Policy,
    rows: Vec<Package>,
    taken: &'t [Package],
}

impl Truth {
    /// Reads a state.
    #[must_use]
    pub fn of(registry: &Registry) -> Self {
        let projects: BTreeMap<u64, Project> =
            registry.projects.iter().map(|project| (project.id, read_project(registry, project))).collect();
        let mut truth = Self {
            rows: Vec::new(),
            former_paths: BTreeMap::new(),
            files: BTreeMap::new(),
            links: BTreeMap::new(),
            protection: BTreeMap::new(),
        };
        for project in &registry.projects {
            let id = ProjectId(project.id);
            let links = project.releases.iter().flat_map(|release| &release.links).map(|link| target(&link.url));
            truth.links.insert(id, Some(links.collect()));
            truth.former_paths.insert(id, project.former_paths.clone());
            let rules = registry.protection_rules.iter().filter(|rule| rule.project_id == project.id);
            let rules = rules.filter(|rule| rule.minimum_access_level_for_delete.is_some());
            let guarded = rules.map(|rule| Guarded {
                package_type: Some(rule.package_type.name().to_owned()),
                name: Some(rule.package_name_pattern.clone()),
            });
            truth.protection.insert(id, Some(guarded.collect()));
        }
        for package in &registry.packages {
            let is_listed =
                matches!(package.status, SandboxStatus::Default | SandboxStatus::Deprecated | SandboxStatus::Error);
            let Some(project) = projects.get(&package.project_id).filter(|_| is_listed) else { continue };
            let files = package.files.iter().filter(|file| file.status == FileStatus::Default);
            let files = files.map(|file| PackageFile {
                id: FileId(file.id),
                name: Some(file.file_name.clone()),
                size: file.size,
                created_at: Some(file.created_at),
                sha256: None,
            });
            truth.files.insert(PackageId(package.id), Lookup::Found(files.collect()));
            truth.rows.push(Package {
                id: PackageId(package.id),
                project: project.clone(),
                package_type: PackageType::parse(package.package_type.name()),
                name: package.name.clone(),
                channel: None,
                version: package.version.clone(),
                status: Status::parse(package.status.name()),
                created_at: Some(package.created_at),
                downloaded: package.last_downloaded_at.map_or(Downloaded::Never, Downloaded::At),
                tags: Some(package.tags.iter().map(|tag| tag.name.clone()).collect()),
                built_from: BuiltFrom::Unknown,
                permission: Permission::Granted,
                unreadable: None,
            });
        }
        truth
    }

    /// Returns the package of this id.
    #[must_use]
    pub fn package(&self, id: u64) -> Option<&Package> {
        self.rows.iter().find(|row| row.id == PackageId(id))
    }

    /// Returns what a policy sees of it, without these packages; `taken` is what the run has taken before.
    #[must_use]
    pub fn seen_by<'t>(
        &'t self,
        (set, policy): (&'t PolicySet, &'t Policy),
        taken: &'t [Package],
        without: &BTreeSet<u64>,
    ) -> View<'t> {
        let rows = self.rows.iter().filter(|row| !without.contains(&row.id.0) && self.is_in_reach(policy, row));
        View { truth: self, set, policy, rows: rows.cloned().collect(), taken }
    }

    fn is_in_reach(&self, policy: &Policy, row: &Package) -> bool {
        let path = row.project.path.as_deref().unwrap_or_default();
        match &policy.scope.reach {
            Reach::Everywhere { .. } => true,
            Reach::Groups { groups, .. } => groups.iter().any(|group| path.starts_with(&format!("{group}/"))),
            Reach::Projects(projects) => {
                // A path that the project had leads to it.
                let former = self.former_paths.get(&row.project.id).into_iter().flatten().map(String::as_str);
                let paths: Vec<&str> = former.chain([path]).collect();
                projects.iter().any(|project| paths.contains(&project.to_string().as_str()))
            }
        }
    }
}

impl View<'_> {
    /// Returns whether the policy deletes a package or file of it, as of one instant.
    #[must_use]
    pub fn deletes(&self, target: Target, now: Timestamp) -> bool {
        let Some(package) = self.rows.iter().find(|row| row.id.0 == target.package) else { return false };
        let oracle = self.oracle(now);
        if !oracle.is_in_scope(package) {
            return false;
        }
        match target.file {
            None => oracle.ruling(package).deletes(),
            Some(file) => {
                let rulings = oracle.file_rulings_of(package);
                rulings.get(&FileId(file)).is_some_and(|ruling| ["selected", "follows"].contains(&ruling.code))
            }
        }
    }

    /// Returns everything that the policy deletes of it, as of one instant.
    #[must_use]
    pub fn deletions(&self, now: Timestamp) -> Vec<Target> {
        let oracle = self.oracle(now);
        let packages = oracle.rulings().into_iter().filter(|(_, ruling)| ruling.deletes());
        let packages = packages.map(|(id, _)| Target { package: id.0, file: None });
        let files =
            oracle.file_rulings().into_iter().filter(|(_, ruling)| ["selected", "follows"].contains(&ruling.code));
        packages.chain(files.map(|((package, file), _)| Target { package: package.0, file: Some(file.0) })).collect()
    }

    fn oracle(&self, now: Timestamp) -> Oracle<'_> {
        // The static one is empty: no policy here asks for branches.
        static NONE_SEEN: BranchesSeen = BranchesSeen(BTreeMap::new());
        Oracle {
            set: self.set,
            policy: self.policy,
            rows: &self.rows,
            taken: self.taken,
            files: self.truth.files.clone(),
            built_from: BTreeMap::new(),
            kinds: BTreeMap::new(),
            downloads: BTreeMap::new(),
            failed: BTreeSet::new(),
            links: self.truth.links.clone(),
            protection: self.truth.protection.clone(),
            branches: BranchesKnown { of: BTreeMap::new(), seen: &NONE_SEEN, lists: Vec::new(), more: Vec::new() },
            in_use: None,
            now,
        }
    }
}

fn read_project(registry: &Registry, project: &SandboxProject) -> Project {
    let above = |path: &str| project.path.to_lowercase().starts_with(&format!("{}/", path.to_lowercase()));
    let groups = || registry.groups.iter().filter(|group| above(&group.path));
    let is_marked =
        project.marked_for_deletion_on.is_some() || groups().any(|group| group.marked_for_deletion_on.is_some());
    Project {
        archived: Some(project.archived || groups().any(|group| group.archived)),
        marked_for_deletion: is_marked,
        has_releases: Some(true),
        topics: Topics::of([Some(project.topics.clone())]),
        other_paths: project.former_paths.clone(),
        ..Project::unread(ProjectId(project.id), Some(project.path.clone()))
    }
}

/// Returns the packages that some policy deletes in this state, or of which it deletes files.
#[must_use]
pub fn should_go(set: &PolicySet, registry: &Registry, now: Timestamp) -> BTreeSet<u64> {
    let truth = Truth::of(registry);
    let by = |policy| truth.seen_by((set, policy), &[], &BTreeSet::new()).deletions(now);
    let policies = set.policies.iter().filter(|policy| policy.mode == Mode::Delete);
    policies.flat_map(by).map(|target| target.package).collect()
}

/// Reads the target of a release's link.
pub(crate) fn target(url: &str) -> LinkTo {
    let after = |sign: &str| {
        let (_, rest) = url.split_once(sign)?;
        rest.split('/').next()?.parse().ok()
    };
    let package = after("/-/packages/").map(LinkTo::Package);
    package.or_else(|| after("/-/package_files/").map(LinkTo::File)).unwrap_or(LinkTo::Elsewhere)
}

/// Returns whether a state still has a package or file.
#[must_use]
pub fn has(registry: &Registry, target: Target) -> bool {
    let package = registry.packages.iter().find(|package| package.id == target.package);
    let package = package.filter(|package| package.status != SandboxStatus::PendingDestruction);
    package.is_some_and(|package| match target.file {
        None => true,
        Some(id) => package.files.iter().any(|file| file.id == id && file.status == FileStatus::Default),
    })
}
