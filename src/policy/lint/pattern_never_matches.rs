//! Patterns that match nothing that GitLab can have, whatever the type of the package.

use super::Advice;
use super::looked::Looked;
use crate::policy::pattern::SearchResult;
use crate::yaml::LintKind;

pub(super) static LINT: LintKind = LintKind {
    name: "pattern-never-matches",
    explanation: "\
A pattern matches no text that GitLab can have there: what stands between two slashes is never empty, and nothing has
control characters. The pattern does nothing.

Take it out, or write what GitLab shows.

```yaml
delete:
- { name: \"a//b\", older_than: 30d }
```",
};

pub(super) fn advice(looked: &Looked<'_>) -> Option<Advice> {
    (looked.sample == SearchResult::Nothing).then(|| {
        let message = format!("GitLab has nothing that is called so, {}", looked.vain());
        Advice::new(&LINT, message, "parts between slashes are never empty, and nothing has control characters")
    })
}
