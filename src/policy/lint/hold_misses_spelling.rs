//! Version patterns that hold, or that take away from a rule which deletes, and match one spelling of a version alone.

use regex_syntax::hir::{Class, ClassUnicodeRange, Hir, HirKind};

use super::{Role, Rule};
use crate::package::{Ecosystem, PackageType};
use crate::policy::pattern::{Effect, ListItem, Reading, Shown};
use crate::policy::{Condition, Patterns};
use crate::yaml::LintKind;
use crate::yaml::findings::Findings;

pub(super) static LINT: LintKind = LintKind {
    name: "hold-misses-spelling",
    explanation: "\
A version pattern of a keep or protect rule holds one spelling of a version and misses another one, or one after a `!` of a
rule that deletes leaves out one of them alone. To the clients of the ecosystem both are the same version, so what is meant
to stay may go.

Add a pattern for the other spelling, or name the versions: a version without wildcards holds however it is written.

```yaml
keep:
- { type: pypi, version: \"*-rc*\" }
```

`*-rc*` holds `1.0-rc1`. It doesn't hold `1.0rc1`, which pip takes for the same version.",
};

/// Tells of each pattern with a version that it saves and a spelling that it doesn't, so what it says is certain.
pub(super) fn look(rule: &Rule<'_>, findings: &mut Findings<'_>) {
    let mut types = rule.types().unwrap_or_default();
    types.retain(|own| own.facts().versions.has_spellings());
    if types.is_empty() {
        return;
    }
    for condition in rule.conditions {
        let Condition::Version(patterns) = condition else { continue };
        match rule.role {
            Role::Keep | Role::Protect => holding(rule, &types, patterns, findings),
            Role::Delete | Role::Files => taking_away(rule, &types, patterns, findings),
        }
    }
}

/// Tells of patterns of a rule that keeps.
fn holding(rule: &Rule<'_>, types: &[PackageType], patterns: &Patterns, findings: &mut Findings<'_>) {
    let Some(included) = patterns.included() else { return };
    let items = patterns.items(Reading::Hold).enumerate().filter(|(_, item)| item.effect == Effect::Include);
    for (index, item) in items {
        let is_saved = |seen: &str| patterns.matches(seen);
        let is_missed = |other: Shown<'_>| {
            rule.frame.work.pay(HELD * patterns.len())?;
            Some(!included.hold(other))
        };
        let Some((own, Missed { seen, other })) = missed(types, &item, is_saved, is_missed) else { continue };
        findings.lint(
            &LINT,
            rule.places.value("version", index),
            format!("`{}` holds `{seen}` and not `{other}`, which is the same version to clients of {own}", item.text),
            format!("add a pattern that matches `{other}`, or name the versions: a version without wildcards holds however it is written"),
        );
    }
}

/// Tells of patterns after a `!` of a rule that deletes.
fn taking_away(rule: &Rule<'_>, types: &[PackageType], patterns: &Patterns, findings: &mut Findings<'_>) {
    let items = patterns.items(Reading::Select).enumerate().filter(|(_, item)| item.effect == Effect::TakeAway);
    for (index, item) in items {
        let is_missed = |other: Shown<'_>| {
            rule.frame.work.pay(HELD * patterns.len())?;
            Some(patterns.select(other))
        };
        let Some((own, Missed { seen, other })) = missed(types, &item, |_| true, is_missed) else { continue };
        findings.lint(
            &LINT,
            rule.places.value("version", index),
            format!(
                "`!{}` leaves out `{seen}` and not `{other}`, which is the same version to clients of {own}",
                item.text
            ),
            format!("add a pattern with `!` that matches `{other}`, or name the versions: `!` before a version without wildcards leaves it out however it is written"),
        );
    }
}

/// Returns a version that the pattern saves, and one that is missed, with the type of which that is so.
fn missed<'t>(
    types: &'t [PackageType],
    item: &ListItem<'_>,
    is_saved: impl Fn(&str) -> bool,
    is_missed: impl Fn(Shown<'_>) -> Option<bool>,
) -> Option<(&'t PackageType, Missed)> {
    types.iter().find_map(|own| Some((own, Missed::by(item, &is_saved, &is_missed, own.facts().versions)?)))
}

/// A version that is held, and a spelling of it that isn't.
struct Missed {
    seen: String,
    other: String,
}

impl Missed {
    /// Looks at a few versions that the pattern matches. That none of them is missed says nothing of others.
    fn by(
        item: &ListItem<'_>,
        is_saved: impl Fn(&str) -> bool,
        is_missed: impl Fn(Shown<'_>) -> Option<bool>,
        ecosystem: Ecosystem,
    ) -> Option<Self> {
        let hir = &item.meaning()?;
        let mut samples = (0..ALTERNATIVES).flat_map(|alternative| {
            FILLINGS.iter().filter_map(move |(first, later)| Sample { alternative, first, later }.of(hir))
        });
        samples.find_map(|seen| {
            let other = other_spelling(&seen, ecosystem)?;
            let is_seen = item.alone.matches(&seen) && is_saved(&seen);
            (is_seen && is_missed(Shown::Version(&other, ecosystem)) == Some(true)).then_some(Self { seen, other })
        })
    }
}

/// Returns the spelling of the ecosystem itself, with as many numbers; `None` where the version is written so.
fn other_spelling(version: &str, ecosystem: Ecosystem) -> Option<String> {
    let spellings = ecosystem.spellings(version).split_off(1);
    if spellings.iter().any(|spelling| spelling == version) {
        return None;
    }
    let dots = |text: &str| text.matches('.').count();
    let alike = spellings.iter().find(|spelling| dots(spelling) == dots(version));
    alike.or(spellings.first()).cloned()
}

/// The texts for `*` where a version begins, and further on.
const FILLINGS: [(&str, &str); 4] = [("1.0", "1"), ("1", "0"), ("1.0", ""), ("1", "1.0")];
/// How many alternatives of an expression are looked at.
const ALTERNATIVES: usize = 4;
/// The work of holding a version and its spellings against a pattern, in steps.
const HELD: usize = 50;
/// The most bytes of a sample.
const LENGTH_LIMIT: usize = 100;

/// A way from an expression to a text that it may match.
struct Sample<'f> {
    alternative: usize,
    first: &'f str,
    later: &'f str,
}

impl Sample<'_> {
    fn of(&self, hir: &Hir) -> Option<String> {
        let mut text = String::new();
        self.append(hir, &mut text)?;
        Some(text)
    }

    fn append(&self, hir: &Hir, text: &mut String) -> Option<()> {
        match hir.kind() {
            HirKind::Empty | HirKind::Look(_) => {}
            HirKind::Literal(literal) => text.push_str(std::str::from_utf8(&literal.0).ok()?),
            HirKind::Class(class) => text.push(one_of(class)?),
            HirKind::Capture(capture) => self.append(&capture.sub, text)?,
            HirKind::Concat(parts) => parts.iter().try_for_each(|part| self.append(part, text))?,
            HirKind::Alternation(parts) => self.append(parts.get(self.alternative % parts.len())?, text)?,
            HirKind::Repetition(repetition) if is_anything(&repetition.sub) && repetition.max.is_none() => {
                text.push_str(if text.is_empty() { self.first } else { self.later });
            }
            HirKind::Repetition(repetition) => {
                for _ in 0..repetition.min.max(1) {
                    self.append(&repetition.sub, text)?;
                }
            }
        }
        (text.len() <= LENGTH_LIMIT).then_some(())
    }
}

/// Returns a digit where one may stand.
fn one_of(class: &Class) -> Option<char> {
    let Class::Unicode(class) = class else { return None };
    let has = |c: &char| class.ranges().iter().any(|range| (range.start()..=range.end()).contains(c));
    ['1', '0', 'a'].into_iter().find(has).or_else(|| class.ranges().first().map(ClassUnicodeRange::start))
}

/// Returns whether it is one sign, and may be a digit or a dot.
fn is_anything(hir: &Hir) -> bool {
    let HirKind::Class(Class::Unicode(class)) = hir.kind() else { return false };
    ['.', '0', '1'].iter().all(|c| class.ranges().iter().any(|range| (range.start()..=range.end()).contains(c)))
}
