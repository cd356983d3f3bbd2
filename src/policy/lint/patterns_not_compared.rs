//! Sets whose patterns are too much work to compare.

use crate::policy::pattern::Work;
use crate::yaml::LintKind;
use crate::yaml::findings::Findings;

pub(super) static LINT: LintKind = LintKind {
    name: "patterns-not-compared",
    explanation: "\
To compare patterns can be a lot of work: `/(a|b)*a(a|b){17}c/` has more than a hundred thousand states. What gleaner
does for it is bounded, and a set is beyond that bound. From the rule on at which this is told, not every rule is compared
with the others, and warnings may be missing. What the rules do does not hang on it.

Write globs in place of regular expressions, or fewer of them.",
};

pub(super) fn look(work: &Work, findings: &mut [Findings<'_>]) {
    if let Some((file, span)) = work.left_out() {
        findings[file].lint(
            &LINT,
            span,
            "from here on, not every rule is compared with the others: the patterns of this set are too much work",
            "write globs in place of regular expressions, or fewer of them; what the rules do does not hang on it",
        );
    }
}
