//! Limits the work of questions about the patterns of one set. Each question has a price in steps, and where the steps
//! are used up it has no answer. Steps are counted, not timed, so that the same set always gets the same answers.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;

use super::PatternKind;
use super::machine::{Machine, NoMachine, SIZE_LIMIT};
use crate::yaml::document::Span;

/// The steps that are left, and the automata that were built so far.
pub(in crate::policy) struct Work {
    left: Cell<usize>,
    here: Cell<Here>,
    /// The part of the set that was looked at when a question was first given up.
    left_out: Cell<Option<Here>>,
    machines: RefCell<Machines>,
}

/// A part of a set: the number of its file, and where it stands there.
pub(in crate::policy) type Here = (usize, Span);

/// The steps of a set. They take about two seconds. A set of a hundred rules takes some hundred thousand.
const STEPS: usize = 200_000_000;
/// The steps that building an automaton takes beside its size.
const BUILDING: usize = 1_000;

#[derive(Default)]
struct Machines {
    /// The automata by their expressions; `None` where an expression has none, or a too large one.
    built: HashMap<(PatternKind, String), Option<Rc<Machine>>>,
    bytes: usize,
}

/// The most bytes of all automata that are kept.
const KEPT: usize = 16 << 20;

impl Work {
    pub(in crate::policy) fn new() -> Self {
        Self::of(STEPS)
    }

    fn of(steps: usize) -> Self {
        Self {
            left: Cell::new(steps),
            here: Cell::new((0, Span::FILE_START)),
            left_out: Cell::default(),
            machines: RefCell::default(),
        }
    }

    /// Goes on to this part of the set.
    pub(in crate::policy) fn at(&self, file: usize, span: Span) {
        self.here.set((file, span));
    }

    /// Returns the first part of the set where a question was given up.
    pub(in crate::policy) fn left_out(&self) -> Option<Here> {
        self.left_out.get()
    }

    /// Pays for so many steps; `None` where they are used up.
    pub(in crate::policy) fn pay(&self, steps: usize) -> Option<()> {
        match self.left.get().checked_sub(steps) {
            Some(left) => self.left.set(left),
            None => {
                self.left.set(0);
                return self.give_up();
            }
        }
        Some(())
    }

    /// Gives a question up because it is too much work, and returns `None`.
    pub(super) fn give_up<T>(&self) -> Option<T> {
        if self.left_out.get().is_none() {
            self.left_out.set(Some(self.here.get()));
        }
        None
    }

    /// Returns the automaton of an expression; `None` where it has none, or where building it is too much work.
    pub(super) fn machine(&self, expression: &str, kind: PatternKind) -> Option<Rc<Machine>> {
        let key = (kind, expression.to_owned());
        if let Some(known) = self.machines.borrow().built.get(&key) {
            return known.clone();
        }
        self.pay(1)?;
        let built = match Machine::of(expression, kind) {
            Ok(machine) => {
                let machine = Rc::new(machine);
                let steps = machine.bytes() + BUILDING;
                self.left.set(self.left.get().saturating_sub(steps));
                Some(machine)
            }
            Err(NoMachine::Foreign) => None,
            Err(NoMachine::TooLarge) => {
                self.left.set(self.left.get().saturating_sub(SIZE_LIMIT));
                self.give_up()
            }
        };
        self.machines.borrow_mut().keep(key, built.clone());
        built
    }
}

impl Machines {
    fn keep(&mut self, key: (PatternKind, String), machine: Option<Rc<Machine>>) {
        self.bytes += key.1.len() + machine.as_ref().map_or(0, |machine| machine.bytes());
        if self.bytes > KEPT {
            // Expressions without an automaton are remembered, and not tried again.
            self.built.retain(|_, machine| machine.is_none());
            self.bytes = 0;
        }
        self.built.insert(key, machine);
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Patterns, Reading, SearchResult, Texts, find};
    use super::*;

    #[test]
    fn what_is_beyond_the_steps_is_not_known_and_the_first_of_it_is_noted() {
        let lists = ["*-rc*", "1.*", "*a*b*c*"].map(|text| Patterns::parse(&[text], PatternKind::Text).unwrap());
        let texts = lists.each_ref().map(|list| Texts::List(list, Reading::Select));
        let places = [1, 2, 3].map(|start| Span { start, end: start });
        let ask = |steps: usize| {
            let work = Work::of(steps);
            let answers = places.map(|place| {
                work.at(7, place);
                find(PatternKind::Text, &[texts[place.start - 1]], &[texts[place.start % 3]], &work)
            });
            (answers, work.left_out())
        };
        let (all, left_out) = ask(STEPS);
        assert!(all.iter().all(|answer| matches!(answer, SearchResult::Text(_))) && left_out.is_none(), "{all:?}");
        let mut known = 0;
        for steps in (0..60_000).step_by(100) {
            let (answers, left_out) = ask(steps);
            let now = answers.iter().take_while(|answer| **answer != SearchResult::Unknown).count();
            assert!(now >= known, "more steps tell no less");
            known = now;
            assert_eq!(&answers[..known], &all[..known], "{steps}");
            assert!(answers[known..].iter().all(|answer| *answer == SearchResult::Unknown), "{steps}: {answers:?}");
            assert_eq!(left_out, places.get(known).map(|place| (7, *place)), "{steps}");
        }
        assert_eq!(known, 3);
    }

    #[test]
    fn an_automaton_that_is_too_large_is_given_up() {
        let work = Work::new();
        work.at(1, Span::FILE_START);
        let find = |text: &str| {
            let list = Patterns::parse(&[text], PatternKind::Text).unwrap();
            find(PatternKind::Text, &[Texts::List(&list, Reading::Select)], &[], &work)
        };
        // A question without an answer for another reason is not given up as too much work.
        assert_eq!((find("größe*"), work.left_out()), (SearchResult::Unknown, None));
        assert_eq!(find("/(a|b)*a(a|b){20}/"), SearchResult::Unknown);
        assert_eq!(work.left_out(), Some((1, Span::FILE_START)));
    }
}
