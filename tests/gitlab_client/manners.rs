//! Trying again, waiting, and leaving GitLab alone.

use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use axum::extract::State;
use gleaner::gitlab::{ConnectionOptions, Error, Fault, Page, PageNumber, Reader, RetryPolicy, Row};
use gleaner::gitlab::{Endpoint, Method, RequestCounts, RunId, Traffic};
use tokio::sync::Barrier;

use crate::script::{Answer, Connected, Script, answer, listing, options, page, raw};

async fn first_page(client: &Connected) -> Result<Page<Row>, Error> {
    client.reader.packages_page(&listing(), PageNumber::FIRST).await
}

fn trouble() -> Answer {
    answer(500, r#"{"message": "500 Internal Server Error"}"#)
}

#[tokio::test]
async fn what_passes_is_tried_again() {
    let table = [
        (trouble(), "GitLab answered 500"),
        (answer(502, "<html>"), "GitLab answered 502"),
        (answer(429, "Retry later\n"), "GitLab answered 429"),
        (answer(429, "").with("retry-after", "1ms"), "GitLab answered 429"),
        (answer(522, ""), "GitLab answered 522"),
        (page(r#"[{"id": 1, "proj"#, ""), "the answer is not JSON"),
        (page("<html>Please wait</html>", ""), "the answer is an HTML page"),
    ];
    for (bad, why) in table {
        let script = Script::start([bad.clone(), bad, page("[]", "")]).await;
        let client = script.connect();
        first_page(&client).await.unwrap();
        assert_eq!(client.retries(), [why, why]);
        assert_eq!(script.asked().len(), 3, "{why}");
    }
}

#[tokio::test]
async fn what_is_settled_is_not_tried_again() {
    for status in [400, 401, 403, 404, 405, 410, 422, 501] {
        let script = Script::start([answer(status, r#"{"message": "no"}"#)]).await;
        let client = script.connect();
        first_page(&client).await.unwrap_err();
        assert_eq!(script.asked().len(), 1, "{status}");
    }
}

#[tokio::test]
async fn a_request_is_tried_six_times_and_no_more() {
    let script = Script::start(std::iter::repeat_with(trouble).take(9)).await;
    let client = script.connect();
    let error = first_page(&client).await.unwrap_err();
    assert!(matches!(error, Error::Unavailable { tries: 6, last: Fault::Status { status: 500, .. }, .. }), "{error:?}");
    assert_eq!(error.to_string(), "gave up after 6 tries");
    assert_eq!(script.asked().len(), 6);
}

#[tokio::test]
async fn the_time_for_waiting_is_limited_too() {
    let script = Script::start(std::iter::repeat_with(trouble).take(9)).await;
    let mut options = options(&script.url);
    options.retry.max_waiting = Duration::ZERO;
    first_page(&Connected::with(options)).await.unwrap_err();
    assert_eq!(script.asked().len(), 1);
}

#[tokio::test]
async fn a_body_that_breaks_off_and_a_connection_that_closes_are_tried_again() {
    let head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nX-Next-Page: \r\n";
    let cut = format!("{head}Content-Length: 500\r\n\r\n[{{\"id\": 1, ");
    let whole = format!("{head}Content-Length: 2\r\nConnection: close\r\n\r\n[]");
    let url = raw(vec![cut, String::new(), whole]).await;
    let client = Connected::to(&url);
    first_page(&client).await.unwrap();
    assert_eq!(client.retries(), ["the answer broke off", "the connection was closed before an answer came"]);
    let statuses: Vec<_> = client
        .events()
        .into_iter()
        .filter_map(|event| match event {
            Traffic::Requested { status, attempt, .. } => Some((status, attempt)),
            _ => None,
        })
        .collect();
    assert_eq!(statuses, [(None, 1), (None, 2), (Some(200), 3)]);
}

#[tokio::test]
async fn a_server_that_does_not_answer_in_time_is_given_up() {
    // Accepts connections, and never reads from one.
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let options = ConnectionOptions {
        request_timeout: Duration::from_millis(50),
        retry: RetryPolicy { tries: 2, ..options("").retry },
        ..options(&format!("http://{}", listener.local_addr().unwrap()))
    };
    let error = first_page(&Connected::with(options)).await.unwrap_err();
    assert!(matches!(error, Error::Unavailable { tries: 2, last: Fault::TimedOut { .. }, .. }), "{error:?}");
}

#[tokio::test]
async fn a_closed_port_names_the_host() {
    // Bound, so that nobody else gets the port, and not listening.
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let host = socket.local_addr().unwrap().to_string();
    let client = Connected::to(&format!("http://{host}"));
    let error = first_page(&client).await.unwrap_err();
    assert_eq!(error.to_string(), format!("there is no connection to {host}"));
    assert!(error.advice().unwrap().contains(&host));
    assert!(!format!("{error:?}").contains("per_page"), "{error:?}");
    assert_eq!(client.retries().len(), 5);
}

#[tokio::test]
async fn a_server_without_tls_is_not_asked_again() {
    let url = raw(vec!["HTTP/1.1 400 Bad Request\r\n\r\n".to_owned(); 6]).await;
    let host = url.strip_prefix("http://").unwrap();
    let client = Connected::to(&format!("https://{host}"));
    let error = first_page(&client).await.unwrap_err();
    assert!(matches!(error, Error::Tls { .. }), "{error:?}");
    assert!(error.advice().unwrap().contains("--ca-file"));
    assert!(client.retries().is_empty());
}

#[tokio::test]
async fn a_wait_that_is_too_long_fails_at_once_and_is_told() {
    let script = Script::start([answer(429, "Retry later\n").with("retry-after", "1830")]).await;
    let client = script.connect();
    let error = first_page(&client).await.unwrap_err();
    assert!(matches!(error, Error::RateLimited { asked: Some(_) }), "{error:?}");
    assert_eq!(error.to_string(), "the rate limit of GitLab is used up, and it asks to wait for 1830 s");
    // The next request knows, and doesn't even ask.
    let error = first_page(&client).await.unwrap_err();
    assert!(matches!(error, Error::RateLimited { asked: Some(_) }), "{error:?}");
    assert_eq!(script.asked().len(), 1);

    let script = Script::start([answer(503, "").with("retry-after", "2m0s")]).await;
    let error = first_page(&script.connect()).await.unwrap_err();
    assert_eq!(error.to_string(), "gave up after 1 try, and it asks to wait for 120 s");
}

#[tokio::test]
async fn a_used_up_rate_limit_holds_the_next_request_back() {
    let last = page("[]", "")
        .with("ratelimit-remaining", "0")
        .with("date", "Tue, 05 Jan 2021 10:29:30 GMT")
        .with("ratelimit-reset", "1609842571");
    let script = Script::start([last, page("[]", "").with("ratelimit-remaining", "599")]).await;
    let client = script.connect();
    first_page(&client).await.unwrap();
    let begun = std::time::Instant::now();
    first_page(&client).await.unwrap();
    assert!(begun.elapsed() > Duration::from_millis(800), "{:?}", begun.elapsed());
    let events = client.events();
    let held = |event: &Traffic| matches!(event, Traffic::Throttled { wait } if *wait > Duration::from_millis(800));
    assert!(events.iter().any(held), "{events:?}");
    assert!(events.contains(&Traffic::RateLimit { remaining: 599 }), "{events:?}");
}

#[tokio::test]
async fn a_refused_request_is_held_back_by_the_rate_limit_and_one_that_failed_is_not() {
    for (bad, held) in [(answer(429, "Retry later\n").with("retry-after", "7ms"), 1), (trouble(), 0)] {
        let script = Script::start([bad, page("[]", "")]).await;
        let client = script.connect();
        first_page(&client).await.unwrap();
        let events = client.events();
        let throttled = events.iter().filter(|event| matches!(event, Traffic::Throttled { .. }));
        assert_eq!(throttled.count(), held, "{events:?}");
    }
}

#[tokio::test]
async fn no_more_requests_are_in_flight_than_agreed() {
    // Each request waits for a second one, and then a while; the most that were there at once are counted.
    let (pair, here, most) = (Barrier::new(2), AtomicUsize::new(0), AtomicUsize::new(0));
    let state = Arc::new((pair, here, most));
    let serve = |State(state): State<Arc<(Barrier, AtomicUsize, AtomicUsize)>>| async move {
        let (pair, here, most) = &*state;
        most.fetch_max(here.fetch_add(1, Relaxed) + 1, Relaxed);
        pair.wait().await;
        for _ in 0..100 {
            tokio::task::yield_now().await;
        }
        here.fetch_sub(1, Relaxed);
        "[]"
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let router = axum::Router::new().fallback(serve).with_state(state.clone());
    tokio::spawn(async move { axum::serve(listener, router).await });

    let client = Connected::with(ConnectionOptions { in_flight: 2, ..options(&url) });
    let pages = (0..10).map(|_| {
        let reader = client.reader.clone();
        tokio::spawn(async move { reader.packages_page(&listing(), PageNumber::FIRST).await })
    });
    for page in pages.collect::<Vec<_>>() {
        page.await.unwrap().unwrap();
    }
    assert_eq!(state.2.load(Relaxed), 2);
}

#[tokio::test]
async fn connections_of_one_family_share_the_limits_and_are_counted_apart() {
    let script = Script::start([page("[]", ""), answer(429, "Retry later\n").with("retry-after", "1830")]).await;
    let whole = script.connect();
    let parts = [RequestCounts::default(), RequestCounts::default()].map(Arc::new);
    let [first, second] = &parts;
    let reader = |counts: &Arc<RequestCounts>| Reader::new(&whole.connection.heard_by(counts.clone()));

    reader(first).packages_page(&listing(), PageNumber::FIRST).await.unwrap();
    reader(first).packages_page(&listing(), PageNumber::FIRST).await.unwrap_err();
    // What the first was told holds for the second too, which doesn't even ask.
    let error = reader(second).packages_page(&listing(), PageNumber::FIRST).await.unwrap_err();
    assert!(matches!(error, Error::RateLimited { asked: Some(_) }), "{error:?}");
    assert_eq!(script.asked().len(), 2);
    assert_eq!([first, second].map(|counts| counts.by_method()["GET"]), [2, 0]);
    assert_eq!(whole.events(), []);
}

#[tokio::test]
async fn a_request_that_waits_for_its_next_try_is_not_in_anybodys_way() {
    let script = Script::start([answer(503, "").with("retry-after", "40"), page("[]", "")]).await;
    let client = Connected::with(ConnectionOptions { in_flight: 1, ..options(&script.url) });
    let reader = client.reader.clone();
    let waiting = tokio::spawn(async move { reader.packages_page(&listing(), PageNumber::FIRST).await });
    while client.retries().is_empty() {
        tokio::task::yield_now().await;
    }
    let in_time = tokio::time::timeout(Duration::from_secs(10), first_page(&client)).await;
    in_time.unwrap().unwrap();
    waiting.abort();
}

#[tokio::test]
async fn events_tell_the_endpoint_and_no_query() {
    let script = Script::start([trouble(), page("[]", "")]).await;
    let client = script.connect();
    first_page(&client).await.unwrap();
    let (told, events): (Vec<_>, Vec<_>) =
        client.events().into_iter().partition(|event| matches!(event, Traffic::Clock { .. }));
    assert_eq!(told.len(), 2, "each answer tells GitLab's time");
    let [first, retry, second] = events.as_slice() else {
        panic!("{events:?}");
    };
    assert!(
        matches!(
            (first, second),
            (
                Traffic::Requested {
                    method: Method::Get,
                    endpoint: Endpoint::GroupPackages,
                    status: Some(500),
                    attempt: 1,
                    ..
                },
                Traffic::Requested {
                    method: Method::Get,
                    endpoint: Endpoint::GroupPackages,
                    status: Some(200),
                    attempt: 2,
                    ..
                }
            )
        ),
        "{events:?}"
    );
    let Traffic::Retrying { path, attempt: 1, tries: 6, .. } = retry else {
        panic!("{retry:?}");
    };
    assert_eq!(path, "/api/v4/groups/acme%2Fplatform/packages");
}

#[tokio::test]
async fn gzip_is_asked_for_and_gleaner_names_itself() {
    let script = Script::start([page("[]", "")]).await;
    first_page(&script.connect()).await.unwrap();
    let headers = &script.asked()[0].headers;
    assert_eq!(headers["user-agent"], concat!("gleaner/", env!("CARGO_PKG_VERSION")));
    assert_eq!(headers["accept-encoding"], "gzip");
    assert_eq!(headers["accept"], "application/json");
}

#[tokio::test]
async fn requests_of_a_run_name_it() {
    let script = Script::start([page("[]", "")]).await;
    let run = RunId::new("2026-11-28T02:30:00Z".parse().unwrap(), 7);
    let reader = Reader::new(&script.connect().connection.of_run(&run));
    reader.packages_page(&listing(), PageNumber::FIRST).await.unwrap();
    let expected = format!("gleaner/{} run/20261128T023000Z-00000007", env!("CARGO_PKG_VERSION"));
    assert_eq!(script.asked()[0].headers["user-agent"], expected);
}
