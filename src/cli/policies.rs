//! Reads the policies that a command was given, and picks those that it names.

use jiff::Timestamp;

use super::terminal::say;
use super::{PolicyArgs, UsageError};
use crate::cycle::load::{Loaded, load};
use crate::policy::{InForce, PolicySet};
use crate::yaml::Source;

/// The policies that were asked for, and every protection beside them; `None` where something is invalid, which has
/// been told by then.
pub(super) fn read(args: &PolicyArgs, now: Timestamp) -> Result<Option<PolicySet>, UsageError> {
    let Loaded { sources, wanted } = load(&args.paths)?;
    let Some(mut set) = parse(&sources, now) else { return Ok(None) };
    if let Some(wanted) = wanted {
        set.policies.retain(|policy| wanted.contains(&policy.source));
    }
    Ok(Some(set))
}

/// The whole set; `None` where something is invalid, which has been told by then.
pub(super) fn parse(sources: &[Source], now: Timestamp) -> Option<PolicySet> {
    match PolicySet::parse(sources) {
        Ok((set, lints)) => {
            for lint in lints.as_of(now) {
                say(&format!("warning: {lint}"));
            }
            Some(set)
        }
        Err(errors) => {
            say(&errors.to_string());
            None
        }
    }
}

/// The policies of the set that `names` name, as of `now`; all of them where it names none.
pub(super) fn chosen<'a>(set: &'a PolicySet, names: &[String], now: Timestamp) -> Result<Vec<InForce<'a>>, UsageError> {
    let all = || set.policies.iter().map(|policy| policy.name.as_str()).collect::<Vec<_>>().join(", ");
    if let Some(unknown) = names.iter().find(|name| set.policies.iter().all(|policy| policy.name != **name)) {
        return Err(UsageError::UnknownPolicy(unknown.clone(), all()));
    }
    let is_chosen = |in_force: &InForce<'_>| names.is_empty() || names.contains(&in_force.policy().name);
    let chosen: Vec<InForce<'a>> = set.policies_at(now).filter(is_chosen).collect();
    if chosen.is_empty() { Err(UsageError::NoPolicy) } else { Ok(chosen) }
}
