//! In-use files that can't be used now.

use crate::policy::places::Places;
use crate::policy::{Hold, Unusable};
use crate::yaml::LintKind;
use crate::yaml::findings::Findings;

pub(super) static LINT: LintKind = LintKind {
    name: "in-use-file-unusable",
    explanation: "\
The file that a protect rule names by `from` can't be used: it is not there, can't be read in one of its lines, names
nothing, doesn't say of what time it is, or is older than `max_age`. As long as that is so, nothing is deleted by any policy
beside it.

Look after whatever writes the file. Where its folder is not mounted, as in a CI job that only checks policies, allow it
there.",
};

/// Looks at the in-use file of a protect rule, if it has one that somebody has tried to read.
pub(super) fn look(hold: &Hold, places: &Places, findings: &mut Findings<'_>) {
    let Some(from) = hold.from_file() else { return };
    match &from.reading {
        Ok(_) | Err(Unusable::Unread) => {
            // Whoever allows it means another machine. Here the comment silences nothing, and is right all the same.
            findings.allows(&LINT, places.value("from", 0));
        }
        Err(unusable) => findings.lint(
            &LINT,
            places.value("from", 0),
            format!("{} can't be used, so nothing is deleted: {unusable}", from.file),
            "look after what writes it; where it is not mounted, allow this",
        ),
    }
}
