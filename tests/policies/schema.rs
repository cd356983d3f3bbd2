//! The JSON Schema of policy files: what is committed is what is printed, editors find it, and it knows what the reader
//! knows. `tests/schema/run` asks check-jsonschema and yaml-language-server about the same files.

mod agreement;
mod fixtures;
mod keys;

use std::fs;
use std::path::{Path, PathBuf};

use boon::{Compiler, SchemaIndex, Schemas};
use gleaner::policy::json_schema;
use serde_json::Value;

#[test]
fn the_committed_schema_is_what_is_printed() {
    let committed = read("policies/schema.json");
    assert!(committed == format!("{:#}\n", json_schema()), "renew it: cargo run -- schema >policies/schema.json");
}

#[test]
fn every_shipped_policy_leads_its_editor_to_the_schema() {
    for path in shipped_policies() {
        let text = read(&path);
        let named = text.lines().next().unwrap().strip_prefix("# yaml-language-server: $schema=");
        let named = named.unwrap_or_else(|| panic!("{path} does not begin with its schema"));
        let schema = root().join(Path::new(&path).parent().unwrap()).join(named);
        assert_eq!(schema.canonicalize().unwrap(), root().join("policies/schema.json"), "{path}");
    }
}

/// A file as an editor reads it and holds it against the schema.
pub(crate) struct Editor {
    schemas: Schemas,
    schema: SchemaIndex,
}

impl Editor {
    pub(crate) fn new() -> Self {
        let mut schemas = Schemas::new();
        let mut compiler = Compiler::new();
        compiler.add_resource("memory:///schema.json", json_schema()).unwrap();
        let schema = compiler.compile("memory:///schema.json", &mut schemas).unwrap();
        Self { schemas, schema }
    }

    /// Whether it finds nothing wrong.
    pub(crate) fn accepts(&self, yaml: &str) -> bool {
        self.check(yaml).is_ok()
    }

    /// What it finds wrong with a text.
    pub(crate) fn check(&self, yaml: &str) -> Result<(), String> {
        let options = serde_saphyr::options! { strict_booleans: true, reject_unsupported_tags: true };
        let value: Value = serde_saphyr::from_str_with_options(yaml, options).map_err(|error| error.to_string())?;
        self.schemas.validate(&value, self.schema).map_err(|error| error.to_string())
    }
}

/// The policies that come with gleaner, by their paths.
fn shipped_policies() -> Vec<String> {
    let folders = ["policies", "deploy/kustomize/overlays/example/policies"];
    let paths = folders.iter().flat_map(|folder| entries(&root().join(folder)));
    let paths = paths.filter(|path| path.extension().is_some_and(|ending| ending == "yaml"));
    let paths: Vec<String> =
        paths.map(|path| path.strip_prefix(root()).unwrap().to_str().unwrap().to_owned()).collect();
    assert!(paths.len() >= 8, "{paths:?}");
    paths
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap()
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let mut paths: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
}
