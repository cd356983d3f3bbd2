//! Files that no rule can take by themselves.

use super::Advice;
use super::looked::Looked;
use crate::yaml::LintKind;

pub(super) static LINT: LintKind = LintKind {
    name: "file-never-selected",
    explanation: "\
A pattern under `file` is for files that are never taken by themselves. `maven-metadata.xml` always stays, because Maven's
clients find versions by it. Checksums and signatures go with the file that they belong to.

Write the pattern of the files themselves, as in `*.jar`, or take it out.

```yaml
files:
- { type: maven, keep_newest: 3, file: \"*.sha1\" }
```",
};

/// Tells of patterns for files that no rule can take by themselves.
pub(super) fn advice(looked: &Looked<'_>) -> Option<Advice> {
    if looked.key != "file" {
        return None;
    }
    let companions = r"(?:\.(?:md5|sha1|sha256|sha512|asc))";
    if looked.matches_only(&format!(r"maven-metadata\.xml{companions}*")) {
        let message = format!("`maven-metadata.xml` always stays, {}", looked.vain());
        return Some(Advice::new(&LINT, message, "take it out: Maven's clients find versions by it"));
    }
    looked.matches_only(&format!(".*{companions}")).then(|| {
        let message = format!("checksums and signatures go with the file that they belong to, {}", looked.vain());
        Advice::new(&LINT, message, "write the pattern of the files themselves")
    })
}
