//! Maven artifacts: releases, snapshots that are built again and again, and the package of the metadata.

use std::collections::HashSet;

use jiff::Timestamp;

use super::Random;
use super::blueprint::Line;
use super::files::{Sums, file};
use super::formats::Draft;
use super::history::{DAY, Release, before, between, downloaded, lately, long_ago, releases};
use crate::registry::PackageFile;

const BRANCHES: [&str; 8] = ["login", "retry", "new-cache", "upgrade", "metrics", "cleanup", "async-io", "audit-log"];

/// The end of a snapshot's development.
#[derive(Debug, Clone, Copy)]
enum Fate {
    /// Built for some days, and then forgotten.
    Stale,
    /// No longer built, but pulled to this day.
    Pulled,
    /// Years old, and built yesterday.
    Living,
    /// Made lately.
    Fresh,
}

/// The packages of an artifact: one for its metadata, two fifths snapshots, the rest releases.
pub(super) fn packages(line: &Line, count: usize, random: &mut Random, start: Timestamp) -> Vec<Draft> {
    let mut drafts = Vec::new();
    if count == 0 {
        return drafts;
    }
    let snapshots = (count - 1) * 2 / 5;
    let releases = releases(count - 1 - snapshots, line.dormant, random);
    let oldest = releases.first().map_or(DAY, |release| release.age);
    drafts.push(metadata(line, oldest, random));
    drafts.extend(releases.iter().map(|of| release(line, of, random)));
    let mut taken = HashSet::new();
    for _ in 0..snapshots {
        drafts.push(snapshot(line, &releases, &mut taken, random, start));
    }
    drafts
}

/// The package without a version, which holds the artifact's `maven-metadata.xml`.
fn metadata(line: &Line, oldest: i64, random: &mut Random) -> Draft {
    let age = (oldest - random.within(5..60)).max(1);
    let downloaded = lately(age, random);
    let files = vec![file("maven-metadata.xml".to_owned(), Sums::All, (9, 12), random)];
    Draft { downloaded, ..Draft::new(line, None, age, files) }
}

fn release(line: &Line, release: &Release, random: &mut Random) -> Draft {
    let suffix = if random.chance(0.04) { ".Final" } else { "" };
    let version = format!("{}{suffix}", release.text());
    let files = build(&format!("{}-{version}", artifact(line)), random);
    let mut draft = Draft::new(line, Some(version.clone()), release.age, files);
    draft.downloaded = downloaded(release.age, random);
    if random.chance(0.5) {
        draft.pipelines.push((format!("v{version}"), release.age));
    }
    draft
}

fn snapshot(
    line: &Line,
    releases: &[Release],
    taken: &mut HashSet<String>,
    random: &mut Random,
    start: Timestamp,
) -> Draft {
    let oldest = releases.first().map_or(DAY, |release| release.age).max(70 * DAY);
    let fate = match (line.dormant, random.within(0..100)) {
        (true, 0..55) | (false, 0..25) => Fate::Stale,
        (true, _) | (false, 25..50) => Fate::Pulled,
        (false, 50..65) => Fate::Living,
        (false, _) => Fate::Fresh,
    };
    let youngest = if line.dormant { 366 * DAY } else { 62 * DAY };
    let age = match fate {
        Fate::Fresh => between(600, 58 * DAY, random),
        _ => between(youngest, oldest, random),
    };
    // Builds follow one another over some days; a living one is still built.
    let (builds, last) = match fate {
        Fate::Living => (random.within(4..10), between(60, 3 * DAY, random)),
        Fate::Fresh => (random.within(1..6), between(30, age, random)),
        // A snapshot that is to be old has to stop before its sixtieth day.
        Fate::Stale | Fate::Pulled => (random.within(1..4), between((age - 20 * DAY).max(61 * DAY), age, random)),
    };
    let (version, branch) = snapshot_name(releases, age, taken, random);

    let mut draft = Draft::new(line, Some(version.clone()), age, Vec::new());
    draft.downloaded = match fate {
        Fate::Pulled => lately(age, random),
        Fate::Stale if random.chance(0.5) => None,
        Fate::Stale => long_ago(age, random),
        Fate::Living if random.chance(0.5) => None,
        Fate::Living | Fate::Fresh => downloaded(age, random),
    };
    let base = version.trim_end_matches("-SNAPSHOT");
    for number in 1..=builds {
        let built = age - (age - last) * number / builds;
        let stamp = before(start, built).strftime("%Y%m%d.%H%M%S").to_string();
        let files = build(&format!("{}-{base}-{stamp}-{number}", artifact(line)), random);
        draft.file_ages.extend(files.iter().map(|_| built));
        draft.package.files.extend(files);
        draft.pipelines.push((branch.clone(), built));
    }
    if random.chance(0.4) {
        draft.pipelines.clear();
    }
    draft
}

/// A version that no other snapshot has, of the release that was next at that age; and the branch that it was built
/// from, the main one or another.
fn snapshot_name(releases: &[Release], age: i64, taken: &mut HashSet<String>, random: &mut Random) -> (String, String) {
    let next = releases.iter().find(|release| release.age < age).or(releases.last());
    let next = next.map_or_else(|| "0.1.0".to_owned(), Release::text);
    let on_main = random.chance(0.6).then(|| (format!("{next}-SNAPSHOT"), "main".to_owned()));
    let branches = std::iter::repeat_with(|| {
        let branch = format!("{}-{}", random.pick(&BRANCHES), random.within(1..5000));
        (format!("{next}-{branch}-SNAPSHOT"), format!("feature/{branch}"))
    });
    on_main.into_iter().chain(branches).find(|(version, _)| taken.insert(version.clone())).unwrap_or_default()
}

/// The files of one build.
fn build(stem: &str, random: &mut Random) -> Vec<PackageFile> {
    let mut files = vec![
        file(format!("{stem}.jar"), Sums::All, (14, 25), random),
        file(format!("{stem}.pom"), Sums::All, (10, 13), random),
    ];
    if random.chance(0.4) {
        files.push(file(format!("{stem}-sources.jar"), Sums::All, (13, 22), random));
    }
    if random.chance(0.3) {
        files.push(file(format!("{stem}.module"), Sums::All, (10, 13), random));
    }
    if random.chance(0.15) {
        files.push(file(format!("{stem}.jar.sha512"), Sums::Sha256, (7, 8), random));
        files.push(file(format!("{stem}.jar.asc"), Sums::Sha256, (9, 10), random));
    }
    files
}

fn artifact(line: &Line) -> &'static str {
    line.name.rsplit('/').next().unwrap_or(line.name)
}
