//! How many series two hundred policies come to.

use std::fs;
use std::time::Duration;

use gleaner::cycle::brake::InUseStanding;
use gleaner::cycle::progress::Event;
use gleaner::gitlab::{Endpoint, Method, Traffic};
use gleaner::package::PackageType;
use gleaner::plan::{Outcome, ReasonKind};
use gleaner::report::CycleStatus;
use gleaner::serve::notice::Notice;
use gleaner_support::NOW;

use crate::metrics::documentation::page;
use crate::metrics::life::{Life, deleted, file_deleted, report};

const POLICIES: usize = 200;
const BUDGET: usize = 20_000;

/// Each policy has a schedule and a grace, has ended in every way, has met every package type, and three of the types with every
/// outcome; and it has deleted files of both types that lose some.
#[test]
fn two_hundred_policies_come_to_fewer_than_twenty_thousand_series() {
    let names: Vec<String> = (0..POLICIES).map(|number| format!("policy-{number}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let life = Life::with(&names);
    everything(&life, &names);
    let text = life.0.render().unwrap();
    let series = text.lines().filter(|line| !line.starts_with('#')).count();
    println!("{POLICIES} policies: {series} series, {} bytes", text.len());
    // `tests/prometheus/check` holds it against Prometheus' own rules.
    fs::write(concat!(env!("CARGO_TARGET_TMPDIR"), "/metrics.txt"), &text).unwrap();
    assert!(series < BUDGET, "{series}");
    let told = format!("{},{:03} series", series / 1000, series % 1000);
    assert!(page().contains(&told), "the documentation doesn't tell of {told}");
}

/// Tells of everything that a daemon can go through.
pub(crate) fn everything(life: &Life, policies: &[&str]) {
    let standing = InUseStanding { file: "policies/in-use.txt".to_owned(), as_of: Some(NOW), is_usable: true };
    life.on(Notice::InUse { files: &[standing] });
    life.on(Notice::Connected { token_expires: Some(NOW) });
    for endpoint in [
        Endpoint::Groups,
        Endpoint::GroupPackages,
        Endpoint::GroupProjects,
        Endpoint::Project,
        Endpoint::ProjectPackages,
        Endpoint::Releases,
        Endpoint::ProtectionRules,
        Endpoint::Branches,
        Endpoint::ProtectedBranches,
        Endpoint::Branch,
        Endpoint::PackageFiles,
        Endpoint::Pipelines,
        Endpoint::Pipeline,
        Endpoint::Package,
        Endpoint::PackageFile,
        Endpoint::Token,
        Endpoint::User,
    ] {
        let took = Duration::from_millis(300);
        let requested = Traffic::Requested { method: Method::Get, endpoint, status: Some(200), attempt: 1, took };
        life.on(Notice::During { policy: None, event: &Event::Traffic(requested) });
    }
    life.on(Notice::During { policy: None, event: &Event::Traffic(Traffic::RateLimit { remaining: 100 }) });
    for policy in policies {
        life.on(Notice::Scheduled { policy, next: Some(NOW), interval: Some(Duration::from_secs(86_400)) });
        life.began(policy);
        for package_type in PackageType::KNOWN.into_iter().chain([PackageType::Other("swift".to_owned())]) {
            life.during(policy, &deleted(package_type, Outcome::Deleted, Some(1)));
        }
        for package_type in [PackageType::Maven, PackageType::Npm, PackageType::Generic] {
            // What waits is no deletion that ended.
            // What was not sent because its time has not come is in reports alone.
            let waits = [Outcome::Marked, Outcome::Later];
            for outcome in Outcome::ALL.into_iter().filter(|outcome| !waits.contains(outcome)) {
                life.during(policy, &deleted(package_type.clone(), outcome, Some(1)));
            }
        }
        for package_type in [PackageType::Maven, PackageType::Generic] {
            life.during(policy, &file_deleted(package_type, Outcome::Deleted, Some(1)));
        }
        let reasons: Vec<(&str, u64)> = ReasonKind::of_packages().map(|reason| (reason.code(), 3)).collect();
        for status in CycleStatus::ALL {
            let mut ended = report(policy, status, &reasons, &[(Outcome::Deleted, 1)]);
            ended.totals.oldest_mark = Some(NOW);
            life.ended(&ended);
        }
        life.on(Notice::Waits { policy, since: Some(NOW) });
    }
}
