//! Tells what a plan does that an earlier one did not, and the other way round.

use std::collections::{BTreeMap, HashMap};

use jiff::Timestamp;
use serde::Serialize;

use super::markdown::{code, cut};
use super::table::{lines, listing};
use super::{CycleStatus, DecisionReport, PolicyReport, Report};
use crate::plan::{ItemId, Verdict};

/// How a report differs from an earlier one. What goes by both is left out.
#[derive(Debug, Clone, Serialize)]
pub struct PlanDiff {
    /// The instant of the earlier report.
    pub since: Timestamp,
    /// The policies that differ, in the order of their names.
    pub policies: Vec<PolicyDiff>,
    /// The policies of the earlier report that were not planned now, or have no plan.
    pub unplanned: Vec<String>,
}

/// What differs between two plans of a policy.
#[derive(Debug, Clone, Default, Serialize)]
pub struct PolicyDiff {
    /// The name of the policy.
    pub policy: String,
    /// What would go now and would not then, as it is told now.
    pub added: Vec<DecisionReport>,
    /// What would have gone then and stays now, as it is told now.
    pub saved: Vec<DecisionReport>,
    /// What would have gone then and is not among the packages that the policy looks at now, as it was told then.
    pub gone: Vec<DecisionReport>,
}

impl PlanDiff {
    /// Compares two reports. `now` tells of everything, whether it goes or stays.
    #[must_use]
    pub fn of(then: &Report, now: &Report) -> Self {
        let before: BTreeMap<&str, &PolicyReport> = by_name(then);
        let planned: BTreeMap<&str, &PolicyReport> =
            by_name(now).into_iter().filter(|(_, policy)| policy.status != CycleStatus::Failed).collect();
        let policies = planned.iter().map(|(name, now)| PolicyDiff::of(name, before.get(name).copied(), now));
        let unplanned = before.keys().filter(|name| !planned.contains_key(*name)).map(|name| (*name).to_owned());
        Self {
            since: then.as_of,
            policies: policies.filter(|policy| !policy.is_empty()).collect(),
            unplanned: unplanned.collect(),
        }
    }
}

impl PolicyDiff {
    fn of(name: &str, then: Option<&PolicyReport>, now: &PolicyReport) -> Self {
        let mut diff = Self { policy: name.to_owned(), ..Self::default() };
        let before: BTreeMap<ItemId, &DecisionReport> = then.into_iter().flat_map(going).collect();
        let present: HashMap<ItemId, &DecisionReport> = rows(now).collect();
        let added = going(now).filter(|(id, _)| !before.contains_key(id));
        diff.added.extend(added.map(|(_, row)| row.clone()));
        for (id, row) in before {
            match present.get(&id) {
                None => diff.gone.push(row.clone()),
                Some(now) if now.verdict() == Verdict::Keep => diff.saved.push((*now).clone()),
                Some(_) => {}
            }
        }
        diff
    }

    fn is_empty(&self) -> bool {
        self.added.is_empty() && self.saved.is_empty() && self.gone.is_empty()
    }
}

fn by_name(report: &Report) -> BTreeMap<&str, &PolicyReport> {
    report.policies.iter().map(|policy| (policy.policy.as_str(), policy)).collect()
}

fn rows(policy: &PolicyReport) -> impl Iterator<Item = (ItemId, &DecisionReport)> {
    policy.decisions.iter().chain(&policy.file_decisions).map(|row| (row.id(), row))
}

fn going(policy: &PolicyReport) -> impl Iterator<Item = (ItemId, &DecisionReport)> {
    rows(policy).filter(|(_, row)| row.verdict() == Verdict::Delete)
}

/// What a part of a difference is called, with its rows.
type DiffPart<'a> = (&'static str, &'a [DecisionReport]);

impl PolicyDiff {
    fn parts(&self) -> [DiffPart<'_>; 3] {
        [
            ("would go now, and would not then", &self.added),
            ("would have gone then, and stay now", &self.saved),
            ("would have gone then, and are gone or not looked at now", &self.gone),
        ]
    }
}

/// Writes a difference as text. Lines are broken to `width` columns where one is given.
#[must_use]
pub fn diff_table(diff: &PlanDiff, width: Option<u16>) -> String {
    let mut text = Vec::new();
    for policy in &diff.policies {
        for (told, rows) in policy.parts().into_iter().filter(|(_, rows)| !rows.is_empty()) {
            text.push(format!("{}: {} {told}", policy.policy, rows.len()));
            text.extend(listed(rows, width));
            text.push(String::new());
        }
    }
    if text.is_empty() {
        text.push("nothing differs".to_owned());
    }
    text.extend(diff.unplanned.iter().map(|policy| format!("{policy} has no plan now to compare")));
    text.push(format!("compared with the plan as of {}", diff.since));
    lines(&text)
}

/// The number of rows of a part that a note lists.
const ROWS: usize = 50;

/// Longer lines of a note are cut.
const LINE: usize = 300;

/// Writes a difference as Markdown, short enough for a note on a merge request.
#[must_use]
pub fn diff_markdown(diff: &PlanDiff) -> String {
    let mut text = String::new();
    for policy in &diff.policies {
        for (told, rows) in policy.parts().into_iter().filter(|(_, rows)| !rows.is_empty()) {
            let shown = &rows[..rows.len().min(ROWS)];
            let list: Vec<String> = listed(shown, None).map(|line| cut(&line, LINE)).collect();
            let list = list.join("\n");
            let list = list.trim_start_matches('\n');
            let more = if rows.len() > ROWS { format!("\nand {} more\n", rows.len() - ROWS) } else { String::new() };
            text.push_str(&format!(
                "\n<details><summary>{}: {} {told}</summary>\n\n```text\n{list}\n```\n{more}\n</details>\n",
                policy.policy,
                rows.len()
            ));
        }
    }
    if text.is_empty() {
        text.push_str("\nNothing differs.\n");
    }
    for policy in &diff.unplanned {
        text.push_str(&format!("\n{policy} has no plan now to compare.\n"));
    }
    text.push_str(&format!("\nCompared with the plan as of {}.\n", code(&diff.since.to_string())));
    text.trim_start().to_owned()
}

/// Lists packages, then files.
fn listed(rows: &[DecisionReport], width: Option<u16>) -> impl Iterator<Item = String> {
    let packages = rows.iter().filter(|row| row.item.file().is_none());
    let files = rows.iter().filter(|row| row.item.file().is_some());
    listing(packages, width).chain(listing(files, width)).collect::<Vec<_>>().into_iter()
}
