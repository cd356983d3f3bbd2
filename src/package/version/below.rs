//! Whether one version comes before another one, as far as anybody can tell.

use super::{Depth, rungs, series};
use crate::package::PackageType;

/// Returns whether `version` comes before `bound`; `None` where one of them can't be read, where they begin with different
/// words, and where its place isn't certain and both may be. Equal versions, and those of which neither is surely higher, don't come before each other.
#[must_use]
pub fn is_below(package_type: &PackageType, version: &str, bound: &str) -> Option<bool> {
    let ecosystem = package_type.facts().versions;
    // The first digits of a commit's hash or of a branch's name are no number.
    let is_numbered = |text: &str| series(package_type, text, Depth::Major).is_some() && !ecosystem.is_slug(text);
    let begin_alike = ecosystem.beginning(version) == ecosystem.beginning(bound);
    if !begin_alike || !is_numbered(version) || !is_numbered(bound) {
        return None;
    }
    // A version whose place isn't certain is at most as high as it is written.
    let lowest = |text: &str| ecosystem.floor(text).unwrap_or_else(|| text.to_owned());
    let (least_version, least_bound) = (lowest(version), lowest(bound));
    match rungs(package_type, &[version, bound, &least_version, &least_bound])[..] {
        [Some(version), Some(_), Some(_), Some(least_bound)] if version < least_bound => Some(true),
        [Some(_), Some(bound), Some(least_version), Some(_)] if least_version >= bound => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Versions, and whether each comes before the bound.
    type Versions<'t> = &'t [(&'t str, Option<bool>)];

    #[test]
    fn versions_come_before_a_bound_by_the_order_of_their_ecosystem() {
        let (yes, no, unknown) = (Some(true), Some(false), None);
        let table: &[(&str, &str, Versions<'_>)] = &[
            (
                "npm",
                "3.0.0",
                &[
                    ("2.10.0", yes),
                    ("3.0.0-rc.1", yes),
                    ("3.0.0", no),
                    ("3.0.0+b7", no),
                    ("3.0.1", no),
                    ("2.9", unknown),
                ],
            ),
            ("npm", "3.0.0-rc.1", &[("3.0.0-beta.2", yes), ("3.0.0-rc.1", no), ("3.0.0", no)]),
            ("npm", "3.0", &[("2.0.0", unknown)]),
            ("cargo", "3.0.0", &[("2.9.9", yes), ("3.0.0-alpha", yes)]),
            ("cargo", "v3.0.0", &[("2.9.9", unknown)]),
            (
                "golang",
                "v3.0.0",
                &[("v2.0.0", yes), ("v3.0.0-rc.1", yes), ("v3.0.1-0.20240101000000-abcdefabcdef", no)],
            ),
            ("golang", "v3", &[("v2.9.9", yes)]),
            ("golang", "3.0.0", &[("v2.0.0", unknown)]),
            ("helm", "3.0.0", &[("v2.0.0", yes), ("v3.0.0", no)]),
            ("terraform_module", "3.0.0", &[("2.0.0", yes)]),
            ("nuget", "3.0", &[("2.9.9.9", yes), ("3.0.0-rc1", yes), ("3.0.0.0", no)]),
            ("pypi", "3.0", &[("3.0rc1", yes), ("3.0.dev1", yes), ("3.0.post1", no), ("1!1.0", no), ("odd", unknown)]),
            (
                "maven",
                "3.0",
                &[
                    ("3.0-SNAPSHOT", yes),
                    ("3.0-20250801.101010-7", yes),
                    ("2.10-jre", yes),
                    ("3.0.0", no),
                    ("3.0-jre", no),
                    ("2f2a9c1", unknown),
                    ("v4.0.0", unknown),
                    ("release-5.0", unknown),
                    ("main-SNAPSHOT", unknown),
                ],
            ),
            ("rubygems", "3.0", &[("2.10.1", yes), ("3.0.0.rc1", yes), ("3.0.0", no)]),
            ("composer", "3.0", &[("v2.9", yes), ("2.x-dev", yes), ("3.0.0-RC1", yes), ("dev-main", unknown)]),
            ("maven", "v3.0", &[("v2.0", yes), ("V4.0", no), ("2.0", unknown), ("v3.0-rc-1", yes)]),
            ("conan", "3.0", &[("2.10", yes), ("3.0-beta", yes), ("3.0+b7", no), ("cci.20200101", unknown)]),
            ("conan", "v3.0.0", &[("99.0", unknown), ("5.0.0", unknown), ("v2.0", yes)]),
            ("rpm", "3.0-1", &[("v4.0.0-1", unknown), ("el9-1", unknown)]),
            ("debian", "3.0-1", &[("2.10-1", yes), ("3.0~rc1-1", yes), ("1:1.0-1", no)]),
            ("rpm", "3.0-1", &[("2.10-1", yes), ("3.0~rc1-1", yes), ("1:1.0-1", no)]),
            ("ml_model", "3.0.0", &[("2.0.0", yes), ("candidate_7", unknown)]),
            ("swift", "3.0.0", &[("2.0.0", unknown)]),
            (
                "generic",
                "3.0.0",
                &[
                    ("v2.10", yes),
                    ("3.0.0-rc1", yes),
                    ("3.0", no),
                    // It may lead to its numbers or come after them.
                    ("2.9-custom", yes),
                    ("3.0-custom", unknown),
                    ("3.0.1-custom", no),
                    ("3.0-20250801.101010-7", yes),
                    ("nightly", unknown),
                    ("2f2a9c1", unknown),
                    ("2-fix-login", unknown),
                    ("2-rc1", yes),
                    ("2", yes),
                ],
            ),
            ("generic", "3.0-custom", &[("2.9", yes), ("3.0-alpha", unknown), ("3.0", unknown), ("3.1", no)]),
        ];
        for (package_type, bound, versions) in table {
            for (version, expected) in *versions {
                let told = is_below(&PackageType::parse(package_type), version, bound);
                assert_eq!(told, *expected, "{package_type} {version} below {bound}");
            }
        }
    }
}
