//! The list of all conditions, each with its file. A new condition has a line here.

use std::fmt;

use super::Condition;
use super::meaning::{Counted, Form, Meaning, PatternsOn, Takers};
use super::premise::Premise;
use crate::package::Questions;
use crate::policy::Age;
use crate::policy::known::Known;
use crate::policy::pattern::Reading;
use crate::policy::truth::Truth;
use crate::yaml::document::Node;
use crate::yaml::fields::Fields;
use crate::yaml::findings::Findings;

/// How a condition is written, and the function that reads it.
type ConditionEntry = (Form, fn(&Node, Reading, &mut Findings<'_>) -> Option<Condition>);

/// The value of a condition, which may have none.
macro_rules! value {
    () => {
        &()
    };
    ($value:ident) => {
        $value
    };
}

/// Makes the list of all conditions, and the methods that pass a question on to the file of a condition.
///
/// Each line has the condition's file, the name of its variant and of its `Meaning`, and a name for its value if it has
/// one.
macro_rules! conditions {
    ($($file:ident::$name:ident $(($value:ident))?,)*) => {
        const ALL: &[ConditionEntry] = &[$((super::$file::$name::FORM, super::$file::$name::read)),*];

        impl Condition {
            fn form(&self) -> Form {
                match self {
                    $(Self::$name { .. } => super::$file::$name::FORM,)*
                }
            }

            /// Returns whether it holds for a package, in a rule that reads it so.
            pub(crate) fn truth(&self, known: &Known<'_>, reading: Reading) -> Truth {
                match self {
                    $(Self::$name $(($value))? => super::$file::$name::truth(value!($($value)?), known, reading),)*
                }
            }

            /// Returns the facts that it looked at. `truth` is its answer for them.
            pub(crate) fn seen(&self, known: &Known<'_>, truth: Truth) -> String {
                match self {
                    $(Self::$name $(($value))? => super::$file::$name::seen(value!($($value)?), known, truth),)*
                }
            }

            /// Returns why it holds, for the reason in a report.
            pub(crate) fn because(&self, known: &Known<'_>) -> String {
                match self {
                    $(Self::$name $(($value))? => super::$file::$name::because(value!($($value)?), known),)*
                }
            }

            /// Asks for the facts that its pending truth rests on.
            pub(crate) fn ask(&self, known: &Known<'_>, questions: &mut Questions) {
                match self {
                    $(Self::$name $(($value))? => super::$file::$name::ask(value!($($value)?), known, questions),)*
                }
            }

            /// Returns the age that it compares a date with.
            pub(crate) fn age(&self) -> Option<&Age> {
                match self {
                    $(Self::$name $(($value))? => super::$file::$name::age(value!($($value)?)),)*
                }
            }

            /// Returns whether every package of a rule fulfils it, where it stands in a rule of this reading.
            pub(in crate::policy) fn is_implied(&self, by: &Premise<'_>, reading: Reading) -> bool {
                match self {
                    $(Self::$name $(($value))? => super::$file::$name::is_implied(value!($($value)?), by, reading),)*
                }
            }

            /// Returns its patterns, with what they are on.
            pub(in crate::policy) fn patterns(&self) -> PatternsOn<'_> {
                match self {
                    $(Self::$name $(($value))? => super::$file::$name::patterns(value!($($value)?)),)*
                }
            }

            /// Returns which versions it leaves for `newest` to count.
            pub(in crate::policy) fn counted(&self) -> Counted<'_> {
                match self {
                    $(Self::$name $(($value))? => super::$file::$name::counted(value!($($value)?)),)*
                }
            }

            /// Returns its value as it is written in YAML.
            fn written(&self) -> String {
                match self {
                    $(Self::$name $(($value))? => super::$file::$name::written(value!($($value)?)),)*
                }
            }
        }
    };
}

// Rules are read in this order, and not in that of their authors, so that the same rule has the same fingerprint.
conditions! {
    id::Id(ids),
    type_::Type(types),
    name::Name(patterns),
    project::Project(patterns),
    topic::Topic(patterns),
    version::Version(patterns),
    version_below::VersionBelow(bound),
    tag::Tag(patterns),
    channel::Channel(patterns),
    status::Status(statuses),
    older_than::OlderThan(age),
    younger_than::YoungerThan(age),
    not_downloaded_for::NotDownloadedFor(age),
    downloaded_within::DownloadedWithin(age),
    never_downloaded::NeverDownloaded,
    prerelease::Prerelease(wanted),
    superseded::Superseded(asked),
    superseded_for::SupersededFor(asked),
    built_from::BuiltFrom(refs),
    branch_gone_for::BranchGoneFor(age),
    larger_than::LargerThan(limit),
    unknown_age::UnknownAge,
    from::From(file),
}

/// Returns how each condition is written, in the order in which rules are read.
pub(in crate::policy) fn forms() -> impl Iterator<Item = Form> {
    ALL.iter().map(|(form, _)| *form)
}

/// Reads the conditions of a rule: those that every rule takes, or those of a rule that keeps.
pub(in crate::policy) fn read(
    fields: &mut Fields<'_>,
    reading: Reading,
    findings: &mut Findings<'_>,
) -> Vec<Condition> {
    super::superseded_by::refuse_alone(fields, findings);
    let mut conditions = Vec::new();
    for (form, read) in ALL {
        match (form.rules, reading) {
            (Takers::All, _)
            | (Takers::Holds | Takers::Protections, Reading::Hold)
            | (Takers::Takes(_), Reading::Select) => {
                conditions.extend(fields.read(form.key, findings, |node, findings| read(node, reading, findings)));
            }
            (Takers::Takes(why), Reading::Hold) => {
                let message = format!("`{}` does not belong in a rule that keeps", form.key);
                fields.refuse(form.key, &message, why, findings);
            }
            // What only protections take has been refused in every other rule.
            (Takers::Holds | Takers::Protections, Reading::Select) => {}
        }
    }
    let by = super::superseded_by::read(fields, findings);
    conditions.iter_mut().for_each(|condition| condition.count_successors(by));
    conditions
}

impl Condition {
    /// Returns whether it says nothing about which versions `newest` counts, and only which of those the rule holds.
    pub(crate) fn counts_regardless(&self) -> bool {
        matches!(self.counted(), Counted::Regardless)
    }

    /// Returns its key in a rule.
    pub(in crate::policy) fn key(&self) -> &'static str {
        self.form().key
    }
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.key(), self.written())
    }
}
