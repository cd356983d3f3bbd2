//! The report as people and programs read it, over one small registry that has something of everything.
#![allow(clippy::unwrap_used, reason = "in a test, a panic is the report")]

use std::collections::{BTreeMap, HashMap};

use gleaner::inventory::InventoryBuilder;
use gleaner::package::{
    Downloaded, FileId, Package, PackageFile, PackageId, PackageType, Permission, Project, ProjectId, Status,
};
use gleaner::plan::{Evidence, Lookup, Plan, plan, shortlist};
use gleaner::policy::{PolicySet, Source};
use gleaner::report::{Account, FORMAT, Outcome, Report, Rows, table};
use jiff::{SignedDuration, Timestamp};

const NOW: Timestamp = Timestamp::constant(1_780_000_000, 0);

const POLICY: &str = "
version: 1
name: tidy
mode: delete
scope: { group: acme }
delete:
  - { version: '*-SNAPSHOT', older_than: 30d, not_downloaded_for: 60d }
  - { status: error, older_than: 7d }
  - { type: rpm, older_than: 1y }
keep:
  - { newest: 1, version: '*-SNAPSHOT' }
  - { id: 999, note: not there any more }
";

const HOLD: &str = "
version: 1
name: on-hold
protect:
  - { project: 'acme/legacy/**', note: long-term support }
  - { name: forgotten }
";

#[test]
fn the_table_of_a_dry_run() {
    let (set, plan) = planned();
    insta::assert_snapshot!(table(&report(vec![account(&set, Rows::Deletions).planned(&plan, 1)]), None));
}

#[test]
fn the_table_of_everything() {
    let (set, plan) = planned();
    insta::assert_snapshot!(table(&report(vec![account(&set, Rows::All).planned(&plan, 1)]), None));
}

#[test]
fn the_table_of_what_was_done_refused_and_failed() {
    let (set, plan) = planned();
    let outcomes: HashMap<PackageId, Outcome> =
        plan.deletions().map(|decision| decision.package.id).zip(Outcome::ALL).collect();
    let limits = gleaner::policy::Limits { max_deletions: 2, ..set.policies[0].limits.clone() };
    let refusal = plan.approve(&limits).unwrap_err();
    insta::assert_snapshot!(table(
        &report(vec![
            account(&set, Rows::Deletions).executed(&plan, 0, &outcomes, None),
            account(&set, Rows::Deletions).refused(&plan, 0, &refusal),
            account(&set, Rows::Deletions).failed("the token was refused: it is expired. Make a new one.".to_owned()),
        ]),
        None
    ));
}

#[test]
fn the_json_of_a_dry_run() {
    let (set, plan) = planned();
    let report = report(vec![account(&set, Rows::Deletions).planned(&plan, 1)]);
    insta::assert_snapshot!(serde_json::to_string_pretty(&report).unwrap());
}

/// What a terminal would obey is shown, not sent.
#[test]
fn control_characters_of_a_name_stay_out_of_the_table() {
    let (set, _) = planned();
    let mut package = package(1, 1, PackageType::Maven, "evil\u{1b}[2J\nname", "1.0-SNAPSHOT", 100);
    package.status = Status::Error;
    let plan = plan_of(&set, vec![package]);
    let text = table(&report(vec![account(&set, Rows::Deletions).planned(&plan, 0)]), None);
    assert!(text.contains("evil\\u{1b}[2J\\nname"), "{text}");
    assert!(!text.contains('\u{1b}'));
}

fn planned() -> (PolicySet, Plan) {
    let sources = [Source::new("tidy.yaml", POLICY), Source::new("on-hold.yaml", HOLD)];
    let (set, _) = PolicySet::parse(&sources).unwrap();
    let mut rows: Vec<Package> = (0..4)
        .map(|age| package(10 + age, 1, PackageType::Maven, "com/acme/core", &format!("1.{age}-SNAPSHOT"), 100))
        .collect();
    rows[0].downloaded = Downloaded::At(days_ago(61));
    rows[1].downloaded = Downloaded::At(days_ago(59));
    rows[2].permission = Permission::Denied;
    rows.push(package(20, 1, PackageType::Maven, "com/acme/core", "1.0", 400));
    rows.push(package(30, 2, PackageType::Maven, "com/acme/old", "0.9-SNAPSHOT", 900));
    let mut failed = package(40, 1, PackageType::Pypi, "core", "2.0.dev1", 8);
    failed.status = Status::Error;
    rows.push(failed.clone());
    rows.push(Package { id: PackageId(41), name: "unseen".to_owned(), ..failed.clone() });
    rows.push(Package { id: PackageId(42), created_at: Some(days_ago(2)), ..failed.clone() });
    rows.push(Package { id: PackageId(43), status: Status::Processing, ..failed.clone() });
    rows.push(Package { id: PackageId(44), version: None, ..failed.clone() });
    rows.push(Package { id: PackageId(45), created_at: None, ..failed.clone() });
    rows.push(Package { id: PackageId(46), package_type: PackageType::MlModel, ..failed.clone() });
    rows.push(Package { id: PackageId(47), package_type: PackageType::Npm, ..failed });
    (set.clone(), plan_of(&set, rows))
}

/// The look-up of package 41 fails; every other package has one file of 1,234,567 bytes, as old as itself.
fn plan_of(set: &PolicySet, rows: Vec<Package>) -> Plan {
    let policy = &set.policies[0];
    let mut builder = InventoryBuilder::default();
    let created: BTreeMap<PackageId, Option<Timestamp>> = rows.iter().map(|row| (row.id, row.created_at)).collect();
    builder.absorb(rows);
    let inventory = builder.finish().within(&policy.scope, None);
    let mut evidence = Evidence::none();
    for id in shortlist(set, policy, &inventory, NOW).questions {
        let file = PackageFile {
            id: FileId(id.0),
            name: Some("file".to_owned()),
            size: Some(1_234_567),
            created_at: created[&id],
        };
        let lookup = match id.0 {
            41 => Lookup::Failed,
            _ => Lookup::Files(vec![file]),
        };
        evidence.record(id, lookup);
    }
    plan(set, policy, inventory, &evidence, NOW)
}

fn package(id: u64, project: u64, package_type: PackageType, name: &str, version: &str, age: i64) -> Package {
    let path = if project == 1 { "acme/app" } else { "acme/legacy/app" };
    Package {
        id: PackageId(id),
        project: Project { id: ProjectId(project), path: Some(path.to_owned()) },
        package_type,
        name: name.to_owned(),
        channel: None,
        version: Some(version.to_owned()),
        status: Status::Default,
        created_at: Some(days_ago(age)),
        downloaded: Downloaded::Never,
        tags: Some(Vec::new()),
        permission: Permission::Granted,
        unreadable: None,
    }
}

fn account(set: &PolicySet, rows: Rows) -> Account<'_> {
    Account { set, policy: &set.policies[0], now: NOW, rows, requests: BTreeMap::from([("DELETE", 0), ("GET", 7)]) }
}

fn report(policies: Vec<gleaner::report::PolicyReport>) -> Report {
    Report {
        format: FORMAT,
        generator: "gleaner X.Y.Z".to_owned(),
        instance: "https://gitlab.acme.example".to_owned(),
        as_of: NOW,
        quick: false,
        policies,
    }
}

fn days_ago(days: i64) -> Timestamp {
    NOW - SignedDuration::from_hours(24 * days)
}
