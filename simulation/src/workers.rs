//! People who go on working and touch nothing that should go: they publish beside it, download what stays, and link it.

use gitlab_sandbox::{Act, NewFile, Package, PackageType, Publication};

use crate::dice::Dice;
use crate::people::{Kind, Person, Scene, When, told};
use crate::world::page;

/// Returns the people of a seed who go on when all others have gone home. Their requests count from then on.
#[must_use]
pub fn workers(seed: u64, kinds: &[Kind]) -> Vec<Person> {
    let mut dice = Dice::of(seed, "workers");
    let count = if kinds.contains(&Kind::Work) { dice.one(&[0, 0, 0, 1, 3, 6]) } else { 0 };
    let mut person = || {
        let when = When::Request(dice.number(1, 40));
        Person { kind: Kind::Work, when, seed: dice.number(0, u64::MAX) }
    };
    (0..count).map(|_| person()).collect()
}

/// Returns what one of them does, in words too; `None` where there is nothing to work on.
pub(crate) fn work(dice: &mut Dice, scene: Scene<'_>, there: &[&Package]) -> Option<(Vec<Act>, String)> {
    let Scene { registry, doomed, should_go, .. } = scene;
    let loses_files = |id: u64| doomed.files.iter().any(|(package, _)| *package == id);
    let is_touched = |id: u64| should_go.contains(&id) || doomed.packages.contains(&id) || loses_files(id);
    let staying: Vec<&Package> = there.iter().copied().filter(|package| !is_touched(package.id)).collect();
    let number = dice.number(1, 99);
    let (act, words) = match dice.number(0, 4) {
        0 => publication(dice.any(there)?, &format!("other-{number}"), number),
        1 => {
            let beside = dice.any(there)?;
            publication(beside, &beside.name, number)
        }
        2 | 3 => {
            let package = dice.any(&staying)?;
            (Act::Download { package: package.id }, format!("downloads {}", told(package)))
        }
        _ => {
            let package = dice.any(&staying)?;
            let project = registry.projects.iter().find(|project| project.id == package.project_id)?;
            let url = page(&project.path, package.id);
            let act = Act::LinkRelease { project: project.id, tag: format!("w{number}"), url };
            (act, format!("links {} to a release", told(package)))
        }
    };
    Some((vec![act], words))
}

/// Publishes a version that is higher than all, beside a package or as the next of its name.
fn publication(beside: &Package, name: &str, number: u64) -> (Act, String) {
    let version = match beside.package_type {
        PackageType::Npm | PackageType::Nuget | PackageType::Helm | PackageType::Rubygems => format!("9.{number}.0"),
        _ => format!("9.{number}"),
    };
    let words = format!("publishes {} {name} {version} in project {}", beside.package_type, beside.project_id);
    let files = vec![NewFile { name: format!("new-{version}.bin"), size: 9 }];
    let publication = Publication {
        project: beside.project_id,
        package_type: beside.package_type.clone(),
        name: name.to_owned(),
        version: Some(version),
        files,
        ..Publication::default()
    };
    (Act::Publish(publication), words)
}
