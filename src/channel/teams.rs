//! Microsoft Teams: an Adaptive Card in the envelope that the Workflows template "When a Teams webhook request is received"
//! takes.
//!
//! Sources: <https://learn.microsoft.com/microsoftteams/platform/webhooks-and-connectors/how-to/connectors-using>,
//! <https://learn.microsoft.com/microsoftteams/platform/task-modules-and-cards/cards/cards-reference>. Only elements of version
//! 1.4 are used: Teams silently refused newer ones. Everything with a name from data is in a `RichTextBlock`, which
//! parses no Markdown.

use serde::Serialize;

use serde_json::Value;

use super::{Channel, Payload, text_of};
use crate::chat::Error;
use crate::message::words::Words;
use crate::message::{Document, Entry, Part, Section, TITLE_ROOM, mark, marked, split};
use crate::net::http::Response;
use crate::net::redact::Remote;
use crate::text::defused;

/// Bytes of a card as the service counts them: the JSON, with everything but ASCII escaped, as a JSON string. Teams' limit is
/// 28 KB for the whole message, found out only after it was accepted.
const BYTES: usize = 24_000;

/// Room for the commas between elements, and for the title of a continuation, in the body and in `fallbackText`.
const LEEWAY: usize = 64 + 2 * 7 * TITLE_ROOM;

#[derive(Serialize)]
struct Message<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    summary: String,
    attachments: [Attachment<'a>; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Attachment<'a> {
    content_type: &'static str,
    content_url: Option<&'static str>,
    content: &'a Card,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Card {
    #[serde(rename = "$schema")]
    schema: &'static str,
    #[serde(rename = "type")]
    kind: &'static str,
    version: &'static str,
    fallback_text: String,
    msteams: Width,
    body: Vec<Element>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    actions: Vec<Action>,
}

#[derive(Serialize)]
struct Width {
    width: &'static str,
}

#[derive(Serialize)]
#[serde(tag = "type")]
enum Element {
    #[serde(rename_all = "camelCase")]
    TextBlock {
        text: String,
        wrap: bool,
        #[serde(skip_serializing_if = "Option::is_none")]
        weight: Option<&'static str>,
        #[serde(skip_serializing_if = "Option::is_none")]
        size: Option<&'static str>,
        #[serde(skip_serializing_if = "std::ops::Not::not")]
        is_subtle: bool,
        spacing: &'static str,
    },
    RichTextBlock {
        inlines: Vec<Run>,
        spacing: &'static str,
    },
}

#[derive(Serialize)]
#[serde(tag = "type", rename = "TextRun", rename_all = "camelCase")]
struct Run {
    text: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    weight: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    size: Option<&'static str>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    is_subtle: bool,
}

#[derive(Serialize)]
#[serde(tag = "type", rename = "Action.OpenUrl")]
struct Action {
    title: String,
    url: String,
}

/// A Workflows webhook of Microsoft Teams.
pub(super) struct Teams;

impl Channel for Teams {
    fn payloads(&self, document: &Document, mention: Option<&str>) -> Vec<Payload> {
        payloads(document, mention)
    }

    fn verdict(&self, response: &Response) -> Result<(), Error> {
        let (status, retry_after) = (response.status, response.retry_after);
        match status {
            200 | 202 => Ok(()),
            _ => Err(Error::Refused { status, retry_after, reply: Remote::default() }),
        }
    }

    fn is_host(&self, host: &str) -> bool {
        let is_below =
            |domain: &str| host.strip_suffix(domain).is_some_and(|rest| rest.len() > 1 && rest.ends_with('.'));
        host == "api.powerautomate.com"
            || ["logic.azure.com", "api.powerplatform.com", "azure-api.net"].into_iter().any(is_below)
    }

    fn card(&self, payload: &Value) -> Value {
        payload["attachments"][0]["content"].clone()
    }

    /// The status is the answer: the body is not waited for, and cannot fail.
    fn answer_limit(&self) -> usize {
        0
    }
}

/// A message as Adaptive Cards, in as many payloads as it takes.
fn payloads(document: &Document, mention: Option<&str>) -> Vec<Payload> {
    // Everything but the entries is weighed as if it were in every part, so that no part can outgrow its budget.
    let bare = Part::bare(document);
    let fixed = weight(&card(document, &bare, mention)) + LEEWAY;
    let phrases = document.language.phrases();
    let all = |elements: Vec<Element>| [elements.iter().map(|element| weight(element) + 1).sum()];
    let heading = |section: &Section| all(group(phrases, section, &[]));
    let entry = |_: &Section, one: &Entry| all(entry(phrases, one, "Small"));
    let parts = split(document, [BYTES.saturating_sub(fixed)], heading, entry);
    parts.iter().map(|part| payload(document, part, mention.filter(|_| part.is_first()))).collect()
}

fn payload(document: &Document, part: &Part<'_>, mention: Option<&str>) -> Payload {
    let message = Message {
        kind: "message",
        summary: defused(&part.title),
        attachments: [Attachment {
            content_type: "application/vnd.microsoft.card.adaptive",
            content_url: None,
            content: &card(document, part, mention),
        }],
    };
    Payload { body: text_of(&message), plain: None }
}

fn card(document: &Document, part: &Part<'_>, mention: Option<&str>) -> Card {
    let phrases = document.language.phrases();
    let mut body = vec![line("None", Run { weight: Some("Bolder"), size: Some("Large"), ..run(&part.title) })];
    body.extend(mention.map(|mention| line("Small", run(&crate::text::one_line(mention)))));
    body.extend(document.notices.iter().map(|notice| line("Small", Run { weight: Some("Bolder"), ..run(notice) })));
    body.extend(document.lead.iter().map(|lead| line("Small", run(lead))));
    body.extend(part.slices.iter().flat_map(|slice| group(phrases, slice.section, slice.entries)));
    if part.is_last() {
        body.extend(part.more.iter().map(|more| line("Small", run(more))));
        for block in &document.blocks {
            let heading = Run { weight: Some("Bolder"), ..run(&block.heading) };
            let heading = (!block.heading.is_empty()).then_some(heading);
            body.extend(apart(heading.into_iter().chain(block.lines.iter().map(|line| run(line)))));
        }
    }
    let closing = document.closing.iter().filter(|_| part.is_last());
    let below = document.standing.iter().chain(closing);
    body.extend(apart(below.map(|text| Run { is_subtle: true, size: Some("Small"), ..run(text) })));
    let buttons = document.buttons.iter().filter(|_| part.is_last());
    Card {
        schema: "http://adaptivecards.io/schemas/adaptive-card.json",
        kind: "AdaptiveCard",
        version: "1.4",
        fallback_text: defused(&part.title),
        msteams: Width { width: "Full" },
        body,
        actions: buttons.map(|button| Action { title: button.label.clone(), url: button.url.clone() }).collect(),
    }
}

fn run(text: &str) -> Run {
    Run { text: defused(text), weight: None, size: None, is_subtle: false }
}

fn line(spacing: &'static str, run: Run) -> Element {
    Element::RichTextBlock { inlines: vec![run], spacing }
}

/// Lines that belong together: only the first one is set apart from what is above.
fn apart(lines: impl Iterator<Item = Run>) -> impl Iterator<Item = Element> {
    let spacings = std::iter::once("Default").chain(std::iter::repeat("None"));
    spacings.zip(lines).map(|(spacing, run)| line(spacing, run))
}

/// Entries under their heading. Not in a box: its edges would take a line and a half, and the sign says how urgent they are.
fn group(phrases: &dyn Words, section: &Section, entries: &[Entry]) -> Vec<Element> {
    let text = marked(mark(Some(section.severity)), &section.heading);
    let heading = Element::TextBlock {
        text,
        wrap: true,
        weight: Some("Bolder"),
        size: None,
        is_subtle: false,
        spacing: "Default",
    };
    let spacings = std::iter::once("None").chain(std::iter::repeat("Small"));
    let entries = entries.iter().zip(spacings).flat_map(|(one, spacing)| entry(phrases, one, spacing));
    std::iter::once(heading).chain(entries).collect()
}

/// An entry: its name in bold, the news, and what follows it; below that, what else is known, one line each. The date follows
/// the news where all is on one line; otherwise it begins the second line, which is in smaller letters.
fn entry(phrases: &dyn Words, entry: &Entry, spacing: &'static str) -> Vec<Element> {
    let mut first = format!("{}{}", phrases.colon(), entry.news);
    let mut lines = entry.lines.clone();
    match (&entry.date, lines.first_mut()) {
        (Some(date), Some(second)) if entry.aside.is_empty() => {
            *second = format!("{}{}{second}", date.text, phrases.dot());
        }
        (Some(date), _) => first.push_str(&date.behind),
        (None, _) => {}
    }
    first.push_str(&entry.aside);
    let inlines = vec![Run { weight: Some("Bolder"), ..run(&entry.name) }, run(&first)];
    let first = Element::RichTextBlock { inlines, spacing };
    let rest = lines.iter().map(|text| line("None", Run { size: Some("Small"), ..run(text) }));
    std::iter::once(first).chain(rest).collect()
}

/// How many bytes an element takes as the service counts them; see [`BYTES`].
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
