//! A finding as an entry of a message: why it is reported, and what else is known.

use chrono::{DateTime, TimeDelta, Utc};

use super::compose::{Composer, LISTED, OTHER_NAME, quoted, shown, until};
use super::document::{Date, Entry, Facts};
use super::words::Group;
use crate::certificate::{Expiry, Status};
use crate::report::{AccountFinding, Found};
use crate::rules::elsewhere::Elsewhere;
use crate::rules::lifetime::Origin;
use crate::rules::{Finding, HeldUse, Reason, Severity};
use crate::text;

/// How close an expiry must be for the time of day to matter.
const TIME_MATTERS: TimeDelta = TimeDelta::hours(48);

/// The longest certificate name shown, in graphemes: the domain above it says more.
const CERTIFICATE_NAME: usize = 80;

impl Composer<'_> {
    pub(super) fn entry(&self, finding: &AccountFinding) -> Entry {
        let mut entry = match &finding.found {
            Found::Slot(slot) => self.slot(&finding.account, self.group(&finding.found), slot),
            Found::Elsewhere(elsewhere) => self.elsewhere(&finding.account, elsewhere),
        };
        if finding.found.severity() == Severity::Critical {
            // Whoever put it off should see that this is over.
            let mut overruled = self.report.mutes.overruled.iter();
            let mute = overruled.find(|mute| mute.concerns(finding));
            entry.lines.extend(mute.map(|mute| {
                let (until, why) = until(mute, self.phrases);
                self.phrases.was_muted(&until, &why)
            }));
        }
        entry
    }

    fn slot(&self, account: &str, group: Group, finding: &Finding) -> Entry {
        let phrases = self.phrases;
        let certificate = &finding.certificate;
        let severity = finding.severity();
        let since = finding.since();
        let (news, date, other) = self.news(finding);
        let news = self.marked(news, since);
        let impact = self.impact(finding);
        let is_unused = finding.is_unused();

        // Where to look, and what else is known.
        let slot = phrases.slot(certificate.slot_id);
        let mut rest = vec![slot.clone()];
        // The console lists certificates by this name.
        let certificate_name = shown(&certificate.certificate_name, CERTIFICATE_NAME);
        rest.extend((!certificate_name.is_empty()).then(|| phrases.certificate(&certificate_name)));
        rest.extend(self.account_if_several(account));
        rest.extend(other);
        rest.extend(self.served(finding));
        rest.extend(finding.origin.iter().map(|origin| self.origin(origin)));

        let (mut aside, mut lines, mut details) = (String::new(), Vec::new(), Vec::new());
        if severity == Severity::Critical {
            // What would break matters more than where to look.
            lines.push([impact, rest].concat().join(phrases.texts().dot));
        } else {
            // A heading may have said already that no edge uses it.
            if is_unused && group != Group::Unused {
                rest.insert(0, phrases.texts().unused.to_owned());
            }
            aside = format!("{}{}", phrases.texts().dot, rest.join(phrases.texts().dot));
            if !is_unused && !impact.is_empty() {
                details.push(impact.join(phrases.texts().dot));
            }
        }
        let mut step = finding.replacement.map(|other| phrases.replacement(other.slot_id, &self.date(other.expiry)));
        if finding.has(Reason::ServedEnds) || finding.has(Reason::ServedOlder) {
            step = Some(phrases.texts().how_to_serve.to_owned());
        }

        let name = self.domain(&certificate.common_name, text::NAME_LIMIT);
        let behind = date.as_ref().map_or("", |date| date.behind.as_str());
        let mut brief = vec![format!("{name}{}{news}{behind}", phrases.texts().colon)];
        brief.extend(is_unused.then(|| phrases.texts().unused.to_owned()));
        brief.push(slot);
        brief.extend(self.account_if_several(account));
        let status = shown(certificate.status.as_str(), OTHER_NAME);
        Entry {
            group,
            name,
            news,
            date,
            aside,
            lines,
            step,
            details,
            brief: brief.join(phrases.texts().dot),
            month: finding.first_end().map(|time| self.month(time)),
            facts: Facts {
                expires: finding.first_end(),
                since,
                slot: Some(certificate.slot_id),
                account: account.to_owned(),
                status: (!status.is_empty()).then_some(status),
            },
        }
    }

    fn elsewhere(&self, account: &str, elsewhere: &Elsewhere) -> Entry {
        let phrases = self.phrases;
        let news = match elsewhere.expiry {
            Some(expiry) => phrases.expiry(expiry - self.report.now),
            None => phrases.unknown_expiry(None),
        };
        let news = self.marked(news, elsewhere.since);
        let date = elsewhere.expiry.map(|expiry| self.dated(expiry, elsewhere.severity));
        let certificate = phrases.certificate(&shown(&elsewhere.name, CERTIFICATE_NAME));
        let mut rest = vec![phrases.used_elsewhere(elsewhere.instances), certificate.clone()];
        rest.extend(self.account_if_several(account));
        rest.extend(elsewhere.origin.iter().map(|origin| self.origin(origin)));
        let rest = rest.join(phrases.texts().dot);
        let (aside, lines) = if elsewhere.severity == Severity::Critical {
            (String::new(), vec![rest])
        } else {
            (format!("{}{rest}", phrases.texts().dot), Vec::new())
        };
        let name = self.domain(&elsewhere.domain, text::NAME_LIMIT);
        let behind = date.as_ref().map_or("", |date| date.behind.as_str());
        Entry {
            group: Group::Elsewhere,
            brief: format!("{name}{}{news}{behind}{}{certificate}", phrases.texts().colon, phrases.texts().dot),
            name,
            news,
            date,
            aside,
            lines,
            step: None,
            details: Vec::new(),
            month: elsewhere.expiry.map(|expiry| self.month(expiry)),
            facts: Facts {
                expires: elsewhere.expiry,
                since: elsewhere.since,
                account: account.to_owned(),
                ..Facts::default()
            },
        }
    }

    fn account_if_several(&self, account: &str) -> Option<String> {
        (self.report.accounts.len() > 1).then(|| self.phrases.account(account))
    }

    /// The news, marked as new if it is.
    fn marked(&self, news: String, since: Option<DateTime<Utc>>) -> String {
        let age = since.map(|since| self.report.now - since);
        let is_new = self.view.scope.new_within().zip(age).is_some_and(|(within, age)| age <= within);
        if is_new { self.phrases.marked_new(&news) } else { news }
    }

    /// How long a certificate is valid in all, and who issued it.
    fn origin(&self, origin: &Origin) -> String {
        let issuer = shown(&origin.issuer, OTHER_NAME);
        self.phrases.origin(origin.lifetime.length(), (!issuer.is_empty()).then_some(&issuer))
    }

    /// A date, with the time of day if it is close enough to matter.
    pub(super) fn date(&self, time: DateTime<Utc>) -> String {
        let day = self.day(self.local_day(time));
        if (time - self.report.now).abs() >= TIME_MATTERS {
            return day;
        }
        let zone = self.style.zone;
        let time_of_day = format!("{} {}", zone.local(time).format("%H:%M"), zone.abbreviation(time));
        self.phrases.moment(&day, &time_of_day)
    }

    /// The date of something this urgent, as it follows the news. The time of day matters only where someone has to act.
    fn dated(&self, time: DateTime<Utc>, severity: Severity) -> Date {
        let text = if severity == Severity::Critical { self.date(time) } else { self.day(self.local_day(time)) };
        Date { behind: self.phrases.dated(&text), text }
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
                quoted(&phrases.unknown_expiry(Some(&shown(sent, OTHER_NAME))), phrases.texts().quotes)
            }
            Expiry::At(_) | Expiry::NoEnd | Expiry::Missing => phrases.unknown_expiry(None),
        };
        let is_running = certificate.status == Status::Running;
        match finding.reasons.first().0 {
            Reason::ServedEnds => {
                let Some(time) = finding.first_end() else { return (unknown(), None, None) };
                (phrases.served_ends(time - self.report.now), Some(self.dated(time, finding.severity())), None)
            }
            Reason::ServedOlder => (self.served_older(finding).unwrap_or_default(), None, None),
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

    /// That an older certificate is still served, and until when it is valid.
    fn served_older(&self, finding: &Finding) -> Option<String> {
        let older = finding.served_for(Reason::ServedOlder).next()?;
        Some(self.phrases.served_older(&self.date(older.validity.ends)))
    }

    /// What else there is to say of what is served: where it was seen, and until when the slot itself is valid.
    fn served(&self, finding: &Finding) -> Vec<String> {
        let mut parts = Vec::new();
        let first = finding.reasons.first().0;
        if first != Reason::ServedOlder {
            parts.extend(self.served_older(finding));
        }
        let mut hosts: Vec<&str> =
            finding.served.iter().filter(|served| served.reason.is_some()).map(|served| served.host.as_str()).collect();
        if hosts.is_empty() {
            return parts;
        }
        // The slot's own name stands above.
        hosts.retain(|host| *host != finding.certificate.common_name);
        let (named, more) = hosts.split_at(hosts.len().min(LISTED));
        let region = self.report.looked.as_ref().and_then(|looked| looked.region.as_deref());
        parts.push(self.phrases.seen(named, more.len(), region));
        if matches!(first, Reason::ServedEnds | Reason::ServedOlder) {
            parts.extend(finding.expiry.map(|expiry| self.phrases.slot_lasts(&self.date(expiry))));
        }
        parts
    }

    /// What would break: the edges that use it, and the other names that it covers.
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
        match impact.edges.map(|count| count.max(edges.len() as u64)) {
            Some(0) => parts.push(match finding.held_use {
                HeldUse::NotAsked | HeldUse::Instances(0) => self.phrases.texts().unused.to_owned(),
                HeldUse::Instances(instances) => self.phrases.used_behind_no_edge(Some(instances)),
                HeldUse::Unreadable => self.phrases.used_behind_no_edge(None),
            }),
            Some(count) => parts.push(self.phrases.edges(count, &edges)),
            None => {}
        }
        let names = listed(&impact.names, &finding.certificate.common_name);
        if !names.is_empty() {
            let (first, rest) = names.split_at(names.len().min(LISTED));
            parts.push(self.phrases.names(first, rest.len()));
        }
        parts
    }
}
