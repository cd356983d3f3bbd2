//! The program: what it prints when it listens, and that it ends when it is told to.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use serde_json::Value;

const PROGRAM: &str = env!("CARGO_BIN_EXE_gitlab-sandbox");

/// Ends the program with the test, however that ends.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Starts the program and reads the line that it prints.
fn start(args: &[&str]) -> (Running, Value) {
    let mut child = Command::new(PROGRAM).args(args).stdout(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    (Running(child), serde_json::from_str(&line).unwrap())
}

#[tokio::test]
async fn it_says_where_it_listens_and_ends_when_told() {
    let faults = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/faults.json");
    let (mut running, ready) = start(&[
        "--packages=100",
        "--seed=7",
        "--latency=1ms",
        "--rate-limit=600/60s",
        "--count-limit=50",
        "--gitlab=17.11",
        "--faults",
        faults,
    ]);
    assert_eq!(ready["groups"][0], "acme");
    let url = format!("{}/api/v4/groups/acme/packages", ready["url"].as_str().unwrap());
    let get = async || {
        let request = crate::client::client().get(&url).header("PRIVATE-TOKEN", ready["token"].as_str().unwrap());
        request.send().await.unwrap()
    };
    assert_eq!(get().await.status(), 500);
    let answer = get().await;
    assert_eq!(answer.status(), 200);
    assert!(answer.headers().contains_key("RateLimit-Limit") && !answer.headers().contains_key("X-Total"));

    let told = Command::new("kill").args(["-TERM", &running.0.id().to_string()]).status().unwrap();
    assert!(told.success());
    assert!(running.0.wait().unwrap().success());
}

#[test]
fn it_serves_a_registry_from_a_file() {
    let registry = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/registry.json");
    let (_running, ready) = start(&["--registry", registry]);
    assert_eq!(ready["token"], "tok-root");
    let groups = Value::from(["acme", "opensource", "secret", "empty", "acme/platform"].map(Value::from).to_vec());
    assert_eq!(ready["groups"], groups);
}

#[tokio::test]
async fn it_plays_a_script_of_happenings() {
    let fixture = |name: &str| format!("{}/tests/fixtures/{name}", env!("CARGO_MANIFEST_DIR"));
    let (_running, ready) = start(&["--registry", &fixture("registry.json"), "--script", &fixture("script.json")]);
    let url = format!("{}/api/v4/projects/3", ready["url"].as_str().unwrap());
    let mut seen = Vec::new();
    for _ in 0..2 {
        let request = crate::client::client().get(&url).header("PRIVATE-TOKEN", ready["token"].as_str().unwrap());
        let project: Value = request.send().await.unwrap().json().await.unwrap();
        seen.push((project["archived"].clone(), project["path_with_namespace"] == "opensource/renamed"));
    }
    assert_eq!(seen, [(Value::from(true), false), (Value::from(true), true)]);
}

#[test]
fn it_says_what_is_wrong_with_a_script_and_where() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures");
    let (faults, happenings) = ("a script of faults is such as {", "a script of happenings is such as [{");
    for (flag, file, complaint, way_out) in [
        ("--script", "faults.json", "faults.json:1:0: invalid type: map, expected a sequence", happenings),
        ("--script", "wrong.json", "wrong.json:2:38: unknown variant `burn_project`, expected one of", happenings),
        ("--faults", "wrong.json", "wrong.json:2:2: invalid type: map", faults),
        ("--script", "nothing.json", "can't read ", ""),
    ] {
        let output = Command::new(PROGRAM).args([flag, &format!("{folder}/{file}")]).output().unwrap();
        let text = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success() && text.starts_with("error: ") && text.contains(complaint), "{text}");
        assert!(text.contains(folder) && text.contains(way_out), "{text}");
    }
    let lost = format!("{folder}/script.json");
    let output = Command::new(PROGRAM).args(["--packages=1", "--script", &lost]).output().unwrap();
    let text = String::from_utf8_lossy(&output.stderr);
    assert_eq!(text.trim_end(), "error: happening 1 of the script can't come: there is no project 3");
}

#[test]
fn it_adds_the_corners_when_told() {
    for (args, there) in [(vec!["--packages=10"], false), (vec!["--packages=10", "--corners"], true)] {
        let (_running, ready) = start(&args);
        let groups = ready["groups"].as_array().unwrap();
        assert_eq!(groups[0], "acme");
        assert_eq!(groups.contains(&"acme/corners".into()), there);
    }
    let output = Command::new(PROGRAM).args(["--corners", "--registry=x"]).output().unwrap();
    assert!(String::from_utf8_lossy(&output.stderr).contains("cannot be used with"));
}

#[test]
fn it_says_what_is_wrong() {
    for (args, complaint) in [
        (["--registry", "/nowhere"], "error: can't read /nowhere: "),
        (["--registry", PROGRAM], "error: can't read "),
        (["--gitlab", "9.1"], "error: invalid value '9.1'"),
        (["--rate-limit", "10"], "error: invalid value '10'"),
        (["--latency", "soon"], "error: invalid value 'soon'"),
    ] {
        let output = Command::new(PROGRAM).args(args).output().unwrap();
        assert!(!output.status.success());
        let text = String::from_utf8_lossy(&output.stderr);
        assert!(text.starts_with(complaint), "{text}");
    }
}

/// The scripts that the README shows.
#[tokio::test]
async fn it_plays_the_scripts_of_its_own_documentation() {
    let readme = concat!(env!("CARGO_MANIFEST_DIR"), "/README.md");
    let readme = std::fs::read_to_string(readme).unwrap();
    let blocks: Vec<_> = readme.split("\n\n").filter(|block| block.starts_with("    ")).collect();
    let folder = std::env::temp_dir().join(format!("gitlab-sandbox-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let (people, lies) = (folder.join("people.json"), folder.join("lies.json"));
    std::fs::write(&people, blocks.iter().find(|block| block.contains("link_release")).unwrap()).unwrap();
    std::fs::write(&lies, blocks.iter().find(|block| block.contains("late_deed")).unwrap()).unwrap();
    let [people, lies] = [&people, &lies].map(|path| path.to_str().unwrap());

    let args = ["--packages=200", "--seed=1", "--branches-cached=30s", "--script", people];
    let (_running, ready) = start(&[args.as_slice(), &["--faults", lies]].concat());
    let (url, token) = (ready["url"].as_str().unwrap(), ready["token"].as_str().unwrap());
    let ask = async |method: reqwest::Method, path: &str| {
        let request = crate::client::client().request(method, format!("{url}/api/v4{path}"));
        request.header("PRIVATE-TOKEN", token).send().await.unwrap()
    };
    let get = async |path: &str| ask(reqwest::Method::GET, path).await.json::<Value>().await.unwrap();
    let before = get("/projects/117/packages/2").await["last_downloaded_at"].clone();
    let versions = async |page: u8| {
        let rows = get(&format!("/groups/acme/packages?package_name=@acme/ui&sort=desc&per_page=1&page={page}")).await;
        rows[0]["version"].clone()
    };
    assert_eq!([versions(1).await, versions(2).await, versions(1).await], ["2.1.2", "2.1.2", "2.2.0"]);
    let links = async || get("/projects/117/releases").await[0]["assets"]["links"].as_array().map_or(0, Vec::len);
    let count = links().await;
    assert_ne!(links().await, count);
    assert_eq!(ask(reqwest::Method::DELETE, "/projects/117/packages/999999").await.status(), 404);
    assert_ne!(get("/projects/117/packages/2").await["last_downloaded_at"], before);
    let cached = ask(reqwest::Method::GET, "/projects/117/packages").await;
    assert_eq!(cached.headers()["age"], "90");

    let (_running, ready) = start(&["--packages=10", "--lag=1h"]);
    let (url, token) = (ready["url"].as_str().unwrap(), ready["token"].as_str().unwrap());
    let list = format!("{url}/api/v4/groups/acme/packages?per_page=1");
    let ask = async |method: reqwest::Method, url: &str| {
        crate::client::client().request(method, url).header("PRIVATE-TOKEN", token).send().await.unwrap()
    };
    let rows = async || ask(reqwest::Method::GET, &list).await.json::<Value>().await.unwrap();
    let row = rows().await;
    let path = row[0]["_links"]["delete_api_path"].as_str().unwrap().to_owned();
    assert_eq!(ask(reqwest::Method::DELETE, &path).await.status(), 204);
    assert_eq!(rows().await, row);
    assert_eq!(ask(reqwest::Method::DELETE, &path).await.status(), 404);
    std::fs::remove_dir_all(folder).unwrap();
}
