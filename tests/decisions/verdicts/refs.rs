//! `built_from`: what takes means branches, what holds means any ref, and of which kind a ref is the pipeline itself tells.

use gleaner::package::{
    BuiltFrom, Evidence, Lookup, Package, PackageId, Pipeline, PipelineId, ProjectId, Questions, RefKind, RefKinds,
};
use gleaner::plan::{further, shortlist};
use gleaner::policy::{PatternKind, Patterns};
use gleaner::yaml::Source;
use gleaner_support::{Answers, NOW, inventory, package, parsed};

use super::conditions::{DOES_NOT, HOLDS, UNKNOWN, told};

const PIPELINE: PipelineId = PipelineId { project: ProjectId(9), id: 7 };
const BRANCH: RefKinds = RefKinds::Known(RefKind::Branch);
const TAG: RefKinds = RefKinds::Known(RefKind::Tag);
const REQUEST: RefKinds = RefKinds::Known(RefKind::MergeRequest);
/// The listing tells that it is no merge request.
const OPEN: RefKinds = RefKinds::Open(&[RefKind::Branch, RefKind::Tag]);
const ANY: RefKinds = RefKinds::Open(&RefKind::ALL);

fn built(git_ref: &str, kind: RefKinds) -> Package {
    let pipeline = Pipeline { id: Some(PIPELINE), git_ref: git_ref.to_owned(), kind };
    Package { built_from: BuiltFrom::Pipeline(pipeline), ..package(1) }
}

fn answering(lookup: Lookup<Option<RefKind>>) -> Answers {
    Answers { kinds: [(PIPELINE, lookup)].into(), ..Answers::default() }
}

#[test]
fn a_pattern_means_branches_where_it_takes_and_any_ref_where_it_holds() {
    const TAKES_NOT: [&str; 2] = ["not_selected", "kept_by_rule"];
    let table = [
        ("main", "main", BRANCH, HOLDS),
        ("main", "main", TAG, TAKES_NOT),
        ("main", "main", REQUEST, TAKES_NOT),
        ("main", "dev", BRANCH, DOES_NOT),
        ("main", "dev", TAG, DOES_NOT),
        ("'*'", "v1.0", TAG, TAKES_NOT),
        ("'refs/merge-requests/*'", "refs/merge-requests/7/head", REQUEST, TAKES_NOT),
        // All but these is any branch but these.
        ("'!main'", "dev", BRANCH, HOLDS),
        ("'!main'", "v1.0", TAG, TAKES_NOT),
        ("'!main'", "dev", REQUEST, TAKES_NOT),
        ("'!main'", "main", BRANCH, DOES_NOT),
        ("'!main'", "main", TAG, DOES_NOT),
        ("['*', '!main', '!release/*']", "feature/x", BRANCH, HOLDS),
        ("['*', '!main', '!release/*']", "v1.0", TAG, TAKES_NOT),
        ("['*', '!main', '!release/*']", "release/2", BRANCH, DOES_NOT),
        ("['*', '!main', '!release/*']", "release/2", TAG, DOES_NOT),
    ];
    for (patterns, git_ref, kind, expected) in table {
        let condition = format!("built_from: {patterns}");
        assert_eq!(
            told(&condition, &built(git_ref, kind), &Answers::default()),
            expected,
            "{patterns} {git_ref} {kind:?}"
        );
    }
}

#[test]
fn a_kind_that_is_named_is_meant_on_either_side() {
    let table = [
        ("{ branch: main }", "main", BRANCH, HOLDS),
        ("{ branch: main }", "main", TAG, DOES_NOT),
        ("{ branch: main }", "main", REQUEST, DOES_NOT),
        ("{ tag: 'v*' }", "v1.0", TAG, HOLDS),
        ("{ tag: 'v*' }", "v1.0", BRANCH, DOES_NOT),
        ("{ tag: ['v*', '!v1*'] }", "v1.0", TAG, DOES_NOT),
        ("{ tag: '!v1*' }", "v2.0", TAG, HOLDS),
        ("{ tag: '!v1*' }", "v2.0", BRANCH, DOES_NOT),
        ("{ merge_request: 'refs/merge-requests/*' }", "refs/merge-requests/7/head", REQUEST, HOLDS),
        ("{ merge_request: '*' }", "main", BRANCH, DOES_NOT),
        // Any of them is enough.
        ("{ branch: dev, tag: 'v*' }", "dev", BRANCH, HOLDS),
        ("{ branch: dev, tag: 'v*' }", "v1.0", TAG, HOLDS),
        ("{ branch: dev, tag: 'v*' }", "v1.0", BRANCH, DOES_NOT),
        ("{ branch: dev, tag: 'v*' }", "dev", REQUEST, DOES_NOT),
    ];
    for (refs, git_ref, kind, expected) in table {
        let condition = format!("built_from: {refs}");
        assert_eq!(told(&condition, &built(git_ref, kind), &Answers::default()), expected, "{refs} {git_ref} {kind:?}");
    }
}

#[test]
fn what_a_pipeline_does_not_tell_is_unknown_and_what_it_is_not_asked_matters_to_nobody() {
    const FAILED: [&str; 2] = ["no_evidence", "no_evidence"];
    // Where a plain pattern takes, an unknown kind fails; where one holds, it isn't asked for.
    const PLAIN: [&str; 2] = ["not_selected", "kept_by_rule"];
    const LOST: [&str; 2] = ["no_evidence", "kept_by_rule"];
    let found = |kind| Lookup::Found(Some(kind));
    let table = [
        ("main", "main", OPEN, found(RefKind::Branch), HOLDS),
        ("main", "main", OPEN, found(RefKind::Tag), PLAIN),
        ("main", "main", ANY, found(RefKind::MergeRequest), PLAIN),
        ("main", "main", OPEN, Lookup::Found(None), PLAIN),
        ("main", "main", OPEN, Lookup::Failed, LOST),
        // What fails anyway is no matter of kinds.
        ("main", "dev", OPEN, Lookup::Failed, DOES_NOT),
        ("{ branch: main }", "dev", OPEN, Lookup::Failed, DOES_NOT),
        ("{ branch: main }", "main", OPEN, found(RefKind::Branch), HOLDS),
        ("{ branch: main }", "main", OPEN, found(RefKind::Tag), DOES_NOT),
        ("{ branch: main }", "main", OPEN, Lookup::Found(None), UNKNOWN),
        ("{ branch: main }", "main", OPEN, Lookup::Failed, FAILED),
        // By its source it is none, whatever can't be told.
        ("{ merge_request: '*' }", "main", OPEN, Lookup::Failed, DOES_NOT),
        ("{ merge_request: '*' }", "main", ANY, Lookup::Found(None), UNKNOWN),
        // Whichever of them it is.
        ("{ branch: main, tag: main }", "main", OPEN, Lookup::Failed, HOLDS),
        ("{ branch: main, tag: main }", "main", ANY, Lookup::Found(None), UNKNOWN),
        ("{ branch: main, tag: main, merge_request: main }", "main", ANY, Lookup::Failed, HOLDS),
    ];
    for (refs, git_ref, kind, lookup, expected) in table {
        let condition = format!("built_from: {refs}");
        let answers = answering(lookup.clone());
        assert_eq!(told(&condition, &built(git_ref, kind), &answers), expected, "{refs} {git_ref} {kind:?} {lookup:?}");
    }
}

#[test]
fn what_it_was_built_from_is_listed_or_looked_up() {
    let of = |built_from| Package { built_from, ..package(1) };
    let branch = |name: &str| Pipeline::of(RefKind::Branch, name);
    let answers = |answer| Answers { refs: [(PackageId(1), answer)].into(), ..Answers::default() };
    let found = |name: Option<&str>| answers(Lookup::Found(name.map(branch)));
    let failed = ["no_evidence", "no_evidence"];
    let table = [
        (BuiltFrom::Pipeline(branch("feature/x")), found(None), HOLDS),
        (BuiltFrom::Pipeline(branch("main")), found(Some("feature/x")), DOES_NOT),
        // The pipeline of its last build is gone, and an earlier one would tell of something else.
        (BuiltFrom::Unknown, found(Some("feature/x")), UNKNOWN),
        (BuiltFrom::NotListed, found(Some("feature/x")), HOLDS),
        (BuiltFrom::NotListed, found(Some("main")), DOES_NOT),
        (BuiltFrom::NotListed, found(None), UNKNOWN),
        (BuiltFrom::NotListed, answers(Lookup::Failed), failed),
    ];
    for (built_from, answers, expected) in table {
        let package = of(built_from);
        assert_eq!(told("built_from: 'feature/*'", &package, &answers), expected, "{:?}", package.built_from);
    }
}

/// Every plain list says in a hold what it said before there were kinds, and under `delete` nothing more: of branches the
/// same, of all else nothing.
#[test]
fn every_rule_of_before_holds_as_it_did() {
    let lists: [&[&str]; 8] = [
        &["main"],
        &["*"],
        &["v*"],
        &["/v[0-9]+.*/", "main"],
        &["!main"],
        &["!v*", "!refs/*"],
        &["*", "!main", "!release/*"],
        &["refs/merge-requests/*"],
    ];
    let refs = ["main", "v1.0", "release/2", "feature/x", "refs/merge-requests/7/head", "refs/workloads/1"];
    let lookups = [Lookup::Failed, Lookup::Found(None), Lookup::Found(Some(RefKind::Tag))];
    for list in lists {
        let patterns = Patterns::parse(list, PatternKind::Text).unwrap();
        let written: Vec<String> = list.iter().map(|text| format!("'{text}'")).collect();
        let condition = format!("built_from: [{}]", written.join(", "));
        for git_ref in refs {
            let matched = patterns.matches(git_ref);
            for kind in [BRANCH, TAG, REQUEST, OPEN, ANY, RefKinds::Unknown(&RefKind::ALL)] {
                for lookup in &lookups {
                    let answers = answering(lookup.clone());
                    let [taken, held] = told(&condition, &built(git_ref, kind), &answers);
                    assert_eq!(held == "kept_by_rule", matched, "keep: {condition} {git_ref} {kind:?} {lookup:?}");
                    let protected = protected(&condition, built(git_ref, kind), &answers);
                    assert_eq!(protected, matched, "protect: {condition} {git_ref} {kind:?} {lookup:?}");
                    let is_branch = kind == BRANCH;
                    assert_eq!(taken == "selected", matched && is_branch, "delete: {condition} {git_ref} {kind:?}");
                }
            }
        }
    }
}

fn protected(condition: &str, package: Package, answers: &Answers) -> bool {
    let sources = [
        Source::new("p.yaml", "version: 1\nscope: { group: acme }\ndelete: [{ older_than: 30d }]\n"),
        Source::new("hold.yaml", format!("version: 1\nprotect: [{{ {condition} }}]\n")),
    ];
    match answers.judge(&sources, vec![package])[0].1 {
        "protected" => true,
        "selected" => false,
        reason => panic!("{reason}"),
    }
}

/// The shortlist's questions, and what is left to ask once these pipelines are known of packages that show none.
fn questions(rules: &str, rows: Vec<Package>, found: &[(u64, Pipeline)]) -> (Questions, Questions) {
    let text = format!("version: 1\nscope: {{ group: acme }}\n{rules}\n");
    let set = parsed(&[Source::new("p.yaml", text)]);
    let inventory = inventory(&set, rows);
    let in_force = set.policies_at(NOW).next().unwrap();
    let first = shortlist(in_force, &inventory);
    let mut evidence = Evidence::none();
    for (id, pipeline) in found {
        assert!(first.pipelines.contains(&PackageId(*id)), "{id} was not asked for");
        evidence.record_pipeline(PackageId(*id), Lookup::Found(Some(pipeline.clone())));
    }
    let later = further(in_force, &inventory, &evidence);
    (first, later)
}

#[test]
fn a_pipeline_is_asked_only_where_a_rule_hangs_on_it_and_once() {
    let other = PipelineId { project: ProjectId(1), id: 8 };
    let row = |id, number: PipelineId, git_ref: &str| {
        let pipeline = Pipeline { id: Some(number), git_ref: git_ref.to_owned(), kind: OPEN };
        Package { id: PackageId(id), built_from: BuiltFrom::Pipeline(pipeline), ..package(id) }
    };
    let rows = || {
        vec![
            row(1, PIPELINE, "feature/x"),
            row(2, PIPELINE, "feature/x"),
            row(3, other, "main"),
            Package { built_from: BuiltFrom::Pipeline(Pipeline::of(RefKind::MergeRequest, "feature/y")), ..package(4) },
        ]
    };
    let asked = |rules: &str| {
        let (first, later) = questions(rules, rows(), &[]);
        assert_eq!((first.pipelines.len(), later), (0, Questions::default()), "{rules}");
        first.refs().into_iter().collect::<Vec<_>>()
    };
    assert_eq!(asked("delete: [{ built_from: ['*', '!main'], older_than: 30d }]"), [PIPELINE]);
    assert_eq!(asked("delete: [{ built_from: '*', older_than: 30d }]"), [other, PIPELINE]);
    assert_eq!(asked("delete: [{ built_from: '*', older_than: 9y }]"), [], "nothing is on the shortlist");
    assert_eq!(asked("delete: [{ older_than: 30d }]\nkeep: [{ built_from: 'feature/*' }]"), [], "any ref is held");
    assert_eq!(asked("delete: [{ older_than: 30d }]\nkeep: [{ built_from: { tag: 'feature/*' } }]"), [PIPELINE]);
    assert_eq!(asked("delete: [{ older_than: 30d }]\nkeep: [{ built_from: { merge_request: '*' } }]"), []);
    assert_eq!(asked("files: [{ type: generic, keep_newest: 1, built_from: main }]"), [other]);
}

#[test]
fn a_pipeline_that_only_a_look_up_tells_of_is_asked_then() {
    let rows = || (1..=3).map(package).collect::<Vec<_>>();
    let pipeline = |id, git_ref: &str, kind| Pipeline {
        id: Some(PipelineId { project: ProjectId(5), id }),
        git_ref: git_ref.to_owned(),
        kind,
    };
    let found =
        [(1, pipeline(10, "main", OPEN)), (2, pipeline(11, "feature/x", OPEN)), (3, pipeline(12, "dev", REQUEST))];
    let (first, later) = questions("delete: [{ built_from: ['*', '!main'], older_than: 30d }]", rows(), &found);
    assert_eq!((first.pipelines.len(), first.refs().len()), (3, 0));
    // That of `main` is taken away, and that of the merge request needs no word.
    assert_eq!(later.refs().into_iter().collect::<Vec<_>>(), [PipelineId { project: ProjectId(5), id: 11 }]);
    assert_eq!(later, Questions { kinds: later.kinds.clone(), ..Questions::default() });
}
