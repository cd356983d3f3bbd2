//! `gleaner check`.

mod lints;
mod runs;

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::moment::now;
use super::policies::read_with_lints;
use super::terminal::{print, say};
use super::{CheckArgs, CommandResult, Exit};
use crate::policy::{ClockTrust, Downloads, ExceptionCeiling, FromFile, Hold, Instance, PolicySet};
use lints::Denied;

pub(super) fn check(args: &CheckArgs) -> CommandResult {
    if let Some(name) = &args.explain {
        print(&format!("{}\n", lints::named(name)?.explanation))?;
        return Ok(Exit::Done);
    }
    let denied = Denied::of(&args.deny)?;
    let now = now();
    let Some((set, lints)) = read_with_lints(&args.policies, now)? else {
        return Ok(Exit::Invalid);
    };
    let runs = runs::next_runs(&set.policies, now);
    let policies: Vec<&str> = set.policies.iter().map(|policy| policy.name.as_str()).collect();
    let protections: Vec<&str> = set.protections.iter().map(|protection| protection.name.as_str()).collect();
    let list = |names: &[&str]| if names.is_empty() { "none".to_owned() } else { names.join(", ") };
    let in_use = in_use(&set);
    let instance = set.instance.map_or_else(|| "none".to_owned(), |instance| summary(&instance, now));
    let (policies, protections) = (list(&policies), list(&protections));
    print(&format!("policies: {policies}\nprotections: {protections}\ninstance: {instance}\n{in_use}{runs}"))?;
    match denied.among(&lints) {
        0 => Ok(Exit::Done),
        count => {
            say(&format!("error: {}", lints::refusal(count)));
            Ok(Exit::Invalid)
        }
    }
}

/// Tells what the in-use files say, each in one line.
fn in_use(set: &PolicySet) -> String {
    let rules = set.protections.iter().flat_map(|protection| &protection.rules);
    let mut files: BTreeMap<&str, &FromFile> = BTreeMap::new();
    for from in rules.filter_map(Hold::from_file) {
        // Of several rules the one that can't use the file stops all deletions.
        let told = files.entry(&from.file).or_insert(from);
        if told.reading.is_ok() {
            *told = from;
        }
    }
    let mut text = String::new();
    for (file, from) in files {
        let says = match &from.reading {
            Ok(in_use) => {
                let foreign = match in_use.foreign {
                    0 => String::new(),
                    count => format!(", {count} of them of types that GitLab's registry doesn't have"),
                };
                let packages = if in_use.len() == 1 { "package" } else { "packages" };
                format!("{} {packages} as of {}{foreign}", in_use.len(), in_use.as_of)
            }
            Err(unusable) => format!("can't be used: {unusable}"),
        };
        text.push_str(&format!("in use: {file}: {says}\n"));
    }
    text
}

/// Tells what an instance file says, in one line.
fn summary(instance: &Instance, now: Timestamp) -> String {
    let Instance { source, url, paused, clock, downloads, journal_keep, require, ceiling, .. } = instance;
    let coming = instance.freeze.iter().filter(|freeze| now < freeze.from).map(|freeze| freeze.from).min();
    let parts = [
        Some(source.clone()),
        url.as_ref().map(|url| format!("for {url}")),
        paused.then(|| "paused".to_owned()),
        instance.frozen(now).map(|freeze| format!("frozen until {}", freeze.end)),
        coming.map(|from| format!("frozen from {from}")),
        (*clock == ClockTrust::Trusted).then(|| "clock trusted".to_owned()),
        (*downloads != Downloads::default()).then(|| format!("downloads tracked since {}", downloads.tracked_since)),
        (!downloads.complete).then(|| "downloads incomplete".to_owned()),
        journal_keep.as_ref().map(|keep| format!("journal kept for {keep}")),
        (!require.is_empty()).then(|| format!("requires {}", require.join(" and "))),
        ceiling.max_deletions.map(|most| format!("max_deletions at most {most}")),
        ceiling.max_percent.map(|most| format!("max_percent at most {most}")),
        ceiling.min_age.as_ref().map(|least| format!("min_age at least {least}")),
        exceptions(&ceiling.exception),
        (!ceiling.allow_latest).then(|| "no allow_latest".to_owned()),
        (!ceiling.allow_released).then(|| "no allow_released".to_owned()),
        accepted(instance, now),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

/// Tells the projects of which fewer holds are accepted as of now; `None` where there are none.
fn accepted(instance: &Instance, now: Timestamp) -> Option<String> {
    let accepted = instance.accept_fewer_holds.iter().filter(|acceptance| acceptance.holds(now));
    let accepted: Vec<String> =
        accepted.map(|acceptance| format!("{} until {}", acceptance.project, acceptance.until)).collect();
    (!accepted.is_empty()).then(|| format!("fewer holds accepted of {}", accepted.join(" and ")))
}

/// Tells what exceptions from the limits there may be; `None` where they are bounded like the limits.
fn exceptions(ceiling: &ExceptionCeiling) -> Option<String> {
    match ceiling {
        ExceptionCeiling::AsLimits => None,
        ExceptionCeiling::None => Some("no exceptions".to_owned()),
        ExceptionCeiling::UpTo { max_deletions, max_percent } => {
            let deletions = max_deletions.map(|most| format!("max_deletions at most {most}"));
            let percent = max_percent.map(|most| format!("max_percent at most {most}"));
            let bounds: Vec<String> = deletions.into_iter().chain(percent).collect();
            Some(format!("in an exception {}", bounds.join(" and ")))
        }
    }
}
