//! Clients that are slow, silent or excessive.

use std::time::Duration;

use gitlab_sandbox::Registry;
use gleaner::serve::admin::Pages;
use gleaner_support::NOW;
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout};

use crate::admin::ask::{get, parse, read_to_end, send, talk};
use crate::admin::world::{Served, World};

async fn served() -> Served {
    World::empty(Registry::generate(10, 7, NOW)).await.serve(Pages::All).await
}

#[tokio::test]
async fn one_connection_carries_many_requests() {
    let served = served().await;
    let stream = TcpStream::connect(served.address).await.unwrap();
    let first = "GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n";
    let last = "GET /livez HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    let answers = talk(&stream, &format!("{first}{first}{last}")).await;
    assert_eq!(answers.matches("HTTP/1.1 200 OK").count(), 3, "{answers}");
}

#[tokio::test(start_paused = true)]
async fn a_head_that_does_not_end_is_not_waited_for() {
    let served = served().await;
    let stream = TcpStream::connect(served.address).await.unwrap();
    send(&stream, "GET /livez HTTP/1.1\r\nHost: localhost\r\n").await;
    let began = Instant::now();
    let answer = read_to_end(&stream).await;
    assert!(!answer.contains("200 OK"), "{answer}");
    let waited = began.elapsed();
    assert!(waited >= Duration::from_secs(4) && waited < Duration::from_secs(30), "{waited:?}");
}

#[tokio::test]
async fn a_head_that_is_too_long_is_refused() {
    let served = served().await;
    let stream = TcpStream::connect(served.address).await.unwrap();
    let head = format!("GET /livez HTTP/1.1\r\nHost: localhost\r\nCookie: {}\r\n\r\n", "x".repeat(17 * 1024));
    assert_eq!(parse(&talk(&stream, &head).await).status, 431);
    assert_eq!(get(served.address, "/livez").await.status, 200);
}

#[tokio::test(start_paused = true)]
async fn a_stop_waits_a_little_for_slow_clients_and_not_longer() {
    let served = served().await;
    let silent = TcpStream::connect(served.address).await.unwrap();
    let slow = TcpStream::connect(served.address).await.unwrap();
    send(&slow, "GET /livez HTTP/1.1\r\n").await;
    // The server has taken both when it has answered a third.
    assert_eq!(get(served.address, "/livez").await.status, 200);
    let began = Instant::now();
    served.stop.cancel();
    timeout(Duration::from_secs(20), served.running).await.unwrap().unwrap();
    assert!(began.elapsed() <= Duration::from_secs(7), "{:?}", began.elapsed());
    assert_eq!((read_to_end(&silent).await, read_to_end(&slow).await), (String::new(), String::new()));
    assert!(TcpStream::connect(served.address).await.is_err());
}

#[tokio::test(start_paused = true)]
async fn a_stop_does_not_wait_for_a_connection_that_is_only_kept() {
    let served = served().await;
    let kept = TcpStream::connect(served.address).await.unwrap();
    send(&kept, "GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n").await;
    kept.readable().await.unwrap();
    let began = Instant::now();
    served.stop.cancel();
    timeout(Duration::from_secs(20), served.running).await.unwrap().unwrap();
    assert!(began.elapsed() < Duration::from_secs(1), "{:?}", began.elapsed());
    assert!(read_to_end(&kept).await.ends_with("\r\n\r\nok\n"));
}
