//! Releases and groups: who sees them, how they are paged, and what goes wrong with them.

use crate::client::client;
use crate::small::{self, get, header, ids};
use gitlab_sandbox::faults::{Body, Fault, Kind, Rule, When};
use gitlab_sandbox::{
    AccessLevel, Edition, Faults, Group, LinkType, Member, Options, Pipeline, Project, Registry, RegistryError,
    Release, ReleaseLink, Server, Token, User, Visibility,
};
use serde_json::{Value, json};

/// The small registry with 25 releases of `acme/app`, of which the one with the greatest number was made last, and
/// released first.
fn registry() -> Registry {
    let mut registry = small::registry();
    let link = |number: u64| ReleaseLink {
        id: number,
        name: "linux".to_owned(),
        url: format!("{{url}}/acme/app/-/packages/{number}"),
        ..ReleaseLink::default()
    };
    let release = |number: u64| Release {
        tag: format!("v{number}"),
        created_at: format!("2025-02-01T00:00:{number:02}Z").parse().unwrap(),
        released_at: format!("2025-03-01T00:00:{:02}Z", 59 - number).parse().unwrap(),
        links: vec![link(number)],
        ..Release::default()
    };
    registry.projects[0].releases = (1..=25).map(release).collect();
    registry
}

async fn serve(registry: Registry) -> Server {
    Server::start(registry, Options::default()).await.unwrap()
}

/// Adds somebody who is in the group `acme` with this access level, or in none.
fn add_user(registry: &mut Registry, name: &str, access_level: u8) {
    let user = name.to_owned();
    registry.users.push(User { id: 10 + u64::from(access_level), username: user.clone(), ..User::default() });
    let scopes = vec!["read_api".to_owned()];
    registry.tokens.push(Token { token: format!("token-{name}"), user: user.clone(), scopes, ..Token::default() });
    if access_level > 0 {
        registry.members.push(Member { user, group: Some("acme".to_owned()), access_level, ..Member::default() });
    }
}

/// Gets as somebody else.
async fn get_as(server: &Server, name: &str, path: &str) -> reqwest::Response {
    let url = format!("{}/api/v4{path}", server.url());
    client().get(url).header("PRIVATE-TOKEN", format!("token-{name}")).send().await.unwrap()
}

async fn column(answer: reqwest::Response, key: &str) -> Vec<String> {
    assert_eq!(answer.status(), 200);
    let rows: Vec<Value> = answer.json().await.unwrap();
    rows.iter().map(|row| row[key].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn releases_come_page_by_page_in_the_order_that_was_asked_for() {
    let server = serve(registry()).await;
    for (query, first, second) in [
        ("", "v1", "v2"),
        ("order_by=released_at&sort=asc", "v25", "v24"),
        ("order_by=created_at", "v25", "v24"),
        ("order_by=created_at&sort=asc", "v1", "v2"),
    ] {
        let (mut tags, mut page) = (Vec::new(), "1".to_owned());
        while !page.is_empty() {
            let answer =
                get(server.url(), &format!("/projects/acme%2Fapp/releases?{query}&per_page=10&page={page}")).await;
            assert_eq!(header(&answer, "X-Total"), Some("25"));
            page = header(&answer, "X-Next-Page").unwrap().to_owned();
            tags.extend(column(answer, "tag_name").await);
        }
        assert_eq!((tags.len(), &*tags[0], &*tags[1]), (25, first, second), "{query}");
        tags.sort_unstable();
        tags.dedup();
        assert_eq!(tags.len(), 25, "{query}");
    }
    for query in ["order_by=tag_name", "sort=up", "per_page=0"] {
        assert_eq!(get(server.url(), &format!("/projects/1/releases?{query}")).await.status(), 400, "{query}");
    }
    assert_eq!(get(server.url(), "/projects/2/releases").await.json::<Value>().await.unwrap(), json!([]));
}

#[tokio::test]
async fn a_release_tells_what_it_links_to() {
    let mut registry = registry();
    let release = &mut registry.projects[0].releases[0];
    release.tag = "app/1.0+1".to_owned();
    release.name = "One".to_owned();
    release.links.push(ReleaseLink {
        id: 100,
        name: "manual".to_owned(),
        url: "https://docs.test/".to_owned(),
        direct_asset_path: Some("/doc/manual".to_owned()),
        link_type: LinkType::Runbook,
    });
    registry.projects[0].releases.truncate(1);
    for (edition, external) in [(Edition::V18_5, None), (Edition::V15_11, Some(false))] {
        let external_url = Some("http://gitlab.test/".to_owned());
        let options = Options { gitlab: edition, external_url, ..Options::default() };
        let server = Server::start(registry.clone(), options).await.unwrap();
        let mut rows: Value = get(server.url(), "/projects/1/releases").await.json().await.unwrap();
        let row = rows[0].take();
        assert_eq!((&row["name"], &row["tag_name"]), (&json!("One"), &json!("app/1.0+1")));
        assert_eq!((&row["created_at"], &row["upcoming_release"]), (&json!("2025-02-01T00:00:01.000Z"), &json!(false)));
        let page = "http://gitlab.test/acme/app/-/releases/app%2F1.0%2B1";
        assert_eq!(row["_links"]["self"], page);
        let assets = &row["assets"];
        assert_eq!((&assets["count"], assets["sources"].as_array().unwrap().len()), (&json!(6), 4));
        assert_eq!(assets["sources"][1]["format"], "tar.gz");
        // The newest link comes first.
        let package = "http://gitlab.test/acme/app/-/packages/1";
        let link = |at: usize, key: &str| assets["links"][at][key].clone();
        assert_eq!(
            [link(0, "id"), link(0, "url"), link(0, "link_type")],
            [json!(100), json!("https://docs.test/"), json!("runbook")]
        );
        assert_eq!(link(0, "direct_asset_url"), format!("{page}/downloads/doc/manual"));
        assert_eq!([link(1, "url"), link(1, "direct_asset_url")], [package, package]);
        assert_eq!(link(1, "external").as_bool(), external);
    }
}

#[tokio::test]
async fn whoever_sees_a_project_sees_its_releases_unless_they_are_switched_off() {
    let mut registry = registry();
    registry.projects[0].packages_enabled = false;
    registry.projects[1].releases_access_level = AccessLevel::Disabled;
    let open = |id, path: &str, releases_access_level| Project {
        id,
        path: path.to_owned(),
        visibility: Visibility::Public,
        releases_access_level,
        releases: vec![Release { tag: "v1".to_owned(), ..Release::default() }],
        ..Project::default()
    };
    registry.projects.extend([open(3, "acme/open", AccessLevel::Enabled), open(4, "acme/half", AccessLevel::Private)]);
    add_user(&mut registry, "guest", 10);
    add_user(&mut registry, "outsider", 0);
    registry.tokens.push(Token {
        token: "token-scopeless".to_owned(),
        user: "guest".to_owned(),
        scopes: vec!["read_repository".to_owned()],
        ..Token::default()
    });
    let server = serve(registry).await;
    for (name, expected) in [
        ("guest", [200, 403, 200, 200, 404]),
        ("outsider", [404, 404, 200, 403, 404]),
        ("scopeless", [403; 5]),
        ("nobody", [401; 5]),
    ] {
        for (id, status) in (1..).zip(expected) {
            let answer = get_as(&server, name, &format!("/projects/{id}/releases")).await;
            assert_eq!(answer.status(), status, "{name} and project {id}");
        }
    }
    let anonymous = client().get(format!("{}/api/v4/projects/3/releases", server.url())).send().await.unwrap();
    assert_eq!(anonymous.status(), 200);
    let job = client().get(format!("{}/api/v4/projects/1/releases", server.url())).header("JOB-TOKEN", "x");
    assert_eq!(job.send().await.unwrap().status(), 401);

    // A guest of a private project reads no code, and so no tags.
    let rows: Value = get_as(&server, "guest", "/projects/1/releases").await.json().await.unwrap();
    assert_eq!((rows[0].get("tag_name"), rows[0]["assets"].get("sources")), (None, None));
    assert_eq!(rows[0]["assets"]["count"], 1);
    let rows: Value = get_as(&server, "guest", "/projects/3/releases").await.json().await.unwrap();
    assert_eq!(rows[0]["tag_name"], "v1");

    let levels = async |id: u64| {
        let row: Value = get(server.url(), &format!("/projects/{id}")).await.json().await.unwrap();
        row["releases_access_level"].clone()
    };
    assert_eq!([levels(1).await, levels(2).await, levels(4).await], ["enabled", "disabled", "private"]);
    let rows: Value = get(server.url(), "/groups/acme/projects?order_by=id&sort=asc").await.json().await.unwrap();
    assert_eq!(rows[1]["releases_access_level"], "disabled");
}

#[tokio::test]
async fn faults_reach_releases_and_groups() {
    let error = || Rule::new(Fault::Status { code: 500, body: Body::Json }).when(When::First(1));
    let faults = Faults::new(1)
        .with(error().kind(Kind::Releases))
        .with(error().kind(Kind::Groups))
        .with(Rule::new(Fault::SkipRows(1)).kind(Kind::Releases).from_page(2))
        .with(Rule::new(Fault::HideProject("acme/lib".to_owned())));
    let server = Server::start(registry(), Options { faults, ..Options::default() }).await.unwrap();
    let releases = "/projects/1/releases?sort=asc&order_by=created_at&per_page=10";
    assert_eq!(get(server.url(), releases).await.status(), 500);
    assert_eq!(get(server.url(), "/groups").await.status(), 500);
    assert_eq!(column(get(server.url(), "/groups").await, "full_path").await, ["acme"]);
    assert_eq!(column(get(server.url(), releases).await, "tag_name").await.last().unwrap(), "v10");
    assert_eq!(column(get(server.url(), &format!("{releases}&page=2")).await, "tag_name").await[0], "v12");
    assert_eq!(get(server.url(), "/projects/2/releases").await.status(), 404);
}

#[tokio::test]
async fn groups_are_those_that_somebody_belongs_to_unless_they_ask_for_all() {
    let mut registry = small::registry();
    let group = |id, path: &str, visibility| Group { id, path: path.to_owned(), visibility, ..Group::default() };
    registry.groups.extend([
        group(2, "acme/tools", Visibility::Private),
        group(3, "beta", Visibility::Private),
        group(4, "beta/inner", Visibility::Private),
        group(5, "open", Visibility::Public),
        group(6, "house", Visibility::Internal),
        group(7, "absent", Visibility::Private),
    ]);
    add_user(&mut registry, "inner", 0);
    registry.members.push(Member {
        user: "inner".to_owned(),
        group: Some("beta/inner".to_owned()),
        access_level: 30,
        ..Member::default()
    });
    add_user(&mut registry, "root", 1);
    registry.users.last_mut().unwrap().admin = true;
    let server = serve(registry).await;
    let top = "/groups?top_level_only=true&order_by=id&sort=asc";
    for (name, path, expected) in [
        // Somebody's own group is found below the one that holds it.
        ("inner", top, vec!["beta"]),
        ("inner", "/groups?order_by=id", vec!["beta", "beta/inner"]),
        ("inner", "/groups?top_level_only=true&all_available=true&order_by=id", vec!["beta", "open", "house"]),
        ("inner", "/groups?all_available=true&sort=desc&per_page=2", vec!["open", "beta/inner"]),
        ("root", top, vec!["acme", "beta", "open", "house", "absent"]),
        ("root", "/groups?top_level_only=true&order_by=id&sort=asc&per_page=2&page=2", vec!["open", "house"]),
    ] {
        assert_eq!(column(get_as(&server, name, path).await, "full_path").await, expected, "{name} {path}");
    }
    let answer = get_as(&server, "root", &format!("{top}&per_page=2")).await;
    assert_eq!((header(&answer, "X-Next-Page"), header(&answer, "X-Total")), (Some("2"), Some("5")));
    let anonymous = client().get(format!("{}/api/v4/groups", server.url())).send().await.unwrap();
    assert_eq!(column(anonymous, "full_path").await, ["open"]);

    let one: Value = get_as(&server, "inner", "/groups/beta%2Finner?with_projects=false").await.json().await.unwrap();
    assert_eq!((&one["id"], &one["full_path"], &one["parent_id"]), (&json!(4), &json!("beta/inner"), &json!(3)));
    assert_eq!(get_as(&server, "inner", "/groups/3").await.status(), 200);
    let missing = get_as(&server, "inner", "/groups/absent").await;
    assert_eq!(missing.status(), 404);
    assert_eq!(missing.json::<Value>().await.unwrap(), json!({"message": "404 Group Not Found"}));
}

/// A listing of packages shows that the last pipeline is gone; a listing of pipelines passes over it.
#[tokio::test]
async fn a_pipeline_that_is_gone_takes_no_place_among_the_others() {
    let mut registry = small::registry();
    let pipeline = |id, ref_: &str| Pipeline { id, project_id: 1, ref_: ref_.to_owned(), ..Pipeline::default() };
    registry.pipelines = vec![pipeline(1, "main"), pipeline(2, "feature/x")];
    registry.packages[0].pipeline_ids = vec![1, 2, 3];
    let server = serve(registry).await;
    let rows: Value = get(server.url(), "/projects/1/packages?per_page=1").await.json().await.unwrap();
    assert_eq!(rows[0].get("pipeline"), Some(&Value::Null));
    let newest = get(server.url(), "/projects/1/packages/1/pipelines?per_page=1").await;
    assert_eq!(ids(newest).await, [2]);
}

/// Reporters read pipelines, and of projects that everybody sees everybody does.
#[tokio::test]
async fn who_may_not_read_pipelines_is_refused() {
    let mut registry = small::registry();
    add_user(&mut registry, "guest", 10);
    registry.projects[1].visibility = Visibility::Public;
    let pipeline = |id, project_id, ref_: &str, tag| Pipeline {
        id,
        project_id,
        ref_: ref_.to_owned(),
        tag,
        ..Pipeline::default()
    };
    registry.pipelines = vec![
        pipeline(1, 1, "v1.2", None),
        pipeline(2, 1, "vendor", None),
        pipeline(3, 2, "v1.2", Some(false)),
        pipeline(4, 2, "release", Some(true)),
    ];
    let server = serve(registry).await;
    // Without a word of its own a name such as `v1.2` is a tag.
    for (path, tag, of_guest) in [
        ("/projects/1/pipelines/1", true, 403),
        ("/projects/1/pipelines/2", false, 403),
        ("/projects/2/pipelines/3", false, 200),
        ("/projects/2/pipelines/4", true, 200),
    ] {
        let told: Value = get(server.url(), path).await.json().await.unwrap();
        assert_eq!(told["tag"], tag, "{path}");
        assert_eq!(get_as(&server, "guest", path).await.status(), of_guest, "{path}");
    }
    for path in ["/projects/1/pipelines/3", "/projects/1/pipelines/9"] {
        let missing = get(server.url(), path).await;
        assert_eq!(missing.status(), 404);
        assert_eq!(missing.json::<Value>().await.unwrap(), json!({"message": "404 Not found"}));
    }
}

#[tokio::test]
async fn a_registry_file_has_its_releases_as_the_readme_shows() {
    let readme = include_str!("../../README.md");
    let (_, from) = readme.split_once("    {\"groups\"").unwrap();
    let (example, _) = from.split_once("\n\n").unwrap();
    let registry = Registry::from_json(&format!("{{\"groups\"{example}")).unwrap();
    let release = &registry.projects[0].releases[0];
    assert_eq!((release.tag.as_str(), release.links.len()), ("v1.2.0", 1));
    assert_eq!(Registry::from_json(&serde_json::to_string(&registry).unwrap()).unwrap(), registry);

    let mut twice = registry.clone();
    twice.projects[0].releases.push(release.clone());
    let mut tagged_twice = twice.clone();
    tagged_twice.projects[0].releases[1].links.clear();
    for (registry, what) in [(twice, "release link id"), (tagged_twice, "release")] {
        let error = Registry::from_json(&serde_json::to_string(&registry).unwrap()).unwrap_err();
        assert!(matches!(error, RegistryError::Twice { what: told, .. } if told == what), "{error}");
    }
}
