//! The digest as a message: what is said, in which order, in which words; and how it is split when it is long.
//!
//! Pure, and the same for every channel. What is in a [`Document`] is plain text of one line, fit to be shown.

mod split;

use chrono::{DateTime, Utc};
use reqwest::Url;

pub use self::split::{Part, Slice, split};
use crate::certificate::Expiry;
use crate::config::Settings;
use crate::digest::{AccountElsewhere, AccountFinding, AccountReport, Digest, Kind, View};
use crate::elsewhere::Elsewhere;
use crate::finding::{Finding, Reason, Severity, Thresholds};
use crate::language::{Advice, Group, Headline, Language, Phrases};
use crate::lifetime::Origin;
use crate::untrusted;
use crate::webhook;
use crate::zone::Zone;

/// The longest shown certificate name, in graphemes: the domain above it says more.
const CERTIFICATE_NAME: usize = 80;

/// The longest of any other shown name, in graphemes.
const OTHER_NAME: usize = 40;

/// The longest text of what went wrong, in graphemes.
const PROBLEM: usize = 500;

/// How many edges and alternative names are listed by name.
const LISTED: usize = 3;

/// How many accounts have a coverage line of their own.
const COVERAGE_LINES: usize = 4;

/// How many characters the names of accounts without certificates may take together, where there are many accounts; those that
/// do not fit are counted.
const EMPTY_ACCOUNTS: usize = 400;

/// How many groups a title names: a phone's notification shows little more.
const TITLE_GROUPS: usize = 3;

/// The longest title, in characters: Slack's header holds 150, and a number like ` (5/5)` is added.
const TITLE: usize = 120;

/// How a message looks to its readers: the settings that it depends on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Style {
    /// In which language it is.
    pub language: Language,
    /// In which zone its dates are.
    pub zone: Zone,
    /// Where the first button leads.
    pub console_url: Url,
    /// Where the second button leads.
    pub runbook_url: Option<Url>,
}

impl Style {
    /// How messages look by these settings.
    pub fn of(settings: &Settings) -> Self {
        let Settings { language, zone, console_url, runbook_url, .. } = settings;
        Self { language: *language, zone: *zone, console_url: console_url.clone(), runbook_url: runbook_url.clone() }
    }
}

/// A message before it is split and put into a channel's form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// The news in one line.
    pub title: String,
    /// The worst that is in it; `None` when all is clear.
    pub worst: Option<Severity>,
    /// Whether a finding in it is critical, so that people are called.
    pub calls: bool,
    /// What is said in every message: that it is a sample, that the date is simulated.
    pub notices: Vec<String>,
    /// What is said where there is nothing to list.
    pub lead: Option<String>,
    /// The groups, the worst first.
    pub sections: Vec<Section>,
    /// What stands below the last message: coverage, rules, what comes next.
    pub closing: Vec<String>,
    /// The buttons of the last message.
    pub buttons: Vec<Button>,
    /// In which language all this is.
    pub language: Language,
}

/// A group of entries under one heading.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section {
    /// The heading.
    pub heading: String,
    /// How urgent everything in it is.
    pub severity: Severity,
    /// What is in it, the most urgent first.
    pub entries: Vec<Entry>,
}

/// One finding or failure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// What it is about.
    pub name: String,
    /// The news about it.
    pub news: String,
    /// The date that goes on behind the news, where there is one.
    pub date: Option<Date>,
    /// What else is known, a line each.
    pub lines: Vec<String>,
    /// The same in a few words, for readers who see plain text only.
    pub brief: String,
}

/// A date that goes on behind the news.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Date {
    /// The date in words, in the zone of the settings.
    pub text: String,
    /// The same with what stands between it and the news.
    pub behind: String,
    /// The time itself, for a channel that can show it in each reader's own zone too.
    pub time: DateTime<Utc>,
}

/// A button that opens a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Button {
    /// What it says.
    pub label: String,
    /// Where it leads. Without braces: a card resolves template expressions wherever they stand.
    pub url: String,
}

/// Puts what a webhook is told into words.
pub fn compose(view: &View<'_>, style: &Style) -> Document {
    let writer = Writer { digest: view.digest, style, phrases: style.language.phrases() };
    let failures: Vec<Entry> = view
        .digest
        .failures()
        .map(|(account, failure)| writer.failure(account, &writer.phrases.failure(failure)))
        .collect();
    let mut sections = Vec::new();
    if !failures.is_empty() {
        let heading = writer.phrases.heading(Group::NotChecked);
        sections.push(Section { heading, severity: Severity::Critical, entries: failures });
    }
    let group = |one: &&AccountFinding| (one.finding.severity(), group(&one.finding, view.digest.thresholds));
    let mut groups = Vec::new();
    for findings in view.findings.chunk_by(|a, b| group(a) == group(b)) {
        let (severity, group) = group(&findings[0]);
        let entries = findings.iter().map(|one| writer.finding(one)).collect();
        sections.push(Section { heading: writer.phrases.heading(group), severity, entries });
        groups.push((group, findings.len()));
    }
    // What is used elsewhere comes last of its severity.
    let not_checked = sections.len() - groups.len();
    for severity in Severity::WORST_FIRST {
        let of_it = view.elsewhere.iter().filter(|one| one.elsewhere.severity == severity);
        let entries: Vec<Entry> = of_it.map(|one| writer.elsewhere(one)).collect();
        if !entries.is_empty() {
            let place = sections.iter().take_while(|section| section.severity >= severity).count();
            groups.insert(place - not_checked, (Group::Elsewhere, entries.len()));
            sections.insert(place, Section { heading: writer.phrases.heading(Group::Elsewhere), severity, entries });
        }
    }
    let worst_found = (view.findings.iter().map(|one| one.finding.severity()))
        .chain(view.elsewhere.iter().map(|one| one.elsewhere.severity))
        .max();
    let is_clear = sections.is_empty();
    let is_empty = is_clear && view.digest.checked() == 0;
    let lead = match (is_empty, is_clear) {
        (true, _) => Some(writer.phrases.nothing_there()),
        (false, true) => Some(writer.phrases.all_clear(view.digest.thresholds)),
        (false, false) => None,
    };
    Document {
        title: untrusted::cut(&writer.title(groups), TITLE),
        // An account without certificates may be the wrong one.
        worst: sections.iter().map(|section| section.severity).max().or(is_empty.then_some(Severity::Warning)),
        lead,
        calls: worst_found == Some(Severity::Critical),
        notices: writer.notices(),
        closing: writer.closing(view),
        sections,
        buttons: writer.buttons(),
        language: style.language,
    }
}

/// The notice for the webhooks that work, about those that do not: `failed` holds each one's name, kind and failure.
pub fn undelivered(failed: &[(&str, webhook::Kind, &webhook::Error)], style: &Style) -> Document {
    let phrases = style.language.phrases();
    let names: Vec<String> = failed.iter().map(|(name, ..)| untrusted::cut(name, OTHER_NAME)).collect();
    let entries = failed.iter().zip(&names).map(|((_, kind, error), name)| {
        problem(phrases.webhook(name, *kind), &phrases.undelivered(*kind, error), phrases)
    });
    Document {
        title: untrusted::cut(&phrases.undelivered_title(&names), TITLE),
        worst: Some(Severity::Critical),
        calls: false,
        notices: Vec::new(),
        lead: None,
        sections: vec![Section {
            heading: phrases.undelivered_heading(),
            severity: Severity::Critical,
            entries: entries.collect(),
        }],
        closing: Vec::new(),
        buttons: Vec::new(),
        language: style.language,
    }
}

/// Under which heading a finding stands. The order of findings keeps those of one heading together.
fn group(finding: &Finding, thresholds: Thresholds) -> Group {
    if finding.reasons.severity() > finding.severity() {
        Group::Unused
    } else if finding.has(Reason::Expired) {
        Group::Expired
    } else if let Some(severity) = finding.reasons.severity_of(Reason::Expiring) {
        let critical = severity == Severity::Critical;
        Group::Within(if critical { thresholds.critical_days } else { thresholds.warn_days })
    } else if finding.severity() == Severity::Info {
        Group::InProgress
    } else if finding.has(Reason::ExpiryUnknown) {
        Group::CannotBeJudged
    } else {
        Group::NotRunning
    }
}

/// `text` with its first letter in upper case.
fn capitalised(text: &str) -> String {
    let mut characters = text.chars();
    characters.next().map(|first| first.to_uppercase().chain(characters).collect()).unwrap_or_default()
}

/// Something that failed; what to do about it is as much of the news as what happened.
fn problem(name: String, advice: &Advice, phrases: &dyn Phrases) -> Entry {
    let shown = |text: &str| quoted(&untrusted::cut(text, PROBLEM), phrases.quotes());
    let advice = Advice { what: shown(&advice.what), fix: capitalised(&shown(&advice.fix)) };
    let brief = format!("{name}: {}", phrases.sentences(&advice));
    Entry { name, news: advice.what, date: None, lines: vec![advice.fix], brief }
}

/// `text` with these quotation marks in the place of backticks.
fn quoted(text: &str, (open, close): (char, char)) -> String {
    let mut is_open = false;
    let mut mark = || {
        is_open = !is_open;
        if is_open { open } else { close }
    };
    text.chars().map(|character| if character == '`' { mark() } else { character }).collect()
}

struct Writer<'a> {
    digest: &'a Digest,
    style: &'a Style,
    phrases: &'static dyn Phrases,
}

impl Writer<'_> {
    fn date(&self, time: DateTime<Utc>) -> String {
        self.phrases.date(time, self.style.zone)
    }

    fn title(&self, mut groups: Vec<(Group, usize)>) -> String {
        // What no edge uses can wait; one group that is left over is named rather than counted.
        groups.sort_by_key(|(group, _)| *group == Group::Unused);
        let others = if groups.len() > TITLE_GROUPS + 1 { groups.split_off(TITLE_GROUPS) } else { vec![] };
        self.phrases.title(&Headline {
            kind: self.digest.kind,
            failed: self.digest.failures().map(|(account, _)| account.name.as_str()).collect(),
            groups,
            others: others.iter().map(|(_, number)| number).sum(),
            checked: self.digest.checked(),
        })
    }

    fn notices(&self) -> Vec<String> {
        match self.digest.kind {
            Kind::Real => vec![],
            Kind::Simulated => vec![self.phrases.simulated_notice(&self.date(self.digest.now))],
            Kind::Sample => vec![self.phrases.sample_notice()],
        }
    }

    fn failure(&self, account: &AccountReport, advice: &Advice) -> Entry {
        let name = self.phrases.account(&account.name);
        problem(name, advice, self.phrases)
    }

    fn finding(&self, one: &AccountFinding) -> Entry {
        let (finding, certificate) = (&one.finding, &one.finding.certificate);
        let since = certificate
            .provisioned
            .map(|since| self.digest.now - since)
            .filter(|age| *age >= chrono::TimeDelta::zero());
        let shown_status = untrusted::cut(&untrusted::one_line(certificate.status.as_str()), OTHER_NAME);
        let status = self.phrases.status(&certificate.status, &shown_status, since);
        let expiry = match (&certificate.expiry, finding.expiry) {
            (_, Some(time)) => {
                let text = self.date(time);
                let date = Date { behind: self.phrases.dated(&text), text, time };
                (self.phrases.expiry(time - self.digest.now), Some(date))
            }
            (Expiry::Unreadable(sent), None) => {
                let sent = untrusted::cut(&untrusted::one_line(sent), OTHER_NAME);
                (quoted(&self.phrases.unknown_expiry(Some(&sent)), self.phrases.quotes()), None)
            }
            (_, None) => (self.phrases.unknown_expiry(None), None),
        };
        // What it is reported for comes first.
        let by_expiry =
            [Reason::Expired, Reason::Expiring, Reason::ExpiryUnknown].into_iter().any(|reason| finding.has(reason));
        let behind = |date: &Option<Date>| date.as_ref().map(|date| date.behind.clone()).unwrap_or_default();
        let ((news, date), other) =
            if by_expiry { (expiry, status) } else { ((status, None), expiry.0 + &behind(&expiry.1)) };

        let mut place = vec![self.phrases.slot(certificate.slot_id)];
        let mut add = |text: &str, limit, phrase: &dyn Fn(&str) -> String| {
            let text = untrusted::cut(&untrusted::one_line(text), limit);
            if !text.is_empty() {
                place.push(phrase(&text));
            }
        };
        add(&certificate.certificate_name, CERTIFICATE_NAME, &|name| self.phrases.certificate(name));
        add(&certificate.service_region, OTHER_NAME, &|region| self.phrases.region(region));
        if self.digest.accounts.len() > 1 {
            place.push(self.phrases.account(&self.digest.accounts[one.account].name));
        }
        place.push(other);
        // What would break is worth more than where to look.
        let mut lines: Vec<String> = self.impact(finding).into_iter().chain([place.join(" · ")]).collect();
        if let Some(origin) = &finding.origin {
            lines.push(self.origin(origin));
        }
        if let Some(replacement) = finding.replacement {
            lines.push(self.phrases.replacement(replacement.slot_id, &self.date(replacement.expiry)));
        }
        let name = untrusted::name(&certificate.common_name);
        let name = if name.is_empty() { self.phrases.nameless() } else { name };
        let brief = format!("{name}: {news}{} ({})", behind(&date), self.phrases.slot(certificate.slot_id));
        Entry { name, news, date, lines, brief }
    }

    fn origin(&self, origin: &Origin) -> String {
        let issuer = untrusted::cut(&untrusted::one_line(&origin.issuer), OTHER_NAME);
        self.phrases.origin(origin.lifetime.length(), Some(issuer.as_str()).filter(|issuer| !issuer.is_empty()))
    }

    fn elsewhere(&self, one: &AccountElsewhere) -> Entry {
        let Elsewhere { name, domain, expiry, origin, instances, .. } = &one.elsewhere;
        let text = self.date(*expiry);
        let date = Date { behind: self.phrases.dated(&text), text, time: *expiry };
        let news = self.phrases.expiry(*expiry - self.digest.now);
        let certificate = untrusted::cut(&untrusted::one_line(name), CERTIFICATE_NAME);
        let mut place = vec![self.phrases.certificate(&certificate), self.phrases.used_elsewhere(*instances)];
        if self.digest.accounts.len() > 1 {
            place.push(self.phrases.account(&self.digest.accounts[one.account].name));
        }
        let lines = [place.join(" · ")].into_iter().chain(origin.as_ref().map(|origin| self.origin(origin))).collect();
        let name = untrusted::name(domain);
        let name = if name.is_empty() { self.phrases.nameless() } else { name };
        let brief = format!("{name}: {news}{} ({})", date.behind, self.phrases.certificate(&certificate));
        Entry { name, news, date: Some(date), lines, brief }
    }

    fn impact(&self, finding: &Finding) -> Option<String> {
        let impact = finding.impact.as_ref()?;
        let listed = |names: &[String], skip: &str| -> Vec<String> {
            let names = names
                .iter()
                .filter(|name| *name != skip)
                .map(|name| untrusted::cut(&untrusted::one_line(name), OTHER_NAME));
            names.filter(|name| !name.is_empty()).collect()
        };
        let mut parts = Vec::new();
        if let Some(edges) = impact.edges {
            let mut names = listed(&impact.edge_names, "");
            names.truncate(LISTED);
            parts.push(self.phrases.edges(edges, &names));
        }
        let names = listed(&impact.names, &finding.certificate.common_name);
        if !names.is_empty() {
            let (shown, rest) = names.split_at(names.len().min(LISTED));
            parts.push(self.phrases.names(shown, rest.len()));
        }
        (!parts.is_empty()).then(|| parts.join(" · "))
    }

    fn closing(&self, view: &View<'_>) -> Vec<String> {
        let mut lines = Vec::new();
        if view.left_out.total() > 0 {
            lines.push(self.phrases.left_out(view.left_out));
        }
        if self.digest.kind == Kind::Sample {
            return lines;
        }
        // Of an account of which nothing was read, the failure says all there is to say.
        let read: Vec<&AccountReport> =
            self.digest.accounts.iter().filter(|account| account.failure.is_none() || account.checked > 0).collect();
        if read.len() > COVERAGE_LINES {
            lines.push(self.phrases.coverage_of_many(read.len(), self.digest.checked()));
            lines.extend(self.empty_accounts(&read));
        } else {
            lines.extend(read.iter().map(|account| self.phrases.coverage(account)));
        }
        if let Some(next) = self.digest.next() {
            let name = untrusted::cut(&untrusted::one_line(&next.common_name), OTHER_NAME);
            let name = if name.is_empty() { self.phrases.nameless() } else { name };
            lines.push(self.phrases.horizon(!view.findings.is_empty(), &name, &self.date(next.expiry)));
        }
        let zone = self.style.zone;
        let zone = format!("{} ({})", zone.abbreviation(self.digest.now), zone.name());
        let version = concat!("ncp-cert-alert ", env!("CARGO_PKG_VERSION"));
        lines.push(format!("{} · {version}", self.phrases.rules(self.digest.thresholds, &zone)));
        lines
    }

    /// The accounts among many that have no certificates: perhaps they are the wrong ones.
    fn empty_accounts(&self, accounts: &[&AccountReport]) -> Option<String> {
        let empty =
            accounts.iter().filter(|account| account.failure.is_none() && account.total == 0 && account.checked == 0);
        let names: Vec<&str> = empty.map(|account| account.name.as_str()).collect();
        let mut used = 0;
        let fits = |name: &&&str| {
            used += name.chars().count();
            used <= EMPTY_ACCOUNTS
        };
        let shown = names.iter().take_while(fits).count();
        (!names.is_empty()).then(|| self.phrases.empty_accounts(&names[..shown], names.len()))
    }

    fn buttons(&self) -> Vec<Button> {
        let button = |label, url: &Url| Button { label, url: url.as_str().replace('{', "%7B").replace('}', "%7D") };
        let console = button(self.phrases.console_button(), &self.style.console_url);
        let runbook = self.style.runbook_url.as_ref().map(|url| button(self.phrases.runbook_button(), url));
        [Some(console), runbook].into_iter().flatten().collect()
    }
}

/// The sign that goes before a title or heading of this severity; `None` is all-clear. Always beside words.
pub fn mark(severity: Option<Severity>) -> &'static str {
    match severity {
        Some(Severity::Critical) => "🔴",
        Some(Severity::Warning) => "🟠",
        Some(Severity::Info) => "🔵",
        None => "✅",
    }
}
