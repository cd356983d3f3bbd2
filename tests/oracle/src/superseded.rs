//! Whether a pre-release's own release, or a higher one, has come after it.

use gleaner::package::{Package, PackageType, rungs};
use gleaner::policy::{Age, By, SupersededBy};
use regex::Regex;

use super::Oracle;
use super::condition::and;
use super::facts::{are_siblings, has_several_indexes, is_upload};
use super::newest::beginning;

impl Oracle<'_> {
    /// Whether a release of these is there, and for longer than `age` where one is given; `None` where that can't be told.
    pub(crate) fn is_superseded(&self, package: &Package, by: SupersededBy, age: Option<&Age>) -> Option<bool> {
        if !package.is_prerelease()? || is_upload(package) {
            return Some(false);
        }
        let taken = self.taken.iter().filter(|package| self.is_in_scope(package));
        let releases: Vec<&Package> = self
            .packages()
            .into_iter()
            .chain(taken)
            .filter(|other| are_siblings(other, package) && other.is_prerelease() == Some(false))
            .filter(|other| self.is_installable(other))
            .filter(|other| age.is_none_or(|age| other.created_at.is_some_and(|made| self.is_before(made, age))))
            .collect();
        let by_own = match releases.iter().any(|release| is_own(release, package)) {
            true => age.map_or(Some(true), |age| self.is_older(age, package)),
            false => Some(false),
        };
        let by_higher = match by {
            SupersededBy::Own => Some(false),
            SupersededBy::Any => self.has_later(package, &releases),
        };
        let superseded = match (by_own, by_higher) {
            (Some(true), _) | (_, Some(true)) => Some(true),
            (Some(false), Some(false)) => return Some(false),
            _ => None,
        };
        let is_tagged = match package.package_type {
            PackageType::Npm => package.tags.as_ref().map(|tags| !tags.is_empty()),
            _ => Some(false),
        };
        let may_be_elsewhere = if has_several_indexes(&package.package_type) { None } else { Some(true) };
        and(and(superseded, is_tagged.map(|is_tagged| !is_tagged)), may_be_elsewhere)
    }

    /// Whether one that is higher was made after the newest content.
    fn has_later(&self, package: &Package, releases: &[&Package]) -> Option<bool> {
        let (newest, is_whole) = self.newest_content(package)?;
        let begins =
            |package: &Package| beginning(&package.package_type, package.version.as_deref().unwrap_or_default());
        let is_later = |release: &&&Package| {
            begins(release) == begins(package)
                && self.is_surely_newer(By::Version, release, package)
                && release.created_at.is_some_and(|made| made > newest)
        };
        match releases.iter().find(is_later) {
            None => Some(false),
            Some(_) => is_whole.then_some(true),
        }
    }
}

/// Whether one has the version of the other without its pre-release part.
fn is_own(release: &Package, package: &Package) -> bool {
    let [release, version] = [release, package].map(|package| package.version.as_deref().unwrap_or_default());
    let Some(own) = own_release(&package.package_type, version) else { return false };
    match package.package_type {
        PackageType::Generic => release == own,
        _ => match rungs(&package.package_type, &[release, &own])[..] {
            [Some(release), Some(own)] => release == own,
            _ => false,
        },
    }
}

/// What the documentation calls the own release of a pre-release.
fn own_release(package_type: &PackageType, version: &str) -> Option<String> {
    let first = |expression: &str| {
        let expression = Regex::new(expression).expect("an expression");
        let found = expression.captures(version)?;
        let part = |group| found.get(group).map_or("", |part| part.as_str());
        Some(format!("{}{}", part(1), part(2)))
    };
    match package_type.as_str() {
        "cargo" | "helm" | "npm" | "nuget" | "terraform_module" | "golang" => first(r"^([^-+]+)-"),
        "conan" => first(r"^([^-+]+)-[^+]*(\+.*)?$"),
        "debian" | "rpm" => first(r"^([^~]+)~.*?(-[^-]*)?$"),
        "rubygems" => first(r"^([0-9.]*[0-9])"),
        "composer" if version.to_lowercase().ends_with("dev") || version.starts_with("dev-") => None,
        "composer" => first(r"(?i)^v?([0-9.]*[0-9])[-._]?(?:alpha|beta|rc|a|b)"),
        "pypi" => first(r"(?i)^v?((?:[0-9]+!)?[0-9.]*[0-9])[-._]?(?:alpha|beta|preview|pre|rc|a|b|c|dev)[-._0-9]*$"),
        "maven" => first(r"^(.+)-[0-9]{8}\.[0-9]{6}-[0-9]+$")
            .or_else(|| first(r"(?i)^(.*?[0-9a-z])[-._]+(?:alpha|beta|milestone|rc|cr|snapshot)[-._0-9]*$")),
        "generic" => {
            first(r"(?i)^(.*?[0-9a-z])[-.~]?(?:alpha|beta|rc|preview|pre|dev|snapshot|nightly|canary|m)[-.~0-9]*$")
        }
        _ => None,
    }
}

#[test]
fn the_documentation_names_these_releases() {
    let table = [
        ("npm", "2.0.0-rc.1+b7", Some("2.0.0")),
        ("golang", "v1.2.4-0.20240101000000-abcdefabcdef", Some("v1.2.4")),
        ("maven", "1.0-20250801.101010-7", Some("1.0")),
        ("maven", "1.0-jre-rc1", Some("1.0-jre")),
        ("maven", "33.0.0-rc1-jre", None),
        ("pypi", "1!1.0b1", Some("1!1.0")),
        ("rubygems", "2.0.0-1", Some("2.0.0")),
        ("composer", "2.0.0-RC1", Some("2.0.0")),
        ("composer", "2.x-dev", None),
        ("conan", "1.3.0-beta+b7", Some("1.3.0+b7")),
        ("rpm", "1.1~rc1-1", Some("1.1-1")),
        ("generic", "v1.0-rc1", Some("v1.0")),
        ("generic", "2.1-SNAPSHOT", Some("2.1")),
        ("generic", "1.0-rc1-linux", None),
    ];
    for (package_type, version, expected) in table {
        let own = own_release(&PackageType::parse(package_type), version);
        assert_eq!(own.as_deref(), expected, "{package_type} {version}");
    }
}
