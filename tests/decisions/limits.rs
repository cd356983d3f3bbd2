//! Which plans are within their limits, and what is told of those that aren't.

use std::collections::{BTreeMap, BTreeSet};

use gleaner::package::{Evidence, Lookup, Package, PackageFile, PackageId, ProjectId};
use gleaner::plan::{Backlog, ItemId, Plan, plan};
use gleaner::policy::PolicySet;
use gleaner::report::{Account, Gaps, Rows};
use gleaner::yaml::Source;
use gleaner_support::{days_ago, file, inventory, package, parsed};
use jiff::Timestamp;

const OLD: &str =
    "version: 1\nscope: { group: acme }\ndelete: [{ older_than: 30d, allow_latest: true, allow_released: true }]\n";

/// The last second of a day, and the first one of the next.
const LAST: &str = "2026-05-28T23:59:59Z";
const OVER: &str = "2026-05-29T00:00:00Z";

/// Projects by their paths, each with its packages and how many of them go.
type Projects = &'static [(&'static str, u64, u64)];

fn set(limits: &str, ceiling: Option<&str>) -> PolicySet {
    let instance = ceiling
        .map(|ceiling| Source::new("instance.yaml", format!("version: 1\ninstance: {{ ceiling: {ceiling} }}\n")));
    let policy = Source::new("old.yaml", format!("{OLD}limits: {{ max_percent_per_project: 100, {limits} }}\n"));
    parsed(&[policy].into_iter().chain(instance).collect::<Vec<_>>())
}

/// Plans for so many packages of two bytes each, of which so many go, as of an instant.
fn planned(set: &PolicySet, as_of: &str, packages: u64, going: u64) -> Plan {
    let age = |id| days_ago(if id <= going { 900 } else { 1 });
    let rows: Vec<Package> = (1..=packages).map(|id| Package { created_at: Some(age(id)), ..package(id) }).collect();
    let mut evidence = Evidence::none();
    evidence.record_protection(rows[0].project.id, Lookup::Found(Vec::new()));
    for row in &rows {
        let only = PackageFile { created_at: row.created_at, size: Some(2), ..file(row.id.0, "a", 900) };
        evidence.record_files(row.id, Lookup::Found(vec![only]));
    }
    let as_of: Timestamp = as_of.parse().unwrap();
    let plan = plan(set.policies_at(as_of).next().unwrap(), inventory(set, rows), &evidence);
    assert_eq!(plan.deletions().count() as u64, going);
    plan
}

#[test]
fn an_exception_holds_to_the_end_of_its_day_by_the_plans_instant() {
    let set = set(
        "max_deletions: 40, max_percent: 50, \
         exception: { max_deletions: 60, until: 2026-05-28, note: \"first\\nclean-up\" }",
        None,
    );
    let lets_pass = "60 deletions are planned, and at most 40 are allowed; it is within the exception until 2026-05-28 \
                     (first clean-up), and without that it would be refused";
    let beyond =
        "61 deletions are planned, and at most 60 are allowed by the exception until 2026-05-28 (first clean-up)";
    let ended = "60 deletions are planned, and at most 40 are allowed; the exception until 2026-05-28 (first clean-up), \
                 which allowed 60, has ended";
    let half = "60 of 119 packages in scope would go, more than the 50% that are allowed";
    // As of when, of how many, how many go, and what is told: what lets the plan pass, or why it is refused.
    let table = [
        (LAST, 200, 40, Ok(None)),
        (LAST, 200, 60, Ok(Some(lets_pass))),
        (LAST, 200, 61, Err(beyond)),
        (OVER, 200, 40, Ok(None)),
        (OVER, 200, 60, Err(ended)),
        // What it says nothing of stays as it is.
        (LAST, 119, 60, Err(half)),
    ];
    for (as_of, packages, going, expected) in table {
        let plan = planned(&set, as_of, packages, going);
        let told = plan.approve(&set.policies[0].limits);
        let told = told.as_ref().map(|approved| approved.by_exception()).map_err(|refusal| refusal.because.as_str());
        assert_eq!(told, expected, "{as_of} {going}");
    }
}

#[test]
fn an_exception_raises_each_limit_on_plans() {
    // The limit, what it is without the exception and with it, of how many packages how many go.
    let table = [
        ("max_deletions", "24", "25"),
        ("max_percent", "24", "25"),
        ("max_percent_per_project", "24", "25"),
        ("max_percent_per_group", "24", "25"),
        ("max_bytes", "49B", "50B"),
    ];
    for (limit, ordinary, raised) in table {
        let text = format!("{limit}: {ordinary}, exception: {{ {limit}: {raised}, until: 2026-05-28, note: a }}");
        let text = format!("{OLD}limits: {{ {text} }}\n");
        let set = parsed(&[Source::new("old.yaml", text)]);
        let limits = &set.policies[0].limits;
        let refused = |as_of| planned(&set, as_of, 100, 25).approve(limits).err().map(|refusal| refusal.limit.as_str());
        assert_eq!((refused(LAST), refused(OVER)), (None, Some(limit)), "{limit}");
    }
}

/// A group counts with those beneath it, at every level. 20 deletions of a group are always within its share.
#[test]
fn a_group_may_not_lose_more_than_its_share() {
    let whole = "30 of 60 packages of group acme/a would go, more than the 49% that are allowed";
    let beneath = "30 of 50 packages of group acme/a/x would go, more than the 59% that are allowed";
    let all = "21 of 21 packages of group acme/a/x would go, more than the 59% that are allowed";
    // The limit, and what is told.
    let table: [(u8, Projects, Option<&str>); 8] = [
        (50, &[("acme/a/one", 30, 30), ("acme/a/two", 30, 0)], None),
        (49, &[("acme/a/one", 30, 30), ("acme/a/two", 30, 0), ("acme/b", 200, 0)], Some(whole)),
        (49, &[("acme/a/one", 30, 30), ("acme/a/x/two", 30, 0), ("acme/b", 200, 0)], Some(whole)),
        (59, &[("acme/a/x/one", 50, 30), ("acme/a/two", 200, 0)], Some(beneath)),
        (59, &[("acme/a/x/one", 21, 20), ("acme/a/two", 200, 0)], None),
        (59, &[("acme/a/x/one", 21, 21), ("acme/a/two", 200, 0)], Some(all)),
        // A name that another one begins with is another group.
        (60, &[("acme/a/one", 50, 30), ("acme/ab/two", 50, 0), ("acme/c", 200, 0)], None),
        (0, &[("acme/a/one", 60, 0)], None),
    ];
    for (limit, projects, expected) in table {
        let set = set(&format!("max_percent: 100, max_percent_per_group: {limit}"), None);
        let mut evidence = Evidence::none();
        let mut rows = Vec::new();
        for (project, (path, packages, going)) in (1_u64..).zip(projects) {
            evidence.record_protection(ProjectId(project), Lookup::Found(Vec::new()));
            for number in 1..=*packages {
                let mut row = package(project * 1000 + number);
                row.created_at = Some(days_ago(if number <= *going { 900 } else { 1 }));
                row.project.id = ProjectId(project);
                row.project.path = Some((*path).to_owned());
                evidence.record_files(
                    row.id,
                    Lookup::Found(vec![file(row.id.0, "a", if number <= *going { 900 } else { 1 })]),
                );
                rows.push(row);
            }
        }
        let as_of: Timestamp = LAST.parse().unwrap();
        let plan = plan(set.policies_at(as_of).next().unwrap(), inventory(&set, rows), &evidence);
        assert_eq!(plan.deletions().count() as u64, projects.iter().map(|(_, _, going)| going).sum::<u64>());
        let told = plan.approve(&set.policies[0].limits).err();
        assert_eq!(told.as_ref().map(|refusal| refusal.because.as_str()), expected, "{limit} {projects:?}");
    }
}

/// What was approved counts as gone where percentages are: what joins day by day must not pass that would be refused if
/// the plan went at once.
#[test]
fn what_joins_is_a_share_of_what_was_not_approved() {
    let per_group = "max_percent: 100, max_percent_per_project: 100, max_percent_per_group: 30";
    // The limits, how many of 100 packages go, how many of these were approved before, and what is told.
    let table = [
        ("max_percent: 30", 51, 30, None),
        ("max_percent: 30", 52, 30, Some("22 of 70 packages in scope would go")),
        ("max_percent: 100, max_percent_per_project: 30", 52, 30, Some("22 of 70 packages of project")),
        (per_group, 52, 30, Some("22 of 70 packages of group acme")),
        // What was approved makes no small project of a large one.
        ("max_percent: 100, max_percent_per_project: 30", 96, 60, Some("36 of 40 packages of project")),
    ];
    for (limits, going, approved, expected) in table {
        let text = format!("{OLD}limits: {{ max_per_cycle: 10, {limits} }}\n");
        let set = parsed(&[Source::new("old.yaml", text)]);
        let in_force = set.policies_at(LAST.parse().unwrap()).next().unwrap();
        let approved = (1..=approved).map(|id| ItemId::Package(PackageId(id))).collect();
        let left = Backlog { by: set.policies[0].approval_digest(), approved, tried: BTreeSet::new() };
        let plan = planned(&set, LAST, 100, going).with_backlog(in_force, Some(&left));
        let told = plan.approve(&set.policies[0].limits).err().map(|refusal| refusal.because);
        assert_eq!(told.is_some(), expected.is_some(), "{limits}: {told:?}");
        assert!(told.unwrap_or_default().starts_with(expected.unwrap_or_default()), "{limits} {expected:?}");
    }
}

/// What earlier cycles have approved counts again as soon as somebody changes the limits, in the middle of an execution too.
#[test]
fn what_was_approved_before_counts_again_under_other_limits() {
    let set_of = |limits| set(&format!("max_percent: 100, max_per_cycle: 5, {limits}"), None);
    let (same, lower) = (set_of("max_deletions: 30"), set_of("max_deletions: 29"));
    let in_force = same.policies_at(LAST.parse().unwrap()).next().unwrap();
    let plan = planned(&same, LAST, 40, 35);
    let all: BTreeSet<ItemId> = plan.going().map(|(item, _)| item).collect();
    let left = Backlog { by: same.policies[0].approval_digest(), approved: all.clone(), tried: BTreeSet::new() };
    let plan = plan.with_backlog(in_force, Some(&left));
    assert_eq!(plan.approve(&same.policies[0].limits).map(|_| ()), Ok(()));
    assert_eq!(plan.still_within(&same.policies[0], &all), Ok(()));
    let told = plan.still_within(&lower.policies[0], &all).unwrap_err().because;
    assert_eq!(told, "with the next ones it would be 35 deletions, and at most 29 are allowed");
}

#[test]
fn a_refusal_says_what_would_let_it_pass_beside_an_exception() {
    let limits = "max_deletions: 40, max_percent: 100, exception: { max_deletions: 60, until: 2026-05-28, note: a }";
    let of_exceptions = "{ max_deletions: 50, exception: { max_deletions: 60 } }";
    // The ceiling, as of when, how many go, and what is told.
    let table = [
        (None, LAST, 61, "`limits: { exception: { max_deletions: 61 } }` in old.yaml"),
        (None, OVER, 61, "`limits: { max_deletions: 61 }` in old.yaml"),
        (
            Some(of_exceptions),
            LAST,
            61,
            "`limits: { exception: { max_deletions: 61 } }` in old.yaml, once `ceiling: { exception: { max_deletions: 61 } }` \
             in instance.yaml allows more than 60",
        ),
        (
            Some(of_exceptions),
            OVER,
            60,
            "`limits: { max_deletions: 60 }` in old.yaml, once `ceiling: { max_deletions: 60 }` in instance.yaml allows more \
             than 50, or a later `until` of its exception",
        ),
    ];
    for (ceiling, as_of, going, expected) in table {
        let set = set(limits, ceiling);
        let plan = planned(&set, as_of, going, going);
        let refusal = plan.approve(&set.policies[0].limits).unwrap_err();
        let in_force = set.policies_at(as_of.parse().unwrap()).next().unwrap();
        let account = Account { in_force, rows: Rows::Deletions, requests: BTreeMap::new() };
        let report = account.refused(&plan, &Gaps::default(), &refusal);
        assert_eq!(report.refusal.unwrap().remedy, expected);
    }
}
