//! The second look: reads again, right before it is deleted, what is about to go and what its verdict hangs on, and
//! plans it again.
//!
//! The order is that what can save a package is read before its row and again after it: the project and the groups
//! above it, releases, protection rules and branches, rows, files and pipelines, releases, protection rules and branches,
//! the project and its groups, the policy files. So a hold that is handed over from one thing to another is seen in one of them. What
//! held in either reading holds.

pub(super) mod page;
pub(super) mod rows;

use std::collections::{BTreeSet, HashSet};

use jiff::Timestamp;
use tokio_util::sync::CancellationToken;

use self::rows::{RowsRead, Wanted};
use crate::cycle::brake::{Brake, Halt};
use crate::cycle::inspect::{InspectError, Inspection};
use crate::cycle::progress::{Event, Observer};
use crate::cycle::walk::seen;
use crate::gitlab::{self, Reader};
use crate::package::{
    BranchOrigin, BranchesSeen, Evidence, FileId, Namespace, Package, PackageId, PathsSeen, ProjectId, Protected,
    Questions, Reference, Released,
};
use crate::plan::inventory::{GroupSeen, Inventory, InventoryBuilder, Sightings, Walked};
use crate::plan::{Again, Decision, Inquiry, Plan, Verdict, again, out_of_scope, plan, tells_fewer};
use crate::policy::{GroupPaths, InForce, Patterns, Present};

/// Everything that an approved plan was made of.
#[derive(Clone, Copy)]
pub struct Basis<'a> {
    /// The policy, with its set and the instant of the plan.
    pub in_force: InForce<'a>,
    /// The plan.
    pub plan: &'a Plan,
    /// The inventory that it was made of, without the packages that it decides on.
    pub frame: &'a Inventory,
    /// The answers that it went by.
    pub evidence: &'a Evidence,
    /// The files that the policies before it deleted.
    pub gone: &'a HashSet<FileId>,
    /// The paths that projects had in the walk and in those before.
    pub paths: &'a PathsSeen,
    /// The branches that earlier runs saw.
    pub branches: &'a BranchesSeen,
    /// Narrows the scope to projects whose path matches.
    pub projects: Option<&'a Patterns>,
}

impl Basis<'_> {
    /// Returns the inventory of one project that the plan was made of.
    pub(super) fn inventory_of(&self, project: ProjectId) -> Inventory {
        let packages = self.plan.decisions().iter().map(|decision| &decision.package);
        self.frame.holding(project, packages.filter(|package| package.project.id == project).cloned().collect())
    }
}

/// What is looked at in one go, all of one project.
pub(super) struct Sights<'a> {
    pub(super) project: ProjectId,
    /// What the approved plan decides on in this project.
    pub(super) inventory: &'a Inventory,
    /// The packages that are about to go, or to lose files.
    pub(super) going: BTreeSet<PackageId>,
    /// The packages that their verdicts hang on.
    pub(super) witnesses: BTreeSet<PackageId>,
    /// Every package that a deletion was sent for. None of them takes a place.
    pub(super) sent: &'a HashSet<PackageId>,
    /// The files that are deleted by now, or that a deletion was sent for.
    pub(super) files: &'a HashSet<FileId>,
}

/// The result of a second look.
pub(super) struct LookedAgain {
    /// The plan of the second look.
    pub(super) plan: Plan,
    /// The policy set as it is now.
    pub(super) present: Present,
    /// The instant of the answers.
    pub(super) at: Timestamp,
    pub(super) rows: RowsRead,
    /// Every row that was read and that the walk had, with its project as it is now.
    walked: Walked,
    /// Why the project is no longer in the scope; `None` where it is.
    moved: Option<String>,
    evidence: Evidence,
}

/// Why there is no second look.
#[derive(Debug, thiserror::Error)]
pub(super) enum LookError {
    /// GitLab gives no answer that can be used.
    #[error("it could not be looked at again")]
    Gitlab(#[from] gitlab::Error),
    /// The token doesn't see the project any more.
    #[error("GitLab doesn't show its project any more")]
    NotShown,
    /// Further look-ups make no sense.
    #[error("it could not be looked at again")]
    Inspect(#[from] InspectError),
    /// Nothing may be deleted now.
    #[error(transparent)]
    Halted(Halt),
}

/// Looks at things again.
pub(super) struct SecondLook<'a> {
    pub(super) basis: Basis<'a>,
    /// Takes only answers that are of now.
    pub(super) reader: &'a Reader,
    pub(super) brake: &'a Brake,
    pub(super) observer: &'a dyn Observer,
    pub(super) stop: &'a CancellationToken,
}

impl SecondLook<'_> {
    /// Looks, and plans again. `present` is the policy set when the look begins: one that has changed since the plan may
    /// ask for more.
    pub(super) async fn run(&self, sights: &Sights<'_>, present: Present) -> Result<LookedAgain, LookError> {
        let Basis { in_force, plan: approved, .. } = self.basis;
        // A version that is in use is downloaded while the look lasts. To whoever asks no date is in the future.
        let asked_by = present.in_force().looking_again(approved.as_of(), Timestamp::MAX);
        let observer = Aside(self.observer);
        let inspection = Inspection::new(self.reader, &observer, self.stop);
        let mut sightings = Sightings::default();
        sightings.saw_row(sights.project, None);
        let mut groups = self.project(sights.project, &mut sightings).await?;
        let above = sightings.groups_above();
        groups.by_id.extend(self.groups(above, &mut sightings).await?);
        let holds = self.holds(sights, asked_by);
        let first = inspection.holds(&holds, self.recalled(asked_by)).await?;
        let rows = rows::read(self.reader, &self.wanted(sights)).await?;
        let walked = self.walked(sights, &rows, &sightings);
        let inventory = self.inventory(sights, &walked, asked_by);
        let wanted: HashSet<PackageId> = sights.going.union(&sights.witnesses).copied().collect();
        let inquiry = Inquiry {
            in_force: asked_by,
            inventory: &inventory,
            gone: sights.files,
            branches: self.basis.branches,
            wanted: Some(&wanted),
        };
        let mut evidence = inspection.answer_all(&inquiry, first).await?;
        evidence.hold_as_well(inspection.holds(&holds, self.recalled(asked_by)).await?);
        let evidence = inspection.answer_linked(&inquiry, evidence).await?;
        groups.top_level = self.project(sights.project, &mut sightings).await?.top_level;
        let above = sightings.groups_above();
        groups.by_id.extend(self.groups(above, &mut sightings).await?);
        let present = self.brake.look(in_force).await.map_err(LookError::Halted)?;
        let at = present.in_force().now();
        let decided_by = present.in_force().looking_again(approved.as_of(), at);
        let walked = self.walked(sights, &rows, &sightings);
        let inventory = self.inventory(sights, &walked, decided_by);
        // What the plan was told to keep packages, and nobody tells now, may be out of sight.
        let inventory = match tells_fewer(self.basis.evidence, &evidence) {
            true => inventory.with_fewer_holds([sights.project].into()),
            false => inventory,
        };
        let project = walked.packages().next().map(|package| &package.project);
        let moved = project.and_then(|project| decided_by.policy().scope.reach.leaves_out(project, &groups));
        let second = plan(decided_by, inventory, &evidence);
        Ok(LookedAgain { plan: second, at, rows, walked, moved, evidence, present })
    }

    /// Asks for the project, and returns the groups that it may be in as far as its own row tells.
    async fn project(&self, id: ProjectId, sightings: &mut Sightings) -> Result<GroupPaths, LookError> {
        let Some(row) = self.reader.project_if_shown(&id.into()).await? else {
            // A CI job's token may list the packages of its project and not read the project.
            if self.reader.own_project().await? == Some(id) {
                sightings.runs_in(id);
                return Ok(GroupPaths::default());
            }
            return Err(LookError::NotShown);
        };
        let of_group = row.namespace == Namespace::Group;
        let top_level = row.path.split_once('/').filter(|_| of_group).map(|(top, _)| top.to_owned());
        sightings.answer(id, Some(row));
        Ok(GroupPaths { top_level, ..GroupPaths::default() })
    }

    /// Asks for groups above the project, and returns their paths by their ids.
    async fn groups(
        &self,
        above: BTreeSet<String>,
        sightings: &mut Sightings,
    ) -> Result<Vec<(u64, String)>, LookError> {
        let mut by_id = Vec::new();
        for path in above {
            let row = match Reference::parse(&path) {
                Ok(group) => self.reader.group_if_shown(&group).await?,
                Err(_) => None,
            };
            // A group that answers from another path is not the one.
            let row = row.filter(|row| row.path.eq_ignore_ascii_case(&path));
            sightings.answer_group(&path, row.as_ref().map_or(GroupSeen::Untold, seen));
            by_id.extend(row.map(|row| (row.id, row.path)));
        }
        Ok(by_id)
    }

    /// Returns the questions about what can save packages apart from their rows.
    fn holds(&self, sights: &Sights<'_>, in_force: InForce<'_>) -> Questions {
        let mut questions = Questions::default();
        questions.protection.insert(sights.project);
        let may_be_released = |package: &Package| package.project.has_releases != Some(false);
        if in_force.minds_releases() && sights.inventory.packages().iter().any(may_be_released) {
            questions.releases.insert(sights.project);
        }
        if in_force.goes_by_branches() {
            let decisions = sights.going.iter().filter_map(|id| self.basis.plan.decision(*id));
            let origins = decisions
                .map(|decision| (decision.package.id, BranchOrigin::of(&decision.package, &decision.built_from)));
            for (package, origin) in origins {
                if let Some((project, branch)) = origin.branch() {
                    questions.branches.insert((project, branch.clone(), package));
                }
            }
        }
        questions
    }

    fn recalled(&self, in_force: InForce<'_>) -> Evidence {
        let mut evidence = Evidence::none();
        evidence.recall_branches(self.basis.branches, in_force.now());
        evidence
    }

    fn wanted<'s>(&'s self, sights: &'s Sights<'_>) -> Wanted<'s> {
        Wanted {
            project: sights.project,
            scope: &self.basis.in_force.policy().scope,
            known: sights.inventory.packages(),
            going: &sights.going,
            witnesses: &sights.witnesses,
        }
    }

    /// Puts together the rows that the walk had, and what became known of the project. A row that the walk didn't have
    /// takes no place: somebody published it since, and it would push out what was among the newest all along.
    fn walked(&self, sights: &Sights<'_>, rows: &RowsRead, sightings: &Sightings) -> Walked {
        let known: HashSet<PackageId> = sights.inventory.packages().iter().map(|package| package.id).collect();
        let mut builder = InventoryBuilder::default();
        builder.absorb(rows.packages.iter().filter(|package| known.contains(&package.id)).cloned());
        builder.settle(sightings, self.basis.paths, Vec::new())
    }

    fn inventory(&self, sights: &Sights<'_>, walked: &Walked, in_force: InForce<'_>) -> Inventory {
        let of_scope = walked.within(&in_force.policy().scope, self.basis.projects);
        let sent = sights.inventory.packages().iter().filter(|package| sights.sent.contains(&package.id));
        let taken = sights.inventory.taken().iter().chain(sent).cloned().collect();
        of_scope.without(sights.sent).with_taken(taken)
    }
}

impl LookedAgain {
    /// Returns the second verdict on a package that the approved plan deletes; `None` where GitLab doesn't list it any
    /// more.
    pub(super) fn again(&self, approved: &Decision) -> Option<Again> {
        let package = self.walked.get(approved.package.id)?;
        if let Some(moved) = &self.moved {
            return Some(Again::Stale(format!("moved: {moved}")));
        }
        Some(again(approved, &self.plan, self.in_force()).unwrap_or_else(|| self.out_of_plan(package)))
    }

    /// Returns whether files may still be taken of a package that stays by the approved plan.
    pub(super) fn of_trimmed(&self, package: &Package) -> Again {
        let Some(now) = self.walked.get(package.id) else {
            return Again::Stale("GitLab no longer lists its package".to_owned());
        };
        if let Some(moved) = &self.moved {
            return Again::Stale(format!("moved: {moved}"));
        }
        match self.plan.decision(package.id) {
            None => self.out_of_plan(now),
            Some(decision) if decision.verdict() == Verdict::Delete => {
                Again::Stale("its package would go as a whole now".to_owned())
            }
            Some(_) if self.plan.file_decisions_of(package.id).is_empty() => match self.is_untold(now) {
                true => Again::Untold("what decides about its package could not be looked up".to_owned()),
                false => Again::Stale("no file of its package may go now".to_owned()),
            },
            Some(_) => Again::Goes,
        }
    }

    /// Returns the policy by which it was planned again.
    pub(super) fn in_force(&self) -> InForce<'_> {
        self.present.in_force().looking_again(self.plan.as_of(), self.at)
    }

    fn is_untold(&self, package: &Package) -> bool {
        self.evidence.lacks_files(package.id)
            || self.evidence.protected(package) == Protected::Open
            || self.evidence.released(package) == Released::Open
    }

    fn out_of_plan(&self, package: &Package) -> Again {
        match self.present.in_force().policy().scope.filters_out(package) {
            Some(outside) => out_of_scope(&outside),
            None => Again::Stale("it is no longer in one of the projects that were asked for".to_owned()),
        }
    }
}

/// Passes on what goes wrong, and no progress: that of a look is not the cycle's.
struct Aside<'a>(&'a dyn Observer);

impl Observer for Aside<'_> {
    fn on(&self, event: &Event) {
        if matches!(event, Event::EvidenceRead { problem: Some(_), .. }) {
            self.0.on(event);
        }
    }
}
