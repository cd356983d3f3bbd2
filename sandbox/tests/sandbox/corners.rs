//! The corners of the package types, as a client sees them.

use std::collections::{BTreeMap, BTreeSet};

use crate::client::client;
use gitlab_sandbox::{Options, Package, Registry, Server, Status};
use jiff::{SignedDuration, Timestamp};
use reqwest::{Method, Response};
use serde_json::Value;

const OLD: i64 = 730 * 24;
const TODAY: i64 = 2;

fn start() -> Timestamp {
    "2026-03-01T12:34:56Z".parse().unwrap()
}

/// A time as the API writes it, so many hours before the start.
fn hours_ago(hours: i64) -> Value {
    let time = start() - SignedDuration::from_hours(hours);
    format!("{time:.3}").into()
}

async fn serve() -> Server {
    Server::start(Registry::generate(20, 1, start()).with_corners(start()), Options::default()).await.unwrap()
}

async fn send(server: &Server, method: Method, path: &str) -> Response {
    let url = format!("{}/api/v4{path}", server.url());
    client().request(method, url).header("PRIVATE-TOKEN", server.token()).send().await.unwrap()
}

async fn list(server: &Server, path: &str) -> Vec<Value> {
    let answer = send(server, Method::GET, path).await;
    assert_eq!(answer.status(), 200, "{path}");
    answer.json().await.unwrap()
}

/// The rows of a project below `acme/corners`, by a query such as `&status=error`.
async fn rows(server: &Server, project: &str, query: &str) -> Vec<Value> {
    list(server, &format!("/projects/acme%2Fcorners%2F{project}/packages?per_page=100{query}")).await
}

fn files_path(project: &str, row: &Value) -> String {
    format!("/projects/acme%2Fcorners%2F{project}/packages/{}/package_files?per_page=100", row["id"])
}

async fn files(server: &Server, project: &str, row: &Value) -> Vec<Value> {
    list(server, &files_path(project, row)).await
}

fn texts<'a>(rows: &'a [Value], key: &str) -> Vec<&'a str> {
    rows.iter().map(|row| row[key].as_str().unwrap()).collect()
}

/// The names and versions of rows of one type, in order.
fn of_type<'a>(rows: &'a [Value], kind: &str) -> Vec<(&'a str, &'a str)> {
    let rows = rows.iter().filter(|row| row["package_type"] == kind);
    rows.map(|row| (row["name"].as_str().unwrap(), row["version"].as_str().unwrap())).collect()
}

#[test]
fn what_was_there_stays_as_it_was() {
    for (packages, seed) in [(0, 1), (500, 7), (10_500, 2)] {
        let before = Registry::generate(packages, seed, start());
        let after = before.clone().with_corners(start());
        assert_eq!(after, before.clone().with_corners(start()));
        let mut rest = after.clone();
        let corners = rest.packages.split_off(before.packages.len());
        let projects = rest.projects.split_off(before.projects.len());
        let groups = rest.groups.split_off(before.groups.len());
        let pipelines = rest.pipelines.split_off(before.pipelines.len());
        assert_eq!(rest, before);

        let paths: Vec<_> = groups.iter().map(|group| group.path.as_str()).collect();
        let closing = format!("acme/corners/closing-deletion_scheduled-{}", groups[2].id);
        assert_eq!(paths, ["acme/corners", "acme/corners/attic", &closing]);
        assert_eq!(projects.len(), 14);
        assert!(pipelines.iter().all(|pipeline| before.pipelines.iter().all(|other| other.id < pipeline.id)));
        assert!(projects.iter().all(|project| before.projects.iter().all(|other| other.id < project.id)));
        let last = |registry: &Registry| registry.packages.iter().map(|package| package.id).max().unwrap_or(0);
        assert!(corners.iter().all(|package| package.id > last(&before)));
        let file_ids = |packages: &[Package]| -> BTreeSet<u64> {
            packages.iter().flat_map(|package| &package.files).map(|file| file.id).collect()
        };
        assert!(file_ids(&corners).first() > file_ids(&before.packages).last());
        let json = serde_json::to_string(&after).unwrap();
        assert_eq!(Registry::from_json(&json).unwrap(), after);
    }
}

/// A registry written by hand has no group `acme`, and ids and series of its own.
#[test]
fn they_can_be_added_to_any_registry() {
    let json = r#"{"groups": [{"id": 70, "path": "other"}], "projects": [{"id": 9, "path": "other/app"}],
        "series": [{"first_id": 5, "count": 95, "project_id": 9, "name": "app", "version": "1.{n}"}]}"#;
    let registry = Registry::from_json(json).unwrap().with_corners(start());
    assert_eq!(registry.groups.iter().map(|group| group.id).collect::<Vec<_>>(), [70, 71, 72, 73, 74]);
    assert_eq!((registry.projects[1].id, registry.packages[0].id), (10, 100));
    Registry::from_json(&serde_json::to_string(&registry).unwrap()).unwrap();
    let twice = serde_json::to_string(&registry.with_corners(start())).unwrap();
    Registry::from_json(&twice).unwrap_err();
}

#[test]
fn nothing_is_later_than_the_start_or_there_twice() {
    let registry = Registry::default().with_corners(start());
    let mut coordinates = BTreeSet::new();
    for package in &registry.packages {
        assert!(package.created_at <= package.updated_at && package.updated_at <= start());
        assert!(package.files.iter().all(|file| (package.updated_at..=start()).contains(&file.created_at)));
        let conan = package.conan.as_ref().map(|conan| &conan.username);
        let key = (package.project_id, package.package_type.name(), &package.name, &package.version, conan);
        assert!(coordinates.insert(key), "{key:?} is there twice");
    }
    let made: Vec<_> = registry.packages.iter().map(|package| package.updated_at).collect();
    assert!(made.is_sorted(), "ids grow with the time");

    let later = Registry::default().with_corners(start() + SignedDuration::from_hours(24));
    for (a, b) in registry.packages.iter().zip(&later.packages) {
        assert_eq!((a.id, &a.name, &a.version, a.files.len()), (b.id, &b.name, &b.version, b.files.len()));
        assert_eq!(b.created_at.duration_since(a.created_at), SignedDuration::from_hours(24));
    }
}

#[tokio::test]
async fn old_rows_of_ten_types_have_files_of_today() {
    let server = serve().await;
    let rows = rows(&server, "growing", "&include_versionless=true").await;
    assert_eq!(rows.len(), 12);
    let mut repeated = BTreeMap::new();
    for row in &rows {
        let kind = row["package_type"].as_str().unwrap();
        let files = files(&server, "growing", row).await;
        let dates: Vec<_> = files.iter().map(|file| &file["created_at"]).collect();
        assert_eq!(row["created_at"], hours_ago(OLD), "{kind}");
        assert_eq!(row["last_downloaded_at"], Value::Null);
        assert_eq!(**dates.last().unwrap(), hours_ago(TODAY), "{kind}");
        // The date of a commit is not that of the row, which was made today.
        let first = if kind == "golang" { TODAY } else { OLD };
        assert_eq!(*dates[0], hours_ago(first), "{kind}");
        let package = server.packages().into_iter().find(|package| Some(package.id) == row["id"].as_u64()).unwrap();
        assert_eq!(Value::from(format!("{:.3}", package.updated_at)), hours_ago(first), "{kind}");
        let names: BTreeSet<_> = texts(&files, "file_name").into_iter().map(str::to_owned).collect();
        *repeated.entry(kind).or_insert(false) |= names.len() < files.len();
    }
    let expected = [
        ("conan", true),
        ("debian", false),
        ("generic", false),
        ("golang", false),
        ("helm", true),
        ("maven", true),
        ("ml_model", false),
        ("nuget", false),
        ("pypi", false),
        ("rubygems", true),
    ];
    assert_eq!(repeated, expected.into(), "the types, and whether files of one row have one name");

    let chart = rows.iter().find(|row| row["package_type"] == "helm").unwrap();
    assert_eq!(texts(&files(&server, "growing", chart).await, "file_name"), ["corner-chart-1.4.0.tgz"; 2]);
    let gem = rows.iter().find(|row| row["package_type"] == "rubygems").unwrap();
    let names = ["acme-corner-1.4.0.gem", "acme-corner.gemspec"].repeat(2);
    assert_eq!(texts(&files(&server, "growing", gem).await, "file_name"), names);
    let snapshot = rows.iter().find(|row| row["version"] == "1.5.0-SNAPSHOT").unwrap();
    let names = ["jar", "pom"].map(|kind| format!("library-1.5.0-20260301.103456-2.{kind}"));
    let built = files(&server, "growing", snapshot).await;
    assert_eq!(texts(&built, "file_name")[3..], [&names[0], &names[1], "maven-metadata.xml"]);
}

#[tokio::test]
async fn rows_of_three_types_are_as_old_as_their_files() {
    let server = serve().await;
    let mut rows_there = rows(&server, "settled", "").await;
    assert_eq!(of_type(&rows_there, "cargo"), [("corner-kit", "1.4.0")]);
    assert_eq!(of_type(&rows_there, "npm"), [("@acme/corner", "1.3.0"), ("@acme/corner", "1.4.0")]);
    assert_eq!((&rows_there[0]["status"], &rows_there[1]["tags"][0]["name"]), (&"deprecated".into(), &"latest".into()));
    // A listing without a type leaves modules out.
    let modules = rows(&server, "settled", "&package_type=terraform_module").await;
    assert_eq!(of_type(&modules, "terraform_module"), [("corner/aws", "1.4.0")]);
    rows_there.extend(modules);
    let mut names = Vec::new();
    for row in &rows_there {
        let files = files(&server, "settled", row).await;
        assert_eq!((files.len(), &files[0]["created_at"]), (1, &row["created_at"]));
        names.push(files[0]["file_name"].as_str().unwrap().to_owned());
    }
    let expected =
        ["@acme/corner-1.3.0.tgz", "@acme/corner-1.4.0.tgz", "corner-kit-1.4.0.crate", "corner-aws-1.4.0.tgz"];
    assert_eq!(names, expected);
    let cargo = list(&server, "/groups/acme%2Fcorners/packages?package_type=cargo").await;
    assert_eq!(cargo.len(), 5);
}

#[tokio::test]
async fn names_and_versions_come_in_several_spellings() {
    let server = serve().await;
    let rows = rows(&server, "spellings", "").await;
    let nuget =
        [("Acme.Corners", "1.0"), ("acme.corners", "1.0.0.0"), ("acme.corners", "1.1.0"), ("Acme.Corners", "1.2.0")];
    assert_eq!(of_type(&rows, "nuget"), nuget);
    let pypi = [
        ("Acme.Tools", "1.0"),
        ("acme_tools", "1.0.0"),
        ("acme-tools", "1.0"),
        ("acme-tools", "1.0.0"),
        ("acme-tools", "1.1.0"),
    ];
    assert_eq!(of_type(&rows, "pypi"), pypi);
    let cargo = [("Acme_Tools", "1.0.0"), ("acme-tools", "1.1.0+build.7"), ("acme-tools", "1.2.0")];
    assert_eq!(of_type(&rows, "cargo"), cargo);
    let conan = [("zlib/1.2@_/_", "1.2"), ("zlib/1.2@acme/stable", "1.2"), ("zlib/1.3@_/_", "1.3")];
    assert_eq!(of_type(&rows, "conan"), conan);
    let recipes = rows.iter().filter(|row| row["package_type"] == "conan");
    assert!(recipes.clone().all(|row| row["conan_package_name"] == "zlib"));
    let found = list(&server, "/groups/acme%2Fcorners/packages?package_name=zlib&package_version=1.2").await;
    assert_eq!(found.len(), 2);
}

#[tokio::test]
async fn files_in_folders_are_percent_encoded_as_a_whole() {
    let server = serve().await;
    let rows = rows(&server, "folders", "").await;
    let files = files(&server, "folders", &rows[0]).await;
    let names = ["release%2Fapp.tgz", "debug%2Fa%2Bb.zip", "app.tgz", "a+b.zip", "release%2Fapp.tgz"];
    assert_eq!(texts(&files, "file_name"), names);
    assert_eq!((&files[0]["created_at"], &files[4]["created_at"]), (&hours_ago(OLD), &hours_ago(240)));
}

#[tokio::test]
async fn temporary_rows_are_under_way_or_have_failed() {
    let server = serve().await;
    let is_temporary = |row: &Value| {
        let id = row["version"].as_str().unwrap().strip_prefix("0.0.0-").unwrap().to_owned();
        let lengths: Vec<_> = id.split('-').map(str::len).collect();
        lengths == [8, 4, 4, 4, 12] && id.chars().all(|char| char == '-' || char.is_ascii_hexdigit())
    };
    let under_way = rows(&server, "uploads", "&status=processing").await;
    assert!(under_way.iter().all(is_temporary));
    let names = [
        "Helm.Temporary.Package",
        "Helm.Temporary.Package",
        "Gem.Temporary.Package",
        "NuGet.Temporary.Package",
        "NuGet.Temporary.SymbolPackage",
        "debian-temporary-package",
        "Cargo-Temporary-Package",
        "@acme/corner-upload",
    ];
    assert_eq!(texts(&under_way, "name"), names);
    assert_eq!(under_way[0]["created_at"], hours_ago(90 * 24), "one is stuck");

    let failed = rows(&server, "uploads", "&status=error").await;
    assert!(failed.iter().all(is_temporary));
    let names = [
        "Helm.Temporary.Package",
        "Gem.Temporary.Package",
        "NuGet.Temporary.Package",
        "@acme/corner-upload",
        "Cargo-Temporary-Package",
    ];
    assert_eq!(texts(&failed, "name"), names);
    let versions: BTreeSet<_> = [&under_way, &failed].into_iter().flat_map(|rows| texts(rows, "version")).collect();
    assert_eq!(versions.len(), under_way.len() + failed.len());

    // A listing by default shows what failed, whose files can be listed, and which has no page of its own.
    let listed = rows(&server, "uploads", "").await;
    assert_eq!(listed.len(), failed.len() + 1);
    let names: Vec<_> = listed.iter().filter(|row| row["name"] == "@acme/corner-upload").collect();
    assert_eq!((&names[0]["version"], &names[1]["status"]), (&"1.0.0".into(), &"error".into()));
    assert_eq!(texts(&files(&server, "uploads", &failed[0]).await, "file_name"), ["package.tgz"]);
    assert!(files(&server, "uploads", &failed[3]).await.is_empty());
    for (row, status) in [(&failed[0], 200), (&under_way[0], 404)] {
        assert_eq!(send(&server, Method::GET, &files_path("uploads", row)).await.status(), status);
        let page = format!("/projects/acme%2Fcorners%2Fuploads/packages/{}", row["id"]);
        assert_eq!(send(&server, Method::GET, &page).await.status(), 404);
        let deleted = if status == 200 { 204 } else { 404 };
        assert_eq!(send(&server, Method::DELETE, &page).await.status(), deleted);
    }
}

#[tokio::test]
async fn branches_of_composer_have_no_files() {
    let server = serve().await;
    let rows_there = rows(&server, "branches", "").await;
    assert_eq!(texts(&rows_there, "version"), ["dev-main", "1.0.0", "2.x-dev", "1.1.0", "dev-fix-login"]);
    assert_eq!(rows_there[0]["created_at"], hours_ago(800 * 24));
    assert_eq!(rows_there[0]["last_downloaded_at"], hours_ago(24));
    assert_eq!(rows_there[2]["last_downloaded_at"], Value::Null);
    for row in &rows_there {
        assert!(files(&server, "branches", row).await.is_empty());
    }
    // There is no file whose removal would take the row along.
    let path = format!("/projects/acme%2Fcorners%2Fbranches/packages/{}", rows_there[0]["id"]);
    assert_eq!(send(&server, Method::DELETE, &path).await.status(), 204);
    server.clean_up();
    let status = |id: &Value| {
        server.packages().into_iter().find(|one| Some(one.id) == id.as_u64()).map(|package| package.status)
    };
    assert_eq!(status(&rows_there[0]["id"]), Some(Status::PendingDestruction));
    assert_eq!(rows(&server, "branches", "").await.len(), 4);
}

#[tokio::test]
async fn channels_and_distributions_are_not_shown() {
    let server = serve().await;
    let rows = rows(&server, "channels", "").await;
    let charts = ["1.0.0", "1.1.0+build.1", "1.1.0+build.2", "2.0.0-edge.1", "2.0.0-edge.2"];
    assert_eq!(of_type(&rows, "helm"), charts.map(|version| ("corner-proxy", version)));
    assert_eq!(of_type(&rows, "debian"), ["1.3.0-1", "1.5.0-1"].map(|version| ("corner-daemon", version)));
    for row in &rows {
        let files = files(&server, "channels", row).await;
        let keys = [row, &files[0]].map(|object| object.as_object().unwrap().keys().cloned().collect::<Vec<_>>());
        assert!(keys.concat().iter().all(|key| !key.contains("channel") && !key.contains("distribution")));
    }
}

#[tokio::test]
async fn the_files_of_imports_run_against_their_builds() {
    let server = serve().await;
    let rows = rows(&server, "imports", "&include_versionless=true").await;
    let version = |row: &Value| row["version"].as_str().map(str::to_owned);
    let versions: Vec<_> = rows.iter().map(version).collect();
    assert_eq!(versions, [Some("2.0-SNAPSHOT".to_owned()), None, Some("1.0-SNAPSHOT".to_owned())]);

    let imported = files(&server, "imports", &rows[2]).await;
    let names = texts(&imported, "file_name");
    let jars: Vec<_> = names.iter().filter_map(|name| name.strip_suffix(".jar")).collect();
    let builds = [("20250803", 7), ("20250604", 5), ("20250704", 6), ("20250505", 4)];
    assert_eq!(jars, builds.map(|(day, build)| format!("app-1.0-{day}.123456-{build}")));
    assert_eq!(names[0], "maven-metadata.xml");
    let dates = texts(&imported, "created_at");
    assert!(dates.is_sorted() && dates[0].starts_with("2026-01-30"), "one import, thirty days ago");
    let by_date = list(&server, &format!("{}&order_by=created_at&sort=desc", files_path("imports", &rows[2]))).await;
    assert!(by_date[0]["file_name"].as_str().unwrap().ends_with("-4.pom"), "the oldest build came last");

    let broken = files(&server, "imports", &rows[0]).await;
    let names = texts(&broken, "file_name");
    let kinds: Vec<_> = names.iter().map(|name| name.rsplit('-').next().unwrap()).collect();
    assert_eq!(kinds, ["1.jar", "1.pom", "metadata.xml", "2.jar", "2.pom", "metadata.xml", "3.jar"]);
    assert_eq!(broken[6]["created_at"], hours_ago(72));
}

#[tokio::test]
async fn projects_have_moved_or_are_about_to_go() {
    let server = serve().await;
    let project = async |path: &str| {
        let path = format!("/projects/{}", path.replace('/', "%2F"));
        send(&server, Method::GET, &path).await.json::<Value>().await.unwrap()
    };
    let group = async |id: &str| {
        send(&server, Method::GET, &format!("/groups/{}", id.replace('/', "%2F"))).await.json::<Value>().await.unwrap()
    };
    let projects = list(&server, "/groups/acme%2Fcorners/projects?include_subgroups=true&per_page=100").await;
    let path = |part: &str| {
        let mut paths = texts(&projects, "path_with_namespace").into_iter().filter(|path| path.contains(part));
        paths.next().unwrap().to_owned()
    };
    let (leaving, shop) = (path("/leaving-"), path("/shop"));
    let closing = shop.strip_suffix("/shop").unwrap();
    let day = Value::from("2026-02-27");
    for (path, former, archived, marked) in [
        ("acme/corners/renamed", Some("acme/corners/christened"), false, &Value::Null),
        ("acme/corners/attic/press", None, false, &Value::Null),
        (&leaving, Some("acme/corners/leaving"), true, &day),
        (&shop, Some("acme/corners/closing/shop"), false, &Value::Null),
    ] {
        let there = project(path).await;
        assert_eq!((&there["archived"], &there["marked_for_deletion_on"]), (&archived.into(), marked), "{path}");
        if let Some(former) = former {
            let answer = send(&server, Method::GET, &format!("/projects/{}", former.replace('/', "%2F"))).await;
            let location = format!("{}/api/v4/projects/{}", server.url(), there["id"]);
            assert_eq!(answer.headers().get("Location").unwrap().to_str().unwrap(), location);
        }
        let rows = list(&server, &format!("/projects/{}/packages", there["id"])).await;
        let name = format!("@acme/corner-{}", path.rsplit('/').next().unwrap().split('-').next().unwrap());
        assert_eq!(of_type(&rows, "npm"), ["1.0.0", "1.1.0", "2.0.0"].map(|version| (name.as_str(), version)));
        assert_eq!((&rows[0]["created_at"], &rows[1]["created_at"]), (&hours_ago(OLD), &hours_ago(500 * 24)));
        assert_eq!(rows[2]["tags"][0]["name"], "latest");
    }
    assert_eq!(leaving, format!("acme/corners/leaving-deletion_scheduled-{}", project(&leaving).await["id"]));
    assert_eq!(closing, format!("acme/corners/closing-deletion_scheduled-{}", group(closing).await["id"]));
    assert_eq!(group(closing).await["marked_for_deletion_on"], day);
    assert_eq!(group("acme/corners/attic").await["archived"], true);
    assert_eq!(group("acme/corners").await["archived"], false);
    assert_eq!(send(&server, Method::GET, "/groups/acme%2Fcorners%2Fclosing").await.status(), 404);
}

/// What a package shows of its pipeline, and what the pipeline itself tells.
#[tokio::test]
async fn a_pipeline_by_itself_tells_what_it_ran_for() {
    let server = serve().await;
    let mut told = Vec::new();
    for row in rows(&server, "built", "").await {
        let pipeline = &row["pipeline"];
        assert!(pipeline.get("tag").is_none(), "{pipeline}");
        if pipeline.is_null() {
            told.push((row["version"].as_str().unwrap().to_owned(), Value::Null, Value::Null, Value::Null));
            continue;
        }
        let path = format!("/projects/{}/pipelines/{}", pipeline["project_id"], pipeline["id"]);
        let answer = send(&server, Method::GET, &path).await;
        assert_eq!(answer.status(), 200);
        let single: Value = answer.json().await.unwrap();
        for (key, value) in pipeline.as_object().unwrap() {
            assert_eq!(single[key], *value, "{key}");
        }
        let version = row["version"].as_str().unwrap().to_owned();
        told.push((version, single["ref"].clone(), single["tag"].clone(), single["source"].clone()));
    }
    let expected = [
        ("1.0.0", "v1.0.0", true, "push"),
        ("1.0.1", "release-1.0", true, "push"),
        ("1.0.2-dev.1", "v1", false, "push"),
        ("1.1.0-main.1", "main", false, "push"),
        ("1.1.0-login.1", "feature/login", false, "push"),
        ("1.1.0-request.1", "refs/merge-requests/7/head", false, "merge_request_event"),
        ("1.1.0-search.1", "feature/search", false, "merge_request_event"),
        ("1.1.0-elsewhere.1", "feature/elsewhere", false, "push"),
        ("1.1.0", "v1.1.0", true, "push"),
    ];
    let mut expected: Vec<(String, Value, Value, Value)> = expected
        .map(|(version, git_ref, tag, source)| (version.to_owned(), git_ref.into(), tag.into(), source.into()))
        .to_vec();
    expected.insert(8, ("1.1.0-gone.1".to_owned(), Value::Null, Value::Null, Value::Null));
    assert_eq!(told, expected);
}

#[tokio::test]
async fn a_pipeline_is_found_in_its_own_project_alone() {
    let server = serve().await;
    let rows = rows(&server, "built", "").await;
    let elsewhere = rows.iter().find(|row| row["version"] == "1.1.0-elsewhere.1").unwrap();
    let (publisher, id) = (&elsewhere["pipeline"]["project_id"], &elsewhere["pipeline"]["id"]);
    let status = async |path: String| send(&server, Method::GET, &path).await.status().as_u16();
    assert_eq!(status(format!("/projects/{publisher}/pipelines/{id}")).await, 200);
    assert_eq!(status(format!("/projects/acme%2Fcorners%2Fbuilt/pipelines/{id}")).await, 404);
    assert_eq!(status(format!("/projects/{publisher}/pipelines/999999")).await, 404);
}
