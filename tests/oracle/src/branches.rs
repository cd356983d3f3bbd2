//! Whether the branch that built a package has been gone for long enough.

use std::collections::{BTreeMap, BTreeSet};

use gleaner::package::{BranchesSeen, Package, PackageType, PipelineId, ProjectId, RefKind, RefKinds};
use gleaner::policy::Age;
use jiff::{SignedDuration, Timestamp};

use super::Oracle;

/// The branches of one project, as GitLab tells them.
#[derive(Debug, Clone, Default)]
pub struct Branches {
    /// The names that the list has; `None` is a refusal.
    pub list: Option<BTreeSet<String>>,
    /// Whether the list can be had.
    pub list_can_be_read: bool,
    /// The default branch.
    pub default: Option<String>,
    /// The patterns of protected branches; `None` is a refusal.
    pub protected: Option<Vec<String>>,
    /// Whether these can be had.
    pub protected_can_be_read: bool,
    /// What a branch that the list lacks answers by itself; `None` is a refusal.
    pub alone: BTreeMap<String, Option<bool>>,
    /// Whether that can be had.
    pub alone_can_be_read: bool,
}

/// What there is to be known of branches.
#[derive(Debug)]
pub struct BranchesKnown<'a> {
    /// The branches of each project.
    pub of: BTreeMap<ProjectId, Branches>,
    /// What earlier runs have seen.
    pub seen: &'a BranchesSeen,
    /// The projects whose lists were asked for.
    pub lists: Vec<ProjectId>,
    /// The projects of which more than that was asked.
    pub more: Vec<ProjectId>,
}

/// The branches that a package may have been built by, of one project.
struct Built {
    project: ProjectId,
    names: Vec<String>,
    /// When it built the package.
    made: Option<Timestamp>,
    /// A pipeline ran for it that tells neither a tag nor a branch.
    may_be_a_tag: bool,
}

impl Oracle<'_> {
    /// `None` where that can't be told, as of what a tag built.
    pub(crate) fn has_lost_its_branch(&self, age: &Age, package: &Package, takes: bool) -> Option<bool> {
        let built = self.branches_of(package)?;
        let is_over = |since: Timestamp| {
            let is_one_look = self.now.duration_since(since) < SignedDuration::from_secs(30);
            !is_one_look && age.before(self.now).is_some_and(|limit| since < limit)
        };
        let is_gone = match self.gone_since(&built)? {
            None => false,
            Some(since) if is_over(since) => true,
            // It may have been gone for longer than anybody remembers, which a hold holds.
            Some(_) if !takes => return None,
            Some(_) => false,
        };
        match built.may_be_a_tag {
            // A delete rule fails on either.
            true if takes && !is_gone => Some(false),
            true => None,
            false => Some(is_gone),
        }
    }

    fn branches_of(&self, package: &Package) -> Option<Built> {
        let version = package.version.as_deref().unwrap_or_default();
        if package.package_type == PackageType::Composer && (version.starts_with("dev-") || version.ends_with("-dev")) {
            let names = match version.strip_prefix("dev-") {
                Some(name) => vec![name.to_owned()],
                None => {
                    let number = version.strip_suffix(".x-dev")?;
                    [format!("{number}.x"), number.to_owned()]
                        .into_iter()
                        .flat_map(|name| [format!("v{name}"), name])
                        .collect()
                }
            };
            return Some(Built {
                project: package.project.id,
                names,
                made: self.newest_content(package).map(|(date, _)| date),
                may_be_a_tag: false,
            });
        }
        let pipeline = self.built_from(package)?;
        let PipelineId { project, .. } = pipeline.id?;
        let told = pipeline.id.and_then(|id| self.kinds.get(&id)).copied();
        let kind = match (pipeline.kind, told) {
            (RefKinds::Known(kind), _) | (RefKinds::Open(_) | RefKinds::Unknown(_), Some(kind)) => Some(kind),
            (RefKinds::Open(_) | RefKinds::Unknown(_), None) => None,
        };
        let may_be_a_tag = kind.is_none();
        kind.is_none_or(|kind| kind == RefKind::Branch).then(|| Built {
            project,
            names: vec![pipeline.git_ref.clone()],
            made: self.newest_content(package).map(|(date, _)| date),
            may_be_a_tag,
        })
    }

    /// Since when it is gone; `Some(None)` where it is there or never gone, `None` where that can't be told.
    fn gone_since(&self, built: &Built) -> Option<Option<Timestamp>> {
        let Built { project, names, made, .. } = built;
        let known = &self.branches;
        let is_one = |name: &str| names.iter().any(|own| own == name);
        let marked = known.seen.0.get(project);
        let was_default = marked.is_some_and(|marked| marked.defaults.iter().any(|name| is_one(name)));
        if was_default || ["main", "master", "trunk", "develop"].into_iter().any(is_one) {
            return Some(None);
        }
        let branches = known.of.get(project)?;
        if known.lists.contains(project) && !branches.list_can_be_read {
            return None;
        }
        let list = branches.list.as_ref().filter(|list| !list.is_empty())?;
        if list.iter().any(|name| is_one(name)) {
            return Some(None);
        }
        branches.default.as_ref()?;
        let are_lost = |can_be_read: bool| known.more.contains(project) && !can_be_read;
        if are_lost(branches.protected_can_be_read) {
            return None;
        }
        let protects = |pattern: &str, name: &str| match pattern.split_once('*') {
            Some((start, end)) => {
                name.len() >= start.len() + end.len() && name.starts_with(start) && name.ends_with(end)
            }
            None => pattern == name,
        };
        let patterns = branches.protected.as_ref()?;
        if patterns.iter().any(|pattern| names.iter().any(|name| protects(pattern, name))) {
            return Some(None);
        }
        if are_lost(branches.alone_can_be_read) {
            return None;
        }
        let answers: Vec<Option<bool>> =
            names.iter().map(|name| branches.alone.get(name.as_str()).copied().unwrap_or(Some(false))).collect();
        if answers.contains(&Some(true)) {
            return Some(None);
        }
        if answers.contains(&None) {
            return None;
        }
        let first = |name: &String| marked.and_then(|marked| marked.gone.get(name)).copied().unwrap_or(self.now);
        // It built the package, so it was there.
        let since: Timestamp = names.iter().map(first).chain(*made).max()?;
        Some(Some(since))
    }
}
