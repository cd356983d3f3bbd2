//! `files`: which files go of packages that stay.

use serde::Serialize;

use super::condition::all;
use super::pattern::Reading;
use super::places::Places;
use super::{Age, Condition, PatternKind, Patterns, age, pattern};
use crate::package::PackageType;
use crate::yaml::ValueError;
use crate::yaml::document::{Node, NodeContent};
use crate::yaml::fields::Fields;
use crate::yaml::findings::Findings;
use crate::yaml::scalar;
use crate::yaml::text::{any_of, did_you_mean, shown};

/// Selects files of packages that stay.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FileRule {
    /// A type whose packages pile up files.
    pub package_type: PackageType,
    /// Conditions on the package; may be empty.
    pub conditions: Vec<Condition>,
    /// Patterns on the file's name; `None` is every file.
    pub file: Option<Patterns>,
    /// The number of files that stay of each file key; 0 only together with `file`.
    pub keep_newest: u32,
    /// The files that are counted together.
    #[serde(rename = "keep_newest_per", skip_serializing_if = "Together::is_default")]
    pub together: Together,
    /// The age that the file itself has to exceed.
    pub older_than: Option<Age>,
}

/// The files of a package that `keep_newest` counts together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Together {
    /// Those of one file key.
    #[default]
    Name,
    /// All that the rule's `file` matches.
    Package,
}

impl Together {
    /// A rule that leaves the default out keeps the fingerprint that it had before there was a choice.
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for it")]
    fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

pub(super) fn read(node: &Node, findings: &mut Findings<'_>) -> Option<FileRule> {
    let mut fields = Fields::of(node, "a files rule", findings)?;
    refuse_foreign(&mut fields, findings);
    let start = findings.first_line(node.span);
    let package_type = match fields.take("type") {
        Some(node) => scalar::parsed(node, findings, parse_type),
        None => {
            findings
                .problem(start, "a files rule needs a `type`: what makes two files the same hangs on it")
                .hint("write `type: maven` or `type: generic`");
            None
        }
    };
    let older_than = fields.read("older_than", findings, age::read);
    let file = fields.read("file", findings, |node, findings| pattern::read(node, PatternKind::File, findings));
    let names_files = file.is_some();
    let keep_newest = match fields.take("keep_newest") {
        Some(node) => keep_newest(node, names_files, findings),
        None => {
            findings
                .problem(start, "a files rule needs `keep_newest`: how many stay of each file")
                .hint("write `keep_newest: 2`; 0 goes only with `file`");
            None
        }
    };
    let together = match fields.take("keep_newest_per") {
        Some(node) => together(node, package_type.as_ref(), findings),
        None => Some(Together::default()),
    };
    let conditions = all::read(&mut fields, Reading::Select, findings);
    fields.finish(findings);
    Some(FileRule {
        package_type: package_type?,
        conditions,
        file,
        keep_newest: keep_newest?,
        together: together?,
        older_than,
    })
}

/// Reports keys that belong in other rules, or that could be taken for a condition on the file.
fn refuse_foreign(fields: &mut Fields<'_>, findings: &mut Findings<'_>) {
    let table = [
        ("newest", "it counts packages: write `keep_newest`, which counts files"),
        ("by", "files go by their dates"),
        ("newest_per", "it counts packages: write `keep_newest`, which counts files"),
        ("last_series", "it counts series of packages, and a package has one version"),
        ("topic", "write it under `scope`, which says what projects are looked at, or under `protect`"),
        ("id", "ids say what stays, under `keep` or `protect`"),
        ("from", "what is in use stays: write it under `protect`, in a file of its own"),
        ("max_age", "it goes with `from`, under `protect`"),
        ("note", "it goes with `keep` and `protect`"),
        ("until", "it goes with `keep` and `protect`"),
        ("allow_latest", "the package stays, so there is nothing to allow"),
        ("allow_released", "files of a package that a release links to always stay"),
        ("other_indexes", "the package stays, so there is nothing to lift"),
        ("younger_than", "young files are what stays: write `older_than`, which is the age of the file"),
    ];
    for (key, hint) in table {
        fields.refuse(key, &format!("`{key}` does not belong in a files rule"), hint, findings);
    }
}

fn keep_newest(node: &Node, names_files: bool, findings: &mut Findings<'_>) -> Option<u32> {
    let count = scalar::count(node, findings)?;
    if count == 0 && !names_files {
        findings
            .problem(node.span, "`keep_newest: 0` without `file` would take every file")
            .hint("keep at least one, or say under `file` which files are meant");
        return None;
    }
    Some(count)
}

/// Reads `keep_newest_per`. Files of packages that have builds belong together by their builds, so that there is no
/// sense in the newest two of a jar, its pom and its sources.
fn together(node: &Node, package_type: Option<&PackageType>, findings: &mut Findings<'_>) -> Option<Together> {
    let together = scalar::parsed(node, findings, parse_together)?;
    if let Some(package_type) = package_type.filter(|one| one.facts().has_builds)
        && together == Together::Package
    {
        findings
            .problem(node.span, format!("`keep_newest_per: package` does not go with `type: {package_type}`"))
            .hint(
                "take `keep_newest_per` out: a build is several files, which are counted for each artifact, classifier \
                 and extension",
            );
        return None;
    }
    Some(together)
}

fn parse_together(text: &str) -> Result<Together, ValueError> {
    match text {
        "name" => Ok(Together::Name),
        "package" => Ok(Together::Package),
        _ => Err(ValueError::new(
            format!("`keep_newest_per` can't be `{}`{}", shown(text), did_you_mean(text, ["name", "package"])),
            "write `keep_newest_per: name`, which is the default, or `keep_newest_per: package`",
        )),
    }
}

fn parse_type(text: &str) -> Result<PackageType, ValueError> {
    let package_type = PackageType::parse(text);
    if package_type.facts().has_files_rules {
        return Ok(package_type);
    }
    let types = || PackageType::names_where(|facts| facts.has_files_rules);
    Err(ValueError::new(
        format!("`{}` has no files rules{}", shown(text), did_you_mean(text, types())),
        format!("a files rule is for {}: packages of other types are deleted whole", any_of(types())),
    ))
}

/// Reads a list of files rules. An empty list has a message of its own.
pub(super) fn list(node: &Node, findings: &mut Findings<'_>) -> Vec<(FileRule, Places)> {
    if let NodeContent::List(rules) = &node.content
        && rules.is_empty()
    {
        findings
            .problem(node.span, "`files` has no rules")
            .hint("write at least one, as in `files: [{type: generic, keep_newest: 5}]`, or take the key out");
        return Vec::new();
    }
    super::rule::list(node, findings, read)
}
