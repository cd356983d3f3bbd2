//! Patterns that match no project of the scope. `lists.rs` tells of them.

use crate::yaml::LintKind;

pub(super) static LINT: LintKind = LintKind {
    name: "project-outside-scope",
    explanation: "\
A pattern under `project` or `paths` matches no project in the scope. Patterns there are held against the project's full
path. The pattern does nothing, and a rule whose patterns are all like this never holds.

Write a path in the group of the scope, or widen the scope.

```yaml
scope: { group: acme }
delete:
- { project: \"other/**\", older_than: 30d }
```",
};
