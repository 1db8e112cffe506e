//! The supported chats, and why one rejects a message: plain values, without any message text.

use std::fmt;
use std::time::Duration;

use serde_json::Value;

use crate::net::http::HttpError;
use crate::net::retry::Retry;

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
    /// Your own relay, which accepts the object described in `docs/webhook.schema.json`.
    Json,
}

impl Kind {
    /// All kinds.
    pub const ALL: [Self; 6] = [Self::Slack, Self::Teams, Self::LineWorks, Self::Jandi, Self::Dooray, Self::Json];

    /// The kind that secrets and the command line call `text`.
    pub fn named(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }

    /// The word for it in secrets and results.
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

    /// All kinds, each wrapped in `mark`, for people who have to choose one.
    pub(crate) fn accepted(mark: &str) -> String {
        Self::ALL.map(|kind| format!("{mark}{kind}{mark}")).join(", ")
    }

    /// Its display name.
    pub(crate) fn title(self) -> &'static str {
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

/// Why a message was not delivered.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The webhook answered, and did not take the message.
    #[error("HTTP {status}{}{}", refusal.unsaid(), quoted(reply))]
    Refused {
        /// What the answer means.
        refusal: Refusal,
        /// The HTTP status.
        status: u16,
        /// When to try again, if it said so.
        retry_after: Option<Duration>,
        /// What it said.
        reply: String,
    },
    /// There was no answer, or an incomplete one.
    #[error("{0}")]
    Http(#[from] HttpError),
}

fn quoted(reply: &str) -> String {
    if reply.is_empty() { String::new() } else { format!(", `{reply}`") }
}

/// What an answer means that does not take a message, by what has to be done about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// The webhook no longer exists.
    Gone,
    /// Teams: the flow is switched off.
    SwitchedOff,
    /// Teams: the flow's trigger expects another schema than that of the Workflows template.
    OtherSchema,
    /// Teams: the URL lost its end, with the signature in it.
    CutUrl,
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
    /// It answers with success, but not as such a webhook would. The message may have arrived.
    NotAcknowledged,
    /// It says no for a reason that is not known.
    Unexplained,
    /// The service has a problem.
    Unavailable,
}

impl Refusal {
    /// What an answer of this kind of chat means: by the chat's own words where they are known, else by the status where that
    /// is clear. `body` is all that was read, as it is: what may be shown of it is another matter.
    pub(crate) fn of(kind: Kind, status: u16, body: &[u8]) -> Self {
        let by_words = match kind {
            Kind::Slack => slack(body),
            Kind::Teams => teams(body),
            Kind::LineWorks | Kind::Jandi | Kind::Dooray | Kind::Json => None,
        };
        by_words.unwrap_or_else(|| Self::of_status(kind, status))
    }

    /// What a status means by itself.
    pub(crate) fn of_status(kind: Kind, status: u16) -> Self {
        match (status, kind) {
            (200..=299, _) => Self::NotAcknowledged,
            (300..=399, _) => Self::Redirected,
            (404 | 410, _) => Self::Gone,
            (413, _) => Self::TooLarge,
            (429, _) => Self::RateLimited,
            (500..=599, _) => Self::Unavailable,
            // Slack and Teams say in words what is forbidden; without them it is not known who refused.
            (401 | 403, Kind::LineWorks | Kind::Jandi | Kind::Dooray | Kind::Json) => Self::Forbidden,
            // A relay documents no words, so a status means what it means in HTTP.
            (400 | 415 | 422, Kind::Json) => Self::Payload,
            _ => Self::Unexplained,
        }
    }

    /// What a log line says where the status alone would be misunderstood.
    fn unsaid(self) -> &'static str {
        match self {
            Self::NotAcknowledged => ", but the answer does not say that the message was accepted",
            _ => "",
        }
    }
}

/// What Slack says in one word.
/// Source: <https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks>.
fn slack(body: &[u8]) -> Option<Refusal> {
    Some(match body.trim_ascii() {
        b"channel_not_found" | b"invalid_token" | b"no_active_hooks" | b"no_service" | b"no_service_id"
        | b"no_team" | b"team_disabled" | b"user_not_found" => Refusal::Gone,
        b"channel_is_archived" => Refusal::Archived,
        b"action_prohibited" | b"posting_to_general_channel_denied" => Refusal::Forbidden,
        b"invalid_attachments"
        | b"invalid_blocks"
        | b"invalid_blocks_format"
        | b"invalid_payload"
        | b"missing_text_or_fallback_or_attachments"
        | b"no_text"
        | b"too_many_attachments" => Refusal::Payload,
        b"msg_blocks_too_long" | b"msg_too_long" => Refusal::TooLarge,
        _ => return None,
    })
}

/// What Power Automate says: `{"error":{"code":"…","message":"…"}}`. The codes are not documented in one place; these are in
/// public reports: microsoft/coe-starter-kit#8684 (`Disabled`) and #3722 (`Deleted`),
/// laravel-notification-channels/microsoft-teams#42 (schema), caronc/apprise#1161 (no `api-version`),
/// ericferon/glpi-webhook#51 (no signature).
fn teams(body: &[u8]) -> Option<Refusal> {
    let (code, message) = teams_error(body)?;
    Some(match code.as_str() {
        "WorkflowTriggerIsNotEnabled" if message.contains("'Deleted'") => Refusal::Gone,
        "WorkflowTriggerIsNotEnabled" => Refusal::SwitchedOff,
        "TriggerInputSchemaMismatch" => Refusal::OtherSchema,
        "MissingApiVersionParameter" => Refusal::CutUrl,
        "DirectApiAuthorizationRequired" if message.contains("Shared Access") => Refusal::CutUrl,
        "DirectApiAuthorizationRequired" => Refusal::Forbidden,
        _ => return None,
    })
}

/// The code and the sentence of an error of Power Automate.
pub(crate) fn teams_error(body: &[u8]) -> Option<(String, String)> {
    let answer: Value = serde_json::from_slice(body).ok()?;
    let error = &answer["error"];
    let code = error["code"].as_str()?.to_owned();
    Some((code, error["message"].as_str().unwrap_or_default().to_owned()))
}

impl Error {
    /// Whether to try again.
    pub fn retry(&self) -> Retry {
        match self {
            Self::Refused { status: 429 | 503, retry_after: Some(wait), .. } => Retry::After(*wait),
            Self::Refused { status: 429 | 500..=599, .. }
            | Self::Refused { refusal: Refusal::RateLimited | Refusal::Unavailable, .. } => Retry::BackOff,
            Self::Http(fault) if fault.is_transient() => Retry::BackOff,
            Self::Refused { .. } | Self::Http(_) => Retry::Never,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::net::http::ConnectError;

    fn refused(refusal: Refusal, status: u16, reply: &str) -> Error {
        Error::Refused { refusal, status, retry_after: None, reply: reply.into() }
    }

    #[test]
    fn only_what_may_pass_is_posted_again_and_only_429_and_503_say_when() {
        let wait = Duration::from_secs(9);
        let retry = |status, retry_after| {
            let refusal = Refusal::of_status(Kind::Slack, status);
            Error::Refused { refusal, status, retry_after, reply: String::new() }.retry()
        };
        for status in [429, 500, 502, 503, 504, 599] {
            assert_eq!(retry(status, None), Retry::BackOff, "{status}");
        }
        for status in [429, 503] {
            assert_eq!(retry(status, Some(wait)), Retry::After(wait), "{status}");
        }
        assert_eq!(retry(500, Some(wait)), Retry::BackOff);
        for status in [200, 302, 400, 401, 403, 404, 405, 408, 410, 413, 418] {
            assert_eq!((retry(status, None), retry(status, Some(wait))), (Retry::Never, Retry::Never), "{status}");
        }
        // HTTP 200 with a refusal in its body.
        assert_eq!(refused(Refusal::RateLimited, 200, "").retry(), Retry::BackOff);
        assert_eq!(refused(Refusal::Unavailable, 200, "").retry(), Retry::BackOff);
        for fault in [HttpError::TimedOut, HttpError::Interrupted, HttpError::Connect(ConnectError::Refused)] {
            assert_eq!(Error::Http(fault).retry(), Retry::BackOff);
        }
        assert_eq!(Error::Http(HttpError::TooLarge { limit: 1 }).retry(), Retry::Never);
    }

    #[test]
    fn an_error_says_the_status_and_what_was_said() {
        assert_eq!(refused(Refusal::Gone, 404, "no_service").to_string(), "HTTP 404, `no_service`");
        assert_eq!(refused(Refusal::Gone, 404, "").to_string(), "HTTP 404");
        let doubtful = refused(Refusal::NotAcknowledged, 200, "<html>").to_string();
        assert_eq!(doubtful, "HTTP 200, but the answer does not say that the message was accepted, `<html>`");
    }
}
