//! Where a webhook may lead: anybody may name one, and no name may lead into the operator's own network.

use futures_util::future::BoxFuture;
use hyper_util::client::legacy::connect::dns::Name;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::task::{Context, Poll};
use tower::Service;

/// Looks names up, and forgets the addresses that nobody outside could reach.
#[derive(Clone, Copy, Debug)]
pub struct Resolver {
    /// Whether every address will do, as on a person's own machine.
    pub private: bool,
}

impl Resolver {
    /// Whether this host, if it is an address, may be posted to. A name is looked up later.
    pub fn allows(self, host: &str) -> bool {
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        self.private || bare.parse().map_or(true, is_public)
    }
}

impl Service<Name> for Resolver {
    type Response = std::vec::IntoIter<SocketAddr>;
    type Error = io::Error;
    type Future = BoxFuture<'static, io::Result<Self::Response>>;

    fn poll_ready(&mut self, _context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, name: Name) -> Self::Future {
        let private = self.private;
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let fit: Vec<SocketAddr> = found.filter(|address| private || is_public(address.ip())).collect();
            if fit.is_empty() {
                return Err(io::Error::other("the name leads to private addresses only"));
            }
            Ok(fit.into_iter())
        })
    }
}

/// Whether an address is one of the public internet (IANA's special-purpose registries, RFC 6890, name the others).
fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => address.to_ipv4_mapped().map_or_else(|| is_public_v6(address), is_public_v4),
    }
}

const fn is_public_v4(address: Ipv4Addr) -> bool {
    let [first, second, ..] = address.octets();
    // Shared by the customers of a carrier (RFC 6598), and reserved.
    let special = (first == 100 && second & 0xc0 == 64) || first == 0 || first >= 240;
    !(special
        || address.is_loopback()
        || address.is_private()
        || address.is_link_local()
        || address.is_multicast()
        || address.is_documentation())
}

const fn is_public_v6(address: Ipv6Addr) -> bool {
    !(address.is_loopback()
        || address.is_unspecified()
        || address.is_multicast()
        || address.is_unique_local()
        || address.is_unicast_link_local())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_lies_in_a_network_of_its_own_is_not_public() {
        for private in [
            "127.0.0.1",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.0",
            "224.0.0.1",
            "255.255.255.255",
            "[::1]",
            "[::]",
            "[fd00::1]",
            "[fe80::1]",
            "[::ffff:127.0.0.1]",
            "[::ffff:10.0.0.1]",
        ] {
            assert!(!Resolver { private: false }.allows(private), "{private}");
            assert!(Resolver { private: true }.allows(private), "{private}");
        }
        for public in ["1.1.1.1", "172.32.0.1", "100.128.0.1", "[2606:4700::1111]", "bridge.example", "localhost"] {
            assert!(Resolver { private: false }.allows(public), "{public}: a name is looked up first");
        }
    }

    #[tokio::test]
    async fn a_name_that_leads_home_leads_nowhere() {
        let name = || "localhost".parse::<Name>().unwrap();
        assert!(Resolver { private: true }.call(name()).await.is_ok());
        assert!(Resolver { private: false }.call(name()).await.is_err());
    }
}
