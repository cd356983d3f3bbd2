//! Narrows a plan to what an earlier one named, and tells why the rest of that doesn't go any more.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use jiff::Timestamp;

use super::again::{Again, Comparable, of_file, of_package};
use super::files::FileReason;
use super::reason::{Reason, Verdict};
use super::{FileDecision, ItemId, Plan};
use crate::package::{FileId, Package, PackageFile, PackageId, ProjectId, Status};
use crate::policy::InForce;

/// The packages and files that an earlier plan of a policy deletes. No more than these may go.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NamedItems(pub BTreeMap<ItemId, NamedItem>);

/// What was known of an item when it was named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedItem {
    /// The package that it is or is in.
    pub package: PackageId,
    /// The project of that package.
    pub project: ProjectId,
    /// Its type, as GitLab writes it.
    pub package_type: String,
    /// The name of the package.
    pub name: String,
    /// Its version, where it has one.
    pub version: Option<String>,
    /// The name of the file; `None` for a package as a whole, and where it can't be read.
    pub file_name: Option<String>,
    /// The path of the project; `None` where it was not known.
    pub path: Option<String>,
    /// GitLab's own status of the package; `None` for a file.
    pub status: Option<Status>,
    /// The last download of the package that GitLab knew of.
    pub downloaded: Option<Timestamp>,
    /// When it last got content, as far as that was known.
    pub content: Option<Timestamp>,
}

impl NamedItems {
    /// Returns every named item that doesn't go by this plan, with why; without where the plan doesn't know it, because
    /// GitLab no longer lists it or it is out of the scope. `in_force` is what the plan was made by.
    pub fn unmet<'a>(
        &'a self,
        plan: &'a Plan,
        in_force: InForce<'a>,
    ) -> impl Iterator<Item = (ItemId, &'a NamedItem, Option<Again>)> {
        self.0.iter().filter_map(move |(item, named)| {
            let again = plan.again_of(*item, named, in_force);
            (again != Some(Again::Goes)).then_some((*item, named, again))
        })
    }
}

impl NamedItem {
    /// Returns whether this is the package that people read of. An id alone says nothing to them.
    fn is(&self, package: &Package) -> bool {
        self.project == package.project.id
            && self.package_type == package.package_type.as_str()
            && self.name == package.name
            && self.version == package.version
    }

    fn is_file(&self, file: &PackageFile) -> bool {
        self.file_name == file.name
    }

    fn facts(&self) -> Comparable<'_> {
        Comparable {
            downloaded: self.downloaded,
            content: self.content,
            status: self.status.as_ref(),
            tags: None,
            path: self.path.as_deref(),
        }
    }
}

impl Plan {
    /// Keeps everything that is not named. A file goes with its checksums and signatures, or stays with them.
    #[must_use]
    pub fn only(mut self, named: &NamedItems) -> Self {
        let is_named =
            |package: &Package| named.0.get(&ItemId::Package(package.id)).is_some_and(|named| named.is(package));
        for decision in &mut self.decisions {
            if decision.verdict() == Verdict::Delete && !is_named(&decision.package) {
                decision.reason = Reason::NotNamed;
            }
        }
        let packages: HashMap<PackageId, &Package> =
            self.decisions.iter().map(|decision| (decision.package.id, &decision.package)).collect();
        let is_named = |decision: &FileDecision| {
            let named = named.0.get(&ItemId::File(decision.file.id));
            let package = packages.get(&decision.package);
            named.zip(package).is_some_and(|(named, package)| named.is(package) && named.is_file(&decision.file))
        };
        for files in self.file_decisions.chunk_by_mut(|one, other| one.package == other.package) {
            let stay = unnamed(files, is_named);
            for decision in files.iter_mut().filter(|decision| stay.contains(&decision.file.id)) {
                decision.reason = FileReason::NotNamed;
            }
        }
        let going: BTreeSet<ItemId> = self.going().map(|(item, _)| item).collect();
        self.maturities.retain(|item, _| going.contains(item));
        self
    }

    fn again_of(&self, item: ItemId, named: &NamedItem, in_force: InForce<'_>) -> Option<Again> {
        let decision = self.decision(named.package)?;
        let files = self.file_decisions_of(named.package);
        let file = files.iter().find(|file| item == ItemId::File(file.file.id));
        if !named.is(&decision.package) || file.is_some_and(|file| !named.is_file(&file.file)) {
            return Some(Again::Stale("the plan tells of another package or file by this id".to_owned()));
        }
        match item {
            ItemId::Package(_) => Some(of_package(&named.facts(), decision, in_force)),
            ItemId::File(file) => of_file(file, decision, files, in_force),
        }
    }
}

/// Returns the files of one package that would go and stay, because they are not named, or because one that belongs to
/// them isn't.
fn unnamed(files: &[FileDecision], is_named: impl Fn(&FileDecision) -> bool) -> HashSet<FileId> {
    let going: Vec<&FileDecision> = files.iter().filter(|file| file.verdict() == Verdict::Delete).collect();
    let mut stay: HashSet<FileId> = going.iter().filter(|file| !is_named(file)).map(|file| file.file.id).collect();
    loop {
        let belongs = |file: &FileDecision| {
            let mut staying = going.iter().filter(|other| stay.contains(&other.file.id));
            staying.any(|other| file.accompanies(other) || other.accompanies(file))
        };
        let more: Vec<FileId> = going
            .iter()
            .filter(|file| !stay.contains(&file.file.id) && belongs(file))
            .map(|file| file.file.id)
            .collect();
        if more.is_empty() {
            return stay;
        }
        stay.extend(more);
    }
}
