//! Acceptances of fewer holds whose `until` is past.

use jiff::civil::Date;

use crate::yaml::{Lint, LintKind, Place};

pub(in crate::policy) static LINT: LintKind = LintKind {
    name: "acceptance-ended",
    explanation: "\
The `until` of a project under `accept_fewer_holds` is past. What GitLab told of the project by then is the measure since, and
it takes another acceptance before packages may go once GitLab tells less than half of that.

Take it out.

```yaml
version: 1
instance:
  accept_fewer_holds:
    - { project: acme/api, until: 2020-06-30, note: the releases of 2019 were removed }
```",
};

/// Returns the lint about an acceptance that ended after the day `until`, as of `today`.
pub(super) fn as_of(today: Date, until: Date, place: &Place) -> Option<Lint> {
    let message = format!("this ended on {until}: fewer holds than by then are no longer accepted");
    let hint = Some("take it out, or set a later date".to_owned());
    (until < today).then(|| Lint { kind: &LINT, place: place.clone(), message, hint })
}
