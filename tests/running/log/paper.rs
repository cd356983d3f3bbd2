//! What the log makes of notices, on paper.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use gleaner::cycle::progress::Event;
use gleaner::package::{FileId, Package, PackageFile, PackageType};
use gleaner::plan::{Ending, Item, LimitName, Outcome};
use gleaner::policy::Mode;
use gleaner::report::{CycleStatus, PolicyReport, RefusalReport, Totals};
use gleaner::serve::log::{Log, LogFormat, dispatch};
use gleaner::serve::notice::{Listener, Notice, Purpose};
use gleaner_support::{NOW, package};
use jiff::Timestamp;
use serde_json::Value;

pub(crate) fn ended(report: &PolicyReport) -> Notice<'_> {
    let took = Duration::from_millis(1500);
    Notice::CycleEnded { purpose: Purpose::Execution, report, as_of: NOW, began: NOW, took }
}

pub(crate) fn during(event: &Event) -> Notice<'_> {
    Notice::During { policy: Some("tidy"), event }
}

pub(crate) fn report(status: CycleStatus) -> PolicyReport {
    PolicyReport {
        policy: "tidy".to_owned(),
        is_bound: false,
        policy_sha256: String::new(),
        mode: Mode::Delete,
        status,
        error: None,
        warnings: Vec::new(),
        scanned: 100,
        projects: 1,
        unknown_projects: 0,
        unknown_places: 0,
        loosened_projects: 0,
        forgets_paths: false,
        requests: BTreeMap::from([("DELETE", 2), ("GET", 7)]),
        refusal: None,
        totals: Totals::default(),
        rules: Vec::new(),
        decisions: Vec::new(),
        decisions_left_out: 0,
        file_decisions: Vec::new(),
        file_decisions_left_out: 0,
    }
}

pub(crate) fn deleted(name: &str, outcome: Outcome, problem: Option<&str>) -> Event {
    let package = Package { package_type: PackageType::Npm, name: name.to_owned(), ..package(7) };
    let ending = Ending { outcome, problem: problem.map(str::to_owned) };
    Event::Deleted { item: Box::new(Item::Package { package, bytes: Some(1000) }), ending }
}

pub(crate) fn file_deleted(name: &str, outcome: Outcome, problem: Option<&str>) -> Event {
    let Event::Deleted { item, ending } = deleted("core", outcome, problem) else { unreachable!() };
    let file =
        PackageFile { id: FileId(8), name: Some(name.to_owned()), size: Some(10), created_at: Some(NOW), sha256: None };
    Event::Deleted { item: Box::new(Item::File { package: item.package().clone(), file }), ending }
}

pub(crate) fn refusal() -> RefusalReport {
    RefusalReport {
        limit: LimitName::MaxPercent,
        allowed: 30,
        wanted: Some(93),
        because: "93 of 100 packages in scope would go, more than the 30% that are allowed".to_owned(),
        remedy: String::new(),
    }
}

/// The lines as objects, without what every line has.
pub(crate) fn json_lines(notices: &[Notice<'_>]) -> Vec<Value> {
    objects(&written(LogFormat::Json, notices))
}

/// The lines of a log in JSON.
pub(crate) fn objects(log: &str) -> Vec<Value> {
    let read = |line: &str| {
        let mut line: Value = serde_json::from_str(line).unwrap();
        let common = line.as_object_mut().unwrap();
        assert!(common.remove("timestamp").unwrap().as_str().unwrap().parse::<Timestamp>().is_ok());
        assert_eq!(common.remove("target").unwrap(), "gleaner");
        line
    };
    log.lines().map(read).collect()
}

pub(crate) fn written(format: LogFormat, notices: &[Notice<'_>]) -> String {
    written_during(format, || {
        let log = Log::default();
        for notice in notices {
            log.on(notice);
        }
    })
}

pub(crate) fn written_during(format: LogFormat, work: impl FnOnce()) -> String {
    let paper = Paper::default();
    let pen = paper.clone();
    tracing::dispatcher::with_default(&dispatch(format, move || pen.clone()), work);
    String::from_utf8(paper.0.lock().unwrap().clone()).unwrap()
}

/// What was written, in one place for all who write.
#[derive(Clone, Default)]
struct Paper(Arc<Mutex<Vec<u8>>>);

impl Write for Paper {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
