//! Saved plans from the command line: what is saved can be read and executed, and what is spoilt is refused.

use std::collections::BTreeMap;
use std::fs;

use gitlab_sandbox::{Server, Status};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::cli::program::{Ended, Program, deletions, seeded, serve};

const OLD: &str = "version: 1\nname: old\nmode: delete\nscope: { group: acme }\n\
                   delete: [{ older_than: 200d, not_downloaded_for: 200d }]\nkeep: [{ newest: 2 }]\n\
                   limits: { max_percent: 100, max_percent_per_project: 100, max_deletions: 10000 }\n";

const HOLD: &str = "version: 1\nname: hold\nprotect: [{ name: never-seen }]\n";

const BUILDS: &str = "version: 1\nname: builds\nscope: { group: acme, types: [maven] }\n\
                      files: [{ type: maven, version: '*-SNAPSHOT', keep_newest: 1 }]\n\
                      limits: { max_percent: 100, max_percent_per_project: 100, max_deletions: 10000 }\n";

const APPLY: [&str; 4] = ["apply", "--yes", "--plan", "plan.json"];

fn program(server: &Server) -> Program {
    Program::with(&[("old.yaml", OLD), ("hold.yaml", HOLD), ("builds.yaml", BUILDS)]).against(server, server.token())
}

fn packages(server: &Server) -> usize {
    server.packages().iter().filter(|package| package.status != Status::PendingDestruction).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_that_was_saved_is_read_accepted_and_executed() {
    let server = serve(seeded(400)).await;
    let before = packages(&server);
    let program = program(&server);
    let planned = program.run(&["plan", "--out", "plan.json", "--output", "json"]);
    assert_eq!(planned.code, 0, "{}", planned.stderr);
    let file: Value = serde_json::from_str(&fs::read_to_string(program.folder().join("plan.json")).unwrap()).unwrap();
    let report = planned.json();
    for field in ["format", "generator", "instance", "as_of", "quick", "policies"] {
        assert_eq!(file[field], report[field], "{field}");
    }
    let files: u64 =
        report["policies"].as_array().unwrap().iter().map(|one| one["totals"]["delete_files"].as_u64().unwrap()).sum();
    let named = deletions(&report).len() as u64 + files;
    assert!(
        planned.stderr.contains(&format!("the plan is saved to plan.json: {named} deletions, until")),
        "{}",
        planned.stderr
    );

    // Read in every form, it is what was shown.
    for form in ["table", "json", "csv", "markdown", "html"] {
        let rendered = program.run(&["report", "plan.json", "--output", form]);
        assert_eq!(rendered.code, 0, "{}", rendered.stderr);
        if form == "json" {
            assert_eq!(rendered.json(), report);
        }
    }

    let unasked = program.run(&["apply", "--plan", "plan.json"]);
    assert_eq!(unasked.code, 2, "{}", unasked.stderr);
    assert!(unasked.stderr.contains("--accept"), "{}", unasked.stderr);
    let accepted = format!("{named}");
    let ended = program.run(&["apply", "--plan", "plan.json", "--accept", &accepted, "--output", "json"]);
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    assert!(ended.stderr.contains("policy builds is in `mode: dry-run`"), "{}", ended.stderr);
    let executed = ended.json();
    let policies: Vec<&str> =
        executed["policies"].as_array().unwrap().iter().map(|one| one["policy"].as_str().unwrap()).collect();
    assert_eq!(policies, ["old"]);
    let of_old: Vec<Value> =
        report["policies"].as_array().unwrap().iter().filter(|one| one["policy"] == "old").cloned().collect();
    assert_eq!(deletions(&executed), deletions(&json!({ "policies": of_old })));
    assert_eq!(packages(&server), before - deletions(&executed).len());

    // Once it is done, nothing is left of it.
    let again = program.run(&["apply", "--plan", "plan.json", "--accept", &accepted, "--output", "json"]);
    assert_eq!(again.code, 0, "{}", again.stderr);
    let outcomes = &again.json()["policies"][0]["totals"]["by_outcome"];
    assert_eq!(outcomes, &json!({ "already_gone": deletions(&executed).len() }));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_is_saved_for_the_present_and_where_a_file_can_be() {
    let server = serve(seeded(40)).await;
    let program = program(&server);
    fs::create_dir(program.folder().join("folder")).unwrap();
    std::os::unix::fs::symlink("elsewhere", program.folder().join("link.json")).unwrap();
    let table: [(&[&str], &str); 8] = [
        (&["plan", "--out", "link.json"], "name a plain file"),
        (&["plan", "--out", "plan.json", "--valid-for", "0s"], "over before it could be executed"),
        (&["plan", "--out", "plan.json", "--quick"], "cannot be used with"),
        (&["plan", "--out", "plan.json", "--as-of", "+7d"], "cannot be used with"),
        (&["plan", "--valid-for", "2h"], "--out"),
        (&["plan", "--out", "plan.json", "--valid-for", "8d"], "no plan holds for more than 7 days"),
        (&["plan", "--out", "nowhere/plan.json"], "name a plain file, or a new one, in a folder that is there"),
        (&["plan", "--out", "folder"], "name a plain file, or a new one, in a folder that is there"),
    ];
    for (arguments, told) in table {
        let ended = program.run(arguments);
        assert_eq!(ended.code, 2, "{arguments:?}: {}", ended.stderr);
        assert!(ended.stderr.contains(told), "{arguments:?}: {}", ended.stderr);
    }
    assert_eq!(server.requests().len(), 0);
    assert!(!program.folder().join("plan.json").exists());
}

/// How a plan is spoilt: what is changed of its file, and whether somebody makes its hash anew.
enum Spoil {
    Bytes(fn(&str) -> Vec<u8>),
    Content(fn(&mut Value)),
    Sealed(fn(&mut Value)),
    /// The policies are others.
    Policies(&'static [(&'static str, &'static str)]),
    /// The command is another.
    Arguments(&'static [&'static str]),
}

/// Everything that can be wrong with a plan, with a part of its sentence.
const SPOILT: &[(&str, Spoil)] = &[
    ("No such file", Spoil::Arguments(&["apply", "--yes", "--plan", "other.json"])),
    ("Is a directory", Spoil::Arguments(&["apply", "--yes", "--plan", "policies"])),
    ("the file is empty", Spoil::Bytes(|_| Vec::new())),
    ("the file is no text", Spoil::Bytes(|_| vec![0xff, 0xfe, 0x00])),
    ("ends in the middle, at line", Spoil::Bytes(|text| text.as_bytes()[..text.len() / 2].to_vec())),
    ("is no JSON: trailing characters", Spoil::Bytes(|text| format!("{text}\n{text}").into_bytes())),
    ("is no JSON: expected value", Spoil::Bytes(|_| b"version: 1\nname: old\n".to_vec())),
    ("is no JSON: key must be a string", Spoil::Bytes(|text| text.replacen("\"format\"", "format", 1).into_bytes())),
    ("is no JSON: expected `,` or `}`", Spoil::Bytes(|text| text.replacen("1,", "1", 1).into_bytes())),
    ("no report of gleaner", Spoil::Bytes(|_| b"[]".to_vec())),
    ("binds nothing", Spoil::Content(|plan| _ = plan.as_object_mut().unwrap().remove("saved"))),
    ("has format 2", Spoil::Sealed(|plan| plan["format"] = json!(2))),
    ("in version 2 of the form", Spoil::Sealed(|plan| plan["saved"]["version"] = json!(2))),
    ("has no `sha256`", Spoil::Content(|plan| plan["saved"]["sha256"] = Value::Null)),
    ("its content is not what was saved", Spoil::Content(|plan| row(plan)["id"] = json!(7))),
    ("it is a plan for http://gitlab.test", Spoil::Sealed(|plan| plan["instance"] = json!("http://gitlab.test"))),
    ("it is a plan for nowhere", Spoil::Sealed(|plan| plan["instance"] = json!("nowhere"))),
    (
        "by GitLab's clock it is only",
        Spoil::Sealed(|plan| {
            plan["as_of"] = json!("2099-01-01T00:00:00Z");
            plan["saved"]["expires_at"] = json!("2099-01-02T00:00:00Z");
        }),
    ),
    ("it was valid until", Spoil::Sealed(|plan| plan["saved"]["expires_at"] = plan["as_of"].clone())),
    (
        "7 days later no plan is executed",
        Spoil::Sealed(|plan| {
            plan["as_of"] = json!("2026-01-01T00:00:00Z");
            plan["saved"]["expires_at"] = json!("2099-01-01T00:00:00Z");
        }),
    ),
    ("which is before it was made", Spoil::Sealed(|plan| plan["saved"]["expires_at"] = json!("2026-01-01T00:00:00Z"))),
    ("made with --quick", Spoil::Sealed(|plan| plan["quick"] = json!(true))),
    ("no policy in it", Spoil::Sealed(|plan| plan["saved"]["policies"] = json!([]))),
    (
        "policy old stands in it twice",
        Spoil::Sealed(|plan| {
            let again = plan["saved"]["policies"][1].clone();
            plan["saved"]["policies"].as_array_mut().unwrap().push(again);
        }),
    ),
    (
        "policy builds stands in it twice",
        Spoil::Sealed(|plan| {
            let again = plan["policies"][0].clone();
            plan["policies"].as_array_mut().unwrap().push(again);
        }),
    ),
    ("it binds policy old, and reports nothing", Spoil::Sealed(|plan| plan["policies"][1]["policy"] = json!("older"))),
    ("the plan of policy old is failed", Spoil::Sealed(|plan| plan["policies"][1]["status"] = json!("failed"))),
    ("the plan of policy old is refused", Spoil::Sealed(|plan| plan["policies"][1]["status"] = json!("refused"))),
    (
        "tells how its deletions ended",
        Spoil::Sealed(|plan| {
            plan["policies"][1]["totals"]["by_outcome"] = json!({ "deleted": 1 });
        }),
    ),
    (
        "deletions, and counts",
        Spoil::Sealed(|plan| {
            plan["policies"][1]["decisions"].as_array_mut().unwrap().truncate(1);
        }),
    ),
    (
        "lists 1 deletions, and counts 2",
        Spoil::Sealed(|plan| {
            plan["policies"][1]["decisions"].as_array_mut().unwrap().truncate(1);
            plan["policies"][1]["totals"]["delete"] = json!(1);
            plan["saved"]["policies"][1]["deletions"] = json!(2);
        }),
    ),
    (
        "stands twice in the plan of policy old",
        Spoil::Sealed(|plan| {
            let again = row(plan).clone();
            plan["policies"][1]["decisions"].as_array_mut().unwrap().push(again);
        }),
    ),
    (
        "among its packages",
        Spoil::Sealed(|plan| {
            let file = plan["policies"][0]["file_decisions"][0].clone();
            plan["policies"][1]["decisions"].as_array_mut().unwrap().push(file);
        }),
    ),
    (
        "among its files",
        Spoil::Sealed(|plan| {
            let package = row(plan).clone();
            plan["policies"][1]["file_decisions"].as_array_mut().unwrap().push(package);
        }),
    ),
    ("the verdict is keep, and the reason selected", Spoil::Sealed(|plan| row(plan)["verdict"] = json!("keep"))),
    ("\"perhaps\", expected a verdict", Spoil::Sealed(|plan| row(plan)["verdict"] = json!("perhaps"))),
    ("\"chosen\", expected a reason", Spoil::Sealed(|plan| row(plan)["reason"] = json!("chosen"))),
    ("\"done\", expected the status of a cycle", Spoil::Sealed(|plan| plan["policies"][1]["status"] = json!("done"))),
    ("\"maybe\", expected a mode", Spoil::Sealed(|plan| plan["policies"][1]["mode"] = json!("maybe"))),
    (
        "\"newest\", expected a rule by its place",
        Spoil::Sealed(|plan| plan["policies"][1]["rules"][0]["rule"] = json!("newest")),
    ),
    ("invalid value: integer `-7`", Spoil::Sealed(|plan| row(plan)["id"] = json!(-7))),
    ("missing field `project_id`", Spoil::Sealed(|plan| _ = row(plan).as_object_mut().unwrap().remove("project_id"))),
    ("missing field `status`", Spoil::Sealed(|plan| _ = row(plan).as_object_mut().unwrap().remove("status"))),
    (
        "missing field `binding`",
        Spoil::Sealed(|plan| {
            _ = plan["saved"]["policies"][1].as_object_mut().unwrap().remove("binding");
        }),
    ),
    (
        "missing field `holds`",
        Spoil::Sealed(|plan| {
            _ = plan["saved"]["policies"][1].as_object_mut().unwrap().remove("holds");
        }),
    ),
    (
        "missing field `expires_at`",
        Spoil::Sealed(|plan| _ = plan["saved"].as_object_mut().unwrap().remove("expires_at")),
    ),
    ("missing field `policies`", Spoil::Sealed(|plan| _ = plan.as_object_mut().unwrap().remove("policies"))),
    ("invalid digit, expected 0-9 but got y", Spoil::Sealed(|plan| plan["as_of"] = json!("yesterday"))),
    ("by `[`, which is no pattern", Spoil::Sealed(|plan| plan["saved"]["projects"] = json!(["["]))),
    ("policy old is not among the policies", Spoil::Policies(&[("builds.yaml", BUILDS), ("hold.yaml", HOLD)])),
    (
        "policy old in policies/old.yaml no longer says",
        Spoil::Policies(&[
            ("builds.yaml", BUILDS),
            ("hold.yaml", HOLD),
            (
                "old.yaml",
                "version: 1\nmode: delete\nscope: { group: acme }\ndelete: [{ older_than: 100d }]\nkeep: [{ newest: 2 }]\n",
            ),
        ]),
    ),
    (
        "keep[0], which held for policy old",
        Spoil::Policies(&[
            ("builds.yaml", BUILDS),
            ("hold.yaml", HOLD),
            (
                "old.yaml",
                "version: 1\nmode: delete\nscope: { group: acme }\n\
             delete: [{ older_than: 200d, not_downloaded_for: 200d }]\nkeep: [{ newest: 1 }]\n",
            ),
        ]),
    ),
    ("hold.protect[0], which held for policy builds", Spoil::Policies(&[("builds.yaml", BUILDS), ("old.yaml", OLD)])),
    ("--accept agrees to 3", Spoil::Arguments(&["apply", "--plan", "plan.json", "--accept", "3"])),
    (
        "'--plan <FILE>' cannot be used with '--policy",
        Spoil::Arguments(&["apply", "--yes", "--plan", "plan.json", "--policy", "old"]),
    ),
    (
        "'--plan <FILE>' cannot be used with '--project",
        Spoil::Arguments(&["apply", "--yes", "--plan", "plan.json", "--project", "a"]),
    ),
    ("--plan <FILE>", Spoil::Arguments(&["apply", "--accept", "3"])),
];

/// The first deletion of the policy `old`.
fn row(plan: &mut Value) -> &mut Value {
    &mut plan["policies"][1]["decisions"][0]
}

/// Makes the hash anew, as somebody would who edits a plan on purpose.
fn sealed(mut plan: Value) -> String {
    let mut content = plan.clone();
    content["saved"].as_object_mut().unwrap().remove("sha256");
    content.sort_all_objects();
    let hash: String = Sha256::digest(content.to_string()).iter().map(|byte| format!("{byte:02x}")).collect();
    plan["saved"]["sha256"] = json!(hash);
    serde_json::to_string_pretty(&plan).unwrap()
}

fn spoilt(server: &Server, text: &str, spoil: &Spoil) -> Ended {
    let plan = || serde_json::from_str::<Value>(text).unwrap();
    let changed = |change: &fn(&mut Value)| {
        let mut plan = plan();
        change(&mut plan);
        plan
    };
    let bytes = match spoil {
        Spoil::Bytes(change) => change(text),
        Spoil::Content(change) => changed(change).to_string().into_bytes(),
        Spoil::Sealed(change) => sealed(changed(change)).into_bytes(),
        Spoil::Policies(_) | Spoil::Arguments(_) => text.as_bytes().to_vec(),
    };
    let program = match spoil {
        Spoil::Policies(policies) => Program::with(policies).against(server, server.token()),
        _ => program(server),
    };
    fs::write(program.folder().join("plan.json"), bytes).unwrap();
    match spoil {
        Spoil::Arguments(arguments) => program.run(arguments),
        _ => program.run(&APPLY),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_that_was_spoilt_is_refused_with_a_sentence_of_its_own() {
    let server = serve(seeded(400)).await;
    let saving = program(&server);
    assert_eq!(saving.run(&["plan", "--out", "plan.json"]).code, 0);
    let text = fs::read_to_string(saving.folder().join("plan.json")).unwrap();
    let mut told: BTreeMap<String, &str> = BTreeMap::new();
    for (sentence, spoil) in SPOILT {
        let ended = spoilt(&server, &text, spoil);
        assert_eq!(ended.code, 2, "{sentence}: {}", ended.stderr);
        assert!(ended.stderr.contains(sentence), "{sentence}: {}", ended.stderr);
        let other = told.insert(ended.stderr.clone(), sentence);
        assert_eq!(other, None, "{sentence}: {}", ended.stderr);
    }
    assert!(told.len() >= 40, "{}", told.len());
    assert!(server.requests().iter().all(|request| request.method == "GET"));
    // What a terminal would obey is shown.
    let ended = spoilt(&server, &text, &Spoil::Content(|plan| plan["saved"]["sha256"] = json!("\u{1b}[31mred")));
    assert!(ended.stderr.contains("\\u{1b}[31mred") && !ended.stderr.contains('\u{1b}'), "{}", ended.stderr);
    // As it was saved, it can be executed, whatever an editor puts before it.
    assert_eq!(spoilt(&server, &text, &Spoil::Bytes(|text| format!("\u{feff}{text}").into_bytes())).code, 0);
    assert_eq!(spoilt(&server, &text, &Spoil::Bytes(|text| text.as_bytes().to_vec())).code, 0);
}
