//! Puts a view into words: the title, the groups with their entries, and what goes around them.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use chrono::{DateTime, Datelike, NaiveDate, TimeDelta, Utc};
use reqwest::Url;

use super::document::{Appendix, Button, Document, Entry, Facts, Missed, Rest, Section, Style, mark};
use super::words::{Advice, Group, Headline, MutedName, Occasion, Words, Worst, counted_by_kind};
use crate::certificate::Status;
use crate::report::mute::Mute;
use crate::report::view::{Scope, View};
use crate::report::{AccountFinding, AccountReport, Found, Looked, Mode, Mutes, Report};
use crate::rules::served::Remark;
use crate::rules::{Finding, Healthy, Next, Reason, Severity, Thresholds};
use crate::text;

/// How many findings a message names. Beyond that it names only critical ones and counts the rest by month. A summary names
/// all.
const NAMED: usize = 20;

/// The longest of any name but a domain's and a certificate's, in graphemes.
pub(super) const OTHER_NAME: usize = 40;

/// The longest description of a problem, in graphemes.
const PROBLEM: usize = 500;

/// How many edges, alternative names and slots with old TLS are listed by name.
pub(super) const LISTED: usize = 3;

/// How many accounts have their own coverage line.
const COVERAGE_LINES: usize = 4;

/// How many empty accounts are named.
const EMPTY_NAMED: usize = 10;

/// How many deployments are named.
const DEPLOYED_NAMED: usize = 10;

/// How many months an outlook covers, of which the first is the rest of this one, and how many names it gives for each.
const OUTLOOK: (usize, usize) = (4, 3);

/// How many muted names a closing line lists.
const MUTED_NAMED: usize = 3;

/// How many obsolete mutes, and labels that no account has, are named.
const IDLE_NAMED: usize = 10;

/// The longest reason for a mute, in graphemes.
const MUTE_REASON: usize = 60;

/// The longest title, in characters: Slack's header holds 150, and a number like ` (5/5)` is added.
const TITLE: usize = 120;

/// The longest name in a title, in graphemes: a phone's notification shows little more.
const TITLE_NAME: usize = 60;

/// Puts what a webhook is to say into words.
pub fn compose(view: &View<'_>, style: &Style) -> Document {
    let mut findings = view.findings.clone();
    // At equal severity, certificates that no edge uses come last, and those used elsewhere after even them: they can wait,
    // however long ago they expired.
    findings.sort_by_key(|finding| {
        let last = match group(&finding.found, view.report.thresholds) {
            Group::Elsewhere => 2,
            Group::Unused => 1,
            _ => 0,
        };
        (Reverse(finding.found.severity()), last)
    });
    Composer { view, report: view.report, findings, style, phrases: style.language.phrases() }.document()
}

/// Something that failed: what to do about it is as much part of the news as what happened.
pub(super) fn problem(group: Group, name: String, advice: &Advice, phrases: &dyn Words) -> Entry {
    let shown = |text: &str| quoted(&text::cut(text, PROBLEM), phrases.texts().quotes);
    let (what, fix) = (shown(&advice.what), text::capitalised(&shown(&advice.fix)));
    Entry {
        group,
        brief: format!("{name}{}{}", phrases.texts().colon, phrases.sentences(&[&what, &fix])),
        name,
        news: what,
        date: None,
        aside: String::new(),
        lines: Vec::new(),
        step: (!fix.is_empty()).then_some(fix),
        details: Vec::new(),
        month: None,
        facts: Facts::default(),
    }
}

/// `text` with these quotation marks in place of backticks.
pub(super) fn quoted(text: &str, (open, close): (char, char)) -> String {
    let mut is_open = false;
    let mut mark = || {
        is_open = !is_open;
        if is_open { open } else { close }
    };
    text.chars().map(|character| if character == '`' { mark() } else { character }).collect()
}

/// The first kinds of findings and how many more there are, or that there are none.
pub(super) fn counted(groups: &[(Group, usize)], most: usize, phrases: &dyn Words) -> String {
    if groups.is_empty() {
        return phrases.texts().clear_in_short.to_owned();
    }
    let (named, rest) = groups.split_at(groups.len().min(most));
    let named: Vec<String> = named.iter().map(|(group, count)| phrases.counted(*group, *count)).collect();
    let more: usize = rest.iter().map(|(_, count)| count).sum();
    let more = if more > 0 { format!(" {}", phrases.and_more(more)) } else { String::new() };
    named.join(phrases.texts().comma) + &more
}

/// The line about mutes.
pub(super) fn muted(mutes: &Mutes, phrases: &dyn Words) -> Option<String> {
    let mut names = Vec::new();
    for (finding, mute) in mutes.muted.iter().take(MUTED_NAMED) {
        let (until, why) = until(mute, phrases);
        names.push(phrases.muted_name(&MutedName { name: subject(&finding.found, OTHER_NAME, phrases), until, why }));
    }
    (!names.is_empty()).then(|| format!("🔕 {}", phrases.muted(&names, mutes.muted.len() - names.len())))
}

/// The last day of a mute, and why it was made; empty where no reason is given.
pub(super) fn until(mute: &Mute, phrases: &dyn Words) -> (String, String) {
    let why = mute.why.as_deref().map(|why| shown(why, MUTE_REASON)).unwrap_or_default();
    (phrases.day(mute.until, true), why)
}

/// What a finding is called where there is little room: its domain, or its slot.
fn subject(found: &Found, limit: usize, phrases: &dyn Words) -> String {
    let name = shown(found.common_name(), limit);
    match found.slot_id() {
        _ if !name.is_empty() => name,
        Some(slot) => phrases.slot(slot),
        None => phrases.texts().nameless.to_owned(),
    }
}

/// A notice that the present is simulated, if it is. It gives the year, since readers cannot guess it.
pub(super) fn simulated(report: &Report, style: &Style) -> Option<String> {
    let phrases = style.language.phrases();
    (report.mode == Mode::Simulated).then(|| phrases.simulated_notice(&phrases.time(report.now, style.zone)))
}

/// A title short enough for every channel, even with a number after it. Defused before it is cut, since that can make it
/// longer.
pub(super) fn titled(title: &str) -> String {
    text::cut_to_characters(&text::defused(title), TITLE)
}

/// A text from outside on one line, at most `limit` graphemes long.
pub(super) fn shown(text: &str, limit: usize) -> String {
    text::cut(&text::one_line(text), limit)
}

/// What kind of news a finding is.
pub(super) fn group(found: &Found, thresholds: Thresholds) -> Group {
    let finding = match found {
        Found::Slot(finding) => finding,
        Found::Elsewhere(_) => return Group::Elsewhere,
    };
    match finding.reasons.first() {
        (Reason::ServedEnds, _) => Group::ServedEnds,
        (Reason::ServedOlder, _) => Group::ServedOlder,
        (Reason::Expired | Reason::Expiring, _) if finding.is_unused() => Group::Unused,
        (Reason::Expired, _) => Group::Expired,
        (Reason::Expiring, Severity::Critical) => Group::Within(thresholds.critical_days),
        (Reason::Expiring, _) => Group::Within(thresholds.warn_days),
        (Reason::ExpiryUnknown, _) => Group::ExpiryUnknown,
        (Reason::NotRunning, Severity::Info) => Group::InProgress,
        (Reason::NotRunning, _) => match finding.certificate.status {
            Status::Ready | Status::Publishing => Group::Stuck,
            _ => Group::UnknownStatus,
        },
    }
}

/// What a finding is listed under: as its kind of news, but all that is urgent stands together.
fn heading(found: &Found, thresholds: Thresholds) -> Group {
    match group(found, thresholds) {
        Group::Expired | Group::Within(_) | Group::ServedEnds if found.severity() == Severity::Critical => {
            Group::Urgent
        }
        group => group,
    }
}

pub(super) struct Composer<'a> {
    pub view: &'a View<'a>,
    pub report: &'a Report,
    /// The findings of the view, in the order in which they are named.
    pub findings: Vec<&'a AccountFinding>,
    pub style: &'a Style,
    pub phrases: &'static dyn Words,
}

impl Composer<'_> {
    fn document(&self) -> Document {
        let (phrases, view) = (self.phrases, self.view);
        let (sections, rest) = self.sections();
        let mut counted = counted_by_kind(self.findings.iter().map(|finding| self.group(&finding.found)));
        if !view.failures.is_empty() {
            counted.insert(0, (Group::NotChecked, view.failures.len()));
        }
        let is_clear = sections.is_empty();
        // Of no account is something else than of one without certificates.
        let is_of_none = is_clear && view.accounts.is_empty() && !view.unknown_labels.is_empty();
        let is_empty = is_clear && view.checked() == 0;
        let lead = match (is_empty, is_clear) {
            _ if is_of_none => Some(self.unknown_labels()),
            (true, _) => Some(phrases.texts().nothing_there.to_owned()),
            (false, true) => Some(phrases.all_clear(view.thresholds(), view.is_whole)),
            (false, false) => None,
        };
        let is_sample = self.report.mode == Mode::Sample;
        let worst = sections.iter().map(|section| section.severity).max();
        // An account without certificates may be the wrong one.
        let worst = worst.or(is_empty.then_some(Severity::Warning)).filter(|_| !is_sample);
        Document {
            mark: if is_sample { "🧪" } else { mark(worst) },
            title: titled(&self.title()),
            worst,
            calls: view.findings.iter().any(|finding| finding.found.severity() == Severity::Critical),
            missed: Missed { occasion: self.occasion(), counted },
            notices: self.notices(),
            lead,
            rest,
            appendices: self.appendices(),
            muted: muted(&self.report.mutes, phrases),
            closing: self.closing(),
            sections,
            buttons: self.buttons(),
            language: self.style.language,
        }
    }

    /// The groups of findings and failures, the worst first, and the findings that are only counted.
    fn sections(&self) -> (Vec<Section>, Vec<Rest>) {
        let phrases = self.phrases;
        let mut sections: Vec<Section> = Vec::new();
        if !self.view.failures.is_empty() {
            let heading = phrases.heading(Group::NotChecked, self.view.failures.len());
            sections.push(Section { heading, severity: Severity::Critical, entries: Vec::new(), more: None });
        }
        for (account, failure) in &self.view.failures {
            let mut entry =
                problem(Group::NotChecked, phrases.account(&account.name), &phrases.failure(failure), phrases);
            entry.facts.account.clone_from(&account.name);
            sections[0].entries.push(entry);
        }
        let mut rest = Vec::new();
        let mut groups: Vec<(Group, Severity, Vec<&AccountFinding>)> = Vec::new();
        for finding in &self.findings {
            let (group, severity) = (heading(&finding.found, self.report.thresholds), finding.found.severity());
            match groups.iter_mut().find(|(other, of, _)| (*other, *of) == (group, severity)) {
                Some((.., members)) => members.push(finding),
                None => groups.push((group, severity, vec![finding])),
            }
        }
        let mut left = if self.view.scope == Scope::Summary { usize::MAX } else { NAMED };
        for (group, severity, members) in groups {
            let named = if severity == Severity::Critical { members.len() } else { members.len().min(left) };
            left = left.saturating_sub(named);
            for finding in &members[named..] {
                rest.push(Rest { severity, month: finding.found.expiry().map(|time| self.month(time)) });
            }
            if named == 0 {
                continue;
            }
            sections.push(Section {
                heading: phrases.heading(group, members.len()),
                severity,
                entries: members[..named].iter().map(|finding| self.entry(finding)).collect(),
                more: (named < members.len()).then(|| phrases.and_more(members.len() - named)),
            });
        }
        (sections, rest)
    }

    pub(super) fn month(&self, time: DateTime<Utc>) -> NaiveDate {
        let day = self.local_day(time);
        day.with_day(1).unwrap_or(day)
    }

    /// A day, with the year unless it is the report's own or the day is within half a year of the report.
    pub(super) fn day(&self, day: NaiveDate) -> String {
        let is_plain = day.year() == self.report.today.year() || (day - self.report.today).num_days().abs() < 180;
        self.phrases.day(day, !is_plain)
    }

    pub(super) fn local_day(&self, time: DateTime<Utc>) -> NaiveDate {
        self.style.zone.local(time).date_naive()
    }

    pub(super) fn group(&self, found: &Found) -> Group {
        group(found, self.report.thresholds)
    }

    /// A domain, at most `limit` graphemes long.
    pub(super) fn domain(&self, common_name: &str, limit: usize) -> String {
        let name = shown(common_name, limit);
        if name.is_empty() { self.phrases.texts().nameless.to_owned() } else { name }
    }

    fn title(&self) -> String {
        let urgent = self.findings.iter().filter(|finding| finding.found.severity() == Severity::Critical).count();
        let others = self.findings.len() - urgent;
        let worst = self.findings.first().map(|finding| Worst {
            name: subject(&finding.found, TITLE_NAME, self.phrases),
            group: self.group(&finding.found),
            left: finding.found.expiry().map(|time| time - self.report.now),
        });
        self.phrases.title(&Headline {
            mode: self.report.mode,
            failed: self.view.failures.iter().map(|(account, _)| account.name.as_str()).collect(),
            worst,
            // The worst is named, and is urgent if any is.
            urgent: urgent.saturating_sub(1),
            others: if urgent == 0 { others.saturating_sub(1) } else { others },
            checked: self.view.checked(),
            is_of_none: self.view.accounts.is_empty() && !self.view.unknown_labels.is_empty(),
            is_whole: self.view.is_whole,
            is_summary: self.view.scope == Scope::Summary,
            next: self.next().map(|next| self.day(self.local_day(next.expiry))),
        })
    }

    fn notices(&self) -> Vec<String> {
        let texts = self.phrases.texts();
        let mut notices: Vec<String> = simulated(self.report, self.style).into_iter().collect();
        notices.extend((self.report.mode == Mode::Sample).then(|| texts.sample_notice.to_owned()));
        notices.extend(self.view.is_unrouted.then(|| texts.unrouted.to_owned()));
        notices
    }

    fn occasion(&self) -> Occasion {
        match (self.report.mode, self.view.scope) {
            (Mode::Sample, _) => Occasion::Sample,
            (_, Scope::Summary) => Occasion::Summary,
            (_, Scope::All | Scope::News(_)) => Occasion::Digest,
        }
    }

    /// What was deployed, and in a summary the outlook.
    fn appendices(&self) -> Vec<Appendix> {
        if self.report.mode == Mode::Sample {
            return Vec::new();
        }
        let phrases = self.phrases;
        let deployed = &self.view.deployed;
        if self.view.scope == Scope::Summary {
            let mut lines = self.listed(deployed, DEPLOYED_NAMED);
            if lines.is_empty() {
                lines.push(phrases.texts().none_deployed.to_owned());
            }
            let heading = format!("✅ {}", phrases.deployed_heading(deployed.len()));
            return vec![Appendix { heading, lines }, self.outlook()];
        }
        let within = self.view.scope.new_within().unwrap_or(TimeDelta::days(1));
        let is_recent = |healthy: &Healthy| healthy.deployed.is_some_and(|since| self.report.now - since <= within);
        let renewed: Vec<&Healthy> = deployed.iter().copied().filter(|healthy| is_recent(healthy)).collect();
        if renewed.is_empty() {
            return Vec::new();
        }
        let heading = format!("✅ {}", phrases.renewed_heading(renewed.len()));
        vec![Appendix { heading, lines: self.listed(&renewed, LISTED) }]
    }

    /// The first `most` of these certificates, and how many more there are. The expiry is given in full: it proves that a
    /// renewal took effect.
    fn listed(&self, all: &[&Healthy], most: usize) -> Vec<String> {
        let mut lines = Vec::new();
        for healthy in all.iter().take(most) {
            let day = self.phrases.day(self.local_day(healthy.expiry), true);
            lines.push(self.phrases.lasts(&self.domain(&healthy.common_name, OTHER_NAME), &day));
        }
        if all.len() > most {
            lines.push(self.phrases.and_more(all.len() - most));
        }
        lines
    }

    fn outlook(&self) -> Appendix {
        let (months, most) = OUTLOOK;
        let this = self.report.today.with_day(1).unwrap_or(self.report.today);
        let next = |month: &NaiveDate| month.checked_add_months(chrono::Months::new(1));
        let mut lines = Vec::new();
        for month in std::iter::successors(Some(this), next).take(months) {
            let all: Vec<&Healthy> =
                self.view.upcoming.iter().copied().filter(|healthy| self.month(healthy.expiry) == month).collect();
            let names: Vec<String> =
                all.iter().take(most).map(|healthy| self.domain(&healthy.common_name, OTHER_NAME)).collect();
            lines.push(self.phrases.outlook_month(month, all.len(), &names));
        }
        Appendix { lines, heading: format!("📅 {}", self.phrases.texts().outlook) }
    }

    fn closing(&self) -> Vec<String> {
        let (phrases, report, view) = (self.phrases, self.report, self.view);
        let mut lines = Vec::new();
        if view.left_out.total() > 0 {
            lines.push(phrases.left_out(&phrases.by_severity(view.left_out)));
        }
        if view.older.total() > 0 {
            lines.push(phrases.older(&phrases.by_severity(view.older)));
        }
        if report.mode == Mode::Sample {
            return lines;
        }
        if view.scope == Scope::Summary {
            lines.extend(self.summary_facts());
        }
        let ends = |finding: &Finding| finding.has(Reason::Expired) || finding.has(Reason::Expiring);
        if view.findings.iter().any(|finding| finding.found.slot().is_some_and(ends)) {
            lines.push(phrases.texts().how_to_renew.to_owned());
        }
        if self.findings.iter().any(|finding| self.group(&finding.found) == Group::Stuck) {
            lines.push(phrases.texts().how_to_unstick.to_owned());
        }
        // Of what this webhook reports: others' findings are not its readers' concern.
        let is_reported = |account: &AccountReport, slot_id: i64| {
            view.findings
                .iter()
                .any(|finding| finding.account == account.name && finding.found.slot_id() == Some(slot_id))
        };
        let mut unread = Vec::new();
        for account in &view.accounts {
            let reported = account.unread.iter().filter(|(slot_id, _)| is_reported(account, *slot_id));
            unread.extend(reported.map(|(_, error)| error));
        }
        lines.extend(phrases.unread_details(&unread));
        // What replaces a certificate is named with it.
        let is_named =
            |next: &&Next| self.findings.iter().any(|finding| finding.found.common_name() == next.common_name);
        if let Some(next) = self.next().filter(|next| !is_named(next)) {
            let name = self.domain(&next.common_name, OTHER_NAME);
            lines.push(phrases.horizon(&name, &self.date(next.expiry)));
        }
        let mut coverage = self.coverage();
        let zone = self.style.zone;
        let zone = format!("{}{}", zone.abbreviation(report.now), phrases.bracketed(zone.name()));
        // One account fits on the line of the rules.
        let mut last: Vec<String> = if coverage.len() == 1 { std::mem::take(&mut coverage) } else { Vec::new() };
        last.push(phrases.rules(view.thresholds(), &zone));
        last.push(concat!("ncp-cert-alert ", env!("CARGO_PKG_VERSION")).to_owned());
        lines.append(&mut coverage);
        lines.push(last.join(phrases.texts().dot));
        lines
    }

    /// The healthy certificate that expires first; `None` where findings that may expire before it are left out.
    fn next(&self) -> Option<&Next> {
        if self.view.older.total() + self.view.left_out.total() + self.report.mutes.muted.len() > 0 {
            return None;
        }
        let next = self.view.accounts.iter().filter_map(|account| account.next.as_ref());
        next.filter(|next| self.view.matches_name(&next.common_name))
            .min_by_key(|next| (next.expiry, &next.common_name))
    }

    /// The labels of the webhook's `accounts` that no account has.
    fn unknown_labels(&self) -> String {
        let all = &self.view.unknown_labels;
        let named = all.iter().take(IDLE_NAMED).map(|(label, nearest)| match nearest {
            Some(nearest) => format!("{label}{}", self.phrases.bracketed(&format!("{nearest}?"))),
            None => label.clone(),
        });
        self.phrases.unknown_labels(&named.collect::<Vec<_>>(), all.len().saturating_sub(IDLE_NAMED))
    }

    /// How many hosts were looked at, and what is no finding of them.
    fn looked(&self, looked: &Looked) -> String {
        let mut remarks: BTreeMap<Remark, usize> = BTreeMap::new();
        for remark in looked.sights.iter().filter_map(|sight| sight.remark) {
            *remarks.entry(remark).or_default() += 1;
        }
        self.phrases.looked(looked.tried(), &remarks.into_iter().collect::<Vec<_>>())
    }

    /// What only a summary says, one line each, as far as there is anything to say: how slots are set up, and what to remove.
    fn summary_facts(&self) -> Vec<String> {
        let named = |mutes: &[Mute]| -> Vec<String> {
            mutes.iter().take(IDLE_NAMED).map(|mute| shown(&mute.what, OTHER_NAME)).collect()
        };
        let Mutes { ended, idle, .. } = &self.report.mutes;
        let mut lines = Vec::new();
        let old_tls = &self.view.old_tls;
        if !old_tls.is_empty() {
            let first: Vec<String> = old_tls.iter().take(LISTED).map(|name| self.domain(name, OTHER_NAME)).collect();
            lines.push(self.phrases.old_tls(old_tls.len(), &first));
        }
        lines.extend(self.report.looked.as_ref().map(|looked| self.looked(looked)));
        if !self.view.unknown_labels.is_empty() && !self.view.accounts.is_empty() {
            lines.push(self.unknown_labels());
        }
        if !ended.is_empty() {
            lines.push(self.phrases.mutes_ended(&named(ended), ended.len().saturating_sub(IDLE_NAMED)));
        }
        if !idle.is_empty() {
            lines.push(self.phrases.mutes_idle(&named(idle), idle.len().saturating_sub(IDLE_NAMED)));
        }
        lines
    }

    /// How much was read, and which accounts are empty.
    fn coverage(&self) -> Vec<String> {
        let phrases = self.phrases;
        let is_empty =
            |account: &AccountReport| account.failure.is_none() && account.total == 0 && account.checked == 0;
        // If nothing was read of an account, its failure says all there is to say.
        let is_read = |account: &&AccountReport| account.failure.is_none() || account.checked > 0;
        let mut accounts: Vec<&AccountReport> = self.view.accounts.iter().copied().filter(is_read).collect();
        if accounts.is_empty() && self.view.accounts.len() > 1 {
            return vec![phrases.checked_in_many(0, self.view.accounts.len())];
        }
        if accounts.is_empty() {
            accounts.clone_from(&self.view.accounts);
        }
        let mut lines = Vec::new();
        if accounts.len() > COVERAGE_LINES {
            lines.push(phrases.checked_in_many(self.view.checked(), accounts.len()));
            let empty = accounts.iter().filter(|account| is_empty(account));
            let empty: Vec<&str> = empty.map(|account| account.name.as_str()).collect();
            let (named, rest) = empty.split_at(empty.len().min(EMPTY_NAMED));
            lines.extend((!named.is_empty()).then(|| phrases.no_certificates(named, rest.len())));
            return lines;
        }
        for account in accounts {
            let AccountReport { name, checked, total, .. } = account;
            lines.push(if is_empty(account) {
                phrases.no_certificates(&[name], 0)
            } else {
                let name = (self.report.accounts.len() > 1).then_some(name.as_str());
                phrases.checked(*checked, (checked != total).then_some(*total), name)
            });
        }
        lines
    }

    fn buttons(&self) -> Vec<Button> {
        let button = |label, url: &Url| Button { label, url: url.as_str().replace('{', "%7B").replace('}', "%7D") };
        let console = button(self.phrases.texts().console_button, &self.style.console_url);
        let runbook = self.style.runbook_url.as_ref().map(|url| button(self.phrases.texts().runbook_button, url));
        [Some(console), runbook].into_iter().flatten().collect()
    }
}
