//! `newest` that counts nothing of what would go. `newest.rs` tells of it.

use crate::yaml::LintKind;

pub(super) static LINT: LintKind = LintKind {
    name: "newest-counts-other-versions",
    explanation: "\
A keep rule has `newest` beside version patterns, and no delete rule selects a version that these match. So it keeps
nothing that would go.

Write the version patterns of the delete rules in it.

```yaml
scope: { group: acme, types: [maven] }
delete:
- { version: \"*-SNAPSHOT\", older_than: 30d }
keep:
- { newest: 3, version: \"*-rc1\" }
```",
};
