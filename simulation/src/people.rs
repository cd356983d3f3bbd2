//! People who act while gleaner works, and answers that lie. A person decides what to do at the moment itself, by what is
//! there then.

use std::collections::BTreeSet;

use gitlab_sandbox::{Act, FileStatus, NewFile, Package, PackageType, Publication, Registry, Status};
use jiff::Timestamp;

use crate::dice::Dice;
use crate::edits::Edit;
use crate::lies::Lie;
use crate::outages::Outage;
use crate::policies::PolicyFile;
use crate::workers::work;
use crate::world::page;

/// Somebody who does one thing, once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Person {
    /// What they do.
    pub kind: Kind,
    /// When they do it.
    pub when: When,
    /// The seed of everything else that they decide.
    pub seed: u64,
}

/// When somebody acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// Before the request of this number is answered, counted from 1.
    Request(u64),
    /// While the question of this number stands, counted from 1: after the approval, before the first deletion.
    Question(u64),
    /// Before the deletion of this number is answered, counted from 1.
    Deletion(u64),
}

/// What somebody does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// Downloads a package.
    Download,
    /// Deletes versions by hand.
    DeleteVersion,
    /// Deletes files of a package.
    DeleteFile,
    /// Links a package to a release.
    LinkRelease,
    /// Moves the tag `latest` of an npm package.
    MoveTag,
    /// Archives a project.
    Archive,
    /// Publishes a version.
    Publish,
    /// Uploads a file into a version that is there.
    Upload,
    /// Moves a project to another path.
    Rename,
    /// Marks a project for deletion.
    Mark,
    /// Protects packages by a rule of GitLab's own.
    Protect,
    /// Adds a policy file that protects what is about to go.
    WriteHold,
    /// Adds a keep rule to a policy.
    WriteKeep,
    /// Raises an age in a policy.
    RaiseAge,
    /// Sets `mode: dry-run`.
    StopPolicy,
    /// Leaves a policy file that is cut off, until all go home.
    Tear,
    /// Pauses all deletions, or freezes them for a while.
    Pause,
    /// Works on what stays, and goes on with it when all others have gone home.
    Work,
    /// A gateway answers 404 to requests for single packages.
    Gateway,
    /// Deletions are answered 204 and not done.
    FalseDelete,
    /// Deletions are done and their answers are lost.
    LostAnswer,
    /// A deletion's answer is lost, and GitLab does it later.
    LateDeed,
    /// Reads are answered by a replica that is behind.
    Replica,
    /// GitLab is in trouble, or asked too often.
    Trouble,
    /// Ends gleaner as `kill -9` or a power failure does.
    Kill,
    /// Fills the disk for a while.
    FillDisk,
    /// Runs another `apply` at the same time, on this machine or on another one.
    Second,
}

/// What the approved plan deletes, as far as no deletion was sent for it.
#[derive(Debug, Clone, Default)]
pub struct Doomed {
    /// The name of its policy.
    pub policy: String,
    /// Packages by their ids.
    pub packages: BTreeSet<u64>,
    /// Files, each after its package.
    pub files: BTreeSet<(u64, u64)>,
}

/// What a person decided to do, in words too.
#[derive(Debug)]
pub enum Deed {
    /// Changes what GitLab has.
    Acts(Vec<Act>, String),
    /// Writes a policy file.
    Writes(Edit),
    /// Spoils answers.
    Lie(Lie, String),
    /// Meets the machine that gleaner runs on.
    Strikes(Outage, String),
}

/// Everything that a person sees.
#[derive(Debug, Clone, Copy)]
pub struct Scene<'s> {
    /// What GitLab has.
    pub registry: &'s Registry,
    /// What is about to go.
    pub doomed: &'s Doomed,
    /// The packages that workers don't touch.
    pub should_go: &'s BTreeSet<u64>,
    /// The policy files.
    pub files: &'s [PolicyFile],
    /// The present.
    pub now: Timestamp,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 27] = [
        Self::Download,
        Self::DeleteVersion,
        Self::DeleteFile,
        Self::LinkRelease,
        Self::MoveTag,
        Self::Archive,
        Self::Publish,
        Self::Upload,
        Self::Rename,
        Self::Mark,
        Self::Protect,
        Self::WriteHold,
        Self::WriteKeep,
        Self::RaiseAge,
        Self::StopPolicy,
        Self::Tear,
        Self::Pause,
        Self::Work,
        Self::Gateway,
        Self::FalseDelete,
        Self::LostAnswer,
        Self::LateDeed,
        Self::Replica,
        Self::Trouble,
        Self::Kill,
        Self::FillDisk,
        Self::Second,
    ];

    /// Those that meet the machine that gleaner runs on. They come beside all others.
    const OUTAGES: [Self; 3] = [Self::Kill, Self::FillDisk, Self::Second];

    /// Returns its name on the command line.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Download => "download",
            Self::DeleteVersion => "delete-version",
            Self::DeleteFile => "delete-file",
            Self::LinkRelease => "link-release",
            Self::MoveTag => "move-tag",
            Self::Archive => "archive",
            Self::Publish => "publish",
            Self::Upload => "upload",
            Self::Rename => "rename",
            Self::Mark => "mark",
            Self::Protect => "protect",
            Self::WriteHold => "write-hold",
            Self::WriteKeep => "write-keep",
            Self::RaiseAge => "raise-age",
            Self::StopPolicy => "stop-policy",
            Self::Tear => "tear",
            Self::Pause => "pause",
            Self::Work => "work",
            Self::Gateway => "gateway",
            Self::FalseDelete => "false-delete",
            Self::LostAnswer => "lost-answer",
            Self::LateDeed => "late-deed",
            Self::Replica => "replica",
            Self::Trouble => "trouble",
            Self::Kill => "kill",
            Self::FillDisk => "fill-disk",
            Self::Second => "second",
        }
    }

    /// Returns the kind of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// Returns the people of a seed: none to six of these kinds, most of them between an approval and its last deletion.
#[must_use]
pub fn people(seed: u64, kinds: &[Kind]) -> Vec<Person> {
    let (outages, kinds): (Vec<Kind>, Vec<Kind>) = kinds.iter().partition(|kind| Kind::OUTAGES.contains(kind));
    let mut dice = Dice::of(seed, "people");
    let count = if kinds.is_empty() { 0 } else { dice.one(&[0, 1, 1, 2, 2, 3, 4, 6]) };
    let people = (0..count)
        .map(|_| {
            let when = match dice.number(0, 19) {
                0..=8 => When::Question(dice.number(1, 3)),
                9..=14 => When::Deletion(dice.number(1, 8)),
                _ => When::Request(dice.number(1, 60)),
            };
            Person { kind: dice.one(&kinds), when, seed: dice.number(0, u64::MAX) }
        })
        .collect();
    [people, struck(seed, &outages)].concat()
}

/// Returns what meets the machine of a seed: in more than a half of all runs one to three outages, most of them while
/// deletions leave.
fn struck(seed: u64, outages: &[Kind]) -> Vec<Person> {
    let mut dice = Dice::of(seed, "outages");
    let count = if outages.is_empty() { 0 } else { dice.one(&[0, 0, 0, 1, 1, 2, 3]) };
    (0..count)
        .map(|_| {
            let when = match dice.number(0, 9) {
                0 => When::Question(dice.number(1, 3)),
                1..=6 => When::Deletion(dice.number(1, 8)),
                _ => When::Request(dice.number(1, 80)),
            };
            Person { kind: dice.one(outages), when, seed: dice.number(0, u64::MAX) }
        })
        .collect()
}

impl Person {
    /// Decides what to do about what there is now; nothing where there is nobody to do it to.
    #[must_use]
    pub fn decide(&self, scene: Scene<'_>) -> Option<Deed> {
        let Scene { registry, doomed, files, now, .. } = scene;
        let mut dice = Dice::of(self.seed, "person");
        if let Some((lie, words)) = Lie::of(self.kind, &mut dice) {
            return Some(Deed::Lie(lie, words));
        }
        if let Some((outage, words)) = Outage::of(self.kind, &mut dice) {
            return Some(Deed::Strikes(outage, words));
        }
        let there: Vec<&Package> =
            registry.packages.iter().filter(|package| package.status != Status::PendingDestruction).collect();
        let aimed: Vec<&Package> =
            there.iter().copied().filter(|package| doomed.packages.contains(&package.id)).collect();
        // Most people meet what is about to go.
        let target = if dice.percent(80) { dice.any(&aimed).or(dice.any(&there)) } else { dice.any(&there) };
        let project = |id: u64| registry.projects.iter().find(|project| project.id == id);
        match self.kind {
            Kind::Download => {
                let package = target?;
                acts(vec![Act::Download { package: package.id }], format!("downloads {}", told(package)))
            }
            Kind::DeleteVersion => delete_versions(&mut dice, &there, target?, doomed),
            Kind::DeleteFile => delete_file(&mut dice, &there, doomed),
            Kind::LinkRelease => {
                let package = target?;
                let url = page(&project(package.project_id)?.path, package.id);
                let act = Act::LinkRelease { project: package.project_id, tag: "v9".to_owned(), url };
                acts(vec![act], format!("links {} to a release", told(package)))
            }
            Kind::MoveTag => {
                let is_npm = |package: &&Package| package.package_type == PackageType::Npm;
                let aimed: Vec<&Package> = aimed.into_iter().filter(is_npm).collect();
                let there: Vec<&Package> = there.into_iter().filter(is_npm).collect();
                let package = dice.any(&aimed).or(dice.any(&there))?;
                let act = Act::MoveTag { package: package.id, tag: "latest".to_owned() };
                acts(vec![act], format!("moves `latest` to {}", told(package)))
            }
            Kind::Archive => {
                let id = target?.project_id;
                acts(vec![Act::ArchiveProject { id }], format!("archives project {id}"))
            }
            Kind::Publish => publish(&mut dice, target?),
            Kind::Upload => {
                let package = target?;
                let (name, package) = (format!("late-{}.bin", dice.number(1, 99)), package);
                let act = Act::UploadFile { package: package.id, name, size: 7 };
                acts(vec![act], format!("uploads a file into {}", told(package)))
            }
            Kind::Rename => {
                let id = target?.project_id;
                let to = format!("{}/moved-{id}", dice.one(&["acme", "acme/old", "acme/platform"]));
                let words = format!("moves project {id} to {to}");
                acts(vec![Act::RenameProject { id, to }], words)
            }
            Kind::Mark => {
                let id = target?.project_id;
                acts(vec![Act::MarkProject { id }], format!("marks project {id} for deletion"))
            }
            Kind::Protect => {
                let package = target?;
                let (project, package_type) = (package.project_id, package.package_type.clone());
                let pattern = package.name.clone();
                let act = Act::ProtectPackage { project, package_type, pattern, level: 50 };
                acts(vec![act], format!("protects {} {} of project {project}", package.package_type, package.name))
            }
            Kind::WriteHold | Kind::WriteKeep | Kind::RaiseAge | Kind::StopPolicy | Kind::Tear | Kind::Pause => {
                let meant = (target, doomed.policy.as_str());
                Edit::of(self.kind, &mut dice, files, meant, now).map(Deed::Writes)
            }
            Kind::Work => work(&mut dice, scene, &there).and_then(|(done, words)| acts(done, words)),
            Kind::Gateway | Kind::FalseDelete | Kind::LostAnswer | Kind::LateDeed | Kind::Replica | Kind::Trouble => {
                None
            }
            Kind::Kill | Kind::FillDisk | Kind::Second => None,
        }
    }
}

#[expect(clippy::unnecessary_wraps, reason = "every decision ends with it")]
fn acts(acts: Vec<Act>, words: impl std::fmt::Display) -> Option<Deed> {
    Some(Deed::Acts(acts, format!("somebody {words}")))
}

/// Deletes one or two versions of a name: most often the highest that are to stay.
fn delete_versions(dice: &mut Dice, there: &[&Package], target: &Package, doomed: &Doomed) -> Option<Deed> {
    let siblings: Vec<&Package> = there.iter().copied().filter(|other| are_of_one_name(other, target)).collect();
    let kept: Vec<&Package> = siblings.iter().copied().filter(|other| !doomed.packages.contains(&other.id)).collect();
    let among = if kept.is_empty() || dice.percent(15) { siblings } else { kept };
    let count = usize::try_from(dice.number(1, 2)).unwrap_or(1);
    let gone: Vec<&Package> = among.into_iter().rev().take(count).collect();
    let words: Vec<String> = gone.iter().map(|package| told(package)).collect();
    acts(
        gone.iter().map(|package| Act::DeletePackage { package: package.id }).collect(),
        format!("deletes {}", words.join(" and ")),
    )
}

/// Deletes up to three files of a package, most often those that are to stay.
fn delete_file(dice: &mut Dice, there: &[&Package], doomed: &Doomed) -> Option<Deed> {
    let of_trims: BTreeSet<u64> = doomed.files.iter().map(|(package, _)| *package).collect();
    let aimed: Vec<&Package> = there.iter().copied().filter(|package| of_trims.contains(&package.id)).collect();
    let package = dice.any(&aimed).or(dice.any(there))?;
    let files = package.files.iter().filter(|file| file.status == FileStatus::Default);
    let (going, staying): (Vec<u64>, Vec<u64>) =
        files.map(|file| file.id).partition(|file| doomed.files.contains(&(package.id, *file)));
    let among = if staying.is_empty() || dice.percent(20) { going } else { staying };
    let count = usize::try_from(dice.number(1, 3)).unwrap_or(1);
    let gone: Vec<u64> = among.into_iter().rev().take(count).collect();
    if gone.is_empty() {
        return None;
    }
    let words = format!("deletes files {gone:?} of {}", told(package));
    acts(gone.into_iter().map(|file| Act::DeleteFile { package: package.id, file }).collect(), words)
}

fn publish(dice: &mut Dice, beside: &Package) -> Option<Deed> {
    let number = dice.number(1, 40);
    let version = match beside.package_type {
        PackageType::Npm | PackageType::Nuget | PackageType::Helm | PackageType::Rubygems => {
            format!("{}.{number}.0", dice.one(&[0, 3]))
        }
        _ => format!("{}.{number}", dice.one(&[0, 3])),
    };
    let file = NewFile { name: format!("new-{version}.bin"), size: 9 };
    let words = format!("publishes {} {} {version} in project {}", beside.package_type, beside.name, beside.project_id);
    let publication = Publication {
        project: beside.project_id,
        package_type: beside.package_type.clone(),
        name: beside.name.clone(),
        version: Some(version),
        files: vec![file],
        ..Publication::default()
    };
    acts(vec![Act::Publish(publication)], words)
}

fn are_of_one_name(one: &Package, other: &Package) -> bool {
    one.project_id == other.project_id && one.package_type == other.package_type && one.name == other.name
}

/// Names a package to people: `npm tool 1.0.0 (103)`.
#[must_use]
pub fn told(package: &Package) -> String {
    let version = package.version.as_deref().unwrap_or_default();
    format!("{} {} {version} ({})", package.package_type, package.name, package.id)
}
