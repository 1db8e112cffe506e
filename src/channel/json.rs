//! JSON for a relay of your own: a form of its own, described by `docs/webhook.schema.json`. Any 2xx is success.
//!
//! It is for programs: names are as in every message, dates are RFC 3339, and nothing in it is markup.

use chrono::{DateTime, SecondsFormat, Utc};
use serde::Serialize;

use super::{Channel, Payload, text_of};
use crate::chat::Error;
use crate::message::{Document, Entry, Part, Section, Slice, TITLE_ROOM, split};
use crate::net::http::Response;
use crate::net::redact::Remote;
use crate::rules::Severity;
use crate::text;

/// The version of the shape. A field that changes its meaning or is removed needs a new one; a field that is added does not.
const VERSION: u8 = 1;

/// Bytes of a message: what queues and event buses take as one (SQS, SNS, EventBridge: 256 KB), so that a relay can hand it on.
/// Hundreds of findings fit.
const BYTES: usize = 240_000;

#[derive(Serialize)]
struct Message<'a> {
    version: u8,
    title: &'a str,
    severity: Option<&'static str>,
    groups: Vec<Group<'a>>,
    closing: Vec<String>,
    links: Vec<Link<'a>>,
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

#[derive(Serialize)]
struct Link<'a> {
    label: &'a str,
    url: &'a str,
}

/// A relay that takes JSON.
pub(super) struct Json;

impl Channel for Json {
    fn payloads(&self, document: &Document, mention: Option<&str>) -> Vec<Payload> {
        // Everything but the entries is weighed as if it were in every part: there is room for it.
        let fixed = weight(&message(document, &Part::bare(document), mention)) + 4 * TITLE_ROOM;
        let heading = |section: &Section| [weight(&group(document, section, &[])) + 1];
        let entry = |_: &Section, one: &Entry| [weight(&finding(document, one)) + 1];
        let parts = split(document, [BYTES.saturating_sub(fixed)], heading, entry);
        let payload = |part: &Part<'_>| text_of(&message(document, part, mention.filter(|_| part.is_first())));
        parts.iter().map(|part| Payload { body: payload(part), plain: None }).collect()
    }

    fn verdict(&self, response: &Response) -> Result<(), Error> {
        let (status, retry_after) = (response.status, response.retry_after);
        match status {
            200..=299 => Ok(()),
            _ => Err(Error::Refused { status, retry_after, reply: Remote::default() }),
        }
    }

    /// The status is the answer.
    fn answer_limit(&self) -> usize {
        0
    }
}

fn message<'a>(document: &'a Document, part: &'a Part<'_>, mention: Option<&str>) -> Message<'a> {
    let mut closing: Vec<String> = mention.map(text::one_line).into_iter().collect();
    closing.extend(document.notices.iter().chain(&document.lead).cloned());
    if part.is_last() {
        closing.extend(part.more.clone());
        let blocks = document.blocks.iter().flat_map(|block| std::iter::once(&block.heading).chain(&block.lines));
        closing.extend(blocks.filter(|line| !line.is_empty()).cloned());
    }
    closing.extend(document.standing.iter().cloned());
    let mut links = Vec::new();
    if part.is_last() {
        closing.extend(document.closing.iter().cloned());
        links.extend(document.buttons.iter().map(|button| Link { label: &button.label, url: &button.url }));
    }
    let group = |slice: &Slice<'a>| group(document, slice.section, slice.entries);
    let severity = document.worst.map(Severity::as_str);
    Message {
        version: VERSION,
        title: &part.title,
        severity,
        groups: part.slices.iter().map(group).collect(),
        closing,
        links,
    }
}

fn group<'a>(document: &Document, section: &'a Section, entries: &'a [Entry]) -> Group<'a> {
    Group {
        heading: &section.heading,
        severity: section.severity.as_str(),
        findings: entries.iter().map(|one| finding(document, one)).collect(),
    }
}

fn finding<'a>(document: &Document, entry: &'a Entry) -> Finding<'a> {
    let time = |time: DateTime<Utc>| time.to_rfc3339_opts(SecondsFormat::Secs, true);
    let aside = entry.aside.trim_start_matches(document.language.phrases().dot());
    let facts = &entry.facts;
    Finding {
        name: &entry.name,
        news: &entry.news,
        expires: facts.expires.map(time),
        since: facts.since.map(time),
        slot: facts.slot,
        account: Some(facts.account.as_str()).filter(|account| !account.is_empty()),
        status: facts.status.as_deref(),
        lines: std::iter::once(aside)
            .filter(|aside| !aside.is_empty())
            .chain(entry.lines.iter().map(String::as_str))
            .collect(),
    }
}

fn weight(value: &impl Serialize) -> usize {
    text_of(value).get().len()
}
