//! What becomes of the files of packages that stay.

use std::collections::BTreeMap;

use gleaner::package::{FileId, Package, PackageFile, PackageId, PackageType};
use gleaner::plan::{Lookup, RuleRef};
use gleaner::policy::{DeleteRule, FileRule};
use jiff::Timestamp;
use regex::Regex;

use super::{Oracle, Ruling, is_installable_status};

/// A rule of the policy, and its number.
type Rule<'a> = (usize, &'a FileRule);

impl Oracle<'_> {
    /// What is expected of every file of each package that stays and that a rule is for.
    pub(crate) fn file_rulings(&self) -> BTreeMap<(PackageId, FileId), Ruling> {
        let mut rulings = BTreeMap::new();
        for package in self.packages() {
            let rules = self.rules_for(package);
            let Some(Lookup::Found(files)) = self.files.get(&package.id) else { continue };
            if rules.is_empty() || !self.may_be_trimmed(package) {
                continue;
            }
            for file in files {
                rulings.insert((package.id, file.id), self.of_file(file, files, package, &rules));
            }
        }
        rulings
    }

    /// Default or deprecated, with a version, a row that can be believed, not deleted, not protected, not released. What
    /// isn't known of that speaks against it.
    pub(crate) fn may_be_trimmed(&self, package: &Package) -> bool {
        is_installable_status(&package.status)
            && self.takes_places(package)
            && !self.ruling(package).deletes()
            && self.protecting_rule(package).is_none()
            && self.is_linked(package) == Some(false)
    }

    /// The rules whose type it is and whose conditions on the package all hold, as those of a delete rule do.
    fn rules_for(&self, package: &Package) -> Vec<Rule<'_>> {
        let is_for = |rule: &FileRule| {
            let conditions = rule.conditions.clone();
            let as_delete_rule = DeleteRule { conditions, allow_latest: false, released: false };
            rule.package_type.package_type() == package.package_type && self.selects(&as_delete_rule, package)
        };
        self.policy.files.iter().enumerate().filter(|(_, rule)| is_for(rule)).collect()
    }

    fn of_file(&self, file: &PackageFile, files: &[PackageFile], package: &Package, rules: &[Rule<'_>]) -> Ruling {
        let kept = |code| Ruling { code, rule: None };
        if let Some(code) = self.guard_of_file(file) {
            return kept(code);
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
        let is_last = || self.last_file(files, rules).is_some_and(|last| last.id == file.id);
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
            let newer = files.iter().filter(|other| counts(rule, other) && self.has_sane_date(other));
            let newer = newer.filter(|other| key(package, other) == key(package, file) && order(other) > order(file));
            let is_among_newest = newer.count() < rule.keep_newest as usize;
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

    /// If rules could take every file: the newest that is not taken whatever its rank, else the newest of all.
    fn last_file<'f>(&self, files: &'f [PackageFile], rules: &[Rule<'_>]) -> Option<&'f PackageFile> {
        let contents = || {
            files.iter().filter(|file| {
                let name = file.name.as_deref();
                name.is_some_and(|name| without_ending(name).is_none() && name != "maven-metadata.xml")
            })
        };
        let could_take = |rule: &FileRule, file: &PackageFile| {
            self.guard_of_file(file).is_none() && counts(rule, file) && self.is_old_enough(file, rule)
        };
        let some_stays = contents().any(|file| !rules.iter().any(|(_, rule)| could_take(rule, file)));
        if some_stays {
            return None;
        }
        let goes_whatever =
            |file: &PackageFile| rules.iter().any(|(_, rule)| rule.keep_newest == 0 && could_take(rule, file));
        let by_rank_alone = contents().filter(|file| !goes_whatever(file)).max_by_key(|file| order(file));
        by_rank_alone.or(contents().max_by_key(|file| order(file)))
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
    let is_content = without_ending(name).is_none() && name != "maven-metadata.xml";
    is_content && rule.file.as_ref().is_none_or(|patterns| patterns.matches(name))
}

fn deletes(ruling: Ruling) -> bool {
    ["selected", "follows"].contains(&ruling.code)
}

/// What makes two files the same: for the builds of a Maven snapshot everything but version, time and number, else the
/// name.
pub(crate) fn key(package: &Package, file: &PackageFile) -> Vec<String> {
    let name = file.name.clone().unwrap_or_default();
    let base = package.version.as_deref().and_then(|version| version.strip_suffix("SNAPSHOT"));
    let Some(base) = base.filter(|_| package.package_type == PackageType::Maven) else { return vec![name] };
    let build = format!(r"^(.+?)-{}[0-9]{{8}}\.[0-9]{{6}}-[0-9]+((?:-[^.]+)?\..+)$", regex::escape(base));
    match Regex::new(&build).expect("an expression").captures(&name) {
        Some(parts) => vec![parts[1].to_owned(), parts[2].to_owned()],
        None => vec![name],
    }
}

/// The newer is the greater; ties are settled by the id.
fn order(file: &PackageFile) -> (Option<Timestamp>, FileId) {
    (file.created_at, file.id)
}

/// The name of the file that a checksum or signature of this name belongs to.
pub(crate) fn without_ending(name: &str) -> Option<&str> {
    let endings = [".md5", ".sha1", ".sha256", ".sha512", ".asc"];
    endings.iter().find_map(|ending| name.strip_suffix(ending)).filter(|rest| !rest.is_empty())
}
