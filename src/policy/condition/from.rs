//! `from`: packages that an in-use file names.

use super::Condition;
use super::meaning::{Counted, Form, Meaning, PatternsOn, Takers};
use super::premise::Premise;
use crate::package::Questions;
use crate::policy::in_use::FromFile;
use crate::policy::known::Known;
use crate::policy::pattern::Reading;
use crate::policy::quote::plain;
use crate::policy::truth::Truth;
use crate::policy::{Age, age};
use crate::yaml::ValueError;
use crate::yaml::document::{Node, NodeContent};
use crate::yaml::fields::Fields;
use crate::yaml::findings::Findings;
use crate::yaml::scalar;

/// Holds for what the file names. Where the file can't be used, nobody knows what it names, so the rule holds whatever
/// fits its other conditions.
pub(super) struct From;

/// The key for the age that the file may have. It stands beside `from`.
pub(in crate::policy) const MAX_AGE: &str = "max_age";

impl Meaning for From {
    type Value = FromFile;

    const FORM: Form = Form {
        key: "from",
        value: "from_file",
        holds: "A file names it: package URLs, one a line, or a CycloneDX document in JSON. The path is that of the file \
            beside this one, or absolute.",
        rules: Takers::Protections,
    };

    /// A rule that has `max_age` as well is read by [`beside_its_age`].
    fn read(node: &Node, _: Reading, findings: &mut Findings<'_>) -> Option<Condition> {
        findings
            .problem(node.span, "`from` needs `max_age` beside it: how old the file may be")
            .hint("its age is what the file says of itself; write as in `max_age: 2d`");
        None
    }

    fn written(value: &FromFile) -> String {
        format!("{}, {MAX_AGE}: {}", plain(&value.from), value.max_age)
    }

    fn truth(value: &FromFile, known: &Known<'_>, _: Reading) -> Truth {
        match &value.reading {
            Ok(in_use) => Truth::from(in_use.naming(known.package).is_some()),
            Err(_) => Truth::Unknown,
        }
    }

    fn seen(value: &FromFile, known: &Known<'_>, _: Truth) -> String {
        match &value.reading {
            Ok(in_use) => match in_use.naming(known.package) {
                Some(spot) => format!("{spot} of {}", value.file),
                None => format!("not in {}, as of {}", value.file, in_use.as_of),
            },
            Err(unusable) => format!("{} can't be used: {unusable}", value.file),
        }
    }

    fn because(value: &FromFile, known: &Known<'_>) -> String {
        match &value.reading {
            Ok(in_use) => match in_use.naming(known.package) {
                Some(spot) => format!("in use by {spot} of {}", value.file),
                None => format!("in use by {}", value.file),
            },
            Err(unusable) => format!("it may be in use: {} can't be used, because {unusable}", value.file),
        }
    }

    /// The file tells it.
    fn ask(_: &Self::Value, _: &Known<'_>, _: &mut Questions) {}

    /// The file changes, and no rule implies what stands in it.
    fn is_implied(_: &Self::Value, _: &Premise<'_>, _: Reading) -> bool {
        false
    }

    fn patterns(_: &Self::Value) -> PatternsOn<'_> {
        PatternsOn::Nothing
    }

    fn counted(_: &Self::Value) -> Counted<'_> {
        Counted::Open
    }

    /// `max_age` is compared with no date of the package.
    fn age(_: &Self::Value) -> Option<&Age> {
        None
    }
}

/// Reads `from` with the `max_age` beside it. One of them alone is left in the rule, and reported there.
pub(in crate::policy) fn beside_its_age(fields: &mut Fields<'_>, findings: &mut Findings<'_>) -> Option<Condition> {
    if !fields.has(From::FORM.key) {
        if !fields.has(MAX_AGE) {
            // It counts as known, as every key of the rule does.
            let _ = fields.take(MAX_AGE);
        } else {
            fields.refuse(
                MAX_AGE,
                "`max_age` goes with `from`",
                "name the file whose age is meant, as in `from: in-use.txt`",
                findings,
            );
        }
        return None;
    }
    let max_age = fields.take(MAX_AGE)?;
    let from = fields.read(From::FORM.key, findings, path);
    let max_age = age::read(max_age, findings);
    Some(Condition::From(FromFile::unread(&from?, max_age?, findings.file())))
}

/// Reads the path of an in-use file.
fn path(node: &Node, findings: &mut Findings<'_>) -> Option<String> {
    if let NodeContent::List(_) = node.content {
        findings
            .problem(node.span, "`from` names one file")
            .hint("write a rule for each, as in `- { from: in-use.txt, max_age: 2d }`");
        return None;
    }
    scalar::parsed(node, findings, parse)
}

fn parse(text: &str) -> Result<String, ValueError> {
    let wrong = |message: &str, hint: &str| Err(ValueError::new(message, hint));
    if text.contains("://") {
        return wrong(
            "`from` is a path, and gleaner fetches nothing",
            "have a job write the file, and mount its folder: docs/in-use.md shows how",
        );
    }
    if text.contains(char::is_control) || text.ends_with('/') || text.trim() != text {
        return wrong(
            "`from` is the path of a file",
            "write it as in `from: in-use.txt`, or `from: /in-use/cluster.txt`",
        );
    }
    let ending = text.rsplit(['/', '.']).next().unwrap_or_default().to_ascii_lowercase();
    if matches!(ending.as_str(), "yaml" | "yml") && text.contains('.') {
        return wrong(
            "`from` leads to a file that ends as a policy file does",
            "package URLs are no YAML: call it as in `in-use.txt`, and a CycloneDX document as in `in-use.json`",
        );
    }
    Ok(text.to_owned())
}
