//! Every fault, as a client meets it.

use std::time::{Duration, Instant};

use crate::small::{self, get, header, ids, send};
use gitlab_sandbox::faults::{Body, Fault, Kind, Rule, Throttle, When};
use gitlab_sandbox::{Faults, Options, Project, Server, Status};
use reqwest::Method;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const LIST: &str = "/groups/acme/packages?per_page=10";

async fn serve(faults: Faults) -> Server {
    Server::start(small::registry(), Options { faults, ..Options::default() }).await.unwrap()
}

async fn serve_with(fault: Fault) -> Server {
    serve(Faults::new(1).with(Rule::new(fault))).await
}

/// Sends a request by hand and reads whatever comes until the connection ends.
async fn raw(server: &Server, path: &str) -> Vec<u8> {
    let mut stream = TcpStream::connect(server.url().trim_start_matches("http://")).await.unwrap();
    let request = format!("GET /api/v4{path} HTTP/1.1\r\nHost: x\r\nPRIVATE-TOKEN: {}\r\n\r\n", small::TOKEN);
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut bytes = Vec::new();
    // A reset is an end as well.
    let _ = stream.read_to_end(&mut bytes).await;
    bytes
}

#[tokio::test]
async fn too_many_requests_come_in_every_shape() {
    for (throttle, retry_after) in [
        (Throttle::Bare, None),
        (Throttle::Seconds(7), Some("7")),
        (Throttle::GoDuration(60), Some("1m0s")),
        (Throttle::GoDuration(5), Some("5s")),
        (Throttle::Application, None),
    ] {
        let server = serve_with(Fault::TooManyRequests(throttle)).await;
        let answer = get(server.url(), LIST).await;
        assert_eq!(answer.status(), 429);
        assert_eq!(header(&answer, "Retry-After"), retry_after, "{throttle:?}");
        assert_eq!(header(&answer, "RateLimit-Remaining"), None);
    }

    let server = serve_with(Fault::TooManyRequests(Throttle::HttpDate(60))).await;
    let answer = get(server.url(), LIST).await;
    assert!(header(&answer, "Retry-After").unwrap().ends_with(" GMT"));

    let server = serve_with(Fault::TooManyRequests(Throttle::Full(30))).await;
    let answer = get(server.url(), LIST).await;
    assert_eq!(header(&answer, "Retry-After"), Some("30"));
    for name in ["Name", "Limit", "Observed", "Remaining", "Reset", "ResetTime"] {
        assert!(header(&answer, &format!("RateLimit-{name}")).is_some(), "{name}");
    }
    assert_eq!(answer.text().await.unwrap(), "Retry later\n");
}

#[tokio::test]
async fn statuses_come_with_json_or_html() {
    for code in [401, 403, 404, 500, 502, 503] {
        let server = serve_with(Fault::Status { code, body: Body::Json }).await;
        let answer = get(server.url(), LIST).await;
        assert_eq!(answer.status(), code);
        assert_eq!(header(&answer, "Content-Type"), Some("application/json"));
    }
    let server = serve_with(Fault::Status { code: 502, body: Body::Html }).await;
    let answer = get(server.url(), LIST).await;
    assert_eq!(answer.status(), 502);
    assert!(header(&answer, "Content-Type").unwrap().starts_with("text/html"));

    let server = serve_with(Fault::ExpiredToken).await;
    let answer = get(server.url(), LIST).await;
    assert_eq!(answer.status(), 401);
    assert!(header(&answer, "WWW-Authenticate").unwrap().contains("invalid_token"));
}

#[tokio::test]
async fn a_cut_body_is_shorter_than_it_says() {
    let server = serve_with(Fault::CutBody).await;
    let bytes = raw(&server, LIST).await;
    let text = String::from_utf8(bytes).unwrap();
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("HTTP/1.1 200"));
    let length =
        head.lines().find_map(|line| line.to_lowercase().strip_prefix("content-length: ")?.parse::<usize>().ok());
    assert_eq!(length.unwrap() / 2, body.len());
    assert!(get(server.url(), LIST).await.text().await.is_err());
}

#[tokio::test]
async fn a_hang_up_leaves_no_answer() {
    let server = serve_with(Fault::HangUp).await;
    assert_eq!(raw(&server, LIST).await, b"");
    assert!(send(Method::DELETE, server.url(), "/projects/1/packages/1").await.is_err());
    assert_eq!(server.packages()[0].status, Status::Default);
    assert!(server.requests().iter().all(|request| request.status.is_none()));

    let server = serve_with(Fault::HangUpAfter).await;
    assert!(send(Method::DELETE, server.url(), "/projects/1/packages/1").await.is_err());
    assert_eq!(server.packages()[0].status, Status::PendingDestruction);
}

#[tokio::test]
async fn bodies_may_be_broken_or_something_else() {
    let server = serve_with(Fault::InvalidJson).await;
    let answer = get(server.url(), LIST).await;
    assert_eq!(answer.status(), 200);
    let text = answer.text().await.unwrap();
    assert!(text.starts_with('[') && serde_json::from_str::<serde_json::Value>(&text).is_err());

    let server = serve_with(Fault::HtmlPage).await;
    let answer = get(server.url(), LIST).await;
    assert_eq!(answer.status(), 200);
    assert!(answer.text().await.unwrap().starts_with("<!DOCTYPE html>"));
}

#[tokio::test]
async fn a_slow_body_is_whole_in_the_end() {
    let server = serve_with(Fault::SlowBody { millis: 120 }).await;
    let asked = Instant::now();
    assert_eq!(ids(get(server.url(), LIST).await).await.len(), 10);
    assert!(asked.elapsed() >= Duration::from_millis(120));
    // There is no half of nothing.
    let asked = Instant::now();
    assert_eq!(send(Method::DELETE, server.url(), "/projects/1/packages/1").await.unwrap().status(), 204);
    assert!(asked.elapsed() >= Duration::from_millis(120));
    assert_eq!(server.packages()[0].status, Status::PendingDestruction);
}

#[tokio::test]
async fn redirects_and_links_lead_elsewhere() {
    let elsewhere = "http://127.0.0.1:9".to_owned();
    let server = serve_with(Fault::Redirect { origin: elsewhere.clone() }).await;
    let answer = get(server.url(), LIST).await;
    assert_eq!(answer.status(), 302);
    assert_eq!(header(&answer, "Location").unwrap(), format!("{elsewhere}/api/v4{LIST}"));

    let server = serve_with(Fault::LinkElsewhere { origin: elsewhere.clone() }).await;
    let answer = get(server.url(), LIST).await;
    let link = header(&answer, "Link").unwrap();
    assert_eq!(link.split(", ").count(), 3);
    assert!(link.split(", ").all(|link| link.starts_with(&format!("<{elsewhere}/api/v4/groups/acme/packages?"))));
    assert_eq!(ids(answer).await.len(), 10);
}

#[tokio::test]
async fn a_false_delete_deletes_nothing() {
    let server = serve(Faults::new(1).with(Rule::new(Fault::FalseDelete).kind(Kind::DeletePackage))).await;
    let answer = send(Method::DELETE, server.url(), "/projects/1/packages/1").await.unwrap();
    assert_eq!(answer.status(), 204);
    assert_eq!(server.packages()[0].status, Status::Default);
    // Files are something else.
    let answer = send(Method::DELETE, server.url(), "/projects/1/packages/1/package_files/10").await.unwrap();
    assert_eq!(answer.status(), 204);
    assert_ne!(server.packages()[0].files[0].status, gitlab_sandbox::FileStatus::Default);
}

/// Walks by `X-Next-Page` to the end.
async fn walk(server: &Server) -> Vec<u64> {
    let (mut all, mut page) = (Vec::new(), "1".to_owned());
    while !page.is_empty() {
        let answer = get(server.url(), &format!("{LIST}&page={page}")).await;
        page = header(&answer, "X-Next-Page").unwrap().to_owned();
        all.extend(ids(answer).await);
    }
    all
}

#[tokio::test]
async fn rows_repeat_as_if_somebody_had_published() {
    let server = serve(Faults::new(1).with(Rule::new(Fault::RepeatRows(2)).from_page(2))).await;
    let expected: Vec<_> = (1..=10).chain(9..=30).collect();
    assert_eq!(walk(&server).await, expected);
}

#[tokio::test]
async fn rows_are_skipped_as_if_somebody_had_deleted() {
    let server = serve(Faults::new(1).with(Rule::new(Fault::SkipRows(3)).from_page(3))).await;
    let expected: Vec<_> = (1..=20).chain(24..=30).collect();
    assert_eq!(walk(&server).await, expected);
}

/// In the listing of a group's projects, which a client walks to know that it has seen all.
#[tokio::test]
async fn a_page_is_repeated_or_empty_while_later_ones_go_on() {
    for (fault, second) in
        [(None, vec![6, 5, 4]), (Some(Fault::RepeatRows(3)), vec![9, 8, 7]), (Some(Fault::EmptyPage), vec![])]
    {
        let mut registry = small::registry();
        for id in 3..=9 {
            registry.projects.push(Project { id, path: format!("acme/p{id}"), ..Project::default() });
        }
        let rules = fault.map(|fault| Rule::new(fault).kind(Kind::GroupProjects).page(2)).into_iter().collect();
        let faults = Faults { seed: 1, rules };
        let server = Server::start(registry, Options { faults, ..Options::default() }).await.unwrap();
        let mut pages = Vec::new();
        let mut page = "1".to_owned();
        while !page.is_empty() {
            let answer = get(server.url(), &format!("/groups/acme/projects?per_page=3&page={page}")).await;
            page = header(&answer, "X-Next-Page").unwrap().to_owned();
            pages.push(ids(answer).await);
        }
        assert_eq!(pages, [vec![9, 8, 7], second, vec![3, 2, 1]]);
    }
}

#[tokio::test]
async fn a_project_vanishes_from_view() {
    let server =
        serve(Faults::new(1).with(Rule::new(Fault::HideProject("acme/lib".to_owned())).when(When::After(1)))).await;
    assert_eq!(ids(get(server.url(), "/groups/acme/packages?per_page=100").await).await.len(), 30);
    assert_eq!(ids(get(server.url(), "/groups/acme/packages?per_page=100").await).await.len(), 25);
    assert_eq!(get(server.url(), "/projects/2/packages").await.status(), 404);
    assert_eq!(ids(get(server.url(), "/groups/acme/projects").await).await, [1]);
}

#[tokio::test]
async fn two_tries_of_a_page_fail_and_the_third_succeeds() {
    let error = Fault::Status { code: 500, body: Body::Json };
    let rule = Rule::new(error).kind(Kind::GroupPackages).page(2).when(When::First(2)).each_url();
    let server = serve(Faults::new(1).with(rule)).await;
    let page = async |page: u64| get(server.url(), &format!("{LIST}&page={page}")).await.status().as_u16();
    assert_eq!(page(1).await, 200);
    assert_eq!([page(2).await, page(2).await, page(2).await, page(2).await], [500, 500, 200, 200]);
    let asc = async || get(server.url(), &format!("{LIST}&page=2&sort=asc")).await.status().as_u16();
    assert_eq!([asc().await, asc().await, asc().await], [500, 500, 200]);
    let statuses: Vec<_> = server.requests().iter().filter_map(|request| request.status).collect();
    assert_eq!(statuses, [200, 500, 500, 200, 200, 500, 500, 200]);
}

#[tokio::test]
async fn rules_fire_when_they_say() {
    let statuses = async |when: When| {
        let server =
            serve(Faults::new(7).with(Rule::new(Fault::Status { code: 503, body: Body::Json }).when(when))).await;
        let mut fired = Vec::new();
        for number in 1..=12 {
            if get(server.url(), LIST).await.status() == 503 {
                fired.push(number);
            }
        }
        fired
    };
    assert_eq!(statuses(When::Nth(3)).await, [3]);
    assert_eq!(statuses(When::Every(4)).await, [4, 8, 12]);
    assert_eq!(statuses(When::After(10)).await, [11, 12]);
    assert_eq!(statuses(When::First(2)).await, [1, 2]);
    assert_eq!(statuses(When::Always).await.len(), 12);
    let some = statuses(When::Probability(0.5)).await;
    assert!((1..12).contains(&some.len()));
    assert_eq!(statuses(When::Probability(0.5)).await, some, "the same seed, the same faults");
}

#[tokio::test]
async fn faults_can_be_replaced_while_it_runs() {
    let server = serve_with(Fault::HtmlPage).await;
    server.set_faults(Faults::default());
    assert_eq!(ids(get(server.url(), LIST).await).await.len(), 10);
}

#[test]
fn scripts_are_read_strictly_and_tell_their_seed() {
    let faults = Faults::from_json(
        r#"{"seed": 7, "rules": [
            {"kind": "group_packages", "page": 7, "when": {"first": 2}, "fault": {"status": {"code": 500}}},
            {"method": "DELETE", "when": {"probability": 0.1}, "fault": {"too_many_requests": {"go_duration": 60}}},
            {"path": "*/packages/*", "each_url": true, "fault": "hang_up"}
        ]}"#,
    )
    .unwrap();
    let error = Rule::new(Fault::Status { code: 500, body: Body::Json });
    assert_eq!(faults.rules[0], error.kind(Kind::GroupPackages).page(7).when(When::First(2)));
    assert_eq!(faults.to_string(), "3 faults with seed 7");
    let empty =
        Faults::from_json(r#"{"rules": [{"kind": "group_projects", "page": 2, "fault": "empty_page"}]}"#).unwrap();
    assert_eq!(empty.rules[0], Rule::new(Fault::EmptyPage).kind(Kind::GroupProjects).page(2));
    assert!(Faults::from_json(r#"{"rules": [{"pages": 7, "fault": "hang_up"}]}"#).is_err());
}
