//! What becomes of the files of packages that stay.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use gleaner::package::{FileId, Lookup, Package, PackageFile, PackageId, PackageType};
use gleaner::plan::RuleRef;
use gleaner::policy::{DeleteRule, FileRule, Shown, Together};
use jiff::Timestamp;
use regex::Regex;

use super::{Oracle, Ruling, is_installable_status};

/// A rule of the policy, and its number.
type Rule<'a> = (usize, &'a FileRule);

impl Oracle<'_> {
    /// What is expected of every file of each package that stays and that a rule is for.
    #[must_use]
    pub fn file_rulings(&self) -> BTreeMap<(PackageId, FileId), Ruling> {
        let of_package = |package| self.file_rulings_of(package).into_iter().map(|(file, of)| ((package.id, file), of));
        self.packages().into_iter().flat_map(of_package).collect()
    }

    /// The same of one package in scope.
    #[must_use]
    pub fn file_rulings_of(&self, package: &Package) -> BTreeMap<FileId, Ruling> {
        let rules = self.rules_for(package);
        let Some(Lookup::Found(files)) = self.files.get(&package.id) else { return BTreeMap::new() };
        if rules.is_empty() || !self.may_be_trimmed(package) {
            return BTreeMap::new();
        }
        files.iter().map(|file| (file.id, self.of_file(file, files, package, &rules))).collect()
    }

    /// Default or deprecated, with a version, a row that can be believed, not deleted, not protected here or in GitLab, not released. What
    /// isn't known of that speaks against it.
    #[must_use]
    pub fn may_be_trimmed(&self, package: &Package) -> bool {
        is_installable_status(&package.status)
            && self.takes_places(package)
            && !self.ruling(package).deletes()
            && self.protecting_rule(package).is_none()
            && self.is_held_by_gitlab(package) == Some(false)
            && self.is_linked(package) == Some(false)
    }

    /// The rules whose type it is and whose conditions on the package all hold, as those of a delete rule do.
    fn rules_for(&self, package: &Package) -> Vec<Rule<'_>> {
        let is_for = |rule: &FileRule| {
            let conditions = rule.conditions.clone();
            let as_delete_rule =
                DeleteRule { conditions, allow_latest: false, allow_released: false, other_indexes: false };
            rule.package_type == package.package_type && self.selects(&as_delete_rule, package)
        };
        self.policy.files.iter().enumerate().filter(|(_, rule)| is_for(rule)).collect()
    }

    fn of_file(&self, file: &PackageFile, files: &[PackageFile], package: &Package, rules: &[Rule<'_>]) -> Ruling {
        let kept = |code| Ruling { code, rule: None };
        if let Some(code) = self.guard_of_file(file) {
            return kept(code);
        }
        if self.is_unfinished(file, files, package) {
            return kept("unfinished");
        }
        let name = file.name.as_deref().unwrap_or_default();
        if let Some(mut belongs_to) = without_ending(name) {
            loop {
                let owners: Vec<&PackageFile> =
                    files.iter().filter(|other| other.name.as_deref() == Some(belongs_to)).collect();
                if !owners.is_empty() {
                    let fates: Vec<Ruling> =
                        owners.iter().map(|owner| self.of_file(owner, files, package, rules)).collect();
                    let all_go = fates.iter().all(|fate| deletes(*fate));
                    let rule = fates.iter().filter_map(|fate| fate.rule).min();
                    let ruling = Ruling { code: "follows", rule };
                    return if all_go { ruling } else { kept("stays_with") };
                }
                match without_ending(belongs_to) {
                    Some(shorter) => belongs_to = shorter,
                    None => return kept("orphan"),
                }
            }
        }
        let ruling = self.by_rules(file, files, package, rules);
        let is_last = || self.last_files(files, package, rules).contains(&file.id);
        if deletes(ruling) && is_last() { Ruling { code: "last_file", ..ruling } } else { ruling }
    }

    fn guard_of_file(&self, file: &PackageFile) -> Option<&'static str> {
        let mut name = file.name.as_deref().unwrap_or_default();
        while let Some(shorter) = without_ending(name) {
            name = shorter;
        }
        let min_age = &self.policy.limits.min_age;
        let is_fresh = |date: Timestamp| min_age.before(self.now).is_none_or(|start| date > start);
        let table = [
            ("unreadable", file.name.is_none()),
            ("metadata", name == "maven-metadata.xml"),
            ("min_age", file.created_at.is_some_and(is_fresh)),
            ("senseless_dates", !file.created_at.is_some_and(|date| self.is_sane(date))),
        ];
        table.into_iter().find(|(_, applies)| *applies).map(|(code, _)| code)
    }

    /// The first rule that takes it, else what the first that counts it keeps it for.
    fn by_rules(&self, file: &PackageFile, files: &[PackageFile], package: &Package, rules: &[Rule<'_>]) -> Ruling {
        let mut said = Vec::new();
        for &(number, rule) in rules {
            if !counts(rule, file) {
                continue;
            }
            let takes_place = |other: &&PackageFile| {
                counts(rule, other) && self.has_sane_date(other) && !self.is_unfinished(other, files, package)
            };
            let others: Vec<&PackageFile> = files.iter().filter(takes_place).collect();
            let of_its_key = || others.iter().filter(|other| key(package, other) == key(package, file));
            let newer = match rule.together {
                Together::Name => {
                    let made_later = of_its_key().filter(|other| order(other) > order(file)).count();
                    let higher = of_its_key().filter(|other| height(package, other) > height(package, file)).count();
                    made_later.min(higher)
                }
                Together::Package => others.iter().filter(|other| other.created_at > file.created_at).count(),
            };
            let is_among_newest = newer < rule.keep_newest as usize;
            let code = match self.is_old_enough(file, rule) {
                _ if is_among_newest => "newest",
                true => "selected",
                false => "too_young",
            };
            said.push(Ruling { code, rule: Some(RuleRef::Files(number)) });
        }
        let taken = said.iter().find(|ruling| deletes(**ruling)).copied();
        taken.or(said.first().copied()).unwrap_or(Ruling { code: "not_matched", rule: None })
    }

    /// Whether it came after the last metadata of its snapshot, or nobody knows when that was.
    fn is_unfinished(&self, file: &PackageFile, files: &[PackageFile], package: &Package) -> bool {
        let is_content = file.name.as_deref().is_some_and(is_content);
        let metadata = files.iter().filter(|other| other.name.as_deref() == Some("maven-metadata.xml"));
        let metadata: Vec<&PackageFile> = metadata.collect();
        let is_whole = file.created_at.is_some()
            && metadata.iter().any(|other| self.has_sane_date(other) && other.created_at >= file.created_at);
        is_content && is_snapshot(package) && !metadata.is_empty() && !is_whole
    }

    /// What stays of all files, and beside it of those whose deployment came to its end.
    fn last_files(&self, files: &[PackageFile], package: &Package, rules: &[Rule<'_>]) -> Vec<FileId> {
        let contents: Vec<&PackageFile> =
            files.iter().filter(|file| file.name.as_deref().is_some_and(is_content)).collect();
        let finished =
            contents.iter().copied().filter(|file| !self.is_unfinished(file, files, package)).collect::<Vec<_>>();
        [self.last_of(&contents, package, rules), self.last_of(&finished, package, rules)].concat()
    }

    /// If rules could take every one of these: the newest that does not go whatever its place, else the newest of all; the one
    /// that was made last, and the highest build.
    fn last_of(&self, files: &[&PackageFile], package: &Package, rules: &[Rule<'_>]) -> Vec<FileId> {
        let contents = || files.iter().copied();
        let could_take = |rule: &FileRule, file: &PackageFile| {
            self.guard_of_file(file).is_none() && counts(rule, file) && self.is_old_enough(file, rule)
        };
        let some_stays = contents().any(|file| !rules.iter().any(|(_, rule)| could_take(rule, file)));
        if some_stays {
            return Vec::new();
        }
        let goes_whatever =
            |file: &PackageFile| rules.iter().any(|(_, rule)| rule.keep_newest == 0 && could_take(rule, file));
        let by_rank_alone: Vec<&PackageFile> = contents().filter(|file| !goes_whatever(file)).collect();
        let among = if by_rank_alone.is_empty() { contents().collect() } else { by_rank_alone };
        let made_last = among.iter().max_by_key(|file| order(file));
        let highest = among.iter().max_by_key(|file| height(package, file));
        made_last.into_iter().chain(highest).map(|file| file.id).collect()
    }

    fn is_old_enough(&self, file: &PackageFile, rule: &FileRule) -> bool {
        let is_older = |age| file.created_at.is_some_and(|date| self.is_before(date, age));
        rule.older_than.as_ref().is_none_or(is_older)
    }

    fn has_sane_date(&self, file: &PackageFile) -> bool {
        file.created_at.is_some_and(|date| self.is_sane(date))
    }
}

/// Whether a rule's `file` matches something that is no checksum and no metadata.
fn counts(rule: &FileRule, file: &PackageFile) -> bool {
    let Some(name) = file.name.as_deref() else { return false };
    is_content(name) && rule.file.as_ref().is_none_or(|patterns| patterns.select(Shown::Plain(name)))
}

fn is_content(name: &str) -> bool {
    without_ending(name).is_none() && name != "maven-metadata.xml"
}

fn deletes(ruling: Ruling) -> bool {
    ["selected", "follows"].contains(&ruling.code)
}

/// Each of its builds adds files to a version that ends with this word.
fn is_snapshot(package: &Package) -> bool {
    package.package_type == PackageType::Maven
        && package.version.as_deref().is_some_and(|version| version.ends_with("SNAPSHOT"))
}

/// A build's artifact, time, number, and classifier with extension.
fn build(package: &Package, file: &PackageFile) -> Option<[String; 4]> {
    static AFTER_VERSION: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"^([0-9]{8}\.[0-9]{6})-([0-9]+)((?:-[^.]+)?\..+)$").expect("an expression"));
    let base = package.version.as_deref()?.strip_suffix("SNAPSHOT").filter(|_| is_snapshot(package))?;
    let name = file.name.as_deref()?;
    // The artifact's name may have the version in it. The shortest that leaves a build is the artifact's.
    let places = name.char_indices().skip(1).map(|(at, _)| name.split_at(at));
    let places = places.take_while(|(artifact, _)| !artifact.contains('\n'));
    let mut after = places.filter_map(|(artifact, rest)| Some((artifact, rest.strip_prefix('-')?.strip_prefix(base)?)));
    after.find_map(|(artifact, rest)| {
        let parts = AFTER_VERSION.captures(rest)?;
        Some([artifact, &parts[1], &parts[2], &parts[3]].map(str::to_owned))
    })
}

/// What makes two files the same: for the builds of a Maven snapshot everything but version, time and number, else the
/// name.
#[must_use]
pub fn key(package: &Package, file: &PackageFile) -> Vec<String> {
    match build(package, file) {
        Some([artifact, _, _, rest]) => vec![artifact, rest],
        None => vec![file.name.clone().unwrap_or_default()],
    }
}

/// The newer is the greater; ties are settled by the id.
#[must_use]
pub fn order(file: &PackageFile) -> (Option<Timestamp>, FileId) {
    (file.created_at, file.id)
}

/// The higher build is the greater, by its time and then its number; what is none is the least. Ties are settled by creation.
pub fn height(package: &Package, file: &PackageFile) -> impl Ord + use<> {
    let build = build(package, file);
    let build = build.map(|[_, time, number, _]| (time, number.parse::<u64>().expect("a short number")));
    (build, order(file))
}

/// The name of the file that a checksum or signature of this name belongs to.
#[must_use]
pub fn without_ending(name: &str) -> Option<&str> {
    let endings = [".md5", ".sha1", ".sha256", ".sha512", ".asc"];
    endings.iter().find_map(|ending| name.strip_suffix(ending)).filter(|rest| !rest.is_empty())
}
