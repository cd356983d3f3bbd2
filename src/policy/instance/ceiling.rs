//! The ceiling of an instance file: what no policy of the set may go beyond.

use crate::policy::places::Places;
use crate::policy::{Age, DeleteRule, age};
use crate::yaml::document::{Node, NodeContent};
use crate::yaml::fields::Fields;
use crate::yaml::findings::Findings;
use crate::yaml::scalar;

/// What no policy may go beyond.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ceiling {
    /// The most that any policy's `max_deletions` may be.
    pub max_deletions: Option<u64>,
    /// The most that any policy's `max_percent` may be.
    pub max_percent: Option<u8>,
    /// The least that any policy's `min_age` may be.
    pub min_age: Option<Age>,
    /// How far exceptions may go.
    pub exception: ExceptionCeiling,
    /// Whether any rule may say `allow_latest: true`.
    pub allow_latest: bool,
    /// Whether any rule may say `allow_released: true`.
    pub allow_released: bool,
}

impl Default for Ceiling {
    fn default() -> Self {
        Self {
            max_deletions: None,
            max_percent: None,
            min_age: None,
            exception: ExceptionCeiling::default(),
            allow_latest: true,
            allow_released: true,
        }
    }
}

/// The bounds of the exceptions that policies make from their limits.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum ExceptionCeiling {
    /// Those of the ordinary limits.
    #[default]
    AsLimits,
    /// No policy may have one.
    None,
    /// Bounds of their own. Those that aren't written are those of the ordinary limits.
    UpTo {
        /// The most that the `max_deletions` of any exception may be.
        max_deletions: Option<u64>,
        /// The most that the `max_percent` of any exception may be.
        max_percent: Option<u8>,
    },
}

impl Ceiling {
    /// Returns the most that the `max_deletions` of any exception may be.
    #[must_use]
    pub fn exception_deletions(&self) -> Option<u64> {
        match self.exception {
            ExceptionCeiling::UpTo { max_deletions, .. } => max_deletions.or(self.max_deletions),
            ExceptionCeiling::AsLimits | ExceptionCeiling::None => self.max_deletions,
        }
    }

    /// Returns the most that the `max_percent` of any exception may be.
    #[must_use]
    pub fn exception_percent(&self) -> Option<u8> {
        match self.exception {
            ExceptionCeiling::UpTo { max_percent, .. } => max_percent.or(self.max_percent),
            ExceptionCeiling::AsLimits | ExceptionCeiling::None => self.max_percent,
        }
    }

    /// Reports the delete rules that allow themselves what no rule may. `source` is the instance file.
    pub(in crate::policy) fn bound(
        &self,
        rules: &[DeleteRule],
        places: &[Places],
        source: &str,
        findings: &mut Findings<'_>,
    ) {
        for (rule, places) in rules.iter().zip(places) {
            let allowed = [
                ("allow_latest", rule.allow_latest && !self.allow_latest),
                ("allow_released", rule.allow_released && !self.allow_released),
            ];
            for (key, _) in allowed.into_iter().filter(|(_, is_beyond)| *is_beyond) {
                findings
                    .problem(places.key(key), format!("`{key}` is beyond the ceiling: {source} allows it to no rule"))
                    .hint(format!("take it out, or change `ceiling: {{ {key}: false }}` in {source}"));
            }
        }
    }
}

/// Reads `ceiling`.
pub(super) fn read(node: &Node, findings: &mut Findings<'_>) -> Option<Ceiling> {
    let mut fields = Fields::of(node, "`ceiling`", findings)?;
    if !fields.has_other_than(&[]) {
        findings
            .problem(findings.first_line(node.span), "`ceiling` says nothing")
            .hint("write what no policy may go beyond, as in `max_deletions: 500`");
    }
    refuse_unbounded(&mut fields, "`max_deletions`, `max_percent` and `min_age`", findings);
    let ceiling = Ceiling {
        max_deletions: fields.read("max_deletions", findings, scalar::count),
        max_percent: fields.read("max_percent", findings, scalar::percent),
        min_age: fields.read("min_age", findings, age::read),
        exception: fields.read("exception", findings, exception).unwrap_or_default(),
        allow_latest: fields.read("allow_latest", findings, scalar::switch).unwrap_or(true),
        allow_released: fields.read("allow_released", findings, scalar::switch).unwrap_or(true),
    };
    fields.finish(findings);
    Some(ceiling)
}

fn exception(node: &Node, findings: &mut Findings<'_>) -> Option<ExceptionCeiling> {
    if matches!(node.content, NodeContent::Scalar { .. }) {
        if scalar::switch(node, findings)? {
            findings
                .problem(node.span, "`exception: true` says nothing: policies may have exceptions")
                .hint("write `false`, or how far they may go, as in `exception: { max_deletions: 20000 }`");
            return None;
        }
        return Some(ExceptionCeiling::None);
    }
    let mut fields = Fields::of(node, "`exception`", findings)?;
    if !fields.has_other_than(&[]) {
        findings
            .problem(findings.first_line(node.span), "`exception` says nothing")
            .hint("write how far an exception may go, as in `max_deletions: 20000`, or `exception: false` for none");
    }
    refuse_unbounded(&mut fields, "`max_deletions` and `max_percent`", findings);
    fields.refuse("min_age", "`min_age` has no exception", "it stands under `ceiling` itself", findings);
    let max_deletions = fields.read("max_deletions", findings, scalar::count);
    let max_percent = fields.read("max_percent", findings, scalar::percent);
    fields.finish(findings);
    Some(ExceptionCeiling::UpTo { max_deletions, max_percent })
}

/// Reports limits that an instance file sets no bounds to.
fn refuse_unbounded(fields: &mut Fields<'_>, bounded: &str, findings: &mut Findings<'_>) {
    for key in ["max_percent_per_project", "max_percent_per_group", "max_bytes"] {
        fields.refuse(key, &format!("`{key}` has no ceiling"), &format!("there is one for {bounded}"), findings);
    }
}
