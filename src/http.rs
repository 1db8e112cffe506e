//! One HTTP client and one TLS stack for everything, and the rules that hold for every request: no redirects, no proxy from
//! the environment, a bounded answer, a bounded time.

use std::error::Error as _;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use reqwest::{RequestBuilder, Url, redirect};
use tokio::time::Instant;

use crate::clock::{self, Clock};

/// The longest that one attempt of any request may take.
pub const ATTEMPT: Duration = Duration::from_secs(10);

/// The share of what is left that one attempt may use: one that hangs must leave time for another.
const SHARE: f32 = 0.6;

/// Below this an attempt is not worth shortening.
const SHORTEST: Duration = Duration::from_millis(250);

/// The longest that a connection may take to be made; a part of [`ATTEMPT`].
const CONNECT: Duration = Duration::from_secs(5);

/// Lambda freezes a process between invocations, and the far side closes what is idle: sockets are not kept for long.
const IDLE: Duration = Duration::from_secs(20);

/// The client for Secrets Manager, Global Edge and the webhooks.
///
/// It trusts the Mozilla roots that are compiled in ([webpki-roots](https://docs.rs/webpki-roots)): nothing is read or parsed
/// at start-up.
///
/// # Errors
/// None that a setting could cause: TLS versions and roots are constants.
pub fn client() -> reqwest::Client {
    client_trusting(roots())
}

/// The roots that [`client`] trusts.
pub fn roots() -> rustls::RootCertStore {
    rustls::RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() }
}

/// As [`client`], but for the roots.
pub fn client_trusting(roots: rustls::RootCertStore) -> reqwest::Client {
    let tls = rustls::ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("ring has cipher suites for TLS 1.2 and 1.3")
        .with_root_certificates(roots)
        .with_no_client_auth();
    reqwest::Client::builder()
        .tls_backend_preconfigured(tls)
        .redirect(redirect::Policy::none())
        .no_proxy()
        .referer(false)
        .connect_timeout(CONNECT)
        .pool_idle_timeout(IDLE)
        .user_agent(concat!("ncp-cert-alert/", env!("CARGO_PKG_VERSION")))
        .build()
        .expect("a client of constants builds")
}

/// What is wrong with the URL of something that is to be called, if anything: `https` only, and plain `http` for loopback
/// hosts, where it never leaves the machine.
pub fn check_url(url: &Url) -> Result<(), &'static str> {
    let host = url.host_str().ok_or("it names no host")?;
    match url.scheme() {
        "https" => Ok(()),
        "http" if is_loopback(host) => Ok(()),
        "http" => Err("plain http is accepted for loopback hosts only; use https"),
        _ => Err("only https URLs are accepted"),
    }
}

/// Whether `host` is this machine: 127.0.0.0/8, `[::1]`, `localhost`.
fn is_loopback(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || address.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// An answer, whatever its status.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// `Retry-After`, counted from now.
    pub retry_after: Option<Duration>,
    /// How far our clock is ahead of the server's (`Date`).
    pub skew: Option<chrono::TimeDelta>,
    /// The body, whole.
    pub body: Vec<u8>,
}

/// Why there was no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// Nothing, or not everything, came in time.
    #[error("no complete answer in time")]
    TimedOut,
    /// No connection was made.
    #[error("{0}")]
    Connect(ConnectFault),
    /// The connection broke before the answer was complete.
    #[error("the connection broke before the answer was complete")]
    Interrupted,
    /// The answer is longer than a sane one, and was not read to its end.
    #[error("the answer is longer than {} KB", limit / 1024)]
    TooLarge {
        /// How many bytes would have been accepted.
        limit: usize,
    },
}

/// Why no connection was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ConnectFault {
    /// Nobody listens there.
    #[error("connection refused")]
    Refused,
    /// The certificate of the server is not trusted.
    #[error("the server's TLS certificate is not trusted")]
    Untrusted,
    /// Anything else: no such host, no route, a broken handshake.
    #[error("no connection could be made")]
    Unreachable,
}

impl Fault {
    /// Whether another attempt may fare better.
    pub fn is_passing(&self) -> bool {
        !matches!(self, Self::TooLarge { .. })
    }

    /// The kind of `error`, and nothing of its text: that holds the URL.
    pub fn of(error: &reqwest::Error) -> Self {
        if error.is_timeout() {
            Self::TimedOut
        } else if error.is_connect() {
            Self::Connect(ConnectFault::of(error))
        } else {
            Self::Interrupted
        }
    }
}

impl ConnectFault {
    fn of(error: &reqwest::Error) -> Self {
        let mut cause = error.source();
        while let Some(error) = cause {
            if let Some(io) = error.downcast_ref::<io::Error>() {
                let tls = io.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>());
                if matches!(tls, Some(rustls::Error::InvalidCertificate(_))) {
                    return Self::Untrusted;
                }
                if io.kind() == io::ErrorKind::ConnectionRefused {
                    return Self::Refused;
                }
            }
            cause = error.source();
        }
        Self::Unreachable
    }
}

/// How long one attempt may take when the call must have ended at `until`.
pub fn attempt_time(until: Instant) -> Duration {
    let left = clock::left_until(until);
    ATTEMPT.min(left.mul_f32(SHARE).max(SHORTEST)).min(left)
}

/// Makes one attempt at `request`, and reads at most `limit` bytes of the answer. It takes [`attempt_time`] at most.
pub async fn fetch(request: RequestBuilder, limit: usize, until: Instant, clock: Clock) -> Result<Answer, Fault> {
    let time = attempt_time(until);
    if time.is_zero() {
        return Err(Fault::TimedOut);
    }
    let exchange = async {
        let mut response = request.send().await.map_err(|error| Fault::of(&error))?;
        let body = body(&mut response, limit).await?;
        let header = |name| response.headers().get(name).and_then(|value| value.to_str().ok());
        let now = clock();
        let date = header(reqwest::header::DATE).and_then(http_date);
        Ok(Answer {
            status: response.status().as_u16(),
            retry_after: header(reqwest::header::RETRY_AFTER).and_then(|text| retry_after(text, date.unwrap_or(now))),
            skew: date.map(|date| now - date),
            body,
        })
    };
    tokio::time::timeout(time, exchange).await.unwrap_or(Err(Fault::TimedOut))
}

/// Reads the body of `response`, if it has no more than `limit` bytes.
pub async fn body(response: &mut reqwest::Response, limit: usize) -> Result<Vec<u8>, Fault> {
    if response.content_length().is_some_and(|length| length > limit as u64) {
        return Err(Fault::TooLarge { limit });
    }
    let mut body = Vec::with_capacity(response.content_length().and_then(|length| length.try_into().ok()).unwrap_or(0));
    while let Some(chunk) = response.chunk().await.map_err(|error| Fault::of(&error))? {
        if body.len() + chunk.len() > limit {
            return Err(Fault::TooLarge { limit });
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// `Retry-After` is a number of seconds or a date; anything else is as good as none.
fn retry_after(text: &str, now: DateTime<Utc>) -> Option<Duration> {
    let text = text.trim();
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        // A number that no integer holds is longer than anyone waits.
        return Some(text.parse().map_or(Duration::MAX, Duration::from_secs));
    }
    let date = http_date(text)?;
    Some((date - now).to_std().unwrap_or(Duration::ZERO))
}

fn http_date(text: &str) -> Option<DateTime<Utc>> {
    httpdate::parse_http_date(text).ok().map(Into::into)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Read, Write};
    use std::net::TcpListener;

    /// The URL of a server that answers one request with `answer`.
    fn answering(answer: String) -> String {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        std::thread::spawn(move || {
            let (mut connection, _) = listener.accept().unwrap();
            let mut request = [0; 4096];
            let _ = connection.read(&mut request);
            let _ = connection.write_all(answer.as_bytes());
        });
        url
    }

    async fn fetched(url: &str, limit: usize) -> Result<Vec<u8>, Fault> {
        let until = clock::start() + Duration::from_secs(30);
        fetch(client().get(url), limit, until, clock::wall).await.map(|answer| answer.body)
    }

    #[test]
    fn https_is_accepted_everywhere_and_http_on_loopback() {
        for url in [
            "https://edge.apigw.ntruss.com",
            "http://127.0.0.1:8080/x",
            "http://127.9.9.9",
            "http://[::1]:1",
            "http://localhost:3",
        ] {
            assert_eq!(check_url(&Url::parse(url).unwrap()), Ok(()), "{url}");
        }
        for url in [
            "http://edge.apigw.ntruss.com",
            "http://127.0.0.1.example.com",
            "http://localhost.example.com",
            "http://10.0.0.1",
            "ftp://a",
            "data:x",
        ] {
            assert!(check_url(&Url::parse(url).unwrap()).is_err(), "{url}");
        }
    }

    #[test]
    fn retry_after_is_read_in_seconds_and_as_a_date() {
        let now = http_date("Mon, 23 Nov 2026 00:00:00 GMT").unwrap();
        assert_eq!(retry_after("7", now), Some(Duration::from_secs(7)));
        assert_eq!(retry_after("Mon, 23 Nov 2026 00:00:09 GMT", now), Some(Duration::from_secs(9)));
        assert_eq!(retry_after("Sun, 22 Nov 2026 00:00:00 GMT", now), Some(Duration::ZERO));
        assert_eq!(retry_after("99999999999999999999999", now), Some(Duration::MAX));
        for nonsense in ["", "-3", "soon", "1.5"] {
            assert_eq!(retry_after(nonsense, now), None, "{nonsense}");
        }
    }

    #[tokio::test]
    async fn an_answer_of_the_limit_is_read_and_a_longer_one_is_not() {
        for form in [
            "Content-Length: 4\r\n\r\nfour",
            "Transfer-Encoding: chunked\r\n\r\n1\r\nf\r\n3\r\nour\r\n0\r\n\r\n",
            "Connection: close\r\n\r\nfour",
        ] {
            for (limit, expected) in
                [(3, Err(Fault::TooLarge { limit: 3 })), (4, Ok(b"four".to_vec())), (5, Ok(b"four".to_vec()))]
            {
                let url = answering(format!("HTTP/1.1 200 OK\r\n{form}"));
                assert_eq!(fetched(&url, limit).await, expected, "{form:?}");
            }
        }
    }

    #[tokio::test]
    async fn a_port_without_a_listener_refuses_the_connection() {
        let closed = TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap();
        let fault = fetched(&format!("http://{closed}"), 1).await;
        assert_eq!(fault, Err(Fault::Connect(ConnectFault::Refused)));
    }

    #[tokio::test]
    async fn a_redirect_is_an_answer_and_not_followed() {
        let url = answering("HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nContent-Length: 2\r\n\r\nno".to_owned());
        assert_eq!(fetched(&url, 10).await, Ok(b"no".to_vec()));
    }

    #[test]
    fn every_fault_but_an_answer_that_is_too_large_may_pass() {
        for fault in [Fault::TimedOut, Fault::Interrupted, Fault::Connect(ConnectFault::Unreachable)] {
            assert!(fault.is_passing(), "{fault}");
        }
        assert!(!Fault::TooLarge { limit: 1 }.is_passing());
    }

    #[tokio::test(start_paused = true)]
    async fn an_attempt_leaves_time_for_another_and_never_outlasts_the_call() {
        for (left, time) in [(60_000, 10_000), (10_000, 6_000), (300, 250), (100, 100), (0, 0)] {
            let took = attempt_time(clock::start() + Duration::from_millis(left));
            assert!(took.abs_diff(Duration::from_millis(time)) < Duration::from_millis(2), "{left} ms: {took:?}");
        }
    }
}
