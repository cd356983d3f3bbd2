//! One value at a time: what of a fault shows in a file by itself, the schema finds as the reader does; and it refuses
//! nothing that the reader takes.

mod right;
mod wrong;

use gleaner::policy::PolicySet;
use gleaner::yaml::Source;
use jiff::tz::TimeZoneDatabase;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use crate::schema::Editor;
use right::RIGHT;
use wrong::WRONG;

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
    let editor = Editor::new();
    for (place, pieces) in RIGHT {
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
    let editor = Editor::new();
    for (place, pieces) in WRONG {
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
