//! What lists of patterns have in common, with no text at hand: whether there is a text that one of them matches and
//! another doesn't.
//!
//! Each pattern is an automaton, and a text is a way through all of them at once. The search goes from state to state until
//! it has seen them all, so a no is certain. Where patterns are too large for that, nobody knows.
//!
//! The automata read bytes, and beyond ASCII every character is like every other: what GitLab names packages by is ASCII,
//! and it makes them so small that a search takes no time. Of a pattern with other characters in it nobody knows.

use std::collections::{HashSet, VecDeque};

use regex_automata::dfa::{Automaton, StartKind, dense};
use regex_automata::nfa::thompson;
use regex_automata::util::primitives::StateID;
use regex_automata::util::start;
use regex_automata::{Anchored, MatchKind};
use regex_syntax::ParserBuilder;

use super::{Effect, Item, Pattern, PatternKind, Patterns, Reading, expression};

/// Texts of one kind: those that a list of patterns matches, or a regular expression.
///
/// Of a list that is read widely these are not all, but for paths: other spellings hang on a package's type.
#[derive(Debug, Clone, Copy)]
pub(in crate::policy) enum Texts<'a> {
    List(&'a Patterns, Reading),
    Expression(&'a str),
}

impl<'a> From<&'a Item<'_>> for Texts<'a> {
    fn from(item: &'a Item<'_>) -> Self {
        Self::List(&item.alone, item.reading)
    }
}

/// Whether there is a text of this kind for which `wanted` holds. It is asked with whether the text is among each of
/// `texts`. `None` where that can't be found out.
#[must_use]
pub(in crate::policy) fn is_there(
    kind: PatternKind,
    texts: &[Texts<'_>],
    wanted: impl Fn(&[bool]) -> bool,
) -> Option<bool> {
    let languages = texts.iter().map(|texts| Language::of(*texts, kind)).collect::<Option<Vec<_>>>()?;
    let universe = universe(kind)?;
    let is_wanted = |text: &Way| {
        let states = &mut text.0.iter().copied();
        let is_value = states.next().is_some_and(|state| universe.accepts(state));
        let answers: Vec<bool> = languages.iter().map(|language| language.matches(states)).collect();
        is_value && wanted(&answers)
    };
    let automata: Vec<&Machine> = std::iter::once(&universe)
        .chain(languages.iter().flat_map(|language| &language.patterns).map(|(_, m)| m))
        .collect();
    let bytes = distinct_bytes(&automata);
    let begin = Way(automata.iter().map(|machine| machine.start).collect());
    let mut seen = HashSet::from([begin.clone()]);
    let mut open = VecDeque::from([begin]);
    while let Some(way) = open.pop_front() {
        if is_wanted(&way) {
            return Some(true);
        }
        for byte in &bytes {
            let next = Way(automata.iter().zip(&way.0).map(|(machine, state)| machine.step(*state, *byte)).collect());
            // What is no text can't become one again.
            if universe.is_dead(next.0[0]) || seen.contains(&next) {
                continue;
            }
            if seen.len() >= STATE_LIMIT {
                return None;
            }
            seen.insert(next.clone());
            open.push_back(next);
        }
    }
    Some(false)
}

/// States of all automata together. What people write has some hundred.
const STATE_LIMIT: usize = 20_000;
/// In bytes, of one automaton.
const SIZE_LIMIT: usize = 1 << 20;

/// Where each automaton has come to after the same text.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Way(Vec<StateID>);

struct Language {
    patterns: Vec<(Effect, Machine)>,
    only_takes_away: bool,
}

impl Language {
    fn of(texts: Texts<'_>, kind: PatternKind) -> Option<Self> {
        let (list, reading) = match texts {
            Texts::List(list, reading) => (list, reading),
            Texts::Expression(expression) => {
                let patterns = vec![(Effect::Include, Machine::of(expression, kind)?)];
                return Some(Self { patterns, only_takes_away: false });
            }
        };
        let machine = |pattern: &Pattern| {
            let expression = expression(pattern.body(), kind, reading.width(pattern.effect)).ok()?;
            Some((pattern.effect, Machine::of(&expression, kind)?))
        };
        let patterns = list.patterns.iter().map(machine).collect::<Option<_>>()?;
        Some(Self { patterns, only_takes_away: list.only_takes_away() })
    }

    /// Takes one state for each pattern.
    fn matches(&self, states: &mut impl Iterator<Item = StateID>) -> bool {
        let (mut includes, mut takes_away) = (self.only_takes_away, false);
        for ((effect, machine), state) in self.patterns.iter().zip(states.by_ref()) {
            match effect {
                Effect::Include => includes |= machine.accepts(state),
                Effect::TakeAway => takes_away |= machine.accepts(state),
            }
        }
        includes && !takes_away
    }
}

struct Machine {
    automaton: dense::DFA<Vec<u32>>,
    start: StateID,
}

impl Machine {
    fn of(expression: &str, kind: PatternKind) -> Option<Self> {
        if !expression.is_ascii() {
            return None;
        }
        let mut parser = ParserBuilder::new();
        let parser = parser.unicode(false).utf8(false).case_insensitive(kind == PatternKind::Path);
        let hir = parser.build().parse(expression).ok()?;
        let states = thompson::Config::new()
            .which_captures(thompson::WhichCaptures::None)
            .utf8(false)
            .nfa_size_limit(Some(SIZE_LIMIT));
        let nfa = thompson::Compiler::new().configure(states).build_from_hir(&hir).ok()?;
        let config = dense::Config::new()
            .start_kind(StartKind::Anchored)
            .match_kind(MatchKind::All)
            .accelerate(false)
            .dfa_size_limit(Some(SIZE_LIMIT))
            .determinize_size_limit(Some(SIZE_LIMIT));
        let automaton = dense::Builder::new().configure(config).build_from_nfa(&nfa).ok()?;
        let start = automaton.start_state(&start::Config::new().anchored(Anchored::Yes)).ok()?;
        Some(Self { automaton, start })
    }

    fn step(&self, state: StateID, byte: u8) -> StateID {
        self.automaton.next_state(state, byte)
    }

    /// Whether the whole text up to here matches.
    fn accepts(&self, state: StateID) -> bool {
        self.automaton.is_match_state(self.automaton.next_eoi_state(state))
    }

    fn is_dead(&self, state: StateID) -> bool {
        self.automaton.is_dead_state(state)
    }
}

/// One byte of each kind that some automaton tells from the others.
fn distinct_bytes(automata: &[&Machine]) -> Vec<u8> {
    let mut seen = HashSet::new();
    let classes =
        |byte: u8| -> Vec<u8> { automata.iter().map(|machine| machine.automaton.byte_classes().get(byte)).collect() };
    (0..=u8::MAX).filter(|byte| seen.insert(classes(*byte))).collect()
}

/// Every text that a value of this kind may be: a path has a group and a project, nothing is empty, and nothing has
/// control characters.
fn universe(kind: PatternKind) -> Option<Machine> {
    let values = match kind {
        PatternKind::Name | PatternKind::File => r"[^/\x00-\x1f]+(?:/[^/\x00-\x1f]+)*",
        PatternKind::Path => r"[^/\x00-\x1f]+(?:/[^/\x00-\x1f]+)+",
        PatternKind::Text => r"[^\x00-\x1f]+",
    };
    Machine::of(values, kind)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use PatternKind::{File, Name, Path, Text};
    use Reading::{Hold, Select};

    /// Whether everything that `narrow` matches is matched by `wide`.
    fn is_within(kind: PatternKind, narrow: &[&str], wide: &[&str]) -> Option<bool> {
        is_read_within(kind, (narrow, Select), (wide, Select))
    }

    fn is_read_within(kind: PatternKind, narrow: (&[&str], Reading), wide: (&[&str], Reading)) -> Option<bool> {
        let lists = [narrow.0, wide.0].map(|texts| Patterns::parse(texts, kind).unwrap());
        let texts = [Texts::List(&lists[0], narrow.1), Texts::List(&lists[1], wide.1)];
        is_there(kind, &texts, |among| among[0] && !among[1]).map(|is_there| !is_there)
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
            assert_eq!(
                is_there(kind, &[Texts::List(&patterns, Select)], |among| among[0]),
                Some(expected),
                "{pattern}"
            );
        }
        assert_eq!(is_there(Text, &[Texts::Expression("a*")], |among| among[0]), Some(true));
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
                    prop_assert_eq!(is_there(kind, &texts, |among| among[0] && !among[1]), Some(true));
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
