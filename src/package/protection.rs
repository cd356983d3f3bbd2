//! A protection rule of GitLab's own, as far as it is about deleting. In doubt it holds: a rule can only save.

use super::{Package, PackageType};

/// A rule of a project that keeps somebody from deleting packages. It binds no administrator.
///
/// Source: `app/models/packages/protection/rule.rb`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ProtectionRule {
    /// The type of its packages; `None` where it can't be read, and then it is for every type.
    pub package_type: Option<PackageType>,
    /// A name in which `*` stands for anything; `None` where it can't be read, and then it is for every name.
    pub name: Option<String>,
}

impl ProtectionRule {
    /// Returns whether it is about a package of its project. GitLab compares without regard to case, and for PyPI by
    /// PEP 503 (`app/services/packages/protection/check_rule_existence_service.rb`); here both the
    /// name and the pattern count as they are written and in the form that all spellings of the name have in common.
    #[must_use]
    pub fn holds(&self, package: &Package) -> bool {
        let Package { package_type, name, .. } = package;
        let normal = |text: &str| package_type.facts().names.normal(text).to_lowercase();
        let spellings = |text: &str| [text.to_lowercase(), normal(text)];
        let is_named = |pattern: &String| {
            let names = spellings(name);
            spellings(pattern).iter().any(|pattern| names.iter().any(|name| fits(pattern, name)))
        };
        self.package_type.as_ref().is_none_or(|of| of == package_type) && self.name.as_ref().is_none_or(is_named)
    }
}

/// Returns whether a whole text fits a pattern in which `*` stands for anything. Source: `lib/gitlab/sql/glob.rb`, and
/// `app/models/ref_matcher.rb` for protected branches.
pub(super) fn fits(pattern: &str, text: &str) -> bool {
    let Some((first, others)) = pattern.split_once('*') else { return pattern == text };
    let Some(mut rest) = text.strip_prefix(first) else { return false };
    let mut parts: Vec<&str> = others.split('*').collect();
    let last = parts.pop().unwrap_or_default();
    for part in parts {
        let Some(at) = rest.find(part) else { return false };
        rest = &rest[at + part.len()..];
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::super::{Project, ProjectId};
    use super::*;

    fn package(package_type: &str, name: &str) -> Package {
        Package {
            package_type: PackageType::parse(package_type),
            name: name.to_owned(),
            ..Package::plain(1, Project::unread(ProjectId(2), None))
        }
    }

    fn rule(package_type: &str, name: &str) -> ProtectionRule {
        ProtectionRule { package_type: Some(PackageType::parse(package_type)), name: Some(name.to_owned()) }
    }

    #[test]
    fn a_rule_is_about_names_of_its_type() {
        let table = [
            ("npm", "@acme/ui", "@acme/ui", true),
            ("npm", "@acme/ui", "@acme/ui-kit", false),
            ("npm", "@acme/*", "@acme/ui", true),
            ("npm", "@acme/*", "@acme/", true),
            ("npm", "@acme/*", "x@acme/ui", false),
            ("npm", "@acme/*", "@ACME/UI", true),
            ("npm", "@Acme/*-CORE", "@acme/a-core", true),
            ("npm", "*", "ui", true),
            ("npm", "a*b*c", "a-b-b-c", true),
            ("npm", "a*a", "a", false),
            ("npm", "a*bc*c", "abc", false),
            ("npm", "", "ui", false),
            ("generic", "Größe-*", "GRÖSSE-1", false),
            ("generic", "GRÖẞE-*", "größe-1", true),
            // GitLab's own escapes: neither is a wildcard.
            ("generic", "a_b%", "axbcd", false),
            ("generic", "a_b%", "a_b%", true),
            ("maven", "com/acme/*", "com/acme/lib/core", true),
            ("pypi", "acme-*", "Acme_Core", true),
            ("pypi", "Acme.*", "acme-core", true),
            ("pypi", "acme_core", "Acme.-Core", true),
            ("cargo", "acme_core", "acme-core", true),
            ("npm", "acme_core", "acme-core", false),
        ];
        for (package_type, pattern, name, expected) in table {
            let holds = rule(package_type, pattern).holds(&package(package_type, name));
            assert_eq!(holds, expected, "{package_type} {pattern} {name}");
        }
        assert!(!rule("npm", "*").holds(&package("maven", "ui")));
    }

    #[test]
    fn what_cannot_be_read_of_a_rule_is_anything() {
        let named = ProtectionRule { package_type: None, ..rule("npm", "ui") };
        let typed = ProtectionRule { name: None, ..rule("npm", "ui") };
        let told = |package_type, name| {
            let package = package(package_type, name);
            (named.holds(&package), typed.holds(&package))
        };
        assert_eq!(told("npm", "ui"), (true, true));
        assert_eq!(told("maven", "ui"), (true, false));
        assert_eq!(told("npm", "core"), (false, true));
        assert_eq!(told("maven", "core"), (false, false));
    }
}
