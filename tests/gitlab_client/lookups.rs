//! What is asked beside the packages and their files: groups, what a package was built from, what releases link to, what
//! GitLab protects.

use gleaner::gitlab::{ConnectionOptions, Credential, Error, GroupRow, ListingReading, TokenKind};
use gleaner::gitlab::{Endpoint, Traffic};
use gleaner::package::{
    Downloaded, PackageId, PackageType, Pipeline, PipelineId, ProjectId, ProtectionRule, RefKind, RefKinds, Reference,
};

use crate::script::{Answer, Connected, Script, TOKEN, answer, group, options, page, token};

const PROJECT: ProjectId = ProjectId(2);
const PACKAGE: PackageId = PackageId(12);

fn released(links: &str) -> String {
    format!(r#"{{"name": "1.0", "assets": {{"count": 1, "sources": [], "links": [{links}]}}}}"#)
}

/// What a client makes of an answer to the question for a package's pipelines.
async fn built_from(answer: Answer) -> Result<Option<Pipeline>, Error> {
    Script::start([answer]).await.connect().reader.built_from(PROJECT, PACKAGE).await
}

async fn release_links(answer: Answer) -> Result<ListingReading<String>, Error> {
    Script::start([answer]).await.connect().reader.release_links(PROJECT).await
}

#[tokio::test]
async fn top_level_groups_are_read_to_the_last_page() {
    let script = Script::start([
        page(r#"[{"id": 7, "path": "acme", "full_path": "acme"}, {"id": 8, "full_path": "2024"}]"#, "2"),
        page(r#"[{"id": 9, "full_path": "open.source"}]"#, ""),
    ])
    .await;
    let groups = script.connect().reader.top_level_groups().await.unwrap();
    let told: Vec<_> = groups.iter().map(|group| (group.id, group.path.as_str())).collect();
    assert_eq!(told, [(7, "acme"), (8, "2024"), (9, "open.source")]);
    // Asked for by its path, the second would be the group whose id is 2024.
    let asked: Vec<_> = groups.iter().map(GroupRow::reference).collect();
    assert_eq!(asked.iter().map(ToString::to_string).collect::<Vec<_>>(), ["acme", "8", "open.source"]);
    let target = |page| format!("/api/v4/groups?top_level_only=true&order_by=id&sort=asc&per_page=100&page={page}");
    assert_eq!(script.targets(), [target(1), target(2)]);
}

#[tokio::test]
async fn a_group_is_read_by_its_path_or_id() {
    let row = r#"{"id": 7, "path": "platform", "full_path": "acme/platform", "projects": []}"#;
    let script = Script::start([answer(200, row), answer(200, row), answer(200, r#"{"id": 7}"#)]).await;
    let reader = script.connect().reader;
    let expected = GroupRow { id: 7, path: "acme/platform".to_owned(), archived: None, marked_for_deletion: false };
    assert_eq!(reader.group(&group()).await.unwrap(), expected);
    assert_eq!(reader.group(&Reference::Id(7)).await.unwrap(), expected);
    let error = reader.group(&group()).await.unwrap_err();
    let problem = "the answer about group acme/platform makes no sense: it has no full_path";
    assert_eq!(error.to_string(), problem);
    let targets = script.targets();
    assert_eq!(targets[..2], ["acme%2Fplatform", "7"].map(|id| format!("/api/v4/groups/{id}?with_projects=false")));
}

#[tokio::test]
async fn a_groups_listing_that_breaks_off_is_no_listing() {
    for broken in [page(r#"[{"id": 9}]"#, ""), answer(403, r#"{"message": "403 Forbidden"}"#), answer(200, "{}")] {
        let script = Script::start([page(r#"[{"id": 7, "full_path": "acme"}]"#, "2"), broken]).await;
        let error = script.connect().reader.top_level_groups().await.unwrap_err();
        assert!(error.to_string().contains("the top-level groups"), "{error}");
    }
}

#[tokio::test]
async fn a_job_token_is_not_sent_to_ask_for_groups_and_reaches_what_a_project_has() {
    let script = Script::start([answer(200, "[]"), page("[]", "")]).await;
    let client = Connected::with(ConnectionOptions { credential: token(TokenKind::Job), ..options(&script.url) });
    let all = client.reader.top_level_groups().await.unwrap_err();
    assert_eq!(all.to_string(), "a CI job's token can't list the top-level groups");
    let one = client.reader.group(&group()).await.unwrap_err();
    for error in [all, one] {
        assert!(matches!(error, Error::JobToken { .. }), "{error}");
        assert!(error.advice().unwrap().contains("`project:` scopes"));
    }
    assert!(script.asked().is_empty());

    // The route doesn't take it.
    assert_eq!(client.reader.protection_rules(PROJECT).await.unwrap().rows, []);
    assert!(script.asked().is_empty());

    assert_eq!(client.reader.built_from(PROJECT, PACKAGE).await.unwrap(), None);
    assert_eq!(client.reader.release_links(PROJECT).await.unwrap().rows, [""; 0]);
    assert!(script.asked().iter().all(|asked| asked.headers["job-token"] == TOKEN));
}

#[tokio::test]
async fn a_package_was_built_from_its_newest_pipeline() {
    let script = Script::start([
        // What follows is another package's business; the cursor leads elsewhere on purpose.
        answer(
            200,
            r#"[{"id": 31, "project_id": 5, "ref": "feature/login", "source": "push"}, {"id": 30, "ref": "main"}]"#,
        )
        .with("link", "<http://elsewhere.test/api/v4/projects/2/packages/12/pipelines?cursor=31>; rel=\"next\""),
    ])
    .await;
    let client = script.connect();
    let told = client.reader.built_from(PROJECT, PACKAGE).await.unwrap();
    let id = Some(PipelineId { project: ProjectId(5), id: 31 });
    let kind = RefKinds::Open(&[RefKind::Branch, RefKind::Tag]);
    assert_eq!(told, Some(Pipeline { id, git_ref: "feature/login".to_owned(), kind }));
    assert_eq!(script.targets(), ["/api/v4/projects/2/packages/12/pipelines?per_page=1"]);
    let endpoints: Vec<_> = client.events().iter().filter_map(endpoint).collect();
    assert_eq!(endpoints, [Endpoint::Pipelines]);
}

#[tokio::test]
async fn a_package_without_a_pipeline_in_view_is_built_from_an_unknown_ref() {
    let table = [
        (200, "[]"),
        (200, r#"[{"id": 31, "ref": null}]"#),
        (200, r#"[{"id": 31}, {"id": 30, "ref": "main"}]"#),
        (403, r#"{"message": "403 Forbidden"}"#),
        (403, r#"{"error": "insufficient_scope", "scope": "api read_api"}"#),
        (404, r#"{"message": "Package not found"}"#),
        (404, r#"{"error": "404 Not Found"}"#),
    ];
    for (status, body) in table {
        assert_eq!(built_from(answer(status, body)).await.unwrap(), None, "{status} {body}");
    }
}

#[tokio::test]
async fn a_question_for_pipelines_that_is_not_answered_fails() {
    let table = [
        (404, r#"{"message": "404 Project Not Found"}"#, "project 2 is not there, or the token can't see it"),
        (404, "default backend - 404", "something that GitLab doesn't send"),
        (401, r#"{"message": "401 Unauthorized"}"#, "the token was refused: it is wrong"),
        (400, r#"{"error": "per_page does not have a valid value"}"#, "package 12 of project 2 was answered 400"),
        (200, r#"{"pipelines": []}"#, "makes no sense: it is not a JSON array"),
    ];
    for (status, body, problem) in table {
        let error = built_from(answer(status, body)).await.unwrap_err();
        assert!(error.to_string().contains(problem), "{error}");
    }
    let script = Script::start(std::iter::repeat_with(|| answer(500, "{}")).take(6)).await;
    let error = script.connect().reader.built_from(PROJECT, PACKAGE).await.unwrap_err();
    assert!(matches!(error, Error::Unavailable { .. }), "{error}");
}

/// It is asked in its own project, which need not be the package's.
const PIPELINE: PipelineId = PipelineId { project: ProjectId(5), id: 31 };

#[tokio::test]
async fn a_pipeline_tells_what_it_ran_for() {
    let told = |git_ref: &str, rest: &str| format!(r#"{{"id": 31, "project_id": 5, "ref": "{git_ref}"{rest}}}"#);
    let table = [
        (told("main", r#", "tag": false, "source": "push""#), Some(RefKind::Branch)),
        (told("v1.0", r#", "tag": true, "source": "push""#), Some(RefKind::Tag)),
        (told("refs/tags/v1.0", r#", "tag": true"#), Some(RefKind::Tag)),
        (told("refs/merge-requests/7/head", r#", "tag": false, "source": "push""#), Some(RefKind::MergeRequest)),
        (told("main", r#", "tag": false, "source": "merge_request_event""#), Some(RefKind::MergeRequest)),
        (told("main", r#", "tag": false"#), Some(RefKind::Branch)),
        // What GitLab runs for itself is of no branch, and a name alone says nothing.
        (told("refs/workloads/12", r#", "tag": false, "source": "duo_workflow""#), None),
        (told("main", r#", "source": "push""#), None),
        (told("main", r#", "tag": null"#), None),
        (told("main", r#", "tag": "false""#), None),
        (r#"{"id": 31, "tag": false}"#.to_owned(), None),
    ];
    for (body, expected) in table {
        let script = Script::start([answer(200, &body)]).await;
        let client = script.connect();
        assert_eq!(client.reader.ref_kind(PIPELINE).await.unwrap(), expected, "{body}");
        assert_eq!(script.targets(), ["/api/v4/projects/5/pipelines/31"]);
        let endpoints: Vec<_> = client.events().iter().filter_map(endpoint).collect();
        assert_eq!(endpoints, [Endpoint::Pipeline]);
    }
}

#[tokio::test]
async fn a_pipeline_that_is_gone_or_out_of_view_tells_nothing() {
    let table = [
        (403, r#"{"message": "403 Forbidden"}"#),
        (403, r#"{"error": "insufficient_scope", "scope": "api read_api"}"#),
        (404, r#"{"message": "404 Not found"}"#),
        (404, r#"{"message": "404 Project Not Found"}"#),
    ];
    for (status, body) in table {
        let script = Script::start([answer(status, body)]).await;
        assert_eq!(script.connect().reader.ref_kind(PIPELINE).await.unwrap(), None, "{status} {body}");
    }
}

#[tokio::test]
async fn a_pipeline_that_does_not_answer_fails() {
    let table = [
        (404, "default backend - 404", "something that GitLab doesn't send"),
        (401, r#"{"message": "401 Unauthorized"}"#, "the token was refused: it is wrong"),
        (200, "[]", "the answer about pipeline 31 of project 5 makes no sense: it is not a JSON object"),
        (200, "<html>", "pipeline 31 of project 5"),
    ];
    for (status, body, problem) in table {
        let script = Script::start([answer(status, body)]).await;
        let error = script.connect().reader.ref_kind(PIPELINE).await.unwrap_err();
        assert!(error.to_string().contains(problem), "{error}");
    }
}

async fn downloaded(answer: Answer) -> Result<Downloaded, Error> {
    Script::start([answer]).await.connect().reader.downloaded(PROJECT, PACKAGE).await
}

#[tokio::test]
async fn a_single_package_tells_its_last_download() {
    let date = "2026-05-01T00:00:00Z";
    let table = [
        (200, format!(r#"{{"id": 12, "last_downloaded_at": "{date}"}}"#), Downloaded::At(date.parse().unwrap())),
        (200, r#"{"id": 12, "last_downloaded_at": null}"#.to_owned(), Downloaded::Never),
        (200, r#"{"id": 12, "last_downloaded_at": "yesterday"}"#.to_owned(), Downloaded::Unreadable),
        // It doesn't tell either; or this one may not be asked for.
        (200, r#"{"id": 12}"#.to_owned(), Downloaded::NotListed),
        (403, r#"{"message": "403 Forbidden"}"#.to_owned(), Downloaded::Unknown),
        (403, r#"{"error": "insufficient_scope", "scope": "api read_api"}"#.to_owned(), Downloaded::Unknown),
        (404, r#"{"message": "Package not found"}"#.to_owned(), Downloaded::Unknown),
    ];
    for (status, body, expected) in table {
        assert_eq!(downloaded(answer(status, body.clone())).await.unwrap(), expected, "{status} {body}");
    }
    let script = Script::start([answer(200, r#"{"id": 12}"#)]).await;
    let client = script.connect();
    client.reader.downloaded(PROJECT, PACKAGE).await.unwrap();
    assert_eq!(script.targets(), ["/api/v4/projects/2/packages/12"]);
    let endpoints: Vec<_> = client.events().iter().filter_map(endpoint).collect();
    assert_eq!(endpoints, [Endpoint::Package]);
}

#[tokio::test]
async fn a_question_for_a_last_download_that_is_not_answered_fails() {
    let table = [
        (404, r#"{"message": "404 Project Not Found"}"#, "project 2 is not there, or the token can't see it"),
        (404, "default backend - 404", "something that GitLab doesn't send"),
        (401, r#"{"message": "401 Unauthorized"}"#, "the token was refused: it is wrong"),
        (200, r#"{"id": 13, "last_downloaded_at": null}"#, "makes no sense: it is about another package"),
        (200, r#"{"last_downloaded_at": null}"#, "makes no sense: it is about another package"),
        (200, "[]", "makes no sense: it is not a JSON object"),
    ];
    for (status, body, problem) in table {
        let error = downloaded(answer(status, body)).await.unwrap_err();
        assert!(error.to_string().contains(problem), "{error}");
    }
}

#[tokio::test]
async fn every_link_of_every_release_is_read() {
    let first = [
        r#"{"id": 1, "name": "a", "url": "https://gitlab.test/a", "direct_asset_url": "https://gitlab.test/a"}"#,
        r#"{"id": 2, "name": "b", "url": "https://gitlab.test/b",
            "direct_asset_url": "https://gitlab.test/acme/app/-/releases/1.0/downloads/b", "link_type": "package"}"#,
    ];
    let script = Script::start([
        page(format!("[{}, {}]", released(&first.join(", ")), released("")), "2"),
        page(format!("[{}]", released(r#"{"url": "https://gitlab.test/c", "direct_asset_url": null}"#)), ""),
    ])
    .await;
    let client = script.connect();
    let reading = client.reader.release_links(PROJECT).await.unwrap();
    let links =
        ["a", "b", "acme/app/-/releases/1.0/downloads/b", "c"].map(|path| format!("https://gitlab.test/{path}"));
    assert_eq!(reading, ListingReading { rows: links.to_vec(), pages: 2 });
    let target = |page| format!("/api/v4/projects/2/releases?order_by=created_at&sort=asc&per_page=100&page={page}");
    assert_eq!(script.targets(), [target(1), target(2)]);
    let endpoints: Vec<_> = client.events().iter().filter_map(endpoint).collect();
    assert_eq!(endpoints, [Endpoint::Releases; 2]);
}

/// The link that can't be read may be the one that names the package.
#[tokio::test]
async fn a_release_whose_links_cannot_be_read_fails_the_reading() {
    let table = [
        ("null".to_owned(), "it is not a JSON object"),
        (r#"{"name": "1.0"}"#.to_owned(), "it has no list of links"),
        (r#"{"assets": {"count": 0, "sources": []}}"#.to_owned(), "it has no list of links"),
        (r#"{"assets": {"links": {}}}"#.to_owned(), "it has no list of links"),
        (released("7"), "a link in it is not a JSON object"),
        (released(r#"{"direct_asset_url": "https://gitlab.test/a"}"#), "a link in it has no url"),
        (released(r#"{"url": null}"#), "a link in it has no url"),
        (
            released(r#"{"url": "https://gitlab.test/a", "direct_asset_url": 7}"#),
            "a link in it has an odd direct_asset_url",
        ),
    ];
    for (row, problem) in table {
        let error = release_links(page(format!("[{}, {row}]", released("")), "")).await.unwrap_err();
        let expected = format!("row 2 on page 1 of the listing of project 2 can't be used: {problem}");
        assert_eq!(error.to_string(), expected);
    }
}

#[tokio::test]
async fn releases_that_cannot_be_listed_are_not_taken_for_none() {
    let table = [
        (403, r#"{"message": "403 Forbidden"}"#, "access to project 2 is forbidden"),
        (404, r#"{"message": "404 Project Not Found"}"#, "project 2 is not there"),
        (401, r#"{"message": "401 Unauthorized"}"#, "the token was refused"),
        (200, "{}", "page 1 is not a JSON array"),
    ];
    for (status, body, problem) in table {
        let error = release_links(answer(status, body)).await.unwrap_err();
        assert!(error.to_string().contains(problem), "{error}");
    }
    let second = std::iter::repeat_with(|| answer(500, "{}")).take(6);
    let script = Script::start(std::iter::once(page(format!("[{}]", released("")), "2")).chain(second)).await;
    let error = script.connect().reader.release_links(PROJECT).await.unwrap_err();
    assert!(matches!(error, Error::Unavailable { .. }), "{error}");
}

const RULES: &str = "/api/v4/projects/2/packages/protection/rules?per_page=100&page=";

fn rule(name: &str, least: &str) -> String {
    format!(
        r#"{{"id": 1, "project_id": 2, "package_name_pattern": "{name}", "package_type": "npm",
            "minimum_access_level_for_push": "maintainer", "minimum_access_level_for_delete": {least}}}"#
    )
}

fn of_npm(name: &str) -> ProtectionRule {
    ProtectionRule { package_type: Some(PackageType::Npm), name: Some(name.to_owned()) }
}

/// GitLab's answer is a single one, without a word of pages.
#[tokio::test]
async fn the_rules_that_protect_from_deletion_are_read_whatever_they_ask_for() {
    let rows = [
        rule("@acme/*", r#""owner""#),
        rule("ui", r#""admin""#),
        rule("core", r#""maintainer""#),
        rule("new", r#""some_role""#),
        rule("odd", "50"),
        rule("push", "null"),
        r#"{"id": 7, "package_name_pattern": "older", "package_type": "npm", "push_protected_up_to_access_level": "owner"}"#.to_owned(),
        r#"{"minimum_access_level_for_delete": "owner", "package_name_pattern": "", "package_type": 7}"#.to_owned(),
    ];
    let script = Script::start([answer(200, format!("[{}]", rows.join(", ")))]).await;
    let client = script.connect();
    let reading = client.reader.protection_rules(PROJECT).await.unwrap();
    let named = ["@acme/*", "ui", "core", "new", "odd"].map(of_npm);
    let unread = ProtectionRule { package_type: None, name: None };
    assert_eq!(reading, ListingReading { rows: [named.to_vec(), vec![unread]].concat(), pages: 1 });
    assert_eq!(script.targets(), [format!("{RULES}1")]);
    let endpoints: Vec<_> = client.events().iter().filter_map(endpoint).collect();
    assert_eq!(endpoints, [Endpoint::ProtectionRules]);
}

#[tokio::test]
async fn rules_on_several_pages_are_read_to_the_last() {
    let script = Script::start([
        page(format!("[{}]", rule("a", r#""owner""#)), "2"),
        page(format!("[{}]", rule("b", r#""owner""#)), ""),
    ])
    .await;
    let reading = script.connect().reader.protection_rules(PROJECT).await.unwrap();
    assert_eq!(reading, ListingReading { rows: ["a", "b"].map(of_npm).to_vec(), pages: 2 });

    // A full answer without a header may be a page of several, or the whole.
    let full = || answer(200, format!("[{}]", vec![rule("a", r#""owner""#); 100].join(", ")));
    let rest = answer(200, format!("[{}]", rule("b", r#""owner""#)));
    let script = Script::start([full(), rest]).await;
    let reading = script.connect().reader.protection_rules(PROJECT).await.unwrap();
    assert_eq!((reading.rows.len(), script.targets().len()), (101, 2));
    let script = Script::start([full(), full()]).await;
    script.connect().reader.protection_rules(PROJECT).await.unwrap();
    assert_eq!(script.targets(), [1, 2].map(|number| format!("{RULES}{number}")));
}

#[tokio::test]
async fn who_may_not_read_the_rules_is_told_of_none() {
    let table = [
        answer(403, r#"{"message": "403 Forbidden"}"#),
        answer(403, r#"{"error": "insufficient_scope", "scope": "api read_api"}"#),
        answer(404, r#"{"message": "404 Project Not Found"}"#),
        answer(404, r#"{"error": "404 Not Found"}"#),
    ];
    for refusal in table {
        let script = Script::start([refusal]).await;
        assert_eq!(script.connect().reader.protection_rules(PROJECT).await.unwrap().rows, []);
    }
    // Without a token.
    let script = Script::start([answer(401, r#"{"message": "401 Unauthorized"}"#)]).await;
    let client = Connected::with(ConnectionOptions { credential: Credential::None, ..options(&script.url) });
    assert_eq!(client.reader.protection_rules(PROJECT).await.unwrap().rows, []);
}

#[tokio::test]
async fn rules_that_are_not_answered_for_are_not_taken_for_none() {
    let table = [
        (401, r#"{"message": "401 Unauthorized"}"#, "the token was refused"),
        (404, "default backend - 404", "something that GitLab doesn't send"),
        (400, r#"{"error": "id is invalid"}"#, "project 2 was answered 400"),
        (200, "{}", "page 1 is not a JSON array"),
        (200, "[7]", "row 1 on page 1 of the listing of project 2 can't be used: it is not a JSON object"),
    ];
    for (status, body, problem) in table {
        let script = Script::start([answer(status, body)]).await;
        let error = script.connect().reader.protection_rules(PROJECT).await.unwrap_err();
        assert!(error.to_string().contains(problem), "{error}");
    }
    let script = Script::start([page(format!("[{}]", rule("a", r#""owner""#)), "2"), answer(403, "{}")]).await;
    let error = script.connect().reader.protection_rules(PROJECT).await.unwrap_err();
    assert!(matches!(error, Error::Forbidden { .. }), "{error}");
}

#[tokio::test]
async fn no_look_up_takes_the_token_elsewhere() {
    let elsewhere = Script::start([page("[]", "")]).await;
    let moved = || answer(302, "").with("location", &format!("{}/api/v4/projects/2/releases", elsewhere.url));
    let script = Script::start(std::iter::repeat_with(moved).take(9)).await;
    let reader = script.connect().reader;
    let project = Reference::from(PROJECT);
    let errors = [
        reader.top_level_groups().await.map(drop),
        reader.group(&group()).await.map(drop),
        reader.project(&project).await.map(drop),
        reader.release_links(PROJECT).await.map(drop),
        reader.built_from(PROJECT, PACKAGE).await.map(drop),
        reader.ref_kind(PIPELINE).await.map(drop),
        reader.protection_rules(PROJECT).await.map(drop),
        reader.downloaded(PROJECT, PACKAGE).await.map(drop),
    ];
    for error in errors {
        assert!(matches!(error, Err(Error::Redirected { .. })), "{error:?}");
    }
    assert!(elsewhere.asked().is_empty(), "{:?}", elsewhere.asked());
}

fn endpoint(event: &Traffic) -> Option<Endpoint> {
    match event {
        Traffic::Requested { endpoint, .. } => Some(*endpoint),
        _ => None,
    }
}
