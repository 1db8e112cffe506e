//! The channels: where a message can be posted, in which form, and what an answer means.
//!
//! A new channel is a file beside `slack.rs` and a variant of [`Kind`]; the compiler lists the rest.

mod slack;
mod teams;

use std::fmt;
use std::time::Duration;

use reqwest::Url;
use reqwest::header::{CONTENT_TYPE, HeaderValue};
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::clock::Clock;
use crate::finding::Severity;
use crate::http::{self, Answer, ConnectFault, Fault};
use crate::message::Document;
use crate::redact::{Redactor, Remote};
use crate::retry::{ATTEMPTS, Again, Passing, persist};

/// The longest answer of a webhook that is held in memory.
const ANSWER_LIMIT: usize = 64 << 10;

/// The most characters of an answer that are shown.
const SAID_LIMIT: usize = 160;

/// What kind of chat a webhook belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// An incoming webhook of Slack.
    Slack,
    /// A Workflows webhook of Microsoft Teams.
    Teams,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Slack, Self::Teams];

    /// The kind that secrets and the command line call `text`.
    pub fn named(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }

    /// The word for it in secrets and results.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Slack => "slack",
            Self::Teams => "teams",
        }
    }

    /// Its name for people.
    pub fn title(self) -> &'static str {
        match self {
            Self::Slack => "Slack",
            Self::Teams => "Teams",
        }
    }

    /// The kind that the host of a URL gives away.
    pub fn of_host(host: &str) -> Option<Self> {
        let is_below =
            |domain: &str| host.strip_suffix(domain).is_some_and(|rest| rest.len() > 1 && rest.ends_with('.'));
        if matches!(host, "hooks.slack.com" | "hooks.slack-gov.com") {
            Some(Self::Slack)
        } else if ["logic.azure.com", "api.powerplatform.com", "azure-api.net"].into_iter().any(is_below)
            || host == "api.powerautomate.com"
        {
            Some(Self::Teams)
        } else {
            None
        }
    }

    /// Puts a message into this channel's form: as many payloads as it takes. `mention` goes onto the first one, if people
    /// are to be called.
    pub fn payloads(self, document: &Document, mention: Option<&str>) -> Vec<Payload> {
        let mention = mention.filter(|_| document.calls);
        match self {
            Self::Slack => slack::payloads(document, mention),
            Self::Teams => teams::payloads(document, mention),
        }
    }

    /// The part of a payload that the channel's own designer takes.
    pub fn card(self, payload: &Value) -> Value {
        match self {
            Self::Slack => json!({"blocks": payload["blocks"]}),
            Self::Teams => payload["attachments"][0]["content"].clone(),
        }
    }

    /// Whether a mention can be used, and what is accepted if not.
    pub fn check_mention(self, mention: &str) -> Result<(), &'static str> {
        match self {
            Self::Slack => slack::check_mention(mention),
            Self::Teams => Ok(()),
        }
    }

    /// How much of the answer to a message that was taken is read. To Teams the status is the answer: its body is not waited
    /// for, and cannot fail.
    fn answer_limit(self) -> usize {
        match self {
            Self::Slack => ANSWER_LIMIT,
            Self::Teams => 0,
        }
    }

    /// Whether the answer says that the message was taken.
    ///
    /// Slack's 200 without a whole `ok` says neither yes nor no. It is no success, and is not tried again: the message may
    /// have been taken, and none is posted twice.
    fn accepts(self, answer: &Answer) -> Result<(), Error> {
        let (status, retry_after) = (answer.status, answer.retry_after);
        match self {
            Self::Slack if status == 200 && answer.whole.is_ok() && answer.body.trim_ascii() == b"ok" => Ok(()),
            Self::Slack if status == 200 => Err(Error::NotAcknowledged { said: Remote::default() }),
            Self::Teams if matches!(status, 200 | 202) => Ok(()),
            Self::Slack | Self::Teams => Err(Error::Refused { status, retry_after, said: Remote::default() }),
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One message, as it goes over the wire.
#[derive(Debug, Clone)]
pub struct Payload {
    /// The JSON body.
    pub body: Box<RawValue>,
    /// The same in plain text, for a channel that refuses the rich form.
    plain: Option<Box<RawValue>>,
}

/// A payload as text. The order of its keys is that of its fields, here and in the result of a dry run.
fn text_of(payload: &impl Serialize) -> Box<RawValue> {
    to_raw_value(payload).expect("structs of texts are JSON")
}

/// Where and what is posted.
#[derive(Debug, Clone)]
pub struct Webhook {
    /// Its label.
    pub name: String,
    /// What kind of chat it belongs to.
    pub kind: Kind,
    /// Where to post.
    pub url: SecretUrl,
    /// What it wants to hear of.
    pub min_severity: Severity,
    /// Whom to call when a finding is critical.
    pub mention: Option<String>,
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

    /// Has the URL and all of its parts taken out of what is shown from now on.
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

/// Why a message was not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The webhook answered with a status that is no success.
    #[error("HTTP {status}{}", quoted(said))]
    Refused {
        /// The status.
        status: u16,
        /// When to come back, if it said so.
        retry_after: Option<Duration>,
        /// What it said.
        said: Remote,
    },
    /// The answer looks like success, but does not say so.
    #[error("HTTP 200, but the answer is not `ok`{}", quoted(said))]
    NotAcknowledged {
        /// What it said instead.
        said: Remote,
    },
    /// There was no answer.
    #[error("{0}")]
    Fault(#[from] Fault),
}

fn quoted(said: &Remote) -> String {
    if said.is_empty() { String::new() } else { format!(", `{said}`") }
}

/// What kind of refusal it is: by what someone has to do about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// The webhook does not exist any more.
    Gone,
    /// Its channel is archived.
    Archived,
    /// It exists, but may not be used like this.
    Forbidden,
    /// The message is too large.
    TooLarge,
    /// The message is not understood.
    Payload,
    /// Too many messages.
    RateLimited,
    /// It leads somewhere else.
    Redirected,
    /// It answers, but not as such a webhook does.
    NotAcknowledged,
    /// The service has a problem.
    Unavailable,
    /// No connection, or no answer in time.
    Unreachable,
    /// The server is not who it should be.
    Untrusted,
}

impl Error {
    /// What kind of refusal it is: by what was said, whatever of that may be shown.
    pub fn refusal(&self) -> Refusal {
        match self {
            Self::NotAcknowledged { .. } | Self::Fault(Fault::TooLarge { .. }) => Refusal::NotAcknowledged,
            Self::Fault(Fault::Connect(ConnectFault::Untrusted)) => Refusal::Untrusted,
            Self::Fault(_) => Refusal::Unreachable,
            Self::Refused { status, said, .. } => match status {
                _ if said.raw().contains("channel_is_archived") => Refusal::Archived,
                300..=399 => Refusal::Redirected,
                // Teams: the trigger's URL was cut short.
                400 if said.raw().contains("MissingApiVersionParameter") => Refusal::Gone,
                401 | 403 => Refusal::Forbidden,
                404 | 405 | 410 => Refusal::Gone,
                413 => Refusal::TooLarge,
                429 => Refusal::RateLimited,
                500..=599 => Refusal::Unavailable,
                _ => Refusal::Payload,
            },
        }
    }

    fn with_said(self, text: Remote) -> Self {
        match self {
            Self::Refused { status, retry_after, .. } => Self::Refused { status, retry_after, said: text },
            Self::NotAcknowledged { .. } => Self::NotAcknowledged { said: text },
            fault @ Self::Fault(_) => fault,
        }
    }
}

impl Passing for Error {
    fn again(&self) -> Again {
        match self {
            Self::Refused { status: 429 | 503, retry_after: Some(wait), .. } => Again::After(*wait),
            Self::Refused { status: 429 | 500..=599, .. } => Again::Yes,
            Self::Fault(fault) if fault.is_passing() => Again::Yes,
            Self::Refused { .. } | Self::NotAcknowledged { .. } | Self::Fault(_) => Again::No,
        }
    }
}

impl Webhook {
    /// Posts one message, again where that makes sense, until it was taken or `until` has come. What the channel refuses as
    /// malformed is posted once more as plain text, where the channel has such a form. What it says is shown without what
    /// `redactor` knows.
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

    async fn post_body(
        &self,
        http: &http::Client,
        body: &RawValue,
        until: Instant,
        clock: Clock,
        redactor: &Redactor,
    ) -> Result<(), Error> {
        let attempt = || async {
            let request = http
                .post(self.url.0.expose_secret())
                .header(CONTENT_TYPE, HeaderValue::from_static("application/json"))
                .body(body.get().to_owned());
            let answer = http.fetch(request, self.kind.answer_limit(), until, clock).await?;
            let said = |body| Remote::new(&String::from_utf8_lossy(body), SAID_LIMIT, redactor);
            self.kind.accepts(&answer).map_err(|error| error.with_said(said(&answer.body)))
        };
        persist("a webhook", http.timing(), ATTEMPTS, until, attempt).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, body: &str) -> Answer {
        Answer { status, retry_after: None, skew: None, body: body.into(), whole: Ok(()) }
    }

    fn refused(status: u16, said: &str) -> Error {
        Error::Refused { status, retry_after: None, said: said.into() }
    }

    #[test]
    fn slack_has_succeeded_with_status_200_and_the_body_ok_only() {
        let accepts = |status, body| Kind::Slack.accepts(&answer(status, body));
        assert_eq!(accepts(200, "ok"), Ok(()));
        for body in ["", "OK", "okay", "no_text", "<html>"] {
            assert_eq!(accepts(200, body), Err(Error::NotAcknowledged { said: Remote::default() }), "{body}");
        }
        for status in [201, 202, 204, 302, 400, 404, 429, 500] {
            assert_eq!(accepts(status, "ok"), Err(refused(status, "")), "{status}");
        }
        // An `ok` that broke off may be the start of anything.
        let broken = Answer { whole: Err(Fault::Interrupted), ..answer(200, "ok") };
        assert_eq!(Kind::Slack.accepts(&broken), Err(Error::NotAcknowledged { said: Remote::default() }));
        let broken = Answer { whole: Err(Fault::Interrupted), ..answer(503, "ok") };
        assert_eq!(Kind::Slack.accepts(&broken), Err(refused(503, "")));
    }

    #[test]
    fn teams_has_succeeded_with_status_200_or_202_whatever_the_body() {
        for body in ["", "1", "ok"] {
            for status in [200, 202] {
                for whole in [Ok(()), Err(Fault::TimedOut), Err(Fault::Interrupted), Err(Fault::TooLarge { limit: 0 })]
                {
                    let answer = Answer { whole, ..answer(status, body) };
                    assert_eq!(Kind::Teams.accepts(&answer), Ok(()), "{answer:?}");
                }
            }
            for status in [201, 204, 302, 400, 404, 429, 500] {
                assert_eq!(Kind::Teams.accepts(&answer(status, body)), Err(refused(status, "")), "{status} {body}");
            }
        }
    }

    #[test]
    fn only_what_may_pass_is_posted_again_and_only_429_and_503_say_when() {
        let wait = Duration::from_secs(9);
        let told = |status| Error::Refused { status, retry_after: Some(wait), said: Remote::default() }.again();
        for status in [429, 500, 502, 503, 504, 599] {
            assert_eq!(refused(status, "").again(), Again::Yes, "{status}");
        }
        for status in [429, 503] {
            assert_eq!(told(status), Again::After(wait), "{status}");
        }
        assert_eq!(told(500), Again::Yes);
        for status in [302, 400, 401, 403, 404, 405, 408, 410, 413, 418] {
            assert_eq!((refused(status, "").again(), told(status)), (Again::No, Again::No), "{status}");
        }
        assert_eq!(Error::NotAcknowledged { said: Remote::default() }.again(), Again::No);
        for fault in [Fault::TimedOut, Fault::Interrupted, Fault::Connect(ConnectFault::Refused)] {
            assert_eq!(Error::Fault(fault).again(), Again::Yes);
        }
        assert_eq!(Error::Fault(Fault::TooLarge { limit: 1 }).again(), Again::No);
    }

    #[test]
    fn every_refusal_is_told_apart_by_what_is_to_be_done() {
        for (status, said, refusal) in [
            (302, "", Refusal::Redirected),
            (308, "", Refusal::Redirected),
            (400, "invalid_payload", Refusal::Payload),
            (400, "code: MissingApiVersionParameter", Refusal::Gone),
            (401, "", Refusal::Forbidden),
            (403, "action_prohibited", Refusal::Forbidden),
            (404, "no_service", Refusal::Gone),
            (405, "", Refusal::Gone),
            (410, "", Refusal::Gone),
            (410, "channel_is_archived", Refusal::Archived),
            (413, "", Refusal::TooLarge),
            (418, "", Refusal::Payload),
            (429, "", Refusal::RateLimited),
            (500, "rollup_error", Refusal::Unavailable),
            (599, "", Refusal::Unavailable),
        ] {
            assert_eq!(refused(status, said).refusal(), refusal, "{status} {said}");
        }
        for (fault, refusal) in [
            (Fault::TimedOut, Refusal::Unreachable),
            (Fault::Interrupted, Refusal::Unreachable),
            (Fault::Connect(ConnectFault::Refused), Refusal::Unreachable),
            (Fault::Connect(ConnectFault::Untrusted), Refusal::Untrusted),
            (Fault::TooLarge { limit: 1 }, Refusal::NotAcknowledged),
        ] {
            assert_eq!(Error::Fault(fault).refusal(), refusal);
        }
        assert_eq!(Error::NotAcknowledged { said: Remote::default() }.refusal(), Refusal::NotAcknowledged);
    }

    #[test]
    fn a_domain_without_a_name_below_it_tells_no_kind() {
        for host in ["logic.azure.com", ".logic.azure.com", "xlogic.azure.com", "api.powerplatform.com", ""] {
            assert_eq!(Kind::of_host(host), None, "{host}");
        }
        assert_eq!(Kind::of_host("x.logic.azure.com"), Some(Kind::Teams));
    }

    #[test]
    fn a_card_is_what_the_channels_designer_takes() {
        assert_eq!(Kind::Slack.card(&json!({"text": "t", "blocks": [1]})), json!({"blocks": [1]}));
        assert_eq!(Kind::Teams.card(&json!({"attachments": [{"content": {"a": 1}}]})), json!({"a": 1}));
    }

    #[test]
    fn what_is_to_be_done_is_decided_before_anything_is_redacted() {
        let redactor = Redactor::default();
        let url = Url::parse("https://relay.example/channel_is_archived/MissingApiVersionParameter").unwrap();
        SecretUrl::new(&url).hide_by(&redactor);
        for (status, said, refusal) in
            [(410, "channel_is_archived", Refusal::Archived), (400, "MissingApiVersionParameter", Refusal::Gone)]
        {
            let said = Remote::new(said, SAID_LIMIT, &redactor);
            let error = Error::Refused { status, retry_after: None, said };
            assert_eq!(error.refusal(), refusal);
            assert_eq!(error.to_string(), format!("HTTP {status}, `[redacted]`"));
        }
    }

    #[test]
    fn a_webhooks_url_does_not_print_itself() {
        let url = SecretUrl::new(&Url::parse("https://hooks.slack.com/services/T0/B0/secret0000").unwrap());
        assert_eq!(format!("{url:?}"), "SecretUrl([redacted])");
        assert_eq!(refused(404, "no_service").with_said("no_team".into()), refused(404, "no_team"));
        assert_eq!(refused(404, "no_service").to_string(), "HTTP 404, `no_service`");
        assert_eq!(refused(404, "").to_string(), "HTTP 404");
    }
}
