//! Rows that shift while they are listed, and rows that are listed elsewhere.

use gitlab_sandbox::happenings::{Act, Happening, Publication};
use gitlab_sandbox::{Options, Package, PackageType, Series};
use gleaner::plan::Outcome;
use gleaner_support::days_ago;

use super::{LATEST_TOO, OLD, Scene, file, policy, registry, version};

/// The versions 1 to 4 of `app`, of which 3 and 4 are young, and another young package. Each row is a page.
fn one_by_one() -> Scene {
    let other = Package { name: "@acme/other".to_owned(), ..version(9, 1) };
    let rows = vec![version(1, 100), version(2, 90), version(3, 5), version(4, 4), other];
    let options = Options { largest_page: 1, ..Options::default() };
    Scene::of(rows, &format!("{LATEST_TOO}\nkeep: [{{ newest: 2 }}]")).options(options)
}

/// The version 2 is the second newest of two at every instant, and the pages show two that are newer.
#[tokio::test(start_paused = true)]
async fn a_version_that_is_published_while_pages_are_read_pushes_nothing_out() {
    let third = "*/projects/1/packages?*page=3*";
    let fifth = Publication {
        project: 1,
        package_type: PackageType::Npm,
        name: "@acme/app".to_owned(),
        version: Some("5.0.0".to_owned()),
        id: Some(5),
        ..Publication::default()
    };
    let played = one_by_one()
        .meanwhile([Act::DeletePackage { package: 4 }])
        .then(Happening::after(1, Act::DeletePackage { package: 3 }).path(third))
        .then(Happening::after(1, Act::Publish(fifth)).path(third))
        .play()
        .await;
    let fourth = played.sent().iter().any(|request| request.path.contains("page=4"));
    assert!(fourth, "the fifth version stands on the fourth page: {:?}", played.sent());
    assert_eq!(played.outcome(2), Some(Outcome::Stale), "{:?}", played.told());
    assert!(played.sentence(2).contains("2nd newest of"), "{}", played.sentence(2));
    assert_eq!(played.world.present(), [2, 5, 9].into());
}

/// Somebody deletes a row that was read, and the next page passes over one. What a look misses saves.
#[tokio::test(start_paused = true)]
async fn a_row_that_slips_through_between_two_pages_dooms_no_other() {
    for page in 1..=3 {
        let act = Act::DeletePackage { package: page };
        let happening = Happening::after(1, act).path(&format!("*/projects/1/packages?*page={page}*"));
        let played = one_by_one().then(happening).play().await;
        let left: Vec<u64> = played.world.present().into_iter().filter(|id| *id < 5).collect();
        assert!(left.len() >= 2 && left.ends_with(&[4]), "after page {page}: {left:?} {:?}", played.told());
    }
}

/// A search for one of two spellings finds no other, and takes the third version for the latest in every cycle.
#[tokio::test(start_paused = true)]
async fn every_spelling_of_a_name_is_looked_at() {
    let core = |id: u64, days: i64, name: &str| Package {
        package_type: PackageType::Pypi,
        name: name.to_owned(),
        files: vec![file(id * 10, &format!("core-{id}.whl"), days)],
        ..version(id, days)
    };
    let bulk = |first_id: u64, count: u64, from: i64, every_seconds: u32| Series {
        first_id,
        count,
        project_id: 1,
        package_type: PackageType::Npm,
        name: "bulk".to_owned(),
        version: format!("{first_id}.0.{{n}}"),
        first_created_at: days_ago(from),
        every_seconds,
        updated_at: days_ago(from),
        ..Series::default()
    };
    let own =
        vec![core(1, 100, "Acme.Core"), core(2, 90, "Acme.Core"), core(3, 80, "Acme.Core"), core(4, 5, "acme-core")];
    let mut registry = registry(own);
    registry.series = vec![bulk(1_000, 250, 99, 3_600), bulk(2_000, 250, 70, 3_600), bulk(3_000, 50, 4, 3_600)];
    let rules = policy("delete: [{ older_than: 30d, type: pypi }]");
    let played = Scene::over(registry, &[&rules]).play().await;
    for name in ["Acme.Core", "acme-core"] {
        let is_sought = |path: &str| path.contains(&format!("package_name={name}"));
        assert!(played.sent().iter().any(|request| is_sought(&request.path)), "{name}: {:?}", played.sent());
    }
    let outcomes: Vec<_> = played.told().into_iter().map(|(id, (outcome, _))| (id, outcome)).collect();
    assert_eq!(outcomes, [1, 2, 3].map(|id| (id, Outcome::Deleted)), "{:?}", played.told());
}

/// Terraform modules are listed by their type alone.
#[tokio::test(start_paused = true)]
async fn what_only_a_listing_of_its_own_shows_is_looked_at_there() {
    let module = |id: u64, days: i64| Package {
        package_type: PackageType::TerraformModule,
        name: "core/aws".to_owned(),
        ..version(id, days)
    };
    let played = Scene::of(vec![module(1, 100), module(2, 90), module(3, 5)], OLD).play().await;
    let told = played.told();
    assert_eq!(told.values().map(|(outcome, _)| *outcome).collect::<Vec<_>>(), [Outcome::Deleted; 2], "{told:?}");
    let listings = played.sent().into_iter().filter(|request| request.path.contains("/projects/1/packages?"));
    for listing in listings {
        assert!(listing.path.contains("package_type=terraform_module"), "{listing:?}");
    }
}
