//! JANDI: an incoming webhook of JANDI Connect.
//!
//! Source: <https://support.jandi.com/en/articles/6352697-receiving-incoming-webhooks-in-jandi> for the headers, the fields and
//! the form of a link. Limits and the bodies of errors are not documented.

use serde_json::json;

use super::lines::{Form, TextMessage, TextSection, color, messages, without_markdown};
use super::{Channel, Payload, text_of};
use crate::message::Document;

/// Characters of a message, everything in it together. A webhook's limit is not documented; this is below the 5000 that JANDI
/// documents for a message that a person writes:
/// <https://support.jandi.com/en/articles/6815054-sending-scheduled-messages>.
const FORM: Form = Form { characters: 4_000, harmless: without_markdown };

/// An incoming webhook of JANDI.
pub(super) struct Jandi;

impl Channel for Jandi {
    fn payloads(&self, document: &Document, mention: Option<&str>) -> Vec<Payload> {
        messages(document, mention, &FORM).into_iter().map(payload).collect()
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

fn payload(mut message: TextMessage) -> Payload {
    let mut links = Vec::new();
    for link in &message.links {
        // A parenthesis in the URL would end JANDI's form of a link.
        links.push(format!("[[{}]]({})", link.label, link.url.replace('(', "%28").replace(')', "%29")));
    }
    message.append(&links);
    let mut body = json!({
        "body": format!("{}\n{}", message.title, message.opening).trim_end(),
        "connectColor": color(message.worst),
    });
    if !message.sections.is_empty() {
        let info = |section: &TextSection| json!({"title": section.heading, "description": section.text});
        body["connectInfo"] = message.sections.iter().map(info).collect();
    }
    Payload { body: text_of(&body), plain: None }
}
