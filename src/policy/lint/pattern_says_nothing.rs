//! Patterns beside others that leave them nothing to do. `lists.rs` tells of them.

use crate::yaml::LintKind;

pub(super) static LINT: LintKind = LintKind {
    name: "pattern-says-nothing",
    explanation: "\
A pattern changes nothing beside the others of its list: a `!` pattern takes away nothing that another one matches, or
what a pattern matches is taken away again. Whoever reads it may think that it does something.

Take it out, or write it as what it is to take away.

```yaml
delete:
- { type: maven, version: [\"1.*\", \"!2.0\"], older_than: 30d }
```",
};
