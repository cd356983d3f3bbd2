//! What GitLab answers when it is asked about the packages of a case.

use std::collections::BTreeMap;

use super::Row;
use crate::package::{BuiltFrom, PackageId, ProjectId, ProtectionRule};
use crate::plan::{Evidence, Lookup, Questions};

/// The answers to what a shortlist asks, as the shell would fetch them.
pub(super) fn answers(rows: &[Row], questions: &Questions) -> Evidence {
    let mut evidence = Evidence::none();
    for (project, links) in links(rows) {
        if questions.releases.contains(&project) {
            evidence.record_releases(project, Lookup::Found(links));
        }
    }
    for (project, rules) in protection(rows) {
        if questions.protection.contains(&project) {
            evidence.record_protection(project, Lookup::Found(rules));
        }
    }
    let linked: Vec<PackageId> = questions.linked(&evidence).collect();
    for row in rows {
        let id = row.package.id;
        if questions.files.contains(&id) || linked.contains(&id) {
            record_files(&mut evidence, row);
        }
        if questions.pipelines.contains(&id) {
            record_pipeline(&mut evidence, row);
        }
    }
    evidence
}

/// Everything that there is to be known.
pub(super) fn everything(rows: &[Row]) -> Evidence {
    let mut evidence = Evidence::none();
    for (project, links) in links(rows) {
        evidence.record_releases(project, Lookup::Found(links));
    }
    for (project, rules) in protection(rows) {
        evidence.record_protection(project, Lookup::Found(rules));
    }
    for row in rows {
        record_files(&mut evidence, row);
        record_pipeline(&mut evidence, row);
    }
    evidence
}

fn record_files(evidence: &mut Evidence, row: &Row) {
    let files = row.files.iter().map(|row| row.file.clone()).collect();
    evidence.record_files(row.package.id, Lookup::Found(files));
}

fn record_pipeline(evidence: &mut Evidence, row: &Row) {
    // What a pipeline built tells it in the listing. What is asked about has none.
    if row.package.built_from == BuiltFrom::NotListed {
        evidence.record_pipeline(row.package.id, Lookup::Found(None));
    }
}

/// What the releases of each project link to: the packages' own pages.
fn links(rows: &[Row]) -> BTreeMap<ProjectId, Vec<String>> {
    let mut links: BTreeMap<ProjectId, Vec<String>> = BTreeMap::new();
    for Row { package, released, .. } in rows {
        let project = links.entry(package.project.id).or_default();
        if *released {
            let path = package.project.path.as_deref().unwrap_or("group/project");
            project.push(format!("https://gitlab.example/{path}/-/packages/{}", package.id));
        }
    }
    links
}

/// The protection rules of each project: one for the name of each package that has one.
fn protection(rows: &[Row]) -> BTreeMap<ProjectId, Vec<ProtectionRule>> {
    let mut rules: BTreeMap<ProjectId, Vec<ProtectionRule>> = BTreeMap::new();
    for Row { package, protected_in_gitlab, .. } in rows {
        let project = rules.entry(package.project.id).or_default();
        if *protected_in_gitlab {
            let (package_type, name) = (Some(package.package_type.clone()), Some(package.name.clone()));
            project.push(ProtectionRule { package_type, name });
        }
    }
    rules
}
