//! `gleaner test`.

use super::moment::now;
use super::policies::parse;
use super::terminal::{print, say};
use super::{CommandResult, Exit, TestArgs, UsageError};
use crate::case::Cases;
use crate::cycle::load::{Loaded, load_cases, load_policies};

pub(super) fn test(args: &TestArgs) -> CommandResult {
    let Loaded { sources, wanted, .. } = load_policies(&args.policies.paths).map_err(UsageError::from)?;
    // All of them: a case may be about the whole set, and a policy that was not named is one of it.
    let Some((set, _)) = parse(&sources, now()) else {
        return Ok(Exit::Invalid);
    };
    let files = load_cases(&args.policies.paths, &args.cases).map_err(UsageError::from)?;
    let mut cases = match Cases::parse(&files, &set) {
        Ok(cases) => cases,
        Err(errors) => {
            say(&errors.to_string());
            return Ok(Exit::Invalid);
        }
    };
    if let Some(wanted) = &wanted {
        cases = cases.about(&set, wanted);
    }
    if cases.cases.is_empty() {
        return Err(UsageError::NoCase.into());
    }
    let outcome = cases.run(&set);
    // A case that fails shows nothing, and is to be looked at first.
    for unshown in outcome.unshown.iter().filter(|_| outcome.is_as_expected()) {
        if wanted.as_ref().is_none_or(|wanted| wanted.contains(&unshown.source)) {
            say(&format!("warning: {unshown}"));
        }
    }
    print(&outcome.to_string())?;
    Ok(if outcome.is_as_expected() { Exit::Done } else { Exit::Failed })
}
