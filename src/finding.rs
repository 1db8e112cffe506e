//! The rules: which certificates are reported, why, and how urgent each is.
//!
//! Pure: the present and the thresholds are arguments.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{BuildHasher, RandomState};

use chrono::{DateTime, TimeDelta, Utc};
use rustc_hash::{FxHashMap, FxHashSet};
use smol_str::SmolStr;

use crate::certificate::{Certificate, Expiry, Status};
use crate::lifetime::{Holdings, Lifetime, Origin, Shares};

/// How urgent something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Worth knowing; nothing needs to be done.
    Info,
    /// Something must be done, not today.
    Warning,
    /// Something must be done now.
    Critical,
}

impl Severity {
    /// All of them, the worst first.
    pub const WORST_FIRST: [Self; 3] = [Self::Critical, Self::Warning, Self::Info];

    /// The level that settings, secrets and events call `text`.
    pub fn named(text: &str) -> Option<Self> {
        Self::WORST_FIRST.into_iter().find(|severity| severity.as_str() == text)
    }

    /// The word that settings, secrets, events and results use.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Critical => "critical",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// How many of something there are at each severity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// Critical ones.
    pub critical: usize,
    /// Warnings.
    pub warning: usize,
    /// For information.
    pub info: usize,
}

impl Counts {
    /// Counts these.
    pub fn of(severities: impl IntoIterator<Item = Severity>) -> Self {
        let mut counts = Self::default();
        for severity in severities {
            match severity {
                Severity::Critical => counts.critical += 1,
                Severity::Warning => counts.warning += 1,
                Severity::Info => counts.info += 1,
            }
        }
        counts
    }

    /// How many there are in all.
    pub fn total(self) -> usize {
        self.critical + self.warning + self.info
    }

    /// How many there are of `severity`.
    pub fn at(self, severity: Severity) -> usize {
        match severity {
            Severity::Critical => self.critical,
            Severity::Warning => self.warning,
            Severity::Info => self.info,
        }
    }
}

/// Where the lines between severities are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Thresholds {
    /// `WARN_DAYS`: a certificate with this many days left, or fewer, is a warning.
    pub warn_days: u32,
    /// `CRITICAL_DAYS`: a certificate with this many days left, or fewer, is critical. Never more than `warn_days`.
    pub critical_days: u32,
    /// `PROVISIONING_GRACE_MINUTES`: a deployment that is younger than this is under way; an older one is stuck.
    pub grace_minutes: u32,
    /// `WARN_SHARE` and `CRITICAL_SHARE`: where a certificate's lifetime is known, [`Thresholds::lines`] may be closer to its
    /// expiry than the days.
    pub shares: Shares,
}

impl Thresholds {
    /// What holds where nothing is set.
    pub const DEFAULT: Self = Self { warn_days: 30, critical_days: 7, grace_minutes: 120, shares: Shares::NONE };

    fn grace(self) -> TimeDelta {
        TimeDelta::minutes(self.grace_minutes.into())
    }
}

/// Why a certificate is reported.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// No time is left.
    Expired,
    /// Less time than a threshold is left.
    Expiring,
    /// When it expires is missing or unreadable: it may be any day.
    ExpiryUnknown,
    /// It is not RUNNING.
    NotRunning,
}

/// Every reason for a finding, each with the severity that it has by itself. There is always at least one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reasons {
    first: (Reason, Severity),
    rest: Vec<(Reason, Severity)>,
}

impl Reasons {
    /// These; `None` if there are none.
    fn of(reasons: impl IntoIterator<Item = (Reason, Severity)>) -> Option<Self> {
        let mut reasons = reasons.into_iter();
        Some(Self { first: reasons.next()?, rest: reasons.collect() })
    }

    /// All of them: what the date says comes before what the status says.
    pub fn iter(&self) -> impl Iterator<Item = (Reason, Severity)> {
        std::iter::once(self.first).chain(self.rest.iter().copied())
    }

    /// The highest of their severities.
    pub fn severity(&self) -> Severity {
        self.rest.iter().fold(self.first.1, |highest, (_, severity)| highest.max(*severity))
    }

    /// The severity of `reason`, if that is one of them.
    pub fn severity_of(&self, reason: Reason) -> Option<Severity> {
        self.iter().find(|(one, _)| *one == reason).map(|(_, severity)| severity)
    }
}

/// What would break: read from the slot's detail.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Impact {
    /// How many edges use the slot, if the API said so: zero only if nothing in its answer says otherwise.
    pub edges: Option<u64>,
    /// The names of those edges, as far as the API gave any.
    pub edge_names: Vec<String>,
    /// The alternative names that the slot's certificates are for.
    pub names: Vec<String>,
    /// The slot's own end: over its regions, the earliest of each region's latest date.
    pub expiry: Option<DateTime<Utc>>,
    /// The name in Certificate Manager of the certificate that ends then; empty if the API named none.
    pub certificate_name: String,
    /// The names there of all certificates in the slot.
    pub certificate_names: Vec<String>,
    /// Where that certificate comes from, if that is known.
    pub origin: Option<Origin>,
}

/// Another slot that has the name already and lasts long enough: what is missing is the switch.
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
    /// The certificate, as the list had it.
    pub certificate: Certificate,
    /// Every reason, with the severity that it has by itself.
    pub reasons: Reasons,
    /// When it expires: the earlier of the list's date and the detail's. Where the list has none, the detail's counts only if it
    /// is a reason: a far one does not make the list's known.
    pub expiry: Option<DateTime<Utc>>,
    /// Where the certificate comes from whose date that is, if that is known: its lifetime gives the lines that it is judged
    /// by, as [`Thresholds::lines`].
    pub origin: Option<Origin>,
    /// What would break, where the detail was read.
    pub impact: Option<Impact>,
    /// The slot that could take over.
    pub replacement: Option<Replacement>,
}

impl Finding {
    /// The highest severity of its reasons. A slot that no edge uses is a warning at most: its end breaks nothing.
    pub fn severity(&self) -> Severity {
        let highest = self.reasons.severity();
        if self.is_unused() { highest.min(Severity::Warning) } else { highest }
    }

    /// Whether it is known that no edge uses the slot.
    pub fn is_unused(&self) -> bool {
        self.impact.as_ref().is_some_and(|impact| impact.edges == Some(0))
    }

    /// Whether `reason` is among the reasons.
    pub fn has(&self, reason: Reason) -> bool {
        self.reasons.severity_of(reason).is_some()
    }

    /// Takes in what the slot's detail says: an earlier date is judged too, by the lines of its own certificate, and the worse
    /// of both counts; a missing edge calms. No reason is taken away.
    #[must_use]
    pub fn with_impact(mut self, impact: Impact, thresholds: Thresholds, now: DateTime<Utc>) -> Self {
        if let Some(earlier) = impact.expiry.filter(|date| self.expiry.is_none_or(|listed| *date < listed)) {
            let listed = self.expiry.map(|expiry| Dated::new(expiry, self.origin.as_ref()));
            let told = Dated::new(earlier, impact.origin.as_ref());
            let severity = |dated: Dated| by_date(dated, thresholds, now).map(|(_, severity)| severity);
            let is_worse = severity(told) >= listed.and_then(severity);
            // What was selected stays so, whatever the rules make of an earlier date.
            if let Some(reasons) = judge(&self.certificate, listed.into_iter().chain([told]), thresholds, now) {
                self.reasons = reasons;
            }
            // A far date does not make one known that the list lacks.
            if listed.is_some() || severity(told).is_some() {
                self.expiry = Some(earlier);
            }
            if is_worse {
                self.origin.clone_from(&impact.origin);
            }
        }
        self.impact = Some(impact);
        self
    }

    /// The order in which findings are told: severity (worst first), expiry (earliest first, unknown last), name, slot.
    pub fn urgency(&self, other: &Self) -> Ordering {
        let by_expiry = |finding: &Self| (finding.expiry.is_none(), finding.expiry);
        (other.severity().cmp(&self.severity()))
            .then_with(|| by_expiry(self).cmp(&by_expiry(other)))
            .then_with(|| self.certificate.common_name.cmp(&other.certificate.common_name))
            .then_with(|| self.certificate.slot_id.cmp(&other.certificate.slot_id))
    }
}

/// Judges one certificate: the table of rules. No reason is healthy: RUNNING, with more left than its warning line.
///
/// `dates` are when it expires, as far as that is known: by the list, and by the slot's detail where that was read. The worst
/// of them counts. A date that the list lacks stays unknown, whatever the detail says: a detail adds a reason, and takes none
/// away.
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
        // Such a slot's expiry concerns nobody.
        Status::Deleting | Status::Deleted => return Reasons::of([(Reason::NotRunning, Severity::Info)]),
    };
    let by_date = dates.into_iter().filter_map(|dated| by_date(dated, thresholds, now));
    // An expiry is worse than one to come at the same severity.
    let by_date = by_date.max_by_key(|(reason, severity)| (*severity, *reason == Reason::Expired));
    let unknown = certificate.expiry.time().is_none().then_some((Reason::ExpiryUnknown, Severity::Warning));
    let by_status = by_status.map(|severity| (Reason::NotRunning, severity));
    Reasons::of(by_date.into_iter().chain(unknown).chain(by_status))
}

/// A date of expiry, and how long the certificate is valid in all that ends then, where that is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dated {
    /// The date.
    pub expiry: DateTime<Utc>,
    /// The lifetime.
    pub lifetime: Option<Lifetime>,
}

impl Dated {
    fn new(expiry: DateTime<Utc>, origin: Option<&Origin>) -> Self {
        Self { expiry, lifetime: origin.map(|origin| origin.lifetime) }
    }
}

/// What a date is a reason for.
fn by_date(dated: Dated, thresholds: Thresholds, now: DateTime<Utc>) -> Option<(Reason, Severity)> {
    let lines = thresholds.lines(dated.lifetime);
    match dated.expiry - now {
        left if left <= TimeDelta::zero() => Some((Reason::Expired, Severity::Critical)),
        left if left <= lines.critical => Some((Reason::Expiring, Severity::Critical)),
        left if left <= lines.warning => Some((Reason::Expiring, Severity::Warning)),
        _ => None,
    }
}

/// A healthy certificate that expires before every other healthy one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Next {
    /// When.
    pub expiry: DateTime<Utc>,
    /// The domain that it is for.
    pub common_name: SmolStr,
}

/// Everything that is kept of the certificates of one account. They are judged as they arrive; of healthy ones no more is
/// kept than a later finding can need, so that memory does not grow with their texts.
#[derive(Debug)]
pub struct Inventory {
    thresholds: Thresholds,
    now: DateTime<Utc>,
    checked: u64,
    findings: Vec<Finding>,
    first_expiry: Option<DateTime<Utc>>,
    next: Option<Next>,
    hasher: RandomState,
    /// The healthy ones, by the hash of their names: in the order of their arrival, since few are ever looked up.
    standing: Vec<(u64, Replacement)>,
}

/// What came out of an [`Inventory`].
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Judgement {
    /// How many certificates were judged.
    pub checked: u64,
    /// Those that were selected, the most urgent first.
    pub findings: Vec<Finding>,
    /// The earliest expiry of all, DELETING and DELETED aside.
    pub first_expiry: Option<DateTime<Utc>>,
    /// The first to expire of those that were not selected.
    pub next: Option<Next>,
}

impl Judgement {
    /// Adds what an earlier, partial reading of the same account had found beyond this one, whose slots are `slots`.
    pub fn add_earlier(&mut self, earlier: Self, slots: &FxHashSet<i64>) {
        let beyond = earlier.findings.into_iter().filter(|finding| !slots.contains(&finding.certificate.slot_id));
        self.findings.extend(beyond);
        self.findings.sort_by(Finding::urgency);
        self.first_expiry = self.first_expiry.into_iter().chain(earlier.first_expiry).min();
        let sooner = |next: &Next| (next.expiry, next.common_name.clone());
        self.next = self.next.take().into_iter().chain(earlier.next).min_by_key(sooner);
    }
}

impl Inventory {
    /// An empty one, to be judged by `thresholds` as of `now`.
    pub fn new(thresholds: Thresholds, now: DateTime<Utc>) -> Self {
        Self {
            thresholds,
            now,
            checked: 0,
            findings: Vec::new(),
            first_expiry: None,
            next: None,
            hasher: RandomState::new(),
            standing: Vec::new(),
        }
    }

    /// Judges one more certificate.
    pub fn add(&mut self, certificate: Certificate) {
        self.checked += 1;
        if let Expiry::At(expiry) = certificate.expiry
            && !certificate.status.is_leaving()
        {
            self.first_expiry = Some(self.first_expiry.map_or(expiry, |first| first.min(expiry)));
        }
        let expiry = certificate.expiry.time();
        let dated = expiry.map(|expiry| Dated { expiry, lifetime: None });
        match judge(&certificate, dated, self.thresholds, self.now) {
            None => self.keep(certificate),
            Some(reasons) => {
                let finding = Finding { certificate, reasons, expiry, origin: None, impact: None, replacement: None };
                self.findings.push(finding);
            }
        }
    }

    /// Judges the findings again, now that it is known how long their certificates live.
    ///
    /// The list is judged by days alone while it arrives, and what is healthy is forgotten, since a share only brings a line
    /// closer to the expiry: what is healthy by days stays so, and of the findings some become healthy here.
    pub fn learn(&mut self, holdings: &Holdings) {
        for mut finding in std::mem::take(&mut self.findings) {
            let Certificate { certificate_name, .. } = &finding.certificate;
            finding.origin = finding.expiry.and_then(|expiry| holdings.origin(certificate_name, expiry));
            let dated = finding.expiry.map(|expiry| Dated::new(expiry, finding.origin.as_ref()));
            match judge(&finding.certificate, dated, self.thresholds, self.now) {
                None => self.keep(finding.certificate),
                Some(reasons) => self.findings.push(Finding { reasons, ..finding }),
            }
        }
    }

    /// The slots of all that was judged.
    pub fn slots(&self) -> FxHashSet<i64> {
        let findings = self.findings.iter().map(|finding| finding.certificate.slot_id);
        findings.chain(self.standing.iter().map(|(_, standing)| standing.slot_id)).collect()
    }

    /// Keeps of a healthy certificate what the findings may refer to.
    fn keep(&mut self, healthy: Certificate) {
        let Expiry::At(expiry) = healthy.expiry else { return };
        let standing = Replacement { slot_id: healthy.slot_id, expiry };
        self.standing.push((self.hasher.hash_one(&healthy.common_name), standing));
        let earlier = |next: &Next| (expiry, &healthy.common_name) < (next.expiry, &next.common_name);
        if self.next.as_ref().is_none_or(earlier) {
            self.next = Some(Next { expiry, common_name: healthy.common_name });
        }
    }

    /// The findings in order, each with the slot that could take over.
    pub fn close(mut self) -> Judgement {
        let name = |finding: &Finding| self.hasher.hash_one(&finding.certificate.common_name);
        let is_ending = |finding: &&mut Finding| {
            // Of those without a name none can stand in for another.
            let is_named = !finding.certificate.common_name.is_empty();
            is_named && (finding.has(Reason::Expired) || finding.has(Reason::Expiring))
        };
        // By the hash of the name, the slot that lasts longest.
        let mut longest: FxHashMap<u64, Option<Replacement>> =
            self.findings.iter().map(|one| (name(one), None)).collect();
        for (name, standing) in &self.standing {
            if let Some(longest) = longest.get_mut(name) {
                let lasts = |one: &Replacement| (one.expiry, std::cmp::Reverse(one.slot_id));
                *longest = (*longest).into_iter().chain([*standing]).max_by_key(lasts);
            }
        }
        for finding in self.findings.iter_mut().filter(is_ending) {
            finding.replacement = longest[&name(finding)];
        }
        self.findings.sort_by(Finding::urgency);
        Judgement { checked: self.checked, findings: self.findings, first_expiry: self.first_expiry, next: self.next }
    }
}

impl Extend<Certificate> for Inventory {
    fn extend<I: IntoIterator<Item = Certificate>>(&mut self, certificates: I) {
        for certificate in certificates {
            self.add(certificate);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lifetime::Held;
    use proptest::prelude::*;

    const NOW: DateTime<Utc> = DateTime::from_timestamp_millis(1_795_392_000_000).unwrap();

    fn certificate(name: &str) -> Certificate {
        Certificate {
            slot_id: 1,
            common_name: name.into(),
            certificate_name: format!("{name}-2026").into(),
            service_region: "KR_JP".into(),
            status: Status::Running,
            expiry: Expiry::At(NOW + TimeDelta::days(365)),
            provisioned: Some(NOW - TimeDelta::days(10)),
        }
    }

    fn with_left(left: TimeDelta) -> Certificate {
        Certificate { expiry: Expiry::At(NOW + left), ..certificate("www.example.kr") }
    }

    fn judged(certificate: Certificate, thresholds: Thresholds) -> Option<Finding> {
        let mut inventory = Inventory::new(thresholds, NOW);
        inventory.add(certificate);
        inventory.close().findings.pop()
    }

    fn verdict(certificate: Certificate) -> Vec<(Reason, Severity)> {
        let finding = judged(certificate, Thresholds::DEFAULT);
        finding.map(|finding| finding.reasons.iter().collect()).unwrap_or_default()
    }

    #[test]
    fn a_running_certificate_with_time_left_is_healthy() {
        assert_eq!(verdict(certificate("www.example.kr")), vec![]);
    }

    #[test]
    fn every_boundary_of_time_left_holds_to_the_millisecond() {
        let ms = TimeDelta::milliseconds(1);
        for (left, expected) in [
            (-TimeDelta::days(3), vec![(Reason::Expired, Severity::Critical)]),
            (TimeDelta::zero(), vec![(Reason::Expired, Severity::Critical)]),
            (ms, vec![(Reason::Expiring, Severity::Critical)]),
            (TimeDelta::days(7), vec![(Reason::Expiring, Severity::Critical)]),
            (TimeDelta::days(7) + ms, vec![(Reason::Expiring, Severity::Warning)]),
            (TimeDelta::days(30), vec![(Reason::Expiring, Severity::Warning)]),
            (TimeDelta::days(30) + ms, vec![]),
        ] {
            assert_eq!(verdict(with_left(left)), expected, "{left}");
        }
    }

    #[test]
    fn with_critical_days_at_zero_only_the_expired_are_critical() {
        let thresholds = Thresholds { critical_days: 0, ..Thresholds::DEFAULT };
        let severity = |left| judged(with_left(left), thresholds).map(|finding| finding.severity());
        assert_eq!(severity(TimeDelta::zero()), Some(Severity::Critical));
        assert_eq!(severity(TimeDelta::milliseconds(1)), Some(Severity::Warning));
    }

    #[test]
    fn an_unknown_expiry_is_a_warning() {
        for expiry in [Expiry::Missing, Expiry::Unreadable("soon".to_owned())] {
            let unknown = Certificate { expiry, ..certificate("www.example.kr") };
            assert_eq!(verdict(unknown), vec![(Reason::ExpiryUnknown, Severity::Warning)]);
        }
    }

    #[test]
    fn a_deployment_is_information_until_the_grace_is_over() {
        let grace = TimeDelta::minutes(120);
        let ms = TimeDelta::milliseconds(1);
        for status in [Status::Ready, Status::Publishing] {
            for (provisioned, severity) in [
                (Some(NOW + TimeDelta::days(1)), Severity::Info),
                (Some(NOW - grace + ms), Severity::Info),
                (Some(NOW - grace), Severity::Warning),
                (None, Severity::Warning),
            ] {
                let deploying = Certificate { status: status.clone(), provisioned, ..certificate("www.example.kr") };
                assert_eq!(verdict(deploying), vec![(Reason::NotRunning, severity)], "{status:?} {provisioned:?}");
            }
        }
    }

    #[test]
    fn an_undocumented_or_missing_status_is_a_warning() {
        for status in [Status::Undocumented("PAUSED".to_owned()), Status::Missing] {
            let odd = Certificate { status, ..certificate("www.example.kr") };
            assert_eq!(verdict(odd), vec![(Reason::NotRunning, Severity::Warning)]);
        }
    }

    #[test]
    fn the_expiry_of_a_slot_on_its_way_out_raises_nothing() {
        for status in [Status::Deleting, Status::Deleted] {
            for expiry in [Expiry::At(NOW - TimeDelta::days(9)), Expiry::Missing] {
                let leaving = Certificate { status: status.clone(), expiry, ..certificate("www.example.kr") };
                assert_eq!(verdict(leaving), vec![(Reason::NotRunning, Severity::Info)]);
            }
        }
    }

    #[test]
    fn a_finding_has_all_its_reasons_and_the_highest_of_their_severities() {
        let both = Certificate { status: Status::Missing, ..with_left(TimeDelta::days(1)) };
        let finding = judged(both, Thresholds::DEFAULT).unwrap();
        let reasons: Vec<_> = finding.reasons.iter().collect();
        assert_eq!(reasons, [(Reason::Expiring, Severity::Critical), (Reason::NotRunning, Severity::Warning)]);
        assert_eq!(finding.severity(), Severity::Critical);
    }

    #[test]
    fn an_unused_slot_is_a_warning_at_most_and_an_earlier_date_counts() {
        let finding = judged(with_left(TimeDelta::days(20)), Thresholds::DEFAULT).unwrap();
        let earlier = Impact { expiry: Some(NOW - TimeDelta::days(1)), edges: Some(3), ..Impact::default() };
        let raised = finding.clone().with_impact(earlier.clone(), Thresholds::DEFAULT, NOW);
        assert_eq!((raised.severity(), raised.has(Reason::Expired)), (Severity::Critical, true));
        assert_eq!(raised.expiry, earlier.expiry);

        let unused = Impact { edges: Some(0), ..earlier };
        assert_eq!(finding.clone().with_impact(unused, Thresholds::DEFAULT, NOW).severity(), Severity::Warning);

        let later = Impact { expiry: Some(NOW + TimeDelta::days(300)), ..Impact::default() };
        assert_eq!(finding.clone().with_impact(later, Thresholds::DEFAULT, NOW).expiry, finding.expiry);
    }

    #[test]
    fn a_date_that_only_the_detail_has_adds_a_reason_and_takes_none_away() {
        use Reason::{Expired, Expiring, ExpiryUnknown};
        use Severity::{Critical, Warning};
        let undated = Certificate { expiry: Expiry::Missing, ..certificate("www.example.kr") };
        let finding = judged(undated, Thresholds::DEFAULT).unwrap();
        let told = |days| {
            let impact = Impact { expiry: Some(NOW + TimeDelta::days(days)), ..Impact::default() };
            let told = finding.clone().with_impact(impact, Thresholds::DEFAULT, NOW);
            (told.reasons.iter().collect::<Vec<_>>(), told.expiry.map(|expiry| (expiry - NOW).num_days()))
        };
        let unknown = (ExpiryUnknown, Warning);
        assert_eq!(told(400), (vec![unknown], None));
        assert_eq!(told(20), (vec![(Expiring, Warning), unknown], Some(20)));
        assert_eq!(told(2), (vec![(Expiring, Critical), unknown], Some(2)));
        assert_eq!(told(-1), (vec![(Expired, Critical), unknown], Some(-1)));
    }

    #[test]
    fn an_earlier_reading_adds_what_a_later_one_did_not_reach() {
        let judged = |slots: std::ops::RangeInclusive<i64>, left: TimeDelta| {
            let mut inventory = Inventory::new(Thresholds::DEFAULT, NOW);
            inventory.extend(slots.map(|slot_id| Certificate { slot_id, ..with_left(left) }));
            (inventory.slots(), inventory.close())
        };
        let (_, earlier) = judged(1..=3, TimeDelta::days(2));
        let (slots, mut later) = judged(3..=5, TimeDelta::days(90));
        assert_eq!(slots.len(), 3, "healthy ones count");
        later.add_earlier(earlier, &slots);
        let found: Vec<i64> = later.findings.iter().map(|finding| finding.certificate.slot_id).collect();
        assert_eq!(found, [1, 2], "slot 3 was healthy when it was last seen");
        assert_eq!(later.first_expiry, Some(NOW + TimeDelta::days(2)));
        assert_eq!(later.next.unwrap().expiry, NOW + TimeDelta::days(90));
    }

    #[test]
    fn the_order_is_severity_then_expiry_then_name_then_slot() {
        let mut inventory = Inventory::new(Thresholds::DEFAULT, NOW);
        inventory.extend([
            Certificate { status: Status::Deleted, slot_id: 7, ..certificate("info") },
            Certificate { expiry: Expiry::Missing, slot_id: 6, ..certificate("unknown") },
            Certificate { slot_id: 5, common_name: "b".into(), ..with_left(TimeDelta::days(20)) },
            Certificate { slot_id: 4, common_name: "b".into(), ..with_left(TimeDelta::days(20)) },
            Certificate { slot_id: 3, common_name: "a".into(), ..with_left(TimeDelta::days(20)) },
            Certificate { slot_id: 2, common_name: "z".into(), ..with_left(TimeDelta::days(2)) },
            Certificate { slot_id: 1, common_name: "y".into(), ..with_left(-TimeDelta::days(2)) },
            certificate("healthy"),
        ]);
        let judgement = inventory.close();
        let slots: Vec<i64> = judgement.findings.iter().map(|finding| finding.certificate.slot_id).collect();
        assert_eq!(slots, [1, 2, 3, 4, 5, 6, 7]);
        assert_eq!(judgement.checked, 8);
        assert_eq!(judgement.first_expiry, Some(NOW - TimeDelta::days(2)));
        assert_eq!(judgement.next.unwrap().common_name, "healthy");
    }

    #[test]
    fn the_slot_that_already_has_the_name_and_lasts_longest_is_named() {
        let mut inventory = Inventory::new(Thresholds::DEFAULT, NOW);
        inventory.extend([
            Certificate { slot_id: 70, ..certificate("www.example.kr") },
            with_left(TimeDelta::days(3)),
            Certificate {
                slot_id: 71,
                expiry: Expiry::At(NOW + TimeDelta::days(400)),
                ..certificate("www.example.kr")
            },
            Certificate { slot_id: 72, status: Status::Missing, ..certificate("www.example.kr") },
            Certificate { slot_id: 73, ..certificate("other.example.kr") },
        ]);
        let judgement = inventory.close();
        let replacement = Replacement { slot_id: 71, expiry: NOW + TimeDelta::days(400) };
        assert_eq!(judgement.findings[0].replacement, Some(replacement));
        assert_eq!(judgement.findings[1].replacement, None, "a status problem is not cured by a switch");
    }

    #[test]
    fn first_expiry_leaves_out_slots_on_their_way_out() {
        let mut inventory = Inventory::new(Thresholds::DEFAULT, NOW);
        inventory.add(Certificate { status: Status::Deleted, ..with_left(TimeDelta::days(1)) });
        assert_eq!(inventory.close().first_expiry, None);
    }

    #[test]
    fn the_next_to_expire_is_the_first_healthy_one_by_date_and_then_by_name() {
        let next = |names_and_days: &[(&str, i64)]| {
            let mut inventory = Inventory::new(Thresholds::DEFAULT, NOW);
            inventory.extend(names_and_days.iter().map(|&(name, days)| Certificate {
                expiry: Expiry::At(NOW + TimeDelta::days(days)),
                ..certificate(name)
            }));
            inventory.close().next.unwrap().common_name
        };
        assert_eq!(next(&[("c", 90), ("b", 50), ("a", 60)]), "b");
        assert_eq!(next(&[("b", 50), ("a", 50), ("c", 50)]), "a");
    }

    fn held(name: &str, from: i64, until: i64) -> Held {
        Held {
            name: name.into(),
            domain: "".into(),
            issuer: "Example CA".into(),
            valid_from: Some(NOW + TimeDelta::days(from)),
            valid_until: Some(NOW + TimeDelta::days(until)),
            instances: 1,
            is_dedicated: false,
        }
    }

    const SHARES: Thresholds =
        Thresholds { shares: Shares { warn: Some(33), critical: Some(10) }, ..Thresholds::DEFAULT };

    #[test]
    fn findings_that_a_known_lifetime_calms_count_as_healthy_ones() {
        let mut inventory = Inventory::new(SHARES, NOW);
        inventory.extend([
            Certificate { slot_id: 1, certificate_name: "short".into(), ..with_left(TimeDelta::days(20)) },
            Certificate { slot_id: 2, certificate_name: "unknown".into(), ..with_left(TimeDelta::days(20)) },
            Certificate { slot_id: 3, certificate_name: "ending".into(), ..with_left(TimeDelta::days(6)) },
        ]);
        inventory.learn(&Holdings::new([held("short", -27, 20), held("ending", -41, 6)]));
        let judgement = inventory.close();
        let told: Vec<_> = judgement.findings.iter().map(|one| (one.certificate.slot_id, one.severity())).collect();
        assert_eq!(told, [(3, Severity::Warning), (2, Severity::Warning)], "10 % of 47 days are less than six");
        assert_eq!(judgement.findings[0].origin.as_ref().unwrap().lifetime.length(), TimeDelta::days(47));
        assert_eq!((&judgement.findings[1].origin, judgement.checked), (&None, 3));
        assert_eq!(judgement.next.unwrap().expiry, NOW + TimeDelta::days(20));
        assert_eq!(judgement.findings[0].replacement.unwrap().slot_id, 1, "it lasts for more than its line");
        assert_eq!(judgement.first_expiry, Some(NOW + TimeDelta::days(6)));
    }

    #[test]
    fn a_known_lifetime_calms_no_status() {
        let mut inventory = Inventory::new(SHARES, NOW);
        inventory.add(Certificate {
            status: Status::Missing,
            certificate_name: "short".into(),
            ..with_left(TimeDelta::days(20))
        });
        inventory.learn(&Holdings::new([held("short", -27, 20)]));
        let reasons: Vec<_> = inventory.close().findings[0].reasons.iter().collect();
        assert_eq!(reasons, [(Reason::NotRunning, Severity::Warning)]);
    }

    #[test]
    fn a_detail_takes_no_reason_away_whatever_lifetime_it_has() {
        let listed = judged(with_left(TimeDelta::days(25)), SHARES).unwrap();
        let detail = |left, from| {
            let expiry = NOW + TimeDelta::days(left);
            let origin = Holdings::new([held("global", from, left)]).origin("global", expiry);
            Impact { expiry: Some(expiry), origin, ..Impact::default() }
        };
        // Of 47 days: by its own line the earlier one is healthy, but nobody knows the lifetime of the listed one.
        let finding = listed.clone().with_impact(detail(20, -27), SHARES, NOW);
        assert_eq!(finding.reasons, listed.reasons);
        assert_eq!((finding.expiry, &finding.origin), (Some(NOW + TimeDelta::days(20)), &None));

        let finding = listed.clone().with_impact(detail(4, -43), SHARES, NOW);
        assert_eq!(finding.reasons.iter().collect::<Vec<_>>(), [(Reason::Expiring, Severity::Critical)]);
        assert!(finding.origin.is_some());

        let unknown = judged(Certificate { expiry: Expiry::Missing, ..certificate("a") }, SHARES).unwrap();
        let finding = unknown.with_impact(detail(300, -65), SHARES, NOW);
        assert_eq!(finding.reasons.iter().collect::<Vec<_>>(), [(Reason::ExpiryUnknown, Severity::Warning)]);
    }

    #[test]
    fn counts_tell_each_severity_from_the_others() {
        use Severity::{Critical, Info, Warning};
        let counts = Counts::of([Info, Critical, Warning, Info, Warning, Info, Info, Warning, Info]);
        assert_eq!(Severity::WORST_FIRST.map(|severity| counts.at(severity)), [1, 3, 5]);
        assert_eq!(counts.total(), 9);
        assert_eq!(Severity::WORST_FIRST.map(|severity| severity.to_string()), ["critical", "warning", "info"]);
    }

    proptest! {
        #[test]
        fn severity_never_falls_as_time_runs_out(
            warn in 1_u32..=3650, share in 0.0..=1.0_f64, left in -400_i64..4000, seconds in -86_400_i64..86_400,
        ) {
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a share of a small number")]
            let critical = (f64::from(warn) * share) as u32;
            let thresholds = Thresholds { warn_days: warn, critical_days: critical, ..Thresholds::DEFAULT };
            let left = TimeDelta::days(left) + TimeDelta::seconds(seconds);
            let rank = |left| judged(with_left(left), thresholds).map(|finding| finding.severity());
            prop_assert!(rank(left - TimeDelta::seconds(1)) >= rank(left));
            let expected = if left <= TimeDelta::zero() || left <= TimeDelta::days(critical.into()) {
                Some(Severity::Critical)
            } else if left <= TimeDelta::days(warn.into()) {
                Some(Severity::Warning)
            } else {
                None
            };
            prop_assert_eq!(rank(left), expected);
        }
    }
}
