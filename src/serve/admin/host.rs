//! Checks the name that a request was sent to.
//!
//! A page of somebody else can have its own name point to 127.0.0.1, and then read whatever a server there tells its
//! browser. So a server that listens on the loopback interface answers only to names that nobody else can own.

use std::net::{IpAddr, Ipv6Addr};

/// Returns whether a `Host` header says an address, or `localhost`, with or without a port.
pub(super) fn is_this_machine(host: &[u8]) -> bool {
    let Ok(host) = str::from_utf8(host) else { return false };
    if let Some(rest) = host.strip_prefix('[') {
        return rest.split_once(']').is_some_and(|(address, _)| address.parse::<Ipv6Addr>().is_ok());
    }
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    let name = name.strip_suffix('.').unwrap_or(name).to_ascii_lowercase();
    name.parse::<IpAddr>().is_ok() || name == "localhost" || name.ends_with(".localhost")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_and_localhost_only() {
        for host in
            ["localhost", "localhost:9090", "LOCALHOST.", "a.localhost:1", "127.0.0.1:9090", "10.0.0.1", "[::1]:9090"]
        {
            assert!(is_this_machine(host.as_bytes()), "{host}");
        }
        for host in [
            "",
            "evil.example",
            "evil.example:9090",
            "localhost.evil.example",
            "127.0.0.1.evil.example",
            "[::1",
            "notlocalhost",
        ] {
            assert!(!is_this_machine(host.as_bytes()), "{host}");
        }
        assert!(!is_this_machine(b"\xff"));
    }
}
