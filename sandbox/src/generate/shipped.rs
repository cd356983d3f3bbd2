//! Releases of projects, and the links by which they name packages: most of them current ones, some old ones that a
//! clean-up would take, because somebody shipped a build that was never meant to last.

use std::collections::{HashMap, HashSet};

use super::Random;
use super::blueprint::UNRELEASED;
use super::history::{DAY, before};
use crate::registry::{
    AccessLevel, LinkType, Package, PackageFile, PackageType, Project, Registry, Release, ReleaseLink, Status,
};
use jiff::Timestamp;

/// The age of a build without a future, and the time for which nobody has downloaded it.
const FORGOTTEN: i64 = 100 * DAY;

/// Nightly builds are not kept for as long.
const FORGOTTEN_NIGHTLY: i64 = 35 * DAY;

/// Makes the releases of about two thirds of the projects. The packages are numbered already, and stay as they are.
pub(super) fn release(registry: &mut Registry, random: &mut Random, start: Timestamp) {
    let mut packages: HashMap<u64, Vec<&Package>> = HashMap::new();
    for package in registry.packages.iter().filter(|one| one.status == Status::Default && one.version.is_some()) {
        packages.entry(package.project_id).or_default().push(package);
    }
    let mut made = 0;
    for project in &mut registry.projects {
        let mut random = Random::new(random.next());
        if UNRELEASED.iter().any(|path| project.path.ends_with(path)) {
            project.releases_access_level = AccessLevel::Disabled;
        } else if !project.archived && random.chance(0.65) {
            let mut tags = HashSet::new();
            let its = packages.remove(&project.id).unwrap_or_default();
            for package in shipped(its, &mut random, start) {
                let tag = tag(package);
                if tags.insert(tag.clone()) {
                    let links = links(project, package, made);
                    let (created_at, released_at) = (package.created_at, package.created_at);
                    project.releases.push(Release { tag, name: String::new(), created_at, released_at, links });
                    made += 1;
                }
            }
        }
    }
}

/// Some of a project's packages, oldest first: releases, and now and then something forgotten.
fn shipped<'a>(packages: Vec<&'a Package>, random: &mut Random, start: Timestamp) -> Vec<&'a Package> {
    let (early, regular): (Vec<_>, Vec<_>) = packages.into_iter().partition(|one| is_early(one));
    let forgotten: Vec<_> = early.into_iter().filter(|one| is_forgotten(one, start)).collect();
    let mut shipped = pick(&regular, 4, random);
    if random.chance(0.6) {
        shipped.extend(pick(&forgotten, 2, random));
    }
    shipped.sort_by_key(|package| (package.created_at, package.id));
    shipped
}

/// Up to so many of them, each once.
fn pick<'a>(among: &[&'a Package], most: usize, random: &mut Random) -> Vec<&'a Package> {
    let mut left = among.to_vec();
    let count = random.within(1..i64::try_from(most).unwrap_or(1) + 1);
    (0..count)
        .filter_map(|_| {
            let width = i64::try_from(left.len()).unwrap_or(i64::MAX);
            (width > 0).then(|| left.swap_remove(usize::try_from(random.within(0..width)).unwrap_or_default()))
        })
        .collect()
}

/// Returns whether a package comes before a release and is cleaned up after it: a snapshot, a pre-release, a
/// development or nightly build.
fn is_early(package: &Package) -> bool {
    let version = package.version.as_deref().unwrap_or_default();
    match package.package_type {
        PackageType::Maven => version.ends_with("-SNAPSHOT"),
        PackageType::Npm => version.contains('-'),
        PackageType::Pypi => version.contains(".dev"),
        PackageType::Generic => version.contains("nightly"),
        _ => false,
    }
}

fn is_forgotten(package: &Package, start: Timestamp) -> bool {
    let since = if package.package_type == PackageType::Generic { FORGOTTEN_NIGHTLY } else { FORGOTTEN };
    let since = before(start, since);
    let built = package.files.iter().map(|file| file.created_at).max().unwrap_or(package.created_at);
    built < since && package.last_downloaded_at.is_none_or(|time| time < since)
}

/// Several packages of a project have the same version, so that only a part of their tags are `v1.2.3`.
fn tag(package: &Package) -> String {
    let version = package.version.as_deref().unwrap_or_default();
    if package.id.is_multiple_of(3) {
        format!("{}/{version}", short(&package.name))
    } else {
        format!("v{}", version.trim_start_matches('v'))
    }
}

/// The last part of a name.
fn short(name: &str) -> &str {
    name.rsplit('/').next().unwrap_or(name)
}

/// Returns the links of the release with this number: to the package, and something elsewhere.
fn links(project: &Project, package: &Package, number: u64) -> Vec<ReleaseLink> {
    let asset = ReleaseLink {
        id: 2 * number + 1,
        name: "package".to_owned(),
        url: address(project, package, number),
        direct_asset_path: number.is_multiple_of(3).then(|| "/assets/package".to_owned()),
        link_type: LinkType::Package,
    };
    let notes = ReleaseLink {
        id: 2 * number + 2,
        name: "notes".to_owned(),
        url: format!("https://docs.acme.example/{}/{number}", short(&project.path)),
        direct_asset_path: None,
        link_type: LinkType::Runbook,
    };
    vec![asset, notes]
}

/// The address of a package or of one of its files, in one after another of the forms that people copy from pages,
/// pipelines and the API.
fn address(project: &Project, package: &Package, number: u64) -> String {
    let (path, id, project_id) = (&project.path, package.id, package.project_id);
    let page = match package.package_type {
        PackageType::TerraformModule if number.is_multiple_of(2) => "terraform_module_registry",
        PackageType::TerraformModule => "infrastructure_registry",
        _ => "packages",
    };
    let page = format!("{{url}}/{path}/-/{page}/{id}");
    let Some(file) = package.files.first() else {
        return page;
    };
    match number % 5 {
        0 => page,
        1 => format!("{{url}}/{path}/-/package_files/{}/download", file.id),
        2 => format!("{{url}}/api/v4/projects/{project_id}/packages/{id}/package_files/{}/download", file.id),
        // A project is named by its id or by its path.
        3 => in_registry(&project_id.to_string(), package, file).unwrap_or(page),
        _ => in_registry(&path.replace('/', "%2F"), package, file).unwrap_or(page),
    }
}

/// Where the format's own client downloads a file; `None` for formats whose addresses nobody copies.
fn in_registry(project: &str, package: &Package, file: &PackageFile) -> Option<String> {
    let Package { package_type, name, .. } = package;
    let version = package.version.as_deref().unwrap_or_default();
    let file_name = &file.file_name;
    let path = match package_type {
        PackageType::Maven => format!("maven/{name}/{version}/{file_name}"),
        PackageType::Npm => format!("npm/{name}/-/{name}-{version}.tgz"),
        PackageType::Pypi => format!("pypi/files/{}/{file_name}", file.sha256.as_deref().unwrap_or_default()),
        PackageType::Nuget => format!("nuget/download/{name}/{version}/{file_name}"),
        PackageType::Helm => format!("helm/stable/charts/{file_name}"),
        PackageType::Rubygems => format!("rubygems/gems/{file_name}"),
        PackageType::Rpm => format!("rpm/{}/{file_name}", file.id),
        PackageType::TerraformModule => format!("terraform/modules/{name}/{version}/file"),
        PackageType::Generic => format!("generic/{name}/{version}/{file_name}"),
        PackageType::Conan => {
            let conan = package.conan.as_ref()?;
            format!("conan/v1/files/{name}/{version}/{}/{}/0/export/{file_name}", conan.username, conan.channel)
        }
        _ => return None,
    };
    Some(format!("{{url}}/api/v4/projects/{project}/packages/{path}"))
}
