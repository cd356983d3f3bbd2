//! Finds the releases that supersede the pre-releases of a field.
//!
//! Each is there or it isn't, and more of them supersede more. So a release that the walk missed can only leave a
//! pre-release where it is.

use std::borrow::Cow;
use std::cmp::Reverse;
use std::collections::{BTreeSet, HashMap};

use jiff::Timestamp;

use super::field::Field;
use crate::package::{Package, PackageKey, Rung, rungs};
use crate::policy::{Successor, SuccessorPair, Successors};

/// A row of a release: when it was made, and its version.
type ReleaseRow<'a> = (Timestamp, &'a str);

/// What two rows have in common where one has the version of the other's own release.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum OwnVersion<'a> {
    Rung(Rung),
    Text(Cow<'a, str>),
}

impl<'a> Field<'a> {
    /// Finds the successors of every package, and notes them in what is known of it. A release that an earlier policy
    /// takes counts as well, because its own verdict says nothing of what came before it.
    pub(super) fn find_successors(&mut self) {
        let mut taken: HashMap<PackageKey<'a>, Vec<&'a Package>> = HashMap::new();
        for package in self.inventory.taken() {
            taken.entry(package.key()).or_default().push(package);
        }
        let mut found: Vec<(usize, SuccessorPair)> = Vec::new();
        for (key, members) in &self.keys {
            let package = |index: usize| self.known[index].package;
            let candidates: Vec<usize> =
                members.iter().copied().filter(|&index| package(index).is_prerelease() == Some(true)).collect();
            let rows = members.iter().map(|&index| package(index)).chain(taken.get(key).into_iter().flatten().copied());
            let releases: Vec<ReleaseRow<'a>> = rows.filter_map(|row| self.release(row)).collect();
            if candidates.is_empty() || releases.is_empty() {
                continue;
            }
            let own = self.own_releases(key, &candidates, &releases);
            let higher = self.higher_releases(key, &candidates, &releases);
            for index in candidates {
                let named = |rows: &HashMap<usize, ReleaseRow<'a>>| rows.get(&index).copied().map(successor);
                let pair = SuccessorPair { own: named(&own), higher: named(&higher) };
                if pair != SuccessorPair::default() {
                    found.push((index, pair));
                }
            }
        }
        for known in &mut self.known {
            known.successors = Successors::Absent;
        }
        for (index, pair) in found {
            self.known[index].successors = Successors::Present(Box::new(pair));
        }
    }

    /// Returns the row of a release that can be installed; `None` of any other package.
    fn release(&self, package: &'a Package) -> Option<ReleaseRow<'a>> {
        let is_release = package.is_prerelease() == Some(false)
            && package.is_installable(self.horizon())
            && !self.inventory.has_changed(package.id);
        Some((package.created_at.filter(|_| is_release)?, package.version.as_deref()?))
    }

    /// Returns for each candidate whose own release is there the row of it that was made first.
    fn own_releases(
        &self,
        key: &PackageKey<'a>,
        candidates: &[usize],
        releases: &[ReleaseRow<'a>],
    ) -> HashMap<usize, ReleaseRow<'a>> {
        let ecosystem = key.package_type.facts().versions;
        let own = candidates.iter().filter_map(|&index| Some((index, ecosystem.own_release(self.version(index))?)));
        let own: Vec<(usize, String)> = own.collect();
        let of_own = own.iter().map(|(_, text)| text.as_str());
        let texts: Vec<&str> = releases.iter().map(|(_, version)| *version).chain(of_own).collect();
        let versions: Vec<Option<OwnVersion<'_>>> = match ecosystem.goes_by_text() {
            true => texts.iter().map(|text| Some(OwnVersion::Text(Cow::Borrowed(*text)))).collect(),
            // The own releases are ranked with the versions that are there.
            false => rungs(key.package_type, &texts).into_iter().map(|rung| rung.map(OwnVersion::Rung)).collect(),
        };
        let (of_releases, of_own) = versions.split_at(releases.len());
        let mut first: HashMap<&OwnVersion<'_>, ReleaseRow<'a>> = HashMap::new();
        for (version, release) in of_releases.iter().zip(releases) {
            let Some(version) = version else { continue };
            let row = first.entry(version).or_insert(*release);
            *row = (*row).min(*release);
        }
        let row_of = |((index, _), version): (&(usize, String), &Option<OwnVersion<'_>>)| {
            Some((*index, *first.get(version.as_ref()?)?))
        };
        own.iter().zip(of_own).filter_map(row_of).collect()
    }

    /// Returns for each candidate the row that was made first, of the higher releases that were made after its newest
    /// content. Versions that begin with different words are higher than nothing among each other.
    fn higher_releases(
        &self,
        key: &PackageKey<'a>,
        candidates: &[usize],
        releases: &[ReleaseRow<'a>],
    ) -> HashMap<usize, ReleaseRow<'a>> {
        let ecosystem = key.package_type.facts().versions;
        // A release whose place isn't certain reaches no further than its lowest reading.
        let lowest: Vec<Cow<'_, str>> = releases
            .iter()
            .map(|(_, version)| ecosystem.floor(version).map_or(Cow::Borrowed(*version), Cow::Owned))
            .collect();
        let of_candidates = candidates.iter().map(|&index| self.version(index));
        let texts: Vec<&str> = lowest.iter().map(AsRef::as_ref).chain(of_candidates).collect();
        let ranked = rungs(key.package_type, &texts);
        let (of_releases, of_candidates) = ranked.split_at(releases.len());
        let mut sides: HashMap<String, Sides<'a>> = HashMap::new();
        for (rung, release) in of_releases.iter().zip(releases) {
            let side = sides.entry(ecosystem.beginning(release.1)).or_default();
            side.releases.extend(rung.map(|rung| (rung, *release)));
        }
        for (rung, index) in of_candidates.iter().zip(candidates) {
            if let (Some(rung), Some(side)) = (rung, sides.get_mut(&ecosystem.beginning(self.version(*index)))) {
                side.candidates.push((*rung, *index));
            }
        }
        let content = |index: usize| self.known[index].content.earliest();
        sides.into_values().flat_map(|side| side.first_above(content)).collect()
    }

    fn version(&self, index: usize) -> &'a str {
        self.known[index].package.version.as_deref().unwrap_or_default()
    }
}

fn successor((made, version): ReleaseRow<'_>) -> Successor {
    Successor { version: version.to_owned(), made }
}

/// The versions of a key that can be compared with each other.
#[derive(Default)]
struct Sides<'a> {
    releases: Vec<(Rung, ReleaseRow<'a>)>,
    candidates: Vec<(Rung, usize)>,
}

impl<'a> Sides<'a> {
    /// Returns for each candidate the row that was made first, of the releases that are higher and were made after its
    /// content.
    fn first_above(mut self, content: impl Fn(usize) -> Option<Timestamp>) -> Vec<(usize, ReleaseRow<'a>)> {
        self.releases.sort_unstable_by_key(|(reach, _)| Reverse(*reach));
        self.candidates.sort_unstable_by_key(|(bar, _)| Reverse(*bar));
        // From the highest candidate down, every release that is above the one before is above the next as well.
        let mut releases = self.releases.into_iter().peekable();
        let mut above: BTreeSet<ReleaseRow<'a>> = BTreeSet::new();
        let mut found = Vec::new();
        for (bar, index) in self.candidates {
            while let Some((_, row)) = releases.next_if(|(reach, _)| *reach > bar) {
                above.insert(row);
            }
            let Some(content) = content(index) else { continue };
            // No version comes before the empty one.
            let mut later = above.range((content, "")..).skip_while(|(made, _)| *made == content);
            found.extend(later.next().map(|row| (index, *row)));
        }
        found
    }
}
