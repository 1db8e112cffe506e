//! A view of a report as a message: what it says, in which order and words, and how it is split when it is long.
//!
//! Pure, and the same for every channel. What is in a [`Document`] is plain text of one line, fit to be shown.

mod document;
mod split;
pub mod words;

use chrono::{DateTime, Datelike, NaiveDate, TimeDelta, Utc};
use reqwest::Url;

pub use self::document::{
    Block, Button, Date, Document, Entry, Facts, Missed, ReadersTime, Rest, Section, Style, mark, marked,
};
pub use self::split::{Part, Slice, TITLE_ROOM, split, unnamed};
use crate::certificate::{Certificate, Expiry, Status};
use crate::chat;
use crate::message::words::{
    Advice, Group, Heading, Headline, MutedName, Occasion, Taken, Words, Worst, counted_by_kind,
};
use crate::report::mute::Mute;
use crate::report::view::{Scope, View};
use crate::report::{AccountFinding, AccountReport, Found, Mode, Mutes, Report};
use crate::rules::elsewhere::Elsewhere;
use crate::rules::lifetime::Origin;
use crate::rules::{Finding, Healthy, Next, Reason, Severity, Thresholds};
use crate::text;

/// How many findings a message names. Beyond that it names only critical ones and counts the rest by month. A summary names
/// all.
const NAMED: usize = 20;

/// How close an expiry must be for the time of day to matter.
const TIME_MATTERS: TimeDelta = TimeDelta::hours(48);

/// The longest certificate name shown, in graphemes: the domain above it says more.
const CERTIFICATE_NAME: usize = 80;

/// The longest of any other name shown, in graphemes.
const OTHER_NAME: usize = 40;

/// The longest description of a problem, in graphemes.
const PROBLEM: usize = 500;

/// How many edges and alternative names are listed by name.
const LISTED: usize = 3;

/// How many accounts have a coverage line of their own.
const COVERAGE_LINES: usize = 4;

/// How many empty accounts are named.
const EMPTY_NAMED: usize = 10;

/// How many deployments are named.
const DEPLOYED_NAMED: usize = 10;

/// How many months an outlook covers, and how many names it gives for each.
const OUTLOOK: (usize, usize) = (3, 3);

/// How many muted names a closing line lists.
const MUTED_NAMED: usize = 3;

/// How many obsolete mutes are named.
const IDLE_NAMED: usize = 10;

/// The longest reason for a mute, in graphemes.
const WHY: usize = 60;

/// The longest title, in characters: Slack's header holds 150, and a number like ` (5/5)` is added.
const TITLE: usize = 120;

/// How many kinds of findings the title of a failed webhook's notice counts.
const TITLE_GROUPS: usize = 2;

/// The longest name in a title, in graphemes: a phone's notification shows little more.
const TITLE_NAME: usize = 60;

/// A webhook that did not take its messages.
#[derive(Debug, Clone, Copy)]
pub struct Undelivered<'a> {
    /// Its label.
    pub name: &'a str,
    /// What kind of chat it belongs to.
    pub kind: chat::Kind,
    /// Why it did not take them.
    pub error: &'a chat::Error,
    /// What its readers missed: [`Document::missed`].
    pub missed: &'a Missed,
    /// How much of it they got.
    pub taken: Taken,
}

/// Puts what a webhook is told into words.
#[must_use]
pub fn compose(view: &View<'_>, style: &Style) -> Document {
    Composer { view, report: view.report, style, phrases: style.language.phrases() }.document()
}

/// How many failed webhooks a notice explains; the others it only names, since it is to be one short message.
const EXPLAINED: usize = 2;

/// The notice, for the webhooks that work, about those that should have got messages about `report` and did not.
#[must_use]
pub fn undelivered(failed: &[Undelivered<'_>], report: &Report, style: &Style) -> Document {
    let phrases = style.language.phrases();
    let names: Vec<String> = failed.iter().map(|one| text::cut(one.name, OTHER_NAME)).collect();
    let mut entries: Vec<Entry> = failed
        .iter()
        .zip(&names)
        .take(EXPLAINED)
        .map(|(one, name)| {
            let advice = phrases.undelivered(one.kind, one.error, style.reader);
            let mut entry = problem(Group::NotDelivered, phrases.webhook(name, one.kind), &advice, phrases);
            // A test carries no news that its readers could have missed.
            if one.missed.occasion != Occasion::Sample {
                let missed =
                    phrases.missed(one.missed.occasion, one.taken, &counted(&one.missed.counted, usize::MAX, phrases));
                entry.brief = phrases.sentences(&[&entry.brief, &missed]);
                entry.lines.push(missed);
            }
            entry
        })
        .collect();
    let others = failed.iter().zip(&names).skip(EXPLAINED);
    let others: Vec<String> = others.map(|(one, name)| phrases.webhook(name, one.kind)).collect();
    if !others.is_empty() {
        let advice = phrases.others_undelivered();
        entries.push(problem(Group::NotDelivered, phrases.channels(&others), &advice, phrases));
    }
    let heading = phrases.heading(Heading::NotDelivered, failed.len());
    // All are from one run, so they share the occasion.
    let occasion = failed.first().map(|one| one.missed.occasion).unwrap_or_default();
    let first = failed.first().map(|one| counted(&one.missed.counted, TITLE_GROUPS, phrases)).unwrap_or_default();
    let is_partial = failed.iter().any(|one| one.taken.is_partial());
    let title = titled(&phrases.undelivered_title(&names, occasion, is_partial, &first));
    Document {
        mark: mark(Some(Severity::Critical)),
        title,
        worst: Some(Severity::Critical),
        calls: false,
        missed: Missed::default(),
        notices: simulated(report, style).into_iter().collect(),
        lead: None,
        sections: vec![Section { heading, severity: Severity::Critical, entries }],
        rest: Vec::new(),
        blocks: Vec::new(),
        standing: muted(&report.mutes, phrases).into_iter().collect(),
        closing: Vec::new(),
        buttons: Vec::new(),
        language: style.language,
    }
}

/// What kind of news a finding is.
fn group(found: &Found, thresholds: Thresholds) -> Group {
    let finding = match found {
        Found::Slot(finding) => finding,
        Found::Elsewhere(_) => return Group::Elsewhere,
    };
    match finding.reasons.first() {
        (Reason::Expired | Reason::Expiring, _) if finding.is_unused() => Group::Unused,
        (Reason::Expired, _) => Group::Expired,
        (Reason::Expiring, Severity::Critical) => Group::Within(thresholds.critical_days),
        (Reason::Expiring, _) => Group::Within(thresholds.warn_days),
        (Reason::ExpiryUnknown, _) => Group::ExpiryUnknown,
        (Reason::NotRunning, Severity::Info) => Group::InProgress,
        (Reason::NotRunning, _) => Group::NotRunning,
    }
}

/// The heading that a finding goes under.
fn heading(group: Group, severity: Severity) -> Heading {
    match group {
        Group::Expired | Group::Within(_) if severity == Severity::Critical => Heading::ActToday,
        // Only critical findings have expired, except those that no edge uses.
        Group::Within(days) => Heading::Within(days),
        Group::Expired | Group::Unused => Heading::Unused,
        Group::NotRunning => Heading::NotRunning,
        Group::ExpiryUnknown => Heading::ExpiryUnknown,
        Group::InProgress => Heading::InProgress,
        Group::Elsewhere => Heading::Elsewhere,
        Group::NotChecked => Heading::NotChecked,
        Group::NotDelivered => Heading::NotDelivered,
    }
}

/// `text` with its first letter in upper case.
fn capitalised(text: &str) -> String {
    let mut characters = text.chars();
    characters.next().map(|first| first.to_uppercase().chain(characters).collect()).unwrap_or_default()
}

/// Something that failed: what to do about it is as much part of the news as what happened.
fn problem(group: Group, name: String, advice: &Advice, phrases: &dyn Words) -> Entry {
    let shown = |text: &str| quoted(&text::cut(text, PROBLEM), phrases.quotes());
    let (what, fix) = (shown(&advice.what), capitalised(&shown(&advice.fix)));
    Entry {
        group,
        brief: format!("{name}{}{}", phrases.colon(), phrases.sentences(&[&what, &fix])),
        name,
        news: what,
        date: None,
        aside: String::new(),
        lines: vec![fix],
        details: Vec::new(),
        month: None,
        facts: Facts::default(),
    }
}

/// `text` with these quotation marks in place of backticks.
fn quoted(text: &str, (open, close): (char, char)) -> String {
    let mut is_open = false;
    let mut mark = || {
        is_open = !is_open;
        if is_open { open } else { close }
    };
    text.chars().map(|character| if character == '`' { mark() } else { character }).collect()
}

/// The first kinds of findings and how many more there are, or that there are none.
fn counted(groups: &[(Group, usize)], most: usize, phrases: &dyn Words) -> String {
    if groups.is_empty() {
        return phrases.clear_in_short().to_owned();
    }
    let (told, rest) = groups.split_at(groups.len().min(most));
    let told: Vec<String> = told.iter().map(|(group, count)| phrases.counted(*group, *count)).collect();
    let more: usize = rest.iter().map(|(_, count)| count).sum();
    let more = if more > 0 { format!(" {}", phrases.and_more(more)) } else { String::new() };
    told.join(phrases.comma()) + &more
}

/// The line about mutes.
fn muted(mutes: &Mutes, phrases: &dyn Words) -> Option<String> {
    let told = |(one, mute): &(AccountFinding, Mute)| {
        let name = shown(one.found.common_name(), OTHER_NAME);
        let slot = || one.found.slot_id().map_or_else(|| phrases.nameless(), |slot| phrases.slot(slot));
        MutedName {
            name: if name.is_empty() { slot() } else { name },
            until: phrases.day(mute.until, true),
            why: mute.why.as_deref().map(|why| shown(why, WHY)).unwrap_or_default(),
        }
    };
    let names: Vec<MutedName> = mutes.muted.iter().take(MUTED_NAMED).map(told).collect();
    (!names.is_empty()).then(|| format!("🔕 {}", phrases.muted(&names, mutes.muted.len() - names.len())))
}

/// A notice that the present is simulated, if it is. It gives the year, since readers cannot guess it.
fn simulated(report: &Report, style: &Style) -> Option<String> {
    let phrases = style.language.phrases();
    (report.mode == Mode::Simulated).then(|| phrases.simulated_notice(&phrases.time(report.now, style.zone)))
}

/// A title short enough for every channel, even with a number after it. Defused before it is cut, since that can make it
/// longer.
fn titled(title: &str) -> String {
    text::cut_to_characters(&text::defused(title), TITLE)
}

/// A text from outside on one line, at most `limit` graphemes long.
fn shown(text: &str, limit: usize) -> String {
    text::cut(&text::one_line(text), limit)
}

/// Whether the certificate's name says no more than its domain: `www-example-kr-2026` for `www.example.kr`.
fn repeats_the_domain(certificate: &Certificate) -> bool {
    let letters =
        |text: &str| text.chars().filter(|c| c.is_alphabetic()).flat_map(char::to_lowercase).collect::<String>();
    let domain = certificate.common_name.trim_start_matches("*.");
    let name = letters(&certificate.certificate_name);
    name == letters(domain) || name.strip_prefix("wildcard") == Some(letters(domain).as_str())
}

struct Composer<'a> {
    view: &'a View<'a>,
    report: &'a Report,
    style: &'a Style,
    phrases: &'static dyn Words,
}

impl Composer<'_> {
    fn document(&self) -> Document {
        let (phrases, view) = (self.phrases, self.view);
        let is_sample = self.report.mode == Mode::Sample;
        let failures: Vec<Entry> = view
            .failures
            .iter()
            .map(|(account, failure)| {
                let mut entry = problem(
                    Group::NotChecked,
                    phrases.account(&account.name),
                    &phrases.failure(failure, self.style.reader),
                    phrases,
                );
                entry.facts.account.clone_from(&account.name);
                entry
            })
            .collect();
        let (named, rest) = self.named();
        let mut sections: Vec<(Heading, Section)> = Vec::new();
        if !failures.is_empty() {
            let section = Section { heading: String::new(), severity: Severity::Critical, entries: failures };
            sections.push((Heading::NotChecked, section));
        }
        for one in &named {
            let severity = one.found.severity();
            let heading = heading(group(&one.found, self.report.thresholds), severity);
            let entry = match &one.found {
                Found::Slot(finding) => self.finding(&one.account, finding),
                Found::Elsewhere(elsewhere) => self.elsewhere(&one.account, elsewhere),
            };
            match sections.iter_mut().find(|(other, section)| *other == heading && section.severity == severity) {
                Some((_, section)) => section.entries.push(entry),
                None => sections.push((heading, Section { heading: String::new(), severity, entries: vec![entry] })),
            }
        }
        // At equal severity, certificates that no edge uses come last, and those used elsewhere come after even them.
        let last = |heading: &Heading| match heading {
            Heading::Elsewhere => 2,
            Heading::Unused => 1,
            _ => 0,
        };
        sections.sort_by_key(|(heading, section)| (std::cmp::Reverse(section.severity), last(heading)));
        let told = |heading: Heading, severity: Severity| {
            let found = view.findings.iter().filter(|one| {
                let found = &one.found;
                found.severity() == severity && self::heading(group(found, self.report.thresholds), severity) == heading
            });
            found.count()
        };
        let sections: Vec<Section> = sections
            .into_iter()
            .map(|(heading, section)| {
                let count = if heading == Heading::NotChecked {
                    section.entries.len()
                } else {
                    told(heading, section.severity)
                };
                Section { heading: phrases.heading(heading, count), ..section }
            })
            .collect();

        let groups = counted_by_kind(view.findings.iter().map(|one| group(&one.found, self.report.thresholds)));
        let failed = (!view.failures.is_empty()).then_some((Group::NotChecked, view.failures.len()));
        let counted = failed.into_iter().chain(groups).collect();
        let is_clear = sections.is_empty();
        let is_empty = is_clear && view.checked() == 0;
        let lead = match (is_empty, is_clear) {
            (true, _) => Some(phrases.nothing_there(self.style.reader)),
            (false, true) => Some(phrases.all_clear(self.report.thresholds, view.is_whole)),
            (false, false) => None,
        };
        let is_critical = |one: &&AccountFinding| one.found.severity() == Severity::Critical;
        let worst = sections.iter().map(|section| section.severity).max();
        // An account without certificates may be the wrong one.
        let worst = worst.or(is_empty.then_some(Severity::Warning)).filter(|_| !is_sample);
        Document {
            mark: self.mark(worst),
            title: titled(&self.title()),
            worst,
            calls: view.findings.iter().any(is_critical),
            missed: Missed { occasion: self.occasion(), counted },
            notices: self.notices(),
            lead,
            rest,
            blocks: self.blocks(),
            standing: muted(&self.report.mutes, phrases).into_iter().collect(),
            closing: self.closing(is_clear),
            sections,
            buttons: self.buttons(),
            language: self.style.language,
        }
    }

    fn mark(&self, worst: Option<Severity>) -> &'static str {
        if self.report.mode == Mode::Sample { "🧪" } else { mark(worst) }
    }

    /// The findings that are named, and those that are counted.
    fn named(&self) -> (Vec<&AccountFinding>, Vec<Rest>) {
        let is_named = |place: usize, one: &AccountFinding| {
            place < NAMED || one.found.severity() == Severity::Critical || self.view.scope == Scope::Summary
        };
        let (mut named, mut rest) = (Vec::new(), Vec::new());
        for (place, one) in self.view.findings.iter().enumerate() {
            if is_named(place, one) {
                named.push(*one);
            } else {
                let month = one.found.expiry().map(|time| self.month(time));
                rest.push(Rest { severity: one.found.severity(), month });
            }
        }
        (named, rest)
    }

    fn month(&self, time: DateTime<Utc>) -> NaiveDate {
        let day = self.local_day(time);
        day.with_day(1).unwrap_or(day)
    }

    /// A day, with the year unless it is the report's own or the day is within half a year of the report.
    fn day(&self, day: NaiveDate) -> String {
        let is_plain = day.year() == self.report.today.year() || (day - self.report.today).num_days().abs() < 180;
        self.phrases.day(day, !is_plain)
    }

    /// A date, with the time of day if it is close enough to matter.
    fn date(&self, time: DateTime<Utc>) -> String {
        if (time - self.report.now).abs() < TIME_MATTERS { self.moment(time) } else { self.day(self.local_day(time)) }
    }

    /// A date and time of day, with the zone's name.
    fn moment(&self, time: DateTime<Utc>) -> String {
        let zone = self.style.zone;
        let time_of_day = format!("{} {}", zone.local(time).format("%H:%M"), zone.abbreviation(time));
        self.phrases.moment(&self.day(self.local_day(time)), &time_of_day)
    }

    fn local_day(&self, time: DateTime<Utc>) -> NaiveDate {
        self.style.zone.local(time).date_naive()
    }

    fn title(&self) -> String {
        let is_urgent = |one: &&AccountFinding| one.found.severity() == Severity::Critical;
        let findings = &self.view.findings;
        // A certificate that no edge uses can wait, however long ago it expired.
        let top = findings.iter().take_while(|one| one.found.severity() == findings[0].found.severity());
        let can_wait = |one: &AccountFinding| {
            matches!(group(&one.found, self.report.thresholds), Group::Unused | Group::Elsewhere)
        };
        let worst = top.copied().find(|one| !can_wait(one)).or(findings.first().copied());
        let urgent = findings.iter().copied().filter(is_urgent).count();
        let others = findings.len() - urgent;
        let worst = worst.map(|one| {
            let found = &one.found;
            let name = shown(found.common_name(), TITLE_NAME);
            let slot = || found.slot_id().map_or_else(|| self.phrases.nameless(), |slot| self.phrases.slot(slot));
            Worst {
                name: if name.is_empty() { slot() } else { name },
                group: group(found, self.report.thresholds),
                left: found.expiry().map(|time| time - self.report.now),
                day: found.expiry().map(|time| self.day(self.local_day(time))),
                is_urgent: found.severity() == Severity::Critical,
                is_leaving: found.slot().is_some_and(|finding| finding.certificate.status.is_leaving()),
            }
        });
        let first_is_urgent = worst.as_ref().is_some_and(|worst| worst.is_urgent);
        let first_is_other = worst.is_some() && !first_is_urgent;
        self.phrases.title(&Headline {
            mode: self.report.mode,
            failed: self.view.failures.iter().map(|(account, _)| account.name.as_str()).collect(),
            worst,
            urgent: urgent - usize::from(first_is_urgent),
            others: others - usize::from(first_is_other),
            checked: self.view.checked(),
            is_whole: self.view.is_whole,
            is_summary: self.view.scope == Scope::Summary,
            next: self.next().map(|next| self.day(self.local_day(next.expiry))),
        })
    }

    fn notices(&self) -> Vec<String> {
        let sample = (self.report.mode == Mode::Sample).then(|| self.phrases.sample_notice());
        let unrouted = self.view.is_unrouted.then(|| self.phrases.unrouted());
        [simulated(self.report, self.style), sample, unrouted].into_iter().flatten().collect()
    }

    fn occasion(&self) -> Occasion {
        match (self.report.mode, self.view.scope) {
            (Mode::Sample, _) => Occasion::Sample,
            (_, Scope::Summary) => Occasion::Summary,
            (_, Scope::All | Scope::News(_)) => Occasion::Digest,
        }
    }

    /// The news, marked as new if it is.
    fn marked(&self, news: String, since: Option<DateTime<Utc>>) -> String {
        let age = since.map(|since| self.report.now - since);
        let is_new = self.view.scope.new_within().zip(age).is_some_and(|(within, age)| age <= within);
        if is_new { self.phrases.marked_new(&news) } else { news }
    }

    fn finding(&self, account: &str, finding: &Finding) -> Entry {
        let certificate = &finding.certificate;
        let phrases = self.phrases;
        let severity = finding.severity();
        let since = finding.since(self.report.thresholds);
        let (news, date, other) = self.news(finding);
        let news = self.marked(news, since);
        let mut place = vec![phrases.slot(certificate.slot_id)];
        if !certificate.certificate_name.is_empty() && !repeats_the_domain(certificate) {
            let name = shown(&certificate.certificate_name, CERTIFICATE_NAME);
            place.extend((!name.is_empty()).then(|| phrases.certificate(&name)));
        }
        if self.report.accounts.len() > 1 {
            place.push(phrases.account(account));
        }
        let impact = self.impact(finding);
        let origin = finding.origin.iter().map(|origin| self.origin(origin));
        let unused = finding.is_unused().then(|| phrases.edges(0, &[]));
        let group = group(&Found::Slot(finding.clone()), self.report.thresholds);
        let (aside, mut lines, details) = if severity == Severity::Critical {
            // What would break matters more than where to look.
            let parts: Vec<String> = impact.into_iter().chain(place).chain(other).chain(origin).collect();
            (String::new(), vec![parts.join(phrases.dot())], Vec::new())
        } else {
            // A heading may have said already that no edge uses it.
            let unused = unused.clone().filter(|_| group != Group::Unused);
            let parts: Vec<String> = unused.into_iter().chain(place).chain(other).chain(origin).collect();
            let details =
                if finding.is_unused() || impact.is_empty() { None } else { Some(impact.join(phrases.dot())) };
            (format!("{}{}", phrases.dot(), parts.join(phrases.dot())), Vec::new(), details.into_iter().collect())
        };
        if let Some(replacement) = finding.replacement {
            lines.push(phrases.replacement(replacement.slot_id, &self.date(replacement.expiry)));
        }
        let name = text::name(&certificate.common_name);
        let name = if name.is_empty() { phrases.nameless() } else { name };
        let behind = date.as_ref().map_or("", |date| date.behind.as_str());
        let account_here = (self.report.accounts.len() > 1).then(|| phrases.account(account));
        let news_in_brief = format!("{name}{}{news}{behind}", phrases.colon());
        let brief = [Some(news_in_brief), unused, Some(phrases.slot(certificate.slot_id)), account_here];
        let brief = brief.into_iter().flatten().collect::<Vec<_>>().join(phrases.dot());
        let status = certificate.status.as_str();
        let facts = Facts {
            expires: finding.expiry,
            since,
            slot: Some(certificate.slot_id),
            account: account.to_owned(),
            status: (!status.is_empty()).then(|| shown(status, OTHER_NAME)),
        };
        let month = finding.expiry.map(|time| self.month(time));
        Entry { group, name, news, date, aside, lines, details, brief, month, facts }
    }

    fn elsewhere(&self, account: &str, one: &Elsewhere) -> Entry {
        let phrases = self.phrases;
        let news = self.marked(phrases.expiry(one.expiry - self.report.now), Some(one.since));
        let date = self.dated(one.expiry, one.severity);
        let certificate = phrases.certificate(&shown(&one.name, CERTIFICATE_NAME));
        let account_here = (self.report.accounts.len() > 1).then(|| phrases.account(account));
        let origin = one.origin.iter().map(|origin| self.origin(origin));
        let parts = [phrases.used_elsewhere(one.instances), certificate.clone()];
        let parts: Vec<String> = parts.into_iter().chain(account_here).chain(origin).collect();
        let parts = parts.join(phrases.dot());
        let (aside, lines) = if one.severity == Severity::Critical {
            (String::new(), vec![parts])
        } else {
            (format!("{}{parts}", phrases.dot()), Vec::new())
        };
        let name = text::name(&one.domain);
        let name = if name.is_empty() { phrases.nameless() } else { name };
        let brief = format!("{name}{}{news}{}{}{certificate}", phrases.colon(), date.behind, phrases.dot());
        let facts = Facts {
            expires: Some(one.expiry),
            since: Some(one.since),
            account: account.to_owned(),
            ..Facts::default()
        };
        let month = Some(self.month(one.expiry));
        Entry {
            group: Group::Elsewhere,
            name,
            news,
            date: Some(date),
            aside,
            lines,
            details: Vec::new(),
            brief,
            month,
            facts,
        }
    }

    /// How long a certificate is valid in all, and who issued it.
    fn origin(&self, origin: &Origin) -> String {
        let issuer = shown(&origin.issuer, OTHER_NAME);
        self.phrases.origin(origin.lifetime.length(), (!issuer.is_empty()).then_some(&issuer))
    }

    /// The date of something this urgent, as it follows the news. Where someone has to act and the time of day matters, it
    /// includes the time in the reader's own zone.
    fn dated(&self, time: DateTime<Utc>, severity: Severity) -> Date {
        let is_urgent = severity == Severity::Critical;
        let text = if is_urgent { self.date(time) } else { self.day(self.local_day(time)) };
        let (before, after) = self.phrases.readers_time();
        let matters = is_urgent && (time - self.report.now).abs() < TIME_MATTERS;
        let readers = matters.then_some(ReadersTime { time, before, after });
        Date { behind: self.phrases.dated(&text), text, readers }
    }

    /// Why a finding is reported, its date, and what else there is to say about its expiry or status.
    fn news(&self, finding: &Finding) -> (String, Option<Date>, Option<String>) {
        let (phrases, certificate) = (self.phrases, &finding.certificate);
        let age = certificate.provisioned.map(|since| self.report.now - since).filter(|age| *age >= TimeDelta::zero());
        let status_shown = shown(certificate.status.as_str(), OTHER_NAME);
        let status = phrases.status(&certificate.status, &status_shown, age);
        let by_status = finding.has(Reason::NotRunning);
        let unknown = || match &certificate.expiry {
            Expiry::Unreadable(sent) => {
                quoted(&phrases.unknown_expiry(Some(&shown(sent, OTHER_NAME))), phrases.quotes())
            }
            Expiry::At(_) | Expiry::Missing => phrases.unknown_expiry(None),
        };
        let is_running = certificate.status == Status::Running;
        match finding.reasons.first().0 {
            Reason::Expired | Reason::Expiring => {
                let other = (by_status && !is_running).then_some(status);
                let Some(time) = finding.expiry else { return (unknown(), None, other) };
                (phrases.expiry(time - self.report.now), Some(self.dated(time, finding.severity())), other)
            }
            Reason::ExpiryUnknown => (unknown(), None, by_status.then_some(status)),
            // Its expiry is far off, so there is nothing to do about it.
            Reason::NotRunning => (status, None, None),
        }
    }

    fn impact(&self, finding: &Finding) -> Vec<String> {
        let Some(impact) = &finding.impact else { return Vec::new() };
        let listed = |names: &[String], skip: &str| -> Vec<String> {
            let names = names.iter().filter(|name| *name != skip).map(|name| shown(name, OTHER_NAME));
            names.filter(|name| !name.is_empty()).collect()
        };
        let mut parts = Vec::new();
        let mut edges = listed(&impact.edge_names, "");
        edges.truncate(LISTED);
        // Rows that name edges count, whatever the count next to them says.
        let count = impact.edges.map(|count| count.max(edges.len() as u64));
        parts.extend(count.map(|count| self.phrases.edges(count, &edges)));
        let names = listed(&impact.names, &finding.certificate.common_name);
        if !names.is_empty() {
            let (shown, rest) = names.split_at(names.len().min(LISTED));
            parts.push(self.phrases.names(shown, rest.len()));
        }
        parts
    }

    /// What was deployed, and in a summary the outlook.
    fn blocks(&self) -> Vec<Block> {
        if self.report.mode == Mode::Sample {
            return Vec::new();
        }
        // Both give the expiry in full: it proves that a renewal took effect.
        let told = |one: &Healthy| {
            let day = self.phrases.day(self.local_day(one.expiry), true);
            (self.name(&one.common_name), day)
        };
        let deployed = &self.view.deployed;
        if self.view.scope != Scope::Summary {
            let within = self.view.scope.new_within().unwrap_or(TimeDelta::days(1));
            let recent: Vec<_> = deployed
                .iter()
                .filter(|one| one.deployed.is_some_and(|since| self.report.now - since <= within))
                .collect();
            let renewed = |one: &Healthy| {
                let (name, day) = told(one);
                format!("✅ {}", self.phrases.renewed(&name, &day))
            };
            let lines: Vec<String> = recent.iter().take(LISTED).map(|one| renewed(one)).collect();
            let more = recent.len().saturating_sub(LISTED);
            let more = (more > 0).then(|| self.phrases.and_more(more));
            return if lines.is_empty() {
                Vec::new()
            } else {
                vec![Block { heading: String::new(), lines: lines.into_iter().chain(more).collect() }]
            };
        }
        let line = |one: &Healthy| {
            let (name, day) = told(one);
            self.phrases.lasts(&name, &day)
        };
        let mut lines: Vec<String> = deployed.iter().take(DEPLOYED_NAMED).map(|one| line(one)).collect();
        let more = deployed.len().saturating_sub(DEPLOYED_NAMED);
        lines.extend((more > 0).then(|| self.phrases.and_more(more)));
        if lines.is_empty() {
            lines.push(self.phrases.none_deployed());
        }
        let heading = format!("✅ {}", self.phrases.deployed_heading(deployed.len()));
        vec![Block { heading, lines }, self.outlook()]
    }

    fn outlook(&self) -> Block {
        let (months, names) = OUTLOOK;
        let this = self.report.today.with_day(1).unwrap_or(self.report.today);
        let next = |month: &NaiveDate| month.checked_add_months(chrono::Months::new(1));
        let lines = std::iter::successors(next(&this), next).take(months).map(|month| {
            let all: Vec<&Healthy> =
                self.view.upcoming.iter().copied().filter(|one| self.month(one.expiry) == month).collect();
            let shown: Vec<String> = all.iter().take(names).map(|one| self.name(&one.common_name)).collect();
            self.phrases.outlook_month(month, all.len(), &shown)
        });
        Block { lines: lines.collect(), heading: format!("📅 {}", self.phrases.outlook_heading()) }
    }

    fn closing(&self, is_clear: bool) -> Vec<String> {
        let (phrases, report, view) = (self.phrases, self.report, self.view);
        let mut lines = Vec::new();
        if view.left_out.total() > 0 {
            lines.push(phrases.left_out(view.left_out));
        }
        if view.older.total() > 0 {
            lines.push(phrases.older(view.older));
        }
        if report.mode == Mode::Sample {
            return lines;
        }
        if view.scope == Scope::Summary {
            lines.extend(self.useless_mutes());
        }
        let ends = |finding: &Finding| finding.has(Reason::Expired) || finding.has(Reason::Expiring);
        if view.findings.iter().any(|one| one.found.slot().is_some_and(ends)) {
            lines.push(phrases.how_to_renew().to_owned());
        }
        if let Some(next) = self.next() {
            lines.push(phrases.horizon(!is_clear, &self.name(&next.common_name), &self.date(next.expiry)));
        }
        let mut coverage = self.coverage();
        let zone = self.style.zone;
        let zone = format!("{}{}", zone.abbreviation(report.now), phrases.bracketed(zone.name()));
        let version = concat!("ncp-cert-alert ", env!("CARGO_PKG_VERSION"));
        let rules = phrases.rules(report.thresholds, &zone);
        // One account fits on the line of the rules.
        let coverage_here = if coverage.len() == 1 { coverage.pop() } else { None };
        lines.append(&mut coverage);
        let parts: Vec<String> = coverage_here.into_iter().chain([rules, version.to_owned()]).collect();
        lines.push(parts.join(phrases.dot()));
        lines
    }

    /// The healthy certificate that expires first; `None` where findings that may expire before it are left out.
    fn next(&self) -> Option<&Next> {
        let is_all_told = self.view.older.total() + self.view.left_out.total() + self.report.mutes.muted.len() == 0;
        if !is_all_told {
            return None;
        }
        let next = self.view.accounts.iter().filter_map(|account| account.next.as_ref());
        next.filter(|next| self.view.hears_of_name(&next.common_name))
            .min_by_key(|next| (next.expiry, &next.common_name))
    }

    /// A domain name in a list.
    fn name(&self, common_name: &str) -> String {
        let name = shown(common_name, OTHER_NAME);
        if name.is_empty() { self.phrases.nameless() } else { name }
    }

    /// Mutes that should be removed.
    fn useless_mutes(&self) -> Vec<String> {
        let listed = |mutes: &[Mute]| -> Option<(Vec<String>, usize)> {
            let named: Vec<String> =
                mutes.iter().take(IDLE_NAMED).map(|mute| self::shown(&mute.what, OTHER_NAME)).collect();
            let more = mutes.len() - named.len();
            (!named.is_empty()).then_some((named, more))
        };
        let Mutes { ended, idle, .. } = &self.report.mutes;
        let ended = listed(ended).map(|(named, more)| self.phrases.mutes_ended(&named, more));
        let idle = listed(idle).map(|(named, more)| self.phrases.mutes_idle(&named, more));
        ended.into_iter().chain(idle).collect()
    }

    /// How much was read, and which accounts are empty.
    fn coverage(&self) -> Vec<String> {
        // If nothing was read of an account, its failure says all there is to say.
        let read: Vec<&AccountReport> =
            self.view.accounts.iter().copied().filter(|one| one.failure.is_none() || one.checked > 0).collect();
        if read.is_empty() && self.view.accounts.len() > 1 {
            return vec![self.phrases.coverage_of_many(self.view.accounts.len(), 0)];
        }
        let read = if read.is_empty() { self.view.accounts.clone() } else { read };
        if read.len() <= COVERAGE_LINES {
            let is_only = self.report.accounts.len() == 1;
            return read.iter().map(|account| self.phrases.coverage(account, is_only)).collect();
        }
        let empty: Vec<&str> = read
            .iter()
            .filter(|account| account.failure.is_none() && account.total == 0)
            .map(|account| account.name.as_str())
            .collect();
        let (named, rest) = empty.split_at(empty.len().min(EMPTY_NAMED));
        let many = self.phrases.coverage_of_many(read.len(), self.view.checked());
        let empty = (!empty.is_empty()).then(|| self.phrases.empty_accounts(named, rest.len()));
        std::iter::once(many).chain(empty).collect()
    }

    fn buttons(&self) -> Vec<Button> {
        let button = |label, url: &Url| Button { label, url: url.as_str().replace('{', "%7B").replace('}', "%7D") };
        let console = button(self.phrases.console_button(), &self.style.console_url);
        let runbook = self.style.runbook_url.as_ref().map(|url| button(self.phrases.runbook_button(), url));
        [Some(console), runbook].into_iter().flatten().collect()
    }
}
