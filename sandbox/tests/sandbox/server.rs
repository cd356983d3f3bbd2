//! The server beside the recordings: paging, limits, groups, editions, deleting, stopping.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use crate::client::client;
use crate::small::{self, get, header, ids, send};
use gitlab_sandbox::Options;
use gitlab_sandbox::{
    Conan, DownloadsTold, Edition, FileStatus, OpenError, Package, PackageType, Pipeline, ProtectionRule, RateLimit,
    Registry, RegistryError, Server, StartError, Status, Token, User,
};
use reqwest::Method;
use serde_json::{Value, json};

async fn serve(registry: Registry) -> Server {
    Server::start(registry, Options::default()).await.unwrap()
}

/// Gets with a generated registry's token.
async fn read(server: &Server, path: &str) -> reqwest::Response {
    let url = format!("{}/api/v4{path}", server.url());
    client().get(url).header("PRIVATE-TOKEN", server.token()).send().await.unwrap()
}

#[tokio::test]
async fn every_row_comes_once_in_every_order() {
    let server = serve(Registry::generate(1500, 8, "2026-01-01T00:00:00Z".parse().unwrap())).await;
    let expected: BTreeSet<_> = server
        .packages()
        .iter()
        .filter(|package| {
            package.version.is_some()
                && package.package_type != PackageType::TerraformModule
                && matches!(package.status, Status::Default | Status::Error | Status::Deprecated)
        })
        .map(|package| package.id)
        .collect();
    for order in ["created_at", "name", "version", "type", "project_path"] {
        for sort in ["asc", "desc"] {
            let (mut seen, mut page, mut rows) = (BTreeSet::new(), "1".to_owned(), 0);
            while !page.is_empty() {
                let path = format!("/groups/acme/packages?order_by={order}&sort={sort}&per_page=97&page={page}");
                let answer = read(&server, &path).await;
                page = header(&answer, "X-Next-Page").unwrap().to_owned();
                let ids = ids(answer).await;
                rows += ids.len();
                seen.extend(ids);
            }
            assert_eq!(rows, seen.len(), "{order} {sort}");
            let elsewhere: BTreeSet<_> = expected.difference(&seen).copied().collect();
            let public = server.packages().into_iter().filter(|package| elsewhere.contains(&package.id));
            let names: BTreeSet<_> = public.map(|package| package.name).collect();
            let opensource: BTreeSet<_> = ["acme-cli", "acme-cli-binaries", "io/acme/utils"].map(str::to_owned).into();
            assert!(names.is_subset(&opensource), "{names:?}");
        }
    }
}

#[tokio::test]
async fn beyond_the_rate_limit_is_429() {
    // A window of a day ends at midnight; the figures of a second one would be as good.
    let rate_limit = Some(RateLimit { requests: 3, period_seconds: 86_400 });
    let server = Server::start(small::registry(), Options { rate_limit, ..Options::default() }).await.unwrap();
    let mut remaining = Vec::new();
    for _ in 0..3 {
        let answer = get(server.url(), "/groups/acme/packages").await;
        assert_eq!(answer.status(), 200);
        assert_eq!(header(&answer, "RateLimit-Limit"), Some("1"));
        assert_eq!(header(&answer, "Retry-After"), None);
        remaining.push(header(&answer, "RateLimit-Remaining").unwrap().to_owned());
    }
    assert_eq!(remaining, ["2", "1", "0"]);
    let answer = get(server.url(), "/groups/acme/packages").await;
    assert_eq!(answer.status(), 429);
    assert_eq!(header(&answer, "RateLimit-Observed"), Some("4"));
    assert!((1..=86_400).contains(&header(&answer, "Retry-After").unwrap().parse().unwrap()));
    assert_eq!(answer.text().await.unwrap(), "Retry later\n");
}

#[tokio::test]
async fn groups_projects_and_the_instance_introduce_themselves() {
    let server = serve(Registry::generate(300, 8, "2026-01-01T00:00:00Z".parse().unwrap())).await;
    let json = async |path: &str| read(&server, path).await.json::<Value>().await.unwrap();

    let top = json("/groups?top_level_only=true").await;
    let paths: Vec<_> = top.as_array().unwrap().iter().map(|group| group["full_path"].as_str().unwrap()).collect();
    assert_eq!(paths, ["acme", "opensource"]);
    assert_eq!(json("/groups/acme%2Fplatform").await["parent_id"], json("/groups/acme").await["id"]);

    let all = json("/groups/acme/projects?include_subgroups=true&per_page=100").await;
    let ids: Vec<_> = all.as_array().unwrap().iter().map(|project| project["id"].as_u64().unwrap()).collect();
    assert!(ids.len() >= 30 && ids.is_sorted_by(|a, b| a > b));
    let archived = json("/groups/acme/projects?include_subgroups=true&archived=true").await;
    assert_eq!(archived.as_array().unwrap().len(), 1);
    assert_eq!(archived[0]["path_with_namespace"], "acme/platform/legacy/soap-bridge");
    assert_eq!(json("/groups/acme/projects").await, Value::Array(Vec::new()));
    let project = json("/projects/acme%2Fweb%2Fcms").await;
    assert_eq!((&project["path"], &project["packages_enabled"]), (&"cms".into(), &true.into()));

    assert_eq!(json("/version").await["version"], "18.5.0-ee");
    let token = json("/personal_access_tokens/self").await;
    assert_eq!(
        (&token["scopes"][0], &token["active"], &token["revoked"]),
        (&"api".into(), &true.into(), &false.into())
    );
    let anonymous = client().get(format!("{}/api/v4/version", server.url())).send().await.unwrap();
    assert_eq!(anonymous.status(), 401);
}

#[tokio::test]
async fn pipelines_are_paged_by_cursor() {
    let mut registry = small::registry();
    registry.pipelines = (1..=50)
        .map(|id| Pipeline { id, project_id: 1, ref_: format!("feature/{id}"), ..Pipeline::default() })
        .collect();
    registry.packages[0].pipeline_ids = (1..=50).collect();
    let server = serve(registry).await;
    let mut seen = Vec::new();
    let mut next = Some("/projects/1/packages/1/pipelines?per_page=20".to_owned());
    while let Some(path) = next {
        let answer = get(server.url(), &path).await;
        let link = header(&answer, "Link").map(|link| link.strip_suffix(r#">; rel="next""#).unwrap());
        next = link.map(|link| link.strip_prefix(&format!("<{}/api/v4", server.url())).unwrap().to_owned());
        seen.extend(ids(answer).await);
    }
    assert_eq!(seen, (1..=50).rev().collect::<Vec<_>>());
    for size in ["0", "21", "x"] {
        let path = format!("/projects/1/packages/1/pipelines?per_page={size}");
        assert_eq!(get(server.url(), &path).await.status(), 400);
    }
}

#[tokio::test]
async fn job_tokens_open_projects_and_no_groups() {
    let mut registry = small::registry();
    let user = "maintainer".to_owned();
    registry.tokens.push(Token { token: "job".to_owned(), user, job: true, ..Token::default() });
    let server = serve(registry).await;
    let with = async |header: &str, path: &str| {
        let url = format!("{}/api/v4{path}", server.url());
        client().get(url).header(header, "job").send().await.unwrap().status().as_u16()
    };
    assert_eq!(with("JOB-TOKEN", "/projects/1/packages").await, 200);
    assert_eq!(with("JOB-TOKEN", "/groups/acme/packages").await, 404);
    assert_eq!(with("PRIVATE-TOKEN", "/projects/1/packages").await, 401);
    assert!(server.requests().iter().all(|request| request.with_token));
}

#[tokio::test]
async fn what_is_deleted_goes_in_the_background_on_request() {
    let server = serve(small::registry()).await;
    let delete = async |path: &str| send(Method::DELETE, server.url(), path).await.unwrap().status().as_u16();
    assert_eq!(delete("/projects/1/packages/1").await, 204);
    assert_eq!(delete("/projects/1/packages/2/package_files/20").await, 204);
    assert_eq!(delete("/projects/1/packages/3/package_files/30").await, 204);
    assert_eq!(delete("/projects/1/packages/3/package_files/31").await, 204);
    assert_eq!(server.packages().len(), 30);
    assert_eq!(server.packages()[0].status, Status::PendingDestruction);
    assert_eq!(server.packages()[1].files[0].status, FileStatus::PendingDestruction);
    // A package without files is still listed.
    assert!(ids(get(server.url(), "/projects/1/packages").await).await.contains(&3));
    server.clean_up();
    let left: Vec<_> = server.packages().iter().map(|package| (package.id, package.files.len())).take(2).collect();
    assert_eq!(left, [(2, 1), (4, 2)]);
    assert_eq!(get(server.url(), "/projects/1/packages/3").await.status(), 404);
}

#[tokio::test]
async fn older_releases_know_less() {
    let mut registry = small::registry();
    registry.packages[0].status = Status::Deprecated;
    registry.packages[1].package_type = PackageType::Npm;
    registry.protection_rules.push(ProtectionRule {
        project_id: 1,
        package_type: PackageType::Npm,
        package_name_pattern: "to*".to_owned(),
        minimum_access_level_for_delete: Some(50),
    });
    for (gitlab, downloads, deprecated, deleted) in [
        (Edition::V15_11, false, 400, Status::PendingDestruction),
        (Edition::V17_11, true, 200, Status::Default),
        (Edition::V18_5, true, 200, Status::Default),
    ] {
        let server = Server::start(registry.clone(), Options { gitlab, ..Options::default() }).await.unwrap();
        let rows: Value = get(server.url(), "/groups/acme/packages").await.json().await.unwrap();
        assert_eq!(rows[0].get("last_downloaded_at").is_some(), downloads);
        assert_eq!(rows[0].get("project_id").is_some(), downloads);
        assert_eq!(rows[0]["project_path"], "acme/app");
        assert_eq!(rows[0]["_links"]["delete_api_path"], format!("{}/api/v4/projects/1/packages/1", server.url()));
        assert_eq!(get(server.url(), "/groups/acme/packages?status=deprecated").await.status(), deprecated);
        let answer = send(Method::DELETE, server.url(), "/projects/1/packages/2").await.unwrap();
        assert_eq!(answer.status(), if gitlab == Edition::V18_5 { 403 } else { 204 });
        assert_eq!(server.packages()[1].status, deleted);
    }
}

#[tokio::test]
async fn downloads_are_told_by_single_packages_alone_or_by_none() {
    for (downloads, listed, single) in [
        (DownloadsTold::Everywhere, true, true),
        (DownloadsTold::BySinglePackages, false, true),
        (DownloadsTold::Nowhere, false, false),
    ] {
        let options = Options { downloads, ..Options::default() };
        let server = Server::start(small::registry(), options).await.unwrap();
        for path in ["/groups/acme/packages", "/projects/1/packages"] {
            let rows: Value = get(server.url(), path).await.json().await.unwrap();
            assert_eq!(rows[0].get("last_downloaded_at").is_some(), listed, "{downloads:?} {path}");
        }
        let package: Value = get(server.url(), "/projects/1/packages/1").await.json().await.unwrap();
        assert_eq!(package.get("last_downloaded_at").is_some(), single, "{downloads:?}");
    }
}

#[tokio::test]
async fn protection_rules_are_told_to_who_may_delete_packages() {
    let mut registry = small::registry();
    let rule = |project_id, least| ProtectionRule {
        project_id,
        package_type: PackageType::Npm,
        package_name_pattern: "to*".to_owned(),
        minimum_access_level_for_delete: least,
    };
    registry.protection_rules = vec![rule(1, Some(50)), rule(2, Some(40)), rule(1, None), rule(1, Some(60))];
    let job = Token { token: "job".to_owned(), job: true, ..registry.tokens[0].clone() };
    registry.tokens.push(job);
    let server = Server::start(registry.clone(), Options::default()).await.unwrap();
    let path = "/projects/1/packages/protection/rules";
    let answer = get(server.url(), &format!("{path}?per_page=1")).await;
    assert_eq!((answer.status().as_u16(), header(&answer, "X-Next-Page")), (200, None), "it isn't paged");
    let rows: Value = answer.json().await.unwrap();
    let levels = rows.as_array().unwrap().iter().map(|row| &row["minimum_access_level_for_delete"]);
    assert_eq!(levels.collect::<Vec<_>>(), [&json!("owner"), &json!(null), &json!("admin")]);
    assert_eq!((&rows[0]["package_name_pattern"], &rows[0]["package_type"]), (&json!("to*"), &json!("npm")));
    assert_eq!((&rows[0]["id"], &rows[0]["project_id"]), (&json!(1), &json!(1)));
    assert_eq!(rows[1]["minimum_access_level_for_push"], "maintainer");

    let url = format!("{}/api/v4{path}", server.url());
    for (name, value) in [("JOB-TOKEN", "job"), ("Accept", "*/*")] {
        assert_eq!(client().get(&url).header(name, value).send().await.unwrap().status(), 401, "{name}");
    }
    assert_eq!(get(server.url(), "/projects/9/packages/protection/rules").await.status(), 404);
    let older = Options { gitlab: Edition::V15_11, ..Options::default() };
    let server = Server::start(registry.clone(), older).await.unwrap();
    assert_eq!(get(server.url(), path).await.status(), 404);
    registry.members[0].access_level = 30;
    let server = Server::start(registry, Options::default()).await.unwrap();
    assert_eq!(get(server.url(), path).await.status(), 403);
}

#[tokio::test]
async fn it_can_lie_below_a_path() {
    let external_url = Some("http://example.test/gitlab/".to_owned());
    let options = Options { external_url, keep_requests: false, ..Options::default() };
    let server = Server::start(small::registry(), options).await.unwrap();
    let answer = get(&format!("{}/gitlab", server.url()), "/groups/acme/packages?per_page=1").await;
    let link = header(&answer, "Link").unwrap();
    assert!(link.starts_with("<http://example.test/gitlab/api/v4/groups/acme/packages?"), "{link}");
    assert_eq!(ids(answer).await, [1]);
    assert_eq!(get(&format!("{}/gitlabs", server.url()), "/groups/acme/packages").await.status(), 404);
    assert!(server.requests().is_empty());
}

#[tokio::test]
async fn types_of_later_releases_are_served() {
    let mut registry = small::registry();
    registry.packages[0].package_type = PackageType::Other("swift".into());
    let json = serde_json::to_string(&registry).unwrap();
    let server = serve(Registry::from_json(&json).unwrap()).await;
    assert_eq!(ids(get(server.url(), "/groups/acme/packages?package_type=swift").await).await, [1]);
    assert_eq!(get(server.url(), "/groups/acme/packages?package_type=docker").await.status(), 400);
}

/// GitLab 19 knows `cargo`, and an older one refuses it. So it is taken where the registry holds such a package.
#[tokio::test]
async fn cargo_is_a_type_as_any_other() {
    let without = small::registry();
    let mut with = without.clone();
    with.packages[0].package_type = PackageType::Cargo;
    let json = serde_json::to_string(&with).unwrap();
    assert!(json.contains(r#""package_type":"cargo""#));
    let with = Registry::from_json(&json).unwrap();
    assert_eq!(with.packages[0].package_type, PackageType::Cargo);
    for (gitlab, unheld) in [(Edition::V15_11, 400), (Edition::V17_11, 400), (Edition::V18_5, 400)] {
        let options = Options { gitlab, ..Options::default() };
        let server = Server::start(with.clone(), options.clone()).await.unwrap();
        for scope in ["/groups/acme", "/projects/1"] {
            let path = format!("{scope}/packages?package_type=cargo");
            let rows: Value = get(server.url(), &path).await.json().await.unwrap();
            assert_eq!((&rows[0]["id"], &rows[0]["package_type"]), (&1.into(), &"cargo".into()));
            assert_eq!(rows[0]["_links"]["web_path"], "/acme/app/-/packages/1");
            assert_eq!(rows.as_array().unwrap().len(), 1);
        }
        let last = ids(get(server.url(), "/projects/1/packages?order_by=type&sort=desc").await).await;
        assert_eq!(last[0], 1);
        let server = Server::start(without.clone(), options).await.unwrap();
        let answer = get(server.url(), "/groups/acme/packages?package_type=cargo").await;
        assert_eq!(answer.status(), unheld);
    }
}

/// GitLab stores the absence of user and channel as `_`, and shows no recipe without an `@`.
#[tokio::test]
async fn a_conan_recipe_has_a_user_and_a_channel() {
    let conan =
        |username: &str, channel: &str| Some(Conan { username: username.to_owned(), channel: channel.to_owned() });
    let mut registry = small::registry();
    let users = [None, conan("", ""), conan("_", "_"), conan("acme", ""), conan("acme", "stable")];
    for (package, conan) in registry.packages.iter_mut().zip(users) {
        (package.package_type, package.conan) = (PackageType::Conan, conan);
    }
    let json = serde_json::to_string(&registry).unwrap();
    let server = serve(Registry::from_json(&json).unwrap()).await;
    let rows: Value = get(server.url(), "/projects/1/packages?per_page=6").await.json().await.unwrap();
    let names: Vec<_> = rows.as_array().unwrap().iter().map(|row| row["name"].as_str().unwrap()).collect();
    let ends = ["1@_/_", "2@_/_", "3@_/_", "4@acme/_", "5@acme/stable"];
    assert_eq!(names, [ends.map(|end| format!("tool/1.0.{end}")).as_slice(), &["tool".to_owned()]].concat());
    assert!(rows.as_array().unwrap()[..5].iter().all(|row| row["conan_package_name"] == "tool"));
    assert_eq!(rows[5].get("conan_package_name"), None);
}

#[tokio::test]
async fn a_registry_that_does_not_hang_together_is_refused() {
    let mut twice = small::registry();
    twice.packages[1].id = 1;
    let mut homeless = small::registry();
    homeless.packages.push(Package { id: 99, project_id: 77, ..Package::default() });
    let mut userless = small::registry();
    userless.users = vec![User { username: "somebody".to_owned(), ..User::default() }];
    for registry in [twice, homeless, userless] {
        let error = Server::start(registry, Options::default()).await.err().unwrap();
        assert!(matches!(
            error,
            StartError::Open(OpenError::Registry(RegistryError::Twice { .. } | RegistryError::Missing { .. }))
        ));
    }
    assert!(matches!(Registry::from_json("[1]"), Err(RegistryError::Json(_))));
}

#[tokio::test]
async fn it_stops_although_a_connection_stays_open() {
    let server = serve(small::registry()).await;
    let url = server.url().to_owned();
    let _idle = tokio::net::TcpStream::connect(url.trim_start_matches("http://")).await.unwrap();
    let client = client();
    client.get(&url).send().await.unwrap();
    let asked = Instant::now();
    server.stop().await;
    assert!(asked.elapsed() < Duration::from_secs(5));
    assert!(client.get(&url).send().await.is_err());
}
