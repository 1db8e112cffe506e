//! The proxy that the environment names, since often nothing else leads out of the network that a terminal is in. The function
//! uses none.

use reqwest::{NoProxy, Proxy, Url};

use super::CliError;
use crate::net::http::Client;
use crate::net::retry::Timing;
use crate::time;

/// What never goes through a proxy, whatever `NO_PROXY` says: the machine itself.
const LOOPBACK: &str = "localhost,127.0.0.0/8,::1";

/// A client that goes through the proxy that `HTTPS_PROXY` or `ALL_PROXY` names, except to the hosts of `NO_PROXY`, or direct if
/// neither is set. `var` gives the value of an environment variable.
///
/// # Errors
/// If a variable names nothing that can be used. Its value, which may hold a password, is not quoted.
pub(super) fn client(var: impl Fn(&str) -> Option<String>) -> Result<Client, CliError> {
    // Curl reads both spellings, and so does everybody since.
    let value = |name: &'static str, small: &'static str| {
        let mut values = [name, small].into_iter().filter_map(|name| Some((name, var(name)?)));
        values.find(|(_, value)| !value.trim().is_empty())
    };
    let Some((name, value_of_it)) = value("HTTPS_PROXY", "https_proxy").or_else(|| value("ALL_PROXY", "all_proxy"))
    else {
        return Ok(Client::new(Timing::DEFAULT, time::wall));
    };
    let url = url(&value_of_it).map_err(|problem| vec![format!("{name} {problem}")])?;
    let (_, except) = value("NO_PROXY", "no_proxy").unwrap_or_default();
    // Plain `http` goes to this machine, or to what gives it its AWS credentials.
    let proxy = Proxy::https(url).map_err(|_| vec![format!("{name} {NO_URL}")])?;
    let proxy = proxy.no_proxy(NoProxy::from_string(&format!("{LOOPBACK},{except}")));
    Ok(Client::through(proxy, Timing::DEFAULT, time::wall))
}

const NO_URL: &str = "is not the URL of a proxy; accepted: one like http://proxy.example.com:3128";

/// The URL of a proxy; without a scheme it is one of `http`.
fn url(text: &str) -> Result<Url, &'static str> {
    let text = text.trim();
    let text = if text.contains("://") { text.to_owned() } else { format!("http://{text}") };
    let url = Url::parse(&text).map_err(|_| NO_URL)?;
    match url.scheme() {
        "http" | "https" if url.has_host() => Ok(url),
        scheme if scheme.starts_with("socks") => Err("names a SOCKS proxy; only HTTP proxies can be used"),
        _ => Err(NO_URL),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proxy_is_a_url_or_a_host_and_what_is_none_is_not_quoted() {
        let problem = |vars: &[(&str, &str)]| {
            let var = |name: &str| vars.iter().find(|(other, _)| *other == name).map(|(_, value)| (*value).to_owned());
            client(var).err().map(|problems| problems.join("\n"))
        };
        for good in
            ["http://proxy:3128", "https://user:pa%3Ass@proxy.example.com", "proxy.example.com:3128", " 10.0.0.1 "]
        {
            for name in ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"] {
                assert_eq!(problem(&[(name, good)]), None, "{name}={good}");
            }
        }
        assert_eq!(problem(&[("HTTPS_PROXY", " "), ("NO_PROXY", "*")]), None, "nothing is set");
        for (bad, said) in [
            ("socks5://user:hunter2@proxy:1080", "names a SOCKS proxy; only HTTP proxies can be used"),
            ("ftp://user:hunter2@proxy", NO_URL),
            ("http://user:hunter2@", NO_URL),
            ("http://user:hunter2@proxy:port", NO_URL),
        ] {
            assert_eq!(problem(&[("ALL_PROXY", bad)]), Some(format!("ALL_PROXY {said}")));
            assert_eq!(
                problem(&[("https_proxy", bad), ("ALL_PROXY", "http://fine")]),
                Some(format!("https_proxy {said}"))
            );
        }
    }
}
