//! Patterns on a project's path that lack its group.

use super::Advice;
use super::looked::Looked;
use crate::policy::pattern::SearchResult;
use crate::yaml::LintKind;

pub(super) static LINT: LintKind = LintKind {
    name: "path-without-group",
    explanation: "\
A pattern under `project` or `paths` has no `/`. Patterns there are held against the project's full path, which always
has the path of its group before it. So the pattern matches no project.

Write the full path, `acme/**` for all projects of a group, or `**/api` for all projects of a name.

```yaml
delete:
- { project: api, older_than: 30d }
```",
};

pub(super) fn advice(looked: &Looked<'_>) -> Option<Advice> {
    if looked.sample != SearchResult::Nothing
        || !matches!(looked.key, "project" | "paths")
        || looked.text().contains('/')
    {
        return None;
    }
    let (vain, text) = (looked.vain(), looked.text());
    let advice = Advice::new(
        &LINT,
        format!("a project's path has that of its group before it, {vain}"),
        "write the full path, as in `acme/platform/api`",
    );
    if text == "*" {
        return Some(advice.or("", ["**".to_owned()], ""));
    }
    let (group, project) = (format!("{text}/**"), format!("**/{text}"));
    Some(advice.or("", [group], " for a group of that name").or("", [project], " for projects of that name"))
}
