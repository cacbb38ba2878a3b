//! Where a request comes from, as far as limits are concerned.

use std::{
    convert::Infallible,
    net::{IpAddr, Ipv4Addr, SocketAddr},
};

use axum::{
    extract::{ConnectInfo, FromRequestParts},
    http::{HeaderMap, request::Parts},
};

use crate::{app::App, listen::Peer};

/// An IPv4 address, or the /64 network that one customer has in IPv6.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClientAddress(IpAddr);

impl ClientAddress {
    fn new(address: IpAddr) -> Self {
        Self(address.to_canonical())
    }

    /// What is counted as one.
    pub fn bytes(self) -> Vec<u8> {
        match self.0 {
            IpAddr::V4(address) => address.octets().to_vec(),
            IpAddr::V6(address) => address.octets()[..8].to_vec(),
        }
    }
}

impl FromRequestParts<App> for ClientAddress {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Infallible> {
        let peer = parts.extensions.get::<ConnectInfo<Peer>>().map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |peer| peer.0.0.ip());
        let forwarded = if app.behind_proxy { forwarded(&parts.headers) } else { None };
        Ok(Self::new(forwarded.unwrap_or(peer)))
    }
}

/// The last address of `X-Forwarded-For`: the proxy's own word. Those before it are the client's, who may say anything.
fn forwarded(headers: &HeaderMap) -> Option<IpAddr> {
    let last = headers.get_all("x-forwarded-for").iter().next_back()?.to_str().ok()?.rsplit(',').next()?.trim();
    last.parse().or_else(|_| last.parse().map(|address: SocketAddr| address.ip())).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_proxys_own_word_counts() {
        for (lines, address) in [
            (vec!["203.0.113.7"], Some("203.0.113.7")),
            (vec!["1.1.1.1, 203.0.113.7"], Some("203.0.113.7")),
            (vec!["1.1.1.1", "2.2.2.2, 2001:db8::1"], Some("2001:db8::1")),
            (vec!["203.0.113.7:4711"], Some("203.0.113.7")),
            (vec!["1.1.1.1, unknown"], None),
            (vec![], None),
        ] {
            let mut headers = HeaderMap::new();
            for line in &lines {
                headers.append("x-forwarded-for", line.parse().unwrap());
            }
            assert_eq!(forwarded(&headers), address.map(|address| address.parse().unwrap()), "{lines:?}");
        }
    }

    #[test]
    fn one_customers_network_is_one_address() {
        let bytes = |text: &str| ClientAddress::new(text.parse().unwrap()).bytes();
        assert_eq!(bytes("2001:db8:1:2::1"), bytes("2001:db8:1:2:ffff::9"));
        assert_ne!(bytes("2001:db8:1:2::1"), bytes("2001:db8:1:3::1"));
        assert_ne!(bytes("203.0.113.7"), bytes("203.0.113.8"));
        assert_eq!(bytes("203.0.113.7"), bytes("::ffff:203.0.113.7"));
    }
}
