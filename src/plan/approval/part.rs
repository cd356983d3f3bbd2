//! Holds the deletions of a plan, or some of them, against each limit.

use std::collections::{BTreeMap, BTreeSet};

use super::{HeldBy, LimitName, Refusal};
use crate::package::{Project, ProjectId};
use crate::plan::{Decision, FileDecision, ItemId, Plan, Verdict};
use crate::policy::Limits;

/// So many deletions are always within `max_percent` and `max_percent_per_group`: in a small scope a percentage says little.
const ALWAYS_WITHIN_PERCENT: u64 = 20;

/// `max_percent_per_project` holds for projects of at least so many packages.
const PROJECT_OF_NOTE: u64 = 50;

/// The deletions of a plan, or some of them.
#[derive(Clone, Copy)]
pub(super) struct Part<'a> {
    pub(super) plan: &'a Plan,
    /// Those that count; `None` for all.
    pub(super) only: Option<&'a BTreeSet<ItemId>>,
    /// Those that earlier cycles have approved. They don't count again.
    pub(super) approved: &'a BTreeSet<ItemId>,
}

impl<'a> Part<'a> {
    /// Holds it against limits, in the order of [`LimitName::ALL`].
    pub(super) fn within(self, limits: &Limits) -> Result<(), Refusal> {
        self.within_count(limits.max_deletions)?;
        self.within_percent(limits.max_percent)?;
        self.within_projects(limits.max_percent_per_project)?;
        limits.max_percent_per_group.map_or(Ok(()), |allowed| self.within_groups(allowed))?;
        limits.max_bytes.map_or(Ok(()), |allowed| self.within_bytes(allowed))
    }

    fn counts(self, item: ItemId) -> bool {
        self.only.is_none_or(|only| only.contains(&item)) && !self.approved.contains(&item)
    }

    /// Tells that something else was approved before, where it was.
    pub(super) fn beside_approved(self, refusal: Refusal) -> Refusal {
        if self.approved.is_empty() {
            return refusal;
        }
        let because = format!("{}, beside the {} that were approved before", refusal.because, self.approved.len());
        Refusal { because, ..refusal }
    }

    /// What was approved before counts as gone.
    fn add_to(self, share: &mut Share, decision: &Decision) {
        let item = ItemId::Package(decision.package.id);
        share.listed += 1;
        share.whole += u64::from(!self.approved.contains(&item));
        share.part += u64::from(decision.verdict() == Verdict::Delete && self.counts(item));
    }

    fn packages(self) -> impl Iterator<Item = &'a Decision> + Clone {
        self.plan.deletions().filter(move |decision| self.counts(ItemId::Package(decision.package.id)))
    }

    fn files(self) -> impl Iterator<Item = &'a FileDecision> + Clone {
        self.plan.file_deletions().filter(move |decision| self.counts(ItemId::File(decision.file.id)))
    }

    fn within_count(self, allowed: u64) -> Result<(), Refusal> {
        let files = self.files().count() as u64;
        let wanted = self.packages().count() as u64 + files;
        if wanted <= allowed {
            return Ok(());
        }
        let of_files = if files > 0 { format!(" ({files} of them of files)") } else { String::new() };
        let told = match self.only {
            None => format!("{wanted} deletions{of_files} are planned"),
            Some(_) => format!("with the next ones it would be {wanted} deletions{of_files}"),
        };
        Err(Refusal {
            limit: LimitName::MaxDeletions,
            allowed,
            wanted: Some(wanted),
            by: HeldBy::Limits,
            because: format!("{told}, and at most {allowed} are allowed"),
        })
    }

    fn within_percent(self, allowed: u8) -> Result<(), Refusal> {
        let mut share = Share::default();
        self.plan.decisions().iter().for_each(|decision| self.add_to(&mut share, decision));
        if share.is_small() || !share.is_beyond(allowed) {
            return Ok(());
        }
        Err(share.refusal(LimitName::MaxPercent, allowed, "packages in scope"))
    }

    fn within_projects(self, allowed: u8) -> Result<(), Refusal> {
        let mut projects: BTreeMap<ProjectId, (Share, &Project)> = BTreeMap::new();
        for decision in self.plan.decisions() {
            let package = &decision.package;
            let (share, _) = projects.entry(package.project.id).or_insert((Share::default(), &package.project));
            self.add_to(share, decision);
        }
        match projects.into_values().find(|(share, _)| share.is_of_note() && share.is_beyond(allowed)) {
            None => Ok(()),
            Some((share, project)) => {
                let name = project.path.clone().unwrap_or_else(|| project.id.to_string());
                Err(share.refusal(LimitName::MaxPercentPerProject, allowed, &format!("packages of project {name}")))
            }
        }
    }

    /// A project whose path is not known counts in no group.
    fn within_groups(self, allowed: u8) -> Result<(), Refusal> {
        let mut groups: BTreeMap<&str, Share> = BTreeMap::new();
        for decision in self.plan.decisions() {
            let path = decision.package.project.path.as_deref().unwrap_or_default();
            for (end, _) in path.match_indices('/') {
                self.add_to(groups.entry(&path[..end]).or_default(), decision);
            }
        }
        // A run that is narrowed sees a part of a group, so a group is small by what goes of it.
        match groups.into_iter().find(|(_, share)| !share.is_small() && share.is_beyond(allowed)) {
            None => Ok(()),
            Some((group, share)) => {
                Err(share.refusal(LimitName::MaxPercentPerGroup, allowed, &format!("packages of group {group}")))
            }
        }
    }

    fn within_bytes(self, allowed: u64) -> Result<(), Refusal> {
        let (limit, by) = (LimitName::MaxBytes, HeldBy::Limits);
        let refusal = |wanted, because| Err(Refusal { limit, allowed, wanted, by, because });
        let packages = self.packages().map(|decision| decision.bytes.known());
        let files = self.files().map(|decision| decision.file.size);
        let counted = |count: usize, noun: &str| {
            let plural = if count == 1 { "" } else { "s" };
            (count > 0).then(|| format!("{count} {noun}{plural}"))
        };
        let unknown: Vec<String> = [
            counted(packages.clone().filter(Option::is_none).count(), "package"),
            counted(files.clone().filter(Option::is_none).count(), "file"),
        ]
        .into_iter()
        .flatten()
        .collect();
        if !unknown.is_empty() {
            let what = unknown.join(" and ");
            let because = format!("the sizes of {what} that would go are unknown, and a limit on them is set");
            return refusal(None, because);
        }
        let wanted = packages.chain(files).flatten().fold(0_u64, u64::saturating_add);
        if wanted > allowed {
            return refusal(Some(wanted), format!("{wanted} bytes would go, and at most {allowed} are allowed"));
        }
        Ok(())
    }
}

/// How many packages would go, and of how many.
#[derive(Debug, Clone, Copy, Default)]
struct Share {
    part: u64,
    whole: u64,
    /// The whole, with what was approved before.
    listed: u64,
}

impl Share {
    fn is_of_note(self) -> bool {
        self.listed >= PROJECT_OF_NOTE
    }

    fn is_small(self) -> bool {
        self.part <= ALWAYS_WITHIN_PERCENT
    }

    fn is_beyond(self, percent: u8) -> bool {
        u128::from(self.part) * 100 > u128::from(self.whole) * u128::from(percent)
    }

    fn refusal(self, limit: LimitName, allowed: u8, of_what: &str) -> Refusal {
        let Self { part, whole, .. } = self;
        Refusal {
            limit,
            allowed: allowed.into(),
            // Rounded up, so that what is refused never reads as if it were allowed.
            wanted: Some((part * 100).div_ceil(whole.max(1))),
            by: HeldBy::Limits,
            because: format!("{part} of {whole} {of_what} would go, more than the {allowed}% that are allowed"),
        }
    }
}
