//! A policy's schedule: a cron line in a time zone, and the instants at which it fires.

mod words;

use croner::Cron;
use croner::parser::{CronParser, Seconds, Year};
use jiff::civil::DateTime;
use jiff::tz::{AmbiguousOffset, Offset, TimeZone, TimeZoneDatabase};
use jiff::{Timestamp, Zoned};

use super::lint::key_says_nothing;
use crate::yaml::ValueError;
use crate::yaml::document::Span;
use crate::yaml::fields::Fields;
use crate::yaml::findings::Findings;
use crate::yaml::scalar;
use crate::yaml::text::{closest, did_you_mean, shown};

/// A five-field cron line in a zone.
#[derive(Debug, Clone)]
pub struct Schedule {
    /// The line as it was written.
    pub line: String,
    /// The zone's IANA name.
    pub zone: String,
    time_zone: TimeZone,
    cron: Cron,
    /// Whether it names its hours. Then it follows the clock on the wall, and each of these hours comes once a day. A
    /// line for every hour follows time as it passes.
    has_hours: bool,
}

impl Schedule {
    /// Reads a cron line and the name of a zone.
    ///
    /// # Errors
    ///
    /// The line has not five fields and is no nickname such as `@daily`, or the IANA database doesn't have the zone.
    pub fn parse(line: &str, zone: &str) -> Result<Self, ValueError> {
        let time_zone = parse_zone(zone)?;
        let cron = parse_line(line)?;
        Ok(Self::new(line, time_zone, cron))
    }

    /// Returns the first instant after `after` at which it fires; `None` where there is none.
    ///
    /// In an hour that the clock jumps over it fires when the clock goes on. In an hour that comes twice it fires the
    /// first time.
    #[must_use]
    pub fn next_after(&self, after: Timestamp) -> Option<Timestamp> {
        let local = after.to_zoned(self.time_zone.clone());
        if !self.has_hours {
            return self.cron.find_next_occurrence(&local, false).ok().map(|next| next.timestamp());
        }
        let mut wall = local.datetime().to_zoned(TimeZone::UTC).ok()?;
        loop {
            wall = self.cron.find_next_occurrence(&wall, false).ok()?;
            let fire = self.when_the_wall_says(wall.datetime())?;
            if fire > after {
                return Some(fire);
            }
        }
    }

    /// Returns every instant after `after` at which it fires, one after the other, by the clocks of its zone.
    pub fn fires_after(&self, after: Timestamp) -> impl Iterator<Item = Zoned> {
        std::iter::successors(self.next_after(after), |last| self.next_after(*last)).map(|fire| self.local(fire))
    }

    fn when_the_wall_says(&self, time: DateTime) -> Option<Timestamp> {
        let instant = |offset: Offset| offset.to_timestamp(time).ok();
        match self.time_zone.to_ambiguous_timestamp(time).offset() {
            AmbiguousOffset::Unambiguous { offset } => instant(offset),
            AmbiguousOffset::Fold { before, .. } => instant(before),
            // With the offset before the jump, the instant is shortly after the jump.
            AmbiguousOffset::Gap { before, .. } => {
                let shortly_after = instant(before)?;
                Some(self.time_zone.preceding(shortly_after).next().map_or(shortly_after, |jump| jump.timestamp()))
            }
        }
    }

    /// Returns whether both fire at the same instants, as far as their texts tell.
    #[must_use]
    pub fn is_same(&self, other: &Self) -> bool {
        (&self.line, &self.zone) == (&other.line, &other.zone)
    }

    /// Returns its line as a phrase, without the zone: "at 02:30 every day".
    #[must_use]
    pub fn in_words(&self) -> String {
        words::in_words(&self.cron)
    }

    /// Returns an instant by the clocks of its zone.
    #[must_use]
    pub fn local(&self, at: Timestamp) -> Zoned {
        at.to_zoned(self.time_zone.clone())
    }

    fn new(line: &str, time_zone: TimeZone, cron: Cron) -> Self {
        let zone = time_zone.iana_name().unwrap_or("UTC").to_owned();
        let hours = line.split_whitespace().nth(1);
        let has_hours = hours.map_or(line != "@hourly", |hours| !hours.contains('*'));
        Self { line: line.to_owned(), zone, time_zone, cron, has_hours }
    }
}

/// crond's names for some lines.
pub(super) const NICKNAMES: [(&str, &str); 7] = [
    ("@yearly", "0 0 1 1 *"),
    ("@annually", "0 0 1 1 *"),
    ("@monthly", "0 0 1 * *"),
    ("@weekly", "0 0 * * 0"),
    ("@daily", "0 0 * * *"),
    ("@midnight", "0 0 * * *"),
    ("@hourly", "0 * * * *"),
];

/// The fields of a line in their order, each with the values that it takes in words, and the names among these.
const FIELDS: [(&str, &str, &[&str]); 5] = [
    ("minute", "0-59", &[]),
    ("hour", "0-23", &[]),
    ("day of the month", "1-31", &["L", "W", "LW"]),
    ("month", "1-12 or JAN-DEC", &MONTHS),
    ("day of the week", "0-7 or SUN-SAT, where 0 and 7 are Sunday", &WEEKDAYS),
];

const MONTHS: [&str; 12] = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
/// `5L` and `FRIL` are the last Friday of a month.
const WEEKDAYS: [&str; 15] =
    ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT", "SUNL", "MONL", "TUEL", "WEDL", "THUL", "FRIL", "SATL", "L"];

/// Reads `schedule` and `timezone` of a policy. The span is that of the line.
pub(super) fn read(fields: &mut Fields<'_>, findings: &mut Findings<'_>) -> Option<(Schedule, Span)> {
    let line_node = fields.take("schedule");
    let zone_node = fields.take("timezone");
    let zone = zone_node.map(|node| scalar::parsed(node, findings, parse_zone));
    let Some(line_node) = line_node else {
        if let Some(zone_node) = zone_node {
            findings.lint(
                &key_says_nothing::LINT,
                zone_node.span,
                "`timezone` says nothing without a `schedule`",
                "write a schedule, or take it out",
            );
        }
        return None;
    };
    let line = scalar::text(line_node, findings)?;
    let cron = findings.value(line_node.span, parse_line(line))?;
    Some((Schedule::new(line, zone.unwrap_or(Some(TimeZone::UTC))?, cron), line_node.span))
}

fn parse_line(line: &str) -> Result<Cron, ValueError> {
    let words: Vec<&str> = line.split_whitespace().collect();
    if let [nickname] = words.as_slice()
        && nickname.starts_with('@')
    {
        let Some((_, meant)) = NICKNAMES.iter().find(|(name, _)| name == nickname) else {
            let names = NICKNAMES.iter().map(|(name, _)| *name);
            return Err(ValueError::new(
                format!("unknown schedule `{}`{}", shown(nickname), did_you_mean(nickname, names)),
                "write `@hourly`, `@daily`, `@weekly`, `@monthly` or `@yearly`, or a cron line",
            ));
        };
        return parse_cron(meant).map_err(|message| ValueError { message, hint: None });
    }
    if words.len() != FIELDS.len() {
        return Err(ValueError::new(
            format!("a cron line has five fields, and this has {}", words.len()),
            "they are minute, hour, day of the month, month and day of the week, as in `30 2 * * *`",
        ));
    }
    for (index, word) in words.iter().enumerate() {
        let (name, takes, known) = FIELDS[index];
        // The parser passes over an empty part, where its author meant something, and takes `MON` for a 1 in every
        // field.
        let has_empty_part = word.split(',').any(str::is_empty);
        let mut names = word.split(|c: char| !c.is_ascii_alphabetic()).filter(|name| !name.is_empty());
        let has_foreign_name = names.any(|name| !known.iter().any(|known| known.eq_ignore_ascii_case(name)));
        let mut alone = ["*"; FIELDS.len()];
        alone[index] = word;
        if has_empty_part || has_foreign_name || parse_cron(&alone.join(" ")).is_err() {
            return Err(ValueError::new(
                format!("`{}` is no {name}", shown(word)),
                format!("the field takes {takes}, `*`, lists `1,2`, ranges `1-5` and steps `*/10`"),
            ));
        }
    }
    let cron = parse_cron(&words.join(" ")).map_err(|message| ValueError { message, hint: None })?;
    // Any start will do: the search goes on for thousands of years before it gives up.
    if cron.find_next_occurrence(&Timestamp::UNIX_EPOCH.to_zoned(TimeZone::UTC), false).is_err() {
        return Err(ValueError::new(format!("`{}` never fires", shown(line)), "no such month has such a day"));
    }
    Ok(cron)
}

fn parse_cron(line: &str) -> Result<Cron, String> {
    let parser = CronParser::builder().seconds(Seconds::Disallowed).year(Year::Disallowed).build();
    parser.parse(line).map_err(|error| error.to_string())
}

/// Reads a zone's name by the database in the program, so that every machine reads the same.
fn parse_zone(name: &str) -> Result<TimeZone, ValueError> {
    let zones = TimeZoneDatabase::bundled();
    zones.get(name).map_err(|_| {
        let names: Vec<String> = zones.available().map(|zone| zone.to_string()).collect();
        let names = || names.iter().map(String::as_str);
        let meant = closest(name, names())
            // The city alone is a frequent mistake.
            .or_else(|| {
                names().find(|known| known.rsplit('/').next().is_some_and(|city| city.eq_ignore_ascii_case(name)))
            });
        ValueError::new(
            match meant {
                Some(meant) => format!("unknown time zone `{}`; did you mean `{meant}`?", shown(name)),
                None => format!("unknown time zone `{}`", shown(name)),
            },
            "write its name in the IANA database, as in `Europe/Berlin` or `UTC`",
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_that_are_read() {
        let lines = [
            "30 2 * * *",
            "*/15 * * * *",
            "0 0 1,15 * *",
            "0 9-17 * * MON-FRI",
            "0 0 * JAN,JUL 7",
            "30 2 29 2 *",
            "0 0 L * *",
            "0 0 LW,15W * *",
            "0 0 * * fri#2,FRIL,5L",
            "0  0\t* * 0",
            "@hourly",
            "@daily",
            "@midnight",
            "@weekly",
            "@monthly",
            "@yearly",
        ];
        for line in lines {
            assert!(Schedule::parse(line, "UTC").is_ok(), "{line}");
        }
    }

    #[test]
    fn lines_that_are_refused() {
        let table = [
            ("", "five fields"),
            ("30 2 * *", "five fields"),
            ("0 30 2 * * *", "five fields"),
            ("0 0 30 2 * * 2027", "five fields"),
            ("61 * * * *", "`61` is no minute"),
            ("0 24 * * *", "`24` is no hour"),
            ("0 0 0 * *", "`0` is no day of the month"),
            ("0 0 * 13 *", "`13` is no month"),
            ("0 0 * * 8", "`8` is no day of the week"),
            ("*/0 * * * *", "`*/0` is no minute"),
            ("5-1 * * * *", "`5-1` is no minute"),
            ("0,30, 2 * * *", "`0,30,` is no minute"),
            ("0 ,2 * * *", "`,2` is no hour"),
            ("0 0 * * MON,", "`MON,` is no day of the week"),
            ("0 0 * * MON,,TUE", "`MON,,TUE` is no day of the week"),
            ("0 0 * * Blursday", "`Blursday` is no day of the week"),
            ("MON 0 * * *", "`MON` is no minute"),
            ("0 0 * MON *", "`MON` is no month"),
            ("0 0 * * JAN", "`JAN` is no day of the week"),
            ("0 0,L * * *", "`0,L` is no hour"),
            ("@reboot", "unknown schedule"),
            ("@Daily", "did you mean `@daily`?"),
            ("0 0 * * @daily", "is no day of the week"),
            ("30 2 31 2 *", "never fires"),
            ("0 0 31 4,6 *", "never fires"),
        ];
        for (line, message) in table {
            let error = Schedule::parse(line, "UTC").expect_err(line);
            assert!(error.message.contains(message), "{line}: {error}");
        }
    }

    #[test]
    fn fires_by_the_clock_of_its_zone_once_a_day() {
        let schedule = Schedule::parse("30 2 * * *", "Europe/Berlin").unwrap();
        let mut at: Timestamp = "2026-03-28T00:00:00Z".parse().unwrap();
        let mut fired = Vec::new();
        for _ in 0..3 {
            at = schedule.next_after(at).unwrap();
            fired.push(at.to_string());
        }
        // On the 29th there is no 02:30; it fires when the clock goes on.
        assert_eq!(fired, ["2026-03-28T01:30:00Z", "2026-03-29T01:00:00Z", "2026-03-30T00:30:00Z"]);
        let mut at: Timestamp = "2026-10-24T12:00:00Z".parse().unwrap();
        let mut fired = Vec::new();
        for _ in 0..2 {
            at = schedule.next_after(at).unwrap();
            fired.push(at.to_string());
        }
        // On the 25th there are two, and it fires at the first.
        assert_eq!(fired, ["2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z"]);
    }

    #[test]
    fn an_hour_that_is_skipped_or_repeated_fires_once_however_it_is_written() {
        // In Havana the clock jumps from 00:00 to 01:00, and back from 01:00 to 00:00.
        for line in ["5 0 * * *", "5 0,12 * * *", "5 0-0 * * *", "5,35 0 * * *"] {
            let schedule = Schedule::parse(line, "America/Havana").unwrap();
            let fires = |day: &str| {
                let from: Timestamp = format!("{day}T03:00:00Z").parse().unwrap();
                let fires = std::iter::successors(schedule.next_after(from), |at| schedule.next_after(*at));
                let until = from + jiff::SignedDuration::from_hours(4);
                fires.take_while(|at| *at < until).map(|at| at.to_string()).collect::<Vec<_>>()
            };
            assert_eq!(fires("2026-03-08"), ["2026-03-08T05:00:00Z"], "{line}");
            let repeated = fires("2026-11-01");
            let expected = ["2026-11-01T04:05:00Z", "2026-11-01T04:35:00Z"];
            assert_eq!(repeated, expected[..repeated.len()], "{line}");
            assert_eq!(repeated.len(), 1 + usize::from(line.contains("35")), "{line}");
        }
    }

    #[test]
    fn a_line_for_every_hour_follows_time_as_it_passes() {
        for (line, zone) in [("@hourly", "Europe/Berlin"), ("*/15 * * * *", "Europe/Berlin"), ("0 * * * *", "UTC")] {
            let schedule = Schedule::parse(line, zone).unwrap();
            let step = if line.starts_with("*/15") { 15 } else { 60 };
            for start in ["2026-03-28T22:00:00Z", "2026-10-24T22:00:00Z"] {
                let mut at: Timestamp = start.parse().unwrap();
                for _ in 0..(24 * 60 / step) {
                    let next = schedule.next_after(at).unwrap();
                    assert_eq!(next, at + jiff::SignedDuration::from_mins(step), "{line} in {zone}");
                    at = next;
                }
            }
        }
    }

    #[test]
    fn sunday_is_0_and_7() {
        let after: Timestamp = "2026-11-02T00:00:00Z".parse().unwrap();
        for line in ["0 0 * * 0", "0 0 * * 7", "0 0 * * SUN", "@weekly"] {
            let next = Schedule::parse(line, "UTC").unwrap().next_after(after).unwrap();
            assert_eq!(next.to_string(), "2026-11-08T00:00:00Z", "{line}");
        }
    }

    #[test]
    fn day_and_weekday_are_either() {
        let schedule = Schedule::parse("0 0 13 * FRI", "UTC").unwrap();
        let next = schedule.next_after("2026-11-01T00:00:00Z".parse().unwrap()).unwrap();
        assert_eq!(next.to_string(), "2026-11-06T00:00:00Z");
    }

    #[test]
    fn zones() {
        assert_eq!(Schedule::parse("@daily", "europe/berlin").unwrap().zone, "Europe/Berlin");
        assert_eq!(Schedule::parse("@daily", "UTC").unwrap().zone, "UTC");
        for (zone, meant) in [("Europe/Berln", "Europe/Berlin"), ("Berlin", "Europe/Berlin"), ("utcc", "UTC")] {
            let error = Schedule::parse("@daily", zone).unwrap_err();
            assert!(error.message.ends_with(&format!("did you mean `{meant}`?")), "{error}");
        }
        assert!(Schedule::parse("@daily", "+02:00").is_err());
    }
}
