//! Name patterns that match no name that a package of their type can have in GitLab.

use super::Advice;
use super::looked::Looked;
use super::slashes::inner;
use crate::package::{Elsewhere, Facts, PackageType, Slash};
use crate::yaml::LintKind;
use crate::yaml::text::any_of;

pub(super) static LINT: LintKind = LintKind {
    name: "name-never-matches",
    explanation: "\
A pattern under `name` matches no name that packages of this type have in GitLab. Mostly it is written as the ecosystem's
own tools write names: Maven's `com.acme:api` is `com/acme/api` in GitLab, Conan's `zlib/1.2@acme/stable` is `zlib`, and
npm's scopes begin with `@`. A delete rule takes nothing by it, and of a keep or protect rule nothing is held.

Write the name as GitLab's package registry shows it.

```yaml
delete:
- { type: npm, name: \"acme/*\", older_than: 30d }
```",
};

pub(super) fn advice(looked: &Looked<'_>, types: &[PackageType]) -> Option<Advice> {
    if looked.key != "name" || types.is_empty() {
        return None;
    }
    let told = any_of(types.iter().map(PackageType::as_str));
    let all_are = |slash: Slash| types.iter().all(|own| own.facts().slash == slash);
    let Facts { example, name_form, .. } = types[0].facts();
    let (vain, text) = (looked.vain(), looked.text());
    if all_are(Slash::Never) && looked.matches_only(".*/.*") {
        let advice = Advice::new(
            &LINT,
            format!("names of {told} packages have no `/`, {vain}"),
            "write the bare name: versions, users and channels have conditions of their own",
        );
        return Some(meant(advice, types, text));
    }
    if all_are(Slash::Always) && looked.matches_only("[^/]*") {
        let advice = Advice::new(
            &LINT,
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
            Advice::new(&LINT, message, format!("write the name as GitLab shows it, as in {examples}")),
            types,
            text,
        ));
    }
    None
}

/// Returns an expression that every name of packages of these types matches, where one is certain.
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

/// Adds the globs that may be meant.
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
    // In a group's name a star stood for any number of parts.
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

/// Returns the glob with a `/` where it is missing, or the name behind the last `/`: before it stands no part of a name.
fn alike(text: &str) -> Vec<String> {
    match text.rsplit_once('/') {
        Some((_, name)) => named(name).into_iter().collect(),
        None => vec![beneath(text)],
    }
}

/// Returns the name, but no star alone: that would be much more than what was written.
fn named(name: &str) -> Option<String> {
    name.contains(char::is_alphanumeric).then(|| name.to_owned())
}

/// Returns the glob for the same names in any group or scope.
pub(super) fn beneath(text: &str) -> String {
    if text == "*" { "**".to_owned() } else { format!("**/{text}") }
}
