//! Slack: Block Kit for an incoming webhook.
//!
//! Sources: <https://docs.slack.dev/reference/block-kit/blocks>, <https://docs.slack.dev/messaging/formatting-message-text>.
//! Names from data go into `rich_text` and `plain_text`, which parse no markup; only `text` and the mention are `mrkdwn`.

use serde::Serialize;

use serde_json::{Value, json};

use super::{Channel, Payload, text_of};
use crate::chat::Error;
use crate::message::words::Words;
use crate::message::{Document, Entry, Part, Section, Slice, TITLE_ROOM, mark, marked, split};
use crate::net::http::Response;
use crate::net::redact::Remote;
use crate::text::{cut_to_characters, defused};

/// Characters over all blocks. Slack refuses some 13 200, a limit that it does not document.
const CHARACTERS: usize = 12_000;

/// Characters of the top-level `text`: above 4000 Slack splits it where it likes.
const TEXT: usize = 3_900;

/// Characters of one `rich_text` block; other text objects hold 3000.
const TEXT_OBJECT: usize = 2_900;

/// Characters of the separator between two lines.
const LINE_BREAK: usize = 1;

/// A time as its reader sees it: "today" or "Nov 26, 2026", and the time of day.
/// Source: <https://docs.slack.dev/reference/block-kit/blocks/rich-text-block#date-element-type>.
const READERS_TIME: &str = "{date_short_pretty} {time}";

/// Characters of a header. Source: <https://docs.slack.dev/reference/block-kit/blocks/header-block>.
const HEADER: usize = 150;

#[derive(Serialize)]
struct Message<'a> {
    text: &'a str,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    blocks: &'a [Block],
    unfurl_links: bool,
    unfurl_media: bool,
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Block {
    Header { text: Text },
    Section { text: Text },
    Context { elements: Vec<Text> },
    RichText { elements: Vec<Rich> },
    Actions { elements: Vec<Action> },
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Text {
    PlainText { text: String },
    Mrkdwn { text: String },
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Rich {
    RichTextSection { elements: Vec<Run> },
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Run {
    Text {
        text: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        style: Option<Bold>,
    },
    /// A time that Slack shows in each reader's own zone and language.
    Date { timestamp: i64, format: &'static str, fallback: String },
}

#[derive(Serialize)]
struct Bold {
    bold: bool,
}

#[derive(Serialize)]
#[serde(tag = "type", rename = "button")]
struct Action {
    text: Text,
    url: String,
}

/// An incoming webhook of Slack.
pub(super) struct Slack;

impl Channel for Slack {
    fn payloads(&self, document: &Document, mention: Option<&str>) -> Vec<Payload> {
        payloads(document, mention)
    }

    /// Only status 200 with the body `ok` is success. A 200 without a whole `ok` says neither yes nor no: it is not a success
    /// and is not retried, since the message may have been taken, and none is posted twice.
    fn verdict(&self, response: &Response) -> Result<(), Error> {
        let (status, retry_after) = (response.status, response.retry_after);
        match status {
            200 if response.whole.is_ok() && response.body.trim_ascii() == b"ok" => Ok(()),
            200 => Err(Error::NotAcknowledged { reply: Remote::default() }),
            _ => Err(Error::Refused { status, retry_after, reply: Remote::default() }),
        }
    }

    fn is_host(&self, host: &str) -> bool {
        matches!(host, "hooks.slack.com" | "hooks.slack-gov.com")
    }

    fn check_mention(&self, mention: &str) -> Result<(), &'static str> {
        check_mention(mention)
    }

    fn card(&self, payload: &Value) -> Value {
        json!({"blocks": payload["blocks"]})
    }
}

/// A message as Block Kit, in as many payloads as it takes.
fn payloads(document: &Document, mention: Option<&str>) -> Vec<Payload> {
    // Everything but the entries is weighed as if it were in every part, so that no part can outgrow its budget.
    let bare = Part::bare(document);
    let fixed = characters(&blocks(document, &bare, mention));
    let fixed_text = length(&text(document, &bare)) + mention.map_or(0, length);
    let room = [CHARACTERS.saturating_sub(fixed + TITLE_ROOM), TEXT.saturating_sub(fixed_text + TITLE_ROOM)];
    let weigh = |section: &Section| {
        let heading = heading(section);
        [length(&heading), length(&escaped(&heading)) + LINE_BREAK]
    };
    let phrases = document.language.phrases();
    let entry =
        |_: &Section, entry: &Entry| [weight(&runs(phrases, entry)) + LINE_BREAK, length(&bullet(entry)) + LINE_BREAK];
    split(document, room, weigh, entry).iter().map(|part| payload(document, part, mention)).collect()
}

fn payload(document: &Document, part: &Part<'_>, mention: Option<&str>) -> Payload {
    let mention = mention.filter(|_| part.is_first());
    let text = text(document, part);
    let (unfurl_links, unfurl_media) = (false, false);
    let rich = Message { text: &text, blocks: &blocks(document, part, mention), unfurl_links, unfurl_media };
    let called = mention.map(|mention| format!("{mention}\n{text}"));
    let plain = Message { text: called.as_deref().unwrap_or(&text), blocks: &[], ..rich };
    Payload { body: text_of(&rich), plain: Some(text_of(&plain)) }
}

fn blocks(document: &Document, part: &Part<'_>, mention: Option<&str>) -> Vec<Block> {
    let plain = |text: &str| Text::PlainText { text: defused(text) };
    // Defused before it is cut, since that can make it longer.
    let title = cut_to_characters(&defused(&part.title), HEADER);
    let mut blocks = vec![Block::Header { text: Text::PlainText { text: title } }];
    if let Some(mention) = mention {
        blocks.push(Block::Section { text: Text::Mrkdwn { text: mention.to_owned() } });
    }
    if !document.notices.is_empty() {
        blocks.push(Block::Context { elements: vec![plain(&document.notices.join("\n"))] });
    }
    if let Some(lead) = &document.lead {
        blocks.push(Block::Section { text: plain(lead) });
    }
    blocks.extend(part.slices.iter().flat_map(|slice| rich(document, slice)));
    if part.is_last() {
        blocks.extend(part.more.as_ref().map(|more| Block::Section { text: plain(more) }));
        blocks.extend(document.blocks.iter().map(|block| Block::RichText { elements: vec![listed(block)] }));
    }
    let below = below(document, part).join("\n");
    if !below.is_empty() {
        // One element: several would be laid out side by side.
        blocks.push(Block::Context { elements: vec![plain(&below)] });
    }
    if part.is_last() && !document.buttons.is_empty() {
        let button = |label, url: &str| Action { text: plain(label), url: url.to_owned() };
        let elements = document.buttons.iter().map(|one| button(&one.label, &one.url)).collect();
        blocks.push(Block::Actions { elements });
    }
    blocks
}

/// What goes below the entries: everything in the last part, and in the others only what is always said.
fn below<'a>(document: &'a Document, part: &Part<'_>) -> Vec<&'a str> {
    let closing = document.closing.iter().filter(|_| part.is_last());
    document.standing.iter().chain(closing).map(String::as_str).collect()
}

/// A heading with its lines.
fn listed(block: &crate::message::Block) -> Rich {
    let heading = (!block.heading.is_empty()).then(|| bold(&block.heading));
    let text = block.lines.join("\n");
    let text = if heading.is_some() { format!("\n{text}") } else { text };
    Rich::RichTextSection { elements: heading.into_iter().chain([run(&text)]).collect() }
}

/// A run of entries, in as many `rich_text` blocks as it takes; the heading is in the first one. The names are bold, so a list
/// needs no bullets: they would take an eighth of a phone's width.
fn rich(document: &Document, slice: &Slice<'_>) -> Vec<Block> {
    let mut blocks = vec![vec![bold(&heading(slice.section))]];
    for entry in slice.entries {
        let runs = runs(document.language.phrases(), entry);
        let block = blocks.last_mut().expect("there is always a block");
        if weight(block) + weight(&runs) + LINE_BREAK > TEXT_OBJECT {
            blocks.push(runs);
        } else {
            block.push(run("\n"));
            block.extend(runs);
        }
    }
    blocks.into_iter().map(|elements| Block::RichText { elements: vec![Rich::RichTextSection { elements }] }).collect()
}

/// An entry: its name in bold and the news, the date in the settings' zone and the reader's, and what else is known.
fn runs(phrases: &dyn Words, entry: &Entry) -> Vec<Run> {
    let mut runs = vec![bold(&entry.name)];
    let mut text = format!("{}{}", phrases.colon(), entry.news);
    if let Some(date) = &entry.date {
        text.push_str(&date.behind);
        if let Some(readers) = &date.readers {
            text.push_str(readers.before);
            runs.push(run(&std::mem::take(&mut text)));
            let (timestamp, fallback) = (readers.time.timestamp(), date.text.clone());
            runs.push(Run::Date { timestamp, format: READERS_TIME, fallback });
            text.push_str(readers.after);
        }
    }
    text.push_str(&entry.aside);
    for line in &entry.lines {
        text.push('\n');
        text.push_str(line);
    }
    if !text.is_empty() {
        runs.push(run(&text));
    }
    runs
}

fn bold(text: &str) -> Run {
    Run::Text { text: defused(text), style: Some(Bold { bold: true }) }
}

fn run(text: &str) -> Run {
    Run::Text { text: defused(text), style: None }
}

/// The text that notifications and screen readers use, and that is posted alone when the blocks are refused: all of the part,
/// in short.
fn text(document: &Document, part: &Part<'_>) -> String {
    let mut lines = vec![escaped(&part.title)];
    lines.extend(document.notices.iter().chain(&document.lead).map(|line| escaped(line)));
    for slice in &part.slices {
        lines.push(escaped(&heading(slice.section)));
        lines.extend(slice.entries.iter().map(bullet));
    }
    if part.is_last() {
        lines.extend(part.more.iter().map(|more| escaped(more)));
        let blocks = document.blocks.iter().flat_map(|block| std::iter::once(&block.heading).chain(&block.lines));
        lines.extend(blocks.filter(|line| !line.is_empty()).map(|line| escaped(line)));
    }
    lines.extend(below(document, part).into_iter().map(escaped));
    lines.join("\n")
}

fn bullet(entry: &Entry) -> String {
    format!("• {}", escaped(&entry.brief))
}

fn heading(section: &Section) -> String {
    marked(mark(Some(section.severity)), &section.heading)
}

/// The three characters that `mrkdwn` must have escaped; after that nothing in it is a mention, a channel or a link.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// Slack counts characters, not bytes.
fn length(text: &str) -> usize {
    text.chars().count()
}

/// How many characters of a limit these take.
fn weight(runs: &[Run]) -> usize {
    let characters = |run: &Run| match run {
        Run::Text { text, .. } => length(text),
        // What Slack shows instead is no longer; whether it counts the format is not documented.
        Run::Date { format, fallback, .. } => length(format) + length(fallback),
    };
    runs.iter().map(characters).sum()
}

fn characters_of(element: &Rich) -> usize {
    let Rich::RichTextSection { elements } = element;
    weight(elements)
}

fn characters(blocks: &[Block]) -> usize {
    let text = |text: &Text| match text {
        Text::PlainText { text } | Text::Mrkdwn { text } => length(text),
    };
    let block = |block: &Block| match block {
        Block::Header { text: one } | Block::Section { text: one } => text(one),
        Block::Context { elements } => elements.iter().map(text).sum::<usize>(),
        Block::RichText { elements } => elements.iter().map(characters_of).sum(),
        Block::Actions { elements } => elements.iter().map(|action| text(&action.text) + length(&action.url)).sum(),
    };
    blocks.iter().map(block).sum()
}

/// A mention is one or more of the forms in which Slack takes one; anything else would be shown as text, and notify no one.
fn check_mention(mention: &str) -> Result<(), &'static str> {
    let is_id = |id: &str, start: &[char]| {
        id.starts_with(start) && id.len() > 1 && id.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
    };
    let is_mention = |text: &str| match text {
        "!here" | "!channel" | "!everyone" => true,
        text => match (text.strip_prefix('@'), text.strip_prefix("!subteam^")) {
            (Some(user), _) => is_id(user, &['U', 'W']),
            (_, Some(group)) => is_id(group, &['S']),
            _ => false,
        },
    };
    let mut rest = mention.trim();
    let mut some = false;
    while let Some(inner) = rest.strip_prefix('<') {
        let Some((text, tail)) = inner.split_once('>').filter(|(text, _)| is_mention(text)) else { break };
        debug_assert!(!text.is_empty());
        (rest, some) = (tail.trim_start(), true);
    }
    if some && rest.is_empty() {
        Ok(())
    } else {
        Err("one or more of <!here>, <!channel>, <!everyone>, <@U…>, <!subteam^S…>")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_slacks_forms_of_a_mention_are_accepted() {
        for good in ["<!here>", "<!channel> <@U012AB3CD>", "<!subteam^S0123><!everyone>", " <@W1> "] {
            assert_eq!(check_mention(good), Ok(()), "{good}");
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
            assert!(check_mention(bad).is_err(), "{bad}");
        }
    }
}
