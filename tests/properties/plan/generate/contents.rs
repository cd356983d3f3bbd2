//! What GitLab tells only to whom asks: files, pipelines, last downloads, releases and protection
//! rules.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use gleaner::package::{Downloaded, FileId, PackageFile, PipelineId, Project, RefKind, Topics};
use gleaner_oracle::LinkTo;
use gleaner_oracle::protection::Guarded;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};

use super::dates::{beside, date, senseless_date, sensible_date};
use super::registry::{Downloads, Files, Pipelines, Protection, Ran, Releases};
use super::rows::{PIPELINES, pipeline_id};

/// For some packages, how long after the row each file was made; the others' files have dates of their own.
pub(super) fn beside_rows() -> impl Strategy<Value = Option<Vec<i64>>> {
    prop::option::weighted(0.5, vec(beside(), 10))
}

pub(super) fn pipelines() -> impl Strategy<Value = Pipelines> {
    let last = prop::option::weighted(0.8, select(PIPELINES.to_vec()).prop_map(|(number, _)| number));
    (last, prop::bool::weighted(0.9)).prop_map(|(last, can_be_read)| Pipelines { last, can_be_read })
}

/// What each of the pipelines ran for, where it tells.
pub(super) fn kinds() -> impl Strategy<Value = BTreeMap<PipelineId, Ran>> {
    let kind = prop_oneof![
        4 => Just(Some(RefKind::Branch)),
        2 => Just(Some(RefKind::Tag)),
        1 => Just(None),
    ];
    vec((kind, prop::bool::weighted(0.9)), PIPELINES.len()).prop_map(|told| {
        let ran = told.into_iter().map(|(kind, can_be_read)| Ran { kind, can_be_read });
        PIPELINES.iter().map(|(number, _)| pipeline_id(*number)).zip(ran).collect()
    })
}

/// What is known of a project.
#[derive(Debug, Clone)]
pub(super) struct ProjectSeen {
    archived: Option<bool>,
    marked_for_deletion: bool,
    has_releases: Option<bool>,
    other_path: Option<&'static str>,
    topics: Vec<Option<Vec<String>>>,
    pub(super) releases: Releases,
    pub(super) protection: Protection,
}

impl ProjectSeen {
    pub(super) fn complete(&self, project: &mut Project) {
        project.archived = self.archived;
        project.marked_for_deletion = self.marked_for_deletion;
        project.has_releases = self.has_releases;
        project.topics = Topics::of(self.topics.clone());
        let others = self.other_path.iter().filter(|other| project.path.as_deref() != Some(**other));
        project.other_paths = others.map(|other| (*other).to_owned()).collect();
    }
}

/// `NotListed` is a package that doesn't tell it either.
pub(super) fn downloads() -> impl Strategy<Value = Downloads> {
    let last = prop_oneof![
        4 => Just(Downloaded::Never),
        6 => sensible_date().prop_map(Downloaded::At),
        2 => Just(Downloaded::NotListed),
        1 => Just(Downloaded::Unreadable),
        1 => senseless_date().prop_map(Downloaded::At),
    ];
    (last, prop::bool::weighted(0.9)).prop_map(|(last, can_be_read)| Downloads { last, can_be_read })
}

pub(super) fn project() -> impl Strategy<Value = ProjectSeen> {
    let archived = prop_oneof![8 => Just(Some(false)), 1 => Just(Some(true)), 1 => Just(None)];
    let has_releases = prop_oneof![4 => Just(Some(true)), 2 => Just(None), 1 => Just(Some(false))];
    let link = prop_oneof![
        2 => (1..15_u64).prop_map(LinkTo::Package),
        1 => (1..15_u64, 0..3_u64).prop_map(|(package, place)| LinkTo::File(file_id(package, place).0)),
        1 => Just(LinkTo::Elsewhere),
    ];
    let releases =
        (vec(link, 0..=3), prop::bool::weighted(0.9)).prop_map(|(links, can_be_read)| Releases { links, can_be_read });
    let other_paths = vec!["acme/platform/api", "acme/platform/legacy/old", "other/tool", "acme/old"];
    let other_path = prop::option::weighted(0.3, select(other_paths));
    (archived, prop::bool::weighted(0.05), has_releases, other_path, topics(), releases, protection()).prop_map(
        |(archived, marked_for_deletion, has_releases, other_path, topics, releases, protection)| ProjectSeen {
            archived,
            marked_for_deletion,
            has_releases,
            other_path,
            topics,
            releases,
            protection,
        },
    )
}

/// The topics of each answer about a project; one answer may tell none.
fn topics() -> impl Strategy<Value = Vec<Option<Vec<String>>>> {
    prop_oneof![10 => vec(answer_about_topics(), 1), 3 => vec(answer_about_topics(), 0..=2)]
}

pub(crate) fn answer_about_topics() -> impl Strategy<Value = Option<Vec<String>>> {
    let topics = subsequence(vec!["gleaner-keep", "Legacy", "a/b c"], 0..=2);
    let topics = topics.prop_map(|topics| topics.into_iter().map(str::to_owned).collect());
    prop::option::weighted(0.9, topics)
}

fn protection() -> impl Strategy<Value = Protection> {
    let types = vec!["npm", "pypi", "maven", "generic", "cargo", "conan"];
    let names = vec!["core", "CORE", "lib*", "acme*", "Acme.Core", "acme_*", "*-api", "c*r*", "*"];
    let rule = (prop::option::weighted(0.8, select(types)), prop::option::weighted(0.9, select(names))).prop_map(
        |(package_type, name)| Guarded { package_type: package_type.map(str::to_owned), name: name.map(str::to_owned) },
    );
    let rules = prop_oneof![4 => Just(Vec::new()), 1 => vec(rule, 1..=2)];
    (rules, prop::bool::weighted(0.95)).prop_map(|(rules, can_be_read)| Protection { rules, can_be_read })
}

pub(super) fn files(count: RangeInclusive<usize>) -> impl Strategy<Value = Files> {
    let size = prop::option::weighted(0.9, 0..5000_u64);
    let file = (file_name(), size, date()).prop_map(|(name, size, created_at)| PackageFile {
        id: FileId(0),
        name: name.map(str::to_owned),
        size,
        created_at,
        sha256: None,
    });
    (vec(file, count), prop::bool::weighted(0.9)).prop_map(|(all, can_be_read)| Files { all, can_be_read })
}

/// The id of the file at this place of a package's list. No two packages share one.
pub(super) fn file_id(package: u64, place: u64) -> FileId {
    FileId(package * 16 + place)
}

/// Few enough that they often are builds of one thing, or checksums of one another. `None` is a name that GitLab did not
/// send.
fn file_name() -> impl Strategy<Value = Option<&'static str>> {
    let builds = vec![
        "core-2.0-20260101.120000-1.jar",
        "core-2.0-20260102.120000-2.jar",
        "core-2.0-20260103.120000-3.jar",
        "core-2.0-20260103.120000-10.jar",
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
        "debug/notes.txt",
        "debug/deep/notes.txt",
        "debug/notes.txt.asc",
        "maven-metadata.xml",
        "maven-metadata.xml.sha1",
    ];
    prop_oneof![
        12 => select(builds).prop_map(Some),
        6 => select(companions).prop_map(Some),
        8 => select(others).prop_map(Some),
        1 => Just(Some("maven-metadata.xml")),
        1 => Just(None),
    ]
}
