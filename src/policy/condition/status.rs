//! `status`: the package's status in GitLab.

use super::Condition;
use super::meaning::{Counted, Form, Meaning, PatternsOn, Takers};
use super::premise::Premise;
use crate::package::{self, Questions};
use crate::policy::Age;
use crate::policy::known::Known;
use crate::policy::pattern::Reading;
use crate::policy::quote::one_or_list;
use crate::policy::truth::Truth;
use crate::yaml::ValueError;
use crate::yaml::document::Node;
use crate::yaml::findings::Findings;
use crate::yaml::scalar;
use crate::yaml::text::{any_of, did_you_mean, shown};

/// Holds when the package's status is one of these.
pub(super) struct Status;

impl Meaning for Status {
    type Value = [package::Status];

    const FORM: Form =
        Form { key: "status", value: "statuses", holds: "Its status is one of these.", rules: Takers::All };

    /// Statuses are a closed set.
    fn read(node: &Node, _: Reading, findings: &mut Findings<'_>) -> Option<Condition> {
        let statuses = scalar::each(node, findings, |item, findings| scalar::parsed(item, findings, parse_status));
        statuses.map(Condition::Status)
    }

    fn written(statuses: &[package::Status]) -> String {
        one_or_list(statuses)
    }

    fn truth(statuses: &[package::Status], known: &Known<'_>, _: Reading) -> Truth {
        match &known.package.status {
            package::Status::Other(_) => Truth::Unknown,
            status => Truth::from(statuses.contains(status)),
        }
    }

    fn seen(_: &[package::Status], known: &Known<'_>, _: Truth) -> String {
        known.package.status.to_string()
    }

    fn because(_: &[package::Status], known: &Known<'_>) -> String {
        format!("status {}", known.package.status)
    }

    /// The listing tells it.
    fn ask(_: &Self::Value, _: &Known<'_>, _: &mut Questions) {}

    fn is_implied(statuses: &[package::Status], by: &Premise<'_>, _: Reading) -> bool {
        by.statuses.iter().all(|own| statuses.contains(own))
    }

    fn patterns(_: &Self::Value) -> PatternsOn<'_> {
        PatternsOn::Nothing
    }

    fn counted(_: &Self::Value) -> Counted<'_> {
        Counted::WholePackages
    }

    fn age(_: &Self::Value) -> Option<&Age> {
        None
    }
}

/// Reads one status by GitLab's name.
pub(crate) fn parse_status(text: &str) -> Result<package::Status, ValueError> {
    match package::Status::parse(text) {
        package::Status::Other(_) => {
            let known = || package::Status::KNOWN.iter().map(package::Status::as_str);
            Err(ValueError::new(
                format!("unknown status `{}`{}", shown(text), did_you_mean(text, known())),
                format!("a status is {}", any_of(known())),
            ))
        }
        status => Ok(status),
    }
}
