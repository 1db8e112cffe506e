//! The kinds of webhooks: how each answers, and the limits of its payloads. A new kind is a row of [`CHATS`].

use serde_json::Value;

/// All there is to know about a kind.
#[derive(Debug)]
pub(crate) struct Chat {
    /// Its name in the secret.
    pub(crate) kind: &'static str,
    /// Whether a message was accepted, by status and body of the answer.
    pub(crate) accepts: fn(u16, &str) -> bool,
    /// Whether the status alone says so, even if the body is cut off.
    pub(crate) status_decides: bool,
    /// The lengths in a payload, each with what it may be at most.
    lengths: fn(&Value) -> Vec<(&'static str, usize, usize)>,
}

pub(crate) static CHATS: &[Chat] = &[
    Chat {
        kind: "json",
        accepts: |status, _| matches!(status, 200..=299),
        status_decides: true,
        // What queues and event buses accept.
        lengths: |payload| vec![("a message", payload.to_string().len(), 256 << 10)],
    },
    Chat {
        kind: "slack",
        accepts: |status, body| status == 200 && body == "ok",
        status_decides: false,
        lengths: slack,
    },
    Chat {
        kind: "teams",
        accepts: |status, _| matches!(status, 200 | 202),
        status_decides: true,
        // 28 KB as the service counts, of which 24,000 bytes are safe:
        // <https://learn.microsoft.com/microsoftteams/platform/webhooks-and-connectors/how-to/connectors-using>.
        lengths: |payload| {
            let escaped = |c: char| match c {
                '"' | '\\' => 2,
                c if c.is_ascii() => 1,
                c => 7 * c.len_utf16(),
            };
            let card = payload["attachments"][0]["content"].to_string();
            vec![("a card", card.chars().map(escaped).sum(), 24_100)]
        },
    },
    Chat {
        kind: "line_works",
        accepts: |status, body| status == 200 && body.contains(r#""code":200"#),
        status_decides: false,
        // Its bots accept a text of about 2000 characters, including the title.
        lengths: |payload| vec![("title and text", texts(&[&payload["title"], &payload["body"]["text"]]), 2000)],
    },
    Chat {
        kind: "jandi",
        accepts: |status, _| status == 200,
        status_decides: true,
        // 5000 characters are accepted from a person.
        lengths: |payload| vec![("all parts", parts(&payload["connectInfo"], "description"), 5000)],
    },
    Chat {
        kind: "dooray",
        accepts: |status, body| status == 200 && body.contains(r#""isSuccessful":true"#),
        status_decides: false,
        // Users report 4000 characters.
        lengths: |payload| {
            let all = parts(&payload["attachments"], "text");
            vec![("the text", texts(&[&payload["text"]]), 4000), ("all attachments", all, 4000)]
        },
    },
];

impl Chat {
    /// A mention that it accepts.
    pub(crate) fn mention(&self) -> &'static str {
        if self.kind == "slack" { "<!subteam^S0MENTION>" } else { "MENTION of duty" }
    }

    /// What the platform would refuse in a payload.
    pub(crate) fn excesses(&self, payload: &Value) -> Vec<String> {
        let lengths = (self.lengths)(payload).into_iter();
        let mut found: Vec<String> = lengths
            .filter(|(_, length, most)| length > most)
            .map(|(what, length, most)| format!("{what} has a length of {length}, the limit is {most}"))
            .collect();
        // A card resolves a template wherever it occurs.
        let text = payload.to_string();
        found
            .extend(["${", "{{"].iter().filter(|mark| text.contains(**mark)).map(|mark| format!("a template: {mark}")));
        found
    }
}

pub(crate) fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

/// How many characters these texts have.
fn texts(values: &[&Value]) -> usize {
    values.iter().filter_map(|value| value.as_str()).map(|text| text.chars().count()).sum()
}

/// How many characters the parts of a message have: titles, and what is in this field.
fn parts(parts: &Value, field: &str) -> usize {
    list(parts).iter().map(|part| texts(&[&part["title"], &part[field]])).sum()
}

/// Limits: <https://docs.slack.dev/reference/block-kit/blocks>; 13 000 characters over all blocks were seen to pass, and above
/// 4000 the text is split by Slack.
fn slack(payload: &Value) -> Vec<(&'static str, usize, usize)> {
    let blocks = list(&payload["blocks"]);
    let mut lengths = vec![("`text`", texts(&[&payload["text"]]), 4000), ("`blocks`", blocks.len(), 50)];
    let mut total = 0;
    for block in blocks {
        let most = if block["type"] == "header" { 150 } else { 3000 };
        lengths.push(("a block's text", texts(&[&block["text"]["text"]]), most));
        let elements = list(&block["elements"]);
        let runs = elements.iter().flat_map(|section| list(&section["elements"]));
        for text in elements.iter().chain(runs).chain([block]).map(|part| &part["text"]) {
            let length = texts(&[text, &text["text"]]);
            lengths.push(("a text", length, 3000));
            total += length;
        }
    }
    lengths.push(("all of it", total, 13_000));
    lengths
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn excesses(kind: &str, payload: &Value) -> usize {
        CHATS.iter().find(|chat| chat.kind == kind).map_or(0, |chat| chat.excesses(payload).len())
    }

    #[test]
    fn what_a_chat_would_refuse_is_found() {
        let header = |length: usize| json!({"blocks": [{"type": "header", "text": {"text": "x".repeat(length)}}]});
        assert_eq!((excesses("slack", &header(150)), excesses("slack", &header(151))), (0, 1));
        assert_eq!(excesses("slack", &json!({"text": format!("${{x}} {{{{y}}}}{}", "x".repeat(4000))})), 3);
        let section = json!({"elements": vec![json!({"text": "x".repeat(2900)}); 5]});
        assert_eq!(excesses("slack", &json!({"blocks": [{"type": "rich_text", "elements": [section]}]})), 1);
        let card = |length: usize| json!({"attachments": [{"content": "가".repeat(length)}]});
        assert_eq!((excesses("teams", &card(3400)), excesses("teams", &card(3500))), (0, 1));
    }
}
