//! LINE WORKS, which is NAVER WORKS in Korea: the free app "Incoming Webhook" of its app directory.
//!
//! Sources: <https://developers.worksmobile.com/jp/docs/webhook> for what it is and how a URL is issued;
//! <https://line-works.com/appdirectory/incoming-webhook/>. The shape of a message and of an answer is that of public clients:
//! plain text without markup, and one button.

use serde_json::{Value, json};

use super::lines::{Form, TextMessage, messages};
use super::{Channel, Payload, text, text_of};
use crate::chat::{Kind, Refusal};
use crate::message::Document;
use crate::net::http::Response;
use crate::text::defused;

/// Characters of a message, title and text together. The limit is not documented; this is below the 2000 that the platform
/// allows in a text of a bot, which this app is.
const FORM: Form = Form { characters: 1_800, harmless: defused };

/// What it answers: `{"code":200,"description":"success"}`. The code was seen as a number and as a text.
struct Acknowledgement {
    code: String,
    description: String,
}

impl Acknowledgement {
    fn read(body: &[u8]) -> Option<Self> {
        let response: Value = serde_json::from_slice(body).ok()?;
        let code = text(&response["code"]);
        (!code.is_empty()).then(|| Self { code, description: text(&response["description"]) })
    }
}

/// An incoming webhook of LINE WORKS.
pub(super) struct LineWorks;

impl Channel for LineWorks {
    fn payloads(&self, document: &Document, mention: Option<&str>) -> Vec<Payload> {
        messages(document, mention, &FORM).into_iter().map(payload).collect()
    }

    /// Only status 200 with the code 200 is success. A 200 whose code cannot be read says neither yes nor no: it is not a
    /// success and is not retried, since the message may have arrived.
    fn confirm(&self, response: &Response) -> Result<(), Refusal> {
        // The code is like an HTTP status.
        match Acknowledgement::read(&response.body).map(|reply| reply.code.trim().parse()) {
            Some(Ok(200)) => Ok(()),
            Some(Ok(code)) => Err(Refusal::of_status(Kind::LineWorks, code)),
            Some(Err(_)) => Err(Refusal::Unexplained),
            None => Err(Refusal::NotAcknowledged),
        }
    }

    fn reply(&self, body: &[u8]) -> Option<String> {
        let Acknowledgement { code, description } = Acknowledgement::read(body)?;
        Some(if description.is_empty() { format!("code {code}") } else { format!("code {code}, {description}") })
    }
}

fn payload(mut message: TextMessage) -> Payload {
    // There is one button; other links are lines.
    let others: Vec<String> =
        message.links.iter().skip(1).map(|link| format!("{}: {}", link.label, link.url)).collect();
    message.append(&others);
    let mut paragraphs = vec![message.opening];
    paragraphs.extend(message.sections.iter().map(|section| format!("{}\n{}", section.heading, section.text)));
    paragraphs.retain(|paragraph| !paragraph.is_empty());
    // A text is required.
    let text = if paragraphs.is_empty() { message.title.clone() } else { paragraphs.join("\n\n") };
    let mut body = json!({"title": message.title, "body": {"text": text}});
    if let Some(first) = message.links.first() {
        body["button"] = json!({"label": first.label, "url": first.url});
    }
    Payload { body: text_of(&body), plain: None }
}
