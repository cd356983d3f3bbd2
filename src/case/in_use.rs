//! What is in use in a case: in-use files, as its author gives them. Nothing is read from disk.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::given::Case;
use crate::package::Purl;
use crate::policy::{FromFile, Hold, InUse, InUseFiles, InUseReading, PolicySet, Unusable};
use crate::yaml::ValueError;
use crate::yaml::document::{Node, NodeContent, Style};
use crate::yaml::fields::what_stands_there;
use crate::yaml::findings::Findings;
use crate::yaml::scalar;
use crate::yaml::text::{any_of, did_you_mean, shown};

/// In-use files by the names that rules have for them. One that is not here names nothing.
pub(super) type GivenFiles = BTreeMap<String, InUseReading>;

/// The word for a file that can't be used.
const UNUSABLE: &str = "unusable";

/// Reads the in-use files of a file of cases or of one case.
pub(super) fn read(node: &Node, set: &PolicySet, findings: &mut Findings<'_>) -> Option<GivenFiles> {
    let NodeContent::Mapping(entries) = &node.content else {
        findings
            .problem(node.span, "`in_use` is a mapping: each file with its package URLs")
            .hint(what_stands_there(node));
        return None;
    };
    let known: BTreeSet<&str> = from_files(set).map(|from| from.from.as_str()).collect();
    let mut files = GivenFiles::new();
    for entry in entries {
        let key = entry.key.as_str();
        if known.contains(key) {
            files.insert(entry.key.clone(), file(&entry.value, findings)?);
            continue;
        }
        let hint = if known.is_empty() {
            "no protection has `from`: take it out".to_owned()
        } else {
            format!("there is {}", any_of(known.iter().copied()))
        };
        let meant = did_you_mean(key, known.iter().copied());
        findings.problem(entry.key_span, format!("no protection has `from: {}`{meant}", shown(key))).hint(hint);
        return None;
    }
    Some(files)
}

fn file(node: &Node, findings: &mut Findings<'_>) -> Option<InUseReading> {
    if matches!(&node.content, NodeContent::Scalar { text, style: Style::Plain } if text == UNUSABLE) {
        return Some(Err(Unusable::Given));
    }
    let lines = scalar::each(node, findings, |node, findings| {
        scalar::parsed(node, findings, |text| match Purl::parse(text) {
            Ok(_) => Ok(text.to_owned()),
            Err(problem) => Err(ValueError::new(
                format!("`{}` is no package URL: {problem}", shown(text)),
                format!("write it as in `pkg:npm/%40acme/ui@1.0.0`, or `{UNUSABLE}` for a file that can't be used"),
            )),
        })
    })?;
    // The time is that of the case.
    Some(InUse::parse(&format!("# as of 2000-01-01T00:00:00Z\n{}\n", lines.join("\n"))).map(Arc::new))
}

/// Returns the set with the in-use files as they are in a case.
pub(super) fn as_given<'s>(case: &Case, set: &'s PolicySet) -> Cow<'s, PolicySet> {
    if !set.goes_by_files() {
        return Cow::Borrowed(set);
    }
    let given = |from: &FromFile| match case.in_use.get(&from.from) {
        Some(Ok(in_use)) => Ok(Arc::new(in_use.as_of(case.as_of))),
        Some(Err(unusable)) => Err(unusable.clone()),
        None => Ok(Arc::new(InUse::nothing(case.as_of))),
    };
    let files = InUseFiles(from_files(set).map(|from| (from.file.clone(), given(from))).collect());
    let mut set = set.clone();
    set.take_in_use(&files, case.as_of);
    Cow::Owned(set)
}

fn from_files(set: &PolicySet) -> impl Iterator<Item = &FromFile> {
    set.protections.iter().flat_map(|protection| &protection.rules).filter_map(Hold::from_file)
}
