//! Name patterns whose star stops at a slash that names have.

use super::Advice;
use super::looked::Looked;
use super::name_never_matches::beneath;
use crate::package::{PackageType, Slash};
use crate::yaml::LintKind;

pub(super) static LINT: LintKind = LintKind {
    name: "star-stops-at-slash",
    explanation: "\
A star under `name` stops at `/`. `*` alone doesn't match `@acme/api` or `com/acme/api`, and `*-internal` doesn't match
`@acme/api-internal`. A rule that is meant for all names passes over those.

Write `**`, which goes on over slashes, or what stands before the slash.

```yaml
delete:
- { name: \"*\", older_than: 90d }
```",
};

/// Tells of a star that misses all names with a slash, where packages of these types have such names.
pub(super) fn scoped(looked: &Looked<'_>, types: &[PackageType]) -> Option<Advice> {
    let text = looked.text();
    // Some npm names have a slash. Who begins with a star means all names.
    let has_slash = |own: &PackageType| matches!(own.facts().slash, Slash::Always | Slash::Sometimes);
    let is_meant = looked.key == "name" && !types.is_empty() && types.iter().all(has_slash) && text.starts_with('*');
    (is_meant && looked.matches_only("[^/]*")).then(|| {
        let example = types[0].facts().example;
        let message = format!("`*` stops at `/`, so `{text}` matches no scoped name such as `{example}`");
        Advice::new(&LINT, message, "write what stands before the `/`, too").or("", [beneath(text)], "")
    })
}

/// Tells of a lonely `*` where nobody says which types are meant.
pub(super) fn lonely(looked: &Looked<'_>, types: Option<&[PackageType]>) -> Option<Advice> {
    let may_have_slash = |types: &[PackageType]| types.iter().any(|own| own.facts().slash != Slash::Never);
    let is_lonely = looked.key == "name" && looked.text() == "*" && types.is_none_or(may_have_slash);
    is_lonely.then(|| {
        let message = "`*` stops at `/`: it matches neither `@acme/api` nor `com/acme/api`";
        Advice::new(&LINT, message, "write `**`, which matches every name").or(
            "",
            ["**".to_owned()],
            ", which matches every name",
        )
    })
}
