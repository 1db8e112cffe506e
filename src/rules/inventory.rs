//! The certificates of one account, judged, and what summaries say of the healthy ones.

use std::cmp::Reverse;
use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};

use crate::certificate::{Certificate, Expiry, Status};
use crate::rules::finding::{Dated, Finding, Reason, Replacement};
use crate::rules::lifetime::{Holdings, Thresholds};
use crate::rules::served::{Sight, Slots};

/// The healthy certificate that expires before all other healthy ones.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Next {
    /// When it expires.
    pub expiry: DateTime<Utc>,
    /// The domain that it is for.
    pub common_name: String,
}

/// How long a deployment is mentioned in summaries.
pub const DEPLOYED_WITHIN: TimeDelta = TimeDelta::days(7);

/// A healthy certificate, as far as a message mentions it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Healthy {
    /// Its slot.
    pub slot_id: i64,
    /// The domain that it is for.
    pub common_name: String,
    /// When it expires.
    pub expiry: DateTime<Utc>,
    /// When it was deployed, if known.
    pub deployed: Option<DateTime<Utc>>,
}

/// What the certificates of an account come to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Judgement {
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
    /// The domains of RUNNING slots that accept TLS 1.0 or 1.1, in order, whether they were selected or not.
    pub old_tls: Vec<String>,
}

/// Judges all certificates of an account, of which Certificate Manager holds what `holdings` say, by its list alone.
pub fn judge_all(
    rows: Vec<Certificate>,
    holdings: Option<&Holdings>,
    thresholds: Thresholds,
    now: DateTime<Utc>,
    outlook: Option<DateTime<Utc>>,
) -> Judgement {
    sum_up(judge_slots(rows, holdings, &[], thresholds, now), thresholds, now, outlook)
}

/// After how many rows the memory of those that were judged is given back.
const SHRINK_EVERY: usize = 1024;

/// Each slot once, with the finding that it is; without one it is healthy. Findings are large and rare, so they are boxed.
///
/// `sights` are the hosts that were looked at. Of two rows of one slot the one with the worse finding counts, of equal ones the
/// one that expires first.
pub fn judge_slots(
    mut rows: Vec<Certificate>,
    holdings: Option<&Holdings>,
    sights: &[Sight],
    thresholds: Thresholds,
    now: DateTime<Utc>,
) -> Vec<(Certificate, Option<Box<Finding>>)> {
    let rank = |(certificate, finding): &(Certificate, Option<Box<Finding>>)| {
        let expiry = certificate.expiry.time().unwrap_or(DateTime::<Utc>::MAX_UTC);
        (finding.as_ref().map(|finding| finding.severity()), Reverse(expiry))
    };
    let mut findings: Vec<Option<Box<Finding>>> = Vec::with_capacity(rows.len());
    let covering = (!sights.is_empty()).then(|| Slots::of(&rows));
    for certificate in &rows {
        let mut dates = Vec::new();
        if let Some(expiry) = certificate.expiry.time() {
            let origin = holdings.and_then(|holdings| holdings.origin(&certificate.certificate_name, expiry));
            dates.push(Dated { expiry, origin });
        }
        let served = covering.as_ref().map(|slots| slots.served(certificate, sights)).unwrap_or_default();
        findings.push(Finding::of(certificate, &dates, served, thresholds, now).map(Box::new));
    }
    let mut slots: Vec<(Certificate, Option<Box<Finding>>)> = Vec::with_capacity(rows.len());
    let mut indices: HashMap<i64, usize> = HashMap::with_capacity(rows.len());
    // From the end, so that what has moved leaves no memory behind: a long list is not held twice.
    while let Some(certificate) = rows.pop() {
        let slot = (certificate, findings.pop().flatten());
        if rows.len().is_multiple_of(SHRINK_EVERY) {
            rows.shrink_to_fit();
        }
        let index = *indices.entry(slot.0.slot_id).or_insert(slots.len());
        match slots.get_mut(index) {
            None => slots.push(slot),
            Some(later) if rank(&slot) >= rank(later) => *later = slot,
            Some(_) => {}
        }
    }
    slots.reverse();
    slots
}

/// What the judged slots of an account come to. `outlook` is the end of an outlook on healthy expiries, if there is to be one.
pub fn sum_up(
    slots: Vec<(Certificate, Option<Box<Finding>>)>,
    thresholds: Thresholds,
    now: DateTime<Utc>,
    outlook: Option<DateTime<Utc>>,
) -> Judgement {
    let mut judgement = Judgement::default();
    let mut healthy: Vec<Healthy> = Vec::new();
    for (certificate, finding) in slots {
        if certificate.status == Status::Running && certificate.accepts_old_tls() {
            judgement.old_tls.push(certificate.common_name.clone());
        }
        if let Expiry::At(expiry) = certificate.expiry {
            if !certificate.status.is_leaving() {
                judgement.first_expiry = Some(judgement.first_expiry.map_or(expiry, |first| first.min(expiry)));
            }
            if finding.is_none() {
                let Certificate { slot_id, common_name, provisioned, .. } = certificate;
                healthy.push(Healthy { slot_id, common_name, expiry, deployed: provisioned });
            }
        }
        judgement.findings.extend(finding.map(|finding| *finding));
    }

    let replacements = replacements(&healthy, now + TimeDelta::days(thresholds.warn_days.into()));
    for finding in &mut judgement.findings {
        if finding.has(Reason::Expired) || finding.has(Reason::Expiring) {
            finding.replacement = replacements.get(&finding.certificate.common_name.to_lowercase()).copied();
        }
    }
    judgement.findings.sort_by(Finding::urgency);
    judgement.old_tls.sort();

    let next = healthy.iter().min_by_key(|certificate| (certificate.expiry, &certificate.common_name));
    judgement.next = next.map(|next| Next { expiry: next.expiry, common_name: next.common_name.clone() });
    for certificate in healthy {
        if outlook.is_some_and(|until| certificate.expiry < until) {
            judgement.upcoming.push(certificate.clone());
        }
        let age = certificate.deployed.map(|deployed| now - deployed);
        if age.is_some_and(|age| (TimeDelta::zero()..=DEPLOYED_WITHIN).contains(&age)) {
            judgement.deployed.push(certificate);
        }
    }
    judgement
}

/// By name, in small letters, the healthy slot that lasts longest, if it lasts until `lasting`. Certificates without a name
/// cannot replace each other.
fn replacements(healthy: &[Healthy], lasting: DateTime<Utc>) -> HashMap<String, Replacement> {
    let mut longest: HashMap<String, Replacement> = HashMap::new();
    for certificate in healthy {
        if certificate.expiry <= lasting || certificate.common_name.is_empty() {
            continue;
        }
        let candidate = Replacement { slot_id: certificate.slot_id, expiry: certificate.expiry };
        let rank = |slot: &Replacement| (slot.expiry, Reverse(slot.slot_id));
        let former = longest.entry(certificate.common_name.to_lowercase()).or_insert(candidate);
        if rank(&candidate) > rank(former) {
            *former = candidate;
        }
    }
    longest
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::finding::Impact;
    use crate::rules::lifetime::{Held, Shares};
    use crate::rules::severity::{Counts, Severity};
    use proptest::prelude::*;

    const NOW: DateTime<Utc> = DateTime::from_timestamp_millis(1_795_392_000_000).unwrap();

    fn certificate(name: &str) -> Certificate {
        Certificate {
            slot_id: 1,
            common_name: name.into(),
            certificate_name: format!("{name}-2026"),
            service_region: "KR_JP".into(),
            status: Status::Running,
            expiry: Expiry::At(NOW + TimeDelta::days(365)),
            provisioned: Some(NOW - TimeDelta::days(10)),
            ..Certificate::default()
        }
    }

    fn with_left(left: TimeDelta) -> Certificate {
        Certificate { expiry: Expiry::At(NOW + left), ..certificate("www.example.kr") }
    }

    fn all(rows: impl IntoIterator<Item = Certificate>) -> Judgement {
        judge_all(rows.into_iter().collect(), None, Thresholds::DEFAULT, NOW, None)
    }

    fn judged(certificate: Certificate, thresholds: Thresholds) -> Option<Finding> {
        judge_all(vec![certificate], None, thresholds, NOW, None).findings.pop()
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
    fn old_tls_is_counted_of_what_runs_whether_it_was_selected_or_not() {
        let old = Certificate { tls_versions: "1.1,1.2".into(), ..certificate("old.kr") };
        let judgement = all([
            Certificate { slot_id: 2, expiry: Expiry::At(NOW + TimeDelta::days(2)), ..old.clone() },
            Certificate { slot_id: 3, common_name: "ancient.kr".into(), tls_versions: "1.0".into(), ..old.clone() },
            Certificate { slot_id: 4, tls_versions: "1.2,1.3".into(), ..old.clone() },
            Certificate { slot_id: 5, tls_versions: String::new(), ..old.clone() },
            Certificate { slot_id: 6, status: Status::Ready, ..old },
        ]);
        assert_eq!(judgement.old_tls, ["ancient.kr", "old.kr"]);
        assert_eq!(judgement.findings.len(), 2, "the one that ends and the one that waits: old TLS is no finding");
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
        let raised = finding.clone().with_impact(earlier.clone(), None, Thresholds::DEFAULT, NOW).unwrap();
        assert_eq!((raised.severity(), raised.has(Reason::Expired)), (Severity::Critical, true));
        assert_eq!(raised.expiry, earlier.expiry);

        let unused = Impact { edges: Some(0), ..earlier };
        assert_eq!(
            finding.clone().with_impact(unused, None, Thresholds::DEFAULT, NOW).unwrap().severity(),
            Severity::Warning
        );

        let later = Impact { expiry: Some(NOW + TimeDelta::days(300)), ..Impact::default() };
        assert_eq!(finding.clone().with_impact(later, None, Thresholds::DEFAULT, NOW).unwrap().expiry, finding.expiry);
    }

    #[test]
    fn a_date_that_only_the_detail_has_adds_a_reason_and_takes_none_away() {
        use Reason::{Expired, Expiring, ExpiryUnknown};
        use Severity::{Critical, Warning};
        let undated = Certificate { expiry: Expiry::Missing, ..certificate("www.example.kr") };
        let finding = judged(undated, Thresholds::DEFAULT).unwrap();
        let shown = |days| {
            let impact = Impact { expiry: Some(NOW + TimeDelta::days(days)), ..Impact::default() };
            let shown = finding.clone().with_impact(impact, None, Thresholds::DEFAULT, NOW).unwrap();
            (shown.reasons.iter().collect::<Vec<_>>(), shown.expiry.map(|expiry| (expiry - NOW).num_days()))
        };
        let unknown = (ExpiryUnknown, Warning);
        assert_eq!(shown(400), (vec![unknown], None));
        assert_eq!(shown(20), (vec![(Expiring, Warning), unknown], Some(20)));
        assert_eq!(shown(2), (vec![(Expiring, Critical), unknown], Some(2)));
        assert_eq!(shown(-1), (vec![(Expired, Critical), unknown], Some(-1)));
    }

    #[test]
    fn the_order_is_severity_then_expiry_then_name_then_slot() {
        let judgement = all([
            Certificate { status: Status::Deleted, slot_id: 7, ..certificate("info") },
            Certificate { expiry: Expiry::Missing, slot_id: 6, ..certificate("unknown") },
            Certificate { slot_id: 5, common_name: "b".into(), ..with_left(TimeDelta::days(20)) },
            Certificate { slot_id: 4, common_name: "b".into(), ..with_left(TimeDelta::days(20)) },
            Certificate { slot_id: 3, common_name: "a".into(), ..with_left(TimeDelta::days(20)) },
            Certificate { slot_id: 2, common_name: "z".into(), ..with_left(TimeDelta::days(2)) },
            Certificate { slot_id: 1, common_name: "y".into(), ..with_left(-TimeDelta::days(2)) },
            Certificate { slot_id: 8, ..certificate("healthy") },
        ]);
        let slots: Vec<i64> = judgement.findings.iter().map(|finding| finding.certificate.slot_id).collect();
        assert_eq!(slots, [1, 2, 3, 4, 5, 6, 7]);
        assert_eq!(judgement.first_expiry, Some(NOW - TimeDelta::days(2)));
        assert_eq!(judgement.next.unwrap().common_name, "healthy");
    }

    #[test]
    fn the_slot_that_already_has_the_name_and_lasts_longest_is_named() {
        let judgement = all([
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
        let replacement = Replacement { slot_id: 71, expiry: NOW + TimeDelta::days(400) };
        assert_eq!(judgement.findings[0].replacement, Some(replacement));
        assert_eq!(judgement.findings[1].replacement, None, "a status problem is not cured by a switch");
    }

    #[test]
    fn first_expiry_leaves_out_slots_on_their_way_out() {
        let judgement = all([Certificate { status: Status::Deleted, ..with_left(TimeDelta::days(1)) }]);
        assert_eq!(judgement.first_expiry, None);
    }

    #[test]
    fn the_next_to_expire_is_the_first_healthy_one_by_date_and_then_by_name() {
        let next = |names_and_days: &[(&str, i64)]| {
            let rows = (1..).zip(names_and_days).map(|(slot_id, &(name, days))| Certificate {
                slot_id,
                expiry: Expiry::At(NOW + TimeDelta::days(days)),
                ..certificate(name)
            });
            all(rows).next.unwrap().common_name
        };
        assert_eq!(next(&[("c", 90), ("b", 50), ("a", 60)]), "b");
        assert_eq!(next(&[("b", 50), ("a", 50), ("c", 50)]), "a");
    }

    fn held(name: &str, from: i64, until: i64) -> Held {
        Held {
            name: name.into(),
            domain: String::new(),
            issuer: "Example CA".into(),
            valid_from: Some(NOW + TimeDelta::days(from)),
            end: Expiry::At(NOW + TimeDelta::days(until)),
            instances: 1,
        }
    }

    const SHARES: Thresholds =
        Thresholds { shares: Shares { warn: Some(33), critical: Some(10) }, ..Thresholds::DEFAULT };

    #[test]
    fn findings_that_a_known_lifetime_calms_count_as_healthy_ones() {
        let rows = vec![
            Certificate { slot_id: 1, certificate_name: "short".into(), ..with_left(TimeDelta::days(20)) },
            Certificate { slot_id: 2, certificate_name: "unknown".into(), ..with_left(TimeDelta::days(20)) },
            Certificate { slot_id: 3, certificate_name: "ending".into(), ..with_left(TimeDelta::days(6)) },
        ];
        let holdings = Holdings::new([held("short", -27, 20), held("ending", -41, 6)]);
        let judgement = judge_all(rows, Some(&holdings), SHARES, NOW, None);
        let shown: Vec<_> =
            judgement.findings.iter().map(|finding| (finding.certificate.slot_id, finding.severity())).collect();
        assert_eq!(shown, [(3, Severity::Warning), (2, Severity::Warning)], "10 % of 47 days are less than six");
        assert_eq!(judgement.findings[0].origin.as_ref().unwrap().lifetime.length(), TimeDelta::days(47));
        assert_eq!(judgement.findings[1].origin, None);
        assert_eq!(judgement.next.unwrap().expiry, NOW + TimeDelta::days(20));
        assert_eq!(
            judgement.findings[0].replacement, None,
            "what ends within the days of a warning takes over nothing"
        );
        assert_eq!(judgement.first_expiry, Some(NOW + TimeDelta::days(6)));
    }

    #[test]
    fn a_known_lifetime_calms_no_status() {
        let row =
            Certificate { status: Status::Missing, certificate_name: "short".into(), ..with_left(TimeDelta::days(20)) };
        let holdings = Holdings::new([held("short", -27, 20)]);
        let judgement = judge_all(vec![row], Some(&holdings), SHARES, NOW, None);
        let reasons: Vec<_> = judgement.findings[0].reasons.iter().collect();
        assert_eq!(reasons, [(Reason::NotRunning, Severity::Warning)]);
    }

    #[test]
    fn a_detail_takes_no_reason_away_whatever_lifetime_it_has() {
        let listed = judged(with_left(TimeDelta::days(25)), SHARES).unwrap();
        let detail = |left, from| {
            let expiry = NOW + TimeDelta::days(left);
            let origin = Holdings::new([held("global", from, left)]).origin("global", expiry);
            (Impact { expiry: Some(expiry), ..Impact::default() }, origin)
        };
        let with = |finding: Finding, (impact, origin)| finding.with_impact(impact, origin, SHARES, NOW).unwrap();
        // Of 47 days: by its own cutoff the earlier one is healthy, but the lifetime of the listed one is unknown.
        let finding = with(listed.clone(), detail(20, -27));
        assert_eq!(finding.reasons, listed.reasons);
        assert_eq!(finding.expiry, Some(NOW + TimeDelta::days(20)));

        let finding = with(listed.clone(), detail(4, -43));
        assert_eq!(finding.reasons.iter().collect::<Vec<_>>(), [(Reason::Expiring, Severity::Critical)]);
        assert!(finding.origin.is_some());

        let unknown = judged(Certificate { expiry: Expiry::Missing, ..certificate("a") }, SHARES).unwrap();
        let finding = with(unknown, detail(300, -65));
        assert_eq!(finding.reasons.iter().collect::<Vec<_>>(), [(Reason::ExpiryUnknown, Severity::Warning)]);
    }

    #[test]
    fn of_two_rows_of_a_slot_the_worse_counts_and_of_equal_ones_the_first_to_expire() {
        let days = TimeDelta::days;
        for (one, other, expected) in [(90, 20, 20), (3, 90, 3), (20, 12, 12), (12, 20, 12)] {
            let judgement = all([with_left(days(one)), with_left(days(other))]);
            let found: Vec<_> = judgement.findings.iter().map(|finding| finding.expiry.unwrap() - NOW).collect();
            assert_eq!(found, [days(expected)], "{one} {other}");
        }
        assert_eq!(all([with_left(days(90)), with_left(days(60))]).next.unwrap().expiry, NOW + days(60));
    }

    #[test]
    fn what_has_no_end_is_healthy_and_a_name_is_the_same_in_any_letter_case() {
        let judgement = all([
            Certificate { slot_id: 2, expiry: Expiry::NoEnd, ..certificate("a.kr") },
            Certificate { slot_id: 3, ..certificate("WWW.example.kr") },
            with_left(TimeDelta::days(3)),
        ]);
        assert_eq!(judgement.findings.len(), 1);
        assert_eq!(judgement.findings[0].replacement.unwrap().slot_id, 3);
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
