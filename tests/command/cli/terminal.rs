//! `gleaner apply` on a terminal: it asks before it deletes.

use std::collections::BTreeSet;
use std::io::{Read as _, Write as _};
use std::process::{Child, Stdio};

use gitlab_sandbox::{Server, Status};

use crate::cli::program::{OLD, Program, deletions, seeded, serve};

/// A run of the program on a terminal of its own, which `script` makes.
struct Terminal {
    child: Child,
    seen: String,
}

impl Terminal {
    fn run(program: &Program, arguments: &str) -> Self {
        // Without `exec` Ctrl-C would go to a shell as well, and its exit code would be told.
        let line = format!("exec {} {arguments}", env!("CARGO_BIN_EXE_gleaner"));
        let mut command = program.command_of("script", &["-qefc", &line, "/dev/null"]);
        let child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        Self { child, seen: String::new() }
    }

    /// Reads until `text` is on the terminal.
    fn wait_for(&mut self, text: &str) {
        let mut byte = [0];
        let mut bytes = Vec::new();
        while !String::from_utf8_lossy(&bytes).contains(text) {
            let read = self.child.stdout.as_mut().unwrap().read(&mut byte).unwrap();
            assert!(read > 0, "{text:?} never came: {}", String::from_utf8_lossy(&bytes));
            bytes.extend(byte);
        }
        self.seen.push_str(&String::from_utf8_lossy(&bytes));
    }

    fn type_in(&mut self, text: &str) {
        self.child.stdin.as_mut().unwrap().write_all(text.as_bytes()).unwrap();
    }

    fn end(mut self) -> (i32, String) {
        self.child.stdout.take().unwrap().read_to_string(&mut self.seen).unwrap();
        (self.child.wait().unwrap().code().unwrap(), self.seen)
    }
}

fn gone(server: &Server) -> usize {
    let pending = |package: &&gitlab_sandbox::Package| package.status == Status::PendingDestruction;
    server.packages().iter().filter(pending).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_count_has_to_be_typed() {
    let mut registry = seeded(400);
    registry.protection_rules.clear();
    let server = serve(registry).await;
    let hold = "version: 1\nprotect: [{ name: misspelt }]\n";
    let program = Program::with(&[("old.yaml", OLD), ("hold.yaml", hold)]).against(&server, server.token());
    let planned: BTreeSet<u64> = deletions(&program.run(&["plan", "--output", "json"]).json()).into_iter().collect();
    let before = gone(&server);

    // Anything else deletes nothing, and so does Ctrl-C. Where the report goes makes no difference.
    for (arguments, answer) in [("apply", "yes\n"), ("apply 2>log", "1\n"), ("apply >report", "\n"), ("apply", "\u{3}")]
    {
        let mut terminal = Terminal::run(&program, arguments);
        terminal.wait_for("packages:");
        assert!(terminal.seen.contains("hold.protect[0] matched nothing"), "{}", terminal.seen);
        terminal.type_in(answer);
        assert_eq!(terminal.end().0, 3, "{arguments} {answer:?}");
        assert_eq!(gone(&server), before, "{arguments} {answer:?}");
    }

    let mut terminal = Terminal::run(&program, "apply");
    terminal.wait_for(&format!("Type {} to delete", planned.len()));
    terminal.type_in(&format!("{}\n", planned.len()));
    let (code, seen) = terminal.end();
    assert_eq!(code, 0, "{seen}");
    assert_eq!(gone(&server), before + planned.len());

    // With nothing to delete there is nothing to ask.
    assert_eq!(Terminal::run(&program, "apply").end().0, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_count_is_that_of_packages_and_files() {
    let trim = "version: 1\nmode: delete\nscope: { group: acme }\nfiles: [{ type: maven, keep_newest: 1 }]\n\
                limits: { max_deletions: 10000 }\n";
    let both = format!("{trim}delete: [{{ status: error, older_than: 7d }}]\n");
    for (policy, what) in [(trim, "files"), (both.as_str(), "packages and files")] {
        let mut registry = seeded(400);
        registry.protection_rules.clear();
        let server = serve(registry).await;
        let program = Program::with(&[("trim.yaml", policy)]).against(&server, server.token());
        let totals = program.run(&["plan", "--output", "json"]).json()["policies"][0]["totals"].clone();
        let (packages, files) = (totals["delete"].as_u64().unwrap(), totals["delete_files"].as_u64().unwrap());
        assert!(files > 0 && (packages > 0) == (what == "packages and files"), "{totals}");
        let mut terminal = Terminal::run(&program, "apply");
        terminal.wait_for(&format!("Type {0} to delete {0} {what}:", packages + files));
        terminal.type_in(&format!("{}\n", packages + files));
        let (code, seen) = terminal.end();
        assert_eq!(code, 0, "{seen}");
        let totals = program.run(&["plan", "--output", "json"]).json()["policies"][0]["totals"].clone();
        assert_eq!((&totals["delete"], &totals["delete_files"]), (&0.into(), &0.into()));
    }
}

/// What runs on a terminal that isn't its own can't show a question there once stderr leads elsewhere.
#[tokio::test(flavor = "multi_thread")]
async fn a_question_that_nobody_would_see_is_not_asked() {
    let server = serve(seeded(400)).await;
    let program = Program::with(&[("old.yaml", OLD)]).against(&server, server.token());
    let line = format!("exec setsid --wait {} apply 2>log", env!("CARGO_BIN_EXE_gleaner"));
    let mut command = program.command_of("script", &["-qefc", &line, "/dev/null"]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(2));
    let told = std::fs::read_to_string(program.folder().join("log")).unwrap();
    assert!(told.contains("--yes"), "{told}");
    assert_eq!(server.requests().len(), 0);
}

/// A hold that held something the last time stands above the question, with whatever it has let go of.
#[tokio::test(flavor = "multi_thread")]
async fn a_hold_that_holds_nothing_any_more_is_told_before_the_question() {
    let mut registry = seeded(400);
    registry.protection_rules.clear();
    let server = serve(registry).await;
    let hold = |name: &str| format!("version: 1\nprotect: [{{ name: \"{name}\" }}]\n");
    let program = Program::with(&[("old.yaml", OLD), ("hold.yaml", &hold("*"))]).against(&server, server.token());
    let before = gone(&server);
    assert_eq!(program.run(&["plan", "--state-dir", "state"]).code, 0);
    std::fs::write(program.folder().join("policies/hold.yaml"), hold("misspelt")).unwrap();
    let mut terminal = Terminal::run(&program, "apply --state-dir state");
    terminal.wait_for("packages:");
    let told = "hold held something when this was planned last, and holds nothing now";
    assert!(terminal.seen.contains(told), "{}", terminal.seen);
    assert!(terminal.seen.contains("hold was changed, and holds nothing of acme/"), "{}", terminal.seen);
    terminal.type_in("no\n");
    assert_eq!((terminal.end().0, gone(&server)), (3, before));
}
