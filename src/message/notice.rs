//! The notice, for the webhooks that work, about those that failed.

use super::compose::{OTHER_NAME, counted, muted, problem, simulated, titled};
use super::document::{Document, Entry, Missed, Section, Style, mark};
use super::words::{Group, Occasion, Taken};
use crate::chat;
use crate::report::Report;
use crate::rules::Severity;
use crate::text;

/// How many kinds of findings the title counts.
const TITLE_GROUPS: usize = 2;

/// How many failed webhooks a notice explains; the others it only names, since it is to be one short message.
const EXPLAINED: usize = 2;

/// A webhook that did not take its messages.
#[derive(Debug, Clone, Copy)]
pub struct Undelivered<'a> {
    /// Its label.
    pub name: &'a str,
    pub kind: chat::Kind,
    /// Why it did not take them.
    pub error: &'a chat::Error,
    /// What its readers missed: [`Document::missed`].
    pub missed: &'a Missed,
    /// How much of it they got.
    pub taken: Taken,
}

/// The notice, for the webhooks that work, about those that should have got messages about `report` and did not.
pub fn undelivered(failed: &[Undelivered<'_>], report: &Report, style: &Style) -> Document {
    let phrases = style.language.phrases();
    let mut entries: Vec<Entry> = Vec::new();
    let mut names = Vec::new();
    let mut others = Vec::new();
    for webhook in failed {
        let name = text::cut(webhook.name, OTHER_NAME);
        let title = phrases.webhook(&name, webhook.kind);
        names.push(name);
        if entries.len() == EXPLAINED {
            others.push(title);
            continue;
        }
        let advice = phrases.undelivered(webhook.kind, webhook.error);
        let mut entry = problem(Group::NotDelivered, title, &advice, phrases);
        // A test carries no news that its readers could have missed.
        if webhook.missed.occasion != Occasion::Sample {
            let missed = counted(&webhook.missed.counted, usize::MAX, phrases);
            let missed = phrases.missed(webhook.missed.occasion, webhook.taken, &missed);
            entry.brief = phrases.sentences(&[&entry.brief, &missed]);
            entry.lines.push(missed);
        }
        entries.push(entry);
    }
    if !others.is_empty() {
        let names = others.join(phrases.texts().comma);
        entries.push(problem(Group::NotDelivered, names, &phrases.also_undelivered(), phrases));
    }
    // All are from one run, so they share the occasion.
    let occasion = failed.first().map(|webhook| webhook.missed.occasion).unwrap_or_default();
    let first =
        failed.first().map(|webhook| counted(&webhook.missed.counted, TITLE_GROUPS, phrases)).unwrap_or_default();
    let is_partial = failed.iter().any(|webhook| webhook.taken.is_partial());
    let heading = phrases.heading(Group::NotDelivered, failed.len());
    Document {
        mark: mark(Some(Severity::Critical)),
        title: titled(&phrases.undelivered_title(&names, occasion, is_partial, &first)),
        worst: Some(Severity::Critical),
        calls: false,
        missed: Missed::default(),
        notices: simulated(report, style).into_iter().collect(),
        lead: None,
        sections: vec![Section { heading, severity: Severity::Critical, entries, more: None }],
        rest: Vec::new(),
        appendices: Vec::new(),
        muted: muted(&report.mutes, phrases),
        closing: Vec::new(),
        buttons: Vec::new(),
        language: style.language,
    }
}
