//! Lists of patterns: each pattern by itself, and what is left of the list as a whole.

use super::looked::Looked;
use super::{
    Advice, Frame, Rule, all_taken_away, channel_without_user, exclusion_misses_folders, file_never_selected,
    full_ref_name, glob_looks_like_regex, name_never_matches, path_without_group, pattern_lacks_wildcard,
    pattern_never_matches, pattern_says_nothing, project_outside_scope, regex_is_literal, star_stops_at_slash,
    version_never_matches,
};
use crate::package::{PackageType, RefKind};
use crate::policy::condition::meaning::PatternsOn;
use crate::policy::pattern::{Effect, ListItem, Reading, SearchResult, Texts, Work, find};
use crate::policy::places::Places;
use crate::policy::{FileRule, Patterns};
use crate::yaml::findings::Findings;

/// One list, and what is known of the texts that it is held against.
struct List<'a> {
    key: &'static str,
    /// The key's place, where it stands within another.
    at: &'static str,
    patterns: &'a Patterns,
    reading: Reading,
    /// A pattern that is read widely may match more than is known of it here.
    has_spellings: bool,
    places: &'a Places,
    /// The other patterns that the texts match.
    within: Vec<Texts<'a>>,
    /// The consequence where nothing matches.
    nothing: &'static str,
    /// The types of the packages that it is for; `None` is any.
    types: Option<&'a [PackageType]>,
    group: Option<&'a str>,
    work: &'a Work,
}

const NEVER: &str = "this rule never holds";

pub(super) fn rule(rule: &Rule<'_>, findings: &mut Findings<'_>) {
    let types = rule.types();
    for condition in rule.conditions {
        let key = condition.key();
        let lists = match condition.patterns() {
            PatternsOn::Nothing => continue,
            PatternsOn::Refs(refs) => refs.lists().map(|(kind, patterns)| (place_of(kind), patterns)).collect(),
            PatternsOn::Name(patterns)
            | PatternsOn::Version(patterns)
            | PatternsOn::Project(patterns)
            | PatternsOn::Tag(patterns)
            | PatternsOn::Topic(patterns)
            | PatternsOn::Channel(patterns) => vec![(key, patterns)],
        };
        for (at, patterns) in lists {
            let within = if key == "project" { rule.frame.project_paths().collect() } else { Vec::new() };
            List {
                key,
                at,
                patterns,
                reading: rule.reading(),
                has_spellings: rule.has_spellings(condition),
                places: rule.places,
                within,
                nothing: NEVER,
                types: types.as_deref(),
                group: rule.frame.group,
                work: rule.frame.work,
            }
            .look(findings);
        }
    }
}

/// Returns where the patterns on refs of a kind stand.
pub(super) fn place_of(kind: Option<RefKind>) -> &'static str {
    match kind {
        None => "built_from",
        Some(RefKind::Branch) => "built_from.branch",
        Some(RefKind::Tag) => "built_from.tag",
        Some(RefKind::MergeRequest) => "built_from.merge_request",
    }
}

/// Looks at `paths` and `topic` of a scope.
pub(super) fn scope(frame: &Frame<'_>, places: &Places, findings: &mut Findings<'_>) {
    frame.at(places.whole);
    let paths = frame.paths.map(|paths| ("paths", paths, frame.reach().collect()));
    let topics = frame.topics.map(|topics| ("topic", topics, Vec::new()));
    for (key, patterns, within) in paths.into_iter().chain(topics) {
        List {
            key,
            at: key,
            patterns,
            reading: frame.reading,
            has_spellings: false,
            places,
            within,
            nothing: "there is nothing in this scope",
            types: None,
            group: frame.group,
            work: frame.work,
        }
        .look(findings);
    }
}

/// Looks at `file` of a files rule.
pub(super) fn files(rule: &FileRule, seen: &Rule<'_>, findings: &mut Findings<'_>) {
    let Some(patterns) = &rule.file else { return };
    seen.begin(findings);
    let list = List {
        key: "file",
        at: "file",
        patterns,
        reading: Reading::Select,
        has_spellings: false,
        places: seen.places,
        within: Vec::new(),
        nothing: NEVER,
        types: None,
        group: None,
        work: seen.frame.work,
    };
    list.look(findings);
    let may_lie_in_folders = Texts::Expression(".*/.*");
    let reaches_into_folders = || match patterns.included() {
        None => true,
        Some(included) => {
            let lists = [Texts::List(&included, Reading::Select), may_lie_in_folders];
            matches!(find(patterns.kind(), &lists, &[], list.work), SearchResult::Text(_))
        }
    };
    if rule.package_type.facts().has_folders && reaches_into_folders() {
        for (index, item) in patterns.items(Reading::Select).enumerate() {
            if let Some(advice) = exclusion_misses_folders::advice(&item) {
                list.tell(&advice, item.effect, index, findings);
            }
        }
    }
}

impl List<'_> {
    fn look(&self, findings: &mut Findings<'_>) {
        let mut is_clear = true;
        for (index, item) in self.patterns.items(self.reading).enumerate() {
            if item.is_id() {
                continue;
            }
            if let Some(advice) = self.of_item(&item) {
                self.tell(&advice, item.effect, index, findings);
                is_clear = false;
            }
        }
        // A pattern that is not what it was meant to be says little about the rest.
        if is_clear && !self.patterns.have_ids() {
            self.left(findings);
        }
    }

    /// Tells advice about one of the patterns, with other patterns that are right in its place.
    fn tell(&self, advice: &Advice, effect: Effect, index: usize, findings: &mut Findings<'_>) {
        let hint = advice.hint(effect, |pattern| self.is_right(pattern, effect));
        findings.lint(advice.lint, self.places.value(self.at, index), &advice.message, hint);
    }

    /// Returns whether a pattern could be written here, matches something, and is not complained of itself.
    fn is_right(&self, pattern: &str, effect: Effect) -> bool {
        let Ok(patterns) = Patterns::parse(&[pattern], self.patterns.kind()) else { return false };
        let reading = match (effect, self.reading) {
            (Effect::Include, reading) => reading,
            (Effect::TakeAway, Reading::Select) => Reading::Hold,
            (Effect::TakeAway, Reading::Hold) => Reading::Select,
        };
        let is_right = |item: &ListItem<'_>| {
            self.of_item(item).is_none() && matches!(self.find(&[item.into()]), SearchResult::Text(_))
        };
        patterns.items(reading).all(|item| is_right(&item))
    }

    /// Returns the first advice about a pattern without the others.
    fn of_item(&self, item: &ListItem<'_>) -> Option<Advice> {
        let Self { key, reading, work, .. } = *self;
        let sample = find(self.patterns.kind(), &[item.into()], &[], work);
        let looked = Looked { key, item, reading, sample, work };
        glob_looks_like_regex::advice(&looked)
            .or_else(|| regex_is_literal::advice(&looked))
            .or_else(|| path_without_group::advice(&looked))
            .or_else(|| pattern_never_matches::advice(&looked))
            .or_else(|| pattern_lacks_wildcard::advice(&looked))
            .or_else(|| channel_without_user::advice(&looked))
            .or_else(|| full_ref_name::advice(&looked))
            .or_else(|| file_never_selected::advice(&looked))
            .or_else(|| name_never_matches::advice(&looked, self.types?))
            .or_else(|| star_stops_at_slash::scoped(&looked, self.types?))
            .or_else(|| star_stops_at_slash::lonely(&looked, self.types))
            .or_else(|| version_never_matches::advice(&looked, self.types?))
    }

    fn left(&self, findings: &mut Findings<'_>) {
        let taken_away = self.patterns.taken_away();
        if taken_away.is_none() && self.within.is_empty() {
            return;
        }
        let included = self.patterns.included();
        let list = Texts::List(self.patterns, self.reading);
        let (includes, takes_away) = match self.reading {
            Reading::Select => (true, !self.has_spellings),
            Reading::Hold => (!self.has_spellings, !self.has_spellings || included.is_none()),
        };
        // Without patterns that include a list of tags or topics also holds for what has none.
        let is_known = (includes || included.is_none()) && !(self.is_on_several() && included.is_none());
        if is_known && self.is_empty_with(&[list]) {
            let advice = self.nothing_is_left();
            findings.lint(advice.lint, self.places.key(self.at), advice.message, advice.hint);
            return;
        }
        // A list that takes away is read the other way round.
        let taken_away = taken_away.as_ref().map(|list| {
            let reading = if self.reading == Reading::Select { Reading::Hold } else { Reading::Select };
            Texts::List(list, reading)
        });
        for (index, item) in self.patterns.items(self.reading).enumerate() {
            let says_nothing = match (item.effect, &included) {
                (Effect::Include, _) => includes && self.is_nothing_left(&[(&item).into()], taken_away.as_slice()),
                // A package that it takes away may be selected by another tag or topic.
                (Effect::TakeAway, _) if self.is_on_several() => false,
                (Effect::TakeAway, _) if !takes_away => false,
                (Effect::TakeAway, Some(included)) => {
                    self.is_empty_with(&[Texts::List(included, self.reading), (&item).into()])
                }
                (Effect::TakeAway, None) => self.is_empty_with(&[(&item).into()]),
            };
            if says_nothing {
                let advice = self.of_idle(&item, included.as_ref());
                findings.lint(advice.lint, self.places.value(self.at, index), advice.message, advice.hint);
            }
        }
    }

    /// Returns whether a package can have several of the texts that it is on.
    fn is_on_several(&self) -> bool {
        ["tag", "topic"].contains(&self.key)
    }

    fn nothing_is_left(&self) -> Advice {
        let Self { nothing, key, .. } = self;
        let is_empty_anyway = || {
            let list = Texts::List(self.patterns, self.reading);
            find(self.patterns.kind(), &[list], &[], self.work) == SearchResult::Nothing
        };
        if self.within.is_empty() || is_empty_anyway() {
            return all_taken_away::advice(nothing, key);
        }
        project_outside_scope::of_list(nothing, key, self.full_path())
    }

    fn of_idle(&self, item: &ListItem<'_>, included: Option<&Patterns>) -> Advice {
        let is_outside = !self.within.is_empty() && self.is_empty_with(&[item.into()]);
        if is_outside {
            return project_outside_scope::of_item(item, self.full_path());
        }
        pattern_says_nothing::advice(item, included)
    }

    fn full_path(&self) -> String {
        let example = self.group.map(|group| format!("{group}/**"));
        match example.filter(|example| self.is_right(example, Effect::Include)) {
            Some(example) => format!("patterns are on the project's full path, as in `{example}`"),
            None => "patterns are on the project's full path".to_owned(),
        }
    }

    /// Returns whether no text fits all of these lists and what is known besides.
    fn is_empty_with(&self, lists: &[Texts<'_>]) -> bool {
        self.find(lists) == SearchResult::Nothing
    }

    /// Returns the same for texts that none of other lists matches.
    fn is_nothing_left(&self, lists: &[Texts<'_>], without: &[Texts<'_>]) -> bool {
        let texts: Vec<Texts<'_>> = lists.iter().chain(&self.within).copied().collect();
        find(self.patterns.kind(), &texts, without, self.work) == SearchResult::Nothing
    }

    fn find(&self, lists: &[Texts<'_>]) -> SearchResult {
        let texts: Vec<Texts<'_>> = lists.iter().chain(&self.within).copied().collect();
        find(self.patterns.kind(), &texts, &[], self.work)
    }
}
