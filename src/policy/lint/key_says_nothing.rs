//! Keys that change nothing where they stand. They are told of as they are read, and in `idle_keys.rs`.

use crate::yaml::LintKind;

pub(in crate::policy) static LINT: LintKind = LintKind {
    name: "key-says-nothing",
    explanation: "\
A key changes nothing where it stands: `subgroups` without `group`, `timezone` without `schedule`, `allow_latest` in a
rule for types that have no latest version, `other_indexes` in a rule for types that have one index, `prerelease: true`
beside `superseded: true`, `keep_newest_per` beside `keep_newest: 0`, `last_series` where `built_from` leaves one ref.
Whoever reads it may think that it does something.

Take it out, or write what it goes with.

```yaml
scope: { project: acme/api, subgroups: false }
```",
};
