//! What carries gleaner's requests to the sandbox in the same process. People act and answers lie here, each request is
//! noted with its instants, and so is every state that GitLab was in.

use std::future::pending;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::body::Bytes;
use axum::http::{HeaderValue, Request, Response, StatusCode, header};
use futures_util::future::BoxFuture;
use gitlab_sandbox::{BrokenOff, Options, Sandbox};
use gleaner::gitlab::{Fault, Incoming, Method, Outgoing, Transport};
use gleaner::policy::PolicySet;
use gleaner::report::PolicyReport;
use jiff::Timestamp;
use tokio::sync::Notify;
use tokio::time::sleep;

use crate::case::{Case, Pace};
use crate::dice::Dice;
use crate::lies::{self, Lie};
use crate::notes::{Exchange, Home, Notes, State, Target};
use crate::outages::{self, Kill, Machine, Outage};
use crate::people::{Deed, Person, Scene, When};
use crate::process::Process;
use crate::record::written;
use crate::run::{CycleTold, Purpose};
use crate::shelf::Shelf;
use crate::time::{Time, seconds};
use crate::truth::should_go;

/// A process's end of the wire, cheap to clone. Whatever a process does passes here.
#[derive(Clone)]
pub struct Wire {
    ends: Arc<Ends>,
    process: Arc<Process>,
}

struct Ends {
    sandbox: Sandbox,
    options: Options,
    time: Time,
    pace: Pace,
    dice: Mutex<Dice>,
    notes: Mutex<Notes>,
    /// The folder of this GitLab's journal on the first machine, and on the other one.
    journals: [PathBuf; 2],
    /// Somebody begins a second run.
    begins: Notify,
}

impl Wire {
    /// Begins between gleaner and a sandbox, for what a case is made of beside its registry.
    #[must_use]
    pub fn new(
        sandbox: Sandbox,
        options: Options,
        time: Time,
        case: &Case,
        (mut shelf, journals): (Shelf, [PathBuf; 2]),
    ) -> Self {
        let states = vec![State { since: time.now(), registry: sandbox.snapshot(), set: shelf.read() }];
        let notes = Mutex::new(Notes { states, shelf, people: case.people.clone(), ..Notes::default() });
        let dice = Mutex::new(Dice::of(case.seed, "wire"));
        let begins = Notify::new();
        let ends = Arc::new(Ends { sandbox, options, time, pace: case.pace, dice, notes, journals, begins });
        Self { ends, process: Arc::new(Process::of(0, Machine::First)) }
    }

    /// Returns the end of a new process.
    #[must_use]
    pub fn of_process(&self, run: usize, machine: Machine) -> Self {
        Self { ends: self.ends.clone(), process: Arc::new(Process::of(run, machine)) }
    }

    /// Returns the notes.
    pub fn notes(&self) -> MutexGuard<'_, Notes> {
        self.ends.notes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes that a cycle of the process begins.
    pub fn begin(&self, cycle: CycleTold) {
        *self.process.cycle() = Some(self.notes().begin(cycle));
    }

    /// Notes what its plan deletes, so that people may meet that. `walk` has the requests that led to it.
    pub fn approve(&self, plan: &PolicyReport, walk: Option<Range<usize>>) {
        let cycle = *self.process.cycle();
        self.notes().approve(cycle, plan, walk);
    }

    /// Notes how the cycle of the process ended, with the instant of its plan.
    pub fn end(&self, report: PolicyReport, as_of: Timestamp, purpose: Purpose) {
        let cycle = self.process.cycle().take();
        self.notes().end(cycle, report, (as_of, purpose), self.ends.time.now());
    }

    /// Waits until the process is killed.
    pub async fn killed(&self) -> Kill {
        self.process.killed().await
    }

    /// Waits until somebody begins a second run, and returns on which machine.
    pub async fn second(&self) -> Machine {
        loop {
            if let Some(machine) = self.notes().second.take() {
                return machine;
            }
            self.ends.begins.notified().await;
        }
    }

    /// Returns the folder of the journal of a machine.
    #[must_use]
    pub fn journal(&self, machine: Machine) -> &Path {
        &self.ends.journals[usize::from(machine == Machine::Other)]
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
        notes.second = None;
        outages::clear();
        if notes.shelf.mend() {
            self.read(&mut notes);
        }
        let Some(State { registry, set: Some(set), .. }) = notes.states.last() else { return };
        let now = self.ends.time.now();
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

    fn act(&self, notes: &mut Notes, is_due: impl Fn(When) -> bool) {
        let (due, rest) = notes.people.iter().copied().partition(|person: &Person| is_due(person.when));
        notes.people = rest;
        let due: Vec<Person> = due;
        for person in due {
            let now = self.ends.time.now();
            let Some(state) = notes.states.last() else { return };
            let Notes { doomed, should_go, shelf, .. } = &*notes;
            let scene = Scene { registry: &state.registry, doomed, should_go, files: shelf.files(), now };
            match person.decide(scene) {
                Some(Deed::Lie(lie, words)) => {
                    notes.lies.push(lie);
                    notes.deeds.push((now, words));
                }
                Some(Deed::Strikes(outage, words)) => {
                    notes.deeds.push((now, words));
                    self.strike(notes, outage);
                }
                Some(Deed::Acts(acts, words)) => {
                    // What can't be done any more changes nothing, and isn't told.
                    let done = acts.into_iter().filter(|act| self.ends.sandbox.act(act.clone()).is_ok()).count();
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

    /// Meets the machine.
    fn strike(&self, notes: &mut Notes, outage: Outage) {
        match outage {
            Outage::Kill(kill) => {
                let process = self.process.clone();
                tokio::spawn(async move {
                    sleep(Duration::from_millis(kill.after)).await;
                    process.kill(kill);
                });
            }
            Outage::FullDisk { room, seconds } => {
                outages::fill(self.journal(Machine::First), room);
                tokio::spawn(async move {
                    sleep(Duration::from_secs(seconds)).await;
                    outages::clear();
                });
            }
            Outage::Second(machine) => {
                notes.second = Some(machine);
                self.ends.begins.notify_one();
            }
        }
    }

    /// Notes the state that GitLab is in now.
    fn look(&self, notes: &mut Notes) {
        let set = notes.states.last().and_then(|state| state.set.clone());
        notes.states.push(State { since: self.ends.time.now(), registry: self.ends.sandbox.snapshot(), set });
    }

    /// Notes the state after somebody wrote a policy file.
    fn read(&self, notes: &mut Notes) {
        let set = notes.shelf.read();
        notes.states.push(State { since: self.ends.time.now(), registry: self.ends.sandbox.snapshot(), set });
    }

    fn way(&self) -> Duration {
        let Pace { least, most } = self.ends.pace;
        Duration::from_millis(self.dice().number(least, most))
    }

    fn dice(&self) -> MutexGuard<'_, Dice> {
        self.ends.dice.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_dead(&self) -> bool {
        self.process.is_dead()
    }

    /// Notes that a request leaves.
    fn leave(&self, outgoing: &Outgoing) -> usize {
        let deletes = (outgoing.method == Method::Delete).then(|| Target::of(outgoing.url.path())).flatten();
        let query = outgoing.url.query().map(|query| format!("?{query}")).unwrap_or_default();
        let Process { run, machine, .. } = *self.process;
        let recorded = if deletes.is_some() { written(self.journal(machine)) } else { 0 };
        let mut notes = self.notes();
        match deletes {
            Some(Target { package, file: None }) => _ = notes.doomed.packages.remove(&package),
            Some(Target { package, file: Some(file) }) => _ = notes.doomed.files.remove(&(package, file)),
            None => {}
        }
        let cycle = *self.process.cycle();
        notes.exchanges.push(Exchange {
            cycle,
            run,
            machine,
            deletes,
            method: outgoing.method.as_str(),
            path: format!("{}{query}", outgoing.url.path()),
            sent: self.ends.time.now(),
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
        let answer = self.ends.sandbox.answer(request).await;
        let mut notes = self.notes();
        let is_done = answer.as_ref().is_ok_and(|answer| answer.status() == StatusCode::NO_CONTENT);
        if notes.exchanges[number].deletes.is_some() && is_done {
            notes.exchanges[number].done = Some(self.ends.time.now());
            self.look(&mut notes);
            notes.exchanges[number].led_to = notes.states.len() - 1;
        }
        answer
    }

    /// Answers as of some seconds ago.
    async fn serve_from_replica(&self, lag: u64, request: Request<Bytes>) -> Result<Response<Bytes>, BrokenOff> {
        let then = self.ends.time.now() - seconds(lag);
        let registry = {
            let notes = self.notes();
            let before = notes.states.iter().rev().find(|state| state.since <= then).or(notes.states.first());
            before.map(|state| (*state.registry).clone()).unwrap_or_default()
        };
        match Sandbox::open(registry, &self.ends.options) {
            Ok(replica) => replica.answer(request).await,
            Err(_) => Err(BrokenOff::HungUp),
        }
    }

    /// Brings a request to GitLab, and returns the answer.
    async fn travel(self, number: usize, request: Request<Bytes>) -> Result<Response<Bytes>, BrokenOff> {
        sleep(self.way()).await;
        let answer = self.answer(number, request).await;
        self.notes().exchanges[number].served = Some(self.ends.time.now());
        answer
    }

    async fn answer(&self, number: usize, request: Request<Bytes>) -> Result<Response<Bytes>, BrokenOff> {
        match self.arrive(number) {
            // What a process sent that was killed meanwhile may be lost, or come seconds later.
            None if self.is_dead() => {
                let delay = self.dice().one(&[None, None, Some(0), Some(1), Some(10), Some(50)]);
                sleep(Duration::from_secs(delay.ok_or(BrokenOff::HungUp)?)).await;
                self.serve(number, request).await
            }
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
        let date = self.ends.time.now().strftime("%a, %d %b %Y %H:%M:%S GMT").to_string();
        if let Ok(date) = HeaderValue::try_from(date) {
            answer.headers_mut().insert(header::DATE, date);
        }
        answer
    }
}

impl Transport for Wire {
    fn carry(&self, outgoing: Outgoing) -> BoxFuture<'_, Result<Incoming, Fault>> {
        Box::pin(async move {
            if self.is_dead() {
                return pending().await;
            }
            let number = self.leave(&outgoing);
            let Outgoing { method, url, headers, .. } = outgoing;
            let path = url.query().map_or_else(|| url.path().to_owned(), |query| format!("{}?{query}", url.path()));
            let request = Request::builder().method(method.as_str()).uri(path).body(Bytes::new());
            let mut request = request.map_err(|error| Fault::Closed(error.into()))?;
            *request.headers_mut() = headers;
            // What left goes on by itself, whatever becomes of the process.
            let answer = tokio::spawn(self.clone().travel(number, request)).await;
            let answer = answer.unwrap_or(Err(BrokenOff::HungUp));
            sleep(self.way()).await;
            if self.is_dead() {
                return pending().await;
            }
            let answer = match answer {
                Ok(answer) => answer,
                Err(error @ BrokenOff::HungUp) => return Err(Fault::Closed(error.into())),
                Err(error @ BrokenOff::CutOff) => return Err(Fault::CutOff(error.into())),
            };
            let (parts, body) = answer.into_parts();
            let mut notes = self.notes();
            notes.exchanges[number].heard = Some(self.ends.time.now());
            notes.exchanges[number].status = Some(parts.status.as_u16());
            notes.exchanges[number].body = body.clone();
            Ok(Incoming { status: parts.status, headers: parts.headers, body: body.into() })
        })
    }
}
