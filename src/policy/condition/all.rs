//! Every condition with the file that has its meaning: a new one is entered here.

use std::fmt;

use super::Condition;
use super::built_from::BuiltFrom;
use super::channel::Channel;
use super::downloaded_within::DownloadedWithin;
use super::id::Id;
use super::larger_than::LargerThan;
use super::meaning::{Counted, Form, Meaning, Takers};
use super::name::Name;
use super::never_downloaded::NeverDownloaded;
use super::not_downloaded_for::NotDownloadedFor;
use super::older_than::OlderThan;
use super::premise::Premise;
use super::prerelease::Prerelease;
use super::project::Project;
use super::status::Status;
use super::tag::Tag;
use super::type_::Type;
use super::unknown_age::UnknownAge;
use super::version::Version;
use super::younger_than::YoungerThan;
use crate::package::Questions;
use crate::policy::Age;
use crate::policy::known::Known;
use crate::policy::pattern::Reading;
use crate::policy::truth::Truth;
use crate::yaml::document::Node;
use crate::yaml::fields::Fields;
use crate::yaml::findings::Findings;

/// How a condition is written, and what reads it.
type Entry = (Form, fn(&Node, Reading, &mut Findings<'_>) -> Option<Condition>);

/// The value of a condition, which may have none.
macro_rules! value {
    () => {
        &()
    };
    ($value:ident) => {
        $value
    };
}

/// Makes the list of all conditions, and what hands a question to the file of a condition.
///
/// Of each condition it takes the variant, which has the name of its meaning, and a name for its value if it has one.
macro_rules! conditions {
    ($($name:ident $(($value:ident))?,)*) => {
        const ALL: &[Entry] = &[$(($name::FORM, $name::read)),*];

        impl Condition {
            fn form(&self) -> Form {
                match self { $(Self::$name { .. } => $name::FORM,)* }
            }

            /// Whether it holds for a package, in a rule that reads it so.
            pub(crate) fn truth(&self, known: &Known<'_>, reading: Reading) -> Truth {
                match self { $(Self::$name $(($value))? => $name::truth(value!($($value)?), known, reading),)* }
            }

            /// Returns what it looked at, of which it said `truth`.
            pub(crate) fn seen(&self, known: &Known<'_>, truth: Truth) -> String {
                match self { $(Self::$name $(($value))? => $name::seen(value!($($value)?), known, truth),)* }
            }

            /// Returns why it holds, for the reason in a report.
            pub(crate) fn because(&self, known: &Known<'_>) -> String {
                match self { $(Self::$name $(($value))? => $name::because(value!($($value)?), known),)* }
            }

            /// Asks for what its truth rests on, which is pending.
            pub(crate) fn ask(&self, known: &Known<'_>, questions: &mut Questions) {
                match self { $(Self::$name $(($value))? => $name::ask(value!($($value)?), known, questions),)* }
            }

            /// Returns the age that it compares a date with.
            pub(crate) fn age(&self) -> Option<&Age> {
                match self { $(Self::$name $(($value))? => $name::age(value!($($value)?)),)* }
            }

            /// Whether every package of a rule fulfils it, as a condition of one that reads it so.
            pub(in crate::policy) fn is_implied(&self, by: &Premise<'_>, reading: Reading) -> bool {
                match self { $(Self::$name $(($value))? => $name::is_implied(value!($($value)?), by, reading),)* }
            }

            /// Returns what it leaves for `newest` to count.
            pub(in crate::policy) fn counted(&self) -> Counted<'_> {
                match self { $(Self::$name $(($value))? => $name::counted(value!($($value)?)),)* }
            }

            /// Returns its value as it is written in YAML.
            fn written(&self) -> String {
                match self { $(Self::$name $(($value))? => $name::written(value!($($value)?)),)* }
            }
        }
    };
}

// Rules are read in this order, whatever the author's: so the same rule has the same fingerprint.
conditions! {
    Id(ids),
    Type(types),
    Name(patterns),
    Project(patterns),
    Version(patterns),
    Tag(patterns),
    Channel(patterns),
    Status(statuses),
    OlderThan(age),
    YoungerThan(age),
    NotDownloadedFor(age),
    DownloadedWithin(age),
    NeverDownloaded,
    Prerelease(wanted),
    BuiltFrom(refs),
    LargerThan(limit),
    UnknownAge,
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
    let taken = ALL.iter().filter(|(form, _)| form.rules == Takers::All || reading == Reading::Hold);
    taken
        .filter_map(|(form, read)| fields.read(form.key, findings, |node, findings| read(node, reading, findings)))
        .collect()
}

impl Condition {
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
