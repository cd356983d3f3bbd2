//! The sandbox against recorded exchanges with GitLab's own code: status, headers and body have to agree.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use gitlab_sandbox::{Options, Registry, Server};
use serde_json::Value;

const REGISTRY: &str = include_str!("../fixtures/registry.json");
const RECORDINGS: &str = include_str!("../fixtures/recordings.jsonl");

/// The headers that have to agree, their absence included.
const HEADERS: [&str; 8] =
    ["X-Total", "X-Total-Pages", "X-Per-Page", "X-Page", "X-Next-Page", "X-Prev-Page", "Link", "WWW-Authenticate"];

/// The types in the order of their numbers in GitLab's database, by which it sorts them.
const TYPES: [&str; 14] = [
    "maven",
    "npm",
    "conan",
    "nuget",
    "pypi",
    "composer",
    "generic",
    "golang",
    "debian",
    "rubygems",
    "helm",
    "terraform_module",
    "rpm",
    "ml_model",
];

#[tokio::test]
async fn every_recording_agrees() {
    let recordings: Vec<Value> = RECORDINGS.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let mut servers = HashMap::new();
    let mut agreed = 0;
    for recording in &recordings {
        let count_limit = recording["count_limit"].as_u64().map(|limit| limit.try_into().unwrap());
        let server = match servers.entry(count_limit) {
            Entry::Occupied(server) => server.into_mut(),
            Entry::Vacant(free) => {
                let external_url = Some("http://gitlab.test".to_owned());
                let options = Options { count_limit, external_url, ..Options::default() };
                let registry = Registry::from_json(REGISTRY).unwrap();
                free.insert(Server::start(registry, options).await.unwrap())
            }
        };
        match differences(server, recording).await.as_slice() {
            [] => agreed += 1,
            differences => eprintln!("{}\n  {}", recording["id"], differences.join("\n  ")),
        }
    }
    eprintln!("{agreed} of {} agree", recordings.len());
    assert_eq!((agreed, recordings.len()), (215, 215));
}

/// Sends a recorded request, and tells how the answer differs from the recorded one.
async fn differences(server: &Server, recording: &Value) -> Vec<String> {
    let (request, expected) = (&recording["request"], &recording["response"]);
    let path = request["path"].as_str().unwrap();
    let method = request["method"].as_str().unwrap().parse().unwrap();
    let mut sent = crate::client::client().request(method, format!("{}{path}", server.url()));
    for (name, value) in request["headers"].as_object().unwrap() {
        sent = sent.header(name, value.as_str().unwrap());
    }
    let answer = sent.send().await.unwrap();

    let mut differences = Vec::new();
    let mut compare = |what: &str, expected: &Value, given: &Value| {
        if expected != given {
            differences.push(format!("{what}: expected {expected}, not {given}"));
        }
    };
    compare("status", &expected["status"], &answer.status().as_u16().into());
    for name in HEADERS {
        let given = answer.headers().get(name).map(|value| value.to_str().unwrap());
        compare(name, &expected["headers"][name], &given.into());
    }
    let text = answer.text().await.unwrap();
    let body = if text.is_empty() { Value::Null } else { serde_json::from_str(&text).unwrap() };
    compare("body", &in_total_order(&expected["body"], path), &in_total_order(&body, path));
    differences
}

/// Sorts rows by their id where they are equal under the order that was asked for: GitLab has no tie-breaker there.
fn in_total_order(body: &Value, path: &str) -> Value {
    let Some(rows) = body.as_array() else {
        return body.clone();
    };
    let param = |name: &str| {
        let pairs = path.split_once('?').map_or("", |(_, query)| query).split('&');
        pairs.filter_map(|pair| pair.strip_prefix(name)?.strip_prefix('=')).next_back()
    };
    let files = path.contains("/package_files");
    let order = param("order_by").unwrap_or(if files { "id" } else { "created_at" });
    let key = |row: &Value| match order {
        "type" => TYPES.iter().position(|kind| row["package_type"] == *kind).into(),
        // Conan is sorted by its bare name.
        "name" if row.get("conan_package_name").is_some() => row["conan_package_name"].clone(),
        // This order is total.
        "project_path" => row["id"].clone(),
        field => row[field].clone(),
    };
    let mut sorted = Vec::new();
    for equal in rows.chunk_by(|a, b| key(a) == key(b)) {
        let mut equal = equal.to_vec();
        equal.sort_by_key(|row| row["id"].as_u64());
        sorted.extend(equal);
    }
    sorted.into()
}
