//! Carries requests over the network.

use std::time::Duration;

use futures_util::future::BoxFuture;
use reqwest::{Client, Url};
use rustls::ClientConfig;

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
        let Outgoing { method, url, headers } = outgoing;
        let builder = match method {
            Method::Get => self.0.get(url),
            Method::Delete => self.0.delete(url),
        };
        let response = builder.headers(headers).send().await?;
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
    use super::*;

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
