//! Refs with a prefix that pipelines don't have.

use super::Advice;
use super::looked::Looked;
use super::slashes::inner;
use crate::yaml::LintKind;

pub(super) static LINT: LintKind = LintKind {
    name: "full-ref-name",
    explanation: "\
A pattern under `built_from` begins with `refs/heads/`, `refs/tags/` or `refs/remotes/`. GitLab's pipelines have the short
names of branches and tags. So the pattern matches nothing.

Write the short name, as in `main` or `v1.*`.

```yaml
delete:
- { built_from: refs/heads/main, older_than: 30d }
```",
};

/// Tells of refs with a prefix that pipelines don't have. Only a merge request's ref keeps its prefix.
/// Source: `lib/gitlab/git.rb`, `lib/gitlab/ci/pipeline/chain/command.rb`.
pub(super) fn advice(looked: &Looked<'_>) -> Option<Advice> {
    if looked.key != "built_from" || !looked.matches_only("refs/(?:heads|tags|remotes)/.*") {
        return None;
    }
    let text = looked.text();
    let short = |text: &str| {
        let text = text.replace("\\/", "/");
        let prefixes = ["refs/heads/", "refs/tags/", "refs/remotes/origin/"];
        let short = prefixes.iter().find_map(|prefix| text.strip_prefix(prefix).map(str::to_owned));
        // All tags are not all refs.
        short.filter(|short| short.contains(char::is_alphanumeric))
    };
    let meant = match inner(text) {
        Some(inner) => short(inner).map(|inner| format!("/{inner}/")),
        None => short(text),
    };
    let message = format!("pipelines have the short names of branches and tags, {}", looked.vain());
    Some(Advice::new(&LINT, message, "write short names, as in `main`").or("", meant, ""))
}
