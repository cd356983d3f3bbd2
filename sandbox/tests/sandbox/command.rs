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
    for (flag, file, complaint) in [
        ("--script", "faults.json", "faults.json is no valid script of happenings: invalid type: map"),
        ("--script", "wrong.json", "wrong.json is no valid script of happenings: unknown variant `burn_project`"),
        ("--faults", "wrong.json", "wrong.json is no valid script of faults: invalid type: map"),
        ("--script", "nothing.json", "can't read "),
    ] {
        let output = Command::new(PROGRAM).args([flag, &format!("{folder}/{file}")]).output().unwrap();
        let text = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success() && text.starts_with("error: ") && text.contains(complaint), "{text}");
        assert!(text.contains(folder) && (file == "nothing.json" || text.contains(" at line ")), "{text}");
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
