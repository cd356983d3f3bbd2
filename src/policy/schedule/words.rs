//! A schedule in words, for people who don't read cron.
//!
//! The words come from the values that the cron line fires by, so they say what happens. A field that would take too
//! many words (`15W`) is quoted.

use croner::{Cron, CronComponent};

/// Returns the line as a phrase: "at 02:30 on Monday", "every 15 minutes".
pub(super) fn in_words(cron: &Cron) -> String {
    let (minutes, hours) = (cron.pattern.minutes.values(), cron.pattern.hours.values());
    let times = times(&minutes, &hours);
    // The line has five fields by now.
    let fields: Vec<&str> = cron.pattern.as_str().split_whitespace().collect();
    let [.., days, _, weekdays] = fields.as_slice() else {
        return times;
    };
    // A schedule that goes round the whole day needs no "every day".
    let is_daily = step(&hours, 24).is_none() || times.starts_with("at ") && hours.len() < 24;
    format!("{times}{}", calendar(cron, days, weekdays, is_daily))
}

/// The most times of a day that are told one by one.
const TIMES_TOLD: usize = 4;

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

const WEEKDAYS: [&str; 7] = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];

fn times(minutes: &[u16], hours: &[u16]) -> String {
    if minutes.len() * hours.len() <= TIMES_TOLD {
        let times = hours.iter().flat_map(|hour| minutes.iter().map(move |minute| clock(*hour, *minute)));
        return format!("at {}", listed(&times.collect::<Vec<_>>()));
    }
    match (minutes, step(minutes, 60), hours, step(hours, 24)) {
        (_, Some(1), _, Some(1)) => "every minute".to_owned(),
        (_, Some(step), _, Some(1)) => format!("every {step} minutes"),
        ([0], _, _, Some(1)) => "every hour".to_owned(),
        (minutes, None, _, Some(1)) => format!("at {} past every hour", minutes_told(minutes)),
        ([minute], _, [first, ..], Some(step)) => format!("every {step} hours from {}", clock(*first, *minute)),
        ([minute], _, [first, .., last], None) if is_run(hours) => {
            format!("every hour from {} to {}", clock(*first, *minute), clock(*last, *minute))
        }
        ([begin, .., end], Some(step), [first, .., last], _) if is_run(hours) => {
            let each = if step == 1 { "every minute".to_owned() } else { format!("every {step} minutes") };
            format!("{each} from {} to {}", clock(*first, *begin), clock(*last, *end))
        }
        ([begin, .., end], Some(step), [hour], _) => {
            let each = if step == 1 { "every minute".to_owned() } else { format!("every {step} minutes") };
            format!("{each} from {} to {}", clock(*hour, *begin), clock(*hour, *end))
        }
        ([minute], _, hours, _) => {
            let times: Vec<String> = hours.iter().map(|hour| clock(*hour, *minute)).collect();
            format!("at {}", listed(&times))
        }
        (minutes, _, hours, _) => {
            let hours: Vec<String> = hours.iter().map(|hour| format!("{hour:02}:00")).collect();
            format!("at {} past {}", minutes_told(minutes), listed(&hours))
        }
    }
}

fn calendar(cron: &Cron, days: &str, weekdays: &str, is_daily: bool) -> String {
    let pattern = &cron.pattern;
    let months = pattern.months.values();
    let in_months = match runs(&months).as_slice() {
        _ if months.len() == MONTHS.len() => String::new(),
        [(first, last)] if first != last => format!(" from {}", months_told(&months)),
        _ => format!(" in {}", months_told(&months)),
    };
    match (pattern.is_dom_wildcard(), pattern.is_dow_wildcard()) {
        (true, true) if is_daily => format!(" every day{in_months}"),
        (true, true) => in_months,
        (true, false) => {
            let weekdays = weekdays_told(&pattern.days_of_week, weekdays);
            let comma = if weekdays.starts_with("on ") { "" } else { "," };
            format!("{comma} {weekdays}{in_months}")
        }
        (false, true) => format!(" {}", days_told(&pattern.days, days, &months)),
        (false, false) => {
            let joint = if pattern.matches_dom_and_dow() { "but only" } else { "and also" };
            let weekdays = weekdays_told(&pattern.days_of_week, weekdays);
            format!(" {}, {joint} {weekdays}{in_months}", days_told(&pattern.days, days, &months))
        }
    }
}

/// "on the 1st and 15th of every month", "on the 1st of January".
fn days_told(days: &CronComponent, field: &str, months: &[u16]) -> String {
    let of = if months.len() == MONTHS.len() { "every month".to_owned() } else { months_told(months) };
    if field.eq_ignore_ascii_case("L") {
        return format!("on the last day of {of}");
    }
    if days.has_modifiers() {
        return format!("on day {field} of {of}");
    }
    let values = days.values();
    if values.len() > TIMES_TOLD
        && let Some(step) = even_step(&values)
        && step > 1
        && values.last().is_some_and(|last| last + step > 31)
    {
        return format!("on every {} day of {of} from the {}", ordinal(step), ordinal(values[0]));
    }
    let told: Vec<String> = runs(&values)
        .iter()
        .map(|(first, last)| match first == last {
            true => ordinal(*first),
            false => format!("{} to {}", ordinal(*first), ordinal(*last)),
        })
        .collect();
    format!("on the {} of {of}", listed(&told))
}

/// "on Monday and Thursday", "Monday to Friday", "on the 2nd Friday of the month".
fn weekdays_told(weekdays: &CronComponent, field: &str) -> String {
    let field = field.trim_start_matches('+');
    if weekdays.has_modifiers() {
        let told: Option<Vec<String>> = field.split(',').map(nth_weekday).collect();
        return match told {
            Some(told) => format!("on {}", listed(&told)),
            None => format!("on weekday {field}"),
        };
    }
    // A week begins on Monday here, so that a weekend is in one piece.
    let mut values: Vec<u16> = weekdays.values().into_iter().map(|day| if day == 0 { 7 } else { day }).collect();
    values.sort_unstable();
    values.dedup();
    let name = |day: u16| WEEKDAYS[usize::from(day) % WEEKDAYS.len()].to_owned();
    match values.as_slice() {
        [first, .., last] if values.len() > 2 && is_run(&values) => format!("{} to {}", name(*first), name(*last)),
        values => format!("on {}", listed(&values.iter().map(|day| name(*day)).collect::<Vec<_>>())),
    }
}

/// `FRI#2` and `FRI#L`.
fn nth_weekday(part: &str) -> Option<String> {
    let (day, which) = part.split_once('#')?;
    // A name or a number: the field has been read, and anything else was refused.
    let number = day.parse::<usize>().ok();
    let by_name = || WEEKDAYS.iter().position(|name| name[..3].eq_ignore_ascii_case(day));
    let name = WEEKDAYS[number.or_else(by_name)? % WEEKDAYS.len()];
    let which = match which.parse::<u16>() {
        Ok(nth) => ordinal(nth),
        Err(_) => "last".to_owned(),
    };
    Some(format!("the {which} {name} of the month"))
}

fn months_told(months: &[u16]) -> String {
    let name = |month: u16| MONTHS[usize::from(month - 1) % MONTHS.len()].to_owned();
    let told: Vec<String> = runs(months)
        .iter()
        .map(|(first, last)| match first == last {
            true => name(*first),
            false => format!("{} to {}", name(*first), name(*last)),
        })
        .collect();
    listed(&told)
}

fn minutes_told(minutes: &[u16]) -> String {
    let told: Vec<String> = runs(minutes)
        .iter()
        .map(|(first, last)| match first == last {
            true => first.to_string(),
            false => format!("{first} to {last}"),
        })
        .collect();
    let unit = if minutes == [1] { "minute" } else { "minutes" };
    format!("{} {unit}", listed(&told))
}

/// Returns each run of three or more successive values as its first and last. Every other value is both.
fn runs(values: &[u16]) -> Vec<(u16, u16)> {
    values
        .chunk_by(|a, b| a + 1 == *b)
        .flat_map(|run| match run {
            [first, .., last] if run.len() > 2 => vec![(*first, *last)],
            few => few.iter().map(|value| (*value, *value)).collect(),
        })
        .collect()
}

/// Returns the distance of values that come round evenly: `0, 20, 40` of 60.
fn step(values: &[u16], whole: u16) -> Option<u16> {
    let step = even_step(values)?;
    let first = values.first()?;
    (*first < step && usize::from(whole / step) == values.len() && whole.is_multiple_of(step)).then_some(step)
}

fn even_step(values: &[u16]) -> Option<u16> {
    let [first, second, ..] = values else { return None };
    let step = second - first;
    values.windows(2).all(|pair| pair[1] - pair[0] == step).then_some(step)
}

fn is_run(values: &[u16]) -> bool {
    even_step(values) == Some(1)
}

fn clock(hour: u16, minute: u16) -> String {
    format!("{hour:02}:{minute:02}")
}

fn ordinal(number: u16) -> String {
    let ending = match (number % 10, number % 100) {
        (1, rest) if rest != 11 => "st",
        (2, rest) if rest != 12 => "nd",
        (3, rest) if rest != 13 => "rd",
        _ => "th",
    };
    format!("{number}{ending}")
}

fn listed(parts: &[String]) -> String {
    match parts {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use crate::policy::Schedule;

    #[test]
    fn every_kind_of_line() {
        let table = [
            ("* * * * *", "every minute"),
            ("*/15 * * * *", "every 15 minutes"),
            ("5-59/15 * * * *", "every 15 minutes"),
            // 7 doesn't go into 60, so the last of an hour is nearer to the next.
            ("*/29 * * * *", "at 0, 29 and 58 minutes past every hour"),
            ("0,10,11 * * * *", "at 0, 10 and 11 minutes past every hour"),
            ("7 * * * *", "at 7 minutes past every hour"),
            ("1 * * * *", "at 1 minute past every hour"),
            ("@hourly", "every hour"),
            ("30 2 * * *", "at 02:30 every day"),
            ("@daily", "at 00:00 every day"),
            ("0,30 2 * * *", "at 02:00 and 02:30 every day"),
            ("0 */6 * * *", "at 00:00, 06:00, 12:00 and 18:00 every day"),
            ("5 1-23/2 * * *", "every 2 hours from 01:05"),
            ("0 */5 * * *", "at 00:00, 05:00, 10:00, 15:00 and 20:00 every day"),
            ("0 9-17 * * MON-FRI", "every hour from 09:00 to 17:00, Monday to Friday"),
            ("*/5 8-18 * * 1-5", "every 5 minutes from 08:00 to 18:55, Monday to Friday"),
            ("* 3 * * *", "every minute from 03:00 to 03:59 every day"),
            ("*/5 3 * * *", "every 5 minutes from 03:00 to 03:55 every day"),
            ("0-30/10 2 * * *", "at 02:00, 02:10, 02:20 and 02:30 every day"),
            ("10-20 3 * * *", "at 10 to 20 minutes past 03:00 every day"),
            ("5,35 1-5/2 * * *", "at 5 and 35 minutes past 01:00, 03:00 and 05:00 every day"),
            ("@weekly", "at 00:00 on Sunday"),
            ("0 0 * * 6,7", "at 00:00 on Saturday and Sunday"),
            ("0 4 * * 1,3,5", "at 04:00 on Monday, Wednesday and Friday"),
            ("0 0 * * FRI-SUN", "at 00:00, Friday to Sunday"),
            ("0 0 * * 1-7", "at 00:00, Monday to Sunday"),
            ("0 0 * * FRI#2", "at 00:00 on the 2nd Friday of the month"),
            ("0 0 * * 1#1,FRI#L", "at 00:00 on the 1st Monday of the month and the last Friday of the month"),
            ("@monthly", "at 00:00 on the 1st of every month"),
            ("0 0 1,15 * *", "at 00:00 on the 1st and 15th of every month"),
            ("0 0 1-7,22 * *", "at 00:00 on the 1st to 7th and 22nd of every month"),
            ("30 2 */2 * *", "at 02:30 on every 2nd day of every month from the 1st"),
            ("0 0 L * *", "at 00:00 on the last day of every month"),
            ("0 0 LW * *", "at 00:00 on day LW of every month"),
            ("0 0 15W 6 *", "at 00:00 on day 15W of June"),
            ("@yearly", "at 00:00 on the 1st of January"),
            ("30 2 29 2 *", "at 02:30 on the 29th of February"),
            ("0 3 11-13 */3 *", "at 03:00 on the 11th to 13th of January, April, July and October"),
            ("0 3 * 1-3 *", "at 03:00 every day from January to March"),
            ("0 0 * JAN,JUL 7", "at 00:00 on Sunday in January and July"),
            ("*/10 * * 12 *", "every 10 minutes in December"),
            ("0 0 13 * FRI", "at 00:00 on the 13th of every month, and also on Friday"),
            ("0 0 13 * +FRI", "at 00:00 on the 13th of every month, but only on Friday"),
            ("0 22,23 * * ?", "at 22:00 and 23:00 every day"),
        ];
        for (line, words) in table {
            let schedule = Schedule::parse(line, "UTC").unwrap();
            assert_eq!(schedule.in_words(), words, "{line}");
        }
    }
}
