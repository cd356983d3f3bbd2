//! Tests that reading any text ends in a set that has all of it, or in problems with places in it.

use proptest::prelude::*;

use super::*;

const SHORT: &str = include_str!("../../../tests/fixtures/policies/valid/defaults.yaml");
const POLICY: &str = include_str!("../../../tests/fixtures/policies/valid/maven-snapshots.yaml");
const RULES: &str = include_str!("../../../tests/fixtures/policies/valid/every-condition.yaml");
const PROTECTION: &str = include_str!("../../../tests/fixtures/policies/valid/set/legal-hold.yaml");
const INSTANCE: &str = "version: 1\ninstance:\n  url: https://gitlab.acme.example\n  paused: true\n  freeze: [{from: 2026-12-20, to: 2026-12-31}]\n  ceiling: {max_deletions: 500}\n";

/// Reads the text beside a policy that is valid, and checks what must be true of whatever comes out.
fn check(text: &str) {
    let sources = [Source::new("valid.yaml", SHORT), Source::new("tried.yaml", text)];
    match PolicySet::parse(&sources) {
        Ok((set, _)) => {
            let files = set.policies.len() + set.protections.len() + usize::from(set.instance.is_some());
            assert_eq!(files, 2, "no file vanishes");
            for policy in &set.policies {
                assert!(!policy.delete.is_empty());
                assert!(policy.delete.iter().all(|rule| !rule.conditions.is_empty()));
                assert!(policy.keep.iter().all(|rule| rule.newest.is_some() || !rule.hold.conditions.is_empty()));
            }
            for protection in &set.protections {
                assert!(!protection.rules.is_empty());
                assert!(protection.rules.iter().all(|rule| !rule.conditions.is_empty()));
            }
        }
        Err(errors) => {
            assert!(!errors.problems.is_empty());
            assert!(!errors.to_string().is_empty());
            for place in errors.problems.iter().filter_map(|problem| problem.place.as_ref()) {
                let line = text.split('\n').nth(place.line - 1).expect("the line is in the file");
                assert!(place.column <= line.chars().count() + 1, "the column is in the line");
            }
        }
    }
}

/// Returns the number of conditions, rules and other parts that a policy was read into.
fn weight(text: &str) -> Option<usize> {
    let (set, _) = PolicySet::parse(&[Source::new("tried.yaml", text)]).ok()?;
    let policy = set.policies.first()?;
    let delete = policy.delete.iter().map(|rule| 1 + rule.conditions.len() + usize::from(rule.allow_latest));
    let keep = policy.keep.iter().map(|rule| {
        1 + rule.hold.conditions.len()
            + usize::from(rule.newest.is_some())
            + usize::from(rule.hold.note.is_some())
            + usize::from(rule.hold.until.is_some())
    });
    Some(delete.sum::<usize>() + keep.sum::<usize>())
}

proptest! {
    #[test]
    fn any_text_is_read_or_told(text in r"([ \n\t:\-\[\]{}!*&#|>'%@`,?~<a-c1]|version: 1\n|\PC){0,60}") {
        check(&text);
    }

    /// A valid file with a part of it replaced.
    #[test]
    fn any_edit_is_read_or_told(
        original in prop_oneof![Just(POLICY), Just(RULES), Just(PROTECTION), Just(INSTANCE)],
        at in 0.0..1.0,
        length in 0usize..20,
        insert in r#"[ \n\t:\-\[\]{}!*&#|>'"%@,~a0é]{0,4}"#,
    ) {
        let characters: Vec<char> = original.chars().collect();
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss)]
        let at = (at * characters.len() as f64) as usize;
        let end = (at + length).min(characters.len());
        let edited: String = characters[..at].iter().copied().chain(insert.chars()).chain(characters[end..].iter().copied()).collect();
        check(&edited);
    }

    /// A value that is broken never leaves its rule without its condition: the file is refused, or the rule has as many
    /// conditions as before.
    #[test]
    fn no_value_takes_its_condition_along(line in 6..RULES.lines().count(), value in r#"[!&*~|>%@`?\-\[\]{}"', a]{0,6}"#) {
        let mut lines: Vec<String> = RULES.lines().map(str::to_owned).collect();
        let Some((key, _)) = lines[line].split_once(": ") else { return Ok(()) };
        lines[line] = format!("{key}: {value}");
        if let Some(weight) = weight(&lines.join("\n")) {
            prop_assert_eq!(Some(weight), super::tests::weight(RULES), "{}", lines[line]);
        }
    }
}

/// A part that seems to be missing in the beginning of such a file may stand in its rest.
#[test]
fn of_a_valid_file_with_a_line_that_is_not_yaml_that_line_alone_is_told() {
    for text in [SHORT, POLICY, RULES, PROTECTION, INSTANCE] {
        let lines: Vec<&str> = text.lines().collect();
        for place in 0..=lines.len() {
            let mut broken = lines.clone();
            broken.insert(place, "@");
            let errors = PolicySet::parse(&[Source::new("tried.yaml", broken.join("\n"))]).map(|_| ()).unwrap_err();
            let lines: Vec<usize> =
                errors.problems.iter().map(|problem| problem.place.as_ref().unwrap().line).collect();
            assert_eq!(lines, [place + 1], "{errors}");
        }
    }
}

#[test]
fn aliases_can_not_multiply() {
    let mut text = "a: &a [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for (name, previous) in ('b'..='z').zip('a'..) {
        let aliases = vec![format!("*{previous}"); 10].join(", ");
        text.push_str(&format!("{name}: &{name} [{aliases}]\n"));
    }
    assert!(PolicySet::parse(&[Source::new("bomb.yaml", text)]).is_err());
}

#[test]
fn depth_is_bounded() {
    for open in ["[", "{", "- ", "a: [", "? "] {
        check(&open.repeat(100_000));
    }
    let ladder: String = (0..2000).map(|depth| format!("{}a:\n", " ".repeat(depth))).collect();
    check(&ladder);
}
