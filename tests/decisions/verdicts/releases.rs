//! What a release links to stays, and so does what may be linked to.

use gleaner::package::{Evidence, FileId, Lookup, Package, PackageFile, PackageId, PackageType, Project, ProjectId};
use gleaner::plan::plan;
use gleaner::yaml::Source;
use gleaner_support::{Answers, NOW, days_ago, inventory, package, parsed};

const OLD: &str = "delete: [{ older_than: 30d, allow_latest: true }]";
const MEANT: &str = "delete: [{ older_than: 30d, allow_latest: true, allow_released: true }]";

fn row(id: u64, package_type: PackageType) -> Package {
    let version = Some(format!("1.0.{id}"));
    let project = Project { has_releases: Some(true), ..package(id).project };
    Package { project, package_type, version, ..package(id) }
}

fn linking(links: &[&str]) -> Answers {
    let links = links.iter().map(|tail| format!("https://gitlab.acme.example/{tail}")).collect();
    let file =
        |id| PackageFile { id: FileId(id), name: None, size: None, created_at: Some(days_ago(400)), sha256: None };
    let files = (1..=3).map(|id| (PackageId(id), Lookup::Found(vec![file(10 * id)]))).collect();
    Answers { links: Some(Lookup::Found(links)), files, ..Answers::default() }
}

#[test]
fn what_a_release_links_to_stays_however_it_is_written() {
    let table: [(&str, [&str; 3]); 5] = [
        ("acme/app/-/packages/2", ["selected", "released", "selected"]),
        ("acme/app/-/package_files/30/download", ["selected", "selected", "released"]),
        ("api/v4/projects/1/packages/1/package_files/10/download", ["released", "selected", "selected"]),
        ("api/v4/projects/1/packages/generic/core/1.0.3/core.zip", ["selected", "selected", "released"]),
        ("acme/app/-/jobs/7/artifacts", ["selected", "selected", "selected"]),
    ];
    // Files of the one type are looked up anyway, those of the other only because a release links to a file.
    for package_type in [PackageType::Generic, PackageType::TerraformModule] {
        let rows = || (1..=3).map(|id| row(id, package_type.clone())).collect();
        for (link, expected) in table {
            assert_eq!(linking(&[link]).reasons(OLD, rows()), expected, "{package_type} {link}");
            assert_eq!(linking(&[link]).reasons(MEANT, rows()), ["selected"; 3], "{package_type} {link}");
        }
    }
}

#[test]
fn of_two_rules_only_the_one_that_means_released_packages_takes_one() {
    let rules = "delete:\n  - { older_than: 30d, allow_latest: true }\n  - { version: '1.0.1', allow_latest: true, allow_released: true }";
    let links = ["acme/app/-/packages/1", "acme/app/-/packages/2"];
    let rows = (1..=3).map(|id| row(id, PackageType::Generic)).collect();
    assert_eq!(linking(&links).reasons(rules, rows), ["selected", "released", "selected"]);
}

#[test]
fn what_may_be_linked_to_stays() {
    let failed = Answers { links: Some(Lookup::Failed), ..linking(&[]) };
    let rows = || (1..=3).map(|id| row(id, PackageType::Generic)).collect::<Vec<_>>();
    assert_eq!(failed.reasons(OLD, rows()), ["no_evidence"; 3]);
    assert_eq!(failed.reasons(MEANT, rows()), ["selected"; 3], "nothing needed the look-up");
    let mut unread = linking(&["acme/app/-/package_files/99/download"]);
    unread.files.insert(PackageId(2), Lookup::Failed);
    assert_eq!(unread.reasons(OLD, rows()), ["selected", "no_evidence", "selected"]);
    // A project that has no releases is not asked for them.
    let without = rows()
        .into_iter()
        .map(|row| Package { project: Project { has_releases: Some(false), ..row.project.clone() }, ..row });
    assert_eq!(failed.reasons(OLD, without.collect()), ["selected"; 3]);
}

/// A shell that read the releases and not the files that one of them links to has no reason to delete.
#[test]
fn a_link_to_a_file_saves_every_package_whose_files_are_not_known() {
    let policy = format!("version: 1\nscope: {{ group: acme }}\n{OLD}\n");
    let set = parsed(&[Source::new("p.yaml", policy)]);
    let links = ["https://gitlab.acme.example/acme/app/-/package_files/99/download".to_owned()];
    for (links, expected) in [(links.to_vec(), "no_evidence"), (Vec::new(), "selected")] {
        let inventory = inventory(&set, [row(1, PackageType::TerraformModule)]);
        let mut evidence = Evidence::none();
        evidence.record_releases(ProjectId(1), Lookup::Found(links));
        evidence.record_protection(ProjectId(1), Lookup::Found(Vec::new()));
        let plan = plan(set.policies_at(NOW).next().unwrap(), inventory, &evidence);
        assert_eq!(plan.decisions()[0].reason.code(), expected);
    }
}

#[test]
fn the_reason_is_told_before_the_latest_and_after_the_rest() {
    let answers = linking(&["acme/app/-/packages/1", "acme/app/-/packages/2", "acme/app/-/packages/3"]);
    let of_type = |id| row(id, PackageType::TerraformModule);
    let young = Package { created_at: Some(days_ago(1)), ..of_type(1) };
    let rows = vec![young, of_type(2), of_type(3)];
    let rules = "delete: [{ name: core }]\nkeep: [{ id: 2 }]";
    // None of them is on the shortlist, so nobody asked for releases.
    assert_eq!(answers.reasons(rules, rows.clone()), ["min_age", "kept_by_rule", "latest"]);
    let lifted = "delete: [{ name: core, allow_latest: true }]";
    assert_eq!(answers.reasons(lifted, vec![of_type(2), of_type(3)]), ["released", "released"]);
    // Once they were asked for, it is the reason of what no rule selects as well.
    let other = "delete: [{ version: '1.0.3', allow_latest: true }]";
    assert_eq!(answers.reasons(other, rows), ["min_age", "released", "released"]);
}
