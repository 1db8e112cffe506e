//! The kinds of webhooks: how each answers, the limits of its payloads, and what a reader sees of them.
//!
//! A new kind is a row of [`CHATS`].

use chrono::{DateTime, Utc};
use serde_json::Value;

use crate::oracle::Level;

/// All there is to know about a kind.
#[derive(Debug)]
pub(crate) struct Chat {
    /// Its name in the secret.
    pub(crate) kind: &'static str,
    /// Its usual answer to a message that it takes.
    pub(crate) usual: (u16, &'static str),
    /// Whether a message was taken, by status and body of the answer; the body is empty where it does not matter.
    pub(crate) takes: fn(u16, &str) -> bool,
    /// Whether the status alone says so, even if the body is cut off.
    pub(crate) status_is_answer: bool,
    /// Whether a message refused with 400 is posted again as plain text.
    pub(crate) has_plain_form: bool,
    /// The parts of the URL after the host: what precedes its first secret, and what is between that and the one that it ends
    /// with.
    pub(crate) path: (&'static str, &'static str),
    /// Whether there is room for everything below the entries; if not, the closing lines may be cut.
    pub(crate) says_all: bool,
    /// A mention that it takes.
    pub(crate) mention: &'static str,
    /// Reads a payload as its readers see it; an error is what the platform would refuse.
    pub(crate) read: fn(&Value) -> Result<Post, String>,
}

pub(crate) static CHATS: &[Chat] = &[
    Chat {
        kind: "slack",
        usual: (200, "ok"),
        takes: |status, body| status == 200 && body == "ok",
        status_is_answer: false,
        has_plain_form: true,
        path: ("/services/", "/B0SOAK/"),
        says_all: true,
        mention: "<!subteam^S0MENTION>",
        read: slack,
    },
    Chat {
        kind: "teams",
        usual: (202, ""),
        takes: |status, _| matches!(status, 200 | 202),
        status_is_answer: true,
        has_plain_form: false,
        path: ("/workflows/", "/triggers/manual/paths/invoke?api-version=1&sp=%2Ftriggers%2Frun&sig="),
        says_all: true,
        mention: "@MENTION",
        read: teams,
    },
    Chat {
        kind: "json",
        usual: (204, ""),
        takes: |status, _| matches!(status, 200..=299),
        status_is_answer: true,
        has_plain_form: false,
        path: ("/relay/", "/"),
        says_all: true,
        mention: "@MENTION",
        read: json,
    },
    Chat {
        kind: "line_works",
        usual: (200, r#"{"code":200,"description":"success"}"#),
        takes: |status, body| status == 200 && body.contains(r#""code":200"#),
        status_is_answer: false,
        has_plain_form: false,
        path: ("/message/", "/x/"),
        says_all: false,
        mention: "MENTION of duty",
        read: line_works,
    },
    Chat {
        kind: "jandi",
        usual: (200, ""),
        takes: |status, _| status == 200,
        status_is_answer: true,
        has_plain_form: false,
        path: ("/connect-api/webhook/", "/"),
        says_all: false,
        mention: "MENTION of duty",
        read: jandi,
    },
    Chat {
        kind: "dooray",
        usual: (200, r#"{"header":{"isSuccessful":true,"resultCode":0,"resultMessage":""},"result":null}"#),
        takes: |status, body| status == 200 && body.contains(r#""isSuccessful":true"#),
        status_is_answer: false,
        has_plain_form: false,
        path: ("/services/", "/"),
        says_all: false,
        mention: "MENTION of duty",
        read: dooray,
    },
];

/// The signs of headings that need no action.
const CALM: [char; 2] = ['✅', '📅'];

/// The beginning of a line that counts what is not named, in each language.
const MORE: [&str; 3] = ["+", "외 ", "ほか"];

/// How many unnamed findings a line counts, if it does: `+3 more: 3 warnings`.
fn counted(line: &str) -> Option<u64> {
    // What follows says how urgent they are; a list of names that continues is followed by nothing.
    let is_count = MORE.iter().any(|more| line.starts_with(more)) && line.contains([':', '：']);
    if is_count { number_in(line) } else { None }
}

/// A message as its readers see it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Post {
    /// Its title.
    pub(crate) title: String,
    /// What is listed in it, in order.
    pub(crate) entries: Vec<Entry>,
    /// How many findings it counts without naming them; none where it does not say, or has no place for it.
    pub(crate) more: Option<u64>,
    /// All texts outside entries, one per line.
    pub(crate) rest: String,
    /// Whether it is the plain form, which says less.
    pub(crate) is_plain: bool,
}

/// One finding or failure in a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    /// The severity of the heading that it is under.
    pub(crate) level: Level,
    /// Which heading that is, by its number in the message.
    pub(crate) heading: usize,
    /// All of its text.
    pub(crate) text: String,
    /// What it tells programs.
    pub(crate) facts: Option<Facts>,
}

/// What an entry tells programs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Facts {
    pub(crate) expires: Option<DateTime<Utc>>,
    pub(crate) since: Option<DateTime<Utc>>,
    pub(crate) slot: Option<i64>,
    pub(crate) account: Option<String>,
}

impl Post {
    /// All of it.
    pub(crate) fn text(&self) -> String {
        let entries: Vec<&str> = self.entries.iter().map(|entry| entry.text.as_str()).collect();
        format!("{}\n{}\n{}", self.title, entries.join("\n"), self.rest)
    }

    /// `(2, 3)` for the second of three messages; the first of one where it has no number.
    pub(crate) fn part(&self) -> (usize, usize) {
        let mut places = self.title.match_indices('/').filter_map(|(slash, _)| {
            let (before, after) = (&self.title[..slash], &self.title[slash + 1..]);
            let digits = |text: &str| text.chars().take_while(char::is_ascii_digit).collect::<String>();
            let number: String = digits(&before.chars().rev().collect::<String>()).chars().rev().collect();
            let opening = before.strip_suffix(&number)?;
            let of = digits(after);
            let closing = after.strip_prefix(&of)?;
            let is_part = opening.ends_with(['(', '（']) && closing.starts_with([')', '）']);
            is_part.then_some(())?;
            Some((number.parse().ok()?, of.parse().ok()?))
        });
        places.next_back().unwrap_or((1, 1))
    }

    fn add(&mut self, text: &str) {
        self.rest.push_str(text);
        self.rest.push('\n');
    }
}

/// The severity that a heading shows, by the mark before it.
fn level(heading: &str) -> Option<Level> {
    let marks = [("🔴", Level::Critical), ("🟠", Level::Warning), ("🔵", Level::Info)];
    marks.into_iter().find(|(mark, _)| heading.starts_with(mark)).map(|(_, level)| level)
}

/// The first whole number in a text.
pub(crate) fn number_in(text: &str) -> Option<u64> {
    let digits = text.trim_start_matches(|c: char| !c.is_ascii_digit());
    digits.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
}

fn text_of(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

/// Fails unless `length` is from 1 to `most`.
fn within(what: &str, length: usize, most: usize) -> Result<(), String> {
    if (1..=most).contains(&length) {
        Ok(())
    } else {
        Err(format!("{what} has a length of {length}; 1 to {most} are taken"))
    }
}

/// Refuses what a card would resolve as a template, wherever it occurs.
fn no_templates(payload: &Value) -> Result<(), String> {
    let text = payload.to_string();
    let template = ["${", "{{"].into_iter().find(|one| text.contains(one));
    template.map_or(Ok(()), |template| Err(format!("`{template}` stands in a payload: {text}")))
}

/// Limits: <https://docs.slack.dev/reference/block-kit/blocks>; 13 000 characters over all blocks were seen to pass, and above
/// 4000 the text is split by Slack.
fn slack(payload: &Value) -> Result<Post, String> {
    no_templates(payload)?;
    let characters = |text: &str| text.chars().count();
    let mut post = Post::default();
    within("`text`", characters(text_of(&payload["text"])), 4000)?;
    let Some(blocks) = payload["blocks"].as_array() else {
        return Ok(slack_text(text_of(&payload["text"])));
    };
    within("`blocks`", blocks.len(), 50)?;
    let (mut total, mut heading, mut current) = (0, 0, None);
    for block in blocks {
        let text = &block["text"];
        match text_of(&block["type"]) {
            "header" => {
                within("a header", characters(text_of(&text["text"])), 150)?;
                if text["type"] != "plain_text" {
                    return Err(format!("a header takes plain text only: {block}"));
                }
                text_of(&text["text"]).clone_into(&mut post.title);
                total += characters(&post.title);
            }
            "section" => {
                let words = text_of(&text["text"]);
                within("a section", characters(words), 3000)?;
                total += characters(words);
                if heading > 0 {
                    post.more = number_in(words);
                }
                post.add(words);
            }
            "context" => {
                within("`elements`", list(&block["elements"]).len(), 10)?;
                for element in list(&block["elements"]) {
                    within("a context", characters(text_of(&element["text"])), 3000)?;
                    total += characters(text_of(&element["text"]));
                    post.add(text_of(&element["text"]));
                }
            }
            "actions" => {
                within("`elements`", list(&block["elements"]).len(), 25)?;
                for button in list(&block["elements"]) {
                    within("a button", characters(text_of(&button["text"]["text"])), 75)?;
                    within("a button's URL", characters(text_of(&button["url"])), 3000)?;
                    total += characters(text_of(&button["text"]["text"])) + characters(text_of(&button["url"]));
                }
            }
            "rich_text" => {
                for section in list(&block["elements"]) {
                    let mut is_listed = false;
                    for (place, run) in list(&section["elements"]).iter().enumerate() {
                        let field = if run["type"] == "date" { "fallback" } else { "text" };
                        let text = text_of(&run[field]);
                        within("a run", characters(text), 3000)?;
                        total += characters(text);
                        match (run["style"]["bold"] == true, level(text)) {
                            (true, Some(level)) => {
                                (current, heading, is_listed) = (Some(level), heading + 1, true);
                                post.add(text);
                            }
                            // Texts that need no action are under a sign of their own.
                            (true, None) if is_listed || place == 0 && !text.starts_with(CALM) => {
                                let level = current.ok_or_else(|| format!("an entry without a heading: {text}"))?;
                                post.entries.push(Entry { level, heading, text: text.to_owned(), facts: None });
                                is_listed = true;
                            }
                            _ => match post.entries.last_mut().filter(|_| is_listed) {
                                Some(last) if last.heading == heading => last.text.push_str(text),
                                _ => post.add(text),
                            },
                        }
                    }
                }
            }
            other => return Err(format!("a block of the type `{other}`")),
        }
    }
    within("all of it", total, 13_000)?;
    Ok(post)
}

/// The plain form: one line per entry.
fn slack_text(text: &str) -> Post {
    let mut post = Post { is_plain: true, ..Post::default() };
    let (mut heading, mut current) = (0, Level::Info);
    for (place, line) in text.lines().enumerate() {
        let line = line.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&");
        match (line.strip_prefix("• "), level(&line)) {
            (Some(entry), _) => {
                post.entries.push(Entry { level: current, heading, text: entry.to_owned(), facts: None });
            }
            (None, _) if post.title.is_empty() && (place == 0 || !line.starts_with('<')) && !line.starts_with("<!") => {
                post.title = line;
            }
            (None, Some(level)) => {
                (current, heading) = (level, heading + 1);
                post.add(&line);
            }
            (None, None) => post.add(&line),
        }
    }
    post
}

/// Limits: 28 KB as the service counts, of which 24,000 bytes of a card, escaped to ASCII and then as a JSON string, are safe;
/// version 1.4; what parses Markdown holds no names.
/// Source: <https://learn.microsoft.com/microsoftteams/platform/webhooks-and-connectors/how-to/connectors-using>.
fn teams(payload: &Value) -> Result<Post, String> {
    no_templates(payload)?;
    let attachment = &payload["attachments"][0];
    let card = &attachment["content"];
    let size: usize = card
        .to_string()
        .chars()
        .map(|c| match c {
            '"' | '\\' => 2,
            c if c.is_ascii() => 1,
            c => 7 * c.len_utf16(),
        })
        .sum();
    within("a card", size, 24_100)?;
    let is_envelope = payload["type"] == "message"
        && attachment["contentType"] == "application/vnd.microsoft.card.adaptive"
        && card["type"] == "AdaptiveCard"
        && card["version"] == "1.4";
    if !is_envelope {
        return Err(format!("not the envelope that the flow takes: {payload}"));
    }
    let mut post = Post::default();
    let inlines =
        |element: &Value| list(&element["inlines"]).iter().map(|run| text_of(&run["text"])).collect::<String>();
    let (mut heading, mut current) = (0, None);
    for (place, element) in list(&card["body"]).iter().enumerate() {
        let (text, first) = (inlines(element), &element["inlines"][0]);
        match text_of(&element["type"]) {
            // It parses Markdown, and so holds nothing but a heading of our own.
            "TextBlock" => {
                let title = text_of(&element["text"]);
                current = Some(level(title).ok_or_else(|| format!("a heading without a mark: {title}"))?);
                heading += 1;
                post.add(title);
            }
            "RichTextBlock" if place == 0 => post.title = text,
            "RichTextBlock" => match (current, post.entries.last_mut()) {
                (Some(level), _) if first["weight"] == "Bolder" && !text.starts_with(CALM) => {
                    post.entries.push(Entry { level, heading, text, facts: None });
                }
                (Some(_), Some(last)) if first["size"] == "Small" && first["isSubtle"] != true => {
                    last.text.push('\n');
                    last.text.push_str(&text);
                }
                (_, last) => {
                    if last.is_some() {
                        post.more = post.more.or_else(|| counted(&text));
                    }
                    current = None;
                    post.add(&text);
                }
            },
            other => return Err(format!("an element of the type `{other}`")),
        }
    }
    within("a summary", text_of(&payload["summary"]).len(), 1000)?;
    Ok(post)
}

/// The project's `docs/webhook.schema.json`: 256 KB are what queues and event buses take.
fn json(payload: &Value) -> Result<Post, String> {
    no_templates(payload)?;
    within("a message", payload.to_string().len(), 256 << 10)?;
    if payload["version"] != 1 {
        return Err(format!("another version than 1: {payload}"));
    }
    let mut post = Post { title: text_of(&payload["title"]).to_owned(), ..Post::default() };
    for (heading, group) in list(&payload["groups"]).iter().enumerate() {
        let level =
            Level::named(text_of(&group["severity"])).ok_or_else(|| format!("a group without severity: {group}"))?;
        post.add(text_of(&group["heading"]));
        for finding in list(&group["findings"]) {
            let time = |field: &str| match &finding[field] {
                Value::Null => Ok(None),
                time => text_of(time).parse::<DateTime<Utc>>().map(Some).map_err(|_| format!("`{field}` is {time}")),
            };
            let facts = Facts {
                expires: time("expires")?,
                since: time("since")?,
                slot: finding["slot"].as_i64(),
                account: finding["account"].as_str().map(str::to_owned),
            };
            let mut text = format!("{}: {}", text_of(&finding["name"]), text_of(&finding["news"]));
            for line in list(&finding["lines"]) {
                text = format!("{text}\n{}", text_of(line));
            }
            post.entries.push(Entry { level, heading, text, facts: Some(facts) });
        }
    }
    for line in list(&payload["closing"]).iter().map(text_of) {
        if !post.entries.is_empty() {
            post.more = post.more.or_else(|| counted(line));
        }
        post.add(line);
    }
    Ok(post)
}

/// Its bots take a text of about 2000 characters, including the title.
fn line_works(payload: &Value) -> Result<Post, String> {
    let (title, text) = (text_of(&payload["title"]), text_of(&payload["body"]["text"]));
    within("title and text", (title.to_owned() + text).chars().count(), 2000)?;
    within("the text", text.chars().count(), 2000)?;
    of_lines(payload, title, text.lines().map(str::to_owned).collect())
}

/// It takes 5000 characters from a person.
fn jandi(payload: &Value) -> Result<Post, String> {
    let body = text_of(&payload["body"]);
    let mut lines: Vec<String> = body.lines().skip(1).map(str::to_owned).collect();
    for info in list(&payload["connectInfo"]) {
        lines.push(text_of(&info["title"]).to_owned());
        lines.extend(text_of(&info["description"]).lines().map(str::to_owned));
    }
    within("all of it", lines.iter().map(|line| line.chars().count() + 1).sum(), 5000)
        .or_else(|problem| if lines.is_empty() { Ok(()) } else { Err(problem) })?;
    of_lines(payload, body.lines().next().unwrap_or_default(), lines)
}

/// Users report 4000 characters.
fn dooray(payload: &Value) -> Result<Post, String> {
    let text = text_of(&payload["text"]);
    let mut lines: Vec<String> = text.lines().skip(1).map(str::to_owned).collect();
    for attachment in list(&payload["attachments"]) {
        lines.push(text_of(&attachment["title"]).to_owned());
        lines.extend(text_of(&attachment["text"]).lines().map(str::to_owned));
    }
    let length: usize = lines.iter().map(|line| line.chars().count() + 1).sum();
    within("all of it", text.chars().count().max(length), 4000)?;
    of_lines(payload, text.lines().next().unwrap_or_default(), lines)
}

/// A message of lines: an entry begins with a bullet, and continues on indented lines.
fn of_lines(payload: &Value, title: &str, lines: Vec<String>) -> Result<Post, String> {
    no_templates(payload)?;
    let mut post = Post { title: title.to_owned(), ..Post::default() };
    let (mut heading, mut current) = (0, Level::Info);
    for line in lines {
        match (line.strip_prefix("• "), level(&line), post.entries.last_mut()) {
            (Some(entry), ..) => {
                post.entries.push(Entry { level: current, heading, text: entry.to_owned(), facts: None });
            }
            (None, Some(level), _) => {
                (current, heading) = (level, heading + 1);
                post.add(&line);
            }
            (None, None, Some(last)) if line.starts_with("  ") => {
                last.text.push('\n');
                last.text.push_str(&line);
            }
            (None, None, last) => {
                if last.is_some() {
                    post.more = post.more.or_else(|| counted(&line));
                }
                post.add(&line);
            }
        }
    }
    Ok(post)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_number_of_a_part_is_read_in_every_language() {
        let part = |title: &str| Post { title: title.to_owned(), ..Post::default() }.part();
        assert_eq!(part("🔴 a.example.kr expired 2 days ago"), (1, 1));
        assert_eq!(part("🔴 a.example.kr expired (2/3)"), (2, 3));
        assert_eq!(part("🟠 (3/5) continued: 41 within 365 days"), (3, 5));
        assert_eq!(part("🟠（3/4）続き：x"), (3, 4));
        assert_eq!(part("24/7.example.kr is up 1/2"), (1, 1));
    }

    #[test]
    fn what_slack_would_refuse_is_refused() {
        let header = |length: usize| json!({"text": "t", "blocks": [{"type": "header", "text": {"type": "plain_text", "text": "x".repeat(length)}}]});
        assert!(slack(&header(150)).is_ok());
        assert!(slack(&header(151)).is_err());
        assert!(slack(&header(0)).is_err());
        assert!(slack(&json!({"text": "x".repeat(4001)})).is_err());
        assert!(slack(&json!({"text": "a ${x}"})).is_err());
    }

    #[test]
    fn entries_and_counts_are_read_off_a_slack_message() {
        let bold = |text: &str| json!({"type": "text", "text": text, "style": {"bold": true}});
        let run = |text: &str| json!({"type": "text", "text": text});
        let rich =
            |runs: Value| json!({"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": runs}]});
        let post = slack(&json!({"text": "t", "blocks": [
            {"type": "header", "text": {"type": "plain_text", "text": "title (1/2)"}},
            rich(json!([bold("🟠 Within 30 days (9)"), run("\n"), bold("a"), run(": expires in 9 days"), run("\n"), bold("b"), run(": x")])),
            rich(json!([bold("c"), run(": y")])),
            {"type": "section", "text": {"type": "plain_text", "text": "+7 more: 7 warnings"}},
            rich(json!([bold("✅ Deployed in the last 7 days (1)"), run("\nd, until x")])),
            {"type": "context", "elements": [{"type": "plain_text", "text": "closing"}]},
        ]}))
        .unwrap();
        let texts: Vec<&str> = post.entries.iter().map(|entry| entry.text.trim()).collect();
        assert_eq!((texts, post.more, post.part()), (vec!["a: expires in 9 days", "b: x", "c: y"], Some(7), (1, 2)));
        assert!(post.entries.iter().all(|entry| entry.level == Level::Warning));
        assert!(post.rest.contains("closing") && post.rest.contains("d, until x"));
        let plain = slack(&json!({"text": "🔴 title\n🔴 Act today (1)\n• a: expired\nclosing"})).unwrap();
        assert_eq!(
            (plain.entries.len(), plain.entries[0].level, plain.title.as_str()),
            (1, Level::Critical, "🔴 title")
        );
    }

    #[test]
    fn entries_counts_and_facts_are_read_off_json() {
        let post = json(&json!({"version": 1, "title": "t", "groups": [{"heading": "Act today (1)", "severity": "critical", "findings": [
            {"name": "a", "news": "expired 2 days ago", "expires": "2026-11-21T00:00:00Z", "slot": 7, "account": "prod", "lines": ["no edge"]},
        ]}], "closing": ["+2 more: 2 info"]}))
        .unwrap();
        let [entry] = post.entries.as_slice() else { panic!("{post:?}") };
        assert_eq!(
            (entry.text.as_str(), entry.level, post.more),
            ("a: expired 2 days ago\nno edge", Level::Critical, Some(2))
        );
        let facts = entry.facts.clone().unwrap();
        assert_eq!((facts.expires.map(|time| time.timestamp()), facts.slot), (Some(1_795_219_200), Some(7)));
        assert!(json(&json!({"version": 2, "title": "t"})).is_err());
    }

    #[test]
    fn entries_and_counts_are_read_off_lines() {
        let text = "opening\n\n🔴 Act today (1)\n• a — expired\n  slot 1\n🟠 Within 30 days (9)\n• b — expires\n\n+8 more: 8 warnings\n\nclosing";
        for post in [
            line_works(&json!({"title": "t (1/2)", "body": {"text": text}})),
            jandi(&json!({"body": "t (1/2)\nopening", "connectInfo": [
                {"title": "🔴 Act today (1)", "description": "• a — expired\n  slot 1"},
                {"title": "🟠 Within 30 days (9)", "description": "• b — expires\n\n+8 more: 8 warnings\n\nclosing"},
            ]})),
            dooray(&json!({"text": "t (1/2)\nopening", "attachments": [
                {"title": "🔴 Act today (1)", "text": "• a — expired\n  slot 1"},
                {"title": "🟠 Within 30 days (9)", "text": "• b — expires\n\n+8 more: 8 warnings\n\nclosing"},
            ]})),
        ] {
            let post = post.unwrap();
            let entries: Vec<_> = post.entries.iter().map(|entry| (entry.text.as_str(), entry.level)).collect();
            assert_eq!(entries, [("a — expired\n  slot 1", Level::Critical), ("b — expires", Level::Warning)]);
            assert_eq!((post.more, post.part(), post.rest.contains("closing")), (Some(8), (1, 2), true));
        }
    }

    #[test]
    fn entries_and_counts_are_read_off_a_card() {
        let block = |inlines: Value| json!({"type": "RichTextBlock", "spacing": "Small", "inlines": inlines});
        let card = json!({"type": "AdaptiveCard", "version": "1.4", "body": [
            block(json!([{"text": "title", "weight": "Bolder"}])),
            {"type": "TextBlock", "text": "🔴 Act today (2)"},
            block(json!([{"text": "a", "weight": "Bolder"}, {"text": ": expired"}])),
            block(json!([{"text": "more of a", "size": "Small"}])),
            block(json!([{"text": "b", "weight": "Bolder"}])),
            block(json!([{"text": "+3 more: 3 info"}])),
            block(json!([{"text": "✅ Deployed in the last 7 days (1)", "weight": "Bolder"}])),
            block(json!([{"text": "closing", "size": "Small", "isSubtle": true}])),
        ]});
        let post = teams(&json!({"type": "message", "summary": "s", "attachments": [
            {"contentType": "application/vnd.microsoft.card.adaptive", "content": card},
        ]}))
        .unwrap();
        let texts: Vec<&str> = post.entries.iter().map(|entry| entry.text.as_str()).collect();
        assert_eq!((texts, post.more), (vec!["a: expired\nmore of a", "b"], Some(3)));
        assert!(post.rest.contains("closing") && post.rest.contains("Deployed"));
    }
}
