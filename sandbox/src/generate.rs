//! The generator of registries: what a company of some size has published over four years.
//!
//! All times are offsets back from a start, so that a seed makes the same registry on every day. The shares are such
//! that sensible policies find something to delete in every format, and far more to keep (`tests/sandbox/generator.rs`).

mod blueprint;
mod corners;
mod files;
mod formats;
mod history;
mod maven;
mod people;
mod random;
mod shipped;
mod statuses;

use std::collections::HashMap;

use jiff::Timestamp;

pub(crate) use random::Random;

use crate::registry::{Group, Package, Pipeline, Project, ProtectionRule, Registry, Tag, Visibility};
use blueprint::{DIVISION_SIZE, Line, PLACES, PROTECTED, Place};
use history::before;

/// Keeps the random sequence of the releases apart from the others.
const RELEASES: u64 = 0x7265_6c65_6173_6573;

impl Registry {
    /// Makes a registry of so many packages, the same one for the same arguments in every release of the sandbox.
    ///
    /// With fewer than about 1,000 packages not every format has every kind of version. Nothing in it is later than
    /// `start`.
    #[must_use]
    pub fn generate(packages: usize, seed: u64, start: Timestamp) -> Self {
        let mut registry = Self::default();
        people::join(&mut registry, seed);
        add_group(&mut registry, "acme", Visibility::Private);
        add_group(&mut registry, "opensource", Visibility::Public);
        let divisions = packages.div_ceil(DIVISION_SIZE).max(1);
        for division in 0..divisions {
            let share = packages.saturating_sub(division * DIVISION_SIZE).min(DIVISION_SIZE);
            let root = if division == 0 { "acme".to_owned() } else { format!("acme/division-{}", division + 1) };
            let mut random = Random::new(seed ^ Random::new(division as u64).next());
            add_division(&mut registry, &root, share, &mut random, start);
        }
        statuses::vary(&mut registry.packages, &mut Random::new(!seed), start);
        number(&mut registry);
        // Its numbers come from a sequence of their own, so that all else is what the seed made before there were any.
        shipped::release(&mut registry, &mut Random::new(seed.rotate_left(16) ^ RELEASES), start);
        registry
    }
}

/// Adds the whole tree of projects below a group, with so many packages in it.
fn add_division(registry: &mut Registry, root: &str, packages: usize, random: &mut Random, start: Timestamp) {
    let total: u32 = PLACES.iter().flat_map(|place| place.lines).map(|line| line.weight).sum();
    let (mut weight, mut made) = (0, 0);
    for place in PLACES {
        // The public projects lie outside the company's group, but for the copies of further divisions.
        let public = root == "acme" && place.path.starts_with("opensource/");
        let path = if public { place.path.to_owned() } else { format!("{root}/{}", place.path) };
        let id = add_project(registry, &path, place, public);
        for line in place.lines {
            // Rounding the running total makes the shares add up exactly.
            weight += line.weight;
            let until = packages * weight as usize / total as usize;
            let mut line_random = Random::new(random.next());
            add_line(registry, id, line, until - made, &mut line_random, start);
            made = until;
        }
    }
}

fn add_group(registry: &mut Registry, path: &str, visibility: Visibility) {
    if registry.groups.iter().any(|group| group.path == path) {
        return;
    }
    if let Some((parent, _)) = path.rsplit_once('/') {
        add_group(registry, parent, visibility);
    }
    let id = 10 + registry.groups.len() as u64;
    registry.groups.push(Group { id, path: path.to_owned(), visibility, ..Group::default() });
}

fn add_project(registry: &mut Registry, path: &str, place: &Place, public: bool) -> u64 {
    let visibility = if public { Visibility::Public } else { Visibility::Private };
    if let Some((group, _)) = path.rsplit_once('/') {
        add_group(registry, group, visibility);
    }
    let id = 100 + registry.projects.len() as u64;
    let archived = place.archived;
    registry.projects.push(Project { id, path: path.to_owned(), visibility, archived, ..Project::default() });
    for line in place.lines.iter().filter(|line| line.name == PROTECTED) {
        registry.protection_rules.push(ProtectionRule {
            project_id: id,
            package_type: line.format.package_type(),
            package_name_pattern: line.name.to_owned(),
            minimum_access_level_for_delete: Some(50),
        });
    }
    id
}

/// Adds the packages of one name, and the pipelines that published some of them.
fn add_line(registry: &mut Registry, project: u64, line: &Line, count: usize, random: &mut Random, start: Timestamp) {
    for mut draft in formats::packages(line, count, random, start) {
        draft.package.project_id = project;
        draft.package.created_at = before(start, draft.age);
        draft.package.updated_at = draft.package.created_at;
        draft.package.last_downloaded_at = draft.downloaded.map(|age| before(start, age));
        for (file, age) in draft.package.files.iter_mut().zip(&draft.file_ages) {
            file.created_at = before(start, *age);
            file.updated_at = file.created_at;
        }
        for name in &draft.tags {
            let (created_at, updated_at) = (draft.package.created_at, draft.package.created_at);
            draft.package.tags.push(Tag { id: 0, name: (*name).to_owned(), created_at, updated_at });
        }
        for (ref_, age) in draft.pipelines {
            let id = 1000 + registry.pipelines.len() as u64;
            let source = if ref_ == "main" && line.format.is_nightly() { "schedule" } else { "push" };
            registry.pipelines.push(Pipeline {
                id,
                iid: id,
                project_id: project,
                user: Some("developer".to_owned()),
                ref_,
                // Told by its name, so that registries are what they were before there were tags.
                tag: None,
                sha: random.hex(20),
                status: "success".to_owned(),
                source: source.to_owned(),
                // The jobs that publish run some minutes after the pipeline began.
                created_at: before(start, age + 600),
                updated_at: before(start, age),
            });
            draft.package.pipeline_ids.push(id);
        }
        registry.packages.push(draft.package);
    }
}

/// Numbers packages, files and tags in the order of their creation, as a database does.
fn number(registry: &mut Registry) {
    registry.packages.sort_by(|a: &Package, b| {
        (a.created_at, a.project_id, &a.name, &a.version).cmp(&(b.created_at, b.project_id, &b.name, &b.version))
    });
    let mut files = Vec::new();
    let mut tags = 0;
    for (package, id) in registry.packages.iter_mut().zip(1_u64..) {
        package.id = id;
        files.extend(package.files.iter().zip(0_usize..).map(|(file, place)| (file.created_at, id, place)));
        for tag in &mut package.tags {
            tags += 1;
            tag.id = tags;
        }
    }
    files.sort_unstable();
    let ids: HashMap<_, _> =
        files.iter().zip(1_u64..).map(|((_, package, place), id)| ((*package, *place), id)).collect();
    for package in &mut registry.packages {
        for (place, file) in package.files.iter_mut().enumerate() {
            file.id = ids.get(&(package.id, place)).copied().unwrap_or_default();
        }
    }
}
