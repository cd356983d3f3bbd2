//! Rules by what they match. Among thousands it finds the few that may hold for everything that another rule selects.
//!
//! A rule holds for everything only if it holds for one thing. So a sample is taken of the texts that the other rule
//! selects. A rule stands on the shelf by a part that every text has which it matches.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::Rule;
use crate::policy::condition::meaning::PatternsOn;
use crate::policy::pattern::{Reading, SearchResult, Texts, find};
use crate::policy::{Condition, PatternKind, Patterns, Refs};

/// The text that a rule is put on the shelf by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum ShelfKey {
    Name,
    Version,
    Channel,
    Ref,
    Project,
}

pub(super) struct Shelf<T> {
    texted: BTreeMap<ShelfKey, Texted<T>>,
    /// The rules by their patterns as they are written, for patterns that are too much work.
    written: HashMap<(ShelfKey, String), Vec<T>>,
    /// The rules that may match anything.
    anything: Vec<T>,
}

/// Rules by a part that each of their texts has in it.
struct Texted<T> {
    lengths: BTreeSet<usize>,
    by_text: HashMap<String, Vec<T>>,
}

impl<T: Copy + Ord> Shelf<T> {
    /// Puts rules with these conditions on a shelf. Their patterns are read as `reading` says.
    pub(super) fn of<'c>(rules: impl Iterator<Item = (&'c [Condition], T)>, reading: Reading) -> Self {
        type Literals<'c> = Vec<(ShelfKey, &'c Patterns, Vec<Vec<String>>)>;
        let told = |conditions: &'c [Condition]| -> Literals<'c> {
            let keyed = conditions.iter().filter_map(keyed);
            let literals = keyed.map(|(key, patterns)| (key, patterns, patterns.literals(reading).collect::<Vec<_>>()));
            literals.filter(|(.., all)| !all.is_empty() && all.iter().all(|one| !one.is_empty())).collect()
        };
        let rules: Vec<(T, Literals<'c>)> = rules.map(|(conditions, rule)| (rule, told(conditions))).collect();
        let mut counts = HashMap::new();
        for (key, _, all) in rules.iter().flat_map(|(_, told)| told) {
            for literal in all.iter().flatten() {
                *counts.entry((*key, literal.as_str())).or_insert(0_usize) += 1;
            }
        }
        // A rule stands by the part that the fewest others have.
        let rarity = |key: ShelfKey, literal: &String| {
            (counts.get(&(key, literal.as_str())).copied().unwrap_or_default(), std::cmp::Reverse(literal.len()))
        };
        let mut shelf = Self { texted: BTreeMap::new(), written: HashMap::new(), anything: Vec::new() };
        for (rule, told) in &rules {
            let rarest = told.iter().map(|(key, patterns, all)| {
                let each = all.iter().filter_map(|one| one.iter().min_by_key(|literal| rarity(*key, literal)));
                let each: Vec<&String> = each.collect();
                (each.iter().map(|literal| rarity(*key, literal)).max(), *key, *patterns, each)
            });
            match rarest.min_by(|(one, ..), (other, ..)| one.cmp(other)) {
                Some((_, key, patterns, literals)) => shelf.put(*rule, key, patterns, &literals),
                None => shelf.anything.push(*rule),
            }
        }
        shelf
    }

    fn put(&mut self, rule: T, key: ShelfKey, patterns: &Patterns, literals: &[&String]) {
        let empty = || Texted { lengths: BTreeSet::new(), by_text: HashMap::new() };
        let texted = self.texted.entry(key).or_insert_with(empty);
        for literal in literals {
            texted.lengths.insert(literal.len());
            texted.by_text.entry((*literal).clone()).or_default().push(rule);
        }
        self.written.entry((key, patterns.to_string())).or_default().push(rule);
    }

    /// Returns the rules that may hold for everything that another one selects, in their order; `None` where that is too
    /// much work.
    pub(super) fn near(&self, samples: &Samples<'_>) -> Option<Vec<T>> {
        let work = samples.rule.frame.work;
        work.pay(self.anything.len())?;
        let mut near = self.anything.clone();
        for (key, texted) in &self.texted {
            match samples.of(*key) {
                SearchResult::Text(text) => {
                    let text = text.to_ascii_lowercase();
                    for length in &texted.lengths {
                        let places = 0..(text.len() + 1).saturating_sub(*length);
                        work.pay(LOOKED_UP * places.len())?;
                        let parts = places.filter_map(|place| text.get(place..place + length));
                        near.extend(parts.filter_map(|part| texted.by_text.get(part)).flatten());
                    }
                }
                SearchResult::Unknown => {
                    let own = samples.rule.conditions.iter().filter_map(keyed).find(|(own, _)| own == key);
                    let same = own.and_then(|(_, patterns)| self.written.get(&(*key, patterns.to_string())));
                    near.extend(same.into_iter().flatten());
                }
                SearchResult::Nothing => {}
            }
        }
        work.pay(near.len())?;
        near.sort_unstable();
        near.dedup();
        Some(near)
    }
}

/// The work of one look-up, in steps.
const LOOKED_UP: usize = 4;

/// A text of each kind that a rule selects. Each is found once somebody asks for it.
pub(super) struct Samples<'r> {
    rule: &'r Rule<'r>,
    name: OnceCell<SearchResult>,
    version: OnceCell<SearchResult>,
    channel: OnceCell<SearchResult>,
    built_from: OnceCell<SearchResult>,
    project: OnceCell<SearchResult>,
}

impl<'r> Samples<'r> {
    pub(super) fn of_rule(rule: &'r Rule<'r>) -> Self {
        Self {
            rule,
            name: OnceCell::new(),
            version: OnceCell::new(),
            channel: OnceCell::new(),
            built_from: OnceCell::new(),
            project: OnceCell::new(),
        }
    }

    /// Returns whether these conditions may hold for everything that the rule selects, as far as the samples tell.
    pub(super) fn may_fulfil(&self, conditions: &[Condition], reading: Reading) -> bool {
        conditions.iter().filter_map(keyed).all(|(key, patterns)| match self.of(key) {
            SearchResult::Text(text) => {
                Texts::List(patterns, reading).contains(text, patterns.kind(), self.rule.frame.work) != Some(false)
            }
            SearchResult::Nothing | SearchResult::Unknown => true,
        })
    }

    fn of(&self, key: ShelfKey) -> &SearchResult {
        let own = || self.rule.conditions.iter().filter_map(keyed).find(|(own, _)| *own == key);
        let texts = |kind: PatternKind| own().map(|(_, patterns)| self.sample(kind, &[self.rule.as_read(patterns)]));
        let any = |text: &str| SearchResult::Text(text.to_owned());
        match key {
            ShelfKey::Name => self.name.get_or_init(|| texts(PatternKind::Name).unwrap_or_else(|| any("~"))),
            ShelfKey::Version => self.version.get_or_init(|| texts(PatternKind::Text).unwrap_or_else(|| any("~"))),
            // A package without a channel or a ref is selected as well, and no list holds for it.
            ShelfKey::Channel => self.channel.get_or_init(|| texts(PatternKind::Text).unwrap_or(SearchResult::Nothing)),
            ShelfKey::Ref => self.built_from.get_or_init(|| self.git_ref().unwrap_or(SearchResult::Nothing)),
            ShelfKey::Project => {
                let frame = self.rule.frame;
                let of_frame = || {
                    frame.sample.get_or_init(|| {
                        let paths: Vec<Texts<'_>> = frame.project_paths().collect();
                        if paths.is_empty() { any("~/~") } else { self.sample(PatternKind::Path, &paths) }
                    })
                };
                match own() {
                    None => of_frame(),
                    Some((_, patterns)) => self.project.get_or_init(|| {
                        let own = std::iter::once(self.rule.as_read(patterns));
                        self.sample(PatternKind::Path, &own.chain(frame.project_paths()).collect::<Vec<_>>())
                    }),
                }
            }
        }
    }

    /// Returns a ref of the first kind that the rule names, or of any.
    fn git_ref(&self) -> Option<SearchResult> {
        let refs = self.rule.conditions.iter().find_map(|condition| match condition {
            Condition::BuiltFrom(refs) => Some(refs),
            _ => None,
        });
        let (_, patterns) = refs?.lists().next()?;
        Some(self.sample(patterns.kind(), &[self.rule.as_read(patterns)]))
    }

    fn sample(&self, kind: PatternKind, texts: &[Texts<'_>]) -> SearchResult {
        find(kind, texts, &[], self.rule.frame.work)
    }
}

fn keyed(condition: &Condition) -> Option<(ShelfKey, &Patterns)> {
    match condition.patterns() {
        PatternsOn::Name(patterns) => Some((ShelfKey::Name, patterns)),
        PatternsOn::Version(patterns) => Some((ShelfKey::Version, patterns)),
        PatternsOn::Channel(patterns) => Some((ShelfKey::Channel, patterns)),
        PatternsOn::Refs(Refs::Plain(patterns)) => Some((ShelfKey::Ref, patterns)),
        // A list for a kind of ref says nothing about the others.
        PatternsOn::Refs(Refs::OfKinds(_)) => None,
        // An id names one project, whose path is not known here.
        PatternsOn::Project(patterns) if patterns.have_ids() => None,
        PatternsOn::Project(patterns) => Some((ShelfKey::Project, patterns)),
        // No condition on tags or topics holds for all that another rule selects.
        PatternsOn::Tag(_) | PatternsOn::Topic(_) | PatternsOn::Nothing => None,
    }
}
