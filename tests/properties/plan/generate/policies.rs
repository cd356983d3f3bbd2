//! Policies and protections as the YAML that people write, so that every case goes through the parser too.

use std::fmt;
use std::ops::RangeInclusive;

use gleaner::policy::PolicySet;
use gleaner::yaml::Source;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};

use super::in_use::{InUseList, in_use};

/// The files of a policy set.
#[derive(Clone)]
pub(crate) struct Texts {
    pub(super) policies: Vec<String>,
    pub(super) protections: Vec<String>,
    pub(super) instance: Option<&'static str>,
    /// What the rules with `from` go by.
    pub(super) in_use: InUseList,
}

/// How much of the language a case may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Language {
    Whole,
    /// Nothing that lets a package be spared later that goes today: delete rules without an upper age, keep and
    /// protect rules without a lower one, and no ages at all where versions are counted.
    OnlyHarsherWithTime,
    /// Rules on files, and little else.
    Files,
}

/// So many policies, in the order of their names, and up to two protections.
pub(crate) fn policies(language: Language, count: usize) -> impl Strategy<Value = Texts> {
    (vec(policy(language), count), vec(protection(language), 0..=2), instance(), in_use())
        .prop_map(|(policies, protections, instance, in_use)| Texts { policies, protections, instance, in_use })
}

/// A policy that deletes everything that is named for it, and of the rest all files but one, within these limits.
pub(crate) fn limits(lines: &str) -> Texts {
    let policy = format!(
        "version: 1\nscope: {{ group: acme }}\ndelete: [{{ name: doomed, older_than: 30d }}]\n\
         files: [{{ type: generic, keep_newest: 1 }}]\nlimits: {{ {lines} }}\n"
    );
    Texts { policies: vec![policy], protections: Vec::new(), instance: None, in_use: InUseList::none() }
}

impl Texts {
    pub(crate) fn parse(&self) -> PolicySet {
        let named = |name: &str, texts: &[String]| -> Vec<Source> {
            (1..)
                .zip(texts)
                .map(|(number, text)| Source { file: format!("{name}-{number}.yaml"), text: text.clone() })
                .collect()
        };
        let instance = self.instance.map(|text| Source::new("instance.yaml", text));
        let sources =
            [named("policy", &self.policies), named("protection", &self.protections), Vec::from_iter(instance)]
                .concat();
        match PolicySet::parse(&sources) {
            Ok((set, _)) => {
                assert_eq!(set.policies.len(), self.policies.len(), "every policy is read");
                assert_eq!(set.protections.len(), self.protections.len(), "every protection is read");
                set
            }
            Err(problems) => panic!("the generator wrote a policy that is invalid: {problems:?}\n{self:?}"),
        }
    }
}

/// As text: this is what a failing case is understood by.
impl fmt::Debug for Texts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let texts = self.policies.iter().chain(&self.protections).map(String::as_str);
        for text in texts.chain(self.instance) {
            write!(f, "\n---\n{text}")?;
        }
        write!(f, "\n{:?}\n", self.in_use)
    }
}

/// A condition of the language and values for it.
type Condition = (&'static str, &'static [&'static str]);

const AGES: &[&str] = &["1h", "72h", "5d", "30d", "90d"];
const ID: Condition = ("id", &["1", "[2, 3, 5]"]);
const TOPIC: Condition = ("topic", &["gleaner-keep", r#"["*", "!LEGACY"]"#, r#""!gleaner-*""#, "'/(a.b c|legacy)/'"]);

const NAMES: &[&str] = &[
    "core",
    r#""core*""#,
    r#""*""#,
    r#""**""#,
    r#""!core""#,
    r#""/core|lib.b/""#,
    "acme_core",
    r#""Acme_*""#,
    r#"["**", "!acme.core"]"#,
    r#""lib/**""#,
    r#""!lib/**""#,
];
const VERSIONS: &[&str] = &[
    "1.0",
    r#""*""#,
    r#""1.*""#,
    r#""*-SNAPSHOT""#,
    r#""!1.0""#,
    r#"["*.0", "!2.*"]"#,
    "1.0.0-RC1",
    r#"["*", "!1.0.0.0"]"#,
    r#""{1,2}.0""#,
    r#""dev-*""#,
    r#"'/.*[rR][cC]\.?1/'"#,
];

/// Nothing is held by a type that nobody knows, so only what takes names `swift`.
const TAKEN_TYPES: Condition = (
    "type",
    &["maven", "[npm, maven]", "[ml_model, swift]", "[conan, generic, pypi, helm]", "[composer, nuget, cargo]"],
);
const HELD_TYPES: Condition =
    ("type", &["maven", "[npm, maven]", "ml_model", "[conan, generic, pypi, helm]", "[composer, nuget, cargo]"]);

/// What time does not change.
const TIMELESS: [Condition; 12] = [
    ("name", NAMES),
    ("version", VERSIONS),
    ("version_below", &["2.0.0", "2.0", "v1.1.0", "1.1", "1.0.0-rc2", "1.0-1", "1.0-custom"]),
    ("unknown_age", &["true"]),
    (
        "project",
        &["acme/platform/api", r#""acme/**""#, r#""!other/*""#, r#""ACME/*/*/*""#, "2", r#"["acme/**", 3, "!1"]"#],
    ),
    ("status", &["default", "error", "[default, error]", "[deprecated, hidden]"]),
    ("never_downloaded", &["true"]),
    ("tag", &["beta", "latest", r#""!beta""#, r#"["*", "!latest"]"#]),
    ("channel", &["user/stable", r#""*/testing""#, r#""!user/stable""#, r#""*""#, "_/_", r#"["*", "!_/_"]"#]),
    ("prerelease", &["true", "false"]),
    (
        "built_from",
        &[
            "main",
            r#""feature/*""#,
            r#""!main""#,
            r#"["*", "!feature/*"]"#,
            "{ branch: main }",
            r#"{ tag: "*" }"#,
            r#"{ branch: "!main", tag: "v*" }"#,
            r#"{ merge_request: "*" }"#,
            r#"{ branch: "*", tag: "*", merge_request: "*" }"#,
        ],
    ),
    ("larger_than", &["1kB", "4kB"]),
];
/// Each side has its own.
const TAKEN_SUPERSEDED: [Condition; 2] = [
    ("superseded", &["true", "true, superseded_by: any"]),
    ("superseded_for", &["1h", "5d", "30d", "90d", "5d, superseded_by: any", "30d, superseded_by: any"]),
];
const HELD_SUPERSEDED: Condition = ("superseded", &["false", "false", "false, superseded_by: any"]);
const HOLD_LATER: [Condition; 3] = [("older_than", AGES), ("not_downloaded_for", AGES), ("branch_gone_for", AGES)];
const HOLD_EARLIER: [Condition; 2] = [("younger_than", AGES), ("downloaded_within", AGES)];

fn policy(language: Language) -> impl Strategy<Value = String> {
    let scope = prop_oneof![
        4 => Just("group: acme"),
        1 => Just("group: acme, types: [maven, npm, ml_model, swift]"),
        1 => Just("group: acme, types: [nuget, pypi, cargo, composer, helm]"),
        1 => Just("group: acme, archived: include"),
        1 => Just(r#"group: "*", archived: only"#),
        1 => Just(r#"project: [acme/platform/api, 3], paths: ["acme/**", "!acme/platform/legacy/**"]"#),
        1 => Just(r#"group: acme, paths: ["**", "!acme/platform/api/**"]"#),
        1 => Just(r#"group: acme, topic: ["gleaner-*", "legacy"]"#),
        1 => Just(r#"group: acme, topic: "!gleaner-keep""#),
    ];
    let limits = prop_oneof![
        3 => Just(""),
        3 => Just("limits: { min_age: 1h }\n"),
        1 => Just("limits: { min_age: 30d, max_bytes: 1GB }\n"),
        1 => Just("limits: { max_bytes: 1GB }\n"),
    ];
    let (deletes, keeps, files) = match language {
        Language::Whole => (1..=3, 0..=3, 0..=2),
        Language::OnlyHarsherWithTime => (1..=3, 0..=3, 0..=0),
        Language::Files => (0..=1, 0..=1, 1..=3),
    };
    let rules = (
        rules("delete", delete_rule(language), deletes),
        rules("keep", keep_rule(language), keeps),
        rules("files", files_rule(conditions(FILES.to_vec(), 0..=1)), files),
    );
    (scope, rules, limits).prop_map(|(scope, (delete, keep, files), limits)| {
        format!("version: 1\nscope: {{ {scope} }}\n{delete}{keep}{files}{limits}")
    })
}

/// Policies of nothing but rules on files, for packages whose other properties matter little.
pub(crate) fn files_alone(count: RangeInclusive<usize>) -> impl Strategy<Value = Texts> {
    let min_age = select(vec!["1h", "72h", "5d"]);
    let name = conditions(vec![("name", &["core", r#""*""#])], 0..=1);
    (rules("files", files_rule(name), count), min_age).prop_map(|(files, min_age)| {
        let policy = format!("version: 1\nscope: {{ group: acme }}\n{files}limits: {{ min_age: {min_age} }}\n");
        Texts { policies: vec![policy], protections: Vec::new(), instance: None, in_use: InUseList::none() }
    })
}

/// What a rule on files may ask of their package.
const FILES: [Condition; 11] = [
    ("name", &["core", r#""core*""#, r#""!core""#]),
    ("version", &[r#""*""#, r#""*-SNAPSHOT""#, r#""!1.0""#]),
    ("project", &[r#""acme/**""#, r#""!other/*""#]),
    ("status", &["default", "[error, deprecated]"]),
    ("never_downloaded", &["true"]),
    ("not_downloaded_for", AGES),
    ("downloaded_within", AGES),
    ("built_from", &["main", r#""!main""#, r#"{ tag: "*" }"#]),
    ("branch_gone_for", AGES),
    ("larger_than", &["1kB", "4kB"]),
    ("superseded", &["true"]),
];

/// A rule on files, with these conditions on their package.
fn files_rule(conditions: impl Strategy<Value = Vec<String>>) -> impl Strategy<Value = Vec<String>> {
    let file = select(vec![
        r#"file: "*", keep_newest: 0"#,
        r#"file: ["*.jar", "!*-sources.jar"], keep_newest: 0"#,
        r#"file: "*-2.jar", keep_newest: 0"#,
        r#"file: notes.txt, keep_newest: 0"#,
        r#"file: ["*.pom", "*.asc", maven-metadata.xml], keep_newest: 0"#,
        r#"file: "*.jar", keep_newest: 1"#,
        r#"file: '/.*-[0-9]+\.jar/', keep_newest: 2"#,
        r#"file: ["*", "!*-2.jar"], keep_newest: 1"#,
        r#"file: ["**/*.txt", "!debug/**"], keep_newest: 0"#,
        r#"file: "debug/*", keep_newest: 0"#,
        r#"file: ["**", "!**/notes.txt"], keep_newest: 1"#,
        "keep_newest: 1",
        "keep_newest: 1",
        "keep_newest: 2",
        "keep_newest: 4",
    ]);
    let older_than = prop::option::of(select(AGES).prop_map(|age| format!("older_than: {age}")));
    let types = select(vec![
        "type: maven",
        "type: maven, keep_newest_per: name",
        "type: generic",
        "type: generic, keep_newest_per: package",
    ]);
    (types, file, older_than, conditions).prop_map(|(of_type, file, older_than, conditions)| {
        let age_and_rest = older_than.into_iter().chain(conditions);
        [of_type.to_owned(), file.to_owned()].into_iter().chain(age_and_rest).collect()
    })
}

/// What the instance file says of download dates.
fn instance() -> impl Strategy<Value = Option<&'static str>> {
    prop_oneof![
        4 => Just(None),
        1 => select(vec![
            "version: 1\ninstance: { downloads: { tracked_since: 2026-05-01 } }\n",
            "version: 1\ninstance: { downloads: { tracked_since: 2026-06-12 } }\n",
            "version: 1\ninstance: { downloads: { complete: false } }\n",
            "version: 1\ninstance: { downloads: { complete: false, tracked_since: 2026-03-01 } }\n",
        ])
        .prop_map(Some),
    ]
}

fn protection(language: Language) -> impl Strategy<Value = String> {
    let reach = select(vec![
        None,
        Some("group: ACME/platform"),
        Some("group: [acme, nobody], subgroups: false"),
        Some("group: acme/platform, subgroups: false"),
        Some("project: [other/Tool, 2]"),
        Some("project: 3"),
    ]);
    let narrower = subsequence(
        vec![r#"paths: ["acme/**", "!acme/*/api"]"#, "types: [maven, npm]", r#"topic: ["*", "!legacy"]"#],
        0..=1,
    );
    let scope = (reach, narrower).prop_map(|(reach, narrower)| {
        let lines: Vec<&str> = reach.into_iter().chain(narrower).collect();
        if lines.is_empty() { String::new() } else { format!("scope: {{ {} }}\n", lines.join(", ")) }
    });
    let rule = prop_oneof![3 => protect_rule(language), 1 => from_rule()];
    (scope, rules("protect", rule, 1..=2)).prop_map(|(scope, protect)| format!("version: 1\n{scope}{protect}"))
}

/// A list of rules under its key.
fn rules(
    key: &'static str,
    rule: impl Strategy<Value = Vec<String>>,
    count: RangeInclusive<usize>,
) -> impl Strategy<Value = String> {
    vec(rule, count).prop_map(move |rules| match rules.as_slice() {
        [] => String::new(),
        rules => {
            let lines: String = rules.iter().map(|rule| format!("  - {{ {} }}\n", rule.join(", "))).collect();
            format!("{key}:\n{lines}")
        }
    })
}

fn delete_rule(language: Language) -> impl Strategy<Value = Vec<String>> {
    let mut menu = [&[TAKEN_TYPES], &TIMELESS[..], &TAKEN_SUPERSEDED, &HOLD_LATER].concat();
    if language == Language::Whole {
        menu.extend(HOLD_EARLIER);
    }
    let allow_latest = prop_oneof![Just(None), Just(Some("allow_latest: true"))];
    let allow_released = prop_oneof![2 => Just(None), 1 => Just(Some("allow_released: true"))];
    let other_indexes = prop_oneof![Just(None), Just(Some("other_indexes: true"))];
    (conditions(menu, 1..=2), allow_latest, allow_released, other_indexes).prop_map(
        |(conditions, allow_latest, allow_released, other_indexes)| {
            [allow_latest, allow_released, other_indexes].into_iter().fold(conditions, with)
        },
    )
}

fn keep_rule(language: Language) -> impl Strategy<Value = Vec<String>> {
    prop_oneof![2 => newest_rule(language), 1 => protect_rule(language)]
}

fn newest_rule(language: Language) -> impl Strategy<Value = Vec<String>> {
    let mut menu = [&[HELD_TYPES], &TIMELESS[..], &[ID, HELD_SUPERSEDED, TOPIC]].concat();
    if language == Language::Whole {
        menu.extend([&HOLD_LATER[..], &HOLD_EARLIER].concat());
    }
    let newest = select(vec![
        "newest: 1",
        "newest: 2",
        "newest: 3",
        "newest: 1, by: created",
        "newest: 2, by: created",
        "newest: 1, by: content",
        "newest: 2, by: content",
        "newest: 1, by: version",
        "newest: 2, by: version",
        "newest: 3, by: version",
    ]);
    let per = prop_oneof![
        2 => Just(None),
        2 => select(vec![
            "newest_per: ref, last_series: 1",
            "newest_per: ref, last_series: 2",
            "newest_per: major, last_series: 1",
            "newest_per: minor, last_series: 2",
            r"newest_per: '/(.*?)(?:-?rc.*)?/', last_series: 1",
        ])
        .prop_map(Some),
        1 => select(vec!["newest_per: major", "newest_per: minor", "newest_per: patch"]).prop_map(Some),
        2 => Just(Some("newest_per: ref")),
        1 => Just(Some(r"newest_per: '/([0-9]+)\..*/'")),
        1 => Just(Some(r"newest_per: '/(.*?)(?:-?rc.*)?/'")),
    ];
    (conditions(menu, 0..=2), newest, per, hold())
        .prop_map(|(conditions, newest, per, hold)| with(with(with(conditions, Some(newest)), per), hold))
}

/// A rule that saves all that it matches.
fn protect_rule(language: Language) -> impl Strategy<Value = Vec<String>> {
    let mut menu = [&[HELD_TYPES], &TIMELESS[..], &HOLD_EARLIER, &[ID, HELD_SUPERSEDED, TOPIC]].concat();
    if language == Language::Whole {
        menu.extend(HOLD_LATER);
    }
    (conditions(menu, 1..=3), hold()).prop_map(|(conditions, hold)| with(conditions, hold))
}

/// A rule that saves what is in use.
fn from_rule() -> impl Strategy<Value = Vec<String>> {
    let menu = vec![HELD_TYPES, ("name", NAMES), ("status", &["default"]), ("younger_than", AGES)];
    (conditions(menu, 0..=1), hold())
        .prop_map(|(conditions, hold)| with(with(conditions, Some("from: in-use.txt, max_age: 2d")), hold))
}

/// What keep and protect rules may have beside their conditions.
fn hold() -> impl Strategy<Value = Option<&'static str>> {
    prop_oneof![
        5 => Just(None),
        1 => Just(Some(r#"note: "Release 1 is under audit""#)),
        3 => select(vec!["until: 2026-06-14", "until: 2026-06-15", "until: 2026-06-16"]).prop_map(Some),
    ]
}

/// So many different conditions from the menu, each with one of its values.
fn conditions(menu: Vec<Condition>, count: RangeInclusive<usize>) -> impl Strategy<Value = Vec<String>> {
    subsequence(menu, count).prop_flat_map(|chosen| {
        chosen
            .into_iter()
            .map(|(key, values)| select(values).prop_map(move |value| format!("{key}: {value}")))
            .collect::<Vec<_>>()
            .prop_map(with_each_key_once)
    })
}

/// What two conditions bring along stands in a rule once.
fn with_each_key_once(mut conditions: Vec<String>) -> Vec<String> {
    const COMPANION: &str = ", superseded_by: any";
    let with = conditions.iter().rposition(|condition| condition.ends_with(COMPANION));
    for (index, condition) in conditions.iter_mut().enumerate() {
        if Some(index) != with {
            *condition = condition.replace(COMPANION, "");
        }
    }
    conditions
}

fn with(mut rule: Vec<String>, line: Option<&str>) -> Vec<String> {
    rule.extend(line.map(str::to_owned));
    rule
}
