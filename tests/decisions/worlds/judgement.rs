//! The builder of worlds, and how they are judged: in two rounds of look-ups, as the shell does it.

use std::collections::{BTreeMap, BTreeSet};

use gleaner::package::{
    BuiltFrom, Downloaded, Evidence, FileId, Lookup, Package, PackageFile, PackageId, PackageType, Pipeline, Questions,
    RefKind, Status,
};
use gleaner::plan::inventory::Inventory;
use gleaner::plan::{Plan, Verdict, estimate, plan, rivals, shortlist};
use gleaner::policy::{InForce, PolicySet};
use gleaner::yaml::Source;
use gleaner_support::{Answers, inventory, package, parsed};
use jiff::{SignedDuration, Timestamp};

/// 2026-06-01, at midnight UTC.
pub(crate) const NOW: Timestamp = Timestamp::constant(1_780_272_000, 0);

/// The rule under which worlds are played, unless they bring one of their own: what is older than `min_age` goes, the
/// latest too. It selects by the listing alone, so that a row that stays has the reason of whatever keeps it.
pub(crate) const ALL: &str = "delete: [{ name: '**', allow_latest: true }]";

/// A row and its files.
#[derive(Clone)]
pub(crate) struct Row {
    package: Package,
    files: Lookup<Vec<PackageFile>>,
}

/// A version of the package `core`, so many days old, with one file that is as old.
pub(crate) fn row(package_type: &str, version: &str, age: i64) -> Row {
    let package = Package {
        package_type: PackageType::parse(package_type),
        version: Some(version.to_owned()),
        created_at: Some(days_ago(age)),
        built_from: BuiltFrom::Unknown,
        ..package(0)
    };
    let has_files = package.package_type != PackageType::Composer;
    let files = if has_files { vec![file(Some(days_ago(age)), Some(1000))] } else { Vec::new() };
    Row { package, files: Lookup::Found(files) }
}

impl Row {
    pub(crate) fn named(mut self, name: &str) -> Self {
        name.clone_into(&mut self.package.name);
        self
    }

    /// With one more file of this age in days, which may be a fraction.
    pub(crate) fn file_of(self, age: f64) -> Self {
        let date = NOW - SignedDuration::from_secs((age * 86_400.0) as i64);
        self.with_file(file(Some(date), Some(1000)))
    }

    pub(crate) fn file_dated(self, date: &str) -> Self {
        self.with_file(file(Some(date.parse().unwrap()), Some(1000)))
    }

    /// With one more file of this size; `None` is one that GitLab doesn't tell.
    pub(crate) fn file_sized(self, size: Option<u64>) -> Self {
        let date = self.package.created_at;
        self.with_file(file(date, size))
    }

    fn with_file(mut self, file: PackageFile) -> Self {
        if let Lookup::Found(files) = &mut self.files {
            files.push(file);
        }
        self
    }

    /// Its files can't be had.
    pub(crate) fn refused(mut self) -> Self {
        self.files = Lookup::Failed;
        self
    }

    pub(crate) fn status(mut self, status: &str) -> Self {
        self.package.status = Status::parse(status);
        self
    }

    pub(crate) fn tags(mut self, tags: Option<&[&str]>) -> Self {
        self.package.tags = tags.map(|tags| tags.iter().map(|&tag| tag.to_owned()).collect());
        self
    }

    pub(crate) fn channel(mut self, channel: &str) -> Self {
        self.package.channel = Some(channel.to_owned());
        self
    }

    /// Made then, and its files, too.
    pub(crate) fn created(mut self, date: &str) -> Self {
        self.package.created_at = Some(date.parse().unwrap());
        if let Lookup::Found(files) = &mut self.files {
            files.iter_mut().for_each(|file| file.created_at = self.package.created_at);
        }
        self
    }

    /// By the pipeline of a branch.
    pub(crate) fn built(mut self, branch: &str) -> Self {
        self.package.built_from = BuiltFrom::Pipeline(Pipeline::of(RefKind::Branch, branch));
        self
    }

    pub(crate) fn downloaded(mut self, age: i64) -> Self {
        self.package.downloaded = Downloaded::At(days_ago(age));
        self
    }

    pub(crate) fn has_releases(mut self) -> Self {
        self.package.project.has_releases = Some(true);
        self
    }
}

/// Rows under a policy and its protections.
#[derive(Clone)]
pub(crate) struct World {
    set: PolicySet,
    rows: Vec<Row>,
    links: Lookup<Vec<String>>,
}

/// A policy with these rules for the group `acme`, and rows that get their ids in their order, from 1.
pub(crate) fn world(rules: &str, rows: impl IntoIterator<Item = Row>) -> World {
    World::of(&[&format!("version: 1\nscope: {{ group: acme }}\n{rules}\n")], rows)
}

impl World {
    /// The first text is the policy.
    pub(crate) fn of(texts: &[&str], rows: impl IntoIterator<Item = Row>) -> Self {
        let sources: Vec<Source> =
            texts.iter().zip('a'..).map(|(text, name)| Source::new(format!("{name}.yaml"), *text)).collect();
        let set = parsed(&sources);
        let mut rows: Vec<Row> = rows.into_iter().collect();
        for (row, id) in rows.iter_mut().zip(1_u64..) {
            row.package.id = PackageId(id);
            if let Lookup::Found(files) = &mut row.files {
                files.iter_mut().zip(1_u64..).for_each(|(file, place)| file.id = FileId(id * 100 + place));
            }
        }
        Self { set, rows, links: Lookup::Found(Vec::new()) }
    }

    /// What the releases of the project link to.
    pub(crate) fn links(mut self, links: &[&str]) -> Self {
        self.links = Lookup::Found(links.iter().map(|&link| link.to_owned()).collect());
        self
    }

    pub(crate) fn releases_refused(mut self) -> Self {
        self.links = Lookup::Failed;
        self
    }

    /// The plan, and whose files were asked for. Whatever the world is about, the shortlist has all that goes, one round
    /// more asks for nothing that would change it, and a row that the walk misses dooms no other.
    pub(crate) fn judge(&self) -> Told {
        let told = self.judge_alone();
        let inventory = self.inventory();
        let gone = told.gone();
        let listed = estimate(self.in_force(), inventory.clone());
        let on_list = |id: &PackageId| {
            listed.decisions.iter().any(|row| row.package.id == *id && row.verdict() == Verdict::Delete)
        };
        assert!(gone.iter().all(on_list), "the shortlist lacks something of {gone:?}");
        let is_answered = self.rows.iter().all(|row| row.files != Lookup::Failed) && self.links != Lookup::Failed;
        if is_answered {
            let everything = self.everything(&inventory);
            let informed = plan(self.in_force(), inventory, &everything);
            assert_eq!(Told { plan: informed, asked: BTreeSet::new() }.gone(), gone, "if everything was looked up");
        }
        for missed in 0..self.rows.len() {
            let mut fewer = self.clone();
            let missed = fewer.rows.remove(missed).package.id;
            assert!(fewer.judge_alone().gone().is_subset(&gone), "without {missed} other packages go");
        }
        told
    }

    fn judge_alone(&self) -> Told {
        let in_force = self.in_force();
        let inventory = self.inventory();
        let mut evidence = Evidence::none();
        let mut asked = BTreeSet::new();
        let first = shortlist(in_force, &inventory);
        self.answer(&first, &mut evidence, &mut asked);
        let second = rivals(in_force, &inventory, &evidence);
        self.answer(&second, &mut evidence, &mut asked);
        Told { plan: plan(in_force, inventory, &evidence), asked }
    }

    fn in_force(&self) -> InForce<'_> {
        self.set.policies_at(NOW).next().unwrap()
    }

    fn inventory(&self) -> Inventory {
        inventory(&self.set, self.rows.iter().map(|row| row.package.clone()))
    }

    fn answer(&self, questions: &Questions, evidence: &mut Evidence, asked: &mut BTreeSet<PackageId>) {
        let files = self.rows.iter().map(|row| (row.package.id, row.files.clone())).collect();
        Answers { files, links: Some(self.links.clone()), ..Answers::default() }.answer(questions, evidence);
        asked.extend(questions.files.iter().copied().chain(questions.linked(evidence)));
    }

    fn everything(&self, inventory: &Inventory) -> Evidence {
        let has_files = |package: &&Package| package.package_type != PackageType::Composer;
        let packages = inventory.packages();
        let questions = Questions {
            files: packages.iter().filter(has_files).map(|package| package.id).collect(),
            releases: packages.iter().map(|package| package.project.id).collect(),
            protection: packages.iter().map(|package| package.project.id).collect(),
            ..Questions::default()
        };
        let mut evidence = Evidence::none();
        self.answer(&questions, &mut evidence, &mut BTreeSet::new());
        evidence
    }
}

/// What became of a world.
pub(crate) struct Told {
    pub(crate) plan: Plan,
    pub(crate) asked: BTreeSet<PackageId>,
}

impl Told {
    pub(crate) fn gone(&self) -> BTreeSet<PackageId> {
        self.plan.deletions().map(|decision| decision.package.id).collect()
    }

    /// The reason of each package in scope.
    pub(crate) fn reasons(&self) -> Vec<&'static str> {
        self.plan.decisions().iter().map(|decision| decision.reason.code()).collect()
    }

    /// The place of each under `newest`, and of how many versions.
    pub(crate) fn places(&self) -> Vec<Option<(usize, usize)>> {
        let ranks = self.plan.decisions().iter().map(|decision| decision.rank);
        ranks.map(|rank| rank.map(|rank| (rank.place, rank.of))).collect()
    }
}

/// Each row of a table with the reason that it is to have, under the same rules.
pub(crate) fn check<const N: usize>(rules: &str, rows: [(Row, &str); N]) {
    let (rows, expected): (Vec<Row>, Vec<&str>) = rows.into_iter().unzip();
    let shown: BTreeMap<PackageId, String> = (1..)
        .map(PackageId)
        .zip(&rows)
        .map(|(id, row)| (id, format!("{} {:?}", row.package.name, row.package.version)))
        .collect();
    assert_eq!(world(rules, rows).judge().reasons(), expected, "{rules}\n{shown:?}");
}

fn file(created_at: Option<Timestamp>, size: Option<u64>) -> PackageFile {
    PackageFile { id: FileId(0), name: Some("core.bin".to_owned()), size, created_at, sha256: None }
}

fn days_ago(days: i64) -> Timestamp {
    NOW - SignedDuration::from_hours(24 * days)
}
