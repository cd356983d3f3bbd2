//! A server that answers one request after another from a script, and remembers what it was asked.

use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use gleaner::gitlab::{
    Connection, ConnectionOptions, Credential, Listing, ListingSource, Reader, RetryPolicy, Subgroups, TokenKind,
    Writer,
};
use gleaner::gitlab::{Traffic, TrafficObserver};
use gleaner::package::Reference;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

/// The token that no output may hold.
pub(crate) const TOKEN: &str = "glpat-hush";

/// A server that gives each of its answers once, in order, and then answers 418.
#[derive(Clone)]
pub(crate) struct Script {
    pub(crate) url: String,
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    answers: Mutex<VecDeque<Answer>>,
    asked: Mutex<Vec<Asked>>,
}

/// A request as it arrived.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    pub(crate) method: String,
    /// The path and the query, as they were sent.
    pub(crate) target: String,
    pub(crate) headers: HeaderMap,
}

#[derive(Debug, Clone)]
pub(crate) struct Answer {
    status: u16,
    headers: Vec<(String, String)>,
    body: String,
    /// A file that is written before the answer is given.
    writes: Option<(PathBuf, String)>,
}

pub(crate) fn answer(status: u16, body: impl Into<String>) -> Answer {
    Answer { status, headers: Vec::new(), body: body.into(), writes: None }
}

/// A page of a listing; `next` is what X-Next-Page says.
pub(crate) fn page(body: impl Into<String>, next: &str) -> Answer {
    answer(200, body).with("x-next-page", next)
}

impl Answer {
    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(crate) fn writing(mut self, path: &Path, content: &str) -> Self {
        self.writes = Some((path.to_owned(), content.to_owned()));
        self
    }
}

impl Script {
    pub(crate) async fn start(answers: impl IntoIterator<Item = Answer>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let script = Self {
            url: format!("http://{}", listener.local_addr().unwrap()),
            shared: Arc::new(Shared { answers: Mutex::new(answers.into_iter().collect()), asked: Mutex::default() }),
        };
        let router = Router::new().fallback(play).with_state(script.shared.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        script
    }

    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.shared.asked.lock().unwrap().clone()
    }

    pub(crate) fn targets(&self) -> Vec<String> {
        self.asked().into_iter().map(|asked| asked.target).collect()
    }

    pub(crate) fn connect(&self) -> Connected {
        Connected::to(&self.url)
    }
}

async fn play(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    shared.asked.lock().unwrap().push(Asked {
        method: request.method().to_string(),
        target: request.uri().to_string(),
        headers: request.headers().clone(),
    });
    let next = shared.answers.lock().unwrap().pop_front();
    let Answer { status, headers, body, writes } =
        next.unwrap_or_else(|| answer(418, r#"{"message": "the script is over"}"#));
    if let Some((path, content)) = writes {
        std::fs::write(path, content).unwrap();
    }
    let mut response = Response::new(body.into());
    *response.status_mut() = StatusCode::from_u16(status).unwrap();
    for (name, value) in headers {
        let name: axum::http::HeaderName = name.parse().unwrap();
        response.headers_mut().append(name, value.parse().unwrap());
    }
    response
}

/// A server that writes each of these texts to one connection, and hangs up after it. Afterwards it refuses.
pub(crate) async fn raw(answers: Vec<String>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        for answer in answers {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut request = [0; 4096];
            let _ = stream.read(&mut request).await.unwrap();
            stream.write_all(answer.as_bytes()).await.unwrap();
        }
    });
    url
}

/// A client with a credential, tiny waits, and its events on record.
pub(crate) struct Connected {
    pub(crate) connection: Connection,
    pub(crate) reader: Reader,
    pub(crate) writer: Writer,
    events: Arc<Record>,
}

#[derive(Default)]
struct Record(Mutex<Vec<Traffic>>);

impl TrafficObserver for Record {
    fn on(&self, event: &Traffic) {
        self.0.lock().unwrap().push(event.clone());
    }
}

impl Connected {
    pub(crate) fn to(url: &str) -> Self {
        Self::with(options(url))
    }

    pub(crate) fn with(options: ConnectionOptions) -> Self {
        let events = Arc::new(Record::default());
        let connection = Connection::open(options, events.clone()).unwrap();
        Self { reader: Reader::new(&connection), writer: Writer::new(&connection), connection, events }
    }

    pub(crate) fn events(&self) -> Vec<Traffic> {
        self.events.0.lock().unwrap().clone()
    }

    /// The tries that failed and were followed by another one, each with its reason.
    pub(crate) fn retries(&self) -> Vec<String> {
        let why = |event| match event {
            Traffic::Retrying { why, .. } => Some(why),
            _ => None,
        };
        self.events().into_iter().filter_map(why).collect()
    }
}

pub(crate) fn options(url: &str) -> ConnectionOptions {
    ConnectionOptions {
        retry: RetryPolicy { first_backoff: Duration::from_millis(1), ..RetryPolicy::default() },
        ..ConnectionOptions::new(url, token(TokenKind::Private))
    }
}

pub(crate) fn token(kind: TokenKind) -> Credential {
    Credential::Fixed { kind, token: TOKEN.into() }
}

pub(crate) fn group() -> Reference {
    Reference::parse("acme/platform").unwrap()
}

pub(crate) fn listing() -> Listing {
    Listing::of(ListingSource::Group { group: group(), subgroups: Subgroups::Included })
}
