//! Reads the policies that a command was given, and picks those that it names.

use jiff::Timestamp;

use super::moment::now as present;
use super::terminal::say;
use super::{PolicyArgs, UsageError};
use crate::cycle::load::{Loaded, load};
use crate::policy::{InForce, Lints, PolicySet};
use crate::yaml::{Lint, Problems, Source};

/// Reads the policies that were asked for, and every protection beside them. Tells what is invalid, and returns `None`
/// then.
pub(super) fn read(args: &PolicyArgs, now: Timestamp) -> Result<Option<PolicySet>, UsageError> {
    Ok(read_with_lints(args, now)?.map(|(set, _)| set))
}

/// Reads the same, and returns the lints of all files that were read, after it has told them.
pub(super) fn read_with_lints(args: &PolicyArgs, now: Timestamp) -> Result<Option<(PolicySet, Vec<Lint>)>, UsageError> {
    let Loaded { sources, wanted, in_use } = load(&args.paths)?;
    let Some((mut set, lints)) = told(PolicySet::parse_with(&sources, &in_use, present()), now) else {
        return Ok(None);
    };
    if let Some(wanted) = wanted {
        set.policies.retain(|policy| wanted.contains(&policy.source));
    }
    Ok(Some((set, lints)))
}

/// Parses the whole set without in-use files, and returns it with its lints, after it has told them. Tells what is invalid,
/// and returns `None` then.
pub(super) fn parse(sources: &[Source], now: Timestamp) -> Option<(PolicySet, Vec<Lint>)> {
    told(PolicySet::parse(sources), now)
}

fn told(parsed: Result<(PolicySet, Lints), Problems>, now: Timestamp) -> Option<(PolicySet, Vec<Lint>)> {
    match parsed {
        Ok((set, lints)) => {
            let lints = lints.as_of(now);
            for lint in &lints {
                say(&format!("warning: {lint}"));
            }
            Some((set, lints))
        }
        Err(errors) => {
            say(&errors.to_string());
            None
        }
    }
}

/// Returns the policies of the set that `names` name, as of `now`; all of them where it names none.
pub(super) fn chosen<'a>(set: &'a PolicySet, names: &[String], now: Timestamp) -> Result<Vec<InForce<'a>>, UsageError> {
    let all = || set.policies.iter().map(|policy| policy.name.as_str()).collect::<Vec<_>>().join(", ");
    if let Some(unknown) = names.iter().find(|name| set.policies.iter().all(|policy| policy.name != **name)) {
        return Err(UsageError::UnknownPolicy(unknown.clone(), all()));
    }
    let is_chosen = |in_force: &InForce<'_>| names.is_empty() || names.contains(&in_force.policy().name);
    let chosen: Vec<InForce<'a>> = set.policies_at(now).filter(is_chosen).collect();
    if chosen.is_empty() { Err(UsageError::NoPolicy) } else { Ok(chosen) }
}
