//! The automaton of one pattern.
//!
//! It reads bytes and doesn't tell characters beyond ASCII apart. GitLab's names are ASCII, and this keeps it so small
//! that a search takes no time. A pattern with other characters has no automaton, so questions about it have no answer.

use regex_automata::dfa::{Automaton, StartKind, dense};
use regex_automata::nfa::thompson;
use regex_automata::util::primitives::StateID;
use regex_automata::util::start;
use regex_automata::{Anchored, MatchKind};
use regex_syntax::ParserBuilder;

use super::PatternKind;

pub(super) struct Machine {
    automaton: dense::DFA<Vec<u32>>,
    pub(super) start: StateID,
}

/// Why an expression has no automaton.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NoMachine {
    /// It has characters beyond ASCII, or can't be read byte by byte.
    Foreign,
    TooLarge,
}

/// The most bytes of one automaton. The patterns that people write take some thousand.
pub(super) const SIZE_LIMIT: usize = 1 << 18;

impl Machine {
    pub(super) fn of(expression: &str, kind: PatternKind) -> Result<Self, NoMachine> {
        if !expression.is_ascii() {
            return Err(NoMachine::Foreign);
        }
        let mut parser = ParserBuilder::new();
        let parser = parser.unicode(false).utf8(false).case_insensitive(kind.ignores_case());
        let hir = parser.build().parse(expression).map_err(|_| NoMachine::Foreign)?;
        let states = thompson::Config::new()
            .which_captures(thompson::WhichCaptures::None)
            .utf8(false)
            .nfa_size_limit(Some(SIZE_LIMIT));
        let nfa = thompson::Compiler::new().configure(states).build_from_hir(&hir).map_err(|_| NoMachine::TooLarge)?;
        let config = dense::Config::new()
            .start_kind(StartKind::Anchored)
            .match_kind(MatchKind::All)
            .accelerate(false)
            .dfa_size_limit(Some(SIZE_LIMIT))
            .determinize_size_limit(Some(SIZE_LIMIT));
        let automaton =
            dense::Builder::new().configure(config).build_from_nfa(&nfa).map_err(|_| NoMachine::TooLarge)?;
        let anchored = start::Config::new().anchored(Anchored::Yes);
        let start = automaton.start_state(&anchored).map_err(|_| NoMachine::Foreign)?;
        Ok(Self { automaton, start })
    }

    pub(super) fn bytes(&self) -> usize {
        self.automaton.memory_usage()
    }

    pub(super) fn step(&self, state: StateID, byte: u8) -> StateID {
        self.automaton.next_state(state, byte)
    }

    /// Returns whether the whole text up to here matches.
    pub(super) fn accepts(&self, state: StateID) -> bool {
        self.automaton.is_match_state(self.automaton.next_eoi_state(state))
    }

    pub(super) fn is_dead(&self, state: StateID) -> bool {
        self.automaton.is_dead_state(state)
    }

    /// Returns whether it matches the whole of a text in ASCII.
    pub(super) fn matches(&self, text: &str) -> bool {
        self.accepts(text.bytes().fold(self.start, |state, byte| self.step(state, byte)))
    }

    /// Returns the class of a byte. The automaton doesn't tell bytes of one class apart.
    pub(super) fn class(&self, byte: u8) -> u8 {
        self.automaton.byte_classes().get(byte)
    }
}
