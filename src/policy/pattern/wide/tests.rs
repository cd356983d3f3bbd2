//! Tests what a pattern matches widely, and that this is never less than what it matches narrowly.

use proptest::prelude::*;

use super::super::{PatternKind, Patterns, Shown};
use crate::package::{Ecosystem, NameRule};
use PatternKind::{File, Name, Path, Text};

const RULES: [NameRule; 4] = [NameRule::Exact, NameRule::WithoutCase, NameRule::Pep503, NameRule::Cargo];

const ECOSYSTEMS: [Ecosystem; 5] =
    [Ecosystem::Nuget, Ecosystem::Pep440, Ecosystem::Cargo, Ecosystem::Npm, Ecosystem::Plain];

/// Returns whether a pattern holds a text, and checks that as a `!` it takes the text away from a selection.
fn holds(kind: PatternKind, pattern: &str, text: Shown<'_>) -> bool {
    let holds = Patterns::parse(&[pattern], kind).unwrap().hold(text);
    let takes_away = !Patterns::parse(&[format!("!{pattern}").as_str()], kind).unwrap().select(text);
    assert_eq!(holds, takes_away, "{pattern} {text:?}");
    holds
}

#[test]
fn names_that_are_one_to_clients() {
    use NameRule::{Cargo, Exact, Pep503, WithoutCase};
    let table = [
        (Pep503, "acme-tools", "acme_tools", true),
        (Pep503, "acme-tools", "Acme.Tools", true),
        (Pep503, "Acme_Tools", "acme-tools", true),
        (Pep503, "acme-tools", "acmetools", false),
        (Pep503, "acme-tools", "acme-tools2", false),
        (Pep503, "acme_*", "acme-core", true),
        (Pep503, "Acme.*", "acme_core", true),
        (Pep503, "acme_*", "acme", false),
        (Pep503, "acme_*", "acmecore", false),
        // A run of separators is one.
        (Pep503, "acme--core", "acme-core", true),
        (Pep503, "acme-core", "acme_-core", true),
        (Pep503, "acme--*", "acme-core", true),
        (Pep503, "acme_-*-api", "acme-api", true),
        (Pep503, "acme-?core", "acme.core", true),
        (Pep503, "acme[_]?core", "acme-core", true),
        (Pep503, "acme-?core", "acme-xcore", true),
        (Pep503, "acme??core", "acme-core", true),
        (Pep503, "acme?core", "acme--core", true),
        (Pep503, "acme???core", "acme-x-core", true),
        (Pep503, "acme???core", "acmexcore", false),
        (Pep503, "{acme-,beta}_{core,api}", "acme-core", true),
        (Pep503, "{acme-,beta}_{core,api}", "beta.api", true),
        (Pep503, "{acme-,beta}_{core,api}*", "ACME.core2", true),
        (Pep503, "{acme-,beta}_{core,api}", "acmecore", false),
        (Pep503, "[A-C]cme", "acme", true),
        (Pep503, "[!A]cme", "acme", true),
        (Pep503, "[!a]cme", "ACME", true),
        (Pep503, "acme[!._]core", "acme_core", true),
        (Pep503, "/Acme_(core|api)/", "acme-api", true),
        (Pep503, "/acme__?core/", "acme-core", true),
        (Pep503, r"/acme\b.*/", "acme_core", true),
        (Pep503, "/(?:acme--)+core/", "acme-acme-core", true),
        (Pep503, "acme/**", "acme", true),
        (WithoutCase, "Acme.Core", "acme.core", true),
        (WithoutCase, "Acme.*", "ACME.core", true),
        (WithoutCase, "Acme.*", "acme_core", false),
        (WithoutCase, "acme[A-Z]", "ACMEX", true),
        (Cargo, "acme_core", "Acme-Core", true),
        (Cargo, "acme_*", "acme-core", true),
        (Cargo, "acme--core", "acme-core", false),
        (Cargo, "acme.core", "acme-core", false),
        (Exact, "acme_core", "acme-core", false),
        (Exact, "Acme", "acme", false),
        (Exact, "@acme/**", "@acme", true),
    ];
    for (rule, pattern, name, expected) in table {
        assert_eq!(holds(Name, pattern, Shown::Name(name, rule)), expected, "{rule:?} {pattern} {name}");
    }
}

#[test]
fn versions_that_are_one_to_clients() {
    use Ecosystem::{Cargo, Npm, Nuget, Pep440};
    let table = [
        (Nuget, "1.3", "1.3.0", true),
        (Nuget, "1.3.0", "1.3", true),
        (Nuget, "01.3", "1.3.0.0", true),
        (Nuget, "2.0.0-RC1", "2.0.0-rc1", true),
        (Nuget, "2.0.0-rc1", "2.0-RC1+build", true),
        (Nuget, "1.3", "1.3.1", false),
        (Nuget, "{1.3,1.4}", "1.4.0", true),
        (Nuget, "{1.3,2.*}", "1.3.0", true),
        (Nuget, "1.0.*", "1.0", true),
        (Nuget, "*-RC*", "2.0.0-rc1", true),
        (Nuget, "1.0.*", "1.1", false),
        (Nuget, "/1\\.0\\.0/", "1.0", true),
        (Nuget, "nightly", "Nightly", true),
        (Pep440, "1.0", "1", true),
        (Pep440, "1.0-rc.1", "1.0.0rc1", true),
        (Pep440, "*.dev*", "1.0-DEV3", true),
        // Expressions that match none of the spellings that are tried.
        (Pep440, "*-rc*", "1.0rc1", false),
        (Pep440, "*-rc*", "1.0-rc1", true),
        (Cargo, "1.0.0", "1.0.0+build", true),
        (Cargo, "1.0.0-RC.1", "1.0.0-rc.1", true),
        (Cargo, "*-RC*", "1.0.0-rc.1+build", true),
        (Cargo, "1.0.0", "1.0", false),
        (Npm, "1.0.0", "1.0.0+build", false),
        (Npm, "1.0.0-RC", "1.0.0-rc", false),
    ];
    for (ecosystem, pattern, version, expected) in table {
        let holds = holds(Text, pattern, Shown::Version(version, ecosystem));
        assert_eq!(holds, expected, "{ecosystem:?} {pattern} {version}");
    }
}

#[test]
fn what_stands_before_two_stars() {
    let table = [
        (Path, "acme/**", "acme", true),
        (Path, "acme/**", "ACME", true),
        (Path, "acme/**", "acme2", false),
        (Path, "acme/**/**", "acme", true),
        (Path, "acme/*/**", "acme/api", true),
        (Path, "acme/*/**", "acme", false),
        (Path, "{acme,beta}/**", "beta", true),
        (Path, r"acme\/**", "acme", true),
        (Path, "**/api", "acme", false),
        (Path, "/acme/.*/", "acme", false),
        (File, "debug/**", "debug", true),
        (File, "debug/**", "Debug", false),
        (Name, "@acme/**", "@acme", true),
    ];
    for (kind, pattern, text, expected) in table {
        assert_eq!(holds(kind, pattern, Shown::Plain(text)), expected, "{kind:?} {pattern} {text}");
        let is_narrow = Patterns::parse(&[pattern], kind).unwrap().select(Shown::Plain(text));
        assert!(!is_narrow, "{kind:?} {pattern} {text}");
    }
}

#[test]
fn each_side_of_a_list_has_its_width() {
    let list = |patterns: &[&str]| Patterns::parse(patterns, Text).unwrap();
    let (short, long) = (Shown::Version("1.3", Ecosystem::Nuget), Shown::Version("1.3.0", Ecosystem::Nuget));
    assert!(list(&["1.3"]).hold(long) && list(&["1.3"]).select(short) && !list(&["1.3"]).select(long));
    let without = list(&["*", "!1.3"]);
    assert!(!without.select(long) && without.hold(long) && !without.hold(short));
    assert!(list(&["!1.3"]).hold(long) && !list(&["!1.3"]).select(long));
}

#[test]
fn what_is_too_large_to_be_read_widely_holds_more() {
    let all_of = |count| "{0,1,2,3,4,5,6,7,8,9}".repeat(count);
    // Too many values to compare with, so everything is held.
    assert!(holds(Text, &format!("1.{}", all_of(4)), Shown::Version("2.0", Ecosystem::Nuget)));
    assert!(!holds(Text, &format!("1.{}", all_of(2)), Shown::Version("2.0", Ecosystem::Nuget)));
    // For names there are never too many braces.
    let pattern = format!("a-{}", all_of(4));
    assert!(holds(Name, &pattern, Shown::Name("A_1234", NameRule::Pep503)));
    assert!(!holds(Name, &pattern, Shown::Name("b_1234", NameRule::Pep503)));
    // So many separators may meet that none has to be there.
    let pattern = format!("a{}b", "?".repeat(65));
    for (name, expected) in [("a-b", true), ("ab", true), ("a-c", false)] {
        assert_eq!(holds(Name, &pattern, Shown::Name(name, NameRule::Pep503)), expected, "{name}");
    }
    // Small enough as it is, and too large with every class that its separators bring along.
    let pattern = "/(?:[.a]{90}){90}x/";
    let patterns = Patterns::parse(&[pattern], Name).unwrap();
    assert!(patterns.hold(Shown::Name("b", NameRule::Pep503)) && !patterns.select(Shown::Name("b", NameRule::Pep503)));
}

fn respelled(name: &str, rule: NameRule, signs: &[u8]) -> String {
    let mut signs = signs.iter().copied().cycle();
    let mut respelled = String::new();
    for c in rule.normal(name).chars() {
        let sign = signs.next().unwrap_or_default();
        match (c, rule) {
            ('-', NameRule::Pep503) => respelled.push_str(["-", "_", ".", "-_", "..", "_.-"][usize::from(sign % 6)]),
            ('-', NameRule::Cargo) => respelled.push(if sign % 2 == 0 { '-' } else { '_' }),
            (c, NameRule::Exact) => respelled.push(c),
            (c, _) => respelled.push(if sign % 2 == 0 { c } else { c.to_ascii_uppercase() }),
        }
    }
    respelled
}

const PATTERN: &str = r"([aB._/-]|\*|\?|\*\*/|/\*\*|\{a,-\}|\{_,B\*\}|\[a_\]|\[!B-\]){1,6}|/([aB_-]|\.|\.\*|(a|-)?|[^a]\{2\}|[_a]\+|\\b){1,5}/";

fn any_pattern() -> impl Strategy<Value = String> {
    prop_oneof![PATTERN, "[0-9.*v-]{1,6}", r"[0-9]\.0(-rc|RC)?1?"]
}

proptest! {
    #[test]
    fn a_list_holds_no_less_than_it_matches_and_selects_no_more(
        patterns in proptest::collection::vec(("!?", any_pattern()).prop_map(|(sign, body)| sign + &body), 1..3),
        text in "[aAbB01./_-]{1,8}|v?[0-2]\\.[0-2](\\.[0-2])?(-?[rR][cC]1)?",
    ) {
        let patterns: Vec<&str> = patterns.iter().map(String::as_str).collect();
        for kind in [Name, Path, File, Text] {
            let Ok(list) = Patterns::parse(&patterns, kind) else { continue };
            let names = RULES.map(|rule| Shown::Name(&text, rule));
            let versions = ECOSYSTEMS.map(|ecosystem| Shown::Version(&text, ecosystem));
            for shown in [Shown::Plain(&text)].into_iter().chain(names).chain(versions) {
                prop_assert!(list.hold(shown) || !list.matches(&text), "{:?} {:?}", patterns, shown);
                prop_assert!(!list.select(shown) || list.matches(&text), "{:?} {:?}", patterns, shown);
            }
        }
    }

    /// The pattern is made of one spelling of the name, with wildcards for some of its characters.
    #[test]
    fn who_is_held_is_held_however_it_is_spelled(
        name in "[aB_.-]{1,8}",
        wildcards in proptest::collection::vec(0_usize..12, 8),
        signs in proptest::collection::vec(0_u8.., 16),
    ) {
        let with_wildcard = |(c, wildcard): (char, usize)| match wildcard {
            0 | 1 => "?".to_owned(),
            2 => "*".to_owned(),
            3 => format!("[{c}x]"),
            4 => format!("{{{c},xy}}"),
            5 => "[!x]".to_owned(),
            6 => format!("*{c}"),
            _ => c.to_string(),
        };
        let mut glob: String = name.chars().zip(wildcards).map(with_wildcard).collect();
        while glob.contains("**") {
            glob = glob.replace("**", "*");
        }
        let list = Patterns::parse(&[&glob], Name).unwrap();
        prop_assert!(list.matches(&name), "{} {}", glob, name);
        for rule in RULES {
            let other = respelled(&name, rule, &signs);
            prop_assert_eq!(rule.normal(&name), rule.normal(&other));
            prop_assert!(list.hold(Shown::Name(&other, rule)), "{:?} {} {} {}", rule, glob, name, other);
        }
    }

    #[test]
    fn a_version_without_wildcards_holds_however_it_is_written(
        pattern in "v?0?[0-2](\\.0?[0-2]){0,3}(-?[rR][cC]1)?(\\+b)?",
        version in "v?0?[0-2](\\.0?[0-2]){0,3}(-?[rR][cC]1)?(\\+b)?",
    ) {
        let list = Patterns::parse(&[&pattern], Text).unwrap();
        for ecosystem in ECOSYSTEMS {
            let is_one = ecosystem.normal(&pattern) == ecosystem.normal(&version);
            prop_assert!(!is_one || list.hold(Shown::Version(&version, ecosystem)), "{:?} {} {}", ecosystem, pattern, version);
        }
    }
}
