//! JANDI: an incoming webhook of JANDI Connect.
//!
//! Source: <https://support.jandi.com/en/articles/6352697-receiving-incoming-webhooks-in-jandi> for the headers, the fields and
//! the form of a link. Limits and the bodies of errors are not documented.

use serde::Serialize;

use super::lines::{self, Form, color, without_markdown};
use super::{Channel, Payload, text_of};
use crate::chat::Error;
use crate::message::Document;
use crate::net::http::Response;
use crate::net::redact::Remote;

/// Characters of a message, everything in it together. A webhook's limit is not documented; this is below the 5000 that JANDI
/// documents for a message that a person writes:
/// <https://support.jandi.com/en/articles/6815054-sending-scheduled-messages>.
const FORM: Form = Form { characters: 4_000, harmless: without_markdown };

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Message {
    body: String,
    connect_color: &'static str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    connect_info: Vec<Info>,
}

#[derive(Serialize)]
struct Info {
    title: String,
    description: String,
}

/// An incoming webhook of JANDI.
pub(super) struct Jandi;

impl Channel for Jandi {
    fn payloads(&self, document: &Document, mention: Option<&str>) -> Vec<Payload> {
        lines::messages(document, mention, FORM).iter().map(payload).collect()
    }

    fn verdict(&self, response: &Response) -> Result<(), Error> {
        let (status, retry_after) = (response.status, response.retry_after);
        match status {
            200 => Ok(()),
            _ => Err(Error::Refused { status, retry_after, reply: Remote::default() }),
        }
    }

    fn is_host(&self, host: &str) -> bool {
        host == "wh.jandi.com"
    }

    fn must_be_named(&self) -> bool {
        true
    }

    /// The status is the answer: nothing is documented of the body.
    fn answer_limit(&self) -> usize {
        0
    }

    /// Without it the parts of a message are not drawn.
    fn headers(&self) -> &'static [(&'static str, &'static str)] {
        &[("accept", "application/vnd.tosslab.jandi-v2+json")]
    }
}

fn payload(message: &lines::Message) -> Payload {
    let links: Vec<String> = message.links.iter().map(|one| link(&one.label, &one.url)).collect();
    let (opening, sections) = message.sections(&links);
    let body = format!("{}\n{opening}", message.title).trim_end().to_owned();
    let connect_info = sections.into_iter().map(|one| Info { title: one.heading, description: one.text }).collect();
    Payload { body: text_of(&Message { body, connect_color: color(message.worst), connect_info }), plain: None }
}

/// JANDI's form of a link. A parenthesis in the URL would end it.
fn link(label: &str, url: &str) -> String {
    format!("[[{label}]]({})", url.replace('(', "%28").replace(')', "%29"))
}
