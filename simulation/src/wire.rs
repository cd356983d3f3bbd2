//! What carries gleaner's requests to the sandbox in the same process. People act and answers lie here, each request is
//! noted with its instants, and so is every state that GitLab was in.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::body::Bytes;
use axum::http::{HeaderValue, Request, Response, StatusCode, header};
use futures_util::future::BoxFuture;
use gitlab_sandbox::{BrokenOff, Options, Registry, Sandbox};
use gleaner::gitlab::{Fault, Incoming, Method, Outgoing, Transport};
use gleaner::policy::PolicySet;
use jiff::Timestamp;
use tokio::time::sleep;

use crate::case::{Case, Pace};
use crate::dice::Dice;
use crate::lies::{self, Lie};
use crate::people::{Deed, Doomed, Person, Scene, When};
use crate::record::written;
use crate::shelf::Shelf;
use crate::time::{Time, seconds};
use crate::truth::should_go;

/// One request with everything that became of it.
#[derive(Debug, Clone)]
pub struct Exchange {
    /// The number of the cycle that sent it, from 0.
    pub cycle: usize,
    /// It deletes.
    pub deletes: Option<Target>,
    /// The method, such as `GET`.
    pub method: &'static str,
    /// Path and query.
    pub path: String,
    /// When it left.
    pub sent: Timestamp,
    /// How many bytes of the journal were on the disk then, if it deletes.
    pub recorded: u64,
    /// When GitLab answered it, or something in its place did; `None` where nobody has.
    pub served: Option<Timestamp>,
    /// When the answer came back; `None` where none has.
    pub heard: Option<Timestamp>,
    /// The status that came back.
    pub status: Option<u16>,
    /// The body that came back.
    pub body: Bytes,
    /// It failed, and the client said that it sends it once more.
    pub is_repeated: bool,
    /// The lie that it met.
    pub lie: Option<Lie>,
    /// When GitLab carried it out, if it deletes.
    pub done: Option<Timestamp>,
    /// The number of the state that it led to then.
    pub led_to: usize,
}

/// What a deletion is for: a package, or a file of one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Target {
    /// The package.
    pub package: u64,
    /// The file, where it isn't the package as a whole.
    pub file: Option<u64>,
}

/// A state that GitLab and the policy files were in, until the next one.
#[derive(Debug, Clone)]
pub struct State {
    /// Since when.
    pub since: Timestamp,
    /// Everything that GitLab had.
    pub registry: Arc<Registry>,
    /// The set that the policy files made; `None` where they made none.
    pub set: Option<Arc<PolicySet>>,
}

/// When nobody was left but people who don't touch what should go.
#[derive(Debug, Clone, Copy)]
pub struct Home {
    /// The number of the state then.
    pub state: usize,
    /// The instant.
    pub at: Timestamp,
}

/// Everything that is noted of a run.
#[derive(Debug, Default)]
pub struct Notes {
    /// The requests, in the order in which they left.
    pub exchanges: Vec<Exchange>,
    /// The states, the oldest first.
    pub states: Vec<State>,
    /// What people did, in words.
    pub deeds: Vec<(Timestamp, String)>,
    /// The number of the cycle that runs.
    pub cycle: usize,
    /// What the plan deletes that is under way.
    pub doomed: Doomed,
    /// The policy files.
    pub shelf: Shelf,
    /// The packages that should go, or lose files, when all went home who touch them. Only workers mind.
    pub should_go: BTreeSet<u64>,
    /// When all went home who touch what should go; `None` before.
    pub home: Option<Home>,
    people: Vec<Person>,
    lies: Vec<Lie>,
    questions: u64,
    deletions: u64,
}

/// The wire, cheap to clone. All clones are one.
#[derive(Clone)]
pub struct Wire(Arc<Ends>);

struct Ends {
    sandbox: Sandbox,
    options: Options,
    time: Time,
    pace: Pace,
    dice: Mutex<Dice>,
    notes: Mutex<Notes>,
    /// The folder of this GitLab's journal.
    journal: PathBuf,
}

impl Wire {
    /// Begins between gleaner and a sandbox, for what a case is made of beside its registry.
    #[must_use]
    pub fn new(
        sandbox: Sandbox,
        options: Options,
        time: Time,
        case: &Case,
        (mut shelf, journal): (Shelf, PathBuf),
    ) -> Self {
        let states = vec![State { since: time.now(), registry: sandbox.snapshot(), set: shelf.read() }];
        let notes = Mutex::new(Notes { states, shelf, people: case.people.clone(), ..Notes::default() });
        let dice = Mutex::new(Dice::of(case.seed, "wire"));
        Self(Arc::new(Ends { sandbox, options, time, pace: case.pace, dice, notes, journal }))
    }

    /// Returns the notes.
    pub fn notes(&self) -> MutexGuard<'_, Notes> {
        self.0.notes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets everybody act who does so while a question stands.
    pub fn ask(&self) {
        let mut notes = self.notes();
        notes.questions += 1;
        let asked = notes.questions;
        self.act(&mut notes, |when| when == When::Question(asked));
    }

    /// Sends everybody home but these workers, and ends every lie. Policy files that must not stay as they are get mended.
    pub fn quiet(&self, workers: &[Person]) {
        let mut notes = self.notes();
        let before = notes.exchanges.len() as u64;
        let from_now = |worker: &Person| match worker.when {
            When::Request(number) => Person { when: When::Request(number + before), ..*worker },
            _ => *worker,
        };
        notes.people = workers.iter().map(from_now).collect();
        notes.lies.clear();
        if notes.shelf.mend() {
            self.read(&mut notes);
        }
        let Some(State { registry, set: Some(set), .. }) = notes.states.last() else { return };
        let now = self.0.time.now();
        if !workers.is_empty() {
            notes.should_go = should_go(set, registry, now);
        }
        notes.home = Some(Home { state: notes.states.len() - 1, at: now });
    }

    /// Notes that the last request for this path is sent once more.
    pub fn repeat(&self, path: &str) {
        let mut notes = self.notes();
        let is_of_path = |one: &&mut Exchange| one.path.split('?').next() == Some(path);
        if let Some(last) = notes.exchanges.iter_mut().rfind(is_of_path) {
            last.is_repeated = true;
        }
    }

    /// Returns the set that a process reads now; `None` where the policy files make none.
    #[must_use]
    pub fn set(&self) -> Option<Arc<PolicySet>> {
        self.notes().shelf.read()
    }

    /// Returns what GitLab has now.
    #[must_use]
    pub fn now(&self) -> Arc<Registry> {
        let notes = self.notes();
        notes.states.last().map(|state| state.registry.clone()).unwrap_or_default()
    }

    fn act(&self, notes: &mut Notes, is_due: impl Fn(When) -> bool) {
        let (due, rest) = notes.people.iter().copied().partition(|person: &Person| is_due(person.when));
        notes.people = rest;
        let due: Vec<Person> = due;
        for person in due {
            let now = self.0.time.now();
            let Some(state) = notes.states.last() else { return };
            let Notes { doomed, should_go, shelf, .. } = &*notes;
            let scene = Scene { registry: &state.registry, doomed, should_go, files: shelf.files(), now };
            match person.decide(scene) {
                Some(Deed::Lie(lie, words)) => {
                    notes.lies.push(lie);
                    notes.deeds.push((now, words));
                }
                Some(Deed::Acts(acts, words)) => {
                    // What can't be done any more changes nothing, and isn't told.
                    let done = acts.into_iter().filter(|act| self.0.sandbox.act(act.clone()).is_ok()).count();
                    if done > 0 {
                        notes.deeds.push((now, words));
                        self.look(notes);
                    }
                }
                Some(Deed::Writes(edit)) if notes.shelf.write(&edit) => {
                    notes.deeds.push((now, format!("somebody {}", edit.words)));
                    self.read(notes);
                }
                Some(Deed::Writes(_)) | None => {}
            }
        }
    }

    /// Notes the state that GitLab is in now.
    fn look(&self, notes: &mut Notes) {
        let set = notes.states.last().and_then(|state| state.set.clone());
        notes.states.push(State { since: self.0.time.now(), registry: self.0.sandbox.snapshot(), set });
    }

    /// Notes the state after somebody wrote a policy file.
    fn read(&self, notes: &mut Notes) {
        let set = notes.shelf.read();
        notes.states.push(State { since: self.0.time.now(), registry: self.0.sandbox.snapshot(), set });
    }

    fn way(&self) -> Duration {
        let Pace { least, most } = self.0.pace;
        let mut dice = self.0.dice.lock().unwrap_or_else(PoisonError::into_inner);
        Duration::from_millis(dice.number(least, most))
    }

    /// Notes that a request leaves.
    fn leave(&self, outgoing: &Outgoing) -> usize {
        let deletes = (outgoing.method == Method::Delete).then(|| Target::of(outgoing.url.path())).flatten();
        let query = outgoing.url.query().map(|query| format!("?{query}")).unwrap_or_default();
        let recorded = if deletes.is_some() { written(&self.0.journal) } else { 0 };
        let mut notes = self.notes();
        match deletes {
            Some(Target { package, file: None }) => _ = notes.doomed.packages.remove(&package),
            Some(Target { package, file: Some(file) }) => _ = notes.doomed.files.remove(&(package, file)),
            None => {}
        }
        let cycle = notes.cycle;
        notes.exchanges.push(Exchange {
            cycle,
            deletes,
            method: outgoing.method.as_str(),
            path: format!("{}{query}", outgoing.url.path()),
            sent: self.0.time.now(),
            recorded,
            served: None,
            heard: None,
            status: None,
            body: Bytes::new(),
            is_repeated: false,
            lie: None,
            done: None,
            led_to: 0,
        });
        notes.exchanges.len() - 1
    }

    /// Lets people act before a request is answered, and returns the lie that it meets.
    fn arrive(&self, number: usize) -> Option<Lie> {
        let mut notes = self.notes();
        let is_deletion = notes.exchanges[number].method == "DELETE";
        notes.deletions += u64::from(is_deletion);
        let (request, deletion) = (number as u64 + 1, notes.deletions);
        self.act(&mut notes, |when| match when {
            When::Request(due) => request >= due,
            When::Deletion(due) => is_deletion && deletion >= due,
            When::Question(_) => false,
        });
        let path = notes.exchanges[number].path.clone();
        let at = notes.lies.iter().position(|lie| lie.meets(&path, is_deletion))?;
        let lie = notes.lies[at];
        match lie.used() {
            Some(rest) => notes.lies[at] = rest,
            None => _ = notes.lies.remove(at),
        }
        notes.exchanges[number].lie = Some(lie);
        Some(lie)
    }

    /// Brings a request to the sandbox, and notes what it does there.
    async fn serve(&self, number: usize, request: Request<Bytes>) -> Result<Response<Bytes>, BrokenOff> {
        let answer = self.0.sandbox.answer(request).await;
        let mut notes = self.notes();
        let is_done = answer.as_ref().is_ok_and(|answer| answer.status() == StatusCode::NO_CONTENT);
        if notes.exchanges[number].deletes.is_some() && is_done {
            notes.exchanges[number].done = Some(self.0.time.now());
            self.look(&mut notes);
            notes.exchanges[number].led_to = notes.states.len() - 1;
        }
        answer
    }

    /// Answers as of some seconds ago.
    async fn serve_from_replica(&self, lag: u64, request: Request<Bytes>) -> Result<Response<Bytes>, BrokenOff> {
        let then = self.0.time.now() - seconds(lag);
        let registry = {
            let notes = self.notes();
            let before = notes.states.iter().rev().find(|state| state.since <= then).or(notes.states.first());
            before.map(|state| (*state.registry).clone()).unwrap_or_default()
        };
        match Sandbox::open(registry, &self.0.options) {
            Ok(replica) => replica.answer(request).await,
            Err(_) => Err(BrokenOff::HungUp),
        }
    }

    async fn answer(&self, number: usize, request: Request<Bytes>) -> Result<Response<Bytes>, BrokenOff> {
        match self.arrive(number) {
            None => self.serve(number, request).await,
            Some(Lie::Gateway { body, .. }) => Ok(self.dated(body.answer())),
            Some(Lie::FalseDelete { .. }) => {
                let mut answer = Response::new(Bytes::new());
                *answer.status_mut() = StatusCode::NO_CONTENT;
                Ok(self.dated(answer))
            }
            Some(Lie::LostAnswer { .. }) => {
                self.serve(number, request).await?;
                Err(BrokenOff::HungUp)
            }
            Some(Lie::LateDeed { after }) => {
                let wire = self.clone();
                tokio::spawn(async move {
                    sleep(Duration::from_secs(after)).await;
                    wire.serve(number, request).await
                });
                Err(BrokenOff::HungUp)
            }
            Some(Lie::Replica { lag, .. }) => self.serve_from_replica(lag, request).await,
            Some(Lie::Trouble { status, wait, .. }) => {
                let status = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_GATEWAY);
                let mut answer = lies::answer(status, "text/plain", "Retry later\n");
                if let Some(wait) = wait {
                    answer.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(wait));
                }
                Ok(self.dated(answer))
            }
        }
    }

    /// Adds the date, which something in GitLab's place tells too.
    fn dated(&self, mut answer: Response<Bytes>) -> Response<Bytes> {
        let date = self.0.time.now().strftime("%a, %d %b %Y %H:%M:%S GMT").to_string();
        if let Ok(date) = HeaderValue::try_from(date) {
            answer.headers_mut().insert(header::DATE, date);
        }
        answer
    }
}

impl Transport for Wire {
    fn carry(&self, outgoing: Outgoing) -> BoxFuture<'_, Result<Incoming, Fault>> {
        Box::pin(async move {
            let number = self.leave(&outgoing);
            sleep(self.way()).await;
            let Outgoing { method, url, headers, .. } = outgoing;
            let path = url.query().map_or_else(|| url.path().to_owned(), |query| format!("{}?{query}", url.path()));
            let request = Request::builder().method(method.as_str()).uri(path).body(Bytes::new());
            let mut request = request.map_err(|error| Fault::Closed(error.into()))?;
            *request.headers_mut() = headers;
            let answer = self.answer(number, request).await;
            self.notes().exchanges[number].served = Some(self.0.time.now());
            sleep(self.way()).await;
            let answer = match answer {
                Ok(answer) => answer,
                Err(error @ BrokenOff::HungUp) => return Err(Fault::Closed(error.into())),
                Err(error @ BrokenOff::CutOff) => return Err(Fault::CutOff(error.into())),
            };
            let (parts, body) = answer.into_parts();
            let mut notes = self.notes();
            notes.exchanges[number].heard = Some(self.0.time.now());
            notes.exchanges[number].status = Some(parts.status.as_u16());
            notes.exchanges[number].body = body.clone();
            Ok(Incoming { status: parts.status, headers: parts.headers, body: body.into() })
        })
    }
}

impl Target {
    fn of(path: &str) -> Option<Self> {
        let parts: Vec<&str> = path.trim_start_matches("/api/v4/").split('/').collect();
        match parts.as_slice() {
            ["projects", _, "packages", package] => Some(Self { package: package.parse().ok()?, file: None }),
            ["projects", _, "packages", package, "package_files", file] => {
                Some(Self { package: package.parse().ok()?, file: Some(file.parse().ok()?) })
            }
            _ => None,
        }
    }
}
