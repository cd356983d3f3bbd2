//! Reads one file of a set: its kind, and the beginning that all kinds share.

use std::path::Path;

use super::Source;
use crate::policy::instance::{self, Draft};
use crate::policy::limits::{self, Limits, WrittenLimits};
use crate::policy::name;
use crate::policy::places::{Places, PolicyPlaces, ProtectionPlaces};
use crate::policy::{Age, LANGUAGE, Mode, Policy, Protection, file_rule, rule, schedule, scope};
use crate::yaml::ValueError;
use crate::yaml::document::{self, Fragment, Node, Span};
use crate::yaml::fields::Fields;
use crate::yaml::findings::Findings;
use crate::yaml::scalar;
use crate::yaml::text::{did_you_mean, shown};

/// The parts of a file that could be read.
pub(super) struct File {
    /// Its name; `None` where that can't be read.
    pub(super) name: Option<String>,
    /// The place of its name.
    pub(super) name_span: Span,
    /// The place of the key `instance`, if the file has it.
    pub(super) instance_span: Option<Span>,
    /// Its content; `None` where a part that it needs is missing or can't be read.
    pub(super) content: Option<FileContent>,
}

/// The content of a file.
pub(super) enum FileContent {
    /// Its limits are the defaults, until the written ones are held against the ceiling.
    Policy(Box<Policy>, Box<WrittenLimits>, PolicyPlaces),
    Protection(Protection, ProtectionPlaces),
    Instance(Draft),
}

/// The three kinds of files.
#[derive(Debug, Clone, Copy)]
enum FileKind {
    Policy,
    Protection,
    Instance,
}

impl FileKind {
    /// `has` tells whether the file has a key at its top.
    fn of(has: impl Fn(&str) -> bool) -> Self {
        if has("instance") {
            Self::Instance
        } else if has("protect") {
            Self::Protection
        } else {
            Self::Policy
        }
    }
}

impl File {
    /// Reads the file that the findings are about; `None` where its kind can't be told, and the reason has been
    /// reported.
    pub(super) fn read(source: &Source, findings: &mut Findings<'_>) -> Option<Self> {
        match document::load(findings) {
            Ok(root) => {
                let kind = FileKind::of(|key| root.entry(key).is_some());
                Self::of(source, &root, kind, findings)
            }
            Err(Fragment(beginning)) => {
                look_at(source, &beginning, findings);
                None
            }
        }
    }

    fn of(source: &Source, root: &Node, kind: FileKind, findings: &mut Findings<'_>) -> Option<Self> {
        let mut fields = Fields::of(root, "a policy file", findings)?;
        language_version(&mut fields, "a pattern for package versions stands in a rule", findings);
        let description =
            fields.read("description", findings, |node, findings| scalar::text(node, findings).map(str::to_owned));
        let name_node = fields.take("name");
        let name = match name_node {
            Some(node) => scalar::parsed(node, findings, name::parse),
            None => findings.value(Span::FILE_START, name_from_file(&source.file)),
        };
        let header = FileHeader { name: name.clone().unwrap_or_default(), source: source.file.clone(), description };
        let instance_span = root.entry("instance").map(|entry| entry.key_span);
        let content = match kind {
            FileKind::Instance => instance_file(header, fields, findings).map(FileContent::Instance),
            FileKind::Protection => protection(header, fields, findings)
                .map(|(protection, places)| FileContent::Protection(protection, places)),
            FileKind::Policy => policy(header, fields, findings)
                .map(|(policy, limits, places)| FileContent::Policy(Box::new(policy), Box::new(limits), places)),
        };
        Some(Self { name, name_span: name_node.map_or(Span::FILE_START, |node| node.span), instance_span, content })
    }
}

/// Reports the problems in the beginning of a file whose rest can't be read.
fn look_at(source: &Source, beginning: &Node, findings: &mut Findings<'_>) {
    let told = std::mem::take(&mut findings.problems);
    let kind = FileKind::of(|key| beginning.entry(key).is_some() || has_line_of(source, key));
    let _ = File::of(source, beginning, kind, findings);
    // A part that seems to be missing may stand in the rest.
    let whole = findings.place(Span::FILE_START);
    findings.problems.retain(|problem| problem.place.as_ref() != Some(&whole));
    findings.problems.extend(told);
}

/// Returns whether the file is the instance file, valid or not; `None` where that can't be told.
pub(super) fn is_instance(source: &Source) -> Option<bool> {
    match document::load(&mut Findings::new(source, LANGUAGE)) {
        Ok(root) => Some(root.entry("instance").is_some()),
        Err(_) => has_line_of(source, "instance").then_some(true),
    }
}

/// Returns whether a line begins with the key. That tells the kind of a file that is not YAML.
fn has_line_of(source: &Source, key: &str) -> bool {
    source.text.lines().any(|line| line.trim_start_matches(['\u{feff}', '{', '"', '\'']).starts_with(key))
}

/// Returns the name that a file goes by, whatever else is wrong with it.
pub(super) fn name(source: &Source) -> String {
    let mut findings = Findings::new(source, LANGUAGE);
    let root = document::load(&mut findings);
    let fields = root.as_ref().ok().and_then(|root| Fields::of(root, "a policy file", &mut findings));
    let written = fields.and_then(|mut fields| scalar::text(fields.take("name")?, &mut findings).map(str::to_owned));
    written.unwrap_or_else(|| stem(&source.file))
}

/// The keys that all files share.
struct FileHeader {
    name: String,
    source: String,
    description: Option<String>,
}

fn policy(
    header: FileHeader,
    mut fields: Fields<'_>,
    findings: &mut Findings<'_>,
) -> Option<(Policy, WrittenLimits, PolicyPlaces)> {
    let (schedule, schedule_place) = schedule::read(&mut fields, findings).unzip();
    let mode = fields.read("mode", findings, |node, findings| scalar::parsed(node, findings, parse_mode));
    let scope = match fields.take("scope") {
        Some(node) => scope::read(node, findings).map(|scope| (scope, Places::of(node))),
        None => {
            findings
                .problem(Span::FILE_START, "a policy needs a `scope`")
                .hint("write `scope:` with `group: acme/platform` or `project: acme/platform/api` under it");
            None
        }
    };
    let files = fields.take("files");
    let delete = match fields.take("delete") {
        Some(node) => rule::list(node, findings, rule::delete),
        None if files.is_some() => Vec::new(),
        None => {
            findings
                .problem(Span::FILE_START, "a policy needs rules under `delete`, a protection under `protect`")
                .hint("write at least one, as in `delete: [{status: error, older_than: 7d}]`");
            Vec::new()
        }
    };
    let keep = fields.take("keep").map(|node| rule::list(node, findings, rule::keep)).unwrap_or_default();
    let files = files.map(|node| file_rule::list(node, findings)).unwrap_or_default();
    let limits = fields.read("limits", findings, limits::read);
    let grace = fields.read("grace", findings, |node, findings| scalar::parsed(node, findings, parse_grace));
    // It is taken here so that it counts as known in messages about misspelt keys.
    fields.take("protect");
    fields.take("instance");
    fields.finish(findings);
    let (scope, scope_places) = scope?;
    let (delete, delete_places) = delete.into_iter().unzip();
    let (keep, keep_places) = keep.into_iter().unzip();
    let (files, files_places) = files.into_iter().unzip();
    let places = PolicyPlaces {
        schedule: schedule_place,
        scope: scope_places,
        delete: delete_places,
        keep: keep_places,
        files: files_places,
        exception_until: limits.as_ref().and_then(WrittenLimits::exception_until),
    };
    let policy = Policy {
        name: header.name,
        source: header.source,
        description: header.description,
        schedule,
        mode: mode.unwrap_or_default(),
        scope,
        delete,
        keep,
        files,
        limits: Limits::default(),
        grace,
    };
    Some((policy, limits.unwrap_or_default(), places))
}

fn protection(
    header: FileHeader,
    mut fields: Fields<'_>,
    findings: &mut Findings<'_>,
) -> Option<(Protection, ProtectionPlaces)> {
    for key in ["delete", "keep", "files", "limits", "schedule", "timezone", "mode", "grace"] {
        fields.refuse(
            key,
            &format!("`{key}` does not go with `protect`"),
            "a protection only protects: write the policy in a file of its own",
            findings,
        );
    }
    let scope = fields.read("scope", findings, |node, findings| {
        scope::read_protection(node, findings).map(|scope| (scope, Places::of(node)))
    });
    let rules = fields.take("protect").map(|node| rule::list(node, findings, rule::protect));
    fields.finish(findings);
    let (scope, scope_places) = scope.unzip();
    let (rules, rules_places) = rules?.into_iter().unzip();
    let places = ProtectionPlaces { scope: scope_places, rules: rules_places };
    let FileHeader { name, source, description } = header;
    Some((Protection { name, source, description, scope, rules }, places))
}

fn instance_file(header: FileHeader, mut fields: Fields<'_>, findings: &mut Findings<'_>) -> Option<Draft> {
    for key in ["scope", "delete", "keep", "files", "protect", "limits", "schedule", "timezone", "mode", "grace"] {
        fields.refuse(
            key,
            &format!("`{key}` does not go with `instance`"),
            "an instance file says what holds for the whole GitLab: write the rest in a file of its own",
            findings,
        );
    }
    let draft = fields.read("instance", findings, instance::read);
    fields.finish(findings);
    let mut draft = draft?;
    draft.instance.source = header.source;
    draft.instance.description = header.description;
    Some(draft)
}

/// Reads the version of the policy language, with which every file begins. `elsewhere` is the hint for a `version` that
/// was meant as something else.
pub(crate) fn language_version(fields: &mut Fields<'_>, elsewhere: &str, findings: &mut Findings<'_>) {
    let Some(node) = fields.take("version") else {
        findings
            .problem(Span::FILE_START, "`version: 1` is missing")
            .hint("it is the version of the policy language, and the first line of every file");
        return;
    };
    if scalar::text(node, findings).is_some_and(|text| text != "1") {
        findings
            .problem(node.span, "the only version of the policy language is 1")
            .hint(format!("write `version: 1`; {elsewhere}"));
    }
}

fn parse_mode(text: &str) -> Result<Mode, ValueError> {
    match text {
        "dry-run" => Ok(Mode::DryRun),
        "delete" => Ok(Mode::Delete),
        _ => Err(ValueError::new(
            format!("unknown mode `{}`{}", shown(text), did_you_mean(text, ["dry-run", "delete"])),
            "write `dry-run`, which is the default, or `delete`",
        )),
    }
}

/// Reads a grace, which is longer than nothing: who writes one means that something waits.
fn parse_grace(text: &str) -> Result<Age, ValueError> {
    let grace = Age::parse(text)?;
    if grace.duration().is_zero() {
        return Err(ValueError::new(
            "a grace of no time lets everything go at once",
            "write `grace: 7d`, or take it out",
        ));
    }
    Ok(grace)
}

fn name_from_file(file: &str) -> Result<String, ValueError> {
    name::parse(&stem(file)).map_err(|error| {
        ValueError::new(
            format!("the file's name can't be the policy's: {}", error.message),
            "write `name:` with a name of lower-case letters, digits and hyphens",
        )
    })
}

fn stem(file: &str) -> String {
    Path::new(file).file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default()
}
