//! What the rules that match one package take of its files.
//!
//! A file that the listing missed can only save the others: ranks are counted so that fewer files never push one out,
//! and what holds the last file goes by nothing that another file could change. One thing is left to the last look
//! before the deletion: a checksum goes with its file, and knows nothing of a second file of that name that was missed.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};

use jiff::Timestamp;

use super::name::{FileKey, is_metadata, owners};
use super::reason::FileReason;
use crate::package::{FileId, Package, PackageFile, is_sane_date};
use crate::plan::rank::Rank;
use crate::plan::reason::Verdict;
use crate::policy::{Age, FileRule};

/// One package and the rules that match it. Files are named by their place here.
#[derive(Debug)]
pub(super) struct Trim<'a> {
    files: &'a [PackageFile],
    min_age: &'a Age,
    now: Timestamp,
    /// The files that are something by themselves: no metadata, and nothing that only accompanies another.
    contents: Vec<usize>,
    rules: Vec<Matching<'a>>,
}

/// A rule that matches the package, and the ranks of the files that it counts.
#[derive(Debug)]
pub(super) struct Matching<'a> {
    /// Among the policy's `files` rules.
    pub(super) number: usize,
    /// How many files its `file` matches.
    pub(super) files: u64,
    rule: &'a FileRule,
    ranks: HashMap<usize, Rank>,
}

/// What keeps a file, whatever other files there are. The greater keeps the longer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Hold {
    /// Nothing: a rule with `keep_newest: 0` takes it.
    None,
    /// Its place among the newest of its key, if it has one.
    Rank,
    /// No rule can take it.
    Certain,
}

impl<'a> Trim<'a> {
    #[must_use]
    pub(super) fn new(
        package: &'a Package,
        files: &'a [PackageFile],
        rules: impl IntoIterator<Item = (usize, &'a FileRule)>,
        min_age: &'a Age,
        now: Timestamp,
    ) -> Self {
        let is_content = |name: &str| !is_metadata(name) && owners(name).next().is_none();
        let contents = (0..files.len()).filter(|&index| files[index].name.as_deref().is_some_and(is_content)).collect();
        let mut trim = Self { files, min_age, now, contents, rules: Vec::new() };
        trim.rules = rules.into_iter().map(|(number, rule)| trim.matching(package, number, rule)).collect();
        trim
    }

    #[must_use]
    pub(super) fn rules(&self) -> &[Matching<'a>] {
        &self.rules
    }

    /// One reason for each file.
    #[must_use]
    pub(super) fn reasons(&self) -> Vec<FileReason> {
        let by_rules = |index| self.guard(index).unwrap_or_else(|| self.by_rules(index));
        let mut reasons: Vec<FileReason> = (0..self.files.len()).map(by_rules).collect();
        if let Some(index) = self.last_file()
            && let FileReason::Selected { rule, rank } = reasons[index]
        {
            reasons[index] = FileReason::LastFile { rule, rank };
        }
        self.judge_companions(&mut reasons);
        reasons
    }

    /// The ranks under one rule. What has no date that can be believed takes no place.
    fn matching(&self, package: &Package, number: usize, rule: &'a FileRule) -> Matching<'a> {
        let mut keys: BTreeMap<FileKey<'a>, Vec<usize>> = BTreeMap::new();
        let mut files = 0;
        for &index in &self.contents {
            let Some(name) = self.files[index].name.as_deref() else { continue };
            if rule.file.as_ref().is_some_and(|patterns| !patterns.matches(name)) {
                continue;
            }
            files += 1;
            if self.has_sane_date(index) {
                keys.entry(FileKey::of(package, name)).or_default().push(index);
            }
        }
        let mut ranks = HashMap::new();
        for mut members in keys.into_values() {
            members.sort_by_key(|&index| Reverse(self.order(index)));
            let of = members.len();
            ranks.extend((1..).zip(members).map(|(place, index)| (index, Rank { place, of })));
        }
        Matching { number, files, rule, ranks }
    }

    /// What is always kept, whatever the rules say.
    fn guard(&self, index: usize) -> Option<FileReason> {
        match &self.files[index].name {
            None => Some(FileReason::Unreadable),
            Some(name) if is_metadata(name) => Some(FileReason::Metadata),
            Some(_) if self.is_fresh(index) => Some(FileReason::MinAge),
            Some(_) if !self.has_sane_date(index) => Some(FileReason::SenselessDates),
            Some(_) => None,
        }
    }

    /// The first rule that takes the file, else what the first that counts it keeps it for.
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

    /// The one that stays if rules could take every file: the newest that is not taken whatever its rank, else the
    /// newest of all. Where one stays for certain, it is that one.
    fn last_file(&self) -> Option<usize> {
        self.contents.iter().copied().max_by_key(|&index| (self.hold(index), self.order(index)))
    }

    fn hold(&self, index: usize) -> Hold {
        let can_take =
            |matching: &&Matching<'_>| matching.ranks.contains_key(&index) && self.is_old_enough(index, matching.rule);
        let mut takers = self.rules.iter().filter(can_take).peekable();
        if self.guard(index).is_some() || takers.peek().is_none() {
            Hold::Certain
        } else if takers.any(|matching| matching.rule.keep_newest == 0) {
            Hold::None
        } else {
            Hold::Rank
        }
    }

    /// Checksums and signatures go with the last file of the name that they belong to.
    fn judge_companions(&self, reasons: &mut [FileReason]) {
        let mut named: HashMap<&str, Vec<usize>> = HashMap::new();
        for (index, file) in self.files.iter().enumerate() {
            if let Some(name) = &file.name {
                named.entry(name).or_default().push(index);
            }
        }
        let is_companion = |name: &&str| owners(name).next().is_some();
        let mut names: Vec<&str> = named.keys().copied().filter(is_companion).collect();
        // What they belong to has a shorter name, and is judged before them: `app.jar.asc` before `app.jar.asc.md5`.
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

    /// Newer files are greater; ties are settled by the higher id, so the order is total.
    fn order(&self, index: usize) -> (Option<Timestamp>, FileId) {
        (self.files[index].created_at, self.files[index].id)
    }

    fn has_sane_date(&self, index: usize) -> bool {
        self.files[index].created_at.is_some_and(|date| is_sane_date(date, self.now))
    }

    fn is_fresh(&self, index: usize) -> bool {
        self.files[index].created_at.is_some_and(|date| self.min_age.is_undercut(date, self.now))
    }

    fn is_old_enough(&self, index: usize, rule: &FileRule) -> bool {
        let date = self.files[index].created_at;
        rule.older_than.as_ref().is_none_or(|age| date.is_some_and(|date| age.is_exceeded(date, self.now)))
    }
}
