//! The rules: which certificates are reported, why, how urgent each is, and since when.
//!
//! Pure: the present and the thresholds are arguments.

use std::cmp::Ordering;

use chrono::{DateTime, TimeDelta, Utc};

use crate::certificate::{Certificate, Status};
use crate::rules::lifetime::{Origin, Thresholds};
use crate::rules::served::Served;
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
    /// What is served for its name has ended or ends soon, before the slot itself does.
    ServedEnds,
    /// What is served for its name is older than what was deployed.
    ServedOlder,
}

/// One reason, with the severity that it has by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Cause {
    pub(super) reason: Reason,
    pub(super) severity: Severity,
    /// Since when, if that follows from the dates.
    pub(super) since: Option<DateTime<Utc>>,
}

/// Every reason for a finding: those from dates come before those from the status, and before all what is served and ends, since
/// it ends first. There is always at least one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reasons(Vec<Cause>);

impl Reasons {
    /// All of them, each with its own severity.
    pub fn iter(&self) -> impl Iterator<Item = (Reason, Severity)> {
        self.0.iter().map(|cause| (cause.reason, cause.severity))
    }

    /// The one that a finding is named by.
    pub fn first(&self) -> (Reason, Severity) {
        (self.0[0].reason, self.0[0].severity)
    }

    /// The highest of their severities.
    pub fn severity(&self) -> Severity {
        self.0.iter().fold(self.0[0].severity, |highest, cause| highest.max(cause.severity))
    }

    /// Since when they have had that severity: the latest beginning of those that have it. `None` if one of them is unknown.
    fn since(&self) -> Option<DateTime<Utc>> {
        let severity = self.severity();
        let mut latest = DateTime::<Utc>::MIN_UTC;
        for cause in self.0.iter().filter(|cause| cause.severity == severity) {
            latest = latest.max(cause.since?);
        }
        Some(latest)
    }
}

/// A date on which something ends, and where the certificate that ends then comes from, if known: its lifetime sets the cutoffs
/// that it is judged by, as in [`Thresholds::cutoffs`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dated {
    /// The date.
    pub expiry: DateTime<Utc>,
    /// Where the certificate comes from.
    pub origin: Option<Origin>,
}

impl Dated {
    /// The reason that the date gives, if any. `deployed` is when the certificate was deployed: what was on the wrong side of a
    /// cutoff before is news on that day.
    pub(super) fn cause(
        &self,
        deployed: Option<DateTime<Utc>>,
        thresholds: Thresholds,
        now: DateTime<Utc>,
    ) -> Option<Cause> {
        let cutoffs = thresholds.cutoffs(self.origin.as_ref().map(|origin| origin.lifetime));
        let left = self.expiry - now;
        if left <= TimeDelta::zero() {
            return Some(Cause { reason: Reason::Expired, severity: Severity::Critical, since: Some(self.expiry) });
        }
        let (severity, cutoff) = if left <= cutoffs.critical {
            (Severity::Critical, cutoffs.critical)
        } else if left <= cutoffs.warning {
            (Severity::Warning, cutoffs.warning)
        } else {
            return None;
        };
        let crossed = self.expiry - cutoff;
        let since = deployed.filter(|deployed| *deployed <= now).map_or(crossed, |deployed| crossed.max(deployed));
        Some(Cause { reason: Reason::Expiring, severity, since: Some(since) })
    }

    /// How urgent the date is by itself, and since when.
    pub(super) fn severity(&self, thresholds: Thresholds, now: DateTime<Utc>) -> Option<(Severity, DateTime<Utc>)> {
        let cause = self.cause(None, thresholds, now)?;
        Some((cause.severity, cause.since?))
    }
}

/// Judges one certificate: the table of rules. Without a reason it is healthy: RUNNING, with more time left than its warning
/// cutoff.
///
/// `dates` are the known ends: the list's, then those that other sources add. The worst of them counts, at the same severity
/// one that has passed, and of equal ones the first: details are read for findings only, so an earlier date in a detail does
/// not make a finding older. A date that the list lacks stays unknown, whatever else is known: a detail removes no reason.
///
/// `served` is what is served for it; each learns what it is reported for.
fn judge(
    certificate: &Certificate,
    dates: &[Dated],
    served: &mut [Served],
    thresholds: Thresholds,
    now: DateTime<Utc>,
) -> Option<Reasons> {
    let provisioned = certificate.provisioned;
    let own = dates.iter().map(|dated| dated.expiry).min();
    // The first to end is what is reported.
    served.sort_by_key(|served| served.validity.ends);
    let mut by_sight = Vec::new();
    for served in served {
        let cause = served.cause(certificate, own, thresholds, now);
        served.reason = cause.as_ref().map(|cause| cause.reason);
        by_sight.extend(cause);
    }
    let first = |reason| by_sight.iter().find(|cause| cause.reason == reason).copied();

    let mut causes: Vec<Cause> = first(Reason::ServedEnds).into_iter().collect();
    // The expiry of a slot on its way out does not matter.
    if !certificate.status.is_leaving() {
        let weight = |cause: &Cause| (cause.severity, cause.reason == Reason::Expired);
        let by_date = dates.iter().filter_map(|dated| dated.cause(provisioned, thresholds, now));
        causes.extend(by_date.reduce(|worst, cause| if weight(&cause) > weight(&worst) { cause } else { worst }));
        if certificate.expiry.is_unknown() {
            causes.push(Cause { reason: Reason::ExpiryUnknown, severity: Severity::Warning, since: None });
        }
    }
    causes.extend(first(Reason::ServedOlder));
    let by_status = match &certificate.status {
        Status::Running => None,
        Status::Ready | Status::Publishing => Some(match provisioned {
            Some(since) if now - since < thresholds.grace() => (Severity::Info, provisioned),
            _ => (Severity::Warning, provisioned.map(|since| since + thresholds.grace())),
        }),
        Status::Undocumented(_) | Status::Missing => Some((Severity::Warning, None)),
        Status::Deleting | Status::Deleted => Some((Severity::Info, provisioned)),
    };
    causes.extend(by_status.map(|(severity, since)| Cause { reason: Reason::NotRunning, severity, since }));
    (!causes.is_empty()).then_some(Reasons(causes))
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
    /// When each of the certificates in the slot ends, as far as that can be read.
    pub ends: Vec<DateTime<Utc>>,
}

/// What Certificate Manager says about the use of a slot's certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum HeldUse {
    /// It was not asked.
    #[default]
    NotAsked,
    /// It counts this many instances.
    Instances(usize),
    /// It could not be read.
    Unreadable,
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
    /// Where the certificate with that date comes from, if known.
    pub origin: Option<Origin>,
    /// What would break, if the detail was read.
    pub impact: Option<Impact>,
    /// Whether something else may use its certificate.
    pub held_use: HeldUse,
    /// The slot that could take over.
    pub replacement: Option<Replacement>,
    /// What was seen to be served for its name, the first to end first.
    pub served: Vec<Served>,
}

/// The region whose slots hold two certificates, of which one place sees one:
/// <https://api.ncloud-docs.com/docs/edge-getcertificatelist>.
const TWO_REGIONS: &str = "KR_JP_GLOBAL";

impl Finding {
    /// The finding that a certificate with these ends is, for which this is served; `None` if it is healthy.
    pub fn of(
        certificate: &Certificate,
        dates: &[Dated],
        mut served: Vec<Served>,
        thresholds: Thresholds,
        now: DateTime<Utc>,
    ) -> Option<Self> {
        let reasons = judge(certificate, dates, &mut served, thresholds, now)?;
        let certificate = certificate.clone();
        let earliest = dates.iter().min_by_key(|dated| dated.expiry);
        let (expiry, origin) = earliest.map(|dated| (dated.expiry, dated.origin.clone())).unzip();
        let origin = origin.flatten();
        Some(Self {
            certificate,
            reasons,
            expiry,
            origin,
            impact: None,
            held_use: HeldUse::NotAsked,
            replacement: None,
            served,
        })
    }

    /// Takes in what the slot's detail says; `origin` is where the certificate that ends first by the detail comes from, if
    /// known. An earlier date is judged too, and having no edges lowers the severity.
    ///
    /// No reason is removed but one: an older certificate that the detail explains is none. `None` if it was the only one.
    pub fn with_impact(
        mut self,
        impact: Impact,
        origin: Option<Origin>,
        thresholds: Thresholds,
        now: DateTime<Utc>,
    ) -> Option<Self> {
        for Served { validity, is_explained, .. } in &mut self.served {
            *is_explained |= impact.edges == Some(0) || impact.ends.iter().any(|end| validity.ends_like(*end));
        }
        let detailed = impact.expiry.map(|expiry| Dated { expiry, origin });
        let counts = |detailed: &Dated| match self.expiry {
            Some(listed) => detailed.expiry < listed,
            None => detailed.cause(None, thresholds, now).is_some(),
        };
        let detailed = detailed.filter(counts);
        Some(Self { impact: Some(impact), ..self.judged_again(detailed, thresholds, now)? })
    }

    /// The same where the detail is not known: of a slot with two certificates it cannot be said which of them is older. `None` if
    /// that was its only reason.
    pub fn without_impact(mut self, thresholds: Thresholds, now: DateTime<Utc>) -> Option<Self> {
        if self.certificate.service_region != TWO_REGIONS || !self.has(Reason::ServedOlder) {
            return Some(self);
        }
        self.served.iter_mut().for_each(|served| served.is_explained = true);
        self.judged_again(None, thresholds, now)
    }

    /// The finding by what is known now, and by one more date if there is one.
    fn judged_again(self, detailed: Option<Dated>, thresholds: Thresholds, now: DateTime<Utc>) -> Option<Self> {
        let listed = self.expiry.map(|expiry| Dated { expiry, origin: self.origin });
        let dates: Vec<Dated> = listed.into_iter().chain(detailed).collect();
        let judged = Self::of(&self.certificate, &dates, self.served, thresholds, now)?;
        Some(Self { replacement: self.replacement, held_use: self.held_use, ..judged })
    }

    /// The highest severity of its reasons. A slot that nothing uses is at most a warning: its end breaks nothing, but what is
    /// seen to be served is in use.
    pub fn severity(&self) -> Severity {
        let highest = self.reasons.severity();
        if self.is_unused() && !self.has(Reason::ServedEnds) { highest.min(Severity::Warning) } else { highest }
    }

    /// Whether it is known that no edge uses the slot, and nothing else its certificate.
    pub fn is_unused(&self) -> bool {
        let has_no_edge = self.impact.as_ref().is_some_and(|impact| impact.edges == Some(0));
        has_no_edge && matches!(self.held_use, HeldUse::NotAsked | HeldUse::Instances(0))
    }

    /// Since when it has been in its present state, if that follows from its dates: when the latest of the reasons behind its
    /// severity arose. Nothing has to be remembered between runs, so a missed run loses nothing.
    pub fn since(&self) -> Option<DateTime<Utc>> {
        // For a slot that no edge uses, the reasons' own severity counts, which may be critical: reaching it is a change of
        // its own.
        self.reasons.since()
    }

    /// Whether `reason` is among the reasons.
    pub fn has(&self, reason: Reason) -> bool {
        self.reasons.iter().any(|(other, _)| other == reason)
    }

    /// Whether one of the reasons is the slot's date, or that there is none.
    pub fn is_about_expiry(&self) -> bool {
        [Reason::Expired, Reason::Expiring, Reason::ExpiryUnknown].into_iter().any(|reason| self.has(reason))
    }

    /// The hosts for which it is reported for `reason`, and what they serve.
    pub fn served_for(&self, reason: Reason) -> impl Iterator<Item = &Served> {
        self.served.iter().filter(move |served| served.reason == Some(reason))
    }

    /// When something about it ends first: the slot's certificate, or what is served and is reported to end.
    pub fn first_end(&self) -> Option<DateTime<Utc>> {
        let served = self.served_for(Reason::ServedEnds).map(|served| served.validity.ends);
        served.chain(self.expiry).min()
    }

    /// The order in which findings are listed: severity (worst first), expiry (earliest first, unknown last), name, slot.
    pub fn urgency(&self, other: &Self) -> Ordering {
        let by_expiry = |finding: &Self| (finding.first_end().is_none(), finding.first_end());
        (other.severity().cmp(&self.severity()))
            .then_with(|| by_expiry(self).cmp(&by_expiry(other)))
            .then_with(|| self.certificate.common_name.cmp(&other.certificate.common_name))
            .then_with(|| self.certificate.slot_id.cmp(&other.certificate.slot_id))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::certificate::Expiry;
    use crate::rules::judge_all;
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
            ..Certificate::default()
        }
    }

    fn judged(certificate: Certificate, holdings: Option<&Holdings>, thresholds: Thresholds) -> Finding {
        judge_all(vec![certificate], holdings, thresholds, NOW, None).findings.pop().expect("it is to be reported")
    }

    fn finding(left: Option<TimeDelta>, status: Status, age: Option<TimeDelta>) -> Finding {
        judged(certificate(left, status, age), None, Thresholds::DEFAULT)
    }

    /// How long a finding has been in its present state.
    fn age(finding: &Finding) -> Option<TimeDelta> {
        finding.since().map(|since| NOW - since)
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
            // Deployed after the cutoff was crossed: it is news of that day.
            (Some(days(20)), Status::Running, Some(TimeDelta::hours(1)), Some(TimeDelta::hours(1))),
            (Some(days(5)), Status::Running, Some(DAY), Some(DAY)),
            (Some(days(5)), Status::Running, Some(-DAY), Some(days(2))),
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
            assert_eq!(age(&one), expected, "{left:?} {status:?} {provisioned:?}");
        }
    }

    #[test]
    fn of_two_reasons_the_worse_counts_and_of_two_that_are_alike_the_later() {
        let days = TimeDelta::days;
        // Critical since yesterday, or since it was deployed.
        for (provisioned, since) in [(days(9), DAY), (TimeDelta::hours(3), TimeDelta::hours(3))] {
            let one = finding(Some(days(6)), Status::Publishing, Some(provisioned));
            assert_eq!(age(&one), Some(since));
        }
        // Two warnings: what was reported for the date a while ago is reported again when the deployment is stuck.
        let one = finding(Some(days(20)), Status::Publishing, Some(GRACE + TimeDelta::hours(1)));
        assert_eq!(age(&one), Some(TimeDelta::hours(1)));
        let one = finding(Some(days(29)), Status::Publishing, Some(days(9)));
        assert_eq!(age(&one), Some(DAY));
        // One unknown start makes the whole unknown.
        assert_eq!(age(&finding(Some(days(20)), Status::Missing, None)), None);
        assert_eq!(age(&finding(Some(days(6)), Status::Missing, None)), Some(DAY));
    }

    #[test]
    fn what_has_expired_by_the_detail_alone_began_then_and_not_in_days_to_come() {
        let critical = finding(Some(TimeDelta::days(2)), Status::Running, None);
        let ended = Impact { expiry: Some(NOW - TimeDelta::days(9)), ..Impact::default() };
        let shown = critical.with_impact(ended, None, Thresholds::DEFAULT, NOW).unwrap();
        assert!(shown.has(Reason::Expired));
        assert_eq!(age(&shown), Some(TimeDelta::days(9)));
    }

    #[test]
    fn a_line_of_days_that_an_event_moves_moves_the_beginning() {
        let thresholds = Thresholds { warn_days: 60, critical_days: 21, ..Thresholds::DEFAULT };
        let one =
            |left| age(&judged(certificate(Some(TimeDelta::days(left)), Status::Running, None), None, thresholds));
        assert_eq!((one(59), one(20)), (Some(DAY), Some(DAY)));
    }

    #[test]
    fn a_slot_that_no_edge_uses_is_reported_again_at_each_of_its_cutoffs() {
        let unused = |left| {
            let impact = Impact { edges: Some(0), ..Impact::default() };
            let one =
                finding(Some(left), Status::Running, None).with_impact(impact, None, Thresholds::DEFAULT, NOW).unwrap();
            (one.severity(), age(&one))
        };
        assert_eq!(unused(TimeDelta::days(29)), (Severity::Warning, Some(DAY)));
        assert_eq!(unused(TimeDelta::days(6)), (Severity::Warning, Some(DAY)));
        assert_eq!(unused(-TimeDelta::days(3)), (Severity::Warning, Some(TimeDelta::days(3))));
    }

    const SHARES: Thresholds =
        Thresholds { shares: Shares { warn: Some(33), critical: Some(10) }, ..Thresholds::DEFAULT };

    /// A certificate with a lifetime of 47 days and this much left.
    fn holdings(left: TimeDelta) -> Holdings {
        Holdings::new([Held {
            name: "www".into(),
            domain: String::new(),
            issuer: String::new(),
            valid_from: Some(NOW + left - TimeDelta::days(47)),
            end: Expiry::At(NOW + left),
            instances: 1,
        }])
    }

    #[test]
    fn a_share_of_the_lifetime_is_where_it_begins() {
        let left = TimeDelta::days(15);
        let one = judged(certificate(Some(left), Status::Running, None), Some(&holdings(left)), SHARES);
        assert_eq!(age(&one), Some(TimeDelta::days(47) * 33 / 100 - left));
    }

    #[test]
    fn a_date_that_only_the_detail_has_is_no_older_than_the_finding_that_it_was_read_for() {
        let days = TimeDelta::days;
        let shown = |listed, detailed| {
            let impact = Impact { expiry: Some(NOW + days(detailed)), ..Impact::default() };
            let listed = finding(Some(listed), Status::Running, None);
            let one = listed.with_impact(impact, None, Thresholds::DEFAULT, NOW).unwrap();
            (one.expiry.map(|expiry| (expiry - NOW).num_days()), age(&one))
        };
        // The list's date has only now made it a finding: the detail's was not reported before.
        assert_eq!(shown(days(30), 12), (Some(12), Some(TimeDelta::zero())));
        assert_eq!(shown(days(29), 28), (Some(28), Some(DAY)));
        // What the detail makes worse counts from the detail's own cutoff.
        assert_eq!(shown(days(29), 6), (Some(6), Some(DAY)));
        assert_eq!(shown(days(20), -1), (Some(-1), Some(DAY)));
        assert_eq!(shown(days(29), 300), (Some(29), Some(DAY)));

        // By its share the detail's date is healthy; the list's is the one that is reported.
        let listed = judged(certificate(Some(days(29)), Status::Running, None), None, SHARES);
        let expiry = NOW + days(20);
        let origin = holdings(days(20)).origin("www", expiry);
        let one =
            listed.with_impact(Impact { expiry: Some(expiry), ..Impact::default() }, origin, SHARES, NOW).unwrap();
        assert_eq!((one.expiry, age(&one)), (Some(expiry), Some(DAY)));
    }
}
