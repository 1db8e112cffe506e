//! Microsoft Teams: an Adaptive Card in the envelope that the Workflows template "When a Teams webhook request is received"
//! takes.
//!
//! Sources: <https://learn.microsoft.com/microsoftteams/platform/webhooks-and-connectors/how-to/connectors-using>,
//! <https://learn.microsoft.com/microsoftteams/platform/task-modules-and-cards/cards/cards-reference>. Only elements of version
//! 1.4 are used: Teams silently refused newer ones. Everything with a name from data is in a `RichTextBlock`, which
//! parses no Markdown.

use serde::Serialize;
use serde_json::{Value, json};

use super::{Channel, Payload, text_of};
use crate::chat;
use crate::message::words::Language;
use crate::message::{Appendix, Budget, Document, Entry, Part, heading, split};
use crate::text::{defused, one_line};

/// Bytes of a card as the service counts them: the JSON, with everything but ASCII escaped, as a JSON string. Teams' limit is
/// 28 KB for the whole message, found out only after it was accepted. A card takes up to 3 KB beside its elements: the title
/// is in it twice.
const BYTES: usize = 21_000;

/// Bytes of an element beside its text.
const ELEMENT: usize = 256;

/// A Workflows webhook of Microsoft Teams.
pub(super) struct Teams;

impl Channel for Teams {
    fn payloads(&self, document: &Document, mention: Option<&str>) -> Vec<Payload> {
        let mention = mention.map(one_line);
        let line = |line: &str| ELEMENT + weight(&defused(line));
        let entry = |one: &Entry| weight(&entry(document.language, one, "Default"));
        let parts = split(document, mention.as_deref(), &Budget { message: BYTES, line: &line, entry: &entry });
        parts.iter().map(|part| payload(document, part)).collect()
    }

    fn may_accept(&self, status: u16) -> bool {
        matches!(status, 200 | 202)
    }

    fn reply(&self, body: &[u8]) -> Option<String> {
        let (code, message) = chat::teams_error(body)?;
        Some(if message.is_empty() { code } else { format!("{code}: {message}") })
    }

    /// The status is the answer: the body is not waited for, and cannot fail.
    fn answer_limit(&self) -> usize {
        0
    }
}

fn payload(document: &Document, part: &Part) -> Payload {
    let mut body = vec![line("None", &bold("Large", &part.title))];
    body.extend(part.mention.iter().map(|mention| line("Small", &run(mention))));
    body.extend(document.notices.iter().map(|notice| line("Small", &bold("Default", notice))));
    body.extend(document.lead.iter().map(|lead| line("Small", &run(lead))));
    for section in &part.sections {
        // Not in a box: its edges would take a line and a half, and the sign says how urgent they are.
        body.push(json!({"type": "TextBlock", "text": heading(section), "wrap": true, "weight": "Bolder"}));
        let spacings = std::iter::once("None").chain(std::iter::repeat("Small"));
        let entries = section.entries.iter().zip(spacings);
        body.extend(entries.flat_map(|(one, spacing)| entry(document.language, one, spacing)));
        body.extend(section.more.iter().map(|more| line("None", &small(more, false))));
    }
    for Appendix { heading, lines } in &part.appendices {
        if !heading.is_empty() {
            body.push(line("Default", &bold("Default", heading)));
        }
        body.extend(lines.iter().map(|text| line("None", &run(text))));
    }
    let spacings = std::iter::once("Default").chain(std::iter::repeat("None"));
    body.extend(part.below.iter().zip(spacings).map(|(text, spacing)| line(spacing, &small(text, true))));
    let mut card = json!({
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "fallbackText": defused(&part.title),
        "msteams": {"width": "Full"},
        "body": body,
    });
    if !part.buttons.is_empty() {
        let button = |title, url| json!({"type": "Action.OpenUrl", "title": title, "url": url});
        card["actions"] = part.buttons.iter().map(|link| button(link.label, &link.url)).collect();
    }
    let message = json!({
        "type": "message",
        "summary": defused(&part.title),
        "attachments": [{"contentType": "application/vnd.microsoft.card.adaptive", "contentUrl": null, "content": card}],
    });
    Payload { body: text_of(&message), plain: None }
}

fn run(text: &str) -> Value {
    json!({"type": "TextRun", "text": defused(text)})
}

fn bold(size: &str, text: &str) -> Value {
    json!({"type": "TextRun", "text": defused(text), "weight": "Bolder", "size": size})
}

fn small(text: &str, is_subtle: bool) -> Value {
    json!({"type": "TextRun", "text": defused(text), "size": "Small", "isSubtle": is_subtle})
}

fn line(spacing: &str, run: &Value) -> Value {
    json!({"type": "RichTextBlock", "inlines": [run], "spacing": spacing})
}

/// An entry: its name in bold, the news, and what follows it; below that, what else is known, one line each. The date follows
/// the news where all is on one line; otherwise it begins the second line, which is in smaller letters.
fn entry(language: Language, entry: &Entry, spacing: &str) -> Vec<Value> {
    let mut first = entry.after_name(language);
    let mut lines = entry.lines.clone();
    if let (Some(date), Some(second), "") = (&entry.date, lines.first_mut(), entry.aside.as_str()) {
        let phrases = language.phrases();
        first = format!("{}{}", phrases.texts().colon, entry.news);
        *second = format!("{}{}{second}", date.text, phrases.texts().dot);
    }
    lines.extend(entry.step.clone());
    let name_and_news = [bold("Default", &entry.name), run(&first)];
    let mut elements = vec![json!({"type": "RichTextBlock", "inlines": name_and_news, "spacing": spacing})];
    elements.extend(lines.iter().map(|text| line("None", &small(text, false))));
    elements
}

/// How many bytes a value takes as the service counts them; see [`BYTES`].
fn weight(value: &impl Serialize) -> usize {
    let bytes = |character: char| match character {
        '"' | '\\' => 2,
        character if character.is_ascii() => 1,
        // `\\uXXXX`, twice for characters outside the basic plane.
        character => 7 * character.len_utf16(),
    };
    text_of(value).get().chars().map(bytes).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_counted_as_an_escaped_card_in_a_string() {
        let text = "a\"b\\c가👩";
        let escape = |character: char| match character {
            character if character.is_ascii() => vec![character.to_string()],
            character => character.encode_utf16(&mut [0; 2]).iter().map(|unit| format!("\\u{unit:04x}")).collect(),
        };
        let escaped = text_of(&text).get().chars().flat_map(escape).collect::<Vec<_>>().concat();
        let twice = text_of(&escaped);
        assert_eq!(weight(&text), twice.get().len() - 2, "{twice}");
    }
}
