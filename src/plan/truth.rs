//! Whether a condition or a rule holds for one package.

mod downloads;

use std::borrow::Cow;

use jiff::Timestamp;

use super::evidence::{Bytes, Content, Evidence};
use crate::package::{BuiltFrom, Downloaded, Kind, NO_CHANNEL, Package, RefKind, Status};
use crate::policy::{
    Age, Condition, DeleteRule, Downloads, FileRule, Hold, Patterns, ProtectionScope, Reference, Refs, Shown, Size,
    is_below,
};

/// What can be said of a condition. Only `Yes` and `No` are knowledge; in a plan the other two select no package.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Truth {
    Yes,
    No,
    /// It can't be known: a date that GitLab did not send, a look-up that failed.
    Unknown,
    /// It could be looked up, and was not.
    Pending,
}

use Truth::{No, Pending, Unknown, Yes};

impl Truth {
    pub const ALL: [Self; 4] = [Yes, No, Unknown, Pending];

    /// The truth's name in reports.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Yes => "yes",
            No => "no",
            Unknown => "unknown",
            Pending => "open",
        }
    }
}

/// On which side a condition stands. In doubt each reads a pattern as what keeps more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    Deletes,
    Holds,
}

impl Side {
    /// What a conjunction comes to. What isn't known settles a delete rule, which fails on it, before an open question does.
    /// Where something is held an open question may still let go what isn't known.
    fn all(self, parts: impl IntoIterator<Item = Truth>) -> Truth {
        let order = match self {
            Self::Deletes => [No, Unknown, Pending],
            Self::Holds => [No, Pending, Unknown],
        };
        let parts: Vec<Truth> = parts.into_iter().collect();
        order.into_iter().find(|truth| parts.contains(truth)).unwrap_or(Yes)
    }

    /// Whether a text matches; unknown where the text is.
    fn matches(self, patterns: &Patterns, text: Option<Shown<'_>>) -> Truth {
        let Some(text) = text else { return Unknown };
        truth(match self {
            Self::Deletes => patterns.select(text),
            Self::Holds => patterns.hold(text),
        })
    }
}

/// What is known of one package as of one instant.
#[derive(Debug, Clone)]
pub(super) struct Facts<'a> {
    pub(super) package: &'a Package,
    pub(super) content: Content,
    pub(super) bytes: Bytes,
    pub(super) built_from: Cow<'a, BuiltFrom>,
    pub(super) downloaded: Downloaded,
    /// What a missing download date is worth.
    pub(super) downloads: Downloads,
    pub(super) now: Timestamp,
}

impl<'a> Facts<'a> {
    #[must_use]
    pub(super) fn new(package: &'a Package, evidence: &'a Evidence, downloads: Downloads, now: Timestamp) -> Self {
        let (content, bytes) = (evidence.content(package), evidence.bytes(package));
        let (built_from, downloaded) = (evidence.built_from(package), evidence.downloaded(package));
        Self { package, content, bytes, built_from, downloaded, downloads, now }
    }
}

impl Facts<'_> {
    /// A delete rule fails on what isn't known, so `Unknown` settles it before `Pending` does.
    #[must_use]
    pub(super) fn selected_by(&self, rule: &DeleteRule) -> Truth {
        self.selected_by_all(&rule.conditions)
    }

    /// Whether a `files` rule is for the package. Its conditions are read as those of a delete rule.
    #[must_use]
    pub(super) fn trimmed_by(&self, rule: &FileRule) -> Truth {
        if self.package.package_type != rule.package_type {
            return No;
        }
        self.selected_by_all(&rule.conditions)
    }

    fn selected_by_all(&self, conditions: &[Condition]) -> Truth {
        let conditions = conditions.iter().map(|condition| self.selected_by_condition(condition));
        Side::Deletes.all(conditions)
    }

    /// Content can't have gone without a download for longer than it exists, so what selects by it looks at both.
    #[must_use]
    pub(super) fn selected_by_condition(&self, condition: &Condition) -> Truth {
        let truth = self.condition(condition, Side::Deletes);
        match condition {
            Condition::NotDownloadedFor(age) => Side::Deletes.all([truth, self.content_exceeds(age)]),
            _ => truth,
        }
    }

    /// A keep or protect rule holds on what isn't known, so only `No` settles it before `Pending` does.
    #[must_use]
    pub(super) fn held_by(&self, rule: &Hold) -> Truth {
        if !rule.is_in_force(self.now) {
            return No;
        }
        Side::Holds.all(rule.conditions.iter().map(|condition| self.held_by_condition(condition)))
    }

    #[must_use]
    pub(super) fn held_by_condition(&self, condition: &Condition) -> Truth {
        self.condition(condition, Side::Holds)
    }

    /// Whether a protection's scope takes the package in, by any path of its project. An unknown path may be one of them.
    #[must_use]
    pub(super) fn within(&self, scope: &ProtectionScope) -> Truth {
        let Package { project, package_type, .. } = self.package;
        let has_path = |fits: &dyn Fn(&str) -> bool| match project.paths().any(fits) {
            true => Yes,
            false if project.path.is_none() => Unknown,
            false => No,
        };
        let is_everywhere = scope.groups.is_empty() && scope.projects.is_empty();
        let place = if is_everywhere {
            Yes
        } else {
            any(scope.groups.iter().map(|group| has_path(&|path| is_below(path, group, scope.subgroups))).chain(
                scope.projects.iter().map(|wanted| match wanted {
                    Reference::Id(id) => truth(*id == project.id.0),
                    Reference::Path(wanted) => has_path(&|path| path.eq_ignore_ascii_case(wanted)),
                }),
            ))
        };
        let type_fits = truth(scope.types.is_empty() || scope.types.contains(package_type));
        let path_fits = scope.paths.as_ref().map_or(Yes, |paths| told(paths.hold_project(project)));
        Side::Holds.all([place, type_fits, path_fits])
    }

    fn condition(&self, condition: &Condition, side: Side) -> Truth {
        let package = self.package;
        let kind = package.package_type.facts();
        match condition {
            Condition::Type(types) => truth(types.contains(&package.package_type)),
            Condition::Name(patterns) => side.matches(patterns, Some(Shown::Name(&package.name, kind.names))),
            Condition::Project(patterns) => told(match side {
                Side::Deletes => patterns.select_project(&package.project),
                Side::Holds => patterns.hold_project(&package.project),
            }),
            Condition::Version(patterns) => match &package.version {
                Some(version) => side.matches(patterns, Some(Shown::Version(version, kind.versions))),
                None => No,
            },
            Condition::Tag(patterns) => match &package.tags {
                Some(tags) => truth(patterns.match_any(tags)),
                None => Unknown,
            },
            Condition::Channel(patterns) => match package.own_channel() {
                Some(channel) => side.matches(patterns, Some(Shown::Plain(channel))),
                // Whether "all but these" means those that have none, only the rule's author knows.
                None if kind.has_channel && patterns.only_takes_away() => Unknown,
                // GitLab shows `_/_` where there is none, and who writes that under a hold means it.
                None if kind.has_channel && side == Side::Holds => truth(patterns.matches(NO_CHANNEL)),
                None => No,
            },
            Condition::Prerelease(wanted) => match package.is_prerelease() {
                Some(is_prerelease) => truth(is_prerelease == *wanted),
                None => Unknown,
            },
            Condition::BuiltFrom(refs) => self.is_built_from(refs, side),
            Condition::LargerThan(size) => self.exceeds(size),
            Condition::Status(statuses) => match &package.status {
                Status::Other(_) => Unknown,
                status => truth(statuses.contains(status)),
            },
            Condition::Id(ids) => truth(ids.contains(&package.id)),
            Condition::OlderThan(age) => self.content_exceeds(age),
            Condition::YoungerThan(age) => self.content_undercuts(age),
            Condition::NotDownloadedFor(age) => self.is_left_alone(age, side),
            Condition::DownloadedWithin(age) => self.is_in_use(age),
            Condition::NeverDownloaded => self.is_untouched(),
            Condition::UnknownAge => truth(matches!(self.content, Content::Since(_) | Content::Unknown)),
        }
    }

    /// Whether its last pipeline ran for one of these. Of which kind its ref is matters only where they differ by it.
    fn is_built_from(&self, refs: &Refs, side: Side) -> Truth {
        let pipeline = match &*self.built_from {
            BuiltFrom::Pipeline(pipeline) => pipeline,
            BuiltFrom::Unknown => return Unknown,
            BuiltFrom::NotListed => return Pending,
        };
        let matches = |patterns| side.matches(patterns, Some(Shown::Plain(&pipeline.git_ref)));
        let is_one = |kind: &RefKind| match refs {
            // What takes means branches, and what holds a ref of any kind.
            Refs::Plain(_) if side == Side::Deletes && *kind != RefKind::Branch => No,
            Refs::Plain(patterns) => matches(patterns),
            Refs::OfKinds(kinds) => kinds.get(kind).map_or(No, matches),
        };
        let mut truths = pipeline.kind.candidates().iter().map(is_one);
        match (truths.next(), &pipeline.kind) {
            (Some(truth), _) if truths.all(|other| other == truth) => truth,
            (_, Kind::Open(_)) => Pending,
            _ => Unknown,
        }
    }

    /// Whether its files take more room than this.
    fn exceeds(&self, size: &Size) -> Truth {
        match self.bytes {
            Bytes::Sum(bytes) => truth(bytes > size.bytes()),
            Bytes::AtLeast(bytes) if bytes > size.bytes() => Yes,
            Bytes::AtLeast(_) => Unknown,
            Bytes::Open => Pending,
        }
    }

    /// Whether it is so young that an upload may be under way. What is published in place is at most as old as its row.
    #[must_use]
    pub(super) fn is_fresh(&self, min_age: &Age) -> Truth {
        match self.content {
            Content::Since(date) if min_age.is_undercut(date, self.now) => Yes,
            _ => self.content_undercuts(min_age),
        }
    }

    /// Whether the newest content is more than `age` old.
    #[must_use]
    pub(super) fn content_exceeds(&self, age: &Age) -> Truth {
        match self.content {
            Content::At(date) => truth(age.is_exceeded(date, self.now)),
            Content::AtOrAfter(date) if age.is_exceeded(date, self.now) => Pending,
            Content::AtOrAfter(_) => No,
            Content::Since(_) | Content::Unknown => Unknown,
        }
    }

    /// Whether the newest content is less than `age` old.
    #[must_use]
    pub(super) fn content_undercuts(&self, age: &Age) -> Truth {
        match self.content {
            Content::At(date) => truth(age.is_undercut(date, self.now)),
            Content::AtOrAfter(date) if age.is_undercut(date, self.now) => Yes,
            Content::AtOrAfter(_) => Pending,
            Content::Since(_) | Content::Unknown => Unknown,
        }
    }
}

fn truth(holds: bool) -> Truth {
    if holds { Yes } else { No }
}

fn told(holds: Option<bool>) -> Truth {
    holds.map_or(Unknown, truth)
}

fn any(parts: impl IntoIterator<Item = Truth>) -> Truth {
    let parts: Vec<Truth> = parts.into_iter().collect();
    [Yes, Unknown].into_iter().find(|truth| parts.contains(truth)).unwrap_or(No)
}
