//! What GitLab's own protection rules hold.

use gleaner::package::{Package, PackageType};

use super::Oracle;
use super::facts::folded_name;

/// What a protection rule is about; `None` is what can't be read of it.
#[derive(Debug, Clone)]
pub struct Guarded {
    /// The type, as GitLab calls it.
    pub package_type: Option<String>,
    /// The pattern for names.
    pub name: Option<String>,
}

impl Oracle<'_> {
    /// Whether a rule of its project holds it; `None` where that can't be told. A project that nobody asked has no say.
    #[must_use]
    pub fn is_held_by_gitlab(&self, package: &Package) -> Option<bool> {
        let Some(rules) = self.protection.get(&package.project.id) else { return Some(false) };
        let holds = |of: Option<&str>, name: Option<&str>| {
            let type_fits = of.is_none_or(|of| PackageType::parse(of) == package.package_type);
            type_fits && name.is_none_or(|pattern| is_named(pattern, package))
        };
        let rules = rules.as_ref()?;
        Some(rules.iter().any(|rule| holds(rule.package_type.as_deref(), rule.name.as_deref())))
    }
}

/// Whether the pattern, as it is written or in its common spelling, is for the name in one of the two.
fn is_named(pattern: &str, package: &Package) -> bool {
    let folded = |text| folded_name(&package.package_type, text).into_owned();
    if !pattern.contains('*') && pattern.is_ascii() && package.name.is_ascii() {
        let name = [package.name.clone(), folded(&package.name)];
        return [pattern.to_owned(), folded(pattern)]
            .iter()
            .any(|one| name.iter().any(|it| it.eq_ignore_ascii_case(one)));
    }
    [pattern.to_owned(), folded(pattern)].iter().any(|pattern| {
        let parts: Vec<String> = pattern.split('*').map(regex::escape).collect();
        let whole = regex::Regex::new(&format!("(?is)^{}$", parts.join(".*"))).expect("an expression");
        whole.is_match(&package.name) || whole.is_match(&folded(&package.name))
    })
}
