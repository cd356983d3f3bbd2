//! What carries the requests changes nothing.

use std::collections::BTreeMap;

use gitlab_sandbox::faults::{Fault, Rule, When};
use gitlab_sandbox::{Faults, Options, Registry};
use gleaner::plan::Outcome;
use gleaner::report::PolicyReport;
use gleaner_support::NOW;

use crate::shell::world::World;

const POLICY: &str = "version: 1\nmode: delete\nscope: { group: acme }\ndelete: [{ older_than: 60d }]\nkeep: [{ newest: 1 }]\nlimits: { \
                      max_deletions: 10000, max_percent: 100, max_percent_per_project: 100 }\n";

#[tokio::test]
async fn a_run_in_the_process_is_the_run_over_sockets() {
    for seed in 0..10 {
        let registry = || Registry::generate(200, seed, NOW);
        let options = Options::default();
        let over_sockets = World::over_a_socket(registry(), options.clone(), &[POLICY]).await;
        let in_process = World::with(registry(), options, &[POLICY]).await;
        let [first, second] = [over_sockets.run().await, in_process.run().await];
        assert_eq!(told(&first), told(&second), "seed {seed}");
        assert_eq!(over_sockets.present(), in_process.present(), "seed {seed}");
        assert_eq!(asked(&over_sockets), asked(&in_process), "seed {seed}");
        assert!(asked(&in_process).keys().any(|(method, ..)| method == "DELETE"), "seed {seed}: nothing was deleted");
    }
}

#[tokio::test]
async fn broken_answers_are_asked_for_again_in_the_process_as_over_sockets() {
    for fault in [Fault::HangUp, Fault::CutBody, Fault::HangUpAfter] {
        let rule = |fault: &Fault| Rule {
            method: None,
            kind: None,
            path: Some("*/packages*".to_owned()),
            page: None,
            from_page: None,
            when: When::First(1),
            each_url: true,
            fault: fault.clone(),
        };
        let options = Options { faults: Faults { seed: 1, rules: vec![rule(&fault)] }, ..Options::default() };
        let registry = || Registry::generate(60, 3, NOW);
        let over_sockets = World::over_a_socket(registry(), options.clone(), &[POLICY]).await;
        let in_process = World::with(registry(), options, &[POLICY]).await;
        let [first, second] = [over_sockets.run().await, in_process.run().await];
        assert_eq!(told(&first), told(&second), "{fault:?}");
        assert_eq!(asked(&over_sockets), asked(&in_process), "{fault:?}");
        assert!(asked(&in_process).keys().any(|(.., status)| status.is_none()) || matches!(fault, Fault::CutBody));
    }
}

/// What became of a package.
type PackageOutcome = (u64, Option<&'static str>);

/// The status of each report, with what became of each package.
fn told(reports: &[PolicyReport]) -> Vec<(String, Vec<PackageOutcome>)> {
    let rows = |report: &PolicyReport| {
        report.decisions.iter().map(|row| (row.package.id.0, row.outcome().map(Outcome::code))).collect()
    };
    reports.iter().map(|report| (format!("{:?}", report.status), rows(report))).collect()
}

/// How often each request was made, and how it was answered.
fn asked(world: &World) -> BTreeMap<(String, String, Option<u16>), usize> {
    let mut asked = BTreeMap::new();
    for request in world.server.requests() {
        *asked.entry((request.method, request.path, request.status)).or_default() += 1;
    }
    asked
}
