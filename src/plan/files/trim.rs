//! Decides which files of one package its `files` rules take.
//!
//! A file that the listing missed can only save the others. Ranks are counted so that fewer files never push one out,
//! and what holds the last file doesn't depend on another file. Two things are left to the last look before the
//! deletion. A checksum goes with its file, and knows nothing of a second file of that name that was missed. And
//! without any metadata nothing tells which files belong to a deployment that broke off.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use jiff::Timestamp;

use super::name::{FileKey, is_index, is_metadata, is_snapshot, owners};
use super::reason::FileReason;
use crate::package::{Build, FileId, Package, PackageFile, is_sane_date};
use crate::plan::rank::Rank;
use crate::plan::reason::Verdict;
use crate::policy::{Age, FileRule, InForce, Shown, Together};

/// Judges the files of one package by the rules that match it. Files are named by their place here.
#[derive(Debug)]
pub(super) struct FileJudge<'a> {
    package: &'a Package,
    files: &'a [PackageFile],
    min_age: &'a Age,
    /// The instant from which ages count.
    now: Timestamp,
    /// The instant up to which dates are believed.
    horizon: Timestamp,
    /// The files that are something by themselves: no metadata, and nothing that only accompanies another.
    contents: Vec<usize>,
    finished: Finished,
    rules: Vec<Matching<'a>>,
}

/// A rule that matches the package, and the ranks of the files that it counts.
#[derive(Debug)]
pub(super) struct Matching<'a> {
    /// The rule's number among the policy's `files` rules.
    pub(super) number: usize,
    /// How many files its `file` matches.
    pub(super) files: u64,
    rule: &'a FileRule,
    /// The files that it matches and whose date can be believed.
    counted: BTreeSet<usize>,
    /// The rank of each of them that takes a place.
    ranks: HashMap<usize, Rank>,
}

/// The files that belong to a deployment which came to its end. Maven writes the metadata last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Finished {
    All,
    /// Those that were made until then.
    Until(Timestamp),
    /// There is metadata, and nobody knows when it was made.
    None,
}

/// Newer files are greater; ties are settled by the higher id, so the order is total.
type Creation = (Option<Timestamp>, FileId);

/// How certain a file is to stay, whatever other files there are. The greater is the more certain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Certainty {
    /// Nothing: a rule with `keep_newest: 0` takes it.
    None,
    /// Its place among the newest of its key keeps it, if it has one.
    ByRank,
    /// No rule can take it.
    Full,
}

impl<'a> FileJudge<'a> {
    #[must_use]
    pub(super) fn new(
        package: &'a Package,
        files: &'a [PackageFile],
        rules: impl IntoIterator<Item = (usize, &'a FileRule)>,
        min_age: &'a Age,
        in_force: InForce<'_>,
    ) -> Self {
        let (now, horizon) = (in_force.now(), in_force.horizon());
        let is_content = |name: &str| !is_metadata(name) && owners(name).next().is_none();
        let contents = (0..files.len()).filter(|&index| files[index].name.as_deref().is_some_and(is_content)).collect();
        let mut trim =
            Self { package, files, min_age, now, horizon, contents, finished: Finished::All, rules: Vec::new() };
        trim.finished = trim.finished();
        trim.rules = rules.into_iter().map(|(number, rule)| trim.matching(number, rule)).collect();
        trim
    }

    #[must_use]
    pub(super) fn rules(&self) -> &[Matching<'a>] {
        &self.rules
    }

    /// Returns the reason of each file, in the order of the files.
    #[must_use]
    pub(super) fn reasons(&self) -> Vec<FileReason> {
        let by_rules = |index| self.guard(index).unwrap_or_else(|| self.by_rules(index));
        let mut reasons: Vec<FileReason> = (0..self.files.len()).map(by_rules).collect();
        for index in self.last_files() {
            if let FileReason::Selected { rule, rank } = reasons[index] {
                reasons[index] = FileReason::LastFile { rule, rank };
            }
        }
        self.judge_companions(&mut reasons);
        reasons
    }

    /// Ranks the files under one rule. A file without a date that can be believed takes no place, nor does an
    /// unfinished one.
    fn matching(&self, number: usize, rule: &'a FileRule) -> Matching<'a> {
        let mut keys: BTreeMap<Option<FileKey<'a>>, Vec<usize>> = BTreeMap::new();
        let mut files = 0;
        let mut counted = BTreeSet::new();
        for &index in &self.contents {
            let Some(name) = self.files[index].name.as_deref() else { continue };
            if rule.file.as_ref().is_some_and(|patterns| !patterns.select(Shown::Plain(name))) {
                continue;
            }
            files += 1;
            if self.has_sane_date(index) {
                counted.insert(index);
                if self.is_finished(index) {
                    let key = match rule.together {
                        Together::Name => Some(FileKey::of(self.package, name)),
                        Together::Package => None,
                    };
                    keys.entry(key).or_default().push(index);
                }
            }
        }
        let ranks = keys.into_iter().flat_map(|(key, members)| match key {
            Some(_) => self.ranks_of_one(members),
            None => self.ranks_of_all(members),
        });
        Matching { number, files, rule, counted, ranks: ranks.collect() }
    }

    /// Ranks the files of one key. A build has a place by its own order and one by its creation, and the lesser counts.
    fn ranks_of_one(&self, mut members: Vec<usize>) -> HashMap<usize, Rank> {
        let of = members.len();
        members.sort_by_key(|&index| Reverse(self.creation(index)));
        let mut ranks: HashMap<usize, Rank> =
            (1..).zip(members.iter().copied()).map(|(place, index)| (index, Rank { place, of })).collect();
        members.sort_by_cached_key(|&index| Reverse(self.order_of_builds(index)));
        for (place, index) in (1..).zip(members) {
            ranks.entry(index).and_modify(|rank| rank.place = rank.place.min(place));
        }
        ranks
    }

    /// Ranks files of different names. Those that were made at the same instant push each other out no more than they
    /// would one by one: no id tells which of two things is the newer.
    fn ranks_of_all(&self, members: Vec<usize>) -> HashMap<usize, Rank> {
        let of = members.len();
        let mut dates: Vec<Option<Timestamp>> = members.iter().map(|&index| self.files[index].created_at).collect();
        dates.sort_unstable();
        let newer = |index: usize| of - dates.partition_point(|date| *date <= self.files[index].created_at);
        members.into_iter().map(|index| (index, Rank { place: newer(index) + 1, of })).collect()
    }

    /// Returns why the file is kept whatever the rules say; `None` where the rules decide.
    fn guard(&self, index: usize) -> Option<FileReason> {
        match &self.files[index].name {
            None => Some(FileReason::Unreadable),
            Some(name) if is_metadata(name) => Some(FileReason::Metadata),
            Some(_) if self.is_fresh(index) => Some(FileReason::MinAge),
            Some(_) if !self.has_sane_date(index) => Some(FileReason::SenselessDates),
            Some(name) if owners(name).next().is_none() && !self.is_finished(index) => Some(FileReason::Unfinished),
            Some(_) => None,
        }
    }

    /// Returns the reason by the first rule that takes the file, or else by the first that counts it.
    fn by_rules(&self, index: usize) -> FileReason {
        let said: Vec<FileReason> = self.rules.iter().filter_map(|rule| self.by_rule(index, rule)).collect();
        let taken = said.iter().find(|reason| reason.verdict() == Verdict::Delete);
        taken.or(said.first()).copied().unwrap_or(FileReason::NotMatched)
    }

    fn by_rule(&self, index: usize, matching: &Matching<'_>) -> Option<FileReason> {
        let (rule, rank) = (matching.number, *matching.ranks.get(&index)?);
        let count = usize::try_from(matching.rule.keep_newest).unwrap_or(usize::MAX);
        Some(match self.is_old_enough(index, matching.rule) {
            _ if rank.place <= count => FileReason::Newest { rule, rank },
            false => FileReason::TooYoung { rule, rank },
            true => FileReason::Selected { rule, rank },
        })
    }

    /// Returns the files that stay even where rules could take every one. Of the files that are the most certain to
    /// stay, they are the newest by creation and the newest by the order of builds. Of the finished files alone the
    /// same two stay, because clients are led to those.
    fn last_files(&self) -> impl Iterator<Item = usize> {
        let finished = self.contents.iter().copied().filter(|&index| self.is_finished(index));
        let (all, finished): (Vec<usize>, Vec<usize>) = (self.contents.clone(), finished.collect());
        [all, finished].into_iter().flat_map(|contents| {
            let among = || contents.iter().copied();
            let by_creation = among().max_by_key(|&index| (self.certainty(index), self.creation(index)));
            let by_build = among().max_by_key(|&index| (self.certainty(index), self.order_of_builds(index)));
            [by_creation, by_build].into_iter().flatten().collect::<Vec<_>>()
        })
    }

    /// Returns how certain the file is to stay. Being unfinished does not count here: it depends on the metadata, which
    /// a listing may lack.
    fn certainty(&self, index: usize) -> Certainty {
        let can_take =
            |matching: &&Matching<'_>| matching.counted.contains(&index) && self.is_old_enough(index, matching.rule);
        let mut takers = self.rules.iter().filter(can_take).peekable();
        let is_kept = self.guard(index).is_some_and(|reason| reason != FileReason::Unfinished);
        if is_kept || takers.peek().is_none() {
            Certainty::Full
        } else if takers.any(|matching| matching.rule.keep_newest == 0) {
            Certainty::None
        } else {
            Certainty::ByRank
        }
    }

    /// Judges checksums and signatures. They go with the last file of the name that they belong to.
    fn judge_companions(&self, reasons: &mut [FileReason]) {
        let mut named: HashMap<&str, Vec<usize>> = HashMap::new();
        for (index, file) in self.files.iter().enumerate() {
            if let Some(name) = &file.name {
                named.entry(name).or_default().push(index);
            }
        }
        let is_companion = |name: &&str| owners(name).next().is_some();
        let mut names: Vec<&str> = named.keys().copied().filter(is_companion).collect();
        // The file that one belongs to has a shorter name, and is judged before it: `app.jar.asc` before
        // `app.jar.asc.md5`.
        names.sort_by_key(|name| name.len());
        for name in names {
            let reason = match owners(name).find_map(|owner| named.get(owner)) {
                None => FileReason::Orphan,
                Some(owners) if owners.iter().all(|&owner| reasons[owner].verdict() == Verdict::Delete) => {
                    let rule = owners.iter().filter_map(|&owner| reasons[owner].files_rule()).min();
                    rule.map_or(FileReason::StaysWith, |rule| FileReason::Follows { rule })
                }
                Some(_) => FileReason::StaysWith,
            };
            for &index in &named[name] {
                if self.guard(index).is_none() {
                    reasons[index] = reason;
                }
            }
        }
    }

    fn creation(&self, index: usize) -> Creation {
        (self.files[index].created_at, self.files[index].id)
    }

    /// Orders files by the time and number of their build, whenever they were made: a retry or an import may have made
    /// them in another order. Files that are no builds come before all of them.
    fn order_of_builds(&self, index: usize) -> (Option<Build<'a>>, Creation) {
        let name = self.files[index].name.as_deref();
        let build = name.and_then(|name| FileKey::with_build(self.package, name).1);
        (build, self.creation(index))
    }

    fn finished(&self) -> Finished {
        let indexes: Vec<usize> =
            (0..self.files.len()).filter(|&index| self.files[index].name.as_deref().is_some_and(is_index)).collect();
        if indexes.is_empty() || !is_snapshot(self.package) {
            return Finished::All;
        }
        let dated = indexes.into_iter().filter(|&index| self.has_sane_date(index));
        dated.filter_map(|index| self.files[index].created_at).max().map_or(Finished::None, Finished::Until)
    }

    fn is_finished(&self, index: usize) -> bool {
        match self.finished {
            Finished::All => true,
            Finished::Until(end) => self.files[index].created_at.is_some_and(|date| date <= end),
            Finished::None => false,
        }
    }

    fn has_sane_date(&self, index: usize) -> bool {
        self.files[index].created_at.is_some_and(|date| is_sane_date(date, self.horizon))
    }

    fn is_fresh(&self, index: usize) -> bool {
        self.files[index].created_at.is_some_and(|date| self.min_age.is_undercut(date, self.now))
    }

    fn is_old_enough(&self, index: usize, rule: &FileRule) -> bool {
        let date = self.files[index].created_at;
        rule.older_than.as_ref().is_none_or(|age| date.is_some_and(|date| age.is_exceeded(date, self.now)))
    }
}
