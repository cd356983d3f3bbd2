//! The connection to one GitLab: its address, the token, the manners, and the only place that builds URLs.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use reqwest::Url;
use reqwest::header::HeaderValue;

use crate::package::address::Address;

use super::credential::Credential;
use super::error::Error;
use super::freshness::LookRecord;
use super::limiter::Limiter;
use super::retry::RetryPolicy;
use super::run_id::{PROGRAM, RunId};
use super::tls;
use super::traffic::{Traffic, TrafficObserver};
use super::transport::Transport;
use super::transport::network::Network;

/// A connection to one GitLab, cheap to clone. All clones share the limit on requests in flight and what is known of
/// GitLab's rate limit.
#[derive(Clone)]
pub struct Connection {
    inner: Arc<Inner>,
    observer: Arc<dyn TrafficObserver>,
    /// The look that its questions belong to, whose answers have to be fresh.
    look: Option<LookRecord>,
    /// What every request says of its sender.
    sender: HeaderValue,
}

pub(super) struct Inner {
    pub(super) transport: Arc<dyn Transport>,
    pub(super) request_timeout: Duration,
    pub(super) deletion_timeout: Duration,
    pub(super) credential: Credential,
    pub(super) retry: RetryPolicy,
    pub(super) limiter: Limiter,
    instance: Address,
}

/// The options that a connection is opened with.
#[derive(Debug, Clone)]
pub struct ConnectionOptions {
    /// The instance's address, `https://gitlab.example.com`. A path prefix is kept; a slash or `/api/v4` at the end
    /// makes no difference.
    pub url: String,
    /// Certificate authorities in PEM, to be trusted beside the machine's.
    pub ca_file: Option<PathBuf>,
    /// The token, or none.
    pub credential: Credential,
    /// The longest time for making a connection.
    pub connect_timeout: Duration,
    /// The longest time for one try of a request, from its start to the last byte of the answer.
    pub request_timeout: Duration,
    /// The longest time for one try of a deletion. It is short, because a deletion whose answer is lost can't be told
    /// from one that was not done, and what is left of a minute is to look again.
    pub deletion_timeout: Duration,
    /// How often a request is tried, and how long to wait in between.
    pub retry: RetryPolicy,
    /// How many requests are under way at the same time at most, over all clones of the connection.
    pub in_flight: usize,
    /// How many single projects, and how many single groups, are asked for in a minute at most. Each of the two has a
    /// limit of its own on gitlab.com since 2025, and by default elsewhere. Answers don't tell how much of it is left.
    ///
    /// Source: GitLab's documentation of the rate limits of its projects API and its groups API.
    pub singles_a_minute: usize,
}

impl ConnectionOptions {
    /// Returns the usual options: 10 s to connect, 60 s for a try, 15 s for one of a deletion, 6 requests at a time, 400
    /// single projects and groups a minute.
    #[must_use]
    pub fn new(url: impl Into<String>, credential: Credential) -> Self {
        Self {
            url: url.into(),
            ca_file: None,
            credential,
            connect_timeout: Duration::from_secs(10),
            request_timeout: Duration::from_secs(60),
            deletion_timeout: Duration::from_secs(15),
            retry: RetryPolicy::default(),
            in_flight: 6,
            singles_a_minute: 400,
        }
    }
}

impl Connection {
    /// Makes ready to talk to GitLab; nothing is sent yet.
    ///
    /// # Errors
    /// When the address, the CA file or the token can't be used.
    pub fn open(options: ConnectionOptions, observer: Arc<dyn TrafficObserver>) -> Result<Self, Error> {
        let instance = Address::parse(&options.url).map_err(Error::BadUrl)?;
        let tls = tls::config(options.ca_file.as_deref(), instance.url().scheme() == "https")?;
        let network = Network::new(instance.url(), tls, options.connect_timeout)?;
        Self::over(Arc::new(network), options, observer)
    }

    /// Makes ready to talk to GitLab over another transport than the network. How a connection is made says nothing
    /// then.
    ///
    /// # Errors
    /// When the address or the token can't be used.
    pub fn over(
        transport: Arc<dyn Transport>,
        options: ConnectionOptions,
        observer: Arc<dyn TrafficObserver>,
    ) -> Result<Self, Error> {
        let instance = Address::parse(&options.url).map_err(Error::BadUrl)?;
        options.credential.header()?;
        let inner = Inner {
            transport,
            request_timeout: options.request_timeout,
            deletion_timeout: options.deletion_timeout,
            credential: options.credential,
            retry: options.retry,
            limiter: Limiter::new(options.in_flight, options.singles_a_minute),
            instance,
        };
        Ok(Self { inner: Arc::new(inner), observer, look: None, sender: PROGRAM })
    }

    /// Returns the same connection, with the same limits, whose requests name this run.
    #[must_use]
    pub fn of_run(&self, run: &RunId) -> Self {
        Self { sender: run.sender(), ..self.clone() }
    }

    /// Returns the same connection, with the same limits, that tells `observer` what becomes of its requests.
    #[must_use]
    pub fn heard_by(&self, observer: Arc<dyn TrafficObserver>) -> Self {
        Self { observer, ..self.clone() }
    }

    /// Returns the same connection, with the same limits, on which everything that is asked belongs to a look.
    pub(super) fn within(&self, look: LookRecord) -> Self {
        Self { look: Some(look), ..self.clone() }
    }

    pub(super) fn sender(&self) -> HeaderValue {
        self.sender.clone()
    }

    pub(super) fn look(&self) -> Option<&LookRecord> {
        self.look.as_ref()
    }

    /// Returns the instance's address, without a slash at its end.
    #[must_use]
    pub fn url(&self) -> &str {
        self.inner.instance.as_str()
    }

    /// Returns the instance's address.
    #[must_use]
    pub fn address(&self) -> &Address {
        &self.inner.instance
    }

    /// Returns the path below which this GitLab lives: `/gitlab`, or nothing.
    pub(super) fn prefix(&self) -> &str {
        self.inner.instance.url().path().trim_end_matches('/')
    }

    /// Returns the address of something in the API. Each element of `path` becomes one segment, its slashes encoded.
    pub(super) fn api(&self, path: &[&str], query: &[(&str, &str)]) -> Url {
        let mut url = self.inner.instance.url().clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().extend(["api", "v4"]).extend(path);
        }
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        url
    }

    pub(super) fn inner(&self) -> &Inner {
        &self.inner
    }

    pub(super) fn tell(&self, traffic: &Traffic) {
        self.observer.on(traffic);
    }
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection").field("url", &self.url()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gitlab::traffic::requests::RequestCounts;

    fn open(url: &str) -> Result<Connection, Error> {
        Connection::open(ConnectionOptions::new(url, Credential::None), Arc::new(RequestCounts::default()))
    }

    #[test]
    fn addresses_are_understood_as_people_write_them() {
        let table = [
            ("http://gitlab.test", "http://gitlab.test", ""),
            (" http://gitlab.test/ ", "http://gitlab.test", ""),
            ("http://gitlab.test/api/v4", "http://gitlab.test", ""),
            ("http://gitlab.test/api/v4/", "http://gitlab.test", ""),
            ("http://host:8080/gitlab", "http://host:8080/gitlab", "/gitlab"),
            ("http://host/gitlab/", "http://host/gitlab", "/gitlab"),
            ("http://host/gitlab/api/v4", "http://host/gitlab", "/gitlab"),
        ];
        for (given, url, prefix) in table {
            let connection = open(given).unwrap();
            assert_eq!((connection.url(), connection.prefix()), (url, prefix), "{given}");
            assert_eq!(
                connection.api(&["groups", "acme/platform", "packages"], &[("page", "2")]).as_str(),
                format!("{url}/api/v4/groups/acme%2Fplatform/packages?page=2")
            );
        }
    }

    #[test]
    fn odd_addresses_are_refused_and_not_quoted() {
        for url in [
            "gitlab.secret.test",
            "ftp://secret.test",
            "https://user:secret@gitlab.test",
            "https://secret@gitlab.test",
            "https://gitlab.test?private_token=secret",
        ] {
            let error = open(url).unwrap_err();
            assert!(matches!(error, Error::BadUrl(_)), "{url}: {error}");
            assert!(!format!("{error} {error:?}").contains("secret"), "{error:?}");
        }
    }
}
