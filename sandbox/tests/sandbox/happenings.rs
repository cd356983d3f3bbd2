//! What people do between two requests: every act as a client sees it, and the script that plays them.

use crate::client::client;
use crate::small::{self, get, header, ids, send};
use gitlab_sandbox::faults::{Body, Fault, Rule};
use gitlab_sandbox::{
    Act, ActError, Faults, Group, Happening, Member, OpenError, Options, Pipeline, Project, ProtectionRule, Registry,
    Server, StartError, Token, User,
};
use jiff::civil::Date;
use reqwest::Method;
use serde_json::Value;

/// Beside `acme` (1) with `acme/app` (1) and `acme/lib` (2) there are `acme/team` (2), `acme/team/core` (3) with the
/// project 3, and `other` (4) with the project 4, of which the maintainer is no member.
fn registry() -> Registry {
    let mut registry = small::registry();
    let group = |id, path: &str| Group { id, path: path.to_owned(), ..Group::default() };
    registry.groups.extend([group(2, "acme/team"), group(3, "acme/team/core"), group(4, "other")]);
    let project = |id, path: &str| Project { id, path: path.to_owned(), ..Project::default() };
    registry.projects.extend([project(3, "acme/team/core/kernel"), project(4, "other/tool")]);
    registry.packages[0].project_id = 3;
    registry.packages[0].pipeline_ids = vec![5];
    registry.pipelines = vec![Pipeline { id: 5, project_id: 3, ..Pipeline::default() }];
    registry
}

async fn serve(happenings: Vec<Happening>) -> Server {
    Server::start(registry(), Options { happenings, ..Options::default() }).await.unwrap()
}

async fn json(server: &Server, path: &str) -> Value {
    let answer = get(server.url(), path).await;
    assert_eq!(answer.status(), 200, "{path}");
    answer.json().await.unwrap()
}

async fn status(server: &Server, path: &str) -> u16 {
    get(server.url(), path).await.status().as_u16()
}

/// Where a path leads to, without what is the same for all.
async fn redirect(server: &Server, path: &str) -> Option<String> {
    let answer = get(server.url(), path).await;
    let location = header(&answer, "Location")?;
    Some(location.strip_prefix(&format!("{}/api/v4", server.url())).unwrap().to_owned())
}

fn to(id: u64, path: &str) -> Act {
    Act::RenameProject { id, to: path.to_owned() }
}

fn group_to(from: &str, to: &str) -> Act {
    Act::MoveGroup { from: from.to_owned(), to: to.to_owned() }
}

#[tokio::test]
async fn a_renamed_project_is_found_by_its_old_path() {
    let server = serve(Vec::new()).await;
    assert_eq!(ids(get(server.url(), "/groups/acme/packages?per_page=100").await).await.len(), 30);
    server.act(to(3, "acme/team/kernel")).unwrap();

    assert_eq!(json(&server, "/projects/3").await["path_with_namespace"], "acme/team/kernel");
    assert_eq!(json(&server, "/projects/acme%2Fteam%2Fkernel").await["id"], 3);
    let old = "/projects/acme%2Fteam%2Fcore%2Fkernel/packages?per_page=1";
    assert_eq!(redirect(&server, old).await.unwrap(), "/projects/3/packages?per_page=1");
    let row = &json(&server, "/projects/3/packages").await[0];
    assert_eq!(row["_links"]["web_path"], "/acme/team/kernel/-/packages/1");
    assert_eq!(row["pipeline"]["web_url"], format!("{}/acme/team/kernel/-/pipelines/5", server.url()));
    let row = &json(&server, "/groups/acme/packages?per_page=1").await[0];
    assert_eq!((&row["id"], &row["project_path"]), (&1.into(), &"acme/team/kernel".into()));
    assert_eq!(ids(get(server.url(), "/groups/acme%2Fteam%2Fcore/projects").await).await, [0; 0]);
    assert_eq!(ids(get(server.url(), "/groups/acme%2Fteam/projects").await).await, [3]);
    assert_eq!(status(&server, "/groups/acme%2Fteam%2Fcore").await, 200);
}

/// An old path is free: another project may take it, and gives it up for all when it goes on.
#[tokio::test]
async fn an_old_path_can_be_taken() {
    let server = serve(Vec::new()).await;
    server.act(to(1, "acme/new")).unwrap();
    assert_eq!(redirect(&server, "/projects/acme%2Fapp").await.unwrap(), "/projects/1");
    server.act(to(2, "acme/app")).unwrap();
    assert_eq!(json(&server, "/projects/acme%2Fapp").await["id"], 2);
    server.act(to(2, "acme/third")).unwrap();
    assert_eq!(redirect(&server, "/projects/acme%2Fapp").await.unwrap(), "/projects/2");

    // Back again: the path is no former one.
    server.act(to(1, "acme/APP")).unwrap();
    assert_eq!(json(&server, "/projects/acme%2Fapp").await["id"], 1);
    assert_eq!(redirect(&server, "/projects/acme%2Fnew").await.unwrap(), "/projects/1");
}

#[tokio::test]
async fn a_moved_group_takes_along_what_is_below_it() {
    let mut registry = registry();
    registry.protection_rules = vec![ProtectionRule {
        project_id: 3,
        package_name_pattern: "*".to_owned(),
        minimum_access_level_for_delete: Some(60),
        ..ProtectionRule::default()
    }];
    registry.protection_rules[0].package_type = registry.packages[0].package_type.clone();
    let server = Server::start(registry, Options::default()).await.unwrap();
    server.act(group_to("acme/team", "acme/crew")).unwrap();

    for old in ["acme%2Fteam", "acme%2Fteam%2Fcore"] {
        for path in ["", "/projects", "/packages"] {
            assert_eq!(status(&server, &format!("/groups/{old}{path}")).await, 404, "{old}{path}");
        }
    }
    assert_eq!(json(&server, "/groups/3").await["full_path"], "acme/crew/core");
    assert_eq!(json(&server, "/groups/acme%2Fcrew%2Fcore").await["parent_id"], 2);
    assert_eq!(json(&server, "/projects/3").await["path_with_namespace"], "acme/crew/core/kernel");
    let old = "/projects/acme%2Fteam%2Fcore%2Fkernel";
    assert_eq!(redirect(&server, old).await.unwrap(), "/projects/3");
    assert_eq!(redirect(&server, "/projects/acme%2Fapp").await, None);
    let rows = json(&server, "/groups/acme%2Fcrew/packages").await;
    assert_eq!((rows.as_array().unwrap().len(), &rows[0]["project_path"]), (1, &"acme/crew/core/kernel".into()));
    // The maintainer of `acme` is one still, and what hangs on the project's id holds.
    let answer = send(Method::DELETE, server.url(), "/projects/3/packages/1").await.unwrap();
    assert_eq!((answer.status().as_u16(), answer.text().await.unwrap().contains("protected")), (403, true));
}

/// Memberships hang on groups and projects, whatever these are called: a group that leaves `acme` leaves its maintainer.
#[tokio::test]
async fn access_follows_the_groups() {
    let mut registry = registry();
    let member = |user: &str, group: Option<&str>, project: Option<&str>, access_level| Member {
        user: user.to_owned(),
        group: group.map(str::to_owned),
        project: project.map(str::to_owned),
        access_level,
    };
    for (id, name) in [(2, "team"), (3, "kernel")] {
        let (token, user) = (name.to_owned(), name.to_owned());
        registry.users.push(User { id, username: user.clone(), ..User::default() });
        registry.tokens.push(Token { token, user, scopes: vec!["api".to_owned()], ..Token::default() });
    }
    registry.members.push(member("team", Some("acme/team"), None, 40));
    registry.members.push(member("kernel", None, Some("acme/team/core/kernel"), 30));
    let server = Server::start(registry, Options::default()).await.unwrap();
    let seen = async || {
        let mut seen = Vec::new();
        for token in [small::TOKEN, "team", "kernel"] {
            let url = format!("{}/api/v4/projects/3", server.url());
            seen.push(client().get(url).header("PRIVATE-TOKEN", token).send().await.unwrap().status().as_u16());
        }
        seen
    };
    assert_eq!(seen().await, [200, 200, 200]);
    server.act(group_to("acme/team", "acme/crew")).unwrap();
    assert_eq!(seen().await, [200, 200, 200]);
    server.act(group_to("acme/crew", "other/crew")).unwrap();
    assert_eq!(seen().await, [404, 200, 200]);
    server.act(to(3, "acme/kernel")).unwrap();
    assert_eq!(seen().await, [200, 404, 200]);
    server.act(group_to("acme", "renamed")).unwrap();
    assert_eq!(seen().await, [200, 404, 200]);
    assert_eq!(json(&server, "/groups/renamed/projects").await[0]["id"], 3);
}

#[tokio::test]
async fn archiving_sets_the_flag_of_what_is_named() {
    let server = serve(Vec::new()).await;
    let flags = async || {
        let (group, below) = (json(&server, "/groups/acme%2Fteam").await, json(&server, "/groups/3").await);
        let project = json(&server, "/projects/3").await;
        [group, below, project].map(|one| one["archived"].as_bool().unwrap())
    };
    assert_eq!(flags().await, [false, false, false]);
    server.act(Act::ArchiveGroup { path: "acme/team".to_owned() }).unwrap();
    assert_eq!(flags().await, [true, false, false]);
    server.act(Act::ArchiveProject { id: 3 }).unwrap();
    server.act(Act::UnarchiveGroup { path: "acme/team".to_owned() }).unwrap();
    assert_eq!(flags().await, [false, false, true]);
    assert_eq!(ids(get(server.url(), "/groups/acme/projects?include_subgroups=true&archived=true").await).await, [3]);
    // What is archived can still be listed and deleted.
    assert_eq!(send(Method::DELETE, server.url(), "/projects/3/packages/1").await.unwrap().status(), 204);
    server.act(Act::UnarchiveProject { id: 3 }).unwrap();
    assert_eq!(flags().await, [false, false, false]);
}

#[tokio::test]
async fn topics_show_in_a_project_and_in_its_groups_list() {
    let server = serve(Vec::new()).await;
    let topics = async || {
        let mut list = json(&server, "/groups/acme/projects").await;
        let listed = list.as_array_mut().unwrap().iter_mut().find(|project| project["id"] == 1).unwrap().take();
        let single = json(&server, "/projects/1").await;
        assert_eq!([&single["topics"], &single["tag_list"]], [&listed["topics"], &listed["tag_list"]]);
        assert_eq!(single["topics"], single["tag_list"]);
        single["topics"].clone()
    };
    assert_eq!(topics().await, serde_json::json!([]));
    let set = |topics: &[&str]| Act::SetTopics { id: 1, topics: topics.iter().map(|it| (*it).to_owned()).collect() };
    server.act(set(&["gleaner-keep", "Backend"])).unwrap();
    assert_eq!(topics().await, serde_json::json!(["Backend", "gleaner-keep"]));
    server.act(set(&[])).unwrap();
    assert_eq!(topics().await, serde_json::json!([]));
    assert_eq!(server.act(Act::SetTopics { id: 99, topics: Vec::new() }), Err(ActError::NoProject(99)));
}

#[tokio::test]
#[expect(clippy::disallowed_methods, reason = "the sandbox goes by the clock on the wall")]
async fn a_project_is_marked_for_deletion_and_restored() {
    let server = serve(Vec::new()).await;
    server.act(Act::ArchiveProject { id: 1 }).unwrap();
    for before in [true, false] {
        assert_eq!(json(&server, "/projects/1").await["archived"], before);
        server.act(Act::MarkProject { id: 1 }).unwrap();
        let project = json(&server, "/projects/1").await;
        assert_eq!(project["path_with_namespace"], "acme/app-deletion_scheduled-1");
        assert_eq!(project["archived"], true);
        let day: Date = project["marked_for_deletion_on"].as_str().unwrap().parse().unwrap();
        let today = jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).date();
        assert!(day == today || day == today.yesterday().unwrap());
        assert_eq!(redirect(&server, "/projects/acme%2Fapp").await.unwrap(), "/projects/1");
        assert_eq!(ids(get(server.url(), "/groups/acme/projects").await).await, [2, 1]);
        assert_eq!(ids(get(server.url(), "/groups/acme/packages?per_page=100").await).await.len(), 30);
        let marked = "acme/app-deletion_scheduled-1".to_owned();
        assert_eq!(server.act(Act::MarkProject { id: 1 }), Err(ActError::Marked(marked)));

        // GitLab's restoring unarchives in any case.
        server.act(Act::UnmarkProject { id: 1 }).unwrap();
        let project = json(&server, "/projects/acme%2Fapp").await;
        assert_eq!((&project["id"], &project["archived"]), (&1.into(), &false.into()));
        assert_eq!(project["marked_for_deletion_on"], Value::Null);
        assert_eq!(redirect(&server, "/projects/acme%2Fapp-deletion_scheduled-1").await.unwrap(), "/projects/1");
        assert_eq!(server.act(Act::UnmarkProject { id: 1 }), Err(ActError::Unmarked("acme/app".to_owned())));
    }
}

#[tokio::test]
async fn a_group_is_marked_for_deletion_and_restored() {
    let server = serve(Vec::new()).await;
    let path = || "acme/team".to_owned();
    server.act(Act::MarkGroup { path: path() }).unwrap();
    let group = json(&server, "/groups/2").await;
    assert_eq!((&group["full_path"], &group["archived"]), (&"acme/team-deletion_scheduled-2".into(), &false.into()));
    assert!(group["marked_for_deletion_on"].is_string());
    let project = json(&server, "/projects/3").await;
    assert_eq!(project["path_with_namespace"], "acme/team-deletion_scheduled-2/core/kernel");
    assert_eq!((&project["archived"], &project["marked_for_deletion_on"]), (&false.into(), &Value::Null));
    assert_eq!(redirect(&server, "/projects/acme%2Fteam%2Fcore%2Fkernel").await.unwrap(), "/projects/3");
    assert_eq!(status(&server, "/groups/acme%2Fteam").await, 404);
    let marked = "acme/team-deletion_scheduled-2".to_owned();
    assert_eq!(server.act(Act::MarkGroup { path: marked.clone() }), Err(ActError::Marked(marked)));

    server.act(Act::UnmarkGroup { path: path() }).unwrap();
    let group = json(&server, "/groups/acme%2Fteam").await;
    assert_eq!((&group["id"], &group["marked_for_deletion_on"]), (&2.into(), &Value::Null));
    assert_eq!(json(&server, "/projects/acme%2Fteam%2Fcore%2Fkernel").await["id"], 3);
    assert_eq!(server.act(Act::UnmarkGroup { path: path() }), Err(ActError::Unmarked(path())));
    // The present path and the id name it as well.
    for name in ["acme/team-deletion_scheduled-2", "2"] {
        server.act(Act::MarkGroup { path: "2".to_owned() }).unwrap();
        server.act(Act::UnmarkGroup { path: name.to_owned() }).unwrap();
        assert_eq!(status(&server, "/groups/acme%2Fteam").await, 200);
    }
}

#[tokio::test]
async fn a_deleted_project_takes_its_packages_along() {
    let server = serve(Vec::new()).await;
    server.act(to(1, "acme/was")).unwrap();
    server.act(Act::DeleteProject { id: 1 }).unwrap();
    for path in ["1", "1/packages", "1/packages/2", "acme%2Fwas", "acme%2Fapp", "2/packages/2"] {
        assert_eq!(status(&server, &format!("/projects/{path}")).await, 404, "{path}");
    }
    let left: Vec<_> = [1].into_iter().chain(26..=30).collect();
    assert_eq!(ids(get(server.url(), "/groups/acme/packages?per_page=100").await).await, left);
    assert_eq!(server.packages().iter().map(|package| package.id).collect::<Vec<_>>(), left);
    assert_eq!(ids(get(server.url(), "/groups/acme/projects?include_subgroups=true").await).await, [3, 2]);
    // The others are where they were, though their places in all lists are not.
    for (project, package, path) in [(2, 26, "acme/lib"), (3, 1, "acme/team/core/kernel")] {
        let row = json(&server, &format!("/projects/{project}/packages/{package}")).await;
        assert_eq!(row["_links"]["web_path"], format!("/{path}/-/packages/{package}"));
        let path = format!("/projects/{project}/packages/{package}");
        assert_eq!(send(Method::DELETE, server.url(), &path).await.unwrap().status(), 204);
    }
    server.clean_up();
    assert_eq!(server.packages().len(), 4);
    assert_eq!(server.act(Act::DeleteProject { id: 1 }), Err(ActError::NoProject(1)));
    // The path is free.
    server.act(to(2, "acme/app")).unwrap();
    assert_eq!(json(&server, "/projects/acme%2Fapp").await["id"], 2);
}

#[tokio::test]
async fn what_cannot_be_done_changes_nothing() {
    let server = serve(Vec::new()).await;
    let group = |path: &str| path.to_owned();
    let before = json(&server, "/groups/acme/projects?include_subgroups=true").await;
    for (act, error) in [
        (to(99, "acme/x"), ActError::NoProject(99)),
        (to(1, "nowhere/x"), ActError::NoGroup(group("nowhere"))),
        (to(1, "x"), ActError::NoGroup(group(""))),
        (to(1, "acme/LIB"), ActError::Taken(group("acme/LIB"))),
        (to(1, "acme/team"), ActError::Taken(group("acme/team"))),
        (group_to("nowhere", "acme/x"), ActError::NoGroup(group("nowhere"))),
        (group_to("acme/team", "nowhere/x"), ActError::NoGroup(group("nowhere"))),
        (group_to("acme/team", "acme/app"), ActError::Taken(group("acme/app"))),
        (group_to("acme/team", "acme/team/core/x"), ActError::Within(group("acme/team"))),
        (Act::ArchiveGroup { path: group("acme/nowhere") }, ActError::NoGroup(group("acme/nowhere"))),
        (Act::UnarchiveGroup { path: group("acme/nowhere") }, ActError::NoGroup(group("acme/nowhere"))),
        (Act::ArchiveProject { id: 99 }, ActError::NoProject(99)),
        (Act::UnarchiveProject { id: 99 }, ActError::NoProject(99)),
        (Act::MarkProject { id: 99 }, ActError::NoProject(99)),
        (Act::UnmarkProject { id: 1 }, ActError::Unmarked(group("acme/app"))),
        (Act::MarkGroup { path: group("nowhere") }, ActError::NoGroup(group("nowhere"))),
        (Act::UnmarkGroup { path: group("nowhere") }, ActError::NoGroup(group("nowhere"))),
        (Act::DeleteProject { id: 99 }, ActError::NoProject(99)),
    ] {
        assert_eq!(server.act(act.clone()), Err(error), "{act:?}");
    }
    server.act(Act::MarkProject { id: 1 }).unwrap();
    server.act(to(2, "acme/app")).unwrap();
    assert_eq!(server.act(Act::UnmarkProject { id: 1 }), Err(ActError::Taken(group("acme/app"))));
    server.act(to(2, "acme/lib")).unwrap();
    server.act(Act::UnmarkProject { id: 1 }).unwrap();
    assert_eq!(json(&server, "/groups/acme/projects?include_subgroups=true").await, before);
}

#[tokio::test]
async fn happenings_come_before_the_request_they_name() {
    let server = serve(vec![
        Happening::before(3, Act::ArchiveProject { id: 1 }),
        Happening::before(3, to(1, "acme/new")),
        Happening::before(2, Act::MarkProject { id: 2 }).method("get").path("/api/v4/projects/2*"),
    ])
    .await;
    let archived = async |id: u64| json(&server, &format!("/projects/{id}")).await["archived"].as_bool().unwrap();
    assert!(!archived(1).await);
    assert!(!archived(2).await);
    let third = json(&server, "/projects/1").await;
    assert_eq!((&third["archived"], &third["path"]), (&true.into(), &"new".into()));
    assert_eq!(send(Method::DELETE, server.url(), "/projects/2/packages/26").await.unwrap().status(), 204);
    assert!(archived(2).await, "the second GET there");
    // Each comes once.
    server.act(Act::UnarchiveProject { id: 1 }).unwrap();
    assert!(!archived(1).await);
}

/// Requests count whatever is answered, refusals and faults included.
#[tokio::test]
async fn every_request_counts() {
    let options = Options {
        happenings: vec![Happening::before(3, Act::ArchiveProject { id: 1 })],
        faults: Faults::new(1).with(Rule::new(Fault::Status { code: 503, body: Body::Json }).path("*/version")),
        external_url: Some("http://example.test/gitlab".to_owned()),
        ..Options::default()
    };
    let server = Server::start(registry(), options).await.unwrap();
    assert_eq!(status(&server, "/version").await, 503);
    assert_eq!(client().get(format!("{}/api/v4/projects/1", server.url())).send().await.unwrap().status(), 404);
    assert_eq!(json(&server, "/projects/1").await["archived"], true);
}

#[tokio::test]
async fn a_script_that_goes_wrong_says_so_ever_after() {
    let lost = Act::ArchiveGroup { path: "acme/nowhere".to_owned() };
    let later = Happening::before(3, Act::MarkGroup { path: "nowhere".to_owned() });
    let server = serve(vec![Happening::before(2, lost), later]).await;
    assert_eq!(status(&server, "/projects/1").await, 200);
    for _ in 0..2 {
        let answer = get(server.url(), "/projects/1").await;
        assert_eq!(answer.status(), 500);
        let told = answer.json::<Value>().await.unwrap();
        assert_eq!(told["message"], r#"happening 1 of the script can't come: there is no group "acme/nowhere""#);
    }

    let happenings = vec![Happening::before(1, Act::ArchiveProject { id: 1 }), Happening::before(9, to(77, "acme/x"))];
    let error = Server::start(registry(), Options { happenings, ..Options::default() }).await.err().unwrap();
    assert!(
        matches!(error, StartError::Open(OpenError::Happening { number: 2, source: ActError::NoProject(77) })),
        "{error}"
    );
}

#[test]
fn scripts_are_read_strictly() {
    let read = |json: &str| serde_json::from_str::<Vec<Happening>>(json);
    let group = |path: &str| path.to_owned();
    let script = read(
        r#"[
            {"before": 3, "act": {"rename_project": {"id": 1, "to": "acme/new"}}},
            {"before": 1, "method": "DELETE", "path": "*/packages/*", "act": {"archive_group": {"path": "acme"}}},
            {"before": 4, "act": {"move_group": {"from": "acme", "to": "b"}}},
            {"before": 4, "act": {"unarchive_group": {"path": "b"}}},
            {"before": 4, "act": {"archive_project": {"id": 1}}},
            {"before": 4, "act": {"unarchive_project": {"id": 1}}},
            {"before": 4, "act": {"mark_project": {"id": 1}}},
            {"before": 4, "act": {"unmark_project": {"id": 1}}},
            {"before": 4, "act": {"mark_group": {"path": "b"}}},
            {"before": 4, "act": {"unmark_group": {"path": "b"}}},
            {"before": 4, "act": {"delete_project": {"id": 1}}}
        ]"#,
    )
    .unwrap();
    assert_eq!(script[0], Happening::before(3, to(1, "acme/new")));
    let archive = Happening::before(1, Act::ArchiveGroup { path: group("acme") });
    assert_eq!(script[1], archive.method("DELETE").path("*/packages/*"));
    assert_eq!(script[10].act, Act::DeleteProject { id: 1 });
    assert_eq!(read(&serde_json::to_string(&script).unwrap()).unwrap(), script);
    for wrong in [
        r#"[{"act": {"archive_project": {"id": 1}}}]"#,
        r#"[{"before": 1, "after": 2, "act": {"archive_project": {"id": 1}}}]"#,
        r#"[{"before": 1, "act": {"archive_project": {"id": 1, "path": "acme/app"}}}]"#,
        r#"[{"before": 1, "act": {"burn_project": {"id": 1}}}]"#,
    ] {
        assert!(read(wrong).is_err(), "{wrong}");
    }
    // A mistake is told with the line of its own happening.
    for (wrong, line) in [
        ("[\n{\"act\": {\"download\": {\"package\": 1}}}\n]", 2),
        ("[\n\n{\"before\": 1,\n\"act\": {\"download\": {\"packag\": 1}}}\n]", 4),
    ] {
        assert_eq!(read(wrong).unwrap_err().line(), line, "{wrong}");
    }
}
