//! Tests which texts patterns match, and which texts are no patterns.

use globset::GlobBuilder;
use proptest::prelude::*;

use super::*;
use PatternKind::{File, Name, Path, Text};

fn matches(kind: PatternKind, patterns: &[&str], text: &str) -> bool {
    Patterns::parse(patterns, kind).unwrap().matches(text)
}

#[test]
fn globs() {
    let table: &[(PatternKind, &str, &str, bool)] = &[
        // Anchored at both ends.
        (Text, "1.0", "1.0", true),
        (Text, "1.0", "21.0.5", false),
        (Text, "1.0", "1.0.5", false),
        (Text, "1.0", "21.0", false),
        (Text, "1.0", "1x0", false),
        (Text, "1.0", "1.0\n", false),
        (Name, "core", "core-api", false),
        (Name, "core", "my-core", false),
        (Path, "acme/api", "acme/api", true),
        (Path, "acme/api", "big-acme/api", false),
        (Path, "acme/api", "acme/api-v2", false),
        // `*` stops at `/` in names and paths, and nowhere in versions.
        (Name, "*", "core", true),
        (Name, "*", "@acme/core", false),
        (Name, "@acme/*", "@acme/core", true),
        (Name, "com/*/core", "com/acme/core", true),
        (Name, "com/*/core", "com/acme/libs/core", false),
        (Path, "acme/*", "acme/platform/api", false),
        (Text, "*", "feature/x-1", true),
        (Text, "*-SNAPSHOT", "a/b-SNAPSHOT", true),
        (Text, "*", "", true),
        (Text, "1.*", "1.", true),
        // `**` is any number of whole segments.
        (Name, "**", "@acme/core", true),
        (Path, "acme/**", "acme/platform/api", true),
        (Path, "acme/**", "acme/api", true),
        (Path, "acme/**", "acme", false),
        (Path, "acme/**", "acme-two/api", false),
        (Path, "acme/**/api", "acme/api", true),
        (Path, "acme/**/api", "acme/a/b/api", true),
        (Path, "acme/**/api", "acme/my-api", false),
        (Path, "**/api", "api", true),
        (Path, "**/api", "acme/api", true),
        (Path, "**/api", "acme/my-api", false),
        // One character.
        (Text, "1.?", "1.2", true),
        (Text, "1.?", "1.", false),
        (Text, "1.?", "1.22", false),
        (Text, "?", "é", true),
        (Name, "a?b", "a/b", false),
        (Text, "a?b", "a/b", true),
        // Classes.
        (Text, "v[0-9]", "v7", true),
        (Text, "v[0-9]", "v[0-9]", false),
        (Text, "v[!0-9]", "vx", true),
        (Text, "v[!0-9]", "v7", false),
        (Text, "v[^0-9]", "v7", false),
        (Text, "[]a]", "]", true),
        (Text, "[a-]", "-", true),
        (Text, "[a&&b]", "&", true),
        (Text, "[[:alpha:]]", "x", false),
        (Text, r"[\]]", "]", true),
        (Text, "[é-ö]", "è", false),
        (Text, "[à-ö]", "é", true),
        (Name, "a[!b]c", "a/c", false),
        (Text, "a[!b]c", "a/c", true),
        // Alternatives.
        (Text, "*-{SNAPSHOT,dev}", "1-dev", true),
        (Text, "*-{SNAPSHOT,dev}", "1-rc", false),
        (Text, "{a,b{c,d}}", "bd", true),
        (Text, "1.0{,-rc}", "1.0", true),
        (Text, "1.0{,-rc}", "1.0-rc", true),
        (Text, "a,b", "a,b", true),
        // A backslash takes the meaning away.
        (Text, r"\*", "*", true),
        (Text, r"\*", "x", false),
        (Text, r"1\.0", "1.0", true),
        // Signs of regular expressions mean nothing in a glob.
        (Text, "1.0+build.7", "1.0+build.7", true),
        (Text, "(a|b)", "a", false),
        (Text, "(a|b)", "(a|b)", true),
        (Text, "^1$", "^1$", true),
        (Text, "a#b c", "a#b c", true),
        // A file's name is a path whose case counts.
        (File, "*.log", "a.log", true),
        (File, "*.log", "debug/a.log", false),
        (File, "**/*.log", "a.log", true),
        (File, "**/*.log", "debug/x/a.log", true),
        (File, "debug/**", "debug/x/a.log", true),
        (File, "debug/**", "debug", false),
        (File, "debug/?.log", "debug/a.log", true),
        (File, "debug[/]a", "debug/a", false),
        (File, "*.LOG", "a.log", false),
        // Case counts, on paths alone it doesn't.
        (Name, "Core", "core", false),
        (Text, "*-snapshot", "1-SNAPSHOT", false),
        (Path, "Acme/API", "acme/api", true),
        (Path, "acme/[a-c]*", "ACME/Build", true),
    ];
    for (kind, pattern, text, expected) in table {
        assert_eq!(matches(*kind, &[pattern], text), *expected, "{kind:?} {pattern} {text}");
    }
}

#[test]
fn regular_expressions() {
    let table: &[(PatternKind, &str, &str, bool)] = &[
        (Text, r"/1\.0/", "1.0", true),
        (Text, r"/1\.0/", "21.0.5", false),
        (Text, "/1|2/", "1", true),
        (Text, "/1|2/", "12", false),
        (Text, "/1|2/", "21", false),
        (Text, "/a|/", "b", false),
        // A comment under `(?x)`, a group that changes flags: nothing reaches the anchors.
        (Text, "/(?x)1 # one/", "1", true),
        (Text, "/(?x)1 # one/", "12", false),
        (Text, "/(?x)1|2 # )/", "2", true),
        (Text, "/(?x)1|2 # )/", "23", false),
        (Text, "/(?i)rc[0-9]+/", "RC7", true),
        (Text, "/(?U)a+/", "aaa", true),
        (Text, "/(?s).*/", "a\nb", true),
        (Text, "/.*/", "a\nb", false),
        // Signs that look like anchors and are none.
        (Text, "/[^a]/", "b", true),
        (Text, "/[^a]/", "a", false),
        (Text, r"/\$1\^/", "$1^", true),
        (Text, r"/\bv1\b/", "v1", true),
        (Text, "/a/b/", "a/b", true),
        (Text, "/[/]/", "/", true),
        (Name, "/@acme/.*/", "@acme/core/x", true),
        (Path, "/acme/.*/", "ACME/api", true),
        (Name, "/acme/", "ACME", false),
    ];
    for (kind, pattern, text, expected) in table {
        assert_eq!(matches(*kind, &[pattern], text), *expected, "{kind:?} {pattern} {text}");
    }
}

#[test]
fn lists() {
    let table: &[(&[&str], &str, bool)] = &[
        (&["a*", "b*"], "b1", true),
        (&["a*", "b*"], "c1", false),
        (&["a*", "!ab*"], "ac", true),
        (&["a*", "!ab*"], "abc", false),
        // The order means nothing.
        (&["!ab*", "a*"], "abc", false),
        // Only `!` is everything else.
        (&["!ab*"], "x", true),
        (&["!ab*"], "abc", false),
        (&["!a*", "!b*"], "c", true),
        (&["!a*", "!b*"], "b", false),
        (&["!/a|b/"], "b", false),
        (&["!/a|b/"], "bb", true),
        (&[r"\!a"], "!a", true),
    ];
    for (patterns, text, expected) in table {
        assert_eq!(matches(Name, patterns, text), *expected, "{patterns:?} {text}");
    }
}

#[test]
fn what_no_pattern_is() {
    let table = [
        (Text, "", "`` is no pattern"),
        (Text, "!", "`!` is no pattern"),
        (Text, "!!a", "twice"),
        (Text, " a", "space"),
        (Text, "a\n", "space"),
        (Text, "! a", "space"),
        (Text, "/", "has to end with it"),
        (Text, "//", "has to end with it"),
        (Text, "!/", "has to end with it"),
        (Text, "/a", "has to end with it"),
        (Text, "/a/i", "has to end with it"),
        (Path, "/acme/**", "has to end with it"),
        (Path, "acme/", "ends with `/`"),
        (Name, "**/", "ends with `/`"),
        (File, "debug/", "ends with `/`"),
        (File, "/debug/**", "has to end with it"),
        (File, "a**", "whole segments"),
        (Text, "/^a/", "anchored"),
        (Text, "/a$/", "anchored"),
        (Text, r"/\Aa/", "anchored"),
        (Text, r"/a\z/", "anchored"),
        (Text, "/(a|b$)/", "anchored"),
        (Text, "/(?m)a$/", "anchored"),
        (Text, "/a)|(?:b/", "unopened group"),
        (Text, "/(a/", "unclosed group"),
        (Text, "/[a/", "unclosed character class"),
        (Text, "/(((a{900}){900}){900})/", "too large"),
        (Text, "**", "no meaning"),
        (Text, "a**", "no meaning"),
        (Text, "!**", "no meaning"),
        (Name, "a**", "whole segments"),
        (Name, "**a", "whole segments"),
        (Name, "a/**b", "whole segments"),
        (Name, "***", "whole segments"),
        (Name, "{a/**,b}", "whole segments"),
        (Text, "[a", "`[` is not closed"),
        (Text, "[]", "`[` is not closed"),
        (Text, "[a-", "`[` is not closed"),
        (Text, "[z-a]", "empty"),
        (Text, "{a,b", "`{` is not closed"),
        (Text, "a}", "closes nothing"),
        (Text, "{{{{{{{{{{{a}}}}}}}}}}}", "nested too deeply"),
        (Text, "a\\", "ends in"),
    ];
    for (kind, pattern, message) in table {
        let error = Patterns::parse(&[pattern], kind).expect_err(pattern);
        assert!(error.message.contains(message), "{pattern}: {error}");
    }
    assert!(Patterns::parse(&[], Text).is_err());
    assert!(Patterns::parse(&["a".repeat(1001).as_str()], Text).is_err());
}

#[test]
fn patterns_are_told_and_compared_as_written() {
    let patterns = Patterns::parse(&["*-SNAPSHOT", "!/1\\..*/"], Text).unwrap();
    assert_eq!(patterns.to_string(), r"*-SNAPSHOT, !/1\..*/");
    assert_eq!(serde_json::to_string(&patterns).unwrap(), r#"["*-SNAPSHOT","!/1\\..*/"]"#);
    assert_eq!(patterns, Patterns::parse(&["*-SNAPSHOT", "!/1\\..*/"], Text).unwrap());
    assert_ne!(patterns, Patterns::parse(&["*-SNAPSHOT"], Text).unwrap());
    assert_ne!(Patterns::parse(&["a"], Text).unwrap(), Patterns::parse(&["a"], Path).unwrap());
}

/// A glob that matches the text and nothing else.
fn escaped(text: &str) -> String {
    text.chars().flat_map(|c| if r"*?[]{},\!/".contains(c) { vec!['\\', c] } else { vec![c] }).collect()
}

proptest! {
    #[test]
    fn an_escaped_text_matches_itself_alone(text in r"[ -~é☃]{1,12}", other in r"[ -~é☃]{0,12}") {
        prop_assume!(text.trim() == text && !text.ends_with('/'));
        for kind in [Name, File, Text] {
            let patterns = Patterns::parse(&[&escaped(&text)], kind).unwrap();
            prop_assert!(patterns.matches(&text));
            prop_assert_eq!(patterns.matches(&other), other == text);
            let longer = format!("{}{}", text, other);
            prop_assert_eq!(patterns.matches(&longer), other.is_empty());
        }
    }

    /// Another author's globs agree with ours, where both have the same meaning: ours know no byte, only characters,
    /// and a class of ours does not match `/` where a `*` would not.
    #[test]
    fn globs_mean_what_they_mean_elsewhere(glob in r"([ab/]|\*|\?|\*\*/|/\*\*|\{a,b\}|\{a,\*\}|\[ab\]|\[!a\]|\\\*){1,6}", text in "[ab/*]{0,6}") {
        for (kind, has_segments) in [(Name, true), (Text, false)] {
            let Ok(ours) = Patterns::parse(&[&glob], kind) else { continue };
            if glob.starts_with('/') || (has_segments && glob.contains("[!")) {
                continue;
            }
            let theirs = GlobBuilder::new(&glob).literal_separator(has_segments).empty_alternates(true).build().unwrap();
            prop_assert_eq!(ours.matches(&text), theirs.compile_matcher().is_match(&text), "{} {}", glob, text);
        }
    }

    #[test]
    fn any_text_is_a_pattern_or_an_error(text in ".{0,30}") {
        for kind in [Name, Path, File, Text] {
            if let Ok(patterns) = Patterns::parse(&[&text], kind) {
                let _ = patterns.matches(&text);
            }
        }
    }
}
