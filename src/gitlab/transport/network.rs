//! Carries requests over the network.

use std::time::Duration;

use futures_util::future::BoxFuture;
use reqwest::{Client, Url};
use rustls::ClientConfig;
use tower_layer::layer_fn;

use super::punctual::{LEAVES_BEFORE, Punctual};
use super::{Incoming, Outgoing, Transport};
use crate::gitlab::error::{Error, Fault};
use crate::gitlab::traffic::Method;

/// The network between here and one GitLab. Connections are kept and used again.
#[derive(Debug, Clone)]
pub(in crate::gitlab) struct Network(Client);

impl Network {
    /// Makes ready to talk to the GitLab at `instance`; nothing is sent yet.
    pub(in crate::gitlab) fn new(instance: &Url, tls: ClientConfig, connect_timeout: Duration) -> Result<Self, Error> {
        let mut client = Client::builder()
            .tls_backend_preconfigured(tls)
            .connect_timeout(connect_timeout)
            .connector_layer(layer_fn(Punctual))
            // Redirects and retries are ours, because the token must go to no other origin and every try is counted.
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never());
        if is_loopback(instance) {
            // A proxy would look for the sandbox on its own machine.
            client = client.no_proxy();
        }
        client.build().map(Self).map_err(|error| Error::Client(error.into()))
    }

    async fn exchange(&self, outgoing: Outgoing) -> Result<Incoming, reqwest::Error> {
        let Outgoing { method, url, headers, leaves_before } = outgoing;
        let builder = match method {
            Method::Get => self.0.get(url),
            Method::Delete => self.0.delete(url),
        };
        let response = LEAVES_BEFORE.scope(leaves_before, builder.headers(headers).send()).await?;
        let (status, headers) = (response.status(), response.headers().clone());
        Ok(Incoming { status, headers, body: response.bytes().await?.into() })
    }
}

impl Transport for Network {
    fn carry(&self, outgoing: Outgoing) -> BoxFuture<'_, Result<Incoming, Fault>> {
        Box::pin(async move { self.exchange(outgoing).await.map_err(Fault::from) })
    }
}

fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    host == "localhost" || host.parse().is_ok_and(|address: std::net::IpAddr| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use reqwest::header::HeaderMap;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpListener;
    use tokio::time::Instant;

    use super::*;
    use crate::gitlab::tls;

    /// Asks for a page of nothing, which has to leave before an instant.
    async fn ask(network: &Network, url: &Url, leaves_before: Option<Instant>) -> Result<Incoming, Fault> {
        let method = Method::Delete;
        let outgoing = Outgoing { method, url: url.clone(), headers: HeaderMap::new(), leaves_before };
        network.carry(outgoing).await
    }

    #[tokio::test]
    async fn no_connection_is_made_for_what_must_not_leave_any_more() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = Url::parse(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
        let tls = tls::config(None, false).unwrap();
        let network = Network::new(&url, tls, Duration::from_secs(10)).unwrap();
        let carried = Arc::new(AtomicUsize::new(0));
        let count = carried.clone();
        let server = tokio::spawn(async move {
            loop {
                let (mut stream, _) = listener.accept().await.unwrap();
                let mut request = [0; 1024];
                if stream.read(&mut request).await.is_ok_and(|length| length > 0) {
                    count.fetch_add(1, Ordering::Relaxed);
                    stream.write_all(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n").await.unwrap();
                }
            }
        });
        let over = ask(&network, &url, Some(Instant::now())).await;
        assert!(matches!(over, Err(Fault::Connect(_))), "{over:?}");
        for leaves_before in [None, Some(Instant::now() + Duration::from_secs(600))] {
            assert_eq!(ask(&network, &url, leaves_before).await.unwrap().status.as_u16(), 204);
        }
        assert_eq!(carried.load(Ordering::Relaxed), 2, "nothing came over the connection that was too late");
        server.abort();
    }

    #[test]
    fn loopback_is_known() {
        for (url, expected) in [
            ("http://127.0.0.1:80", true),
            ("http://[::1]:80", true),
            ("http://localhost", true),
            ("http://gitlab.test", false),
            ("http://10.0.0.1", false),
        ] {
            assert_eq!(is_loopback(&Url::parse(url).unwrap()), expected, "{url}");
        }
    }
}
