//! Exceptions from the limits whose `until` is past.

use jiff::civil::Date;

use crate::yaml::{Lint, LintKind, Place};

pub(super) static LINT: LintKind = LintKind {
    name: "exception-ended",
    explanation: "\
The `until` of an exception under `limits` is past. The ordinary limits hold again, and a plan beyond them is refused.

Take the exception out if what it was for is done. If it isn't, set a later date.

```yaml
limits:
  exception: { max_deletions: 20000, until: 2020-06-30, note: the first clean-up }
```",
};

/// Returns the lint about an exception that ended after the day `until`, as of `today`. One that is about to end is no
/// warning: most last for a few weeks, and their end deletes nothing.
pub(super) fn as_of(today: Date, until: Date, place: &Place) -> Option<Lint> {
    let message = format!("this exception ended on {until}: the ordinary limits hold again");
    let hint = Some("take the exception out, or set a later date".to_owned());
    (until < today).then(|| Lint { kind: &LINT, place: place.clone(), message, hint })
}
