//! The channels: the form in which a chat accepts a message, its limits, and what its answer means. One file each.
//!
//! A new one is a file beside `slack.rs`, a variant of [`Kind`] and its words; the compiler lists the rest. For chats that take
//! text there is `lines`: what a message says, laid out and split.

mod dooray;
mod jandi;
mod json;
mod line_works;
mod lines;
mod slack;
mod teams;

use std::borrow::Cow;

use serde::Serialize;
use serde_json::Value;
use serde_json::value::{RawValue, to_raw_value};

use crate::chat::{Kind, Refusal};
use crate::message::Document;
use crate::net::http::Response;

/// The most bytes read of an answer that must be read to be judged.
const ANSWER_LIMIT: usize = 64 << 10;

/// All there is to know about a kind of chat.
pub(crate) trait Channel: Sync {
    /// Puts a message into this channel's form: as many payloads as are needed. `mention` goes onto the first one.
    fn payloads(&self, document: &Document, mention: Option<&str>) -> Vec<Payload>;

    /// Whether a message may have been accepted where this is the status of the answer.
    fn may_accept(&self, status: u16) -> bool {
        status == 200
    }

    /// Whether an answer with such a status says that the message was accepted.
    ///
    /// # Errors
    /// What it means instead.
    fn confirm(&self, _response: &Response) -> Result<(), Refusal> {
        Ok(())
    }

    /// Whether a mention can be used.
    ///
    /// # Errors
    /// Says what is accepted.
    fn check_mention(&self, _mention: &str) -> Result<(), &'static str> {
        Ok(())
    }

    /// How many bytes are read of the answer to a message that was accepted; none if the status alone is the answer.
    fn answer_limit(&self) -> usize {
        ANSWER_LIMIT
    }

    /// What an answer says, for people, if it has the form that is known.
    fn reply(&self, _body: &[u8]) -> Option<String> {
        None
    }

    /// Headers that its requests need besides the one for JSON.
    fn headers(&self) -> &'static [(&'static str, &'static str)] {
        &[]
    }
}

impl Kind {
    /// All there is to know about it.
    pub(crate) fn channel(self) -> &'static dyn Channel {
        match self {
            Self::Slack => &slack::Slack,
            Self::Teams => &teams::Teams,
            Self::LineWorks => &line_works::LineWorks,
            Self::Jandi => &jandi::Jandi,
            Self::Dooray => &dooray::Dooray,
            Self::Json => &json::Json,
        }
    }

    /// The only kind that a URL with this host can be of, if there is just one.
    pub(crate) fn of_host(host: &str) -> Option<Self> {
        let is_below =
            |domain: &str| host.strip_suffix(domain).is_some_and(|rest| rest.len() > 1 && rest.ends_with('.'));
        let teams = ["logic.azure.com", "api.powerplatform.com", "azure-api.net"];
        match host {
            "hooks.slack.com" | "hooks.slack-gov.com" => Some(Self::Slack),
            "api.powerautomate.com" => Some(Self::Teams),
            "webhook.worksmobile.com" => Some(Self::LineWorks),
            "wh.jandi.com" => Some(Self::Jandi),
            "hook.dooray.com" => Some(Self::Dooray),
            _ => teams.into_iter().any(is_below).then_some(Self::Teams),
        }
    }

    /// Whether the answer says that the message was accepted.
    ///
    /// # Errors
    /// What it means instead.
    pub(crate) fn verdict(self, response: &Response) -> Result<(), Refusal> {
        if self.channel().may_accept(response.status) {
            self.channel().confirm(response)
        } else {
            Err(Refusal::of(self, response.status, &response.body))
        }
    }

    /// What an answer says, for people: as it is, unless its form is known.
    pub(crate) fn reply(self, body: &[u8]) -> Cow<'_, str> {
        self.channel().reply(body).map_or_else(|| String::from_utf8_lossy(body), Cow::Owned)
    }

    /// The part of a payload to paste into the channel's own designer.
    #[cfg(feature = "cli")]
    pub(crate) fn card(self, payload: &Value) -> Value {
        match self {
            Self::Slack => serde_json::json!({"blocks": payload["blocks"]}),
            Self::Teams => payload["attachments"][0]["content"].clone(),
            Self::LineWorks | Self::Jandi | Self::Dooray | Self::Json => payload.clone(),
        }
    }

    /// The messages that a document becomes. `mention` is used if people are to be called.
    pub fn payloads(self, document: &Document, mention: Option<&str>) -> Vec<Payload> {
        self.channel().payloads(document, mention.filter(|_| document.calls))
    }
}

/// One message, as it goes over the wire.
#[derive(Debug, Clone)]
pub struct Payload {
    /// The JSON body.
    pub body: Box<RawValue>,
    /// The same in plain text, for a channel that refuses the rich form.
    pub plain: Option<Box<RawValue>>,
}

/// What a field of an answer says: a text or number as it is, `null` as an empty text.
fn text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// A payload as text: what is posted, and what a dry run shows.
fn text_of(payload: &impl Serialize) -> Box<RawValue> {
    to_raw_value(payload).expect("structs of texts are JSON")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::net::http::HttpError;
    use serde_json::json;

    fn response(status: u16, body: &str) -> Response {
        Response { status, retry_after: None, skew: None, body: body.into(), whole: Ok(()) }
    }

    #[test]
    fn slack_has_succeeded_with_status_200_and_the_body_ok_only() {
        let verdict = |response: &Response| Kind::Slack.verdict(response);
        assert_eq!(verdict(&response(200, "ok")), Ok(()));
        for body in ["", "OK", "okay", "<html>"] {
            assert_eq!(verdict(&response(200, body)), Err(Refusal::NotAcknowledged), "{body}");
        }
        for status in [201, 202, 204, 302, 400, 404, 429, 500] {
            assert!(verdict(&response(status, "ok")).is_err(), "{status}");
        }
        // An `ok` that broke off may be the start of anything.
        let broken = Response { whole: Err(HttpError::Interrupted), ..response(200, "ok") };
        assert_eq!(verdict(&broken), Err(Refusal::NotAcknowledged));
    }

    #[test]
    fn teams_has_succeeded_with_status_200_or_202_whatever_the_body() {
        let verdict = |response: &Response| Kind::Teams.verdict(response);
        let faults = [HttpError::TimedOut, HttpError::Interrupted, HttpError::TooLarge { limit: 0 }];
        for status in [200, 202] {
            for whole in [Ok(())].into_iter().chain(faults.clone().map(Err)) {
                assert_eq!(verdict(&Response { whole, ..response(status, "no") }), Ok(()));
            }
        }
        for status in [201, 204, 302, 400, 404, 429, 500] {
            assert!(verdict(&response(status, "ok")).is_err(), "{status}");
        }
    }

    #[test]
    fn a_domain_without_a_name_below_it_reveals_no_kind() {
        for host in ["logic.azure.com", ".logic.azure.com", "xlogic.azure.com", "api.powerplatform.com", ""] {
            assert_eq!(Kind::of_host(host), None, "{host}");
        }
        assert_eq!(Kind::of_host("x.logic.azure.com"), Some(Kind::Teams));
    }

    #[cfg(feature = "cli")]
    #[test]
    fn a_card_is_what_the_channels_designer_accepts() {
        assert_eq!(Kind::Slack.card(&json!({"text": "t", "blocks": [1]})), json!({"blocks": [1]}));
        assert_eq!(Kind::Teams.card(&json!({"attachments": [{"content": {"a": 1}}]})), json!({"a": 1}));
    }
}
