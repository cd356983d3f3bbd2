//! Reads one package of a case. It says what matters, and is otherwise as plain as can be.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::branches::BranchGiven;
use super::expectation::Words;
use super::given::{GivenFile, GivenPackage};
use super::scope::Usual;
use super::values::{bytes, instant, is_date, known, list, package_type, parse_path, pipeline, text, topics};
use crate::package::{
    Branch, BranchOrigin, BuiltFrom, Downloaded, FileId, Package, PackageFile, PackageId, PackageType, Permission,
    Pipeline, PipelineId, Project, ProjectId, Status, Topics,
};
use crate::policy::{Age, Moment, Policy, PolicySet, parse_status};
use crate::yaml::ValueError;
use crate::yaml::document::{Node, Span};
use crate::yaml::fields::Fields;
use crate::yaml::findings::Findings;
use crate::yaml::scalar;
use crate::yaml::text::{did_you_mean, shown};

/// The age of a package that has none of its own. Few policies wait for longer.
const USUAL_HOURS: u32 = 365 * 24;
/// The size of a package that has none of its own.
const USUAL_BYTES: u64 = 1_000_000;
const USUAL_NAME: &str = "package";

/// Reads the packages of one case, in which each has an id of its own.
pub(super) struct PackageReader {
    usual: Usual,
    as_of: Timestamp,
    words: Words,
    file_words: Words,
    ids: BTreeMap<u64, Span>,
    projects: Vec<Option<String>>,
    gone: BTreeMap<(ProjectId, Branch), (BranchGiven, Span)>,
    files: u64,
}

impl PackageReader {
    pub(super) fn new(set: &PolicySet, policy: Option<&Policy>, usual: Usual, as_of: Timestamp) -> Self {
        let (words, file_words) = (Words::for_packages(set, policy), Words::for_files(set, policy));
        let (ids, projects, gone) = (BTreeMap::new(), Vec::new(), BTreeMap::new());
        Self { usual, as_of, words, file_words, ids, projects, gone, files: 0 }
    }

    /// Reads the package at this place of the case, counted from 1.
    pub(super) fn package(&mut self, node: &Node, place: u64, findings: &mut Findings<'_>) -> Option<GivenPackage> {
        let mut fields = Fields::of(node, "a package", findings)?;
        let start = findings.first_line(node.span);
        let id = self.id(fields.take("id"), place, start, findings);
        let package_type =
            fields.read("type", findings, package_type).unwrap_or_else(|| self.usual.package_type.clone());
        let project = self.project(&mut fields, start, findings);
        let name = fields.read("name", findings, text);
        let channel = fields.read("channel", findings, text);
        let version = version(&mut fields, &package_type, place, findings);
        let status = fields.read("status", findings, |node, findings| scalar::parsed(node, findings, parse_status));
        let created_at = self.created_at(&mut fields, findings);
        let downloaded = fields.read("downloaded", findings, |node, findings| self.downloaded(node, findings));
        let tags = fields.take("tags").map_or(Some(Vec::new()), |node| {
            known(node, findings, |node, findings| scalar::each(node, findings, text))
        });
        let built_from = fields.take("ref").map_or(BuiltFrom::NotListed, |node| {
            known(node, findings, pipeline).map_or(BuiltFrom::Unknown, BuiltFrom::Pipeline)
        });
        let branch_gone = fields.take("branch_gone");
        let released = fields.read("released", findings, scalar::switch).unwrap_or(false);
        let protected_in_gitlab = fields.read("protected_in_gitlab", findings, scalar::switch).unwrap_or(false);
        let files = self.files(&mut fields, created_at, start, findings);
        let expected = self.words.read(&mut fields, findings);
        fields.finish(findings);
        let project = project?;
        let package = Package {
            id: PackageId(id),
            built_from: run_in(project.id, id, built_from),
            project,
            package_type,
            name: name.unwrap_or_else(|| USUAL_NAME.to_owned()),
            channel,
            version,
            status: status.unwrap_or(Status::Default),
            created_at,
            downloaded: downloaded.unwrap_or(Downloaded::Never),
            tags,
            permission: Permission::Granted,
            unreadable: None,
        };
        let branch_gone = branch_gone.and_then(|node| self.branch_gone(node, &package, findings));
        let place = findings.place(start);
        Some(GivenPackage { package, files, branch_gone, released, protected_in_gitlab, expected, place })
    }

    /// Reads the id, which is by default the place in the case.
    fn id(&mut self, node: Option<&Node>, place: u64, start: Span, findings: &mut Findings<'_>) -> u64 {
        let id = node.and_then(|node| scalar::count(node, findings)).unwrap_or(place);
        if let Some(first) = self.ids.get(&id) {
            let line = findings.line_of(*first);
            findings
                .problem(node.map_or(start, |node| node.span), format!("the id {id} is taken already, in line {line}"))
                .hint("a package without `id` has its place in the list; give ids to all of them, or high ones");
        }
        self.ids.insert(id, start);
        id
    }

    fn project(&mut self, fields: &mut Fields<'_>, start: Span, findings: &mut Findings<'_>) -> Option<Project> {
        let archived =
            fields.take("archived").map_or(Some(self.usual.archived), |node| known(node, findings, scalar::switch));
        let topics =
            fields.take("topics").map_or_else(|| Some(self.usual.topics.clone()), |node| known(node, findings, topics));
        let marked = fields.read("marked_for_deletion", findings, scalar::switch).unwrap_or(false);
        let other_paths = fields.read("other_paths", findings, |node, findings| {
            scalar::each(node, findings, |node, findings| scalar::parsed(node, findings, parse_path))
        });
        let path = match fields.take("project") {
            Some(node) => known(node, findings, |node, findings| scalar::parsed(node, findings, parse_path)),
            None if self.usual.project.is_some() => self.usual.project.clone(),
            None => {
                findings
                    .problem(start, "this package needs a `project`: the scope of its policy has patterns")
                    .hint("write the full path of a project that the policy looks at");
                return None;
            }
        };
        let known = self.projects.iter().position(|known| path.is_some() && *known == path);
        let number = known.unwrap_or_else(|| {
            self.projects.push(path.clone());
            self.projects.len() - 1
        });
        let id = ProjectId(u64::try_from(number).unwrap_or(u64::MAX).saturating_add(1));
        let project = Project::unread(id, path);
        Some(Project {
            other_paths: other_paths.unwrap_or_default(),
            archived,
            marked_for_deletion: marked || project.marked_for_deletion,
            has_releases: Some(true),
            topics: Topics::of([topics]),
            ..project
        })
    }

    fn created_at(&self, fields: &mut Fields<'_>, findings: &mut Findings<'_>) -> Option<Timestamp> {
        let age = fields.take("age");
        let created = fields.take("created");
        if let (Some(_), Some(created)) = (age, created) {
            findings.problem(created.span, "`age` and `created` say the same").hint("take one of them out");
        }
        match (age, created) {
            (Some(age), _) => known(age, findings, |node, findings| self.ago(node, findings)),
            (None, Some(created)) => known(created, findings, instant),
            (None, None) => Age::from_hours(USUAL_HOURS).before(self.as_of),
        }
    }

    /// Reads an age, and returns the instant that is so long ago.
    fn ago(&self, node: &Node, findings: &mut Findings<'_>) -> Option<Timestamp> {
        scalar::parsed(node, findings, |text| self.before(text))
    }

    fn before(&self, age: &str) -> Result<Timestamp, ValueError> {
        let before = Age::parse(age)?.before(self.as_of);
        before.ok_or_else(|| ValueError::new(format!("`{}` is too long", shown(age)), "write it as in `10y`"))
    }

    fn downloaded(&self, node: &Node, findings: &mut Findings<'_>) -> Option<Downloaded> {
        scalar::parsed(node, findings, |text| match text {
            "never" => Ok(Downloaded::Never),
            "unknown" => Ok(Downloaded::Unknown),
            _ if is_date(text) => Moment::parse(text).map(|moment| Downloaded::At(moment.begin())),
            _ if text.starts_with(|c: char| c.is_ascii_digit()) => self.before(text).map(Downloaded::At),
            _ => Err(ValueError::new(
                format!("`downloaded` takes no `{}`{}", shown(text), did_you_mean(text, ["never", "unknown"])),
                "write how long ago the last download was, as in `20d`, or `never`, or `unknown`",
            )),
        })
    }

    /// Reads since when the package's branch is gone: how long ago that was first seen, or when.
    fn branch_gone(&mut self, node: &Node, package: &Package, findings: &mut Findings<'_>) -> Option<BranchGiven> {
        let origin = BranchOrigin::of(package, &package.built_from);
        let Some((project, branch)) = origin.branch() else {
            findings
                .problem(
                    findings.first_line(node.span),
                    "`branch_gone` is about the branch that built a package, and this has none",
                )
                .hint("write the branch, as in `ref: feature/login`");
            return None;
        };
        let given = scalar::parsed(node, findings, |text| match text {
            "unknown" => Ok(BranchGiven::Unknown),
            _ if is_date(text) => Moment::parse(text).map(|moment| BranchGiven::Gone(moment.begin())),
            _ => self.before(text).map(BranchGiven::Gone),
        })?;
        let first = *self.gone.entry((project, branch.clone())).or_insert((given, node.span));
        if first.0 != given {
            let line = findings.line_of(first.1);
            findings
                .problem(node.span, format!("this branch has another end already, in line {line}"))
                .hint("a branch goes once for all its packages; one `branch_gone` tells it for all of them");
        }
        Some(given)
    }

    /// Reads the files. Where there are none, one stands for all of them.
    fn files(
        &mut self,
        fields: &mut Fields<'_>,
        created_at: Option<Timestamp>,
        start: Span,
        findings: &mut Findings<'_>,
    ) -> Vec<GivenFile> {
        let size = fields.take("size");
        let files = fields.take("files");
        if let (Some(size), Some(_)) = (size, files) {
            findings
                .problem(size.span, "`size` is that of a package of one file, and here are `files`")
                .hint("write a `size` at each file");
        }
        let Some(files) = files else {
            let bytes = size.map_or(Some(USUAL_BYTES), |size| known(size, findings, bytes));
            let file = PackageFile { id: self.next_file(), name: None, size: bytes, created_at, sha256: None };
            return vec![GivenFile { file, expected: None, place: findings.place(start) }];
        };
        let items = list(files, "`files` is a list: begin each file with `- `", findings);
        items.iter().filter_map(|item| self.file(item, created_at, findings)).collect()
    }

    fn file(&mut self, node: &Node, created_at: Option<Timestamp>, findings: &mut Findings<'_>) -> Option<GivenFile> {
        let mut fields = Fields::of(node, "a file", findings)?;
        let name = fields.read("name", findings, text);
        let size = fields.take("size").map_or(Some(USUAL_BYTES), |size| known(size, findings, bytes));
        let created_at = match fields.take("age") {
            Some(age) => known(age, findings, |node, findings| self.ago(node, findings)),
            None => created_at,
        };
        let expected = self.file_words.read(&mut fields, findings);
        fields.finish(findings);
        let file = PackageFile { id: self.next_file(), name, size, created_at, sha256: None };
        Some(GivenFile { file, expected, place: findings.place(findings.first_line(node.span)) })
    }

    fn next_file(&mut self) -> FileId {
        self.files += 1;
        FileId(self.files)
    }
}

/// Has a package's pipeline run in the package's own project.
fn run_in(project: ProjectId, id: u64, built_from: BuiltFrom) -> BuiltFrom {
    match built_from {
        BuiltFrom::Pipeline(pipeline) => {
            BuiltFrom::Pipeline(Pipeline { id: Some(PipelineId { project, id }), ..pipeline })
        }
        other => other,
    }
}

/// Reads the version, by default one that its ecosystem reads as a release, higher than that of the package before.
fn version(
    fields: &mut Fields<'_>,
    package_type: &PackageType,
    place: u64,
    findings: &mut Findings<'_>,
) -> Option<String> {
    let version = fields.take("version");
    let versionless = fields.take("versionless");
    if let (Some(_), Some(versionless)) = (version, versionless) {
        findings
            .problem(versionless.span, "`version` and `versionless` exclude each other")
            .hint("take one of them out");
    }
    if versionless.and_then(|node| scalar::switch(node, findings)) == Some(true) {
        return None;
    }
    let prefix = package_type.facts().version_prefix;
    let usual = || format!("{prefix}1.0.{place}");
    Some(version.and_then(|node| text(node, findings)).unwrap_or_else(usual))
}
