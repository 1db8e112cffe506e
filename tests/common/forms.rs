//! What the chats document and are known for: the form of a message, how much it may hold, and what they answer. The one table
//! of it; what Slack and Microsoft publish as code is in `tests/e2e/validate.py`.

use serde_json::{Value, json};

use super::schema::violations;

/// The schema that relays are promised.
pub const WEBHOOK_SCHEMA: &str = include_str!("../../docs/webhook.schema.json");

/// The status and body by which a webhook says that it took a message.
pub fn usual_answer(kind: &str) -> (u16, &'static str) {
    match kind {
        "slack" => (200, "ok"),
        "line_works" => (200, r#"{"code":200,"description":"success"}"#),
        "jandi" => (200, ""),
        "dooray" => (200, r#"{"header":{"isSuccessful":true,"resultCode":0,"resultMessage":""},"result":null}"#),
        "json" => (204, ""),
        _ => (202, ""),
    }
}

/// The most characters that people read in a message, with room to spare; of a Teams card, the most bytes.
pub fn limit(kind: &str) -> usize {
    match kind {
        "slack" => 12_000,
        "teams" => 24_000,
        "line_works" => 1_800,
        "jandi" => 4_000,
        "dooray" => 3_500,
        _ => usize::MAX,
    }
}

/// The form of a message. A field that is not described is an error.
fn form(kind: &str) -> Value {
    let text = || json!({"type": "string"});
    let list = |items: Value| json!({"type": "array", "items": items});
    let object = |required: &[&str], properties: Value| json!({"type": "object", "required": required, "properties": properties});
    match kind {
        "slack" => {
            let never = || json!({"const": false});
            let fields =
                json!({"text": text(), "blocks": {"type": "array"}, "unfurl_links": never(), "unfurl_media": never()});
            object(&["text", "unfurl_links", "unfurl_media"], fields)
        }
        "teams" => {
            let card = json!({"const": "application/vnd.microsoft.card.adaptive"});
            let fields = json!({"contentType": card, "contentUrl": {"const": null}, "content": {"type": "object"}});
            let attachment = object(&["contentType", "contentUrl", "content"], fields);
            let fields = json!({"type": {"const": "message"}, "summary": text(), "attachments": list(attachment)});
            object(&["type", "summary", "attachments"], fields)
        }
        "line_works" => {
            let button = object(&["label", "url"], json!({"label": text(), "url": text()}));
            let body = object(&["text"], json!({"text": text()}));
            object(&["title", "body"], json!({"title": text(), "body": body, "button": button}))
        }
        "jandi" => {
            let info =
                object(&["title", "description"], json!({"title": text(), "description": text(), "imageUrl": text()}));
            let color = json!({"type": "string", "format": "color"});
            object(&["body"], json!({"body": text(), "connectColor": color, "connectInfo": list(info)}))
        }
        "dooray" => {
            let color = json!({"type": "string", "format": "color"});
            let fields = json!({"title": text(), "titleLink": text(), "text": text(), "color": color});
            let attachment = object(&["title", "text", "color"], fields);
            let fields =
                json!({"botName": text(), "botIconImage": text(), "text": text(), "attachments": list(attachment)});
            object(&["botName", "text"], fields)
        }
        _ => serde_json::from_str(WEBHOOK_SCHEMA).unwrap(),
    }
}

/// Every text in a message, one after another, with the type of its object and the name of its field.
fn fields(value: &Value) -> Vec<(&str, &str, &str)> {
    fn walk<'a>(value: &'a Value, kind: &'a str, name: &'a str, found: &mut Vec<(&'a str, &'a str, &'a str)>) {
        match value {
            Value::String(text) => found.push((kind, name, text)),
            Value::Array(list) => list.iter().for_each(|item| walk(item, kind, name, found)),
            Value::Object(fields) => {
                let kind = fields.get("type").and_then(Value::as_str).unwrap_or_default();
                fields.iter().for_each(|(name, item)| walk(item, kind, name, found));
            }
            _ => {}
        }
    }
    let mut found = Vec::new();
    walk(value, "", "", &mut found);
    found
}

/// Every text in a message, a line each.
pub fn text(message: &Value) -> String {
    fields(message).iter().map(|(_, _, text)| *text).collect::<Vec<_>>().join("\n")
}

/// Fails if a chat would refuse a message, cut it, or take what is in it for more than text.
#[track_caller]
pub fn check(kind: &str, message: &Value) {
    let violations = violations(&form(kind), message, "");
    assert!(violations.is_empty(), "{kind}: {violations:?} in {message:#}");
    for (_, name, text) in fields(message) {
        assert!(!text.is_empty(), "{kind}: an empty {name} in {message:#}");
        assert!(!text.contains("{{") && !text.contains("${"), "{kind}: a template opens in {text:?}");
        let turns = |c: char| matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        assert!(!text.contains(|c: char| c.is_control() && c != '\n' || turns(c)), "{kind}: unprintable in {text:?}");
    }
    match kind {
        "slack" => check_slack(message),
        "teams" => check_card(&message["attachments"][0]["content"]),
        "json" => {}
        _ => assert!(text(message).chars().count() <= limit(kind), "{kind}: too long: {message:#}"),
    }
}

/// <https://docs.slack.dev/reference/block-kit/blocks>; the limit over all blocks is known from experience only.
#[track_caller]
fn check_slack(message: &Value) {
    let read = |value: &Value| -> usize {
        let read = fields(value).into_iter().filter(|(_, name, _)| ["text", "format", "fallback"].contains(name));
        read.map(|(_, _, text)| text.chars().count()).sum()
    };
    assert!(message["text"].as_str().unwrap().chars().count() <= 3_900, "{message:#}");
    for (kind, name, text) in fields(message) {
        if name == "text" && ["", "mrkdwn"].contains(&kind) {
            let is_mention = |rest: &str| rest.starts_with('!') || rest.starts_with('@');
            assert!(text.split('<').skip(1).all(is_mention), "not escaped: {text}");
            assert_eq!(text.matches('<').count(), text.matches('>').count(), "not escaped: {text}");
        }
    }
    // What Slack did not take as blocks is tried as text.
    let Some(blocks) = message["blocks"].as_array() else { return };
    assert!((1..=45).contains(&blocks.len()), "{} blocks", blocks.len());
    assert!(read(&message["blocks"]) <= limit("slack"), "{message:#}");
    for block in blocks {
        let (most, elements) = match block["type"].as_str().unwrap() {
            "header" => (150, 0),
            "context" => (3_000, 10),
            "actions" => (3_000, 25),
            _ => (3_000, 50),
        };
        assert!(read(block) <= most, "{block:#}");
        assert!(block["elements"].as_array().map_or(0, Vec::len) <= elements, "{block:#}");
    }
}

/// Teams allows 28 KB and counts a card that is escaped again as a JSON string. It refuses a version after 1.4 without a word.
#[track_caller]
fn check_card(card: &Value) {
    // In the string, a character beyond ASCII is one or two `\\uXXXX`, and a quote or a backslash has another before it.
    let bytes: usize = card
        .to_string()
        .chars()
        .map(|c| match c {
            '"' | '\\' => 2,
            _ if c.is_ascii() => 1,
            _ => 7 * c.len_utf16(),
        })
        .sum();
    assert!(bytes <= limit("teams"), "{bytes} bytes");
    assert_eq!((&card["type"], &card["version"]), (&json!("AdaptiveCard"), &json!("1.4")));
    assert!(card["msteams"].get("entities").is_none(), "mentions: {card:#}");
    for (kind, name, text) in fields(card) {
        // The other blocks do not read Markdown.
        assert!(kind != "TextBlock" || name != "text" || !text.contains(['[', ']', '*', '_', '`', '<', '>']), "{text}");
    }
}
