//! `newest`: keeps some versions of each package, the newest of each series.

use std::num::NonZeroU32;

use serde::Serialize;

use super::pattern::Capture;
use crate::yaml::ValueError;
use crate::yaml::document::Node;
use crate::yaml::fields::Fields;
use crate::yaml::findings::Findings;
use crate::yaml::scalar;
use crate::yaml::text::{did_you_mean, shown};

/// Keeps the newest of each package key, or of each series in it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Newest {
    /// The number of versions of each series that stay.
    pub count: NonZeroU32,
    /// The order in which versions are newer.
    pub by: By,
    /// How versions form series; `None` makes all versions of a key one series.
    pub per: Option<Per>,
    /// The number of series, those that were built last, of which versions stay; `None` means all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_series: Option<NonZeroU32>,
}

/// The order of versions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum By {
    /// By when they last got content.
    #[default]
    Content,
    /// By when they were made.
    Created,
    /// By the order of their ecosystem.
    Version,
}

/// The order in which series were built.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BuiltBy {
    /// By when their versions last got content.
    Content,
    /// By when their versions were made.
    Creation,
}

/// The property that the versions of a series share.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Per {
    /// The first number of the version.
    Major,
    /// The first two numbers of the version.
    Minor,
    /// The first three numbers of the version.
    Patch,
    /// The ref of the last pipeline.
    Ref,
    /// The part of the version that the group of an expression matches.
    Capture(Capture),
}

impl Newest {
    /// Returns the order in which series were built. Versions tell nothing of when: a fix for an old line is as new as
    /// its content.
    #[must_use]
    pub fn built_by(&self) -> BuiltBy {
        match self.by {
            By::Content | By::Version => BuiltBy::Content,
            By::Created => BuiltBy::Creation,
        }
    }
}

/// Reads `newest` with `by`, `newest_per` and `last_series`. Reports these where they stand without what they go with.
pub(super) fn read(fields: &mut Fields<'_>, findings: &mut Findings<'_>) -> Option<Newest> {
    let newest = fields.take("newest");
    let by = fields.take("by");
    let per = fields.take("newest_per");
    let last = fields.take("last_series");
    if newest.is_none() {
        for orphan in by.into_iter().chain(per).chain(last) {
            findings
                .problem(orphan.span, format!("`{}` goes with `newest`", orphan.key))
                .hint("write `newest: 3` beside it");
        }
    } else if let (Some(last), None) = (last, per) {
        findings
            .problem(last.span, "`last_series` goes with `newest_per`, which says what a series is")
            .hint("write `newest_per: ref` beside it, or another series");
    }
    let by = by.and_then(|by| scalar::parsed(by, findings, parse_order)).unwrap_or_default();
    let per = per.map(|per| scalar::parsed(per, findings, parse_series));
    let last = last.map(|last| last_series(last, findings));
    let count = count(newest?, findings)?;
    // A series that can't be read has been reported. Without it the rule would keep less.
    let per = match per {
        None => None,
        Some(per) => Some(per?),
    };
    let last_series = match last {
        None => None,
        Some(last) => Some(last?),
    };
    Some(Newest { count, by, per, last_series })
}

fn count(node: &Node, findings: &mut Findings<'_>) -> Option<NonZeroU32> {
    let count = NonZeroU32::new(scalar::count(node, findings)?);
    if count.is_none() {
        findings.problem(node.span, "`newest: 0` keeps nothing").hint("keep at least one, or take the rule out");
    }
    count
}

fn last_series(node: &Node, findings: &mut Findings<'_>) -> Option<NonZeroU32> {
    let count = NonZeroU32::new(scalar::count(node, findings)?);
    if count.is_none() {
        findings
            .problem(node.span, "`last_series: 0` keeps nothing")
            .hint("keep versions of at least one series, or take the rule out");
    }
    count
}

fn parse_order(text: &str) -> Result<By, ValueError> {
    match text {
        "content" => Ok(By::Content),
        "created" => Ok(By::Created),
        "version" => Ok(By::Version),
        _ => Err(ValueError::new(
            format!("unknown order `{}`{}", shown(text), did_you_mean(text, ["content", "created", "version"])),
            "write `by: content`, which is the default, `by: created` or `by: version`",
        )),
    }
}

fn parse_series(text: &str) -> Result<Per, ValueError> {
    match text {
        "major" => Ok(Per::Major),
        "minor" => Ok(Per::Minor),
        "patch" => Ok(Per::Patch),
        "ref" => Ok(Per::Ref),
        _ if text.starts_with('/') => Capture::parse(text).map(Per::Capture),
        _ => Err(ValueError::new(
            format!("unknown series `{}`{}", shown(text), did_you_mean(text, ["major", "minor", "patch", "ref"])),
            "write `major`, `minor`, `patch`, `ref`, or a regular expression with one group, as in `/([0-9]+)\\..*/`",
        )),
    }
}
