//! Version patterns that begin otherwise than every version of their ecosystem.

use super::Advice;
use super::looked::Looked;
use super::slashes::inner;
use crate::package::PackageType;
use crate::yaml::LintKind;
use crate::yaml::text::any_of;

pub(super) static LINT: LintKind = LintKind {
    name: "version-never-matches",
    explanation: "\
All versions of an ecosystem begin alike, and a pattern under `version` begins otherwise: versions of Go modules begin
with `v`, those of npm packages with a number. So the pattern matches nothing.

Write the version as GitLab's package registry shows it.

```yaml
delete:
- { type: npm, version: \"v1.*\", older_than: 30d }
```",
};

/// Tells of a pattern that begins otherwise than all versions of its ecosystem.
pub(super) fn advice(looked: &Looked<'_>, types: &[PackageType]) -> Option<Advice> {
    if looked.key != "version" || types.is_empty() || looked.text().starts_with('*') {
        return None;
    }
    let begins: Option<Vec<_>> = types.iter().map(|own| own.facts().version_begin).collect();
    let begins = begins?;
    let (_, begin) = begins.first()?;
    if !looked.misses(&begins.iter().map(|(begin, _)| format!("(?:{begin})")).collect::<Vec<_>>().join("|")) {
        return None;
    }
    let (text, told) = (looked.text(), any_of(types.iter().map(PackageType::as_str)));
    let message = format!("versions of {told} packages begin {begin}, {}", looked.vain());
    let prefix = types[0].facts().version_prefix;
    // A star alone would be much more than what was written.
    let bare = text.trim_start_matches(['v', 'V']);
    let meant =
        (inner(text).is_none() && bare.starts_with(|c: char| c.is_ascii_digit())).then(|| format!("{prefix}{bare}"));
    Some(Advice::new(&LINT, message, "write the version as GitLab lists it").or("", meant, ""))
}
