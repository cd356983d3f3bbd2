//! `built_from`: the refs that a package's last pipeline may have run for.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Serialize, Serializer};

use super::pattern::{self, Effect, Reading};
use super::{PatternKind, Patterns};
use crate::package::RefKind;
use crate::yaml::document::{Content, Node};
use crate::yaml::fields::Fields;
use crate::yaml::findings::Findings;

/// Patterns on refs, of a kind or of none.
#[derive(Debug, Clone, PartialEq)]
pub enum Refs {
    /// No kind is named. What takes means branches by it, what holds a ref of any kind.
    Plain(Patterns),
    /// The patterns of each kind that is named. Never empty.
    OfKinds(BTreeMap<RefKind, Patterns>),
}

/// One pattern or a list of them, or a mapping from kinds to such.
pub(super) fn read(node: &Node, findings: &mut Findings<'_>) -> Option<Refs> {
    let Content::Mapping(_) = &node.content else {
        return pattern::read(node, PatternKind::Text, findings).map(Refs::Plain);
    };
    let before = findings.problems.len();
    let mut fields = Fields::of(node, "`built_from`", findings)?;
    if !fields.has_other_than(&[]) {
        findings
            .problem(node.span, "`built_from` names no kind of ref")
            .hint("write patterns under `branch`, `tag` or `merge_request`, as in `built_from: { tag: \"v*\" }`");
    }
    let mut kinds = BTreeMap::new();
    for kind in RefKind::ALL {
        let patterns =
            fields.read(kind.as_str(), findings, |node, findings| pattern::read(node, PatternKind::Text, findings));
        kinds.extend(patterns.map(|patterns| (kind, patterns)));
    }
    fields.finish(findings);
    // With a kind missing it would say something else than its author meant.
    (findings.problems.len() == before).then_some(Refs::OfKinds(kinds))
}

impl Refs {
    /// Each list, with the kind that it stands under.
    pub(super) fn lists(&self) -> impl Iterator<Item = (Option<RefKind>, &Patterns)> {
        let (plain, kinds) = match self {
            Self::Plain(patterns) => (Some((None, patterns)), None),
            Self::OfKinds(kinds) => (None, Some(kinds.iter().map(|(kind, patterns)| (Some(*kind), patterns)))),
        };
        plain.into_iter().chain(kinds.into_iter().flatten())
    }

    /// The patterns on refs of a kind, by what takes or by what holds; `None` where none of them is meant.
    pub(super) fn of(&self, kind: RefKind, reading: Reading) -> Option<&Patterns> {
        match self {
            Self::Plain(patterns) => (reading == Reading::Hold || kind == RefKind::Branch).then_some(patterns),
            Self::OfKinds(kinds) => kinds.get(&kind),
        }
    }

    /// Whether some refs are named, and not only all but some.
    pub(super) fn include(&self) -> bool {
        self.lists().any(|(kind, patterns)| kind.is_some() || patterns.has(Effect::Include))
    }
}

impl fmt::Display for Refs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, (kind, patterns)) in self.lists().enumerate() {
            f.write_str(if index > 0 { "; " } else { "" })?;
            match kind {
                Some(kind) => write!(f, "{kind} {patterns}")?,
                None => patterns.fmt(f)?,
            }
        }
        Ok(())
    }
}

impl Serialize for Refs {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Plain(patterns) => patterns.serialize(serializer),
            Self::OfKinds(kinds) => kinds.serialize(serializer),
        }
    }
}
