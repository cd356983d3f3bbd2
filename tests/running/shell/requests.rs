//! What a deletion costs in requests, from the approval of the plan to its end, looks and proofs included.

use gitlab_sandbox::{Options, Package, PackageFile, PackageType, Registry};
use gleaner::report::PolicyReport;
use gleaner_support::{acme, days_ago};
use jiff::SignedDuration;

use crate::shell::world::World;

/// `names` names, so many versions of each, made one after the other through the names. The last is 20 days old, the
/// first about 80.
fn registry(package_type: &PackageType, names: u64, versions: u64) -> Registry {
    let all = names * versions;
    let package = |place: u64| {
        let created_at = days_ago(80) + SignedDuration::from_secs((60 * 86_400 * place / all).cast_signed());
        let file = PackageFile {
            id: place + 1,
            file_name: "app.tgz".to_owned(),
            size: Some(10),
            created_at,
            updated_at: created_at,
            ..PackageFile::default()
        };
        Package {
            id: place + 1,
            project_id: 1,
            package_type: package_type.clone(),
            name: format!("app-{}", place % names),
            version: Some(format!("1.{}.0", place / names)),
            created_at,
            updated_at: created_at,
            files: vec![file],
            ..Package::default()
        }
    };
    Registry { packages: (0..all).map(package).collect(), ..acme() }
}

/// Executes a policy, and returns how many requests each of its deletions took. The older half of what it is for is more
/// than 50 days old.
async fn cost(registry: Registry, rules: &str) -> (usize, f64) {
    let policy = format!(
        "version: 1\nmode: delete\nscope: {{ group: acme }}\n{rules}\nlimits: {{ max_percent: 100, \
         max_percent_per_project: 100, max_deletions: 10000 }}\n"
    );
    let world = World::with(registry, Options::default(), &[&policy]).await;
    let approved = std::sync::atomic::AtomicUsize::new(0);
    let consent = async |_: &PolicyReport| {
        approved.store(world.server.requests().len(), std::sync::atomic::Ordering::Relaxed);
        Ok(())
    };
    let report = world.run_if(consent).await.remove(0);
    assert!(report.error.is_none(), "{:?}", report.error);
    let sent = world.server.requests().len() - approved.into_inner();
    (world.deletes(), sent as f64 / world.deletes() as f64)
}

const AGE: &str = "delete: [{ older_than: 50d }]";
const AGE_AND_NEWEST: &str = "delete: [{ older_than: 50d }]\nkeep: [{ newest: 3 }]";

#[tokio::test(start_paused = true)]
async fn a_deletion_takes_a_quarter_of_a_request_beside_its_own() {
    let (deletions, npm) = cost(registry(&PackageType::Npm, 10, 100), AGE).await;
    assert_eq!(deletions, 500);
    assert!(npm <= 1.25, "{npm}");
    let (deletions, generic) = cost(registry(&PackageType::Generic, 10, 100), AGE).await;
    assert_eq!(deletions, 500);
    assert!(generic <= 2.25, "{generic}");
    println!("older_than alone, 500 of 1,000 packages of ten names: npm {npm:.3}, generic {generic:.3}");
}

#[tokio::test(start_paused = true)]
async fn what_else_a_deletion_takes_is_told() {
    let newest = cost(registry(&PackageType::Npm, 10, 100), AGE_AND_NEWEST).await;
    let two = cost(registry(&PackageType::Npm, 500, 2), AGE).await;
    let single = cost(registry(&PackageType::Npm, 1, 2), AGE).await;
    let beside = {
        let mut all = registry(&PackageType::Npm, 10, 100);
        let others = registry(&PackageType::Pypi, 200, 95);
        let others = others.packages.into_iter().map(|one| Package {
            id: one.id + 100_000,
            created_at: one.created_at + SignedDuration::from_millis(1),
            files: Vec::new(),
            ..one
        });
        all.packages.extend(others);
        cost(all, "delete: [{ older_than: 50d, type: npm }]").await
    };
    let told =
        |name: &str, (deletions, each): (usize, f64)| println!("{name}: {each:.3} for each of {deletions} deletions");
    told("with `newest: 3` beside it", newest);
    told("500 names of two", two);
    told("in a project of 20,000 rows", beside);
    told("a single deletion", single);
    assert_eq!((newest.0, two.0, beside.0, single.0), (500, 500, 500, 1));
    assert!(
        newest.1 <= 1.3 && two.1 <= 1.5 && beside.1 <= 2.0 && single.1 <= 16.0,
        "{newest:?} {two:?} {beside:?} {single:?}"
    );
}
