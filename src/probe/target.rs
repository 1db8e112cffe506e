//! Hosts to look at, as settings write them.

use std::net::{IpAddr, SocketAddr};

use crate::rules::served::{Remark, Sight, Validity, host_name};

/// The port of HTTPS.
const PORT: u16 = 443;

/// A host to look at.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Target {
    /// The name to ask for, as [`host_name`] writes it.
    pub name: String,
    /// The port to connect to.
    pub port: u16,
    /// The address to connect to, in place of those that the name has.
    pub address: Option<IpAddr>,
}

impl Target {
    /// What `PROBE_HOSTS` accepts.
    pub const ACCEPTED: &str = "`host`, `host:port`, `host=address` or `host=address:port`";

    /// The host of this name, on the usual port.
    pub fn new(name: String) -> Self {
        Self { name, port: PORT, address: None }
    }

    /// Reads one of [`Target::ACCEPTED`].
    pub fn parse(text: &str) -> Option<Self> {
        if let Some((name, place)) = text.split_once('=') {
            let name = host_name(name)?;
            let place = place.trim();
            let bare = place.strip_prefix('[').and_then(|place| place.strip_suffix(']')).unwrap_or(place);
            let (address, port) = match place.parse::<SocketAddr>() {
                Ok(place) => (place.ip(), place.port()),
                Err(_) => (bare.parse().ok()?, PORT),
            };
            return (port > 0).then_some(Self { name, port, address: Some(address) });
        }
        let (name, port) = match text.split_once(':') {
            Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => (name, port.parse().ok()?),
            Some(_) => return None,
            None => (text, PORT),
        };
        (port > 0).then_some(Self { name: host_name(name)?, port, address: None })
    }

    /// What was seen of it.
    pub fn sight(&self, seen: Option<Validity>, remark: Option<Remark>) -> Sight {
        Sight { name: self.name.clone(), port: self.port, seen, remark }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_may_have_a_port_and_an_address() {
        let target = |name: &str, port, address: Option<&str>| {
            Some(Target { name: name.into(), port, address: address.map(|text| text.parse().unwrap()) })
        };
        for (text, expected) in [
            ("www.example.kr", target("www.example.kr", 443, None)),
            (" WWW.Example.KR. ", target("www.example.kr", 443, None)),
            ("쇼핑.한국", target("xn--hp4bo76a.xn--3e0b707e", 443, None)),
            ("www.example.kr:8443", target("www.example.kr", 8443, None)),
            ("www.example.kr=192.0.2.7", target("www.example.kr", 443, Some("192.0.2.7"))),
            ("www.example.kr = 127.0.0.1:8443", target("www.example.kr", 8443, Some("127.0.0.1"))),
            ("www.example.kr=[::1]:8443", target("www.example.kr", 8443, Some("::1"))),
            ("www.example.kr=::1", target("www.example.kr", 443, Some("::1"))),
            ("www.example.kr=[::1]", target("www.example.kr", 443, Some("::1"))),
            ("", None),
            ("*.example.kr", None),
            ("192.0.2.7", None),
            ("[::1]:8443", None),
            ("https://www.example.kr", None),
            ("www.example.kr/path", None),
            ("www.example.kr:", None),
            ("www.example.kr:0", None),
            ("www.example.kr:+443", None),
            ("www.example.kr:65536", None),
            ("www.example.kr=", None),
            ("www.example.kr=edge.example.kr", None),
            ("www.example.kr=127.0.0.1:0", None),
            ("www.example.kr=0177.0.0.1", None),
            ("www.example.kr=2130706433", None),
            ("www.example.kr=127.1", None),
            ("=127.0.0.1", None),
            ("a b.kr", None),
            ("a%2ekr", None),
            ("-a.kr", None),
        ] {
            assert_eq!(Target::parse(text), expected, "{text}");
        }
    }
}
