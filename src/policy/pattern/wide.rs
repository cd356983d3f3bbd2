//! The wide reading of a pattern: it also matches every text that the clients of a type take for a text that it
//! matches.
//!
//! For names this is exact. Case and separators of the pattern are folded as in the name. `?` or `*` may stand for one
//! of several separators that count as one, so expressions are tried on a name whose separators are drawn out. For
//! versions, expressions are tried on some spellings, and plain texts are compared as values.

use std::collections::HashSet;
use std::sync::OnceLock;

use regex::Regex;
use regex_syntax::hir::{Class, ClassUnicode, ClassUnicodeRange, Hir, HirKind, Repetition};

use super::shown::{Shown, Spelt};
use super::{PatternKind, Width, compile, is_expression, meaning};
use crate::package::{Ecosystem, NameRule};
use crate::policy::glob::{self, Listed, Segments};

/// The wide reading of a pattern, in one form for each rule of spelling. A form is made when somebody asks for it.
#[derive(Debug, Clone, Default)]
pub(super) struct Wide(OnceLock<Box<WideForms>>);

#[derive(Debug, Clone, Default)]
struct WideForms {
    plain: OnceLock<WideForm>,
    without_case: OnceLock<WideForm>,
    pep503: OnceLock<WideForm>,
    cargo_names: OnceLock<WideForm>,
    cargo_versions: OnceLock<WideForm>,
    nuget: OnceLock<WideForm>,
    pep440: OnceLock<WideForm>,
}

/// The texts that a pattern matches beside those that it matches narrowly.
#[derive(Debug, Clone)]
enum WideForm {
    /// The pattern can't be read widely, so it matches everything: that keeps more.
    Everything,
    These {
        /// The texts of the pattern in normal form.
        values: HashSet<String>,
        regex: Option<Regex>,
        /// The number of times that a separator is repeated before the expression is tried.
        drawn_out: usize,
    },
}

impl Wide {
    pub(super) fn matches(&self, body: &str, kind: PatternKind, text: &Spelt<'_>) -> bool {
        let forms = self.0.get_or_init(Box::default);
        let form = match text.shown {
            Shown::Name(_, NameRule::WithoutCase) => &forms.without_case,
            Shown::Name(_, NameRule::Pep503) => &forms.pep503,
            Shown::Name(_, NameRule::Cargo) => &forms.cargo_names,
            Shown::Version(_, Ecosystem::Cargo) => &forms.cargo_versions,
            Shown::Version(_, Ecosystem::Nuget) => &forms.nuget,
            Shown::Version(_, Ecosystem::Pep440) => &forms.pep440,
            Shown::Plain(_) | Shown::Name(_, NameRule::Exact) | Shown::Version(..) => &forms.plain,
        };
        form.get_or_init(|| WideForm::of(body, kind, text.shown)).matches(text)
    }
}

impl WideForm {
    fn of(body: &str, kind: PatternKind, shown: Shown<'_>) -> Self {
        if !shown.has_spellings() {
            return Self::plain(body, kind);
        }
        let listed = if is_expression(body) { Some(Listed::default()) } else { glob::listed(body) };
        let Some(Listed { texts, has_wildcards, .. }) = listed else {
            return match shown {
                Shown::Name(_, rule) => Self::expression(body, kind, HashSet::new(), Separators::of(rule)),
                // Each text would have to be compared as a value, and there are too many.
                Shown::Plain(_) | Shown::Version(..) => Self::Everything,
            };
        };
        let normal = |text: &String| match shown {
            Shown::Plain(_) => text.clone(),
            Shown::Name(_, rule) => Shown::Name(text, rule).normal().into_owned(),
            Shown::Version(_, ecosystem) => Shown::Version(text, ecosystem).normal().into_owned(),
        };
        let values = texts.iter().map(normal).collect();
        if !has_wildcards && !is_expression(body) {
            return Self::These { values, regex: None, drawn_out: 1 };
        }
        let separators = match shown {
            Shown::Name(_, rule) => Separators::of(rule),
            Shown::Plain(_) | Shown::Version(..) => Separators::Differ,
        };
        Self::expression(body, kind, values, separators)
    }

    /// Returns the form for texts without other spellings: `a/**` matches `a`, too.
    fn plain(body: &str, kind: PatternKind) -> Self {
        if kind.segments() == Segments::None || is_expression(body) || !body.ends_with("/**") {
            return Self::These { values: HashSet::new(), regex: None, drawn_out: 1 };
        }
        match meaning(body, kind, Width::Wide).and_then(|hir| compile(&hir)) {
            Ok(regex) => Self::These { values: HashSet::new(), regex: Some(regex), drawn_out: 1 },
            Err(_) => Self::Everything,
        }
    }

    fn expression(body: &str, kind: PatternKind, values: HashSet<String>, separators: Separators) -> Self {
        let Ok(hir) = meaning(body, kind, Width::Wide) else { return Self::Everything };
        let (separators, drawn_out) = match separators {
            Separators::Runs => match separators_of(&hir) {
                few if few <= DRAWN_OUT_LIMIT => (Separators::Runs, few.max(1)),
                _ => (Separators::OptionalRuns, 1),
            },
            other => (other, 1),
        };
        match compile(&folded(hir, separators)) {
            Ok(regex) => Self::These { values, regex: Some(regex), drawn_out },
            Err(_) => Self::Everything,
        }
    }

    fn matches(&self, text: &Spelt<'_>) -> bool {
        let Self::These { values, regex, drawn_out } = self else { return true };
        let is_match = |regex: &Regex| match text.shown {
            Shown::Version(..) if text.shown.has_spellings() => text.spellings().iter().any(|one| regex.is_match(one)),
            Shown::Name(..) if *drawn_out > 1 => regex.is_match(&text.normal().replace('-', &"-".repeat(*drawn_out))),
            _ => regex.is_match(text.normal()),
        };
        !values.is_empty() && values.contains(text.normal()) || regex.as_ref().is_some_and(is_match)
    }
}

/// The most separators that may meet in a pattern. A pattern with more is read more widely than needed.
const DRAWN_OUT_LIMIT: usize = 64;

/// The separators that become the same in a name's normal form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Separators {
    /// Separators differ.
    Differ,
    /// `_` is `-`.
    Dashes,
    /// Any run of `-`, `_` and `.` is a run of `-`.
    Runs,
    /// The same, and a run may be missing.
    OptionalRuns,
}

impl Separators {
    fn of(rule: NameRule) -> Self {
        match rule {
            NameRule::Exact | NameRule::WithoutCase => Self::Differ,
            NameRule::Cargo => Self::Dashes,
            NameRule::Pep503 => Self::Runs,
        }
    }

    fn signs(self) -> &'static [char] {
        match self {
            Self::Differ => &[],
            Self::Dashes => &['-', '_'],
            Self::Runs | Self::OptionalRuns => &['-', '_', '.'],
        }
    }
}

/// Returns the expression for texts in lower case and with these separators.
fn folded(hir: Hir, separators: Separators) -> Hir {
    let each = |parts: Vec<Hir>| parts.into_iter().map(|part| folded(part, separators)).collect();
    match hir.into_kind() {
        HirKind::Empty => Hir::empty(),
        HirKind::Literal(literal) => match std::str::from_utf8(&literal.0) {
            Ok(text) => Hir::concat(text.chars().map(|c| folded_class(single(c), separators)).collect()),
            Err(_) => Hir::literal(literal.0),
        },
        HirKind::Class(Class::Unicode(class)) => folded_class(class, separators),
        HirKind::Class(Class::Bytes(class)) => match class.to_unicode_class() {
            Some(class) => folded_class(class, separators),
            None => Hir::class(Class::Bytes(class)),
        },
        // Folding would change word boundaries: `_` is a part of words, and `-` is not.
        HirKind::Look(_) if separators != Separators::Differ => Hir::empty(),
        HirKind::Look(look) => Hir::look(look),
        HirKind::Repetition(repetition) => {
            let sub = Box::new(folded(*repetition.sub, separators));
            Hir::repetition(Repetition { sub, ..repetition })
        }
        HirKind::Capture(capture) => folded(*capture.sub, separators),
        HirKind::Concat(parts) => Hir::concat(each(parts)),
        HirKind::Alternation(parts) => Hir::alternation(each(parts)),
    }
}

/// Returns the expression for one sign, or for as many separators as count as one.
fn folded_class(mut class: ClassUnicode, separators: Separators) -> Hir {
    let has_separator = separators.signs().iter().any(|sign| contains(&class, *sign));
    let capitals = single_range('A', 'Z');
    let mut lower = class.clone();
    lower.intersect(&capitals);
    for range in lower.ranges() {
        class.push(ClassUnicodeRange::new(range.start().to_ascii_lowercase(), range.end().to_ascii_lowercase()));
    }
    let run = |min| {
        let dash = Box::new(Hir::class(Class::Unicode(single('-'))));
        Hir::repetition(Repetition { min, max: None, greedy: true, sub: dash })
    };
    if has_separator {
        class.push(ClassUnicodeRange::new('-', '-'));
    }
    let class = Hir::class(Class::Unicode(class));
    match separators {
        Separators::Runs if has_separator => Hir::alternation(vec![class, run(1)]),
        Separators::OptionalRuns if has_separator => Hir::alternation(vec![class, run(0)]),
        _ => class,
    }
}

/// Returns how many parts of the expression may have to share one run of separators. Repetitions of nothing but
/// separators count with their least number of times.
fn separators_of(hir: &Hir) -> usize {
    let signs = Separators::Runs.signs();
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => 0,
        HirKind::Literal(literal) => String::from_utf8_lossy(&literal.0).matches(signs).count(),
        HirKind::Class(Class::Unicode(class)) => usize::from(signs.iter().any(|sign| contains(class, *sign))),
        HirKind::Class(Class::Bytes(_)) => 1,
        HirKind::Capture(capture) => separators_of(&capture.sub),
        HirKind::Concat(parts) => parts.iter().map(separators_of).fold(0, usize::saturating_add),
        HirKind::Alternation(parts) => parts.iter().map(separators_of).max().unwrap_or_default(),
        HirKind::Repetition(repetition) => {
            // The end of a run can't cut a repetition of one sign.
            let cut = if matches!(repetition.sub.kind(), HirKind::Class(_)) { 0 } else { 2 };
            let times = usize::try_from(repetition.min.max(1)).unwrap_or(usize::MAX).saturating_add(cut);
            separators_of(&repetition.sub).saturating_mul(times)
        }
    }
}

fn contains(class: &ClassUnicode, c: char) -> bool {
    class.ranges().iter().any(|range| (range.start()..=range.end()).contains(&c))
}

fn single(c: char) -> ClassUnicode {
    single_range(c, c)
}

fn single_range(start: char, end: char) -> ClassUnicode {
    ClassUnicode::new([ClassUnicodeRange::new(start, end)])
}

#[cfg(test)]
mod tests;
