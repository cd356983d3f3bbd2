//! Lists of patterns: what is left of them, and each pattern by itself.

use super::{Advice, Frame, Rule, lookalike, names, shape};
use crate::package::{PackageType, RefKind};
use crate::policy::pattern::{Answer, Effect, Item, Reading, Texts, Work, find};
use crate::policy::places::Places;
use crate::policy::{Condition, FileRule, PatternKind, Patterns};
use crate::yaml::findings::Findings;

/// One list, and what is known of the texts that it is held against.
struct List<'a> {
    key: &'static str,
    /// The key's place, where it stands within another.
    at: &'static str,
    patterns: &'a Patterns,
    reading: Reading,
    /// Whether a pattern that is read widely may match more than is known of it here.
    has_spellings: bool,
    places: &'a Places,
    /// What else the texts match.
    within: Vec<Texts<'a>>,
    /// What it comes to where nothing matches.
    nothing: &'static str,
    /// The types of the packages that it is for; `None` is any.
    types: Option<&'a [PackageType]>,
    group: Option<&'a str>,
    work: &'a Work,
}

/// One pattern of a list, as far as it was looked at.
pub(super) struct Looked<'a> {
    pub(super) key: &'static str,
    item: &'a Item<'a>,
    /// Of its list.
    reading: Reading,
    /// A text that it matches.
    pub(super) sample: Answer,
    work: &'a Work,
}

const NEVER: &str = "this rule never holds";

pub(super) fn rule(rule: &Rule<'_>, findings: &mut Findings<'_>) {
    let types = rule.types();
    for condition in rule.conditions {
        let lists = match condition {
            Condition::Name(patterns) => vec![("name", "name", patterns)],
            Condition::Project(patterns) => vec![("project", "project", patterns)],
            Condition::Version(patterns) => vec![("version", "version", patterns)],
            Condition::Tag(patterns) => vec![("tag", "tag", patterns)],
            Condition::Channel(patterns) => vec![("channel", "channel", patterns)],
            Condition::BuiltFrom(refs) => {
                refs.lists().map(|(kind, patterns)| ("built_from", place_of(kind), patterns)).collect()
            }
            _ => continue,
        };
        for (key, at, patterns) in lists {
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

/// Where the patterns on refs of a kind stand.
pub(super) fn place_of(kind: Option<RefKind>) -> &'static str {
    match kind {
        None => "built_from",
        Some(RefKind::Branch) => "built_from.branch",
        Some(RefKind::Tag) => "built_from.tag",
        Some(RefKind::MergeRequest) => "built_from.merge_request",
    }
}

/// `paths` of a scope.
pub(super) fn scope(frame: &Frame<'_>, places: &Places, findings: &mut Findings<'_>) {
    let Some(patterns) = frame.paths else { return };
    frame.at(places.whole);
    List {
        key: "paths",
        at: "paths",
        patterns,
        reading: frame.reading,
        has_spellings: false,
        places,
        within: frame.reach().collect(),
        nothing: "there is nothing in this scope",
        types: None,
        group: frame.group,
        work: frame.work,
    }
    .look(findings);
}

/// `file` of a files rule.
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
            matches!(find(patterns.kind(), &lists, &[], list.work), Answer::Text(_))
        }
    };
    if rule.package_type.facts().has_folders && reaches_into_folders() {
        for (index, item) in patterns.items(Reading::Select).enumerate() {
            if let Some(advice) = shape::top_folder(&item) {
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

    /// Tells it of one of the patterns, with other patterns that are right in its place.
    fn tell(&self, advice: &Advice, effect: Effect, index: usize, findings: &mut Findings<'_>) {
        let hint = advice.hint(effect, |pattern| self.is_right(pattern, effect));
        findings.lint(self.places.value(self.at, index), &advice.message, hint);
    }

    /// Whether a pattern could be written here, matches something, and is not complained of itself.
    fn is_right(&self, pattern: &str, effect: Effect) -> bool {
        let Ok(patterns) = Patterns::parse(&[pattern], self.patterns.kind()) else { return false };
        let reading = match (effect, self.reading) {
            (Effect::Include, reading) => reading,
            (Effect::TakeAway, Reading::Select) => Reading::Hold,
            (Effect::TakeAway, Reading::Hold) => Reading::Select,
        };
        let is_right =
            |item: &Item<'_>| self.of_item(item).is_none() && matches!(self.find(&[item.into()]), Answer::Text(_));
        patterns.items(reading).all(|item| is_right(&item))
    }

    /// What can be said of a pattern without the others.
    fn of_item(&self, item: &Item<'_>) -> Option<Advice> {
        let Self { key, reading, work, .. } = *self;
        let sample = find(self.patterns.kind(), &[item.into()], &[], work);
        let looked = Looked { key, item, reading, sample, work };
        lookalike::advice(&looked)
            .or_else(|| shape::nothing(&looked))
            .or_else(|| shape::ends(&looked))
            .or_else(|| shape::channel(&looked))
            .or_else(|| shape::full_refs(&looked))
            .or_else(|| shape::files(&looked))
            .or_else(|| names::foreign(&looked, self.types?))
            .or_else(|| names::any(&looked, self.types))
            .or_else(|| shape::begin(&looked, self.types?))
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
        // Without patterns that include a list of tags also holds for what has none.
        let is_known = (includes || included.is_none()) && !(self.key == "tag" && included.is_none());
        if is_known && self.is_empty_with(&[list]) {
            let advice = self.nothing_is_left();
            findings.lint(self.places.key(self.at), advice.message, advice.hint);
            return;
        }
        // As it takes away, it is read the other way round.
        let taken_away = taken_away.as_ref().map(|list| {
            let reading = if self.reading == Reading::Select { Reading::Hold } else { Reading::Select };
            Texts::List(list, reading)
        });
        for (index, item) in self.patterns.items(self.reading).enumerate() {
            let says_nothing = match (item.effect, &included) {
                (Effect::Include, _) => includes && self.is_nothing_left(&[(&item).into()], taken_away.as_slice()),
                // What it takes away may be there for another tag.
                (Effect::TakeAway, _) if self.key == "tag" => false,
                (Effect::TakeAway, _) if !takes_away => false,
                (Effect::TakeAway, Some(included)) => {
                    self.is_empty_with(&[Texts::List(included, self.reading), (&item).into()])
                }
                (Effect::TakeAway, None) => self.is_empty_with(&[(&item).into()]),
            };
            if says_nothing {
                let advice = self.of_idle(&item, included.is_some());
                findings.lint(self.places.value(self.at, index), advice.message, advice.hint);
            }
        }
    }

    fn nothing_is_left(&self) -> Advice {
        let Self { nothing, key, .. } = self;
        let is_empty_anyway = || {
            let list = Texts::List(self.patterns, self.reading);
            find(self.patterns.kind(), &[list], &[], self.work) == Answer::Nothing
        };
        if self.within.is_empty() || is_empty_anyway() {
            return Advice::new(
                format!("{nothing}: all that `{key}` names is taken away again"),
                "`!` takes away what it matches, whatever stands before or behind it",
            );
        }
        Advice::new(format!("{nothing}: no project in the scope matches `{key}`"), self.full_path())
    }

    fn of_idle(&self, item: &Item<'_>, has_included: bool) -> Advice {
        let text = item.text;
        let is_outside = !self.within.is_empty() && self.is_empty_with(&[item.into()]);
        match item.effect {
            _ if is_outside && item.effect == Effect::Include => {
                Advice::new(format!("no project in the scope matches `{text}`"), self.full_path())
            }
            _ if is_outside => {
                let message = format!("`!{text}` takes nothing away: no project in the scope matches it");
                Advice::new(message, self.full_path())
            }
            Effect::Include => {
                Advice::new(format!("`{text}` says nothing: it is taken away again"), "take one of them out")
            }
            Effect::TakeAway if has_included => Advice::new(
                format!("`!{text}` takes nothing away: no other pattern here matches any of it"),
                "take it out, or write it as what it is to take away",
            ),
            Effect::TakeAway => Advice::new(format!("`!{text}` takes nothing away"), "take it out"),
        }
    }

    fn full_path(&self) -> String {
        let example = self.group.map(|group| format!("{group}/**"));
        match example.filter(|example| self.is_right(example, Effect::Include)) {
            Some(example) => format!("patterns are on the project's full path, as in `{example}`"),
            None => "patterns are on the project's full path".to_owned(),
        }
    }

    /// Whether no text fits all of these lists and what is known besides.
    fn is_empty_with(&self, lists: &[Texts<'_>]) -> bool {
        self.find(lists) == Answer::Nothing
    }

    /// The same of what is among none of other lists.
    fn is_nothing_left(&self, lists: &[Texts<'_>], without: &[Texts<'_>]) -> bool {
        let texts: Vec<Texts<'_>> = lists.iter().chain(&self.within).copied().collect();
        find(self.patterns.kind(), &texts, without, self.work) == Answer::Nothing
    }

    fn find(&self, lists: &[Texts<'_>]) -> Answer {
        let texts: Vec<Texts<'_>> = lists.iter().chain(&self.within).copied().collect();
        find(self.patterns.kind(), &texts, &[], self.work)
    }
}

impl Looked<'_> {
    pub(super) fn text(&self) -> &str {
        self.item.text
    }

    pub(super) fn kind(&self) -> PatternKind {
        self.item.alone.kind()
    }

    /// What it comes to that nothing matches.
    pub(super) fn vain(&self) -> String {
        let text = self.text();
        match (self.item.effect, self.reading) {
            (Effect::TakeAway, _) => format!("so `!{text}` takes nothing away"),
            (Effect::Include, Reading::Hold) => format!("so nothing is held by `{text}`"),
            (Effect::Include, Reading::Select) => format!("so nothing matches `{text}`"),
        }
    }

    /// Whether it matches something, and nothing but what the expression does.
    pub(super) fn matches_only(&self, expression: &str) -> bool {
        self.is_sampled_by(expression) == Some(true)
            && find(self.kind(), &[self.item.into()], &[Texts::Expression(expression)], self.work) == Answer::Nothing
    }

    /// Whether it matches something, and nothing that the expression does.
    pub(super) fn misses(&self, expression: &str) -> bool {
        self.is_sampled_by(expression) == Some(false)
            && find(self.kind(), &[self.item.into(), Texts::Expression(expression)], &[], self.work) == Answer::Nothing
    }

    fn is_sampled_by(&self, expression: &str) -> Option<bool> {
        match &self.sample {
            Answer::Text(text) => Texts::Expression(expression).contains(text, self.kind(), self.work),
            Answer::Nothing | Answer::Unknown => None,
        }
    }
}
