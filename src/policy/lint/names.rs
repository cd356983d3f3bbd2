//! Name patterns that nothing can match which a package of its type is called in GitLab, and what may be meant.

use super::Advice;
use super::lists::Looked;
use super::lookalike::inner;
use crate::package::{Elsewhere, Facts, PackageType, Slash};
use crate::yaml::text::any_of;

pub(super) fn foreign(looked: &Looked<'_>, types: &[PackageType]) -> Option<Advice> {
    if looked.key != "name" || types.is_empty() {
        return None;
    }
    let told = any_of(types.iter().map(PackageType::as_str));
    let all_are = |slash: Slash| types.iter().all(|own| own.facts().slash == slash);
    let Facts { example, name_form, .. } = types[0].facts();
    let (vain, text) = (looked.vain(), looked.text());
    if all_are(Slash::Never) && looked.matches_only(".*/.*") {
        let advice = Advice::new(
            format!("names of {told} packages have no `/`, {vain}"),
            "write the bare name: versions, users and channels have conditions of their own",
        );
        return Some(meant(advice, types, text));
    }
    if all_are(Slash::Always) && looked.matches_only("[^/]*") {
        let advice = Advice::new(
            format!("names of {told} packages have a `/`, as in `{example}`, {vain}"),
            "write what stands before the `/`, too",
        );
        return Some(meant(advice, types, text));
    }
    if let Some(form) = form(types)
        && looked.misses(&form)
    {
        let message = match (types, name_form) {
            ([_], Some((_, words))) => format!("names of {told} packages {words}, as in `{example}`, {vain}"),
            _ => format!("no {told} package has such a name, {vain}"),
        };
        let examples = any_of(types.iter().map(|own| own.facts().example));
        return Some(meant(
            Advice::new(message, format!("write the name as GitLab shows it, as in {examples}")),
            types,
            text,
        ));
    }
    // Of npm packages some have a slash: who begins with a star means them all.
    let has_slash = |own: &PackageType| matches!(own.facts().slash, Slash::Always | Slash::Sometimes);
    (types.iter().all(has_slash) && text.starts_with('*') && looked.matches_only("[^/]*")).then(|| {
        let message = format!("`*` stops at `/`, so `{text}` matches no scoped name such as `{example}`");
        Advice::new(message, "write what stands before the `/`, too").or("", [beneath(text)], "")
    })
}

/// A lonely `*` where nobody says which types are meant.
pub(super) fn any(looked: &Looked<'_>, types: Option<&[PackageType]>) -> Option<Advice> {
    let may_have_slash = |types: &[PackageType]| types.iter().any(|own| own.facts().slash != Slash::Never);
    let is_lonely = looked.key == "name" && looked.text() == "*" && types.is_none_or(may_have_slash);
    is_lonely.then(|| {
        let message = "`*` stops at `/`: it matches neither `@acme/api` nor `com/acme/api`";
        Advice::new(message, "write `**`, which matches every name").or(
            "",
            ["**".to_owned()],
            ", which matches every name",
        )
    })
}

/// What every name matches of packages of these types, where that is certain.
fn form(types: &[PackageType]) -> Option<String> {
    let forms = types.iter().map(|own| {
        let Facts { name_form, slash, .. } = own.facts();
        match (name_form, slash) {
            (Some((form, _)), _) => Some(*form),
            (None, Slash::Never) => Some("[^/]+"),
            (None, Slash::Always) => Some("[^/]+(?:/[^/]+)+"),
            (None, Slash::Sometimes | Slash::Unknown) => None,
        }
    });
    Some(forms.collect::<Option<Vec<_>>>()?.join("|"))
}

/// With the globs that may be meant.
fn meant(mut advice: Advice, types: &[PackageType], text: &str) -> Advice {
    if inner(text).is_some() {
        return advice;
    }
    let mut kinds: Vec<Elsewhere> = types.iter().map(|own| own.facts().elsewhere).collect();
    kinds.dedup();
    for kind in kinds {
        advice = match kind {
            Elsewhere::Coordinates => coordinates(advice, text),
            Elsewhere::Scoped => advice.or("", [scoped(text)], ""),
            Elsewhere::Module => advice.or("", module(text), ""),
            Elsewhere::Recipe => {
                advice.or("", recipe(text), ": versions, users and channels have conditions of their own")
            }
            Elsewhere::Alike => advice.or("", alike(text), ""),
        };
    }
    advice
}

/// `com.acme:api:1.0` is `com/acme/api`.
fn coordinates(advice: Advice, text: &str) -> Advice {
    if text == "*" || !text.contains(['.', ':']) {
        return advice.or("", [beneath(text)], "");
    }
    let (group, artifact) = match text.split_once(':') {
        Some((group, rest)) => (group, rest.split(':').next()),
        None => (text, None),
    };
    let parts: Vec<&str> = group.split(['.', '/']).collect();
    // A star has been any number of parts.
    let parts: Vec<&str> = parts.iter().map(|part| if *part == "*" { "**" } else { part }).collect();
    let group = parts.join("/");
    match artifact {
        Some(artifact) => advice.or("", [format!("{group}/{artifact}")], ""),
        None if group.ends_with("**") => advice.or("", [group], ""),
        None if group.ends_with('*') => advice.or("", [format!("{group}/**")], ""),
        None => advice.or("", [group.clone()], "").or("", [format!("{group}/**")], " for all of that group"),
    }
}

/// `acme/api@1.0` is `@acme/api`.
fn scoped(text: &str) -> String {
    let name = match text.char_indices().rev().find(|(_, c)| *c == '@') {
        Some((at, _)) if at > 0 => &text[..at],
        _ => text,
    };
    if name.contains('/') && !name.starts_with('@') { format!("@{name}") } else { name.to_owned() }
}

/// `vpc` is `vpc/*`, and `registry.example/acme/vpc/aws` is `vpc/aws`.
fn module(text: &str) -> Vec<String> {
    let text = text.to_ascii_lowercase();
    if text == "*" {
        return vec![beneath(&text)];
    }
    let parts: Vec<&str> = text.split('/').collect();
    match parts.as_slice() {
        [name] => vec![format!("{name}/*")],
        [.., name, provider] => vec![format!("{name}/{provider}")],
        [] => Vec::new(),
    }
}

/// `zlib/1.2@acme/stable` is `zlib`.
fn recipe(text: &str) -> Vec<String> {
    let name = text.split(['/', '@']).next().unwrap_or_default();
    named(name).into_iter().collect()
}

/// Where names have a `/`, it may be missing; where they have none, what stands before it is something else.
fn alike(text: &str) -> Vec<String> {
    match text.rsplit_once('/') {
        Some((_, name)) => named(name).into_iter().collect(),
        None => vec![beneath(text)],
    }
}

/// A star alone would be much more than what was written.
fn named(name: &str) -> Option<String> {
    name.contains(char::is_alphanumeric).then(|| name.to_owned())
}

/// The glob for the same names in whatever group or scope.
fn beneath(text: &str) -> String {
    if text == "*" { "**".to_owned() } else { format!("**/{text}") }
}
