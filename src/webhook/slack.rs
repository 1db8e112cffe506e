//! Slack: Block Kit for an incoming webhook.
//!
//! Sources: <https://docs.slack.dev/reference/block-kit/blocks>, <https://docs.slack.dev/messaging/formatting-message-text>.
//! Names from data stand in `rich_text` and `plain_text`, which parse no markup; only `text` and the mention are `mrkdwn`.

use serde::Serialize;

use super::{Payload, text_of};
use crate::finding::Counts;
use crate::message::{Document, Entry, Part, Section, Slice, mark, split};
use crate::untrusted::{cut_to_characters, defused};

/// Characters over all blocks. Slack refuses some 13 200, a limit that it does not document.
const CHARACTERS: usize = 12_000;

/// Characters of the top-level `text`: above 4000 Slack splits it where it likes.
const TEXT: usize = 3_900;

/// Characters of one `rich_text` block; other text objects hold 3000.
const TEXT_OBJECT: usize = 2_900;

/// A time as its reader has it: "today" or "Nov 26, 2026", and the time of day.
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
    RichTextList { style: &'static str, elements: Vec<Rich> },
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

/// A message as Block Kit, in as many payloads as it takes.
pub(super) fn payloads(document: &Document, mention: Option<&str>) -> Vec<Payload> {
    // Everything but the entries is weighed as if it stood in every part, so that no part can outgrow its budget.
    let most = Counts { critical: 99_999, warning: 99_999, info: 99_999 };
    let bare = Part { number: 1, of: 1, slices: vec![], more: most };
    let fixed = characters(&blocks(document, &bare, mention));
    let fixed_text = length(&text(document, &bare)) + mention.map_or(0, length);
    let room = [CHARACTERS.saturating_sub(fixed + NUMBERING), TEXT.saturating_sub(fixed_text + NUMBERING)];
    let heading = |section: &Section| {
        let heading = marked(section);
        [length(&heading), length(&escaped(&heading)) + 1]
    };
    let entry = |_: &Section, entry: &Entry| [weight(&runs(document, entry)), length(&bullet(entry)) + 1];
    split(document, room, heading, entry).iter().map(|part| payload(document, part, mention)).collect()
}

/// Room for the ` (1/3)` behind a title.
const NUMBERING: usize = 6;

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
    let mut blocks = vec![Block::Header { text: Text::PlainText { text: header(document, part) } }];
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
        let below: Vec<String> = more(document, part).into_iter().chain(document.closing.iter().cloned()).collect();
        if !below.is_empty() {
            // One element: several would stand side by side.
            blocks.push(Block::Context { elements: vec![plain(&below.join("\n"))] });
        }
        if !document.buttons.is_empty() {
            let button = |label, url: &str| Action { text: plain(label), url: url.to_owned() };
            let elements = document.buttons.iter().map(|one| button(&one.label, &one.url)).collect();
            blocks.push(Block::Actions { elements });
        }
    }
    blocks
}

/// A run of entries, in as many `rich_text` blocks as it takes; the heading stands in the first one.
fn rich(document: &Document, slice: &Slice<'_>) -> Vec<Block> {
    let heading = vec![bold(&marked(slice.section))];
    let mut used = weight(&heading);
    let mut blocks = vec![vec![Rich::RichTextSection { elements: heading }]];
    let mut items: Vec<Rich> = Vec::new();
    let mut close = |items: &mut Vec<Rich>, next: bool| {
        let list = Rich::RichTextList { style: "bullet", elements: std::mem::take(items) };
        blocks.last_mut().expect("there is always a block").push(list);
        if next {
            blocks.push(vec![]);
        }
    };
    for entry in slice.entries {
        let elements = runs(document, entry);
        let weight = weight(&elements);
        if used + weight > TEXT_OBJECT && !items.is_empty() {
            close(&mut items, true);
            used = 0;
        }
        used += weight;
        items.push(Rich::RichTextSection { elements });
    }
    close(&mut items, false);
    blocks.into_iter().map(|elements| Block::RichText { elements }).collect()
}

/// An entry: its name and the news in bold, then the date, here and at the reader's, and what else is known, a line each.
fn runs(document: &Document, entry: &Entry) -> Vec<Run> {
    let mut runs = vec![bold(&format!("{} — {}", entry.name, entry.news))];
    let mut text = String::new();
    if let Some(date) = &entry.date {
        let (before, after) = document.language.phrases().readers_time();
        runs.push(run(&format!("{}{before}", date.behind)));
        let fallback = date.text.clone();
        runs.push(Run::Date { timestamp: date.time.timestamp(), format: READERS_TIME, fallback });
        text.push_str(after);
    }
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
    let mut lines = vec![escaped(&title(document, part))];
    lines.extend(document.notices.iter().chain(&document.lead).map(|line| escaped(line)));
    for slice in &part.slices {
        lines.push(escaped(&marked(slice.section)));
        lines.extend(slice.entries.iter().map(bullet));
    }
    if part.is_last() {
        lines.extend(more(document, part).map(|more| escaped(&more)));
        lines.extend(document.closing.iter().map(|line| escaped(line)));
    }
    lines.join("\n")
}

fn bullet(entry: &Entry) -> String {
    format!("• {}", escaped(&entry.brief))
}

fn title(document: &Document, part: &Part<'_>) -> String {
    format!("{} {}", mark(document.worst), part.title(document))
}

/// The title as a header holds it: the number behind it stays, whatever is cut.
fn header(document: &Document, part: &Part<'_>) -> String {
    let number = part.number_of();
    // Defused before it is cut: that can make it longer.
    let title = defused(&format!("{} {}", mark(document.worst), document.title));
    cut_to_characters(&title, HEADER - length(&number)) + &number
}

fn marked(section: &Section) -> String {
    format!("{} {}", mark(Some(section.severity)), section.heading)
}

fn more(document: &Document, part: &Part<'_>) -> Option<String> {
    (part.more.total() > 0).then(|| document.language.phrases().more(part.more))
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
    match element {
        Rich::RichTextSection { elements } => weight(elements),
        Rich::RichTextList { elements, .. } => elements.iter().map(characters_of).sum(),
    }
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

/// A mention is one or more of the forms in which Slack takes one; anything else would be shown as text, and call nobody.
pub(super) fn check_mention(mention: &str) -> Result<(), &'static str> {
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
