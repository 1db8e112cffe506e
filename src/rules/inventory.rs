//! The certificates of one account, judged as they arrive, and what is kept of the healthy ones.

use std::hash::{BuildHasher, RandomState};

use chrono::{DateTime, TimeDelta, Utc};
use rustc_hash::{FxHashMap, FxHashSet};
use smol_str::SmolStr;

use crate::certificate::{Certificate, Expiry};
use crate::rules::finding::{Dated, Finding, Reason, Replacement, judge};
use crate::rules::lifetime::{Holdings, Thresholds};

/// The healthy certificate that expires before all other healthy ones.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Next {
    /// When it expires.
    pub expiry: DateTime<Utc>,
    /// The domain that it is for.
    pub common_name: SmolStr,
}

/// How long a deployment is mentioned in summaries.
pub const DEPLOYED_WITHIN: TimeDelta = TimeDelta::days(7);

/// A healthy certificate, as far as a message mentions it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Healthy {
    /// Its slot.
    pub slot_id: i64,
    /// The domain that it is for.
    pub common_name: SmolStr,
    /// When it expires.
    pub expiry: DateTime<Utc>,
    /// When it was deployed, if known.
    pub deployed: Option<DateTime<Utc>>,
}

/// Everything that is kept of the certificates of one account. They are judged as they arrive; of healthy ones only what a
/// later finding may need is kept, so that memory does not grow with their texts.
#[derive(Debug)]
pub struct Inventory {
    thresholds: Thresholds,
    now: DateTime<Utc>,
    checked: u64,
    findings: Vec<Finding>,
    first_expiry: Option<DateTime<Utc>>,
    next: Option<Next>,
    hasher: RandomState,
    /// The healthy ones, by the hash of their names: in order of arrival, since few are ever looked up.
    standing: Vec<(u64, Replacement)>,
    deployed: Vec<Healthy>,
    /// The end of the outlook on healthy expiries, if there is to be one.
    outlook: Option<DateTime<Utc>>,
    upcoming: Vec<Healthy>,
}

/// What came out of an [`Inventory`].
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Judgement {
    /// How many certificates were judged.
    pub checked: u64,
    /// Those that were selected, most urgent first.
    pub findings: Vec<Finding>,
    /// The earliest expiry of all, DELETING and DELETED aside.
    pub first_expiry: Option<DateTime<Utc>>,
    /// The first to expire of those that were not selected.
    pub next: Option<Next>,
    /// Certificates that were not selected and were deployed within [`DEPLOYED_WITHIN`].
    pub deployed: Vec<Healthy>,
    /// Certificates that were not selected and expire within the outlook; empty if none was requested.
    pub upcoming: Vec<Healthy>,
}

impl Judgement {
    /// Adds what an earlier, partial reading of the same account found beyond this one, whose slots are `slots`.
    pub fn add_earlier(&mut self, earlier: Self, slots: &FxHashSet<i64>) {
        let beyond = earlier.findings.into_iter().filter(|finding| !slots.contains(&finding.certificate.slot_id));
        self.findings.extend(beyond);
        self.deployed.extend(earlier.deployed.into_iter().filter(|healthy| !slots.contains(&healthy.slot_id)));
        self.upcoming.extend(earlier.upcoming.into_iter().filter(|healthy| !slots.contains(&healthy.slot_id)));
        self.findings.sort_by(Finding::urgency);
        self.first_expiry = self.first_expiry.into_iter().chain(earlier.first_expiry).min();
        let sooner = |next: &Next| (next.expiry, next.common_name.clone());
        self.next = self.next.take().into_iter().chain(earlier.next).min_by_key(sooner);
    }
}

impl Inventory {
    /// An empty inventory, to be judged by `thresholds` as of `now`.
    #[must_use]
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
            deployed: Vec::new(),
            outlook: None,
            upcoming: Vec::new(),
        }
    }

    /// The same inventory, which also keeps the healthy certificates that expire by then, if there is to be an outlook.
    #[must_use]
    pub fn with_outlook(self, outlook: Option<DateTime<Utc>>) -> Self {
        Self { outlook, ..self }
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
                let (rests_on, origin) = (dated, None);
                let finding =
                    Finding { certificate, reasons, expiry, origin, rests_on, impact: None, replacement: None };
                self.findings.push(finding);
            }
        }
    }

    /// Judges the findings again, now that the lifetimes of their certificates are known.
    ///
    /// The list is judged by days alone while it arrives, and healthy certificates are forgotten, since a share only brings a
    /// cutoff closer to the expiry: what is healthy by days stays healthy, and some findings become healthy here.
    pub fn learn(&mut self, holdings: &Holdings) {
        for mut finding in std::mem::take(&mut self.findings) {
            let Certificate { certificate_name, .. } = &finding.certificate;
            finding.origin = finding.expiry.and_then(|expiry| holdings.origin(certificate_name, expiry));
            let dated = finding.expiry.map(|expiry| Dated::new(expiry, finding.origin.as_ref()));
            match judge(&finding.certificate, dated, self.thresholds, self.now) {
                None => self.keep(finding.certificate),
                Some(reasons) => self.findings.push(Finding { reasons, rests_on: dated, ..finding }),
            }
        }
    }

    /// The slots of everything that was judged.
    #[must_use]
    pub fn slots(&self) -> FxHashSet<i64> {
        let findings = self.findings.iter().map(|finding| finding.certificate.slot_id);
        findings.chain(self.standing.iter().map(|(_, standing)| standing.slot_id)).collect()
    }

    /// Keeps the parts of a healthy certificate that the findings may refer to.
    fn keep(&mut self, healthy: Certificate) {
        let Expiry::At(expiry) = healthy.expiry else { return };
        let standing = Replacement { slot_id: healthy.slot_id, expiry };
        self.standing.push((self.hasher.hash_one(&healthy.common_name), standing));
        let told = || Healthy {
            slot_id: healthy.slot_id,
            common_name: healthy.common_name.clone(),
            expiry,
            deployed: healthy.provisioned,
        };
        let age = healthy.provisioned.map(|since| self.now - since);
        if age.is_some_and(|age| (TimeDelta::zero()..=DEPLOYED_WITHIN).contains(&age)) {
            self.deployed.push(told());
        }
        if self.outlook.is_some_and(|until| expiry < until) {
            self.upcoming.push(told());
        }
        let earlier = |next: &Next| (expiry, &healthy.common_name) < (next.expiry, &next.common_name);
        if self.next.as_ref().is_none_or(earlier) {
            self.next = Some(Next { expiry, common_name: healthy.common_name });
        }
    }

    /// The findings in order, each with the slot that could take over.
    pub fn close(mut self) -> Judgement {
        let name = |finding: &Finding| self.hasher.hash_one(&finding.certificate.common_name);
        let is_ending = |finding: &&mut Finding| {
            // Certificates without a name cannot replace each other.
            let is_named = !finding.certificate.common_name.is_empty();
            is_named && (finding.has(Reason::Expired) || finding.has(Reason::Expiring))
        };
        // By the hash of the name, the slot that lasts longest.
        let mut longest: FxHashMap<u64, Option<Replacement>> =
            self.findings.iter().map(|one| (name(one), None)).collect();
        // A slot that itself ends soon is not a replacement, even if a known lifetime makes it healthy.
        let lasting = self.now + TimeDelta::days(self.thresholds.warn_days.into());
        for (name, standing) in self.standing.iter().filter(|(_, standing)| standing.expiry > lasting) {
            if let Some(longest) = longest.get_mut(name) {
                let lasts = |one: &Replacement| (one.expiry, std::cmp::Reverse(one.slot_id));
                *longest = (*longest).into_iter().chain([*standing]).max_by_key(lasts);
            }
        }
        for finding in self.findings.iter_mut().filter(is_ending) {
            finding.replacement = longest[&name(finding)];
        }
        self.findings.sort_by(Finding::urgency);
        let Self { checked, findings, first_expiry, next, deployed, upcoming, .. } = self;
        Judgement { checked, findings, first_expiry, next, deployed, upcoming }
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
    use crate::certificate::Status;
    use crate::rules::finding::Impact;
    use crate::rules::lifetime::{Held, Shares};
    use crate::rules::severity::{Counts, Severity};
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
    fn an_earlier_reading_adds_to_what_was_deployed_and_to_the_outlook() {
        let judged = |slots: std::ops::RangeInclusive<i64>| {
            let mut inventory = Inventory::new(Thresholds::DEFAULT, NOW).with_outlook(Some(NOW + TimeDelta::days(100)));
            let deployed = Some(NOW - TimeDelta::days(1));
            inventory.extend(slots.map(|slot_id| Certificate {
                slot_id,
                provisioned: deployed,
                ..with_left(TimeDelta::days(90))
            }));
            (inventory.slots(), inventory.close())
        };
        let (_, earlier) = judged(1..=3);
        let (slots, mut later) = judged(3..=5);
        later.add_earlier(earlier, &slots);
        for healthy in [later.deployed, later.upcoming] {
            assert_eq!(healthy.iter().map(|one| one.slot_id).collect::<Vec<_>>(), [3, 4, 5, 1, 2]);
        }
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
        assert_eq!(
            judgement.findings[0].replacement, None,
            "what ends within the days of a warning takes over nothing"
        );
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
        // Of 47 days: by its own cutoff the earlier one is healthy, but the lifetime of the listed one is unknown.
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
