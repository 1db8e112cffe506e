//! The rules: which certificates are reported, why, and how urgent each is.
//!
//! Pure: the present and the thresholds are arguments.

use std::cmp::Ordering;

use chrono::{DateTime, TimeDelta, Utc};

use crate::certificate::{Certificate, Status};
use crate::rules::lifetime::{Lifetime, Origin, Thresholds};
use crate::rules::severity::Severity;

/// Why a certificate is reported.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// No time is left.
    Expired,
    /// Less time than a threshold is left.
    Expiring,
    /// Its expiry date is missing or unreadable: it may be any day.
    ExpiryUnknown,
    /// It is not RUNNING.
    NotRunning,
}

/// Every reason for a finding, each with its own severity. There is always at least one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reasons {
    first: (Reason, Severity),
    rest: Vec<(Reason, Severity)>,
}

impl Reasons {
    /// These reasons; `None` if there are none.
    pub(super) fn of(reasons: impl IntoIterator<Item = (Reason, Severity)>) -> Option<Self> {
        let mut reasons = reasons.into_iter();
        Some(Self { first: reasons.next()?, rest: reasons.collect() })
    }

    /// All of them: those from the date come before those from the status.
    pub fn iter(&self) -> impl Iterator<Item = (Reason, Severity)> {
        std::iter::once(self.first).chain(self.rest.iter().copied())
    }

    /// The one that a finding is told by, with the severity that it has by itself.
    #[must_use]
    pub fn first(&self) -> (Reason, Severity) {
        self.first
    }

    /// The highest of their severities.
    #[must_use]
    pub fn severity(&self) -> Severity {
        self.rest.iter().fold(self.first.1, |highest, (_, severity)| highest.max(*severity))
    }
}

/// What would break, read from the slot's detail.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Impact {
    /// How many edges use the slot, if the API said so: zero only if nothing in its answer contradicts it.
    pub edges: Option<u64>,
    /// The names of those edges, as far as the API gave any.
    pub edge_names: Vec<String>,
    /// The alternative names of the slot's certificates.
    pub names: Vec<String>,
    /// The slot's own end: the earliest, over its regions, of each region's latest date.
    pub expiry: Option<DateTime<Utc>>,
    /// The name in Certificate Manager of the certificate that ends then; empty if the API gave none.
    pub certificate_name: String,
    /// The names in Certificate Manager of all certificates in the slot.
    pub certificate_names: Vec<String>,
    /// Where the certificate that ends then comes from, if known.
    pub origin: Option<Origin>,
}

/// Another slot that already has the name and lasts long enough: only the switch is missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Replacement {
    /// That slot.
    pub slot_id: i64,
    /// When it expires.
    pub expiry: DateTime<Utc>,
}

/// A certificate that was selected, with every reason for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The certificate, as listed.
    pub certificate: Certificate,
    /// Every reason, with its own severity.
    pub reasons: Reasons,
    /// When it expires: the earlier of the list's date and the detail's. If the list has none, the detail's counts only if it
    /// is a reason: a distant one does not make the list's known.
    pub expiry: Option<DateTime<Utc>>,
    /// Where the certificate with that date comes from, if known: its lifetime sets the cutoffs that it is judged by, as in
    /// [`Thresholds::cutoffs`].
    pub origin: Option<Origin>,
    /// The date that its severity rests on: the list's, unless the detail's makes it worse. Details are read only for
    /// findings, so an earlier date in the detail does not make the finding older.
    pub rests_on: Option<Dated>,
    /// What would break, if the detail was read.
    pub impact: Option<Impact>,
    /// The slot that could take over.
    pub replacement: Option<Replacement>,
}

impl Finding {
    /// The highest severity of its reasons. A slot that no edge uses is at most a warning: its end breaks nothing.
    #[must_use]
    pub fn severity(&self) -> Severity {
        let highest = self.reasons.severity();
        if self.is_unused() { highest.min(Severity::Warning) } else { highest }
    }

    /// Whether it is known that no edge uses the slot.
    #[must_use]
    pub fn is_unused(&self) -> bool {
        self.impact.as_ref().is_some_and(|impact| impact.edges == Some(0))
    }

    /// Since when it has been in its present state, if that follows from its dates: when the latest of the reasons behind its
    /// severity arose. Nothing has to be remembered between runs, so a missed run loses nothing.
    #[must_use]
    pub fn since(&self, thresholds: Thresholds) -> Option<DateTime<Utc>> {
        // For a slot that no edge uses, the reasons' own severity counts, which may be critical: reaching it is a change of
        // its own.
        let severity = self.reasons.severity();
        let reasons = self.reasons.iter().filter(|(_, one)| *one == severity);
        let began = reasons.map(|(reason, _)| self.began(reason, severity, thresholds)).collect::<Option<Vec<_>>>();
        began.and_then(|began| began.into_iter().max())
    }

    /// When a reason arose, if that follows from the dates.
    fn began(&self, reason: Reason, severity: Severity, thresholds: Thresholds) -> Option<DateTime<Utc>> {
        let (certificate, dated) = (&self.certificate, self.rests_on);
        let cutoffs = thresholds.cutoffs(dated.and_then(|dated| dated.lifetime));
        match (reason, severity) {
            (Reason::Expired, _) => dated.map(|dated| dated.expiry),
            (Reason::Expiring, Severity::Critical) => dated.map(|dated| dated.expiry - cutoffs.critical),
            (Reason::Expiring, _) => dated.map(|dated| dated.expiry - cutoffs.warning),
            (Reason::ExpiryUnknown, _) => None,
            (Reason::NotRunning, Severity::Info) => certificate.provisioned,
            (Reason::NotRunning, _) => {
                let is_stuck = matches!(certificate.status, Status::Ready | Status::Publishing);
                certificate.provisioned.filter(|_| is_stuck).map(|since| since + thresholds.grace())
            }
        }
    }

    /// Whether `reason` is among the reasons.
    #[must_use]
    pub fn has(&self, reason: Reason) -> bool {
        self.reasons.iter().any(|(one, _)| one == reason)
    }

    /// Takes in what the slot's detail says: an earlier date is judged too, by the cutoffs of its own certificate, and the
    /// worse of the two counts; having no edges lowers the severity. No reason is removed.
    #[must_use]
    pub fn with_impact(mut self, impact: Impact, thresholds: Thresholds, now: DateTime<Utc>) -> Self {
        if let Some(earlier) = impact.expiry.filter(|date| self.expiry.is_none_or(|listed| *date < listed)) {
            let listed = self.expiry.map(|expiry| Dated::new(expiry, self.origin.as_ref()));
            let told = Dated::new(earlier, impact.origin.as_ref());
            let severity = |dated: Dated| by_date(dated, thresholds, now).map(|(_, severity)| severity);
            let is_worse = severity(told) >= listed.and_then(severity);
            // What was selected stays selected, whatever the rules make of an earlier date.
            if let Some(reasons) = judge(&self.certificate, listed.into_iter().chain([told]), thresholds, now) {
                self.reasons = reasons;
            }
            // A distant date does not make up for one that the list lacks.
            if listed.is_some() || severity(told).is_some() {
                self.expiry = Some(earlier);
            }
            if is_worse {
                self.origin.clone_from(&impact.origin);
            }
            // At the same severity, a past expiry is worse than a coming one.
            let weight = |dated: Dated| {
                by_date(dated, thresholds, now).map(|(reason, severity)| (severity, reason == Reason::Expired))
            };
            if weight(told) > listed.and_then(weight) {
                self.rests_on = Some(told);
            }
        }
        self.impact = Some(impact);
        self
    }

    /// The order in which findings are listed: severity (worst first), expiry (earliest first, unknown last), name, slot.
    #[must_use]
    pub fn urgency(&self, other: &Self) -> Ordering {
        let by_expiry = |finding: &Self| (finding.expiry.is_none(), finding.expiry);
        (other.severity().cmp(&self.severity()))
            .then_with(|| by_expiry(self).cmp(&by_expiry(other)))
            .then_with(|| self.certificate.common_name.cmp(&other.certificate.common_name))
            .then_with(|| self.certificate.slot_id.cmp(&other.certificate.slot_id))
    }
}

/// Judges one certificate: the table of rules. Without a reason it is healthy: RUNNING, with more time left than its warning
/// cutoff.
///
/// `dates` are the known expiry dates: the list's, and the slot's detail's if that was read. The worst of them counts. A date
/// that the list lacks stays unknown, whatever the detail says: a detail adds reasons and removes none.
pub fn judge(
    certificate: &Certificate,
    dates: impl IntoIterator<Item = Dated>,
    thresholds: Thresholds,
    now: DateTime<Utc>,
) -> Option<Reasons> {
    let by_status = match &certificate.status {
        Status::Running => None,
        Status::Ready | Status::Publishing => Some(match certificate.provisioned {
            Some(since) if now - since < thresholds.grace() => Severity::Info,
            Some(_) | None => Severity::Warning,
        }),
        Status::Undocumented(_) | Status::Missing => Some(Severity::Warning),
        // Such a slot's expiry does not matter.
        Status::Deleting | Status::Deleted => return Reasons::of([(Reason::NotRunning, Severity::Info)]),
    };
    let by_date = dates.into_iter().filter_map(|dated| by_date(dated, thresholds, now));
    // At the same severity, a past expiry is worse than a coming one.
    let by_date = by_date.max_by_key(|(reason, severity)| (*severity, *reason == Reason::Expired));
    let unknown = certificate.expiry.time().is_none().then_some((Reason::ExpiryUnknown, Severity::Warning));
    let by_status = by_status.map(|severity| (Reason::NotRunning, severity));
    Reasons::of(by_date.into_iter().chain(unknown).chain(by_status))
}

/// An expiry date, and the full lifetime of the certificate that ends then, if known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dated {
    /// The date.
    pub expiry: DateTime<Utc>,
    /// The lifetime.
    pub lifetime: Option<Lifetime>,
}

impl Dated {
    /// This date, for a certificate of this origin.
    #[must_use]
    pub fn new(expiry: DateTime<Utc>, origin: Option<&Origin>) -> Self {
        Self { expiry, lifetime: origin.map(|origin| origin.lifetime) }
    }
}

/// The reason that a date gives, if any.
fn by_date(dated: Dated, thresholds: Thresholds, now: DateTime<Utc>) -> Option<(Reason, Severity)> {
    let cutoffs = thresholds.cutoffs(dated.lifetime);
    match dated.expiry - now {
        left if left <= TimeDelta::zero() => Some((Reason::Expired, Severity::Critical)),
        left if left <= cutoffs.critical => Some((Reason::Expiring, Severity::Critical)),
        left if left <= cutoffs.warning => Some((Reason::Expiring, Severity::Warning)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::certificate::Expiry;
    use crate::rules::Inventory;
    use crate::rules::lifetime::{Held, Holdings, Shares};

    const NOW: DateTime<Utc> = DateTime::from_timestamp_millis(1_795_392_000_000).unwrap();
    const DAY: TimeDelta = TimeDelta::days(1);
    const GRACE: TimeDelta = TimeDelta::minutes(120);

    fn certificate(left: Option<TimeDelta>, status: Status, age: Option<TimeDelta>) -> Certificate {
        Certificate {
            slot_id: 1,
            common_name: "www.example.kr".into(),
            certificate_name: "www".into(),
            service_region: "KR_JP".into(),
            status,
            expiry: left.map_or(Expiry::Missing, |left| Expiry::At(NOW + left)),
            provisioned: age.map(|age| NOW - age),
        }
    }

    fn finding(left: Option<TimeDelta>, status: Status, age: Option<TimeDelta>) -> Finding {
        let mut inventory = Inventory::new(Thresholds::DEFAULT, NOW);
        inventory.add(certificate(left, status, age));
        inventory.close().findings.pop().expect("it is to be reported")
    }

    /// How long a finding has been in its present state.
    fn age(finding: &Finding, thresholds: Thresholds) -> Option<TimeDelta> {
        finding.since(thresholds).map(|since| NOW - since)
    }

    #[test]
    fn since_when_follows_from_the_dates() {
        let days = TimeDelta::days;
        let month = Some(days(30));
        for (left, status, provisioned, expected) in [
            (Some(days(29)), Status::Running, month, Some(DAY)),
            (Some(days(30)), Status::Running, month, Some(TimeDelta::zero())),
            (Some(days(7)), Status::Running, month, Some(TimeDelta::zero())),
            (Some(days(5)), Status::Running, month, Some(days(2))),
            (Some(TimeDelta::zero()), Status::Running, month, Some(TimeDelta::zero())),
            (Some(-days(9)), Status::Running, month, Some(days(9))),
            (None, Status::Running, month, None),
            // A deployment: information since it began, a warning since its grace is over.
            (Some(days(90)), Status::Publishing, Some(TimeDelta::hours(1)), Some(TimeDelta::hours(1))),
            (Some(days(90)), Status::Ready, Some(-DAY), Some(-DAY)),
            (Some(days(90)), Status::Ready, Some(GRACE), Some(TimeDelta::zero())),
            (Some(days(90)), Status::Publishing, Some(DAY), Some(DAY - GRACE)),
            (Some(days(90)), Status::Publishing, None, None),
            (Some(-days(9)), Status::Deleting, Some(days(3)), Some(days(3))),
            (Some(-days(9)), Status::Deleted, None, None),
            // It is unknown when such a status began.
            (Some(days(90)), Status::Undocumented("PAUSED".into()), Some(DAY), None),
            (Some(days(90)), Status::Missing, Some(DAY), None),
        ] {
            let one = finding(left, status.clone(), provisioned);
            assert_eq!(age(&one, Thresholds::DEFAULT), expected, "{left:?} {status:?} {provisioned:?}");
        }
    }

    #[test]
    fn of_two_reasons_the_worse_counts_and_of_two_that_are_alike_the_later() {
        let days = TimeDelta::days;
        // Critical since yesterday, whatever happened to the deployment before and after.
        for provisioned in [days(9), TimeDelta::hours(3)] {
            let one = finding(Some(days(6)), Status::Publishing, Some(provisioned));
            assert_eq!(age(&one, Thresholds::DEFAULT), Some(DAY));
        }
        // Two warnings: what was reported for the date a while ago is reported again when the deployment is stuck.
        let one = finding(Some(days(20)), Status::Publishing, Some(GRACE + TimeDelta::hours(1)));
        assert_eq!(age(&one, Thresholds::DEFAULT), Some(TimeDelta::hours(1)));
        let one = finding(Some(days(29)), Status::Publishing, Some(days(9)));
        assert_eq!(age(&one, Thresholds::DEFAULT), Some(DAY));
        // One unknown start makes the whole unknown.
        assert_eq!(age(&finding(Some(days(20)), Status::Missing, None), Thresholds::DEFAULT), None);
        assert_eq!(age(&finding(Some(days(6)), Status::Missing, None), Thresholds::DEFAULT), Some(DAY));
    }

    #[test]
    fn what_has_expired_by_the_detail_alone_began_then_and_not_in_days_to_come() {
        let critical = finding(Some(TimeDelta::days(2)), Status::Running, None);
        let ended = Impact { expiry: Some(NOW - TimeDelta::days(9)), ..Impact::default() };
        let told = critical.with_impact(ended, Thresholds::DEFAULT, NOW);
        assert!(told.has(Reason::Expired));
        assert_eq!(age(&told, Thresholds::DEFAULT), Some(TimeDelta::days(9)));
    }

    #[test]
    fn a_line_of_days_that_an_event_moves_moves_the_beginning() {
        let thresholds = Thresholds { warn_days: 60, critical_days: 21, ..Thresholds::DEFAULT };
        let one = |left| {
            let mut inventory = Inventory::new(thresholds, NOW);
            inventory.add(certificate(Some(TimeDelta::days(left)), Status::Running, None));
            age(&inventory.close().findings[0], thresholds)
        };
        assert_eq!((one(59), one(20)), (Some(DAY), Some(DAY)));
    }

    #[test]
    fn a_slot_that_no_edge_uses_is_told_again_at_each_of_its_cutoffs() {
        let unused = |left| {
            let impact = Impact { edges: Some(0), ..Impact::default() };
            let one = finding(Some(left), Status::Running, None).with_impact(impact, Thresholds::DEFAULT, NOW);
            (one.severity(), age(&one, Thresholds::DEFAULT))
        };
        assert_eq!(unused(TimeDelta::days(29)), (Severity::Warning, Some(DAY)));
        assert_eq!(unused(TimeDelta::days(6)), (Severity::Warning, Some(DAY)));
        assert_eq!(unused(-TimeDelta::days(3)), (Severity::Warning, Some(TimeDelta::days(3))));
    }

    const SHARES: Thresholds =
        Thresholds { shares: Shares { warn: Some(33), critical: Some(10) }, ..Thresholds::DEFAULT };

    /// A certificate with a lifetime of 47 days and this much left.
    fn holdings(left: TimeDelta) -> Holdings {
        let (valid_from, valid_until) = (Some(NOW + left - TimeDelta::days(47)), Some(NOW + left));
        Holdings::new([Held {
            name: "www".into(),
            domain: "".into(),
            issuer: "".into(),
            valid_from,
            valid_until,
            instances: 1,
            is_dedicated: false,
        }])
    }

    #[test]
    fn a_share_of_the_lifetime_is_where_it_begins() {
        let left = TimeDelta::days(15);
        let mut inventory = Inventory::new(SHARES, NOW);
        inventory.add(certificate(Some(left), Status::Running, None));
        inventory.learn(&holdings(left));
        let line = TimeDelta::days(47) * 33 / 100;
        assert_eq!(age(&inventory.close().findings[0], SHARES), Some(line - left));
    }

    #[test]
    fn a_date_that_only_the_detail_has_is_no_older_than_the_finding_that_it_was_read_for() {
        let days = TimeDelta::days;
        let told = |listed, detailed| {
            let impact = Impact { expiry: Some(NOW + days(detailed)), ..Impact::default() };
            let listed = finding(Some(listed), Status::Running, None);
            let one = listed.with_impact(impact, Thresholds::DEFAULT, NOW);
            (one.expiry.map(|expiry| (expiry - NOW).num_days()), age(&one, Thresholds::DEFAULT))
        };
        // The list's date has only now made it a finding: the detail's was not reported before.
        assert_eq!(told(days(30), 12), (Some(12), Some(TimeDelta::zero())));
        assert_eq!(told(days(29), 28), (Some(28), Some(DAY)));
        // What the detail makes worse counts from the detail's own cutoff.
        assert_eq!(told(days(29), 6), (Some(6), Some(DAY)));
        assert_eq!(told(days(20), -1), (Some(-1), Some(DAY)));
        assert_eq!(told(days(29), 300), (Some(29), Some(DAY)));

        // By its share the detail's date is healthy; the list's is the one that is reported.
        let mut inventory = Inventory::new(SHARES, NOW);
        inventory.add(certificate(Some(days(29)), Status::Running, None));
        let listed = inventory.close().findings.remove(0);
        let expiry = NOW + days(20);
        let origin = holdings(days(20)).origin("www", expiry);
        let one = listed.with_impact(Impact { expiry: Some(expiry), origin, ..Impact::default() }, SHARES, NOW);
        assert_eq!((one.expiry, age(&one, SHARES)), (Some(expiry), Some(DAY)));
    }
}
