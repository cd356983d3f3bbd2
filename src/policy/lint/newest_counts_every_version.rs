//! `newest` that counts what no delete rule selects, too. `newest.rs` tells of it.

use crate::yaml::LintKind;

pub(super) static LINT: LintKind = LintKind {
    name: "newest-counts-every-version",
    explanation: "\
A keep rule with `newest` counts all versions of a package, and the delete rules select some of them by their version,
tag, ref or as pre-releases. All places may go to versions that would stay anyway, and none to those that would go.

To keep the newest of what would go, write the same condition beside `newest`.

```yaml
delete:
- { version: \"*-SNAPSHOT\", older_than: 30d }
keep:
- newest: 3
```",
};
