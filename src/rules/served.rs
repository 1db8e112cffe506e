//! What clients are served, compared with what is listed: an older certificate than the list's, or one that ends soon.
//!
//! Only these two are findings. Whatever else a look at a host may meet is a [`Remark`]: from one place, at one time, it proves
//! nothing about the slot.

use std::collections::HashSet;

use chrono::{DateTime, TimeDelta, Utc};
use url::Host;

use crate::certificate::{Certificate, Expiry, Status};
use crate::rules::finding::{Cause, Dated, Reason};
use crate::rules::lifetime::Thresholds;
use crate::rules::severity::Severity;

/// Dates that differ by no more than this may be those of one certificate: the list rounds, and its zone is not documented.
const ALIKE: TimeDelta = TimeDelta::days(1);

/// A host that was looked at, or was to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sight {
    /// The name that was asked for, as [`host_name`] writes it.
    pub name: String,
    /// The port.
    pub port: u16,
    /// The dates of the certificate that was served, if it covers the name.
    pub seen: Option<Validity>,
    /// What else there is to say, if not all is as it should be.
    pub remark: Option<Remark>,
}

/// The first and the last moment of a certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Validity {
    /// `notBefore`
    pub begins: DateTime<Utc>,
    /// `notAfter`
    pub ends: DateTime<Utc>,
}

/// What a look at a host may come to that is no finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Remark {
    /// It did not answer in time, refused the connection or broke it off.
    NoAnswer,
    /// The certificate is for another name.
    OtherName,
    /// No chain leads from the certificate to an issuer that browsers know: one of its own, or an intermediate is missing.
    UnknownIssuer,
    /// It has no address.
    NotFound,
    /// It has only addresses that are not public, which are not connected to.
    NotPublic,
    /// It answered, but not with a TLS 1.2 or 1.3 handshake and a certificate that can be read.
    NoTls,
    /// A second handshake did not show the same certificate.
    Unconfirmed,
    /// There was no time for it, or there are more hosts than a run looks at.
    NotLooked,
    /// No RUNNING slot's name covers it.
    NoSlot,
}

impl Remark {
    /// As programs read it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::OtherName => "other_name",
            Self::UnknownIssuer => "unknown_issuer",
            Self::NoAnswer => "no_answer",
            Self::NotFound => "not_found",
            Self::NotPublic => "not_public",
            Self::NoTls => "no_tls",
            Self::Unconfirmed => "unconfirmed",
            Self::NotLooked => "not_looked_at",
            Self::NoSlot => "no_slot",
        }
    }
}

impl Sight {
    /// The host as it is shown: its name, and its port unless that is the usual one.
    pub fn host(&self) -> String {
        if self.port == 443 { self.name.clone() } else { format!("{}:{}", self.name, self.port) }
    }

    /// Whether it was tried at all.
    pub fn was_tried(&self) -> bool {
        !matches!(self.remark, Some(Remark::NotLooked | Remark::NoSlot))
    }
}

/// A name as it is looked up: in small letters, an international one in its ASCII form, without a final dot. `None` if no host
/// can have it.
pub fn host_name(text: &str) -> Option<String> {
    let text = text.trim();
    let text = text.strip_suffix('.').unwrap_or(text);
    // `Host` would decode percent signs.
    let Host::Domain(name) = Host::parse(text).ok().filter(|_| !text.contains('%'))? else { return None };
    let is_label = |label: &str| {
        let is_plain = label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_');
        is_plain && (1..=63).contains(&label.len()) && !label.starts_with('-') && !label.ends_with('-')
    };
    (name.len() <= 253 && name.split('.').all(is_label)).then_some(name)
}

/// The hosts that a slot's name covers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cover {
    /// This one.
    Host(String),
    /// Those that have one label before this name.
    Below(String),
}

impl Cover {
    /// What this `commonName` covers; `None` if it is no name of hosts.
    pub fn of(common_name: &str) -> Option<Self> {
        match common_name.trim().strip_prefix("*.") {
            Some(parent) => host_name(parent).map(Self::Below),
            None => host_name(common_name).map(Self::Host),
        }
    }

    /// Whether it covers a host of this name.
    pub fn covers(&self, name: &str) -> bool {
        match self {
            Self::Host(host) => host == name,
            Self::Below(parent) => name.split_once('.').is_some_and(|(_, behind)| behind == parent),
        }
    }
}

/// The slots of an account whose names cover hosts.
#[derive(Debug)]
pub struct Slots<'a> {
    rows: Vec<(&'a Certificate, Cover)>,
    /// The names of the RUNNING ones that are no wildcards.
    hosts: HashSet<String>,
}

impl<'a> Slots<'a> {
    /// Those among `rows`.
    pub fn of(rows: &'a [Certificate]) -> Self {
        let rows: Vec<_> = rows.iter().filter_map(|row| Some((row, Cover::of(&row.common_name)?))).collect();
        let mut hosts = HashSet::new();
        for (row, cover) in &rows {
            if let Cover::Host(name) = cover
                && row.status == Status::Running
            {
                hosts.insert(name.clone());
            }
        }
        Self { rows, hosts }
    }

    /// The RUNNING ones, each with what it covers.
    pub fn running(&self) -> impl Iterator<Item = (&'a Certificate, &Cover)> {
        let running = self.rows.iter().filter(|(row, _)| row.status == Status::Running);
        running.map(|(row, cover)| (*row, cover))
    }

    /// Whether what this host serves counts for a RUNNING slot that covers this: not for a wildcard, if the host has a slot of its
    /// own.
    pub fn counts_for(&self, cover: &Cover, host: &str) -> bool {
        cover.covers(host) && (matches!(cover, Cover::Host(_)) || !self.hosts.contains(host))
    }

    /// What was served for `certificate` at the hosts among `sights` that count for it.
    pub fn served(&self, certificate: &Certificate, sights: &[Sight]) -> Vec<Served> {
        let Some(cover) = Cover::of(&certificate.common_name) else { return Vec::new() };
        let mut served = Vec::new();
        for sight in sights.iter().filter(|sight| self.counts_for(&cover, &sight.name)) {
            let Some(validity) = sight.seen else { continue };
            let is_its = |(row, cover): &(&Certificate, Cover)| {
                let ends_alike = row.expiry.time().is_some_and(|expiry| validity.ends_like(expiry));
                row.slot_id != certificate.slot_id && ends_alike && cover.covers(&sight.name)
            };
            let is_explained = self.rows.iter().any(is_its);
            served.push(Served { host: sight.host(), validity, is_explained, reason: None });
        }
        served
    }

    /// Whether a certificate like this, seen at `name`, would be a finding of one of the slots.
    pub fn would_find(&self, name: &str, seen: Validity, thresholds: Thresholds, now: DateTime<Utc>) -> bool {
        let sight = Sight { name: name.to_owned(), port: 443, seen: Some(seen), remark: None };
        self.running().filter(|(_, cover)| self.counts_for(cover, name)).any(|(row, _)| {
            let served = self.served(row, std::slice::from_ref(&sight));
            served.iter().any(|served| served.cause(row, row.expiry.time(), thresholds, now).is_some())
        })
    }
}

impl Validity {
    /// Whether a certificate that ends then may be this one.
    pub fn ends_like(self, expiry: DateTime<Utc>) -> bool {
        (self.ends - expiry).abs() <= ALIKE
    }
}

/// A certificate that a host of a slot serves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Served {
    /// The host, as it is shown.
    pub host: String,
    /// The dates of the certificate.
    pub validity: Validity,
    /// Whether it is known why it may be older than the slot's: another slot or region has it, or no edge uses the slot.
    pub is_explained: bool,
    /// What it is reported for: [`Reason::ServedEnds`] or [`Reason::ServedOlder`].
    pub reason: Option<Reason>,
}

impl Served {
    /// Why it is reported, if it is, of a slot that ends at `own`, if known.
    pub(super) fn cause(
        &self,
        certificate: &Certificate,
        own: Option<DateTime<Utc>>,
        thresholds: Thresholds,
        now: DateTime<Utc>,
    ) -> Option<Cause> {
        let Validity { begins, ends } = self.validity;
        // Otherwise the slot's own expiry says it.
        let is_earlier = own.is_none_or(|own| own - ends > ALIKE);
        if certificate.status != Status::Running || !is_earlier {
            return None;
        }
        let by_date = Dated { expiry: ends, origin: None }.cause(certificate.provisioned, thresholds, now);
        if let Some(cause) = by_date.filter(|cause| cause.severity == Severity::Critical) {
            return Some(Cause { reason: Reason::ServedEnds, ..cause });
        }
        let provisioned = certificate.provisioned?;
        let since = provisioned + thresholds.grace();
        let has_end = own.is_some() && certificate.expiry != Expiry::NoEnd;
        let is_older = has_end && since <= now && begins < provisioned && !self.is_explained;
        is_older.then_some(Cause { reason: Reason::ServedOlder, severity: Severity::Warning, since: Some(since) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::{Finding, Impact, Judgement, judge_slots, sum_up};

    const NOW: DateTime<Utc> = DateTime::from_timestamp_millis(1_795_392_000_000).unwrap();

    /// A slot that was deployed ten days ago and has this many days left.
    fn slot(slot_id: i64, common_name: &str, left: i64) -> Certificate {
        Certificate {
            slot_id,
            common_name: common_name.into(),
            certificate_name: "www".into(),
            service_region: "KR_JP".into(),
            status: Status::Running,
            expiry: Expiry::At(NOW + TimeDelta::days(left)),
            provisioned: Some(NOW - TimeDelta::days(10)),
            ..Certificate::default()
        }
    }

    /// What is served at a host: since so many days, for so many.
    fn sight(name: &str, since: i64, left: i64) -> Sight {
        let seen = Validity { begins: NOW - TimeDelta::days(since), ends: NOW + TimeDelta::days(left) };
        Sight { name: name.into(), port: 443, seen: Some(seen), remark: None }
    }

    fn judged(rows: Vec<Certificate>, sights: &[Sight]) -> Vec<Finding> {
        let slots = judge_slots(rows, None, sights, Thresholds::DEFAULT, NOW);
        slots.into_iter().filter_map(|(_, finding)| finding.map(|finding| *finding)).collect()
    }

    /// Each finding with its reasons, its severity, and since how many days it has that.
    fn found(rows: Vec<Certificate>, sights: &[Sight]) -> Vec<(i64, Vec<Reason>, Severity, Option<i64>)> {
        let findings = judged(rows, sights);
        let facts = |finding: &Finding| {
            let reasons = finding.reasons.iter().map(|(reason, _)| reason).collect();
            let since = finding.since().map(|since| (NOW - since).num_days());
            (finding.certificate.slot_id, reasons, finding.severity(), since)
        };
        findings.iter().map(facts).collect()
    }

    #[test]
    fn what_is_served_is_a_finding_when_it_ends_or_is_older() {
        use Reason::{Expired, Expiring, ExpiryUnknown, ServedEnds, ServedOlder};
        use Severity::{Critical, Warning};
        let www = |left| slot(1, "www.example.kr", left);
        let one = |slot: Certificate, since, left| found(vec![slot], &[sight("www.example.kr", since, left)]);
        let dated = |expiry| Certificate { expiry, ..www(200) };
        let deployed = |provisioned| Certificate { provisioned, ..www(200) };
        let none: Vec<(Vec<Reason>, Severity, Option<i64>)> = Vec::new();
        for (slot, since, left, expected) in [
            // It ends soon, or has ended: since it crossed its line, or since the slot was deployed.
            (www(200), 300, 7, vec![(vec![ServedEnds], Critical, Some(0))]),
            (www(200), 300, 4, vec![(vec![ServedEnds], Critical, Some(3))]),
            (www(200), 300, -2, vec![(vec![ServedEnds], Critical, Some(2))]),
            (www(20), 300, 3, vec![(vec![ServedEnds, Expiring], Critical, Some(4))]),
            (www(-3), 300, -9, vec![(vec![ServedEnds, Expired], Critical, Some(3))]),
            (dated(Expiry::NoEnd), 300, 3, vec![(vec![ServedEnds], Critical, Some(4))]),
            (dated(Expiry::Missing), 300, 3, vec![(vec![ServedEnds, ExpiryUnknown], Critical, Some(4))]),
            (deployed(None), 300, 3, vec![(vec![ServedEnds], Critical, Some(4))]),
            // The slot's own expiry says it.
            (www(4), 300, 3, vec![(vec![Expiring], Critical, Some(3))]),
            // It is older than what was deployed.
            (www(200), 300, 8, vec![(vec![ServedOlder], Warning, Some(9))]),
            (www(200), 11, 198, vec![(vec![ServedOlder], Warning, Some(9))]),
            (www(25), 300, 20, vec![(vec![Expiring, ServedOlder], Warning, Some(5))]),
            // It is not: it began later, ends alike or later, or the slot has no date to compare with.
            (www(200), 9, 90, none.clone()),
            (www(200), 300, 199, none.clone()),
            (www(200), 300, 400, none.clone()),
            (dated(Expiry::NoEnd), 300, 90, none.clone()),
            (dated(Expiry::Missing), 300, 90, vec![(vec![ExpiryUnknown], Warning, None)]),
            (deployed(None), 300, 90, none.clone()),
            // It was deployed within the grace, or will be.
            (deployed(Some(NOW - TimeDelta::minutes(119))), 300, 90, none.clone()),
            (deployed(Some(NOW - TimeDelta::minutes(120))), 300, 90, vec![(vec![ServedOlder], Warning, Some(0))]),
            (deployed(Some(NOW + TimeDelta::days(1))), 300, 90, none.clone()),
        ] {
            let found: Vec<_> = one(slot.clone(), since, left).into_iter().map(|(_, a, b, c)| (a, b, c)).collect();
            assert_eq!(found, expected, "{slot:?} {since} {left}");
        }
    }

    #[test]
    fn only_running_slots_whose_name_covers_the_host_are_concerned() {
        let ends = |name: &str| [sight(name, 300, 3)];
        let concerned = |common_name: &str, host: &str| !found(vec![slot(1, common_name, 200)], &ends(host)).is_empty();
        for (common_name, host, expected) in [
            ("www.example.kr", "www.example.kr", true),
            ("WWW.Example.kr.", "www.example.kr", true),
            ("쇼핑.한국", "xn--hp4bo76a.xn--3e0b707e", true),
            ("*.example.kr", "shop.example.kr", true),
            ("*.Example.kr", "shop.example.kr", true),
            ("*.example.kr", "example.kr", false),
            ("*.example.kr", "a.shop.example.kr", false),
            ("example.kr", "www.example.kr", false),
            ("h***.kr", "hxxx.kr", false),
            ("", "www.example.kr", false),
        ] {
            assert_eq!(concerned(common_name, host), expected, "{common_name} {host}");
        }
        for status in ["PUBLISHING", "DELETING", "PAUSED", ""] {
            let other = Certificate { status: Status::new(status), ..slot(1, "www.example.kr", 200) };
            let reasons = found(vec![other], &ends("www.example.kr"))[0].1.clone();
            assert_eq!(reasons, [Reason::NotRunning], "{status}");
        }
    }

    #[test]
    fn a_host_with_a_slot_of_its_own_says_nothing_of_a_wildcard() {
        let both = |status: &str| {
            let own = Certificate { status: Status::new(status), ..slot(1, "www.example.kr", 3) };
            let found = found(vec![own, slot(2, "*.example.kr", 200)], &[sight("www.example.kr", 300, 3)]);
            found.into_iter().map(|(slot, reasons, ..)| (slot, reasons[0])).collect::<Vec<_>>()
        };
        assert_eq!(both("RUNNING"), [(1, Reason::Expiring)], "it serves its own");
        assert_eq!(
            both("DELETED"),
            [(1, Reason::NotRunning), (2, Reason::ServedEnds)],
            "nothing but the wildcard is left"
        );
    }

    #[test]
    fn an_older_certificate_that_another_slot_has_is_waiting_for_its_switch() {
        let renewed = || slot(2, "www.example.kr", 200);
        let older = |other: Certificate| {
            let found = found(vec![renewed(), other], &[sight("www.example.kr", 300, 50)]);
            found.iter().any(|(_, reasons, ..)| reasons.contains(&Reason::ServedOlder))
        };
        assert!(!older(slot(1, "www.example.kr", 50)));
        assert!(!older(slot(1, "*.example.kr", 51)));
        assert!(!older(Certificate { status: Status::Deleted, ..slot(1, "WWW.example.kr", 49) }));
        assert!(older(slot(1, "www.example.kr", 52)), "it ends on another day");
        assert!(older(slot(1, "shop.example.kr", 50)), "it is for another name");
        assert!(older(slot(2, "www.example.kr", 50)), "a second row of the same slot is no other slot");
        // What ends soon is reported all the same.
        let ends = found(vec![renewed(), slot(1, "www.example.kr", 3)], &[sight("www.example.kr", 300, 3)]);
        let reasons: Vec<_> = ends.iter().map(|(slot, reasons, ..)| (*slot, reasons.clone())).collect();
        assert_eq!(reasons, [(2, vec![Reason::ServedEnds]), (1, vec![Reason::Expiring])]);
    }

    #[test]
    fn a_detail_explains_an_older_certificate_and_never_one_that_ends() {
        let at = |left| NOW + TimeDelta::days(left);
        let with = |left: i64, impact: Impact| {
            let finding = judged(vec![slot(1, "www.example.kr", 200)], &[sight("www.example.kr", 300, left)]).remove(0);
            let finding = finding.with_impact(impact, None, Thresholds::DEFAULT, NOW)?;
            Some((finding.reasons.first().0, finding.severity()))
        };
        let older = Some((Reason::ServedOlder, Severity::Warning));
        let ends = Some((Reason::ServedEnds, Severity::Critical));
        let unused = || Impact { edges: Some(0), ..Impact::default() };
        assert_eq!(with(50, Impact { edges: Some(1), ends: vec![at(200)], ..Impact::default() }), older);
        assert_eq!(with(50, Impact::default()), older);
        assert_eq!(with(50, unused()), None);
        assert_eq!(with(50, Impact { ends: vec![at(200), at(51)], ..Impact::default() }), None);
        assert_eq!(with(3, unused()), ends, "it is served, whatever the detail counts");
        assert_eq!(with(3, Impact { ends: vec![at(3)], ..Impact::default() }), ends);
        // By the detail, the slot itself ends then: its own expiry says it.
        let regional = Impact { expiry: Some(at(3)), ends: vec![at(3), at(200)], ..Impact::default() };
        assert_eq!(with(3, regional), Some((Reason::Expiring, Severity::Critical)));
    }

    #[test]
    fn without_a_detail_a_slot_with_two_certificates_is_not_called_older() {
        let without = |region: &str, left| {
            let row = Certificate { service_region: region.into(), ..slot(1, "www.example.kr", 200) };
            let finding = judged(vec![row], &[sight("www.example.kr", 300, left)]).remove(0);
            finding.without_impact(Thresholds::DEFAULT, NOW).map(|finding| finding.reasons.first().0)
        };
        assert_eq!(without("KR_JP", 50), Some(Reason::ServedOlder));
        assert_eq!(without("KR_JP_GLOBAL", 50), None);
        assert_eq!(without("KR_JP_GLOBAL", 3), Some(Reason::ServedEnds));
    }

    #[test]
    fn the_worst_of_several_hosts_counts_and_what_ends_first_comes_first() {
        let sights = [sight("b.example.kr", 300, 50), sight("a.example.kr", 300, 5), sight("c.example.kr", 300, 2)];
        let findings = judged(vec![slot(1, "*.example.kr", 200), slot(2, "x.kr", 4)], &sights);
        let Judgement { findings, next, .. } = sum_up(
            findings.into_iter().map(|finding| (finding.certificate.clone(), Some(Box::new(finding)))).collect(),
            Thresholds::DEFAULT,
            NOW,
            None,
        );
        let order: Vec<_> = findings.iter().map(|finding| finding.certificate.slot_id).collect();
        assert_eq!((order, next), (vec![1, 2], None));
        let hosts = |reason| findings[0].served_for(reason).map(|served| served.host.as_str()).collect::<Vec<_>>();
        assert_eq!(hosts(Reason::ServedEnds), ["c.example.kr", "a.example.kr"]);
        assert_eq!(hosts(Reason::ServedOlder), ["b.example.kr"]);
        assert_eq!(findings[0].expiry, Some(NOW + TimeDelta::days(200)), "the certificate's own date stays");
        assert_eq!(findings[0].first_end(), Some(NOW + TimeDelta::days(2)));
    }
}
