//! Reads one file of cases.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::given::{Case, GivenPackage};
use super::in_use::{self, GivenFiles};
use super::package::PackageReader;
use super::scope::{self, Usual};
use super::values::{instant, list};
use crate::policy::{Policy, PolicySet, language_version};
use crate::yaml::ValueError;
use crate::yaml::document::{self, Node, Span};
use crate::yaml::fields::Fields;
use crate::yaml::findings::Findings;
use crate::yaml::scalar;
use crate::yaml::text::{any_of, did_you_mean, shown};

/// Reads the file that the findings are about.
pub(super) fn read(findings: &mut Findings<'_>, set: &PolicySet) -> Vec<Case> {
    let Ok(root) = document::load(findings) else { return Vec::new() };
    let Some(mut fields) = Fields::of(&root, "a file of cases", findings) else { return Vec::new() };
    language_version(&mut fields, "the version of a package stands under `packages`", findings);
    for key in ["scope", "delete", "keep", "files", "limits", "protect", "instance"] {
        fields.refuse(
            key,
            &format!("`{key}` does not belong in a file of cases"),
            "policies and protections stand in the folder above, one to a file",
            findings,
        );
    }
    let usual = Header {
        policy: fields.read("policy", findings, |node, findings| policy(node, set, findings)),
        as_of: fields.read("as_of", findings, instant),
        in_use: fields.read("in_use", findings, |node, findings| in_use::read(node, set, findings)).unwrap_or_default(),
    };
    // An instant that can't be read has been told, and is no reason to miss it in every case.
    let has_instant = usual.as_of.is_some() || root.entry("as_of").is_some();
    let mut reader = CaseReader { set, usual, has_instant, names: BTreeMap::new() };
    let cases = match fields.take("cases") {
        Some(node) => reader.cases(node, findings),
        None => {
            findings
                .problem(Span::FILE_START, "`cases` is missing")
                .hint("write `cases:`, and under it the cases, each beginning with `- case: what it shows`");
            Vec::new()
        }
    };
    fields.finish(findings);
    cases
}

/// The values that a file gives for all of its cases.
struct Header<'s> {
    policy: Option<&'s Policy>,
    as_of: Option<Timestamp>,
    in_use: GivenFiles,
}

struct CaseReader<'s> {
    set: &'s PolicySet,
    usual: Header<'s>,
    has_instant: bool,
    /// The place of each name.
    names: BTreeMap<String, Span>,
}

impl<'s> CaseReader<'s> {
    fn cases(&mut self, node: &Node, findings: &mut Findings<'_>) -> Vec<Case> {
        let items = list(node, "`cases` is a list: begin each case with `- case: what it shows`", findings);
        items.iter().filter_map(|item| self.case(item, findings)).collect()
    }

    fn case(&mut self, node: &Node, findings: &mut Findings<'_>) -> Option<Case> {
        let mut fields = Fields::of(node, "a case", findings)?;
        let start = findings.first_line(node.span);
        let name = match fields.take("case") {
            Some(name) => self.name(name, findings),
            None => {
                findings
                    .problem(start, "a case needs a name")
                    .hint("write what it shows, as in `case: the last two stay`");
                None
            }
        };
        let set = self.set;
        let policy = fields.take("policy").map_or(self.usual.policy, |node| policy(node, set, findings));
        let as_of = match fields.take("as_of") {
            Some(node) => instant(node, findings),
            None => {
                if !self.has_instant {
                    findings
                        .problem(start, "`as_of` is missing: the instant that the ages are counted back from")
                        .hint("write it at the top of the file, as in `as_of: 2026-06-01`");
                }
                self.usual.as_of
            }
        };
        let in_use = match fields.take("in_use") {
            Some(node) => in_use::read(node, set, findings),
            None => Some(self.usual.in_use.clone()),
        };
        let packages = match fields.take("packages") {
            // The instant that could not be read has been told; any other serves to read the rest.
            Some(node) => self.packages(node, policy, as_of.unwrap_or_default(), findings),
            None => {
                findings
                    .problem(start, "a case needs `packages`")
                    .hint("write at least one, as in `packages: [{age: 90d, expect: delete}]`");
                Vec::new()
            }
        };
        fields.finish(findings);
        let policy = policy.map(|policy| policy.name.clone());
        Some(Case { name: name?, place: findings.place(start), policy, as_of: as_of?, in_use: in_use?, packages })
    }

    fn name(&mut self, node: &Node, findings: &mut Findings<'_>) -> Option<String> {
        let name = scalar::text(node, findings)?;
        if let Some(first) = self.names.get(name) {
            let line = findings.line_of(*first);
            findings
                .problem(node.span, format!("the case `{}` stands here twice", shown(name)))
                .hint(format!("the first one is in line {line}"));
            return None;
        }
        self.names.insert(name.to_owned(), node.span);
        Some(name.to_owned())
    }

    fn packages(
        &self,
        node: &Node,
        policy: Option<&Policy>,
        as_of: Timestamp,
        findings: &mut Findings<'_>,
    ) -> Vec<GivenPackage> {
        let before = findings.problems.len();
        let items = list(node, "`packages` is a list: begin each package with `- `", findings);
        let usual = policy.map_or_else(|| scope::usual_of(&self.set.policies), Usual::of);
        let mut reader = PackageReader::new(self.set, policy, usual, as_of);
        let packages: Vec<GivenPackage> =
            (1..).zip(items).filter_map(|(number, item)| reader.package(item, number, findings)).collect();
        if findings.problems.len() == before && !packages.iter().any(GivenPackage::is_expected_of) {
            findings
                .problem(findings.first_line(node.span), "this case expects nothing")
                .hint("write `expect: keep` or `expect: delete` at the packages or files that it is about");
        }
        packages
    }
}

fn policy<'s>(node: &Node, set: &'s PolicySet, findings: &mut Findings<'_>) -> Option<&'s Policy> {
    scalar::parsed(node, findings, |name| {
        if let Some(policy) = set.policy(name) {
            return Ok(policy);
        }
        if set.protections.iter().any(|protection| protection.name == name) {
            return Err(ValueError::new(
                format!("`{name}` is a protection, which deletes nothing by itself"),
                "name a policy that would delete the packages, or take `policy` out: then all of them are asked",
            ));
        }
        let names: BTreeSet<&str> = set.policies.iter().map(|policy| policy.name.as_str()).collect();
        Err(ValueError::new(
            format!("there is no policy `{}`{}", shown(name), did_you_mean(name, names.iter().copied())),
            format!("there is {}", any_of(names)),
        ))
    })
}
