//! Package types that this release does not know. They are told of as they are read.

use crate::yaml::LintKind;

pub(in crate::policy) static LINT: LintKind = LintKind {
    name: "unknown-package-type",
    explanation: "\
A delete rule or the scope of a policy names a package type that this release of gleaner doesn't know. GitLab may have got
it since. Nothing particular to it is known, so gleaner deletes less of it than of others. A misspelt type selects
nothing.

Look at the spelling. Under `keep`, under `protect` and in a protection's scope it is an error, because it would hold
nothing.

```yaml
delete:
- { type: swift_package, older_than: 30d }
```",
};
