//! Probes, metrics, methods, headers, and what is not there.

use gitlab_sandbox::Registry;
use gleaner::serve::admin::Pages;
use gleaner::serve::notice::{Notice, Purpose};
use gleaner_support::NOW;

use crate::admin::ask::{ask, ask_host, get};
use crate::admin::world::{World, parsed};

const TIDY: (&str, &str) =
    ("tidy", "version: 1\nscope: { group: acme }\ndelete: [{ status: error, older_than: 7d }]\n");

async fn world() -> World {
    World::new(Registry::generate(400, 7, NOW), &[TIDY]).await
}

#[tokio::test]
async fn ready_once_the_policies_are_valid_and_gitlab_has_answered_and_ever_after() {
    let world = World::empty(Registry::generate(10, 7, NOW)).await;
    let served = world.serve(Pages::All).await;
    let ready = async || {
        assert_eq!(get(served.address, "/livez").await.status, 200);
        let answer = get(served.address, "/readyz").await;
        (answer.status, answer.body)
    };
    let set = parsed(&[TIDY]);
    let told = [
        (Notice::NotLoaded { problem: "broken", at: NOW }, 503, "no valid policies have been loaded yet\n"),
        (Notice::NotConnected { problem: "no route" }, 503, "no valid policies have been loaded yet\n"),
        (Notice::Loaded { set: &set, at: NOW }, 503, "GitLab has not answered yet\n"),
        (Notice::Connected { token_expires: None }, 200, "ok\n"),
        (Notice::NotConnected { problem: "no route" }, 200, "ok\n"),
        (Notice::NotLoaded { problem: "broken", at: NOW }, 200, "ok\n"),
        (Notice::Halted { why: Some("paused") }, 200, "ok\n"),
        (Notice::Stopping, 503, "stopping\n"),
    ];
    assert_eq!(ready().await.0, 503);
    for (notice, status, body) in told {
        world.tell(&notice);
        assert_eq!(ready().await, (status, body.to_owned()), "{notice:?}");
    }
}

#[tokio::test]
async fn metrics_are_rendered_for_each_scrape() {
    let served = world().await.serve(Pages::MetricsOnly).await;
    for count in 1..=2 {
        let answer = get(served.address, "/metrics").await;
        assert_eq!(answer.headers["content-type"], "text/plain; version=0.0.4; charset=utf-8");
        assert_eq!(answer.body, format!("gleaner_scrapes_total {count}\n"));
    }
}

const PATHS: [&str; 7] =
    ["/metrics", "/livez", "/readyz", "/", "/reports/tidy.html", "/reports/tidy.json", "/reports/nobody.html"];

#[tokio::test]
async fn nothing_but_get_and_head_is_taken() {
    let world = world().await;
    world.cycle("tidy", Purpose::DryRun).await;
    let served = world.serve(Pages::All).await;
    for path in PATHS.into_iter().chain(["/reports/tidy", "/elsewhere"]) {
        for method in ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW"] {
            let answer = ask(served.address, method, path).await;
            assert_eq!((answer.status, answer.headers["allow"].as_str()), (405, "GET, HEAD"), "{method} {path}");
        }
        let got = get(served.address, path).await;
        let head = ask(served.address, "HEAD", path).await;
        assert_eq!((head.status, head.body.as_str()), (got.status, ""), "{path}");
        for header in ["content-type", "content-length", "content-security-policy"] {
            assert!(path == "/metrics" || head.headers[header] == got.headers[header], "{path}: {header}");
        }
        assert_eq!(got.headers["content-length"], got.body.len().to_string(), "{path}");
    }
}

#[tokio::test]
async fn every_answer_tells_browsers_to_be_careful() {
    let world = world().await;
    world.cycle("tidy", Purpose::DryRun).await;
    let served = world.serve(Pages::All).await;
    for path in PATHS {
        let headers = get(served.address, path).await.headers;
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "no-referrer"),
            ("cache-control", "no-store"),
            ("cross-origin-resource-policy", "same-origin"),
        ] {
            assert_eq!(headers[name], value, "{path}");
        }
        let policy = &headers["content-security-policy"];
        for part in ["default-src 'none';", "style-src 'sha256-", "frame-ancestors 'none'", "form-action 'none'"] {
            assert!(policy.contains(part), "{path}: {policy}");
        }
        assert!(!policy.contains("unsafe") && !policy.contains("script"), "{path}: {policy}");
        for header in ["access-control-allow-origin", "set-cookie", "location", "server"] {
            assert!(!headers.contains_key(header), "{path}: {header}");
        }
    }
}

#[tokio::test]
async fn what_is_not_there() {
    let world = world().await;
    let served = world.serve(Pages::All).await;
    for path in [
        "/favicon.ico",
        "/reports",
        "/reports/",
        "/reports/tidy",
        "/reports/tidy.xml",
        "//",
        "/metrics/",
        "/index.html",
    ] {
        let answer = get(served.address, path).await;
        assert_eq!((answer.status, answer.body.as_str()), (404, "there is no such page\n"), "{path}");
    }
    for path in ["/reports/nobody.html", "/reports/nobody.json", "/reports/.html"] {
        let answer = get(served.address, path).await;
        assert_eq!((answer.status, answer.body.as_str()), (404, "no policy of this name is in force\n"), "{path}");
    }
    let early = get(served.address, "/reports/tidy.json").await;
    assert_eq!((early.status, early.body.as_str()), (404, "tidy has not run yet, so there is no report\n"));
    assert_eq!(early.headers["content-type"], "text/plain; charset=utf-8");
}

#[tokio::test]
async fn metrics_only_has_no_page_that_names_a_package() {
    let world = world().await;
    world.tell(&Notice::Connected { token_expires: None });
    let report = world.cycle("tidy", Purpose::DryRun).await;
    assert!(!report.decisions.is_empty());
    let (all, some) = (world.serve(Pages::All).await, world.serve(Pages::MetricsOnly).await);
    for path in PATHS {
        let status = async |served: &crate::admin::world::Served| get(served.address, path).await.status;
        let (all, some) = (status(&all).await, status(&some).await);
        let is_page = path == "/" || path.starts_with("/reports/");
        assert_eq!(some, if is_page { 404 } else { 200 }, "{path}");
        assert_eq!(all, if path.contains("nobody") { 404 } else { 200 }, "{path}");
    }
}

/// A page of somebody else can have its own name point to 127.0.0.1.
#[tokio::test]
async fn on_the_loopback_interface_a_strangers_name_is_not_answered() {
    let served = world().await.serve(Pages::All).await;
    for host in ["localhost", "localhost:9090", "127.0.0.1:9090", "[::1]:9090"] {
        assert_eq!(ask_host(served.address, "GET", "/", host).await.status, 200, "{host}");
    }
    for host in ["rebound.example", "rebound.example:9090", "localhost.rebound.example", ""] {
        let answer = ask_host(served.address, "GET", "/", host).await;
        assert_eq!(answer.status, 421, "{host}");
        assert!(!answer.body.contains("tidy"), "{host}");
    }
}
