//! Small registries in which keys collide, dates stand on the edge, and much is missing.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::RangeInclusive;

use gleaner::package::{
    BuiltFrom, Downloaded, FileId, Package, PackageFile, PackageId, PackageType, Permission, Project, ProjectId, Status,
};
use gleaner::plan::Lookup;
use jiff::{SignedDuration, Timestamp};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};

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
    pub(crate) releases: BTreeMap<ProjectId, Releases>,
}

/// What GitLab tells of a package's pipelines to whom asks.
#[derive(Debug, Clone)]
pub(crate) struct Pipelines {
    pub(crate) last_ref: Option<&'static str>,
    pub(crate) can_be_read: bool,
}

/// What the releases of a project link to.
#[derive(Debug, Clone)]
pub(crate) struct Releases {
    pub(crate) links: Vec<LinkTo>,
    pub(crate) can_be_read: bool,
}

#[derive(Debug, Clone, Copy)]
pub(crate) enum LinkTo {
    Package(u64),
    File(u64),
    Elsewhere,
}

impl Pipelines {
    pub(crate) fn lookup(&self) -> Lookup<Option<String>> {
        if self.can_be_read { Lookup::Found(self.last_ref.map(str::to_owned)) } else { Lookup::Failed }
    }
}

impl Releases {
    pub(crate) fn lookup(&self) -> Lookup<Vec<String>> {
        if self.can_be_read {
            Lookup::Found(self.links.iter().map(|link| link.url()).collect())
        } else {
            Lookup::Failed
        }
    }
}

impl LinkTo {
    fn url(self) -> String {
        match self {
            Self::Package(id) => format!("https://gitlab.acme.example/acme/app/-/packages/{id}"),
            Self::File(id) => format!("https://gitlab.acme.example/acme/app/-/package_files/{id}/download"),
            Self::Elsewhere => "https://acme.example/notes/1.0".to_owned(),
        }
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
            writeln!(f, "  {row:?}\n    {:?}\n    {:?}", self.files[&row.id], self.pipelines[&row.id])?;
        }
        writeln!(f, "  {:?}", self.releases)?;
        self.copies.iter().try_for_each(|copy| writeln!(f, "  read again: {copy:?}"))
    }
}

/// 2026-06-15T12:00:00Z: dates are made around this instant.
const NOW: Timestamp = Timestamp::constant(1_781_524_800, 0);

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
    registry_of(vec(key, 1..=3), row, files(0..=10), 1..=3).prop_map(|mut registry| {
        for package in registry.packages.iter_mut().chain(&mut registry.copies) {
            (package.project.archived, package.project.has_releases) = (Some(false), Some(false));
        }
        registry
    })
}

fn registry(keys: impl Strategy<Value = Vec<Key>>, row: impl Strategy<Value = Row>) -> impl Strategy<Value = Registry> {
    let files = prop_oneof![3 => files(0..=2), 1 => files(2..=7)];
    registry_of(keys, row, files, 1..=14)
}

fn registry_of(
    keys: impl Strategy<Value = Vec<Key>>,
    row: impl Strategy<Value = Row>,
    files: impl Strategy<Value = Files>,
    count: RangeInclusive<usize>,
) -> impl Strategy<Value = Registry> {
    let rows = vec((any::<Index>(), row, files, pipelines()), count);
    let copies = prop_oneof![3 => Just(Vec::new()), 1 => vec((any::<Index>(), any::<Index>()), 1..=3)];
    (keys, rows, copies, vec(project(), 3), now()).prop_map(|(keys, rows, copies, projects, now)| {
        let mut packages = Vec::new();
        let mut files = BTreeMap::new();
        let mut pipelines = BTreeMap::new();
        for (id, (key, row, mut its_files, its_pipelines)) in (1..).zip(rows) {
            let key = key.get(&keys);
            let mut package = package(PackageId(id), key, row);
            let (archived, has_releases, _) = &projects[usize::from(key.project.0 as u8) - 1];
            (package.project.archived, package.project.has_releases) = (*archived, *has_releases);
            pipelines.insert(package.id, its_pipelines);
            for (place, file) in (0..).zip(&mut its_files.all) {
                file.id = file_id(package.id.0, place);
            }
            if !package.package_type.gains_files() {
                // What can get no file later has had all of them since it was created.
                its_files.all.iter_mut().for_each(|file| file.created_at = package.created_at);
            }
            files.insert(package.id, its_files);
            packages.push(package);
        }
        // A copy takes everything but the id from another package, which may also be the same one.
        let copies = copies
            .into_iter()
            .map(|(of, like)| Package { id: of.get(&packages).id, ..like.get(&packages).clone() })
            .collect();
        let releases = (1..).map(ProjectId).zip(projects.into_iter().map(|(_, _, releases)| releases)).collect();
        Registry { now, packages, copies, files, pipelines, releases }
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
            };
            let more = if name == "kept" { surplus } else { 0 };
            files.insert(id, Files { all: (0..=more).map(file).collect(), can_be_read: true });
        }
    }
    let (pipelines, releases) = (BTreeMap::new(), BTreeMap::new());
    Registry { now: NOW, packages, copies: Vec::new(), files, pipelines, releases }
}

#[derive(Debug, Clone)]
struct Key {
    project: (u64, &'static str),
    package_type: &'static str,
    name: &'static str,
}

/// What a row tells beside that. A channel is part of the key, but only Conan has it.
#[derive(Debug, Clone)]
struct Row {
    channel: Option<&'static str>,
    version: Option<&'static str>,
    status: &'static str,
    created_at: Option<Timestamp>,
    downloaded: Downloaded,
    tags: Option<Vec<&'static str>>,
    built_from: BuiltFrom,
    permission: Permission,
    path_is_known: bool,
    unreadable: Option<&'static str>,
}

fn plain_row() -> Row {
    Row {
        channel: Some("user/stable"),
        version: None,
        status: "default",
        created_at: Some(days_ago(400)),
        downloaded: Downloaded::Never,
        tags: Some(Vec::new()),
        built_from: BuiltFrom::NotListed,
        permission: Permission::Granted,
        path_is_known: true,
        unreadable: None,
    }
}

fn package(id: PackageId, key: &Key, row: Row) -> Package {
    let (project, path) = key.project;
    let package_type = PackageType::parse(key.package_type);
    Package {
        id,
        project: Project {
            id: ProjectId(project),
            path: row.path_is_known.then(|| path.to_owned()),
            archived: Some(false),
            has_releases: Some(false),
        },
        channel: row.channel.filter(|_| package_type == PackageType::Conan).map(str::to_owned),
        package_type,
        name: key.name.to_owned(),
        version: row.version.map(str::to_owned),
        status: Status::parse(row.status),
        created_at: row.created_at,
        downloaded: row.downloaded,
        tags: row.tags.map(|tags| tags.into_iter().map(str::to_owned).collect()),
        built_from: row.built_from,
        permission: row.permission,
        unreadable: row.unreadable,
    }
}

fn key() -> impl Strategy<Value = Key> {
    let projects =
        vec![(1, "acme/platform/api"), (1, "acme/platform/api"), (2, "acme/platform/legacy/Old"), (3, "other/tool")];
    let types = vec![
        "maven", "maven", "maven", "npm", "npm", "npm", "generic", "generic", "conan", "conan", "pypi", "helm",
        "ml_model", "swift",
    ];
    let names = vec!["core", "core", "core-api", "lib/b"];
    (select(projects), select(types), select(names)).prop_map(|(project, package_type, name)| Key {
        project,
        package_type,
        name,
    })
}

fn row() -> impl Strategy<Value = Row> {
    let status = prop_oneof![
        16 => Just("default"),
        3 => Just("deprecated"),
        3 => Just("error"),
        1 => select(vec!["hidden", "processing", "pending_destruction", "quarantined"]),
    ];
    let downloaded = prop_oneof![
        10 => downloaded(),
        2 => Just(Downloaded::Unknown),
        1 => Just(Downloaded::Unreadable),
        1 => senseless_date().prop_map(Downloaded::At),
    ];
    let tags = prop_oneof![
        8 => Just(Some(vec![])),
        1 => Just(Some(vec!["beta"])),
        1 => Just(Some(vec!["beta", "latest"])),
        1 => Just(None),
    ];
    let permission = select(vec![Permission::Granted, Permission::Denied, Permission::Unknown]);
    let version = prop::option::weighted(0.93, version());
    let path_is_known = prop::bool::weighted(0.85);
    let unreadable = prop::option::weighted(0.03, select(vec!["name", "package_type", "status"]));
    let channel = select(vec![Some("user/stable"), Some("user/stable"), Some("user/testing"), None]);
    let told = (downloaded, tags, built_from(), permission);
    let fields = (channel, version, status, date(), told, path_is_known, unreadable);
    fields.prop_map(|(channel, version, status, created_at, told, path_is_known, unreadable)| {
        let (downloaded, tags, built_from, permission) = told;
        Row {
            channel,
            version,
            status,
            created_at,
            downloaded,
            tags,
            built_from,
            permission,
            path_is_known,
            unreadable,
        }
    })
}

/// A row with nothing wrong in it, so that a place among the newest hangs on its dates alone.
fn rival() -> impl Strategy<Value = Row> {
    (version(), sensible_date(), downloaded(), built_from()).prop_map(
        |(version, created_at, downloaded, built_from)| Row {
            version: Some(version),
            created_at: Some(created_at),
            downloaded,
            built_from,
            ..plain_row()
        },
    )
}

fn version() -> impl Strategy<Value = &'static str> {
    select(vec!["1.0", "1.0.0", "2.0.0", "1.0.0-rc.1", "2.0-SNAPSHOT", "v1.10.0", "1.9.0", "1.10.0", "what is this"])
}

fn built_from() -> impl Strategy<Value = BuiltFrom> {
    prop_oneof![
        6 => Just(BuiltFrom::NotListed),
        3 => select(vec!["main", "feature/x"]).prop_map(|name| BuiltFrom::Ref(name.to_owned())),
        1 => Just(BuiltFrom::Unknown),
    ]
}

fn pipelines() -> impl Strategy<Value = Pipelines> {
    let last_ref = prop::option::weighted(0.8, select(vec!["main", "main", "feature/x", "feature/y"]));
    (last_ref, prop::bool::weighted(0.9)).prop_map(|(last_ref, can_be_read)| Pipelines { last_ref, can_be_read })
}

/// Whether a project is archived and has releases, as far as GitLab says, and its releases.
fn project() -> impl Strategy<Value = (Option<bool>, Option<bool>, Releases)> {
    let archived = prop_oneof![8 => Just(Some(false)), 1 => Just(Some(true)), 1 => Just(None)];
    let has_releases = prop_oneof![4 => Just(Some(true)), 2 => Just(None), 1 => Just(Some(false))];
    let link = prop_oneof![
        2 => (1..15_u64).prop_map(LinkTo::Package),
        1 => (1..15_u64, 0..3_u64).prop_map(|(package, place)| LinkTo::File(file_id(package, place).0)),
        1 => Just(LinkTo::Elsewhere),
    ];
    let releases =
        (vec(link, 0..=3), prop::bool::weighted(0.9)).prop_map(|(links, can_be_read)| Releases { links, can_be_read });
    (archived, has_releases, releases)
}

fn downloaded() -> impl Strategy<Value = Downloaded> {
    prop_oneof![Just(Downloaded::Never), sensible_date().prop_map(Downloaded::At)]
}

fn files(count: RangeInclusive<usize>) -> impl Strategy<Value = Files> {
    let size = prop::option::weighted(0.9, 0..5000_u64);
    let file = (file_name(), size, date()).prop_map(|(name, size, created_at)| PackageFile {
        id: FileId(0),
        name: name.map(str::to_owned),
        size,
        created_at,
    });
    (vec(file, count), prop::bool::weighted(0.9)).prop_map(|(all, can_be_read)| Files { all, can_be_read })
}

/// The id of the file at this place of a package's list. No two packages share one.
fn file_id(package: u64, place: u64) -> FileId {
    FileId(package * 16 + place)
}

/// Few enough that they often are builds of one thing, or checksums of one another. `None` is a name that GitLab did not
/// send.
fn file_name() -> impl Strategy<Value = Option<&'static str>> {
    let builds = vec![
        "core-2.0-20260101.120000-1.jar",
        "core-2.0-20260102.120000-2.jar",
        "core-2.0-20260103.120000-3.jar",
        "core-2.0-20260102.120000-2-sources.jar",
        "core-2.0-20260103.120000-3-sources.jar",
        "core-2.0-20260101.120000-1.pom",
        "core-2.0-20260102.120000-2.pom",
        "lib-2.0-20260102.120000-2.jar",
        "core-2.1-20260102.120000-2.jar",
    ];
    let companions = vec![
        "core-2.0-20260101.120000-1.jar.md5",
        "core-2.0-20260102.120000-2.jar.asc",
        "core-2.0-20260102.120000-2.jar.asc.sha1",
        "core-2.0-20260103.120000-3.jar.sha512",
        "core-2.0-SNAPSHOT.jar.sha1",
        "notes.txt.asc",
        "notes.txt.asc.md5",
    ];
    let others = vec![
        "core-2.0-SNAPSHOT.jar",
        "notes.txt",
        "notes.txt",
        "tool.tgz",
        "maven-metadata.xml",
        "maven-metadata.xml.sha1",
    ];
    prop_oneof![
        12 => select(builds).prop_map(Some),
        6 => select(companions).prop_map(Some),
        8 => select(others).prop_map(Some),
        1 => Just(None),
    ]
}

/// `None` is a date that GitLab did not send.
fn date() -> impl Strategy<Value = Option<Timestamp>> {
    prop_oneof![
        28 => sensible_date().prop_map(Some),
        1 => senseless_date().prop_map(Some),
        1 => Just(None),
    ]
}

/// Few enough that they often equal each other, and on both sides of every age that a policy here can name.
fn sensible_date() -> impl Strategy<Value = Timestamp> {
    let edges = (select(vec![1, 72, 5 * 24, 30 * 24, 90 * 24]), -1..=1_i64)
        .prop_map(|(hours, beside)| before_now(hours * 60 * 60 * 1000 + beside));
    let plain = select(vec![0, 2, 4, 10, 20, 50, 50, 60, 91, 91, 200, 200, 400, 400]).prop_map(days_ago);
    let first = Just("2011-01-01T00:00:00Z").prop_map(instant);
    prop_oneof![8 => edges, 14 => plain, 1 => first]
}

fn senseless_date() -> impl Strategy<Value = Timestamp> {
    prop_oneof![
        select(vec!["1970-01-01T00:00:00Z", "1980-01-01T00:00:00Z", "2010-12-31T23:59:59.999Z"]).prop_map(instant),
        select(vec![1, 24 * 60 * 60 * 1000]).prop_map(|milliseconds| before_now(-milliseconds)),
    ]
}

/// Mostly the instant that dates are made around; else the ends of its day, and the first moment of the next.
fn now() -> impl Strategy<Value = Timestamp> {
    let ends = select(vec!["2026-06-15T00:00:00Z", "2026-06-15T23:59:59.999Z", "2026-06-16T00:00:00Z"]);
    prop_oneof![3 => Just(NOW), 1 => ends.prop_map(instant)]
}

fn days_ago(days: i64) -> Timestamp {
    before_now(days * 24 * 60 * 60 * 1000)
}

fn before_now(milliseconds: i64) -> Timestamp {
    NOW - SignedDuration::from_millis(milliseconds)
}

fn instant(text: &str) -> Timestamp {
    text.parse().expect("an instant")
}
