//! The answers that were looked up about packages beyond the listing, and what both tell together.

mod branches;
mod holds;
mod questions;
mod readings;

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap, HashSet};

use jiff::Timestamp;

pub use branches::BranchStep;
pub use holds::{HoldCounts, HoldKind};
pub use questions::Questions;

use branches::BranchAnswers;

use super::{
    BuiltFrom, Downloaded, FileId, Growth, Package, PackageFile, PackageId, Pipeline, PipelineId, ProjectId,
    ProtectionRule, RefKind, ReleaseLink, is_sane_date,
};

/// The answers to [`Questions`]. A question that was never asked has none.
#[derive(Debug, Clone, Default)]
pub struct Evidence {
    files: HashMap<PackageId, Lookup<Vec<PackageFile>>>,
    built_from: HashMap<PackageId, Lookup<BuiltFrom>>,
    /// The kinds of ref that pipelines ran for; `None` where nobody can tell.
    kinds: HashMap<PipelineId, Lookup<Option<RefKind>>>,
    downloaded: HashMap<PackageId, Lookup<Downloaded>>,
    links: HashMap<ProjectId, Lookup<Vec<ReleaseLink>>>,
    protection: HashMap<ProjectId, Lookup<Vec<ProtectionRule>>>,
    branches: BranchAnswers,
}

/// How a look-up ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lookup<T> {
    /// All of it, read whole.
    Found(T),
    /// It could not be read; why is told when it happens.
    Failed,
}

/// When a package last got content, as far as that is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Content {
    /// The later of the package's date and its newest file's.
    At(Timestamp),
    /// This date or any later one: the files were not looked up, or one of them has no date. A failed look-up must not
    /// tell less than none. Else a package would lose its place in a rank by being asked about, and others would go.
    AtOrAfter(Timestamp),
    /// This date or any later one, and nothing tells which: the package is published in place.
    Since(Timestamp),
    /// The package has no date of its own.
    Unknown,
}

/// The sum of a package's file sizes in bytes, as far as it is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bytes {
    /// The size of every file is known.
    Sum(u64),
    /// GitLab doesn't tell the size of a file.
    AtLeast(u64),
    /// The files were not looked up.
    Open,
}

/// The answer to whether a release links to a package.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Released {
    /// One of them does.
    Yes,
    /// None does.
    No,
    /// The releases, or the files that one of them links to, were not looked up.
    Open,
}

/// The answer to whether a rule of GitLab's own holds a package.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protected {
    /// One of them does.
    Yes,
    /// None does.
    No,
    /// The rules of its project were not looked up.
    Open,
}

impl Evidence {
    /// Returns the evidence before anything was looked up.
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    /// Records the package's files.
    pub fn record_files(&mut self, package: PackageId, lookup: Lookup<Vec<PackageFile>>) {
        self.files.insert(package, lookup);
    }

    /// Takes the files of these packages for not known, as far as they were looked up: some may be there or not.
    pub fn doubt_files(&mut self, packages: &HashSet<PackageId>) {
        let known = self.files.iter_mut().filter(|(package, _)| packages.contains(package));
        known.for_each(|(_, lookup)| *lookup = Lookup::Failed);
    }

    /// Records the package's last pipeline; `None` where GitLab knows of none, or doesn't tell.
    pub fn record_pipeline(&mut self, package: PackageId, lookup: Lookup<Option<Pipeline>>) {
        let lookup = match lookup {
            Lookup::Found(Some(pipeline)) => Lookup::Found(BuiltFrom::Pipeline(pipeline)),
            Lookup::Found(None) => Lookup::Found(BuiltFrom::Unknown),
            Lookup::Failed => Lookup::Failed,
        };
        self.built_from.insert(package, lookup);
    }

    /// Records the kind of ref that a pipeline ran for; `None` where it doesn't tell, or this token may not read it.
    pub fn record_kind(&mut self, pipeline: PipelineId, lookup: Lookup<Option<RefKind>>) {
        self.kinds.insert(pipeline, lookup);
    }

    /// Records the package's last download. It is unknown where GitLab doesn't tell it here either.
    pub fn record_downloaded(&mut self, package: PackageId, lookup: Lookup<Downloaded>) {
        let lookup = match lookup {
            Lookup::Found(Downloaded::NotListed) => Lookup::Found(Downloaded::Unknown),
            lookup => lookup,
        };
        self.downloaded.insert(package, lookup);
    }

    /// Records the addresses that the releases of a project link to.
    pub fn record_releases(&mut self, project: ProjectId, lookup: Lookup<Vec<String>>) {
        let lookup = match lookup {
            Lookup::Found(urls) => Lookup::Found(urls.iter().filter_map(|url| ReleaseLink::parse(url)).collect()),
            Lookup::Failed => Lookup::Failed,
        };
        self.links.insert(project, lookup);
    }

    /// Records the rules of a project that keep packages from being deleted.
    pub fn record_protection(&mut self, project: ProjectId, lookup: Lookup<Vec<ProtectionRule>>) {
        self.protection.insert(project, lookup);
    }

    /// Takes out files that are deleted. The next policy is planned on what is left.
    #[must_use]
    pub fn without(mut self, gone: &HashSet<FileId>) -> Self {
        for lookup in self.files.values_mut() {
            if let Lookup::Found(files) = lookup {
                files.retain(|file| !gone.contains(&file.id));
            }
        }
        self
    }

    /// Returns the package's files; `None` where they were not looked up.
    #[must_use]
    pub fn files(&self, package: PackageId) -> Option<&Lookup<Vec<PackageFile>>> {
        self.files.get(&package)
    }

    /// Takes in later look-ups.
    pub fn extend(&mut self, later: Self) {
        self.files.extend(later.files);
        self.built_from.extend(later.built_from);
        self.kinds.extend(later.kinds);
        self.downloaded.extend(later.downloaded);
        self.links.extend(later.links);
        self.protection.extend(later.protection);
        self.branches.extend(later.branches);
    }

    /// Returns how many look-ups failed.
    #[must_use]
    pub fn failures(&self) -> usize {
        let files = self.files.values().filter(|lookup| matches!(lookup, Lookup::Failed)).count();
        let pipelines = self.built_from.values().filter(|lookup| matches!(lookup, Lookup::Failed)).count();
        let kinds = self.kinds.values().filter(|lookup| matches!(lookup, Lookup::Failed)).count();
        let releases = self.links.values().filter(|lookup| matches!(lookup, Lookup::Failed)).count();
        let protection = self.protection.values().filter(|lookup| matches!(lookup, Lookup::Failed)).count();
        let downloads = self.downloaded.values().filter(|lookup| matches!(lookup, Lookup::Failed)).count();
        files + pipelines + kinds + downloads + releases + protection + self.branches.failures()
    }

    /// Returns the projects of which a question could not be answered: one about their releases, protection rules or
    /// branches.
    #[must_use]
    pub fn unanswered(&self) -> BTreeSet<ProjectId> {
        let releases = self.links.iter().filter(|(_, lookup)| matches!(lookup, Lookup::Failed));
        let protection = self.protection.iter().filter(|(_, lookup)| matches!(lookup, Lookup::Failed));
        let projects = releases.map(|(project, _)| *project).chain(protection.map(|(project, _)| *project));
        projects.chain(self.branches.unanswered()).collect()
    }

    /// Returns whether the package's files could not be looked up.
    #[must_use]
    pub fn lacks_files(&self, package: PackageId) -> bool {
        matches!(self.files.get(&package), Some(Lookup::Failed))
    }

    /// Returns whether the package's pipelines could not be looked up.
    #[must_use]
    pub fn lacks_pipeline(&self, package: PackageId) -> bool {
        matches!(self.built_from.get(&package), Some(Lookup::Failed))
    }

    /// Returns whether it has answers that may lead to further questions: packages have been asked for their pipelines,
    /// or projects for their branches.
    #[must_use]
    pub fn may_lead_further(&self) -> bool {
        !self.built_from.is_empty() || !self.branches.is_empty()
    }

    /// Returns whether a pipeline has been asked what it ran for.
    #[must_use]
    pub fn has_asked(&self, pipeline: PipelineId) -> bool {
        self.kinds.contains_key(&pipeline)
    }

    /// Returns whether the package's last download could not be looked up.
    #[must_use]
    pub fn lacks_download(&self, package: PackageId) -> bool {
        matches!(self.downloaded.get(&package), Some(Lookup::Failed))
    }

    /// Returns the package's last download; `NotListed` where it was not looked up either.
    #[must_use]
    pub fn downloaded(&self, package: &Package) -> Downloaded {
        match (package.downloaded, self.downloaded.get(&package.id)) {
            (Downloaded::NotListed, Some(Lookup::Found(downloaded))) => *downloaded,
            (listed, _) => listed,
        }
    }

    /// Returns what the package was built from; `NotListed` where it was not looked up either.
    #[must_use]
    pub fn built_from<'a>(&'a self, package: &'a Package) -> Cow<'a, BuiltFrom> {
        let last = self.last_pipeline(package);
        let told = |pipeline: &Pipeline| match self.kinds.get(&pipeline.open()?)? {
            Lookup::Found(kind) => Some(BuiltFrom::Pipeline(pipeline.clone().told(*kind))),
            Lookup::Failed => None,
        };
        match last {
            BuiltFrom::Pipeline(pipeline) => told(pipeline).map_or(Cow::Borrowed(last), Cow::Owned),
            BuiltFrom::Unknown | BuiltFrom::NotListed => Cow::Borrowed(last),
        }
    }

    /// The same before the pipeline itself was asked.
    fn last_pipeline<'a>(&'a self, package: &'a Package) -> &'a BuiltFrom {
        match (&package.built_from, self.built_from.get(&package.id)) {
            (BuiltFrom::NotListed, Some(Lookup::Found(built_from))) => built_from,
            (listed, _) => listed,
        }
    }

    /// Returns whether a release of the package's project links to it.
    #[must_use]
    pub fn released(&self, package: &Package) -> Released {
        if package.project.has_releases == Some(false) {
            return Released::No;
        }
        let Some(Lookup::Found(links)) = self.links.get(&package.project.id) else {
            return Released::Open;
        };
        let files = match self.files.get(&package.id) {
            _ if package.package_type.facts().growth == Growth::InPlace => Some([].as_slice()),
            Some(Lookup::Found(files)) => Some(files.as_slice()),
            Some(Lookup::Failed) | None => None,
        };
        let mut released = Released::No;
        for link in links {
            match link.leads_to(package, files) {
                Some(true) => return Released::Yes,
                Some(false) => {}
                None => released = Released::Open,
            }
        }
        released
    }

    /// Returns whether a rule of GitLab's own holds the package.
    #[must_use]
    pub fn protected(&self, package: &Package) -> Protected {
        match self.protection.get(&package.project.id) {
            Some(Lookup::Found(rules)) if rules.iter().any(|rule| rule.holds(package)) => Protected::Yes,
            Some(Lookup::Found(_)) => Protected::No,
            Some(Lookup::Failed) | None => Protected::Open,
        }
    }

    /// Returns when the package last got content, as far as its dates tell. Whether they make sense is another question.
    #[must_use]
    pub fn content(&self, package: &Package) -> Content {
        let Some(created_at) = package.created_at else {
            return Content::Unknown;
        };
        match package.package_type.facts().growth {
            Growth::AtOnce => Content::At(created_at),
            Growth::InPlace if package.is_branch() => Content::Since(created_at),
            Growth::InPlace => Content::At(created_at),
            Growth::ByFiles => match self.files(package.id) {
                Some(Lookup::Found(files)) => {
                    let newest = files.iter().filter_map(|file| file.created_at).fold(created_at, Timestamp::max);
                    let is_whole = files.iter().all(|file| file.created_at.is_some());
                    if is_whole { Content::At(newest) } else { Content::AtOrAfter(newest) }
                }
                Some(Lookup::Failed) | None => Content::AtOrAfter(created_at),
            },
        }
    }

    /// Returns whether every file that was looked up has a date that can be believed as of `now`, where the files tell
    /// the age.
    #[must_use]
    pub fn has_sane_dates(&self, package: &Package, now: Timestamp) -> bool {
        match self.files(package.id) {
            Some(Lookup::Found(files)) if package.package_type.gains_files() => {
                files.iter().all(|file| file.created_at.is_some_and(|date| is_sane_date(date, now)))
            }
            Some(Lookup::Found(_) | Lookup::Failed) | None => true,
        }
    }

    /// Returns the sum of the package's file sizes. A package that is published in place has no files.
    #[must_use]
    pub fn bytes(&self, package: &Package) -> Bytes {
        if package.package_type.facts().growth == Growth::InPlace {
            return Bytes::Sum(0);
        }
        let Some(Lookup::Found(files)) = self.files(package.id) else {
            return Bytes::Open;
        };
        let sum = files.iter().filter_map(|file| file.size).fold(0_u64, u64::saturating_add);
        let is_whole = files.iter().all(|file| file.size.is_some());
        if is_whole { Bytes::Sum(sum) } else { Bytes::AtLeast(sum) }
    }
}

impl Content {
    /// Returns the earliest date that it can be.
    #[must_use]
    pub fn earliest(self) -> Option<Timestamp> {
        match self {
            Self::At(date) | Self::AtOrAfter(date) | Self::Since(date) => Some(date),
            Self::Unknown => None,
        }
    }
}

impl Bytes {
    /// Returns the whole sum, where it is known.
    #[must_use]
    pub fn known(self) -> Option<u64> {
        match self {
            Self::Sum(bytes) => Some(bytes),
            Self::AtLeast(_) | Self::Open => None,
        }
    }
}
