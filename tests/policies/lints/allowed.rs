//! Comments that silence a lint: where they stand, and what is told of those that silence nothing.

use crate::lints::{lints, of_policy, of_set};

const SCOPE: &str = "scope: { group: acme }\n";
const NO_AGE: &str = "this rule has no age: it selects a package as soon as `min_age` lets it, after 72h";
const REGULAR: &str = "`.*-rc` looks like a regular expression, and is read as a glob";

/// The lints of a policy whose rules are these lines, the first of them in line 4.
fn of_rules(lines: &[&str]) -> Vec<String> {
    of_policy(&format!("{SCOPE}delete:\n{}", lines.join("\n")))
}

#[test]
fn a_comment_silences_the_line_below_it() {
    let allow = "# gleaner: allow rule-without-age, because all of them may go";
    let rule = "- name: acme-api";
    assert_eq!(of_rules(&[rule]), [format!("4:3 {NO_AGE}")]);
    assert_eq!(of_rules(&[allow, rule]), [""; 0]);
    assert_eq!(of_rules(&[allow, "# for years now", rule]), [""; 0]);
    // One line, not all that follow.
    let second = "- name: acme-app";
    assert_eq!(of_rules(&[allow, rule, second]), [format!("6:3 {NO_AGE}")]);
    // One lint, not all of that line.
    let both = "- version: '.*-rc'";
    assert_eq!(of_rules(&[both]), [format!("4:12 {REGULAR}")]);
    assert_eq!(of_rules(&[allow, both]), [format!("5:12 {REGULAR}")]);
}

/// A reason is that of one rule, and the next one in the same line may be another matter.
#[test]
fn a_comment_silences_one_place_of_its_line() {
    let allow = "# gleaner: allow rule-without-age, because all of them may go";
    let rules = "- name: acme-api\n- name: acme-app";
    assert_eq!(of_rules(&[rules]).len(), 2);
    let list =
        |comment: &str| of_policy(&format!("{SCOPE}{comment}delete: [{{ name: acme-api }}, {{ name: acme-app }}]"));
    assert_eq!(list(""), [format!("3:10 {NO_AGE}"), format!("3:30 {NO_AGE}")]);
    assert_eq!(list(&format!("{allow}\n")), [format!("4:30 {NO_AGE}")]);
}

/// Of a rule that says something else than was meant nothing more is told, but this one says what is meant.
#[test]
fn what_a_silenced_lint_has_kept_back_is_told() {
    let regular = "# gleaner: allow glob-looks-like-regex, because versions are called so";
    let age = "# gleaner: allow rule-without-age, because all of them may go";
    let rule = "- version: '.*-rc'";
    assert_eq!(of_rules(&[regular, rule]), [format!("5:3 {NO_AGE}")]);
    assert_eq!(of_rules(&[regular, age, rule]), [""; 0]);
    assert_eq!(of_rules(&[age, regular, rule]), [""; 0]);
}

#[test]
fn a_key_in_the_middle_of_a_rule_is_silenced_above_it() {
    let allow = "  # gleaner: allow glob-looks-like-regex, because versions are called so";
    assert_eq!(of_rules(&["- older_than: 30d", allow, "  version: '.*-rc'"]), [""; 0]);
    assert_eq!(
        of_policy(&format!(
            "{SCOPE}# gleaner: allow key-says-nothing, because so\ntimezone: UTC\ndelete: [{{ status: error }}]"
        )),
        [""; 0]
    );
}

#[test]
fn what_is_told_on_some_days_only_is_silenced_on_all() {
    let keep = |until: &str, comment: &str| {
        of_policy(&format!(
            "{SCOPE}delete: [{{ status: error }}]\nkeep:\n{comment}- {{ name: acme-api, until: {until} }}"
        ))
    };
    let allow = "# gleaner: allow rule-ends, because it is meant to end\n";
    for until in ["2026-11-03", "2020-01-01", "2040-01-01"] {
        assert_eq!(keep(until, allow), [""; 0], "{until}");
    }
    assert_eq!(keep("2020-01-01", ""), ["5:28 this rule ended on 2020-01-01: it holds no longer"]);
    let schedule =
        |comment: &str| of_policy(&format!("{SCOPE}{comment}schedule: '0 3 * 2 MON#5'\ndelete: [{{ status: error }}]"));
    assert_eq!(schedule("").len(), 1);
    assert_eq!(schedule("# gleaner: allow schedule-seldom-fires, because it is a joke\n"), [""; 0]);
}

#[test]
fn what_is_told_between_files_is_silenced() {
    let hold = ("hold.yaml", "protect: [{ name: acme-* }]");
    let policy = |comment: &str| format!("{SCOPE}delete:\n{comment}- {{ name: acme-api, older_than: 30d }}");
    assert_eq!(of_set(&[hold, ("p.yaml", &policy(""))]).len(), 1);
    let allow = "# gleaner: allow rule-deletes-nothing, because the hold goes soon\n";
    assert_eq!(of_set(&[hold, ("p.yaml", &policy(allow))]), [""; 0]);
}

#[test]
fn a_comment_that_silences_nothing_is_told() {
    let rule = "- name: acme-api";
    let told = |comment: &str| of_rules(&[comment, rule]);
    let also = format!("5:3 {NO_AGE}");
    let table = [
        ("# gleaner: allow rule-without-age", "this comment silences nothing: it gives no reason"),
        ("# gleaner: allow rule-without-age, so there", "this comment silences nothing: it gives no reason"),
        ("# gleaner: allow", "this comment silences nothing: it names no lint"),
        (
            "# gleaner: forbid rule-without-age, because",
            "this comment silences nothing: only `allow` is understood here",
        ),
        (
            "# gleaner: allow rule-with-out-age, because so",
            "there is no lint `rule-with-out-age`; did you mean `rule-without-age`?",
        ),
        ("# gleaner: allow all, because so", "there is no lint `all`"),
        (
            "# gleaner: allow rule-ends, because so",
            "this comment silences nothing: `rule-ends` is not told of the line below it",
        ),
    ];
    for (comment, message) in table {
        assert_eq!(told(comment), [format!("4:1 {message}"), also.clone()], "{comment}");
    }
    let behind = "- name: acme-api # gleaner: allow rule-without-age, because so";
    let expected =
        [format!("4:3 {NO_AGE}"), "4:18 this comment silences nothing: it stands behind something".to_owned()];
    assert_eq!(of_rules(&[behind]), expected);
    let far = ["# gleaner: allow rule-without-age, because so", "", rule];
    assert_eq!(of_rules(&far).len(), 2);
}

#[test]
fn what_is_told_of_comments_cannot_be_silenced() {
    for (name, comment) in [
        ("allow-incomplete", "# gleaner: allow rule-ends"),
        ("allow-of-nothing", "# gleaner: allow rule-ends, because so"),
        ("allow-of-unknown-lint", "# gleaner: allow all, because so"),
    ] {
        let above = format!("# gleaner: allow {name}, because so");
        let told = of_rules(&[&above, comment, "- { name: acme-api, older_than: 30d }"]);
        assert_eq!(told.len(), 2, "{told:?}");
        assert_eq!(told[0], format!("4:1 this comment silences nothing: `{name}` is not told of the line below it"));
    }
}

#[test]
fn text_is_no_comment() {
    let text = "description: |\n  # gleaner: allow key-says-nothing, because so\ntimezone: UTC\n";
    let told = of_policy(&format!("{SCOPE}{text}delete: [{{ status: error }}]"));
    assert_eq!(told, ["5:11 `timezone` says nothing without a `schedule`"]);
}

#[test]
fn the_name_stands_behind_the_message() {
    let policy = format!("version: 1\n{SCOPE}delete:\n- name: acme-api\n");
    let told = lints(&[("p.yaml", &policy)]);
    let first = told[0].to_string().lines().next().unwrap().to_owned();
    assert_eq!(first, format!("p.yaml:4:3: {NO_AGE} [rule-without-age]"));
}
