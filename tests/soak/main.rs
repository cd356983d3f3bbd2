//! A day of a daemon against a GitLab that fails a third of the time: memory stays flat, nobody starves, and every
//! failure is in the metrics. It has an executable of its own, because the memory that it looks at is the process's.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "in a test, a panic is the report, and figures are told")]

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};

use gleaner::cycle::clock::Clock;
use gleaner::cycle::progress::Event;
use gleaner::gitlab::Connection;
use gleaner::gitlab::{RequestCounts, Traffic};
use gleaner::record::reports::ReportStore;
use gleaner::record::state::StateStore;
use gleaner::report::CycleStatus;
use gleaner::serve::agenda::Jitter;
use gleaner::serve::metrics::Metrics;
use gleaner::serve::notice::{Authority, Listener, Listeners, Notice};
use gleaner::serve::{Daemon, DaemonParts, OnStart, Options, PolicyFiles, Rehearsal, Signals};
use gleaner_support::options;
use jiff::{SignedDuration, Timestamp};
use tokio_util::sync::CancellationToken;

const CYCLES: usize = 500;

/// From here on the memory must not grow.
const WARM: usize = 50;

/// So much later is it after each cycle. Five of them are the quarter of an hour after which all policies are due again.
const STEP: SignedDuration = SignedDuration::from_mins(3);

const TYPES: [&str; 5] = ["maven", "npm", "pypi", "generic", "nuget"];

/// A page that the token may not see fails a walk at once; a GitLab that is overloaded or restarts is asked again.
const FAULTS: &str = r#"{"seed": 5, "rules": [
    {"kind": "group_packages", "page": 1, "when": {"probability": 0.3333}, "fault": {"status": {"code": 403}}},
    {"when": {"probability": 0.02}, "fault": {"status": {"code": 502}}},
    {"kind": "package_files", "when": {"probability": 0.05}, "fault": {"status": {"code": 403}}},
    {"kind": "delete_package", "when": {"probability": 0.3333}, "fault": {"status": {"code": 403}}}
]}"#;

/// The sandbox in a process of its own, so that its memory is not measured. It doesn't tell the time, which passes
/// faster here.
struct Gitlab(Child);

impl Drop for Gitlab {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Gitlab {
    /// With its URL, its token and its largest group.
    fn start(faults: &Path) -> (Self, String, String, String) {
        let mut child = Command::new(env!("CARGO_BIN_EXE_gleaner"))
            .args(["sandbox", "--packages", "2000", "--seed", "3", "--no-date", "--faults"])
            .arg(faults)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let told: serde_json::Value = serde_json::from_str(&line).unwrap();
        let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
        (Self(child), text(&told["url"]), text(&told["token"]), text(&told["groups"][0]))
    }
}

/// Moves the clock on with every cycle, and stops the daemon after the last.
struct Day {
    now: Mutex<Timestamp>,
    cycles: Mutex<Vec<(String, CycleStatus)>>,
    /// What the metrics have to come to, by the metric's name and a label.
    counted: Mutex<BTreeMap<(&'static str, String), u64>>,
    /// The resident memory after each cycle, in kilobytes.
    memory: Mutex<Vec<u64>>,
    stop: CancellationToken,
}

impl Listener for Day {
    fn on(&self, notice: &Notice<'_>) {
        match notice {
            Notice::During { event, .. } => {
                if let Some(counted) = counted(event) {
                    *self.counted.lock().unwrap().entry(counted).or_default() += 1;
                }
            }
            Notice::CycleEnded { report, .. } => {
                let mut cycles = self.cycles.lock().unwrap();
                cycles.push((report.policy.clone(), report.status));
                self.memory.lock().unwrap().push(resident());
                let mut now = self.now.lock().unwrap();
                *now = now.checked_add(STEP).unwrap();
                if cycles.len() == CYCLES {
                    self.stop.cancel();
                }
            }
            _ => {}
        }
    }
}

/// The metric that an event counts in, and the label that it counts under.
fn counted(event: &Event) -> Option<(&'static str, String)> {
    match event {
        Event::Deleted { ending, .. } => {
            Some(("gleaner_deletions_total", format!("outcome=\"{}\"", ending.outcome.code())))
        }
        Event::Traffic(Traffic::Requested { status, .. }) => {
            let class = status.map_or("none".to_owned(), |status| format!("{}xx", status / 100));
            Some(("gleaner_requests_total", format!("code=\"{class}\"")))
        }
        Event::Traffic(Traffic::Retrying { method, .. }) => {
            Some(("gleaner_retries_total", format!("method=\"{method}\"")))
        }
        Event::EvidenceRead { problem, .. } => {
            let result = if problem.is_some() { "failure" } else { "success" };
            Some(("gleaner_evidence_requests_total", format!("result=\"{result}\"")))
        }
        _ => None,
    }
}

/// What this process holds in memory, in kilobytes.
fn resident() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

#[expect(clippy::disallowed_methods, reason = "the sandbox dates its packages by the present")]
fn present() -> Timestamp {
    Timestamp::now()
}

/// The sum of the samples of a metric whose labels contain this text.
fn sum(metrics: &str, name: &str, label: &str) -> u64 {
    let samples = metrics.lines().filter(|line| line.starts_with(&format!("{name}{{")) && line.contains(label));
    samples.map(|line| line.rsplit(' ').next().unwrap().parse::<f64>().unwrap() as u64).sum()
}

/// One policy for each type, each due every quarter of an hour.
fn write_policies(folder: &Path, group: &str) {
    fs::create_dir(folder).unwrap();
    for package_type in TYPES {
        let text = format!(
            "version: 1\nschedule: \"*/15 * * * *\"\nmode: delete\nscope: {{ group: {group}, types: {package_type} }}\n\
             delete: [{{ older_than: 30d }}]\nkeep: [{{ newest: 5 }}]\n\
             limits: {{ max_percent: 100, max_percent_per_project: 100 }}\n"
        );
        fs::write(folder.join(format!("{package_type}.yaml")), text).unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_day_of_a_gitlab_that_fails_a_third_of_the_time() {
    let folder = tempfile::tempdir().unwrap();
    let faults = folder.path().join("faults.json");
    fs::write(&faults, FAULTS).unwrap();
    let (_gitlab, url, token, group) = Gitlab::start(&faults);
    let policies = folder.path().join("policies");
    write_policies(&policies, &group);
    // At a full hour, so that all days are alike.
    let started = present().round(jiff::Unit::Hour).unwrap();
    let day = Arc::new(Day {
        now: Mutex::new(started),
        cycles: Mutex::default(),
        counted: Mutex::default(),
        memory: Mutex::default(),
        stop: CancellationToken::new(),
    });
    let metrics = Arc::new(Metrics::new(Authority::Execute).unwrap());
    let mut options = options(&url, &token);
    // A day passes in a minute here.
    options.singles_a_minute = usize::MAX;
    let connection = Connection::open(options, Arc::new(RequestCounts::default())).unwrap();
    let clock = {
        let day = day.clone();
        Clock::new(move || *day.now.lock().unwrap())
    };
    let mut files = PolicyFiles::new(vec![policies]);
    let set = files.read().unwrap();
    let parts = DaemonParts {
        state: StateStore::open(&folder.path().join("state"), "gleaner", &url).unwrap().0,
        connection,
        clock,
        listeners: Listeners::new(vec![day.clone(), metrics.clone()]),
        journal: None,
        reports: Arc::new(ReportStore::nowhere("nobody looks at them")),
        files,
        address: None,
    };
    let options = Options {
        authority: Authority::Execute,
        rehearsal: Rehearsal::Required,
        on_start: OnStart::Wait,
        jitter: Jitter::none(),
        concurrent: 1,
    };
    let signals = Signals { stop: day.stop.clone(), ..Signals::default() };
    Daemon::new(options, signals, parts).run(set).await;

    assert!(day.now.lock().unwrap().duration_since(started) >= SignedDuration::from_hours(24));
    nobody_starved_and_all_is_told(&day, &metrics.render().unwrap());
    memory_stayed_flat(&day.memory.lock().unwrap());
}

fn nobody_starved_and_all_is_told(day: &Day, rendered: &str) {
    let cycles = day.cycles.lock().unwrap();
    assert_eq!(cycles.len(), CYCLES);
    let turns = TYPES.map(|name| cycles.iter().filter(|(policy, _)| policy == name).count());
    println!("turns: {turns:?}");
    assert_eq!(turns, [CYCLES / TYPES.len(); 5]);
    for status in CycleStatus::ALL {
        let seen = cycles.iter().filter(|(_, ended)| *ended == status).count() as u64;
        println!("{}: {seen} cycles", status.code());
        assert_eq!(sum(rendered, "gleaner_cycles_total", &format!("status=\"{}\"", status.code())), seen);
    }
    let failed = cycles.iter().filter(|(_, status)| *status == CycleStatus::Failed).count();
    assert!((CYCLES / 4..CYCLES / 2).contains(&failed), "{failed} cycles failed");
    for ((name, label), seen) in &*day.counted.lock().unwrap() {
        println!("{name}{{{label}}} {seen}");
        assert_eq!(sum(rendered, name, label), *seen, "{name} {label}");
    }
}

fn memory_stayed_flat(memory: &[u64]) {
    let (warm, most) = (memory[WARM], memory[WARM..].iter().max().unwrap());
    println!(
        "memory: {warm} kB after {WARM} cycles, at most {most} kB later, {} kB at the end",
        memory.last().unwrap()
    );
    assert!(*most <= warm + warm / 10, "memory grew from {warm} kB to {most} kB: {memory:?}");
}
