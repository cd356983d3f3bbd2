//! Rules and policies whose packages all stay. `covered.rs` tells of them.

use crate::yaml::LintKind;

pub(super) static LINT: LintKind = LintKind {
    name: "rule-deletes-nothing",
    explanation: "\
Everything that a delete or files rule selects stays, because a keep rule of the policy or a protection holds for all of
it. The same is told of a whole policy whose scope is protected. Holds that end, those with `until`, don't count.

Make one of both rules narrower, or take the delete rule out.

```yaml
delete:
- { version: \"*-rc1\", older_than: 90d }
keep:
- version: \"*-rc*\"
```",
};
