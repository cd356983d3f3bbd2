//! The packages of one name, by the habits of its format.

use std::collections::HashSet;

use jiff::Timestamp;

use super::Random;
use super::blueprint::{Format, Line};
use super::files::{Sums, file};
use super::history::{DAY, HOUR, Release, before, between, downloaded, lately, long_ago, releases};
use super::maven;
use crate::registry::{Conan, Package, PackageFile};

/// A package before its ages are times.
pub(super) struct Draft {
    pub(super) package: Package,
    /// In seconds before the start, as are all ages here.
    pub(super) age: i64,
    pub(super) downloaded: Option<i64>,
    /// One for each file.
    pub(super) file_ages: Vec<i64>,
    pub(super) tags: Vec<&'static str>,
    /// The refs and ages of the pipelines that published it.
    pub(super) pipelines: Vec<(String, i64)>,
}

impl Draft {
    /// A package whose files came with it, that was never downloaded, and not published by a pipeline.
    pub(super) fn new(line: &Line, version: Option<String>, age: i64, files: Vec<PackageFile>) -> Self {
        let file_ages = files.iter().map(|_| age).collect();
        let (package_type, name) = (line.format.package_type(), line.name.to_owned());
        let package = Package { package_type, name, version, files, ..Package::default() };
        Self { package, age, downloaded: None, file_ages, tags: Vec::new(), pipelines: Vec::new() }
    }
}

/// So many packages of a line; the start decides about the dates in versions and file names.
pub(super) fn packages(line: &Line, count: usize, random: &mut Random, start: Timestamp) -> Vec<Draft> {
    match line.format {
        Format::Maven => maven::packages(line, count, random, start),
        Format::Npm => with_prereleases(line, count, count * 2 / 5, npm_prerelease, random),
        Format::Pypi => with_prereleases(line, count, count / 3, pypi_prerelease, random),
        Format::Nightly => nightlies(line, count, random, start),
        _ => with_prereleases(line, count, 0, npm_prerelease, random),
    }
}

/// Writes the version of a pre-release of what comes next, and the ref that it was built from.
type Prerelease = fn(next: &Release, random: &mut Random) -> (String, String);

/// Makes releases, and so many pre-releases among them. The newest of either carries a dist-tag, where the format has
/// them.
fn with_prereleases(
    line: &Line,
    count: usize,
    prereleases: usize,
    name: Prerelease,
    random: &mut Random,
) -> Vec<Draft> {
    let releases = releases(count - prereleases, line.dormant, random);
    let mut drafts: Vec<_> = releases.iter().map(|one| release(line, one, random)).collect();
    let is_npm = matches!(line.format, Format::Npm | Format::NpmStable);
    if let Some(newest) = drafts.last_mut().filter(|_| is_npm) {
        newest.tags.push("latest");
    }

    let oldest = releases.first().map_or(DAY, |release| release.age).max(120 * DAY);
    let mut taken = HashSet::new();
    let mut early: Vec<_> = (0..prereleases)
        .map(|_| {
            // A third is old and forgotten, a quarter old and still pulled, the rest new.
            let fate = random.within(0..100);
            let age = if fate < 58 { between(92 * DAY, oldest, random) } else { between(300, 88 * DAY, random) };
            let next = releases.iter().find(|release| release.age < age).or(releases.last()).cloned();
            let next = next.unwrap_or(Release { number: (0, 1, 0), age });
            let names = std::iter::repeat_with(|| name(&next, random));
            let (version, ref_) = untaken(&mut taken, names);
            let mut draft = Draft::new(line, Some(version.clone()), age, files(line, &version, random));
            draft.downloaded = match fate {
                0..18 => None,
                18..33 => long_ago(age, random),
                33..58 => lately(age, random),
                _ => downloaded(age, random),
            };
            draft.pipelines.push((ref_, age));
            draft
        })
        .collect();
    if let Some(newest) = early.iter_mut().min_by_key(|draft| draft.age).filter(|_| is_npm) {
        newest.tags.push("next");
    }
    drafts.append(&mut early);
    drafts
}

fn release(line: &Line, release: &Release, random: &mut Random) -> Draft {
    let number = release.text();
    let version = match line.format {
        Format::Golang => format!("v{number}"),
        Format::Debian => format!("{number}-1"),
        _ => number,
    };
    let mut draft = Draft::new(line, Some(version.clone()), release.age, files(line, &version, random));
    draft.downloaded = downloaded(release.age, random);
    match line.format {
        // They are served from the repository, which counts no downloads.
        Format::Golang => draft.downloaded = None,
        Format::Conan => {
            let channel = if random.chance(0.7) { "stable" } else { "testing" };
            draft.package.conan = Some(Conan { username: "acme".to_owned(), channel: channel.to_owned() });
        }
        Format::Nuget if random.chance(0.3) => draft.tags.extend(["acme", "client"]),
        _ => {}
    }
    if random.chance(0.4) {
        let ref_ = if random.chance(0.5) { format!("v{}", release.text()) } else { "main".to_owned() };
        draft.pipelines.push((ref_, release.age));
    }
    draft
}

fn npm_prerelease(next: &Release, random: &mut Random) -> (String, String) {
    let next = next.text();
    let number = random.within(0..10);
    match random.within(0..4) {
        0 => (format!("{next}-beta.{number}"), "main".to_owned()),
        1 => (format!("{next}-rc.{number}"), "main".to_owned()),
        2 => (format!("{next}-canary.{}", &random.hex(4)), "main".to_owned()),
        _ => {
            let request = random.within(10..4000);
            (format!("{next}-pr.{request}.{number}"), format!("feature/request-{request}"))
        }
    }
}

fn pypi_prerelease(next: &Release, random: &mut Random) -> (String, String) {
    let next = next.text();
    match random.within(0..5) {
        0 => (format!("{next}rc{}", random.within(1..6)), "main".to_owned()),
        _ => (format!("{next}.dev{}", random.within(1..900)), format!("feature/task-{}", random.within(10..900))),
    }
}

/// Makes a build for about each of the last 58 days, in either of the two ways in which people number them.
fn nightlies(line: &Line, count: usize, random: &mut Random, start: Timestamp) -> Vec<Draft> {
    const SPAN: i64 = 58 * DAY;
    let builds = i64::try_from(count).unwrap_or(i64::MAX).max(1);
    let style = if random.chance(0.5) { "nightly-%Y-%m-%d" } else { "0.0.0-nightly.%Y%m%d" };
    let mut taken = HashSet::new();
    (0..count)
        .zip(0_i64..)
        .map(|(_, number)| {
            let age = SPAN / builds * number + random.within(HOUR..2 * HOUR);
            let date = before(start, age).strftime(style).to_string();
            // The second one of a day has a number.
            let again = (2..).map(|number| (format!("{date}.{number}"), number));
            let (version, _) = untaken(&mut taken, std::iter::once((date.clone(), 1)).chain(again));
            let mut draft = Draft::new(line, Some(version.clone()), age, files(line, &version, random));
            draft.downloaded = downloaded(age, random);
            draft.pipelines.push(("main".to_owned(), age));
            draft
        })
        .collect()
}

/// The first name that hasn't been taken, with what belongs to it.
fn untaken<T: Default>(taken: &mut HashSet<String>, mut names: impl Iterator<Item = (String, T)>) -> (String, T) {
    names.find(|(name, _)| taken.insert(name.clone())).unwrap_or_default()
}

/// The files of a package that is no Maven artifact.
fn files(line: &Line, version: &str, random: &mut Random) -> Vec<PackageFile> {
    let name = line.name.rsplit('/').next().unwrap_or(line.name);
    let under = name.replace('-', "_");
    let mut files = Vec::new();
    let mut add = |name: String, sums, powers| files.push(file(name, sums, powers, random));
    match line.format {
        Format::Npm | Format::NpmStable => add(format!("{name}-{version}.tgz"), Sums::Sha1, (13, 22)),
        Format::Pypi => {
            add(format!("{under}-{version}-py3-none-any.whl"), Sums::All, (13, 21));
            add(format!("{under}-{version}.tar.gz"), Sums::All, (14, 22));
        }
        Format::Nightly => {
            for system in ["linux-x86_64.tar.gz", "linux-aarch64.tar.gz", "darwin-arm64.tar.gz", "windows-x86_64.zip"] {
                add(format!("{name}-{system}"), Sums::Sha256, (23, 27));
            }
            add("SHA256SUMS".to_owned(), Sums::Sha256, (8, 9));
        }
        Format::Generic => {
            add(format!("{name}-{version}.tar.gz"), Sums::Sha256, (22, 28));
            add(format!("{name}-{version}.tar.gz.sha256"), Sums::Sha256, (6, 7));
        }
        Format::Conan => {
            add("conanfile.py".to_owned(), Sums::All, (10, 12));
            add("conanmanifest.txt".to_owned(), Sums::All, (7, 9));
            add("conan_package.tgz".to_owned(), Sums::All, (18, 25));
        }
        Format::Nuget => {
            add(format!("{}.{version}.nupkg", name.to_lowercase()), Sums::Sha256, (14, 22));
            add(format!("{}.{version}.snupkg", name.to_lowercase()), Sums::Sha256, (12, 20));
        }
        // Both are served from the repository.
        Format::Composer | Format::Golang => {}
        Format::Debian => {
            add(format!("{name}_{version}_amd64.deb"), Sums::All, (18, 25));
            add(format!("{name}_{version}.dsc"), Sums::All, (9, 11));
        }
        Format::Rubygems => add(format!("{name}-{version}.gem"), Sums::Sha256, (14, 20)),
        Format::Helm => add(format!("{name}-{version}.tgz"), Sums::Sha256, (12, 16)),
        Format::Terraform => add(format!("{under}-{version}.tgz"), Sums::Sha256, (11, 15)),
        Format::Rpm => add(format!("{name}-{version}-1.x86_64.rpm"), Sums::All, (18, 25)),
        Format::Model => {
            add("model.onnx".to_owned(), Sums::Sha256, (25, 30));
            add("MLmodel".to_owned(), Sums::Sha256, (8, 10));
        }
        Format::Maven => {}
    }
    files
}
