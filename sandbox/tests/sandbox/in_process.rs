//! A sandbox without a socket, and with a clock of its own.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use axum::body::Bytes;
use axum::http::{Request, Response};
use gitlab_sandbox::{BrokenOff, Clock, Faults, OpenError, Options, Registry, RegistryError, Sandbox, User};
use jiff::Timestamp;

const START: i64 = 1_780_000_000;

/// Asks as the owner of the sandbox's token.
async fn ask(sandbox: &Sandbox, path: &str) -> Result<Response<Bytes>, BrokenOff> {
    let request = Request::get(format!("/api/v4/{path}")).header("private-token", sandbox.token());
    sandbox.answer(request.body(Bytes::new()).unwrap()).await
}

#[tokio::test]
async fn it_goes_by_the_clock_that_it_is_given() {
    let seconds = Arc::new(AtomicI64::new(START));
    let clock = Clock::new({
        let seconds = Arc::clone(&seconds);
        move || Timestamp::from_second(seconds.load(Ordering::Relaxed)).unwrap()
    });
    let registry = Registry::generate(50, 1, Timestamp::from_second(START).unwrap());
    let sandbox = Sandbox::open(registry, &Options { clock, ..Options::default() }).unwrap();
    let date = async || ask(&sandbox, "version").await.unwrap().headers()["date"].to_str().unwrap().to_owned();
    assert_eq!(date().await, "Thu, 28 May 2026 20:26:40 GMT");
    assert_eq!(ask(&sandbox, "user").await.unwrap().status(), 200);
    // The generated token is good until the end of 2099.
    seconds.store(START + 74 * 31_557_600, Ordering::Relaxed);
    assert_eq!(date().await, "Sat, 29 May 2100 08:26:40 GMT");
    assert_eq!(ask(&sandbox, "user").await.unwrap().status(), 401);
}

#[tokio::test]
async fn a_proxy_may_take_the_date_out() {
    let options = Options { tells_time: false, ..Options::default() };
    let sandbox = Sandbox::open(Registry::generate(50, 1, Timestamp::from_second(START).unwrap()), &options).unwrap();
    assert!(!ask(&sandbox, "version").await.unwrap().headers().contains_key("date"));
}

#[tokio::test]
async fn an_answer_that_breaks_off_is_told_as_one() {
    let sandbox =
        Sandbox::open(Registry::generate(50, 1, Timestamp::from_second(START).unwrap()), &Options::default()).unwrap();
    for (fault, expected) in [(r#""hang_up""#, BrokenOff::HungUp), (r#""cut_body""#, BrokenOff::CutOff)] {
        let json = format!(r#"{{"rules": [{{"fault": {fault}}}]}}"#);
        sandbox.set_faults(Faults::from_json(&json).unwrap());
        assert_eq!(ask(&sandbox, "version").await.unwrap_err(), expected);
    }
}

#[test]
fn a_registry_that_does_not_hang_together_is_not_opened() {
    let user = User { id: 1, username: "ada".to_owned(), ..User::default() };
    let registry = Registry { users: vec![user.clone(), user], ..Registry::default() };
    let error = Sandbox::open(registry, &Options::default()).unwrap_err();
    assert!(matches!(error, OpenError::Registry(RegistryError::Twice { .. })), "{error}");
}
