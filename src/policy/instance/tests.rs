use jiff::tz::TimeZone;
use proptest::prelude::*;

use super::*;
use crate::policy::PolicySet;
use crate::yaml::{Problems, Source};

const POLICY: &str = "version: 1\nscope: { group: acme }\ndelete: [{ status: error }]\n";

fn read(instance: &str) -> Result<Instance, Problems> {
    let text = format!("version: 1\ninstance:\n  {}\n", instance.replace('\n', "\n  "));
    let sources = [Source::new("instance.yaml", text), Source::new("policy.yaml", POLICY)];
    PolicySet::parse(&sources).map(|(set, _)| set.instance.unwrap())
}

fn frozen(window: &str, now: &str) -> bool {
    let instance = read(&format!("freeze: [{{ {window} }}]")).unwrap_or_else(|errors| panic!("{errors}"));
    instance.frozen(now.parse().unwrap()).is_some()
}

#[test]
fn what_a_freeze_covers() {
    let days = "from: 2026-12-20, to: 2026-12-31";
    let day = "from: 2026-12-24, to: 2026-12-24";
    let instants = "from: 2026-12-24T18:00:00+01:00, to: 2026-12-26T06:00:00+01:00";
    let mixed = "from: 2026-12-24T18:00:00Z, to: 2026-12-24";
    let for_ever = "from: 2026-12-24, to: 9999-12-31";
    let table = [
        (days, "2026-12-19T23:59:59.999999999Z", false),
        (days, "2026-12-20T00:00:00Z", true),
        (days, "2026-12-31T00:00:00Z", true),
        (days, "2026-12-31T23:59:59.999999999Z", true),
        (days, "2027-01-01T00:00:00Z", false),
        (day, "2026-12-23T23:59:59Z", false),
        (day, "2026-12-24T00:00:00Z", true),
        (day, "2026-12-24T23:59:59Z", true),
        (day, "2026-12-25T00:00:00Z", false),
        (instants, "2026-12-24T16:59:59Z", false),
        (instants, "2026-12-24T17:00:00Z", true),
        (instants, "2026-12-26T04:59:59Z", true),
        (instants, "2026-12-26T05:00:00Z", false),
        (mixed, "2026-12-24T17:59:59Z", false),
        (mixed, "2026-12-24T18:00:00Z", true),
        (mixed, "2026-12-24T23:59:59Z", true),
        (mixed, "2026-12-25T00:00:00Z", false),
        (for_ever, "2026-12-24T00:00:00Z", true),
        (for_ever, "9999-01-01T00:00:00Z", true),
    ];
    for (window, now, expected) in table {
        assert_eq!(frozen(window, now), expected, "{window} at {now}");
    }
}

#[test]
fn of_several_freezes_the_one_that_ends_last_is_told() {
    let instance = read(
        "freeze:\n- { from: 2026-12-01, to: 2026-12-31, note: long }\n- { from: 2026-12-24, to: 2026-12-26, note: short }",
    );
    let instance = instance.unwrap_or_else(|errors| panic!("{errors}"));
    let note = |now: &str| instance.frozen(now.parse().unwrap()).and_then(|freeze| freeze.note.as_deref());
    assert_eq!(note("2026-12-25T12:00:00Z"), Some("long"));
    assert_eq!(note("2026-11-30T12:00:00Z"), None);
}

proptest! {
    /// A freeze by days and the same one by instants hold at the same times, and a second beside each end decides.
    #[test]
    fn days_are_the_instants_that_they_have(first in 0_i64..20_000, length in 0_i64..400) {
        let day = |number: i64| {
            Timestamp::from_second(number * 86_400).unwrap().to_zoned(TimeZone::UTC).date()
        };
        let (last, behind) = (first + length, first + length + 1);
        let days = format!("from: {}, to: {}", day(first), day(last));
        let instants = format!("from: {}T00:00:00Z, to: {}T00:00:00Z", day(first), day(behind));
        for window in [days, instants] {
            let freeze = &read(&format!("freeze: [{{ {window} }}]")).unwrap().freeze[0];
            for (second, expected) in
                [(first * 86_400 - 1, false), (first * 86_400, true), (behind * 86_400 - 1, true), (behind * 86_400, false)]
            {
                prop_assert_eq!(freeze.holds(Timestamp::from_second(second).unwrap()), expected, "{} at {}", window, second);
            }
        }
    }
}

#[test]
fn the_ceiling_brings_defaults_down_and_leaves_what_is_below() {
    let with = |limits: &str| {
        let instance = "version: 1\ninstance: { ceiling: { max_deletions: 500, max_percent: 20, min_age: 96h } }\n";
        let sources =
            [Source::new("instance.yaml", instance), Source::new("policy.yaml", format!("{POLICY}limits: {limits}\n"))];
        PolicySet::parse(&sources).map(|(set, _)| {
            let limits = &set.policies[0].limits;
            (limits.max_deletions, limits.max_percent, limits.min_age.to_string())
        })
    };
    let table = [
        ("{ max_percent_per_project: 100 }", (500, 20, "96h")),
        ("{ max_deletions: 499, max_percent: 19, min_age: 97h }", (499, 19, "97h")),
        ("{ max_deletions: 500, max_percent: 20, min_age: 4d }", (500, 20, "4d")),
    ];
    for (limits, (deletions, percent, age)) in table {
        assert_eq!(with(limits).unwrap(), (deletions, percent, age.to_owned()), "{limits}");
    }
    for limits in ["{ max_deletions: 501 }", "{ max_percent: 21 }", "{ min_age: 95h }"] {
        assert!(with(limits).unwrap_err().to_string().contains("beyond the ceiling"), "{limits}");
    }
}

/// A ceiling above the defaults gives no policy more than the defaults.
#[test]
fn a_ceiling_is_no_allowance() {
    let instance = "version: 1\ninstance: { ceiling: { max_deletions: 5000, max_percent: 90, min_age: 1h } }\n";
    let sources = [Source::new("instance.yaml", instance), Source::new("policy.yaml", POLICY)];
    let (set, _) = PolicySet::parse(&sources).unwrap();
    assert_eq!(set.policies[0].limits, crate::policy::Limits::default());
}

#[test]
fn the_instance_file_is_found_whatever_the_others_are() {
    let paused = Source::new("pause.yaml", "version: 1\ninstance: { paused: true }\n");
    let others = [
        Source::new("a.yaml", "version: 1\nscope: [\n"),
        Source::new("b.yaml", "version: 7\ndelete: everything\n"),
        Source::new("c.yaml", ""),
        Source::new("d.yaml", "version: 1\ndescription: the instance file\n"),
    ];
    let sources: Vec<Source> = others.iter().cloned().chain([paused]).collect();
    assert!(Instance::find(&sources, None).unwrap().unwrap().paused);
    assert_eq!(Instance::find(&others, None), Ok(None));
    // A file that can't be read any more is still the instance file, and one that became another kind is not.
    assert!(Instance::find(&others, Some("a.yaml")).is_err());
    assert!(Instance::find(&others, Some("c.yaml")).is_err());
    assert_eq!(Instance::find(&others, Some("b.yaml")), Ok(None));
    for broken in ["instance: {paused: tru", "{version: 1, x: [}", "version: 1\n\"instance\": [}", "{instance: ]"] {
        let found = Instance::find(&[Source::new("new.yaml", broken)], None);
        assert_eq!(found.is_err(), broken.contains("instance"), "{broken}");
    }
    let two = [
        Source::new("a.yaml", "version: 1\ninstance: { paused: false }\n"),
        Source::new("b.yaml", "version: 1\ninstance: { paused: false }\n"),
    ];
    assert!(Instance::find(&two, Some("a.yaml")).is_err());
}

#[test]
fn what_is_missing_is_told_by_the_names_of_the_others() {
    let instance = read("require: [policy]").unwrap();
    let here = Source::new("instance.yaml", "name: policy");
    let table = [
        (Source::new("policy.yaml", POLICY), None),
        (Source::new("policy.yaml", "version: ["), None),
        (Source::new("other.yaml", "name: policy\ndelete: nonsense"), None),
        (Source::new("policy.yaml", "name: other"), Some("policy")),
        (Source::new("other.yaml", POLICY), Some("policy")),
    ];
    for (other, expected) in table {
        let sources = [here.clone(), other];
        assert_eq!(instance.missing(&sources), expected, "{sources:?}");
    }
}
