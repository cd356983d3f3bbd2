//! Fetches the evidence that a plan asks for: what releases link to, GitLab's own protection rules, the files of
//! packages, their pipelines, what those ran for, whether their branches are gone, and last downloads where the listing
//! doesn't tell them.

mod silence;

use std::collections::BTreeSet;

use futures_util::StreamExt as _;
use futures_util::stream;
use tokio_util::sync::CancellationToken;

use crate::cycle::breaker::Breaker;
use crate::cycle::progress::{Event, Observer, Sought};
use crate::gitlab::{self, ListingReading, Reader};
use crate::package::{
    BranchList, BranchStep, Downloaded, Evidence, Lookup, PackageFile, PackageId, Pipeline, PipelineId, ProjectId,
    ProtectionRule, Questions, RefKind,
};
use crate::plan::Inquiry;
use silence::Silence;

/// How many look-ups are under way at the same time. The connection has a limit of its own on requests in flight.
const CONCURRENT: usize = 8;

/// How often a listing of several pages is read at most, until two readings agree.
const READINGS: usize = 4;

/// Why there is no evidence.
#[derive(Debug, thiserror::Error)]
pub enum InspectError {
    /// Every further look-up would fail as well.
    #[error("what the plan rests on can't be looked up: there is no plan, and nothing was deleted")]
    Unauthorized(#[source] gitlab::Error),
    /// It was told to stop.
    #[error("stopped while looking up what the plan rests on: there is no plan, and nothing was deleted")]
    Stopped,
}

/// Answers what a plan asks for, in all rounds. A look-up that fails is evidence too: what it was for is kept.
///
/// # Errors
///
/// A token that GitLab no longer takes, or a stop.
pub async fn inspect(
    reader: &Reader,
    inquiry: &Inquiry<'_>,
    observer: &dyn Observer,
    stop: &CancellationToken,
) -> Result<Evidence, InspectError> {
    let mut evidence = Evidence::none();
    evidence.recall_branches(inquiry.branches, inquiry.in_force.now());
    Inspection::new(reader, observer, stop).answer_all(inquiry, evidence).await
}

/// The question of one look-up.
#[derive(Debug, Clone)]
enum Question {
    Releases(ProjectId),
    ProtectionRules(ProjectId),
    Files(ProjectId, PackageId),
    Pipelines(ProjectId, PackageId),
    Pipeline(PipelineId),
    Branches(BranchStep),
    Downloads(ProjectId, PackageId),
}

/// The answer of one look-up, or why there is none.
enum Reply {
    Releases(ProjectId, Result<Vec<String>, String>),
    ProtectionRules(ProjectId, Result<Vec<ProtectionRule>, String>),
    Files(PackageId, Result<Vec<PackageFile>, String>),
    Pipelines(PackageId, Result<Option<Pipeline>, String>),
    Pipeline(PipelineId, Result<Option<RefKind>, String>),
    BranchList(ProjectId, Result<Option<BranchList>, String>),
    ProtectedBranches(ProjectId, Result<Option<Vec<String>>, String>),
    Branch(ProjectId, String, Result<Option<bool>, String>),
    Downloads(PackageId, Result<Downloaded, String>),
}

/// Everything that the look-ups share.
pub(super) struct Inspection<'a> {
    reader: &'a Reader,
    breaker: Breaker,
    silence: Silence,
    observer: &'a dyn Observer,
    stop: &'a CancellationToken,
}

impl<'a> Inspection<'a> {
    pub(super) fn new(reader: &'a Reader, observer: &'a dyn Observer, stop: &'a CancellationToken) -> Self {
        Self { reader, breaker: Breaker::default(), silence: Silence::default(), observer, stop }
    }

    /// Asks the questions about releases, protection rules and branches alone, and adds the answers to the evidence.
    pub(super) async fn holds(&self, questions: &Questions, mut evidence: Evidence) -> Result<Evidence, InspectError> {
        self.ask(questions.releases.iter().copied().map(Question::Releases).collect(), &mut evidence).await?;
        self.ask(questions.protection.iter().copied().map(Question::ProtectionRules).collect(), &mut evidence).await?;
        self.ask_branches(questions, &mut evidence).await?;
        Ok(evidence)
    }

    /// Answers what a plan asks for, in all rounds. What the evidence has of holds is not asked for again.
    pub(super) async fn answer_all(
        &self,
        inquiry: &Inquiry<'_>,
        mut evidence: Evidence,
    ) -> Result<Evidence, InspectError> {
        evidence = self.answer(inquiry, &inquiry.first(), evidence).await?;
        for _ in 0..Inquiry::FURTHER {
            let questions = inquiry.further(&evidence);
            if questions.is_empty() {
                break;
            }
            evidence = self.answer(inquiry, &questions, evidence).await?;
        }
        let questions = inquiry.second(&evidence);
        if !questions.is_empty() {
            evidence = self.answer(inquiry, &questions, evidence).await?;
        }
        Ok(evidence)
    }

    /// Asks for the files that only releases which were read since make it necessary to know.
    pub(super) async fn answer_linked(
        &self,
        inquiry: &Inquiry<'_>,
        mut evidence: Evidence,
    ) -> Result<Evidence, InspectError> {
        let questions = inquiry.first();
        let linked: BTreeSet<PackageId> =
            questions.linked(&evidence).filter(|package| evidence.files(*package).is_none()).collect();
        self.ask(of_packages(inquiry, &linked, Question::Files), &mut evidence).await?;
        Ok(evidence.without(inquiry.gone))
    }

    /// Answers one round of questions, beside what is known already.
    async fn answer(
        &self,
        inquiry: &Inquiry<'_>,
        questions: &Questions,
        mut evidence: Evidence,
    ) -> Result<Evidence, InspectError> {
        let releases = questions.releases.iter().copied().filter(|project| !evidence.has_releases(*project));
        self.ask(releases.map(Question::Releases).collect(), &mut evidence).await?;
        let protection = questions.protection.iter().copied().filter(|project| !evidence.has_protection(*project));
        self.ask(protection.map(Question::ProtectionRules).collect(), &mut evidence).await?;
        // Only the releases tell whose files have to be known.
        let files = questions.files.iter().copied().chain(questions.linked(&evidence)).collect();
        self.ask(of_packages(inquiry, &files, Question::Files), &mut evidence).await?;
        self.ask(of_packages(inquiry, &questions.pipelines, Question::Pipelines), &mut evidence).await?;
        self.ask(questions.refs().into_iter().map(Question::Pipeline).collect(), &mut evidence).await?;
        self.ask_branches(questions, &mut evidence).await?;
        let mut downloads = of_packages(inquiry, &questions.downloads, Question::Downloads);
        while !downloads.is_empty() && !self.silence.is_certain() {
            let worth_asking = self.silence.worth_asking().min(downloads.len());
            self.ask(downloads.drain(..worth_asking).collect(), &mut evidence).await?;
        }
        for question in downloads {
            if let Question::Downloads(_, package) = question {
                evidence.record_downloaded(package, Lookup::Found(Downloaded::Unknown));
            }
        }
        Ok(evidence.without(inquiry.gone))
    }

    /// Asks about branches, step by step: each project's list once, and more only of what a list lacks.
    async fn ask_branches(&self, questions: &Questions, evidence: &mut Evidence) -> Result<(), InspectError> {
        let projects: BTreeSet<ProjectId> = questions.branch_lists.iter().map(|(project, _)| *project).collect();
        let mut steps: BTreeSet<BranchStep> = projects.into_iter().map(BranchStep::List).collect();
        loop {
            let of_branches = questions.branches.iter();
            steps.extend(of_branches.flat_map(|(project, branch, _)| evidence.branch_steps(*project, branch)));
            if steps.is_empty() {
                return Ok(());
            }
            self.ask(steps.into_iter().map(Question::Branches).collect(), evidence).await?;
            steps = BTreeSet::new();
        }
    }

    /// Asks the questions side by side, and records the answers.
    async fn ask(&self, questions: Vec<Question>, evidence: &mut Evidence) -> Result<(), InspectError> {
        self.observer.on(&Event::EvidenceAsked { lookups: questions.len() });
        let mut lookups = stream::iter(questions).map(|question| self.look_up(question)).buffer_unordered(CONCURRENT);
        loop {
            let answer = tokio::select! {
                biased;
                () = self.stop.cancelled() => return Err(InspectError::Stopped),
                answer = lookups.next() => answer,
            };
            let Some(answer) = answer else {
                return Ok(());
            };
            let (of, problem) = record(answer?, evidence);
            self.observer.on(&Event::EvidenceRead { of, problem });
        }
    }

    /// Asks one question. An error ends the cycle.
    async fn look_up(&self, question: Question) -> Result<Reply, InspectError> {
        Ok(match question {
            Question::Releases(project) => {
                Reply::Releases(project, self.settled(|| self.reader.release_links(project)).await?)
            }
            Question::ProtectionRules(project) => {
                Reply::ProtectionRules(project, self.settled(|| self.reader.protection_rules(project)).await?)
            }
            Question::Files(project, package) => {
                Reply::Files(package, self.settled(|| self.reader.package_files(project, package)).await?)
            }
            Question::Pipelines(project, package) => {
                Reply::Pipelines(package, self.once(self.reader.built_from(project, package)).await?)
            }
            Question::Pipeline(pipeline) => Reply::Pipeline(pipeline, self.once(self.reader.ref_kind(pipeline)).await?),
            Question::Branches(BranchStep::List(project)) => {
                Reply::BranchList(project, self.once(self.reader.branches(project)).await?)
            }
            Question::Branches(BranchStep::Protected(project)) => {
                let read = || self.reader.protected_branches(project);
                Reply::ProtectedBranches(project, self.settled_if_shown(read).await?)
            }
            Question::Branches(BranchStep::Alone(project, name)) => {
                let is_there = self.once(self.reader.branch_exists(project, &name)).await?;
                Reply::Branch(project, name, is_there)
            }
            Question::Downloads(project, package) => {
                Reply::Downloads(package, self.last_download(project, package).await?)
            }
        })
    }

    /// Asks for the last download of a package. Once GitLab is known to tell none, nothing is asked any more, and the
    /// answer is that of a package that was asked for in vain.
    async fn last_download(
        &self,
        project: ProjectId,
        package: PackageId,
    ) -> Result<Result<Downloaded, String>, InspectError> {
        if self.silence.is_certain() {
            return Ok(Ok(Downloaded::Unknown));
        }
        let answer = self.once(self.reader.downloaded(project, package)).await?;
        if let Ok(downloaded) = answer {
            self.silence.note(downloaded);
        }
        Ok(answer)
    }

    /// Reads a listing until two readings agree. Pages shift while they are read, so one reading of several pages may
    /// have missed a row.
    async fn settled<T, F>(&self, read: impl Fn() -> F) -> Result<Result<Vec<T>, String>, InspectError>
    where
        T: Ord,
        F: Future<Output = Result<ListingReading<T>, gitlab::Error>>,
    {
        let settled = self.settled_if_shown(|| {
            let reading = read();
            async { reading.await.map(Some) }
        });
        Ok(settled.await?.map(Option::unwrap_or_default))
    }

    /// Reads a listing in the same way; `None` where the token may not see it.
    async fn settled_if_shown<T, F>(&self, read: impl Fn() -> F) -> Result<Result<Option<Vec<T>>, String>, InspectError>
    where
        T: Ord,
        F: Future<Output = Result<Option<ListingReading<T>>, gitlab::Error>>,
    {
        let mut before: Option<BTreeSet<T>> = None;
        for _ in 0..READINGS {
            let reading = match self.once(read()).await? {
                Ok(Some(reading)) => reading,
                Ok(None) => return Ok(Ok(None)),
                Err(problem) => return Ok(Err(problem)),
            };
            let rows: BTreeSet<T> = reading.rows.into_iter().collect();
            if reading.pages <= 1 || before.as_ref() == Some(&rows) {
                return Ok(Ok(Some(rows.into_iter().collect())));
            }
            before = Some(rows);
        }
        Ok(Err("they change while they are listed".to_owned()))
    }

    /// Sends one request, unless GitLab no longer answers. The inner error says why there is no answer.
    async fn once<T>(
        &self,
        request: impl Future<Output = Result<T, gitlab::Error>>,
    ) -> Result<Result<T, String>, InspectError> {
        if self.breaker.is_open() {
            return Ok(Err("GitLab no longer answers".to_owned()));
        }
        let answer = request.await;
        self.breaker.note(&answer);
        match answer {
            Ok(answer) => Ok(Ok(answer)),
            Err(error @ gitlab::Error::Unauthorized { .. }) => Err(InspectError::Unauthorized(error)),
            Err(error) => Ok(Err(error.to_string())),
        }
    }
}

/// Asks of each of these packages, as far as the inventory has it.
fn of_packages(
    inquiry: &Inquiry<'_>,
    ids: &BTreeSet<PackageId>,
    ask: fn(ProjectId, PackageId) -> Question,
) -> Vec<Question> {
    let packages = inquiry.inventory.packages();
    let question = |id: &PackageId| {
        let found = packages.binary_search_by_key(id, |package| package.id).ok()?;
        Some(ask(packages[found].project.id, *id))
    };
    ids.iter().filter_map(question).collect()
}

/// Adds an answer to the evidence, and returns what was looked up, and the problem if it failed.
fn record(answer: Reply, evidence: &mut Evidence) -> (Sought, Option<String>) {
    match answer {
        Reply::Releases(project, answer) => {
            (Sought::Releases(project), noted(answer, |lookup| evidence.record_releases(project, lookup)))
        }
        Reply::ProtectionRules(project, answer) => {
            (Sought::ProtectionRules(project), noted(answer, |lookup| evidence.record_protection(project, lookup)))
        }
        Reply::Files(package, answer) => {
            (Sought::Files(package), noted(answer, |lookup| evidence.record_files(package, lookup)))
        }
        Reply::Pipelines(package, answer) => {
            (Sought::Pipelines(package), noted(answer, |lookup| evidence.record_pipeline(package, lookup)))
        }
        Reply::Pipeline(pipeline, answer) => {
            (Sought::Pipeline(pipeline), noted(answer, |lookup| evidence.record_kind(pipeline, lookup)))
        }
        Reply::BranchList(project, answer) => {
            (Sought::Branches(project), noted(answer, |lookup| evidence.record_branches(project, lookup)))
        }
        Reply::ProtectedBranches(project, answer) => {
            let record = |lookup| evidence.record_protected_branches(project, lookup);
            (Sought::ProtectedBranches(project), noted(answer, record))
        }
        Reply::Branch(project, name, answer) => {
            (Sought::Branch(project), noted(answer, |lookup| evidence.record_branch(project, name, lookup)))
        }
        Reply::Downloads(package, answer) => {
            (Sought::Downloads(package), noted(answer, |lookup| evidence.record_downloaded(package, lookup)))
        }
    }
}

/// Records an answer, and returns the problem if it is none.
fn noted<T>(answer: Result<T, String>, record: impl FnOnce(Lookup<T>)) -> Option<String> {
    match answer {
        Ok(found) => {
            record(Lookup::Found(found));
            None
        }
        Err(problem) => {
            record(Lookup::Failed);
            Some(problem)
        }
    }
}
