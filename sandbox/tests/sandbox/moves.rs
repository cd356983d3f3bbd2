//! Projects and groups that were moved, archived or marked for deletion.

use crate::small::{self, get, header, ids, send};
use gitlab_sandbox::{
    Edition, Group, OpenError, Options, Project, Registry, RegistryError, Server, StartError, Token, User, Visibility,
};
use jiff::civil::date;
use reqwest::Method;
use serde_json::{Value, json};

async fn serve(registry: Registry) -> Server {
    Server::start(registry, Options::default()).await.unwrap()
}

/// The small registry, in which `acme/app` was called `acme/old` and `old/app` before.
fn moved() -> Registry {
    let mut registry = small::registry();
    registry.projects[0].former_paths = vec!["acme/old".to_owned(), "old/app".to_owned()];
    registry
}

#[tokio::test]
async fn a_former_path_leads_to_the_id() {
    let server = serve(moved()).await;
    for (path, expected) in [
        ("/projects/acme%2Fold", "/projects/1"),
        ("/projects/OLD%2Fapp", "/projects/1"),
        ("/projects/acme%2Fold/", "/projects/1"),
        (
            "/projects/acme%2Fold/packages?per_page=5&page=2&package_name=a%20b",
            "/projects/1/packages?per_page=5&page=2&package_name=a%20b",
        ),
        ("/projects/acme%2Fold/packages/3", "/projects/1/packages/3"),
        ("/projects/acme%2Fold/packages/3/package_files", "/projects/1/packages/3/package_files"),
        ("/projects/acme%2Fold/packages/3/pipelines", "/projects/1/packages/3/pipelines"),
        ("/projects/acme%2Fold/releases", "/projects/1/releases"),
    ] {
        let answer = get(server.url(), path).await;
        assert_eq!(answer.status(), 301, "{path}");
        let location = header(&answer, "Location").unwrap().to_owned();
        assert_eq!(location, format!("{}/api/v4{expected}", server.url()));
        let told = format!("This resource has been moved permanently to {location}");
        assert_eq!(answer.text().await.unwrap(), told);
        assert_eq!(get(server.url(), location.split_once("/api/v4").unwrap().1).await.status(), 200);
    }
    assert_eq!(ids(get(server.url(), "/groups/acme/projects").await).await, [2, 1]);
    for path in ["/projects/acme%2Felse", "/projects/acme", "/groups/old", "/groups/old/projects"] {
        assert_eq!(get(server.url(), path).await.status(), 404, "{path}");
    }
}

#[tokio::test]
async fn the_location_is_where_gitlab_believes_to_be() {
    let external_url = Some("https://gitlab.test/code".to_owned());
    let server = Server::start(moved(), Options { external_url, ..Options::default() }).await.unwrap();
    for prefix in ["", "/code"] {
        let answer = get(&format!("{}{prefix}", server.url()), "/projects/acme%2Fold/packages").await;
        assert_eq!(header(&answer, "Location"), Some("https://gitlab.test/code/api/v4/projects/1/packages"));
    }
}

#[tokio::test]
async fn other_methods_are_not_allowed_for_moved_projects() {
    let server = serve(moved()).await;
    for path in ["/projects/acme%2Fold/packages/1", "/projects/acme%2Fold/packages/1/package_files/10"] {
        let answer = send(Method::DELETE, server.url(), path).await.unwrap();
        assert_eq!((answer.status().as_u16(), header(&answer, "Location")), (405, None));
        let text = json!({ "message": "Non GET methods are not allowed for moved projects" });
        assert_eq!(answer.json::<Value>().await.unwrap(), text);
    }
    assert!(server.packages().iter().all(|package| package.status == gitlab_sandbox::Status::Default));
    assert_eq!(send(Method::HEAD, server.url(), "/projects/acme%2Fold").await.unwrap().status(), 405);
}

#[tokio::test]
async fn what_is_called_so_now_comes_before_what_was() {
    let mut registry = moved();
    registry.projects.push(Project { id: 9, path: "acme/OLD".to_owned(), ..Project::default() });
    registry.groups.push(Group { id: 2, path: "old".to_owned(), ..Group::default() });
    registry.groups.push(Group { id: 3, path: "old/app".to_owned(), ..Group::default() });
    let server = serve(registry).await;
    let project: Value = get(server.url(), "/projects/acme%2Fold").await.json().await.unwrap();
    assert_eq!(project["id"], 9);
    assert_eq!(get(server.url(), "/projects/old%2Fapp").await.status(), 404);
}

#[tokio::test]
async fn who_does_not_see_a_project_is_not_told_where_it_is() {
    let mut registry = moved();
    registry.users.push(User { id: 2, username: "outsider".to_owned(), ..User::default() });
    registry.tokens.push(Token {
        token: "out".to_owned(),
        user: "outsider".to_owned(),
        scopes: vec!["api".to_owned()],
        ..Token::default()
    });
    for (visibility, expected) in [(Visibility::Private, 404), (Visibility::Internal, 301)] {
        registry.projects[0].visibility = visibility;
        let server = serve(registry.clone()).await;
        for path in ["", "/packages", "/packages/1"] {
            let url = format!("{}/api/v4/projects/acme%2Fold{path}", server.url());
            let answer = crate::client::client().get(url).header("PRIVATE-TOKEN", "out").send().await.unwrap();
            assert_eq!(answer.status(), expected, "{visibility:?} {path}");
        }
    }
}

#[tokio::test]
async fn one_path_was_one_project() {
    let mut registry = moved();
    registry.projects[1].former_paths = vec!["Acme/old".to_owned()];
    let error = Server::start(registry, Options::default()).await.err().unwrap();
    assert!(matches!(error, StartError::Open(OpenError::Registry(RegistryError::Twice { what: "former path", .. }))));
}

#[tokio::test]
async fn flags_are_told_by_what_has_them() {
    let mut registry = small::registry();
    registry.groups[0].archived = true;
    registry.groups[0].marked_for_deletion_on = Some(date(2026, 2, 3));
    registry.projects[1].marked_for_deletion_on = Some(date(2026, 2, 4));
    registry.groups.push(Group { id: 2, path: "acme/sub".to_owned(), ..Group::default() });
    let json = serde_json::to_string(&registry).unwrap();
    assert_eq!(Registry::from_json(&json).unwrap(), registry);

    for gitlab in [Edition::V15_11, Edition::V17_11, Edition::V18_5] {
        let server = Server::start(registry.clone(), Options { gitlab, ..Options::default() }).await.unwrap();
        let json = async |path: &str| get(server.url(), path).await.json::<Value>().await.unwrap();
        let archived = |value: bool| if gitlab == Edition::V18_5 { Some(Value::from(value)) } else { None };
        let groups = [json("/groups/acme").await, json("/groups").await[0].clone()];
        for group in groups {
            assert_eq!(
                (group.get("archived").cloned(), &group["marked_for_deletion_on"]),
                (archived(true), &"2026-02-03".into())
            );
        }
        let sub = json("/groups/acme%2Fsub").await;
        assert_eq!(
            (sub.get("archived").cloned(), sub.get("marked_for_deletion_on")),
            (archived(false), Some(&Value::Null))
        );

        let listed = json("/groups/acme/projects").await;
        for project in [json("/projects/2").await, listed[0].clone()] {
            assert_eq!(project["archived"], false, "a group's archiving doesn't reach its projects' own flag");
            assert_eq!(project["marked_for_deletion_on"], "2026-02-04");
            assert_eq!(project["marked_for_deletion_at"], "2026-02-04");
        }
        let app = json("/projects/1").await;
        assert_eq!(app.get("marked_for_deletion_on"), Some(&Value::Null));
        assert_eq!(app.get("marked_for_deletion_at"), Some(&Value::Null));
    }
}

/// Registries that are stored somewhere, and digests of generated ones, stay what they were.
#[test]
fn what_is_not_set_is_not_written() {
    let json = serde_json::to_value(small::registry()).unwrap();
    let keys = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    assert_eq!(keys(&json["groups"][0]), ["id", "path", "visibility"]);
    let added = ["former_paths", "marked_for_deletion_on"];
    assert!(keys(&json["projects"][0]).iter().all(|key| !added.contains(&key.as_str())));
    assert!(!keys(&json["tokens"][0]).contains(&"project".to_owned()));
}
