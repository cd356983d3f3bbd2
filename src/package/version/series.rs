//! The series that a version belongs to, told by its first numbers.

use super::{Ecosystem, rungs};
use crate::package::PackageType;

/// How many numbers two versions of one series have in common.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Depth {
    /// The first number.
    Major = 1,
    /// The first two.
    Minor = 2,
    /// The first three.
    Patch = 3,
}

/// Returns the first numbers of `version`, with the epoch before them where it has one; `None` where its ecosystem
/// can't parse it, or where it does not begin with so many numbers. A number that is not written counts as 0: `1` is in
/// the series of `1.0`. Ecosystems that take any text for a version may have a commit's hash there, as `3f2a9c1`, whose
/// first digits are no number.
#[must_use]
pub fn series(package_type: &PackageType, version: &str, depth: Depth) -> Option<String> {
    if rungs(package_type, &[version]) == [None] {
        return None;
    }
    let ecosystem = package_type.facts().versions;
    let (epoch, rest) = epoch(ecosystem, version.trim());
    let rest = rest.strip_prefix(['v', 'V']).unwrap_or(rest);
    let (mut numbers, rest) = leading_numbers(rest);
    // Of Composer's `2.x-dev` the second number is any.
    let is_any = rest.starts_with(".x") || rest.starts_with(".*");
    let wanted = depth as usize;
    // The numbers of a hash are none, and a place that a word takes is not 0.
    let is_word = rest.starts_with(char::is_alphabetic) && numbers.len() == 1;
    let is_next_word = rest.starts_with('.') && numbers.len() < wanted && ecosystem != Ecosystem::Maven;
    if numbers.is_empty() || (is_any && numbers.len() < wanted) {
        return None;
    }
    if takes_anything(ecosystem) && (is_word || is_next_word) {
        return None;
    }
    numbers.resize(wanted, "0");
    Some(format!("{epoch}{}", numbers.join(".")))
}

/// Returns whether its clients take any text for a version.
fn takes_anything(ecosystem: Ecosystem) -> bool {
    matches!(ecosystem, Ecosystem::Conan | Ecosystem::Debian | Ecosystem::Plain | Ecosystem::Maven | Ecosystem::Rpm)
}

/// Returns the epoch with its sign, and what follows. An epoch of 0 is as good as none.
fn epoch(ecosystem: Ecosystem, version: &str) -> (&str, &str) {
    let sign = match ecosystem {
        Ecosystem::Pep440 => '!',
        Ecosystem::Debian | Ecosystem::Rpm => ':',
        _ => return ("", version),
    };
    match version.find(sign) {
        Some(at) if version[..at].trim_start_matches('0').is_empty() => ("", &version[at + 1..]),
        Some(at) => version.split_at(at + 1),
        None => ("", version),
    }
}

/// Returns the numbers with dots between them that a text begins with, without leading zeros, and what follows.
fn leading_numbers(text: &str) -> (Vec<&str>, &str) {
    let mut numbers = Vec::new();
    let mut rest = text;
    loop {
        let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        if digits == 0 {
            return (numbers, rest);
        }
        let number = rest[..digits].trim_start_matches('0');
        numbers.push(if number.is_empty() { "0" } else { number });
        rest = &rest[digits..];
        match rest.strip_prefix('.') {
            Some(next) if next.starts_with(|c: char| c.is_ascii_digit()) => rest = next,
            _ => return (numbers, rest),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_numbers_make_a_series() {
        let table = [
            (PackageType::Npm, "1.2.3", ["1", "1.2", "1.2.3"]),
            (PackageType::Npm, "1.2.3-rc.1+build", ["1", "1.2", "1.2.3"]),
            (PackageType::Golang, "v1.2.3", ["1", "1.2", "1.2.3"]),
            (PackageType::Golang, "v0.0.0-20240101000000-abcdefabcdef", ["0", "0.0", "0.0.0"]),
            (PackageType::Maven, "1.2.Final", ["1", "1.2", "1.2.0"]),
            (PackageType::Maven, "33-jre", ["33", "33.0", "33.0.0"]),
            (PackageType::Pypi, "1!2.3.4.5", ["1!2", "1!2.3", "1!2.3.4"]),
            (PackageType::Pypi, "0!2.3rc1", ["2", "2.3", "2.3.0"]),
            (PackageType::Debian, "5:24.0.9-1~debian.12", ["5:24", "5:24.0", "5:24.0.9"]),
            (PackageType::Rpm, "2.07-1.fc41", ["2", "2.7", "2.7.0"]),
            (PackageType::Generic, "2024.06.01-nightly", ["2024", "2024.6", "2024.6.1"]),
            (PackageType::Generic, "v1.0.0-beta.1", ["1", "1.0", "1.0.0"]),
            (PackageType::Generic, "1.1.0-rc1", ["1", "1.1", "1.1.0"]),
            (PackageType::Generic, "1.1rc1", ["1", "1.1", "1.1.0"]),
            (PackageType::Generic, "1.1-20250801.101010-7", ["1", "1.1", "1.1.0"]),
            (PackageType::Generic, "1a2b3c4", ["", "", ""]),
            (PackageType::Generic, "1.b.4", ["1", "", ""]),
            (PackageType::Generic, "v1.2-3-g1a2b", ["1", "1.2", "1.2.0"]),
            (PackageType::Maven, "3f2a9c1", ["", "", ""]),
            (PackageType::Conan, "3f2a9c1", ["", "", ""]),
            (PackageType::Pypi, "1rc1", ["1", "1.0", "1.0.0"]),
            (PackageType::Composer, "v2.1.x-dev", ["2", "2.1", ""]),
            (PackageType::Npm, "1.2", ["", "", ""]),
            (PackageType::Conan, "cci.20200101", ["", "", ""]),
            (PackageType::Cargo, "1.2.3", ["1", "1.2", "1.2.3"]),
            (PackageType::Other("swift".to_owned()), "1.2.3", ["", "", ""]),
        ];
        for (package_type, version, expected) in table {
            let depths = [Depth::Major, Depth::Minor, Depth::Patch];
            let found = depths.map(|depth| series(&package_type, version, depth).unwrap_or_default());
            assert_eq!(found, expected, "{package_type} {version}");
        }
    }
}
