//! What is asked for, and where a listing ends.

use gleaner::gitlab::{Error, Listing, ListingOrder, ListingReading, ListingSource, Page, PageNumber, Row, Subgroups};
use gleaner::package::{
    FileId, Namespace, PackageFile, PackageId, PackageType, ProjectId, ProjectRow, Reference, Sha256, Status,
};

use crate::script::{Answer, Connected, Script, answer, group, listing, page};

fn rows(ids: &[u64]) -> String {
    let row = |id| format!(r#"{{"id": {id}, "project_id": 1}}"#);
    format!("[{}]", ids.iter().map(row).collect::<Vec<_>>().join(", "))
}

fn ids(page: &Page<Row>) -> Vec<u64> {
    page.rows.iter().map(|row| row.id.0).collect()
}

/// The first page of a listing, as the client makes it of `answer`.
async fn first_page(answer: Answer) -> Result<Page<Row>, Error> {
    let script = Script::start([answer]).await;
    script.connect().reader.packages_page(&listing(), PageNumber::FIRST).await
}

#[tokio::test]
async fn a_group_is_asked_for_as_one_encoded_segment() {
    let script = Script::start([page("[]", "")]).await;
    script.connect().reader.packages_page(&listing(), PageNumber::FIRST).await.unwrap();
    assert_eq!(
        script.targets(),
        ["/api/v4/groups/acme%2Fplatform/packages?include_versionless=true&order_by=created_at&sort=asc\
          &exclude_subgroups=false&per_page=100&page=1"]
    );
}

#[tokio::test]
async fn a_path_prefix_is_kept_and_the_rest_of_a_listing_is_named() {
    let script = Script::start([page("[]", "")]).await;
    let client = Connected::to(&format!("{}/gitlab/", script.url));
    let listing = Listing {
        source: ListingSource::Project(Reference::parse("acme/platform/api.v2").unwrap()),
        package_type: Some(PackageType::TerraformModule),
        status: Some(Status::Hidden),
        name: Some("@acme/core lib".to_owned()),
        order: ListingOrder::NewestFirst,
    };
    client.reader.packages_page(&listing, PageNumber::FIRST).await.unwrap();
    assert_eq!(
        script.targets(),
        [
            "/gitlab/api/v4/projects/acme%2Fplatform%2Fapi.v2/packages?include_versionless=true&order_by=created_at&sort=desc\
          &package_type=terraform_module&status=hidden&package_name=%40acme%2Fcore+lib&per_page=100&page=1"
        ]
    );
}

#[tokio::test]
async fn subgroups_can_be_left_out() {
    let script = Script::start([page("[]", "")]).await;
    let source = ListingSource::Group { group: group(), subgroups: Subgroups::Excluded };
    script.connect().reader.packages_page(&Listing::of(source), PageNumber::FIRST).await.unwrap();
    assert!(script.targets()[0].contains("&exclude_subgroups=true&"), "{:?}", script.targets());
}

#[tokio::test]
async fn the_next_page_is_the_one_that_gitlab_names() {
    // The totals and the links are wrong on purpose: they decide nothing.
    let first = page(rows(&[1, 2]), "2")
        .with("x-total-pages", "1")
        .with("link", "<http://elsewhere.test/api/v4/groups/1/packages?page=9>; rel=\"next\"");
    let script = Script::start([first, page(rows(&[3]), "").with("x-total-pages", "7")]).await;
    let reader = script.connect().reader;
    let first = reader.packages_page(&listing(), PageNumber::FIRST).await.unwrap();
    assert_eq!((ids(&first), first.number.get()), (vec![1, 2], 1));
    let second = reader.packages_page(&listing(), first.next.unwrap()).await.unwrap();
    assert_eq!((ids(&second), second.number.get(), second.next), (vec![3], 2, None));
    assert!(script.targets()[1].ends_with("&page=2"), "{:?}", script.targets());
}

#[tokio::test]
async fn without_the_header_a_listing_ends_at_an_empty_page() {
    let page = first_page(answer(200, rows(&[1]))).await.unwrap();
    assert_eq!(page.next.map(PageNumber::get), Some(2));
    let page = first_page(answer(200, "[]")).await.unwrap();
    assert_eq!(page.next, None);
}

#[tokio::test]
async fn a_next_page_that_would_never_end_the_walk_fails_it() {
    for next in ["1", "0", "-1", "3", "two", "2, 3"] {
        let error = first_page(page(rows(&[1]), next)).await.unwrap_err();
        let expected =
            format!("the answer about group acme/platform makes no sense: page 1 names `{next}` as the next page");
        assert_eq!(error.to_string(), expected);
    }
}

#[tokio::test]
async fn a_bad_row_fails_the_page_and_is_named() {
    let table = [
        (r#"[{"id": 1, "project_id": 1}, {"project_id": 1}]"#, "it has no id"),
        (r#"[{"id": 1, "project_id": 1}, {"id": 2}]"#, "nothing in it tells its project"),
        (r#"[{"id": 1, "project_id": 1}, {"id": 1, "project_id": 1}]"#, "its id stands on the page twice"),
        (r#"[{"id": 1, "project_id": 1}, null]"#, "it is not a JSON object"),
    ];
    for (body, problem) in table {
        let error = first_page(page(body, "")).await.unwrap_err();
        let expected = format!("row 2 on page 1 of the listing of group acme/platform can't be used: {problem}");
        assert_eq!(error.to_string(), expected);
        assert!(error.advice().is_some());
    }
}

#[tokio::test]
async fn a_listing_that_is_no_array_fails() {
    let error = first_page(page(r#"{"packages": []}"#, "")).await.unwrap_err();
    assert!(matches!(error, Error::BadAnswer { .. }), "{error}");
}

#[tokio::test]
async fn projects_are_read_to_the_last_page() {
    let script = Script::start([
        page(
            r#"[{"id": 1, "path_with_namespace": "acme/app", "archived": true, "releases_access_level": "disabled",
                 "topics": ["a", "B c"], "tag_list": ["old"]},
                {"id": 3, "path_with_namespace": "acme/cli", "archived": false, "releases_access_level": "private",
                 "tag_list": []}]"#,
            "2",
        ),
        page(
            r#"[{"id": 2, "path_with_namespace": "acme/lib", "archived": "no", "releases_access_level": null,
                 "topics": ["a", 7]}]"#,
            "",
        ),
    ])
    .await;
    let projects = script.connect().reader.projects(&group(), Subgroups::Included).await.unwrap();
    let row = |id, path: &str, archived, has_releases, topics: Option<&[&str]>| ProjectRow {
        id: ProjectId(id),
        path: path.to_owned(),
        namespace: Namespace::Group,
        archived,
        marked_for_deletion: false,
        has_releases,
        topics: topics.map(|topics| topics.iter().map(|topic| (*topic).to_owned()).collect()),
    };
    assert_eq!(
        projects,
        [
            row(1, "acme/app", Some(true), Some(false), Some(&["a", "B c"])),
            row(3, "acme/cli", Some(false), Some(true), Some(&[])),
            row(2, "acme/lib", None, None, None)
        ]
    );
    assert_eq!(
        script.targets()[0],
        "/api/v4/groups/acme%2Fplatform/projects?include_subgroups=true&with_shared=false&order_by=id&sort=asc&per_page=100&page=1"
    );
}

#[tokio::test]
async fn a_project_is_read_by_its_path() {
    let script = Script::start([
        answer(200, r#"{"id": 1, "path_with_namespace": "acme/app", "archived": false}"#),
        answer(200, r#"{"id": 1}"#),
    ])
    .await;
    let reader = script.connect().reader;
    let project = Reference::parse("acme/app").unwrap();
    let row = reader.project(&project).await.unwrap();
    assert_eq!((row.id, row.path.as_str(), row.archived), (ProjectId(1), "acme/app", Some(false)));
    assert_eq!(row.topics, None);
    assert_eq!(script.targets(), ["/api/v4/projects/acme%2Fapp"]);
    let error = reader.project(&project).await.unwrap_err();
    assert!(matches!(error, Error::BadAnswer { .. }), "{error}");
}

#[tokio::test]
async fn files_are_read_to_the_last_page_and_may_lack_all_but_an_id() {
    let script = Script::start([
        page(
            r#"[{"id": 7, "file_name": "a.jar", "size": 12, "created_at": "2024-03-01T18:00:00Z",
                  "file_sha256": "00E1b2c3d4e5f60718293a4b5c6d7e8f00e1b2c3d4e5f60718293a4b5c6d7eff"}]"#,
            "2",
        ),
        page(r#"[{"id": 8, "file_name": null, "size": -1, "created_at": 5, "file_sha256": "00e1"}]"#, ""),
    ])
    .await;
    let reading = script.connect().reader.package_files(ProjectId(2), PackageId(12)).await.unwrap();
    let known = PackageFile {
        id: FileId(7),
        name: Some("a.jar".to_owned()),
        size: Some(12),
        created_at: Some("2024-03-01T18:00:00Z".parse().unwrap()),
        sha256: Sha256::parse("00e1b2c3d4e5f60718293a4b5c6d7e8f00e1b2c3d4e5f60718293a4b5c6d7eff"),
    };
    assert_eq!(known.sha256.unwrap().to_string(), "00e1b2c3d4e5f60718293a4b5c6d7e8f00e1b2c3d4e5f60718293a4b5c6d7eff");
    let unknown = PackageFile { id: FileId(8), name: None, size: None, created_at: None, sha256: None };
    let expected = ListingReading { rows: vec![known, unknown], pages: 2 };
    assert_eq!(reading, expected);
    assert_eq!(
        script.targets()[0],
        "/api/v4/projects/2/packages/12/package_files?order_by=id&sort=asc&per_page=100&page=1"
    );
}

#[tokio::test]
async fn files_without_an_id_or_on_two_pages_fail_the_reading() {
    let script = Script::start([page(r#"[{"file_name": "a.jar"}]"#, "")]).await;
    let error = script.connect().reader.package_files(ProjectId(2), PackageId(12)).await.unwrap_err();
    assert!(matches!(error, Error::BadRow { row: 1, .. }), "{error}");

    let script = Script::start([page(r#"[{"id": 7}]"#, "2"), page(r#"[{"id": 7}]"#, "")]).await;
    let error = script.connect().reader.package_files(ProjectId(2), PackageId(12)).await.unwrap_err();
    assert!(matches!(error, Error::BadAnswer { .. }), "{error}");
}

#[tokio::test]
async fn a_package_exists_as_long_as_its_files_can_be_asked_for() {
    let script = Script::start([
        page("[]", ""),
        answer(404, r#"{"message": "404 Not found"}"#),
        answer(404, r#"{"message": "404 Project Not Found"}"#),
        answer(404, "default backend - 404"),
    ])
    .await;
    let reader = script.connect().reader;
    assert!(reader.package_exists(ProjectId(2), PackageId(12)).await.unwrap());
    assert!(!reader.package_exists(ProjectId(2), PackageId(12)).await.unwrap());
    // Neither a project that went out of view nor some proxy knows anything about the package.
    let error = reader.package_exists(ProjectId(2), PackageId(12)).await.unwrap_err();
    assert_eq!(error.to_string(), "project 2 is not there, or the token can't see it");
    let error = reader.package_exists(ProjectId(2), PackageId(12)).await.unwrap_err();
    assert!(matches!(error, Error::NotGitlab { status: 404, .. }), "{error}");
    assert_eq!(script.targets()[0], "/api/v4/projects/2/packages/12/package_files?per_page=1");
}
