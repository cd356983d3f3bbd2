//! `gleaner schema`.

use crate::cli::program::Program;

#[test]
fn the_schema_is_json_on_stdout_and_takes_no_policies() {
    let ended = Program::with(&[("broken.yaml", "version: 2\n")]).run(&["schema"]);
    assert_eq!((ended.code, ended.stderr.as_str()), (0, ""));
    let schema: serde_json::Value = serde_json::from_str(&ended.stdout).unwrap();
    assert_eq!(schema["$schema"], "http://json-schema.org/draft-07/schema#");
    assert!(ended.stdout.ends_with("}\n"));
}

/// The schema stands among the policies, so that they can name it, and so does the list for `kubectl kustomize`.
#[test]
fn a_schema_beside_the_policies_is_no_policy() {
    let policy = "# yaml-language-server: $schema=schema.json\nversion: 1\nscope: { group: acme }\ndelete: [{ status: error }]\n";
    let program = Program::with(&[("errors.yaml", policy), ("schema.json", "{}"), ("Kustomization", "x")]);
    let ended = program.run(&["check"]);
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    assert!(ended.stdout.starts_with("policies: errors\n"), "{}", ended.stdout);
}
