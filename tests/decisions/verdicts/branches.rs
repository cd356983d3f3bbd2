//! `branch_gone_for`: what is known of a branch, and what two rules make of it.

use std::collections::BTreeSet;

use gleaner::package::{
    Branch, BranchFate, BranchList, BranchesSeen, BuiltFrom, Evidence, Lookup, Package, PackageId, PackageType,
    Pipeline, PipelineId, ProjectId, RefKind, RefKinds,
};
use gleaner::plan::{Plan, further, plan, shortlist};
use gleaner::policy::PolicySet;
use gleaner::yaml::Source;
use gleaner_support::{Answers, NOW, days_ago, inventory, package, parsed};
use jiff::{SignedDuration, Timestamp};

use super::conditions::{DOES_NOT, HOLDS, UNKNOWN};

const PIPELINE: PipelineId = PipelineId { project: ProjectId(9), id: 7 };
const BRANCH: RefKinds = RefKinds::Known(RefKind::Branch);
const OPEN: RefKinds = RefKinds::Open(&[RefKind::Branch, RefKind::Tag]);
/// The answer is missing, which keeps a package whatever the rule.
const MISSING: [&str; 2] = ["no_evidence", "no_evidence"];

/// What GitLab says of the branches of the pipeline's project, and what was seen before.
#[derive(Clone)]
struct World {
    list: Lookup<Option<BranchList>>,
    protected: Lookup<Option<Vec<String>>>,
    alone: Lookup<Option<bool>>,
    kind: Lookup<Option<RefKind>>,
    was_default: Option<&'static str>,
    since: Option<Timestamp>,
}

fn list(names: &[&str], default: Option<&str>) -> Lookup<Option<BranchList>> {
    let names = names.iter().map(|name| (*name).to_owned()).collect::<BTreeSet<_>>();
    Lookup::Found(Some(BranchList { names, default: default.map(str::to_owned) }))
}

/// A branch that has been gone for twenty days.
fn gone() -> World {
    World {
        list: list(&["main"], Some("main")),
        protected: Lookup::Found(Some(Vec::new())),
        alone: Lookup::Found(Some(false)),
        kind: Lookup::Found(Some(RefKind::Branch)),
        was_default: None,
        since: Some(days_ago(20)),
    }
}

impl World {
    fn seen(&self, branch: &Branch) -> BranchesSeen {
        let mut seen = BranchesSeen::default();
        let marked = seen.0.entry(PIPELINE.project).or_default();
        marked.defaults.extend(self.was_default.map(str::to_owned));
        for name in branch.names().iter() {
            marked.gone.extend(self.since.map(|since| (name.clone(), since)));
        }
        seen
    }

    fn plan(&self, set: &PolicySet, package: &Package, branch: &Branch) -> Plan {
        let in_force = set.policies_at(NOW).next().unwrap();
        let inventory = inventory(set, [package.clone()]);
        let mut evidence = Evidence::none();
        evidence.recall_branches(&self.seen(branch), NOW);
        let mut questions = shortlist(in_force, &inventory);
        for _ in 0..5 {
            Answers::default().answer(&questions, &mut evidence);
            for pipeline in questions.refs() {
                evidence.record_kind(pipeline, self.kind.clone());
            }
            let asks = !questions.branch_lists.is_empty() || !questions.branches.is_empty();
            if asks {
                evidence.record_branches(PIPELINE.project, self.list.clone());
            }
            for (project, branch, _) in &questions.branches {
                evidence.record_protected_branches(*project, self.protected.clone());
                for name in branch.names().iter() {
                    evidence.record_branch(*project, name.clone(), self.alone.clone());
                }
            }
            questions = further(in_force, &inventory, &evidence);
        }
        plan(in_force, inventory, &evidence)
    }

    /// What a delete rule and a keep rule make of a package of this ref.
    fn told(&self, git_ref: &str, kind: RefKinds) -> [&'static str; 2] {
        self.told_of(&built(git_ref, kind), &Branch::Ref(git_ref.to_owned()))
    }

    fn told_of(&self, package: &Package, branch: &Branch) -> [&'static str; 2] {
        let rules = [
            "delete: [{ branch_gone_for: 14d, allow_latest: true }]",
            "delete: [{ older_than: 30d, allow_latest: true }]\nkeep: [{ branch_gone_for: 14d }]",
        ];
        rules.map(|rules| {
            let text = format!("version: 1\nscope: {{ group: acme }}\n{rules}\n");
            let set = parsed(&[Source::new("p.yaml", text)]);
            self.plan(&set, package, branch).decision(PackageId(1)).unwrap().reason.code()
        })
    }
}

fn built(git_ref: &str, kind: RefKinds) -> Package {
    let pipeline = Pipeline { id: Some(PIPELINE), git_ref: git_ref.to_owned(), kind };
    Package { built_from: BuiltFrom::Pipeline(pipeline), ..package(1) }
}

/// It came back between two looks, or it could not have built the package.
#[test]
fn the_time_counts_from_what_the_branch_built_last() {
    let made = |days| Package { created_at: Some(days_ago(days)), ..built("feature/x", BRANCH) };
    let told = |days| gone().told_of(&made(days), &Branch::Ref("feature/x".to_owned()))[0];
    assert_eq!([told(21), told(15), told(14), told(10)], ["selected", "selected", "not_selected", "not_selected"]);
}

#[test]
fn a_branch_is_gone_where_everything_says_so() {
    assert_eq!(gone().told("feature/x", BRANCH), HOLDS);
    let found = |alone| World { alone: Lookup::Found(alone), ..gone() };
    let protected = |pattern: &str| World { protected: Lookup::Found(Some(vec![pattern.to_owned()])), ..gone() };
    let listed = |list| World { list, ..gone() };
    let since = |since| World { since, ..gone() };
    let table = [
        ("in the list", listed(list(&["main", "feature/x"], Some("main"))), DOES_NOT),
        ("there by itself", found(Some(true)), DOES_NOT),
        ("refused by itself", found(None), UNKNOWN),
        ("failed by itself", World { alone: Lookup::Failed, ..gone() }, MISSING),
        ("no default branch", listed(list(&["v1"], None)), UNKNOWN),
        ("an empty list", listed(list(&[], None)), UNKNOWN),
        ("a refused list", listed(Lookup::Found(None)), UNKNOWN),
        ("a failed list", listed(Lookup::Failed), MISSING),
        ("protected", protected("feature/x"), DOES_NOT),
        ("protected by a star", protected("*x"), DOES_NOT),
        ("another one is protected", protected("feature"), HOLDS),
        ("refused patterns", World { protected: Lookup::Found(None), ..gone() }, UNKNOWN),
        ("failed patterns", World { protected: Lookup::Failed, ..gone() }, MISSING),
        ("default once", World { was_default: Some("feature/x"), ..gone() }, DOES_NOT),
        ("another one was default", World { was_default: Some("feature"), ..gone() }, HOLDS),
        // It may have been gone for longer, and that was forgotten.
        ("for exactly so long", since(Some(days_ago(14))), UNKNOWN),
        ("a second longer", since(Some(days_ago(14) - SignedDuration::from_secs(1))), HOLDS),
        ("seen now", since(None), UNKNOWN),
        ("seen in the future", since(Some(NOW + SignedDuration::from_secs(9))), UNKNOWN),
    ];
    for (what, world, expected) in table {
        assert_eq!(world.told("feature/x", BRANCH), expected, "{what}");
    }
    for common in ["main", "master", "trunk", "develop"] {
        let world = listed(list(&["stable"], Some("stable")));
        assert_eq!(world.told(common, BRANCH), DOES_NOT, "{common}");
    }
    assert_eq!(gone().told("Main", BRANCH), HOLDS);
    // Nor does it matter what was looked up for another package.
    let mut evidence = Evidence::none();
    evidence.recall_branches(&gone().seen(&Branch::Ref("main".to_owned())), NOW);
    evidence.record_branches(PIPELINE.project, list(&["stable"], Some("stable")));
    evidence.record_protected_branches(PIPELINE.project, Lookup::Found(Some(Vec::new())));
    evidence.record_branch(PIPELINE.project, "main".to_owned(), Lookup::Found(Some(false)));
    assert_eq!(evidence.branch_fate(&built("main", BRANCH)), BranchFate::Spared);
}

#[test]
fn what_the_pipeline_ran_for_is_asked_where_the_list_lacks_it() {
    let of = |kind| World { kind, ..gone() };
    let there = World { list: list(&["feature/x", "main"], Some("main")), ..gone() };
    assert_eq!(gone().told("feature/x", OPEN), HOLDS);
    assert_eq!(of(Lookup::Found(Some(RefKind::Tag))).told("feature/x", OPEN), UNKNOWN);
    assert_eq!(of(Lookup::Found(Some(RefKind::MergeRequest))).told("feature/x", OPEN), UNKNOWN);
    assert_eq!(of(Lookup::Found(None)).told("feature/x", OPEN), UNKNOWN);
    assert_eq!(of(Lookup::Failed).told("feature/x", OPEN), MISSING);
    // A tag of that name is no branch, so that a hold has to know.
    assert_eq!(there.told("feature/x", OPEN), DOES_NOT);
    let tag = World { kind: Lookup::Found(Some(RefKind::Tag)), ..there };
    assert_eq!(tag.told("feature/x", OPEN), UNKNOWN);
    for kind in [RefKind::Tag, RefKind::MergeRequest] {
        assert_eq!(gone().told("feature/x", RefKinds::Known(kind)), UNKNOWN, "{kind}");
    }
    let mut without_id = built("feature/x", BRANCH);
    without_id.built_from = BuiltFrom::Pipeline(Pipeline::of(RefKind::Branch, "feature/x"));
    for origin in [without_id.built_from.clone(), BuiltFrom::Unknown, BuiltFrom::NotListed] {
        let package = Package { built_from: origin.clone(), ..package(1) };
        assert_eq!(gone().told_of(&package, &Branch::Ref("feature/x".to_owned())), UNKNOWN, "{origin:?}");
    }
}

/// It is the branches of the package's own project that count, whatever its pipeline.
#[test]
fn a_composer_branch_goes_by_its_own_name_and_project() {
    let of = |version: &str, age: i64| Package {
        package_type: PackageType::Composer,
        version: Some(version.to_owned()),
        project: gleaner_support::project(PIPELINE.project.0, "acme/app"),
        created_at: Some(days_ago(age)),
        ..package(1)
    };
    let told = |world: &World, version: &str, age| {
        let row = of(version, age);
        world.told_of(&row, &Branch::Version(version.to_owned()))[0]
    };
    assert_eq!(told(&gone(), "dev-login", 300), "selected");
    assert_eq!(told(&gone(), "2.x-dev", 300), "selected");
    // Its age is unknown, and its row's is not.
    assert_eq!(told(&gone(), "dev-login", 2), "min_age");
    assert_eq!(told(&gone(), "1.0-dev", 300), "min_age");
    assert_eq!(told(&gone(), "dev-main", 300), "min_age");
    for there in ["2.x", "2", "v2.x", "v2", "2/hotfix"] {
        let world = World { list: list(&["main", there], Some("main")), ..gone() };
        assert_eq!(told(&world, "2.x-dev", 300), "min_age", "{there}");
    }
    let world = World { list: list(&["main", "3.x"], Some("main")), ..gone() };
    assert_eq!(told(&world, "2.x-dev", 300), "selected");
}
