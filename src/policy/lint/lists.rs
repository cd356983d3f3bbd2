//! Lists of patterns: what is left of them, and each pattern by itself.

use super::{Advice, Frame, Rule, lookalike, shape};
use crate::package::{PackageType, RefKind};
use crate::policy::findings::Findings;
use crate::policy::pattern::{Effect, Item, Reading, Texts, is_there};
use crate::policy::places::Places;
use crate::policy::{Condition, FileRule, Patterns};

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
    }
    .look(findings);
}

/// `file` of a files rule.
pub(super) fn files(rule: &FileRule, places: &Places, findings: &mut Findings<'_>) {
    let Some(patterns) = &rule.file else { return };
    List {
        key: "file",
        at: "file",
        patterns,
        reading: Reading::Select,
        has_spellings: false,
        places,
        within: Vec::new(),
        nothing: NEVER,
        types: None,
        group: None,
    }
    .look(findings);
    let may_lie_in_folders = Texts::Expression(".*/.*");
    let included = patterns.included().unwrap_or_else(|| patterns.clone());
    let lists = [Texts::List(&included, Reading::Select), may_lie_in_folders];
    let reaches_into_folders =
        patterns.included().is_none() || is_there(patterns.kind(), &lists, |among| among[0] && among[1]) == Some(true);
    if rule.package_type.facts().has_folders && reaches_into_folders {
        for (index, item) in patterns.items(Reading::Select).enumerate() {
            if let Some(Advice { message, hint }) = shape::top_folder(&item) {
                findings.lint(places.value("file", index), message, hint);
            }
        }
    }
}

impl List<'_> {
    fn look(&self, findings: &mut Findings<'_>) {
        let mut is_clear = true;
        for (index, item) in self.patterns.items(self.reading).enumerate() {
            if let Some(Advice { message, hint }) = self.of_item(&item) {
                findings.lint(self.places.value(self.at, index), message, hint);
                is_clear = false;
            }
        }
        // A pattern that is not what it was meant to be says little about the rest.
        if is_clear {
            self.left(findings);
        }
    }

    /// What can be said of a pattern without the others.
    fn of_item(&self, item: &Item<'_>) -> Option<Advice> {
        lookalike::advice(self.key, item)
            .or_else(|| shape::ends(self.key, item))
            .or_else(|| shape::files(self.key, item))
            .or_else(|| shape::slashes(self.key, item, self.types?))
            .or_else(|| shape::any_name(self.key, item, self.types))
            .or_else(|| shape::begin(self.key, item, self.types?))
    }

    fn left(&self, findings: &mut Findings<'_>) {
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
        for (index, item) in self.patterns.items(self.reading).enumerate() {
            let says_nothing = match (item.effect, &included) {
                // The list matches what includes and isn't taken away.
                (Effect::Include, _) => includes && self.is_empty_with(&[list, (&item).into()]),
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
            is_there(self.patterns.kind(), &[Texts::List(self.patterns, self.reading)], |among| among[0]) == Some(false)
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
        match self.group {
            Some(group) => format!("patterns are on the project's full path, as in `{group}/**`"),
            None => "patterns are on the project's full path".to_owned(),
        }
    }

    /// Whether no text fits all of these lists and what is known besides.
    fn is_empty_with(&self, lists: &[Texts<'_>]) -> bool {
        let texts: Vec<Texts<'_>> = lists.iter().chain(&self.within).copied().collect();
        is_there(self.patterns.kind(), &texts, |among| among.iter().all(|one| *one)) == Some(false)
    }
}
