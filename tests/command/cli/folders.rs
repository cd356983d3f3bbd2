//! Files of generic packages in folders: GitLab stores and lists the name percent-encoded, and people write slashes.

use std::collections::BTreeMap;

use crate::cli::program::{Program, serve, with_corners};

#[tokio::test(flavor = "multi_thread")]
async fn files_in_folders_are_shown_matched_and_deleted_by_their_paths() {
    let server = serve(with_corners()).await;
    let policy = "version: 1\nmode: delete\nscope: { project: acme/corners/folders }\nfiles:\n  \
                  - { type: generic, file: [\"**/*.zip\", \"*.tgz\", \"!release/**\"], keep_newest: 0, older_than: 30d }\n";
    let program = Program::with(&[("old.yaml", policy)]).against(&server, server.token());
    let plan = program.run(&["plan", "--output", "json", "--all"]).json();
    let told = |row: &serde_json::Value| {
        let text = |key: &str| row[key].as_str().unwrap_or_default().to_owned();
        (text("file_name"), text("verdict"), text("reason"))
    };
    let mut files: Vec<_> = plan["policies"][0]["file_decisions"].as_array().unwrap().iter().map(told).collect();
    files.sort();
    let expected = [
        ("a+b.zip", "delete", "selected"),
        ("app.tgz", "delete", "selected"),
        ("debug/a+b.zip", "delete", "selected"),
        ("release/app.tgz", "keep", "not_matched"),
        ("release/app.tgz", "keep", "not_matched"),
    ];
    let expected = expected.map(|(name, verdict, reason)| (name.to_owned(), verdict.to_owned(), reason.to_owned()));
    assert_eq!(files, expected);
    let applied = program.run(&["apply", "--yes", "--output", "json"]);
    assert_eq!(applied.code, 0, "{}", applied.stderr);
    let mut left: BTreeMap<String, usize> = BTreeMap::new();
    let package = server.packages().into_iter().find(|package| package.name == "corner-app").unwrap();
    let is_there = |file: &&gitlab_sandbox::PackageFile| file.status == gitlab_sandbox::FileStatus::Default;
    for file in package.files.iter().filter(is_there) {
        *left.entry(file.file_name.clone()).or_default() += 1;
    }
    assert_eq!(left, [("release%2Fapp.tgz".to_owned(), 2)].into());
}
