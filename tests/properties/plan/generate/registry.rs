//! Small registries in which keys collide, dates stand on the edge, and much is missing.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::RangeInclusive;

use gleaner::package::{
    BranchesSeen, Downloaded, FileId, Lookup, Package, PackageFile, PackageId, PackageType, Pipeline, PipelineId,
    Project, ProjectId, ProtectionRule, RefKind, Topics,
};
use gleaner_oracle::LinkTo;
use gleaner_oracle::facts::{Growth, growth};
use gleaner_oracle::protection::Guarded;
use jiff::{SignedDuration, Timestamp};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};

use super::branches::{self, Branches, PROJECTS, branches, marked};
use super::contents::{beside_rows, downloads, file_id, files, kinds, pipelines, project};
use super::dates::{NOW, days_ago, now};
use super::rows::{Key, Row, key, package, pipeline, plain_row, rival, row};

/// What a walk meets.
#[derive(Clone)]
pub(crate) struct Registry {
    pub(crate) now: Timestamp,
    /// Each package once.
    pub(crate) packages: Vec<Package>,
    /// Rows that the walk reads once more, some of them changed meanwhile.
    pub(crate) copies: Vec<Package>,
    pub(crate) files: BTreeMap<PackageId, Files>,
    pub(crate) pipelines: BTreeMap<PackageId, Pipelines>,
    pub(crate) kinds: BTreeMap<PipelineId, Ran>,
    pub(crate) downloads: BTreeMap<PackageId, Downloads>,
    pub(crate) releases: BTreeMap<ProjectId, Releases>,
    pub(crate) protection: BTreeMap<ProjectId, Protection>,
    pub(crate) branches: BTreeMap<ProjectId, Branches>,
    pub(crate) seen: BranchesSeen,
}

/// What GitLab tells of a package's pipelines to whom asks.
#[derive(Debug, Clone)]
pub(crate) struct Pipelines {
    /// Its number.
    pub(crate) last: Option<u64>,
    pub(crate) can_be_read: bool,
}

/// What a pipeline tells of itself to whom asks.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ran {
    pub(crate) kind: Option<RefKind>,
    pub(crate) can_be_read: bool,
}

/// What a single package tells of its last download.
#[derive(Debug, Clone)]
pub(crate) struct Downloads {
    pub(crate) last: Downloaded,
    pub(crate) can_be_read: bool,
}

/// What the releases of a project link to.
#[derive(Debug, Clone)]
pub(crate) struct Releases {
    pub(crate) links: Vec<LinkTo>,
    pub(crate) can_be_read: bool,
}

/// The rules of GitLab's own that keep a project's packages from being deleted.
#[derive(Debug, Clone)]
pub(crate) struct Protection {
    pub(crate) rules: Vec<Guarded>,
    pub(crate) can_be_read: bool,
}

impl Pipelines {
    pub(crate) fn lookup(&self) -> Lookup<Option<Pipeline>> {
        if self.can_be_read { Lookup::Found(self.last.map(pipeline)) } else { Lookup::Failed }
    }
}

impl Ran {
    pub(crate) fn lookup(self) -> Lookup<Option<RefKind>> {
        if self.can_be_read { Lookup::Found(self.kind) } else { Lookup::Failed }
    }
}

impl Downloads {
    pub(crate) fn lookup(&self) -> Lookup<Downloaded> {
        if self.can_be_read { Lookup::Found(self.last) } else { Lookup::Failed }
    }
}

impl Releases {
    pub(crate) fn lookup(&self) -> Lookup<Vec<String>> {
        if self.can_be_read {
            Lookup::Found(self.links.iter().map(|link| url(*link)).collect())
        } else {
            Lookup::Failed
        }
    }
}

impl Protection {
    pub(crate) fn lookup(&self) -> Lookup<Vec<ProtectionRule>> {
        let rule = |rule: &Guarded| ProtectionRule {
            package_type: rule.package_type.as_deref().map(PackageType::parse),
            name: rule.name.clone(),
        };
        if self.can_be_read { Lookup::Found(self.rules.iter().map(rule).collect()) } else { Lookup::Failed }
    }
}

fn url(link: LinkTo) -> String {
    match link {
        LinkTo::Package(id) => format!("https://gitlab.acme.example/acme/app/-/packages/{id}"),
        LinkTo::File(id) => format!("https://gitlab.acme.example/acme/app/-/package_files/{id}/download"),
        LinkTo::Elsewhere => "https://acme.example/notes/1.0".to_owned(),
    }
}

/// The files of one package.
#[derive(Debug, Clone)]
pub(crate) struct Files {
    pub(crate) all: Vec<PackageFile>,
    /// Whether GitLab tells them to whom asks.
    pub(crate) can_be_read: bool,
}

impl Files {
    /// The answer to whom asks.
    pub(crate) fn lookup(&self) -> Lookup<Vec<PackageFile>> {
        if self.can_be_read { Lookup::Found(self.all.clone()) } else { Lookup::Failed }
    }
}

impl Registry {
    pub(crate) fn rows(&self) -> Vec<Package> {
        self.packages.iter().chain(&self.copies).cloned().collect()
    }
}

/// A line for each row: this is what a failing case is understood by.
impl fmt::Debug for Registry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "as of {}", self.now)?;
        for row in &self.packages {
            let downloads = self.downloads.get(&row.id);
            writeln!(f, "  {row:?}\n    {:?}\n    {:?}", self.files[&row.id], self.pipelines[&row.id])?;
            writeln!(f, "    {downloads:?}")?;
        }
        writeln!(f, "  {:?}\n  {:?}\n  {:?}", self.releases, self.kinds, self.protection)?;
        writeln!(f, "  {:?}\n  {:?}", self.branches, self.seen)?;
        self.copies.iter().try_for_each(|copy| writeln!(f, "  read again: {copy:?}"))
    }
}

/// Either everything at once, or one key whose versions differ in little but their dates.
pub(crate) fn arbitrary_registry() -> impl Strategy<Value = Registry> {
    prop_oneof![
        2 => registry(vec(key(), 1..=3), row()),
        1 => registry(vec(key(), 1), rival()),
    ]
}

/// Few packages, each with a pile of files. In nothing but their files is anything wrong.
pub(crate) fn piles() -> impl Strategy<Value = Registry> {
    let types = vec!["maven", "maven", "maven", "generic", "generic"];
    let key = (select(types), select(vec!["core", "lib/b"])).prop_map(|(package_type, name)| Key {
        project: (1, "acme/platform/api"),
        package_type,
        name,
    });
    let row = select(vec!["2.0-SNAPSHOT", "2.0-SNAPSHOT", "1.0"])
        .prop_map(|version| Row { version: Some(version), ..plain_row() });
    registry_of(vec(key, 1..=3), row, (files(0..=10), Just(None)), 1..=3).prop_map(|mut registry| {
        for package in registry.packages.iter_mut().chain(&mut registry.copies) {
            let id = package.project.id;
            let plain = Project::unread(id, package.project.path.take());
            let topics = Topics::of([Some(Vec::new())]);
            package.project = Project { archived: Some(false), has_releases: Some(false), topics, ..plain };
        }
        registry
    })
}

pub(super) fn registry(
    keys: impl Strategy<Value = Vec<Key>>,
    row: impl Strategy<Value = Row>,
) -> impl Strategy<Value = Registry> {
    let files = prop_oneof![3 => files(0..=2), 1 => files(2..=7)];
    registry_of(keys, row, (files, beside_rows()), 1..=14)
}

fn registry_of(
    keys: impl Strategy<Value = Vec<Key>>,
    row: impl Strategy<Value = Row>,
    files: impl Strategy<Value = (Files, Option<Vec<i64>>)>,
    count: RangeInclusive<usize>,
) -> impl Strategy<Value = Registry> {
    let rows = vec((any::<Index>(), row, files, (pipelines(), downloads())), count);
    let copies = prop_oneof![3 => Just(Vec::new()), 1 => vec((any::<Index>(), any::<Index>()), 1..=3)];
    let of_branches = (vec(branches(), PROJECTS.len()), vec(marked(), PROJECTS.len()));
    let beside = (vec(project(), 3), kinds(), of_branches, now());
    (keys, rows, copies, beside).prop_map(|(keys, rows, copies, (projects, kinds, (branches, marked), now))| {
        let mut packages = Vec::new();
        let mut files = BTreeMap::new();
        let mut pipelines = BTreeMap::new();
        let mut downloads = BTreeMap::new();
        for (id, (key, row, (mut its_files, beside), (its_pipelines, its_downloads))) in (1..).zip(rows) {
            let key = key.get(&keys);
            let mut package = package(PackageId(id), key, row);
            projects[usize::from(key.project.0 as u8) - 1].complete(&mut package.project);
            pipelines.insert(package.id, its_pipelines);
            downloads.insert(package.id, its_downloads);
            for (place, file) in (0..).zip(&mut its_files.all) {
                file.id = file_id(package.id.0, place);
            }
            if let (Some(beside), Some(created_at)) = (beside, package.created_at) {
                for (file, later) in its_files.all.iter_mut().zip(beside) {
                    file.created_at = Some(created_at + SignedDuration::from_millis(later));
                }
            }
            if growth(&package.package_type) == Growth::InPlace {
                its_files = Files { all: Vec::new(), can_be_read: true };
            }
            files.insert(package.id, its_files);
            packages.push(package);
        }
        // A copy takes everything but the id from another package, which may also be the same one.
        let copies = copies
            .into_iter()
            .map(|(of, like)| Package { id: of.get(&packages).id, ..like.get(&packages).clone() })
            .collect();
        let mut releases = BTreeMap::new();
        let mut protection = BTreeMap::new();
        for (id, project) in (1..).map(ProjectId).zip(projects) {
            releases.insert(id, project.releases);
            protection.insert(id, project.protection);
        }
        let branches = PROJECTS.into_iter().map(ProjectId).zip(branches).collect();
        let seen = branches::seen(marked);
        Registry { now, packages, copies, files, pipelines, kinds, downloads, releases, protection, branches, seen }
    })
}

/// Projects of given sizes, `(kept, doomed)`, whose doomed packages are named so and have one file each. Those that are
/// kept have so many more.
pub(crate) fn crowd(projects: &[(usize, usize)], sizes: &[Option<u64>], surplus: u64) -> Registry {
    let mut packages = Vec::new();
    let mut files = BTreeMap::new();
    for (number, &(kept, doomed)) in (1..).zip(projects) {
        for name in std::iter::repeat_n("kept", kept).chain(std::iter::repeat_n("doomed", doomed)) {
            let id = PackageId(packages.len() as u64 + 1);
            let row = Row { version: Some("1.0"), ..plain_row() };
            let key = Key { project: (number, "acme/crowd"), package_type: "generic", name };
            packages.push(package(id, &key, row));
            let size = sizes.get(packages.len() % sizes.len().max(1)).copied().flatten();
            let file = |number| PackageFile {
                id: FileId(id.0 * 10 + number),
                name: Some("core.tgz".to_owned()),
                size,
                created_at: Some(days_ago(400)),
                sha256: None,
            };
            let more = if name == "kept" { surplus } else { 0 };
            files.insert(id, Files { all: (0..=more).map(file).collect(), can_be_read: true });
        }
    }
    let (pipelines, kinds, releases) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
    let (downloads, protection, branches) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
    let (now, copies, seen) = (NOW, Vec::new(), BranchesSeen::default());
    Registry { now, packages, copies, files, pipelines, kinds, downloads, releases, protection, branches, seen }
}
