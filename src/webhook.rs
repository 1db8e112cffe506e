//! Webhooks: where messages are posted, and posting them.

use std::fmt;

use reqwest::Url;
use reqwest::header::{CONTENT_TYPE, HeaderValue};
use secrecy::{ExposeSecret, SecretString};
use serde_json::value::RawValue;
use tokio::time::Instant;

use crate::channel::Payload;
use crate::chat::{Error, Kind};
use crate::net::http;
use crate::net::redact::{Redactor, Remote};
use crate::net::retry::{ATTEMPTS, with_retries};
use crate::report::view::Routes;
use crate::rules::Severity;
use crate::time::Clock;

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
    /// The lowest severity that it wants to hear of.
    pub min_severity: Severity,
    /// Whom to mention when a finding is critical.
    pub mention: Option<String>,
    /// Which findings it wants to hear of.
    pub routes: Routes,
}

/// A URL that is a credential. It does not print itself.
#[derive(Clone)]
pub struct SecretUrl(SecretString);

impl SecretUrl {
    /// Keeps `url` secret.
    #[must_use]
    pub fn new(url: &Url) -> Self {
        Self(url.as_str().into())
    }

    /// Whether both are the same URL.
    #[must_use]
    pub fn is(&self, other: &Self) -> bool {
        self.0.expose_secret() == other.0.expose_secret()
    }

    /// Has the URL and all of its parts removed from everything that is shown from now on.
    pub fn hide_by(&self, redactor: &Redactor) {
        if let Ok(url) = Url::parse(self.0.expose_secret()) {
            redactor.learn_url(&url);
        }
    }
}

impl fmt::Debug for SecretUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretUrl([redacted])")
    }
}

impl Webhook {
    /// Posts one message, retrying where that makes sense, until it is taken or `until` has come. If the channel refuses it
    /// as malformed, it is posted once more as plain text, if the channel has such a form. The webhook's replies are shown
    /// without what `redactor` knows.
    pub async fn post(
        &self,
        http: &http::Client,
        payload: &Payload,
        until: Instant,
        clock: Clock,
        redactor: &Redactor,
    ) -> Result<(), Error> {
        let posted = self.post_body(http, &payload.body, until, clock, redactor).await;
        match (&payload.plain, posted) {
            (Some(plain), Err(error @ Error::Refused { status: 400, .. })) => {
                tracing::warn!(webhook = self.name, error = %error, "the message was refused and is posted as plain text");
                self.post_body(http, plain, until, clock, redactor).await
            }
            (_, posted) => posted,
        }
    }

    /// Fetches `url` once, for a dead man's switch that expects it. Any 2xx is success; transient failures are retried.
    ///
    /// # Errors
    /// As [`Webhook::post`].
    pub async fn ping(
        http: &http::Client,
        url: &SecretUrl,
        until: Instant,
        clock: Clock,
        redactor: &Redactor,
    ) -> Result<(), Error> {
        let attempt = || async {
            let answer = http.fetch(http.get(url.0.expose_secret()), 0, until, clock).await?;
            if matches!(answer.status, 200..=299) {
                return Ok(());
            }
            let reply = Remote::new(&String::from_utf8_lossy(&answer.body), REPLY_LIMIT, redactor);
            Err(Error::Refused { status: answer.status, retry_after: answer.retry_after, reply })
        };
        with_retries("the heartbeat", http.timing(), ATTEMPTS, until, attempt).await
    }

    async fn post_body(
        &self,
        http: &http::Client,
        body: &RawValue,
        until: Instant,
        clock: Clock,
        redactor: &Redactor,
    ) -> Result<(), Error> {
        let attempt = || async {
            let channel = self.kind.channel();
            let request = http
                .post(self.url.0.expose_secret())
                .header(CONTENT_TYPE, HeaderValue::from_static("application/json"))
                .body(body.get().to_owned());
            let headers = channel.headers().iter();
            let request = headers.fold(request, |request, (name, value)| request.header(*name, *value));
            let answer = http.fetch(request, channel.answer_limit(), until, clock).await?;
            let reply = || Remote::new(&channel.reply(&answer.body), REPLY_LIMIT, redactor);
            channel.verdict(&answer).map_err(|error| error.with_reply(reply()))
        };
        with_retries("a webhook", http.timing(), ATTEMPTS, until, attempt).await
    }
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
