//! Reads a report back from its JSON form.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::de::{Error as _, Unexpected};
use serde::{Deserialize, Deserializer};

use super::{CycleStatus, DecisionReport, ItemReport, PackageReport, Report, RuleReport};
use crate::package::{FileId, PackageId, PackageType, Status};
use crate::plan::{Ending, LimitName, Maturity, Outcome, ReasonKind, RuleRef, Verdict};
use crate::policy::Mode;
use crate::policy::words::age;

impl Report {
    /// Reads the JSON form of a report. What a later release adds to it is passed over.
    ///
    /// # Errors
    ///
    /// Tells what is no report, with its line and column.
    pub fn parse(text: &str) -> Result<Self, serde_json::Error> {
        let mut report: Self = serde_json::from_str(text)?;
        let as_of = report.as_of;
        for policy in &mut report.policies {
            policy.is_bound = report.quick;
            for row in policy.decisions.iter_mut().chain(&mut policy.file_decisions) {
                row.age = row.content_at.map_or_else(|| "unknown".to_owned(), |date| age(date, as_of));
            }
        }
        Ok(report)
    }
}

/// Reads a code of a closed set.
fn coded<'de, T, D: Deserializer<'de>>(
    deserializer: D,
    all: impl IntoIterator<Item = T>,
    code: impl Fn(&T) -> &str,
    expected: &str,
) -> Result<T, D::Error> {
    let text = String::deserialize(deserializer)?;
    let found = all.into_iter().find(|one| code(one) == text);
    found.ok_or_else(|| D::Error::invalid_value(Unexpected::Str(&text), &expected))
}

macro_rules! read_by {
    ($($set:ty: $all:expr, $code:ident, $expected:literal);+ $(;)?) => {$(
        impl<'de> Deserialize<'de> for $set {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                coded(deserializer, $all, |one| one.$code(), $expected)
            }
        }
    )+};
}

read_by! {
    CycleStatus: CycleStatus::ALL, code, "the status of a cycle";
    LimitName: LimitName::ALL, as_str, "a limit";
    Mode: [Mode::DryRun, Mode::Delete], as_str, "a mode";
    Outcome: Outcome::ALL, code, "an outcome";
    ReasonKind: ReasonKind::all(), code, "a reason";
    Verdict: [Verdict::Keep, Verdict::Delete], code, "a verdict";
}

/// Reads the counts of requests.
pub(super) fn requests<'de, D: Deserializer<'de>>(deserializer: D) -> Result<BTreeMap<&'static str, u64>, D::Error> {
    let read: BTreeMap<String, u64> = BTreeMap::deserialize(deserializer)?;
    let known = |(method, count): (String, u64)| {
        let known = ["DELETE", "GET", "POST"].into_iter().find(|known| *known == method);
        let known = known.ok_or_else(|| D::Error::invalid_value(Unexpected::Str(&method), &"a method of HTTP"))?;
        Ok((known, count))
    };
    read.into_iter().map(known).collect()
}

/// Everything that the row of a package or of a file may have.
#[derive(Deserialize)]
struct ReadRow {
    id: u64,
    package_id: Option<PackageId>,
    project_id: u64,
    project_path: Option<String>,
    package_type: String,
    name: String,
    channel: Option<String>,
    version: Option<String>,
    status: Option<String>,
    file_name: Option<String>,
    created_at: Option<Timestamp>,
    content_at: Option<Timestamp>,
    last_downloaded_at: Option<Timestamp>,
    bytes: Option<u64>,
    size: Option<u64>,
    verdict: Verdict,
    reason: ReasonKind,
    because: String,
    rule: Option<String>,
    rank: Option<usize>,
    permitted: bool,
    marked_since: Option<Timestamp>,
    goes_from: Option<Timestamp>,
    mark: Option<String>,
    outcome: Option<Outcome>,
    problem: Option<String>,
}

impl<'de> Deserialize<'de> for DecisionReport {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let row = ReadRow::deserialize(deserializer)?;
        if row.verdict != row.reason.verdict() {
            let (verdict, reason) = (row.verdict.code(), row.reason.code());
            return Err(D::Error::custom(format!(
                "the verdict is {verdict}, and the reason {reason} is for the other one"
            )));
        }
        let item = match row.package_id {
            Some(_) => ItemReport::File { id: FileId(row.id), name: row.file_name },
            None => ItemReport::Package {
                status: Status::parse(&row.status.ok_or_else(|| D::Error::missing_field("status"))?),
                last_downloaded_at: row.last_downloaded_at,
                rank: row.rank,
            },
        };
        let package = PackageReport {
            id: row.package_id.unwrap_or(PackageId(row.id)),
            project_id: row.project_id,
            project_path: row.project_path,
            package_type: PackageType::parse(&row.package_type),
            name: row.name,
            channel: row.channel,
            version: row.version,
        };
        let maturity = row.mark.as_ref().map(|_| match (row.marked_since, row.goes_from) {
            (None, _) => Maturity::Unmarked,
            (Some(since), None) => Maturity::OfAge { since },
            (Some(since), Some(from)) => Maturity::Young { since, from },
        });
        Ok(Self {
            maturity,
            mark: row.mark,
            content_at: if row.package_id.is_some() { row.created_at } else { row.content_at },
            bytes: if row.package_id.is_some() { row.size } else { row.bytes },
            item,
            package,
            created_at: row.created_at,
            reason: row.reason,
            because: row.because,
            rule: row.rule,
            permitted: row.permitted,
            ending: row.outcome.map(|outcome| Ending { outcome, problem: row.problem }),
            // The instant of the report tells it.
            age: String::new(),
        })
    }
}

#[derive(Deserialize)]
struct ReadRule {
    rule: String,
    matched: u64,
    unknown: u64,
    open: u64,
}

impl<'de> Deserialize<'de> for RuleReport {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let ReadRule { rule, matched, unknown, open } = ReadRule::deserialize(deserializer)?;
        let place =
            place(&rule).ok_or_else(|| D::Error::invalid_value(Unexpected::Str(&rule), &"a rule by its place"))?;
        Ok(Self { place, rule, matched, unknown, open })
    }
}

/// Reads a rule's place. Which of the protections it is, its name tells.
fn place(rule: &str) -> Option<RuleRef> {
    let (list, number) = rule.strip_suffix(']')?.rsplit_once('[')?;
    let number = number.parse().ok()?;
    match list {
        "keep" => Some(RuleRef::Keep(number)),
        "delete" => Some(RuleRef::Delete(number)),
        "files" => Some(RuleRef::Files(number)),
        _ => list.strip_suffix(".protect").map(|_| RuleRef::Protect { protection: 0, rule: number }),
    }
}
