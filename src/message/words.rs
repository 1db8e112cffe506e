//! The words: every sentence of a message, in every language. A missing sentence does not compile.
//!
//! A translator needs `en.rs`, `ko.rs` and `ja.rs` here, and `cli/words.rs` and `cli/doctor/words.rs` for the command line.

mod en;
mod failure;
mod ja;
mod ko;

use chrono::{DateTime, Datelike, NaiveDate, TimeDelta, Utc};

pub(crate) use self::failure::Advice;
use self::failure::{Answer, FailureWords, Fix, Happened};
use crate::certificate::Status;
use crate::report::{Failure, Mode};
use crate::rules::served::Remark;
use crate::rules::{Counts, Severity, Thresholds};
use crate::secret_store;
use crate::time::zone::Zone;
use crate::{chat, ncp};

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
    /// All languages.
    pub const ALL: [Self; 3] = [Self::English, Self::Korean, Self::Japanese];

    /// The language that settings call `code`.
    pub fn named(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|language| language.code() == code)
    }

    /// The codes of all languages, each with `mark` around it, for people who have to choose one.
    pub(crate) fn accepted(mark: &str) -> String {
        Self::ALL.map(|language| format!("{mark}{}{mark}", language.code())).join(", ")
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
    pub(crate) fn phrases(self) -> &'static dyn Words {
        match self {
            Self::English => &en::English,
            Self::Korean => &ko::Korean,
            Self::Japanese => &ja::Japanese,
        }
    }
}

/// What the title of a message is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Headline<'a> {
    pub mode: Mode,
    /// The accounts that were not read whole.
    pub failed: Vec<&'a str>,
    pub worst: Option<Worst>,
    /// How many more are critical.
    pub urgent: usize,
    /// How many more are not.
    pub others: usize,
    /// How many certificates were judged.
    pub checked: u64,
    /// Whether no account has the labels of the webhook.
    pub is_of_none: bool,
    /// Whether nothing is muted or goes to other channels only.
    pub is_whole: bool,
    pub is_summary: bool,
    /// The day on which the first healthy certificate expires, in words.
    pub next: Option<String>,
}

/// The finding that a title names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Worst {
    /// The domain, or the slot.
    pub name: String,
    pub group: Group,
    /// How much time is left, where that is known; zero or less means that it has expired.
    pub left: Option<TimeDelta>,
}

/// What kind of news something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Group {
    /// Accounts that were not read whole.
    NotChecked,
    /// Expired or about to: what a heading calls urgent.
    Urgent,
    Expired,
    /// Expires within this many days.
    Within(u32),
    /// Not deployed after a time that is enough.
    Stuck,
    /// A status that NCP does not document, or none.
    UnknownStatus,
    ExpiryUnknown,
    /// Being deployed or removed.
    InProgress,
    /// Expired or about to, but no edge uses it.
    Unused,
    /// Used by something other than Global Edge.
    Elsewhere,
    /// What is served has expired or is about to, and the slot is not.
    ServedEnds,
    /// What is served is older than the slot.
    ServedOlder,
    /// Webhooks that rejected their messages.
    NotDelivered,
}

impl Group {
    /// Whether an expiry is the news.
    fn is_by_expiry(self) -> bool {
        matches!(
            self,
            Self::Urgent | Self::Expired | Self::Within(_) | Self::Unused | Self::Elsewhere | Self::ServedEnds
        )
    }
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

/// A muted certificate as a closing line names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct MutedName {
    /// The domain.
    pub name: String,
    /// The last day of the mute, in words.
    pub until: String,
    /// Why; empty where no reason is given.
    pub why: String,
}

/// The fixed texts of one language.
pub(crate) struct Texts {
    /// Between the items of a list.
    pub comma: &'static str,
    /// Between the parts of a line.
    pub dot: &'static str,
    /// Between a name and what is said about it.
    pub colon: &'static str,
    /// Between two sentences.
    pub full_stop: &'static str,
    /// In place of backticks, which a message would show as they are.
    pub quotes: (char, char),
    pub sample_title: &'static str,
    /// The title where there was nothing to check.
    pub empty_title: &'static str,
    /// The title where no account has the labels of the webhook.
    pub no_account_title: &'static str,
    /// What a summary's title ends with.
    pub weekly_summary: &'static str,
    /// The news that all is clear, in two words.
    pub clear_in_short: &'static str,
    /// In place of a missing domain name.
    pub nameless: &'static str,
    /// That no edge uses it.
    pub unused: &'static str,
    pub none_deployed: &'static str,
    /// What else expires in the next months.
    pub outlook: &'static str,
    /// What to do to renew a certificate, in the words of NCP's console.
    pub how_to_renew: &'static str,
    /// What to do where a deployment is stuck.
    pub how_to_unstick: &'static str,
    /// What to do where something other than the slot's certificate is served.
    pub how_to_serve: &'static str,
    /// That this is here because no webhook's routing matches it.
    pub unrouted: &'static str,
    /// That there was nothing to check.
    pub nothing_there: &'static str,
    pub sample_notice: &'static str,
    pub console_button: &'static str,
    pub runbook_button: &'static str,
}

/// The sentences of one language. Everything that is passed in is already fit to be shown.
pub(crate) trait Words: FailureWords + Sync {
    fn texts(&self) -> &'static Texts;
    /// The news in one line, short enough for a phone's notification: the worst first.
    fn title(&self, headline: &Headline<'_>) -> String {
        let texts = self.texts();
        if headline.mode == Mode::Sample {
            return texts.sample_title.to_owned();
        }
        let mut news = Vec::new();
        if !headline.failed.is_empty() {
            news.push(self.accounts_failed(&headline.failed));
        }
        if let Some(worst) = &headline.worst {
            news.push(self.worst(worst) + &self.beside_the_worst(headline.urgent, headline.others));
        }
        let news = match (news.is_empty(), headline.checked) {
            (false, _) => {
                news.extend(headline.is_summary.then(|| texts.weekly_summary.to_owned()));
                news.join(texts.dot)
            }
            (true, _) if headline.is_of_none => texts.no_account_title.to_owned(),
            (true, 0) => texts.empty_title.to_owned(),
            (true, _) => self.clear_title(headline),
        };
        if headline.mode == Mode::Simulated { self.simulated_title(&news) } else { news }
    }
    /// That these accounts were not read whole, in a title.
    fn accounts_failed(&self, names: &[&str]) -> String;
    /// The worst finding in a title.
    fn worst(&self, worst: &Worst) -> String;
    /// How many findings there are beside the one that a title names, with what separates them from it.
    fn beside_the_worst(&self, urgent: usize, others: usize) -> String;
    /// The title where all is clear.
    fn clear_title(&self, headline: &Headline<'_>) -> String;
    /// The title of a message whose present is simulated.
    fn simulated_title(&self, news: &str) -> String;
    /// The title of a continuation, and what it holds.
    fn continued(&self, number: usize, of: usize, holds: &str) -> String;
    /// The title of the first of several parts, with its number.
    fn numbered(&self, title: &str, number: usize, of: usize) -> String;
    fn group(&self, group: Group) -> String;
    /// The heading of a group of this size.
    fn heading(&self, group: Group, count: usize) -> String;
    /// How many of a group there are.
    fn counted(&self, group: Group, count: usize) -> String;
    /// `text` in parentheses, as they follow a word.
    fn bracketed(&self, text: &str) -> String;
    /// A day, followed by a time of day with its zone.
    fn moment(&self, day: &str, time: &str) -> String {
        // A full-width bracket brings its own space.
        format!("{day}{}{time}", if day.ends_with('）') { "" } else { " " })
    }
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
    /// The news, marked as new.
    fn marked_new(&self, news: &str) -> String;
    /// That the expiry is unknown; `sent` is what the API sent instead of a date.
    fn unknown_expiry(&self, sent: Option<&str>) -> String;
    /// The status, and how long it has lasted; `shown` is the status as it may be shown.
    fn status(&self, status: &Status, shown: &str, age: Option<TimeDelta>) -> String;
    /// The name in Certificate Manager.
    fn certificate(&self, name: &str) -> String;
    fn slot(&self, slot_id: i64) -> String;
    fn account(&self, name: &str) -> String;
    /// How many edges use it, one at least, and the names of some.
    fn edges(&self, count: u64, names: &[String]) -> String;
    /// The other names that it covers; `more` are not listed.
    fn names(&self, names: &[String], more: usize) -> String;
    /// How long it is valid in all, and who issued it, where that is known.
    fn origin(&self, lifetime: TimeDelta, issuer: Option<&str>) -> String;
    /// How many instances of other products use it.
    fn used_elsewhere(&self, instances: usize) -> String;
    /// That no edge uses it, and why it may be in use all the same: Certificate Manager counts instances, or could not be read.
    fn used_behind_no_edge(&self, instances: Option<usize>) -> String;
    /// How soon the certificate expires that is served, or how long ago it did.
    fn served_ends(&self, left: TimeDelta) -> String;
    /// That an older certificate is still served, which is valid until then.
    fn served_older(&self, until: &str) -> String;
    /// At which hosts that was seen, if they are not the slot's own; `more` are not listed. And from which region of AWS, or from
    /// this machine.
    fn seen(&self, hosts: &[&str], more: usize, region: Option<&str>) -> String;
    /// Until when the slot's own certificate is valid.
    fn slot_lasts(&self, date: &str) -> String;
    /// How many hosts were looked at, and how many there is something to say of.
    fn looked(&self, tried: usize, remarks: &[(Remark, usize)]) -> String;
    /// What is said of this many hosts, one at least.
    fn remark(&self, remark: Remark, count: usize) -> String;
    /// What is said of one host, beside its name.
    fn host_remark(&self, remark: Remark) -> &'static str;
    /// That another slot has the name already.
    fn replacement(&self, slot_id: i64, date: &str) -> String;
    /// A healthy certificate: its name and expiry.
    fn lasts(&self, name: &str, date: &str) -> String;
    /// How many more there are than are listed.
    fn and_more(&self, more: usize) -> String;
    /// How many lines a message has no room for.
    fn lines_dropped(&self, lines: usize) -> String;
    /// What was renewed since the last message.
    fn renewed_heading(&self, count: usize) -> String;
    /// What was deployed in the last 7 days.
    fn deployed_heading(&self, count: usize) -> String;
    /// How many expire in the month that begins at `month`, and the first names.
    fn outlook_month(&self, month: NaiveDate, count: usize, names: &[String]) -> String;
    /// How many slots accept TLS 1.0 or 1.1, and the first names.
    fn old_tls(&self, count: usize, names: &[String]) -> String;
    /// A muted certificate: until when, and why.
    fn muted_name(&self, muted: &MutedName) -> String;
    /// That a critical finding is muted until this day, for this reason (empty: none is given), had it not become critical.
    fn was_muted(&self, until: &str, why: &str) -> String;
    /// What is muted; `more` are not listed.
    fn muted(&self, names: &[String], more: usize) -> String;
    /// Labels in the webhook's `accounts` that no account has; `more` are not listed.
    fn unknown_labels(&self, labels: &[String], more: usize) -> String;
    /// Mutes that have ended; `more` are not listed.
    fn mutes_ended(&self, what: &[String], more: usize) -> String;
    /// Mutes that match nothing; `more` are not listed.
    fn mutes_idle(&self, what: &[String], more: usize) -> String;
    /// How many certificates of an account were checked, and of how many if not of all.
    fn checked(&self, checked: u64, of: Option<u64>, account: Option<&str>) -> String;
    /// How many certificates of many accounts were checked.
    fn checked_in_many(&self, checked: u64, accounts: usize) -> String;
    /// Accounts without certificates; `more` are not listed.
    fn no_certificates(&self, accounts: &[&str], more: usize) -> String;
    /// How many findings lack what their details say, and why, as a clause.
    fn without_details(&self, count: usize, why: &str) -> String;
    /// The thresholds and the zone.
    fn rules(&self, thresholds: Thresholds, zone: &str) -> String;
    /// What expires next of what is healthy.
    fn horizon(&self, name: &str, date: &str) -> String;
    /// That nothing needs to be done. `is_whole` says whether that holds for everything: nothing is muted or goes to other
    /// channels only.
    fn all_clear(&self, thresholds: Thresholds, is_whole: bool) -> String;
    /// How many findings this webhook does not want: `1 critical, 2 warnings`.
    fn left_out(&self, counts: &str) -> String;
    /// How many findings are not news.
    fn older(&self, counts: &str) -> String;
    /// How many findings have this severity.
    fn at_severity(&self, severity: Severity, count: usize) -> String;
    /// How many findings expire in a month.
    fn in_month(&self, month: NaiveDate, with_year: bool, count: usize) -> String;
    /// How many findings expire after the months that are listed.
    fn later(&self, count: usize) -> String;
    /// How many findings are only counted: in all, by severity, and by month where that is known.
    fn counted_only(&self, count: usize, by_severity: &str, by_month: Option<&str>) -> String;
    /// That the present is simulated.
    fn simulated_notice(&self, date: &str) -> String;
    /// The title of the notice that webhooks failed; `counted` is what the first of them should have reported, of which some may
    /// have been accepted.
    fn undelivered_title(&self, webhooks: &[String], occasion: Occasion, is_partial: bool, counted: &str) -> String;
    /// A webhook and the chat that it belongs to.
    fn webhook(&self, name: &str, kind: chat::Kind) -> String;
    /// What its readers missed, as counts; or how much of it they got.
    fn missed(&self, occasion: Occasion, taken: Taken, counted: &str) -> String;

    /// What a server answered, to go into parentheses: the status, NCP's code, the text in backticks.
    fn answer(&self, answer: &Answer) -> String {
        let Answer { status, code, text } = answer;
        let mut said: Vec<String> = status.iter().map(|status| format!("HTTP {status}")).collect();
        if !code.is_empty() {
            said.push(self.ncp_code(code));
        }
        if !text.is_empty() {
            said.push(format!("`{text}`"));
        }
        said.join(self.texts().comma)
    }
    /// Something that went wrong and what to do about it.
    fn advice(&self, happened: &Happened<'_>, fix: Option<Fix>) -> Advice {
        Advice { what: self.happened(happened), fix: fix.map(|fix| self.fix(fix)).unwrap_or_default() }
    }
    /// Why an account was not read whole.
    fn failure(&self, failure: &Failure) -> Advice {
        let (happened, fix) = failure::of_account(failure);
        self.advice(&happened, fix)
    }
    /// What is wrong with a secret.
    fn secret(&self, error: &secret_store::Error) -> Advice {
        let (happened, fix) = failure::of_secret(error);
        self.advice(&happened, fix)
    }
    /// How many findings lack what their details say, and why; `None` if none does.
    fn unread_details(&self, errors: &[&ncp::Error]) -> Option<String> {
        let why = self.failure(&Failure::Api((*errors.first()?).clone())).what;
        Some(self.without_details(errors.len(), &why))
    }
    /// Why a webhook rejected a message.
    fn undelivered(&self, kind: chat::Kind, error: &chat::Error) -> Advice {
        let (happened, fix) = failure::of_webhook(kind, error);
        self.advice(&happened, fix)
    }
    /// That further webhooks failed, which are named before it.
    fn also_undelivered(&self) -> Advice {
        self.advice(&Happened::AlsoUndelivered, Some(Fix::SeeLog))
    }
    /// Sentences, one after another; empty ones are none.
    fn sentences(&self, sentences: &[&str]) -> String {
        let stop = self.texts().full_stop;
        let sentences: Vec<&str> = sentences.iter().copied().filter(|sentence| !sentence.is_empty()).collect();
        let Some((last, before)) = sentences.split_last() else { return String::new() };
        let before = before.iter().map(|sentence| format!("{}{stop}", sentence.trim_end_matches(stop.trim_end())));
        before.collect::<String>() + last
    }
    /// Counts, the worst first, without those that are zero: `1 critical, 2 warnings`.
    fn by_severity(&self, counts: Counts) -> String {
        let some = Severity::WORST_FIRST.into_iter().filter(|severity| counts.at(*severity) > 0);
        some.map(|severity| self.at_severity(severity, counts.at(severity)))
            .collect::<Vec<_>>()
            .join(self.texts().comma)
    }
    /// How many findings are only counted, and how many of them expire in which month, the earliest first.
    fn more(&self, counts: Counts, months: &[(NaiveDate, usize)]) -> String {
        let (listed, behind) = months.split_at(months.len().min(LISTED_MONTHS));
        let mut by_month = Vec::new();
        let mut year = None;
        for (month, count) in listed {
            by_month.push(self.in_month(*month, year != Some(month.year()), *count));
            year = Some(month.year());
        }
        let behind: usize = behind.iter().map(|(_, count)| count).sum();
        if behind > 0 {
            by_month.push(self.later(behind));
        }
        let by_month = (!by_month.is_empty()).then(|| by_month.join(self.texts().comma));
        self.counted_only(counts.total(), &self.by_severity(counts), by_month.as_deref())
    }
}

/// How many of each kind there are, in order of first appearance; what no edge uses comes last.
pub(crate) fn counted_by_kind(groups: impl Iterator<Item = Group>) -> Vec<(Group, usize)> {
    let mut counts: Vec<(Group, usize)> = Vec::new();
    for group in groups {
        match counts.iter_mut().find(|(counted, _)| *counted == group) {
            Some((_, count)) => *count += 1,
            None => counts.push((group, 1)),
        }
    }
    counts.sort_by_key(|(group, _)| *group == Group::Unused);
    counts
}

/// How many messages a webhook accepted before one failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Taken {
    pub messages: usize,
    /// So many were due.
    pub of: usize,
}

impl Taken {
    /// Whether its readers have a part of it: the first messages, which hold the worst.
    pub(crate) fn is_partial(self) -> bool {
        0 < self.messages && self.messages < self.of
    }
}

/// How many months a count lists; later ones are counted together.
pub(crate) const LISTED_MONTHS: usize = 12;

#[cfg(test)]
mod tests {
    use chrono::Months;

    use super::*;

    #[test]
    fn what_is_counted_by_month_has_a_year_where_it_begins() {
        let month = |number: u32| NaiveDate::from_ymd_opt(2026, 12, 1).unwrap() + Months::new(number);
        let months: Vec<_> = [(month(0), 3), (month(1), 12)].into();
        // More than are listed, and one after a year, and two without a readable date.
        let many: Vec<_> = (0..15).filter(|number| *number != 5).map(|number| (month(number), 1)).collect();
        let more = |warning, months: &[_]| {
            let more = |language: Language| language.phrases().more(Counts { warning, ..Counts::default() }, months);
            Language::ALL.map(more).join("\n")
        };
        insta::assert_snapshot!(more(15, &months), @"
        +15 more: 15 warnings (3 in Dec 2026, 12 in Jan 2027)
        외 15건: 경고 15건 · 월별 만료: 2026년 12월 3건, 2027년 1월 12건
        ほか15件：警告15件・月別の期限：2026年12月3件、2027年1月12件
        ");
        insta::assert_snapshot!(more(16, &many), @"
        +16 more: 16 warnings (1 in Dec 2026, 1 in Jan 2027, 1 in Feb, 1 in Mar, 1 in Apr, 1 in Jun, 1 in Jul, 1 in Aug, 1 in Sep, 1 in Oct, 1 in Nov, 1 in Dec, 2 later)
        외 16건: 경고 16건 · 월별 만료: 2026년 12월 1건, 2027년 1월 1건, 2월 1건, 3월 1건, 4월 1건, 6월 1건, 7월 1건, 8월 1건, 9월 1건, 10월 1건, 11월 1건, 12월 1건, 이후 2건
        ほか16件：警告16件・月別の期限：2026年12月1件、2027年1月1件、2月1件、3月1件、4月1件、6月1件、7月1件、8月1件、9月1件、10月1件、11月1件、12月1件、以降2件
        ");
    }
}
