//! A script of faults while it plays: which rules fit a request, and which of them fire.

use std::collections::HashMap;

use jiff::SignedDuration;

use super::{CacheTells, Fault, Faults, Kind, Rule, When};
use crate::generate::Random;
use crate::wildcard;

/// The rules with the number of requests that they have seen.
pub(crate) struct Script {
    rules: Vec<Rule>,
    /// For each rule the number of requests that fitted it, by URL if it counts them so.
    counts: Vec<HashMap<String, u64>>,
    random: Random,
}

/// The changes that a fault makes to an answer which is otherwise made as usual.
#[derive(Debug, Clone, Default)]
pub(crate) struct Bend {
    /// The rows by which a listing has moved: forward when some before it went away, backward when some came.
    pub(crate) shift: isize,
    /// A listing's page comes without its rows.
    pub(crate) empty: bool,
    /// The answer tells of what was true so long ago.
    pub(crate) behind: SignedDuration,
    /// The deletion is carried out so much later.
    pub(crate) late: Option<SignedDuration>,
    /// The age that a cache tells of its answer.
    pub(crate) age: Option<(u32, CacheTells)>,
    /// The answer has no `Date`.
    pub(crate) timeless: bool,
    hidden: Vec<String>,
}

impl Bend {
    pub(crate) fn hides(&self, project: &str) -> bool {
        self.hidden.iter().any(|hidden| hidden.eq_ignore_ascii_case(project))
    }
}

impl Script {
    pub(crate) fn new(faults: Faults) -> Self {
        let counts = vec![HashMap::new(); faults.rules.len()];
        Self { rules: faults.rules, counts, random: Random::new(faults.seed) }
    }

    /// How far back the answers may reach.
    pub(crate) fn reach(&self) -> SignedDuration {
        let behind = self.rules.iter().map(|rule| match rule.fault {
            Fault::Replica { millis } => millis_of(millis),
            Fault::Cached { seconds, .. } => SignedDuration::from_secs(i64::from(seconds)),
            _ => SignedDuration::ZERO,
        });
        behind.fold(SignedDuration::ZERO, SignedDuration::saturating_add)
    }

    /// Decides about a request: how its answer is bent, and which fault comes in its place.
    pub(crate) fn judge(&mut self, method: &str, path: &str, query: &str) -> (Bend, Option<Fault>) {
        let url = if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") };
        let kind = Kind::of(method, path);
        let mut bend = Bend::default();
        let reads = matches!(method, "GET" | "HEAD");
        for (rule, counts) in self.rules.iter().zip(&mut self.counts) {
            if !rule.fits(method, kind, &url, query) {
                continue;
            }
            let count = counts.entry(if rule.each_url { url.clone() } else { String::new() }).or_default();
            *count += 1;
            if !rule.when.fires(*count, &mut self.random) {
                continue;
            }
            match &rule.fault {
                Fault::RepeatRows(rows) => bend.shift -= rows.cast_signed(),
                Fault::SkipRows(rows) => bend.shift += rows.cast_signed(),
                Fault::EmptyPage => bend.empty = true,
                Fault::HideProject(path) => bend.hidden.push(path.clone()),
                Fault::Replica { millis } => bend.behind += millis_of(*millis),
                Fault::Cached { seconds, tells } if reads => {
                    bend.behind += SignedDuration::from_secs(i64::from(*seconds));
                    bend.age = Some((*seconds, *tells));
                }
                // No cache answers anything else.
                Fault::Cached { .. } => {}
                Fault::NoDate => bend.timeless = true,
                fault @ Fault::LateDeed { millis, .. } => {
                    bend.late = Some(millis_of(*millis));
                    return (bend, Some(fault.clone()));
                }
                fault => return (bend, Some(fault.clone())),
            }
        }
        (bend, None)
    }
}

fn millis_of(millis: u32) -> SignedDuration {
    SignedDuration::from_millis(i64::from(millis))
}

impl Rule {
    fn fits(&self, method: &str, kind: Kind, url: &str, query: &str) -> bool {
        let mut pages = query.split('&').filter_map(|pair| pair.strip_prefix("page="));
        let page = pages.next_back().and_then(|page| page.parse().ok()).unwrap_or(1);
        self.method.as_ref().is_none_or(|one| one.eq_ignore_ascii_case(method))
            && self.kind.is_none_or(|one| one == kind)
            && self.path.as_ref().is_none_or(|pattern| wildcard::fits(pattern, url))
            && self.page.is_none_or(|one| one == page)
            && self.from_page.is_none_or(|first| page >= first)
    }
}

impl When {
    fn fires(self, count: u64, random: &mut Random) -> bool {
        match self {
            Self::Always => true,
            Self::First(number) => count <= number,
            Self::Nth(number) => count == number,
            Self::Every(number) => number > 0 && count.is_multiple_of(number),
            Self::After(number) => count > number,
            Self::Probability(share) => random.chance(share),
        }
    }
}

impl Kind {
    fn of(method: &str, path: &str) -> Self {
        let path = path.trim_end_matches('/').trim_end_matches(".json");
        let parts: Vec<_> = path.trim_start_matches("/api/v4/").split('/').collect();
        match (method, parts.as_slice()) {
            ("DELETE", ["projects", _, "packages", _]) => Self::DeletePackage,
            ("DELETE", ["projects", _, "packages", _, "package_files", _]) => Self::DeletePackageFile,
            (_, ["groups", _, "packages"]) => Self::GroupPackages,
            (_, ["groups", _, "projects"]) => Self::GroupProjects,
            (_, ["groups"] | ["groups", _]) => Self::Groups,
            (_, ["projects", _, "releases"]) => Self::Releases,
            (_, ["projects", _, "packages", "protection", "rules"]) => Self::ProtectionRules,
            (_, ["projects", _, "packages"]) => Self::ProjectPackages,
            (_, ["projects", _, "packages", _]) => Self::Package,
            (_, ["projects", _, "packages", _, "package_files"]) => Self::PackageFiles,
            (_, ["projects", _, "packages", _, "pipelines"]) => Self::Pipelines,
            (_, ["projects", _, "pipelines", _]) => Self::Pipeline,
            (_, ["projects", _, "repository", "branches"]) => Self::Branches,
            (_, ["projects", _, "repository", "branches", _]) => Self::Branch,
            (_, ["projects", _, "protected_branches"]) => Self::ProtectedBranches,
            _ => Self::Other,
        }
    }
}
