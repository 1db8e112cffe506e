//! Thresholds that follow a certificate's lifetime, if it is known.
//!
//! Thirty days are a month's notice for a one-year certificate, but most of the life of a 47-day one. A share can only bring
//! a cutoff closer to the expiry, never move it away: what is healthy by days alone is healthy by any share.
//!
//! Pure: Certificate Manager says when certificates became valid, as [`Held`] rows.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};

use crate::certificate::{Certificate, Expiry};

/// The shortest plausible lifetime. Public authorities issue certificates for a few days at least; anything shorter comes
/// from a misread date, and would silence a certificate almost to its end.
const SHORTEST: TimeDelta = TimeDelta::days(1);

/// The longest plausible lifetime: like the longest threshold, longer than any certificate lives.
pub const LONGEST: TimeDelta = TimeDelta::days(3650);

/// How far Certificate Manager's end may be from Global Edge's for both to mean the same certificate: its dates have no
/// documented zone, and zones differ by less than this.
const TOLERANCE: TimeDelta = TimeDelta::days(1);

/// `WARN_SHARE` and `CRITICAL_SHARE`: percent of a certificate's lifetime.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Shares {
    /// Where a certificate becomes a warning, if set.
    pub warn: Option<u8>,
    /// Where it becomes critical, if set. Never more than `warn` if both are set.
    pub critical: Option<u8>,
}

impl Shares {
    /// None set: only the days count.
    pub const NONE: Self = Self { warn: None, critical: None };
}

/// How long a certificate is valid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lifetime(TimeDelta);

impl Lifetime {
    /// From one date to the other; `None` if no certificate has such a lifetime: such dates count as missing.
    pub fn between(from: DateTime<Utc>, until: DateTime<Utc>) -> Option<Self> {
        let length = until - from;
        (SHORTEST..=LONGEST).contains(&length).then_some(Self(length))
    }

    /// How long.
    pub fn length(self) -> TimeDelta {
        self.0
    }

    fn share(self, percent: u8) -> TimeDelta {
        self.0 * i32::from(percent) / 100
    }
}

/// Where one severity ends and the next begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Thresholds {
    /// `WARN_DAYS`: a certificate with this many days left, or fewer, is a warning.
    pub warn_days: u32,
    /// `CRITICAL_DAYS`: a certificate with this many days left, or fewer, is critical. Never more than `warn_days`.
    pub critical_days: u32,
    /// `PROVISIONING_GRACE_MINUTES`: a deployment that is younger than this is under way; an older one is stuck.
    pub grace_minutes: u32,
    /// `WARN_SHARE` and `CRITICAL_SHARE`: if a certificate's lifetime is known, [`Thresholds::cutoffs`] may be closer to its
    /// expiry than the days.
    pub shares: Shares,
}

impl Thresholds {
    /// The thresholds if nothing is set.
    pub const DEFAULT: Self = Self { warn_days: 30, critical_days: 7, grace_minutes: 120, shares: Shares::NONE };

    /// What may be said of them: without shares where no lifetime was known to which one could apply.
    pub fn applied(self, has_lifetimes: bool) -> Self {
        if has_lifetimes { self } else { Self { shares: Shares::NONE, ..self } }
    }

    /// The age from which a deployment is stuck.
    pub fn grace(self) -> TimeDelta {
        TimeDelta::minutes(self.grace_minutes.into())
    }
}

/// How much time is left when a certificate becomes a warning, and when it becomes critical.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cutoffs {
    /// With this much left, or less, it is a warning.
    pub warning: TimeDelta,
    /// With this much left, or less, it is critical. Never more than `warning`.
    pub critical: TimeDelta,
}

impl Thresholds {
    /// The cutoffs for a certificate with this lifetime: each is the smaller of the days and the share. If the lifetime is
    /// unknown or no share is set, only the days count.
    pub fn cutoffs(self, lifetime: Option<Lifetime>) -> Cutoffs {
        let line = |days: u32, percent: Option<u8>| {
            let days = TimeDelta::days(days.into());
            lifetime.zip(percent).map_or(days, |(lifetime, percent)| days.min(lifetime.share(percent)))
        };
        let critical = line(self.critical_days, self.shares.critical);
        // With `WARN_SHARE` alone, the share of a short life can be less than `CRITICAL_DAYS`, which was not meant to move:
        // such a certificate is reported at its critical cutoff, as by days alone, without a warning before.
        Cutoffs { warning: line(self.warn_days, self.shares.warn).max(critical), critical }
    }
}

/// A certificate in Certificate Manager, whether or not anything uses it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// Its name there, which a slot of Global Edge shows too.
    pub name: String,
    /// The domain that it is for; empty if the API gave none.
    pub domain: String,
    /// Who issued it; empty if the API gave no issuer.
    pub issuer: String,
    /// When it became valid, if the API gave a readable date.
    pub valid_from: Option<DateTime<Utc>>,
    /// When it expires.
    pub end: Expiry,
    /// How many instances use it: load balancers, and perhaps Global Edge itself, which is not documented.
    pub instances: usize,
}

/// Where a certificate comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// How long it is valid in total.
    pub lifetime: Lifetime,
    /// Who issued it; empty if the API gave no issuer.
    pub issuer: String,
}

/// Everything that Certificate Manager holds for one account.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Holdings {
    rows: Vec<Held>,
    /// The index of each name's row; `None` for a name with several rows that differ.
    indices: HashMap<String, Option<usize>>,
}

impl Holdings {
    /// Adds what the API listed; a row that is listed twice counts once.
    pub fn new(listed: impl IntoIterator<Item = Held>) -> Self {
        let mut holdings = Self::default();
        for held in listed {
            match holdings.indices.get_mut(&held.name) {
                None => {
                    holdings.indices.insert(held.name.clone(), Some(holdings.rows.len()));
                }
                Some(_) if holdings.rows.contains(&held) => continue,
                // It is unknown which of them a slot means.
                Some(index) => *index = None,
            }
            holdings.rows.push(held);
        }
        holdings
    }

    /// All rows.
    pub fn rows(&self) -> &[Held] {
        &self.rows
    }

    /// How many instances use the certificate that is called `name`.
    pub fn instances(&self, name: &str) -> usize {
        self.rows.iter().filter(|held| held.name == name).map(|held| held.instances).sum()
    }

    /// Whether the lifetime of any of these certificates is known.
    pub fn knows_any(&self, certificates: &[Certificate]) -> bool {
        let is_known = |one: &Certificate| self.origin(&one.certificate_name, one.expiry.time()?);
        certificates.iter().any(|one| is_known(one).is_some())
    }

    /// Where the certificate that is called `name` and ends at `expiry` comes from.
    ///
    /// `None` if that cannot be known: nothing or more than one thing has the name, the start is missing or makes no sense,
    /// or the certificate with the name ends at another time. The last is a renewed certificate whose old version is still in
    /// the slot: its start would make the old one's life look short, and its warning come late.
    pub fn origin(&self, name: &str, expiry: DateTime<Utc>) -> Option<Origin> {
        let held = &self.rows[(*self.indices.get(name)?)?];
        let is_the_same = held.end.time().is_none_or(|end| (end - expiry).abs() <= TOLERANCE);
        let lifetime = Lifetime::between(held.valid_from?, expiry).filter(|_| is_the_same)?;
        Some(Origin { lifetime, issuer: held.issuer.clone() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::certificate::Status;
    use crate::rules::finding::{Dated, Finding, Reason};
    use crate::rules::severity::Severity;
    use proptest::prelude::*;

    const NOW: DateTime<Utc> = DateTime::from_timestamp_millis(1_795_392_000_000).unwrap();

    fn lifetime(days: i64) -> Lifetime {
        Lifetime::between(NOW, NOW + TimeDelta::days(days)).unwrap()
    }

    fn shares(warn: impl Into<Option<u8>>, critical: impl Into<Option<u8>>) -> Thresholds {
        Thresholds { shares: Shares { warn: warn.into(), critical: critical.into() }, ..Thresholds::DEFAULT }
    }

    fn cutoffs(thresholds: Thresholds, days: i64) -> (TimeDelta, TimeDelta) {
        let Cutoffs { warning, critical } = thresholds.cutoffs(Some(lifetime(days)));
        (warning, critical)
    }

    fn held(name: &str, from: i64, until: i64) -> Held {
        Held {
            name: name.into(),
            domain: "www.example.kr".into(),
            issuer: "Example CA".into(),
            valid_from: Some(NOW + TimeDelta::days(from)),
            end: Expiry::At(NOW + TimeDelta::days(until)),
            instances: 0,
        }
    }

    /// The severity of a running certificate with this much left.
    fn severity(thresholds: Thresholds, lifetime: Option<Lifetime>, left: TimeDelta) -> Option<Severity> {
        let certificate = Certificate {
            slot_id: 1,
            common_name: "www.example.kr".into(),
            certificate_name: "www".into(),
            service_region: "KR_JP".into(),
            status: Status::Running,
            expiry: Expiry::At(NOW + left),
            provisioned: None,
            ..Certificate::default()
        };
        let origin = lifetime.map(|lifetime| Origin { lifetime, issuer: String::new() });
        let dates = [Dated { expiry: NOW + left, origin }];
        let reasons = Finding::of(&certificate, &dates, Vec::new(), thresholds, NOW)?.reasons;
        assert!(reasons.iter().all(|(reason, _)| matches!(reason, Reason::Expired | Reason::Expiring)));
        Some(reasons.severity())
    }

    #[test]
    fn a_line_is_the_smaller_of_the_days_and_the_share() {
        let hours = TimeDelta::hours;
        assert_eq!(cutoffs(shares(50, 10), 40), (hours(20 * 24), hours(4 * 24)));
        assert_eq!(cutoffs(shares(33, 15), 398), (hours(30 * 24), hours(7 * 24)), "a long life changes nothing");
        assert_eq!(cutoffs(shares(33, None), 47), (hours(24) * 47 * 33 / 100, hours(7 * 24)));
        assert_eq!(cutoffs(shares(None, 10), 40), (hours(30 * 24), hours(4 * 24)));
        assert_eq!(cutoffs(shares(None, None), 40), (hours(30 * 24), hours(7 * 24)));
        assert_eq!(cutoffs(shares(50, 50), 6), (hours(3 * 24), hours(3 * 24)));
    }

    #[test]
    fn a_share_of_warning_alone_leaves_the_critical_line_where_it_is() {
        let week = TimeDelta::days(7);
        assert_eq!(cutoffs(shares(10, None), 47), (week, week));
    }

    #[test]
    fn dates_that_are_no_lifetime_are_as_good_as_none() {
        let between = |from, until| Lifetime::between(NOW + from, NOW + until);
        let (zero, day, second) = (TimeDelta::zero(), TimeDelta::days(1), TimeDelta::seconds(1));
        assert_eq!(between(zero, zero), None);
        assert_eq!(between(day, zero), None);
        assert_eq!(between(zero, day - second), None);
        assert_eq!(between(zero, day).map(Lifetime::length), Some(day));
        assert_eq!(between(zero, LONGEST).map(Lifetime::length), Some(LONGEST));
        assert_eq!(between(zero, LONGEST + second), None);
        assert_eq!(Lifetime::between(DateTime::<Utc>::MIN_UTC, DateTime::<Utc>::MAX_UTC), None);
    }

    #[test]
    fn a_certificate_of_47_days_that_is_renewed_at_two_thirds_is_never_told() {
        let renewed_with = TimeDelta::hours(47 * 24 / 3);
        let judged_at = |thresholds, lifetime| {
            (0..47 * 24)
                .map(TimeDelta::hours)
                .filter(|left| *left > renewed_with)
                .any(|left| severity(thresholds, lifetime, left).is_some())
        };
        assert!(!judged_at(shares(33, 10), Some(lifetime(47))));
        assert!(judged_at(Thresholds::DEFAULT, Some(lifetime(47))), "by days alone it would be");
        assert!(judged_at(shares(33, 10), None), "as it would be if its lifetime were unknown");
    }

    #[test]
    fn a_certificate_is_joined_by_its_name_and_by_its_end() {
        let holdings = Holdings::new([held("www", -40, 7), held("shop", -300, 65)]);
        let length = |name: &str, days| {
            holdings.origin(name, NOW + TimeDelta::days(days)).map(|origin| origin.lifetime.length().num_days())
        };
        assert_eq!((length("www", 7), length("shop", 65)), (Some(47), Some(365)));
        assert_eq!(length("other", 7), None);
        assert_eq!(length("WWW", 7), None, "names are compared as they are");
        // A zone that was guessed wrongly shifts a date by less than a day; a renewed certificate ends at another time.
        assert_eq!(length("www", 8), Some(48));
        assert_eq!((length("www", 9), length("www", 5)), (None, None));
    }

    #[test]
    fn a_row_that_cannot_be_relied_on_is_as_good_as_none() {
        let origin = |rows: Vec<Held>| Holdings::new(rows).origin("www", NOW + TimeDelta::days(7));
        let sound = || held("www", -40, 7);
        assert!(origin(vec![sound()]).is_some());
        assert!(origin(vec![sound(), sound()]).is_some(), "the same row twice is one row");
        assert!(origin(vec![Held { end: Expiry::Missing, ..sound() }]).is_some(), "Global Edge knows the end");
        assert_eq!(origin(vec![Held { valid_from: None, ..sound() }]), None);
        assert_eq!(origin(vec![held("www", 8, 7)]), None, "it starts after its end");
        assert_eq!(origin(vec![held("www", -4000, 7)]), None, "it would live for more than ten years");
        for other in [held("www", -30, 7), held("www", -40, 300), Held { issuer: "Other CA".into(), ..sound() }] {
            assert_eq!(origin(vec![sound(), other.clone()]), None, "{other:?}");
            assert_eq!(origin(vec![other.clone(), sound(), sound()]), None, "{other:?}");
        }
    }

    /// Any thresholds that settings can have, with or without shares.
    fn any_thresholds() -> impl Strategy<Value = Thresholds> {
        let share = || proptest::option::of(1_u8..=90);
        (1_u32..=3650, 0_u32..=3650, share(), share()).prop_map(|(one, other, warn, critical)| {
            let critical = critical.map(|critical| critical.min(warn.unwrap_or(critical)));
            let (warn_days, critical_days) = (one.max(other), one.min(other));
            Thresholds { warn_days, critical_days, shares: Shares { warn, critical }, ..Thresholds::DEFAULT }
        })
    }

    fn any_lifetime() -> impl Strategy<Value = Lifetime> {
        (SHORTEST.num_seconds()..=LONGEST.num_seconds()).prop_map(|seconds| Lifetime(TimeDelta::seconds(seconds)))
    }

    /// Any time left, often near a cutoff.
    fn any_left() -> impl Strategy<Value = TimeDelta> {
        prop_oneof![-400_i64..4000, -2_i64..60]
            .prop_flat_map(|days| (-86_400_i64..86_400).prop_map(move |seconds| (days, seconds)))
            .prop_map(|(days, seconds)| TimeDelta::days(days) + TimeDelta::seconds(seconds))
    }

    proptest! {
        #[test]
        fn severity_never_falls_as_time_runs_out(
            thresholds in any_thresholds(), lifetime in proptest::option::of(any_lifetime()), left in any_left(),
            passed in 1_i64..10_000_000,
        ) {
            let later = severity(thresholds, lifetime, left - TimeDelta::seconds(passed));
            prop_assert!(later >= severity(thresholds, lifetime, left));
        }

        #[test]
        fn a_share_calms_and_never_raises(
            thresholds in any_thresholds(), lifetime in any_lifetime(), left in any_left(),
        ) {
            let by_days = Thresholds { shares: Shares::NONE, ..thresholds };
            prop_assert!(severity(thresholds, Some(lifetime), left) <= severity(by_days, None, left));
        }

        /// Its critical cutoff is the smaller of `CRITICAL_DAYS` and, if set, `CRITICAL_SHARE`: there it is critical, as by
        /// days alone, whatever `WARN_SHARE` says; and from its warning cutoff on it is reported.
        #[test]
        fn at_its_critical_line_a_certificate_is_judged_as_by_days_alone(
            thresholds in any_thresholds(), lifetime in any_lifetime(), left in any_left(),
        ) {
            let days = TimeDelta::days(thresholds.critical_days.into());
            let share = |percent: u8| lifetime.length() * i32::from(percent) / 100;
            let line = thresholds.shares.critical.map_or(days, |percent| days.min(share(percent)));
            let by_days = Thresholds { shares: Shares::NONE, ..thresholds };
            for left in [left, line, line.min(left), line - TimeDelta::seconds(1)] {
                let judged_at = severity(thresholds, Some(lifetime), left);
                if left <= line {
                    prop_assert_eq!(judged_at, Some(Severity::Critical));
                    prop_assert_eq!(judged_at, severity(by_days, None, left));
                }
                let warning = TimeDelta::days(thresholds.warn_days.into());
                let warning = thresholds.shares.warn.map_or(warning, |percent| warning.min(share(percent)));
                prop_assert_eq!(judged_at.is_some(), left <= warning.max(line).max(TimeDelta::zero()));
            }
        }

        #[test]
        fn a_certificate_of_unknown_lifetime_is_judged_by_days_alone(thresholds in any_thresholds(), left in any_left()) {
            let by_days = Thresholds { shares: Shares::NONE, ..thresholds };
            prop_assert_eq!(severity(thresholds, None, left), severity(by_days, None, left));
        }
    }
}
