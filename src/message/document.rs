//! A message before it is split and put into a channel's form: plain text of one line each, fit to be shown.

use chrono::{DateTime, NaiveDate, Utc};
use reqwest::Url;
use serde::Serialize;

use crate::message::words::{Group, Language, Occasion};
use crate::rules::Severity;
use crate::time::zone::Zone;

/// How a message looks to its readers: the settings that it depends on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Style {
    /// Its language.
    pub language: Language,
    /// The zone of its dates.
    pub zone: Zone,
    /// Where the first button leads.
    pub console_url: Url,
    /// Where the second button leads.
    pub runbook_url: Option<Url>,
}

/// A message before it is split and put into a channel's form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// The sign before the title; it always comes with words.
    pub mark: &'static str,
    /// The news in one line.
    pub title: String,
    /// The worst severity in it; `None` when all is clear, and in a sample.
    pub worst: Option<Severity>,
    /// Whether a finding in it is critical, so that people are called.
    pub calls: bool,
    /// What its readers miss if it does not reach them.
    pub missed: Missed,
    /// What is said in every message: that it is a sample, that the date is simulated.
    pub notices: Vec<String>,
    /// What is said where there is nothing to list.
    pub lead: Option<String>,
    /// The groups, the worst first.
    pub sections: Vec<Section>,
    /// The findings that are counted and not named.
    pub rest: Vec<Rest>,
    /// What follows the findings: what was deployed, what is coming up.
    pub(crate) appendices: Vec<Appendix>,
    /// What is muted: it goes below every message.
    pub muted: Option<String>,
    /// What goes below the last message: what to do, coverage, rules, what comes next.
    pub closing: Vec<String>,
    /// The buttons of the last message.
    pub(crate) buttons: Vec<Button>,
    /// The language of all this.
    pub language: Language,
}

/// What the readers of a message miss if it does not reach them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Missed {
    /// What the message is.
    pub occasion: Occasion,
    /// What was found, counted by kind, the worst first; nothing when all is clear.
    pub counted: Vec<(Group, usize)>,
}

/// A group of entries under one heading.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section {
    /// The heading, with the count.
    pub heading: String,
    /// How urgent everything in it is.
    pub severity: Severity,
    /// Its entries, the most urgent first.
    pub entries: Vec<Entry>,
    /// How many more belong here and are not named.
    pub more: Option<String>,
}

/// A heading with lines that need no action.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Appendix {
    pub heading: String,
    pub lines: Vec<String>,
}

/// One finding or failure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// What kind of news it is, for counting.
    pub group: Group,
    /// What it is about.
    pub name: String,
    /// The news about it.
    pub news: String,
    /// The date that follows the news, if there is one.
    pub date: Option<Date>,
    /// What follows the date on the same line.
    pub aside: String,
    /// What else is known, one line each.
    pub lines: Vec<String>,
    /// What to do about it, where it is not the same for all.
    pub step: Option<String>,
    /// Further details that a chat has no room for, for readers who ask for everything.
    pub details: Vec<String>,
    /// The same in a few words, for readers who see plain text only.
    pub brief: String,
    /// The month of its expiry in the zone of the message, as its first day, where it is known.
    pub month: Option<NaiveDate>,
    /// The same for programs.
    pub facts: Facts,
}

impl Entry {
    /// What follows its name on the same line: the news, the date, and what else there is to say in short.
    pub(crate) fn after_name(&self, language: Language) -> String {
        let date = self.date.as_ref().map_or("", |date| &date.behind);
        format!("{}{}{date}{}", language.phrases().texts().colon, self.news, self.aside)
    }
}

/// What a program reads from an entry.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Facts {
    /// When it expires.
    pub expires: Option<DateTime<Utc>>,
    /// Since when it has been in this state.
    pub since: Option<DateTime<Utc>>,
    /// The slot.
    pub slot: Option<i64>,
    /// The label of the account.
    pub account: String,
    /// The status, as NCP calls it.
    pub status: Option<String>,
}

/// A date that follows the news.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Date {
    /// The date in words, in the zone of the settings.
    pub text: String,
    /// The same, with what separates it from the news.
    pub behind: String,
}

/// A button that opens a page, in the form of a relay's link.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Button {
    /// What it says.
    pub label: &'static str,
    /// Where it leads. Without braces: a card resolves template expressions wherever they occur.
    pub url: String,
}

/// A finding that is counted and not named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rest {
    /// How urgent it is.
    pub severity: Severity,
    /// The month of its expiry, as its first day, where it is known.
    pub month: Option<NaiveDate>,
}

/// A title or heading after its sign. A full-width bracket brings its own space.
pub(crate) fn marked(mark: &str, text: &str) -> String {
    let blank = if text.starts_with(['【', '（']) { "" } else { " " };
    format!("{mark}{blank}{text}")
}

/// The sign before a title or heading of this severity; `None` means all clear. It always comes with words.
pub(crate) fn mark(severity: Option<Severity>) -> &'static str {
    match severity {
        Some(Severity::Critical) => "🔴",
        Some(Severity::Warning) => "🟠",
        Some(Severity::Info) => "🔵",
        None => "✅",
    }
}
