//! Delete rules that select nothing but what another one does. `covered.rs` tells of them.

use crate::yaml::LintKind;

pub(super) static LINT: LintKind = LintKind {
    name: "rule-adds-nothing",
    explanation: "\
Another delete rule of the policy selects all that this one does, and lifts the same guards. So the rule adds nothing.
Whoever changes it later wonders why nothing changes.

Take it out, or make the other one narrower.

```yaml
delete:
- { name: \"acme-*\", older_than: 30d }
- { name: acme-api, older_than: 90d }
```",
};
