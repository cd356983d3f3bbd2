//! Inputs for the properties: a registry, the policies that meet it, and what the shell would do with both.

mod policies;
mod registry;

use std::collections::{BTreeMap, BTreeSet};

use gleaner::inventory::{Inventory, InventoryBuilder};
use gleaner::package::{Package, PackageId};
use gleaner::plan::{Evidence, Lookup, Plan, Shortlist, plan, shortlist};
use gleaner::policy::{Policy, PolicySet};
use jiff::Timestamp;
use proptest::prelude::*;

use crate::oracle::Oracle;
pub(crate) use policies::{Language, Texts, limits, policies};
pub(crate) use registry::{Files, Registry, arbitrary_registry, crowd};

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

impl Case {
    /// The case in the hands of the shell, under the first of its policies.
    pub(crate) fn cycle(&self) -> Cycle {
        let set = self.texts.parse();
        let policy = set.policies.first().expect("every case has a policy").clone();
        Cycle { set, policy, rows: self.registry.rows(), files: self.registry.files.clone(), now: self.registry.now }
    }
}

/// What one cycle starts from. A property changes one thing in it and compares.
#[derive(Debug, Clone)]
pub(crate) struct Cycle {
    pub(crate) set: PolicySet,
    pub(crate) policy: Policy,
    /// As the walk read them, with those that repeat.
    pub(crate) rows: Vec<Package>,
    pub(crate) files: BTreeMap<PackageId, Files>,
    pub(crate) now: Timestamp,
}

impl Cycle {
    pub(crate) fn inventory(&self) -> Inventory {
        self.inventory_of_pages(&[&self.rows])
    }

    pub(crate) fn inventory_of_pages(&self, pages: &[&[Package]]) -> Inventory {
        let mut builder = InventoryBuilder::default();
        for page in pages {
            builder.absorb(page.iter().cloned());
        }
        builder.finish().within(&self.policy.scope, None)
    }

    pub(crate) fn shortlist(&self) -> Shortlist {
        shortlist(&self.set, &self.policy, &self.inventory(), self.now)
    }

    pub(crate) fn plan(&self) -> Plan {
        self.plan_on(self.inventory())
    }

    /// As the shell does it: only what the shortlist asks for is looked up.
    pub(crate) fn plan_on(&self, inventory: Inventory) -> Plan {
        let mut evidence = Evidence::none();
        for id in shortlist(&self.set, &self.policy, &inventory, self.now).questions {
            evidence.record(id, self.files[&id].lookup());
        }
        plan(&self.set, &self.policy, inventory, &evidence, self.now)
    }

    /// The packages that go.
    pub(crate) fn deleted(&self) -> BTreeSet<PackageId> {
        self.plan().deletions().map(|decision| decision.package.id).collect()
    }

    /// The rows without those packages.
    pub(crate) fn without(&self, gone: &BTreeSet<PackageId>) -> Self {
        let mut rest = self.clone();
        rest.rows.retain(|row| !gone.contains(&row.id));
        rest
    }

    /// The oracle knows the files of every package that can have got one after its creation, and what was answered to
    /// the shell where it asked.
    pub(crate) fn oracle(&self) -> Oracle<'_> {
        let asked = self.shortlist().questions;
        let mut files = BTreeMap::new();
        for row in &self.rows {
            let of_package = &self.files[&row.id];
            if asked.contains(&row.id) {
                files.insert(row.id, of_package.lookup());
            } else if row.package_type.gains_files() {
                files.insert(row.id, Lookup::Files(of_package.all.clone()));
            }
        }
        Oracle { set: &self.set, policy: &self.policy, rows: &self.rows, files, now: self.now }
    }
}
