//! What is told of one package: guards, rules, conditions and ranks as they are, and the date from which it would go.

mod opening;
mod report;
mod successors;
mod told;

use gleaner::package::{Evidence, FileId, Lookup, Package, PackageFile, PackageId, PackageType, ProjectId};
use gleaner::plan::{Explanation, explain};
use gleaner::policy::PolicySet;
use gleaner::yaml::Source;
use gleaner_support::{NOW, days_ago, inventory, parsed};

/// A policy with these rules, and files beside it.
fn set_of(rules: &str, others: &[&str]) -> PolicySet {
    let policy = format!("version: 1\nname: tidy\nscope: {{ group: acme }}\n{rules}\n");
    let others = others.iter().zip(1..).map(|(text, number)| Source::new(format!("o{number}.yaml"), *text));
    let sources: Vec<Source> = std::iter::once(Source::new("tidy.yaml", policy)).chain(others).collect();
    parsed(&sources)
}

/// Explains the package 1, as of NOW. No rule of GitLab's own protects it.
fn explained(set: &PolicySet, rows: Vec<Package>, evidence: &Evidence) -> Explanation {
    let in_force = set.policies_at(NOW).next().unwrap();
    let inventory = inventory(set, rows);
    let mut evidence = evidence.clone();
    evidence.record_protection(ProjectId(1), Lookup::Found(Vec::new()));
    explain(in_force, &inventory, &evidence, PackageId(1)).unwrap()
}

/// Each package has one file, of the given age in days.
fn files(ages: &[(u64, i64)]) -> Evidence {
    let mut evidence = Evidence::none();
    for (id, age) in ages {
        let file = PackageFile {
            id: FileId(*id),
            name: None,
            size: Some(1_000),
            created_at: Some(days_ago(*age)),
            sha256: None,
        };
        evidence.record_files(PackageId(*id), Lookup::Found(vec![file]));
    }
    evidence
}

/// An npm package, which can't get files later, 10 days old and never downloaded.
fn package(id: u64) -> Package {
    Package {
        package_type: PackageType::Npm,
        version: Some(format!("1.0.{id}")),
        created_at: Some(days_ago(10)),
        ..gleaner_support::package(id)
    }
}
