//! A daemon's notices without a daemon, and the lines that come of them.

use std::collections::BTreeMap;
use std::time::Duration;

use gleaner::cycle::progress::Event;
use gleaner::package::{FileId, Package, PackageFile, PackageType};
use gleaner::plan::{Ending, Item, LimitName, Outcome, ReasonKind};
use gleaner::policy::{Mode, PolicySet};
use gleaner::report::{CycleStatus, PolicyReport, RefusalReport, Totals};
use gleaner::serve::metrics::Metrics;
use gleaner::serve::notice::Authority;
use gleaner::serve::notice::{Listener, Notice, Purpose};
use gleaner::yaml::Source;
use gleaner_support::{NOW, package};

pub(crate) struct Life(pub(crate) Metrics);

impl Life {
    /// A daemon that was started with `--execute`, with policies of these names in force, each with a schedule.
    pub(crate) fn with(names: &[&str]) -> Self {
        let life = Self(Metrics::new(Authority::Execute).unwrap());
        life.load(names);
        life
    }

    pub(crate) fn on(&self, notice: Notice<'_>) {
        self.0.on(&notice);
    }

    pub(crate) fn load(&self, names: &[&str]) {
        let policies: Vec<String> =
            names.iter().map(|name| format!("name: {name}\nmode: delete\ngrace: 7d\nschedule: '@hourly'\n")).collect();
        self.on(Notice::Loaded { set: &set(&policies), at: NOW });
    }

    pub(crate) fn during(&self, policy: &str, event: &Event) {
        self.on(Notice::During { policy: Some(policy), event });
    }

    pub(crate) fn began(&self, policy: &str) {
        self.on(Notice::CycleBegan { policy, purpose: Purpose::Execution, at: NOW });
    }

    /// It began now and took a minute and a half.
    pub(crate) fn ended(&self, report: &PolicyReport) {
        let took = Duration::from_secs(90);
        self.on(Notice::CycleEnded { purpose: Purpose::Execution, report, as_of: NOW, began: NOW, took });
    }

    /// The lines of the series whose name begins so.
    pub(crate) fn lines(&self, name: &str) -> Vec<String> {
        let text = self.0.render().unwrap();
        text.lines().filter(|line| line.starts_with(&format!("gleaner_{name}"))).map(str::to_owned).collect()
    }

    /// The lines that tell of a policy.
    pub(crate) fn about(&self, policy: &str) -> Vec<String> {
        let label = format!("policy=\"{policy}\"");
        self.0.render().unwrap().lines().filter(|line| line.contains(&label)).map(str::to_owned).collect()
    }
}

/// Each policy by what it says beside its scope and its rules.
pub(crate) fn set(policies: &[String]) -> PolicySet {
    let text = |rest: &String| format!("version: 1\nscope: {{ group: acme }}\ndelete: [{{ status: error }}]\n{rest}");
    let sources: Vec<Source> = policies.iter().map(|rest| Source::new("policy.yaml", text(rest))).collect();
    PolicySet::parse(&sources).unwrap_or_else(|errors| panic!("{errors}")).0
}

/// The reason with this code.
fn reason(code: &str) -> ReasonKind {
    ReasonKind::of_packages().find(|reason| reason.code() == code).unwrap()
}

/// A cycle's report with the reasons and the outcomes of its packages.
pub(crate) fn report(
    policy: &str,
    status: CycleStatus,
    reasons: &[(&'static str, u64)],
    outcomes: &[(Outcome, u64)],
) -> PolicyReport {
    let scanned = reasons.iter().map(|(_, count)| count).sum();
    let delete = reasons.iter().filter(|(reason, _)| *reason == "selected").map(|(_, count)| count).sum();
    PolicyReport {
        policy: policy.to_owned(),
        is_bound: false,
        policy_sha256: String::new(),
        mode: Mode::Delete,
        status,
        error: None,
        warnings: Vec::new(),
        scanned,
        projects: 1,
        unknown_projects: 0,
        unknown_places: 0,
        loosened_projects: 0,
        forgets_paths: false,
        requests: BTreeMap::from([("GET", 7)]),
        refusal: (status == CycleStatus::Refused).then(|| RefusalReport {
            limit: LimitName::MaxPercent,
            allowed: 30,
            wanted: Some(93),
            because: "93 of 100 would go".to_owned(),
            remedy: String::new(),
        }),
        totals: Totals {
            keep: scanned - delete,
            delete,
            delete_bytes: delete * 1000,
            by_reason: reasons.iter().map(|(code, count)| (reason(code), *count)).collect(),
            by_outcome: outcomes.iter().copied().collect(),
            ..Totals::default()
        },
        rules: Vec::new(),
        decisions: Vec::new(),
        decisions_left_out: 0,
        file_decisions: Vec::new(),
        file_decisions_left_out: 0,
    }
}

pub(crate) fn deleted(package_type: PackageType, outcome: Outcome, bytes: Option<u64>) -> Event {
    let package = Package { package_type, ..package(7) };
    Event::Deleted { item: Box::new(Item::Package { package, bytes }), ending: Ending::of(outcome) }
}

pub(crate) fn file_deleted(package_type: PackageType, outcome: Outcome, size: Option<u64>) -> Event {
    let Event::Deleted { item, ending } = deleted(package_type, outcome, None) else { unreachable!() };
    let file =
        PackageFile { id: FileId(8), name: Some("core.jar".to_owned()), size, created_at: Some(NOW), sha256: None };
    Event::Deleted { item: Box::new(Item::File { package: item.package().clone(), file }), ending }
}
