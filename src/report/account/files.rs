//! The part of a report that is about the files of packages that stay.

use std::collections::BTreeMap;

use super::{Account, Rows};
use crate::package::{Package, Permission};
use crate::plan::{FileDecision, Plan, Verdict, age, file_because};
use crate::plan::{Outcome, Outcomes};
use crate::policy::InForce;
use crate::report::{FileDecisionReport, PolicyReport, Totals};

impl<'a> Account<'a> {
    /// The rows that a report has of the files of one package.
    pub(in crate::report) fn file_decisions(
        in_force: InForce<'a>,
        files: &[FileDecision],
        package: &Package,
    ) -> Vec<FileDecisionReport> {
        let account = Self { in_force, rows: Rows::All, requests: BTreeMap::new() };
        files.iter().map(|decision| account.file_row(decision, package, None)).collect()
    }

    pub(super) fn fill_files(&self, report: &mut PolicyReport, plan: &Plan, outcomes: &Outcomes) {
        for decision in plan.file_decisions() {
            // Its package is in the same plan.
            let Some(package) = plan.decision(decision.package).map(|decision| &decision.package) else { continue };
            let outcome = outcomes.files.get(&decision.file.id).copied();
            report.totals.add_file(decision, package, outcome);
            if self.rows == Rows::All || decision.verdict() == Verdict::Delete {
                report.file_decisions.push(self.file_row(decision, package, outcome));
            }
        }
    }

    fn file_row(&self, decision: &FileDecision, package: &Package, outcome: Option<Outcome>) -> FileDecisionReport {
        let FileDecision { file, reason, .. } = decision;
        FileDecisionReport {
            id: file.id,
            package_id: package.id,
            project_id: package.project.id.0,
            project_path: package.project.path.clone(),
            package_type: package.package_type.to_string(),
            name: package.name.clone(),
            version: package.version.clone(),
            file_name: file.name.clone(),
            size: file.size,
            created_at: file.created_at,
            verdict: reason.verdict().code(),
            reason: reason.code(),
            because: file_because(decision, package, self.in_force),
            rule: reason.rule().map(|rule| rule.label(self.in_force.set())),
            permitted: package.permission != Permission::Denied,
            outcome,
            age: file.created_at.map_or_else(|| "unknown".to_owned(), |date| age(date, self.in_force.now())),
        }
    }
}

impl Totals {
    fn add_file(&mut self, decision: &FileDecision, package: &Package, outcome: Option<Outcome>) {
        if decision.verdict() == Verdict::Keep {
            return;
        }
        let size = decision.file.size;
        self.delete_files += 1;
        self.delete_bytes = self.delete_bytes.saturating_add(size.unwrap_or(0));
        self.unknown_sizes += u64::from(size.is_none());
        self.not_permitted_files += u64::from(package.permission == Permission::Denied);
        if let Some(outcome) = outcome {
            *self.files_by_outcome.entry(outcome.code()).or_default() += 1;
        }
    }
}
