//! `project`: the package's project, by its path or its id.

use super::Condition;
use super::meaning::{Counted, Form, Meaning, PatternsOn, Takers};
use super::premise::Premise;
use crate::package::Questions;
use crate::policy::known::Known;
use crate::policy::pattern::{self, Reading, Texts};
use crate::policy::quote;
use crate::policy::truth::Truth;
use crate::policy::words;
use crate::policy::{Age, PatternKind, Patterns};
use crate::yaml::document::Node;
use crate::yaml::findings::Findings;

/// Holds when the project matches. Rules that delete go by its present path, rules that keep by every path that it had.
pub(super) struct Project;

impl Meaning for Project {
    type Value = Patterns;

    const FORM: Form = Form {
        key: "project",
        value: "path_patterns",
        holds: "The full path of its project matches, or it is the project's id. `*` stops at `/`, `**` is any number of segments.",
        rules: Takers::All,
    };

    fn read(node: &Node, _: Reading, findings: &mut Findings<'_>) -> Option<Condition> {
        pattern::read(node, PatternKind::Path, findings).map(Condition::Project)
    }

    fn written(patterns: &Patterns) -> String {
        quote::patterns(patterns)
    }

    fn truth(patterns: &Patterns, known: &Known<'_>, reading: Reading) -> Truth {
        let project = &known.package.project;
        Truth::known(match reading {
            Reading::Select => patterns.select_project(project),
            Reading::Hold => patterns.hold_project(project),
        })
    }

    fn seen(_: &Patterns, known: &Known<'_>, _: Truth) -> String {
        words::project(known)
    }

    fn because(patterns: &Patterns, known: &Known<'_>) -> String {
        let project = &known.package.project;
        match &project.path {
            _ if patterns.hold_project(project).is_none() => "the project's path is unknown".to_owned(),
            Some(path) if patterns.select_project(project) != Some(true) => {
                format!("project {path} is, or was, known by a path that matches {patterns}")
            }
            _ => format!("project matches {patterns}"),
        }
    }

    /// The listing tells it.
    fn ask(_: &Self::Value, _: &Known<'_>, _: &mut Questions) {}

    fn is_implied(patterns: &Patterns, by: &Premise<'_>, reading: Reading) -> bool {
        // An id names one project, whose path is not known here.
        !patterns.have_ids() && by.keeps_to_projects(Texts::List(patterns, reading))
    }

    fn patterns(patterns: &Patterns) -> PatternsOn<'_> {
        PatternsOn::Project(patterns)
    }

    fn counted(_: &Self::Value) -> Counted<'_> {
        Counted::WholePackages
    }

    fn age(_: &Self::Value) -> Option<&Age> {
        None
    }
}
