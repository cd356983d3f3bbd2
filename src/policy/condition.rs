//! The conditions of delete, keep and protect rules.

use serde::Serialize;

use super::{Age, PatternKind, Patterns, Refs, Size, age, pattern, refs, size};
use crate::package::{PackageId, PackageType, Status};
use crate::yaml::ValueError;
use crate::yaml::document::Node;
use crate::yaml::fields::Fields;
use crate::yaml::findings::Findings;
use crate::yaml::scalar;
use crate::yaml::text::{all_of, any_of, closest, did_you_mean, shown};

/// One condition. A rule holds when all of its conditions do.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Condition {
    Type(Vec<PackageType>),
    Name(Patterns),
    Project(Patterns),
    Version(Patterns),
    /// Of npm's dist-tags and NuGet's tags any.
    Tag(Patterns),
    /// Conan's `user/channel`.
    Channel(Patterns),
    Status(Vec<Status>),
    /// Keep and protect rules only.
    Id(Vec<PackageId>),
    OlderThan(Age),
    YoungerThan(Age),
    NotDownloadedFor(Age),
    DownloadedWithin(Age),
    NeverDownloaded,
    /// Whether the version is a pre-release.
    Prerelease(bool),
    /// On the ref of the package's last pipeline.
    BuiltFrom(Refs),
    /// The sum of its files.
    LargerThan(Size),
    /// Nothing tells when it was last published.
    UnknownAge,
}

impl Condition {
    /// The age that it compares a date with.
    #[must_use]
    pub fn age(&self) -> Option<&Age> {
        match self {
            Self::OlderThan(age)
            | Self::YoungerThan(age)
            | Self::NotDownloadedFor(age)
            | Self::DownloadedWithin(age) => Some(age),
            Self::Type(_)
            | Self::Name(_)
            | Self::Project(_)
            | Self::Version(_)
            | Self::Tag(_)
            | Self::Channel(_)
            | Self::Status(_)
            | Self::Id(_)
            | Self::NeverDownloaded
            | Self::Prerelease(_)
            | Self::BuiltFrom(_)
            | Self::LargerThan(_)
            | Self::UnknownAge => None,
        }
    }
}

/// Reads the conditions that every rule may have that takes something.
pub(super) fn read(fields: &mut Fields<'_>, findings: &mut Findings<'_>) -> Vec<Condition> {
    all(fields, types, findings)
}

/// Reads the conditions that every rule may have that holds something.
pub(super) fn read_held(fields: &mut Fields<'_>, findings: &mut Findings<'_>) -> Vec<Condition> {
    all(fields, held_types, findings)
}

/// They come in the order that is written here, whatever the author's: so the same rule has the same fingerprint.
fn all(
    fields: &mut Fields<'_>,
    types: fn(&Node, &mut Findings<'_>) -> Option<Vec<PackageType>>,
    findings: &mut Findings<'_>,
) -> Vec<Condition> {
    let patterns = |kind| move |node: &Node, findings: &mut Findings<'_>| pattern::read(node, kind, findings);
    [
        fields.read("type", findings, types).map(Condition::Type),
        fields.read("name", findings, patterns(PatternKind::Name)).map(Condition::Name),
        fields.read("project", findings, patterns(PatternKind::Path)).map(Condition::Project),
        fields.read("version", findings, patterns(PatternKind::Text)).map(Condition::Version),
        fields.read("tag", findings, patterns(PatternKind::Text)).map(Condition::Tag),
        fields.read("channel", findings, patterns(PatternKind::Text)).map(Condition::Channel),
        fields.read("status", findings, statuses).map(Condition::Status),
        fields.read("older_than", findings, age::read).map(Condition::OlderThan),
        fields.read("younger_than", findings, age::read).map(Condition::YoungerThan),
        fields.read("not_downloaded_for", findings, age::read).map(Condition::NotDownloadedFor),
        fields.read("downloaded_within", findings, age::read).map(Condition::DownloadedWithin),
        fields.read("never_downloaded", findings, never_downloaded),
        fields.read("prerelease", findings, scalar::switch).map(Condition::Prerelease),
        fields.read("built_from", findings, refs::read).map(Condition::BuiltFrom),
        fields.read("larger_than", findings, size::read).map(Condition::LargerThan),
        fields.read("unknown_age", findings, unknown_age),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Package types: an open set, but of plain words. Of one that is not known, GitLab may have packages in another release.
pub(super) fn types(node: &Node, findings: &mut Findings<'_>) -> Option<Vec<PackageType>> {
    scalar::each(node, findings, |item, findings| {
        let package_type = one_type(item, findings)?;
        if !package_type.is_known() {
            findings.lint(item.span, unknown(package_type.as_str()), known_types());
        }
        Some(package_type)
    })
}

/// Package types that something is kept by. A word that means none of them would hold nothing.
pub(super) fn held_types(node: &Node, findings: &mut Findings<'_>) -> Option<Vec<PackageType>> {
    scalar::each(node, findings, |item, findings| {
        let package_type = one_type(item, findings)?;
        if !package_type.is_known() {
            let message = format!("{}, so nothing would be held by it", unknown(package_type.as_str()));
            findings.problem(item.span, message).hint(known_types());
            return None;
        }
        Some(package_type)
    })
}

/// A type that is known, or no misspelling of one.
fn one_type(item: &Node, findings: &mut Findings<'_>) -> Option<PackageType> {
    let text = scalar::text(item, findings)?;
    let known = || PackageType::KNOWN.iter().map(PackageType::as_str);
    if !text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_') {
        findings
            .problem(item.span, format!("`{}` is no package type{}", shown(text), did_you_mean(text, known())))
            .hint("types are words such as `maven` or `terraform_module`, not patterns");
        return None;
    }
    let package_type = PackageType::parse(text);
    if !package_type.is_known() && closest(text, known()).is_some() {
        let message = format!("{}{}", unknown(text), did_you_mean(text, known()));
        findings.problem(item.span, message).hint(known_types());
        return None;
    }
    Some(package_type)
}

fn unknown(text: &str) -> String {
    format!("this release knows no package type `{}`", shown(text))
}

fn known_types() -> String {
    format!("it knows {}", all_of(PackageType::KNOWN.iter().map(PackageType::as_str)))
}

/// Statuses: a closed set.
fn statuses(node: &Node, findings: &mut Findings<'_>) -> Option<Vec<Status>> {
    scalar::each(node, findings, |item, findings| scalar::parsed(item, findings, parse_status))
}

/// One status, by GitLab's name.
pub(crate) fn parse_status(text: &str) -> Result<Status, ValueError> {
    match Status::parse(text) {
        Status::Other(_) => {
            let known = || Status::KNOWN.iter().map(Status::as_str);
            Err(ValueError::new(
                format!("unknown status `{}`{}", shown(text), did_you_mean(text, known())),
                format!("a status is {}", any_of(known())),
            ))
        }
        status => Ok(status),
    }
}

/// The ids of packages: of keep and protect rules only, because an id that was mistyped must not doom a package.
pub(super) fn ids(node: &Node, findings: &mut Findings<'_>) -> Option<Vec<PackageId>> {
    scalar::each(node, findings, |item, findings| {
        let id = scalar::count(item, findings)?;
        if id == 0 {
            findings
                .problem(item.span, "no package has the id 0")
                .hint("the id stands at the end of the package's address in GitLab");
            return None;
        }
        Some(PackageId(id))
    })
}

fn unknown_age(node: &Node, findings: &mut Findings<'_>) -> Option<Condition> {
    if scalar::switch(node, findings)? {
        return Some(Condition::UnknownAge);
    }
    findings
        .problem(node.span, "`unknown_age` can only be `true`")
        .hint("what has a known age is what `older_than` or `younger_than` hold for");
    None
}

fn never_downloaded(node: &Node, findings: &mut Findings<'_>) -> Option<Condition> {
    if scalar::switch(node, findings)? {
        return Some(Condition::NeverDownloaded);
    }
    findings
        .problem(node.span, "`never_downloaded` can only be `true`")
        .hint("for what has been downloaded write `downloaded_within`, as in `downloaded_within: 2y`");
    None
}
