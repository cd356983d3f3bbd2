//! The report as people and programs read it, over one small registry that has something of everything.

use std::collections::BTreeMap;

use gleaner::package::{
    Downloaded, Evidence, Lookup, Package, PackageFile, PackageId, PackageType, Permission, ProjectId, Status,
};
use gleaner::plan::{Ending, Endings, ItemId, Outcome, Plan, plan};
use gleaner::policy::PolicySet;
use gleaner::report::{Account, CycleStatus, FORMAT, Gaps, PolicyReport, Report, Rows, csv, html, markdown, table};
use gleaner::yaml::Source;
use gleaner_support::{Answers, NOW, days_ago, file, inventory, parsed, project};
use jiff::SignedDuration;

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
    insta::assert_snapshot!(table(&report(vec![account(&set, Rows::Deletions).planned(&plan, &lacking(1))]), None));
}

#[test]
fn the_table_of_everything() {
    let (set, plan) = planned();
    insta::assert_snapshot!(table(&report(vec![account(&set, Rows::All).planned(&plan, &lacking(1))]), None));
}

#[test]
fn the_table_of_what_was_done_refused_and_failed() {
    insta::assert_snapshot!(table(&report(done_refused_and_failed()), None));
}

#[test]
fn the_json_of_a_dry_run() {
    let (set, plan) = planned();
    let report = report(vec![account(&set, Rows::Deletions).planned(&plan, &lacking(1))]);
    insta::assert_snapshot!(serde_json::to_string_pretty(&report).unwrap());
}

/// What a terminal would obey is shown, not sent.
#[test]
fn control_characters_of_a_name_stay_out_of_the_table() {
    let (set, _) = planned();
    let mut package = package(1, 1, PackageType::Maven, "evil\u{1b}[2J\nname", "1.0-SNAPSHOT", 100);
    package.status = Status::Error;
    let plan = plan_of(&set, vec![package]);
    let text = table(&report(vec![account(&set, Rows::Deletions).planned(&plan, &lacking(0))]), None);
    assert!(text.contains("evil\\u{1b}[2J\\nname"), "{text}");
    assert!(!text.contains('\u{1b}'));
}

#[test]
fn the_markdown_of_a_dry_run() {
    let (set, plan) = planned();
    insta::assert_snapshot!(markdown(&report(vec![account(&set, Rows::All).planned(&plan, &lacking(1))])));
}

#[test]
fn the_markdown_of_what_was_done_refused_and_failed() {
    insta::assert_snapshot!(markdown(&report(done_refused_and_failed())));
}

#[test]
fn the_html_of_everything() {
    let (set, plan) = planned();
    insta::assert_snapshot!(body(&html(&report(vec![account(&set, Rows::All).planned(&plan, &lacking(1))]))));
}

#[test]
fn the_html_of_what_was_done_refused_and_failed() {
    insta::assert_snapshot!(body(&html(&report(done_refused_and_failed()))));
}

#[test]
fn the_csv_of_everything() {
    let (set, plan) = planned();
    insta::assert_snapshot!(csv(&report(vec![account(&set, Rows::All).planned(&plan, &lacking(1))])).unwrap());
}

const FILES: &str = "
version: 1
name: trim
mode: delete
scope: { group: acme }
delete:
  - { name: com/acme/old, older_than: 30d }
files:
  - { type: maven, version: '*-SNAPSHOT', keep_newest: 1, older_than: 14d }
  - { type: generic, keep_newest: 1 }
limits: { max_percent: 100 }
";

#[test]
fn the_table_of_files() {
    insta::assert_snapshot!(table(&report(trimmed()), None));
}

#[test]
fn the_json_of_files() {
    let reports = trimmed();
    let told: Vec<_> = reports.iter().map(|report| (report.status, &report.totals, &report.file_decisions)).collect();
    insta::assert_snapshot!(serde_json::to_string_pretty(&told[1..]).unwrap());
}

#[test]
fn the_markdown_of_files() {
    insta::assert_snapshot!(markdown(&report(trimmed())));
}

#[test]
fn the_csv_of_files() {
    insta::assert_snapshot!(csv(&report(trimmed()[..2].to_vec())).unwrap());
}

#[test]
fn the_html_of_files() {
    insta::assert_snapshot!(body(&html(&report(trimmed()))));
}

/// What is read back is the same in every form.
#[test]
fn a_report_is_read_back_from_its_json() {
    let (set, plan) = planned();
    let everything = account(&set, Rows::All).planned(&plan, &lacking(1));
    let (bound, doubtful) = (account(&set, Rows::All).planned(&plan, &lacking(0)), done_refused_and_failed());
    let quick = Report { quick: true, ..report(vec![PolicyReport { is_bound: true, ..bound }]) };
    for report in [report(vec![everything]), report(doubtful), report(trimmed()), quick] {
        let json = serde_json::to_string(&report).unwrap();
        let back = Report::parse(&json).unwrap();
        assert_eq!(serde_json::to_string(&back).unwrap(), json);
        assert_eq!(table(&back, None), table(&report, None));
        assert_eq!(markdown(&back), markdown(&report));
        assert_eq!(html(&back), html(&report));
        assert_eq!(csv(&back).unwrap(), csv(&report).unwrap());
    }
}

/// What only files went of was executed, and did something.
#[test]
fn a_cycle_of_files_alone_is_effective() {
    let reports = trimmed();
    let (everything, done, refused) = (&reports[0], &reports[1], &reports[2]);
    assert!(!everything.totals.is_executed() && !everything.is_effective());
    assert!(done.totals.is_executed() && done.is_effective());
    assert_eq!((done.totals.gone(), done.totals.gone_files(), done.totals.failures()), (0, 2, 3));
    assert!(!refused.is_effective());
}

/// A dry run with everything, the same executed, refused, and failed.
fn trimmed() -> Vec<PolicyReport> {
    let set = parsed(&[Source::new("trim.yaml", FILES)]);
    let policy = &set.policies[0];
    let mut denied = package(3, 2, PackageType::Generic, "tool", "1.0", 400);
    denied.permission = Permission::Denied;
    let rows = vec![
        package(1, 1, PackageType::Maven, "com/acme/core", "1.0-SNAPSHOT", 400),
        package(2, 1, PackageType::Maven, "com/acme/core", "1.0", 400),
        denied,
    ];
    let file = |(id, name, age, size): (u64, &str, i64, Option<u64>)| PackageFile { size, ..file(id, name, age) };
    let builds = [
        (10, "core-1.0-20260101.120000-1.jar", 60, Some(1_234_567)),
        (11, "core-1.0-20260101.120000-1.jar.sha512", 60, Some(128)),
        (12, "core-1.0-20260201.120000-2.jar", 30, Some(1_300_000)),
        (13, "core-1.0-20260301.120000-3.jar", 10, None),
        (14, "core-1.0-20260302.120000-4.jar", 5, Some(1_300_000)),
        (15, "maven-metadata.xml", 5, Some(1_000)),
        (16, "core-1.0-20260201.120000-2.pom", 30, None),
        (17, "core-1.0-20260101.120000-1.pom", 60, None),
    ];
    let tools = [(30, "tool.tgz", 300, Some(10)), (31, "tool.tgz", 200, Some(20))];
    let inventory = inventory(&set, rows);
    let mut evidence = Evidence::none();
    evidence.record_files(PackageId(1), Lookup::Found(builds.map(file).to_vec()));
    evidence.record_files(PackageId(3), Lookup::Found(tools.map(file).to_vec()));
    evidence.record_protection(ProjectId(1), Lookup::Found(Vec::new()));
    evidence.record_protection(ProjectId(2), Lookup::Found(Vec::new()));
    let plan = plan(set.policies_at(NOW).next().unwrap(), inventory, &evidence);
    let endings = [Outcome::Deleted, Outcome::AlreadyGone, Outcome::Failed, Outcome::Unconfirmed, Outcome::Forbidden];
    let files = plan.file_deletions().map(|file| ItemId::File(file.file.id));
    let endings: Endings = files.zip(endings.map(ended)).collect();
    let limits = gleaner::policy::Limits { max_bytes: Some(10), ..policy.limits.clone() };
    let refusal = plan.approve(&limits).unwrap_err();
    vec![
        account(&set, Rows::All).planned(&plan, &lacking(0)),
        account(&set, Rows::Deletions).executed(&plan, &lacking(0), &endings, None),
        account(&set, Rows::Deletions).refused(&plan, &lacking(0), &refusal),
        account(&set, Rows::Deletions).failed("GitLab is down".to_owned()),
    ]
}

/// Names that mean something in one of the forms.
const HOSTILE: [&str; 8] = [
    "<script>alert(1)</script>",
    "```\n/close\n@all #1 | x",
    "</code></details><img src=x onerror=alert(1)>",
    "=HYPERLINK(\"http://elsewhere.example\")",
    "@scope/name, \"quoted\"",
    "a`b``c`",
    "'\" onmouseover=\"alert(1)",
    "\u{202e}txt.exe",
];

#[test]
fn nothing_in_a_name_is_html() {
    for (report, row) in [(hostile(), "<tr data-id="), (hostile_files(), "<tr data-file=")] {
        let page = html(&report);
        for tag in ["<script", "<img", "</details", " onmouseover=\"", "\u{202e}"] {
            assert!(!page.contains(tag), "{tag}");
        }
        // What is there is shown.
        assert!(page.contains("&lt;script&gt;alert(1)&lt;/script&gt;"));
        assert!(page.contains("\\u{202e}txt.exe"));
        assert_eq!(page.matches(row).count(), HOSTILE.len());
    }
}

/// In a code block nothing is obeyed: so every hostile line has to be inside the one that is there.
#[test]
fn nothing_in_a_name_is_markdown() {
    for report in [hostile(), hostile_files()] {
        nothing_is_obeyed(&markdown(&report));
    }
}

fn nothing_is_obeyed(note: &str) {
    let mut fence: Option<&str> = None;
    let mut inside = String::new();
    let mut outside = String::new();
    for line in note.lines() {
        match fence {
            None if line.starts_with("```") => fence = Some(line.trim_end_matches("text")),
            Some(end) if line == end => fence = None,
            Some(_) => inside.push_str(line),
            None => outside.push_str(&format!("{line}\n")),
        }
    }
    assert_eq!(fence, None, "a block is left open: {note}");
    for wanted in ["<script>", "</details>", "@all", "=HYPERLINK"] {
        assert!(inside.contains(wanted), "{wanted}: {note}");
        assert!(!outside.replace("</details>\n", "").contains(wanted), "{wanted}: {note}");
    }
    assert!(!note.lines().any(|line| line.starts_with('/')), "a quick action: {note}");
}

#[test]
fn nothing_in_a_name_is_a_formula() {
    for (report, column) in [(hostile(), 5), (hostile_files(), 19)] {
        let text = csv(&report).unwrap();
        let rows: Vec<Vec<String>> = ::csv::Reader::from_reader(text.as_bytes())
            .records()
            .map(|record| record.unwrap().iter().map(str::to_owned).collect())
            .collect();
        assert_eq!(rows.len(), HOSTILE.len());
        let names: Vec<&str> = rows.iter().map(|row| row[column].as_str()).collect();
        assert!(names.contains(&"'=HYPERLINK(\"http://elsewhere.example\")"), "{names:?}");
        assert!(names.contains(&"'@scope/name, \"quoted\""), "{names:?}");
        assert!(names.contains(&"<script>alert(1)</script>"), "{names:?}");
        assert!(rows.iter().flatten().all(|cell| !cell.starts_with(['=', '+', '-', '@'])));
    }
}

#[test]
fn a_note_stays_far_below_what_gitlab_takes() {
    let (set, _) = planned();
    let long = "`".repeat(250) + &"界".repeat(250);
    let rows = (0..200).map(|id| failed_upload(1_000 + id, &format!("{long}{id}"))).collect();
    let plan = plan_of(&set, rows);
    let one = account(&set, Rows::Deletions).planned(&plan, &lacking(0));
    let failed = account(&set, Rows::Deletions).failed("`@all ".repeat(10_000));
    let many = |report: &PolicyReport| vec![report.clone(); 300];
    let note = markdown(&report([many(&one), many(&failed)].concat()));
    assert!(note.chars().count() < 500_000, "{}", note.chars().count());
    assert!(note.contains("\nand 180 more\n"));
    assert!(note.contains("tidy: 200 packages would go (not listed: the note would be too long)"));
    // 300 that failed, which come first; 300 with two keep rules, and two protections, that matched nothing.
    assert!(note.contains("- and 802 more\n"), "{}", &note[..3_000]);
    assert_eq!(note.matches("**tidy failed**").count(), 100);
}

fn hostile() -> Report {
    let (set, _) = planned();
    let rows = HOSTILE.iter().zip(1..).map(|(name, id)| failed_upload(id, name)).collect();
    report(vec![account(&set, Rows::Deletions).planned(&plan_of(&set, rows), &lacking(0))])
}

/// The same with files of such names, in a package of such a name.
fn hostile_files() -> Report {
    let set = parsed(&[Source::new("trim.yaml", FILES)]);
    let inventory = inventory(&set, [package(1, 1, PackageType::Generic, HOSTILE[0], HOSTILE[3], 400)]);
    let files = HOSTILE.iter().chain(&HOSTILE).zip(1..).map(|(name, id)| file(id, name, 100));
    let mut evidence = Evidence::none();
    evidence.record_files(PackageId(1), Lookup::Found(files.collect()));
    evidence.record_protection(ProjectId(1), Lookup::Found(Vec::new()));
    let plan = plan(set.policies_at(NOW).next().unwrap(), inventory, &evidence);
    assert_eq!(plan.file_deletions().count(), HOSTILE.len());
    report(vec![account(&set, Rows::Deletions).planned(&plan, &lacking(0))])
}

/// The files may change once all is sent, while lost answers are looked into.
#[test]
fn what_holds_deletions_up_is_told_where_something_is_left() {
    let (set, plan) = planned();
    let told = |outcome| {
        let packages = plan.deletions().map(|decision| ItemId::Package(decision.package.id));
        let endings: Endings = packages.map(|id| (id, Ending::of(outcome))).collect();
        account(&set, Rows::Deletions).executed(&plan, &lacking(0), &endings, Some("deletions are paused"))
    };
    let (done, left) = (told(Outcome::Deleted), told(Outcome::NotAttempted));
    assert_eq!((done.status, done.error), (CycleStatus::Executed, None));
    assert!(left.error.unwrap().starts_with("deletions are paused; "));
}

fn failed_upload(id: u64, name: &str) -> Package {
    Package { status: Status::Error, ..package(id, 1, PackageType::Maven, name, name, 100) }
}

/// A page without its head, which is the same everywhere, broken into lines.
fn body(page: &str) -> String {
    let (head, body) = page.split_once("<body>").unwrap();
    assert!(head.contains("<title>"));
    let mut text = body.to_owned();
    for tag in
        ["<section", "<div", "<dl", "<table", "<caption", "<tbody", "<tr", "<ul", "<li", "<p", "<h2", "</section"]
    {
        text = text.replace(tag, &format!("\n{tag}"));
    }
    text
}

/// How a deletion ended, with what went wrong where it failed.
fn ended(outcome: Outcome) -> Ending {
    match outcome {
        Outcome::Failed => {
            Ending::with(outcome, "gave up after 6 tries: GitLab answered 503: \"system is in read-only mode\"")
        }
        outcome => Ending::of(outcome),
    }
}

fn done_refused_and_failed() -> Vec<PolicyReport> {
    let (set, plan) = planned();
    let packages = plan.deletions().map(|decision| ItemId::Package(decision.package.id));
    let endings: Endings = packages.zip(Outcome::ALL.map(ended)).collect();
    let limits = gleaner::policy::Limits { max_deletions: 2, ..set.policies[0].limits.clone() };
    let refusal = plan.approve(&limits).unwrap_err();
    vec![
        account(&set, Rows::Deletions).executed(&plan, &lacking(0), &endings, None),
        account(&set, Rows::Deletions).refused(&plan, &lacking(0), &refusal),
        account(&set, Rows::Deletions).failed("the token was refused: it is expired. Make a new one.".to_owned()),
    ]
}

fn planned() -> (PolicySet, Plan) {
    let sources = [Source::new("tidy.yaml", POLICY), Source::new("on-hold.yaml", HOLD)];
    let set = parsed(&sources);
    let mut rows: Vec<Package> = (0..4)
        .map(|age| package(10 + age, 1, PackageType::Maven, "com/acme/core", &format!("1.{age}-SNAPSHOT"), 100))
        .collect();
    for (hours, row) in (0..).zip(rows.iter_mut().rev()) {
        row.created_at = Some(days_ago(100) - SignedDuration::from_hours(hours));
    }
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
    let lookup = |row: &Package| match row.id {
        PackageId(41) => Lookup::Failed,
        _ => Lookup::Found(vec![PackageFile {
            size: Some(1_234_567),
            created_at: row.created_at,
            ..file(row.id.0, "file", 0)
        }]),
    };
    let files = rows.iter().map(|row| (row.id, lookup(row))).collect();
    Answers { files, ..Answers::default() }.plan(set, rows)
}

fn package(id: u64, project_id: u64, package_type: PackageType, name: &str, version: &str, age: i64) -> Package {
    let path = if project_id == 1 { "acme/app" } else { "acme/legacy/app" };
    Package {
        project: project(project_id, path),
        package_type,
        name: name.to_owned(),
        version: Some(version.to_owned()),
        created_at: Some(days_ago(age)),
        ..gleaner_support::package(id)
    }
}

fn account(set: &PolicySet, rows: Rows) -> Account<'_> {
    Account {
        in_force: set.policies_at(NOW).next().unwrap(),
        rows,
        requests: BTreeMap::from([("DELETE", 0), ("GET", 7)]),
    }
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

fn lacking(lookups: usize) -> Gaps {
    Gaps { lookups, ..Gaps::default() }
}
