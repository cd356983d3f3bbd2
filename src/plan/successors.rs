//! Finds the releases that supersede the pre-releases of a field.
//!
//! Each is there or it isn't, and more of them supersede more. So a release that the walk missed can only leave a
//! pre-release where it is.

use std::borrow::Cow;
use std::cmp::Reverse;
use std::collections::{BTreeSet, HashMap};
use std::ops::Bound;

use jiff::Timestamp;

use super::field::Field;
use crate::package::{PackageKey, Rung, rungs};
use crate::policy::{Successor, SuccessorPair, Successors};

/// A row of a release, by the time when it was made; of several the first in the listing comes first.
type ReleaseRow = (Timestamp, usize);

/// What two rows have in common where one has the version of the other's own release.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum OwnVersion<'a> {
    Rung(Rung),
    Text(Cow<'a, str>),
}

impl<'a> Field<'a> {
    /// Finds the successors of every package, and notes them in what is known of it.
    pub(super) fn find_successors(&mut self) {
        let mut found: Vec<(usize, SuccessorPair)> = Vec::new();
        for (key, members) in &self.keys {
            let is_prerelease = |index: &usize| self.known[*index].package.is_prerelease();
            let (candidates, others): (Vec<usize>, Vec<usize>) =
                members.iter().copied().partition(|index| is_prerelease(index) == Some(true));
            let is_release = |index: &usize| is_prerelease(index) == Some(false) && self.is_installable(*index);
            let releases: Vec<(usize, Timestamp)> =
                others.into_iter().filter(is_release).filter_map(|index| Some((index, self.made(index)?))).collect();
            if candidates.is_empty() || releases.is_empty() {
                continue;
            }
            let own = self.own_releases(key, &candidates, &releases);
            let higher = self.higher_releases(&candidates, &releases);
            for index in candidates {
                let named = |rows: &HashMap<usize, ReleaseRow>| rows.get(&index).map(|row| self.successor(*row));
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

    /// Returns for each candidate whose own release is there the row of it that was made first.
    fn own_releases(
        &self,
        key: &PackageKey<'a>,
        candidates: &[usize],
        releases: &[(usize, Timestamp)],
    ) -> HashMap<usize, ReleaseRow> {
        let ecosystem = key.package_type.facts().versions;
        let own = candidates.iter().filter_map(|&index| Some((index, ecosystem.own_release(self.version(index))?)));
        let own: Vec<(usize, String)> = own.collect();
        let of_own = own.iter().map(|(_, text)| text.as_str());
        let texts: Vec<&str> = releases.iter().map(|(index, _)| self.version(*index)).chain(of_own).collect();
        let versions: Vec<Option<OwnVersion<'_>>> = match ecosystem.goes_by_text() {
            true => texts.iter().map(|text| Some(OwnVersion::Text(Cow::Borrowed(*text)))).collect(),
            // The own releases are ranked with the versions that are there.
            false => rungs(key.package_type, &texts).into_iter().map(|rung| rung.map(OwnVersion::Rung)).collect(),
        };
        let (of_releases, of_own) = versions.split_at(releases.len());
        let mut first: HashMap<&OwnVersion<'_>, ReleaseRow> = HashMap::new();
        for (version, (index, made)) in of_releases.iter().zip(releases) {
            let Some(version) = version else { continue };
            let row = first.entry(version).or_insert((*made, *index));
            *row = (*row).min((*made, *index));
        }
        let row_of = |((index, _), version): (&(usize, String), &Option<OwnVersion<'_>>)| {
            Some((*index, *first.get(version.as_ref()?)?))
        };
        own.iter().zip(of_own).filter_map(row_of).collect()
    }

    /// Returns for each candidate the row that was made first, of the higher releases that were made after its newest
    /// content.
    fn higher_releases(&self, candidates: &[usize], releases: &[(usize, Timestamp)]) -> HashMap<usize, ReleaseRow> {
        let mut releases: Vec<(Rung, ReleaseRow)> = releases
            .iter()
            .filter_map(|&(index, made)| Some((self.bounds_of_version(index)?.reach, (made, index))))
            .collect();
        releases.sort_unstable_by_key(|(reach, _)| Reverse(*reach));
        let mut candidates: Vec<(Rung, usize)> =
            candidates.iter().filter_map(|&index| Some((self.bounds_of_version(index)?.bar, index))).collect();
        candidates.sort_unstable_by_key(|(bar, _)| Reverse(*bar));
        // From the highest candidate down, every release that is above the one before is above the next as well.
        let mut releases = releases.into_iter().peekable();
        let mut above: BTreeSet<ReleaseRow> = BTreeSet::new();
        let mut found = HashMap::new();
        for (bar, index) in candidates {
            while let Some((_, row)) = releases.next_if(|(reach, _)| *reach > bar) {
                above.insert(row);
            }
            let Some(content) = self.known[index].content.earliest() else { continue };
            let later = (Bound::Excluded((content, usize::MAX)), Bound::Unbounded);
            if let Some(row) = above.range(later).next() {
                found.insert(index, *row);
            }
        }
        found
    }

    fn successor(&self, (made, index): ReleaseRow) -> Successor {
        Successor { version: self.version(index).to_owned(), made }
    }

    fn version(&self, index: usize) -> &'a str {
        self.known[index].package.version.as_deref().unwrap_or_default()
    }

    fn made(&self, index: usize) -> Option<Timestamp> {
        self.known[index].package.created_at
    }
}
