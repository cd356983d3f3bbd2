//! `gleaner plan` and `gleaner apply`: each policy in the order of the names, on what those before it leave.

use std::collections::HashSet;
use std::error::Error;
use std::sync::Arc;

use gitlab_sandbox::{Options, Registry, Server};
use jiff::Timestamp;
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

use super::moment::now;
use super::policies::{chosen, read};
use super::progress::Progress;
use super::terminal::{confirm, is_read, print, say, width};
use super::{ApplyArgs, CommandResult, Exit, Output, PlanArgs, RunArgs, UsageError};
use crate::address::Address;
use crate::brake::Brake;
use crate::clock::Clock;
use crate::cycle::{self, Cycle};
use crate::event::Counting;
use crate::gitlab::{Connection, ConnectionOptions, Credential, Reader, TokenKind, Writer};
use crate::inventory::Walked;
use crate::policy::{Instance, Mode, PatternKind, Patterns, Policy, PolicySet};
use crate::report::{FORMAT, PolicyReport, Report, Rows, Status, idle_protections, policy_table, printable, table};
use crate::settings::GitlabArgs;
use crate::walk::WalkError;

/// The packages and the seed of the registry that `--sandbox` starts.
const SANDBOX: (usize, u64) = (8_000, 1);

pub(super) async fn plan(args: &PlanArgs) -> CommandResult {
    let begun = now();
    let as_of = match &args.as_of {
        None => begun,
        Some(moment) => moment.resolve(begun).ok_or(UsageError::BeyondCalendars)?,
    };
    let Some(set) = read(&args.run.policies, as_of)? else {
        return Ok(Exit::Invalid);
    };
    let run = Run {
        policies: chosen(&set, &args.run.names)?,
        projects: projects(&args.run)?,
        gitlab: Gitlab::open(&args.run.gitlab, &set, begun).await?,
        set: &set,
        args: &args.run,
        now: as_of,
    };
    let reports = if args.quick {
        run.each(async |cycle, walked, _| cycle.estimate(walked)).await
    } else {
        run.each(async |cycle, walked, _| cycle.rehearse(walked).await).await
    };
    finish(&args.run, &run.report(reports))
}

pub(super) async fn apply(args: &ApplyArgs) -> CommandResult {
    let now = now();
    let Some(set) = read(&args.run.policies, now)? else {
        return Ok(Exit::Invalid);
    };
    let policies = chosen(&set, &args.run.names)?;
    if policies.iter().all(|policy| policy.mode == Mode::DryRun) {
        return Err(UsageError::NothingToApply.into());
    }
    let run = Run {
        policies,
        projects: projects(&args.run)?,
        gitlab: Gitlab::open(&args.run.gitlab, &set, now).await?,
        set: &set,
        args: &args.run,
        now,
    };
    let brake = run.brake();
    if let Err(halt) = brake.check() {
        say(&format!("warning: {halt}: nothing will be deleted, and what would go is only shown"));
    }
    let consent = async |plan: &PolicyReport| run.clocks_agree() && (args.yes || run.ask(plan).await);
    let reports = run
        .each(async |cycle, walked, connection| cycle.run(walked, &Writer::new(connection), &brake, consent).await)
        .await;
    finish(&args.run, &run.report(reports))
}

/// Everything that a run over several policies needs.
struct Run<'a> {
    args: &'a RunArgs,
    set: &'a PolicySet,
    /// Those that were asked for, in the order of their names.
    policies: Vec<&'a Policy>,
    projects: Option<Patterns>,
    now: Timestamp,
    gitlab: Gitlab,
}

impl Run<'_> {
    /// Runs one policy after the other. What one leaves is what the next is planned on.
    async fn each(
        &self,
        one: impl AsyncFn(Cycle<'_>, Result<&Walked, &WalkError>, &Connection) -> cycle::Ended,
    ) -> Vec<PolicyReport> {
        let mut gone = HashSet::new();
        let mut reports = Vec::new();
        let mut is_cut_off = false;
        for policy in &self.policies {
            self.gitlab.progress.begin(&policy.name);
            let counting = Arc::new(Counting::new(self.gitlab.progress.clone()));
            let connection = self.gitlab.connection.heard_by(counting.clone());
            let cycle = Cycle {
                reader: &Reader::new(&connection),
                requests: &counting.requests,
                set: self.set,
                policy,
                projects: self.projects.as_ref(),
                gone: &gone,
                now: self.now,
                rows: if self.args.all { Rows::All } else { Rows::Deletions },
                observer: &*self.gitlab.progress,
                stop: &self.gitlab.stop,
            };
            let ended = if is_cut_off {
                cycle.give_up()
            } else {
                let walked = cycle.walk().await;
                one(cycle, walked.as_ref(), &connection).await
            };
            is_cut_off |= ended.is_cut_off;
            gone.extend(ended.gone);
            reports.push(ended.report);
        }
        self.gitlab.progress.end();
        reports
    }

    /// Watches the instance file, for as long as the run takes.
    fn brake(&self) -> Brake {
        let paths = &self.args.policies.paths;
        Brake::new(paths, self.set.instance.as_ref(), self.gitlab.real_address().cloned(), Clock::new(now))
    }

    /// Every age is counted from this machine's clock: one that is wrong makes everything look old.
    fn clocks_agree(&self) -> bool {
        match self.gitlab.progress.theirs.too_far_from(now()) {
            Some(apart) => {
                let hours = apart.as_secs_f64() / 3_600.0;
                self.gitlab.progress.aside(|| {
                    say(&format!(
                        "error: this machine's clock and GitLab's are {hours:.1} hours apart, so no age can be trusted: \
                         nothing is deleted; set the clock"
                    ));
                });
                false
            }
            None => true,
        }
    }

    async fn ask(&self, plan: &PolicyReport) -> bool {
        let count = plan.totals.delete - plan.totals.not_permitted;
        let shown = idle_protections(std::slice::from_ref(plan)) + &policy_table(plan, width());
        let question = format!("{shown}\nDeleting can't be undone. Type {count} to delete {count} packages:");
        self.gitlab.progress.rest();
        confirm(&question, count, &self.gitlab.stop).await
    }

    fn report(&self, policies: Vec<PolicyReport>) -> Report {
        Report {
            format: FORMAT,
            generator: concat!("gleaner ", env!("CARGO_PKG_VERSION")).to_owned(),
            instance: self.gitlab.connection.url().to_owned(),
            as_of: self.now,
            quick: policies.iter().any(|policy| policy.is_bound),
            policies,
        }
    }
}

/// What a run talks to, and who listens meanwhile.
struct Gitlab {
    connection: Connection,
    progress: Arc<Progress>,
    stop: CancellationToken,
    /// Ends when it is dropped.
    sandbox: Option<Server>,
}

impl Gitlab {
    /// Nothing is sent yet. A GitLab that the set is not for is refused.
    async fn open(args: &GitlabArgs, set: &PolicySet, now: Timestamp) -> Result<Self, Box<dyn Error>> {
        let (options, sandbox) = if args.sandbox {
            let (options, server) = start_sandbox(now).await?;
            (options, Some(server))
        } else {
            (args.connection().map_err(UsageError::from)?, None)
        };
        let progress = Arc::new(Progress::new());
        let connection = Connection::open(options, progress.clone()).map_err(UsageError::from)?;
        let gitlab = Self { connection, progress, stop: stop_on_signals()?, sandbox };
        if let Some(Instance { source, url: Some(url), .. }) = &set.instance
            && let Some(address) = gitlab.real_address().filter(|address| *address != url)
        {
            let (file, url, address) = (source.clone(), url.to_string(), address.to_string());
            return Err(UsageError::Elsewhere { file, url, address }.into());
        }
        Ok(gitlab)
    }

    /// The address that an instance file may object to. In the embedded sandbox nothing real can be deleted.
    fn real_address(&self) -> Option<&Address> {
        self.sandbox.is_none().then(|| self.connection.address())
    }
}

async fn start_sandbox(now: Timestamp) -> Result<(ConnectionOptions, Server), Box<dyn Error>> {
    let (packages, seed) = SANDBOX;
    let registry = Registry::generate(packages, seed, now);
    let server = Server::start(registry, Options::default()).await?;
    let credential = Credential::Fixed { kind: TokenKind::Private, token: server.token().to_owned().into() };
    Ok((ConnectionOptions::new(server.url(), credential), server))
}

/// The first signal stops the run in an orderly way: what is under way ends, and the report is written. The second ends
/// the process.
fn stop_on_signals() -> std::io::Result<CancellationToken> {
    let stop = CancellationToken::new();
    for kind in [SignalKind::interrupt(), SignalKind::terminate(), SignalKind::hangup()] {
        let mut signals = signal(kind)?;
        let stop = stop.clone();
        tokio::spawn(async move {
            while signals.recv().await.is_some() {
                if stop.is_cancelled() {
                    std::process::exit(128 + kind.as_raw_value());
                }
                stop.cancel();
            }
        });
    }
    Ok(stop)
}

fn projects(args: &RunArgs) -> Result<Option<Patterns>, UsageError> {
    if args.projects.is_empty() {
        return Ok(None);
    }
    let texts: Vec<&str> = args.projects.iter().map(String::as_str).collect();
    Patterns::parse(&texts, PatternKind::Path).map(Some).map_err(|error| UsageError::Project(texts.join(" "), error))
}

fn finish(args: &RunArgs, report: &Report) -> CommandResult {
    if !args.projects.is_empty() && report.policies.iter().all(|policy| policy.scanned == 0) {
        say("warning: no package is in a project that --project matches");
    }
    match args.output {
        Output::Table => print(&table(report, width()))?,
        Output::Json => print(&format!("{}\n", serde_json::to_string_pretty(report)?))?,
    }
    // A table on a terminal has told it already.
    if args.output == Output::Json || !is_read() {
        for policy in &report.policies {
            let refusal = policy.refusal.as_ref();
            let refusal = refusal.map(|refusal| format!("{}; to let it pass: {}", refusal.because, refusal.remedy));
            for told in policy.error.iter().chain(&refusal) {
                say(&printable(&format!("error: policy {}: {told}", policy.policy)));
            }
        }
    }
    let any = |wanted: fn(&PolicyReport) -> bool| report.policies.iter().any(wanted);
    Ok(if any(|policy| policy.status == Status::Failed) {
        Exit::Failed
    } else if any(|policy| policy.status == Status::Partial || (policy.refusal.is_some() && policy.error.is_some())) {
        Exit::Partial
    } else if any(|policy| policy.status == Status::Refused) {
        Exit::Refused
    } else {
        Exit::Done
    })
}
