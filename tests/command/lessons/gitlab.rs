//! Whole cycles of one policy against a GitLab: the sandbox, or one that answers what a test says.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use axum::Router;
use axum::extract::Request;
use axum::routing::get;
use gitlab_sandbox::{
    Faults, FileStatus, Options, Package, PackageType, Project, Registry, Sandbox, Series, Server, Status,
};
use gleaner::cycle::Cycle;
use gleaner::cycle::brake::Brake;
use gleaner::cycle::execute::Tools;
use gleaner::cycle::marking::Marking;
use gleaner::cycle::progress::{Event, Observer};
use gleaner::cycle::scribe::Scribe;
use gleaner::gitlab::{Connection, Reader, Writer};
use gleaner::gitlab::{GitlabClock, RequestCounts};
use gleaner::plan::{Taken, Verdict};
use gleaner::policy::PolicySet;
use gleaner::report::{PolicyReport, Rows};
use gleaner_support::{TOKEN, in_process, kept, options};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use crate::lessons::judgement::{NOW, days_ago, parse, policy};

/// Selects everything that is old, with limits that let all of it go.
pub(crate) const OLD: &str = "delete: [{ older_than: 30d, allow_latest: true }]\n\
                              limits: { max_percent: 100, max_percent_per_project: 100 }";

/// Two projects of the group `acme`, and a maintainer.
pub(crate) fn registry(packages: Vec<Package>) -> Registry {
    let project = |id, path: &str| Project { id, path: path.to_owned(), ..Project::default() };
    Registry { projects: vec![project(1, "acme/app"), project(2, "acme/lib")], packages, ..kept(&["acme"]) }
}

/// A version of the npm package `app` in the first project, so many days old.
pub(crate) fn package(id: u64, age: i64) -> Package {
    Package {
        id,
        project_id: 1,
        package_type: PackageType::Npm,
        name: "app".to_owned(),
        version: Some(format!("1.0.{id}")),
        created_at: days_ago(age),
        updated_at: days_ago(age),
        ..Package::default()
    }
}

/// So many old versions of `app`, with ids from 1 in the order of their dates.
pub(crate) fn many(count: u64) -> Registry {
    let series = Series {
        first_id: 1,
        count,
        project_id: 1,
        package_type: PackageType::Npm,
        name: "app".to_owned(),
        version: "1.0.{n}".to_owned(),
        first_created_at: days_ago(1_000),
        every_seconds: 3_600,
        updated_at: days_ago(100),
        ..Series::default()
    };
    Registry { series: vec![series], ..registry(Vec::new()) }
}

pub(crate) async fn serve(registry: Registry, faults: Faults) -> Server {
    Server::start(registry, Options { faults, ..Options::default() }).await.unwrap()
}

/// The ids of what is still there.
pub(crate) fn present(server: &Sandbox) -> BTreeSet<u64> {
    let packages = server.packages().into_iter();
    packages.filter(|package| package.status != Status::PendingDestruction).map(|package| package.id).collect()
}

/// The names of the files that are still there, in the order of their ids.
pub(crate) fn present_files(server: &Server) -> Vec<String> {
    let files = server.packages().into_iter().flat_map(|package| package.files);
    files.filter(|file| file.status == FileStatus::Default).map(|file| file.file_name).collect()
}

/// The paths of the deletions that were asked for.
pub(crate) fn deletes(server: &Server) -> Vec<String> {
    let requests = server.requests().into_iter();
    requests.filter(|request| request.method == "DELETE").map(|request| request.path).collect()
}

/// A GitLab whose group has these rows on its only page, and whose projects have no releases; its URL.
pub(crate) async fn answering(rows: Value) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let answer = get(async move |request: Request| {
        let body = match (request.uri().path(), request.uri().query()) {
            (path, _) if path.ends_with("/projects") => {
                json!([{ "id": 1, "path_with_namespace": "acme/app", "archived": false }])
            }
            (path, _) if path.ends_with("/groups/acme") => json!({ "id": 1, "full_path": "acme" }),
            (path, _) if path.ends_with("/releases") => json!([]),
            (_, Some(query)) if query.contains("package_type=") => json!([]),
            _ => rows.clone(),
        };
        ([("x-next-page", "")], axum::Json(body))
    });
    tokio::spawn(axum::serve(listener, Router::new().fallback(answer)).into_future());
    url
}

/// One policy, and a connection to the GitLab it is for.
pub(crate) struct Gleaner {
    set: PolicySet,
    connection: Connection,
    requests: Arc<RequestCounts>,
    theirs: GitlabClock,
}

/// Listens to nothing.
struct Unheard;

impl Observer for Unheard {
    fn on(&self, _: &Event) {}
}

impl Gleaner {
    pub(crate) fn new(url: &str, rules: &str) -> Self {
        Self::over(&Connection::open(options(url, TOKEN), Arc::new(RequestCounts::default())).unwrap(), rules)
    }

    /// Against a sandbox without a network, whose runtime may pass over waits.
    pub(crate) fn in_process(sandbox: &Sandbox, rules: &str) -> Self {
        Self::over(&in_process(sandbox), rules)
    }

    fn over(connection: &Connection, rules: &str) -> Self {
        let requests = Arc::new(RequestCounts::default());
        let connection = connection.heard_by(requests.clone());
        Self { set: parse(&[&policy(rules)]), connection, requests, theirs: GitlabClock::default() }
    }

    /// A dry run.
    pub(crate) async fn rehearse(&self) -> PolicyReport {
        let (reader, taken, stop) = (Reader::new(&self.connection), Taken::default(), CancellationToken::new());
        let cycle = self.cycle(&reader, &taken, &stop);
        cycle.rehearse(cycle.walk().await.as_ref()).await.report
    }

    /// Plans and executes.
    pub(crate) async fn run(&self) -> PolicyReport {
        self.run_if(|_| true).await
    }

    /// Plans, and executes if `consent` agrees to the plan that it is shown.
    pub(crate) async fn run_if(&self, consent: impl FnOnce(&PolicyReport) -> bool) -> PolicyReport {
        let (reader, taken, stop) = (Reader::new(&self.connection), Taken::default(), CancellationToken::new());
        let (cycle, writer) = (self.cycle(&reader, &taken, &stop), Writer::new(&self.connection));
        let walked = cycle.walk().await;
        let consent = async |plan: &PolicyReport| if consent(plan) { Ok(()) } else { Err("nobody agreed".to_owned()) };
        let tools = Tools { writer: &writer, scribe: &Scribe::none(), brake: &Brake::none(), run_limit: None };
        cycle.run(walked.as_ref(), tools, consent).await.report
    }

    fn cycle<'a>(&'a self, reader: &'a Reader, taken: &'a Taken, stop: &'a CancellationToken) -> Cycle<'a> {
        Cycle {
            reader,
            requests: &self.requests,
            in_force: self.set.policies_at(NOW).next().unwrap(),
            projects: None,
            taken,
            memory: None,
            saved: None,
            marking: Marking::Nowhere,
            rows: Rows::All,
            theirs: &self.theirs,
            observer: &Unheard,
            stop,
        }
    }
}

/// The reason's code for every package of a report.
pub(crate) fn reasons(report: &PolicyReport) -> BTreeMap<u64, &'static str> {
    report.decisions.iter().map(|row| (row.package.id.0, row.reason.code())).collect()
}

/// The ids of what a report deletes.
pub(crate) fn doomed(report: &PolicyReport) -> BTreeSet<u64> {
    report.decisions.iter().filter(|row| row.verdict() == Verdict::Delete).map(|row| row.package.id.0).collect()
}

/// What became of each deletion.
pub(crate) fn outcomes(report: &PolicyReport) -> BTreeMap<u64, &'static str> {
    report.decisions.iter().filter_map(|row| Some((row.package.id.0, row.outcome()?.code()))).collect()
}
