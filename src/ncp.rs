//! NCP's API gateway: signed calls, and what a failed one means. Every service of NCP is asked through it.
//!
//! Sources: <https://api.ncloud-docs.com/docs/common-ncpapi>, <https://api.ncloud-docs.com/docs/edge-overview>.

mod error;
pub mod signature;

use reqwest::header::{ACCEPT, CONTENT_TYPE, HeaderValue};
use reqwest::{RequestBuilder, Url};
use tokio::time::Instant;
use url::Position;

#[cfg(feature = "cli")]
pub(crate) use self::error::SKEW_LIMIT;
pub use self::error::{Error, ErrorReply};
use self::signature::{KeyPair, sign};
use crate::net::disclosure::Secrets;
use crate::net::http;
use crate::net::retry::Retry;

/// A client for one account.
#[derive(Debug, Clone)]
pub struct Client {
    http: http::Client,
    keys: KeyPair,
}

impl Client {
    /// A client for the account with these keys.
    pub fn new(http: http::Client, keys: KeyPair) -> Self {
        Self { http, keys }
    }

    /// The same client, whose calls must end by `until`.
    pub fn until(&self, until: Instant) -> Self {
        Self { http: self.http.until(until), keys: self.keys.clone() }
    }

    /// The secrets of the run.
    pub fn secrets(&self) -> &Secrets {
        self.http.secrets()
    }

    /// Asks for `url` and has `read` read the answer, in up to `attempts` attempts; `call` names it in the log, `retry` says whether
    /// a failure may pass.
    ///
    /// # Errors
    /// The last failure. Any status but 200 is one, and so is an answer of more than `limit` bytes.
    pub(crate) async fn get<T>(
        &self,
        call: &str,
        url: &Url,
        limit: usize,
        attempts: usize,
        retry: impl Fn(&Error) -> Retry,
        read: impl Fn(&[u8], &Secrets) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let attempt = || async {
            let answer = self.http.fetch(self.signed(url), limit).await?;
            if answer.status != 200 {
                // Cut or broken off: its status says what it is.
                return Err(Error::of(&answer, self.secrets()));
            }
            answer.whole.clone()?;
            read(&answer.body, self.secrets())
        };
        self.http.with_retries(call, attempts, retry, attempt).await
    }

    /// A GET of `url`, stamped and signed anew. Certificate Manager wants both headers on a GET too.
    fn signed(&self, url: &Url) -> RequestBuilder {
        // What is signed is cut from the URL that is sent; no HTTP library re-encodes it in between.
        let target = &url[Position::BeforePath..];
        let headers = sign("GET", target, self.http.now(), &self.keys);
        let json = HeaderValue::from_static("application/json");
        let mut request = self.http.get(url.as_str()).header(ACCEPT, &json).header(CONTENT_TYPE, &json);
        for (name, value) in headers {
            let mut value = HeaderValue::try_from(value)
                .expect("keys were checked when they were read; the rest is Base64 and digits");
            value.set_sensitive(true);
            request = request.header(name, value);
        }
        request
    }
}

/// `base` with `path` behind its own.
pub(crate) fn below(base: &Url, path: &str) -> Url {
    let mut url = base.clone();
    url.set_path(&format!("{}{path}", base.path().trim_end_matches('/')));
    url
}
