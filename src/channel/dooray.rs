//! Dooray!: an incoming hook of its messenger.
//!
//! Source: <https://docs.toast.com/ko/Dooray/Messenger/ko/incoming-hook-guide/> for the fields. Limits are not documented. HTTP
//! 200 may be a failure: `header.isSuccessful` decides.

use std::borrow::Cow;

use serde::Serialize;
use serde_json::Value;

use super::lines::{self, Form, color, without_markdown};
use super::{Channel, Payload, text, text_of};
use crate::chat::{Error, Refusal};
use crate::message::Document;
use crate::net::http::Response;
use crate::net::redact::Remote;

/// Characters of a message, everything in it together. The limit is not documented; users report one of 4000.
const FORM: Form = Form { characters: 3_500, harmless };

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Message {
    bot_name: &'static str,
    text: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    attachments: Vec<Attachment>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Attachment {
    title: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    title_link: Option<String>,
    text: String,
    color: &'static str,
}

/// What it answers: `{"header":{"isSuccessful":true,"resultCode":0,"resultMessage":""},"result":null}`.
struct Header {
    is_successful: bool,
    code: String,
    message: String,
}

impl Header {
    fn read(body: &[u8]) -> Option<Self> {
        let response: Value = serde_json::from_slice(body).ok()?;
        let header = &response["header"];
        let is_successful = header["isSuccessful"].as_bool()?;
        Some(Self { is_successful, code: text(&header["resultCode"]), message: text(&header["resultMessage"]) })
    }

    /// The kind of refusal. The codes are not documented: only an answer that says that there were too many messages counts as
    /// that, and is retried.
    fn refusal(&self) -> Refusal {
        let message = self.message.to_ascii_lowercase();
        let is_rate = self.code.trim() == "429" || message.contains("rate limit") || message.contains("too many");
        if is_rate { Refusal::RateLimited } else { Refusal::Declined }
    }
}

/// An incoming hook of Dooray!'s messenger.
pub(super) struct Dooray;

impl Channel for Dooray {
    fn payloads(&self, document: &Document, mention: Option<&str>) -> Vec<Payload> {
        lines::messages(document, mention, FORM).iter().map(payload).collect()
    }

    /// Only status 200 with `header.isSuccessful` is success. A 200 without a readable header says neither yes nor no: it is
    /// not a success and is not retried, since the message may have been taken.
    fn verdict(&self, response: &Response) -> Result<(), Error> {
        let (status, retry_after, reply) = (response.status, response.retry_after, Remote::default());
        if status != 200 {
            return Err(Error::Refused { status, retry_after, reply });
        }
        match Header::read(&response.body) {
            Some(header) if header.is_successful => Ok(()),
            Some(header) => Err(Error::Declined { refusal: header.refusal(), reply }),
            None => Err(Error::NotAcknowledged { reply }),
        }
    }

    fn is_host(&self, host: &str) -> bool {
        host == "hook.dooray.com"
    }

    fn must_be_named(&self) -> bool {
        true
    }

    fn reply<'a>(&self, body: &'a [u8]) -> Cow<'a, str> {
        match Header::read(body) {
            Some(Header { code, message, .. }) if code.is_empty() || message.is_empty() => (code + &message).into(),
            Some(Header { code, message, .. }) => format!("{code}, {message}").into(),
            None => String::from_utf8_lossy(body),
        }
    }
}

/// Defuses Markdown and mentions: `[@name](dooray://…/members/… "member")`, also without the part in brackets.
fn harmless(line: &str) -> String {
    without_markdown(line).replace("://", ": //")
}

fn payload(message: &lines::Message) -> Payload {
    let (opening, sections) = message.sections(&[]);
    let text = format!("{}\n{opening}", message.title).trim_end().to_owned();
    let sections = sections.into_iter().map(|one| Attachment {
        title: one.heading,
        title_link: None,
        text: one.text,
        color: color(one.severity),
    });
    let links = message.links.iter().map(|link| Attachment {
        title: link.label.clone(),
        title_link: Some(link.url.clone()),
        text: link.url.clone(),
        color: color(message.worst),
    });
    let attachments = sections.chain(links).collect();
    Payload { body: text_of(&Message { bot_name: "ncp-cert-alert", text, attachments }), plain: None }
}
