//! The rows of a report: one for each decision, on a package or on a file.

use jiff::Timestamp;

use super::Account;
use crate::package::{Content, Downloaded, Package, Permission};
use crate::plan::{Decision, Ending, FileDecision, Maturity, RuleRef, because, file_because};
use crate::policy::words::age;
use crate::report::{DecisionReport, ItemReport, PackageReport};

impl Account<'_> {
    /// Makes the row of a package.
    pub(super) fn package_row(
        &self,
        decision: &Decision,
        maturity: Option<Maturity>,
        ending: Option<Ending>,
    ) -> DecisionReport {
        let package = &decision.package;
        let content_at = match decision.content {
            Content::At(date) | Content::AtOrAfter(date) => Some(date),
            Content::Since(_) | Content::Unknown => None,
        };
        DecisionReport {
            item: ItemReport::Package {
                status: package.status.clone(),
                last_downloaded_at: match decision.downloaded {
                    Downloaded::At(date) => Some(date),
                    Downloaded::Never | Downloaded::Unknown | Downloaded::Unreadable | Downloaded::NotListed => None,
                },
                rank: decision.rank.map(|rank| rank.place),
            },
            package: PackageReport::of(package),
            created_at: package.created_at,
            content_at,
            bytes: decision.bytes.known(),
            reason: decision.reason.kind(),
            because: because(decision, self.in_force),
            rule: self.label(decision.reason.rule()),
            permitted: is_permitted(package),
            maturity,
            mark: self.mark(maturity),
            ending,
            age: self.age(content_at),
        }
    }

    /// Makes the row of a file of this package.
    pub(super) fn file_row(
        &self,
        decision: &FileDecision,
        package: &Package,
        maturity: Option<Maturity>,
        ending: Option<Ending>,
    ) -> DecisionReport {
        let FileDecision { file, reason, .. } = decision;
        DecisionReport {
            item: ItemReport::File { id: file.id, name: file.name.clone() },
            package: PackageReport::of(package),
            created_at: file.created_at,
            content_at: file.created_at,
            bytes: file.size,
            reason: reason.kind(),
            because: file_because(decision, package, self.in_force),
            rule: self.label(reason.rule()),
            permitted: is_permitted(package),
            maturity,
            mark: self.mark(maturity),
            ending,
            age: self.age(file.created_at),
        }
    }

    fn label(&self, rule: Option<RuleRef>) -> Option<String> {
        rule.map(|rule| rule.label(self.in_force.set()))
    }

    fn mark(&self, maturity: Option<Maturity>) -> Option<String> {
        Some(maturity?.told(self.in_force.policy().grace.as_ref()?))
    }

    fn age(&self, content: Option<Timestamp>) -> String {
        content.map_or_else(|| "unknown".to_owned(), |date| age(date, self.in_force.now()))
    }
}

fn is_permitted(package: &Package) -> bool {
    package.permission != Permission::Denied
}
