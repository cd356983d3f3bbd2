//! What people do to packages between two requests, as a client sees it, and the state that a test can keep.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use crate::small;
use axum::body::Bytes;
use axum::http::{Method, Request};
use gitlab_sandbox::{Act, ActError, Clock, Happening, NewFile, Options, PackageType, Publication, Sandbox, Status};
use jiff::Timestamp;
use serde_json::Value;

const START: i64 = 1_780_000_000;

/// A sandbox whose clock stands, until a test moves it.
struct Stage {
    sandbox: Sandbox,
    seconds: Arc<AtomicI64>,
}

impl Stage {
    fn open(options: Options) -> Self {
        let seconds = Arc::new(AtomicI64::new(START));
        let clock = Clock::new({
            let seconds = Arc::clone(&seconds);
            move || Timestamp::from_second(seconds.load(Ordering::Relaxed)).unwrap()
        });
        Self { sandbox: Sandbox::open(small::registry(), &Options { clock, ..options }).unwrap(), seconds }
    }

    fn wait(&self, seconds: i64) {
        self.seconds.fetch_add(seconds, Ordering::Relaxed);
    }

    async fn ask(&self, method: Method, path: &str) -> (u16, Value) {
        ask(&self.sandbox, method, path).await
    }

    async fn get(&self, path: &str) -> Value {
        let (status, body) = self.ask(Method::GET, path).await;
        assert_eq!(status, 200, "{path}: {body}");
        body
    }

    fn act(&self, act: Act) {
        self.sandbox.act(act).unwrap();
    }
}

async fn ask(sandbox: &Sandbox, method: Method, path: &str) -> (u16, Value) {
    let request = Request::builder().method(method).uri(format!("/api/v4{path}"));
    let request = request.header("private-token", sandbox.token()).body(Bytes::new()).unwrap();
    let answer = sandbox.answer(request).await.unwrap();
    (answer.status().as_u16(), serde_json::from_slice(answer.body()).unwrap_or_default())
}

fn publication(package_type: PackageType, name: &str, version: &str, file: &str) -> Publication {
    Publication {
        project: 1,
        package_type,
        name: name.to_owned(),
        version: Some(version.to_owned()),
        files: vec![NewFile { name: file.to_owned(), size: 7 }],
        ..Publication::default()
    }
}

#[tokio::test]
async fn a_published_package_is_listed_with_its_files() {
    let stage = Stage::open(Options::default());
    stage.act(Act::Publish(publication(PackageType::Generic, "tool", "2.0", "tool.bin")));
    let row = &stage.get("/projects/1/packages?order_by=created_at&sort=desc").await[0];
    assert_eq!((&row["id"], &row["version"], &row["status"]), (&31.into(), &"2.0".into(), &"default".into()));
    assert_eq!(row["created_at"], "2026-05-28T20:26:40.000Z");
    assert_eq!(row["last_downloaded_at"], Value::Null);
    let file = &stage.get("/projects/1/packages/31/package_files").await[0];
    assert_eq!((&file["id"], &file["file_name"], &file["size"]), (&302.into(), &"tool.bin".into(), &7.into()));
    assert_eq!(file["created_at"], "2026-05-28T20:26:40.000Z");

    let named = Publication {
        id: Some(500),
        created_at: Some("2024-01-01T00:00:00Z".parse().unwrap()),
        ..publication(PackageType::Golang, "example.test/mod", "v1.0.0", "v1.0.0.zip")
    };
    stage.act(Act::Publish(named.clone()));
    let rows = stage.get("/projects/1/packages").await;
    assert_eq!((&rows[0]["id"], &rows[0]["created_at"]), (&500.into(), &"2024-01-01T00:00:00.000Z".into()));
    let file = &stage.get("/projects/1/packages/500/package_files").await[0];
    assert_eq!(file["created_at"], "2026-05-28T20:26:40.000Z");
    stage.act(Act::Publish(publication(PackageType::Generic, "tool", "3.0", "tool.bin")));
    assert_eq!(stage.get("/projects/1/packages/501").await["version"], "3.0");
    let taken = Publication { version: Some("v2.0.0".to_owned()), ..named };
    assert_eq!(stage.sandbox.act(Act::Publish(taken)), Err(ActError::IdTaken(500)));
}

/// The second upload of a name and version, by type, as GitLab treats it.
#[tokio::test]
async fn an_upload_into_what_is_there_is_decided_by_its_type() {
    use PackageType::{Cargo, Composer, Conan, Debian, Generic, Golang, Helm, Maven, MlModel, Npm, Nuget, Pypi};
    use PackageType::{Rpm, Rubygems, TerraformModule};
    for kind in [Conan, Debian, Generic, Helm, Maven, MlModel, Nuget, Rubygems] {
        let stage = Stage::open(Options::default());
        stage.act(Act::Publish(publication(kind.clone(), "acme/core", "1.0", "a")));
        stage.wait(600);
        stage.act(Act::Publish(publication(kind.clone(), "acme/core", "1.0", "a")));
        let rows = stage.get(&format!("/projects/1/packages?package_type={kind}&package_version=1.0")).await;
        assert_eq!(rows.as_array().unwrap().len(), 1, "{kind}");
        assert_eq!(rows[0]["created_at"], "2026-05-28T20:26:40.000Z", "{kind}");
        let files = stage.get("/projects/1/packages/31/package_files").await;
        assert_eq!(files[1]["created_at"], "2026-05-28T20:36:40.000Z", "{kind}");
        // A row that was deleted is no hindrance.
        stage.act(Act::DeletePackage { package: 31 });
        stage.act(Act::Publish(publication(kind.clone(), "acme/core", "1.0", "a")));
        assert_eq!(stage.get("/projects/1/packages/32").await["version"], "1.0", "{kind}");
    }
    for kind in [Npm, TerraformModule, Golang, Cargo] {
        let stage = Stage::open(Options::default());
        let once = publication(kind.clone(), "core", "1.0.0", "a");
        stage.act(Act::Publish(once.clone()));
        let error = ActError::Published(1, kind.clone(), "core".to_owned(), "1.0.0".to_owned());
        assert_eq!(stage.sandbox.act(Act::Publish(once)), Err(error));
        let upload = Act::UploadFile { package: 31, name: "b".to_owned(), size: 1 };
        assert_eq!(stage.sandbox.act(upload), Err(ActError::Complete(kind)));
    }
    let stage = Stage::open(Options::default());
    stage.act(Act::Publish(publication(Pypi, "core", "1.0", "a.whl")));
    stage.act(Act::Publish(publication(Pypi, "core", "1.0", "b.whl")));
    stage.act(Act::DeleteFile { package: 31, file: 302 });
    let again = Act::Publish(publication(Pypi, "core", "1.0", "a.whl"));
    assert_eq!(stage.sandbox.act(again.clone()), Err(ActError::FileTaken(31, "a.whl".to_owned())));
    stage.sandbox.clean_up();
    stage.act(again);
    let composer = publication(Composer, "acme/core", "dev-main", "a");
    assert_eq!(stage.sandbox.act(Act::Publish(composer.clone())), Err(ActError::Complete(Composer)));
    let composer = Act::Publish(Publication { files: Vec::new(), ..composer });
    stage.act(composer.clone());
    let before = stage.sandbox.packages();
    stage.act(composer);
    assert_eq!(stage.sandbox.packages(), before);
    assert_eq!(
        stage.sandbox.act(Act::Publish(publication(Rpm, "core", "1.0", "a"))),
        Err(ActError::Unpublishable(Rpm))
    );
}

#[tokio::test]
async fn a_snapshot_opened_again_gives_the_same_answers() {
    let stage = Stage::open(Options::default());
    stage.act(Act::Publish(publication(PackageType::Npm, "@acme/web", "1.0.0", "web-1.0.0.tgz")));
    stage.act(Act::DeletePackage { package: 3 });
    stage.act(Act::DeleteFile { package: 4, file: 40 });
    stage.act(Act::Download { package: 5 });
    stage.act(Act::RenameProject { id: 2, to: "acme/moved".to_owned() });
    stage.act(Act::LinkRelease { project: 1, tag: "v1".to_owned(), url: "{url}/acme/app/-/packages/7".to_owned() });
    stage.act(Act::ProtectPackage {
        project: 1,
        package_type: PackageType::Npm,
        pattern: "@acme/*".to_owned(),
        level: 50,
    });
    let snapshot = stage.sandbox.snapshot();
    assert!(Arc::ptr_eq(&snapshot, &stage.sandbox.snapshot()), "nothing has changed");
    let clock = Clock::new(|| Timestamp::from_second(START).unwrap());
    let again = Sandbox::open((*snapshot).clone(), &Options { clock, ..Options::default() }).unwrap();
    for path in [
        "/groups/acme/packages?per_page=100",
        "/groups/acme/projects",
        "/projects/1/packages/5",
        "/projects/1/packages/4/package_files",
        "/projects/1/packages/protection/rules",
        "/projects/1/packages?status=pending_destruction",
        "/projects/acme%2Flib",
        "/projects/1/releases",
        "/projects/1/repository/branches",
    ] {
        assert_eq!(ask(&again, Method::GET, path).await, stage.ask(Method::GET, path).await, "{path}");
    }
    assert_eq!(again.snapshot(), snapshot);
    stage.act(Act::DeletePackage { package: 6 });
    assert_eq!(snapshot.packages[5].status, Status::Default, "it stays what it was");
    assert_eq!(stage.sandbox.snapshot().packages[5].status, Status::PendingDestruction);
}

#[tokio::test]
async fn an_act_after_a_request_shows_in_the_next_one() {
    let happenings = vec![
        Happening::after(1, Act::Download { package: 1 }).path("*/packages/1"),
        Happening::before(1, Act::Download { package: 77 }).optional(),
    ];
    let stage = Stage::open(Options { happenings, ..Options::default() });
    assert_eq!(stage.get("/projects/1/packages/2").await["last_downloaded_at"], Value::Null);
    let told = async || stage.get("/projects/1/packages/1").await["last_downloaded_at"].clone();
    assert_eq!([told().await, told().await], [Value::Null, "2026-05-28T20:26:40.000Z".into()]);
}
