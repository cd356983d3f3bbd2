//! The places of versions under `newest`, and which of them clients take for the latest.

use std::collections::BTreeSet;

use gleaner::package::{BuiltFrom, Depth, Package, PackageType, Pipeline, is_prerelease, rungs, series};
use gleaner::policy::{By, KeepRule, Newest, Per};

use super::facts::{are_siblings, folded_version, has_latest, has_spelled_versions, is_snapshot, is_upload};
use super::{Oracle, counts_status, is_installable_status};

impl Oracle<'_> {
    pub(crate) fn keeps(&self, rule: &KeepRule, package: &Package) -> bool {
        if !self.is_in_force(&rule.hold) {
            return false;
        }
        let Some(newest) = rule.newest.as_ref() else { return self.fits(&rule.hold, package) != Some(false) };
        if self.is_let_go(&rule.hold, package) {
            return false;
        }
        match (newest, self.is_counted(&rule.hold, package)) {
            (_, Some(false)) => false,
            // What can't be told of a version is no reason to let it go, as long as it is one that the rule counts.
            (_, None) => counts_status(rule, &package.status),
            // Of a version that can't be read nobody knows how high it is.
            (Newest { by: By::Version, .. }, Some(true)) if !can_be_read(package) => {
                counts_status(rule, &package.status)
            }
            (newest, Some(true)) if self.series(newest, package).is_none() => counts_status(rule, &package.status),
            (newest, Some(true)) => self.is_among_newest(rule, newest, package),
        }
    }

    /// Its place is one more than the number of other versions of which some row is surely newer.
    fn is_among_newest(&self, rule: &KeepRule, newest: &Newest, package: &Package) -> bool {
        if !self.takes_places(package) || !counts_status(rule, &package.status) {
            return false;
        }
        let counted: Vec<&Package> = self
            .packages()
            .into_iter()
            .filter(|other| are_siblings(other, package))
            .filter(|other| self.takes_places(other) && counts_status(rule, &other.status))
            .filter(|other| self.is_counted(&rule.hold, other) == Some(true))
            .collect();
        let newer: BTreeSet<String> = only(&counted, |other| folded(other) != folded(package))
            .into_iter()
            .filter(|other| self.series(newest, other) == self.series(newest, package))
            .filter(|other| self.is_surely_newer(newest.by, other, package))
            .map(folded)
            .collect();
        newer.len() < newest.count.get() as usize && self.is_of_last_series(newest, package, &counted)
    }

    /// Its series has a place that is one more than the number of other series of which some package is surely newer than
    /// this one. That is a matter of dates, also where versions are counted by their order.
    fn is_of_last_series(&self, newest: &Newest, package: &Package, counted: &[&Package]) -> bool {
        let Some(last) = newest.last_series else { return true };
        let by = if newest.by == By::Created { By::Created } else { By::Content };
        let is_later = |other: &&&Package| {
            // A version without a place in the order has none that it could cost another.
            (newest.by != By::Version || can_be_read(other)) && self.is_surely_newer(by, other, package)
        };
        let later: BTreeSet<String> =
            counted.iter().filter(is_later).filter_map(|other| self.series(newest, other)).collect();
        let own = self.series(newest, package);
        later.into_iter().filter(|series| Some(series) != own.as_ref()).count() < last.get() as usize
    }

    /// Equal instants, and equal versions, push nobody out.
    pub(crate) fn is_surely_newer(&self, by: By, one: &Package, other: &Package) -> bool {
        match by {
            By::Content => match (self.span(one), self.span(other)) {
                (Some(one), Some(other)) => one.at_least > other.at_most,
                _ => false,
            },
            By::Created => one.created_at.zip(other.created_at).is_some_and(|(one, other)| one > other),
            By::Version => is_higher(one, other),
        }
    }

    /// What its versions have in common with it under a rule; `None` where that can't be told.
    fn series(&self, newest: &Newest, package: &Package) -> Option<String> {
        let version = package.version.as_deref()?;
        let numbers = |depth| series(&package.package_type, version, depth);
        match &newest.per {
            None => Some("all of them".to_owned()),
            Some(Per::Major) => numbers(Depth::Major),
            Some(Per::Minor) => numbers(Depth::Minor),
            Some(Per::Patch) => numbers(Depth::Patch),
            Some(Per::Ref) => self.built_from(package).map(|pipeline| pipeline.git_ref.clone()),
            Some(Per::Capture(capture)) if has_spelled_versions(&package.package_type) => {
                capture.of(&folded_version(&package.package_type, version)).map(str::to_owned)
            }
            Some(Per::Capture(capture)) => capture.of(version).map(str::to_owned),
        }
    }

    /// What the package was built from, where anybody can tell.
    pub(crate) fn built_from<'o>(&'o self, package: &'o Package) -> Option<&'o Pipeline> {
        match &package.built_from {
            BuiltFrom::Pipeline(pipeline) => Some(pipeline),
            BuiltFrom::Unknown => None,
            BuiltFrom::NotListed => self.built_from.get(&package.id).and_then(Option::as_ref),
        }
    }

    /// Whether clients may take it for the latest version of its key.
    pub(crate) fn is_latest(&self, package: &Package) -> bool {
        if !has_latest(&package.package_type) || !self.is_installable(package) {
            return false;
        }
        // Nobody can tell of a version that can't be read whether it is the latest.
        if package.is_prerelease().is_none() && !matches!(package.package_type, PackageType::Other(_)) {
            return true;
        }
        let installable: Vec<&Package> = self
            .packages()
            .into_iter()
            .filter(|other| are_siblings(other, package))
            .filter(|other| self.is_installable(other))
            .collect();
        let releases = only(&installable, |other| other.is_prerelease() == Some(false));
        let is_last = |by, of: &[&Package]| {
            let is_one = of.iter().any(|other| other.id == package.id);
            // Every row of a version is the latest where one is.
            let others = of.iter().filter(|other| folded(other) != folded(package));
            is_one && !others.into_iter().any(|other| self.is_surely_newer(by, other, package))
        };
        let by_default = if releases.is_empty() {
            is_last(By::Created, &installable) || is_last(By::Content, &installable)
        } else {
            is_last(By::Version, &releases)
        };
        let by_its_clients = match package.package_type {
            PackageType::Maven => {
                let is_none = |other: &Package| !other.version.as_deref().is_some_and(is_snapshot);
                // GitLab takes a snapshot's build for a version like any other, and Maven doesn't.
                let is_listed = |other: &Package| !other.version.as_deref().is_some_and(|it| it.ends_with("SNAPSHOT"));
                is_last(By::Created, &only(&installable, is_none))
                    || is_last(By::Created, &only(&installable, is_listed))
                    || is_last(By::Created, &releases)
            }
            PackageType::Npm => {
                let carries = |other: &&Package| other.tags.iter().flatten().any(|tag| tag == "latest");
                !installable.iter().any(carries) && is_last(By::Version, &installable)
            }
            _ => false,
        };
        by_default || by_its_clients
    }

    pub(crate) fn is_installable(&self, package: &Package) -> bool {
        self.takes_places(package) && is_installable_status(&package.status)
    }

    /// Whether a row can be believed, and stands for a version, its status aside.
    pub(crate) fn takes_places(&self, package: &Package) -> bool {
        package.unreadable.is_none()
            && !self.has_changed(package)
            && package.version.is_some()
            && self.has_sane_dates(package)
            && !is_upload(package)
    }
}

fn only<'p>(packages: &[&'p Package], wanted: impl Fn(&Package) -> bool) -> Vec<&'p Package> {
    packages.iter().copied().filter(|package| wanted(package)).collect()
}

fn folded(package: &Package) -> String {
    folded_version(&package.package_type, package.version.as_deref().unwrap_or_default()).into_owned()
}

/// Whether a version has a place in the order of its ecosystem.
fn can_be_read(package: &Package) -> bool {
    package.version.as_deref().is_some_and(|version| rungs(&package.package_type, &[version]) != [None])
}

/// Of two versions of one type, whether both can be read and the first is above the other.
fn is_higher(one: &Package, other: &Package) -> bool {
    let [first, second] = [one, other].map(|package| package.version.as_deref().unwrap_or_default());
    // A suffix that nobody knows may lead to its numbers or follow them, so it is above no release of them.
    let least = if is_open(one) && !is_open(other) { lowest_of_its_numbers(first) } else { first.to_owned() };
    let versions = [least.as_str(), second];
    match rungs(&one.package_type, &versions)[..] {
        [Some(one), Some(other)] => one > other,
        _ => false,
    }
}

/// Whether its version comes before another one; `None` where they can't be compared.
pub(crate) fn comes_before(package: &Package, bound: &str) -> Option<bool> {
    let own = package.version.as_deref().unwrap_or_default();
    let is_numbered = |text: &str| begins_with_a_number(&package.package_type, text);
    if !is_numbered(own)
        || !is_numbered(bound)
        || beginning(&package.package_type, own) != beginning(&package.package_type, bound)
    {
        return None;
    }
    let bound = Package { version: Some(bound.to_owned()), ..package.clone() };
    // One whose place isn't certain is at most as high as it is written.
    let lowest = |package: &Package| {
        let version = package.version.as_deref().map(lowest_of_its_numbers);
        if is_open(package) { Package { version, ..package.clone() } } else { package.clone() }
    };
    let are_ordered = |least: &Package, most: &Package| {
        let [least, most] = [least, most].map(|package| package.version.as_deref().unwrap_or_default());
        match rungs(&package.package_type, &[least, most])[..] {
            [Some(least), Some(most)] => Some(least < most),
            _ => None,
        }
    };
    match (are_ordered(package, &lowest(&bound))?, are_ordered(&lowest(package), &bound)?) {
        (true, _) => Some(true),
        (_, false) => Some(false),
        (false, true) => None,
    }
}

/// Whether the first digits are a number, and not those of a commit's hash or of a branch's name. That is a question only
/// where clients take any text for a version.
fn begins_with_a_number(package_type: &PackageType, version: &str) -> bool {
    use PackageType::{Conan, Debian, Generic, Maven, Rpm};
    if !matches!(package_type, Conan | Debian | Generic | Maven | Rpm) {
        return true;
    }
    let bare = version.strip_prefix(['v', 'V']).unwrap_or(version);
    let rest = bare.trim_start_matches(|c: char| c.is_ascii_digit());
    let is_known = is_prerelease(package_type, version).is_some();
    let is_slug = *package_type == Generic && !is_known && !rest.starts_with('.') && rest.contains(char::is_alphabetic);
    rest.len() < bare.len() && !rest.starts_with(char::is_alphabetic) && !is_slug
}

/// The word that a version begins with, where the ecosystem orders words among numbers.
pub(crate) fn beginning(package_type: &PackageType, version: &str) -> String {
    use PackageType::{Conan, Debian, Maven, Rpm};
    let letters = version.chars().take_while(|c| c.is_alphabetic()).flat_map(char::to_lowercase);
    if matches!(package_type, Conan | Debian | Maven | Rpm) { letters.collect() } else { String::new() }
}

/// Whether a suffix that nobody knows may lead to its numbers or follow them.
fn is_open(package: &Package) -> bool {
    package.package_type == PackageType::Generic && package.is_prerelease().is_none()
}

/// `1.0-alpha` of `v1.0_custom`, and below everything where it begins with no number.
fn lowest_of_its_numbers(version: &str) -> String {
    let bare = version.trim_start_matches(['v', 'V']);
    let numbers: String = bare.chars().take_while(|c| c.is_ascii_digit() || *c == '.').collect();
    let numbers = numbers.trim_end_matches('.');
    if numbers.is_empty() { "0-alpha".to_owned() } else { format!("{numbers}-alpha") }
}
