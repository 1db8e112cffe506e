//! Slack: Block Kit for an incoming webhook.
//!
//! Sources: <https://docs.slack.dev/reference/block-kit/blocks>, <https://docs.slack.dev/messaging/formatting-message-text>.
//! Names from data go into `rich_text` and `plain_text`, which parse no markup; only `text` and the mention are `mrkdwn`.

use serde_json::{Value, json};

use super::{Channel, Payload, text_of};
use crate::chat::{Kind, Refusal};
use crate::message::words::Language;
use crate::message::{Appendix, Budget, Document, Entry, Part, heading, split};
use crate::net::http::Response;
use crate::text::{cut_to_characters, defused};

/// Characters over all blocks. Slack refuses some 13 200, a limit that it does not document. The top-level `text` holds a third
/// of it: above 4000 Slack splits it where it likes.
const CHARACTERS: usize = 11_700;

/// Characters of one block: text objects hold 3000.
const BLOCK: usize = 2_900;

/// The most blocks of a message; Slack allows 50. Source: <https://docs.slack.dev/reference/block-kit/blocks>.
const BLOCKS: usize = 45;

/// Characters of a header. Source: <https://docs.slack.dev/reference/block-kit/blocks/header-block>.
const HEADER: usize = 150;

/// An incoming webhook of Slack.
pub(super) struct Slack;

impl Channel for Slack {
    fn payloads(&self, document: &Document, mention: Option<&str>) -> Vec<Payload> {
        // Everything is in the blocks and in `text`; what counts is whichever is nearer to its limit.
        // A line or an entry may be a separate block.
        let in_text = |line: &str| (3 * (length(&escaped(line)) + 1)).max(CHARACTERS / BLOCKS);
        let entry = |entry: &Entry| {
            let (name, news) = shown(document.language, entry);
            in_text(&bullet(entry)).max(length(&name) + length(&news))
        };
        let parts = split(document, mention, &Budget { message: CHARACTERS, line: &in_text, entry: &entry });
        parts.iter().map(|part| payload(document, part)).collect()
    }

    /// Only status 200 with the body `ok` is success. A 200 without a whole `ok` says neither yes nor no: it is not a success
    /// and is not retried, since the message may have arrived.
    fn confirm(&self, response: &Response) -> Result<(), Refusal> {
        let is_ok = response.whole.is_ok() && response.body.trim_ascii() == b"ok";
        if is_ok { Ok(()) } else { Err(Refusal::of(Kind::Slack, response.status, &response.body)) }
    }

    /// A mention is one or more of the forms that Slack accepts; anything else would be shown as text, and notify nobody.
    fn check_mention(&self, mention: &str) -> Result<(), &'static str> {
        let is_id = |id: &str, start: &[char]| {
            id.starts_with(start) && id.len() > 1 && id.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
        };
        let is_mention = |text: &str| {
            matches!(text, "!here" | "!channel" | "!everyone")
                || text.strip_prefix('@').is_some_and(|user| is_id(user, &['U', 'W']))
                || text.strip_prefix("!subteam^").is_some_and(|group| is_id(group, &['S']))
        };
        let mut rest = mention.trim();
        loop {
            let first = rest.strip_prefix('<').and_then(|inner| inner.split_once('>'));
            match first.filter(|(text, _)| is_mention(text)) {
                Some((_, "")) => return Ok(()),
                Some((_, others)) => rest = others.trim_start(),
                None => return Err("one or more of <!here>, <!channel>, <!everyone>, <@U…>, <!subteam^S…>"),
            }
        }
    }
}

fn payload(document: &Document, part: &Part) -> Payload {
    let text = text(document, part);
    let body = json!({
        "text": text,
        "blocks": blocks(document, part),
        "unfurl_links": false,
        "unfurl_media": false,
    });
    let text = part.mention.iter().cloned().chain([text]).collect::<Vec<_>>().join("\n");
    let plain = json!({"text": text, "unfurl_links": false, "unfurl_media": false});
    Payload { body: text_of(&body), plain: Some(text_of(&plain)) }
}

fn blocks(document: &Document, part: &Part) -> Vec<Value> {
    // Defused before it is cut, since that can make it longer.
    let title = cut_to_characters(&defused(&part.title), HEADER);
    let mut blocks = vec![json!({"type": "header", "text": {"type": "plain_text", "text": title}})];
    if let Some(mention) = &part.mention {
        blocks.push(json!({"type": "section", "text": {"type": "mrkdwn", "text": mention}}));
    }
    blocks.extend(context(&document.notices));
    blocks.extend(document.lead.iter().map(|lead| json!({"type": "section", "text": plain(lead)})));
    for section in &part.sections {
        // The names are bold, so a list needs no bullets: they would take an eighth of a phone's width.
        let mut lines = vec![vec![bold(&heading(section))]];
        for entry in &section.entries {
            let (name, news) = shown(document.language, entry);
            lines.push(vec![bold(&name), run(&news)]);
        }
        lines.extend(section.more.iter().map(|more| vec![run(more)]));
        blocks.extend(rich_texts(lines));
    }
    for Appendix { heading, lines } in &part.appendices {
        let mut runs = vec![run(&lines.join("\n"))];
        if !heading.is_empty() {
            runs.splice(0..0, [bold(heading), run("\n")]);
        }
        blocks.push(rich_text(&runs));
    }
    blocks.extend(context(&part.below));
    if !part.buttons.is_empty() {
        let button = |label, url| json!({"type": "button", "text": plain(label), "url": url});
        let buttons: Vec<Value> = part.buttons.iter().map(|link| button(link.label, &link.url)).collect();
        blocks.push(json!({"type": "actions", "elements": buttons}));
    }
    blocks
}

/// Lines in small letters. They are one element: several would be laid out side by side.
fn context(lines: &[String]) -> Option<Value> {
    (!lines.is_empty()).then(|| json!({"type": "context", "elements": [plain(&lines.join("\n"))]}))
}

/// The name of an entry, and what is shown behind it; together no longer than a block.
fn shown(language: Language, entry: &Entry) -> (String, String) {
    let mut news = vec![entry.after_name(language)];
    news.extend(entry.lines.iter().chain(&entry.step).cloned());
    let name = cut_to_characters(&defused(&entry.name), BLOCK / 2);
    (name, cut_to_characters(&defused(&news.join("\n")), BLOCK / 2))
}

fn plain(text: &str) -> Value {
    json!({"type": "plain_text", "text": defused(text)})
}

/// Lines in as few blocks as hold them: blocks are set apart.
fn rich_texts(lines: Vec<Vec<Value>>) -> Vec<Value> {
    let weight =
        |runs: &[Value]| runs.iter().map(|run| 1 + length(run["text"].as_str().unwrap_or_default())).sum::<usize>();
    let mut blocks: Vec<Vec<Value>> = Vec::new();
    for line in lines {
        match blocks.last_mut().filter(|block| weight(block) + weight(&line) < BLOCK) {
            Some(block) => block.extend([vec![run("\n")], line].concat()),
            None => blocks.push(line),
        }
    }
    blocks.iter().map(|runs| rich_text(runs)).collect()
}

fn rich_text(runs: &[Value]) -> Value {
    json!({"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": runs}]})
}

fn run(text: &str) -> Value {
    json!({"type": "text", "text": defused(text)})
}

fn bold(text: &str) -> Value {
    json!({"type": "text", "text": defused(text), "style": {"bold": true}})
}

/// The text that notifications and screen readers use, and that is posted alone when the blocks are refused: all of the part,
/// in short.
fn text(document: &Document, part: &Part) -> String {
    let mut lines = vec![escaped(&part.title)];
    lines.extend(document.notices.iter().chain(&document.lead).map(|line| escaped(line)));
    for section in &part.sections {
        lines.push(escaped(&heading(section)));
        lines.extend(section.entries.iter().map(bullet));
        lines.extend(section.more.iter().map(|more| escaped(more)));
    }
    for appendix in &part.appendices {
        lines.extend(std::iter::once(&appendix.heading).chain(&appendix.lines).map(|line| escaped(line)));
    }
    lines.extend(part.below.iter().map(|line| escaped(line)));
    lines.retain(|line| !line.is_empty());
    lines.join("\n")
}

fn bullet(entry: &Entry) -> String {
    format!("• {}", escaped(&entry.brief))
}

/// The three characters that `mrkdwn` must have escaped; after that nothing in it is a mention, a channel or a link.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// Slack counts characters, not bytes.
fn length(text: &str) -> usize {
    text.chars().count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_slacks_forms_of_a_mention_are_accepted() {
        for good in ["<!here>", "<!channel> <@U012AB3CD>", "<!subteam^S0123><!everyone>", " <@W1> "] {
            assert_eq!(Slack.check_mention(good), Ok(()), "{good}");
        }
        for bad in [
            "",
            "@here",
            "<!here",
            "<!nobody>",
            "<@bob>",
            "<@U>",
            "<!subteam^U1>",
            "<!here> and more",
            "<https://a.kr|x>",
            "<!here|x>",
        ] {
            assert!(Slack.check_mention(bad).is_err(), "{bad}");
        }
    }
}
