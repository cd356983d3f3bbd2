//! A GitLab that is asked for evidence, by hand.

use std::collections::BTreeMap;

use gleaner::package::{
    Evidence, Lookup, Package, PackageFile, PackageId, Pipeline, PipelineId, ProtectionRule, Questions, RefKind,
};
use gleaner::plan::{Plan, further, plan, shortlist};
use gleaner::policy::PolicySet;
use gleaner::yaml::Source;

use crate::{NOW, inventory, parsed};

/// The answers of GitLab to look-ups. Without one here a package has no file, no pipeline, no release and no protection
/// rule.
#[derive(Debug, Clone, Default)]
pub struct Answers {
    /// The files of packages.
    pub files: BTreeMap<PackageId, Lookup<Vec<PackageFile>>>,
    /// The last pipelines of packages.
    pub refs: BTreeMap<PackageId, Lookup<Option<Pipeline>>>,
    /// The kinds of ref that pipelines ran for.
    pub kinds: BTreeMap<PipelineId, Lookup<Option<RefKind>>>,
    /// The addresses that the releases of every project link to.
    pub links: Option<Lookup<Vec<String>>>,
    /// The protection rules of every project.
    pub protection: Option<Lookup<Vec<ProtectionRule>>>,
}

impl Answers {
    /// Judges by the first policy of these files: each package with its reason's code.
    #[must_use]
    pub fn judge(&self, sources: &[Source], rows: Vec<Package>) -> Vec<(Package, &'static str)> {
        let plan = self.plan(&parsed(sources), rows);
        plan.decisions().iter().map(|decision| (decision.package.clone(), decision.reason.code())).collect()
    }

    /// Judges by a policy for `acme` with these rules, and returns the reasons' codes.
    #[must_use]
    pub fn reasons(&self, rules: &str, rows: Vec<Package>) -> Vec<&'static str> {
        let policy = Source::new("p.yaml", format!("version: 1\nscope: {{ group: acme }}\n{rules}\n"));
        self.judge(&[policy], rows).into_iter().map(|(_, reason)| reason).collect()
    }

    /// Plans the first policy of a set as of [`NOW`], and looks up what its shortlist asks for.
    ///
    /// # Panics
    /// When the set has no policy.
    #[must_use]
    pub fn plan(&self, set: &PolicySet, rows: Vec<Package>) -> Plan {
        let in_force = set.policies_at(NOW).next().unwrap();
        let inventory = inventory(set, rows);
        let mut evidence = Evidence::none();
        self.answer(&shortlist(in_force, &inventory), &mut evidence);
        self.answer_kinds(&further(in_force, &inventory, &evidence), &mut evidence);
        plan(in_force, inventory, &evidence)
    }

    /// Answers questions, and looks up the files that releases link to.
    pub fn answer(&self, questions: &Questions, evidence: &mut Evidence) {
        for project in &questions.releases {
            evidence.record_releases(*project, self.links.clone().unwrap_or(Lookup::Found(Vec::new())));
        }
        for project in &questions.protection {
            evidence.record_protection(*project, self.protection.clone().unwrap_or(Lookup::Found(Vec::new())));
        }
        for id in &questions.pipelines {
            evidence.record_pipeline(*id, self.refs.get(id).cloned().unwrap_or(Lookup::Found(None)));
        }
        self.answer_kinds(questions, evidence);
        let linked: Vec<PackageId> = questions.linked(evidence).collect();
        for id in questions.files.iter().chain(&linked) {
            evidence.record_files(*id, self.files.get(id).cloned().unwrap_or(Lookup::Found(Vec::new())));
        }
    }

    fn answer_kinds(&self, questions: &Questions, evidence: &mut Evidence) {
        for pipeline in questions.refs() {
            evidence.record_kind(pipeline, self.kinds.get(&pipeline).cloned().unwrap_or(Lookup::Found(None)));
        }
    }
}
