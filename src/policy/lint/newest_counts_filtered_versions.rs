//! `newest` beside a condition that few versions fulfil. `newest.rs` tells of it.

use crate::yaml::LintKind;

pub(super) static LINT: LintKind = LintKind {
    name: "newest-counts-filtered-versions",
    explanation: "\
A keep rule has `newest` beside a condition on the age, the downloads, the size or the id. It counts only versions that
fulfil this condition: it keeps the newest three of what was downloaded of late, not the newest three and what was
downloaded of late.

To keep both, write two rules.

```yaml
delete:
- older_than: 30d
keep:
- { newest: 3, downloaded_within: 30d }
```",
};
