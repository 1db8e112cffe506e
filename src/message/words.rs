//! The words: every sentence of a message, in every language.
//!
//! A translator needs only the files of this folder. A missing sentence does not compile.

mod en;
mod ja;
mod ko;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

use crate::certificate::Status;
use crate::chat;
use crate::report::{AccountReport, Failure, Mode};
use crate::rules::{Counts, Severity, Thresholds};
use crate::secret_store;
use crate::time::zone::Zone;

/// A language that messages can be written in.
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
    #[must_use]
    pub fn named(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|language| language.code() == code)
    }

    /// The codes of all of them, each with `mark` around it, for people who have to choose one.
    #[must_use]
    pub fn accepted(mark: &str) -> String {
        Self::ALL.map(|language| format!("{mark}{}{mark}", language.code())).join(", ")
    }

    /// Its ISO 639 code.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Korean => "ko",
            Self::Japanese => "ja",
        }
    }

    /// Its sentences.
    #[must_use]
    pub fn phrases(self) -> &'static dyn Words {
        match self {
            Self::English => &en::English,
            Self::Korean => &ko::Korean,
            Self::Japanese => &ja::Japanese,
        }
    }
}

/// Who reads what to do about a failure: each has different means at hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reader {
    /// Someone who runs the function, with its own secret, role and network.
    Operator,
    /// Someone at a terminal, with environment variables and a clock of their own.
    Terminal,
}

/// What the title of a message is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Headline<'a> {
    /// Whether the report is real, simulated or a sample.
    pub mode: Mode,
    /// The accounts that were not read whole.
    pub failed: Vec<&'a str>,
    /// The worst finding.
    pub worst: Option<Worst>,
    /// How many more are critical.
    pub urgent: usize,
    /// How many more are not.
    pub others: usize,
    /// How many certificates were judged.
    pub checked: u64,
    /// Whether nothing is muted or goes to other channels only.
    pub is_whole: bool,
    /// Whether it is the weekly summary.
    pub is_summary: bool,
    /// The day on which the first healthy one expires, in words.
    pub next: Option<String>,
}

/// The finding that a title names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Worst {
    /// The domain.
    pub name: String,
    /// What kind of news it is.
    pub group: Group,
    /// How much time is left, where that is known; zero or less means that it has expired.
    pub left: Option<TimeDelta>,
    /// Its day of expiry, in words, where that is known.
    pub day: Option<String>,
    /// Whether it is critical.
    pub is_urgent: bool,
    /// Whether it is being removed.
    pub is_leaving: bool,
}

/// What kind of news something is, for counting: `2 within 7 days`.
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
    ExpiryUnknown,
    /// Being deployed or removed.
    InProgress,
    /// Used by something other than Global Edge.
    Elsewhere,
    /// Webhooks that did not take their messages.
    NotDelivered,
}

/// The heading that something goes under.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Heading {
    /// Accounts that were not read whole.
    NotChecked,
    /// Expired or about to: everything critical.
    ActToday,
    /// Within this many days.
    Within(u32),
    /// Not running.
    NotRunning,
    /// Without a readable expiry.
    ExpiryUnknown,
    /// Expired or about to, but no edge uses it.
    Unused,
    /// Being deployed or removed.
    InProgress,
    /// Used by something other than Global Edge.
    Elsewhere,
    /// Webhooks that did not take their messages.
    NotDelivered,
}

/// What a message is to its readers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Occasion {
    /// The news of a day.
    #[default]
    Digest,
    /// The weekly summary.
    Summary,
    /// A test.
    Sample,
}

/// Something that went wrong, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Advice {
    /// What happened.
    pub what: String,
    /// What to do.
    pub fix: String,
}

/// A muted certificate as a closing line names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MutedName {
    /// The domain.
    pub name: String,
    /// The last day of the mute, in words.
    pub until: String,
    /// Why; empty where no reason is given.
    pub why: String,
}

/// The sentences of one language. Everything that is passed in is already fit to be shown.
pub trait Words: Sync {
    /// The news in one line, short enough for a phone's notification: the worst first.
    fn title(&self, headline: &Headline<'_>) -> String;
    /// The title of a continuation, and what it holds.
    fn continued(&self, number: usize, of: usize, holds: &str) -> String;
    /// The title of the first of several parts, with its number.
    fn numbered(&self, title: &str, number: usize, of: usize) -> String;
    /// The heading of a group of this size.
    fn heading(&self, heading: Heading, count: usize) -> String;
    /// How many of a kind there are.
    fn counted(&self, group: Group, count: usize) -> String;
    /// The separator between the items of a list.
    fn comma(&self) -> &'static str;
    /// The separator between the parts of a line.
    fn dot(&self) -> &'static str;
    /// The separator between a name and what is said about it, in plain text.
    fn colon(&self) -> &'static str;
    /// The separator between a name and the news about it.
    fn dash(&self) -> &'static str;
    /// `text` in parentheses, as they follow a word.
    fn bracketed(&self, text: &str) -> String;
    /// A day, followed by a time of day with its zone.
    fn moment(&self, day: &str, time: &str) -> String;
    /// A time in `zone`, in full: day, year, time of day, and the zone's name.
    fn time(&self, time: DateTime<Utc>, zone: Zone) -> String {
        let local = zone.local(time);
        let time_of_day = format!("{} {}", local.format("%H:%M"), zone.abbreviation(time));
        self.moment(&self.day(local.date_naive(), true), &time_of_day)
    }
    /// A day, with the year where it is not obvious.
    fn day(&self, day: NaiveDate, with_year: bool) -> String;
    /// How soon it expires (`left` positive), or how long ago it expired.
    fn expiry(&self, left: TimeDelta) -> String;
    /// A date, as it follows [`Words::expiry`].
    fn dated(&self, date: &str) -> String;
    /// What goes before and after the same time in the reader's own zone, where a channel knows it.
    fn readers_time(&self) -> (&'static str, &'static str);
    /// The news, marked as new.
    fn marked_new(&self, news: &str) -> String;
    /// That the expiry is unknown; `sent` is what the API sent instead of a date.
    fn unknown_expiry(&self, sent: Option<&str>) -> String;
    /// The status, and how long it has lasted; `shown` is the status as it may be shown.
    fn status(&self, status: &Status, shown: &str, age: Option<TimeDelta>) -> String;
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
    /// The other names that it covers; `more` are not listed.
    fn names(&self, names: &[String], more: usize) -> String;
    /// How long it is valid in all, and who issued it, where that is known.
    fn origin(&self, lifetime: TimeDelta, issuer: Option<&str>) -> String;
    /// How many instances of other products use it.
    fn used_elsewhere(&self, instances: usize) -> String;
    /// That another slot has the name already.
    fn replacement(&self, slot_id: i64, date: &str) -> String;
    /// A healthy certificate that was renewed: its name and expiry.
    fn renewed(&self, name: &str, date: &str) -> String;
    /// A healthy certificate: its name and expiry.
    fn lasts(&self, name: &str, date: &str) -> String;
    /// How many more there are than are listed.
    fn and_more(&self, more: usize) -> String;
    /// What was deployed in the last 7 days.
    fn deployed_heading(&self, count: usize) -> String;
    /// That nothing was deployed.
    fn none_deployed(&self) -> String;
    /// What expires in the next three months.
    fn outlook_heading(&self) -> String;
    /// How many expire in the month that begins at `month`, and the first names.
    fn outlook_month(&self, month: NaiveDate, count: usize, names: &[String]) -> String;
    /// What to do to renew a certificate, in the words of NCP's console.
    fn how_to_renew(&self) -> &'static str;
    /// What is muted; `more` are not listed.
    fn muted(&self, names: &[MutedName], more: usize) -> String;
    /// Mutes that have ended; `more` are not listed.
    fn mutes_ended(&self, what: &[String], more: usize) -> String;
    /// Mutes that match nothing; `more` are not listed.
    fn mutes_idle(&self, what: &[String], more: usize) -> String;
    /// That this is here because no webhook's routing takes it.
    fn unrouted(&self) -> String;
    /// How much of an account was checked; `is_only` says whether it is the only one.
    fn coverage(&self, account: &AccountReport, is_only: bool) -> String;
    /// The same for many accounts together.
    fn coverage_of_many(&self, accounts: usize, checked: u64) -> String;
    /// The accounts without certificates; `more` are not listed.
    fn empty_accounts(&self, names: &[&str], more: usize) -> String;
    /// The thresholds and the zone.
    fn rules(&self, thresholds: Thresholds, zone: &str) -> String;
    /// What expires next; `after` says whether something that is reported expires before it.
    fn horizon(&self, after: bool, name: &str, date: &str) -> String;
    /// That nothing needs to be done. `is_whole` says whether that holds for everything: nothing is muted or goes to other
    /// channels only.
    fn all_clear(&self, thresholds: Thresholds, is_whole: bool) -> String;
    /// That there was nothing to check.
    fn nothing_there(&self, reader: Reader) -> String;
    /// How many findings this webhook does not want to hear about.
    fn left_out(&self, counts: Counts) -> String;
    /// How many findings are not news.
    fn older(&self, counts: Counts) -> String;
    /// How many findings are only counted, and how many of them expire in which month.
    fn more(&self, counts: Counts, months: &[(NaiveDate, usize)]) -> String;
    /// That this is a sample.
    fn sample_notice(&self) -> String;
    /// That the present is simulated.
    fn simulated_notice(&self, date: &str) -> String;
    /// The button to the console.
    fn console_button(&self) -> String;
    /// The button to the runbook.
    fn runbook_button(&self) -> String;
    /// The word for a severity.
    fn severity(&self, severity: Severity) -> String;
    /// Why an account was not read whole.
    fn failure(&self, failure: &Failure, reader: Reader) -> Advice;
    /// What is wrong with a secret.
    fn secret(&self, error: &secret_store::Error) -> Advice;
    /// The title of the notice that webhooks failed; `counted` is what the first of them should have reported, of which some may
    /// have been taken.
    fn undelivered_title(&self, webhooks: &[String], occasion: Occasion, is_partial: bool, counted: &str) -> String;
    /// That further webhooks failed, which are named before it.
    fn others_undelivered(&self) -> Advice;
    /// The names of webhooks, one after another.
    fn channels(&self, names: &[String]) -> String;
    /// A webhook and the chat that it belongs to.
    fn webhook(&self, name: &str, kind: chat::Kind) -> String;
    /// The news that all is clear, in two words.
    fn clear_in_short(&self) -> &'static str;
    /// What its readers missed, as counts; or how much of it they got.
    fn missed(&self, occasion: Occasion, taken: Taken, counted: &str) -> String;
    /// Sentences, one after another.
    fn sentences(&self, sentences: &[&str]) -> String;
    /// The quotation marks. A message would show backticks as they are.
    fn quotes(&self) -> (char, char);
    /// Why a webhook did not take a message.
    fn undelivered(&self, kind: chat::Kind, failure: &chat::Error, reader: Reader) -> Advice;
}

/// How many of each kind there are, in order of first appearance; what no edge uses comes last.
pub fn counted_by_kind(groups: impl Iterator<Item = Group>) -> Vec<(Group, usize)> {
    let mut counts: Vec<(Group, usize)> = Vec::new();
    for group in groups {
        match counts.iter_mut().find(|(one, _)| *one == group) {
            Some((_, count)) => *count += 1,
            None => counts.push((group, 1)),
        }
    }
    counts.sort_by_key(|(group, _)| *group == Group::Unused);
    counts
}

/// How many messages a webhook took before one failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Taken {
    /// So many were taken.
    pub messages: usize,
    /// So many were due.
    pub of: usize,
}

impl Taken {
    /// Whether its readers have a part of it: the first messages, which hold the worst.
    #[must_use]
    pub fn is_partial(self) -> bool {
        0 < self.messages && self.messages < self.of
    }
}

/// How many months a count lists; later ones are counted together.
pub const LISTED_MONTHS: usize = 12;

/// Counts as texts, the worst first, without those that are zero: `1 critical, 2 warnings`.
fn by_severity(counts: Counts, comma: &str, word: impl Fn(usize, Severity) -> String) -> String {
    let some = Severity::WORST_FIRST.into_iter().filter(|severity| counts.at(*severity) > 0);
    some.map(|severity| word(counts.at(severity), severity)).collect::<Vec<_>>().join(comma)
}

/// The fields that a secret's problems begin with, in their backticks. The rest of each problem is English and is in the log.
fn fields_of(problems: &[String]) -> Vec<String> {
    let field = |problem: &String| problem.strip_prefix('`')?.split_once('`').map(|(field, _)| format!("`{field}`"));
    problems.iter().filter_map(field).collect()
}

/// The months that a count lists, and how many findings expire after them.
fn listed_months(months: &[(NaiveDate, usize)]) -> (&[(NaiveDate, usize)], usize) {
    let (listed, behind) = months.split_at(months.len().min(LISTED_MONTHS));
    (listed, behind.iter().map(|(_, count)| count).sum())
}

#[cfg(test)]
mod tests {
    use chrono::Months;

    use super::*;

    #[test]
    fn what_is_counted_by_month_reads_as_counts_and_not_as_dates() {
        let month = |number: u32| NaiveDate::from_ymd_opt(2026, 12, 1).unwrap() + Months::new(number);
        let months: Vec<_> = [(month(0), 3), (month(1), 12)].into();
        // More than are listed, and one after a year, and two without a readable date.
        let many: Vec<_> = (0..15).filter(|number| *number != 5).map(|number| (month(number), 1)).collect();
        for (language, short, long) in [
            (
                Language::English,
                "+15 more: 15 warnings (3 in Dec, 12 in Jan)",
                "+16 more: 16 warnings (1 in Dec, 1 in Jan, 1 in Feb, 1 in Mar, 1 in Apr, 1 in Jun, 1 in Jul, 1 in Aug, \
                 1 in Sep, 1 in Oct, 1 in Nov, 1 in Dec 2027, 2 later, 2 unknown)",
            ),
            (
                Language::Korean,
                "외 15건: 경고 15건 · 월별 만료: 12월 3건, 1월 12건",
                "외 16건: 경고 16건 · 월별 만료: 12월 1건, 1월 1건, 2월 1건, 3월 1건, 4월 1건, 6월 1건, 7월 1건, 8월 1건, 9월 1건, \
                 10월 1건, 11월 1건, 2027년 12월 1건, 이후 2건, 만료일 확인 불가 2건",
            ),
            (
                Language::Japanese,
                "ほか15件：警告15件・月別の期限：12月3件、1月12件",
                "ほか16件：警告16件・月別の期限：12月1件、1月1件、2月1件、3月1件、4月1件、6月1件、7月1件、8月1件、9月1件、\
                 10月1件、11月1件、2027年12月1件、以降2件、期限不明2件",
            ),
        ] {
            let more = |warning, months: &[_]| language.phrases().more(Counts { warning, ..Counts::default() }, months);
            assert_eq!(more(15, &months), short);
            assert_eq!(more(16, &many), long);
        }
    }
}
