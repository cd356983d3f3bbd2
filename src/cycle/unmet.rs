//! Finds out what became of what a saved plan names and the plan of now doesn't delete.

use std::collections::{BTreeMap, BTreeSet};

use crate::cycle::Cycle;
use crate::cycle::shown::{NameSought, PackagesShown};
use crate::gitlab;
use crate::package::{FileId, PackageId};
use crate::plan::inventory::Gone;
use crate::plan::{Again, Ending, ItemId, NamedItem, Outcome, Plan};
use crate::record::saved_plan::SavedDeletions;
use crate::report::{DecisionReport, PackageReport};

/// How everything ended that is named and doesn't go.
#[derive(Debug, Default)]
pub(super) struct Unmet {
    /// The endings of what the plan of now decides on.
    pub(super) endings: Vec<(ItemId, Ending)>,
    /// The rows of what it doesn't know, with their endings.
    pub(super) unknown: Vec<DecisionReport>,
}

impl Unmet {
    /// Finds it out. `gone` is what an earlier policy or run has sent a deletion for.
    pub(super) async fn of(cycle: &Cycle<'_>, saved: &SavedDeletions, plan: &Plan, gone: &Gone) -> Self {
        let mut unmet = Self::default();
        let mut listings: BTreeMap<NameSought, Vec<(ItemId, &NamedItem)>> = BTreeMap::new();
        for (item, named, again) in saved.named.unmet(plan, cycle.in_force) {
            let row = &saved.rows[&item];
            match again {
                Some(again) => unmet.endings.push((item, ending(again))),
                None => {
                    let PackageReport { package_type, name, .. } = &row.package;
                    let package_type = package_type.as_str().to_owned();
                    let sought = NameSought { project: named.project, package_type, name: name.clone() };
                    listings.entry(sought).or_default().push((item, named));
                }
            }
        }
        for (sought, items) in listings {
            let shown = shown(cycle, &sought, &items).await;
            for (item, named) in items {
                let file = file(item);
                let ending = match &shown {
                    None => unasked(),
                    Some(Ok(shown)) if shown.has(named.package, file) && is_sent(item, named.package, gone) => sent(),
                    Some(Ok(shown)) if shown.has(named.package, file) => elsewhere(),
                    Some(Ok(_)) => gone_meanwhile(),
                    Some(Err(error)) => unseen(error),
                };
                unmet.tell(&saved.rows[&item], ending);
            }
        }
        unmet
    }

    fn tell(&mut self, row: &DecisionReport, ending: Ending) {
        self.endings.push((row.id(), ending.clone()));
        self.unknown.push(DecisionReport { ending: Some(ending), ..row.clone() });
    }
}

/// Asks for packages and files that the walk didn't show; `None` where the run was stopped.
async fn shown(
    cycle: &Cycle<'_>,
    sought: &NameSought,
    items: &[(ItemId, &NamedItem)],
) -> Option<Result<PackagesShown, gitlab::Error>> {
    let of_files = items.iter().filter(|(item, _)| file(*item).is_some());
    let with_files: BTreeSet<PackageId> = of_files.map(|(_, named)| named.package).collect();
    let ask = async {
        // An empty listing proves nothing where the project can't be seen.
        cycle.reader.project(&sought.project.into()).await?;
        PackagesShown::of(cycle.reader, sought, &with_files).await
    };
    tokio::select! {
        biased;
        () = cycle.stop.cancelled() => None,
        shown = ask => Some(shown),
    }
}

fn file(item: ItemId) -> Option<FileId> {
    match item {
        ItemId::Package(_) => None,
        ItemId::File(file) => Some(file),
    }
}

fn is_sent(item: ItemId, package: PackageId, gone: &Gone) -> bool {
    gone.packages.contains(&package) || file(item).is_some_and(|file| gone.files.contains(&file))
}

fn ending(again: Again) -> Ending {
    match again {
        Again::Goes => Ending::of(Outcome::NotAttempted),
        Again::Stale(why) => Ending::with(Outcome::Stale, why),
        Again::Untold(why) => Ending::with(Outcome::Failed, why),
    }
}

fn sent() -> Ending {
    Ending::with(Outcome::NotAttempted, "its deletion was sent before, and nobody knows yet what came of it")
}

fn gone_meanwhile() -> Ending {
    Ending::with(Outcome::AlreadyGone, "it was deleted since the plan was saved")
}

fn elsewhere() -> Ending {
    let problem = "it is no longer among the packages that the policy looks at: its status was changed, or its project was \
                   moved or archived";
    Ending::with(Outcome::Stale, problem)
}

fn unasked() -> Ending {
    Ending::with(Outcome::NotAttempted, "the run was stopped before it was asked for")
}

fn unseen(error: &gitlab::Error) -> Ending {
    let problem = format!("GitLab no longer lists it, and its project can't be asked: {}", error.with_causes());
    Ending::with(Outcome::Failed, problem)
}
