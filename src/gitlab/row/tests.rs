//! Rows as the releases of GitLab send them, and rows with each field spoilt.

use serde_json::{Value, json};

use super::*;
use crate::gitlab::listing::Subgroups;
use crate::package::{Pipeline, PipelineId, RefKind, RefKinds, Reference};

fn group() -> Listing {
    Listing::of(ListingSource::Group { group: Reference::parse("acme").unwrap(), subgroups: Subgroups::Included })
}

fn of_project(project: &str) -> Listing {
    Listing::of(ListingSource::Project(Reference::parse(project).unwrap()))
}

/// A row as 18.x sends it in a group's listing.
fn npm() -> Value {
    json!({
        "id": 8, "name": "@acme/web", "version": "1.7.0", "package_type": "npm", "status": "default",
        "_links": {
            "web_path": "/acme/app/-/packages/8",
            "delete_api_path": "http://gitlab.test/api/v4/projects/1/packages/8"
        },
        "created_at": "2024-03-01T18:00:00.123Z", "last_downloaded_at": null, "project_id": 1, "project_path": "acme/app",
        "tags": [{"id": 1, "package_id": 8, "name": "latest"}, {"id": 2, "package_id": 8, "name": "next"}],
        "pipelines": []
    })
}

fn conan() -> Value {
    let mut row = npm();
    row["name"] = json!("zlib/1.3.0@acme/stable");
    row["conan_package_name"] = json!("zlib");
    row["version"] = json!("1.3.0");
    row["package_type"] = json!("conan");
    row
}

/// The same row with one field set, or left out where `value` is `None`.
fn with(mut row: Value, field: &str, value: Option<Value>) -> Value {
    match value {
        Some(value) => row[field] = value,
        None => drop(row.as_object_mut().unwrap().remove(field)),
    }
    row
}

fn package(row: &Value) -> Package {
    let row = Row::read(row, &group(), "").unwrap();
    row.into_package(ProjectId(1))
}

fn time(text: &str) -> Option<Timestamp> {
    Some(text.parse().unwrap())
}

#[test]
fn a_whole_row_is_read_whole() {
    let expected = Package {
        id: PackageId(8),
        project: Project { ..Project::unread(ProjectId(1), Some("acme/app".to_owned())) },
        package_type: PackageType::Npm,
        name: "@acme/web".to_owned(),
        channel: None,
        version: Some("1.7.0".to_owned()),
        status: Status::Default,
        created_at: time("2024-03-01T18:00:00.123Z"),
        downloaded: Downloaded::Never,
        tags: Some(vec!["latest".to_owned(), "next".to_owned()]),
        built_from: BuiltFrom::NotListed,
        permission: Permission::Granted,
        unreadable: None,
    };
    assert_eq!(package(&npm()), expected);
}

#[test]
fn a_bad_field_is_unknown_and_spoils_no_other() {
    type Spoil = fn(&mut Package);
    let untagged: Spoil = |package| package.tags = None;
    let undated: Spoil = |package| package.created_at = None;
    let untold: Spoil = |package| package.downloaded = Downloaded::NotListed;
    let odd_download: Spoil = |package| package.downloaded = Downloaded::Unreadable;
    let nameless: Spoil = |package| {
        package.name = String::new();
        package.unreadable = Some("name");
    };
    let typeless: Spoil = |package| {
        package.package_type = PackageType::Other(String::new());
        package.unreadable = Some("package_type");
    };
    let stateless: Spoil = |package| {
        package.status = Status::Other(String::new());
        package.unreadable = Some("status");
    };
    let versionless: Spoil = |package| package.version = None;
    let bad_version: Spoil = |package| {
        package.version = None;
        package.unreadable = Some("version");
    };
    let built: Spoil = |package| package.built_from = BuiltFrom::Unknown;
    let unlinked: Spoil = |package| package.permission = Permission::Unknown;
    let denied: Spoil = |package| package.permission = Permission::Denied;
    let table = [
        ("name", vec![None, Some(json!(null)), Some(json!(7)), Some(json!(""))], nameless),
        ("package_type", vec![None, Some(json!(null)), Some(json!(2)), Some(json!(["npm"]))], typeless),
        ("status", vec![None, Some(json!(null)), Some(json!(0)), Some(json!({}))], stateless),
        ("version", vec![Some(json!(null)), Some(json!(""))], versionless),
        ("version", vec![None, Some(json!(1.7)), Some(json!(["1.7.0"]))], bad_version),
        (
            "created_at",
            vec![
                None,
                Some(json!(null)),
                Some(json!(1_709_316_000)),
                Some(json!("yesterday")),
                Some(json!("2024-03-01T18:00:00")),
            ],
            undated,
        ),
        ("last_downloaded_at", vec![None], untold),
        ("last_downloaded_at", vec![Some(json!(0)), Some(json!("never")), Some(json!(false))], odd_download),
        (
            "tags",
            vec![None, Some(json!(null)), Some(json!("latest")), Some(json!(["latest"])), Some(json!([{"id": 1}]))],
            untagged,
        ),
        (
            "pipeline",
            vec![
                Some(json!(null)),
                Some(json!("main")),
                Some(json!({"id": 1})),
                Some(json!({"ref": ""})),
                Some(json!({"ref": 7})),
            ],
            built,
        ),
        ("_links", vec![None, Some(json!(null)), Some(json!([])), Some(json!({"delete_api_path": 1}))], unlinked),
        ("_links", vec![Some(json!({})), Some(json!({"web_path": "/acme/app/-/packages/8"}))], denied),
    ];
    for (field, values, spoil) in table {
        let mut expected = package(&npm());
        spoil(&mut expected);
        for value in values {
            assert_eq!(package(&with(npm(), field, value.clone())), expected, "{field}: {value:?}");
        }
    }
}

#[test]
fn dates_have_any_offset() {
    for text in ["2024-03-01T18:00:00.123Z", "2024-03-01T19:00:00.123+01:00", "2024-03-01T12:30:00.123-05:30"] {
        let row = with(with(npm(), "created_at", Some(json!(text))), "last_downloaded_at", Some(json!(text)));
        let package = package(&row);
        assert_eq!(package.created_at, time("2024-03-01T18:00:00.123Z"), "{text}");
        assert_eq!(package.downloaded, Downloaded::At(package.created_at.unwrap()));
    }
}

#[test]
fn types_and_statuses_are_open_sets() {
    let row = with(with(npm(), "package_type", Some(json!("swift"))), "status", Some(json!("frozen")));
    let package = package(&row);
    assert_eq!(package.package_type, PackageType::Other("swift".to_owned()));
    assert_eq!(package.status, Status::Other("frozen".to_owned()));
    assert_eq!(package.unreadable, None);
}

#[test]
fn conan_recipes_are_taken_apart() {
    let table = [
        (conan(), "zlib", Some("acme/stable")),
        (with(conan(), "conan_package_name", None), "zlib", Some("acme/stable")),
        (with(conan(), "conan_package_name", Some(json!(5))), "zlib", Some("acme/stable")),
        (with(conan(), "name", Some(json!("zlib/1.3.0"))), "zlib", None),
        (with(conan(), "name", Some(json!("zlib/1.3.0@"))), "zlib", None),
    ];
    for (row, name, channel) in table {
        let package = package(&row);
        assert_eq!((package.name.as_str(), package.channel.as_deref()), (name, channel), "{row}");
        assert_eq!((package.version.as_deref(), package.unreadable), (Some("1.3.0"), None));
    }
    // Without the recipe the channel is unknown, and packages of two channels would count as one.
    assert_eq!(package(&with(conan(), "name", None)).unreadable, Some("name"));
    // Only Conan's names are recipes.
    assert_eq!(package(&with(conan(), "package_type", Some(json!("generic")))).name, "zlib/1.3.0@acme/stable");
}

/// GitLab answers 404 to whoever asks for such a package by itself.
#[test]
fn of_a_package_in_error_nobody_can_ask_for_the_last_download() {
    let failed = with(npm(), "status", Some(json!("error")));
    assert_eq!(package(&failed).downloaded, Downloaded::Never);
    assert_eq!(package(&with(failed, "last_downloaded_at", None)).downloaded, Downloaded::Unknown);
}

#[test]
fn the_last_pipeline_tells_what_a_package_was_built_from() {
    let told = |pipeline| package(&with(npm(), "pipeline", Some(pipeline))).built_from;
    let built = |id, git_ref: &str, kind| BuiltFrom::Pipeline(Pipeline { id, git_ref: git_ref.to_owned(), kind });
    let id = Some(PipelineId { project: ProjectId(2), id: 3 });
    let listed = json!({"id": 3, "project_id": 2, "ref": "feature/login", "source": "push", "status": "failed"});
    // Only the pipeline itself tells a tag from a branch.
    let either: &[RefKind] = &[RefKind::Branch, RefKind::Tag];
    assert_eq!(told(listed), built(id, "feature/login", RefKinds::Open(either)));
    let sourceless = json!({"id": 3, "project_id": 2, "ref": "v1.0"});
    assert_eq!(told(sourceless), built(id, "v1.0", RefKinds::Open(&RefKind::ALL)));
    for odd in
        [json!({"id": 3, "ref": "v1.0", "source": "web"}), json!({"project_id": 2, "ref": "v1.0", "source": "web"})]
    {
        assert_eq!(told(odd), built(None, "v1.0", RefKinds::Unknown(either)), "it can't be asked for");
    }
}

#[test]
fn a_merge_request_is_told_by_the_source_or_the_ref() {
    for (git_ref, source) in [
        ("refs/merge-requests/7/head", "merge_request_event"),
        ("refs/merge-requests/7/merge", "parent_pipeline"),
        ("feature/login", "merge_request_event"),
        ("feature/login", "external_pull_request_event"),
    ] {
        let pipeline = json!({"id": 3, "project_id": 2, "ref": git_ref, "source": source});
        let BuiltFrom::Pipeline(told) = package(&with(npm(), "pipeline", Some(pipeline))).built_from else {
            panic!("{git_ref} {source}")
        };
        assert_eq!((told.git_ref.as_str(), told.kind), (git_ref, RefKinds::Known(RefKind::MergeRequest)), "{source}");
    }
}

#[test]
fn older_rows_tell_their_project_by_their_links() {
    let older = with(with(npm(), "project_id", None), "last_downloaded_at", None);
    let linked = with(older.clone(), "project_path", None);
    let read_only = with(linked.clone(), "_links", Some(json!({"web_path": "/acme/app/-/packages/8"})));
    for row in [older, linked, read_only] {
        let package = package(&row);
        assert_eq!(package.project, self::package(&npm()).project, "{row}");
        assert_eq!(package.downloaded, Downloaded::NotListed);
    }
}

#[test]
fn the_links_of_a_gitlab_below_a_prefix_are_understood() {
    for web_path in ["/gitlab/acme/app/-/packages/8", "/acme/app/-/terraform_module_registry/8"] {
        let row = json!({"id": 8, "_links": {"web_path": web_path}});
        let row = Row::read(&row, &group(), "/gitlab").unwrap();
        assert_eq!(row.project_path.as_deref(), Some("acme/app"), "{web_path}");
    }
    let row = json!({"id": 8, "_links": {"web_path": "/gitlab-org/app/-/packages/8"}});
    let row = Row::read(&row, &group(), "/gitlab").unwrap();
    assert_eq!(row.project_path.as_deref(), Some("gitlab-org/app"));
    let row = json!({"id": 8, "_links": {"delete_api_path": "https://host/gitlab/api/v4/projects/1/packages/8"}});
    assert_eq!(Row::read(&row, &group(), "/gitlab").unwrap().project_id, Some(ProjectId(1)));
}

#[test]
fn a_projects_own_listing_tells_the_project() {
    let row = json!({"id": 45, "status": "error", "_links": {}});
    for (asked, id, path) in [("1", Some(ProjectId(1)), None), ("ACME/App", None, Some("ACME/App"))] {
        let row = Row::read(&row, &of_project(asked), "").unwrap();
        assert_eq!((row.project_id, row.project_path.as_deref()), (id, path));
    }
}

#[test]
fn a_row_without_id_or_project_is_no_row() {
    let table = [
        (json!([]), "it is not a JSON object"),
        (with(npm(), "id", None), "it has no id"),
        (with(npm(), "id", Some(json!("8"))), "it has no id"),
        (with(npm(), "id", Some(json!(-8))), "it has no id"),
        (json!({"id": 8}), "nothing in it tells its project"),
        (
            json!({"id": 8, "project_id": "1", "project_path": null, "_links": {"web_path": "/-/packages/8", "delete_api_path": "/x"}}),
            "nothing in it tells its project",
        ),
    ];
    for (row, problem) in table {
        assert_eq!(Row::read(&row, &group(), "").unwrap_err(), problem, "{row}");
    }
}
