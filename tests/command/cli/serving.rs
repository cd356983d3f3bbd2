//! `gleaner serve` while it runs: the lines of its log, its pages, its signals.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::cli::program::Program;

/// So long a test waits for what has to come; a machine under load is slow.
const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) struct Serving {
    child: Child,
    lines: Receiver<String>,
    seen: Vec<String>,
    reading: Option<JoinHandle<()>>,
    address: String,
}

/// What is left of it.
pub(crate) struct Ended {
    /// `None` where a signal ended it.
    pub(crate) code: Option<i32>,
    pub(crate) took: Duration,
    pub(crate) lines: Vec<String>,
}

pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: String,
}

impl Serving {
    /// Starts it on a free port, and waits until it listens.
    pub(crate) fn start(program: &Program, arguments: &[&str]) -> Self {
        let mut serving = Self::spawn(program, arguments);
        let line = serving.line("listening");
        line["address"].as_str().unwrap().clone_into(&mut serving.address);
        serving
    }

    fn spawn(program: &Program, arguments: &[&str]) -> Self {
        let arguments = [&["serve", "--listen", "127.0.0.1:0"], arguments].concat();
        let mut child = program.command(&arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let (sender, lines) = channel();
        let stderr = BufReader::new(child.stderr.take().unwrap());
        let reading = std::thread::spawn(move || {
            for line in stderr.lines() {
                // A test that has seen enough reads no more, but the program must be able to write.
                let _ = sender.send(line.unwrap());
            }
        });
        Self { child, lines, seen: Vec::new(), reading: Some(reading), address: String::new() }
    }

    /// Waits for the next line of an event.
    pub(crate) fn line(&mut self, event: &str) -> Value {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            let Ok(line) = self.lines.recv_timeout(left) else {
                panic!("no line of {event}, only {:#?}", self.seen);
            };
            self.seen.push(line.clone());
            let line: Value = serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line}"));
            if line["event"] == event {
                return line;
            }
        }
    }

    /// Waits for a line of an event, unless there was one before.
    pub(crate) fn once(&mut self, event: &str) {
        let is_one = |line: &String| serde_json::from_str::<Value>(line).is_ok_and(|line| line["event"] == event);
        if !self.seen.iter().any(is_one) {
            self.line(event);
        }
    }

    pub(crate) fn get(&self, path: &str) -> Answer {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        write!(stream, "GET {path} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n\r\n", self.address).unwrap();
        let mut text = String::new();
        stream.read_to_string(&mut text).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        Answer { status: head[9..12].parse().unwrap(), body: body.to_owned() }
    }

    /// Waits until a page says what it should.
    pub(crate) fn until(&self, path: &str, says: impl Fn(&Answer) -> bool) -> Answer {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let answer = self.get(path);
            if says(&answer) {
                return answer;
            }
            assert!(Instant::now() < deadline, "{path} is still {} {}", answer.status, answer.body);
            std::thread::yield_now();
        }
    }

    /// Waits until a metric has this value. Its labels belong to the name.
    pub(crate) fn until_metric(&self, name: &str, value: &str) -> String {
        let line = format!("\n{name} {value}\n");
        self.until("/metrics", |answer| answer.body.contains(&line)).body
    }

    pub(crate) fn signal(&self, signal: &str) {
        let id = self.child.id().to_string();
        assert!(std::process::Command::new("kill").args([signal, &id]).status().unwrap().success());
    }

    /// Asks it to end, and waits for that.
    pub(crate) fn terminate(self) -> Ended {
        self.signal("-TERM");
        self.end()
    }

    pub(crate) fn end(mut self) -> Ended {
        let asked = Instant::now();
        let status = loop {
            match self.child.try_wait().unwrap() {
                Some(status) => break status,
                None => assert!(asked.elapsed() < PATIENCE, "it does not end: {:#?}", self.seen),
            }
            std::thread::yield_now();
        };
        let took = asked.elapsed();
        self.reading.take().unwrap().join().unwrap();
        let mut lines = std::mem::take(&mut self.seen);
        lines.extend(self.lines.try_iter());
        let mut stdout = String::new();
        self.child.stdout.take().unwrap().read_to_string(&mut stdout).unwrap();
        assert_eq!(stdout, "", "a daemon has no data");
        for line in &lines {
            // The tokens of the sandbox's users all begin so.
            assert!(!line.contains("glpat-") && !line.contains("panicked"), "{line}");
        }
        Ended { code: status.code(), took, lines }
    }
}

/// A test that failed leaves no daemon behind.
impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Ended {
    /// Every line of an event.
    pub(crate) fn events(&self, event: &str) -> Vec<Value> {
        let lines = self.lines.iter().map(|line| serde_json::from_str::<Value>(line).unwrap());
        lines.filter(|line| line["event"] == event).collect()
    }
}
