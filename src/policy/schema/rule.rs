//! The schemas of rules: their conditions, and the other keys of each kind of rule.

use serde_json::{Value, json};

use super::value::{described, form, switch, with_default, words};
use super::{add, has_any, mapping, more_than};
use crate::package::PackageType;
use crate::policy::SupersededBy;
use crate::policy::condition::all;
use crate::policy::condition::meaning::{Form, Takers};

pub(super) fn definitions() -> Vec<(String, Value)> {
    let rules =
        [("delete_rule", delete()), ("keep_rule", keep()), ("protect_rule", protect()), ("files_rule", files())];
    let rules = rules.map(|(name, rule)| (name.to_owned(), rule));
    let conditions =
        of_every_rule().chain(of_taking_rules()).map(|form| (condition(form.key), described(form.value, form.holds)));
    rules.into_iter().chain(conditions).collect()
}

/// Returns how the conditions of every kind of rule are written.
fn of_every_rule() -> impl Iterator<Item = Form> {
    all::forms().filter(|form| form.rules == Takers::All)
}

/// Returns how the conditions of delete and files rules alone are written.
fn of_taking_rules() -> impl Iterator<Item = Form> {
    all::forms().filter(|form| matches!(form.rules, Takers::Takes(_)))
}

/// Returns the condition's name among the definitions, where `name` and `version` are other things, too.
fn condition(key: &str) -> String {
    format!("condition.{key}")
}

fn delete() -> Value {
    let mut keys = json!({
        "allow_latest": with_default(false, switch("`true` lets it delete the latest version of a package, too.")),
        "allow_released": with_default(
            false,
            switch("`true` lets it delete what a release of its project links to, too."),
        ),
        "other_indexes": with_default(
            false,
            switch("`true` lets it delete Debian and Helm versions, each of which may be the highest of its distribution \
                or channel."),
        ),
    });
    add(&mut keys, &taking_keys());
    let none = ["allow_latest", "allow_released", "other_indexes", "superseded_by"];
    let mut rule = rule("Selects packages for deletion: those for which all of its conditions hold.", &keys, &none);
    rule["dependencies"] = of_successors();
    rule
}

/// Returns the conditions of delete and files rules alone, and what goes with them.
fn taking_keys() -> Value {
    let mut keys: Value = of_taking_rules().map(|own| (own.key.to_owned(), form(&condition(own.key)))).collect();
    add(&mut keys, &json!({ "superseded_by": superseded_by() }));
    keys
}

fn superseded_by() -> Value {
    let description =
        "The releases that supersede a pre-release: its own alone, or also a higher one that was made after it.";
    with_default("own", words(&SupersededBy::WORDS, description))
}

/// Returns what `superseded_by` goes with in a rule that deletes.
fn of_successors() -> Value {
    json!({ "superseded_by": { "anyOf": has_any(&["superseded", "superseded_for"]) } })
}

fn keep() -> Value {
    let mut keys = hold_keys();
    add(
        &mut keys,
        &json!({
            "newest": described("positive", "It is one of so many newest versions of its package, counted among those that \
                fit the rule's other conditions."),
            "by": with_default(
                "content",
                words(
                    &["content", "created", "version"],
                    "What makes a version newer: its newest content, its own date, or the order of its ecosystem.",
                ),
            ),
            "newest_per": described("series", "So many of each: of each major, minor or patch version, of each branch \
                (`ref`), or of what the group of a regular expression on the version holds."),
            "last_series": described("positive", "Of so many series only: those that were built last."),
        }),
    );
    let none = ["by", "last_series", "newest_per", "note", "superseded_by", "until"];
    let mut rule = rule("Saves packages within its policy: those for which all of its conditions hold.", &keys, &none);
    rule["dependencies"] = json!({
        "by": ["newest"],
        "newest_per": ["newest"],
        "last_series": ["newest", "newest_per"],
        "superseded_by": ["superseded"],
    });
    rule
}

fn protect() -> Value {
    let description = "Saves packages from every policy: those for which all of its conditions hold.";
    let mut keys = hold_keys();
    let of_protections = all::forms().filter(|form| form.rules == Takers::Protections);
    add(&mut keys, &of_protections.map(|own| (own.key.to_owned(), described(own.value, own.holds))).collect());
    let max_age = "How old the file of `from` may be, by what it says itself. With an older one nothing is deleted.";
    add(&mut keys, &json!({ "max_age": described("age", max_age) }));
    let mut rule = rule(description, &keys, &["max_age", "note", "superseded_by", "until"]);
    rule["dependencies"] = json!({ "from": ["max_age"], "max_age": ["from"], "superseded_by": ["superseded"] });
    rule
}

fn hold_keys() -> Value {
    let of_holds = all::forms().filter(|form| form.rules == Takers::Holds);
    let mut keys: Value = of_holds.map(|own| (own.key.to_owned(), described(own.value, own.holds))).collect();
    let more = json!({
        "type": described("held_types", "It is of one of these types, of those that gleaner knows: by another one nothing would be held."),
        "superseded": described("only_false", "It is no pre-release, or its own release can't be installed. Beside `newest` \
            it doesn't decide what is counted, only what is held."),
        "superseded_by": superseded_by(),
        "note": described("text", "Why; the reason shows it."),
        "until": described("date", "The last day, in UTC, on which the rule holds."),
    });
    add(&mut keys, &more);
    keys
}

fn files() -> Value {
    let mut keys = conditions();
    add(&mut keys, &taking_keys());
    let types: Vec<&str> = PackageType::names_where(|facts| facts.has_files_rules).collect();
    add(
        &mut keys,
        &json!({
            "type": words(&types, "The packages' type. Of others no single files go."),
            "file": described("file_patterns", "The file's name matches. `*` stops at `/`. Default: every file."),
            "keep_newest": described("count", "So many stay of each: for Maven, of each artifact, classifier and extension; \
                for generic, of each file name. 0 goes only with `file`."),
            "keep_newest_per": with_default(
                "name",
                words(
                    &["name", "package"],
                    "Which files are counted together: those of one name, or, for generic, all of the package that `file` \
                        matches.",
                ),
            ),
            "older_than": described("age", "The file is older than this."),
        }),
    );
    if let Some(keys) = keys.as_object_mut() {
        // Young files stay, so it selects no files, and readers would not take it for the age of the package.
        keys.remove("younger_than");
    }
    let none_at_all = json!({ "required": ["keep_newest"], "properties": { "keep_newest": { "const": 0 } } });
    let with_builds: Vec<&str> = PackageType::names_where(|facts| facts.has_files_rules && facts.has_builds).collect();
    let together_without_builds = json!({
        "if": { "required": ["type"], "properties": { "type": { "enum": with_builds } } },
        "then": { "properties": { "keep_newest_per": { "const": "name" } } },
    });
    let more = json!({
        "required": ["type", "keep_newest"],
        "dependencies": of_successors(),
        "allOf": [together_without_builds],
        "if": none_at_all,
        "then": { "required": ["file"] },
    });
    mapping("Selects files of packages that stay: those for which all of its conditions hold.", &keys, &more)
}

/// Returns the schema of a rule with all conditions and the keys in `own`. Keys in `no_condition` make no rule alone.
fn rule(description: &str, own: &Value, no_condition: &[&str]) -> Value {
    let mut keys = conditions();
    add(&mut keys, own);
    let why = "A rule needs a condition; `name: \"**\"` says that every package is meant.";
    mapping(description, &keys, &more_than(no_condition, "name", why))
}

fn conditions() -> Value {
    of_every_rule().map(|own| (own.key.to_owned(), form(&condition(own.key)))).collect()
}
