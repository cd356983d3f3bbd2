//! What `gleaner check` tells of policies that are valid.

use jiff::{Timestamp, Zoned};

use crate::program::{OLD, Program};

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
warning: policies/p.yaml:3:21: `.*-SNAPSHOT` looks like a regular expression, and is read as a glob
   3 | delete: [{ version: \".*-SNAPSHOT\", older_than: 30d }]
     |                     ^^^^^^^^^^^^^
     = write `*-SNAPSHOT`, or the expression between slashes: `/.*-SNAPSHOT/`
";
    assert_eq!(ended.stderr, expected);
    assert_eq!(ended.stdout, "policies: p\nprotections: none\ninstance: none\n");
}
