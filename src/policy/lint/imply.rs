//! What follows from the conditions of a rule and from its scope. Where that isn't plain, nothing does.

use super::frame::projects_of;
use super::{Role, Rule};
use crate::package::{RefKind, Status};
use crate::policy::pattern::{Answer, Effect, Reading, Texts, Work, find};
use crate::policy::{Condition, PatternKind, Patterns, ProtectionScope, Reference, Refs};

impl Rule<'_> {
    /// Whether every package that this rule selects fulfils `wanted`, a condition of a rule that reads it so.
    pub(super) fn implies(&self, wanted: &Condition, reading: Reading) -> bool {
        if self.conditions.contains(wanted) {
            return true;
        }
        let as_read = |patterns| Texts::List(patterns, reading);
        match wanted {
            // What takes away other spellings, too, may take any of them.
            Condition::Name(patterns) | Condition::Version(patterns)
                if reading == Reading::Select && patterns.has(Effect::TakeAway) && self.has_spellings(wanted) =>
            {
                false
            }
            Condition::Type(wanted) => self.types().is_some_and(|types| types.iter().all(|own| wanted.contains(own))),
            Condition::Name(wanted) => self.keeps_to(as_read(wanted), wanted.kind(), |own| match own {
                Condition::Name(own) => Some(own),
                _ => None,
            }),
            // An id names one project, whose path is not known here.
            Condition::Project(wanted) => !wanted.have_ids() && self.keeps_to_projects(as_read(wanted)),
            Condition::Version(wanted) => self.keeps_to(as_read(wanted), wanted.kind(), |own| match own {
                Condition::Version(own) => Some(own),
                _ => None,
            }),
            // Without a channel or a ref of its own a rule also selects what has none.
            Condition::Channel(wanted) => self.conditions.iter().any(|own| match own {
                Condition::Channel(own) => {
                    is_within(own.kind(), &[self.as_read(own)], as_read(wanted), self.frame.work)
                }
                _ => false,
            }),
            Condition::BuiltFrom(wanted) => self.conditions.iter().any(|own| match own {
                Condition::BuiltFrom(own) => self.are_among(own, wanted, reading),
                _ => false,
            }),
            Condition::Status(wanted) => self.statuses().iter().all(|own| wanted.contains(own)),
            Condition::OlderThan(wanted) => self.conditions.iter().any(|own| match own {
                Condition::OlderThan(own) => own.reaches(wanted),
                // Where something goes by it this is an age as well.
                Condition::NotDownloadedFor(own) => {
                    matches!(self.role, Role::Delete | Role::Files) && own.reaches(wanted)
                }
                _ => false,
            }),
            Condition::YoungerThan(wanted) => self.conditions.iter().any(|own| match own {
                Condition::YoungerThan(own) => wanted.reaches(own),
                _ => false,
            }),
            Condition::NotDownloadedFor(wanted) => {
                let is_never_downloaded = self.conditions.contains(&Condition::NeverDownloaded);
                self.conditions.iter().any(|own| match own {
                    Condition::NotDownloadedFor(own) => own.reaches(wanted),
                    Condition::OlderThan(own) => is_never_downloaded && own.reaches(wanted),
                    _ => false,
                })
            }
            Condition::DownloadedWithin(wanted) => self.conditions.iter().any(|own| match own {
                Condition::DownloadedWithin(own) => wanted.reaches(own),
                _ => false,
            }),
            Condition::LargerThan(wanted) => self.conditions.iter().any(|own| match own {
                Condition::LargerThan(own) => own.bytes() >= wanted.bytes(),
                _ => false,
            }),
            // These hold only where they stand.
            Condition::Tag(_)
            | Condition::Id(_)
            | Condition::NeverDownloaded
            | Condition::Prerelease(_)
            | Condition::UnknownAge => false,
        }
    }

    /// Whether whatever a ref of this rule's is, `wanted` means it too.
    fn are_among(&self, own: &Refs, wanted: &Refs, reading: Reading) -> bool {
        RefKind::ALL.into_iter().all(|kind| {
            let Some(own) = own.of(kind, self.reading()) else { return true };
            let wanted = wanted.of(kind, reading);
            wanted.is_some_and(|wanted| {
                is_within(own.kind(), &[self.as_read(own)], Texts::List(wanted, reading), self.frame.work)
            })
        })
    }

    /// Whether every package that this rule selects is of a type in the scope of a protection.
    pub(super) fn has_types_of(&self, scope: &ProtectionScope) -> bool {
        scope.types.is_empty() || self.types().is_some_and(|own| own.iter().all(|own| scope.types.contains(own)))
    }

    /// Whether every package that this rule selects is in a project in the scope of a protection.
    pub(super) fn has_place_in(&self, scope: &ProtectionScope) -> bool {
        let is_everywhere = scope.groups.is_empty() && scope.projects.is_empty();
        // An id names one project, whose path is not known here.
        let named: Vec<&Reference> = scope.projects.iter().filter(|one| matches!(one, Reference::Path(_))).collect();
        let only_paths = ProtectionScope { projects: named.into_iter().cloned().collect(), ..scope.clone() };
        let has_place = is_everywhere
            || projects_of(&only_paths).is_some_and(|there| self.keeps_to_projects(Texts::Expression(&there)));
        let has_path =
            |paths: &Patterns| !paths.have_ids() && self.keeps_to_projects(Texts::List(paths, Reading::Hold));
        has_place && scope.paths.as_ref().is_none_or(has_path)
    }

    /// The statuses that its packages can have.
    pub(super) fn statuses(&self) -> Vec<Status> {
        let possible: &[Status] = match self.role {
            Role::Delete => &[Status::Default, Status::Error, Status::Deprecated],
            Role::Files => &[Status::Default, Status::Deprecated],
            Role::Keep | Role::Protect => &Status::KNOWN,
        };
        let own = self.conditions.iter().find_map(|condition| match condition {
            Condition::Status(own) => Some(own),
            _ => None,
        });
        possible.iter().filter(|status| own.is_none_or(|own| own.contains(status))).cloned().collect()
    }

    /// Whether all that this rule's own patterns match is matched by `wanted`, too.
    fn keeps_to<'c>(
        &'c self,
        wanted: Texts<'_>,
        kind: PatternKind,
        own: impl Fn(&'c Condition) -> Option<&'c Patterns>,
    ) -> bool {
        let own: Vec<Texts<'_>> = self.conditions.iter().filter_map(own).map(|own| self.as_read(own)).collect();
        is_within(kind, &own, wanted, self.frame.work)
    }

    fn keeps_to_projects(&self, wanted: Texts<'_>) -> bool {
        let own = self.conditions.iter().filter_map(|condition| match condition {
            Condition::Project(own) if !own.have_ids() => Some(self.as_read(own)),
            _ => None,
        });
        let own: Vec<Texts<'_>> = own.chain(self.frame.project_paths()).collect();
        is_within(PatternKind::Path, &own, wanted, self.frame.work)
    }
}

/// Whether every text that is among all of `narrow` is among `wide`. Where there is none, that is every text.
fn is_within(kind: PatternKind, narrow: &[Texts<'_>], wide: Texts<'_>, work: &Work) -> bool {
    find(kind, narrow, &[wide], work) == Answer::Nothing
}

/// Whether a list matches every text as it is shown.
pub(super) fn is_everything(patterns: &Patterns, work: &Work) -> bool {
    is_within(patterns.kind(), &[], Texts::List(patterns, Reading::Select), work)
}

/// Whether no text matches both, each as it is shown.
pub(super) fn are_apart(one: &Patterns, other: &Patterns, work: &Work) -> bool {
    let texts = [one, other].map(|patterns| Texts::List(patterns, Reading::Select));
    find(one.kind(), &texts, &[], work) == Answer::Nothing
}
