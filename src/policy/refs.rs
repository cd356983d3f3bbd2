//! Patterns on refs, as `built_from` takes them.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Serialize, Serializer};

use super::pattern::{self, Effect, Reading};
use super::{PatternKind, Patterns};
use crate::package::RefKind;
use crate::yaml::document::{Node, NodeContent};
use crate::yaml::fields::Fields;
use crate::yaml::findings::Findings;

/// Patterns on refs, without a kind or for each kind by itself.
#[derive(Debug, Clone, PartialEq)]
pub enum Refs {
    /// No kind is named. A rule that deletes then means branches, a rule that keeps means refs of any kind.
    Plain(Patterns),
    /// The patterns of each kind that is named. Never empty.
    OfKinds(BTreeMap<RefKind, Patterns>),
}

/// Reads one pattern or a list of them, or a mapping from kinds to such.
pub(super) fn read(node: &Node, findings: &mut Findings<'_>) -> Option<Refs> {
    let NodeContent::Mapping(_) = &node.content else {
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
    // Without one of its kinds it would mean something else than its author meant.
    (findings.problems.len() == before).then_some(Refs::OfKinds(kinds))
}

impl Refs {
    /// Returns each list, with the kind that it stands under.
    pub(super) fn lists(&self) -> impl Iterator<Item = (Option<RefKind>, &Patterns)> {
        let (plain, kinds) = match self {
            Self::Plain(patterns) => (Some((None, patterns)), None),
            Self::OfKinds(kinds) => (None, Some(kinds.iter().map(|(kind, patterns)| (Some(*kind), patterns)))),
        };
        plain.into_iter().chain(kinds.into_iter().flatten())
    }

    /// Returns the patterns on refs of a kind, as a rule reads them; `None` where the rule means no ref of that kind.
    pub(super) fn of(&self, kind: RefKind, reading: Reading) -> Option<&Patterns> {
        match self {
            Self::Plain(patterns) => (reading == Reading::Hold || kind == RefKind::Branch).then_some(patterns),
            Self::OfKinds(kinds) => kinds.get(&kind),
        }
    }

    /// Returns the one ref that it names, where it fits no other. A merge request shows by several.
    pub(super) fn only(&self) -> Option<&str> {
        let (_, first) = self.lists().next()?;
        let only = only_text(first)?;
        let is_same = |(kind, patterns): (Option<RefKind>, &Patterns)| {
            kind != Some(RefKind::MergeRequest) && only_text(patterns) == Some(only)
        };
        self.lists().all(is_same).then_some(only)
    }

    /// Returns whether it names refs to include, and doesn't only take some away.
    pub(super) fn include(&self) -> bool {
        self.lists().any(|(kind, patterns)| kind.is_some() || patterns.has(Effect::Include))
    }
}

/// Returns the one text that patterns match, where they are a single one without wildcards.
fn only_text(patterns: &Patterns) -> Option<&str> {
    let mut texts = patterns.texts();
    let only =
        texts.next().filter(|text| !text.starts_with(['!', '/']) && !text.contains(['*', '?', '[', '{', '\\']))?;
    texts.next().is_none().then_some(only)
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
