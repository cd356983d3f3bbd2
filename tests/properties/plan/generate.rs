//! Inputs for the properties: a registry, the policies that meet it, and what the shell would do with both.

mod branches;
mod contents;
mod dates;
mod in_use;
mod policies;
mod registry;
mod rows;
mod spellings;
mod successors;

use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;

use gleaner::package::{
    BranchesSeen, BuiltFrom, Downloaded, Evidence, FileId, Lookup, Package, PackageId, Pipeline, PipelineId, ProjectId,
    Questions,
};
use gleaner::plan::inventory::{Inventory, InventoryBuilder};
use gleaner::plan::{Estimate, Inquiry, Plan, estimate, further, plan, rivals, shortlist};
use gleaner::policy::{InForce, Policy, PolicySet};
use gleaner_oracle::Oracle;
use gleaner_oracle::branches::BranchesKnown;
use gleaner_oracle::facts::{Growth, growth};
use jiff::Timestamp;
use proptest::prelude::*;

pub(crate) use branches::{Branches, about_branches};
pub(crate) use contents::answer_about_topics;
pub(crate) use in_use::{InUseList, in_use_line};
pub(crate) use policies::{Language, Texts, files_alone, limits, policies};
pub(crate) use registry::{
    Downloads, Files, Pipelines, Protection, Ran, Registry, Releases, arbitrary_registry, crowd, piles,
};
pub(crate) use spellings::{other_names, other_versions};
pub(crate) use successors::superseded_cases;

/// One case: policies in their own language, and the registry that they meet.
#[derive(Debug, Clone)]
pub(crate) struct Case {
    pub(crate) texts: Texts,
    pub(crate) registry: Registry,
}

/// Every case that one policy in the whole language can make.
pub(crate) fn cases() -> impl Strategy<Value = Case> {
    cases_of(policies(Language::Whole, 1))
}

pub(crate) fn cases_of(texts: impl Strategy<Value = Texts>) -> impl Strategy<Value = Case> {
    (texts, arbitrary_registry()).prop_map(|(texts, registry)| Case { texts, registry })
}

/// Packages with piles of files, under rules on files alone.
pub(crate) fn piled_cases(rules: RangeInclusive<usize>) -> impl Strategy<Value = Case> {
    (files_alone(rules), piles()).prop_map(|(texts, registry)| Case { texts, registry })
}

impl Case {
    /// The case in the hands of the shell, under the first of its policies.
    pub(crate) fn cycle(&self) -> Cycle {
        let mut set = self.texts.parse();
        let Registry { files, pipelines, kinds, downloads, releases, protection, branches, seen, now, .. } =
            self.registry.clone();
        let in_use = self.texts.in_use.clone().of(&self.registry.packages);
        set.take_in_use(&in_use.files(now), now);
        let rows = self.registry.rows();
        Cycle {
            set,
            in_use,
            rows,
            taken: Vec::new(),
            files,
            pipelines,
            kinds,
            downloads,
            releases,
            protection,
            branches,
            seen,
            now,
        }
    }
}

/// What one cycle starts from. A property changes one thing in it and compares.
#[derive(Debug, Clone)]
pub(crate) struct Cycle {
    /// The first of its policies is the one that is planned.
    pub(crate) set: PolicySet,
    /// What the rules with `from` go by.
    pub(crate) in_use: InUseList,
    /// As the walk read them, with those that repeat.
    pub(crate) rows: Vec<Package>,
    /// What an earlier policy takes.
    pub(crate) taken: Vec<Package>,
    pub(crate) files: BTreeMap<PackageId, Files>,
    pub(crate) pipelines: BTreeMap<PackageId, Pipelines>,
    pub(crate) kinds: BTreeMap<PipelineId, Ran>,
    pub(crate) downloads: BTreeMap<PackageId, Downloads>,
    pub(crate) releases: BTreeMap<ProjectId, Releases>,
    pub(crate) protection: BTreeMap<ProjectId, Protection>,
    pub(crate) branches: BTreeMap<ProjectId, Branches>,
    /// What earlier runs have seen of branches.
    pub(crate) seen: BranchesSeen,
    pub(crate) now: Timestamp,
}

impl Cycle {
    pub(crate) fn policy(&self) -> &Policy {
        self.set.policies.first().expect("every case has a policy")
    }

    pub(crate) fn policy_mut(&mut self) -> &mut Policy {
        self.set.policies.first_mut().expect("every case has a policy")
    }

    pub(crate) fn in_force(&self) -> InForce<'_> {
        self.set.policies_at(self.now).next().expect("every case has a policy")
    }

    /// The same with another in-use file.
    pub(crate) fn using(&self, in_use: InUseList) -> Self {
        let mut other = self.clone();
        other.set.take_in_use(&in_use.files(self.now), self.now);
        Self { in_use, ..other }
    }

    pub(crate) fn inventory(&self) -> Inventory {
        let taken = self.taken.iter().map(|row| row.id).collect();
        self.inventory_of_pages(&[&self.rows, &self.taken]).without(&taken)
    }

    pub(crate) fn inventory_of_pages(&self, pages: &[&[Package]]) -> Inventory {
        let mut builder = InventoryBuilder::default();
        for page in pages {
            builder.absorb(page.iter().cloned());
        }
        builder.finish().within(&self.policy().scope, None)
    }

    pub(crate) fn estimate(&self) -> Estimate {
        estimate(self.in_force(), self.inventory())
    }

    pub(crate) fn shortlist(&self) -> Questions {
        shortlist(self.in_force(), &self.inventory())
    }

    pub(crate) fn plan(&self) -> Plan {
        self.plan_on(self.inventory())
    }

    /// As the shell does it: only what the shortlist asks for is looked up.
    pub(crate) fn plan_on(&self, inventory: Inventory) -> Plan {
        let (evidence, _) = self.look_up(&inventory);
        plan(self.in_force(), inventory, &evidence)
    }

    /// The answers to what the shortlist asks, to what that leaves to ask and to what is asked of the rivals then, and the
    /// questions of all rounds.
    pub(crate) fn look_up(&self, inventory: &Inventory) -> (Evidence, Questions) {
        let mut evidence = self.nothing_known();
        let first = shortlist(self.in_force(), inventory);
        let mut asked = self.answer(first, &mut evidence);
        for round in 0..=Inquiry::FURTHER {
            let ask = if round < Inquiry::FURTHER { further } else { rivals };
            let questions = ask(self.in_force(), inventory, &evidence);
            let later = self.answer(questions, &mut evidence);
            asked.files.extend(later.files);
            asked.pipelines.extend(later.pipelines);
            asked.kinds.extend(later.kinds);
            asked.branch_lists.extend(later.branch_lists);
            asked.branches.extend(later.branches);
            asked.downloads.extend(later.downloads);
            asked.releases.extend(later.releases);
            asked.candidates.extend(later.candidates);
            asked.protection.extend(later.protection);
        }
        (evidence, asked)
    }

    /// What is known before anything is asked: what earlier runs have seen.
    pub(crate) fn nothing_known(&self) -> Evidence {
        let mut evidence = Evidence::none();
        evidence.recall_branches(&self.seen, self.now);
        evidence
    }

    /// Answers one round of questions, and tells whose files were asked for in the end.
    pub(crate) fn answer(&self, mut questions: Questions, evidence: &mut Evidence) -> Questions {
        for project in &questions.releases {
            if let Some(releases) = self.releases.get(project) {
                evidence.record_releases(*project, releases.lookup());
            }
        }
        for project in &questions.protection {
            let rules = self.protection.get(project).map(Protection::lookup);
            evidence.record_protection(*project, rules.unwrap_or(Lookup::Found(Vec::new())));
        }
        for id in &questions.pipelines {
            evidence.record_pipeline(*id, self.pipelines[id].lookup());
        }
        for pipeline in questions.refs() {
            evidence.record_kind(pipeline, self.kinds[&pipeline].lookup());
        }
        self.answer_branches(&questions, evidence);
        for id in &questions.downloads {
            evidence.record_downloaded(*id, self.downloads[id].lookup());
        }
        let linked: Vec<PackageId> = questions.linked(evidence).collect();
        questions.files.extend(linked);
        for id in &questions.files {
            evidence.record_files(*id, self.files[id].lookup());
        }
        questions
    }

    /// The answers to everything that could be asked.
    pub(crate) fn look_up_everything(&self, inventory: &Inventory) -> Evidence {
        let mut evidence = self.nothing_known();
        for (project, releases) in &self.releases {
            evidence.record_releases(*project, releases.lookup());
        }
        for (pipeline, ran) in &self.kinds {
            evidence.record_kind(*pipeline, ran.lookup());
        }
        for package in inventory.packages() {
            let rules = self.protection.get(&package.project.id).map(Protection::lookup);
            evidence.record_protection(package.project.id, rules.unwrap_or(Lookup::Found(Vec::new())));
            if growth(&package.package_type) != Growth::InPlace {
                evidence.record_files(package.id, self.files[&package.id].lookup());
            }
            let downloads = self.downloads.get(&package.id);
            if let Some(downloads) = downloads.filter(|_| package.downloaded == Downloaded::NotListed) {
                evidence.record_downloaded(package.id, downloads.lookup());
            }
            let pipelines = self.pipelines.get(&package.id);
            if let Some(pipelines) = pipelines.filter(|_| package.built_from == BuiltFrom::NotListed) {
                evidence.record_pipeline(package.id, pipelines.lookup());
            }
            self.answer_everything_of_branch(package, &mut evidence);
        }
        evidence
    }

    /// The same with a GitLab that answers everything.
    pub(crate) fn with_every_answer(mut self) -> Self {
        self.files.values_mut().for_each(|files| files.can_be_read = true);
        self.pipelines.values_mut().for_each(|pipelines| pipelines.can_be_read = true);
        self.kinds.values_mut().for_each(|ran| ran.can_be_read = true);
        self.downloads.values_mut().for_each(|downloads| downloads.can_be_read = true);
        self.releases.values_mut().for_each(|releases| releases.can_be_read = true);
        self.protection.values_mut().for_each(|rules| rules.can_be_read = true);
        for branches in self.branches.values_mut() {
            branches.list_can_be_read = true;
            branches.protected_can_be_read = true;
            branches.alone_can_be_read = true;
        }
        self
    }

    /// The pipeline that published a package last, asked for or not.
    pub(crate) fn last_pipeline(&self, package: &Package) -> Option<Pipeline> {
        match &package.built_from {
            BuiltFrom::Pipeline(pipeline) => Some(pipeline.clone()),
            BuiltFrom::Unknown => None,
            BuiltFrom::NotListed => self.pipelines.get(&package.id)?.last.map(rows::pipeline),
        }
    }

    /// The packages that go.
    pub(crate) fn deleted(&self) -> BTreeSet<PackageId> {
        self.plan().deletions().map(|decision| decision.package.id).collect()
    }

    /// The files that go of packages that stay, each with its package.
    pub(crate) fn trimmed(&self) -> BTreeSet<(PackageId, FileId)> {
        self.plan().file_deletions().map(|decision| (decision.package, decision.file.id)).collect()
    }

    /// The registry without those files.
    pub(crate) fn without_files(&self, gone: &BTreeSet<(PackageId, FileId)>) -> Self {
        let mut rest = self.clone();
        for (package, files) in &mut rest.files {
            files.all.retain(|file| !gone.contains(&(*package, file.id)));
        }
        rest
    }

    /// The rows without those packages, which the walk missed.
    pub(crate) fn without(&self, missed: &BTreeSet<PackageId>) -> Self {
        let mut rest = self.clone();
        rest.rows.retain(|row| !missed.contains(&row.id));
        rest
    }

    /// The same once an earlier policy has taken those packages.
    pub(crate) fn after(&self, gone: &BTreeSet<PackageId>) -> Self {
        let mut rest = self.clone();
        let (taken, left) = rest.rows.into_iter().partition(|row| gone.contains(&row.id));
        (rest.rows, rest.taken) = (left, taken);
        rest
    }

    /// The oracle knows the files and the pipelines of every package, and what was answered to the shell where it asked.
    pub(crate) fn oracle(&self) -> Oracle<'_> {
        let (_, asked) = self.look_up(&self.inventory());
        self.oracle_that_heard(&asked)
    }

    /// The oracle of a shell that asked for everything, the releases of all projects too.
    pub(crate) fn oracle_of_everything(&self) -> Oracle<'_> {
        let ids: BTreeSet<PackageId> = self.rows.iter().map(|row| row.id).collect();
        let releases = self.releases.keys().copied().collect();
        let kinds = self.kinds.keys().flat_map(|pipeline| ids.iter().map(|id| (*pipeline, *id))).collect();
        let protection = self.protection.keys().copied().collect();
        let (files, pipelines, downloads) = (ids.clone(), ids.clone(), ids);
        let branch_lists = self.branches.keys().map(|project| (*project, PackageId(1))).collect();
        let asked = Questions {
            files,
            pipelines,
            kinds,
            branch_lists,
            downloads,
            releases,
            protection,
            ..Questions::default()
        };
        self.oracle_that_heard(&asked)
    }

    fn oracle_that_heard(&self, asked: &Questions) -> Oracle<'_> {
        let mut files = BTreeMap::new();
        let mut built_from = BTreeMap::new();
        let mut downloads = BTreeMap::new();
        let mut failed = BTreeSet::new();
        for row in &self.rows {
            let of_package = &self.files[&row.id];
            let is_asked = asked.files.contains(&row.id);
            files.insert(row.id, if is_asked { of_package.lookup() } else { Lookup::Found(of_package.all.clone()) });
            if let Some(its_downloads) = self.downloads.get(&row.id) {
                let is_asked = asked.downloads.contains(&row.id) && row.downloaded == Downloaded::NotListed;
                let is_lost = is_asked && !its_downloads.can_be_read;
                if is_lost {
                    failed.insert(row.id);
                }
                downloads.insert(row.id, Some(its_downloads.last).filter(|_| !is_lost));
            }
            if let Some(pipelines) = self.pipelines.get(&row.id) {
                let is_asked = asked.pipelines.contains(&row.id) && row.built_from == BuiltFrom::NotListed;
                let is_lost = is_asked && !pipelines.can_be_read;
                if is_lost {
                    failed.insert(row.id);
                }
                built_from.insert(row.id, pipelines.last.filter(|_| !is_lost).map(rows::pipeline));
            }
        }
        // A pipeline is asked for all packages at once.
        let refs = asked.refs();
        let is_told = |pipeline: &PipelineId, ran: &Ran| ran.can_be_read || !refs.contains(pipeline);
        let kinds = self.kinds.iter().filter(|(pipeline, ran)| is_told(pipeline, ran));
        let kinds = kinds.filter_map(|(pipeline, ran)| Some((*pipeline, ran.kind?))).collect();
        let releases = asked.releases.iter().filter_map(|project| Some((*project, self.releases.get(project)?)));
        let links = releases.map(|(project, of)| (project, of.can_be_read.then(|| of.links.clone()))).collect();
        let protection = asked.protection.iter().filter_map(|project| Some((*project, self.protection.get(project)?)));
        let protection = protection.map(|(project, of)| (project, of.can_be_read.then(|| of.rules.clone()))).collect();
        let more: Vec<ProjectId> = asked.branches.iter().map(|(project, ..)| *project).collect();
        let lists = asked.branch_lists.iter().map(|(project, _)| *project).chain(more.iter().copied()).collect();
        let of = self.branches.iter().map(|(project, branches)| (*project, branches.known())).collect();
        Oracle {
            branches: BranchesKnown { of, seen: &self.seen, lists, more },
            set: &self.set,
            policy: self.policy(),
            rows: &self.rows,
            taken: &self.taken,
            files,
            built_from,
            kinds,
            downloads,
            failed,
            links,
            protection,
            in_use: self.in_use.is_usable().then_some(self.in_use.lines.as_slice()),
            now: self.now,
        }
    }
}
