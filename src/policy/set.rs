//! Reading a whole set: every file into a policy or a protection, every name once, all problems at once.

use std::collections::BTreeMap;
use std::path::Path;

use super::document::{self, Content, Node, Span};
use super::fields::Fields;
use super::findings::Findings;
use super::problem::{Lints, PolicyErrors, Problem, ValueError};
use super::text::{did_you_mean, shown};
use super::{Mode, Policy, PolicySet, Protection, limits, rule, scalar, schedule, scope};

/// A policy file: what the user calls it, and its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    pub file: String,
    pub text: String,
}

impl Source {
    pub fn new(file: impl Into<String>, text: impl Into<String>) -> Self {
        Self { file: file.into(), text: text.into() }
    }
}

impl PolicySet {
    /// Reads all files of a set.
    ///
    /// # Errors
    ///
    /// Every problem of every file, or that there is no policy among them.
    pub fn parse(sources: &[Source]) -> Result<(Self, Lints), PolicyErrors> {
        let mut set = Self::default();
        let mut lints = Lints::default();
        let mut problems = Vec::new();
        let mut names = BTreeMap::new();
        for source in sources {
            let mut findings = Findings::new(source);
            let file = File::read(source, &mut findings);
            let is_read = file.as_ref().is_some_and(|file| file.content.is_some());
            if !is_read && findings.problems.is_empty() {
                // Every way here has reported something. Should one not have, a protection must still not vanish.
                findings.problem(FILE_START, "this file can't be read");
            }
            if let Some(File { name, name_span, content }) = file {
                if let Some(first) = names.get(&name) {
                    findings
                        .problem(name_span, format!("the name `{name}` is taken already, by {first}"))
                        .hint("names are unique in a set; a file without `name:` has the name of the file");
                } else {
                    names.insert(name, source.file.clone());
                }
                match content {
                    Some(Meaning::Policy(policy)) => set.policies.push(*policy),
                    Some(Meaning::Protection(protection)) => set.protections.push(protection),
                    None => {}
                }
            }
            problems.append(&mut findings.into_problems(&mut lints));
        }
        if problems.is_empty() && set.policies.is_empty() {
            problems.push(no_policy(sources));
        }
        if !problems.is_empty() {
            return Err(PolicyErrors { problems });
        }
        set.policies.sort_by(|a, b| a.name.cmp(&b.name));
        set.protections.sort_by(|a, b| a.name.cmp(&b.name));
        Ok((set, lints))
    }
}

/// A file whose name is known, whatever else is wrong with it.
struct File {
    name: String,
    name_span: Span,
    content: Option<Meaning>,
}

enum Meaning {
    Policy(Box<Policy>),
    Protection(Protection),
}

const FILE_START: Span = Span { start: 0, end: 0 };

impl File {
    fn read(source: &Source, findings: &mut Findings<'_>) -> Option<Self> {
        let root = document::load(findings)?;
        let mut fields = Fields::of(&root, "a policy file", findings)?;
        if has_key(&root, "instance") {
            findings
                .problem(FILE_START, "an instance file is not supported by this release")
                .hint("take it out of the folder");
            return None;
        }
        version(&mut fields, findings);
        let description =
            fields.read("description", findings, |node, findings| scalar::text(node, findings).map(str::to_owned));
        let name_node = fields.take("name");
        let name = match name_node {
            Some(node) => scalar::parsed(node, findings, parse_name),
            None => findings.value(FILE_START, name_from_file(&source.file)),
        };
        let header = Header { name: name.clone().unwrap_or_default(), source: source.file.clone(), description };
        let content = if has_key(&root, "protect") {
            protection(header, fields, findings).map(Meaning::Protection)
        } else {
            policy(header, fields, findings).map(|policy| Meaning::Policy(Box::new(policy)))
        };
        Some(Self { name: name?, name_span: name_node.map_or(FILE_START, |node| node.span), content })
    }
}

/// What a policy and a protection have in common.
struct Header {
    name: String,
    source: String,
    description: Option<String>,
}

fn policy(header: Header, mut fields: Fields<'_>, findings: &mut Findings<'_>) -> Option<Policy> {
    let schedule = schedule::read(&mut fields, findings);
    let mode = fields.read("mode", findings, |node, findings| scalar::parsed(node, findings, parse_mode));
    let scope = match fields.take("scope") {
        Some(node) => scope::read(node, findings),
        None => {
            findings
                .problem(FILE_START, "a policy needs a `scope`")
                .hint("write `scope:` with `group: acme/platform` or `project: acme/platform/api` under it");
            None
        }
    };
    let delete = match fields.take("delete") {
        Some(node) => rule::list(node, findings, rule::delete),
        None => {
            findings
                .problem(FILE_START, "a policy needs rules under `delete`, a protection under `protect`")
                .hint("write at least one, as in `delete: [{status: error, older_than: 7d}]`");
            Vec::new()
        }
    };
    let keep = fields.take("keep").map(|node| rule::list(node, findings, rule::keep));
    let limits = fields.read("limits", findings, limits::read);
    // Known, so that a misspelt `protect` is told.
    fields.take("protect");
    fields.finish(findings);
    Some(Policy {
        name: header.name,
        source: header.source,
        description: header.description,
        schedule,
        mode: mode.unwrap_or_default(),
        scope: scope?,
        delete,
        keep: keep.unwrap_or_default(),
        limits: limits.unwrap_or_default(),
    })
}

fn protection(header: Header, mut fields: Fields<'_>, findings: &mut Findings<'_>) -> Option<Protection> {
    for key in ["delete", "keep", "limits", "schedule", "timezone", "mode"] {
        fields.refuse(
            key,
            &format!("`{key}` does not go with `protect`"),
            "a protection only protects: write the policy in a file of its own",
            findings,
        );
    }
    let scope = fields.read("scope", findings, scope::read_protection);
    let rules = fields.take("protect").map(|node| rule::list(node, findings, rule::protect));
    fields.finish(findings);
    Some(Protection { name: header.name, source: header.source, description: header.description, scope, rules: rules? })
}

/// The version of the policy language.
fn version(fields: &mut Fields<'_>, findings: &mut Findings<'_>) {
    let Some(node) = fields.take("version") else {
        findings
            .problem(FILE_START, "`version: 1` is missing")
            .hint("it is the version of the policy language, and the first line of every file");
        return;
    };
    if scalar::text(node, findings).is_some_and(|text| text != "1") {
        findings
            .problem(node.span, "the only version of the policy language is 1")
            .hint("write `version: 1`; a pattern for package versions stands in a rule");
    }
}

fn has_key(root: &Node, key: &str) -> bool {
    matches!(&root.content, Content::Mapping(entries) if entries.iter().any(|entry| entry.key == key))
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

fn name_from_file(file: &str) -> Result<String, ValueError> {
    let stem = Path::new(file).file_stem().map(|stem| stem.to_string_lossy().into_owned());
    parse_name(&stem.unwrap_or_default()).map_err(|error| {
        ValueError::new(
            format!("the file's name can't be the policy's: {}", error.message),
            "write `name:` with a name of lower-case letters, digits and hyphens",
        )
    })
}

fn parse_name(text: &str) -> Result<String, ValueError> {
    let is_allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if !text.is_empty() && text.chars().all(is_allowed) {
        return Ok(text.to_owned());
    }
    let tame: String = text.to_lowercase().chars().map(|c| if is_allowed(c) { c } else { '-' }).collect();
    Err(ValueError::new(
        format!("`{}` is no name: names have lower-case letters, digits and hyphens", shown(text)),
        format!("write `{}`", shown(&tame)),
    ))
}

fn no_policy(sources: &[Source]) -> Problem {
    let (message, hint) = match sources {
        [] => ("there is no policy file".to_owned(), "a policy file ends in `.yaml`"),
        _ => ("the set has no policy, only protections".to_owned(), "a policy has rules under `delete`"),
    };
    Problem { place: None, message, hint: Some(hint.to_owned()) }
}

#[cfg(test)]
mod tests;
