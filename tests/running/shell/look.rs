//! What people do between the plan and the deletion, and while things are looked at again: what has changed by then stays.

mod acts;
mod canary;
mod files;
mod fresh;
mod holds;
mod instants;
mod parts;
mod proof;
mod rows;
mod saved;

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::Duration;

use gitlab_sandbox::happenings::{Act, Happening, Moment};
use gitlab_sandbox::{Faults, Group, Options, Package, PackageFile, PackageType, Registry, Request};
use gleaner::gitlab::Method;
use gleaner::plan::Outcome;
use gleaner::report::PolicyReport;
use gleaner_support::{acme, days_ago, member};
use tokio::time::Instant;

use crate::shell::world::{Left, World};

const LIMITS: &str = "limits: { max_percent: 100, max_percent_per_project: 100, max_deletions: 10000 }\n";

const OLD: &str = "delete: [{ older_than: 30d }]";

/// Old packages go, the last one of their name among them.
const LATEST_TOO: &str = "delete: [{ older_than: 30d, allow_latest: true }]";

/// A policy in `mode: delete` with these rules.
fn policy(rules: &str) -> String {
    format!("version: 1\nmode: delete\nscope: {{ group: acme }}\n{rules}\n{LIMITS}")
}

/// A version of the npm package `app`, by its id and the days since it was made. npm's `latest` is on none of them.
fn version(id: u64, days: i64) -> Package {
    Package {
        id,
        project_id: 1,
        package_type: PackageType::Npm,
        name: "@acme/app".to_owned(),
        version: Some(format!("{id}.0.0")),
        created_at: days_ago(days),
        updated_at: days_ago(days),
        files: vec![file(id * 10, &format!("{id}.tgz"), days)],
        ..Package::default()
    }
}

fn file(id: u64, name: &str, days: i64) -> PackageFile {
    PackageFile {
        id,
        file_name: name.to_owned(),
        size: Some(10),
        created_at: days_ago(days),
        updated_at: days_ago(days),
        ..PackageFile::default()
    }
}

/// Two groups, of which `acme` has one project with these packages.
fn registry(packages: Vec<Package>) -> Registry {
    let acme = acme();
    let beta = Group { id: 2, path: "beta".to_owned(), ..Group::default() };
    let members = acme.members.iter().cloned().chain([member("beta")]).collect();
    Registry { packages, members, groups: acme.groups.iter().cloned().chain([beta]).collect(), ..acme }
}

/// A policy that is executed while people act.
struct Scene {
    registry: Registry,
    policies: Vec<String>,
    options: Options,
    meanwhile: Vec<Act>,
    wait: Duration,
    script: Vec<Happening>,
    faults: Faults,
}

/// What came of it. Time went on all along.
struct Played {
    world: World,
    reports: Vec<PolicyReport>,
    /// How many requests were sent before the first plan was approved.
    approved: usize,
}

impl Scene {
    fn of(packages: Vec<Package>, rules: &str) -> Self {
        Self::over(registry(packages), &[&policy(rules)])
    }

    fn over(registry: Registry, policies: &[&str]) -> Self {
        Self {
            registry,
            policies: policies.iter().map(|text| (*text).to_owned()).collect(),
            options: Options::default(),
            meanwhile: Vec::new(),
            wait: Duration::ZERO,
            script: Vec::new(),
            faults: Faults::default(),
        }
    }

    /// While the question stands, somebody does this.
    fn meanwhile(mut self, acts: impl IntoIterator<Item = Act>) -> Self {
        self.meanwhile.extend(acts);
        self
    }

    /// The question stands so long after that.
    fn waiting(self, seconds: u64) -> Self {
        Self { wait: Duration::from_secs(seconds), ..self }
    }

    /// After the approval this happens. Its requests are counted from then on.
    fn then(mut self, happening: Happening) -> Self {
        self.script.push(happening);
        self
    }

    /// After the approval these go wrong.
    fn faults(self, faults: Faults) -> Self {
        Self { faults, ..self }
    }

    fn options(self, options: Options) -> Self {
        Self { options, ..self }
    }

    async fn play(self) -> Played {
        let Self { registry, policies, mut options, meanwhile, wait, script, faults } = self;
        let policies: Vec<&str> = policies.iter().map(String::as_str).collect();
        if !script.is_empty() {
            let twin = World::ticking(registry.clone(), options.clone(), &policies[..1]).await;
            twin.run_if(async |_| Err("it only counts".to_owned())).await;
            let before = twin.server.requests();
            options.happenings = script.into_iter().map(|happening| counted_after(happening, &before)).collect();
        }
        let world = World::ticking(registry, options, &policies).await;
        let first = Mutex::new(Some((meanwhile, faults)));
        let approved = Mutex::new(0);
        let consent = async |_: &PolicyReport| {
            let Some((acts, faults)) = first.lock().unwrap().take() else { return Ok(()) };
            *approved.lock().unwrap() = world.server.requests().len();
            world.server.set_faults(faults);
            acts.into_iter().for_each(|act| world.server.act(act).unwrap());
            tokio::time::sleep(wait).await;
            Ok(())
        };
        let reports = world.run_if(consent).await;
        let approved = approved.into_inner().unwrap();
        Played { world, reports, approved }
    }
}

/// Counts a happening's requests after these ones.
fn counted_after(happening: Happening, before: &[Request]) -> Happening {
    let fitting = before.iter().filter(|request| happening.fits(&request.method, &request.path)).count() as u64;
    let moment = match happening.moment {
        Moment::Before(number) => Moment::Before(number + fitting),
        Moment::After(number) => Moment::After(number + fitting),
    };
    Happening { moment, ..happening }
}

impl Played {
    /// What became of each package that was to go by the first policy, with the sentence.
    fn told(&self) -> BTreeMap<u64, (Outcome, String)> {
        told(&self.reports[0])
    }

    fn outcome(&self, id: u64) -> Option<Outcome> {
        self.told().get(&id).map(|(outcome, _)| *outcome)
    }

    fn sentence(&self, id: u64) -> String {
        self.told().remove(&id).map(|(_, sentence)| sentence).unwrap_or_default()
    }

    /// What was sent after the first plan was approved.
    fn sent(&self) -> Vec<Request> {
        self.world.server.requests().split_off(self.approved)
    }

    /// How many requests of this method were sent after the approval.
    fn count(&self, method: &str) -> usize {
        self.sent().iter().filter(|request| request.method == method).count()
    }

    /// For each deletion that left, the seconds since the first request of its look. `begins` is the part of a path that
    /// only the first request of a look has.
    fn ages(&self, begins: impl Fn(&str) -> bool) -> Vec<u64> {
        let (mut first, mut ages): (Option<Instant>, Vec<u64>) = (None, Vec::new());
        let mut is_read = false;
        for Left { at, method, path } in self.world.left.lock().unwrap().iter().skip(self.approved) {
            match method {
                Method::Delete => {
                    ages.extend(first.map(|first| (*at - first).as_secs()));
                    is_read = true;
                }
                _ if begins(path) && (is_read || first.is_none()) => (first, is_read) = (Some(*at), false),
                _ => {}
            }
        }
        ages
    }
}

/// What became of each package that was to go, with the sentence.
fn told(report: &PolicyReport) -> BTreeMap<u64, (Outcome, String)> {
    let rows = report.decisions.iter().filter_map(|row| Some((row.package.id.0, row.ending.clone()?)));
    rows.map(|(id, ending)| (id, (ending.outcome, ending.problem.unwrap_or_default()))).collect()
}

/// A release of the project 1 links to a package.
fn link(package: u64) -> Act {
    Act::LinkRelease { project: 1, tag: "v1".to_owned(), url: page_of(package) }
}

fn page_of(package: u64) -> String {
    format!("{{url}}/acme/app/-/packages/{package}")
}

fn latest(package: u64) -> Act {
    Act::MoveTag { package, tag: "latest".to_owned() }
}

fn protect() -> Act {
    let (package_type, pattern) = (PackageType::Npm, "@acme/*".to_owned());
    Act::ProtectPackage { project: 1, package_type, pattern, level: 60 }
}
