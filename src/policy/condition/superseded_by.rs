//! `superseded_by`: which releases count under `superseded` and `superseded_for`. It is no condition by itself.

use super::Condition;
use crate::policy::SupersededBy;
use crate::yaml::ValueError;
use crate::yaml::fields::Fields;
use crate::yaml::findings::Findings;
use crate::yaml::scalar;
use crate::yaml::text::{did_you_mean, shown};

const KEY: &str = "superseded_by";

/// Reports it where it stands alone. Called before the conditions of the rule are read.
pub(super) fn refuse_alone(fields: &mut Fields<'_>, findings: &mut Findings<'_>) {
    let is_alone = ["superseded", "superseded_for"].iter().all(|key| !fields.has(key));
    if is_alone
        && fields.has(KEY)
        && let Some(node) = fields.take(KEY)
    {
        findings
            .problem(node.span, format!("`{KEY}` goes with `superseded` or `superseded_for`"))
            .hint("it says which releases count, and not that one has to be there");
    }
}

/// Reads it. What can't be read has been reported.
pub(super) fn read(fields: &mut Fields<'_>, findings: &mut Findings<'_>) -> SupersededBy {
    fields.read(KEY, findings, |node, findings| scalar::parsed(node, findings, parse)).unwrap_or_default()
}

fn parse(text: &str) -> Result<SupersededBy, ValueError> {
    match text {
        "own" => Ok(SupersededBy::Own),
        "any" => Ok(SupersededBy::Any),
        _ => Err(ValueError::new(
            format!("`superseded_by` knows no `{}`{}", shown(text), did_you_mean(text, SupersededBy::WORDS)),
            "write `superseded_by: own`, which is the default, or `superseded_by: any` for every higher release that was \
             made later",
        )),
    }
}

impl Condition {
    /// Sets which releases count, for a condition that they count for.
    pub(super) fn count_successors(&mut self, by: SupersededBy) {
        match self {
            Self::Superseded(asked) => asked.by = by,
            Self::SupersededFor(asked) => asked.by = by,
            _ => {}
        }
    }

    /// Returns which releases count, for a condition that looks at the other versions of a package.
    pub(crate) fn successors(&self) -> Option<SupersededBy> {
        match self {
            Self::Superseded(asked) => Some(asked.by),
            Self::SupersededFor(asked) => Some(asked.by),
            _ => None,
        }
    }
}
