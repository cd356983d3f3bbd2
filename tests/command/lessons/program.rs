//! The command as people run it, with policies in a folder of its own.

use std::process::Command;

use gitlab_sandbox::Server;
use serde_json::Value;

use crate::lessons::judgement::policy;

pub(crate) struct Program {
    folder: tempfile::TempDir,
    url: String,
    token: String,
    zone: String,
}

/// What a run of the program came to.
pub(crate) struct Ended {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Program {
    /// `policies` are names and rules; each of them may delete.
    pub(crate) fn new(server: &Server, policies: &[(&str, &str)]) -> Self {
        let program = Self {
            folder: tempfile::tempdir().unwrap(),
            url: server.url().to_owned(),
            token: server.token().to_owned(),
            zone: "UTC".to_owned(),
        };
        std::fs::create_dir(program.folder.path().join("policies")).unwrap();
        for (name, rules) in policies {
            program.write(name, &policy(rules));
        }
        program
    }

    /// Adds a policy file, or replaces one.
    pub(crate) fn write(&self, name: &str, text: &str) {
        std::fs::write(self.folder.path().join(format!("policies/{name}.yaml")), text).unwrap();
    }

    /// Runs as on a machine in this time zone.
    pub(crate) fn in_zone(mut self, zone: &str) -> Self {
        zone.clone_into(&mut self.zone);
        self
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Ended {
        let output = Command::new(env!("CARGO_BIN_EXE_gleaner"))
            .args(arguments)
            .current_dir(self.folder.path())
            .env_clear()
            .envs([
                ("GITLAB_URL", self.url.as_str()),
                ("GITLAB_TOKEN", self.token.as_str()),
                ("TZ", self.zone.as_str()),
            ])
            .env("XDG_STATE_HOME", self.folder.path().join("state-home"))
            .output()
            .unwrap();
        Ended {
            code: output.status.code().unwrap(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

impl Ended {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {}{}", self.stdout, self.stderr))
    }
}
