//! Webhooks: where messages are posted, and posting them.

use std::cell::Cell;
use std::fmt;

use reqwest::Url;
use reqwest::header::{CONTENT_TYPE, HeaderValue};
use secrecy::{ExposeSecret, SecretString};
use serde_json::value::RawValue;

use crate::channel::Payload;
use crate::chat::{Error, Kind, Refusal};
use crate::net::disclosure::Secrets;
use crate::net::http::{self, HttpError};
use crate::net::retry::{ATTEMPTS, Retry};
use crate::report::view::Routes;
use crate::rules::Severity;

/// The most characters of an answer that are shown.
const REPLY_LIMIT: usize = 160;

/// Where to post, and what.
#[derive(Debug, Clone)]
pub struct Webhook {
    /// Its label.
    pub name: String,
    /// What kind of chat it belongs to.
    pub kind: Kind,
    /// Where to post.
    pub url: SecretUrl,
    /// The lowest severity that it reports.
    pub min_severity: Severity,
    /// Whom to mention when a finding is critical.
    pub mention: Option<String>,
    /// Which findings it reports.
    pub routes: Routes,
}

/// A URL that is a credential. It does not print itself.
#[derive(Clone)]
pub struct SecretUrl(SecretString);

impl SecretUrl {
    /// Keeps `url` secret.
    pub fn new(url: &Url) -> Self {
        Self(url.as_str().into())
    }

    /// Whether both are the same URL.
    pub fn is(&self, other: &Self) -> bool {
        self.0.expose_secret() == other.0.expose_secret()
    }

    /// The root of its host. What makes the URL a credential is left out: user, password, path and query.
    #[cfg(feature = "cli")]
    pub(crate) fn root(&self) -> Url {
        let mut url = Url::parse(self.0.expose_secret()).expect("it was made of a URL");
        let _ = url.set_username("").and_then(|()| url.set_password(None));
        url.set_path("/");
        url.set_query(None);
        url.set_fragment(None);
        url
    }

    /// Adds the URL to the secrets of a run.
    pub fn add_to(&self, secrets: &mut Secrets) {
        secrets.add_url(&Url::parse(self.0.expose_secret()).expect("it was made of a URL"));
    }
}

impl fmt::Debug for SecretUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretUrl([redacted])")
    }
}

impl Webhook {
    /// Posts one message, retrying where that makes sense, until it is accepted or the deadline has come. If the channel refuses
    /// it as malformed, it is posted once more as plain text, if the channel has such a form.
    pub async fn post(&self, http: &http::Client, payload: &Payload) -> Result<(), Error> {
        let posted = self.post_body(http, &payload.body).await;
        match (&payload.plain, posted) {
            (Some(plain), Err(error @ Error::Refused { status: 400, .. })) => {
                tracing::warn!(webhook = self.name, error = %error, "the message was refused and is posted as plain text");
                self.post_body(http, plain).await
            }
            (_, posted) => posted,
        }
    }

    async fn post_body(&self, http: &http::Client, body: &RawValue) -> Result<(), Error> {
        let channel = self.kind.channel();
        // A message that was sent and not answered may have arrived: it is sent once more at most.
        let unanswered = Cell::new(0);
        let attempt = || async {
            let mut request = http
                .post(self.url.0.expose_secret())
                .header(CONTENT_TYPE, HeaderValue::from_static("application/json"))
                .body(body.get().to_owned());
            for (name, value) in channel.headers() {
                request = request.header(*name, *value);
            }
            let answer = http.fetch(request, channel.answer_limit()).await.inspect_err(|fault| {
                let was_sent = matches!(fault, HttpError::TimedOut | HttpError::Interrupted);
                unanswered.set(unanswered.get() + usize::from(was_sent));
            })?;
            self.kind.verdict(&answer).map_err(|refusal| {
                let reply = http.secrets().words_of(&self.kind.reply(&answer.body), REPLY_LIMIT);
                Error::Refused { refusal, status: answer.status, retry_after: answer.retry_after, reply }
            })
        };
        let retry = |error: &Error| if unanswered.get() > 1 { Retry::Never } else { error.retry() };
        http.with_retries("a webhook", ATTEMPTS, retry, attempt).await
    }
}

/// Fetches `url` once, for a dead man's switch that expects it. Any 2xx is success; transient failures are retried.
///
/// # Errors
/// As [`Webhook::post`].
pub async fn ping(http: &http::Client, url: &SecretUrl) -> Result<(), Error> {
    let attempt = || async {
        let answer = http.fetch(http.get(url.0.expose_secret()), 0).await?;
        if matches!(answer.status, 200..=299) {
            return Ok(());
        }
        let reply = http.secrets().words_of(&String::from_utf8_lossy(&answer.body), REPLY_LIMIT);
        let refusal = Refusal::of_status(Kind::Json, answer.status);
        Err(Error::Refused { refusal, status: answer.status, retry_after: answer.retry_after, reply })
    };
    http.with_retries("the heartbeat", ATTEMPTS, Error::retry, attempt).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_webhooks_url_does_not_print_itself() {
        let url = SecretUrl::new(&Url::parse("https://hooks.slack.com/services/T0/B0/secret0000").unwrap());
        assert_eq!(format!("{url:?}"), "SecretUrl([redacted])");
    }
}
