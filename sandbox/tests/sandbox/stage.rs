//! A small sandbox in the process, whose clock a test moves.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use crate::small;
use axum::body::Bytes;
use axum::http::{Method, Request, Response};
use gitlab_sandbox::{Act, BrokenOff, Clock, Options, Registry, Sandbox};
use jiff::Timestamp;
use serde_json::Value;

/// 2026-05-28T20:26:40Z
pub(crate) const START: i64 = 1_780_000_000;

/// A sandbox whose clock stands, until a test moves it.
pub(crate) struct Stage {
    pub(crate) sandbox: Sandbox,
    seconds: Arc<AtomicI64>,
}

impl Stage {
    pub(crate) fn open(options: Options) -> Self {
        Self::with(small::registry(), options)
    }

    pub(crate) fn with(registry: Registry, options: Options) -> Self {
        let seconds = Arc::new(AtomicI64::new(START));
        let clock = Clock::new({
            let seconds = Arc::clone(&seconds);
            move || Timestamp::from_second(seconds.load(Ordering::Relaxed)).unwrap()
        });
        Self { sandbox: Sandbox::open(registry, &Options { clock, ..options }).unwrap(), seconds }
    }

    pub(crate) fn wait(&self, seconds: i64) {
        self.seconds.fetch_add(seconds, Ordering::Relaxed);
    }

    pub(crate) async fn ask(&self, method: Method, path: &str) -> (u16, Value) {
        ask(&self.sandbox, method, path).await
    }

    pub(crate) async fn get(&self, path: &str) -> Value {
        let (status, body) = self.ask(Method::GET, path).await;
        assert_eq!(status, 200, "{path}: {body}");
        body
    }

    pub(crate) fn act(&self, act: Act) {
        self.sandbox.act(act).unwrap();
    }
}

/// Asks as the maintainer.
pub(crate) async fn ask(sandbox: &Sandbox, method: Method, path: &str) -> (u16, Value) {
    let answer = answer(sandbox, method, path).await.unwrap();
    (answer.status().as_u16(), serde_json::from_slice(answer.body()).unwrap_or_default())
}

/// The whole answer to a question of the maintainer's.
pub(crate) async fn answer(sandbox: &Sandbox, method: Method, path: &str) -> Result<Response<Bytes>, BrokenOff> {
    let request = Request::builder().method(method).uri(format!("/api/v4{path}"));
    sandbox.answer(request.header("private-token", sandbox.token()).body(Bytes::new()).unwrap()).await
}
