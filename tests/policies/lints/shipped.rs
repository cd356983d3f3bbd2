//! What ships is what to write, so there is nothing to say about it.

use std::fs;
use std::path::Path;

use crate::lints::{lints, told};

#[test]
fn the_shipped_policies_have_no_lints() {
    for folder in ["policies", "deploy/kustomize/overlays/example/policies"] {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
        let files: Vec<(String, String)> = fs::read_dir(&folder)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .filter(|path| path.extension().is_some_and(|ending| ending == "yaml"))
            .map(|path| (path.file_name().unwrap().to_str().unwrap().to_owned(), fs::read_to_string(&path).unwrap()))
            .filter(|(_, text)| text.contains("version: 1"))
            .collect();
        assert!(!files.is_empty(), "{}", folder.display());
        let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
        let told: Vec<String> =
            lints(&files).iter().map(|lint| format!("{}: {}", lint.place.file, told(lint))).collect();
        assert_eq!(told, [""; 0], "{}", folder.display());
    }
}
