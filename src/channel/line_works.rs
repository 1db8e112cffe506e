//! LINE WORKS, which is NAVER WORKS in Korea: the free app "Incoming Webhook" of its app directory.
//!
//! Sources: <https://developers.worksmobile.com/jp/docs/webhook> for what it is and how a URL is issued;
//! <https://line-works.com/appdirectory/incoming-webhook/>. The shape of a message and of an answer is that of public clients:
//! plain text without markup, and one button.

use std::borrow::Cow;

use serde::Serialize;
use serde_json::Value;

use super::lines::{self, Form};
use super::{Channel, Payload, text, text_of};
use crate::chat::{Error, Refusal};
use crate::message::Document;
use crate::net::http::Response;
use crate::net::redact::Remote;
use crate::text::defused;

/// Characters of a message, title and text together. The limit is not documented; this is below the 2000 that the platform
/// allows in a text of a bot, which this app is.
const FORM: Form = Form { characters: 1_800, harmless: defused };

#[derive(Serialize)]
struct Message<'a> {
    title: &'a str,
    body: Body,
    #[serde(skip_serializing_if = "Option::is_none")]
    button: Option<Button<'a>>,
}

#[derive(Serialize)]
struct Body {
    text: String,
}

#[derive(Serialize)]
struct Button<'a> {
    label: &'a str,
    url: &'a str,
}

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
        lines::messages(document, mention, FORM).iter().map(payload).collect()
    }

    /// Only status 200 with the code 200 is success. A 200 whose code cannot be read says neither yes nor no: it is not a
    /// success and is not retried, since the message may have been taken.
    fn verdict(&self, response: &Response) -> Result<(), Error> {
        let (status, retry_after, reply) = (response.status, response.retry_after, Remote::default());
        if status != 200 {
            return Err(Error::Refused { status, retry_after, reply });
        }
        // The code is like an HTTP status.
        match Acknowledgement::read(&response.body).map(|reply| reply.code.trim().parse()) {
            Some(Ok(200)) => Ok(()),
            Some(Ok(code)) => Err(Error::Declined { refusal: Refusal::of_status(code), reply }),
            Some(Err(_)) => Err(Error::Declined { refusal: Refusal::Declined, reply }),
            None => Err(Error::NotAcknowledged { reply }),
        }
    }

    fn is_host(&self, host: &str) -> bool {
        host == "webhook.worksmobile.com"
    }

    fn must_be_named(&self) -> bool {
        true
    }

    fn reply<'a>(&self, body: &'a [u8]) -> Cow<'a, str> {
        match Acknowledgement::read(body) {
            Some(Acknowledgement { code, description }) if description.is_empty() => format!("code {code}").into(),
            Some(Acknowledgement { code, description }) => format!("code {code}, {description}").into(),
            None => String::from_utf8_lossy(body),
        }
    }
}

fn payload(message: &lines::Message) -> Payload {
    let (first, others) = message.links.split_first().map_or((None, &[][..]), |(first, rest)| (Some(first), rest));
    let others: Vec<String> = others.iter().map(|link| format!("{}: {}", link.label, link.url)).collect();
    let (opening, sections) = message.sections(&others);
    let sections = sections.into_iter().map(|one| format!("{}\n{}", one.heading, one.text));
    let paragraphs: Vec<String> = Some(opening).filter(|text| !text.is_empty()).into_iter().chain(sections).collect();
    let message = Message {
        title: &message.title,
        // A text is required.
        body: Body { text: if paragraphs.is_empty() { message.title.clone() } else { paragraphs.join("\n\n") } },
        button: first.map(|one| Button { label: &one.label, url: &one.url }),
    };
    Payload { body: text_of(&message), plain: None }
}
