//! Microsoft Teams: an Adaptive Card in the envelope that the Workflows template "When a Teams webhook request is received"
//! takes.
//!
//! Sources: <https://learn.microsoft.com/microsoftteams/platform/webhooks-and-connectors/how-to/connectors-using>,
//! <https://learn.microsoft.com/microsoftteams/platform/task-modules-and-cards/cards/cards-reference>. Only elements of version
//! 1.4 are used: Teams refused newer ones without a word. Everything with a name from data stands in a `RichTextBlock`, which
//! parses no Markdown.

use serde::Serialize;

use super::{Payload, text_of};
use crate::finding::{Counts, Severity};
use crate::message::{Document, Entry, Part, Section, mark, split};
use crate::untrusted::defused;

/// Bytes of a card as the service counts them: the JSON, with everything but ASCII escaped, as a JSON string. Teams' limit is
/// 28 KB for the whole message, found out only after it was accepted.
const BYTES: usize = 24_000;

/// Room for the commas between elements, and for a title that is longer by ` (1/3)`.
const SLACK: usize = 64;

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
    TextBlock { text: String, wrap: bool, size: &'static str, weight: &'static str },
    RichTextBlock { inlines: Vec<Run>, spacing: &'static str },
    Container { style: &'static str, bleed: bool, spacing: &'static str, items: Vec<Element> },
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

/// A message as Adaptive Cards, in as many payloads as it takes.
pub(super) fn payloads(document: &Document, mention: Option<&str>) -> Vec<Payload> {
    // Everything but the entries is weighed as if it stood in every part, so that no part can outgrow its budget.
    let most = Counts { critical: 99_999, warning: 99_999, info: 99_999 };
    let bare = Part { number: 1, of: 1, slices: vec![], more: most };
    let fixed = weight(&card(document, &bare, mention)) + SLACK;
    let heading = |section: &Section| [weight(&container(section, &[])) + 1];
    let entry = |_: &Section, one: &Entry| [entry(one).iter().map(|element| weight(element) + 1).sum()];
    let parts = split(document, [BYTES.saturating_sub(fixed)], heading, entry);
    parts.iter().map(|part| payload(document, part, mention.filter(|_| part.is_first()))).collect()
}

fn payload(document: &Document, part: &Part<'_>, mention: Option<&str>) -> Payload {
    let message = Message {
        kind: "message",
        summary: defused(&part.title(document)),
        attachments: [Attachment {
            content_type: "application/vnd.microsoft.card.adaptive",
            content_url: None,
            content: &card(document, part, mention),
        }],
    };
    Payload { body: text_of(&message), plain: None }
}

fn card(document: &Document, part: &Part<'_>, mention: Option<&str>) -> Card {
    let title = part.title(document);
    let run = |text: String| Run { text: defused(&text), weight: None, size: None, is_subtle: false };
    let mut body = vec![Element::RichTextBlock {
        inlines: vec![Run {
            weight: Some("Bolder"),
            size: Some("Large"),
            ..run(format!("{} {title}", mark(document.worst)))
        }],
        spacing: "None",
    }];
    let mut line = |run: Run| body.push(Element::RichTextBlock { inlines: vec![run], spacing: "Small" });
    if let Some(mention) = mention {
        line(run(crate::untrusted::one_line(mention)));
    }
    for notice in &document.notices {
        line(Run { weight: Some("Bolder"), ..run(notice.clone()) });
    }
    if let Some(lead) = &document.lead {
        line(run(lead.clone()));
    }
    body.extend(part.slices.iter().map(|slice| container(slice.section, slice.entries)));
    let mut actions = Vec::new();
    if part.is_last() {
        let more = (part.more.total() > 0).then(|| document.language.phrases().more(part.more));
        let more = more.map(|more| Run { weight: Some("Bolder"), ..run(more) });
        let closing =
            document.closing.iter().map(|text| Run { is_subtle: true, size: Some("Small"), ..run(text.clone()) });
        // One footer: only its first line stands apart.
        let spacings = std::iter::once("Medium").chain(std::iter::repeat("None"));
        for (spacing, run) in spacings.zip(more.into_iter().chain(closing)) {
            body.push(Element::RichTextBlock { inlines: vec![run], spacing });
        }
        actions.extend(
            document.buttons.iter().map(|button| Action { title: button.label.clone(), url: button.url.clone() }),
        );
    }
    Card {
        schema: "http://adaptivecards.io/schemas/adaptive-card.json",
        kind: "AdaptiveCard",
        version: "1.4",
        fallback_text: defused(&title),
        msteams: Width { width: "Full" },
        body,
        actions,
    }
}

fn container(section: &Section, entries: &[Entry]) -> Element {
    let heading = Element::TextBlock {
        text: format!("{} {}", mark(Some(section.severity)), section.heading),
        wrap: true,
        size: "Medium",
        weight: "Bolder",
    };
    let style = match section.severity {
        Severity::Critical => "attention",
        Severity::Warning => "warning",
        Severity::Info => "emphasis",
    };
    let items = std::iter::once(heading).chain(entries.iter().flat_map(entry)).collect();
    Element::Container { style, bleed: true, spacing: "Medium", items }
}

/// An entry: its name and the news in bold, then the date, and below it what else is known, a line each.
fn entry(entry: &Entry) -> Vec<Element> {
    let run = |text: &str| Run { text: defused(text), weight: None, size: None, is_subtle: false };
    let mut first = vec![Run { weight: Some("Bolder"), ..run(&format!("{} — {}", entry.name, entry.news)) }];
    if let Some(date) = &entry.date {
        first.push(run(&date.behind));
    }
    let rest = entry.lines.iter().map(|line| Element::RichTextBlock {
        inlines: vec![Run { size: Some("Small"), ..run(line) }],
        spacing: "None",
    });
    std::iter::once(Element::RichTextBlock { inlines: first, spacing: "Small" }).chain(rest).collect()
}

/// How many bytes an element takes as the service counts them; see [`BYTES`].
fn weight(value: &impl Serialize) -> usize {
    let bytes = |character: char| match character {
        '"' | '\\' => 2,
        character if character.is_ascii() => 1,
        // `\\uXXXX`, twice for what lies beyond the basic plane.
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
