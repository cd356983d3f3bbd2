//! Branches: who sees them, which there are, and what people do to them.

use std::collections::BTreeSet;

use crate::client::client;
use crate::small::{self, get, header};
use gitlab_sandbox::faults::{Body, Fault, Kind, Rule};
use gitlab_sandbox::{
    AccessLevel, Act, ActError, Edition, Faults, Member, Options, Pipeline, Registry, RegistryError, Repository,
    Server, Token, User, Visibility,
};
use serde_json::{Value, json};

fn registry() -> Registry {
    let mut registry = small::registry();
    registry.projects[0].repository = Some(Repository {
        default_branch: "main".to_owned(),
        branches: ["main", "feature/login", "v1"].map(str::to_owned).into(),
        protected_branches: vec!["main".to_owned(), "release/*".to_owned()],
        ..Repository::default()
    });
    for (name, access_level) in [("guest", 10), ("reporter", 20)] {
        let user = name.to_owned();
        registry.users.push(User { id: u64::from(access_level), username: user.clone(), ..User::default() });
        let scopes = vec!["read_api".to_owned()];
        registry.tokens.push(Token { token: format!("token-{name}"), user: user.clone(), scopes, ..Token::default() });
        registry.members.push(Member { user, group: Some("acme".to_owned()), access_level, ..Member::default() });
    }
    registry.tokens.push(Token {
        token: "token-job".to_owned(),
        user: "maintainer".to_owned(),
        job: true,
        ..Token::default()
    });
    registry
}

async fn serve(registry: Registry) -> Server {
    Server::start(registry, Options::default()).await.unwrap()
}

async fn names(server: &Server, path: &str) -> Vec<String> {
    let answer = get(server.url(), path).await;
    assert_eq!(answer.status(), 200, "{path}");
    let rows: Vec<Value> = answer.json().await.unwrap();
    rows.iter().map(|row| row["name"].as_str().unwrap().to_owned()).collect()
}

async fn status_as(server: &Server, name: &str, path: &str) -> u16 {
    let header = if name == "job" { "JOB-TOKEN" } else { "PRIVATE-TOKEN" };
    let request = client().get(format!("{}/api/v4{path}", server.url()));
    let request = if name.is_empty() { request } else { request.header(header, format!("token-{name}")) };
    request.send().await.unwrap().status().as_u16()
}

const BRANCHES: &str = "/projects/1/repository/branches";
const PROTECTED: &str = "/projects/1/protected_branches";

#[tokio::test]
async fn branches_are_listed_by_name_and_told_one_by_one() {
    let server = serve(registry()).await;
    assert_eq!(names(&server, BRANCHES).await, ["feature/login", "main", "v1"]);
    let page = get(server.url(), &format!("{BRANCHES}?per_page=2&page=2")).await;
    assert_eq!((header(&page, "X-Next-Page"), header(&page, "X-Total")), (Some(""), Some("3")));
    let login: Value =
        get(server.url(), "/projects/acme%2Fapp/repository/branches/feature%2Flogin").await.json().await.unwrap();
    let told = |row: &Value| json!([row["name"], row["default"], row["protected"]]);
    assert_eq!(told(&login), json!(["feature/login", false, false]));
    let main: Value = get(server.url(), &format!("{BRANCHES}/main")).await.json().await.unwrap();
    assert_eq!(told(&main), json!(["main", true, true]));
    let none = get(server.url(), &format!("{BRANCHES}/feature")).await;
    assert_eq!(none.status(), 404);
    assert_eq!(none.json::<Value>().await.unwrap(), json!({"message": "404 Branch Not Found"}));
    assert_eq!(names(&server, PROTECTED).await, ["main", "release/*"]);
}

#[tokio::test]
async fn it_takes_a_right_to_read_them() {
    for (edition, reporter) in [(Edition::V17_11, 403), (Edition::V18_5, 200)] {
        let server = Server::start(registry(), Options { gitlab: edition, ..Options::default() }).await.unwrap();
        for path in [BRANCHES.to_owned(), format!("{BRANCHES}/main")] {
            for (who, expected) in [("guest", 403), ("reporter", 200), ("job", 404), ("", 404)] {
                assert_eq!(status_as(&server, who, &path).await, expected, "{who} {path}");
            }
        }
        for (who, expected) in [("guest", 403), ("reporter", reporter), ("job", 401), ("", 401)] {
            assert_eq!(status_as(&server, who, PROTECTED).await, expected, "{who}, {edition:?}");
        }
    }
    let mut public = registry();
    public.projects[0].visibility = Visibility::Public;
    let server = serve(public).await;
    for who in ["guest", "job", ""] {
        assert_eq!(status_as(&server, who, BRANCHES).await, 200, "{who}");
    }
}

#[tokio::test]
async fn without_a_repository_nothing_is_there() {
    type Change = fn(&mut Repository);
    let cases: [(Change, u16); 3] = [
        (|repository| repository.access_level = AccessLevel::Disabled, 404),
        (|repository| repository.exists = false, 404),
        (|repository| repository.branches.clear(), 200),
    ];
    for (change, expected) in cases {
        let mut registry = registry();
        change(registry.projects[0].repository.as_mut().unwrap());
        let server = serve(registry).await;
        let answer = get(server.url(), BRANCHES).await;
        assert_eq!(answer.status(), expected);
        if expected == 200 {
            assert_eq!(answer.json::<Value>().await.unwrap(), json!([]));
        }
        assert_eq!(get(server.url(), &format!("{BRANCHES}/main")).await.status(), 404);
    }
}

#[tokio::test]
async fn people_delete_restore_rename_and_protect_branches() {
    let server = serve(registry()).await;
    let login = || "feature/login".to_owned();
    server.act(Act::DeleteBranch { id: 1, branch: login() }).unwrap();
    assert_eq!(names(&server, BRANCHES).await, ["main", "v1"]);
    assert_eq!(get(server.url(), &format!("{BRANCHES}/feature%2Flogin")).await.status(), 404);
    let again = server.act(Act::DeleteBranch { id: 1, branch: login() });
    assert_eq!(again, Err(ActError::NoBranch(1, login())));
    server.act(Act::CreateBranch { id: 1, branch: login() }).unwrap();
    assert_eq!(get(server.url(), &format!("{BRANCHES}/feature%2Flogin")).await.status(), 200);
    assert_eq!(server.act(Act::CreateBranch { id: 1, branch: login() }), Err(ActError::BranchTaken(1, login())));

    let main = || "main".to_owned();
    let refused = server.act(Act::DeleteBranch { id: 1, branch: main() });
    assert_eq!(refused, Err(ActError::DefaultBranch(1, main())));
    server.act(Act::RenameDefaultBranch { id: 1, to: "trunk".to_owned() }).unwrap();
    assert_eq!(names(&server, BRANCHES).await, ["feature/login", "trunk", "v1"]);
    let project: Value = get(server.url(), "/projects/1").await.json().await.unwrap();
    assert_eq!(project["default_branch"], "trunk");

    server.act(Act::ProtectBranch { id: 1, pattern: "v*".to_owned() }).unwrap();
    let v1: Value = get(server.url(), &format!("{BRANCHES}/v1")).await.json().await.unwrap();
    assert_eq!(v1["protected"], true);
    server.act(Act::UnprotectBranch { id: 1, pattern: "v*".to_owned() }).unwrap();
    assert!(server.act(Act::UnprotectBranch { id: 1, pattern: "v*".to_owned() }).is_err());
    assert_eq!(names(&server, PROTECTED).await, ["main", "release/*"]);
    server.act(Act::DeleteRepository { id: 1 }).unwrap();
    assert_eq!(get(server.url(), BRANCHES).await.status(), 404);
}

#[tokio::test]
async fn faults_tell_the_three_routes_apart() {
    let server = serve(registry()).await;
    for (kind, failing) in [(Kind::Branches, 0), (Kind::Branch, 1), (Kind::ProtectedBranches, 2)] {
        server.set_faults(Faults::new(0).with(Rule::new(Fault::Status { code: 500, body: Body::Json }).kind(kind)));
        for (at, path) in [BRANCHES, "/projects/1/repository/branches/feature%2Flogin", PROTECTED].iter().enumerate() {
            let expected = if at == failing { 500 } else { 200 };
            assert_eq!(get(server.url(), path).await.status(), expected, "{kind:?} {path}");
        }
    }
}

/// A registry needn't tell of branches: then its pipelines do.
#[tokio::test]
async fn projects_that_tell_of_none_have_those_that_were_built_of_late() {
    let mut registry = small::registry();
    let pipeline = |id, ref_: &str, tag, source: &str, day: &str| Pipeline {
        id,
        project_id: 1,
        ref_: ref_.to_owned(),
        tag,
        source: source.to_owned(),
        created_at: format!("{day}T00:00:00Z").parse().unwrap(),
        ..Pipeline::default()
    };
    registry.pipelines = vec![
        pipeline(1, "feature/late", None, "push", "2026-03-01"),
        pipeline(2, "feature/old", None, "push", "2025-11-01"),
        pipeline(3, "v1.0", None, "push", "2026-03-01"),
        pipeline(4, "release", Some(true), "push", "2026-03-01"),
        pipeline(5, "refs/merge-requests/7/head", None, "merge_request_event", "2026-03-01"),
        pipeline(6, "feature/request", None, "merge_request_event", "2026-03-01"),
    ];
    let server = serve(registry).await;
    assert_eq!(names(&server, BRANCHES).await, ["feature/late", "main"]);
    assert_eq!(names(&server, "/projects/2/repository/branches").await, ["main"]);
    assert_eq!(names(&server, PROTECTED).await, ["main"]);
}

#[tokio::test]
async fn generated_registries_have_branches_that_are_there_and_such_that_are_gone() {
    let start = "2026-01-01T00:00:00Z".parse().unwrap();
    let registry = Registry::generate(2_000, 1, start);
    let built: BTreeSet<(u64, String)> = registry
        .pipelines
        .iter()
        .filter(|pipeline| pipeline.ref_.starts_with("feature/"))
        .map(|pipeline| (pipeline.project_id, pipeline.ref_.clone()))
        .collect();
    let server = serve(registry).await;
    let (mut there, mut gone) = (0, 0);
    for (project, branch) in built {
        let url =
            format!("{}/api/v4/projects/{project}/repository/branches/{}", server.url(), branch.replace('/', "%2F"));
        match client().get(url).header("PRIVATE-TOKEN", server.token()).send().await.unwrap().status().as_u16() {
            200 => there += 1,
            404 => gone += 1,
            other => panic!("{other}"),
        }
    }
    assert!(there > 20 && gone > 20, "{there} there, {gone} gone");
}

#[test]
fn a_registry_file_names_branches() {
    let json = |repository: &str| {
        format!(
            r#"{{"groups": [{{"id": 1, "path": "acme"}}],
                "projects": [{{"id": 1, "path": "acme/app", "repository": {repository}}}]}}"#
        )
    };
    let registry =
        Registry::from_json(&json(r#"{"default_branch": "trunk", "branches": ["trunk", "feature/x"]}"#)).unwrap();
    let repository = registry.projects[0].repository.as_ref().unwrap();
    assert_eq!((repository.branches.len(), repository.default_branch.as_str()), (2, "trunk"));
    assert_eq!(repository.protected_branches, ["main"]);
    let error = Registry::from_json(&json(r#"{"default_branch": "trunk", "branches": ["main"]}"#)).unwrap_err();
    assert!(matches!(error, RegistryError::Missing { what: "branch", .. }), "{error}");
}
