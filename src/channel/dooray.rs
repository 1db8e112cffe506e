//! Dooray!: an incoming hook of its messenger.
//!
//! Source: <https://docs.toast.com/ko/Dooray/Messenger/ko/incoming-hook-guide/> for the fields. Limits are not documented. HTTP
//! 200 may be a failure: `header.isSuccessful` decides.

use serde_json::{Value, json};

use super::lines::{Form, TextMessage, color, messages, without_markdown};
use super::{Channel, Payload, text, text_of};
use crate::chat::Refusal;
use crate::message::Document;
use crate::net::http::Response;

/// Characters of a message, everything in it together. The limit is not documented; users report one of 4000.
const FORM: Form = Form { characters: 3_500, harmless };

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
        if is_rate { Refusal::RateLimited } else { Refusal::Unexplained }
    }
}

/// An incoming hook of Dooray!'s messenger.
pub(super) struct Dooray;

impl Channel for Dooray {
    fn payloads(&self, document: &Document, mention: Option<&str>) -> Vec<Payload> {
        messages(document, mention, &FORM).iter().map(payload).collect()
    }

    /// Only status 200 with `header.isSuccessful` is success. A 200 without a readable header says neither yes nor no: it is
    /// not a success and is not retried, since the message may have arrived.
    fn confirm(&self, response: &Response) -> Result<(), Refusal> {
        match Header::read(&response.body) {
            Some(header) if header.is_successful => Ok(()),
            Some(header) => Err(header.refusal()),
            None => Err(Refusal::NotAcknowledged),
        }
    }

    fn reply(&self, body: &[u8]) -> Option<String> {
        let Header { code, message, .. } = Header::read(body)?;
        Some(if code.is_empty() || message.is_empty() { code + &message } else { format!("{code}, {message}") })
    }
}

/// Defuses Markdown and mentions: `[@name](dooray://…/members/… "member")`, also without the part in brackets.
fn harmless(line: &str) -> String {
    without_markdown(line).replace("://", ": //")
}

fn payload(message: &TextMessage) -> Payload {
    let mut body = json!({
        "botName": "ncp-cert-alert",
        "text": format!("{}\n{}", message.title, message.opening).trim_end(),
    });
    let mut attachments = Vec::new();
    for section in &message.sections {
        let color = color(section.severity);
        attachments.push(json!({"title": section.heading, "text": section.text, "color": color}));
    }
    for link in &message.links {
        let color = color(message.worst);
        attachments.push(json!({"title": link.label, "titleLink": link.url, "text": link.url, "color": color}));
    }
    if !attachments.is_empty() {
        body["attachments"] = attachments.into();
    }
    Payload { body: text_of(&body), plain: None }
}
