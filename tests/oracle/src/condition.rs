//! Whether a condition holds, doesn't, or can't be told.

use std::collections::BTreeSet;

use gleaner::package::{Lookup, Package, PackageType, Project, RefKind, RefKinds, Reference, Status};
use gleaner::policy::{Condition, DeleteRule, Hold, PatternKind, Patterns, ProtectionScope, Refs, Shown};
use jiff::tz::TimeZone;

use super::Oracle;
use super::facts::{channel, has_unknown_age, is_upload};
use super::newest::comes_before;

/// What a rule does with what it matches. In doubt neither lets go of a package.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    /// Delete rules, rules on files, and the scopes of policies.
    Taking,
    /// Keep and protect rules, and the scopes of protections.
    Holding,
}

impl Side {
    fn matches(self, patterns: &Patterns, shown: Shown<'_>) -> bool {
        match self {
            Self::Taking => patterns.select(shown),
            Self::Holding => patterns.hold(shown),
        }
    }
}

impl Oracle<'_> {
    /// Whether every condition of the rule is known to hold.
    #[must_use]
    pub fn selects(&self, rule: &DeleteRule, package: &Package) -> bool {
        rule.conditions.iter().all(|condition| match condition {
            // Content can't have gone undownloaded for longer than it exists.
            Condition::NotDownloadedFor(age) => {
                and(self.is_left_alone(age, package), self.is_older(age, package)) == Some(true)
            }
            condition => self.holds(condition, package, Side::Taking) == Some(true),
        })
    }

    pub(crate) fn is_in_force(&self, hold: &Hold) -> bool {
        let today = self.now.to_zoned(TimeZone::UTC).date();
        hold.until.is_none_or(|last| today <= last)
    }

    /// Whether all conditions of a keep or protect rule hold; `None` where that can't be told.
    pub(crate) fn fits(&self, hold: &Hold, package: &Package) -> Option<bool> {
        let holds = |condition| self.holds(condition, package, Side::Holding);
        hold.conditions.iter().map(holds).fold(Some(true), and)
    }

    /// Whether a rule with `newest` counts a package: `superseded` has no part in that.
    pub(crate) fn is_counted(&self, hold: &Hold, package: &Package) -> Option<bool> {
        let counting = hold.conditions.iter().filter(|condition| !matches!(condition, Condition::Superseded(_)));
        counting.map(|condition| self.holds(condition, package, Side::Holding)).fold(Some(true), and)
    }

    /// Whether a rule with `newest` lets go of a package whatever its place: it is superseded.
    pub(crate) fn is_let_go(&self, hold: &Hold, package: &Package) -> bool {
        let mut superseded = hold.conditions.iter().filter(|condition| matches!(condition, Condition::Superseded(_)));
        superseded.any(|condition| self.holds(condition, package, Side::Holding) == Some(false))
    }

    fn holds(&self, condition: &Condition, package: &Package, side: Side) -> Option<bool> {
        let facts = package.package_type.facts();
        let version = package.version.as_deref();
        match condition {
            Condition::Type(types) => Some(types.contains(&package.package_type)),
            Condition::Name(patterns) => Some(side.matches(patterns, Shown::Name(&package.name, facts.names))),
            Condition::Project(patterns) => is_of_project(patterns, &package.project, side),
            Condition::Version(patterns) => {
                let fits = |version| side.matches(patterns, Shown::Version(version, facts.versions));
                Some(version.is_some_and(fits))
            }
            Condition::Topic(patterns) => has_topic(patterns, &package.project, Side::Holding),
            Condition::VersionBelow(bound) if !is_upload(package) => comes_before(package, &bound.to_string()),
            Condition::VersionBelow(_) => None,
            Condition::Tag(patterns) => package.tags.as_ref().map(|tags| patterns.match_any(tags)),
            Condition::Channel(patterns) => is_of_channel(patterns, package, side),
            Condition::Prerelease(wanted) => package.is_prerelease().map(|is_prerelease| is_prerelease == *wanted),
            Condition::Superseded(asked) => {
                self.is_superseded(package, asked.by, None).map(|is_superseded| is_superseded == asked.wanted)
            }
            Condition::SupersededFor(asked) => self.is_superseded(package, asked.by, Some(&asked.age)),
            Condition::BuiltFrom(refs) => self.is_built_from(refs, package, side),
            Condition::BranchGoneFor(age) => self.has_lost_its_branch(age, package, side == Side::Taking),
            Condition::LargerThan(size) => self.is_larger(size.bytes(), package),
            Condition::Status(statuses) => match &package.status {
                Status::Other(_) => None,
                known => Some(statuses.contains(known)),
            },
            Condition::Id(ids) => Some(ids.contains(&package.id)),
            Condition::OlderThan(age) => self.is_older(age, package),
            Condition::YoungerThan(age) => self.is_younger(age, package),
            Condition::NotDownloadedFor(age) => self.is_left_alone(age, package),
            Condition::DownloadedWithin(age) => self.is_pulled_within(age, package),
            Condition::NeverDownloaded => self.is_never_pulled(package),
            Condition::UnknownAge => Some(has_unknown_age(package)),
            Condition::From(_) => self.is_in_use(package),
        }
    }

    /// Without a kind patterns mean branches to what takes, and anything to what holds.
    fn is_built_from(&self, refs: &Refs, package: &Package, side: Side) -> Option<bool> {
        let pipeline = self.built_from(package)?;
        let matches = |patterns: &Patterns| side.matches(patterns, Shown::Plain(&pipeline.git_ref));
        let may_be = match (pipeline.kind, pipeline.id.and_then(|id| self.kinds.get(&id))) {
            (RefKinds::Known(kind), _) | (_, Some(&kind)) => vec![kind],
            (RefKinds::Open(kinds) | RefKinds::Unknown(kinds), None) => kinds.to_vec(),
        };
        let told: BTreeSet<bool> = may_be
            .iter()
            .map(|kind| match refs {
                Refs::Plain(patterns) if side == Side::Holding => matches(patterns),
                Refs::Plain(patterns) => *kind == RefKind::Branch && matches(patterns),
                Refs::OfKinds(kinds) => kinds.get(kind).is_some_and(matches),
            })
            .collect();
        (told.len() == 1).then(|| told.contains(&true))
    }

    /// Whether its files are larger than this in all. Those whose sizes are known may be enough to tell.
    fn is_larger(&self, limit: u64, package: &Package) -> Option<bool> {
        let Some(Lookup::Found(files)) = self.files.get(&package.id) else { return None };
        let known: u64 = files.iter().filter_map(|file| file.size).sum();
        if known > limit {
            return Some(true);
        }
        files.iter().all(|file| file.size.is_some()).then_some(false)
    }
}

/// Conan's `_/_` is no channel, but a hold that names it means it.
fn is_of_channel(patterns: &Patterns, package: &Package, side: Side) -> Option<bool> {
    let only_takes_away = patterns.texts().all(|text| text.starts_with('!'));
    match channel(package) {
        Some(channel) => Some(side.matches(patterns, Shown::Plain(channel))),
        None if package.package_type != PackageType::Conan => Some(false),
        None if only_takes_away => None,
        // GitLab shows none as this.
        None if side == Side::Holding => Some(patterns.hold(Shown::Plain("_/_"))),
        None => Some(false),
    }
}

/// Whether a project is among those of a list. Holds go by any path of it; what takes goes by the path that it has, and
/// spares it by any.
pub(crate) fn is_of_project(patterns: &Patterns, project: &Project, side: Side) -> Option<bool> {
    let (spared, wanted): (Vec<&str>, Vec<&str>) = patterns.texts().partition(|text| text.starts_with('!'));
    let is_id = |text: &&str| text.trim_start_matches('!').bytes().all(|byte| byte.is_ascii_digit());
    let id = project.id.to_string();
    if spared.contains(&format!("!{id}").as_str()) {
        return Some(false);
    }
    let is_wanted_anyhow = wanted.is_empty() || wanted.contains(&id.as_str());
    let by_path = |texts: Vec<&str>| {
        let texts: Vec<&str> = texts.into_iter().filter(|text| !is_id(text)).collect();
        // It was read before, so that only an empty list is none.
        Patterns::parse(&texts, PatternKind::Path).ok()
    };
    let (spared, wanted) = (by_path(spared), by_path(wanted));
    let is_spared = |path: &str| spared.as_ref().is_some_and(|list| !side.matches(list, Shown::Plain(path)));
    let is_wanted =
        |path: &str| is_wanted_anyhow || wanted.as_ref().is_some_and(|list| side.matches(list, Shown::Plain(path)));
    let mut paths = project.path.iter().chain(&project.other_paths);
    match side {
        Side::Holding if paths.any(|path| is_wanted(path) && !is_spared(path)) => return Some(true),
        Side::Taking if paths.any(|path| is_spared(path)) => return Some(false),
        Side::Holding | Side::Taking => {}
    }
    match (&project.path, side) {
        (Some(path), Side::Taking) => Some(is_wanted(path)),
        (Some(_), Side::Holding) => Some(false),
        (None, _) if is_wanted_anyhow => spared.is_none().then_some(true),
        (None, _) => wanted.is_none().then_some(false),
    }
}

/// Whether a protection reaches a package; `None` where that hangs on a path that is not known.
pub(crate) fn within(scope: &ProtectionScope, package: &Package) -> Option<bool> {
    let patterns = match &scope.paths {
        Some(patterns) => is_of_project(patterns, &package.project, Side::Holding),
        None => Some(true),
    };
    let topics = match &scope.topics {
        Some(patterns) => has_topic(patterns, &package.project, Side::Holding),
        None => Some(true),
    };
    let types = scope.types.is_empty() || scope.types.contains(&package.package_type);
    and(and(and(Some(types), is_reached(scope, &package.project)), patterns), topics)
}

/// Whether the project has such a topic. Where GitLab's answers differ, what holds goes by the one that holds, and what
/// takes by the one that doesn't take.
pub(crate) fn has_topic(patterns: &Patterns, project: &Project, side: Side) -> Option<bool> {
    let told: BTreeSet<bool> = project.topics.told().map(|topics| patterns.match_any(topics)).collect();
    let careful = side == Side::Holding;
    if told.contains(&careful) {
        return Some(careful);
    }
    project.topics.is_known().then_some(!careful)
}

fn is_reached(scope: &ProtectionScope, project: &Project) -> Option<bool> {
    if scope.groups.is_empty() && scope.projects.is_empty() {
        return Some(true);
    }
    let by_id = scope.projects.contains(&Reference::Id(project.id.0));
    let fits = |path: &String| {
        scope.groups.iter().any(|group| is_below(group, scope.subgroups, path))
            || scope
                .projects
                .iter()
                .any(|listed| matches!(listed, Reference::Path(listed) if path.eq_ignore_ascii_case(listed)))
    };
    if by_id || project.path.iter().chain(&project.other_paths).any(fits) {
        return Some(true);
    }
    let goes_by_paths =
        !scope.groups.is_empty() || scope.projects.iter().any(|listed| matches!(listed, Reference::Path(_)));
    if project.path.is_none() && goes_by_paths { None } else { Some(false) }
}

fn is_below(group: &str, subgroups: bool, path: &str) -> bool {
    let group = format!("{}/", group.to_ascii_lowercase());
    match path.to_ascii_lowercase().strip_prefix(&group) {
        Some(rest) => subgroups || !rest.contains('/'),
        None => false,
    }
}

/// False as soon as one side is, unknown where the other can't be told.
pub(crate) fn and(one: Option<bool>, other: Option<bool>) -> Option<bool> {
    match (one, other) {
        (Some(false), _) | (_, Some(false)) => Some(false),
        (Some(true), Some(true)) => Some(true),
        _ => None,
    }
}
