//! One value at a time: what of a fault shows in a file by itself, the schema finds as the reader does; and it refuses
//! nothing that the reader takes.

use gleaner::policy::PolicySet;
use gleaner::yaml::Source;
use jiff::tz::TimeZoneDatabase;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use crate::schema::Editor;

/// Where a piece of a file stands: the rest of the file is valid.
const TOP: &str = "{ version: 1, scope: { group: acme }, delete: [{ name: a }], HERE }";
const SCOPE: &str = "{ version: 1, scope: { HERE }, delete: [{ name: a }] }";
const PROTECTION_SCOPE: &str = "{ version: 1, scope: { HERE }, protect: [{ name: a }] }";
const DELETE: &str = "{ version: 1, scope: { group: acme }, delete: [{ HERE }] }";
const KEEP: &str = "{ version: 1, scope: { group: acme }, delete: [{ name: a }], keep: [{ HERE }] }";
const PROTECT: &str = "{ version: 1, protect: [{ HERE }] }";
const FILES: &str = "{ version: 1, scope: { group: acme }, files: [{ HERE }] }";
const LIMITS: &str = "{ version: 1, scope: { group: acme }, delete: [{ name: a }], limits: { HERE } }";
const INSTANCE: &str = "{ version: 1, instance: { HERE } }";

#[test]
fn both_take_what_is_right() {
    let pieces: [(&str, &[&str]); 9] = [
        (
            TOP,
            &[
                "name: 2024",
                "description: 4711",
                "mode: delete",
                "timezone: UTC",
                "keep: [{ newest: 1 }]",
                "limits: {}",
                "files: [{ type: maven, keep_newest: 1 }]",
            ],
        ),
        (
            SCOPE,
            &[
                "group: 42",
                "group: '42'",
                "group: [acme, 42]",
                "group: '*'",
                "group: ['*']",
                "group: größe/api",
                "project: acme/api",
                "project: ['42', 7]",
                "group: acme, archived: only, types: npm, paths: acme/**, subgroups: false",
                "group: acme, types: [oci]",
                "group: acme, topic: backend",
                "project: acme/api, topic: ['gleaner-*', '!legacy', 'two words']",
            ],
        ),
        (
            PROTECTION_SCOPE,
            &[
                "topic: backend",
                "types: npm",
                "paths: ['!acme/legacy']",
                "project: 42",
                "group: acme, subgroups: false",
            ],
        ),
        (
            DELETE,
            &[
                "version: 1.10",
                "version: [1, 1.5, '1.*']",
                "version: '/[0-9]+\\.x/'",
                "version: '/1|2/'",
                "version: '/a\\$/'",
                "version: '/[$]a/'",
                "version: '\\**'",
                "version: '[*]*'",
                "version: '[]a]'",
                "name: '!@acme/*'",
                "project: 'acme/**/api'",
                "name: '**'",
                "status: error, allow_released: true, allow_latest: false, other_indexes: true",
                "older_than: 1d 12h, younger_than: ' 1.5y '",
                "prerelease: false",
                "never_downloaded: true",
                "unknown_age: true",
                "larger_than: 2 GB",
                "built_from: '!main', tag: beta, channel: '*/testing'",
                "built_from: { branch: '!main', tag: ['v*', '/[0-9]+/'], merge_request: '*' }",
                "built_from: { tag: 1.10 }",
                "superseded: true, superseded_by: any",
                "superseded_for: 14d, superseded_by: own",
                "version_below: 3.0.0",
                "version_below: 3.10",
                "version_below: 3",
                "version_below: 1!2.0~rc1-1:4^git+b7",
                "version_below: cci.20200101",
                "version_below: 3.x-dev",
            ],
        ),
        (
            KEEP,
            &[
                "newest: 3",
                "newest: 3, by: version, newest_per: minor",
                "newest: 1, newest_per: '/([0-9]+)\\..*/'",
                "newest: 1, newest_per: ref, last_series: 10",
                "newest: 1, newest_per: '/v?(?P<major>[0-9]+)(?:\\..*)?/'",
                "id: 48213, note: 4711, until: 2027-06-30",
                "id: [1, 2]",
                "newest: 3, newest_per: patch, prerelease: true, superseded: false",
                "superseded: false, superseded_by: any",
            ],
        ),
        (
            PROTECT,
            &[
                "id: 1",
                "superseded: false",
                "downloaded_within: 30d, note: in use",
                "from: in-use.txt, max_age: 2d",
                "from: a, max_age: 2d",
                "from: '/in use/cluster:1.json', max_age: 1d 12h, name: a, until: 2027-06-30",
                "from: ../yaml/in-use, max_age: 2d",
            ],
        ),
        (
            FILES,
            &[
                "type: generic, keep_newest: 3",
                "type: generic, keep_newest: 3, keep_newest_per: package",
                "type: generic, keep_newest: 3, keep_newest_per: name",
                "type: maven, keep_newest: 3, keep_newest_per: name",
                "type: maven, keep_newest: 0, file: '*.war'",
                "type: maven, keep_newest: 2, older_than: 14d, version: '*-SNAPSHOT', tag: a, larger_than: 1GB",
                "type: maven, keep_newest: 2, superseded_for: 14d, superseded_by: any",
            ],
        ),
        (LIMITS, &["max_deletions: 0", "max_percent: 100", "max_bytes: 0B", "min_age: 0s", "max_bytes: 1TiB"]),
        (
            INSTANCE,
            &[
                "url: 'HTTPS://gitlab.acme.example:8443/gitlab/api/v4/'",
                "paused: true",
                "freeze: [{ from: 2026-12-20, to: 2027-01-06, note: x }]",
                "freeze: [{ from: 2026-12-20T18:00+01, to: '2026-12-20 19:00:00.5Z' }]",
                "downloads: { tracked_since: 2023-01-01 }",
                "require: legal-hold",
                "ceiling: { max_percent: 0 }",
            ],
        ),
    ];
    let editor = Editor::new();
    for (place, pieces) in pieces {
        for piece in pieces {
            let file = place.replace("HERE", piece);
            if let Err(problems) = read(&file) {
                panic!("{file}\n{problems}");
            }
            if let Err(problems) = editor.check(&file) {
                panic!("{file}\n{problems}");
            }
        }
    }
}

#[test]
fn both_refuse_what_is_wrong_by_itself() {
    let pieces: [(&str, &[&str]); 9] = [
        (
            TOP,
            &[
                "name: Acme",
                "name: ''",
                "name: a_b",
                "description: ''",
                "description: [a]",
                "mode: dryrun",
                "schedule: '0 0 30 2 * *'",
                "schedule: '@dayly'",
                "schedule: '0 24 * * *'",
                "schedule: '60 0 * * *'",
                "schedule: '0 0 32 * *'",
                "schedule: '0 0 * 13 *'",
                "schedule: '0 0 * * 8'",
                "schedule: '0,30, 2 * * *'",
                "timezone: ''",
                "timezone: '+02:00'",
                "keep: []",
                "keep: { newest: 3 }",
                "files: []",
                "limit: {}",
                "protect: [{ name: a }]",
                "instance: { paused: true }",
            ],
        ),
        (
            SCOPE,
            &[
                "",
                "group: acme, project: acme/api",
                "group: []",
                "group: 0",
                "group: '0'",
                "group: ['*', acme]",
                "group: 'acme/*'",
                "group: /acme",
                "group: acme/",
                "group: https://gitlab.acme.example/acme",
                "group: acme platform",
                "project: api",
                "project: '*'",
                "group: acme, archived: true",
                "group: acme, subgroups: yes",
                "group: acme, types: 'maven*'",
                "group: acme, types: Maven",
                "group: acme, paths: /acme",
                "group: acme, paths: acme/",
                "group: acme, paths: acme**",
                "types: [npm]",
                "topic: backend",
                "group: acme, topic: []",
                "group: acme, topic: 'a**b'",
            ],
        ),
        (
            PROTECTION_SCOPE,
            &[
                "topic: ''",
                "",
                "subgroups: true",
                "group: 42",
                "group: '42'",
                "group: '*'",
                "types: npm, archived: only",
            ],
        ),
        (
            DELETE,
            &[
                "",
                "allow_latest: true",
                "topic: a",
                "older_than: 3d, topic: a",
                "allow_released: true, allow_latest: true, other_indexes: true",
                "name: a, newest: 3",
                "id: 3",
                "name: a, note: b",
                "name: a, until: 2027-01-01",
                "name: a, nmae: b",
                "status: eror",
                "status: [default, gone]",
                "status: []",
                "type: {}",
                "version: ''",
                "version: '!'",
                "version: '!!a'",
                "version: ' a'",
                "version: 'a '",
                "version: [[a]]",
                "version: '**'",
                "version: 'a**b'",
                "version: '[a'",
                "version: 'a\\'",
                "version: '/a'",
                "version: '//'",
                "version: '/'",
                "version: '/^a/'",
                "version: '/a$/'",
                "version: '!/a$/'",
                "version: '/^/'",
                "name: 'a**'",
                "name: 'a/**b'",
                "name: 'a/'",
                "project: 'a[b'",
                "older_than: 30",
                "older_than: 6m",
                "older_than: 1y 6M",
                "older_than: -3d",
                "older_than: 3 fortnights",
                "older_than: 500ms",
                "older_than: [3d]",
                "older_than: ''",
                "never_downloaded: false",
                "unknown_age: false",
                "version_below: '3.*'",
                "version_below: 3.x",
                "version_below: 3.X.1",
                "version_below: newest",
                "version_below: '^3.0'",
                "version_below: '>3.0'",
                "version_below: [3.0.0]",
                "version_below: ''",
                "version_below: true",
                "version_below: 3.0 beta",
                "superseded: false",
                "superseded_by: any",
                "superseded_by: any, name: a",
                "superseded: true, superseded_by: all",
                "prerelease: maybe",
                "name: a, allow_latest: 'true'",
                "larger_than: 5",
                "larger_than: 1.5GB",
                "larger_than: 50gb",
            ],
        ),
        (
            KEEP,
            &[
                "",
                "note: a, until: 2027-01-01",
                "by: version",
                "name: a, by: version",
                "name: a, newest_per: major",
                "superseded: true",
                "superseded_for: 14d",
                "name: a, superseded_for: 14d",
                "name: a, superseded_by: any",
                "newest: 0",
                "newest: '3'",
                "newest: [3]",
                "newest: 3, by: date",
                "newest: 3, newest_per: branch",
                "newest: 3, newest_per: '/[0-9]+/'",
                "newest: 3, newest_per: '/(?:[0-9]+)/'",
                "newest: 3, newest_per: '/\\([0-9]+\\)/'",
                "name: a, allow_latest: true",
                "name: a, allow_released: true",
                "name: a, other_indexes: true",
                "name: a, until: 31.12.2026",
                "name: a, until: 2026-02-30",
                "name: a, until: 2026-1-1",
                "name: a, until: 2026-01-01T00:00:00Z",
                "id: 0",
                "id: abc",
                "id: '3'",
            ],
        ),
        (
            PROTECT,
            &[
                "name: a, last_series: 2",
                "topic: ''",
                "topic: '**/a'",
                "",
                "newest: 3",
                "name: a, by: created",
                "name: a, allow_latest: true",
                "note: a",
                "from: in-use.txt",
                "max_age: 2d",
                "name: a, max_age: 2d",
                "from: '', max_age: 2d",
                "from: /, max_age: 2d",
                "from: in-use/, max_age: 2d",
                "from: ' in-use.txt', max_age: 2d",
                "from: 'https://acme.example/in-use.txt', max_age: 2d",
                "from: in-use.yaml, max_age: 2d",
                "from: in-use.Yml, max_age: 2d",
                "from: [in-use.txt], max_age: 2d",
                "from: in-use.txt, max_age: 2m",
            ],
        ),
        (
            FILES,
            &[
                "",
                "type: maven",
                "keep_newest: 2",
                "type: npm, keep_newest: 2",
                "type: [maven], keep_newest: 2",
                "type: maven, keep_newest: 0",
                "type: maven, keep_newest: -1",
                "type: maven, keep_newest: 1, keep_newest_per: package",
                "type: generic, keep_newest: 1, keep_newest_per: folder",
                "type: generic, keep_newest_per: package",
                "type: maven, keep_newest: 1, younger_than: 3d",
                "type: maven, keep_newest: 1, id: 3",
                "type: maven, keep_newest: 1, newest: 3",
                "type: maven, keep_newest: 1, file: ''",
            ],
        ),
        (
            LIMITS,
            &[
                "max_deletions: many",
                "max_deletions: -1",
                "max_deletions: 1.5",
                "max_percent: 30%",
                "max_percent: 101",
                "max_percent_per_project: -1",
                "max_bytes: 50",
                "min_age: 3",
                "max_delete: 3",
            ],
        ),
        (
            INSTANCE,
            &[
                "",
                "url: gitlab.acme.example",
                "url: 'https://user@gitlab.acme.example'",
                "url: 'https://gitlab.acme.example/?a'",
                "url: 'https://gitlab.acme.example/#a'",
                "paused: yes",
                "freeze: []",
                "freeze: { from: 2026-12-20, to: 2027-01-06 }",
                "freeze: [{ from: 2026-12-20 }]",
                "freeze: [{ to: 2026-12-20 }]",
                "freeze: [{ from: 2026-12-20T18:00:00, to: 2027-01-01 }]",
                "freeze: [{ from: 2026-02-30, to: 2027-01-01 }]",
                "freeze: [{ from: '2026-12-20T18:00:00+01:00[Europe/Berlin]', to: 2027-01-01 }]",
                "freeze: [2026-12-20]",
                "require: []",
                "require: [Legal Hold]",
                "downloads: {}",
                "downloads: { tracked_since: 2023 }",
                "downloads: { complete: no }",
                "ceiling: {}",
                "ceiling: { max_bytes: 5GB }",
                "complete: true",
            ],
        ),
    ];
    let editor = Editor::new();
    for (place, pieces) in pieces {
        for piece in pieces {
            let file = place.replace("HERE", piece);
            assert!(read(&file).is_err(), "the reader takes {file}");
            assert!(!editor.accepts(&file), "the schema takes {file}");
        }
    }
}

#[test]
fn the_schema_knows_every_time_zone() {
    let editor = Editor::new();
    for zone in TimeZoneDatabase::bundled().available() {
        let file = TOP.replace("HERE", &format!("timezone: {zone}"));
        assert!(editor.accepts(&file), "{zone}");
    }
}

/// Pieces of the values of a key; `_` is a space.
const GLOB: &str = r"a 1 . * ** ? / [ ] [a-z] {a, } ! \ ^ $ ( ) _ ,";
const AGE: &str = "1 30 1.5 _ d h min mins hours w wks months month y yrs s m";
const SIZE: &str = "1 50 _ B kB KB MB GB TB PB KiB MiB GiB TiB PiB";
const CRON: &str = "* */5 0 30 1-5 1,2 59 23 31 12 7 MON jan L 15W MON#2 FRIL 5L ? +1";
const MOMENT: &str = "2026-12-31 2026-02-30 T _ 18 : 30 00 .5 Z +01:00 -0330 +01";
const PATH: &str = "acme 42 0 / größe _a - . * _ :";
const URL: &str = "https:// http:// HTTP:// gitlab.acme.example :8443 / gitlab api/v4 ? # _";

/// A key, and a text of the pieces that its value may have, so that some are valid.
fn texts() -> impl Strategy<Value = (&'static str, String)> {
    let of = |pieces: &'static str, count: std::ops::RangeInclusive<usize>, joint: &'static str| {
        let pieces: Vec<String> = pieces.split(' ').map(|piece| piece.replace('_', " ")).collect();
        vec(select(pieces), count).prop_map(move |parts| parts.join(joint))
    };
    prop_oneof![
        4 => (select(&["version", "name", "project", "tag"][..]), of(GLOB, 1..=5, "")),
        2 => (Just("older_than"), of(AGE, 1..=5, "")),
        1 => (Just("larger_than"), of(SIZE, 1..=3, "")),
        2 => (Just("schedule"), of(CRON, 5..=5, " ")),
        2 => (Just("from"), of(MOMENT, 1..=7, "")),
        1 => (select(&["group", "scope.project", "protection.group"][..]), of(PATH, 1..=4, "")),
        1 => (Just("url"), of(URL, 1..=4, "")),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(1500) })]

    #[test]
    fn the_schema_refuses_nothing_that_the_reader_takes((key, text) in texts()) {
        thread_local!(static EDITOR: Editor = Editor::new());
        let place = match key {
            "schedule" => TOP,
            "group" | "scope.project" => SCOPE,
            "protection.group" => PROTECTION_SCOPE,
            "from" | "url" => INSTANCE,
            _ => DELETE,
        };
        // A text of JSON's is one of YAML's, whatever is in it.
        let text = serde_json::to_string(&text).unwrap();
        let piece = match key {
            "from" => format!("freeze: [{{ from: {text}, to: 9000-01-01 }}]"),
            key => format!("{}: {text}", key.rsplit('.').next().unwrap()),
        };
        let file = place.replace("HERE", &piece);
        if read(&file).is_ok() {
            prop_assert_eq!(EDITOR.with(|editor| editor.check(&file)), Ok(()), "{}", file);
        }
    }
}

/// What the reader says to a file that stands beside a policy.
fn read(text: &str) -> Result<(), String> {
    let policy = Source::new("beside.yaml", "{ version: 1, scope: { group: acme }, delete: [{ name: a }] }");
    let hold = Source::new("legal-hold.yaml", "{ version: 1, protect: [{ name: a }] }");
    let sources = [Source::new("file.yaml", text), policy, hold];
    PolicySet::parse(&sources).map(drop).map_err(|errors| errors.to_string())
}
