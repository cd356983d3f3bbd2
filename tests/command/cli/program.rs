//! Runs the program with policies in a folder of its own and nothing inherited that could change what it does.

use std::path::PathBuf;
use std::process::Command;

use gitlab_sandbox::{Options, Registry, Server};
use serde_json::Value;

/// What a run of the program came to.
pub(crate) struct Ended {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

pub(crate) struct Program {
    folder: tempfile::TempDir,
    environment: Vec<(&'static str, String)>,
}

impl Program {
    /// `policies` are file names and texts.
    pub(crate) fn with(policies: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("policies")).unwrap();
        for (name, text) in policies {
            std::fs::write(folder.path().join("policies").join(name), text).unwrap();
        }
        Self { folder, environment: Vec::new() }
    }

    /// Talks to `server` with `token`.
    pub(crate) fn against(mut self, server: &Server, token: &str) -> Self {
        self.environment = vec![("GITLAB_URL", server.url().to_owned()), ("GITLAB_TOKEN", token.to_owned())];
        self
    }

    pub(crate) fn env(mut self, name: &'static str, value: &str) -> Self {
        self.environment.retain(|(known, _)| *known != name);
        self.environment.push((name, value.to_owned()));
        self
    }

    pub(crate) fn folder(&self) -> PathBuf {
        self.folder.path().to_owned()
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = self.command_of(env!("CARGO_BIN_EXE_gleaner"), arguments);
        command.env_remove("PATH");
        command
    }

    /// Another program in the same place.
    pub(crate) fn command_of(&self, program: &str, arguments: &[&str]) -> Command {
        let mut command = Command::new(program);
        command.args(arguments).current_dir(self.folder.path()).env_clear().env("PATH", "/usr/bin:/bin");
        // Deletions are written down there.
        command.env("XDG_STATE_HOME", self.folder.path().join("state-home"));
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        command
    }

    /// Runs to the end, and sees to it that no token is in what it printed.
    pub(crate) fn run(&self, arguments: &[&str]) -> Ended {
        let output = self.command(arguments).output().unwrap();
        let ended = Ended {
            code: output.status.code().unwrap(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        };
        for (name, value) in &self.environment {
            if name.contains("TOKEN") && !name.contains("FILE") {
                assert!(!ended.stdout.contains(value) && !ended.stderr.contains(value), "{name} was printed");
            }
        }
        for text in [&ended.stdout, &ended.stderr] {
            assert!(!text.contains("panicked") && !text.contains("backtrace"), "{text}");
        }
        ended
    }
}

impl Ended {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {}{}", self.stdout, self.stderr))
    }

    /// Everything that was printed, on one line.
    pub(crate) fn text(&self) -> String {
        format!("{}{}", self.stdout, self.stderr).split_whitespace().collect::<Vec<_>>().join(" ")
    }
}

pub(crate) async fn serve(registry: Registry) -> Server {
    Server::start(registry, Options::default()).await.unwrap()
}

/// A registry of so many packages, its dates counted back from today: the program reads the real clock.
#[expect(clippy::disallowed_methods, reason = "the program's own clock can't be set")]
pub(crate) fn seeded(packages: usize) -> Registry {
    Registry::generate(packages, 7, jiff::Timestamp::now())
}

/// The corners of the package types, their dates counted back from now, and nothing else.
#[expect(clippy::disallowed_methods, reason = "the program's own clock can't be set")]
pub(crate) fn with_corners() -> Registry {
    let now = jiff::Timestamp::now();
    Registry::generate(0, 7, now).with_corners(now)
}

/// The ids that a report deletes.
pub(crate) fn deletions(report: &Value) -> Vec<u64> {
    let policies = report["policies"].as_array().unwrap();
    let rows = policies.iter().flat_map(|policy| policy["decisions"].as_array().unwrap());
    rows.filter(|row| row["verdict"] == "delete").map(|row| row["id"].as_u64().unwrap()).collect()
}

/// A token of the registry by its owner's role and its scope.
pub(crate) fn token_of(registry: &Registry, level: u8, scope: &str) -> String {
    let is_wanted =
        |user: &str| registry.members.iter().any(|member| member.user == user && member.access_level == level);
    // The expired ones come last.
    let mut tokens = registry.tokens.iter().filter(|token| !token.revoked && !token.job);
    let token = tokens.find(|token| is_wanted(&token.user) && token.scopes == [scope]);
    token.unwrap_or_else(|| panic!("no token of level {level} with scope {scope}")).token.clone()
}

pub(crate) const OLD: &str = "version: 1\nmode: delete\nscope: { group: acme }\n\
                              delete: [{ older_than: 200d, not_downloaded_for: 200d }]\n\
                              limits: { max_percent: 100, max_percent_per_project: 100, max_deletions: 10000 }\n";
