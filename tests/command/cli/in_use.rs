//! What an in-use file means for the commands.

use std::fs;

use crate::cli::program::{OLD, Program};

/// Its time is long past whenever this runs.
const LIST: &str = "# as of 2020-01-01T00:00:00Z\npkg:npm/core\npkg:oci/shop@1\n";
const RULE: &str = "version: 1\nprotect: [{ from: ../in-use.txt, max_age: 500y }]\n";
const SECRET: &str = "glpat-AbCdEfGhIjKlMnOpQrSt";

fn program(list: Option<&str>) -> Program {
    let program = Program::with(&[("old.yaml", OLD), ("in-use.yaml", RULE)]);
    if let Some(list) = list {
        fs::write(program.folder().join("in-use.txt"), list).unwrap();
    }
    program
}

#[test]
fn check_tells_how_much_a_list_names_and_of_what_time_it_is() {
    let ended = program(Some(LIST)).run(&["check", "--deny", "warnings"]);
    let told = "in use: policies/../in-use.txt: 2 packages as of 2020-01-01T00:00:00Z, 1 of them of types that GitLab's \
                registry doesn't have\n";
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    assert!(ended.stdout.contains(told), "{}", ended.stdout);
}

/// A job that checks policies has no volume.
#[test]
fn a_list_that_cannot_be_used_is_a_warning_to_check() {
    let lonely = program(None);
    let ended = lonely.run(&["check"]);
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    let why = "policies/../in-use.txt can't be used, so nothing is deleted: it is not there";
    assert!(ended.stderr.contains(why) && ended.stderr.contains("[in-use-file-unusable]"), "{}", ended.stderr);
    assert!(ended.stdout.contains("in use: policies/../in-use.txt: can't be used: it is not there\n"));
    assert_eq!(lonely.run(&["check", "--deny", "warnings"]).code, 2);
    let allowed =
        RULE.replace("protect: [", "protect:\n  # gleaner: allow in-use-file-unusable, because CI has no volume\n  - ");
    let allowed = allowed.replace("}]", "}");
    fs::write(lonely.folder().join("policies/in-use.yaml"), allowed).unwrap();
    let ended = lonely.run(&["check", "--deny", "warnings"]);
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    // Where the file can be used the comment is no waste.
    fs::write(lonely.folder().join("in-use.txt"), LIST).unwrap();
    let ended = lonely.run(&["check", "--deny", "warnings"]);
    assert_eq!((ended.code, ended.stderr.as_str()), (0, ""));
}

#[test]
fn without_a_list_nothing_goes_and_the_exit_code_says_so() {
    let why = "what is in use can't be told: policies/../in-use.txt can't be used, because it names no package";
    for arguments in [&["plan", "--sandbox"][..], &["plan", "--quick", "--sandbox"], &["apply", "--yes", "--sandbox"]] {
        let ended = program(Some("# as of 2020-01-01T00:00:00Z\n")).run(&[arguments, &["--output", "json"]].concat());
        assert_eq!(ended.code, 3, "{arguments:?}: {}", ended.stderr);
        let policy = &ended.json()["policies"][0];
        assert_eq!((policy["status"].as_str(), policy["totals"]["delete"].as_u64()), (Some("partial"), Some(0)));
        assert!(policy["error"].as_str().unwrap().contains(why), "{policy}");
        assert!(ended.stderr.contains(why), "{}", ended.stderr);
    }
    // With one that names something else, all goes as before.
    let ended = program(Some(LIST)).run(&["plan", "--sandbox", "--output", "json"]);
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    assert!(ended.json()["policies"][0]["totals"]["delete"].as_u64() > Some(0));
}

/// The plan for another instant goes by what is in use now.
#[test]
fn a_plan_of_the_future_does_not_make_the_list_old() {
    let rule = RULE.replace("500y", "50y");
    let program = program(Some(LIST));
    fs::write(program.folder().join("policies/in-use.yaml"), rule).unwrap();
    let ended = program.run(&["plan", "--sandbox", "--as-of", "+40000d", "--output", "json"]);
    assert_eq!(ended.code, 0, "{}", ended.stderr);
}

/// A `from` that leads to a token by mistake.
#[test]
fn nothing_of_the_file_is_told() {
    let json = format!("{{\"token\": \"{SECRET}\", \"bomFormat\": [\"{SECRET}\"]}}");
    let broken = format!("{{\"token\": \"{SECRET}\" \"{SECRET}");
    let behind = format!("# as of {SECRET}\n");
    let purl = format!("# as of 2020-01-01T00:00:00Z\npkg:npm/{SECRET}%zz\n");
    for text in [SECRET, &json, &broken, &behind, &purl] {
        let program = program(Some(text));
        let commands: [&[&str]; 4] = [
            &["check"],
            &["plan", "--sandbox", "--all"],
            &["plan", "--sandbox", "--all", "--output", "html"],
            &["apply", "--yes", "--sandbox"],
        ];
        // What becomes of a text hangs on no command.
        let tried = if text == SECRET { commands.len() } else { 1 };
        for arguments in commands.into_iter().take(tried) {
            let ended = program.run(arguments);
            assert!(ended.stderr.contains("can't be used") || ended.stdout.contains("can't be used"), "{arguments:?}");
            for told in [&ended.stdout, &ended.stderr] {
                assert!(!told.contains("glpat") && !told.contains("AbCdEf"), "{arguments:?}: {told}");
            }
        }
    }
}
