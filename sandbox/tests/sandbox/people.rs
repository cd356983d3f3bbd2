//! What people do to packages between two requests, as a client sees it, and the state that a test can keep.

use std::sync::Arc;

use crate::stage::{START, Stage, ask};
use axum::http::Method;
use gitlab_sandbox::{
    Act, ActError, Clock, Conan, Edition, Happening, NewFile, Options, PackageType, Publication, Sandbox, Status,
};
use jiff::Timestamp;
use serde_json::Value;

fn publication(package_type: PackageType, name: &str, version: &str, file: &str) -> Publication {
    Publication {
        project: 1,
        package_type,
        name: name.to_owned(),
        version: Some(version.to_owned()),
        files: vec![NewFile { name: file.to_owned(), size: 7 }],
        ..Publication::default()
    }
}

#[tokio::test]
async fn a_published_package_is_listed_with_its_files() {
    let stage = Stage::open(Options::default());
    stage.act(Act::Publish(publication(PackageType::Generic, "tool", "2.0", "tool.bin")));
    let row = &stage.get("/projects/1/packages?order_by=created_at&sort=desc").await[0];
    assert_eq!((&row["id"], &row["version"], &row["status"]), (&31.into(), &"2.0".into(), &"default".into()));
    assert_eq!(row["created_at"], "2026-05-28T20:26:40.000Z");
    assert_eq!(row["last_downloaded_at"], Value::Null);
    let file = &stage.get("/projects/1/packages/31/package_files").await[0];
    assert_eq!((&file["id"], &file["file_name"], &file["size"]), (&302.into(), &"tool.bin".into(), &7.into()));
    assert_eq!(file["created_at"], "2026-05-28T20:26:40.000Z");

    let named = Publication {
        id: Some(500),
        created_at: Some("2024-01-01T00:00:00Z".parse().unwrap()),
        ..publication(PackageType::Golang, "example.test/mod", "v1.0.0", "v1.0.0.zip")
    };
    stage.act(Act::Publish(named.clone()));
    let rows = stage.get("/projects/1/packages").await;
    assert_eq!((&rows[0]["id"], &rows[0]["created_at"]), (&500.into(), &"2024-01-01T00:00:00.000Z".into()));
    let file = &stage.get("/projects/1/packages/500/package_files").await[0];
    assert_eq!(file["created_at"], "2026-05-28T20:26:40.000Z");
    stage.act(Act::Publish(publication(PackageType::Generic, "tool", "3.0", "tool.bin")));
    assert_eq!(stage.get("/projects/1/packages/501").await["version"], "3.0");
    let taken = Publication { version: Some("v2.0.0".to_owned()), ..named };
    assert_eq!(stage.sandbox.act(Act::Publish(taken)), Err(ActError::IdTaken(500)));
}

/// The second upload of a name and version, by type, as GitLab treats it.
#[tokio::test]
async fn an_upload_into_what_is_there_is_decided_by_its_type() {
    use PackageType::{Cargo, Composer, Conan, Debian, Generic, Golang, Helm, Maven, MlModel, Npm, Nuget, Pypi};
    use PackageType::{Rpm, Rubygems, TerraformModule};
    for kind in [Conan, Debian, Generic, Helm, Maven, MlModel, Nuget, Rubygems] {
        let stage = Stage::open(Options::default());
        stage.act(Act::Publish(publication(kind.clone(), "acme/core", "1.0", "a")));
        stage.wait(600);
        stage.act(Act::Publish(publication(kind.clone(), "acme/core", "1.0", "a")));
        let rows = stage.get(&format!("/projects/1/packages?package_type={kind}&package_version=1.0")).await;
        assert_eq!(rows.as_array().unwrap().len(), 1, "{kind}");
        assert_eq!(rows[0]["created_at"], "2026-05-28T20:26:40.000Z", "{kind}");
        let files = stage.get("/projects/1/packages/31/package_files").await;
        assert_eq!(files[1]["created_at"], "2026-05-28T20:36:40.000Z", "{kind}");
        // A row that was deleted is no hindrance.
        stage.act(Act::DeletePackage { package: 31 });
        stage.act(Act::Publish(publication(kind.clone(), "acme/core", "1.0", "a")));
        assert_eq!(stage.get("/projects/1/packages/32").await["version"], "1.0", "{kind}");
    }
    for kind in [Npm, TerraformModule, Golang, Cargo] {
        let stage = Stage::open(Options::default());
        let once = publication(kind.clone(), "core", "1.0.0", "a");
        stage.act(Act::Publish(once.clone()));
        let error = ActError::Published(1, kind.clone(), "core".to_owned(), "1.0.0".to_owned());
        assert_eq!(stage.sandbox.act(Act::Publish(once)), Err(error));
        let upload = Act::UploadFile { package: 31, name: "b".to_owned(), size: 1 };
        assert_eq!(stage.sandbox.act(upload), Err(ActError::Complete(kind)));
    }
    let stage = Stage::open(Options::default());
    stage.act(Act::Publish(publication(Pypi, "core", "1.0", "a.whl")));
    stage.act(Act::Publish(publication(Pypi, "core", "1.0", "b.whl")));
    stage.act(Act::DeleteFile { package: 31, file: 302 });
    let again = Act::Publish(publication(Pypi, "core", "1.0", "a.whl"));
    assert_eq!(stage.sandbox.act(again.clone()), Err(ActError::FileTaken(31, "a.whl".to_owned())));
    stage.sandbox.clean_up();
    stage.act(again);
    let composer = publication(Composer, "acme/core", "dev-main", "a");
    assert_eq!(stage.sandbox.act(Act::Publish(composer.clone())), Err(ActError::Complete(Composer)));
    let composer = Act::Publish(Publication { files: Vec::new(), ..composer });
    stage.act(composer.clone());
    let before = stage.sandbox.packages();
    stage.act(composer);
    assert_eq!(stage.sandbox.packages(), before);
    assert_eq!(
        stage.sandbox.act(Act::Publish(publication(Rpm, "core", "1.0", "a"))),
        Err(ActError::Unpublishable(Rpm))
    );
}

#[tokio::test]
async fn a_snapshot_opened_again_gives_the_same_answers() {
    let stage = Stage::open(Options::default());
    stage.act(Act::Publish(publication(PackageType::Npm, "@acme/web", "1.0.0", "web-1.0.0.tgz")));
    stage.act(Act::DeletePackage { package: 3 });
    stage.act(Act::DeleteFile { package: 4, file: 40 });
    stage.act(Act::Download { package: 5 });
    stage.act(Act::RenameProject { id: 2, to: "acme/moved".to_owned() });
    stage.act(Act::LinkRelease { project: 1, tag: "v1".to_owned(), url: "{url}/acme/app/-/packages/7".to_owned() });
    stage.act(Act::ProtectPackage {
        project: 1,
        package_type: PackageType::Npm,
        pattern: "@acme/*".to_owned(),
        level: 50,
    });
    let snapshot = stage.sandbox.snapshot();
    assert!(Arc::ptr_eq(&snapshot, &stage.sandbox.snapshot()), "nothing has changed");
    let clock = Clock::new(|| Timestamp::from_second(START).unwrap());
    let again = Sandbox::open((*snapshot).clone(), &Options { clock, ..Options::default() }).unwrap();
    for path in [
        "/groups/acme/packages?per_page=100",
        "/groups/acme/projects",
        "/projects/1/packages/5",
        "/projects/1/packages/4/package_files",
        "/projects/1/packages/protection/rules",
        "/projects/1/packages?status=pending_destruction",
        "/projects/acme%2Flib",
        "/projects/1/releases",
        "/projects/1/repository/branches",
    ] {
        assert_eq!(ask(&again, Method::GET, path).await, stage.ask(Method::GET, path).await, "{path}");
    }
    assert_eq!(again.snapshot(), snapshot);
    stage.act(Act::DeletePackage { package: 6 });
    assert_eq!(snapshot.packages[5].status, Status::Default, "it stays what it was");
    assert_eq!(stage.sandbox.snapshot().packages[5].status, Status::PendingDestruction);
}

#[tokio::test]
async fn an_act_after_a_request_shows_in_the_next_one() {
    let happenings = vec![
        Happening::after(1, Act::Download { package: 1 }).path("*/packages/1"),
        Happening::before(1, Act::Download { package: 77 }).optional(),
    ];
    let stage = Stage::open(Options { happenings, ..Options::default() });
    assert_eq!(stage.get("/projects/1/packages/2").await["last_downloaded_at"], Value::Null);
    let told = async || stage.get("/projects/1/packages/1").await["last_downloaded_at"].clone();
    assert_eq!([told().await, told().await], [Value::Null, "2026-05-28T20:26:40.000Z".into()]);
}

#[tokio::test]
async fn a_tag_moves_from_version_to_version() {
    let stage = Stage::open(Options::default());
    let tags = async |package: u64| {
        let row = stage.get(&format!("/projects/1/packages/{package}")).await;
        let tags = row["tags"].as_array().unwrap().clone();
        tags.iter().map(|tag| tag["name"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let publish = |version: &str, tags: &[&str]| {
        let tags = tags.iter().map(|tag| (*tag).to_owned()).collect();
        Act::Publish(Publication { tags, ..publication(PackageType::Npm, "web", version, version) })
    };
    stage.act(publish("1.0.0", &[]));
    stage.act(publish("1.1.0", &[]));
    stage.act(publish("2.0.0-rc.1", &["next"]));
    assert_eq!((tags(31).await, tags(32).await, tags(33).await), (vec![], vec!["latest".into()], vec!["next".into()]));
    let (id, created) = {
        let tag = &stage.get("/projects/1/packages/32").await["tags"][0];
        (tag["id"].clone(), tag["created_at"].clone())
    };
    stage.wait(60);
    let latest = || "latest".to_owned();
    stage.act(Act::MoveTag { package: 31, tag: latest() });
    assert_eq!((tags(31).await, tags(32).await), (vec![latest()], vec![]));
    let tag = &stage.get("/projects/1/packages/31").await["tags"][0];
    assert_eq!((&tag["id"], &tag["created_at"], &tag["package_id"]), (&id, &created, &31.into()));
    assert_eq!(tag["updated_at"], created, "it moves without a trace of when");
    stage.act(Act::RemoveTag { package: 31, tag: latest() });
    assert_eq!(tags(31).await, [""; 0]);
    // Another project's package of the name keeps its own.
    let elsewhere = Publication { project: 2, ..publication(PackageType::Npm, "web", "9.0.0", "x") };
    stage.act(Act::Publish(elsewhere));
    stage.act(Act::MoveTag { package: 33, tag: latest() });
    let row = stage.get("/projects/2/packages/34").await;
    assert_eq!(row["tags"][0]["name"], "latest");
    assert_eq!(tags(33).await, ["next", "latest"]);

    // Each version of a NuGet package has the tags that its upload told last.
    let nuget = |version: &str, tag: &str| {
        let tags = vec![tag.to_owned()];
        Act::Publish(Publication { tags, ..publication(PackageType::Nuget, "Acme.Web", version, version) })
    };
    stage.act(nuget("1.0", "web"));
    stage.act(nuget("2.0", "web"));
    assert_eq!((tags(35).await, tags(36).await), (vec!["web".into()], vec!["web".into()]));
    stage.act(nuget("1.0.0.0", "http"));
    assert_eq!(tags(35).await, ["http"]);
}

#[tokio::test]
async fn a_download_is_written_down_once_a_minute() {
    for (gitlab, second) in [(Edition::V18_5, "20:26:40"), (Edition::V17_11, "20:27:40")] {
        let stage = Stage::open(Options { gitlab, ..Options::default() });
        let told = async || stage.get("/projects/1/packages/7").await["last_downloaded_at"].clone();
        stage.act(Act::Download { package: 7 });
        let updated = stage.sandbox.packages()[6].updated_at;
        stage.wait(60);
        stage.act(Act::Download { package: 7 });
        assert_eq!(told().await, format!("2026-05-28T{second}.000Z"));
        stage.wait(61);
        stage.act(Act::Download { package: 7 });
        assert_eq!(told().await, "2026-05-28T20:28:41.000Z");
        assert_eq!(stage.sandbox.packages()[6].updated_at, updated);
    }
}

#[tokio::test]
async fn files_come_and_go_without_a_trace_in_the_row() {
    let stage = Stage::open(Options::default());
    let before = stage.get("/projects/1/packages/1").await;
    stage.act(Act::UploadFile { package: 1, name: "tool-2.bin".to_owned(), size: 5 });
    stage.act(Act::DeleteFile { package: 1, file: 10 });
    let files = stage.get("/projects/1/packages/1/package_files").await;
    let ids: Vec<_> = files.as_array().unwrap().iter().map(|file| file["id"].as_u64().unwrap()).collect();
    assert_eq!(ids, [11, 302]);
    assert_eq!(stage.get("/projects/1/packages/1").await, before);
    let small = crate::small::registry().packages[0].updated_at;
    assert_eq!(stage.sandbox.packages()[0].updated_at, small);
    // The last file's package stays until the hourly job has run.
    stage.act(Act::DeleteFile { package: 1, file: 11 });
    stage.act(Act::DeleteFile { package: 1, file: 302 });
    assert_eq!(stage.ask(Method::GET, "/projects/1/packages/1").await.0, 200);
    stage.sandbox.clean_up();
    assert_eq!(stage.ask(Method::GET, "/projects/1/packages/1").await.0, 404);
    // Ids are not given again.
    stage.act(Act::UploadFile { package: 2, name: "x".to_owned(), size: 5 });
    assert_eq!(stage.get("/projects/1/packages/2/package_files").await[2]["id"], 303);
}

#[tokio::test]
async fn releases_link_to_packages_and_names_are_protected() {
    let stage = Stage::open(Options::default());
    let (tag, url) = (|| "v1".to_owned(), || "{url}/acme/app/-/packages/7".to_owned());
    let link = || Act::LinkRelease { project: 1, tag: tag(), url: url() };
    let unlink = || Act::UnlinkRelease { project: 1, tag: tag(), url: url() };
    let links = async || stage.get("/projects/1/releases").await[0]["assets"]["links"].clone();
    stage.act(link());
    assert_eq!(links().await[0]["url"], "http://gitlab.test/acme/app/-/packages/7");
    assert_eq!(stage.sandbox.act(link()), Err(ActError::Linked(1, tag(), url())));
    stage.act(Act::LinkRelease { project: 1, tag: tag(), url: "https://example.test".to_owned() });
    assert_eq!(links().await.as_array().unwrap().len(), 2);
    stage.act(unlink());
    assert_eq!(links().await.as_array().unwrap().len(), 1);
    assert_eq!(stage.sandbox.act(unlink()), Err(ActError::NoLink(1, tag(), url())));

    let (package_type, pattern) = (|| PackageType::Generic, || "to*".to_owned());
    let protect = || Act::ProtectPackage { project: 1, package_type: package_type(), pattern: pattern(), level: 50 };
    let unprotect = || Act::UnprotectPackage { project: 1, package_type: package_type(), pattern: pattern() };
    let delete = async |package: u64| stage.ask(Method::DELETE, &format!("/projects/1/packages/{package}")).await.0;
    stage.act(protect());
    assert_eq!(stage.sandbox.act(protect()), Err(ActError::Protected(1, package_type(), pattern())));
    assert_eq!(delete(1).await, 403);
    let rules = stage.get("/projects/1/packages/protection/rules").await;
    assert_eq!(rules[0]["minimum_access_level_for_delete"], "owner");
    // Somebody who may deletes it all the same.
    stage.act(Act::DeletePackage { package: 2 });
    stage.act(unprotect());
    assert_eq!(stage.sandbox.act(unprotect()), Err(ActError::NoRule(1, package_type(), pattern())));
    assert_eq!(delete(1).await, 204);
}

#[tokio::test]
async fn an_old_rubygem_comes_back_with_its_id() {
    for (gitlab, status, ids) in
        [(Edition::V15_11, Status::Default, 31), (Edition::V17_11, Status::PendingDestruction, 32)]
    {
        let stage = Stage::open(Options { gitlab, ..Options::default() });
        let push = || Act::Publish(publication(PackageType::Rubygems, "rack", "3.0", "rack-3.0.gem"));
        stage.act(push());
        assert_eq!(stage.ask(Method::DELETE, "/projects/1/packages/31").await.0, 204);
        stage.wait(10);
        stage.act(push());
        let packages = stage.sandbox.packages();
        let first = &packages[30];
        assert_eq!((first.status, packages.last().unwrap().id), (status, ids));
        assert_eq!(first.created_at.to_string(), "2026-05-28T20:26:40Z");
        let files = stage.get(&format!("/projects/1/packages/{ids}/package_files")).await;
        assert_eq!(files.as_array().unwrap().len(), 1, "the file of before is gone");
        assert_eq!(files[0]["created_at"], "2026-05-28T20:26:50.000Z");
    }
    // One that is there goes before.
    let mut registry = crate::small::registry();
    for (package, status) in registry.packages.iter_mut().zip([Status::Default, Status::PendingDestruction]) {
        (package.package_type, package.version, package.status) = (PackageType::Rubygems, Some("9".to_owned()), status);
    }
    let stage = Stage::with(registry, Options { gitlab: Edition::V15_11, ..Options::default() });
    stage.act(Act::Publish(publication(PackageType::Rubygems, "tool", "9", "tool-9.gem")));
    assert_eq!(stage.sandbox.packages()[1].status, Status::PendingDestruction);
    assert_eq!(stage.sandbox.packages()[0].files.len(), 3);
}

#[test]
fn one_package_may_be_written_in_several_ways() {
    let conan =
        |username: &str, channel: &str| Some(Conan { username: username.to_owned(), channel: channel.to_owned() });
    let published = |first: Publication, second: Publication| {
        let stage = Stage::open(Options::default());
        stage.act(Act::Publish(first));
        let _ = stage.sandbox.act(Act::Publish(second));
        stage.sandbox.packages().len() - 30
    };
    use PackageType::{Cargo, Conan as Recipe, Nuget, Pypi};
    for (kind, first, second, rows) in [
        (Nuget, ("Acme.Core", "1.0"), ("acme.core", "1.0.0+x"), 1),
        (Nuget, ("Acme.Core", "1.0"), ("Acme.Core", "1.0.1"), 2),
        (Cargo, ("acme_core", "1.0.0"), ("Acme-Core", "1.0.0+x"), 1),
        (Pypi, ("acme_core", "1.0"), ("acme-core", "1.0"), 2),
        (Pypi, ("acme_core", "1.0"), ("acme_core", "1.0.0"), 2),
    ] {
        let new = |(name, version): (&str, &str)| publication(kind.clone(), name, version, "a");
        assert_eq!(published(new(first), new(second)), rows, "{kind} {first:?} {second:?}");
    }
    let recipe = |conan| Publication { conan, ..publication(Recipe, "zlib", "1.3", "conanfile.py") };
    assert_eq!(published(recipe(None), recipe(conan("_", ""))), 1);
    assert_eq!(published(recipe(None), recipe(conan("acme", "stable"))), 2);
}

#[test]
fn an_act_that_can_not_be_done_says_why_and_changes_nothing() {
    let stage = Stage::open(Options::default());
    stage.act(Act::DeletePackage { package: 3 });
    stage.act(Act::Publish(publication(PackageType::Npm, "web", "1.0.0", "a")));
    let before = (*stage.sandbox.snapshot()).clone();
    let tag = || "latest".to_owned();
    for (act, error) in [
        (Act::Publish(Publication { project: 9, ..Publication::default() }), ActError::NoProject(9)),
        (Act::UploadFile { package: 3, name: tag(), size: 1 }, ActError::NoPackage(3)),
        (Act::UploadFile { package: 99, name: tag(), size: 1 }, ActError::NoPackage(99)),
        (Act::Download { package: 3 }, ActError::NoPackage(3)),
        (Act::DeletePackage { package: 3 }, ActError::NoPackage(3)),
        (Act::DeleteFile { package: 3, file: 30 }, ActError::NoPackage(3)),
        (Act::DeleteFile { package: 4, file: 30 }, ActError::NoFile(4, 30)),
        (Act::MoveTag { package: 3, tag: tag() }, ActError::NoPackage(3)),
        (Act::MoveTag { package: 4, tag: tag() }, ActError::Untagged(PackageType::Generic)),
        (Act::RemoveTag { package: 31, tag: "next".to_owned() }, ActError::NoTag(31, "next".to_owned())),
        (Act::LinkRelease { project: 9, tag: tag(), url: tag() }, ActError::NoProject(9)),
        (Act::UnlinkRelease { project: 1, tag: tag(), url: tag() }, ActError::NoLink(1, tag(), tag())),
        (
            Act::Publish(Publication { tags: vec![tag()], ..publication(PackageType::Maven, "a/b", "1", "x") }),
            ActError::Untagged(PackageType::Maven),
        ),
    ] {
        assert_eq!(stage.sandbox.act(act.clone()), Err(error), "{act:?}");
        assert_eq!(*stage.sandbox.snapshot(), before, "{act:?}");
    }
}

#[test]
fn acts_on_packages_are_read_from_a_script() {
    let json = r#"[
        {"before": 1, "act": {"publish": {"project": 1, "package_type": "npm", "name": "web", "version": "1.0.0",
            "files": [{"name": "web-1.0.0.tgz", "size": 10}], "id": 7, "created_at": "2026-01-01T00:00:00Z",
            "tags": ["next"]}}},
        {"before": 1, "act": {"publish": {"project": 1, "package_type": "conan", "name": "zlib", "version": "1.3",
            "conan": {"username": "acme", "channel": "stable"}}}},
        {"before": 1, "act": {"upload_file": {"package": 1, "name": "a.jar", "size": 1}}},
        {"after": 1, "act": {"download": {"package": 1}}, "optional": true},
        {"before": 1, "act": {"delete_package": {"package": 1}}},
        {"before": 1, "act": {"delete_file": {"package": 1, "file": 10}}},
        {"before": 1, "act": {"move_tag": {"package": 1, "tag": "latest"}}},
        {"before": 1, "act": {"remove_tag": {"package": 1, "tag": "latest"}}},
        {"before": 1, "act": {"link_release": {"project": 1, "tag": "v1", "url": "{url}/acme/app/-/packages/7"}}},
        {"before": 1, "act": {"unlink_release": {"project": 1, "tag": "v1", "url": "x"}}},
        {"before": 1, "act": {"protect_package": {"project": 1, "package_type": "npm", "pattern": "@acme/*"}}},
        {"before": 1, "act": {"unprotect_package": {"project": 1, "package_type": "npm", "pattern": "@acme/*"}}}
    ]"#;
    let script: Vec<Happening> = serde_json::from_str(json).unwrap();
    assert_eq!(script[3], Happening::after(1, Act::Download { package: 1 }).optional());
    assert!(matches!(&script[10].act, Act::ProtectPackage { level: 60, .. }));
    let again = serde_json::to_string(&script).unwrap();
    assert_eq!(serde_json::from_str::<Vec<Happening>>(&again).unwrap(), script);
}
