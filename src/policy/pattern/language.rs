//! Compares lists of patterns: is there any text that some of them match and others don't?
//!
//! Each pattern is an automaton, and a text is a way through all of them at once. The search goes from state to state
//! until it has seen them all, so a no is certain. Where that takes too long, the answer is unknown. Lists of plain
//! texts need no automaton: each text is tried.

use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use regex_automata::util::primitives::StateID;

use super::machine::Machine;
use super::{Effect, ListItem, Pattern, PatternKind, Patterns, Reading, Shown, Work, expression, is_expression};
use crate::policy::glob;

/// The texts that a list of patterns or a regular expression matches.
///
/// For a list that is read widely these are not all texts, except on paths: other spellings depend on a package's type.
#[derive(Debug, Clone, Copy)]
pub(in crate::policy) enum Texts<'a> {
    List(&'a Patterns, Reading),
    Expression(&'a str),
}

/// The result of a search for a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::policy) enum SearchResult {
    /// A text as it was looked for.
    Text(String),
    Nothing,
    Unknown,
}

impl<'a> From<&'a ListItem<'_>> for Texts<'a> {
    fn from(item: &'a ListItem<'_>) -> Self {
        Self::List(&item.alone, item.reading)
    }
}

/// Looks for a text of this kind that is among each of `all_of` and among none of `none_of`.
#[must_use]
pub(in crate::policy) fn find(
    kind: PatternKind,
    all_of: &[Texts<'_>],
    none_of: &[Texts<'_>],
    work: &Work,
) -> SearchResult {
    let search = Search { kind, all_of, none_of, work };
    let found = match search.candidates() {
        Some(texts) => search.try_each(texts),
        None => search.go(),
    };
    match found {
        Some(Some(text)) => SearchResult::Text(text),
        Some(None) => SearchResult::Nothing,
        None => SearchResult::Unknown,
    }
}

struct Search<'s, 't> {
    kind: PatternKind,
    all_of: &'s [Texts<'t>],
    none_of: &'s [Texts<'t>],
    work: &'s Work,
}

/// The most states that a search goes through. The patterns that people write take some hundred.
const STATE_LIMIT: usize = 20_000;

impl Search<'_, '_> {
    fn texts(&self) -> impl Iterator<Item = &Texts<'_>> {
        self.all_of.iter().chain(self.none_of)
    }

    /// Returns all texts that can be found, where one of the lists names its texts one by one.
    fn candidates(&self) -> Option<Vec<String>> {
        // A pattern on paths or topics matches a text in any case, so one spelling will do. Flags of an expression may
        // change that.
        if self.kind.ignores_case() && self.texts().any(Texts::has_flags) {
            return None;
        }
        let mut lists: Vec<&Texts<'_>> = self.all_of.iter().collect();
        lists.sort_by_key(|texts| texts.len());
        lists.into_iter().find_map(Texts::listed)
    }

    fn try_each(&self, texts: Vec<String>) -> Option<Option<String>> {
        let mut is_known = true;
        for text in texts.into_iter().filter(|text| is_value(self.kind, text)) {
            self.work.pay(TRIED)?;
            let among = |texts: &Texts<'_>| texts.contains(&text, self.kind, self.work);
            let answers = || self.all_of.iter().map(among).chain(self.none_of.iter().map(|texts| Some(!among(texts)?)));
            if answers().any(|answer| answer == Some(false)) {
                continue;
            }
            if answers().all(|answer| answer == Some(true)) {
                return Some(Some(text));
            }
            is_known = false;
        }
        is_known.then_some(None)
    }

    /// Goes through all automata at once.
    fn go(&self) -> Option<Option<String>> {
        let automata_of = |texts: &Texts<'_>| ListAutomata::of(*texts, self.kind, self.work);
        let all_of = self.all_of.iter().map(automata_of).collect::<Option<Vec<_>>>()?;
        let none_of = self.none_of.iter().map(automata_of).collect::<Option<Vec<_>>>()?;
        let universe = self.work.machine(universe(self.kind), self.kind)?;
        let patterns = all_of.iter().chain(&none_of).flat_map(|list| &list.patterns);
        let automata: Vec<&Machine> =
            std::iter::once(&*universe).chain(patterns.map(|(_, machine)| &**machine)).collect();
        // Behind the universe come the states of `all_of`, and behind those of `none_of`.
        let split = 1 + all_of.iter().map(|list| list.patterns.len()).sum::<usize>();
        let bytes = distinct_bytes(&automata);
        self.work.pay(automata.len() * 256)?;
        let mut ways = Ways::from(automata.iter().map(|machine| machine.start).collect());
        let mut place = 0;
        while let Some(way) = ways.found.get(place).map(|found| found.way.clone()) {
            let is_wanted = universe.accepts(way[0])
                && each(&all_of, &way[1..split]).all(|(list, states)| list.matches(states))
                && !each(&none_of, &way[split..]).any(|(list, states)| list.matches(states));
            if is_wanted {
                return ways.text_to(place).map(Some);
            }
            self.work.pay(bytes.len() * (automata.len() + SEEN))?;
            for byte in &bytes {
                let next: Way =
                    automata.iter().zip(&*way).map(|(machine, state)| machine.step(*state, *byte)).collect();
                // Goes no further where no longer text is a valid one, or where some list can't match any more.
                let is_hopeless = universe.is_dead(next[0])
                    || each(&all_of, &next[1..split]).any(|(list, states)| list.is_hopeless(states));
                if is_hopeless || ways.seen.contains(&next) {
                    continue;
                }
                if ways.found.len() >= STATE_LIMIT {
                    return self.work.give_up();
                }
                ways.add(next, place, *byte);
            }
            place += 1;
        }
        Some(None)
    }
}

/// The steps to look up whether states have been seen.
const SEEN: usize = 4;
/// The steps to hold a text against a pattern.
const TRIED: usize = 10;

/// The state of each automaton after the same text.
type Way = Rc<[StateID]>;

/// The ways that were found, each with the way that it continues.
struct Ways {
    found: Vec<FoundWay>,
    seen: HashSet<Way>,
}

struct FoundWay {
    way: Way,
    /// The place of the way that it continues, and the byte that it adds.
    before: Option<(usize, u8)>,
}

impl Ways {
    fn from(way: Way) -> Self {
        Self { seen: HashSet::from([way.clone()]), found: vec![FoundWay { way, before: None }] }
    }

    fn add(&mut self, way: Way, from: usize, byte: u8) {
        self.seen.insert(way.clone());
        self.found.push(FoundWay { way, before: Some((from, byte)) });
    }

    /// Returns the text of a way; `None` where that is not UTF-8.
    fn text_to(&self, place: usize) -> Option<String> {
        let steps = std::iter::successors(self.found[place].before, |(from, _)| self.found[*from].before);
        let mut bytes: Vec<u8> = steps.map(|(_, byte)| byte).collect();
        bytes.reverse();
        String::from_utf8(bytes).ok()
    }
}

/// Returns each list with the states of its own patterns.
fn each<'l>(
    lists: &'l [ListAutomata],
    states: &'l [StateID],
) -> impl Iterator<Item = (&'l ListAutomata, &'l [StateID])> {
    lists.iter().scan(states, |rest, list| {
        let (own, others) = rest.split_at(list.patterns.len());
        *rest = others;
        Some((list, own))
    })
}

struct ListAutomata {
    patterns: Vec<(Effect, Rc<Machine>)>,
    only_takes_away: bool,
}

impl ListAutomata {
    fn of(texts: Texts<'_>, kind: PatternKind, work: &Work) -> Option<Self> {
        let (list, reading) = match texts {
            Texts::List(list, reading) => (list, reading),
            Texts::Expression(expression) => {
                let patterns = vec![(Effect::Include, work.machine(expression, kind)?)];
                return Some(Self { patterns, only_takes_away: false });
            }
        };
        let mut patterns = Vec::new();
        for pattern in &list.patterns {
            let expression = expression(pattern.body(), kind, reading.width(pattern.effect)).ok()?;
            patterns.push((pattern.effect, work.machine(&expression, kind)?));
        }
        Some(Self { patterns, only_takes_away: list.only_takes_away() })
    }

    /// Returns whether the list matches, with its patterns in these states.
    fn matches(&self, states: &[StateID]) -> bool {
        let (mut includes, mut takes_away) = (self.only_takes_away, false);
        for ((effect, machine), state) in self.patterns.iter().zip(states) {
            match effect {
                Effect::Include => includes |= machine.accepts(*state),
                Effect::TakeAway => takes_away |= machine.accepts(*state),
            }
        }
        includes && !takes_away
    }

    /// Returns whether the list matches no longer text either, with its patterns in these states.
    fn is_hopeless(&self, states: &[StateID]) -> bool {
        let mut patterns = self.patterns.iter().zip(states);
        !self.only_takes_away
            && patterns.all(|((effect, machine), state)| *effect == Effect::TakeAway || machine.is_dead(*state))
    }
}

impl Texts<'_> {
    /// Returns the number of patterns.
    fn len(&self) -> usize {
        match self {
            Self::List(list, _) => list.patterns.len(),
            Self::Expression(_) => 1,
        }
    }

    /// Returns all texts that the list includes, where each is written out.
    fn listed(&self) -> Option<Vec<String>> {
        let Self::List(list, _) = self else { return None };
        let mut texts = Vec::new();
        for pattern in list.patterns.iter().filter(|pattern| pattern.effect == Effect::Include) {
            let body = pattern.body();
            let listed = if is_expression(body) { None } else { glob::listed(body) };
            texts.extend(listed.filter(|listed| !listed.has_wildcards)?.texts);
        }
        (!texts.is_empty()).then_some(texts)
    }

    /// Returns whether this text is one of them.
    pub(in crate::policy) fn contains(&self, text: &str, kind: PatternKind, work: &Work) -> Option<bool> {
        work.pay(TRIED * self.len())?;
        match self {
            Self::List(list, reading) => Some(list.read(Shown::Plain(text), *reading)),
            Self::Expression(expression) => Some(work.machine(expression, kind)?.matches(text)),
        }
    }

    /// Returns whether an expression may have a flag that changes how it reads case.
    fn has_flags(&self) -> bool {
        let Self::List(list, _) = self else { return false };
        list.patterns.iter().map(Pattern::body).any(|body| is_expression(body) && body.contains("(?"))
    }
}

/// Returns one byte of each kind that some automaton tells from the others.
fn distinct_bytes(automata: &[&Machine]) -> Vec<u8> {
    let mut kinds = [0_usize; 256];
    for machine in automata {
        let mut numbers = HashMap::new();
        for (byte, kind) in (0..=u8::MAX).zip(&mut kinds) {
            let next = numbers.len();
            *kind = *numbers.entry((*kind, machine.class(byte))).or_insert(next);
        }
    }
    let mut seen = HashSet::new();
    (0..=u8::MAX).zip(kinds).filter(|(_, kind)| seen.insert(*kind)).map(|(byte, _)| byte).collect()
}

/// Returns an expression for every valid text of this kind: a path has a group and a project, no segment is empty, and
/// no text has control characters.
fn universe(kind: PatternKind) -> &'static str {
    match kind {
        PatternKind::Name | PatternKind::File => r"[^/\x00-\x1f]+(?:/[^/\x00-\x1f]+)*",
        PatternKind::Path => r"[^/\x00-\x1f]+(?:/[^/\x00-\x1f]+)+",
        PatternKind::Text | PatternKind::Topic => r"[^\x00-\x1f]+",
    }
}

/// Returns whether a text is valid for this kind, as `universe` says it.
fn is_value(kind: PatternKind, text: &str) -> bool {
    let has_segments = !text.split('/').any(str::is_empty);
    let fits = match kind {
        PatternKind::Name | PatternKind::File => has_segments,
        PatternKind::Path => has_segments && text.contains('/'),
        PatternKind::Text | PatternKind::Topic => !text.is_empty(),
    };
    fits && !text.bytes().any(|byte| byte < 0x20)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use PatternKind::{File, Name, Path, Text};
    use Reading::{Hold, Select};

    /// Returns whether everything that `narrow` matches is matched by `wide`.
    fn is_within(kind: PatternKind, narrow: &[&str], wide: &[&str]) -> Option<bool> {
        is_read_within(kind, (narrow, Select), (wide, Select))
    }

    fn is_read_within(kind: PatternKind, narrow: (&[&str], Reading), wide: (&[&str], Reading)) -> Option<bool> {
        let lists = [narrow.0, wide.0].map(|texts| Patterns::parse(texts, kind).unwrap());
        let texts = [Texts::List(&lists[0], narrow.1), Texts::List(&lists[1], wide.1)];
        within(&find(kind, &texts[..1], &texts[1..], &Work::new()))
    }

    fn within(found: &SearchResult) -> Option<bool> {
        match found {
            SearchResult::Text(_) => Some(false),
            SearchResult::Nothing => Some(true),
            SearchResult::Unknown => None,
        }
    }

    #[test]
    fn one_list_is_within_another() {
        let table: &[(PatternKind, &[&str], &[&str], bool)] = &[
            (Text, &["1.0-SNAPSHOT"], &["*-SNAPSHOT"], true),
            (Text, &["*-SNAPSHOT"], &["1.0-SNAPSHOT"], false),
            (Text, &["*-SNAPSHOT", "*-rc"], &["*-{rc,SNAPSHOT,dev}"], true),
            (Text, &["*-SNAPSHOT"], &["/.*-[A-Z]+/"], true),
            (Text, &["1.*"], &["*", "!1.5*"], false),
            (Text, &["1.*", "!1.5*"], &["*", "!1.5*"], true),
            (Text, &["!1.*"], &["*"], true),
            (Text, &["*"], &["!1.*"], false),
            (Text, &["?*"], &["*"], true),
            (Text, &["*"], &["?*"], true),
            (Text, &["*"], &["/[ -~]*/"], false),
            (Name, &["*"], &["**"], true),
            (Name, &["**"], &["*"], false),
            (Name, &["@acme/*"], &["@*/*"], true),
            (Name, &["**"], &["*", "*/**"], true),
            (Path, &["acme/API"], &["Acme/*"], true),
            (Path, &["acme/**"], &["acme/*", "acme/*/**"], true),
            (Path, &["**/api"], &["acme/**"], false),
            (File, &["*.log"], &["**/*.log"], true),
            (File, &["**/*.log"], &["*.log"], false),
        ];
        for (kind, narrow, wide, expected) in table {
            assert_eq!(is_within(*kind, narrow, wide), Some(*expected), "{kind:?} {narrow:?} in {wide:?}");
        }
    }

    #[test]
    fn what_stands_before_two_stars_is_matched_where_a_list_is_read_widely() {
        for (narrow, wide, expected) in [
            ((&["acme/api"][..], Select), (&["acme/api/**"][..], Select), false),
            ((&["acme/api"], Select), (&["acme/api/**"], Hold), true),
            ((&["**", "!acme/api/**"], Select), (&["!acme/api"], Select), true),
            ((&["**", "!acme/api/**"], Hold), (&["!acme/api"], Select), false),
            ((&["!acme/api"], Select), (&["**", "!acme/api/**"], Hold), false),
        ] {
            assert_eq!(is_read_within(Path, narrow, wide), Some(expected), "{narrow:?} in {wide:?}");
        }
    }

    #[test]
    fn a_value_is_never_empty_and_a_path_has_two_segments() {
        for (pattern, kind, expected) in
            [("*", Path, false), ("*/?", Path, true), ("!?*", Text, false), ("!?", Text, true)]
        {
            let patterns = Patterns::parse(&[pattern], kind).unwrap();
            let found = find(kind, &[Texts::List(&patterns, Select)], &[], &Work::new());
            assert_eq!(within(&found), Some(!expected), "{pattern}");
        }
        assert_eq!(find(Text, &[Texts::Expression("a*")], &[], &Work::new()), SearchResult::Text("a".to_owned()));
    }

    proptest! {
        #[test]
        fn a_text_that_is_there_is_not_denied(
            narrow in proptest::collection::vec("!?[ab*?]{1,4}", 1..4),
            wide in proptest::collection::vec("!?[ab*?]{1,4}|/[ab.]{1,3}/", 1..4),
            text in "[ab]{1,5}",
        ) {
            for kind in [Name, Text] {
                let parsed = [&narrow, &wide].map(|texts| {
                    Patterns::parse(&texts.iter().map(String::as_str).collect::<Vec<_>>(), kind)
                });
                let [Ok(narrow), Ok(wide)] = parsed else { continue };
                if narrow.matches(&text) && !wide.matches(&text) {
                    let texts = [Texts::List(&narrow, Select), Texts::List(&wide, Select)];
                    let found = find(kind, &texts[..1], &texts[1..], &Work::new());
                    let SearchResult::Text(found) = found else { panic!("{found:?}") };
                    prop_assert!(narrow.matches(&found) && !wide.matches(&found), "{found}");
                }
            }
        }
    }

    #[test]
    fn what_is_too_large_is_not_known() {
        let long = format!("/{}/", "(a|b)*a(a|b){20}");
        assert_eq!(is_within(Text, &[&long], &["*a*"]), None);
        assert_eq!(is_within(Text, &["größe*"], &["gr*"]), None, "beyond ASCII");
    }
}
