//! Explains one package: what every policy says of it, and why.
//!
//! Ranks and the latest version depend on the package's key, and releases on its project. So the project alone is
//! listed, whatever the policies walk, and only the package's own versions are looked up.

use std::collections::{BTreeSet, HashSet};

use tokio_util::sync::CancellationToken;

use crate::cycle::inspect::{InspectError, inspect};
use crate::cycle::paragraph;
use crate::cycle::progress::Observer;
use crate::cycle::walk::{Route, Walk, WalkError, lists};
use crate::gitlab::{self, Reader};
use crate::package::{BranchesSeen, Package, PackageId, PathsSeen, Project, Reference, Status};
use crate::plan::inventory::{Inventory, Walked};
use crate::plan::{Inquiry, Opening, Succession, Take, Taken, explain as explain_one, opening, plan, would_be_gone};
use crate::policy::{GroupPaths, InForce, Policy, Reach};
use crate::report::{PolicyExplanation, PolicyStanding};

/// The parts of an explanation. It reads no clock: everything is judged by the instant of the policies.
#[derive(Clone, Copy)]
pub struct Explainer<'a> {
    /// Reads from GitLab.
    pub reader: &'a Reader,
    /// The policies that were asked for, of one set, in the order of their names.
    pub policies: &'a [InForce<'a>],
    /// The paths that projects were seen under before.
    pub remembered: &'a PathsSeen,
    /// What was seen of branches before.
    pub branches: &'a BranchesSeen,
    /// Hears what happens.
    pub observer: &'a dyn Observer,
    /// Stops the explanation.
    pub stop: &'a CancellationToken,
}

/// The result of an explanation.
#[derive(Debug)]
pub struct Explained {
    /// The package that was asked about.
    pub package: Package,
    /// In the order in which they are planned.
    pub policies: Vec<PolicyExplanation>,
    /// How many look-ups failed.
    pub failures: usize,
}

/// The project that was walked has no such package.
#[derive(Debug, thiserror::Error)]
#[error(
    "package {package} is not there: {looked_through} packages of the project were looked through, of every type, in \
     status {statuses}; in any other status they are listed only where a rule names it"
)]
pub struct NotFound {
    package: PackageId,
    looked_through: usize,
    /// Those that were listed.
    statuses: String,
}

/// One policy's part of the explanation, and the versions of the package that it takes from the policies after it.
struct Asked {
    explanation: PolicyExplanation,
    take: Take,
    failures: usize,
}

impl Explainer<'_> {
    /// Lists everything in a project that one of the policies would look at.
    ///
    /// # Errors
    ///
    /// Anything that leaves the listing unfinished.
    pub async fn walk(&self, project: &Reference) -> Result<Walked, WalkError> {
        let Self { reader, remembered, observer, stop, .. } = *self;
        let policies: Vec<&Policy> = self.policies().collect();
        let route = Route::of_project(project, &policies);
        let set = self.policies.first().map(|in_force| in_force.set());
        let named = set.map(|set| set.named(&policies)).unwrap_or_default();
        Walk { reader, route: &route, named: &named, remembered, observer, stop }.run().await
    }

    /// Explains a package of a project that was walked, under each policy, on what those before it leave.
    ///
    /// # Errors
    ///
    /// When the project has no such package.
    pub async fn explain(&self, walked: &Walked, id: PackageId) -> Result<Explained, NotFound> {
        let package = walked.get(id).ok_or_else(|| self.not_found(walked, id))?;
        let groups = self.groups(&package.project).await.map_err(|error| paragraph(&error));
        let mut explained = Explained { package: package.clone(), policies: Vec::new(), failures: 0 };
        let (mut succession, mut take) = (Succession::of(self.policies.iter().copied()), Take::default());
        while let Some((in_force, taken)) = succession.next(take) {
            let asked = match self.ask(in_force, walked, package, &groups, taken).await {
                Ok(asked) => asked,
                Err(error) => pass_over(in_force, PolicyStanding::Failed, paragraph(&error)),
            };
            take = asked.take;
            explained.failures += asked.failures;
            explained.policies.push(asked.explanation);
        }
        Ok(explained)
    }

    async fn ask(
        &self,
        in_force: InForce<'_>,
        walked: &Walked,
        package: &Package,
        groups: &Result<GroupPaths, String>,
        taken: &Taken,
    ) -> Result<Asked, InspectError> {
        let policy = in_force.policy();
        let reach = &policy.scope.reach;
        let outside = match groups {
            Ok(groups) => reach.leaves_out(&package.project, groups),
            Err(problem) if reach.asks_for_groups() => {
                return Ok(pass_over(in_force, PolicyStanding::Failed, problem.clone()));
            }
            Err(_) => reach.leaves_out(&package.project, &GroupPaths::default()),
        };
        if let Some(why) = outside.or_else(|| Some(policy.scope.filters_out(package)?.to_string())) {
            return Ok(pass_over(in_force, PolicyStanding::OutOfScope, why));
        }
        if !lists(policy, &package.status) {
            let why = format!("packages in status {} are listed only where a rule names it", package.status);
            return Ok(pass_over(in_force, PolicyStanding::NotListed, why));
        }
        if let Some(before) = taken.taker_of(package.id) {
            let why = format!("the policy {before} is planned before this one, and deletes it");
            return Ok(pass_over(in_force, PolicyStanding::Gone, why));
        }
        let gone = taken.in_plans();
        let inventory = listed(policy, walked).without(&gone.packages);
        let versions = inventory.packages().iter().filter(|other| other.key() == package.key());
        let versions: HashSet<PackageId> = versions.map(|version| version.id).collect();
        let inquiry = |in_force| Inquiry {
            in_force,
            inventory: &inventory,
            gone: &gone.files,
            branches: self.branches,
            wanted: Some(&versions),
        };
        let evidence = inspect(self.reader, &inquiry(in_force), self.observer, self.stop).await?;
        let Some(mut explanation) = explain_one(in_force, &inventory, &evidence, package.id) else {
            let why = "what it looks at does not hold the package".to_owned();
            return Ok(pass_over(in_force, PolicyStanding::OutOfScope, why));
        };
        if let Opening::NotBefore(at) = explanation.opening {
            // No plan asks for this evidence yet, but the date depends on it.
            let later = inspect(self.reader, &inquiry(in_force.at(at)), self.observer, self.stop).await?;
            if later.failures() == 0 {
                let mut known = evidence.clone();
                known.extend(later);
                let opening = opening(in_force, &inventory, &known, package.id);
                explanation.opening = opening.unwrap_or(explanation.opening);
            }
        }
        // If other versions of the package go, the next policy ranks differently.
        let versions = inventory.of_key_of(package.id).unwrap_or(inventory);
        let plan = plan(in_force, versions, &evidence);
        Ok(Asked {
            explanation: PolicyExplanation::judged(in_force, &explanation),
            take: Take::Planned(would_be_gone(&plan, in_force)),
            failures: evidence.failures(),
        })
    }

    /// Asks for the groups that decide whether a project is in reach of the policies. One that can't be seen holds
    /// nothing.
    async fn groups(&self, project: &Project) -> Result<GroupPaths, gitlab::Error> {
        let mut groups = GroupPaths::default();
        let reaches = || self.policies().map(|policy| &policy.scope.reach);
        let top = project.path.as_deref().and_then(|path| path.split('/').next());
        if let Some(top) = top
            && reaches().any(|reach| matches!(reach, Reach::Everywhere { .. }))
        {
            // The same groups that a walk of everything would go to.
            let rows = self.reader.top_level_groups().await?.into_iter();
            groups.top_level = rows.map(|row| row.path).find(|path| path.eq_ignore_ascii_case(top));
        }
        for id in reaches().flat_map(Reach::group_ids).collect::<BTreeSet<_>>() {
            match self.reader.group(&Reference::Id(id)).await {
                Ok(row) => {
                    groups.by_id.insert(id, row.path);
                }
                Err(gitlab::Error::NotFound { .. } | gitlab::Error::Unseen { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(groups)
    }

    fn policies(&self) -> impl Iterator<Item = &Policy> {
        self.policies.iter().map(|in_force| in_force.policy())
    }

    fn not_found(&self, walked: &Walked, package: PackageId) -> NotFound {
        let is_listed = |status: &Status| self.policies().any(|policy| lists(policy, status));
        let statuses: Vec<String> =
            Status::KNOWN.iter().filter(|status| is_listed(status)).map(ToString::to_string).collect();
        NotFound { package, looked_through: walked.packages().len(), statuses: statuses.join(", ") }
    }
}

fn pass_over(in_force: InForce<'_>, standing: PolicyStanding, because: String) -> Asked {
    let explanation = PolicyExplanation::passed_over(in_force, standing, because);
    Asked { explanation, take: Take::default(), failures: 0 }
}

/// Returns what the policy's own walk would have listed.
fn listed(policy: &Policy, walked: &Walked) -> Inventory {
    let inventory = walked.within(&policy.scope, None);
    let unlisted = inventory.packages().iter().filter(|package| !lists(policy, &package.status));
    let unlisted: HashSet<PackageId> = unlisted.map(|package| package.id).collect();
    inventory.without(&unlisted)
}
