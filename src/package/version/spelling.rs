//! The ways in which one version may be written: `1.0` and `1.0.0` are one to NuGet and to pip.

use std::borrow::Cow;

use super::{Ecosystem, pep440};

/// As many numbers as a spelling is filled up to. NuGet's versions have four at most.
const MOST_NUMBERS: usize = 4;

/// A version taken apart: what stands before its numbers, the numbers, and what follows.
struct VersionParts {
    before: String,
    numbers: Vec<String>,
    after: String,
}

/// See [`Ecosystem::normal`].
pub(super) fn normal(ecosystem: Ecosystem, version: &str) -> Cow<'_, str> {
    match ecosystem {
        // GitLab refuses a version that differs in build metadata or case alone.
        Ecosystem::Cargo if super::Semver::cargo(version).is_some() => {
            Cow::Owned(without_build(version).to_ascii_lowercase())
        }
        _ => parts(ecosystem, version).map_or(Cow::Borrowed(version), |parts| Cow::Owned(parts.filled(1))),
    }
}

/// See [`Ecosystem::spellings`].
pub(super) fn spellings(ecosystem: Ecosystem, version: &str) -> Vec<String> {
    let mut spellings = vec![version.to_owned()];
    if let Some(parts) = parts(ecosystem, version) {
        let fewest = parts.numbers.len();
        spellings.extend((fewest..=fewest.max(MOST_NUMBERS)).map(|numbers| parts.filled(numbers)));
    }
    spellings
}

impl VersionParts {
    /// Writes the version with zeros added until there are so many numbers.
    fn filled(&self, numbers: usize) -> String {
        let zeros = std::iter::repeat_n("0", numbers.saturating_sub(self.numbers.len()));
        let numbers: Vec<&str> = self.numbers.iter().map(String::as_str).chain(zeros).collect();
        format!("{}{}{}", self.before, numbers.join("."), self.after)
    }
}

/// Returns a version's parts in normal form, without zeros at the end of the numbers; `None` where the ecosystem has no
/// other spellings, or can't read it.
fn parts(ecosystem: Ecosystem, version: &str) -> Option<VersionParts> {
    match ecosystem {
        Ecosystem::Nuget => nuget(version),
        Ecosystem::Pep440 => pypi(version),
        _ => None,
    }
}

/// Labels have no case, and build metadata names no other version.
/// Source: `app/finders/packages/nuget/package_finder.rb`, `lib/packages/nuget/version_normalizer.rb`.
fn nuget(version: &str) -> Option<VersionParts> {
    super::Nuget::parse(version)?;
    let version = without_build(version).to_ascii_lowercase();
    let (numbers, label) = match version.split_once('-') {
        Some((numbers, label)) => (numbers, format!("-{label}")),
        None => (version.as_str(), String::new()),
    };
    let numbers = numbers.split('.').map(without_leading_zeros).collect();
    Some(VersionParts { before: String::new(), numbers: without_last_zeros(numbers), after: label })
}

/// PEP 440 writes equal versions alike, but for the zeros at the end of the release.
fn pypi(version: &str) -> Option<VersionParts> {
    let normal = pep440::parse(version)?.to_string();
    let (before, rest) = match normal.split_once('!') {
        Some((epoch, rest)) => (format!("{epoch}!"), rest),
        None => (String::new(), normal.as_str()),
    };
    let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
    // A dot that is last belongs to what follows, as in `1.0.post1`.
    let release = rest[..end].trim_end_matches('.');
    let numbers = release.split('.').map(without_leading_zeros).collect();
    Some(VersionParts { before, numbers: without_last_zeros(numbers), after: rest[release.len()..].to_owned() })
}

fn without_build(version: &str) -> &str {
    version.split('+').next().unwrap_or_default()
}

fn without_leading_zeros(number: &str) -> String {
    let digits = number.trim_start_matches('0');
    if digits.is_empty() { "0".to_owned() } else { digits.to_owned() }
}

/// One number stays.
fn without_last_zeros(mut numbers: Vec<String>) -> Vec<String> {
    while numbers.len() > 1 && numbers.last().is_some_and(|number| number == "0") {
        numbers.pop();
    }
    numbers
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_a_version_have_one_form() {
        let table = [
            (Ecosystem::Nuget, "1.3.0", "1.3"),
            (Ecosystem::Nuget, "1.3", "1.3"),
            (Ecosystem::Nuget, "1.3.0.0", "1.3"),
            (Ecosystem::Nuget, "01.03", "1.3"),
            (Ecosystem::Nuget, "1.0.0.1", "1.0.0.1"),
            (Ecosystem::Nuget, "0.0", "0"),
            (Ecosystem::Nuget, "2.0.0-RC1+4f2e", "2-rc1"),
            (Ecosystem::Nuget, "not a version", "not a version"),
            (Ecosystem::Pep440, "1.0", "1"),
            (Ecosystem::Pep440, "1.0.0", "1"),
            (Ecosystem::Pep440, "v1.0.0-RC.1", "1rc1"),
            (Ecosystem::Pep440, "1.0-1", "1.post1"),
            (Ecosystem::Pep440, "1!2.0.dev3+Local.1", "1!2.dev3+local.1"),
            (Ecosystem::Cargo, "1.0.0-RC1+build", "1.0.0-rc1"),
            (Ecosystem::Npm, "1.0.0+build", "1.0.0+build"),
            (Ecosystem::Maven, "1.0.0", "1.0.0"),
        ];
        for (ecosystem, version, expected) in table {
            assert_eq!(normal(ecosystem, version), expected, "{ecosystem:?} {version}");
        }
    }

    #[test]
    fn a_version_is_tried_with_and_without_zeros() {
        let table: [(_, _, &[&str]); 4] = [
            (Ecosystem::Nuget, "1.3.0", &["1.3.0", "1.3", "1.3.0", "1.3.0.0"]),
            (Ecosystem::Nuget, "2.0-RC1", &["2.0-RC1", "2-rc1", "2.0-rc1", "2.0.0-rc1", "2.0.0.0-rc1"]),
            (Ecosystem::Pep440, "1.0rc1", &["1.0rc1", "1rc1", "1.0rc1", "1.0.0rc1", "1.0.0.0rc1"]),
            (Ecosystem::Helm, "1.0.0", &["1.0.0"]),
        ];
        for (ecosystem, version, expected) in table {
            assert_eq!(spellings(ecosystem, version), expected, "{ecosystem:?} {version}");
        }
    }
}
