//! Delete rules that no age holds back.

use super::Rule;
use crate::package::Status;
use crate::policy::{Condition, Limits};
use crate::yaml::findings::Findings;

pub(super) fn missing(rule: &Rule<'_>, limits: &Limits, findings: &mut Findings<'_>) {
    let min_age = &limits.min_age;
    let mut ages = rule.conditions.iter().filter_map(|condition| match condition {
        Condition::OlderThan(age) => Some(("older_than", age)),
        Condition::NotDownloadedFor(age) => Some(("not_downloaded_for", age)),
        _ => None,
    });
    match ages.next() {
        // What GitLab could not process can't be installed, so nobody can miss it.
        None if rule.statuses() == [Status::Error] => {}
        // It says that there is none to go by.
        None if rule.conditions.contains(&Condition::UnknownAge) => {}
        None => findings.lint(
            rule.place(findings),
            format!("this rule has no age: it selects a package as soon as `min_age` lets it, after {min_age}"),
            format!("write how old it has to be, as in `older_than: 30d`, or `older_than: {min_age}` if that is meant"),
        ),
        Some((key, age)) if !age.reaches(min_age) && ages.all(|(_, age)| !age.reaches(min_age)) => findings.lint(
            rule.places.value(key, 0),
            format!("`{key}: {age}` waits for {min_age}: what is younger stays by `min_age`"),
            format!("write `{key}: {min_age}`, or a lower `min_age` under `limits`"),
        ),
        Some(_) => {}
    }
}
