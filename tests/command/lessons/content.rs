//! What a package holds: files that came later, files of one name, files that were left behind, and what others need.

use gitlab_sandbox::{Faults, PackageFile, PackageType as SandboxType, Registry};
use gleaner::package::{Package, PackageType};

use crate::lessons::gitlab::{Gleaner, OLD, deletes, outcomes, package, present_files, registry, serve};
use crate::lessons::judgement::{NOW, days_ago, file, judge_set, parse, policy, row};

/// Made in 2020, and published to ever since.
const AGE: i64 = 1_800;

const FILES: [&str; 6] = [
    "core-1.0-20250522.101500-7.jar",
    "core-1.0-20250522.101500-7-sources.jar",
    "core-1.0-20250522.101500-7-javadoc.jar",
    "core-1.0-20250522.101500-7.pom",
    "core-1.0-20250522.101500-7.jar.sha1",
    "maven-metadata.xml",
];

/// A Maven snapshot with these files, so many days old.
fn snapshot(ages: [i64; 6]) -> Registry {
    let files = (1..).zip(FILES).zip(ages).map(|((id, name), age)| PackageFile {
        id,
        file_name: name.to_owned(),
        size: Some(1_000),
        created_at: days_ago(age),
        updated_at: days_ago(age),
        ..PackageFile::default()
    });
    let mut package = package(1, AGE);
    package.package_type = SandboxType::Maven;
    package.name = "com/acme/core".to_owned();
    package.version = Some("1.0-SNAPSHOT".to_owned());
    package.files = files.collect();
    registry(vec![package])
}

/// A snapshot's row keeps the date of its first build, in 2020, and gets files today: it is as old as its newest file,
/// whichever file that is. To gitlab-project-doctor the sources and the main jar were one file.
#[tokio::test]
async fn a_snapshot_is_as_old_as_its_newest_file() {
    for rule in ["older_than: 30d", "not_downloaded_for: 30d"] {
        let rules = format!("delete: [{{ {rule}, allow_latest: true }}]");
        for newest in 0..FILES.len() {
            let mut ages = [AGE; 6];
            ages[newest] = 10;
            let server = serve(snapshot(ages), Faults::default()).await;
            let report = Gleaner::new(server.url(), &rules).run().await;
            assert_eq!(outcomes(&report), [].into(), "{rule}, {}", FILES[newest]);
        }
        let server = serve(snapshot([40; 6]), Faults::default()).await;
        let report = Gleaner::new(server.url(), &rules).run().await;
        assert_eq!(outcomes(&report), [(1, "deleted")].into(), "{rule}");
    }
}

/// Not Maven alone: whatever can get another file is as old as that.
#[test]
fn every_type_that_gains_files_is_as_old_as_its_newest_file() {
    for package_type in PackageType::KNOWN.into_iter().filter(PackageType::gains_files) {
        let old = Package { package_type: package_type.clone(), ..row(1, "1.0.0", days_ago(AGE)) };
        let rules =
            format!("delete: [{{ type: {package_type}, older_than: 30d, allow_latest: true, other_indexes: true }}]");
        let file = (1, file(1, "late", Some(days_ago(10))));
        let plan = judge_set(parse(&[&policy(&rules)]), [old.clone()], &[file], NOW);
        assert_eq!(plan.gone(), [].into(), "{package_type}");
        assert_eq!(judge_set(plan.set, [old], &[], NOW).gone(), [1].into(), "{package_type}");
    }
    let fixed = PackageType::KNOWN.into_iter().filter(|package_type| !package_type.gains_files());
    let names: Vec<String> = fixed.map(|package_type| package_type.to_string()).collect();
    assert_eq!(names, ["cargo", "composer", "npm", "terraform_module"], "need no look-up");
}

/// The main jar, its sources and its documentation are three files, and a limit on bytes counts all of them.
#[tokio::test]
async fn sources_and_documentation_count_beside_the_main_jar() {
    for (max_bytes, refused) in [(6_000, None), (5_999, Some(6_000))] {
        let server = serve(snapshot([40; 6]), Faults::default()).await;
        let rules = OLD.replace("limits: {", &format!("limits: {{ max_bytes: {max_bytes}B,"));
        let report = Gleaner::new(server.url(), &rules).run().await;
        assert_eq!(report.decisions[0].bytes, Some(6_000));
        assert_eq!(report.refusal.and_then(|refusal| refusal.wanted), refused);
    }
}

/// Jars went one by one and their checksums stayed. A package goes whole, by one request, and leaves no file behind.
#[tokio::test]
async fn a_package_goes_whole() {
    let server = serve(snapshot([40; 6]), Faults::default()).await;
    Gleaner::new(server.url(), OLD).run().await;
    assert_eq!(deletes(&server), ["/api/v4/projects/1/packages/1"]);
    server.clean_up();
    assert_eq!(server.packages(), []);
}

/// To gitlab-project-doctor the sources and the main jar were one file, and what was newest of them was kept. Each
/// classifier and extension is counted by itself, over all builds.
#[tokio::test]
async fn sources_and_documentation_are_no_older_builds_of_the_main_jar() {
    let builds = (1..=3).flat_map(|build| FILES.map(|name| name.replace("-7", &format!("-{build}"))));
    let files = (1..).zip(builds).map(|(id, name)| PackageFile {
        id,
        file_name: name,
        // The sources of each build come after its main jar, and its documentation last.
        created_at: days_ago(60 - i64::try_from(id).unwrap()),
        updated_at: days_ago(60),
        ..PackageFile::default()
    });
    let mut registry = snapshot([40; 6]);
    registry.packages[0].files = files.collect();
    let server = serve(registry, Faults::default()).await;
    Gleaner::new(server.url(), "files: [{ type: maven, keep_newest: 1 }]").run().await;
    let left = present_files(&server);
    let newest: Vec<String> = FILES[..5].iter().map(|name| name.replace("-7", "-3")).collect();
    let metadata = vec![FILES[5].to_owned(); 3];
    assert_eq!(left.iter().filter(|name| !metadata.contains(name)).cloned().collect::<Vec<_>>(), newest);
    assert_eq!(left.iter().filter(|name| metadata.contains(name)).count(), 3);
}

/// Jars went and their checksums stayed: nothing ever took them, and nothing needed them.
#[tokio::test]
async fn checksums_go_with_their_files_and_with_nothing_else() {
    let server = serve(snapshot([40; 6]), Faults::default()).await;
    let rules = "files: [{ type: maven, keep_newest: 0, file: [\"*.jar\", \"!*-javadoc.jar\"] }]";
    Gleaner::new(server.url(), rules).run().await;
    assert_eq!(present_files(&server), [FILES[2], FILES[3], FILES[5]]);
    let server = serve(snapshot([40; 6]), Faults::default()).await;
    Gleaner::new(server.url(), &rules.replace("*.jar\", \"!", "*.sha1\", \"!")).run().await;
    assert_eq!(present_files(&server), FILES, "a checksum goes with no pattern of its own");
}

/// A file went that was the last of its package, and with it GitLab took the package.
#[tokio::test]
async fn the_last_file_of_a_package_stays() {
    let server = serve(snapshot([40; 6]), Faults::default()).await;
    Gleaner::new(server.url(), "files: [{ type: maven, keep_newest: 0, file: \"*\" }]").run().await;
    assert_eq!(present_files(&server), [FILES[3], FILES[5]], "the higher id, of one date, and the metadata");
    server.clean_up();
    assert_eq!(server.packages().len(), 1);
}

/// OctopusDeploy/Issues #5294: packages went that a release still pointed to. A protection that names them holds against
/// whatever a policy selects, to the last day for which it is made.
#[test]
fn a_protection_beats_every_rule_that_selects() {
    let rows = || [row(1, "1.0.0", days_ago(AGE)), row(2, "2.0.0", days_ago(AGE)), row(3, "3.0.0", days_ago(AGE))];
    let rules =
        "delete: [{ name: \"**\", allow_latest: true }, { version: \"*\", older_than: 1d, allow_latest: true }]";
    let hold = |until: &str| {
        let rule = format!("{{ id: 1, note: release 1, until: {until} }}, {{ version: 2.0.0 }}");
        format!("version: 1\nname: released\nprotect: [{rule}]\n")
    };
    for (until, gone) in [("2025-06-01", [3].into()), ("2025-05-31", [1, 3].into())] {
        let judgement = judge_set(parse(&[&policy(rules), &hold(until)]), rows(), &[], NOW);
        assert_eq!(judgement.gone(), gone, "until {until}");
        assert_eq!(judgement.reasons()[&2], "protected");
    }
}
