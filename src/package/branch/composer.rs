//! Finds the branches that a version of a Composer package may come from.
//!
//! Source: `app/services/packages/composer/version_parser_service.rb`. A branch `login` gives `dev-login`; a branch that
//! is written as numbers, such as `2.x`, `v2.x`, `2` or `v2`, gives `2.x-dev`. What counts as numbers is told by
//! `composer_package_version_regex` in `lib/gitlab/regex/packages.rb`. Older releases took whatever begins with numbers,
//! such as `2/hotfix`. Here both count, whatever the case: in doubt a branch that is there keeps its version.

/// Returns the names of the branches that a version stands for; none where it stands for no branch.
pub(super) fn branches_of(version: &str) -> Vec<String> {
    let lower = version.to_ascii_lowercase();
    if lower.starts_with("dev-") {
        return version.get(4..).filter(|name| !name.is_empty()).map(str::to_owned).into_iter().collect();
    }
    // Tags give other versions that end in `dev`, such as `1.0-dev`.
    let Some(stem) = lower.strip_suffix("-dev").and_then(|stem| version.get(..stem.len())) else {
        return if matches!(version, "master" | "trunk" | "default") { vec![version.to_owned()] } else { Vec::new() };
    };
    let Some(bare) = stem.to_ascii_lowercase().strip_suffix(".x").and_then(|bare| stem.get(..bare.len())) else {
        return Vec::new();
    };
    if !bare.starts_with(|c: char| c.is_ascii_digit()) {
        return Vec::new();
    }
    [stem, bare].into_iter().flat_map(|name| [name.to_owned(), format!("v{name}")]).collect()
}

/// Returns whether a branch of this name gives this version, or gave it in some release.
pub(super) fn may_give(branch: &str, version: &str) -> bool {
    branches_of(version).iter().any(|name| name.eq_ignore_ascii_case(branch))
        || versions_of(branch).any(|given| given.eq_ignore_ascii_case(version))
}

/// Returns the versions, in lower case, that a branch which is written as numbers gives, or gave in some release.
pub(super) fn versions_of(branch: &str) -> impl Iterator<Item = String> {
    let lower = branch.to_ascii_lowercase();
    let whole = lower.strip_prefix('v').unwrap_or(&lower).to_owned();
    let is_number = whole.starts_with(|c: char| c.is_ascii_digit());
    let begin = beginning(&whole).to_owned();
    let stems = [whole, begin].into_iter().filter(move |_| is_number);
    stems.flat_map(|stem| [format!("{stem}-dev"), format!("{stem}.x-dev")])
}

/// Returns the numbers that a text begins with: `2.x` of `2.x/hotfix`.
fn beginning(text: &str) -> &str {
    let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
    let mut end = digits(text);
    while let Some(rest) = text[end..].strip_prefix('.')
        && let count @ 1.. = if rest.starts_with(['x', '*']) { 1 } else { digits(rest) }
    {
        end += 1 + count;
    }
    // What follows after a hyphen belonged to it.
    if text[end..].len() > 1 && text[end..].starts_with('-') { text } else { &text[..end] }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_names_the_branches_that_may_give_it() {
        let table: [(&str, &[&str]); 13] = [
            ("dev-login", &["login"]),
            ("DEV-feature/Login", &["feature/Login"]),
            ("dev-", &[]),
            ("2.x-dev", &["2.x", "v2.x", "2", "v2"]),
            ("2.0.x-dev", &["2.0.x", "v2.0.x", "2.0", "v2.0"]),
            ("2.X-Dev", &["2.X", "v2.X", "2", "v2"]),
            ("1.0-dev", &[]),
            ("1.0.0-beta1-dev", &[]),
            ("dev", &[]),
            ("x.x-dev", &[]),
            ("master", &["master"]),
            ("trunk", &["trunk"]),
            ("1.0.0", &[]),
        ];
        for (version, expected) in table {
            assert_eq!(branches_of(version), expected, "{version}");
        }
    }

    #[test]
    fn a_branch_may_give_more_versions_than_one_release_says() {
        let yes = [
            ("login", "dev-login"),
            ("Login", "dev-login"),
            ("2.x", "2.x-dev"),
            ("2", "2.x-dev"),
            ("v2.x", "2.x-dev"),
            ("V2", "2.X-dev"),
            ("2/hotfix", "2.x-dev"),
            ("v2.x_old", "2.x-dev"),
            ("2.0", "2.0.x-dev"),
            ("1-feature", "1-feature.x-dev"),
            ("1-feature", "dev-1-feature"),
            ("master", "master"),
        ];
        for (branch, version) in yes {
            assert!(may_give(branch, version), "{branch} {version}");
        }
        let no = [
            ("login", "dev-logout"),
            ("2.0", "2.x-dev"),
            ("2.1.x", "2.x-dev"),
            ("3.x", "2.x-dev"),
            ("2.x", "dev-2"),
            ("x", "2.x-dev"),
            ("", "dev-"),
            ("main", "1.0.0"),
        ];
        for (branch, version) in no {
            assert!(!may_give(branch, version), "{branch} {version}");
        }
    }
}
