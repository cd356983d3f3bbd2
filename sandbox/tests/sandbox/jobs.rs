//! The token of a CI job: what it learns about its job, and that all other routes treat it as they always did.

use crate::client::client;
use gitlab_sandbox::{
    Group, Member, Options, Package, PackageFile, Pipeline, Project, Registry, RegistryError, Server, Token, User,
};
use jiff::civil::date;
use reqwest::{Method, Response};
use serde_json::{Value, json};

fn registry() -> Registry {
    let token = |text: &str| Token { token: text.to_owned(), user: "ci".to_owned(), ..Token::default() };
    let job = |text: &str, project| Token { job: true, project, ..token(text) };
    Registry {
        users: vec![User { id: 1, username: "ci".to_owned(), name: "Ci".to_owned(), ..User::default() }],
        tokens: vec![
            Token { scopes: vec!["api".to_owned()], ..token("personal") },
            // A personal token is no job's, whatever stands beside it.
            Token { scopes: vec!["read_api".to_owned()], project: Some(2), ..token("reader") },
            job("job", Some(2)),
            job("homeless", None),
            Token { revoked: true, ..job("ended", Some(2)) },
            Token { expires_on: Some(date(2024, 1, 1)), ..job("expired", Some(2)) },
        ],
        groups: vec![Group { id: 1, path: "acme".to_owned(), ..Group::default() }],
        projects: vec![
            Project { id: 1, path: "acme/app".to_owned(), ..Project::default() },
            Project { id: 2, path: "acme/ci".to_owned(), ..Project::default() },
        ],
        members: vec![Member {
            user: "ci".to_owned(),
            group: Some("acme".to_owned()),
            access_level: 40,
            ..Member::default()
        }],
        pipelines: vec![Pipeline { id: 1, project_id: 1, ..Pipeline::default() }],
        packages: vec![Package {
            id: 1,
            project_id: 1,
            name: "tool".to_owned(),
            version: Some("1.0".to_owned()),
            pipeline_ids: vec![1],
            files: vec![PackageFile { id: 1, file_name: "tool".to_owned(), ..PackageFile::default() }],
            ..Package::default()
        }],
        ..Registry::default()
    }
}

async fn send(server: &Server, method: Method, path: &str, header: &str, token: &str) -> Response {
    let url = format!("{}/api/v4{path}", server.url());
    client().request(method, url).header(header, token).send().await.unwrap()
}

#[tokio::test]
async fn a_job_learns_its_project() {
    let server = Server::start(registry(), Options::default()).await.unwrap();
    let answer = send(&server, Method::GET, "/job", "JOB-TOKEN", "job").await;
    assert_eq!(answer.status(), 200);
    let job: Value = answer.json().await.unwrap();
    assert_eq!((&job["id"], &job["status"]), (&json!(3), &json!("running")));
    assert_eq!((&job["pipeline"]["id"], &job["pipeline"]["project_id"]), (&json!(3), &json!(2)));
    assert_eq!(job["web_url"], format!("{}/acme/ci/-/jobs/3", server.url()));
    assert_eq!(job["user"]["username"], "ci");
    let anonymous = format!("{}/api/v4/job?job_token=job", server.url());
    assert_eq!(client().get(anonymous).send().await.unwrap().status(), 200);
}

#[tokio::test]
async fn who_is_no_job_learns_none() {
    let server = Server::start(registry(), Options::default()).await.unwrap();
    for (header, token, status, body) in [
        ("PRIVATE-TOKEN", "personal", 404, json!({ "message": "404 Job Not Found" })),
        ("PRIVATE-TOKEN", "reader", 404, json!({ "message": "404 Job Not Found" })),
        ("JOB-TOKEN", "homeless", 404, json!({ "message": "404 Job Not Found" })),
        ("X-Nothing", "job", 401, json!({ "message": "401 Unauthorized" })),
        ("JOB-TOKEN", "personal", 401, json!({ "message": "401 Unauthorized" })),
        ("JOB-TOKEN", "unknown", 401, json!({ "message": "401 Unauthorized" })),
        ("PRIVATE-TOKEN", "job", 401, json!({ "message": "401 Unauthorized" })),
    ] {
        let answer = send(&server, Method::GET, "/job", header, token).await;
        assert_eq!(answer.status(), status, "{header} {token}");
        assert_eq!(answer.json::<Value>().await.unwrap(), body, "{header} {token}");
    }
    for token in ["ended", "expired"] {
        assert_eq!(send(&server, Method::GET, "/job", "JOB-TOKEN", token).await.status(), 401);
    }
    assert_eq!(send(&server, Method::DELETE, "/job", "JOB-TOKEN", "job").await.status(), 405);
}

/// Below `/projects/` a job token opens what its user may see; elsewhere it is passed over, and the private rest is not
/// there for nobody.
#[tokio::test]
async fn every_other_route_takes_job_tokens_as_before() {
    for (method, path, status) in [
        ("GET", "/projects/1", 200),
        ("GET", "/projects/acme%2Fapp/packages", 200),
        ("GET", "/projects/1/packages/1", 200),
        ("GET", "/projects/1/packages/1/pipelines", 200),
        ("GET", "/projects/1/packages/1/package_files", 200),
        ("GET", "/projects/1/releases", 200),
        ("DELETE", "/projects/1/packages/1/package_files/1", 204),
        ("DELETE", "/projects/1/packages/1", 204),
        ("GET", "/groups", 200),
        ("GET", "/groups/acme", 404),
        ("GET", "/groups/acme/projects", 404),
        ("GET", "/groups/acme/packages", 404),
        ("GET", "/version", 401),
        ("GET", "/user", 401),
        ("GET", "/personal_access_tokens/self", 401),
        ("GET", "/job/1", 404),
        ("GET", "/jobs", 404),
    ] {
        for token in ["job", "homeless"] {
            let server = Server::start(registry(), Options::default()).await.unwrap();
            let answer = send(&server, method.parse().unwrap(), path, "JOB-TOKEN", token).await;
            assert_eq!(answer.status(), status, "{method} {path} {token}");
            if path == "/groups" {
                assert_eq!(answer.json::<Value>().await.unwrap(), json!([]));
            }
        }
    }
}

#[tokio::test]
async fn a_jobs_project_has_to_be_there() {
    let mut registry = registry();
    registry.tokens[2].project = Some(77);
    let error = Registry::from_json(&serde_json::to_string(&registry).unwrap()).unwrap_err();
    assert!(matches!(error, RegistryError::Missing { what: "project", .. }), "{error}");
}
