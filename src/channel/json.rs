//! JSON for your own relay, in the form described by `docs/webhook.schema.json`. Any 2xx is success.
//!
//! It is for programs: names are as in every message, dates are RFC 3339, and nothing in it is markup.

use chrono::{DateTime, SecondsFormat, Utc};
use serde::Serialize;

use super::{Channel, Payload, text_of};
use crate::message::{Budget, Button, Document, Entry, Part, split};
use crate::rules::Severity;
use crate::text;

/// The version of the shape. A field that changes its meaning or is removed needs a new one; a field that is added does not.
const VERSION: u8 = 1;

/// Bytes of a message: what queues and event buses accept as one (SQS, SNS, EventBridge: 256 KB), so that a relay can hand it on.
/// Hundreds of findings fit.
const BYTES: usize = 240_000;

/// Bytes of a line or a heading beside its text.
const LINE: usize = 64;

#[derive(Serialize)]
struct Post<'a> {
    version: u8,
    title: &'a str,
    severity: Option<&'static str>,
    groups: Vec<Group<'a>>,
    closing: Vec<&'a str>,
    links: &'a [Button],
}

#[derive(Serialize)]
struct Group<'a> {
    heading: &'a str,
    severity: &'static str,
    findings: Vec<Finding<'a>>,
}

#[derive(Serialize)]
struct Finding<'a> {
    name: &'a str,
    news: &'a str,
    expires: Option<String>,
    since: Option<String>,
    slot: Option<i64>,
    account: Option<&'a str>,
    status: Option<&'a str>,
    lines: Vec<&'a str>,
}

/// A relay that accepts JSON.
pub(super) struct Json;

impl Channel for Json {
    fn payloads(&self, document: &Document, mention: Option<&str>) -> Vec<Payload> {
        let mention = mention.map(text::one_line);
        let line = |line: &str| LINE + length(&line);
        let entry = |one: &Entry| length(&finding(document, one)) + 1;
        let parts = split(document, mention.as_deref(), &Budget { message: BYTES, line: &line, entry: &entry });
        parts.iter().map(|part| Payload { body: text_of(&message(document, part)), plain: None }).collect()
    }

    fn may_accept(&self, status: u16) -> bool {
        (200..=299).contains(&status)
    }

    /// The status is the answer.
    fn answer_limit(&self) -> usize {
        0
    }
}

fn message<'a>(document: &'a Document, part: &'a Part) -> Post<'a> {
    let mut closing: Vec<&str> = Vec::new();
    let head = part.mention.iter().chain(&document.notices).chain(&document.lead);
    closing.extend(head.map(String::as_str));
    for appendix in &part.appendices {
        closing.extend(std::iter::once(&appendix.heading).chain(&appendix.lines).map(String::as_str));
    }
    closing.extend(part.below.iter().map(String::as_str));
    closing.retain(|line| !line.is_empty());
    let mut groups = Vec::new();
    for section in &part.sections {
        groups.push(Group {
            heading: &section.heading,
            severity: section.severity.as_str(),
            findings: section.entries.iter().map(|entry| finding(document, entry)).collect(),
        });
    }
    Post {
        version: VERSION,
        title: &part.title,
        severity: document.worst.map(Severity::as_str),
        groups,
        closing,
        links: &part.buttons,
    }
}

fn finding<'a>(document: &Document, entry: &'a Entry) -> Finding<'a> {
    let time = |time: DateTime<Utc>| time.to_rfc3339_opts(SecondsFormat::Secs, true);
    let aside = entry.aside.trim_start_matches(document.language.phrases().texts().dot);
    let mut lines = vec![aside];
    lines.extend(entry.lines.iter().chain(&entry.step).map(String::as_str));
    lines.retain(|line| !line.is_empty());
    let facts = &entry.facts;
    Finding {
        name: &entry.name,
        news: &entry.news,
        expires: facts.expires.map(time),
        since: facts.since.map(time),
        slot: facts.slot,
        account: Some(facts.account.as_str()).filter(|account| !account.is_empty()),
        status: facts.status.as_deref(),
        lines,
    }
}

fn length(value: &impl Serialize) -> usize {
    text_of(value).get().len()
}
