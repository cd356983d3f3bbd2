//! What `gleaner check` tells of policies that are valid.

use std::fs;
use std::os::unix::fs::symlink;

use gleaner::policy::LINTS;
use jiff::{Timestamp, Zoned};

use crate::cli::program::{OLD, Program};

#[test]
#[expect(clippy::disallowed_methods, reason = "the program's own clock can't be set")]
fn the_next_three_runs_in_the_zone_of_the_policy() {
    let nightly = OLD.replace("version: 1\n", "version: 1\nschedule: \"30 2 * * *\"\ntimezone: Asia/Kathmandu\n");
    let program = Program::with(&[("nightly.yaml", &nightly), ("old.yaml", OLD)]);
    let before = Timestamp::now();
    let ended = program.run(&["check"]);
    assert_eq!((ended.code, ended.stderr.as_str()), (0, ""));
    let lines: Vec<&str> = ended.stdout.lines().skip(3).collect();
    let [title, nightly, runs @ .., old] = lines.as_slice() else { panic!("{lines:?}") };
    assert_eq!((*title, *nightly, *old), ("next runs:", "  nightly: at 02:30 every day", "  old: no schedule"));
    let runs: Vec<Zoned> = runs
        .iter()
        .map(|run| {
            let run = run.strip_suffix(" Asia/Kathmandu").unwrap();
            Zoned::strptime("    %a %Y-%m-%d %H:%M %:z", run).unwrap()
        })
        .collect();
    assert_eq!(runs.len(), 3);
    assert!(runs[0].timestamp() > before, "{} is past", runs[0]);
    for (run, next) in runs.iter().zip(&runs[1..]) {
        assert_eq!(next.timestamp().duration_since(run.timestamp()).as_hours(), 24);
    }
    for run in &runs {
        assert_eq!((run.hour(), run.minute(), run.offset().seconds()), (2, 30, 20_700));
    }
}

#[test]
fn what_looks_wrong_leaves_the_exit_status_as_it_is() {
    let policy = "version: 1\nscope: { group: acme }\ndelete: [{ version: \".*-SNAPSHOT\", older_than: 30d }]\n";
    let ended = Program::with(&[("p.yaml", policy)]).run(&["check"]);
    assert_eq!(ended.code, 0);
    let expected = "\
warning: policies/p.yaml:3:21: `.*-SNAPSHOT` looks like a regular expression, and is read as a glob [glob-looks-like-regex]
   3 | delete: [{ version: \".*-SNAPSHOT\", older_than: 30d }]
     |                     ^^^^^^^^^^^^^
     = write the expression between slashes: `/.*-SNAPSHOT/`, or a glob, in which a star stands for any text
";
    assert_eq!(ended.stderr, expected);
    assert_eq!(ended.stdout, "policies: p\nprotections: none\ninstance: none\n");
}

#[test]
fn a_warning_that_is_denied_ends_with_exit_code_2() {
    let policy = "version: 1\nscope: { group: acme }\ndelete:\n- name: acme-api\n- { type: swift, older_than: 30d }\n";
    let program = Program::with(&[("p.yaml", policy)]);
    let plain = program.run(&["check"]);
    assert_eq!(plain.code, 0);
    let table: &[(&[&str], &str)] = &[
        (&["warnings"], "error: 2 warnings are denied\n"),
        (&["rule-without-age"], "error: 1 warning is denied\n"),
        (&["rule-without-age", "unknown-package-type"], "error: 2 warnings are denied\n"),
        (&["rule-ends", "warnings"], "error: 2 warnings are denied\n"),
    ];
    for (denied, line) in table {
        let args: Vec<&str> =
            std::iter::once("check").chain(denied.iter().flat_map(|name| ["--deny", *name])).collect();
        let ended = program.run(&args);
        assert_eq!((ended.code, ended.stdout.as_str()), (2, plain.stdout.as_str()), "{denied:?}");
        assert_eq!(ended.stderr, format!("{}{line}", plain.stderr), "{denied:?}");
    }
    let others = program.run(&["check", "--deny", "rule-ends"]);
    assert_eq!((others.code, others.stderr.as_str()), (0, plain.stderr.as_str()));
    // What is allowed is no warning.
    let allowed = policy
        .replace("- name", "# gleaner: allow rule-without-age, because so\n- name")
        .replace("- { type", "# gleaner: allow unknown-package-type, because GitLab has it\n- { type");
    let ended = Program::with(&[("p.yaml", &allowed)]).run(&["check", "--deny", "warnings"]);
    assert_eq!((ended.code, ended.stderr.as_str()), (0, ""));
}

#[test]
fn a_warning_is_explained_by_its_name() {
    let program = Program::with(&[]);
    for lint in LINTS {
        let ended = program.run(&["check", "--explain", lint.name]);
        assert_eq!((ended.code, ended.stderr.as_str()), (0, ""), "{}", lint.name);
        assert_eq!(ended.stdout, format!("{}\n", lint.explanation));
    }
    for args in [["check", "--explain", "rule-without-an-age"], ["check", "--deny", "rule-without-an-age"]] {
        let ended = program.run(&args);
        assert_eq!((ended.code, ended.stdout.as_str()), (2, ""), "{args:?}");
        let expected =
            "error: there is no warning named `rule-without-an-age`; did you mean `rule-without-age`?; there are: ";
        assert!(ended.stderr.starts_with(expected), "{}", ended.stderr);
        assert!(ended.stderr.contains(", unknown-package-type, "), "{}", ended.stderr);
    }
    let ended = program.run(&["check", "--deny", "warning"]);
    assert!(ended.stderr.contains("did you mean `warnings`?"), "{}", ended.stderr);
}

const HOLD: &str = "version: 1\nprotect: [{ name: legal-hold }]\n";

/// A protection that nobody reads holds nothing.
#[test]
fn a_policy_file_in_a_sub_folder_is_refused() {
    let program = Program::with(&[("old.yaml", OLD)]);
    let folder = program.folder().join("policies");
    for place in ["holds", "holds/legal", "cases", ".git", "..2026"] {
        fs::create_dir(folder.join(place)).unwrap();
    }
    // Cases have their own reader, and what begins with a dot is no one's policy.
    for place in ["cases", ".git", "..2026"] {
        fs::write(folder.join(place).join("hold.yaml"), HOLD).unwrap();
    }
    assert_eq!(program.run(&["check"]).code, 0);
    for file in ["holds/hold.yaml", "holds/legal/hold.yml", "holds/legal/hold.yaml"] {
        fs::write(folder.join(file), HOLD).unwrap();
        for named in [&["check"][..], &["check", "policies/old.yaml"], &["plan", "--sandbox"]] {
            let ended = program.run(named);
            assert_eq!((ended.code, ended.stdout.as_str()), (2, ""), "{file} {named:?}");
            let expected = format!("error: policies/{file} is in a sub-folder, ");
            assert!(ended.stderr.starts_with(&expected), "{}", ended.stderr);
            assert!(ended.stderr.contains("move it into policies, name its folder"), "{}", ended.stderr);
        }
        // Whoever names the sub-folder as well has it read, in either order.
        if file == "holds/hold.yaml" {
            for named in [["policies", "policies/holds"], ["policies/holds", "policies"]] {
                let ended = program.run(&["check", named[0], named[1]]);
                assert!(ended.stdout.contains("protections: hold\n"), "{named:?}: {}", ended.text());
            }
        }
        fs::remove_file(folder.join(file)).unwrap();
    }
    // A folder behind a link is a sub-folder as well; a folder that holds this one is none.
    symlink("..", folder.join("up")).unwrap();
    assert_eq!(program.run(&["check"]).code, 0);
    fs::create_dir(program.folder().join("elsewhere")).unwrap();
    fs::write(program.folder().join("elsewhere/hold.yaml"), HOLD).unwrap();
    symlink("../elsewhere", folder.join("linked")).unwrap();
    assert!(program.run(&["check"]).stderr.starts_with("error: policies/linked/hold.yaml is in a sub-folder, "));
}

/// Problems quote the line that they are about, and a line may be a token.
#[test]
fn a_link_that_leads_out_of_the_folder_is_refused_and_not_quoted() {
    let program = Program::with(&[("old.yaml", OLD)]);
    let folder = program.folder().join("policies");
    let secret = "glpat-of-somebody";
    fs::write(program.folder().join("token"), secret).unwrap();
    symlink("../token", folder.join("token.yaml")).unwrap();
    for named in [&["check"][..], &["check", "policies/token.yaml"], &["test"], &["plan", "--sandbox"]] {
        let ended = program.run(named);
        assert_eq!(ended.code, 2, "{named:?}");
        assert_eq!(
            ended.text(),
            "error: policies/token.yaml leads out of policies, so it is not read: put the file itself there"
        );
        assert!(!ended.text().contains(secret));
    }
    // A mounted ConfigMap's links stay inside, and the folder itself may be one.
    fs::remove_file(folder.join("token.yaml")).unwrap();
    fs::create_dir(folder.join("..2026")).unwrap();
    fs::write(folder.join("..2026/hold.yaml"), HOLD).unwrap();
    symlink("..2026", folder.join("..data")).unwrap();
    symlink("..data/hold.yaml", folder.join("hold.yaml")).unwrap();
    symlink("policies", program.folder().join("current")).unwrap();
    for named in ["policies", "current", "current/hold.yaml", "policies/old.yaml"] {
        let ended = program.run(&["check", named]);
        assert_eq!((ended.code, ended.stderr.as_str()), (0, ""), "{named}");
        assert!(ended.stdout.contains("protections: hold\n"), "{named}: {}", ended.stdout);
    }
}
