//! `gleaner plan` and `gleaner apply`: each policy in the order of the names, on what those before it leave.

use std::cell::{Cell, OnceCell, RefCell};
use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::Timestamp;
use tokio_util::sync::CancellationToken;

use super::finish::{deleted, exit, say_problems, show, show_diff};
use super::gitlab::Gitlab;
use super::journal::{keep_reports, open_journal};
use super::memory::{Lore, lasting_state_for};
use super::moment::{now, present};
use super::policies::{chosen, read};
use super::progress::Progress;
use super::saved_plan::{self, check_place, checked, save};
use super::signals::stop_on_signals;
use super::terminal::{Terminal, say, width};
use super::{ApplyArgs, CommandResult, Exit, GENERATOR, Output, PlanArgs, RunArgs, UsageError, report};
use crate::cycle::brake::Brake;
use crate::cycle::clock::{Clock, by_the_earlier, check_clocks};
use crate::cycle::execute::Tools;
use crate::cycle::progress::Counting;
use crate::cycle::recover::recover;
use crate::cycle::scribe::Scribe;
use crate::cycle::walk::WalkError;
use crate::cycle::{self, Cycle, Ended};
use crate::gitlab::{ADMINISTRATORS_TOKEN, Connection, Owner, Reader, Writer};
use crate::package::address::Address;
use crate::plan::inventory::Walked;
use crate::plan::{Extent, RunLimit, Succession, Take};
use crate::policy::{InForce, Mode, PatternKind, Patterns, PolicySet};
use crate::record::journal::{Journal, JournalError};
use crate::record::saved_plan::SavedPlan;
use crate::report::{CycleStatus, FORMAT, PlanDiff, PolicyReport, Report, Rows, alerts, policy_table, printable};

pub(super) async fn plan(args: &PlanArgs) -> CommandResult {
    let begun = now();
    let as_of = match &args.as_of {
        None => begun,
        Some(moment) => moment.resolve(begun).ok_or(UsageError::BeyondCalendars)?,
    };
    args.out.as_deref().map_or(Ok(()), check_place)?;
    let earlier = args.diff.as_deref().map(report::open).transpose()?;
    if earlier.is_some() && matches!(args.run.output, Output::Csv | Output::Html) {
        return Err(UsageError::NoFormOfDiff.into());
    }
    let Some(set) = read(&args.run.policies, as_of)? else {
        return Ok(Exit::Invalid);
    };
    let progress = Arc::new(Progress::new());
    let policies = chosen(&set, &args.run.names, as_of)?;
    let projects = projects(&args.run)?;
    let gitlab = Gitlab::open(&args.run.gitlab, &set, begun, Arc::new(Counting::new(progress.clone()))).await?;
    if let Some(earlier) = &earlier {
        is_of_the_same_gitlab(earlier, &gitlab)?;
    }
    let (folder, instance) = (args.run.state_dir.as_deref(), gitlab.connection.url());
    // What would be held at another instant is nothing to remember.
    let lore = match args.as_of {
        Some(_) => Lore::look(folder, instance)?,
        None => Lore::borrow_or_look(folder, instance)?,
    };
    let run = Run {
        policies,
        projects,
        gitlab,
        progress,
        stop: stop_on_signals()?,
        set: &set,
        args: &args.run,
        instant: args.as_of.as_ref().map_or(PlanInstant::Present { begun }, |_| PlanInstant::Chosen { as_of }),
        lore,
        as_of: OnceCell::new(),
        owner: OnceCell::new(),
        cut_short: RefCell::default(),
        rows: if args.diff.is_some() { Rows::All } else { listed(&args.run) },
        saved: None,
    };
    let reports = if args.quick {
        run.each(async |cycle, walked, _| cycle.estimate(walked)).await
    } else {
        let rehearse = async |cycle: Cycle<'_>, walked: Result<&Walked, &WalkError>, _: &Connection| {
            run.warn_of_administrator(walked).await;
            // What a plan accepts, of files that may never be in force, is no measure for those that execute.
            Ended { holds: None, ..cycle.rehearse(walked).await }
        };
        run.each(rehearse).await
    };
    let report = run.report(reports);
    let diff = earlier.map(|earlier| PlanDiff::of(&earlier, &report));
    let report = if args.run.all { report } else { report.without_kept() };
    let shown = match &diff {
        Some(diff) => show_diff(args.run.output, &report, diff),
        None => show(args.run.output, &report),
    };
    say_problems(&args.run, &report);
    save(args, &report, &run.policies)?;
    shown.map(|()| match exit(&report.policies, &BTreeSet::new()) {
        Exit::Done if args.fail_on_deletions && report.deletes() => Exit::Deletions,
        exit => exit,
    })
}

pub(super) async fn apply(args: &ApplyArgs) -> CommandResult {
    let begun = now();
    let saved = saved_plan::read(args).map_err(UsageError::from)?;
    let Some(set) = read(&args.run.policies, begun)? else {
        return Ok(Exit::Invalid);
    };
    let mut policies = chosen(&set, &args.run.names, begun)?;
    if saved.is_none() && policies.iter().all(|in_force| in_force.policy().mode == Mode::DryRun) {
        return Err(UsageError::NothingToApply.into());
    }
    let asks =
        if args.yes || args.accept.is_some() { None } else { Some(Terminal::open().ok_or(UsageError::NobodyToAsk)?) };
    let progress = Arc::new(Progress::new());
    let mut gitlab = Gitlab::open(&args.run.gitlab, &set, begun, Arc::new(Counting::new(progress.clone()))).await?;
    let projects = match &saved {
        Some(plan) => {
            policies = checked(plan, &set, policies, &gitlab.connection, &progress).await?;
            plan.narrowed().map_err(UsageError::from)?
        }
        None => projects(&args.run)?,
    };
    // Until everything is told: whoever comes next plans on what this run leaves.
    let _lock = gitlab.lock("apply", begun).map_err(UsageError::from)?;
    let state = args.run.state_dir.as_deref();
    if state.is_none() {
        lasting_state_for(policies.iter().map(|in_force| in_force.policy()))?;
    }
    let lore = Lore::borrow(state, gitlab.connection.url())?;
    let journal = open_journal(&args.journal, state, &mut gitlab, "apply", begun)?;
    let run = Run {
        policies,
        projects,
        gitlab,
        progress,
        stop: stop_on_signals()?,
        set: &set,
        args: &args.run,
        instant: PlanInstant::Present { begun },
        lore,
        as_of: OnceCell::new(),
        owner: OnceCell::new(),
        cut_short: RefCell::default(),
        rows: listed(&args.run),
        saved,
    };
    run.recover(journal.as_ref()).await?;
    if let (Some(journal), Some(from)) = (&journal, set.journal_from(begun))
        && let Err(error) = journal.forget(from)
    {
        say(&printable(&format!("warning: {}", cycle::paragraph(&error))));
    }
    let brake = run.brake();
    if let Err(halt) = brake.check() {
        let halt = printable(&halt.to_string());
        say(&format!("warning: {halt}: nothing will be deleted, and what would go is only shown"));
    }
    let consent = async |plan: &PolicyReport| {
        check_clocks(&run.progress.theirs, &set, present(), run.as_of())?;
        if let Some(plan) = &run.saved {
            plan.is_timely(present(), run.progress.theirs.now()).map_err(|error| error.to_string())?;
        }
        match &asks {
            Some(terminal) if !run.ask(terminal, plan).await => Err("nobody agreed".to_owned()),
            Some(_) => {
                run.progress.go_on(&plan.policy);
                Ok(())
            }
            None => {
                plan.warnings.iter().for_each(|warning| say(&printable(&format!("warning: {warning}"))));
                Ok(())
            }
        }
    };
    let run_limit = Cell::new(args.max_deletions.map(|most| RunLimit { most, left: most }));
    let reports = run
        .each(async |cycle, walked, connection| {
            run.warn_of_administrator(walked).await;
            let scribe = Scribe::new(journal.as_ref(), Clock::new(now), run.username());
            let tools =
                Tools { writer: &Writer::new(connection), scribe: &scribe, brake: &brake, run_limit: run_limit.get() };
            let cycle = Cycle { marking: run.lore.marks_kept(run.extent()), ..cycle };
            let ended = cycle.run(walked, tools, consent).await;
            let totals = &ended.report.totals;
            let tried = totals.gone() + totals.gone_files() + totals.failures();
            run_limit.set(run_limit.get().map(|limit| limit.after(tried)));
            ended
        })
        .await;
    let report = run.report(reports);
    let shown = show(args.run.output, &report);
    say_problems(&args.run, &report);
    if shown.is_err() {
        say(&deleted(&report));
    }
    let report = if args.run.all { report.without_kept() } else { report };
    keep_reports(journal.as_ref(), &report);
    shown.map(|()| exit(&report.policies, &run.cut_short.borrow()))
}

/// The instant that a run plans for.
#[derive(Clone, Copy)]
enum PlanInstant {
    /// The one that the command asked for.
    Chosen { as_of: Timestamp },
    /// The present: when it began by this machine's clock, or by GitLab's where that is behind.
    Present { begun: Timestamp },
}

/// Everything that a run over several policies needs.
struct Run<'a> {
    args: &'a RunArgs,
    set: &'a PolicySet,
    /// Those that were asked for, in the order of their names.
    policies: Vec<InForce<'a>>,
    projects: Option<Patterns>,
    instant: PlanInstant,
    gitlab: Gitlab,
    progress: Arc<Progress>,
    stop: CancellationToken,
    lore: Lore,
    /// The instant of every plan, once GitLab has told the time.
    as_of: OnceCell<Timestamp>,
    /// Whose token it is, as far as GitLab tells, once it was asked.
    owner: OnceCell<Owner>,
    /// The policies that have no plan because the run was stopped.
    cut_short: RefCell<BTreeSet<String>>,
    /// What the reports list.
    rows: Rows,
    /// The saved plan that is executed, if one is.
    saved: Option<SavedPlan>,
}

impl Run<'_> {
    /// Runs one policy after the other.
    async fn each(
        &self,
        one: impl AsyncFn(Cycle<'_>, Result<&Walked, &WalkError>, &Connection) -> cycle::Ended,
    ) -> Vec<PolicyReport> {
        let (mut succession, mut take) = (Succession::of(self.policies.iter().copied()), Take::default());
        let mut reports = Vec::new();
        let mut is_cut_off = false;
        while let Some((in_force, taken)) = succession.next(take) {
            let name = &in_force.policy().name;
            self.progress.begin(name);
            let counting = Arc::new(Counting::new(self.progress.clone()));
            let connection = self.gitlab.connection.heard_by(counting.clone());
            let memory = self.lore.of(name);
            let saved = self.saved.as_ref().map(|plan| plan.deletions_of(name));
            let cycle = Cycle {
                reader: &Reader::new(&connection),
                requests: &counting.requests,
                in_force,
                projects: self.projects.as_ref(),
                taken,
                memory: memory.as_ref(),
                saved: saved.as_ref(),
                marking: self.lore.marks_shown(),
                rows: self.rows,
                theirs: &self.progress.theirs,
                observer: &*self.progress,
                stop: &self.stop,
            };
            let ended = if is_cut_off {
                cycle.give_up()
            } else {
                let walked = cycle.walk().await;
                let cycle = Cycle { in_force: in_force.at(self.as_of()), ..cycle };
                let ended = one(cycle, walked.as_ref(), &connection).await;
                self.lore.note(name, walked.as_ref().ok(), &ended, now());
                ended
            };
            is_cut_off |= ended.is_cut_off;
            if ended.report.status == CycleStatus::Failed && self.stop.is_cancelled() {
                self.cut_short.borrow_mut().insert(name.clone());
            }
            take = ended.take;
            reports.push(ended.report);
        }
        self.progress.end();
        reports
    }

    /// Returns the instant of every plan of this run. Before GitLab has told the time it is that of this machine.
    fn as_of(&self) -> Timestamp {
        let begun = match self.instant {
            PlanInstant::Chosen { as_of } => return as_of,
            PlanInstant::Present { begun } => begun,
        };
        let theirs = &self.progress.theirs;
        match theirs.now() {
            Some(_) => *self.as_of.get_or_init(|| by_the_earlier(theirs, begun, present())),
            None => begun,
        }
    }

    /// Returns how much a finished walk of this run says of marks.
    fn extent(&self) -> Extent {
        match check_clocks(&self.progress.theirs, self.set, present(), self.as_of()) {
            _ if self.projects.is_some() => Extent::Part,
            Ok(()) => Extent::Whole,
            Err(_) => Extent::Undated,
        }
    }

    /// Warns of a token that GitLab's own protection doesn't bind, before anything is deleted with it. GitLab is asked
    /// once, and after a walk that came to its end: where it doesn't answer, the walk has told. An upper bound, which
    /// nothing can be deleted by, is not worth the request.
    async fn warn_of_administrator(&self, walked: Result<&Walked, &WalkError>) {
        if walked.is_err() || self.owner.get().is_some() {
            return;
        }
        let reader = Reader::new(&self.gitlab.connection);
        let owner = tokio::select! {
            () = self.stop.cancelled() => return,
            answer = reader.owner() => answer,
        };
        let owner = self.owner.get_or_init(|| owner.unwrap_or_default());
        if owner.is_administrator {
            self.progress.aside(|| say(&format!("warning: {ADMINISTRATORS_TOKEN}")));
        }
    }

    /// Returns the token's user, if GitLab has told.
    fn username(&self) -> Option<String> {
        self.owner.get()?.username.clone()
    }

    /// Finds out what became of deletions that an earlier run left in doubt, and tells it.
    async fn recover(&self, journal: Option<&Journal>) -> Result<(), JournalError> {
        let Some(journal) = journal.filter(|journal| !journal.open_lines().is_empty()) else { return Ok(()) };
        let recovery = recover(&self.gitlab.connection, journal, &Clock::new(now), &self.stop).await?;
        say(&format!("warning: {recovery}"));
        Ok(())
    }

    /// Watches the instance file, for as long as the run takes.
    fn brake(&self) -> Brake {
        let paths = &self.args.policies.paths;
        let address = self.gitlab.real_address().cloned();
        Brake::new(paths, self.set.instance.as_ref(), address, Clock::new(now)).watching(self.set)
    }

    async fn ask(&self, terminal: &Terminal, plan: &PolicyReport) -> bool {
        let totals = &plan.totals;
        let count = totals.due();
        let what = match (totals.delete, totals.delete_files) {
            (_, 0) => "packages",
            (0, _) => "files",
            _ => "packages and files",
        };
        let shown = alerts(std::slice::from_ref(plan)) + &policy_table(plan, width());
        let question = format!("{shown}\nDeleting can't be undone. Type {count} to delete {count} {what}:");
        self.progress.rest();
        terminal.confirm(&question, count, &self.stop).await
    }

    fn report(&self, policies: Vec<PolicyReport>) -> Report {
        Report {
            format: FORMAT,
            generator: GENERATOR.to_owned(),
            instance: self.gitlab.connection.url().to_owned(),
            as_of: self.as_of(),
            quick: policies.iter().any(|policy| policy.is_bound),
            policies,
        }
    }
}

fn is_of_the_same_gitlab(earlier: &Report, gitlab: &Gitlab) -> Result<(), UsageError> {
    let ours = gitlab.connection.address();
    if Address::parse(&earlier.instance).as_ref() == Ok(ours) {
        return Ok(());
    }
    Err(UsageError::DiffElsewhere { theirs: earlier.instance.clone(), ours: ours.to_string() })
}

fn listed(args: &RunArgs) -> Rows {
    if args.all { Rows::All } else { Rows::Deletions }
}

fn projects(args: &RunArgs) -> Result<Option<Patterns>, UsageError> {
    if args.projects.is_empty() {
        return Ok(None);
    }
    let texts: Vec<&str> = args.projects.iter().map(String::as_str).collect();
    Patterns::parse(&texts, PatternKind::Path).map(Some).map_err(|error| UsageError::Project(texts.join(" "), error))
}
