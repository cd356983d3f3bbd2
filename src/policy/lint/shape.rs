//! Patterns that nothing can match which GitLab knows, whatever the type of its package.

use super::Advice;
use super::lists::Looked;
use super::lookalike::{grouped, inner, wider};
use crate::package::PackageType;
use crate::policy::pattern::{Answer, Effect, Item};
use crate::yaml::text::any_of;

/// Nothing is called so in any GitLab.
pub(super) fn nothing(looked: &Looked<'_>) -> Option<Advice> {
    if looked.sample != Answer::Nothing {
        return None;
    }
    let (vain, text) = (looked.vain(), looked.text());
    if matches!(looked.key, "project" | "paths") && !text.contains('/') {
        let advice = Advice::new(
            format!("a project's path has that of its group before it, {vain}"),
            "write the full path, as in `acme/platform/api`",
        );
        if text == "*" {
            return Some(advice.or("", ["**".to_owned()], ""));
        }
        let (group, project) = (format!("{text}/**"), format!("**/{text}"));
        return Some(advice.or("", [group], " for a group of that name").or(
            "",
            [project],
            " for projects of that name",
        ));
    }
    Some(Advice::new(
        format!("GitLab has nothing that is called so, {vain}"),
        "parts between slashes are never empty, and nothing has control characters",
    ))
}

/// Versions don't begin or end with what separates their parts, and refs don't with `/`: there something is missing.
pub(super) fn ends(looked: &Looked<'_>) -> Option<Advice> {
    let (what, begins, ends) = match looked.key {
        "version" => ("version", ['-', '.', '+', '~'].as_slice(), ['-', '.'].as_slice()),
        "built_from" => ("ref", ['/', '-'].as_slice(), ['/', '.'].as_slice()),
        _ => return None,
    };
    let text = looked.text();
    // Most globs begin and end with what any version may.
    let is_plain = |c: Option<char>| !text.starts_with('/') && c.is_some_and(|c| c.is_alphanumeric() || c == '*');
    let begins = if is_plain(text.chars().next()) { &[] } else { begins };
    let ends = if is_plain(text.chars().next_back()) { &[] } else { ends };
    let (message, before, after) =
        if let Some(c) = begins.iter().find(|c| looked.matches_only(&format!("{}.*", escaped(**c)))) {
            (format!("no {what} begins with `{c}`, {}", looked.vain()), true, false)
        } else {
            let c = ends.iter().find(|c| looked.matches_only(&format!(".*{}", escaped(**c))))?;
            (format!("no {what} ends with `{c}`, {}", looked.vain()), false, true)
        };
    let advice = Advice::new(message, "patterns are anchored at both ends");
    // What lacks something at both ends is told of one of them.
    Some(advice.because("patterns are anchored at both ends: ").or(
        "",
        [wider(text, before, after), wider(text, true, true)],
        "",
    ))
}

/// Conan's users and channels, of which GitLab shows both.
/// Source: `app/models/packages/conan/metadatum.rb`, `lib/gitlab/regex/packages.rb`.
const CHANNEL: &str = "[A-Za-z0-9_.+-]+/[A-Za-z0-9_.+-]+";

/// A channel without its user, or a user without a channel.
pub(super) fn channel(looked: &Looked<'_>) -> Option<Advice> {
    if looked.key != "channel" || !looked.misses(CHANNEL) {
        return None;
    }
    let text = looked.text();
    let message = format!("a channel is `user/channel`, as in `acme/stable`, {}", looked.vain());
    let advice = Advice::new(message, "write user and channel as GitLab shows them");
    if let Some(inner) = inner(text) {
        return Some(advice.or("", [format!("/[^/]*/{}/", grouped(inner))], " for the channel of every user"));
    }
    // Of a whole recipe they stand behind its `@`.
    let behind = text.rsplit_once('@').map_or(text, |(_, behind)| behind);
    if behind.contains('/') {
        return Some(advice.or("", [behind.to_owned()], ""));
    }
    let (channel, user) = (format!("*/{behind}"), format!("{behind}/*"));
    Some(advice.or("", [channel], " for the channel of every user").or("", [user], " for all of that user"))
}

/// Refs with a prefix that pipelines don't have: a merge request's alone keeps its own.
/// Source: `lib/gitlab/git.rb`, `lib/gitlab/ci/pipeline/chain/command.rb`.
pub(super) fn full_refs(looked: &Looked<'_>) -> Option<Advice> {
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
    Some(Advice::new(message, "write short names, as in `main`").or("", meant, ""))
}

/// Files that no rule can take by themselves.
pub(super) fn files(looked: &Looked<'_>) -> Option<Advice> {
    if looked.key != "file" {
        return None;
    }
    let companions = r"(?:\.(?:md5|sha1|sha256|sha512|asc))";
    if looked.matches_only(&format!(r"maven-metadata\.xml{companions}*")) {
        let message = format!("`maven-metadata.xml` always stays, {}", looked.vain());
        return Some(Advice::new(message, "take it out: Maven's clients find versions by it"));
    }
    looked.matches_only(&format!(".*{companions}")).then(|| {
        let message = format!("checksums and signatures go with the file that they belong to, {}", looked.vain());
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
    let message = format!("`!{text}` takes away files that lie in no folder alone");
    let advice = Advice::new(message, "write the folders as well, as in `debug/*.log`");
    Some(advice.or("", [format!("**/{text}")], " to take them away wherever they lie"))
}

/// Versions of an ecosystem that all begin alike.
pub(super) fn begin(looked: &Looked<'_>, types: &[PackageType]) -> Option<Advice> {
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
    Some(Advice::new(message, "write the version as GitLab lists it").or("", meant, ""))
}

fn escaped(c: char) -> String {
    regex_syntax::escape(c.encode_utf8(&mut [0; 4]))
}
