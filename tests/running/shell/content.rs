//! A package's age is that of its newest content.

use gitlab_sandbox::{Package, PackageFile, PackageType, Registry};
use gleaner_support::{acme, days_ago};

use crate::shell::world::World;

#[tokio::test(start_paused = true)]
async fn a_snapshot_is_as_old_as_its_newest_file() {
    for condition in ["older_than: 30d", "not_downloaded_for: 30d"] {
        let text = format!(
            "version: 1\nmode: delete\nscope: {{ group: acme }}\ndelete:\n  - {{ {condition}, allow_latest: true }}\n"
        );
        for (file_age, verdict) in [(1, "keep"), (40, "delete")] {
            let world = World::new(snapshot(file_age), &[&text]).await;
            let reports = world.run().await;
            let rows = &reports[0].decisions;
            assert_eq!(
                (rows.len(), rows[0].verdict().code()),
                (1, verdict),
                "{condition}, newest file {file_age} days old"
            );
            assert_eq!(world.present().is_empty(), verdict == "delete");
        }
    }
}

/// One Maven snapshot, made two years ago and never downloaded, whose newest file is so many days old.
fn snapshot(file_age: i64) -> Registry {
    let file = |id, age| PackageFile {
        id,
        file_name: format!("core-1.0-20240101.000000-{id}.jar"),
        size: Some(1_000),
        created_at: days_ago(age),
        updated_at: days_ago(age),
        ..PackageFile::default()
    };
    Registry {
        packages: vec![Package {
            id: 1,
            project_id: 1,
            package_type: PackageType::Maven,
            name: "com/acme/core".to_owned(),
            version: Some("1.0-SNAPSHOT".to_owned()),
            created_at: days_ago(730),
            updated_at: days_ago(730),
            files: vec![file(1, 730), file(2, file_age)],
            ..Package::default()
        }],
        ..acme()
    }
}
