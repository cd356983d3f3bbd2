//! In which ways one version may be written in the address of a file.

use super::pep440;
use crate::package::PackageType;

/// The version as it is, and as its clients and GitLab may write it: without build metadata, which names no other
/// version, and the way in which its ecosystem writes equal versions alike.
#[must_use]
pub(in crate::package) fn spellings(package_type: &PackageType, version: &str) -> Vec<String> {
    let without_build = version.split('+').next().unwrap_or_default();
    let normal = match package_type {
        PackageType::Nuget => nuget(without_build),
        PackageType::Pypi => pep440(version).map(|version| version.to_string()),
        _ => None,
    };
    [version.to_owned(), without_build.to_owned()].into_iter().chain(normal).collect()
}

/// Three numbers at least, without leading zeros, and a fourth only if it isn't 0.
fn nuget(version: &str) -> Option<String> {
    let (numbers, label) = version.split_once('-').map_or((version, None), |(numbers, label)| (numbers, Some(label)));
    let mut numbers: Vec<u64> = numbers.split('.').map(str::parse).collect::<Result<_, _>>().ok()?;
    if let [_, _, _, 0] = numbers[..] {
        numbers.pop();
    }
    numbers.resize(numbers.len().max(3), 0);
    let numbers = numbers.iter().map(u64::to_string).collect::<Vec<_>>().join(".");
    Some(label.map_or(numbers.clone(), |label| format!("{numbers}-{label}")))
}
