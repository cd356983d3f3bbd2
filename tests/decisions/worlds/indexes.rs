//! Debian and Helm: which distribution or channel a version is in is not told, so each may be the highest of one.

use crate::worlds::judgement::{check, row};

/// If the higher one is missed by the walk, the other must not become "the highest", which such a rule may take.
#[test]
fn every_version_may_be_the_highest_of_an_index() {
    for (package_type, one, two) in [("helm", "1.0.0", "2.0.0"), ("debian", "1.0-1", "2.0-1")] {
        let rows = |lower, higher| [(row(package_type, one, 91), lower), (row(package_type, two, 89), higher)];
        check("delete: [{ older_than: 4d }]", rows("other_index", "latest"));
        check("delete: [{ older_than: 4d, allow_latest: true }]", rows("other_index", "other_index"));
        check("delete: [{ older_than: 4d, other_indexes: true }]", rows("selected", "latest"));
        check("delete: [{ older_than: 4d, allow_latest: true, other_indexes: true }]", rows("selected", "selected"));
        // What no rule selects has the same reason.
        check("delete: [{ older_than: 400d }]", rows("other_index", "latest"));
    }
}

#[test]
fn a_candidate_and_a_version_that_cannot_be_read_may_be_the_highest_of_an_index() {
    check(
        "delete: [{ older_than: 4d }]",
        [
            (row("helm", "3.0.0-rc.1", 50), "other_index"),
            (row("helm", "2.0.0", 60), "latest"),
            (row("helm", "newest", 70), "latest"),
        ],
    );
    check(
        "delete: [{ name: core, allow_latest: true, other_indexes: true }]\nkeep: [{ newest: 1 }]",
        [(row("helm", "3.0.0-rc.1", 50), "kept_by_rule"), (row("helm", "2.0.0", 60), "selected")],
    );
}

/// Nobody can install them, so they are in no index.
#[test]
fn failed_uploads_can_be_cleaned_up() {
    check(
        "delete: [{ status: error }]",
        [
            (row("helm", "1.0.0", 91).status("error"), "selected"),
            (row("helm", "0.0.0-8f14e45f-ceea-467f-a8f8-1b1f0f1b2c3d", 91).status("error"), "selected"),
            (row("debian", "1.0-1", 91).status("error"), "selected"),
            (row("helm", "1.1.0", 91), "latest"),
        ],
    );
}

#[test]
fn other_types_have_one_index() {
    check(
        "delete: [{ older_than: 4d }]",
        [
            (row("rubygems", "1.0.0", 91), "selected"),
            (row("rubygems", "2.0.0", 89), "latest"),
            (row("generic", "1.0.0", 91), "selected"),
        ],
    );
}
