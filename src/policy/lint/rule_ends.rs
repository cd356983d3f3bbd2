//! Rules whose `until` is near or past.

use jiff::civil::Date;

use crate::yaml::{Lint, LintKind, Place};

pub(super) static LINT: LintKind = LintKind {
    name: "rule-ends",
    explanation: "\
The `until` of a keep or protect rule is past, or comes within 30 days. After that day it holds nothing any more, and what
it has held may go.

Set a later date, or take the rule out.

```yaml
keep:
- { name: acme-api, until: 2020-06-30 }
```",
};

/// A rule is pointed out this long before its end.
const NOTICE_DAYS: i32 = 30;
const HINT: &str = "set a later date, or take the rule out";

/// Returns the lint about a rule that ends after the day `until`, as of `today`.
pub(super) fn as_of(today: Date, until: Date, place: &Place) -> Option<Lint> {
    let days = (until - today).get_days();
    let message = match days {
        ..0 => format!("this rule ended on {until}: it holds no longer"),
        0 => "this rule ends today".to_owned(),
        1 => format!("this rule ends tomorrow, on {until}"),
        2..=NOTICE_DAYS => format!("this rule ends in {days} days, on {until}"),
        _ => return None,
    };
    Some(Lint { kind: &LINT, place: place.clone(), message, hint: Some(HINT.to_owned()) })
}
