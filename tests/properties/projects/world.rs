//! A GitLab of a few groups and projects, and one policy that takes all that nothing holds.

use std::collections::BTreeSet;
use std::sync::Arc;

use gitlab_sandbox::{Group, Options, Package, PackageType, Project, Registry, Server};
use gleaner::cycle::Cycle;
use gleaner::cycle::marking::Marking;
use gleaner::cycle::progress::{Event, Observer};
use gleaner::gitlab::{Connection, Reader};
use gleaner::gitlab::{GitlabClock, RequestCounts};
use gleaner::package::{PathsSeen, ProjectId};
use gleaner::plan::{Memory, Taken};
use gleaner::policy::PolicySet;
use gleaner::report::{PolicyReport, Rows};
use gleaner::yaml::Source;
use gleaner_support::{NOW, TOKEN, kept};
use jiff::SignedDuration;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use tokio_util::sync::CancellationToken;

/// The projects with a package each, which has the id of its project.
pub(crate) const PROJECTS: [(u64, &str); 6] = [
    (1, "acme/root"),
    (2, "acme/a/app"),
    (3, "acme/a/b/deep"),
    (4, "acme/a/b/deeper"),
    (5, "acme/c/lib"),
    (6, "acme/c/tool"),
];

/// The groups by their ids. Nobody moves the last two.
pub(crate) const GROUPS: [(u64, &str); 5] = [(2, "acme/a"), (3, "acme/a/b"), (1, "acme"), (4, "acme/c"), (5, "other")];

/// How things stand before the walk.
#[derive(Debug, Clone)]
pub(crate) struct Start {
    /// The projects that had another path before, `acme/past/ID`.
    pub(crate) moved: Vec<u64>,
    pub(crate) archived: Vec<u64>,
    pub(crate) marked: Vec<u64>,
    /// The groups that are archived.
    pub(crate) groups: Vec<u64>,
}

pub(crate) fn start() -> impl Strategy<Value = Start> {
    let some = |most| subsequence((1..=6_u64).collect::<Vec<_>>(), 0..=most);
    let groups = prop_oneof![3 => Just(Vec::new()), 1 => select(vec![2_u64, 3, 4]).prop_map(|group| vec![group])];
    (some(4), some(2), some(1), groups).prop_map(|(moved, archived, marked, groups)| Start {
        moved,
        archived,
        marked,
        groups,
    })
}

pub(crate) fn former_path(id: u64) -> String {
    format!("acme/past/{id}")
}

impl Start {
    pub(crate) fn registry(&self) -> Registry {
        let group = |(id, path): (u64, &str)| Group {
            id,
            path: path.to_owned(),
            archived: self.groups.contains(&id),
            ..Group::default()
        };
        let project = |(id, path): (u64, &str)| Project {
            id,
            path: path.to_owned(),
            archived: self.archived.contains(&id),
            marked_for_deletion_on: self.marked.contains(&id).then(|| jiff::civil::date(2026, 5, 1)),
            former_paths: if self.moved.contains(&id) { vec![former_path(id)] } else { Vec::new() },
            ..Project::default()
        };
        let old = NOW - SignedDuration::from_hours(24 * 400);
        let package = |(id, _)| Package {
            id,
            project_id: id,
            package_type: PackageType::Npm,
            name: "app".to_owned(),
            version: Some("1.0.0".to_owned()),
            created_at: old,
            updated_at: old,
            ..Package::default()
        };
        Registry {
            groups: GROUPS.map(group).to_vec(),
            projects: PROJECTS.map(project).to_vec(),
            packages: PROJECTS.map(package).to_vec(),
            ..kept(&["acme", "other"])
        }
    }

    /// What a walk before this one has seen: the paths that projects have now.
    pub(crate) fn memory(&self) -> Memory {
        let mut paths = PathsSeen::default();
        for (id, path) in PROJECTS {
            paths.note(ProjectId(id), path);
        }
        Memory { paths, ..Memory::default() }
    }
}

/// Takes whatever `holds`, a list of patterns of a protection, and `spared`, those after a `!`, leave.
pub(crate) fn set(archived: &str, holds: &[String], spared: &[String]) -> PolicySet {
    let quoted = |texts: Vec<String>| texts.iter().map(|text| format!("\"{text}\"")).collect::<Vec<_>>().join(", ");
    let projects = [vec!["**".to_owned()], spared.iter().map(|text| format!("!{text}")).collect()].concat();
    let policy = format!(
        "version: 1\nscope: {{ group: acme, archived: {archived} }}\n\
         delete: [{{ older_than: 30d, allow_latest: true, project: [{}] }}]\n\
         limits: {{ max_percent: 100, max_percent_per_project: 100 }}\n",
        quoted(projects)
    );
    let mut sources = vec![Source::new("p.yaml", policy)];
    if !holds.is_empty() {
        let hold = format!("version: 1\nprotect: [{{ project: [{}] }}]\n", quoted(holds.to_vec()));
        sources.push(Source::new("h.yaml", hold));
    }
    PolicySet::parse(&sources).unwrap().0
}

/// So many rows stand on a page, so that every listing has several.
const PAGE: usize = 2;

/// Listens to nothing.
struct Unheard;

impl Observer for Unheard {
    fn on(&self, _: &Event) {}
}

/// A dry run.
pub(crate) async fn rehearse(
    registry: Registry,
    options: Options,
    set: &PolicySet,
    memory: Option<&Memory>,
) -> (PolicyReport, usize) {
    let options = Options { largest_page: PAGE, ..options };
    let server = Server::start(registry, options).await.unwrap();
    let requests = Arc::new(RequestCounts::default());
    let connection = Connection::open(gleaner_support::options(server.url(), TOKEN), requests.clone()).unwrap();
    let (stop, taken) = (CancellationToken::new(), Taken::default());
    let cycle = Cycle {
        reader: &Reader::new(&connection),
        requests: &requests,
        in_force: set.policies_at(NOW).next().unwrap(),
        projects: None,
        taken: &taken,
        memory,
        saved: None,
        marking: Marking::Nowhere,
        rows: Rows::Deletions,
        theirs: &GitlabClock::default(),
        observer: &Unheard,
        stop: &stop,
    };
    let walked = cycle.walk().await;
    let report = cycle.rehearse(walked.as_ref()).await.report;
    (report, server.requests().len())
}

/// The projects that lose their package.
pub(crate) fn losers(report: &PolicyReport) -> BTreeSet<u64> {
    report.decisions.iter().map(|row| row.package.project_id).collect()
}
