//! The lines in `docs/journal.md` are what the journal reads and writes.

use std::collections::BTreeSet;

use gleaner::record::journal::line::{FORMAT, KINDS, Line};
use serde_json::Value;

#[test]
fn every_kind_of_line_is_shown_with_all_its_fields() {
    let page = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/journal.md")).unwrap();
    let mut shown = BTreeSet::new();
    for block in page.split("```json\n").skip(1) {
        let text = block.split("```").next().unwrap();
        let example: Value = serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"));
        let line = Line::read(text.as_bytes()).unwrap_or_else(|problem| panic!("{problem:?}: {text}"));
        assert_eq!(serde_json::to_value(&line).unwrap(), example);
        assert_eq!(line.format, FORMAT);
        let kind = example["kind"].as_str().unwrap().to_owned();
        assert!(page.contains(&format!("\n`{kind}`: ")), "{kind}");
        shown.insert(kind);
    }
    assert_eq!(shown, KINDS.map(str::to_owned).into());
}
