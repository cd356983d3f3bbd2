//! `gleaner test` as people run it.

use std::fs;
use std::path::Path;
use std::process::Command;

const POLICY: &str = "version: 1\nscope: { group: acme }\ndelete: [{ older_than: 30d }]\nkeep: [{ newest: 1 }]\n";
const CASES: &str = "version: 1\npolicy: old\nas_of: 2026-06-01\ncases:\n  - case: all but the newest go\n    packages:\n      \
                     - { age: 32d, expect: delete }\n      - { age: 31d, expect: keep, rule: \"keep[0]\" }\n";

#[test]
fn the_cases_of_the_shipped_policies_pass() {
    let ended = run(Path::new(env!("CARGO_MANIFEST_DIR")), &[]);
    assert_eq!((ended.code, ended.stderr.as_str()), (0, ""));
    assert!(ended.stdout.ends_with(": all as expected\n") && ended.stdout.lines().count() == 1, "{}", ended.stdout);
    let readme = fs::read_to_string("README.md").unwrap();
    assert!(readme.contains(&format!("    $ gleaner test\n    {}", ended.stdout)), "README shows other figures");
}

#[test]
fn a_changed_condition_fails_with_a_readable_difference() {
    let folder = tempfile::tempdir().unwrap();
    copy(Path::new(env!("CARGO_MANIFEST_DIR")).join("policies").as_path(), &folder.path().join("policies"));
    let policy = folder.path().join("policies/failed-uploads.yaml");
    let text = fs::read_to_string(&policy).unwrap();
    fs::write(&policy, text.replace("older_than: 7d", "older_than: 8d")).unwrap();
    let ended = run(folder.path(), &[]);
    assert_eq!((ended.code, ended.stderr.as_str()), (1, ""));
    insta::assert_snapshot!(ended.stdout);
}

#[test]
fn cases_are_found_beside_the_policies_or_where_they_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    write(root, "policies/old.yaml", POLICY);
    write(root, "policies/other.yaml", &POLICY.replace("30d", "60d"));
    let none = run(root, &[]);
    assert_eq!((none.code, none.stdout.as_str()), (2, ""));
    assert!(none.stderr.contains("there is no case to run") && none.stderr.contains("cases/*.yaml"), "{}", none.stderr);

    write(root, "policies/cases/old.yaml", CASES);
    write(root, "elsewhere/other.yaml", &CASES.replace("old", "other"));
    let beside = run(root, &[]);
    assert_eq!((beside.code, beside.stdout.as_str()), (0, "1 case, 2 expectations: all as expected\n"));
    assert_eq!(beside.stderr, "warning: no case shows any rule of other\n");
    for named in ["elsewhere", "elsewhere/other.yaml"] {
        let elsewhere = run(root, &["--cases", named]);
        assert_eq!((elsewhere.code, elsewhere.stderr.as_str()), (1, ""));
        assert!(
            elsewhere.stdout.starts_with("elsewhere/other.yaml:5: all but the newest go\n"),
            "{}",
            elsewhere.stdout
        );
    }
    let both = run(root, &["--cases", "elsewhere", "policies/cases/old.yaml"]);
    assert!(both.stdout.ends_with("2 cases, 4 expectations: 1 not as expected, in 1 case\n"), "{}", both.stdout);

    // A policy that is named alone is judged by its own cases, and the others are no matter.
    let alone = run(root, &["policies/old.yaml"]);
    assert_eq!((alone.code, alone.stderr.as_str()), (0, ""));
    let without = run(root, &["policies/other.yaml"]);
    assert_eq!(without.code, 2, "the cases beside it are about another policy");
    // Cases are no policies, and don't make the folder of policies invalid.
    let checked = Command::new(env!("CARGO_BIN_EXE_gleaner")).arg("check").current_dir(root).output().unwrap();
    assert!(checked.status.success());
}

#[test]
fn what_can_not_be_read_ends_with_2() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    write(root, "policies/old.yaml", POLICY);
    let table = [
        (
            "policies/cases/old.yaml",
            CASES.replace("expect", "expected"),
            "unknown key `expected`; did you mean `expect`?",
        ),
        ("policies/cases/old.yml", CASES.to_owned(), "rename it"),
        ("policies/new.yaml", POLICY.replace("30d", "30m"), "minutes or months?"),
    ];
    for (file, text, told) in table {
        write(root, file, &text);
        let ended = run(root, &[]);
        assert_eq!((ended.code, ended.stdout.as_str()), (2, ""), "{file}");
        assert!(ended.stderr.contains(told), "{file}: {}", ended.stderr);
        fs::remove_file(root.join(file)).unwrap();
    }
    let missing = run(root, &["--cases", "nowhere.yaml"]);
    assert_eq!(missing.code, 2);
    assert!(missing.stderr.contains("can't read nowhere.yaml"), "{}", missing.stderr);
}

struct Ended {
    code: i32,
    stdout: String,
    stderr: String,
}

fn run(folder: &Path, arguments: &[&str]) -> Ended {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gleaner"));
    let output = command.arg("test").args(arguments).current_dir(folder).env_clear().output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Ended { code: output.status.code().unwrap(), stdout: text(output.stdout), stderr: text(output.stderr) }
}

fn write(root: &Path, file: &str, text: &str) {
    let path = root.join(file);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy(&path, &target);
        } else {
            fs::copy(&path, &target).unwrap();
        }
    }
}
