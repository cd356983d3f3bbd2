//! A GitLab that holds certain requests back until a test lets them in, and a program that runs against it.

use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Child, ChildStderr, Command, Stdio};
use std::sync::Arc;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{Request, StatusCode};
use axum::response::{IntoResponse as _, Response};
use gitlab_sandbox::{Options, Registry, Sandbox};
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::JoinHandle;

use crate::cli::program::{Ended, Program};

/// A GitLab with a gate.
pub(crate) struct Gate {
    pub(crate) sandbox: Sandbox,
    pub(crate) url: String,
    arrivals: UnboundedReceiver<()>,
    open: Arc<Semaphore>,
    serving: JoinHandle<()>,
}

#[derive(Clone)]
struct Keeper {
    sandbox: Sandbox,
    /// The method and a part of the path of what is held back.
    held: (&'static str, &'static str),
    arrived: UnboundedSender<()>,
    open: Arc<Semaphore>,
}

impl Gate {
    /// Serves a registry, and holds back requests of a method whose path has these words.
    pub(crate) async fn new(registry: Registry, method: &'static str, words: &'static str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let options = Options { external_url: Some(url.clone()), ..Options::default() };
        let sandbox = Sandbox::open(registry, &options).unwrap();
        let (arrived, arrivals) = unbounded_channel();
        let open = Arc::new(Semaphore::new(0));
        let keeper = Keeper { sandbox: sandbox.clone(), held: (method, words), arrived, open: open.clone() };
        let app = Router::new().fallback(keep).with_state(keeper);
        let serving = tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        Self { sandbox, url, arrivals, open, serving }
    }

    /// Waits until one more request stands before the gate.
    pub(crate) async fn arrival(&mut self) {
        self.arrivals.recv().await.unwrap();
    }

    /// Lets everything in that stands before it, and whatever comes.
    pub(crate) fn open(&self) {
        self.open.add_permits(1_000_000);
    }
}

impl Drop for Gate {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

async fn keep(State(keeper): State<Keeper>, request: Request<Body>) -> Response {
    let Keeper { sandbox, held: (method, words), arrived, open } = keeper;
    if request.method() == method && request.uri().path().contains(words) {
        // A test that has seen enough counts no more.
        let _ = arrived.send(());
        open.acquire().await.unwrap().forget();
    }
    let (parts, _) = request.into_parts();
    match sandbox.answer(Request::from_parts(parts, Bytes::new())).await {
        Ok(answer) => answer.map(Body::from),
        Err(_) => StatusCode::BAD_GATEWAY.into_response(),
    }
}

/// The program while it runs.
pub(crate) struct Running {
    child: Child,
    stderr: BufReader<ChildStderr>,
    said: String,
}

impl Running {
    pub(crate) fn start(program: &Program, arguments: &[&str]) -> Self {
        let mut command = program.command(arguments);
        let command = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let stderr = BufReader::new(child.stderr.take().unwrap());
        Self { child, stderr, said: String::new() }
    }

    /// The number of its process.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    pub(crate) fn signal(&self, signal: &str) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args([signal, &id]).status().unwrap().success());
    }

    /// Reads what it says until a line begins with these words.
    pub(crate) fn wait_for(&mut self, words: &str) {
        let mut line = String::new();
        while !line.starts_with(words) {
            line.clear();
            assert!(self.stderr.read_line(&mut line).unwrap() > 0, "{words:?} never came: {}", self.said);
            self.said.push_str(&line);
        }
    }

    /// Ends it as `kill -9` does.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        assert_eq!(self.child.wait().unwrap().code(), None);
    }

    pub(crate) fn end(mut self) -> Ended {
        let mut stdout = String::new();
        self.child.stdout.take().unwrap().read_to_string(&mut stdout).unwrap();
        let mut stderr = std::mem::take(&mut self.said);
        self.stderr.read_to_string(&mut stderr).unwrap();
        Ended { code: self.child.wait().unwrap().code().unwrap(), stdout, stderr }
    }
}
