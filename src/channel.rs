//! The channels: the form in which a chat takes a message, its limits, and what its answer means. One file each.
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

use crate::chat::{Error, Kind};
use crate::message::Document;
use crate::net::http::Response;

/// The most bytes read of an answer that must be read to be judged.
const ANSWER_LIMIT: usize = 64 << 10;

/// All there is to know about a kind of chat.
pub trait Channel: Sync {
    /// Puts a message into this channel's form: as many payloads as it takes. `mention` goes onto the first one.
    fn payloads(&self, document: &Document, mention: Option<&str>) -> Vec<Payload>;

    /// Whether the answer says that the message was taken.
    ///
    /// # Errors
    /// That it does not; what it says instead is added by the caller.
    fn verdict(&self, response: &Response) -> Result<(), Error>;

    /// Whether a URL with this host can only be of this kind.
    fn is_host(&self, _host: &str) -> bool {
        false
    }

    /// Whether a secret must name `kind` even where the host allows no other.
    fn must_be_named(&self) -> bool {
        false
    }

    /// Whether a mention can be used.
    ///
    /// # Errors
    /// Says what is accepted.
    fn check_mention(&self, _mention: &str) -> Result<(), &'static str> {
        Ok(())
    }

    /// The part of a payload that the channel's own designer takes.
    fn card(&self, payload: &Value) -> Value {
        payload.clone()
    }

    /// How many bytes are read of the answer to a message that was taken; none if the status alone is the answer.
    fn answer_limit(&self) -> usize {
        ANSWER_LIMIT
    }

    /// What an answer says, for people: as it is, unless its form is known.
    fn reply<'a>(&self, body: &'a [u8]) -> Cow<'a, str> {
        String::from_utf8_lossy(body)
    }

    /// Headers that its requests need besides the one for JSON.
    fn headers(&self) -> &'static [(&'static str, &'static str)] {
        &[]
    }
}

impl Kind {
    /// All there is to know about it.
    #[must_use]
    pub fn channel(self) -> &'static dyn Channel {
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
    #[must_use]
    pub fn of_host(host: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.channel().is_host(host))
    }

    /// The messages that a document becomes. `mention` is used if people are to be called.
    #[must_use]
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

/// A payload as text. The order of its keys is that of its fields, here and in the result of a dry run.
fn text_of(payload: &impl Serialize) -> Box<RawValue> {
    to_raw_value(payload).expect("structs of texts are JSON")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::net::http::HttpError;
    use crate::net::redact::Remote;
    use serde_json::json;

    fn response(status: u16, body: &str) -> Response {
        Response { status, retry_after: None, skew: None, body: body.into(), whole: Ok(()) }
    }

    fn refused(status: u16, reply: &str) -> Error {
        Error::Refused { status, retry_after: None, reply: reply.into() }
    }

    #[test]
    fn slack_has_succeeded_with_status_200_and_the_body_ok_only() {
        let accepts = |status, body| Kind::Slack.channel().verdict(&response(status, body));
        assert_eq!(accepts(200, "ok"), Ok(()));
        for body in ["", "OK", "okay", "no_text", "<html>"] {
            assert_eq!(accepts(200, body), Err(Error::NotAcknowledged { reply: Remote::default() }), "{body}");
        }
        for status in [201, 202, 204, 302, 400, 404, 429, 500] {
            assert_eq!(accepts(status, "ok"), Err(refused(status, "")), "{status}");
        }
        // An `ok` that broke off may be the start of anything.
        let broken = Response { whole: Err(HttpError::Interrupted), ..response(200, "ok") };
        assert_eq!(Kind::Slack.channel().verdict(&broken), Err(Error::NotAcknowledged { reply: Remote::default() }));
        let broken = Response { whole: Err(HttpError::Interrupted), ..response(503, "ok") };
        assert_eq!(Kind::Slack.channel().verdict(&broken), Err(refused(503, "")));
    }

    #[test]
    fn teams_has_succeeded_with_status_200_or_202_whatever_the_body() {
        for body in ["", "1", "ok"] {
            for status in [200, 202] {
                for whole in [
                    Ok(()),
                    Err(HttpError::TimedOut),
                    Err(HttpError::Interrupted),
                    Err(HttpError::TooLarge { limit: 0 }),
                ] {
                    let response = Response { whole, ..response(status, body) };
                    assert_eq!(Kind::Teams.channel().verdict(&response), Ok(()), "{response:?}");
                }
            }
            for status in [201, 204, 302, 400, 404, 429, 500] {
                assert_eq!(
                    Kind::Teams.channel().verdict(&response(status, body)),
                    Err(refused(status, "")),
                    "{status} {body}"
                );
            }
        }
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
        assert_eq!(Kind::Slack.channel().card(&json!({"text": "t", "blocks": [1]})), json!({"blocks": [1]}));
        assert_eq!(Kind::Teams.channel().card(&json!({"attachments": [{"content": {"a": 1}}]})), json!({"a": 1}));
    }
}
