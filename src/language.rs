//! The words: every sentence of a message, in every language.
//!
//! A translator needs only the files of this folder. A missing sentence does not compile.

mod en;
mod ja;
mod ko;

use chrono::{DateTime, TimeDelta, Utc};

use crate::certificate::Status;
use crate::digest::{AccountReport, Failure, Kind};
use crate::finding::{Counts, Severity, Thresholds};
use crate::webhook;
use crate::zone::Zone;

/// A language that messages can be in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// `en`
    English,
    /// `ko`
    Korean,
    /// `ja`
    Japanese,
}

impl Language {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::English, Self::Korean, Self::Japanese];

    /// The language that settings call `code`.
    pub fn named(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|language| language.code() == code)
    }

    /// Its ISO 639 code.
    pub fn code(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Korean => "ko",
            Self::Japanese => "ja",
        }
    }

    /// Its sentences.
    pub fn phrases(self) -> &'static dyn Phrases {
        match self {
            Self::English => &en::English,
            Self::Korean => &ko::Korean,
            Self::Japanese => &ja::Japanese,
        }
    }
}

/// What the title of a digest is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Headline<'a> {
    /// Whether the digest is to be taken at its word.
    pub kind: Kind,
    /// The accounts that were not read whole.
    pub failed: Vec<&'a str>,
    /// How many findings stand under which heading, the worst first.
    pub groups: Vec<(Group, usize)>,
    /// How many more findings there are.
    pub others: usize,
    /// How many certificates were judged.
    pub checked: u64,
}

/// Under which heading a finding stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Group {
    /// Accounts that were not read whole.
    NotChecked,
    /// Expired.
    Expired,
    /// Within this many days.
    Within(u32),
    /// Expired or about to, but no edge uses it.
    Unused,
    /// Not running.
    NotRunning,
    /// Without a readable expiry.
    CannotBeJudged,
    /// Being deployed or removed.
    InProgress,
    /// Not on Global Edge, but used by something else.
    Elsewhere,
}

/// Something that went wrong, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Advice {
    /// What happened.
    pub what: String,
    /// What to do.
    pub fix: String,
}

/// The sentences of one language. Everything that is passed in is already fit to be shown.
pub trait Phrases: Sync {
    /// The news in one line, short enough for a phone's notification.
    fn title(&self, headline: &Headline<'_>) -> String;
    /// The heading of a group.
    fn heading(&self, group: Group) -> String;
    /// A date and time in `zone`, with the zone's name.
    fn date(&self, time: DateTime<Utc>, zone: Zone) -> String;
    /// In which time it expires (`left` positive), or how long ago it did.
    fn expiry(&self, left: TimeDelta) -> String;
    /// A date, as it goes on behind [`Phrases::expiry`].
    fn dated(&self, date: &str) -> String;
    /// What stands before and behind the same time in the reader's own zone, where a channel knows that.
    fn readers_time(&self) -> (&'static str, &'static str);
    /// That the expiry is unknown; `sent` is what the API sent instead of a date.
    fn unknown_expiry(&self, sent: Option<&str>) -> String;
    /// The status, and for how long it has been so; `shown` is the status as it may be shown.
    fn status(&self, status: &Status, shown: &str, age: Option<TimeDelta>) -> String;
    /// A service region, with its meaning.
    fn region(&self, region: &str) -> String;
    /// The name in Certificate Manager.
    fn certificate(&self, name: &str) -> String;
    /// The slot.
    fn slot(&self, slot_id: i64) -> String;
    /// The account.
    fn account(&self, name: &str) -> String;
    /// What stands in for a missing domain name.
    fn nameless(&self) -> String;
    /// How many edges use it, and which.
    fn edges(&self, count: u64, names: &[String]) -> String;
    /// Which other names it is for; `more` are not listed.
    fn names(&self, names: &[String], more: usize) -> String;
    /// How long it is valid in all, and who issued it, where that is known.
    fn origin(&self, lifetime: TimeDelta, issuer: Option<&str>) -> String;
    /// How many instances of other products use it.
    fn used_elsewhere(&self, instances: usize) -> String;
    /// That another slot has the name already.
    fn replacement(&self, slot_id: i64, date: &str) -> String;
    /// How much of an account was checked.
    fn coverage(&self, account: &AccountReport) -> String;
    /// The same for many accounts together.
    fn coverage_of_many(&self, accounts: usize, checked: u64) -> String;
    /// That so many of many accounts have no certificates, and which, as far as they are named.
    fn empty_accounts(&self, names: &[&str], number: usize) -> String;
    /// The thresholds and the zone.
    fn rules(&self, thresholds: Thresholds, zone: &str) -> String;
    /// What expires next; `after` is whether something that is reported comes before it.
    fn horizon(&self, after: bool, name: &str, date: &str) -> String;
    /// That nothing needs to be done.
    fn all_clear(&self, thresholds: Thresholds) -> String;
    /// That there was nothing to check.
    fn nothing_there(&self) -> String;
    /// How many findings this webhook does not want to hear of.
    fn left_out(&self, counts: Counts) -> String;
    /// How many findings did not fit.
    fn more(&self, counts: Counts) -> String;
    /// That this is a sample.
    fn sample_notice(&self) -> String;
    /// That the present is simulated.
    fn simulated_notice(&self, date: &str) -> String;
    /// The button to the console, and where to go there.
    fn console_button(&self) -> String;
    /// The button to the runbook.
    fn runbook_button(&self) -> String;
    /// The word for a severity.
    fn severity(&self, severity: Severity) -> String;
    /// Why an account was not read whole.
    fn failure(&self, failure: &Failure) -> Advice;
    /// The title of the notice that webhooks failed.
    fn undelivered_title(&self, webhooks: &[String]) -> String;
    /// Under which heading these webhooks stand.
    fn undelivered_heading(&self) -> String;
    /// A webhook and the chat that it belongs to.
    fn webhook(&self, name: &str, kind: webhook::Kind) -> String;
    /// What happened, and then what to do about it, as sentences.
    fn sentences(&self, advice: &Advice) -> String;
    /// The marks around what is quoted. In a message backticks would stand there as they are.
    fn quotes(&self) -> (char, char);
    /// Why a webhook did not take a message.
    fn undelivered(&self, kind: webhook::Kind, failure: &webhook::Error) -> Advice;
}

/// Counts as text, the worst first, without those that are zero: `1 critical, 2 warning`.
fn by_severity(counts: Counts, word: impl Fn(usize, Severity) -> String) -> String {
    let some = Severity::WORST_FIRST.into_iter().filter(|severity| counts.at(*severity) > 0);
    some.map(|severity| word(counts.at(severity), severity)).collect::<Vec<_>>().join(", ")
}
