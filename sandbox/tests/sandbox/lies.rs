//! Answers that don't tell the truth of now: gateways, replicas, caches, and deeds that are done after all.

use std::time::Duration;

use crate::stage::{Stage, answer};
use axum::http::Method;
use gitlab_sandbox::faults::{Body, CacheTells, Fault, Headers, Kind, Rule, When};
use gitlab_sandbox::{Act, BrokenOff, Faults, NewFile, Options, PackageType, Publication, Sandbox, Status};

const LIST: &str = "/projects/2/packages";

fn faults(rules: impl IntoIterator<Item = Rule>) -> Options {
    Options { faults: Faults { seed: 1, rules: rules.into_iter().collect() }, ..Options::default() }
}

async fn header(sandbox: &Sandbox, path: &str, name: &str) -> Option<String> {
    let answer = answer(sandbox, Method::GET, path).await.unwrap();
    answer.headers().get(name).map(|value| value.to_str().unwrap().to_owned())
}

async fn listed(stage: &Stage) -> Vec<u64> {
    stage.get(LIST).await.as_array().unwrap().iter().map(|row| row["id"].as_u64().unwrap()).collect()
}

fn delete(package: u64) -> Act {
    Act::DeletePackage { package }
}

#[tokio::test]
async fn a_gateway_answers_in_its_own_words_and_does_nothing() {
    let own = [("server", "kong/3.4.2"), ("content-type", "application/problem+json"), ("date", "yesterday")];
    let headers = || Headers::new(own).unwrap();
    for (body, text) in [
        (Body::NoRoute, r#"{"message":"no Route matched with those values"}"#),
        (Body::Error, r#"{"error":"404 Not Found"}"#),
        (Body::Json, r#"{"message":"404 Not Found"}"#),
        (Body::Text("default backend - 404".to_owned()), "default backend - 404"),
        (Body::Html, "<!DOCTYPE html>\n<html><body><h1>404 Not Found</h1></body></html>\n"),
    ] {
        let gateway = Fault::Gateway { code: 404, headers: headers(), body };
        let limited = Options { rate_limit: Some("600/60s".parse().unwrap()), ..faults([Rule::new(gateway)]) };
        let stage = Stage::open(limited);
        let answer = answer(&stage.sandbox, Method::DELETE, "/projects/1/packages/1").await.unwrap();
        assert_eq!((answer.status().as_u16(), &answer.body()[..]), (404, text.as_bytes()));
        assert_eq!([&answer.headers()["server"], &answer.headers()["date"]], ["kong/3.4.2", "yesterday"]);
        assert_eq!(answer.headers()["content-type"], "application/problem+json");
        assert!(!answer.headers().contains_key("ratelimit-limit"), "that is GitLab's");
        assert_eq!(stage.sandbox.packages()[0].status, Status::Default);
    }
    assert_eq!(Headers::new([("a b", "c")]).unwrap_err().to_string(), r#""a b": "c" is no header"#);
}

/// Every change shows at the very instant at which it is as old as the lag, and those before it in their order.
#[tokio::test]
async fn a_replica_answers_with_the_state_of_a_while_ago() {
    let stage = Stage::open(Options { lag: Duration::from_secs(20), ..Options::default() });
    stage.act(delete(26));
    stage.wait(5);
    assert_eq!(stage.ask(Method::DELETE, "/projects/2/packages/27").await.0, 204);
    stage.wait(5);
    stage.act(Act::Publish(Publication {
        project: 2,
        package_type: PackageType::Generic,
        name: "tool".to_owned(),
        version: Some("2".to_owned()),
        files: vec![NewFile { name: "a".to_owned(), size: 1 }],
        ..Publication::default()
    }));
    stage.act(Act::ArchiveProject { id: 2 });
    stage.act(Act::RenameProject { id: 2, to: "acme/moved".to_owned() });
    let archived = async || stage.get("/projects/2").await["archived"] == true;
    for (wait, ids, is_archived) in [
        (0, vec![26, 27, 28, 29, 30], false),
        (9, vec![26, 27, 28, 29, 30], false),
        (1, vec![27, 28, 29, 30], false),
        (4, vec![27, 28, 29, 30], false),
        (1, vec![28, 29, 30], false),
        (4, vec![28, 29, 30], false),
        (1, vec![28, 29, 30, 31], true),
    ] {
        stage.wait(wait);
        assert_eq!((listed(&stage).await, archived().await), (ids, is_archived));
        let page = &stage.get(&format!("{LIST}/30")).await["_links"]["web_path"];
        assert_eq!(page == "/acme/moved/-/packages/30", is_archived, "{page}");
    }
    // What is written hits the present, which no reader sees yet.
    stage.act(delete(28));
    assert_eq!(stage.ask(Method::DELETE, "/projects/2/packages/28").await.0, 404);
    assert_eq!(stage.ask(Method::GET, "/projects/2/packages/28").await.0, 200);
    assert_eq!(stage.sandbox.snapshot().packages[27].status, Status::PendingDestruction);
}

#[tokio::test]
async fn a_replica_may_answer_from_some_request_on() {
    let replica = Rule::new(Fault::Replica { millis: 20_000 }).kind(Kind::ProjectPackages).when(When::After(1));
    let stage = Stage::open(faults([replica]));
    stage.act(delete(26));
    assert_eq!(listed(&stage).await, [27, 28, 29, 30]);
    assert_eq!(listed(&stage).await, [26, 27, 28, 29, 30]);
    assert_eq!(stage.ask(Method::GET, "/projects/2/packages/26").await.0, 404, "another kind");
    stage.wait(20);
    assert_eq!(listed(&stage).await, [27, 28, 29, 30]);
    // What was before a replica is not known to it.
    let stage = Stage::open(Options::default());
    stage.act(delete(26));
    stage.sandbox.set_faults(Faults::new(1).with(Rule::new(Fault::Replica { millis: 20_000 })));
    stage.act(delete(27));
    assert_eq!(listed(&stage).await, [27, 28, 29, 30]);
}

#[tokio::test]
async fn a_cache_tells_the_age_of_its_answer_or_does_not() {
    let (then, now) = ("Thu, 28 May 2026 20:25:10 GMT", "Thu, 28 May 2026 20:26:40 GMT");
    for (tells, age, date) in
        [(CacheTells::Both, Some("90"), then), (CacheTells::Age, Some("90"), now), (CacheTells::Date, None, then)]
    {
        let cached = Rule::new(Fault::Cached { seconds: 90, tells }).path("*/packages*");
        let stage = Stage::open(faults([cached]));
        assert_eq!(header(&stage.sandbox, LIST, "age").await.as_deref(), age);
        assert_eq!(header(&stage.sandbox, LIST, "date").await.as_deref(), Some(date));
        assert_eq!(header(&stage.sandbox, "/version", "age").await, None);
        let deleted = answer(&stage.sandbox, Method::DELETE, "/projects/2/packages/26").await.unwrap();
        assert!(deleted.status() == 204 && !deleted.headers().contains_key("age"), "no cache answers that");
        assert_eq!(listed(&stage).await, [26, 27, 28, 29, 30]);
        stage.wait(90);
        assert_eq!(listed(&stage).await, [27, 28, 29, 30]);
    }
    // It goes with others, since the answer is GitLab's.
    let cached = Rule::new(Fault::Cached { seconds: 90, tells: CacheTells::Both });
    let stage = Stage::open(faults([Rule::new(Fault::NoDate), cached, Rule::new(Fault::Replica { millis: 5_000 })]));
    assert_eq!(header(&stage.sandbox, LIST, "age").await.as_deref(), Some("90"));
    assert_eq!(header(&stage.sandbox, LIST, "date").await, None);
    stage.act(delete(26));
    stage.wait(94);
    assert_eq!(listed(&stage).await, [26, 27, 28, 29, 30]);
    stage.wait(1);
    assert_eq!(listed(&stage).await, [27, 28, 29, 30]);
}

#[tokio::test]
async fn a_deed_whose_answer_was_lost_may_be_done_later() {
    let rule = |kind| Rule::new(Fault::LateDeed { millis: 20_000, silence_millis: 0 }).kind(kind).when(When::First(1));
    let stage = Stage::open(faults([rule(Kind::DeletePackage), rule(Kind::DeletePackageFile)]));
    let deleted = async |path: &str| answer(&stage.sandbox, Method::DELETE, path).await.map(|answer| answer.status());
    assert_eq!(deleted("/projects/2/packages/26").await, Err(BrokenOff::HungUp));
    stage.wait(1);
    assert_eq!(deleted("/projects/1/packages/1/package_files/10").await, Err(BrokenOff::HungUp));
    stage.wait(18);
    assert_eq!(listed(&stage).await, [26, 27, 28, 29, 30]);
    stage.wait(60);
    assert_eq!(listed(&stage).await, [27, 28, 29, 30]);
    let packages = stage.sandbox.packages();
    assert_eq!(packages[25].updated_at.to_string(), "2026-05-28T20:27:00Z", "not when somebody looked");
    let files = stage.get("/projects/1/packages/1/package_files").await;
    assert_eq!((files.as_array().unwrap().len(), &files[0]["id"]), (1, &11.into()));
    assert_eq!(packages[0].files[0].updated_at.to_string(), "2026-05-28T20:27:01Z");
}

/// The deed meets what there is by then: a repetition was faster, or somebody has taken the right away.
#[tokio::test]
async fn a_late_deed_goes_by_the_state_of_then() {
    let late = || {
        let late = Fault::LateDeed { millis: 20_000, silence_millis: 0 };
        Stage::open(faults([Rule::new(late).kind(Kind::DeletePackage).when(When::First(1))]))
    };
    let stage = late();
    answer(&stage.sandbox, Method::DELETE, "/projects/2/packages/26").await.unwrap_err();
    assert_eq!(stage.ask(Method::DELETE, "/projects/2/packages/26").await.0, 204);
    stage.wait(20);
    assert_eq!(stage.sandbox.packages()[25].updated_at.to_string(), "2026-05-28T20:26:40Z");

    let stage = late();
    answer(&stage.sandbox, Method::DELETE, "/projects/2/packages/26").await.unwrap_err();
    stage.wait(19);
    let (project, package_type) = (2, PackageType::Generic);
    stage.act(Act::ProtectPackage { project, package_type, pattern: "tool".to_owned(), level: 50 });
    stage.wait(60);
    assert_eq!(stage.sandbox.packages()[25].status, Status::Default);
}

#[tokio::test(start_paused = true)]
async fn a_late_deed_may_keep_its_client_waiting() {
    let late = Fault::LateDeed { millis: 0, silence_millis: 30_000 };
    let stage = Stage::open(faults([Rule::new(late).kind(Kind::DeletePackage)]));
    let asked = tokio::time::Instant::now();
    let waiting = answer(&stage.sandbox, Method::DELETE, "/projects/2/packages/26");
    // Who gives up has still asked for it.
    assert!(tokio::time::timeout(Duration::from_secs(15), waiting).await.is_err());
    assert_eq!(listed(&stage).await, [27, 28, 29, 30]);
    let waiting = answer(&stage.sandbox, Method::DELETE, "/projects/2/packages/27");
    assert_eq!(waiting.await.unwrap_err(), BrokenOff::HungUp);
    assert_eq!(asked.elapsed(), Duration::from_secs(45));
}

#[tokio::test]
async fn a_listing_of_branches_may_come_from_a_cache() {
    let stage = Stage::open(Options { branches_cached: Duration::from_secs(30), ..Options::default() });
    let branch = || "topic".to_owned();
    let count = async |query: &str| {
        stage.get(&format!("/projects/1/repository/branches{query}")).await.as_array().unwrap().len()
    };
    stage.act(Act::CreateBranch { id: 1, branch: branch() });
    assert_eq!(count("").await, 2);
    stage.wait(10);
    stage.act(Act::DeleteBranch { id: 1, branch: branch() });
    assert_eq!((count("").await, count("?per_page=50").await), (2, 1), "each URL by itself");
    assert_eq!(stage.ask(Method::GET, "/projects/1/repository/branches/topic").await.0, 404);
    stage.wait(19);
    assert_eq!(count("").await, 2);
    stage.wait(1);
    assert_eq!(count("").await, 1);
    stage.act(Act::DeleteRepository { id: 1 });
    assert_eq!(stage.ask(Method::GET, "/projects/1/repository/branches").await.0, 404, "rights are of now");
}

#[test]
fn lies_are_read_from_a_script() {
    let faults = Faults::from_json(
        r#"{"rules": [
            {"method": "DELETE", "fault": {"gateway": {"headers": {"server": "kong/3.4.2"}, "body": "no_route"}}},
            {"when": {"after": 5}, "fault": {"replica": {"millis": 20000}}},
            {"fault": {"cached": {"seconds": 90, "tells": "date"}}},
            {"fault": "no_date"},
            {"fault": {"late_deed": {"millis": 20000}}}
        ]}"#,
    )
    .unwrap();
    let headers = Headers::new([("server", "kong/3.4.2")]).unwrap();
    let gateway = Rule::new(Fault::Gateway { code: 404, headers, body: Body::NoRoute }).method("DELETE");
    assert_eq!(faults.rules[0], gateway);
    assert_eq!(faults.rules[4].fault, Fault::LateDeed { millis: 20_000, silence_millis: 0 });
    assert_eq!(Faults::from_json(&serde_json::to_string(&faults).unwrap()).unwrap(), faults);
    let wrong = r#"{"rules": [{"fault": {"gateway": {"headers": {"a b": "c"}}}}]}"#;
    assert!(Faults::from_json(wrong).unwrap_err().to_string().starts_with(r#""a b": "c" is no header"#));
}
