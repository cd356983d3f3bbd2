//! Makes the report of a cycle from its plan and its outcomes.

mod row;

use std::collections::{BTreeMap, BTreeSet};

use super::{CycleStatus, DecisionReport, Gaps, PolicyReport, RefusalReport, RuleReport, Totals};
use crate::package::{Package, Permission};
use crate::plan::{
    Decision, Ending, Endings, Estimate, FileDecision, HeldBy, ItemId, LimitName, Maturity, Outcome, Plan, Refusal,
    RunLimit, Tally, Verdict,
};
use crate::policy::{InForce, Policy};

/// The verdicts that a report lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rows {
    /// Only what goes.
    Deletions,
    /// Everything, whether it goes or stays.
    All,
}

/// Everything that the report of a cycle needs, however the cycle ended.
#[derive(Debug)]
pub struct Account<'a> {
    /// The policy that was judged, with its set and the instant of the plan.
    pub in_force: InForce<'a>,
    /// The verdicts to list.
    pub rows: Rows,
    /// Requests that were sent, by HTTP method.
    pub requests: BTreeMap<&'static str, u64>,
}

impl<'a> Account<'a> {
    /// Makes the row of one package outside of a report.
    pub(super) fn decision(in_force: InForce<'a>, decision: &Decision) -> DecisionReport {
        let account = Self { in_force, rows: Rows::All, requests: BTreeMap::new() };
        account.package_row(decision, None, None)
    }

    /// Makes the rows of the files of one package outside of a report.
    pub(super) fn file_decisions(
        in_force: InForce<'a>,
        files: &[FileDecision],
        package: &Package,
    ) -> Vec<DecisionReport> {
        let account = Self { in_force, rows: Rows::All, requests: BTreeMap::new() };
        files.iter().map(|decision| account.file_row(decision, package, None, None)).collect()
    }

    /// Reports a cycle without a plan. `error` is one paragraph with what to do.
    #[must_use]
    pub fn failed(self, error: String) -> PolicyReport {
        self.report(CycleStatus::Failed, Some(error))
    }

    /// Reports a dry run, whole or with `gaps`.
    #[must_use]
    pub fn planned(self, plan: &Plan, gaps: &Gaps) -> PolicyReport {
        let mut report = self.report_with(planned_status(gaps), gaps);
        self.fill_plan(&mut report, plan, &Endings::default());
        report
    }

    /// Reports a plan that is beyond a limit.
    #[must_use]
    pub fn refused(self, plan: &Plan, gaps: &Gaps, refusal: &Refusal) -> PolicyReport {
        let mut report = self.report_with(CycleStatus::Refused, gaps);
        report.refusal = Some(self.refusal(refusal));
        self.fill_plan(&mut report, plan, &Endings::default());
        report
    }

    /// Reports the upper bound that the listing alone gives.
    #[must_use]
    pub fn estimated(self, estimate: &Estimate, gaps: &Gaps) -> PolicyReport {
        let mut report = PolicyReport { is_bound: true, ..self.report_with(planned_status(gaps), gaps) };
        self.fill(&mut report, &estimate.decisions, &estimate.tally, |_| (None, None));
        report
    }

    /// Reports a plan that was executed, with how each deletion ended. `why` is the one cause that left deletions
    /// undone, where there was one.
    #[must_use]
    pub fn executed(self, plan: &Plan, gaps: &Gaps, endings: &Endings, why: Option<&str>) -> PolicyReport {
        let left = endings.left();
        let is_whole = left == 0 && !gaps.leave_out_something();
        let mut report = self.report_with(if is_whole { CycleStatus::Executed } else { CycleStatus::Partial }, gaps);
        let left_error = (left > 0).then(|| format!("planned deletions that were not done or not confirmed: {left}"));
        // What holds up nothing is no error, and a gap may be the very cause.
        let why = why.filter(|why| left > 0 && report.error.as_ref().is_none_or(|error| !error.contains(why)));
        let errors: Vec<String> = why.map(str::to_owned).into_iter().chain(report.error).chain(left_error).collect();
        report.error = (!errors.is_empty()).then(|| errors.join("; "));
        self.fill_plan(&mut report, plan, endings);
        report
    }

    /// Begins a report with the gaps and warnings.
    fn report_with(&self, status: CycleStatus, gaps: &Gaps) -> PolicyReport {
        let missing: Vec<String> = gaps.missing().collect();
        PolicyReport {
            unknown_projects: gaps.projects as u64,
            unknown_places: gaps.places as u64,
            loosened_projects: gaps.loosened as u64,
            forgets_paths: gaps.forgets_paths,
            warnings: gaps.warnings.clone(),
            ..self.report(status, (!missing.is_empty()).then(|| missing.join("; ")))
        }
    }

    fn report(&self, status: CycleStatus, error: Option<String>) -> PolicyReport {
        PolicyReport {
            policy: self.in_force.policy().name.clone(),
            is_bound: false,
            policy_sha256: self.in_force.fingerprint(),
            mode: self.in_force.policy().mode,
            status,
            error,
            warnings: Vec::new(),
            scanned: 0,
            projects: 0,
            unknown_projects: 0,
            unknown_places: 0,
            loosened_projects: 0,
            forgets_paths: false,
            requests: self.requests.clone(),
            refusal: None,
            totals: Totals::default(),
            rules: Vec::new(),
            decisions: Vec::new(),
            decisions_left_out: 0,
            file_decisions: Vec::new(),
            file_decisions_left_out: 0,
        }
    }

    fn fill_plan(&self, report: &mut PolicyReport, plan: &Plan, endings: &Endings) {
        self.fill(report, plan.decisions(), plan.tally(), |item| (plan.maturity(item), endings.of(item).cloned()));
        self.fill_files(report, plan, endings);
        let most = self.in_force.policy().limits.max_per_cycle;
        let totals = &mut report.totals;
        totals.later = if totals.is_executed() {
            let outcomes = [&totals.by_outcome, &totals.files_by_outcome];
            outcomes.iter().filter_map(|of| of.get(&Outcome::Later)).sum()
        } else {
            let is_approved = report.refusal.is_none();
            most.filter(|_| is_approved).map_or(0, |most| totals.within_reach().saturating_sub(most))
        };
    }

    /// Fills in what was decided on packages. `course` tells how long each that goes has been marked, and how its
    /// deletion ended.
    fn fill(
        &self,
        report: &mut PolicyReport,
        decisions: &[Decision],
        tally: &Tally,
        course: impl Fn(ItemId) -> (Option<Maturity>, Option<Ending>),
    ) {
        let projects: BTreeSet<_> = decisions.iter().map(|decision| decision.package.project.id).collect();
        report.scanned = decisions.len() as u64;
        report.projects = projects.len() as u64;
        report.rules = tally
            .rules
            .iter()
            .map(|matched| RuleReport {
                place: matched.rule,
                rule: matched.rule.label(self.in_force.set()),
                matched: matched.count,
                unknown: matched.unknown,
                open: matched.open,
            })
            .collect();
        for decision in decisions {
            let (maturity, ending) = course(ItemId::Package(decision.package.id));
            report.totals.add(decision, self.in_force.policy(), ending.as_ref().map(|ending| ending.outcome));
            report.totals.add_mark(maturity, &decision.package, |totals| &mut totals.waiting);
            if self.lists(decision.verdict(), ending.as_ref()) {
                report.decisions.push(self.package_row(decision, maturity, ending));
            }
        }
    }

    fn fill_files(&self, report: &mut PolicyReport, plan: &Plan, endings: &Endings) {
        for decision in plan.file_decisions() {
            // Its package is in the same plan.
            let Some(package) = plan.decision(decision.package).map(|decision| &decision.package) else { continue };
            let item = ItemId::File(decision.file.id);
            let (maturity, ending) = (plan.maturity(item), endings.of(item));
            report.totals.add_file(decision, package, ending.map(|ending| ending.outcome));
            report.totals.add_mark(maturity, package, |totals| &mut totals.waiting_files);
            if self.lists(decision.verdict(), ending) {
                report.file_decisions.push(self.file_row(decision, package, maturity, ending.cloned()));
            }
        }
    }

    /// What was to go and stays has an ending, too.
    fn lists(&self, verdict: Verdict, ending: Option<&Ending>) -> bool {
        self.rows == Rows::All || verdict == Verdict::Delete || ending.is_some()
    }

    fn refusal(&self, refusal: &Refusal) -> RefusalReport {
        let limit = refusal.limit;
        let policy = &self.in_force.policy().source;
        let remedy = match (refusal.by, refusal.limit, refusal.wanted) {
            (HeldBy::Run(RunLimit { most, left }), _, wanted) => {
                let sent = most.saturating_sub(left);
                format!("`--max-deletions {}`", sent.saturating_add(wanted.unwrap_or(most)))
            }
            (_, LimitName::MaxBytes, None) => format!("take max_bytes out of `limits:` in {policy}"),
            (_, _, wanted) => {
                let wanted = wanted.unwrap_or(refusal.allowed);
                let (open, close) = match refusal.by {
                    HeldBy::Exception => ("exception: { ", " }"),
                    HeldBy::Limits | HeldBy::EndedException | HeldBy::Run(_) => ("", ""),
                };
                let ceiling = self.ceiling(refusal).filter(|(_, most)| wanted > *most);
                let raised = ceiling.map_or_else(String::new, |(file, most)| {
                    format!(", once `ceiling: {{ {open}{limit}: {wanted}{close} }}` in {file} allows more than {most}")
                });
                let later = match refusal.by {
                    HeldBy::EndedException => ", or a later `until` of its exception",
                    HeldBy::Limits | HeldBy::Exception | HeldBy::Run(_) => "",
                };
                format!("`limits: {{ {open}{limit}: {wanted}{close} }}` in {policy}{raised}{later}")
            }
        };
        RefusalReport {
            limit,
            allowed: refusal.allowed,
            wanted: refusal.wanted,
            because: refusal.because.clone(),
            remedy,
        }
    }

    /// Returns the most that the instance file allows for the limit that refused, with the path of that file.
    fn ceiling(&self, refusal: &Refusal) -> Option<(&str, u64)> {
        let instance = self.in_force.set().instance.as_ref()?;
        let ceiling = &instance.ceiling;
        let (deletions, percent) = match refusal.by {
            HeldBy::Exception => (ceiling.exception_deletions(), ceiling.exception_percent()),
            HeldBy::Limits | HeldBy::EndedException | HeldBy::Run(_) => (ceiling.max_deletions, ceiling.max_percent),
        };
        let most = match refusal.limit {
            LimitName::MaxDeletions => deletions?,
            LimitName::MaxPercent => percent?.into(),
            LimitName::MaxPercentPerProject | LimitName::MaxPercentPerGroup | LimitName::MaxBytes => return None,
        };
        Some((&instance.source, most))
    }
}

impl Totals {
    fn add(&mut self, decision: &Decision, policy: &Policy, outcome: Option<Outcome>) {
        *self.by_reason.entry(decision.reason.kind()).or_default() += 1;
        if let Some(outcome) = outcome {
            *self.by_outcome.entry(outcome).or_default() += 1;
        }
        if decision.verdict() == Verdict::Keep {
            self.keep += 1;
            return;
        }
        self.delete += 1;
        self.add_size(decision.bytes.known());
        self.on_null_downloads += u64::from(decision.rests_on_null_download(policy));
        self.not_permitted += u64::from(decision.package.permission == Permission::Denied);
    }

    fn add_file(&mut self, decision: &FileDecision, package: &Package, outcome: Option<Outcome>) {
        if let Some(outcome) = outcome {
            *self.files_by_outcome.entry(outcome).or_default() += 1;
        }
        if decision.verdict() == Verdict::Keep {
            return;
        }
        self.delete_files += 1;
        self.add_size(decision.file.size);
        self.not_permitted_files += u64::from(package.permission == Permission::Denied);
    }

    /// Counts what waits, as far as the token may delete it, and notes the oldest mark of all.
    fn add_mark(&mut self, maturity: Option<Maturity>, package: &Package, of: fn(&mut Self) -> &mut u64) {
        let Some(maturity) = maturity else { return };
        let waits = maturity.waits() && package.permission != Permission::Denied;
        *of(self) += u64::from(waits);
        self.oldest_mark = self.oldest_mark.into_iter().chain(maturity.since()).min();
    }

    fn add_size(&mut self, bytes: Option<u64>) {
        self.delete_bytes = self.delete_bytes.saturating_add(bytes.unwrap_or(0));
        self.unknown_sizes += u64::from(bytes.is_none());
    }
}

fn planned_status(gaps: &Gaps) -> CycleStatus {
    if gaps.leave_out_something() { CycleStatus::Partial } else { CycleStatus::Planned }
}
