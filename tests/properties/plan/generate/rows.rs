//! Rows of a listing in which keys collide, much is missing, and one thing is written in several ways.

use gleaner::package::{
    BuiltFrom, Downloaded, Package, PackageId, PackageType, Permission, Pipeline, PipelineId, Project, ProjectId,
    RefKind, RefKinds, Status, Topics,
};
use gleaner_oracle::facts::folded_name;
use jiff::Timestamp;
use proptest::prelude::*;
use proptest::sample::{Index, select};

use super::dates::{date, days_ago, senseless_date, sensible_date};
use super::spellings::{NAMES, UPLOAD, versions};

#[derive(Debug, Clone)]
pub(super) struct Key {
    pub(super) project: (u64, &'static str),
    pub(super) package_type: &'static str,
    pub(super) name: &'static str,
}

/// What a row tells beside that. A channel is part of the key, but only Conan has it.
#[derive(Debug, Clone)]
pub(super) struct Row {
    /// Another name than that of the key, where it is one to the clients of its type.
    pub(super) spelling: Option<&'static str>,
    pub(super) channel: Option<&'static str>,
    pub(super) version: Option<&'static str>,
    /// Instead of that one of the type's own versions.
    pub(super) own_version: Option<Index>,
    pub(super) status: &'static str,
    pub(super) created_at: Option<Timestamp>,
    pub(super) downloaded: Downloaded,
    pub(super) tags: Option<Vec<&'static str>>,
    pub(super) built_from: BuiltFrom,
    pub(super) permission: Permission,
    pub(super) path_is_known: bool,
    pub(super) unreadable: Option<&'static str>,
}

pub(super) fn plain_row() -> Row {
    Row {
        spelling: None,
        channel: Some("user/stable"),
        version: None,
        own_version: None,
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

pub(super) fn package(id: PackageId, key: &Key, row: Row) -> Package {
    let (project, path) = key.project;
    let package_type = PackageType::parse(key.package_type);
    let folded = |name| folded_name(&package_type, name);
    let name = row.spelling.filter(|name| folded(name) == folded(key.name)).unwrap_or(key.name);
    let own_version = row.own_version.map(|index| *index.get(versions(&package_type)));
    Package {
        id,
        project: Project {
            archived: Some(false),
            has_releases: Some(false),
            topics: Topics::of([Some(Vec::new())]),
            ..Project::unread(ProjectId(project), row.path_is_known.then(|| path.to_owned()))
        },
        channel: row.channel.filter(|_| package_type == PackageType::Conan).map(str::to_owned),
        package_type: package_type.clone(),
        name: name.to_owned(),
        version: own_version.or(row.version).map(str::to_owned),
        status: Status::parse(row.status),
        created_at: row.created_at,
        downloaded: row.downloaded,
        tags: row.tags.map(|tags| tags.into_iter().map(str::to_owned).collect()),
        built_from: row.built_from,
        permission: row.permission,
        unreadable: row.unreadable,
    }
}

pub(super) fn key() -> impl Strategy<Value = Key> {
    let projects =
        vec![(1, "acme/platform/api"), (1, "acme/platform/api"), (2, "acme/platform/legacy/Old"), (3, "other/tool")];
    let types = [
        &["maven", "maven", "maven", "npm", "npm", "npm", "generic", "generic", "conan", "conan"][..],
        &["pypi", "pypi", "nuget", "nuget", "helm", "helm", "composer", "composer", "rubygems", "rubygems"],
        &["cargo", "debian", "golang", "ml_model", "rpm", "swift", "terraform_module"],
    ];
    let names = NAMES.to_vec();
    (select(projects), select(types.concat()), select(names)).prop_map(|(project, package_type, name)| Key {
        project,
        package_type,
        name,
    })
}

pub(super) fn row() -> impl Strategy<Value = Row> {
    let status = prop_oneof![
        16 => Just("default"),
        3 => Just("deprecated"),
        3 => Just("error"),
        1 => select(vec!["hidden", "processing", "pending_destruction", "quarantined"]),
    ];
    let downloaded = prop_oneof![
        10 => downloaded(),
        1 => Just(Downloaded::Unknown),
        5 => Just(Downloaded::NotListed),
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
    let version = (prop::option::weighted(0.93, version()), own_version());
    let path_is_known = prop::bool::weighted(0.85);
    let unreadable = prop::option::weighted(0.03, select(vec!["name", "package_type", "status"]));
    let channel = select(vec![Some("user/stable"), Some("user/stable"), Some("user/testing"), Some("_/_"), None]);
    let told = (downloaded, tags, built_from(), permission);
    let fields = (spelling(), channel, version, status, date(), told, path_is_known, unreadable);
    fields.prop_map(|(spelling, channel, version, status, created_at, told, path_is_known, unreadable)| {
        let (downloaded, tags, built_from, permission) = told;
        let (version, own_version) = version;
        Row {
            spelling,
            channel,
            version,
            // What is versionless stays so.
            own_version: own_version.filter(|_| version.is_some()),
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
pub(super) fn rival() -> impl Strategy<Value = Row> {
    (spelling(), version(), own_version(), sensible_date(), downloaded(), built_from()).prop_map(
        |(spelling, version, own_version, created_at, downloaded, built_from)| Row {
            spelling,
            version: Some(version),
            own_version,
            created_at: Some(created_at),
            downloaded,
            built_from,
            ..plain_row()
        },
    )
}

fn version() -> impl Strategy<Value = &'static str> {
    select(vec![
        "1.0",
        "1.0.0",
        "2.0.0",
        "1.0.0-rc.1",
        "2.0-SNAPSHOT",
        "v1.10.0",
        "1.9.0",
        "1.10.0",
        "what is this",
        UPLOAD,
    ])
}

fn own_version() -> impl Strategy<Value = Option<Index>> {
    prop::option::weighted(0.7, any::<Index>())
}

fn spelling() -> impl Strategy<Value = Option<&'static str>> {
    prop::option::of(select(NAMES.to_vec()))
}

fn built_from() -> impl Strategy<Value = BuiltFrom> {
    prop_oneof![
        6 => Just(BuiltFrom::NotListed),
        6 => select(PIPELINES.to_vec()).prop_map(|(number, _)| BuiltFrom::Pipeline(pipeline(number))),
        1 => Just(BuiltFrom::Pipeline(Pipeline::of(RefKind::MergeRequest, "main"))),
        // One that can't be asked for.
        1 => Just(BuiltFrom::Pipeline(Pipeline {
            id: None,
            git_ref: "main".to_owned(),
            kind: RefKinds::Unknown(&RefKind::ALL),
        })),
        1 => Just(BuiltFrom::Unknown),
    ]
}

/// A few pipelines that publish to all kinds of packages, each with its ref.
pub(super) const PIPELINES: [(u64, &str); 5] =
    [(1, "main"), (2, "main"), (3, "feature/x"), (4, "feature/y"), (5, "v1.0")];

/// In a project that has no packages.
pub(super) fn pipeline_id(number: u64) -> PipelineId {
    PipelineId { project: ProjectId(9), id: number }
}

/// As packages and listings show it.
pub(super) fn pipeline(number: u64) -> Pipeline {
    let git_ref = PIPELINES.iter().find(|(other, _)| *other == number).map_or("main", |(_, git_ref)| git_ref);
    let kind = RefKinds::Open(if number == 4 { &RefKind::ALL } else { &[RefKind::Branch, RefKind::Tag] });
    Pipeline { id: Some(pipeline_id(number)), git_ref: git_ref.to_owned(), kind }
}

fn downloaded() -> impl Strategy<Value = Downloaded> {
    prop_oneof![
        2 => Just(Downloaded::Never),
        2 => sensible_date().prop_map(Downloaded::At),
        1 => Just(Downloaded::NotListed),
    ]
}
