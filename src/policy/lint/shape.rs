//! Patterns that nothing can match which a package is called in GitLab.

use super::Advice;
use super::lookalike::inner;
use crate::package::{PackageType, Slash};
use crate::policy::PatternKind;
use crate::policy::pattern::{Effect, Item, Texts, is_there};
use crate::policy::text::any_of;

/// Versions don't begin or end with what separates their parts, and refs don't with `/`: there something is missing.
pub(super) fn ends(key: &str, item: &Item<'_>) -> Option<Advice> {
    let (what, begins, ends) = match key {
        "version" => ("version", ['-', '.', '+', '~'].as_slice(), ['-', '.'].as_slice()),
        "built_from" => ("ref", ['/', '-'].as_slice(), ['/', '.'].as_slice()),
        _ => return None,
    };
    let text = item.text;
    // Most globs begin and end with what any version may.
    let is_plain = |c: Option<char>| !text.starts_with('/') && c.is_some_and(|c| c.is_alphanumeric() || c == '*');
    let begins = if is_plain(text.chars().next()) { &[] } else { begins };
    let ends = if is_plain(text.chars().next_back()) { &[] } else { ends };
    if let Some(c) = begins.iter().find(|c| matches_only(item, &format!("{}.*", escaped(**c)))) {
        let hint = match inner(text) {
            Some(inner) => format!("patterns are anchored at both ends: write `/.*{inner}/`"),
            None => format!("patterns are anchored at both ends: write `*{text}`"),
        };
        return Some(Advice::new(format!("no {what} begins with `{c}`, so nothing matches `{text}`"), hint));
    }
    let c = ends.iter().find(|c| matches_only(item, &format!(".*{}", escaped(**c))))?;
    let hint = match inner(text) {
        Some(inner) => format!("patterns are anchored at both ends: write `/{inner}.*/`"),
        None => format!("patterns are anchored at both ends: write `{text}*`"),
    };
    Some(Advice::new(format!("no {what} ends with `{c}`, so nothing matches `{text}`"), hint))
}

/// Files that no rule can take by themselves.
pub(super) fn files(key: &str, item: &Item<'_>) -> Option<Advice> {
    if key != "file" {
        return None;
    }
    let text = item.text;
    let companions = r"(?:\.(?:md5|sha1|sha256|sha512|asc))";
    if matches_only(item, &format!(r"maven-metadata\.xml{companions}*")) {
        let message = format!("`maven-metadata.xml` always stays, so nothing matches `{text}`");
        return Some(Advice::new(message, "take it out: Maven's clients find versions by it"));
    }
    matches_only(item, &format!(".*{companions}")).then(|| {
        let message =
            format!("checksums and signatures go with the file that they belong to, so nothing matches `{text}`");
        Advice::new(message, "write the pattern of the files themselves")
    })
}

/// What takes files away by a pattern that none in a folder matches.
pub(super) fn top_folder(item: &Item<'_>) -> Option<Advice> {
    let text = item.text;
    let has_wildcard = text.contains(['*', '?', '[']);
    if item.effect != Effect::TakeAway || text.contains('/') || text == "**" || !has_wildcard {
        return None;
    }
    Some(Advice::new(
        format!("`!{text}` takes away files that lie in no folder alone"),
        format!("write `!**/{text}` to take them away wherever they lie"),
    ))
}

/// Names with a slash or without one, where no package of the type has such a name.
pub(super) fn slashes(key: &str, item: &Item<'_>, types: &[PackageType]) -> Option<Advice> {
    if key != "name" || types.is_empty() {
        return None;
    }
    let text = item.text;
    let told = any_of(types.iter().map(PackageType::as_str));
    if types.iter().all(|own| own.facts().slash == Slash::Never) && matches_only(item, ".*/.*") {
        let message = format!("names of {told} packages have no `/`, so nothing matches `{text}`");
        return Some(Advice::new(
            message,
            "write the bare name: versions, users and channels have conditions of their own",
        ));
    }
    let has_slash = |own: &PackageType| matches!(own.facts().slash, Slash::Always | Slash::Sometimes);
    if !types.iter().all(has_slash) || !matches_only(item, "[^/]*") {
        return None;
    }
    let example = types[0].facts().example;
    if types.iter().all(|own| own.facts().slash == Slash::Always) {
        let message = format!("names of {told} packages have a `/`, as in `{example}`, so nothing matches `{text}`");
        return Some(Advice::new(message, beneath(text)));
    }
    // Of npm packages some have a slash: who begins with a star means them all.
    let message = format!("`*` stops at `/`, so `{text}` matches no scoped name such as `{example}`");
    text.starts_with('*').then(|| Advice::new(message, beneath(text)))
}

/// A lonely `*` where nobody says which types are meant.
pub(super) fn any_name(key: &str, item: &Item<'_>, types: Option<&[PackageType]>) -> Option<Advice> {
    let may_have_slash = |types: &[PackageType]| types.iter().any(|own| own.facts().slash != Slash::Never);
    let is_lonely = key == "name" && item.text == "*" && types.is_none_or(may_have_slash);
    is_lonely.then(|| {
        let message = "`*` stops at `/`: it matches neither `@acme/api` nor `com/acme/api`";
        Advice::new(message, "write `**`, which matches every name")
    })
}

/// Versions of an ecosystem that all begin alike.
pub(super) fn begin(key: &str, item: &Item<'_>, types: &[PackageType]) -> Option<Advice> {
    if key != "version" || types.is_empty() {
        return None;
    }
    let begins: Option<Vec<_>> = types.iter().map(|own| own.facts().version_begin).collect();
    let begins = begins?;
    let fits = |(begin, _): &(&str, &str)| {
        let texts = [Texts::from(item), Texts::Expression(begin)];
        is_there(PatternKind::Text, &texts, |among| among[0] && among[1]) != Some(false)
    };
    let fits = item.text.starts_with('*') || begins.iter().any(fits);
    if fits {
        return None;
    }
    let (text, told) = (item.text, any_of(types.iter().map(PackageType::as_str)));
    let (_, begin) = begins.first()?;
    let message = format!("versions of {told} packages begin {begin}, so nothing matches `{text}`");
    Some(Advice::new(message, "write the version as GitLab lists it"))
}

/// Whether the pattern matches something, and nothing but what the expression does.
fn matches_only(item: &Item<'_>, expression: &str) -> bool {
    let kind = item.alone.kind();
    let texts = [Texts::from(item), Texts::Expression(expression)];
    is_there(kind, &texts, |among| among[0] && !among[1]) == Some(false)
        && is_there(kind, &texts, |among| among[0]) == Some(true)
}

/// The glob for the same names in whatever group or scope.
fn beneath(text: &str) -> String {
    match text {
        "*" => "write `**`, which matches every name".to_owned(),
        text if text.starts_with('/') => "write what stands before the `/`, too".to_owned(),
        text => format!("write `**/{text}`"),
    }
}

fn escaped(c: char) -> String {
    regex_syntax::escape(c.encode_utf8(&mut [0; 4]))
}
