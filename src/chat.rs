//! The supported chats, and why one does not take a message: plain values, without any message text.

use std::fmt;
use std::time::Duration;

use crate::net::http::{ConnectError, HttpError};
use crate::net::redact::Remote;
use crate::net::retry::{Retry, Retryable};

/// What kind of chat a webhook belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// An incoming webhook of Slack.
    Slack,
    /// A Workflows webhook of Microsoft Teams.
    Teams,
    /// An incoming webhook of LINE WORKS, which is NAVER WORKS in Korea.
    LineWorks,
    /// An incoming webhook of JANDI.
    Jandi,
    /// An incoming hook of Dooray!'s messenger.
    Dooray,
    /// Your own relay, which takes the object described in `docs/webhook.schema.json`.
    Json,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 6] = [Self::Slack, Self::Teams, Self::LineWorks, Self::Jandi, Self::Dooray, Self::Json];

    /// The kind that secrets and the command line call `text`.
    #[must_use]
    pub fn named(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }

    /// The word for it in secrets and results.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Slack => "slack",
            Self::Teams => "teams",
            Self::LineWorks => "line_works",
            Self::Jandi => "jandi",
            Self::Dooray => "dooray",
            Self::Json => "json",
        }
    }

    /// All of them, each wrapped in `mark`, for people who have to choose one.
    #[must_use]
    pub fn accepted(mark: &str) -> String {
        Self::ALL.map(|kind| format!("{mark}{kind}{mark}")).join(", ")
    }

    /// Its display name.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Slack => "Slack",
            Self::Teams => "Teams",
            Self::LineWorks => "LINE WORKS",
            Self::Jandi => "JANDI",
            Self::Dooray => "Dooray!",
            Self::Json => "JSON",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Why a message was not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The webhook answered with an unsuccessful status.
    #[error("HTTP {status}{}", quoted(reply))]
    Refused {
        /// The status.
        status: u16,
        /// When to try again, if it said so.
        retry_after: Option<Duration>,
        /// What it said.
        reply: Remote,
    },
    /// The answer looks like success, but does not say so. The message may have been taken.
    #[error("HTTP 200, but the answer does not say that the message was taken{}", quoted(reply))]
    NotAcknowledged {
        /// What it said instead.
        reply: Remote,
    },
    /// The status looks like success, but the answer says that the message was not taken.
    #[error("HTTP 200, but the message was not taken{}", quoted(reply))]
    Declined {
        /// What kind of refusal that is.
        refusal: Refusal,
        /// What it said.
        reply: Remote,
    },
    /// There was no answer.
    #[error("{0}")]
    Http(#[from] HttpError),
}

fn quoted(reply: &Remote) -> String {
    if reply.is_empty() { String::new() } else { format!(", `{reply}`") }
}

/// What kind of refusal it is, by what has to be done about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// The webhook no longer exists.
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
    /// It redirects elsewhere.
    Redirected,
    /// It answers, but not as such a webhook would.
    NotAcknowledged,
    /// It answers that it did not take the message, for a reason of its own.
    Declined,
    /// The service has a problem.
    Unavailable,
    /// No connection, or no answer in time.
    Unreachable,
    /// The server is not the one it should be.
    Untrusted,
}

impl Refusal {
    /// What an unsuccessful status means.
    #[must_use]
    pub fn of_status(status: u16) -> Self {
        match status {
            300..=399 => Self::Redirected,
            401 | 403 => Self::Forbidden,
            404 | 405 | 410 => Self::Gone,
            413 => Self::TooLarge,
            429 => Self::RateLimited,
            500..=599 => Self::Unavailable,
            200..=299 => Self::NotAcknowledged,
            400 | 406 | 411..=418 | 422 => Self::Payload,
            _ => Self::Declined,
        }
    }
}

impl Error {
    /// What kind of refusal it is, by what was said, whether or not that may be shown.
    #[must_use]
    pub fn refusal(&self) -> Refusal {
        match self {
            Self::NotAcknowledged { .. } | Self::Http(HttpError::TooLarge { .. }) => Refusal::NotAcknowledged,
            Self::Http(HttpError::Connect(ConnectError::Untrusted)) => Refusal::Untrusted,
            Self::Http(_) => Refusal::Unreachable,
            Self::Refused { status, reply, .. } => match status {
                _ if reply.raw().contains("channel_is_archived") => Refusal::Archived,
                // Teams: the trigger's URL was truncated.
                400 if reply.raw().contains("MissingApiVersionParameter") => Refusal::Gone,
                status => Refusal::of_status(*status),
            },
            Self::Declined { refusal, .. } => *refusal,
        }
    }

    /// The same refusal, with the reply of the webhook.
    #[must_use]
    pub fn with_reply(self, reply: Remote) -> Self {
        match self {
            Self::Refused { status, retry_after, .. } => Self::Refused { status, retry_after, reply },
            Self::NotAcknowledged { .. } => Self::NotAcknowledged { reply },
            Self::Declined { refusal, .. } => Self::Declined { refusal, reply },
            fault @ Self::Http(_) => fault,
        }
    }
}

impl Retryable for Error {
    fn retry(&self) -> Retry {
        match self {
            Self::Refused { status: 429 | 503, retry_after: Some(wait), .. } => Retry::After(*wait),
            Self::Refused { status: 429 | 500..=599, .. }
            | Self::Declined { refusal: Refusal::RateLimited | Refusal::Unavailable, .. } => Retry::BackOff,
            Self::Http(fault) if fault.is_transient() => Retry::BackOff,
            Self::Refused { .. } | Self::NotAcknowledged { .. } | Self::Declined { .. } | Self::Http(_) => Retry::Never,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::net::redact::Redactor;

    fn refused(status: u16, reply: &str) -> Error {
        Error::Refused { status, retry_after: None, reply: reply.into() }
    }

    #[test]
    fn a_status_is_put_down_to_the_message_only_where_it_says_so() {
        for (status, refusal) in [
            (201, Refusal::NotAcknowledged),
            (302, Refusal::Redirected),
            (400, Refusal::Payload),
            (402, Refusal::Declined),
            (404, Refusal::Gone),
            (408, Refusal::Declined),
            (413, Refusal::TooLarge),
            (415, Refusal::Payload),
            (422, Refusal::Payload),
            (451, Refusal::Declined),
            (503, Refusal::Unavailable),
        ] {
            assert_eq!(Refusal::of_status(status), refusal, "{status}");
        }
    }

    #[test]
    fn only_what_may_pass_is_posted_again_and_only_429_and_503_say_when() {
        let wait = Duration::from_secs(9);
        let told = |status| Error::Refused { status, retry_after: Some(wait), reply: Remote::default() }.retry();
        for status in [429, 500, 502, 503, 504, 599] {
            assert_eq!(refused(status, "").retry(), Retry::BackOff, "{status}");
        }
        for status in [429, 503] {
            assert_eq!(told(status), Retry::After(wait), "{status}");
        }
        assert_eq!(told(500), Retry::BackOff);
        for status in [302, 400, 401, 403, 404, 405, 408, 410, 413, 418] {
            assert_eq!((refused(status, "").retry(), told(status)), (Retry::Never, Retry::Never), "{status}");
        }
        assert_eq!(Error::NotAcknowledged { reply: Remote::default() }.retry(), Retry::Never);
        for (refusal, retry) in [
            (Refusal::RateLimited, Retry::BackOff),
            (Refusal::Unavailable, Retry::BackOff),
            (Refusal::Gone, Retry::Never),
            (Refusal::Forbidden, Retry::Never),
            (Refusal::TooLarge, Retry::Never),
            (Refusal::Payload, Retry::Never),
            (Refusal::Declined, Retry::Never),
        ] {
            let declined = Error::Declined { refusal, reply: "x".into() };
            assert_eq!((declined.retry(), declined.refusal()), (retry, refusal));
        }
        for fault in [HttpError::TimedOut, HttpError::Interrupted, HttpError::Connect(ConnectError::Refused)] {
            assert_eq!(Error::Http(fault).retry(), Retry::BackOff);
        }
        assert_eq!(Error::Http(HttpError::TooLarge { limit: 1 }).retry(), Retry::Never);
    }

    #[test]
    fn every_refusal_is_told_apart_by_what_is_to_be_done() {
        for (status, reply, refusal) in [
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
            assert_eq!(refused(status, reply).refusal(), refusal, "{status} {reply}");
        }
        for (fault, refusal) in [
            (HttpError::TimedOut, Refusal::Unreachable),
            (HttpError::Interrupted, Refusal::Unreachable),
            (HttpError::Connect(ConnectError::Refused), Refusal::Unreachable),
            (HttpError::Connect(ConnectError::Untrusted), Refusal::Untrusted),
            (HttpError::TooLarge { limit: 1 }, Refusal::NotAcknowledged),
        ] {
            assert_eq!(Error::Http(fault).refusal(), refusal);
        }
        assert_eq!(Error::NotAcknowledged { reply: Remote::default() }.refusal(), Refusal::NotAcknowledged);
    }

    #[test]
    fn what_is_to_be_done_is_decided_before_anything_is_redacted() {
        let redactor = Redactor::default();
        redactor.learn_url(&"https://relay.example/channel_is_archived/MissingApiVersionParameter".parse().unwrap());
        for (status, reply, refusal) in
            [(410, "channel_is_archived", Refusal::Archived), (400, "MissingApiVersionParameter", Refusal::Gone)]
        {
            let reply = Remote::new(reply, 160, &redactor);
            let error = Error::Refused { status, retry_after: None, reply };
            assert_eq!(error.refusal(), refusal);
            assert_eq!(error.to_string(), format!("HTTP {status}, `[redacted]`"));
        }
    }

    #[test]
    fn an_error_says_the_status_and_what_was_said() {
        assert_eq!(refused(404, "no_service").with_reply("no_team".into()), refused(404, "no_team"));
        assert_eq!(refused(404, "no_service").to_string(), "HTTP 404, `no_service`");
        assert_eq!(refused(404, "").to_string(), "HTTP 404");
    }
}
