//! When the policies run next, by their schedules.

use jiff::Timestamp;

use crate::policy::{Policy, Schedule};

/// How many runs of each policy are told: enough to see a week-end passed over, or the clocks change.
const RUNS: usize = 3;

/// Lists the next runs of every policy after `now`, each in the zone of its schedule; nothing where none has a
/// schedule.
pub(super) fn next_runs(policies: &[Policy], now: Timestamp) -> String {
    if policies.iter().all(|policy| policy.schedule.is_none()) {
        return String::new();
    }
    let mut text = "next runs:\n".to_owned();
    for Policy { name, schedule, .. } in policies {
        match schedule {
            Some(schedule) => text.push_str(&of_schedule(name, schedule, now)),
            None => text.push_str(&format!("  {name}: no schedule\n")),
        }
    }
    text
}

fn of_schedule(policy: &str, schedule: &Schedule, now: Timestamp) -> String {
    let mut text = format!("  {policy}: {}\n", schedule.in_words());
    let zone = &schedule.zone;
    for run in schedule.fires_after(now).take(RUNS) {
        text.push_str(&format!("    {} {zone}\n", run.strftime("%a %Y-%m-%d %H:%M %:z")));
    }
    text
}

#[cfg(test)]
mod tests {
    use crate::policy::PolicySet;
    use crate::yaml::Source;

    fn next_runs(policies: &[(&str, &str)], now: &str) -> String {
        let source = |(name, schedule): &(&str, &str)| {
            let text = format!("version: 1\nscope: {{ group: acme }}\n{schedule}\ndelete: [{{ status: error }}]\n");
            Source::new(format!("{name}.yaml"), text)
        };
        let (set, _) = PolicySet::parse(&policies.iter().map(source).collect::<Vec<_>>()).unwrap();
        super::next_runs(&set.policies, now.parse().unwrap())
    }

    #[test]
    fn three_runs_of_each_in_its_own_zone() {
        let policies = [
            ("a", "schedule: \"30 2 * * 1-5\"\ntimezone: Europe/Berlin"),
            ("b", "schedule: \"@hourly\""),
            ("c", "description: by hand"),
            ("d", "schedule: \"0 0 * * 0\"\ntimezone: America/New_York"),
        ];
        let expected = "\
next runs:
  a: at 02:30, Monday to Friday
    Fri 2026-11-06 02:30 +01:00 Europe/Berlin
    Mon 2026-11-09 02:30 +01:00 Europe/Berlin
    Tue 2026-11-10 02:30 +01:00 Europe/Berlin
  b: every hour
    Thu 2026-11-05 13:00 +00:00 UTC
    Thu 2026-11-05 14:00 +00:00 UTC
    Thu 2026-11-05 15:00 +00:00 UTC
  c: no schedule
  d: at 00:00 on Sunday
    Sun 2026-11-08 00:00 -05:00 America/New_York
    Sun 2026-11-15 00:00 -05:00 America/New_York
    Sun 2026-11-22 00:00 -05:00 America/New_York
";
        assert_eq!(next_runs(&policies, "2026-11-05T12:00:00Z"), expected);
    }

    #[test]
    fn the_clocks_change() {
        let policy = [("a", "schedule: \"30 2 * * *\"\ntimezone: Europe/Berlin")];
        // The hour that is jumped over is made up for, and the hour that comes twice runs once.
        let spring = "\
next runs:
  a: at 02:30 every day
    Sat 2026-03-28 02:30 +01:00 Europe/Berlin
    Sun 2026-03-29 03:00 +02:00 Europe/Berlin
    Mon 2026-03-30 02:30 +02:00 Europe/Berlin
";
        assert_eq!(next_runs(&policy, "2026-03-27T12:00:00Z"), spring);
        let autumn = "\
next runs:
  a: at 02:30 every day
    Sat 2026-10-24 02:30 +02:00 Europe/Berlin
    Sun 2026-10-25 02:30 +02:00 Europe/Berlin
    Mon 2026-10-26 02:30 +01:00 Europe/Berlin
";
        assert_eq!(next_runs(&policy, "2026-10-23T12:00:00Z"), autumn);
    }

    #[test]
    fn without_a_schedule_there_is_nothing_to_tell() {
        assert_eq!(next_runs(&[("a", "mode: delete")], "2026-10-23T12:00:00Z"), "");
    }
}
