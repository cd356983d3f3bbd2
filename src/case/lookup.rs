//! Answers for GitLab when a plan asks about the packages of a case.

use std::collections::BTreeMap;

use super::branches::GivenBranches;
use super::given::GivenPackage;
use crate::package::{BuiltFrom, Evidence, Lookup, PackageId, ProjectId, ProtectionRule, Questions};

/// Answers the questions of a shortlist, as the shell would fetch the answers.
pub(super) fn answers(packages: &[GivenPackage], questions: &Questions) -> Evidence {
    let mut evidence = Evidence::none();
    for (project, links) in links(packages) {
        if questions.releases.contains(&project) {
            evidence.record_releases(project, Lookup::Found(links));
        }
    }
    for (project, rules) in protection(packages) {
        if questions.protection.contains(&project) {
            evidence.record_protection(project, Lookup::Found(rules));
        }
    }
    GivenBranches::of(packages).answer(questions, &mut evidence);
    let linked: Vec<PackageId> = questions.linked(&evidence).collect();
    for given in packages {
        let id = given.package.id;
        if questions.files.contains(&id) || linked.contains(&id) {
            record_files(&mut evidence, given);
        }
        if questions.pipelines.contains(&id) {
            record_pipeline(&mut evidence, given);
        }
    }
    evidence
}

/// Returns everything that there is to be known.
pub(super) fn everything(packages: &[GivenPackage]) -> Evidence {
    let mut evidence = Evidence::none();
    for (project, links) in links(packages) {
        evidence.record_releases(project, Lookup::Found(links));
    }
    for (project, rules) in protection(packages) {
        evidence.record_protection(project, Lookup::Found(rules));
    }
    GivenBranches::of(packages).record_all(&mut evidence);
    for given in packages {
        record_files(&mut evidence, given);
        record_pipeline(&mut evidence, given);
    }
    evidence
}

fn record_files(evidence: &mut Evidence, given: &GivenPackage) {
    let files = given.files.iter().map(|given| given.file.clone()).collect();
    evidence.record_files(given.package.id, Lookup::Found(files));
}

fn record_pipeline(evidence: &mut Evidence, given: &GivenPackage) {
    // The listing tells the pipeline of a package that has one. A package that is asked about has none.
    if given.package.built_from == BuiltFrom::NotListed {
        evidence.record_pipeline(given.package.id, Lookup::Found(None));
    }
}

/// Returns the links of each project's releases: the packages' own pages.
fn links(packages: &[GivenPackage]) -> BTreeMap<ProjectId, Vec<String>> {
    let mut links: BTreeMap<ProjectId, Vec<String>> = BTreeMap::new();
    for GivenPackage { package, released, .. } in packages {
        let project = links.entry(package.project.id).or_default();
        if *released {
            let path = package.project.path.as_deref().unwrap_or("group/project");
            project.push(format!("https://gitlab.example/{path}/-/packages/{}", package.id));
        }
    }
    links
}

/// Returns the protection rules of each project: one for the name of each package that has one.
fn protection(packages: &[GivenPackage]) -> BTreeMap<ProjectId, Vec<ProtectionRule>> {
    let mut rules: BTreeMap<ProjectId, Vec<ProtectionRule>> = BTreeMap::new();
    for GivenPackage { package, protected_in_gitlab, .. } in packages {
        let project = rules.entry(package.project.id).or_default();
        if *protected_in_gitlab {
            let (package_type, name) = (Some(package.package_type.clone()), Some(package.name.clone()));
            project.push(ProtectionRule { package_type, name });
        }
    }
    rules
}
