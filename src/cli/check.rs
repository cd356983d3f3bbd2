//! `gleaner check`.

use super::moment::now;
use super::policies::read;
use super::terminal::print;
use super::{CommandResult, Exit, PolicyArgs};

pub(super) fn check(args: &PolicyArgs) -> CommandResult {
    let now = now();
    let Some(set) = read(args, now)? else {
        return Ok(Exit::Invalid);
    };
    let policies: Vec<&str> = set.policies.iter().map(|policy| policy.name.as_str()).collect();
    let protections: Vec<&str> = set.protections.iter().map(|protection| protection.name.as_str()).collect();
    let list = |names: &[&str]| if names.is_empty() { "none".to_owned() } else { names.join(", ") };
    print(&format!("policies: {}\nprotections: {}\n", list(&policies), list(&protections)))?;
    Ok(Exit::Done)
}
