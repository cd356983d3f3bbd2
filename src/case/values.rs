//! Reads the values that stand in files of cases.

use jiff::Timestamp;

use crate::package::{PackageType, Pipeline, RefKind};
use crate::policy::{Moment, Size};
use crate::yaml::ValueError;
use crate::yaml::document::{Node, NodeContent, Style};
use crate::yaml::fields::{Fields, what_stands_there};
use crate::yaml::findings::Findings;
use crate::yaml::scalar;
use crate::yaml::text::{any_of, did_you_mean, shown};

/// Returns the items of a list that is not empty.
pub(super) fn list<'n>(node: &'n Node, otherwise: &str, findings: &mut Findings<'_>) -> &'n [Node] {
    match &node.content {
        NodeContent::List(items) if items.is_empty() => {
            findings
                .problem(node.span, format!("`{}` is an empty list", shown(&node.key)))
                .hint("write at least one, or take the key out");
            &[]
        }
        NodeContent::List(items) => items,
        NodeContent::Broken => &[],
        NodeContent::Mapping(_) | NodeContent::Scalar { .. } => {
            findings.problem(findings.first_line(node.span), otherwise).hint(what_stands_there(node));
            &[]
        }
    }
}

/// Reads a day or an instant.
pub(super) fn instant(node: &Node, findings: &mut Findings<'_>) -> Option<Timestamp> {
    scalar::parsed(node, findings, Moment::parse).map(|moment| moment.begin())
}

/// Reads a value, or `unknown` without quotes, which is `None`: GitLab doesn't tell.
pub(super) fn known<T>(
    node: &Node,
    findings: &mut Findings<'_>,
    read: impl FnOnce(&Node, &mut Findings<'_>) -> Option<T>,
) -> Option<T> {
    match &node.content {
        NodeContent::Scalar { text, style: Style::Plain } if text == "unknown" => None,
        _ => read(node, findings),
    }
}

/// Reads a text.
pub(super) fn text(node: &Node, findings: &mut Findings<'_>) -> Option<String> {
    scalar::text(node, findings).map(str::to_owned)
}

/// Reads the ref that a pipeline ran for. It is a branch, where no kind is named.
pub(super) fn pipeline(node: &Node, findings: &mut Findings<'_>) -> Option<Pipeline> {
    let NodeContent::Mapping(entries) = &node.content else {
        return text(node, findings).map(|name| Pipeline::of(RefKind::Branch, name));
    };
    let mut fields = Fields::of(node, "`ref`", findings)?;
    let named: Vec<_> = RefKind::ALL.into_iter().filter_map(|kind| Some((kind, fields.take(kind.as_str())?))).collect();
    fields.finish(findings);
    if let [(kind, node)] = named.as_slice() {
        return text(node, findings).map(|name| Pipeline::of(*kind, name));
    }
    // Any other key has been reported.
    if entries.is_empty() || named.len() > 1 {
        findings
            .problem(node.span, "a pipeline runs for one ref")
            .hint("write `branch`, `tag` or `merge_request`, as in `ref: { tag: v1.0 }`");
    }
    None
}

/// Reads a size in bytes.
pub(super) fn bytes(node: &Node, findings: &mut Findings<'_>) -> Option<u64> {
    scalar::parsed(node, findings, Size::parse).map(|size| size.bytes())
}

/// Reads a package type that this release knows.
pub(super) fn package_type(node: &Node, findings: &mut Findings<'_>) -> Option<PackageType> {
    scalar::parsed(node, findings, |text| {
        let package_type = PackageType::parse(text);
        if package_type.is_known() {
            return Ok(package_type);
        }
        let words = || PackageType::KNOWN.iter().map(PackageType::as_str);
        Err(ValueError::new(
            format!("`{}` is no package type{}", shown(text), did_you_mean(text, words())),
            format!("a type is {}", any_of(words())),
        ))
    })
}

/// Reads the topics of a project. An empty list says that it has none, where the policy looks at one that has some.
pub(super) fn topics(node: &Node, findings: &mut Findings<'_>) -> Option<Vec<String>> {
    match &node.content {
        NodeContent::List(items) if items.is_empty() => Some(Vec::new()),
        _ => scalar::each(node, findings, text),
    }
}

/// Parses the full path of a project.
pub(super) fn parse_path(text: &str) -> Result<String, ValueError> {
    let is_path = text.contains('/') && text.split('/').all(|segment| !segment.is_empty());
    if is_path && !text.contains(['*', '?', '[', '{', '!']) {
        return Ok(text.to_owned());
    }
    Err(ValueError::new(
        format!("`{}` is no full path of a project", shown(text)),
        "write its group before it, as in `acme/platform/api`",
    ))
}

/// Returns whether a text begins as a date does.
pub(super) fn is_date(text: &str) -> bool {
    let mut bytes = text.bytes();
    bytes.by_ref().take(4).all(|byte| byte.is_ascii_digit()) && bytes.next() == Some(b'-')
}
