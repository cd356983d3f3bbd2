//! Small registries in which the dates stand around the thresholds of the policies.

use gitlab_sandbox::{
    AccessLevel, Group, Package, PackageFile, PackageType, Project, ProtectionRule, Registry, Release, ReleaseLink, Tag,
};
use gleaner_support::kept;
use jiff::Timestamp;

use crate::dice::Dice;
use crate::time::START;

/// The thresholds of policies, in minutes: 7, 30 and 90 days.
pub const THRESHOLDS: [u64; 3] = [7 * DAY, 30 * DAY, 90 * DAY];

const DAY: u64 = 24 * 60;

/// The places of projects.
const PROJECTS: [(u64, &str); 3] = [(11, "acme/app"), (12, "acme/platform/api"), (13, "acme/platform/web/site")];

/// A package's type, the names that it may have, and its versions, the lowest first.
type Kind = (PackageType, &'static [&'static str], &'static [&'static str]);

const KINDS: [Kind; 7] = [
    (
        PackageType::Npm,
        &["@acme/core", "tool"],
        &["1.0.0-rc.1", "1.0.0", "1.1.0-rc.1", "1.1.0", "1.2.0", "2.0.0-rc.1", "2.0.0"],
    ),
    (PackageType::Generic, &["tool", "data"], &["1.0", "1.1-rc1", "1.1", "1.2", "2.0-rc1", "2.0", "2.1"]),
    (
        PackageType::Maven,
        &["com/acme/core"],
        &["1.0-SNAPSHOT", "1.0", "1.1-SNAPSHOT", "1.1", "1.2", "2.0-SNAPSHOT", "2.0"],
    ),
    (PackageType::Pypi, &["acme-core", "Acme.Core"], &["1.0rc1", "1.0", "1.1rc1", "1.1", "1.2", "2.0rc1", "2.0"]),
    (PackageType::Nuget, &["Acme.Core"], &["1.0.0-rc1", "1.0.0", "1.1.0-rc1", "1.1.0", "1.2.0", "2.0.0-rc1", "2.0.0"]),
    (PackageType::Helm, &["chart"], &["0.1.0-rc.1", "0.1.0", "0.2.0-rc.1", "0.2.0", "0.3.0", "1.0.0-rc.1", "1.0.0"]),
    (PackageType::Rubygems, &["gem"], &["1.0.0.rc1", "1.0.0", "1.1.0.rc1", "1.1.0", "1.2.0", "2.0.0.rc1", "2.0.0"]),
];

/// Returns the registry of a seed.
#[must_use]
pub fn registry(seed: u64) -> Registry {
    let mut dice = Dice::of(seed, "world");
    let mut registry = kept(&["acme"]);
    let below = [(2, "acme/platform"), (3, "acme/platform/web"), (4, "acme/old")];
    registry.groups.extend(below.map(|(id, path)| Group { id, path: path.to_owned(), ..Group::default() }));
    let projects = usize::try_from(dice.number(1, 3)).unwrap_or(1);
    registry.projects = PROJECTS[..projects].iter().map(|(id, path)| project(&mut dice, *id, path)).collect();
    for _ in 0..dice.number(1, 4) {
        let of = dice.one(&registry.projects).id;
        let kind = dice.one(&KINDS);
        let name = dice.one(kind.1);
        if !registry
            .packages
            .iter()
            .any(|other| (other.project_id, &other.package_type, other.name.as_str()) == (of, &kind.0, name))
        {
            key(&mut dice, &mut registry.packages, of, &kind, name);
        }
    }
    for project in &mut registry.projects {
        let packages: Vec<&Package> =
            registry.packages.iter().filter(|package| package.project_id == project.id).collect();
        if dice.percent(25)
            && let Some(package) = dice.any(&packages)
        {
            let url = page(&project.path, package.id);
            let link = ReleaseLink { id: project.id, name: "binary".to_owned(), url, ..ReleaseLink::default() };
            let at = START - crate::time::seconds(9_000_000);
            let release = Release {
                tag: "v1".to_owned(),
                created_at: at,
                released_at: at,
                links: vec![link],
                ..Release::default()
            };
            project.releases.push(release);
        }
        if dice.percent(8)
            && let Some(package) = dice.any(&packages)
        {
            registry.protection_rules.push(ProtectionRule {
                project_id: project.id,
                package_type: package.package_type.clone(),
                package_name_pattern: package.name.clone(),
                minimum_access_level_for_delete: Some(50),
            });
        }
    }
    registry
}

/// Returns the address of a package's page, as a release links to it.
#[must_use]
pub fn page(project: &str, package: u64) -> String {
    format!("{{url}}/{project}/-/packages/{package}")
}

fn project(dice: &mut Dice, id: u64, path: &str) -> Project {
    Project {
        id,
        path: path.to_owned(),
        archived: dice.percent(5),
        releases_access_level: AccessLevel::Enabled,
        ..Project::default()
    }
}

/// Adds versions of one name.
fn key(dice: &mut Dice, packages: &mut Vec<Package>, project: u64, kind: &Kind, name: &str) {
    let (package_type, _, versions) = kind;
    let count = usize::try_from(dice.number(1, 7)).unwrap_or(1);
    let skipped = usize::try_from(dice.number(0, versions.len() as u64 - count as u64)).unwrap_or(0);
    let versions = &versions[skipped..skipped + count];
    let mut dates: Vec<Timestamp> = versions.iter().map(|_| date(dice)).collect();
    if dice.percent(80) {
        dates.sort_unstable();
    }
    let first = packages.len();
    for (version, created_at) in versions.iter().zip(dates) {
        let id = 101 + packages.len() as u64;
        let last_downloaded_at = dice.percent(40).then(|| date(dice)).filter(|at| *at > created_at);
        let mut package = Package {
            id,
            project_id: project,
            package_type: package_type.clone(),
            name: name.to_owned(),
            version: Some((*version).to_owned()),
            created_at,
            updated_at: created_at,
            last_downloaded_at,
            ..Package::default()
        };
        package.files = files(dice, &package);
        packages.push(package);
    }
    let own = &mut packages[first..];
    if *package_type == PackageType::Npm && dice.percent(85) {
        let at = if dice.percent(70) {
            own.len() - 1
        } else {
            usize::try_from(dice.number(0, own.len() as u64 - 1)).unwrap_or(0)
        };
        let (id, at_created) = (own[at].id, own[at].created_at);
        own[at].tags.push(Tag { id, name: "latest".to_owned(), created_at: at_created, updated_at: at_created });
    }
}

/// A date that is often a little older or younger than a threshold, and may pass it while a run goes on.
fn date(dice: &mut Dice) -> Timestamp {
    let threshold = dice.one(&THRESHOLDS);
    let minutes = match dice.number(0, 9) {
        0 => dice.number(10, 3 * DAY),
        1 => threshold - dice.number(0, 25),
        2 => threshold - dice.number(0, DAY),
        3..=6 => threshold + dice.number(1, 3 * DAY),
        _ => dice.number(100 * DAY, 400 * DAY),
    };
    dice.ago(START, minutes)
}

fn files(dice: &mut Dice, package: &Package) -> Vec<PackageFile> {
    let version = package.version.as_deref().unwrap_or_default();
    let base = version.strip_suffix("-SNAPSHOT");
    let may_grow = matches!(package.package_type, PackageType::Generic | PackageType::Maven);
    let count = if may_grow && dice.percent(70) { dice.number(2, 8) } else { 1 };
    let mut files: Vec<PackageFile> = (1..=count)
        .map(|number| {
            let created_at = if number == 1 { package.created_at } else { date(dice).max(package.created_at) };
            let file_name = match (&package.package_type, base) {
                (PackageType::Maven, Some(base)) => format!("core-{base}-2026010{number}.120000-{number}.jar"),
                (PackageType::Generic, _) if number > 2 => "notes.txt".to_owned(),
                (PackageType::Generic, _) => "tool.zip".to_owned(),
                _ => format!("part-{number}-{version}.bin"),
            };
            file(package.id * 10 + number, file_name, created_at)
        })
        .collect();
    if base.is_some() {
        let last = files.iter().map(|file| file.created_at).max().unwrap_or(package.created_at);
        files.push(file(package.id * 10 + count + 1, "maven-metadata.xml".to_owned(), last));
    }
    files
}

fn file(id: u64, file_name: String, created_at: Timestamp) -> PackageFile {
    PackageFile { id, file_name, size: Some(1000), created_at, updated_at: created_at, ..PackageFile::default() }
}
