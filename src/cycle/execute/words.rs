//! The endings of deletions, each with its sentence.

use crate::cycle::inspect::InspectError;
use crate::cycle::look::LookError;
use crate::plan::{Ending, Outcome};

/// It was changed after the look, and GitLab saw it.
pub(super) fn changed() -> Ending {
    Ending::with(Outcome::Stale, "it was changed in GitLab since the look, and stays")
}

/// The files of its package have changed.
pub(super) fn not_as_judged() -> Ending {
    Ending::with(Outcome::Stale, "the package's files are not those that were judged, and stay")
}

/// Nothing was sent, because it can't be written down before.
pub(super) fn unrecorded(problem: &str) -> Ending {
    Ending::with(Outcome::NotAttempted, format!("nothing is deleted that can't be written down before: {problem}"))
}

/// GitLab answered 403.
pub(super) fn forbidden(message: Option<String>) -> Ending {
    let told = message.map(|message| format!("GitLab answered 403: \"{message}\""));
    Ending::with(
        Outcome::Forbidden,
        told.unwrap_or_else(|| "GitLab answered 403: the token may not delete it".to_owned()),
    )
}

/// It is gone, and one of our tries had no answer.
pub(super) fn deleted_after_loss(problem: &str) -> Ending {
    let problem = format!("{problem}, and yet it is gone: somebody else may have been faster");
    Ending::with(Outcome::Deleted, problem)
}

/// It was sent, and is there. `problem` is what came in the place of an answer; empty where there was one.
pub(super) fn still_there(problem: &str) -> Ending {
    let told = "the deletion was sent, and GitLab still has it";
    Ending::with(Outcome::Unconfirmed, if problem.is_empty() { told.to_owned() } else { format!("{told}: {problem}") })
}

/// GitLab had not answered when the run was stopped.
pub(super) fn too_late() -> Ending {
    Ending::with(Outcome::Unconfirmed, "the run was stopped before GitLab had answered")
}

/// GitLab took the deletion, and the run was stopped before anybody could see what came of it.
pub(super) fn unseen() -> Ending {
    let problem = "the deletion was sent, and the run was stopped before it was seen to be gone";
    Ending::with(Outcome::Unconfirmed, problem)
}

/// It was sent, and nothing tells what came of it. `problem` is what came in the place of an answer, or of a proof.
pub(super) fn unproven(problem: &str) -> Ending {
    let told = "the deletion was sent, and nothing proves that it is gone";
    Ending::with(Outcome::Unconfirmed, format!("{told}: {problem}"))
}

/// Nothing was sent, because the second look didn't show it. `told` says what else is known.
pub(super) fn not_shown(told: &str) -> Ending {
    Ending::with(Outcome::Failed, format!("a second look did not show it, so nothing was sent, {told}"))
}

/// Nothing was sent, because the look can't be finished.
pub(super) fn not_looked_at(error: &LookError) -> Ending {
    let problem = match error {
        LookError::Gitlab(error) | LookError::Inspect(InspectError::Unauthorized(error)) => {
            format!("it could not be looked at again, and stays: {}", error.with_causes())
        }
        other => format!("{other}, and it stays"),
    };
    Ending::with(Outcome::Failed, problem)
}

/// Nothing was sent, because even one deletion can't be looked at in time.
pub(super) fn too_slow() -> Ending {
    let problem = "a second look takes longer than a minute here, and nothing is deleted on an older one";
    Ending::with(Outcome::NotAttempted, problem)
}

/// Nothing was sent, because GitLab forbids one after the other in this project.
pub(super) fn all_forbidden() -> Ending {
    let problem = "GitLab forbade ten deletions of this project, and the others were not tried";
    Ending::with(Outcome::NotAttempted, problem)
}

/// Nothing was sent, because 404s came for what is still there.
pub(super) fn false_answers() -> Ending {
    let problem = "deletions of this project are answered 404 for what GitLab still shows a minute later: something in front \
                   of GitLab answers for it, or its replicas are far behind";
    Ending::with(Outcome::NotAttempted, problem)
}

/// Nothing was sent, because it would always have been too late.
pub(super) fn never_in_time() -> Ending {
    let problem =
        "nothing can be deleted within a minute of a look at it: GitLab answers too slowly, or asks to be left alone";
    Ending::with(Outcome::NotAttempted, problem)
}

/// Nothing was sent, because GitLab no longer takes the token.
pub(super) fn locked_out() -> Ending {
    Ending::with(Outcome::NotAttempted, "GitLab no longer takes the token")
}

/// Nothing was sent, because GitLab no longer answers.
pub(super) fn no_answers() -> Ending {
    Ending::with(Outcome::NotAttempted, "GitLab no longer answers")
}

/// Nothing was sent, because one project after the other forbids it.
pub(super) fn forbidden_everywhere() -> Ending {
    Ending::with(
        Outcome::NotAttempted,
        "GitLab forbade ten deletions in each of three projects, and no more were tried",
    )
}

/// Nothing was sent, because too few of the first deletions are proven.
pub(super) fn no_canary() -> Ending {
    let problem = "of the first thirty deletions fewer than ten are proven to be done, and no more were tried";
    Ending::with(Outcome::NotAttempted, problem)
}
