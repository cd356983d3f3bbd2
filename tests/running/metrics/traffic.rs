//! What is asked of GitLab.

use std::time::Duration;

use gleaner::cycle::progress::{Event, Sought};
use gleaner::gitlab::{Endpoint, Method, Traffic};
use gleaner::package::PackageId;
use gleaner::serve::notice::Notice;
use tokio::time::advance;

use crate::metrics::life::Life;

fn tell(life: &Life, event: &Event) {
    life.on(Notice::During { policy: None, event });
}

fn exchange(life: &Life, traffic: Traffic) {
    tell(life, &Event::Traffic(traffic));
}

#[test]
fn requests_are_counted_by_method_and_class() {
    let life = Life::with(&["tidy"]);
    let statuses = [Some(200), Some(204), Some(302), Some(404), Some(429), Some(503), None, Some(999)];
    for status in statuses {
        let (method, endpoint, took) = (Method::Get, Endpoint::Token, Duration::from_millis(250));
        exchange(&life, Traffic::Requested { method, endpoint, status, attempt: 1, took });
    }
    let line = |method, code, count| format!("gleaner_requests_total{{code=\"{code}\",method=\"{method}\"}} {count}");
    let mut expected = Vec::new();
    for (code, count) in [("2xx", 2), ("3xx", 1), ("4xx", 2), ("5xx", 1), ("none", 2)] {
        expected.extend([line("DELETE", code, 0), line("GET", code, count)]);
    }
    assert_eq!(life.lines("requests_total"), expected);
    let duration = life.lines("request_duration_seconds");
    for line in [
        r#"gleaner_request_duration_seconds_bucket{endpoint="token",le="0.1"} 0"#,
        r#"gleaner_request_duration_seconds_bucket{endpoint="token",le="0.5"} 8"#,
        r#"gleaner_request_duration_seconds_sum{endpoint="token"} 2"#,
        r#"gleaner_request_duration_seconds_count{endpoint="token"} 8"#,
    ] {
        assert!(duration.iter().any(|known| known == line), "{line} is not in {duration:#?}");
    }
}

#[test]
fn retries_pages_and_look_ups_are_counted() {
    let life = Life::with(&["tidy"]);
    let (path, why) = ("/api/v4/groups/7".to_owned(), "GitLab answered 500".to_owned());
    exchange(&life, Traffic::Retrying { method: Method::Get, path, why, wait: Duration::ZERO, attempt: 1, tries: 6 });
    for rows in [100, 3] {
        tell(&life, &Event::PageRead { rows });
    }
    for problem in [None, None, Some("no answer".to_owned())] {
        tell(&life, &Event::EvidenceRead { of: Sought::Pipelines(PackageId(1)), problem });
    }
    assert_eq!(
        life.lines("retries_total"),
        [r#"gleaner_retries_total{method="DELETE"} 0"#, r#"gleaner_retries_total{method="GET"} 1"#]
    );
    assert_eq!(life.lines("listing_pages_total"), ["gleaner_listing_pages_total 2"]);
    assert_eq!(
        life.lines("evidence_requests_total"),
        [
            r#"gleaner_evidence_requests_total{result="failure"} 1"#,
            r#"gleaner_evidence_requests_total{result="success"} 2"#
        ]
    );
}

#[test]
fn the_rate_limit_is_what_gitlab_told_last() {
    let life = Life::with(&["tidy"]);
    for remaining in [599, 0, 598] {
        exchange(&life, Traffic::RateLimit { remaining });
    }
    assert_eq!(life.lines("rate_limit_remaining"), ["gleaner_rate_limit_remaining 598"]);
}

#[tokio::test(start_paused = true)]
async fn time_that_is_held_back_is_wall_time() {
    let life = Life::with(&["tidy"]);
    let wait = |seconds| exchange(&life, Traffic::Throttled { wait: Duration::from_secs(seconds) });
    let total = |expected: u64| {
        assert_eq!(life.lines("throttled_seconds_total"), [format!("gleaner_throttled_seconds_total {expected}")]);
    };
    total(0);
    // Three side by side, to the same end.
    wait(30);
    wait(30);
    advance(Duration::from_secs(10)).await;
    wait(20);
    total(30);
    // One that lies within, and one that goes on for longer.
    wait(5);
    total(30);
    advance(Duration::from_secs(10)).await;
    wait(15);
    total(35);
    // Free again, and then held back anew.
    advance(Duration::from_secs(100)).await;
    wait(7);
    total(42);
}
