//! The release that a pre-release leads to: the version without the part that makes it a pre-release.

use super::{Ecosystem, composer, label, maven, pep440, plain};

/// See [`Ecosystem::own_release`].
pub(super) fn of(ecosystem: Ecosystem, version: &str) -> Option<String> {
    if ecosystem.is_prerelease(version) != Some(true) {
        return None;
    }
    match ecosystem {
        Ecosystem::Cargo
        | Ecosystem::Go
        | Ecosystem::Helm
        | Ecosystem::Npm
        | Ecosystem::Nuget
        | Ecosystem::Terraform => Some(label::split(version).0.to_owned()),
        Ecosystem::Composer => composer::own_release(version).map(str::to_owned),
        Ecosystem::Conan => Some(without_labels(version)),
        Ecosystem::Debian | Ecosystem::Rpm => Some(without_tilde(version)),
        Ecosystem::Gem => Some(before_letters(version).to_owned()),
        Ecosystem::Maven => maven::own_release(version).map(str::to_owned),
        Ecosystem::Pep440 => pep440::own_release(version),
        Ecosystem::Plain => plain::own_release(version).map(str::to_owned),
        Ecosystem::Model | Ecosystem::Unknown => None,
    }
}

/// Leaves Conan's build where it is, because another build is another version.
fn without_labels(version: &str) -> String {
    let end = version.rfind('+').unwrap_or(version.len());
    let (rest, build) = version.split_at(end);
    let numbers = rest.split('-').next().unwrap_or_default();
    format!("{numbers}{build}")
}

/// Takes the tilde and what follows out of the version, and leaves the revision or release where it is.
fn without_tilde(version: &str) -> String {
    let end = version.rfind('-').unwrap_or(version.len());
    let (upstream, revision) = version.split_at(end);
    let numbers = upstream.split('~').next().unwrap_or_default();
    format!("{numbers}{revision}")
}

/// Returns the numbers before the first letter. RubyGems reads a hyphen as one.
fn before_letters(version: &str) -> &str {
    let end = version.find(|c: char| c == '-' || c.is_ascii_alphabetic()).unwrap_or(version.len());
    version[..end].trim_end_matches('.')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_ecosystem_has_its_own_releases() {
        use Ecosystem::{
            Cargo, Composer, Conan, Debian, Gem, Go, Helm, Maven, Model, Npm, Nuget, Pep440, Plain, Rpm, Terraform,
            Unknown,
        };
        let table: &[(Ecosystem, &[(&str, &str)])] = &[
            (Cargo, &[("1.0.0-alpha.1", "1.0.0"), ("1.0.0-rc.1+b7", "1.0.0"), ("1.0.0", "-"), ("1.0-rc1", "-")]),
            (Helm, &[("v1.2.3-rc.1", "v1.2.3"), ("1.2.3-rc.1+a", "1.2.3")]),
            (Npm, &[("3.0.0-rc.1", "3.0.0"), ("3.0.0-0", "3.0.0"), ("3.0.0-beta-2.x", "3.0.0"), ("3.0-rc", "-")]),
            (Terraform, &[("1.1.0-rc.1", "1.1.0"), ("1.1.0", "-")]),
            (
                Go,
                &[
                    ("v1.1.0-rc.1", "v1.1.0"),
                    ("1.1.0-rc.1", "-"),
                    ("v2.0.0-rc.1+incompatible", "v2.0.0"),
                    // Pseudo-versions: of no release before, after a release, after a pre-release.
                    ("v0.0.0-20240101000000-abcdefabcdef", "v0.0.0"),
                    ("v1.2.4-0.20240101000000-abcdefabcdef", "v1.2.4"),
                    ("v1.2.4-rc.1.0.20240101000000-abcdefabcdef", "v1.2.4"),
                ],
            ),
            (Nuget, &[("1.0-RC1", "1.0"), ("1.2.3.4-preview.1+b7", "1.2.3.4"), ("1.0", "-")]),
            (
                Composer,
                &[
                    ("v2.0.0-RC1", "2.0.0"),
                    ("1.0b2", "1.0"),
                    ("1.0.0-alpha.3+build", "1.0.0"),
                    ("2024-06-30-rc1", "2024-06-30"),
                    ("1.0.0", "-"),
                    // Branches lead to no release.
                    ("dev-main", "-"),
                    ("2.x-dev", "-"),
                    ("1.0.x-dev", "-"),
                    ("1.0.0-dev", "-"),
                ],
            ),
            (
                Pep440,
                &[
                    ("1.0rc1", "1.0"),
                    ("v1.0.0-RC.1", "1.0.0"),
                    ("1.0.dev3", "1.0"),
                    ("1.0a1.dev3", "1.0"),
                    ("1!2.0b1", "1!2.0"),
                    // What comes after a candidate is still a candidate; what leads to another post-release leads there.
                    ("1.0rc1.post2", "1.0"),
                    ("1.0.post1.dev3", "1.0.post1"),
                    ("1.0rc1+cpu.1", "1.0+cpu.1"),
                    ("1.0.post1", "-"),
                    ("newest", "-"),
                ],
            ),
            (
                Maven,
                &[
                    ("1.0-SNAPSHOT", "1.0"),
                    ("1.0-20250801.101010-7", "1.0"),
                    ("1.0-rc1-20250801.101010-7", "1.0"),
                    ("1.0.0-rc-1", "1.0.0"),
                    ("1.0.0-RC1-SNAPSHOT", "1.0.0"),
                    ("2.0-M3", "2.0"),
                    ("2.0b2", "2.0"),
                    ("2.0_rc1", "2.0"),
                    ("1.0-jre-rc1", "1.0-jre"),
                    // Of what is no pre-release, and where something else follows.
                    ("33.0.0-jre", "-"),
                    ("33.0.0-rc1-jre", "-"),
                    ("1.0-beta2-hotfix", "-"),
                    ("1.0-20250801.101010-7-SNAPSHOT", "-"),
                    ("rc1", "-"),
                ],
            ),
            (
                Gem,
                &[
                    ("2.0.0.pre1", "2.0.0"),
                    ("2.0.0.rc1", "2.0.0"),
                    ("1.2.b3.4", "1.2"),
                    ("1.2b3", "1.2"),
                    ("2.0-1", "2.0"),
                ],
            ),
            (Conan, &[("1.3.0-beta", "1.3.0"), ("1.3.0-beta.2-x+b7", "1.3.0+b7"), ("1.3.0+b-7", "-")]),
            (
                Debian,
                &[
                    ("1.0~rc1-1", "1.0-1"),
                    ("1:2.0~beta2+dfsg-1~bpo12+1", "1:2.0-1~bpo12+1"),
                    ("1.0~rc1", "1.0"),
                    ("1.0-1~bpo12+1", "-"),
                ],
            ),
            (Rpm, &[("1.1~rc1-1.fc41", "1.1-1.fc41"), ("1:1.1~rc1", "1:1.1"), ("1.0^git1-1", "-")]),
            (
                Plain,
                &[
                    ("1.0.0-rc2", "1.0.0"),
                    ("v1.0.0-beta.1", "v1.0.0"),
                    ("2.1-SNAPSHOT", "2.1"),
                    ("1.0M1", "1.0"),
                    ("1.0~dev", "1.0"),
                    ("1.0.Canary-3", "1.0"),
                    ("1.0.0-alpha.beta.2", "1.0.0"),
                    ("1.2-3-rc1", "1.2-3"),
                    ("app-nightly-20240101", "app"),
                    ("1.0-rc1-linux", "-"),
                    ("1.0-rc1+b7", "-"),
                    ("1.0-20250801.101010-7", "-"),
                    ("1.0-final", "-"),
                    ("-rc1", "-"),
                    ("nightly", "-"),
                ],
            ),
            (Model, &[("1.0.0-rc.1", "-")]),
            (Unknown, &[("1.0.0-rc.1", "-")]),
        ];
        for (ecosystem, versions) in table {
            for (version, expected) in *versions {
                let told = ecosystem.own_release(version);
                assert_eq!(told.as_deref().unwrap_or("-"), *expected, "{ecosystem:?} {version}");
            }
        }
    }
}
