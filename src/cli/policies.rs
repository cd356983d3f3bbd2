//! Reads the policies that a command was given, and picks those that it names.

use jiff::Timestamp;

use super::terminal::say;
use super::{PolicyArgs, UsageError};
use crate::load::{Loaded, load};
use crate::policy::{Policy, PolicySet};

/// The policies that were asked for, and every protection beside them; `None` where something is invalid, which has
/// been told by then.
pub(super) fn read(args: &PolicyArgs, now: Timestamp) -> Result<Option<PolicySet>, UsageError> {
    let Loaded { sources, wanted } = load(&args.paths)?;
    let (mut set, lints) = match PolicySet::parse(&sources) {
        Ok(parsed) => parsed,
        Err(errors) => {
            say(&errors.to_string());
            return Ok(None);
        }
    };
    for lint in lints.as_of(now) {
        say(&format!("warning: {lint}"));
    }
    if let Some(wanted) = wanted {
        set.policies.retain(|policy| wanted.contains(&policy.source));
    }
    Ok(Some(set))
}

/// The policies of the set that `names` name; all of them where it names none.
pub(super) fn chosen<'a>(set: &'a PolicySet, names: &[String]) -> Result<Vec<&'a Policy>, UsageError> {
    let all = || set.policies.iter().map(|policy| policy.name.as_str()).collect::<Vec<_>>().join(", ");
    if let Some(unknown) = names.iter().find(|name| set.policies.iter().all(|policy| policy.name != **name)) {
        return Err(UsageError::UnknownPolicy(unknown.clone(), all()));
    }
    let chosen: Vec<&Policy> =
        set.policies.iter().filter(|policy| names.is_empty() || names.contains(&policy.name)).collect();
    if chosen.is_empty() { Err(UsageError::NoPolicy) } else { Ok(chosen) }
}
