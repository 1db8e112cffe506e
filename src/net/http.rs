//! One HTTP client and one TLS stack for everything, and the rules that hold for every request: no redirects, no proxy unless
//! one is given, a bounded body, a bounded time.

use std::error::Error as _;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};
use reqwest::{Request, RequestBuilder, Url, redirect};
use tokio::time::{Instant, timeout_at};

use crate::net::disclosure::Secrets;
use crate::net::retry::Timing;
use crate::text::is_invisible;
use crate::time::{self, Clock};

/// The share of the remaining time that one attempt may use: one that hangs must leave time for another.
const SHARE: f32 = 0.6;

/// The longest that connecting may take; it counts towards [`Timing::attempt`].
const CONNECT: Duration = Duration::from_secs(5);

/// Lambda freezes a process between invocations, and the peer closes idle connections: sockets are not kept for long.
const IDLE: Duration = Duration::from_secs(20);

/// The most that is read of an unsuccessful response: enough to say what it is.
const DIAGNOSIS_LIMIT: usize = 64 << 10;

/// The client for Secrets Manager, NCP and the webhooks, with all that a call needs besides its request.
#[derive(Debug, Clone)]
pub struct Client {
    inner: reqwest::Client,
    timing: Timing,
    clock: Clock,
    until: Instant,
    secrets: Arc<Secrets>,
    record: Option<Record>,
}

/// Keeps what was answered to the requests of [`Client::recorded`] clients, so that a diagnosis can look at it.
#[derive(Debug, Clone, Default)]
pub struct Record(Arc<Mutex<Vec<Recorded>>>);

/// Where a request went, and the answer or why there was none.
pub type Recorded = (Url, Result<Response, HttpError>);

impl Record {
    /// What was kept since the last call, in the order in which it came.
    pub fn take(&self) -> Vec<Recorded> {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn keep(&self, url: Url, answer: Result<Response, HttpError>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push((url, answer));
    }
}

/// The issuers that browsers know.
pub(crate) fn roots() -> rustls::RootCertStore {
    rustls::RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() }
}

/// The HTTP client behind [`Client`], without a proxy.
fn builder() -> reqwest::ClientBuilder {
    let tls = rustls::ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("ring has cipher suites for TLS 1.2 and 1.3")
        .with_root_certificates(roots())
        .with_no_client_auth();
    reqwest::Client::builder()
        .tls_backend_preconfigured(tls)
        .redirect(redirect::Policy::none())
        .no_proxy()
        .referer(false)
        .connect_timeout(CONNECT)
        .pool_idle_timeout(IDLE)
        .user_agent(concat!("ncp-cert-alert/", env!("CARGO_PKG_VERSION")))
}

/// What is wrong with a URL to be called, if anything: `https` only, or plain `http` for loopback hosts, where it never
/// leaves the machine.
pub fn check_url(url: &Url) -> Result<(), &'static str> {
    let host = url.host_str().ok_or("it names no host")?;
    match url.scheme() {
        "https" => Ok(()),
        "http" if is_loopback(host) => Ok(()),
        "http" => Err("plain http is accepted for loopback hosts only; use https"),
        _ => Err("only https URLs are accepted"),
    }
}

/// Reads a URL without repairing it: a parser would drop line breaks and encode blanks, and the URL posted to would not be
/// the one that was written.
///
/// # Errors
/// Says what is wrong with the URL, without quoting it.
pub fn parse_url(text: &str) -> Result<Url, &'static str> {
    let is_odd = |c: char| c.is_whitespace() || c.is_control() || is_invisible(c) || c == char::REPLACEMENT_CHARACTER;
    if text.chars().any(is_odd) {
        return Err("it contains a space, a control character or an invisible one");
    }
    let url = Url::parse(text).map_err(|_| "it is not a URL")?;
    // A parser finds a host in `https:a.kr`, `https:///a.kr` and `https:\a.kr` too.
    let behind = text.get(url.scheme().len()..).and_then(|rest| rest.strip_prefix("://"));
    let is_repaired = text.contains('\\') || behind.is_none_or(|behind| behind.starts_with('/'));
    if url.has_host() && is_repaired { Err("it is not a URL as it is written") } else { Ok(url) }
}

/// What is wrong with the base URL of an API, if anything: paths and queries are appended to it, and it never holds keys.
pub fn check_base(url: &Url) -> Result<(), &'static str> {
    check_url(url)?;
    if url.query().is_some() || url.fragment().is_some() {
        Err("a base URL has no query and no fragment")
    } else if !url.username().is_empty() || url.password().is_some() {
        Err("a base URL has no user name or password in it")
    } else {
        Ok(())
    }
}

/// Whether `host` is this machine: 127.0.0.0/8, `[::1]`, `localhost`.
fn is_loopback(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || address.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// A response, whatever its status.
#[derive(Debug, Clone)]
pub struct Response {
    /// The HTTP status.
    pub status: u16,
    /// `Retry-After`, counted from now.
    pub retry_after: Option<Duration>,
    /// How far our clock is ahead of the server's (`Date`).
    pub skew: Option<chrono::TimeDelta>,
    /// The body, as far as it was read.
    pub body: Vec<u8>,
    /// Whether the body is complete; if not, why.
    pub whole: Result<(), HttpError>,
}

/// Why there was no complete response.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HttpError {
    /// The response did not arrive, or not completely, in time.
    #[error("no complete answer in time")]
    TimedOut,
    /// No connection was made.
    #[error("{0}")]
    Connect(ConnectError),
    /// The connection broke before the answer was complete.
    #[error("the connection broke before the answer was complete")]
    Interrupted,
    /// The response is longer than any reasonable one, and was not read to its end.
    #[error("the answer is longer than {} KB", limit / 1024)]
    TooLarge {
        /// How many bytes would have been accepted.
        limit: usize,
    },
}

/// Why no connection was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ConnectError {
    /// Nothing listens there.
    #[error("connection refused")]
    Refused,
    /// The certificate of the server is not trusted.
    #[error("the server's TLS certificate is not trusted")]
    Untrusted,
    /// Anything else: no such host, no route, a broken handshake.
    #[error("no connection could be made")]
    Unreachable,
    /// The proxy that leads there cannot be reached.
    #[error("the proxy could not be reached")]
    ProxyUnreachable,
    /// The proxy wants credentials, or others.
    #[error("the proxy asks for a user name and password")]
    ProxyLogin,
    /// The proxy made no connection: it may not allow this host.
    #[error("the proxy made no connection to the host")]
    ProxyRefused,
}

impl HttpError {
    /// Whether another attempt may succeed.
    pub fn is_transient(&self) -> bool {
        !matches!(self, Self::TooLarge { .. } | Self::Connect(ConnectError::ProxyLogin))
    }

    /// The kind of `error`, without its text, which holds the URL.
    fn of(error: &reqwest::Error) -> Self {
        // Connecting has its own time limit, so this comes first: nothing was sent.
        if error.is_connect() {
            Self::Connect(ConnectError::of(error))
        } else if error.is_timeout() {
            Self::TimedOut
        } else {
            Self::Interrupted
        }
    }
}

impl ConnectError {
    fn of(error: &reqwest::Error) -> Self {
        let mut cause = error.source();
        while let Some(error) = cause {
            // hyper-util does not export the type of this error, but its text is known.
            match error.to_string().strip_prefix("tunnel error: ") {
                Some("proxy authorization required") => return Self::ProxyLogin,
                Some("failed to create underlying connection") => return Self::ProxyUnreachable,
                Some(_) => return Self::ProxyRefused,
                None => {}
            }
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

impl Client {
    /// A client whose calls have a minute, until [`Client::until`] says otherwise.
    ///
    /// It trusts the Mozilla roots that are compiled in ([webpki-roots](https://docs.rs/webpki-roots)): nothing is read or
    /// parsed at start-up.
    pub fn new(timing: Timing, clock: Clock) -> Self {
        Self::of(builder(), timing, clock)
    }

    /// The same, through a proxy.
    pub fn through(proxy: reqwest::Proxy, timing: Timing, clock: Clock) -> Self {
        Self::of(builder().proxy(proxy), timing, clock)
    }

    fn of(builder: reqwest::ClientBuilder, timing: Timing, clock: Clock) -> Self {
        let until = time::monotonic() + Duration::from_mins(1);
        let inner = builder.build().expect("a client of constants builds");
        Self { inner, timing, clock, until, secrets: Arc::default(), record: None }
    }

    /// The same client, whose calls must end by `until`.
    pub fn until(&self, until: Instant) -> Self {
        Self { until, ..self.clone() }
    }

    /// When its calls must end.
    pub fn deadline(&self) -> Instant {
        self.until
    }

    /// The same client in a run with these secrets.
    pub fn with_secrets(&self, secrets: Secrets) -> Self {
        Self { secrets: Arc::new(secrets), ..self.clone() }
    }

    /// The same client, whose answers `record` keeps, whole and unjudged.
    pub fn recorded(&self, record: &Record) -> Self {
        Self { record: Some(record.clone()), ..self.clone() }
    }

    /// The secrets of the run: no text that is shown holds one.
    pub fn secrets(&self) -> &Secrets {
        &self.secrets
    }

    /// The wall clock, for signatures.
    pub fn now(&self) -> DateTime<Utc> {
        (self.clock)()
    }

    /// How long it waits.
    pub fn timing(&self) -> Timing {
        self.timing
    }

    /// A GET, to be made by [`Client::fetch`].
    pub fn get(&self, url: &str) -> RequestBuilder {
        self.inner.get(url)
    }

    /// A POST, to be made by [`Client::fetch`].
    pub fn post(&self, url: &str) -> RequestBuilder {
        self.inner.post(url)
    }

    /// How long one attempt may take: one that hangs must leave time for another before the deadline.
    pub(crate) fn attempt_time(&self) -> Duration {
        let left = time::left_until(self.until);
        self.timing.attempt.min(left.mul_f32(SHARE))
    }

    /// Makes one attempt at `request`, which takes at most the time of one attempt.
    ///
    /// Reads at most `limit` bytes of a successful body, and nothing if `limit` is 0; of any other response, as much as it
    /// takes to say what it is. Once the status has arrived, there is a response, whatever happens to its body.
    ///
    /// # Errors
    /// If not even a status arrived.
    pub async fn fetch(&self, request: RequestBuilder, limit: usize) -> Result<Response, HttpError> {
        let request = request.build().map_err(|error| HttpError::of(&error))?;
        let Some(record) = &self.record else { return self.attempt(request, limit).await };
        let url = request.url().clone();
        let answer = self.attempt(request, limit).await;
        record.keep(url, answer.clone());
        answer
    }

    async fn attempt(&self, request: Request, limit: usize) -> Result<Response, HttpError> {
        let time = self.attempt_time();
        if time.is_zero() {
            return Err(HttpError::TimedOut);
        }
        let end = time::monotonic() + time;
        let sent = timeout_at(end, self.inner.execute(request)).await.map_err(|_| HttpError::TimedOut)?;
        let mut response = sent.map_err(|error| HttpError::of(&error))?;
        let mut body = Vec::new();
        let whole = timeout_at(end, read_body(&mut response, limit, &mut body)).await;
        let header = |name| response.headers().get(name).and_then(|value| value.to_str().ok());
        let now = self.now();
        let date = header(reqwest::header::DATE).and_then(http_date);
        Ok(Response {
            status: response.status().as_u16(),
            retry_after: header(reqwest::header::RETRY_AFTER).and_then(|text| retry_after(text, date.unwrap_or(now))),
            skew: date.map(|date| now - date),
            body,
            whole: whole.unwrap_or(Err(HttpError::TimedOut)),
        })
    }

    /// Makes one attempt at a request of the AWS SDK, which wants to see the headers. Body and limit are as for
    /// [`Client::fetch`], except that a successful response must have arrived completely.
    ///
    /// # Errors
    /// If no status arrived, or a successful response is incomplete.
    pub async fn execute(&self, mut request: Request, limit: usize) -> Result<(reqwest::Response, Vec<u8>), HttpError> {
        *request.timeout_mut() = Some(self.timing.attempt);
        let mut response = self.inner.execute(request).await.map_err(|error| HttpError::of(&error))?;
        let mut body = Vec::new();
        let whole = read_body(&mut response, limit, &mut body).await;
        if is_success(&response) {
            whole?;
        }
        Ok((response, body))
    }
}

/// Whether the status means success to any of the servers that are called: a relay may use any 2xx.
fn is_success(response: &reqwest::Response) -> bool {
    response.status().is_success()
}

/// Reads the body of `response` into `body`: at most `limit` bytes if it is a success.
async fn read_body(response: &mut reqwest::Response, limit: usize, body: &mut Vec<u8>) -> Result<(), HttpError> {
    let is_success = is_success(response);
    let limit = if is_success { limit } else { DIAGNOSIS_LIMIT };
    let announced = response.content_length().and_then(|length| usize::try_from(length).ok());
    let too_large = Err(HttpError::TooLarge { limit });
    // A body that is too large to use need not be read; one that says what went wrong is read as far as allowed.
    if is_success && (limit == 0 || announced.is_some_and(|length| length > limit)) {
        return too_large;
    }
    body.reserve_exact(announced.unwrap_or(0).min(limit));
    while let Some(chunk) = response.chunk().await.map_err(|error| HttpError::of(&error))? {
        let room = limit - body.len();
        body.extend_from_slice(&chunk[..chunk.len().min(room)]);
        if chunk.len() > room {
            return too_large;
        }
    }
    Ok(())
}

/// `Retry-After` is a number of seconds or a date; anything else is ignored.
fn retry_after(text: &str, now: DateTime<Utc>) -> Option<Duration> {
    let text = text.trim();
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        // A number too large for an integer is longer than any wait.
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

    fn client() -> Client {
        Client::new(Timing::DEFAULT, time::wall)
    }

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

    async fn answered(url: &str, limit: usize) -> Result<Response, HttpError> {
        let client = client();
        client.fetch(client.get(url), limit).await
    }

    async fn fetched(url: &str, limit: usize) -> Result<Vec<u8>, HttpError> {
        answered(url, limit).await.and_then(|answer| answer.whole.map(|()| answer.body))
    }

    #[test]
    fn a_url_is_taken_as_it_is_written() {
        for good in ["https://a.kr", "HTTPS://A.kr/x", "http://[::1]:80/a?b=https:///c", "https://user:pw@a.kr/"] {
            assert!(parse_url(good).is_ok(), "{good}");
        }
        for repaired in ["https:a.kr", "https:/a.kr", "https:///a.kr/x", r"https:\\a.kr", r"https://a.kr\x"] {
            assert_eq!(parse_url(repaired), Err("it is not a URL as it is written"), "{repaired}");
        }
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
                [(3, Err(HttpError::TooLarge { limit: 3 })), (4, Ok(b"four".to_vec())), (5, Ok(b"four".to_vec()))]
            {
                let url = answering(format!("HTTP/1.1 200 OK\r\n{form}"));
                assert_eq!(fetched(&url, limit).await, expected, "{form:?}");
            }
        }
    }

    #[tokio::test]
    async fn an_answer_that_is_no_success_is_cut_at_64_kb_and_keeps_its_status() {
        let limit = DIAGNOSIS_LIMIT;
        for (length, whole) in [(limit, Ok(())), (limit + 1, Err(HttpError::TooLarge { limit }))] {
            for head in [format!("Content-Length: {length}"), "Connection: close".to_owned()] {
                let url = answering(format!("HTTP/1.1 503 No\r\n{head}\r\n\r\n{}", "x".repeat(length)));
                let answer = answered(&url, 8 << 20).await.unwrap();
                assert_eq!((answer.status, answer.body.len(), answer.whole), (503, limit, whole.clone()), "{head}");
            }
        }
    }

    #[tokio::test]
    async fn an_answer_that_breaks_off_keeps_its_status_and_what_has_come() {
        for status in [200, 503] {
            let url = answering(format!("HTTP/1.1 {status} X\r\nContent-Length: 9\r\n\r\nhalf"));
            let answer = answered(&url, 100).await.unwrap();
            assert_eq!(
                (answer.status, answer.body, answer.whole),
                (status, b"half".to_vec(), Err(HttpError::Interrupted))
            );
        }
    }

    #[tokio::test]
    async fn a_body_that_is_not_needed_is_not_waited_for() {
        let url = answering("HTTP/1.1 202 Accepted\r\nContent-Length: 9\r\n\r\nhalf".to_owned());
        let answer = answered(&url, 0).await.unwrap();
        assert_eq!((answer.status, answer.body, answer.whole), (202, vec![], Err(HttpError::TooLarge { limit: 0 })));
    }

    #[tokio::test]
    async fn a_port_without_a_listener_refuses_the_connection() {
        let closed = TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap();
        let fault = fetched(&format!("http://{closed}"), 1).await;
        assert_eq!(fault, Err(HttpError::Connect(ConnectError::Refused)));
    }

    #[tokio::test]
    async fn a_redirect_is_an_answer_and_not_followed() {
        let url = answering("HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nContent-Length: 2\r\n\r\nno".to_owned());
        assert_eq!(fetched(&url, 10).await, Ok(b"no".to_vec()));
    }

    #[test]
    fn every_fault_but_an_answer_that_is_too_large_may_pass() {
        for fault in [HttpError::TimedOut, HttpError::Interrupted, HttpError::Connect(ConnectError::Unreachable)] {
            assert!(fault.is_transient(), "{fault}");
        }
        assert!(!HttpError::TooLarge { limit: 1 }.is_transient());
    }

    #[tokio::test(start_paused = true)]
    async fn an_attempt_leaves_time_for_another_and_never_outlasts_the_call() {
        for (left, time) in [(60_000, 10_000), (10_000, 6_000), (300, 180), (0, 0)] {
            let took = client().until(time::monotonic() + Duration::from_millis(left)).attempt_time();
            assert!(took.abs_diff(Duration::from_millis(time)) < Duration::from_millis(2), "{left} ms: {took:?}");
        }
    }
}
