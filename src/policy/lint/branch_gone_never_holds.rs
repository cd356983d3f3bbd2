//! Rules about branches that are gone, of packages that no such branch built.

use super::newest_keeps_every_branch::{in_place, is_in_place};
use super::{Role, Rule};
use crate::package::{COMMON_BRANCHES, RefKind};
use crate::policy::condition::premise::is_within;
use crate::policy::pattern::{Reading, Texts};
use crate::policy::{Condition, PatternKind, Patterns, Refs};
use crate::yaml::LintKind;
use crate::yaml::findings::Findings;
use crate::yaml::text::any_of;

pub(super) static LINT: LintKind = LintKind {
    name: "branch-gone-never-holds",
    explanation: "\
`branch_gone_for` stands beside a `built_from` of which nothing is ever gone: tags or merge requests alone, or branches
that are called `main`, `master`, `trunk` or `develop`, which are never taken for gone. All conditions of a rule have to
hold at once, so the rule never holds. (A branch of Composer names itself, whatever pipeline published it.)

Take one of the two out, or write the branches that are meant, as in `built_from: \"feature/*\"`.

```yaml
delete:
- { type: generic, built_from: { tag: \"*-rc*\" }, branch_gone_for: 14d }
```",
};

pub(super) fn look(rule: &Rule<'_>, findings: &mut Findings<'_>) {
    let is_deleting = matches!(rule.role, Role::Delete | Role::Files);
    let asks = |condition: &Condition| matches!(condition, Condition::BranchGoneFor(_));
    if !is_deleting || !rule.conditions.iter().any(asks) {
        return;
    }
    let refs = rule.conditions.iter().find_map(|condition| match condition {
        Condition::BuiltFrom(refs) => Some(refs),
        _ => None,
    });
    let Some(why) = refs.and_then(|refs| why_never(rule, refs)) else { return };
    let may_be_in_place = rule.types().is_none_or(|types| types.iter().any(is_in_place));
    let never = match may_be_in_place {
        true => format!("this rule holds for branches of {} at most", in_place()),
        false => "this rule never holds".to_owned(),
    };
    findings.lint(
        &LINT,
        rule.places.key("branch_gone_for"),
        format!("{never}: {why}"),
        "take one of the two out, or write the branches that are meant, as in `built_from: \"feature/*\"`",
    );
}

/// Returns why none of these refs is ever gone; `None` where one may be.
fn why_never(rule: &Rule<'_>, refs: &Refs) -> Option<String> {
    let Some(patterns) = refs.of(RefKind::Branch, Reading::Select) else {
        return Some("only a branch is ever gone, and `built_from` names none".to_owned());
    };
    let common = Patterns::parse(&COMMON_BRANCHES, PatternKind::Text).ok()?;
    let common = Texts::List(&common, Reading::Select);
    is_within(PatternKind::Text, &[rule.as_read(patterns)], common, rule.frame.work)
        .then(|| format!("a branch called {} is never taken for gone", any_of(COMMON_BRANCHES)))
}
